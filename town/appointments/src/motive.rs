//! Why somebody comes to the town hall: what to bring, how long it takes for how many persons, how far ahead it is
//! booked, and of which department it is.

use beffroi_calendar::resource::Name;
use beffroi_core::Id;
use beffroi_people::{Department, Permit};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::permission::ManageAppointments;

/// Motives of a commune, at most.
const LISTED: u32 = 200;
/// Persons who come together, at most.
pub const PERSONS_AT_MOST: usize = 10;
/// Minutes of the longest appointment.
pub const LONGEST_MINUTES: u32 = 240;
/// Days ahead that are shown, at most.
pub const AHEAD_AT_MOST: u32 = 366;
/// Things to bring, at most.
const BRING_AT_MOST: usize = 30;
/// Letters of the short name of a procedure, at most.
const PROCEDURE_AT_MOST: usize = 100;
/// Letters of the sentence about it, at most.
const SUMMARY_AT_MOST: usize = 300;

/// A mark for motives in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Motive {}

words! {
    /// What the State's search of appointments asks for (ANTS, `reason`).
    TitleReason {
        /// An identity card.
        IdentityCard = "CNI",
        /// A passport.
        Passport = "PASSPORT",
        /// Both.
        Both = "CNI-PASSPORT",
    }
}

/// What is said of a motive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MotiveSheet {
    /// Its name.
    pub name: Name,
    /// One sentence.
    pub summary: Name,
    /// What to bring.
    pub bring: Vec<Name>,
    /// How long it takes, by the number of persons: for one, for two…
    pub minutes: Vec<u32>,
    /// How long before it begins it must be booked, in minutes.
    pub ahead_minutes: u32,
    /// How many days ahead it may be booked.
    pub ahead_days: u32,
    /// Whether the public books it; else agents alone.
    pub online: bool,
    /// Whether whoever finds no time may wait for one that is given back.
    pub waiting: bool,
    /// What it serves of the State's search of appointments.
    pub titles: Vec<TitleReason>,
    /// The short name of the procedure by which a request is opened at such an appointment; `""` for none.
    pub procedure: String,
    /// Whether advisers of the department follow up whom they receive.
    pub followed: bool,
}

impl Default for MotiveSheet {
    fn default() -> Self {
        Self {
            name: Name::default(),
            summary: Name::default(),
            bring: Vec::new(),
            minutes: vec![20],
            ahead_minutes: 60,
            ahead_days: 60,
            online: true,
            waiting: true,
            titles: Vec::new(),
            procedure: String::new(),
            followed: false,
        }
    }
}

/// What is wrong with a motive.
#[derive(Debug, thiserror::Error)]
pub enum MotiveError {
    /// The short name is none, or another has it.
    #[error("not a free short name")]
    Slug,
    /// The name is missing or too long.
    #[error("the name is missing, or longer than 200 letters")]
    Name,
    /// The sentence about it is too long.
    #[error("the sentence about it is longer than {SUMMARY_AT_MOST} letters")]
    Summary,
    /// Too many things to bring, or one too long.
    #[error("at most {BRING_AT_MOST} things are brought, each said in 200 letters")]
    Bring,
    /// The procedure is no short name.
    #[error("the procedure is no short name")]
    Procedure,
    /// No length, a length of no minute, or more of them than persons come together.
    #[error(
        "lengths are from 1 to {LONGEST_MINUTES} minutes, for at most {PERSONS_AT_MOST} persons, none shorter than the one before"
    )]
    Lengths,
    /// It is booked on no day, or too far ahead.
    #[error("it is booked at least one and at most {AHEAD_AT_MOST} days ahead")]
    Ahead,
    /// It must be booked longer before than it can be.
    #[error("it must be booked earlier than it can be")]
    Delay,
    /// There is no such motive.
    #[error("no such motive")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MotiveSheet {
    /// How long it takes for so many persons; `None` where so many do not come together.
    pub fn length(&self, persons: usize) -> Option<TimeDelta> {
        let minutes = persons.checked_sub(1).and_then(|rank| self.minutes.get(rank));
        minutes.map(|minutes| TimeDelta::minutes(i64::from(*minutes)))
    }

    /// How many persons come together, at most.
    pub fn persons(&self) -> usize {
        self.minutes.len()
    }

    /// Whether it can be kept.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), MotiveError> {
        if !self.name.is_fit() {
            return Err(MotiveError::Name);
        }
        if self.summary.fr.chars().count().max(self.summary.en.chars().count()) > SUMMARY_AT_MOST {
            return Err(MotiveError::Summary);
        }
        if self.bring.len() > BRING_AT_MOST || !self.bring.iter().all(Name::is_fit) {
            return Err(MotiveError::Bring);
        }
        let fit = self.minutes.iter().all(|minutes| (1..=LONGEST_MINUTES).contains(minutes));
        if !fit || !self.minutes.is_sorted() || !(1..=PERSONS_AT_MOST).contains(&self.minutes.len()) {
            return Err(MotiveError::Lengths);
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.procedure.len() > PROCEDURE_AT_MOST || !self.procedure.chars().all(plain) {
            return Err(MotiveError::Procedure);
        }
        if !(1..=AHEAD_AT_MOST).contains(&self.ahead_days) {
            return Err(MotiveError::Ahead);
        }
        if self.ahead_minutes >= self.ahead_days * 24 * 60 {
            return Err(MotiveError::Delay);
        }
        Ok(())
    }
}

/// A motive to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MotiveDetails {
    /// Its short name, in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its place in lists: small first.
    pub rank: u32,
    /// Whether it is booked at all.
    pub active: bool,
    /// Whose it is; `None`: of the whole town, for those who answer for it.
    pub department: Option<Id<Department>>,
    /// What is said of it.
    pub sheet: MotiveSheet,
}

/// A motive as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: Id<Motive>,
    /// What it is.
    pub details: MotiveDetails,
}

impl Kept {
    /// Whether whoever finds no time may wait for one.
    pub fn has_waiting(&self) -> bool {
        self.details.active && self.details.sheet.online && self.details.sheet.waiting
    }
}

/// Keeps a motive: a new one, or what is said of one that there is.
///
/// # Errors
/// [`MotiveError`].
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAppointments>,
    id: Option<Id<Motive>>,
    new: &MotiveDetails,
) -> Result<Id<Motive>, MotiveError> {
    new.sheet.check()?;
    let fits = (1..=60).contains(&new.slug.len())
        && new.slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !RESERVED.contains(&new.slug.as_str());
    if !fits || by_slug(tx, &new.slug)?.is_some_and(|found| Some(found.id) != id) {
        return Err(MotiveError::Slug);
    }
    let sheet = serde_json::to_value(&new.sheet).map_err(StoreError::from)?;
    let kept = id.unwrap_or_else(|| tx.new_id());
    let done = match id {
        None => tx.execute(
            "INSERT INTO appointments_motive (id, slug, rank, active, department, sheet) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[&kept, &new.slug, &new.rank, &new.active, &new.department, &sheet],
        )?,
        Some(_) => tx.execute(
            "UPDATE appointments_motive SET slug = $2, rank = $3, active = $4, department = $5, sheet = $6 \
             WHERE id = $1",
            &[&kept, &new.slug, &new.rank, &new.active, &new.department, &sheet],
        )?,
    };
    if done == 0 {
        return Err(MotiveError::Unknown);
    }
    tx.journal(&Entry {
        kind: "motive.described",
        subject_kind: "motive",
        subject_id: kept.uuid(),
        payload: serde_json::json!({ "slug": new.slug, "active": new.active }),
    })?;
    Ok(kept)
}

/// Words that stand in the place of a motive in addresses.
const RESERVED: [&str; 5] = ["attente", "mien", "nouveau", "propose", "salle"];

const COLUMNS: &str = "id, slug, rank, active, department, sheet FROM appointments_motive";

fn read(row: &mut Row) -> Result<Kept> {
    Ok(Kept {
        id: row.get(0)?,
        details: MotiveDetails {
            slug: row.get(1)?,
            rank: row.get(2)?,
            active: row.get(3)?,
            department: row.get(4)?,
            sheet: serde_json::from_value(row.get(5)?)
                .map_err(|_| StoreError::Corrupt("the sheet of a motive cannot be read".to_owned()))?,
        },
    })
}

/// All motives, in the order of lists; those that are not booked any more too.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Kept>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY rank, slug LIMIT $1"), &[&LISTED], read)
}

/// A motive by its short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE slug = $1"), &[&slug], read)
}

/// A motive.
pub fn find(tx: &mut Tx<'_>, id: Id<Motive>) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_longer_for_more_persons_and_nobody_comes_in_a_crowd() {
        let name = Name { fr: "Carte d’identité".to_owned(), en: String::new() };
        let sheet = MotiveSheet { name, minutes: vec![20, 40, 60], ..MotiveSheet::default() };
        assert!(sheet.check().is_ok());
        assert_eq!(sheet.length(2), Some(TimeDelta::minutes(40)));
        assert_eq!((sheet.length(0), sheet.length(4)), (None, None));
        let wrong = |minutes: &[u32]| MotiveSheet { minutes: minutes.to_vec(), ..sheet.clone() }.check();
        for minutes in [&[][..], &[0], &[40, 20], &[241], &[5; 11]] {
            assert!(matches!(wrong(minutes), Err(MotiveError::Lengths)), "{minutes:?}");
        }
        let never = MotiveSheet { ahead_days: 2, ahead_minutes: 2 * 24 * 60, ..sheet.clone() };
        assert!(matches!(never.check(), Err(MotiveError::Delay)), "nobody could book it");
        assert!(matches!(MotiveSheet { ahead_days: 0, ..sheet }.check(), Err(MotiveError::Ahead)));
    }
}
