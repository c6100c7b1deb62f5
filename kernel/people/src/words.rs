//! Enumerations as the words that the database and the interfaces keep.

/// An enum whose variants have each one stored word: `as_str`, `from_word`, `ALL`, and serde alike.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one, in the order in which screens list them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stored word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one that a stored word names.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == word)
            }
        }

        impl beffroi_store::ToValue for $name {
            fn to_value(&self) -> beffroi_store::Value {
                beffroi_store::Value::Text(self.as_str().to_owned())
            }
        }

        impl beffroi_store::FromValue for $name {
            const EXPECTED: &'static str = stringify!($name);
            fn from_value(value: beffroi_store::Value) -> Result<Self, beffroi_store::Value> {
                match value {
                    beffroi_store::Value::Text(word) => {
                        Self::from_word(&word).ok_or(beffroi_store::Value::Text(word))
                    }
                    other => Err(other),
                }
            }
        }
    };
}
pub(crate) use words;

/// A sector as it was stored.
pub(crate) fn sector(word: &str) -> beffroi_store::Result<beffroi_core::Sector> {
    beffroi_core::Sector::from_word(word)
        .ok_or_else(|| beffroi_store::StoreError::Corrupt(format!("no sector is called {word}")))
}
