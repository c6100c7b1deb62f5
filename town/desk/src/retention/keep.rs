//! The cases that will soon go, for those who handle them; and keeping one longer, once, with a reason: a lawsuit, an
//! inspection.

use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, Case},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{Entry, Row, StoreError, ToValue, Tx, marks};
use chrono::Months;
use serde_json::json;
use uuid::Uuid;

/// By how many months a case may be kept longer.
pub(crate) const LONGER_MONTHS: [u32; 3] = [6, 12, 24];
/// Characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// A case whose time comes.
#[derive(Clone, Debug)]
pub(crate) struct Soon {
    pub(crate) id: Id<Case>,
    pub(crate) due_on: Day,
    pub(crate) disposal: String,
    pub(crate) reference: String,
    pub(crate) procedure: (String, u32),
    pub(crate) requester: String,
    pub(crate) department: String,
    /// Why it is kept longer, where it is.
    pub(crate) longer: Option<String>,
}

const COLUMNS: &str = "r.case_id, r.due_on, r.disposal, c.reference, c.procedure, c.procedure_version, \
     c.requester_name, c.department, r.prolonged_why";
/// `CROSS JOIN` has SQLite begin with what is due, and not with all cases of a department.
const FROM: &str = "FROM desk_retention r CROSS JOIN cases c WHERE c.id = r.case_id";

fn read(row: &mut Row) -> beffroi_store::Result<Soon> {
    Ok(Soon {
        id: row.get(0)?,
        due_on: row.get(1)?,
        disposal: row.get(2)?,
        reference: row.get(3)?,
        procedure: (row.get(4)?, row.get(5)?),
        requester: row.get(6)?,
        department: row.get(7)?,
        longer: row.get(8)?,
    })
}

/// The cases of these departments whose time comes by a day, the next first, after one. What has come to its end and
/// waits for the archives is no longer theirs to keep.
pub(crate) fn due_in(
    tx: &mut Tx<'_>,
    departments: &[String],
    (today, by): (Day, Day),
    after: Option<(Day, Id<Case>)>,
    limit: u32,
) -> beffroi_store::Result<Vec<Soon>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let (day, id) =
        after.map_or_else(|| (String::new(), String::new()), |(day, id)| (day.to_string(), id.to_string()));
    let mut params: Vec<&dyn ToValue> = vec![&by, &day, &id, &limit, &today];
    params.extend(departments.iter().map(|department| department as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} {FROM} AND r.due_on <= $1 AND (r.due_on, r.case_id) > ($2, $3) AND r.slip IS NULL \
         AND (r.disposal <> 'archive' OR r.due_on >= $5) AND c.department IN ({}) \
         ORDER BY r.due_on, r.case_id LIMIT $4",
        marks(6, departments.len())
    );
    tx.query(&sql, &params, read)
}

/// The case whose time comes, if one does.
pub(crate) fn due_of(tx: &mut Tx<'_>, id: Id<Case>) -> beffroi_store::Result<Option<Soon>> {
    tx.query_opt(&format!("SELECT {COLUMNS} {FROM} AND r.case_id = $1 AND r.slip IS NULL"), &[&id], read)
}

/// Why a case is not kept longer.
#[derive(Debug)]
pub(crate) enum KeepError {
    /// The reason is too short or too long.
    Reason,
    /// Not for so many months.
    Months,
    /// It was kept longer already, or its time is not noted.
    NotAgain,
    Case(CaseError),
    Store(StoreError),
}

impl From<StoreError> for KeepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CaseError> for KeepError {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

/// Has a case kept longer, once: so many months from the day on which it would go, or from today where that is past.
pub(crate) fn keep_longer(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: Uuid,
    months: u32,
    why: &str,
) -> Result<Day, KeepError> {
    let case = case::read(tx, access, id)?;
    access.permit(Right::Handle, &case)?;
    if !REASON.contains(&why.chars().count()) {
        return Err(KeepError::Reason);
    }
    if !LONGER_MONTHS.contains(&months) {
        return Err(KeepError::Months);
    }
    let due = due_of(tx, id)?.filter(|due| due.longer.is_none()).ok_or(KeepError::NotAgain)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let until = due.due_on.max(today).checked_add_months(Months::new(months)).ok_or(KeepError::Months)?;
    tx.execute(
        "UPDATE desk_retention SET due_on = $1, prolonged_at = $2, prolonged_by = $3, prolonged_why = $4, \
         warned_at = NULL WHERE case_id = $5",
        &[&until, &tx.now(), &agent, &why, &id],
    )?;
    tx.journal(&Entry {
        kind: "case.kept_longer",
        subject_kind: "case",
        subject_id: id.uuid(),
        payload: json!({ "until": until, "why": why }),
    })?;
    Ok(until)
}
