//! What goes to the archives: cases whose time is over are put on a slip (bordereau), to be handed over or destroyed;
//! nothing goes before the archivist's visa is written down (Code du patrimoine, art. L212-3 and R212-14).

use beffroi_cases::decision::Outcome;
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_people::{Permit, Town};
use beffroi_store::{Entry, Result, Row, Tx, words};
use serde_json::json;
use uuid::Uuid;

use super::{ARCHIVE, ERASE, transfer};
use crate::permission::ManageArchives;

/// Cases on one slip.
const ON_ONE: u32 = 1_000;

words! {
    /// What a slip is for.
    Purpose {
        /// The archives take the cases over.
        Transfer = "transfer",
        /// The archives allow that they are destroyed.
        Elimination = "elimination",
    }
}

/// A slip.
#[derive(Clone, Debug)]
pub(crate) struct Slip {
    pub(crate) id: Id<Slip>,
    /// What it is called: `E-2026-3`.
    pub(crate) number: String,
    pub(crate) purpose: Purpose,
    pub(crate) procedure: String,
    pub(crate) cases: i64,
    pub(crate) made_at: Instant,
    pub(crate) visa_name: String,
    pub(crate) visa_on: Option<Day>,
    pub(crate) signed_at: Option<Instant>,
}

const COLUMNS: &str =
    "id, number, purpose, procedure, cases, made_at, visa_name, visa_on, signed_at FROM desk_slip";

fn read(row: &mut Row) -> Result<Slip> {
    Ok(Slip {
        id: row.get(0)?,
        number: row.get(1)?,
        purpose: row.get(2)?,
        procedure: row.get(3)?,
        cases: row.get(4)?,
        made_at: row.get(5)?,
        visa_name: row.get(6)?,
        visa_on: row.get(7)?,
        signed_at: row.get(8)?,
    })
}

/// The cases of one procedure that wait for the archives.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) procedure: String,
    pub(crate) cases: i64,
    /// How many others are still open, and go nowhere before they have ended.
    pub(crate) open: i64,
    pub(crate) first: Day,
    pub(crate) last: Day,
}

/// What waits for the archives, by procedure.
pub(crate) fn groups(tx: &mut Tx<'_>) -> Result<Vec<Group>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    tx.query(
        "SELECT c.procedure, CAST(SUM(CASE WHEN c.is_open = TRUE THEN 0 ELSE 1 END) AS BIGINT), \
         CAST(SUM(CASE WHEN c.is_open = TRUE THEN 1 ELSE 0 END) AS BIGINT), MIN(c.received_on), MAX(c.received_on) \
         FROM (SELECT case_id FROM desk_retention WHERE disposal = $1 AND due_on < $2 AND slip IS NULL \
         ORDER BY due_on, case_id LIMIT 20000) AS waiting \
         JOIN cases c ON c.id = waiting.case_id GROUP BY c.procedure ORDER BY c.procedure LIMIT 500",
        &[&ARCHIVE, &today],
        |row| {
            Ok(Group {
                procedure: row.get(0)?,
                cases: row.get(1)?,
                open: row.get(2)?,
                first: row.get(3)?,
                last: row.get(4)?,
            })
        },
    )
}

/// The slips, the latest first.
pub(crate) fn slips(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Slip>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY id DESC LIMIT $1"), &[&limit], read)
}

/// One slip.
pub(crate) fn slip(tx: &mut Tx<'_>, id: Id<Slip>) -> Result<Option<Slip>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// What a slip is made of.
#[derive(Clone, Debug)]
pub(crate) struct NewSlip {
    pub(crate) procedure: String,
    pub(crate) purpose: Purpose,
}

/// What came of making a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Slip(Id<Slip>),
    /// Those that wait are still open: somebody has yet to answer them.
    StillOpen,
    /// None waits.
    Nothing,
}

/// What came of writing a visa down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Done,
    /// It was signed before.
    Already,
    /// A case on it is open: it would be destroyed before it is answered.
    StillOpen,
}

/// Puts the cases of a procedure that wait on a slip, those that wait longest first; what is still open on none.
pub(crate) fn make(tx: &mut Tx<'_>, _: &Permit<ManageArchives>, by: Uuid, new: &NewSlip) -> Result<Made> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let id: Id<Slip> = tx.new_id();
    let cases = tx.execute(
        "UPDATE desk_retention SET slip = $1 WHERE case_id IN (SELECT r.case_id FROM desk_retention r \
         JOIN cases c ON c.id = r.case_id WHERE r.disposal = $2 AND r.due_on < $3 AND r.slip IS NULL \
         AND c.procedure = $4 AND c.is_open = FALSE ORDER BY r.due_on, r.case_id LIMIT $5)",
        &[&id, &ARCHIVE, &today, &new.procedure, &ON_ONE],
    )?;
    if cases == 0 {
        let waits = groups(tx)?.into_iter().any(|group| group.procedure == new.procedure && group.open > 0);
        return Ok(if waits { Made::StillOpen } else { Made::Nothing });
    }
    let year = chrono::Datelike::year(&today);
    let letter = if new.purpose == Purpose::Transfer { "V" } else { "E" };
    let rank: i64 = tx.query_one(
        "INSERT INTO number_series (name, year, last_number) VALUES ($1, $2, 1) \
         ON CONFLICT (name, year) DO UPDATE SET last_number = number_series.last_number + 1 \
         RETURNING last_number",
        &[&format!("slip-{letter}"), &i64::from(year)],
        |row| row.get(0),
    )?;
    let cases = i64::try_from(cases).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO desk_slip (id, number, purpose, procedure, cases, made_at, made_by, visa_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, '')",
        &[&id, &format!("{letter}-{year}-{rank}"), &new.purpose, &new.procedure, &cases, &tx.now(), &by],
    )?;
    if new.purpose == Purpose::Transfer {
        transfer::order(tx, id)?;
    }
    enter(tx, "slip.made", id, json!({ "purpose": new.purpose, "cases": cases }))?;
    Ok(Made::Slip(id))
}

/// A case on a slip.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) reference: String,
    pub(crate) department: String,
    pub(crate) received_on: Day,
    pub(crate) due_on: Day,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) number: Option<String>,
}

/// What stands on a slip; nothing once it is signed and the cases are gone.
pub(crate) fn lines_of(tx: &mut Tx<'_>, id: Id<Slip>) -> Result<Vec<Line>> {
    tx.query(
        "SELECT c.reference, c.department, c.received_on, r.due_on, \
         COALESCE(d.outcome, i.outcome), d.number FROM desk_retention r JOIN cases c ON c.id = r.case_id \
         LEFT JOIN decision d ON d.case_id = c.id LEFT JOIN implied_decision i ON i.case_id = c.id \
         WHERE r.slip = $1 ORDER BY c.received_on, c.id LIMIT $2",
        &[&id, &ON_ONE],
        |row| {
            Ok(Line {
                reference: row.get(0)?,
                department: row.get(1)?,
                received_on: row.get(2)?,
                due_on: row.get(3)?,
                outcome: row.get(4)?,
                number: row.get(5)?,
            })
        },
    )
}

/// Writes the archivist's visa down: the cases of the slip go with the next daily sweep.
pub(crate) fn sign(
    tx: &mut Tx<'_>,
    _: &Permit<ManageArchives>,
    by: Uuid,
    id: Id<Slip>,
    (name, on): (&str, Day),
) -> Result<Signed> {
    let open = tx.query_opt(
        "SELECT c.id FROM desk_retention r JOIN cases c ON c.id = r.case_id \
         WHERE r.slip = $1 AND c.is_open = TRUE LIMIT 1",
        &[&id],
        |row| row.get::<Uuid>(0),
    )?;
    if open.is_some() {
        return Ok(Signed::StillOpen);
    }
    let signed = tx.execute(
        "UPDATE desk_slip SET visa_name = $1, visa_on = $2, signed_at = $3, signed_by = $4 \
         WHERE id = $5 AND signed_at IS NULL",
        &[&name, &on, &tx.now(), &by, &id],
    )?;
    if signed == 0 {
        return Ok(Signed::Already);
    }
    tx.execute("UPDATE desk_retention SET disposal = $1 WHERE slip = $2", &[&ERASE, &id])?;
    transfer::order(tx, id)?;
    enter(tx, "slip.signed", id, json!({ "visa_on": on }))?;
    Ok(Signed::Done)
}

/// Gives a slip up that was not signed: its cases wait again. `false` where it was signed, or is none.
pub(crate) fn drop_slip(tx: &mut Tx<'_>, _: &Permit<ManageArchives>, id: Id<Slip>) -> Result<bool> {
    let dropped = tx.execute("DELETE FROM desk_slip WHERE id = $1 AND signed_at IS NULL", &[&id])?;
    if dropped == 0 {
        return Ok(false);
    }
    tx.execute("UPDATE desk_retention SET slip = NULL WHERE slip = $1", &[&id])?;
    transfer::order(tx, id)?;
    enter(tx, "slip.dropped", id, json!({}))?;
    Ok(true)
}

fn enter(tx: &mut Tx<'_>, kind: &str, id: Id<Slip>, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "slip", subject_id: id.uuid(), payload })?;
    Ok(())
}
