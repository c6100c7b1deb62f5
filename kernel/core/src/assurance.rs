//! How sure the town is of who is behind a session: the account alone, or one of the three levels of the European
//! regulation on electronic identification (eIDAS, Regulation 910/2014, art. 8).

use serde::{Deserialize, Serialize};

/// From the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// An account, whose owner has shown nothing but a password or a key.
    #[default]
    Account,
    /// « Faible »: an identity that a provider of FranceConnect vouches for.
    Eidas1,
    /// « Substantiel ».
    Eidas2,
    /// « Élevé ».
    Eidas3,
}

impl Assurance {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Account, Self::Eidas1, Self::Eidas2, Self::Eidas3];

    /// The word kept in the database and written in procedure files; of a level of eIDAS, also the value of the claim
    /// `acr` at FranceConnect and ProConnect.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Eidas1 => "eidas1",
            Self::Eidas2 => "eidas2",
            Self::Eidas3 => "eidas3",
        }
    }

    /// The one that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// What the claim `acr` of an identity provider says. An unknown value, or none, says nothing of the identity.
    pub fn from_acr(acr: Option<&str>) -> Self {
        acr.and_then(Self::from_word).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_are_in_order_and_a_word_names_one() {
        assert!(Assurance::ALL.is_sorted());
        for level in Assurance::ALL {
            assert_eq!(Assurance::from_word(level.as_str()), Some(level));
        }
        assert_eq!(Assurance::from_acr(Some("eidas2")), Assurance::Eidas2);
        assert_eq!(Assurance::from_acr(Some("urn:mace:incommon:iap:gold")), Assurance::Account);
        assert_eq!(Assurance::from_acr(None), Assurance::Account);
    }
}
