//! The tables of what was taken back.

use std::collections::HashMap;

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Result, Row, Seq, ToValue, Tx, marks};
use uuid::Uuid;

use super::{Effect, Ground, Hearing};
use crate::{case::Case, decision::Outcome};

/// Acts of one case that are read: more is no longer a case.
const READ_AT_MOST: u32 = 50;

const COLUMNS: &str = "id, effect, ground, article, number, reasons, signatory_name, signatory_quality, \
     signatory_delegation, hearing, heard_on, heard_how, acted_on, sent_at, read_at, pends, of_silence, was_outcome, \
     was_number, was_reasons, was_signed, was_on";

/// The decision as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Whether silence had taken it.
    pub of_silence: bool,
    /// What it decided.
    pub outcome: Outcome,
    /// Its number, if it had one.
    pub number: Option<String>,
    /// Its reasons; `""` where it gave none.
    pub reasons: String,
    /// Who had signed it, in which quality; `""` for silence.
    pub signed: String,
    /// Its day.
    pub taken_on: Day,
}

/// An act that takes a decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// Which one.
    pub id: Id<Self>,
    /// What becomes of the decision.
    pub effect: Effect,
    /// On what ground.
    pub ground: Ground,
    /// The article of the CRPA that it rests on.
    pub article: String,
    /// Its number, where the decision was a formal one.
    pub number: Option<String>,
    /// Why.
    pub reasons: String,
    /// Who signs.
    pub signatory_name: String,
    /// In which quality.
    pub signatory_quality: String,
    /// By which delegation; `""` for none.
    pub signatory_delegation: String,
    /// How whoever loses by it was heard.
    pub hearing: Hearing,
    /// On which day; of an invitation, the day on which it was sent.
    pub heard_on: Option<Day>,
    /// In which way, in the agent’s words.
    pub heard_how: String,
    /// Its day.
    pub acted_on: Day,
    /// When the requester was sent word.
    pub sent_at: Option<Instant>,
    /// When the requester first opened it.
    pub read_at: Option<Instant>,
    /// Whether the request pends again, and its clock runs from that day.
    pub pends: bool,
    /// The decision as it was.
    pub past: Past,
}

fn read(row: &mut Row) -> Result<Reversal> {
    Ok(Reversal {
        id: row.get(0)?,
        effect: row.get(1)?,
        ground: row.get(2)?,
        article: row.get(3)?,
        number: row.get(4)?,
        reasons: row.get(5)?,
        signatory_name: row.get(6)?,
        signatory_quality: row.get(7)?,
        signatory_delegation: row.get(8)?,
        hearing: row.get(9)?,
        heard_on: row.get(10)?,
        heard_how: row.get(11)?,
        acted_on: row.get(12)?,
        sent_at: row.get(13)?,
        read_at: row.get(14)?,
        pends: row.get(15)?,
        past: Past {
            of_silence: row.get(16)?,
            outcome: row.get(17)?,
            number: row.get(18)?,
            reasons: row.get(19)?,
            signed: row.get(20)?,
            taken_on: row.get(21)?,
        },
    })
}

/// What was taken back in a case, oldest first; the last is the one that stands.
///
/// # Errors
/// Those of the store.
pub fn of_case(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Vec<Reversal>> {
    let sql = format!("SELECT {COLUMNS} FROM reversal WHERE case_id = $1 ORDER BY id LIMIT $2");
    tx.query(&sql, &[&id, &READ_AT_MOST], read)
}

/// The last act of each of these cases that has one: what became of its decision, and when.
///
/// # Errors
/// Those of the store.
pub fn of_cases(tx: &mut Tx<'_>, cases: &[Uuid]) -> Result<HashMap<Uuid, (Effect, Day)>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT case_id, effect, acted_on FROM reversal WHERE case_id IN ({}) ORDER BY id",
        marks(1, cases.len())
    );
    let params: Vec<&dyn ToValue> = cases.iter().map(|id| id as &dyn ToValue).collect();
    // The last one stays.
    Ok(tx.query(&sql, &params, |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.into_iter().collect())
}

/// The entries of the journal that tell that a decision was taken back.
pub(crate) const WITHDRAWN: &str = "case.decision_withdrawn";
pub(crate) const REPEALED: &str = "case.decision_repealed";

/// What had been decided in a case when an act took it back, and its clock as it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// The act.
    pub(crate) act: Id<Reversal>,
    /// The day of the decision; `None` where silence alone had decided.
    pub(crate) decided_on: Option<Day>,
    /// The day on which silence had decided, or would have.
    pub(crate) due_on: Option<Day>,
    /// What silence had decided, before the decision or without one, and since when.
    pub(crate) implied: Option<(Outcome, Day)>,
}

/// What an act has taken back since an entry of the case’s history told it; `None` where it stands.
///
/// # Errors
/// Those of the store.
pub(crate) fn taken_back(tx: &mut Tx<'_>, id: Id<Case>, told: Seq) -> Result<Option<Kept>> {
    // The acts that were told before this entry took back what had been decided before.
    let before: i64 = tx.query_one(
        "SELECT COUNT(*) FROM journal WHERE subject_kind = 'case' AND subject_id = $1 AND seq < $2 \
         AND kind IN ($3, $4)",
        &[&id, &told.0, &WITHDRAWN, &REPEALED],
        |row| row.get(0),
    )?;
    let acts = tx.query(
        "SELECT id, of_silence, was_on, due_on, implied_outcome, implied_on FROM reversal WHERE case_id = $1 \
         ORDER BY id LIMIT $2",
        &[&id, &READ_AT_MOST],
        |row| {
            let (outcome, on): (Option<Outcome>, Option<Day>) = (row.get(4)?, row.get(5)?);
            let (of_silence, was_on): (bool, Day) = (row.get(1)?, row.get(2)?);
            Ok(Kept {
                act: row.get(0)?,
                decided_on: (!of_silence).then_some(was_on),
                due_on: row.get(3)?,
                implied: outcome.zip(on),
            })
        },
    )?;
    Ok(usize::try_from(before).ok().and_then(|before| acts.into_iter().nth(before)))
}

/// Somebody was asked for observations before a decision is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// When they were asked.
    pub asked_on: Day,
    /// The last day to give them.
    pub until_on: Day,
}

/// Whether the requester of a case was asked for observations on what stands now.
///
/// # Errors
/// Those of the store.
pub fn invitation(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Invitation>> {
    tx.query_opt("SELECT asked_on, until_on FROM reversal_hearing WHERE case_id = $1", &[&id], |row| {
        Ok(Invitation { asked_on: row.get(0)?, until_on: row.get(1)? })
    })
}
