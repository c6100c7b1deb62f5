//! Enumerations as the words that the database and the interfaces keep.

/// An enum whose variants have each one stored word: `as_str`, `from_word`, `ALL`, a column's value, and serde alike.
/// The calling crate depends on serde, for its derives.
#[macro_export]
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

        impl $crate::ToValue for $name {
            fn to_value(&self) -> $crate::Value {
                $crate::Value::Text(self.as_str().to_owned())
            }
        }

        impl $crate::FromValue for $name {
            const EXPECTED: &'static str = stringify!($name);
            fn from_value(value: $crate::Value) -> Result<Self, $crate::Value> {
                match value {
                    $crate::Value::Text(word) => {
                        Self::from_word(&word).ok_or($crate::Value::Text(word))
                    }
                    other => Err(other),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{FromValue, ToValue, Value};

    words! {
        /// The seasons that a beach knows.
        Season {
            /// With lifeguards.
            High = "high",
            /// Without.
            Low = "low",
        }
    }

    #[test]
    fn each_is_known_again_by_its_word() {
        for season in Season::ALL.iter().copied() {
            assert_eq!(Season::from_word(season.as_str()), Some(season));
            assert_eq!(Season::from_value(season.to_value()).unwrap(), season);
            assert_eq!(serde_json::to_value(season).unwrap(), season.as_str());
        }
        assert_eq!(Season::from_word("middle"), None);
        assert!(Season::from_value(Value::Text("middle".to_owned())).is_err(), "a corrupt row is told");
    }
}
