//! Persons: those whom cases are about. A record belongs to one sector and is only found from within
//! it; nothing but the citizen's own account links the records of two sectors (CNIL RU-030).

use beffroi_core::{Day, Id, Sector, text::fold};
use beffroi_store::{Result, Row, Tx};
use serde::{Deserialize, Serialize};

use crate::{Account, words};

/// Where letters go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalAddress {
    /// Building, number and street, locality: up to four lines (NF Z10-011).
    pub lines: Vec<String>,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// Country, empty for France.
    pub country: String,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewPerson {
    /// The account of the person, if the request came from it.
    pub account: Option<Id<Account>>,
    /// Family name at birth.
    pub family_name: String,
    /// Given names, as on the birth certificate.
    pub given_names: String,
    /// The name used in daily life, if another.
    pub used_name: String,
    /// Day of birth.
    pub birth_date: Option<Day>,
    /// Place of birth.
    pub birth_place: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: PostalAddress,
    /// Preferred language (BCP 47), empty for French.
    pub language: String,
    /// Does not hear: is never telephoned.
    pub deaf: bool,
    /// Wants letters on paper.
    pub prefers_letter: bool,
}

/// A person, as one sector knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The record's id: means nothing in another sector.
    pub id: Id<Self>,
    /// The sector that the record belongs to.
    pub sector: Sector,
    /// What is known.
    #[serde(flatten)]
    pub details: NewPerson,
}

impl NewPerson {
    /// The name to write on an envelope: given names, then the name in use.
    pub fn full_name(&self) -> String {
        let name = if self.used_name.is_empty() { &self.family_name } else { &self.used_name };
        [self.given_names.as_str(), name].join(" ").trim().to_owned()
    }

    /// As lists show the name: « Durand Marie ».
    pub fn list_name(&self) -> String {
        let name = if self.used_name.is_empty() { &self.family_name } else { &self.used_name };
        [name.as_str(), self.given_names.as_str()].join(" ").trim().to_owned()
    }

    /// Whether another bears the same names, however they are written.
    pub fn is_called_like(&self, other: &Self) -> bool {
        fold(&self.family_name) == fold(&other.family_name)
            && fold(&self.given_names) == fold(&other.given_names)
    }

    /// What another of the same person tells, where this one tells nothing.
    pub fn completed_by(&mut self, other: &Self) {
        let texts = [
            (&mut self.used_name, &other.used_name),
            (&mut self.birth_place, &other.birth_place),
            (&mut self.email, &other.email),
            (&mut self.phone, &other.phone),
        ];
        for (own, known) in texts.into_iter().filter(|(own, _)| own.is_empty()) {
            own.clone_from(known);
        }
        self.birth_date = self.birth_date.or(other.birth_date);
        if self.address.lines.is_empty() {
            self.address.clone_from(&other.address);
        }
    }

    /// All the names, in the letters in which people look for them.
    pub(crate) fn search_name(&self) -> String {
        fold(&[self.family_name.as_str(), &self.used_name, &self.given_names].join(" "))
    }
}

pub(crate) const COLUMNS: &str = "id, sector, account, family_name, given_names, used_name, birth_date, birth_place, \
                       email, phone, address, language, deaf, prefers_letter";

/// Keeps a person's record in a sector. The command that needs the record enters it in the journal.
pub fn create(tx: &mut Tx<'_>, sector: Sector, new: &NewPerson) -> Result<Id<Person>> {
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO person (id, sector, account, family_name, given_names, used_name, birth_date, \
         birth_place, email, phone, address, language, deaf, prefers_letter, created_at, search_name, \
         search_used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &[
            &id,
            &sector.as_str(),
            &new.account,
            &new.family_name,
            &new.given_names,
            &new.used_name,
            &new.birth_date,
            &new.birth_place,
            &new.email,
            &new.phone,
            &serde_json::to_value(&new.address)?,
            &new.language,
            &new.deaf,
            &new.prefers_letter,
            &tx.now(),
            &new.search_name(),
            &fold(&new.used_name),
        ],
    )?;
    Ok(id)
}

/// A person, asked for from within a sector; a record of another is not found.
pub fn find(tx: &mut Tx<'_>, sector: Sector, id: Id<Person>) -> Result<Option<Person>> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM person WHERE id = $1 AND sector = $2"),
        &[&id, &sector.as_str()],
        read,
    )
}

/// The latest record that an account's own requests left in a sector: what a form is filled in from.
pub fn latest_of_account(tx: &mut Tx<'_>, account: Id<Account>, sector: Sector) -> Result<Option<Person>> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM person WHERE account = $1 AND sector = $2 ORDER BY id DESC LIMIT 1"),
        &[&account, &sector.as_str()],
        read,
    )
}

/// The account of the first of these records that has one, whatever its sector: for what is to be found in that account, and
/// tells nothing of the records.
pub fn account_of(tx: &mut Tx<'_>, first: Id<Person>, second: Id<Person>) -> Result<Option<Id<Account>>> {
    let sql = "SELECT account FROM person WHERE account IS NOT NULL AND id IN ($1, $2) \
         ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 1";
    tx.query_opt(sql, &[&first, &second], |row| row.get(0))
}

/// Erases a person's record once the last case that needed it is. The caller has seen that no other needs it.
pub fn forget(tx: &mut Tx<'_>, id: Id<Person>) -> Result<()> {
    let gone = tx.execute("DELETE FROM person WHERE id = $1", &[&id])?;
    if gone > 0 {
        beffroi_store::journal::erase_payloads(tx, "person", id.uuid())?;
    }
    Ok(())
}

pub(crate) fn read(row: &mut Row) -> Result<Person> {
    Ok(Person {
        id: row.get(0)?,
        sector: words::sector(&row.get::<String>(1)?)?,
        details: NewPerson {
            account: row.get(2)?,
            family_name: row.get(3)?,
            given_names: row.get(4)?,
            used_name: row.get(5)?,
            birth_date: row.get(6)?,
            birth_place: row.get(7)?,
            email: row.get(8)?,
            phone: row.get(9)?,
            address: serde_json::from_value(row.get(10)?)?,
            language: row.get(11)?,
            deaf: row.get(12)?,
            prefers_letter: row.get(13)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_bears_the_name_in_use() {
        let mut person = NewPerson {
            family_name: "Durand".to_owned(),
            given_names: "Camille".to_owned(),
            ..NewPerson::default()
        };
        assert_eq!(person.full_name(), "Camille Durand");
        person.used_name = "Martin".to_owned();
        assert_eq!(person.full_name(), "Camille Martin");
    }
}
