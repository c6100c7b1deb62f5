//! The town as an organisation: what letters, legal pages and the theme say of it.

use beffroi_core::{
    Id,
    calendar::{self, Holidays},
};
use beffroi_store::{Entry, Result, StoreError, Tx};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Permit, permission::ManageTown, words::words};

words! {
    /// The zone of the school holidays.
    SchoolZone {
        /// Zone A.
        A = "a",
        /// Zone B.
        B = "b",
        /// Zone C.
        C = "c",
        /// Corsica and overseas have calendars of their own.
        Other = "other",
    }
}

/// Who signs for the commune.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signatory {
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// In what quality: `Maire`, or `Par délégation du maire, l’adjointe à la voirie` (CRPA L212-1
    /// asks for first name, name and quality).
    pub quality: String,
}

/// How to reach somebody that the law wants named: DPO, mediator, accessibility contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Who.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address, lines separated by line feeds.
    pub postal_address: String,
}

/// How the town greets and takes its leave. What is empty is said in the usual words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Voice {
    /// The first line of a mail in French: « Bonjour, ».
    pub mail_greeting: String,
    /// The last words of a mail in French: « Cordialement, ».
    pub mail_closing: String,
    /// Who signs mails, in any language: « La mairie de Lunel ». Lines separated by line feeds.
    pub mail_signature: String,
    /// The first line of a letter: « Madame, Monsieur, ».
    pub letter_opening: String,
    /// The last sentence of a letter.
    pub letter_closing: String,
}

impl Voice {
    /// The first line of a letter.
    pub fn opening(&self) -> String {
        or(&self.letter_opening, "Madame, Monsieur,")
    }

    /// The last sentence of a letter, the town's own or this.
    pub fn closing(&self, usual: &str) -> String {
        or(&self.letter_closing, usual)
    }
}

fn or(own: &str, usual: &str) -> String {
    let own = own.trim();
    if own.is_empty() { usual.to_owned() } else { own.to_owned() }
}

/// The court before which decisions are challenged (CJA R312-1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Court {
    /// Its name: `tribunal administratif de Nîmes`.
    pub name: String,
    /// Postal address, lines separated by line feeds.
    pub postal_address: String,
}

/// The commune's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Town {
    /// Its name, without `commune de`.
    pub name: String,
    /// INSEE code (COG), 5 characters.
    pub insee: String,
    /// SIREN, 9 digits.
    pub siren: String,
    /// Inhabitants.
    pub population: u32,
    /// Postal address of the town hall, lines separated by line feeds, without postcode and town.
    pub postal_address: String,
    /// Postcode.
    pub postcode: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Opening hours, as text.
    pub opening_hours: String,
    /// The colour of the website, `#rrggbb`.
    pub brand: String,
    /// IANA zone: overseas communes exist.
    pub time_zone: String,
    /// School zone.
    pub school_zone: SchoolZone,
    /// The mayor, or who signs by delegation.
    pub signatory: Signatory,
    /// Data protection officer (GDPR art. 37).
    pub dpo: Contact,
    /// Who answers for accessibility (décret 2019-768).
    pub accessibility: Contact,
    /// Mediator of the commune, if it has one (CGCT L1112-24).
    pub mediator: Option<Contact>,
    /// Administrative court for appeals.
    pub court: Court,
    /// How it greets and takes its leave.
    pub voice: Voice,
    /// Whether agents may work with a password alone. By default they must set a second factor first.
    pub password_suffices: bool,
    /// Whether a procedure is published by another person than the one who proposes it.
    pub procedures_by_two: bool,
    /// Address template of map tiles (`{z}`, `{x}`, `{y}`), which the server fetches; none, no map.
    pub map_tiles: Option<String>,
    /// Whose map it is, as whoever gives it wants to be named beside it.
    pub map_credit: String,
    /// Where that is said in full.
    pub map_credit_link: String,
}

impl Default for Town {
    fn default() -> Self {
        Self {
            name: String::new(),
            insee: String::new(),
            siren: String::new(),
            population: 0,
            postal_address: String::new(),
            postcode: String::new(),
            phone: String::new(),
            email: String::new(),
            opening_hours: String::new(),
            brand: "#1b4f9c".to_owned(),
            time_zone: "Europe/Paris".to_owned(),
            school_zone: SchoolZone::C,
            signatory: Signatory::default(),
            dpo: Contact::default(),
            accessibility: Contact::default(),
            mediator: None,
            court: Court::default(),
            voice: Voice::default(),
            password_suffices: false,
            procedures_by_two: false,
            map_tiles: None,
            map_credit: "© les contributeurs d’OpenStreetMap".to_owned(),
            map_credit_link: "https://www.openstreetmap.org/copyright".to_owned(),
        }
    }
}

/// A setting that cannot be kept, named so that the form can point at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TownFault {
    /// No name.
    Name,
    /// Not 5 characters, digits but for Corsica's letter.
    Insee,
    /// Not 9 digits, or the check digit is wrong.
    Siren,
    /// Not 5 digits.
    Postcode,
    /// Not `#rrggbb`.
    Brand,
    /// Not an IANA zone.
    TimeZone,
    /// Not an https address with `{z}`, `{x}` and `{y}`.
    MapTiles,
    /// Not an https address.
    MapCreditLink,
}

/// A setting without which acknowledgements and decisions lack what the law wants in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No postal address with its postcode (CRPA R112-5, 2°). Only an acknowledgement that is given electronically may
    /// tell the e-mail address instead (R112-11-1): the same settings serve those of the counter and the post.
    Address,
    /// No telephone (CRPA R112-5, 2°).
    Phone,
    /// The court lacks its name or its address (CJA R421-5).
    Court,
    /// First name, family name or quality of whoever signs is missing (CRPA L212-1).
    Signatory,
}

/// Why the settings were not saved.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TownError {
    /// These are wrong, all of them told at once.
    #[error("wrong settings: {0:?}")]
    Wrong(Vec<TownFault>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Town {
    /// The settings of this commune. Before they are first saved: the defaults, under the name that it was
    /// created with.
    pub fn load(tx: &mut Tx<'_>) -> Result<Self> {
        let kept =
            tx.query_opt("SELECT value FROM setting WHERE name = 'town'", &[], |row| row.get::<String>(0))?;
        match kept {
            Some(text) => Ok(serde_json::from_str(&text)?),
            None => Ok(Self { name: tx.commune_name().to_owned(), ..Self::default() }),
        }
    }

    /// Keeps the settings.
    pub fn save(&self, tx: &mut Tx<'_>, _: &Permit<ManageTown>) -> Result<(), TownError> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(TownError::Wrong(faults));
        }
        tx.execute(
            "INSERT INTO setting (name, value) VALUES ('town', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[&serde_json::to_value(self).map_err(StoreError::from)?],
        )?;
        tx.journal(&Entry {
            kind: "town.changed",
            subject_kind: "town",
            subject_id: Id::<Self>::from_uuid(Uuid::nil()).uuid(),
            payload: serde_json::json!({}),
        })?;
        Ok(())
    }

    /// What the law wants on every acknowledgement and decision, and these settings do not tell.
    pub fn gaps(&self) -> Vec<Gap> {
        let told = |text: &str| !text.trim().is_empty();
        let signatory = [&self.signatory.given_name, &self.signatory.family_name, &self.signatory.quality];
        [
            (told(&self.postal_address) && told(&self.postcode), Gap::Address),
            (told(&self.phone), Gap::Phone),
            (told(&self.court.name) && told(&self.court.postal_address), Gap::Court),
            (signatory.into_iter().all(|text| told(text)), Gap::Signatory),
        ]
        .into_iter()
        .filter_map(|(there, gap)| (!there).then_some(gap))
        .collect()
    }

    /// The public holidays that the commune keeps, by where it is.
    pub fn holidays(&self) -> Holidays {
        Holidays::of_commune(&self.insee)
    }

    /// The zone in which the commune's days are counted.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(calendar::DEFAULT_ZONE)
    }

    /// All that is wrong with these settings.
    pub fn faults(&self) -> Vec<TownFault> {
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|c| c.is_ascii_digit());
        let insee = self.insee.replacen(['A', 'B'], "0", 1);
        let colour = self.brand.strip_prefix('#').unwrap_or_default();
        let tiles = self.map_tiles.as_deref().is_none_or(|address| {
            address.starts_with("https://") && ["{z}", "{x}", "{y}"].iter().all(|it| address.contains(it))
        });
        let credit = self.map_credit_link.is_empty() || self.map_credit_link.starts_with("https://");
        [
            (!self.name.trim().is_empty(), TownFault::Name),
            (self.insee.is_empty() || digits(&insee, 5), TownFault::Insee),
            (self.siren.is_empty() || (digits(&self.siren, 9) && luhn(&self.siren)), TownFault::Siren),
            (self.postcode.is_empty() || digits(&self.postcode, 5), TownFault::Postcode),
            (colour.len() == 6 && colour.bytes().all(|c| c.is_ascii_hexdigit()), TownFault::Brand),
            (self.time_zone.parse::<Tz>().is_ok(), TownFault::TimeZone),
            (tiles, TownFault::MapTiles),
            (credit, TownFault::MapCreditLink),
        ]
        .into_iter()
        .filter_map(|(right, fault)| (!right).then_some(fault))
        .collect()
    }
}

/// Luhn's check digit, as SIREN numbers bear it.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(rank, digit)| {
            let digit = u32::from(digit.saturating_sub(b'0'));
            let doubled = if rank % 2 == 1 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lunel() -> Town {
        Town {
            name: "Lunel".to_owned(),
            insee: "34145".to_owned(),
            siren: "213401458".to_owned(),
            postcode: "34400".to_owned(),
            ..Town::default()
        }
    }

    #[test]
    fn every_wrong_setting_is_told_at_once() {
        assert_eq!(lunel().faults(), []);
        let wrong = Town {
            brand: "blue".to_owned(),
            time_zone: "Europe/Lunel".to_owned(),
            siren: "213401450".to_owned(),
            map_tiles: Some("http://tiles.example.org/{z}/{x}/{y}".to_owned()),
            map_credit_link: "javascript:alert(1)".to_owned(),
            ..lunel()
        };
        assert_eq!(
            wrong.faults(),
            [
                TownFault::Siren,
                TownFault::Brand,
                TownFault::TimeZone,
                TownFault::MapTiles,
                TownFault::MapCreditLink
            ]
        );
    }

    #[test]
    fn what_the_law_wants_is_missed_until_it_is_told() {
        assert_eq!(lunel().gaps(), [Gap::Address, Gap::Phone, Gap::Court, Gap::Signatory]);
        let told = Town {
            postal_address: "1 place des Platanes".to_owned(),
            phone: "04 65 71 00 10".to_owned(),
            court: Court { name: "tribunal".to_owned(), postal_address: "6 rue Pitot".to_owned() },
            signatory: Signatory {
                given_name: "Camille".to_owned(),
                family_name: "Bastide".to_owned(),
                quality: "La maire".to_owned(),
            },
            ..lunel()
        };
        assert_eq!(told.gaps(), []);
        assert_eq!(Town { postcode: String::new(), ..told.clone() }.gaps(), [Gap::Address]);
        let email = "mairie@lunel.example".to_owned();
        let mailed = Town { postal_address: String::new(), email, ..told };
        assert_eq!(mailed.gaps(), [Gap::Address], "whoever has paper writes on paper");
    }

    #[test]
    fn corsica_and_overseas_have_codes_and_zones_of_their_own() {
        let ajaccio = Town { insee: "2A004".to_owned(), siren: String::new(), ..lunel() };
        assert_eq!(ajaccio.faults(), []);
        let noumea = Town { time_zone: "Pacific/Noumea".to_owned(), ..lunel() };
        assert_eq!(noumea.faults(), []);
        assert_eq!(noumea.zone(), chrono_tz::Pacific::Noumea);
        let saint_denis = Town { insee: "97411".to_owned(), ..lunel() };
        assert_eq!((saint_denis.holidays(), lunel().holidays()), (Holidays::Reunion, Holidays::Metropole));
    }
}
