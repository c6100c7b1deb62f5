//! The rows of steps and of their timers.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Result, ToValue, Tx, marks};
use chrono::Days;
use serde_json::{Map, Value};

use super::Timer;
use crate::{
    Access, Right,
    case::{COLUMNS, Case, read_case},
    figures::readable,
};

/// Steps that one case may have been in: procedures have fewer.
const AT_MOST: u32 = 100;
/// Cases that await an acting department, listed at most.
const LISTED_AT_MOST: u32 = 100;

/// A step that a case has been in.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its name in the procedure.
    pub step: String,
    /// When the case entered it last.
    pub entered_on: Day,
    /// When it left it; `None` where it stands there.
    pub left_at: Option<Instant>,
    /// What agents filled in.
    pub answers: Value,
    /// How often something was filled in.
    pub revision: u32,
}

/// The steps that a case has been in, in the order in which it last entered them.
///
/// # Errors
/// Those of the store.
pub fn of_case(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Filled>> {
    tx.query(
        "SELECT step, entered_on, left_at, answers, revision FROM case_step WHERE case_id = $1 \
         ORDER BY entered_at, step LIMIT $2",
        &[&case, &AT_MOST],
        |row| {
            Ok(Filled {
                step: row.get(0)?,
                entered_on: row.get(1)?,
                left_at: row.get(2)?,
                answers: row.get(3)?,
                revision: row.get(4)?,
            })
        },
    )
}

/// What agents filled in in a case, by step.
///
/// # Errors
/// Those of the store.
pub fn filled(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Map<String, Value>> {
    Ok(of_case(tx, case)?.into_iter().map(|found| (found.step, found.answers)).collect())
}

pub(super) fn leave(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute(
        "UPDATE case_step SET left_at = $1 WHERE case_id = $2 AND left_at IS NULL",
        &[&tx.now(), &case],
    )?;
    tx.execute("DELETE FROM case_timer WHERE case_id = $1", &[&case]).map(drop)
}

pub(super) fn arrive(tx: &mut Tx<'_>, case: Id<Case>, step: &str, today: Day) -> Result<()> {
    tx.execute(
        "INSERT INTO case_step (case_id, step, entered_on, entered_at, left_at, answers, revision) \
         VALUES ($1, $2, $3, $4, NULL, '{}', 0) ON CONFLICT (case_id, step) \
         DO UPDATE SET entered_on = excluded.entered_on, entered_at = excluded.entered_at, left_at = NULL",
        &[&case, &step, &today, &tx.now()],
    )
    .map(drop)
}

/// Moves a case from the step in which it was read; `false` where somebody moved it meanwhile.
pub(super) fn set(tx: &mut Tx<'_>, case: &Case, step: &str, acting: Option<&str>) -> Result<bool> {
    let moved = tx.execute(
        "UPDATE cases SET step = $1, acting = $2 WHERE id = $3 AND COALESCE(step, '') = $4",
        &[&step, &acting, &case.id, &case.step.as_deref().unwrap_or_default()],
    )?;
    Ok(moved == 1)
}

/// Keeps what was filled in; `false` where somebody else filled something in meanwhile.
pub(super) fn fill(tx: &mut Tx<'_>, case: Id<Case>, step: &str, seen: u32, answers: &Value) -> Result<bool> {
    let kept = tx.execute(
        "UPDATE case_step SET answers = $1, revision = revision + 1 \
         WHERE case_id = $2 AND step = $3 AND revision = $4",
        &[answers, &case, &step, &seen],
    )?;
    Ok(kept == 1)
}

pub(super) fn set_timer(tx: &mut Tx<'_>, case: Id<Case>, step: &str, timer: &Timer) -> Result<()> {
    let (due_on, days_before) = timer.columns();
    tx.execute(
        "INSERT INTO case_timer (case_id, step, action, due_on, days_before) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (case_id, step, action) DO NOTHING",
        &[&case, &step, &timer.action, &due_on, &days_before],
    )
    .map(drop)
}

/// Takes a timer away; `false` where it is gone already.
pub(super) fn take(tx: &mut Tx<'_>, timer: &DueTimer) -> Result<bool> {
    let taken = tx.execute(
        "DELETE FROM case_timer WHERE case_id = $1 AND step = $2 AND action = $3",
        &[&timer.case, &timer.step, &timer.action],
    )?;
    Ok(taken == 1)
}

/// Something whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTimer {
    /// The case.
    pub case: Id<Case>,
    /// The step in which it stands.
    pub step: String,
    /// The action to be done.
    pub action: String,
}

/// What is due by `today` in cases that are open, the longest overdue first.
///
/// # Errors
/// Those of the store.
pub fn due(tx: &mut Tx<'_>, today: Day, limit: u32) -> Result<Vec<DueTimer>> {
    let read = |row: &mut beffroi_store::Row| {
        Ok(DueTimer { case: row.get(0)?, step: row.get(1)?, action: row.get(2)? })
    };
    let mut found = tx.query(
        "SELECT t.case_id, t.step, t.action FROM case_timer t JOIN cases c ON c.id = t.case_id \
         WHERE t.due_on <= $1 AND c.is_open = TRUE ORDER BY t.due_on, t.case_id LIMIT $2",
        &[&today, &limit],
        read,
    )?;
    // The engines count days differently: each distance before the deemed day is asked for by itself, and there are few.
    let distances: Vec<u32> = tx.query(
        "SELECT DISTINCT days_before FROM case_timer WHERE days_before IS NOT NULL ORDER BY days_before LIMIT 100",
        &[],
        |row| row.get(0),
    )?;
    for days in distances {
        let Some(until) = today.checked_add_days(Days::new(u64::from(days))) else { continue };
        found.extend(tx.query(
            "SELECT t.case_id, t.step, t.action FROM case_timer t JOIN cases c ON c.id = t.case_id \
             WHERE t.days_before = $1 AND c.is_open = TRUE AND c.deemed_on <= $2 ORDER BY t.case_id LIMIT $3",
            &[&days, &until, &limit],
            read,
        )?);
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The open cases of other departments in whose step one of these acts, those that press first.
///
/// # Errors
/// Those of the store.
pub fn acting(tx: &mut Tx<'_>, access: &Access, departments: &[String]) -> Result<Vec<Case>> {
    let Some((values, marks)) = readable(access, departments, vec![&LISTED_AT_MOST]) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM cases WHERE acting IN ({marks}) AND is_open = TRUE ORDER BY clock_on, id LIMIT $1"
    );
    tx.query(&sql, &values, read_case)
}

/// The departments among these in which the agent holds a right, as values and marks from `first` on.
pub(crate) fn handled<'a>(
    access: &Access,
    departments: &'a [String],
    mut values: Vec<&'a dyn ToValue>,
) -> Option<(Vec<&'a dyn ToValue>, String)> {
    let first = values.len() + 1;
    let may = departments.iter().filter(|department| access.allows(Right::Handle, department));
    values.extend(may.map(|department| department as &dyn ToValue));
    let count = values.len() + 1 - first;
    (count > 0).then(|| (values, marks(first, count)))
}
