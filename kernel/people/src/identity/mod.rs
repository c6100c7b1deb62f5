//! Identities from outside: who vouches for somebody, and what they say of them. A provider's `sub` is known to one
//! account at most; what a provider says of an e-mail address never opens an account by itself.

mod provider;
mod sign_on;
mod store;

use beffroi_core::{Assurance, Day, Id, Instant};
use serde::{Deserialize, Serialize};

use crate::{Account, AccountKind, words::words};

pub use provider::{
    Health, KEY_CONTEXT, Provider, ProviderError, Saved, Secrets, failed, find, health, list, save, worked,
};
pub use sign_on::{
    Attempt, Entered, LinkError, NotEntered, Pending, confirm, enter, enter_apart, pending, unlink,
};
pub use store::{of_account, of_session};

words! {
    /// Who may vouch for somebody.
    ProviderKind {
        /// FranceConnect, for inhabitants: level « faible ».
        FranceConnect = "franceconnect",
        /// FranceConnect+, for inhabitants: levels « substantiel » and « élevé ».
        FranceConnectPlus = "franceconnect-plus",
        /// ProConnect, for agents.
        ProConnect = "proconnect",
    }
}

impl ProviderKind {
    /// Whose accounts it opens.
    pub const fn opens(self) -> AccountKind {
        match self {
            Self::FranceConnect | Self::FranceConnectPlus => AccountKind::Citizen,
            Self::ProConnect => AccountKind::Agent,
        }
    }

    /// Its name, as it is written: not translated.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FranceConnect => "FranceConnect",
            Self::FranceConnectPlus => "FranceConnect+",
            Self::ProConnect => "ProConnect",
        }
    }

    /// Its own page, where people read what it is: its rules ask for the link beside each button.
    pub const fn about(self) -> &'static str {
        match self {
            Self::FranceConnect | Self::FranceConnectPlus => "https://franceconnect.gouv.fr/",
            Self::ProConnect => "https://www.proconnect.gouv.fr/",
        }
    }

    /// The most that it vouches for.
    pub const fn highest(self) -> Assurance {
        match self {
            Self::FranceConnect => Assurance::Eidas1,
            Self::FranceConnectPlus | Self::ProConnect => Assurance::Eidas3,
        }
    }
}

/// What a provider says of somebody. Texts are empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// First names, all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given_names: String,
    /// The family name: of birth, for an inhabitant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub family_name: String,
    /// The name used, if it is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub usual_name: String,
    /// `male` or `female`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gender: String,
    /// `YYYY-MM-DD`. Somebody whose day of birth is not known has zeros in it, which is no day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub birth_date: String,
    /// INSEE code of the commune of birth; empty abroad.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub birth_place: String,
    /// INSEE code of the country of birth.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub birth_country: String,
    /// E-mail address. An inhabitant's was not verified by anybody.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// SIRET of the body that an agent works for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub siret: String,
    /// An agent's identifier at their body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// Which identity provider of the federation vouched.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub idp: String,
}

impl Claims {
    /// The day of birth, where it is one.
    pub fn birth_day(&self) -> Option<Day> {
        self.birth_date.parse().ok()
    }

    /// What to call this person: « Camille Durand ».
    pub fn display_name(&self) -> String {
        let first = self.given_names.split_whitespace().next().unwrap_or_default();
        let family = if self.usual_name.is_empty() { &self.family_name } else { &self.usual_name };
        format!("{first} {family}").trim().to_owned()
    }

    /// Which members of the civil identity differ, by their names. An address or an employer changes without the
    /// person becoming another.
    pub fn changes(&self, before: &Self) -> Vec<&'static str> {
        [
            ("given_names", &self.given_names, &before.given_names),
            ("family_name", &self.family_name, &before.family_name),
            ("usual_name", &self.usual_name, &before.usual_name),
            ("gender", &self.gender, &before.gender),
            ("birth_date", &self.birth_date, &before.birth_date),
            ("birth_place", &self.birth_place, &before.birth_place),
            ("birth_country", &self.birth_country, &before.birth_country),
        ]
        .into_iter()
        .filter(|(_, now, before)| now != before)
        .map(|(name, ..)| name)
        .collect()
    }
}

/// What a provider's answer says, once every signature and claim of it has been examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presented {
    /// Who vouches.
    pub provider: ProviderKind,
    /// The issuer, as its address.
    pub issuer: String,
    /// The person's name at that issuer, for this town alone.
    pub subject: String,
    /// How sure the issuer is.
    pub assurance: Assurance,
    /// Whether two factors were shown there.
    pub two_factors: bool,
    /// What it says of the person.
    pub claims: Claims,
    /// The signed token, which its session's end is asked for with.
    pub id_token: String,
}

/// An identity that is linked to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: Id<Self>,
    /// Whose account.
    pub account: Id<Account>,
    /// Who vouches.
    pub provider: ProviderKind,
    /// What was said last.
    pub claims: Claims,
    /// How sure, the last time.
    pub assurance: Assurance,
    /// Since when.
    pub linked_at: Instant,
    /// When it last opened a session.
    pub last_used_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_by_the_first_name_and_the_name_used() {
        let claims = Claims {
            given_names: "Angela Claire Louise".to_owned(),
            family_name: "DUBOIS".to_owned(),
            ..Claims::default()
        };
        assert_eq!(claims.display_name(), "Angela DUBOIS");
        assert_eq!(Claims { usual_name: "MARTIN".to_owned(), ..claims }.display_name(), "Angela MARTIN");
    }

    #[test]
    fn another_address_is_no_other_identity() {
        let before =
            Claims { family_name: "DUBOIS".to_owned(), email: "a@b.fr".to_owned(), ..Claims::default() };
        let moved = Claims { email: "c@d.fr".to_owned(), ..before.clone() };
        assert!(moved.changes(&before).is_empty());
        let married = Claims { family_name: "MARTIN".to_owned(), ..before.clone() };
        assert_eq!(married.changes(&before), ["family_name"]);
    }

    #[test]
    fn a_birth_of_which_the_day_is_not_known_is_no_day() {
        let born = |text: &str| Claims { birth_date: text.to_owned(), ..Claims::default() }.birth_day();
        assert_eq!(born("1962-08-24"), Day::from_ymd_opt(1962, 8, 24));
        assert_eq!(born("1962-00-00"), None);
    }
}
