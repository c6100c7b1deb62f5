//! A régie: who may collect money for the commune without the accountant's office (CGCT R1617-1), and how it is paid
//! online. A commune has several; a régie is closed and never removed.

use beffroi_core::{Id, Instant};
use beffroi_people::{Department, Permit};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use serde_json::json;

use crate::permission::ManageRegies;

/// Characters of a name, at most.
const NAME_AT_MOST: usize = 120;
/// Régies of a commune that are listed, at most.
const LISTED_AT_MOST: u32 = 500;

words! {
    /// For what PayFiP is asked (`saisie`).
    Mode {
        /// Nothing is paid.
        Test = "test",
        /// The trials before a régie is opened.
        Activation = "activation",
        /// For real.
        Production = "production",
    }
}

/// Who collects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regie {
    /// Which one.
    pub id: Id<Regie>,
    /// Its name: « Régie des salles municipales ».
    pub name: String,
    /// The number that the DGFiP gave it for PayFiP (`numcli`), six digits; `""` where it has none.
    pub client_number: String,
    /// For what PayFiP is asked.
    pub mode: Mode,
    /// Whether it can be paid online now.
    pub online: bool,
    /// The department that it belongs to; `None` is the whole town.
    pub department: Option<Id<Department>>,
    /// Whether nothing more is ordered for it.
    pub closed: bool,
    /// When this was settled.
    pub changed_at: Instant,
}

/// A régie as an administrator describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegie {
    /// Its name.
    pub name: String,
    /// Its number for PayFiP; `""` where it has none.
    pub client_number: String,
    /// For what PayFiP is asked.
    pub mode: Mode,
    /// Whether it can be paid online.
    pub online: bool,
    /// The department that it belongs to.
    pub department: Option<Id<Department>>,
    /// Whether nothing more is ordered for it.
    pub closed: bool,
}

/// What is wrong with a régie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegieFault {
    /// It has no name, or a very long one.
    Name,
    /// The number is not six digits; or there is none, and it would be paid online.
    ClientNumber,
}

/// What is to be kept, made ready.
///
/// # Errors
/// Everything that is wrong.
pub fn to_keep(typed: &NewRegie) -> Result<NewRegie, Vec<RegieFault>> {
    let mut faults = Vec::new();
    let name = typed.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_AT_MOST || name.chars().any(char::is_control) {
        faults.push(RegieFault::Name);
    }
    let number: String = typed.client_number.chars().filter(|letter| !letter.is_whitespace()).collect();
    let right = number.len() == 6 && number.bytes().all(|digit| digit.is_ascii_digit());
    if !right && (typed.online || !number.is_empty()) {
        faults.push(RegieFault::ClientNumber);
    }
    if faults.is_empty() {
        Ok(NewRegie { name, client_number: number, ..typed.clone() })
    } else {
        Err(faults)
    }
}

const COLUMNS: &str = "id, name, client_number, mode, online, department, closed, changed_at FROM regie";

fn read(row: &mut Row) -> Result<Regie> {
    Ok(Regie {
        id: row.get(0)?,
        name: row.get(1)?,
        client_number: row.get(2)?,
        mode: row.get(3)?,
        online: row.get(4)?,
        department: row.get(5)?,
        closed: row.get(6)?,
        changed_at: row.get(7)?,
    })
}

/// The régie of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Regie>) -> Result<Option<Regie>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// Every régie, those that are closed last.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Regie>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY closed, name, id LIMIT $1"), &[&LISTED_AT_MOST], read)
}

/// Keeps a new régie, as [`to_keep`] made it ready.
pub fn create(tx: &mut Tx<'_>, permit: &Permit<ManageRegies>, new: &NewRegie) -> Result<Id<Regie>> {
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO regie (id, name, client_number, mode, online, department, closed, changed_at) \
         VALUES ($1, '', '', 'test', FALSE, NULL, FALSE, $2)",
        &[&id, &tx.now()],
    )?;
    change(tx, permit, id, new)?;
    Ok(id)
}

/// Changes a régie. What is under way is asked for under the number and the mode that it began with.
///
/// # Errors
/// [`StoreError::Invalid`] where there is none.
pub fn change(tx: &mut Tx<'_>, _: &Permit<ManageRegies>, id: Id<Regie>, new: &NewRegie) -> Result<()> {
    let found = tx.execute(
        "UPDATE regie SET name = $1, client_number = $2, mode = $3, online = $4, department = $5, closed = $6, \
         changed_at = $7 WHERE id = $8",
        &[
            &new.name,
            &new.client_number,
            &new.mode,
            &new.online,
            &new.department,
            &new.closed,
            &tx.now(),
            &id,
        ],
    )?;
    if found == 0 {
        return Err(StoreError::Invalid("there is no such régie".to_owned()));
    }
    tx.journal(&Entry {
        kind: "regie.changed",
        subject_kind: "regie",
        subject_id: id.uuid(),
        payload: json!({
            "name": new.name,
            "client_number": new.client_number,
            "mode": new.mode,
            "online": new.online,
            "closed": new.closed,
        }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(client_number: &str, online: bool) -> NewRegie {
        NewRegie {
            name: " Régie des salles ".to_owned(),
            client_number: client_number.to_owned(),
            mode: Mode::Test,
            online,
            department: None,
            closed: false,
        }
    }

    #[test]
    fn a_regie_is_paid_online_under_six_digits_and_at_the_counter_without() {
        let kept = to_keep(&typed("090 909", true)).unwrap();
        assert_eq!((kept.name.as_str(), kept.client_number.as_str()), ("Régie des salles", "090909"));
        assert!(to_keep(&typed("", false)).is_ok());
        for (number, online) in [("", true), ("12345", false), ("1234567", true), ("12345a", true)] {
            assert_eq!(to_keep(&typed(number, online)), Err(vec![RegieFault::ClientNumber]), "{number}");
        }
        assert_eq!(
            to_keep(&NewRegie { name: " ".to_owned(), ..typed("", false) }),
            Err(vec![RegieFault::Name])
        );
    }
}
