//! What happened in each month, by department and procedure: counted once as the journal tells it, in a table whose size
//! does not follow that of the inbox. It can be counted anew from the cases.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
};

use beffroi_core::{Channel, Day, Id};
use beffroi_store::{
    JournalEntry, Result, Row, StoreError, ToValue, Tx,
    background::{self, Subscriber},
    marks, words,
};
use chrono::{Datelike, Months};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Access, CaseError,
    case::Case,
    decision::{self, Outcome},
    figures::readable,
    reversal::{self, Kept, REPEALED, Reversal, WITHDRAWN},
    silence,
};

/// Rows that one reading may give: those of some hundred procedures over some years.
const ROWS_AT_MOST: u32 = 500_000;
/// Days from receipt to decision that are told apart; beyond, they are as many.
const LONGEST_DAYS: i64 = 9_999;

words! {
    /// What is counted.
    Measure {
        /// Requests received; by the door, in the month of their receipt.
        Received = "received",
        /// Decisions taken before silence decided; by the days that they took, in the month of the decision.
        InTime = "in_time",
        /// Decisions taken after; likewise.
        Late = "late",
        /// What silence decided; by what it decided.
        Silence = "silence",
        /// Cases that ended; by how often documents were asked for in them.
        Rounds = "rounds",
        /// Decisions taken back; by what became of them, in the month of the act.
        Reversed = "reversed",
        /// Opinions of requesters; by their satisfaction, in the month of the decision.
        Opinion = "opinion",
    }
}

/// A month of the calendar, as `2026-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Day);

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub const fn first_day(self) -> Day {
        self.0
    }

    /// So many months later, or earlier; itself where the calendar ends.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let count = Months::new(months.unsigned_abs());
        let moved =
            if months < 0 { self.0.checked_sub_months(count) } else { self.0.checked_add_months(count) };
        moved.map_or(self, Self)
    }

    /// The months from this one to another, both included.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |month| Some(month.plus(1)).filter(|next| next > month))
            .take_while(move |month| *month <= last)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> std::result::Result<Self, chrono::ParseError> {
        format!("{text}-01").parse().map(Self)
    }
}

/// How many cases of a procedure had this in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// When.
    pub month: Month,
    /// The procedure's short name.
    pub procedure: String,
    /// What was counted.
    pub measure: Measure,
    /// The door, the days, the outcome, the number of rounds or the satisfaction.
    pub value: String,
    /// How many.
    pub cases: i64,
}

const COLUMNS: &str = "month, procedure, measure, value, CAST(SUM(cases) AS BIGINT)";
const GROUPS: &str = "GROUP BY month, procedure, measure, value HAVING SUM(cases) > 0 \
     ORDER BY month, procedure, measure, value";

fn read(row: &mut Row) -> Result<Tally> {
    let month: String = row.get(0)?;
    Ok(Tally {
        month: month.parse().map_err(|_| StoreError::Corrupt(format!("{month} is no month")))?,
        procedure: row.get(1)?,
        measure: row.get(2)?,
        value: row.get(3)?,
        cases: row.get(4)?,
    })
}

/// What was counted in these departments, those that may be read, from a month to another.
///
/// # Errors
/// Those of the store.
pub fn of_departments(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    procedure: Option<&str>,
    (from, until): (Month, Month),
) -> Result<Vec<Tally>> {
    let (from, until) = (from.to_string(), until.to_string());
    let (any, procedure) = (procedure.is_none(), procedure.unwrap_or_default());
    let first: Vec<&dyn ToValue> = vec![&from, &until, &ROWS_AT_MOST, &any, &procedure];
    let Some((values, marks)) = readable(access, departments, first) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS} FROM case_tally WHERE month >= $1 AND month <= $2 AND ($4 = TRUE OR procedure = $5) \
         AND department IN ({marks}) {GROUPS} LIMIT $3"
    );
    tx.query(&sql, &values, read)
}

/// What was counted in the whole town, from a month to another: for figures that everybody may see, once those that
/// concern few people are masked.
///
/// # Errors
/// Those of the store.
pub fn of_town(tx: &mut Tx<'_>, (from, until): (Month, Month)) -> Result<Vec<Tally>> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM case_tally WHERE month >= $1 AND month <= $2 {GROUPS} LIMIT $3"),
        &[&from.to_string(), &until.to_string(), &ROWS_AT_MOST],
        read,
    )
}

/// The procedures that were asked for most since a month, the most asked first.
///
/// # Errors
/// Those of the store.
pub fn most_asked(tx: &mut Tx<'_>, since: Month, limit: u32) -> Result<Vec<String>> {
    tx.query(
        "SELECT procedure FROM case_tally WHERE month >= $1 AND measure = $2 GROUP BY procedure \
         HAVING SUM(cases) > 0 ORDER BY SUM(cases) DESC, procedure LIMIT $3",
        &[&since.to_string(), &Measure::Received, &limit],
        |row| row.get(0),
    )
}

/// One thing to count: where, what and how often.
type Counted = (Month, String, String, Measure, String);

fn add(tx: &mut Tx<'_>, (month, department, procedure, measure, value): &Counted, cases: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO case_tally (month, department, procedure, measure, value, cases) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (month, department, procedure, measure, value) \
         DO UPDATE SET cases = case_tally.cases + excluded.cases",
        &[&month.to_string(), department, procedure, measure, value, &cases],
    )
    .map(drop)
}

fn days(received: Day, decided: Day) -> String {
    (decided - received).num_days().clamp(0, LONGEST_DAYS).to_string()
}

/// Counts what the journal tells. The cursor moves in the same transaction, so that each entry counts once.
#[derive(Clone, Copy, Debug)]
pub struct Tallies;

/// The name under which its progress is kept.
const NAME: &str = "cases.tally";
const OPINION: &str = "opinion.given";

impl Subscriber for Tallies {
    fn name(&self) -> &'static str {
        NAME
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["case.received", "case.routed", "case.decided", "case.deemed", WITHDRAWN, REPEALED, OPINION]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        self.handle_all(tx, std::slice::from_ref(entry))
    }

    /// The cases are read together, and what is counted several times is written once.
    fn handle_all(&self, tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
        let of_cases = entries.iter().filter(|entry| entry.kind != OPINION);
        let mut ids: Vec<Uuid> = of_cases.map(|entry| entry.subject_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut tallied = Tallied { cases: facts(tx, &ids)?, counts: BTreeMap::new() };
        for entry in entries {
            tallied.count(tx, entry)?;
        }
        tallied
            .counts
            .iter()
            .filter(|(_, cases)| **cases != 0)
            .try_for_each(|(it, cases)| add(tx, it, *cases))
    }
}

/// What of a case is counted.
#[derive(Clone)]
struct Facts {
    id: Id<Case>,
    department: String,
    procedure: String,
    received_on: Day,
    channel: String,
    deemed_on: Option<Day>,
    /// Whether a decision of it was ever taken back.
    reversed: bool,
}

impl Facts {
    /// What was taken back of what an entry tells, where it was before it is counted: it counts as it was.
    fn taken_back(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Kept>> {
        if self.reversed { reversal::taken_back(tx, self.id, entry.seq) } else { Ok(None) }
    }
}

/// These cases, without what they say.
fn facts(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Facts>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, department, procedure, received_on, channel, deemed_on, \
         EXISTS (SELECT 1 FROM reversal v WHERE v.case_id = cases.id) FROM cases WHERE id IN ({})",
        marks(1, ids.len())
    );
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let found = tx.query(&sql, &params, |row| {
        let channel: String = row.get(4)?;
        Ok(Facts {
            id: row.get(0)?,
            department: row.get(1)?,
            procedure: row.get(2)?,
            received_on: row.get(3)?,
            channel: Channel::from_word(&channel).map_or(channel, |known| known.as_str().to_owned()),
            deemed_on: row.get(5)?,
            reversed: row.get(6)?,
        })
    })?;
    Ok(found.into_iter().map(|facts| (facts.id.uuid(), facts)).collect())
}

/// What some entries come to.
struct Tallied {
    cases: HashMap<Uuid, Facts>,
    counts: BTreeMap<Counted, i64>,
}

impl Tallied {
    fn add(&mut self, counted: Counted, cases: i64) {
        *self.counts.entry(counted).or_default() += cases;
    }

    fn count(&mut self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<()> {
        let payload = entry.payload.as_ref();
        let word = |name: &str| payload.and_then(|it| it.get(name)?.as_str()).unwrap_or_default().to_owned();
        if entry.kind == OPINION {
            let Ok(month) = word("month").parse() else { return Ok(()) };
            let satisfaction = word("satisfaction");
            self.add((month, word("department"), word("procedure"), Measure::Opinion, satisfaction), 1);
            return Ok(());
        }
        let Some(case) = self.cases.get(&entry.subject_id).cloned() else { return Ok(()) };
        match entry.kind.as_str() {
            "case.received" => {
                // Where it came in: if it was handed over since, that is told next. Entries of before did not say it.
                let department = match word("department") {
                    unsaid if unsaid.is_empty() => first_department(tx, &case)?,
                    said => said,
                };
                self.add(received(&case, &department), 1);
            }
            "case.routed" => {
                self.add(received(&case, &word("from")), -1);
                self.add(received(&case, &word("to")), 1);
            }
            "case.decided" => {
                let back = case.taken_back(tx, entry)?;
                let taken = if let Some(kept) = &back {
                    kept.decided_on.map(|on| (on, kept.due_on))
                } else {
                    let stands = decision::of_case(tx, case.id).map_err(stored)?;
                    stands.map(|taken| (taken.decided_on, case.deemed_on))
                };
                let Some((on, due_on)) = taken else { return Ok(()) };
                let measure =
                    if due_on.is_some_and(|due| on >= due) { Measure::Late } else { Measure::InTime };
                self.add(of(&case, on, measure, days(case.received_on, on)), 1);
                let ended = rounds(tx, &case, on, back.map(|kept| kept.act))?;
                self.add(ended, 1);
            }
            WITHDRAWN | REPEALED => {
                // Several acts on one case are told one by one.
                let id = word("reversal");
                let acts = reversal::of_case(tx, case.id)?;
                let Some(act) = acts.into_iter().find(|act| act.id.to_string() == id) else { return Ok(()) };
                let value = act.effect.as_str().to_owned();
                self.add(of(&case, act.acted_on, Measure::Reversed, value), 1);
            }
            _ => {
                let back = case.taken_back(tx, entry)?;
                let implied = if let Some(kept) = &back {
                    kept.implied
                } else {
                    let stands = silence::of_case(tx, case.id).map_err(stored)?;
                    stands.map(|implied| (implied.outcome, implied.deemed_on))
                };
                let Some((outcome, on)) = implied else { return Ok(()) };
                self.add(of(&case, on, Measure::Silence, outcome.as_str().to_owned()), 1);
                if outcome == Outcome::Granted {
                    let ended = rounds(tx, &case, on, back.map(|kept| kept.act))?;
                    self.add(ended, 1);
                }
            }
        }
        Ok(())
    }
}

/// The department that a case came in to: the one from which it was first handed over, or that which has it.
fn first_department(tx: &mut Tx<'_>, case: &Facts) -> Result<String> {
    let routed = beffroi_store::journal::first_of(tx, "case", case.id.uuid(), "case.routed")?;
    let from = routed.and_then(|entry| entry.payload).unwrap_or_default();
    Ok(from.get("from").and_then(Value::as_str).unwrap_or(&case.department).to_owned())
}

fn received(case: &Facts, department: &str) -> Counted {
    let month = Month::of(case.received_on);
    (month, department.to_owned(), case.procedure.clone(), Measure::Received, case.channel.clone())
}

fn of(case: &Facts, day: Day, measure: Measure, value: String) -> Counted {
    (Month::of(day), case.department.clone(), case.procedure.clone(), measure, value)
}

/// How often documents were asked for in a case that ended: before the act that took its end back, where one did.
fn rounds(tx: &mut Tx<'_>, case: &Facts, ended: Day, back: Option<Id<Reversal>>) -> Result<Counted> {
    let mut sql = "SELECT COUNT(*) FROM document_request WHERE case_id = $1".to_owned();
    let mut params: Vec<&dyn ToValue> = vec![&case.id];
    if let Some(act) = &back {
        sql.push_str(" AND id < $2");
        params.push(act);
    }
    let count: i64 = tx.query_one(&sql, &params, |row| row.get(0))?;
    Ok(of(case, ended, Measure::Rounds, count.to_string()))
}

/// Counts everything anew, from the cases: where the table was lost, or to prove that it is right. Tells how many counts
/// there are. Done twice, it gives the same.
///
/// # Errors
/// Those of the store.
pub fn recount(tx: &mut Tx<'_>) -> Result<u64> {
    let mut found: BTreeMap<Counted, i64> = BTreeMap::new();
    let mut count = |counted: Counted, cases: i64| *found.entry(counted).or_default() += cases;
    tx.query(
        "SELECT department, procedure, received_on, channel, COUNT(*) FROM cases \
         GROUP BY department, procedure, received_on, channel",
        &[],
        |row| {
            let (department, procedure, on) = (row.get(0)?, row.get(1)?, row.get::<Day>(2)?);
            let channel: String = row.get(3)?;
            let channel = Channel::from_word(&channel).map_or(channel, |known| known.as_str().to_owned());
            count((Month::of(on), department, procedure, Measure::Received, channel), row.get(4)?);
            Ok(())
        },
    )?;
    tx.query(
        "SELECT c.department, c.procedure, c.received_on, d.decided_on, \
         CASE WHEN d.due_on IS NULL OR d.decided_on < d.due_on THEN 0 ELSE 1 END AS late, COUNT(*) FROM ( \
         SELECT t.case_id, t.decided_on, k.deemed_on AS due_on FROM decision t JOIN cases k ON k.id = t.case_id \
         UNION ALL SELECT case_id, was_on AS decided_on, due_on FROM reversal WHERE of_silence = FALSE) AS d \
         JOIN cases c ON c.id = d.case_id \
         GROUP BY c.department, c.procedure, c.received_on, d.decided_on, \
         CASE WHEN d.due_on IS NULL OR d.decided_on < d.due_on THEN 0 ELSE 1 END",
        &[],
        |row| {
            let (department, procedure) = (row.get(0)?, row.get(1)?);
            let (came, on): (Day, Day) = (row.get(2)?, row.get(3)?);
            let measure = if row.get::<i64>(4)? == 0 { Measure::InTime } else { Measure::Late };
            count((Month::of(on), department, procedure, measure, days(came, on)), row.get(5)?);
            Ok(())
        },
    )?;
    tx.query(
        "SELECT c.department, c.procedure, i.deemed_on, i.outcome, COUNT(*) \
         FROM (SELECT case_id, deemed_on, outcome FROM implied_decision UNION ALL \
         SELECT case_id, implied_on AS deemed_on, implied_outcome AS outcome FROM reversal \
         WHERE implied_on IS NOT NULL) AS i JOIN cases c ON c.id = i.case_id \
         GROUP BY c.department, c.procedure, i.deemed_on, i.outcome",
        &[],
        |row| {
            let (department, procedure, on) = (row.get(0)?, row.get(1)?, row.get::<Day>(2)?);
            count((Month::of(on), department, procedure, Measure::Silence, row.get(3)?), row.get(4)?);
            Ok(())
        },
    )?;
    tx.query(
        "SELECT department, procedure, ended, rounds, COUNT(*) FROM ( \
         SELECT c.department, c.procedure, e.ended, \
         (SELECT COUNT(*) FROM document_request r WHERE r.case_id = c.id \
         AND (e.act IS NULL OR r.id < e.act)) AS rounds FROM ( \
         SELECT case_id, was_on AS ended, id AS act FROM reversal WHERE of_silence = FALSE UNION ALL \
         SELECT case_id, implied_on AS ended, id AS act FROM reversal WHERE implied_outcome = 'granted' UNION ALL \
         SELECT case_id, decided_on AS ended, NULL AS act FROM decision UNION ALL \
         SELECT case_id, deemed_on AS ended, NULL AS act FROM implied_decision WHERE outcome = 'granted') AS e \
         JOIN cases c ON c.id = e.case_id) AS each_case GROUP BY department, procedure, ended, rounds",
        &[],
        |row| {
            let (department, procedure, on) = (row.get(0)?, row.get(1)?, row.get::<Day>(2)?);
            let rounds: i64 = row.get(3)?;
            count((Month::of(on), department, procedure, Measure::Rounds, rounds.to_string()), row.get(4)?);
            Ok(())
        },
    )?;
    tx.query(
        "SELECT c.department, c.procedure, r.acted_on, r.effect, COUNT(*) \
         FROM reversal r JOIN cases c ON c.id = r.case_id \
         GROUP BY c.department, c.procedure, r.acted_on, r.effect",
        &[],
        |row| {
            let (department, procedure, on) = (row.get(0)?, row.get(1)?, row.get::<Day>(2)?);
            count((Month::of(on), department, procedure, Measure::Reversed, row.get(3)?), row.get(4)?);
            Ok(())
        },
    )?;
    tx.query(
        "SELECT month, department, procedure, satisfaction, COUNT(*) FROM opinion \
         GROUP BY month, department, procedure, satisfaction",
        &[],
        |row| {
            let month: String = row.get(0)?;
            let month = month.parse().map_err(|_| StoreError::Corrupt(format!("{month} is no month")))?;
            count((month, row.get(1)?, row.get(2)?, Measure::Opinion, row.get(3)?), row.get(4)?);
            Ok(())
        },
    )?;
    tx.execute("DELETE FROM case_tally", &[])?;
    for (counted, cases) in &found {
        add(tx, counted, *cases)?;
    }
    // What was done until now is counted; what comes is counted as it comes.
    background::caught_up(tx, NAME)?;
    Ok(found.len() as u64)
}

fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_one_another_over_the_year() {
        let november: Month = "2025-11".parse().unwrap();
        let until = november.plus(3);
        let months: Vec<String> = november.through(until).map(|month| month.to_string()).collect();
        assert_eq!(months, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert_eq!(november.plus(-11).to_string(), "2024-12");
        assert_eq!(Month::of("2026-06-30".parse().unwrap()).to_string(), "2026-06");
        assert_eq!(until.through(november).count(), 0);
        assert!("2026-13".parse::<Month>().is_err());
    }

    #[test]
    fn a_case_that_was_dated_back_took_no_less_than_no_time() {
        assert_eq!(days("2026-06-03".parse().unwrap(), "2026-06-01".parse().unwrap()), "0");
        assert_eq!(days("2026-06-03".parse().unwrap(), "2026-07-03".parse().unwrap()), "30");
    }
}
