//! What was reconciled: the statements that somebody laid beside the ledger and kept, and what each of their lines came to.
//! A line that was reconciled stays so, with the comparison that did it, until a later statement says otherwise.

use beffroi_core::{Actor, Cents, Day, Id, Instant};
use beffroi_people::{Account, Permit};
use beffroi_store::{Entry, Result, Row, ToValue, Tx};
use serde_json::json;

use crate::{
    permission::{ReadLedger, SettlePayments},
    regie::Regie,
};

/// Lines that are written in one statement.
const ROWS: usize = 500;
/// Comparisons that are listed, at most.
const LISTED: u32 = 24;
/// Lines that are read, at most.
const LINES: u32 = 40_000;

/// One line of a statement, by its reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedLine {
    /// The reference that PayFiP was given.
    pub reference: String,
    /// How much came, of all its lines together.
    pub cents: Cents,
    /// How many lines have it.
    pub times: u32,
    /// Whether the ledger said the same.
    pub same: bool,
    /// The day of the operation here; where there is none, the last day of the comparison.
    pub day: Day,
}

/// A comparison to be kept.
#[derive(Clone, Debug)]
pub struct NewComparison {
    /// From which day to which, both included.
    pub days: (Day, Day),
    /// How many lines are the same, and what they come to.
    pub same: (usize, Cents),
    /// What the statement comes to.
    pub theirs: Cents,
    /// What came here.
    pub ours: Cents,
    /// How many differ.
    pub differences: usize,
    /// What it says, each reference once.
    pub lines: Vec<StatedLine>,
}

/// A comparison that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Which one.
    pub id: Id<Self>,
    /// From which day to which, both included.
    pub days: (Day, Day),
    /// Who kept it, by name; `""` where nobody knows any more.
    pub who: String,
    /// When.
    pub made_at: Instant,
    /// How many lines were the same then, and what they came to.
    pub same: (u32, Cents),
    /// What the statement came to.
    pub theirs: Cents,
    /// What had come here.
    pub ours: Cents,
    /// How many differed.
    pub differences: u32,
}

/// A line that was kept, and when and by whom it was compared last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// What it says.
    pub line: StatedLine,
    /// When.
    pub at: Instant,
    /// By whom.
    pub who: String,
}

/// Keeps a comparison, and what each of its lines came to.
///
/// # Errors
/// Those of the store.
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    regie: Id<Regie>,
    new: &NewComparison,
) -> Result<Id<Comparison>> {
    let id: Id<Comparison> = tx.new_id();
    let account: Option<Id<Account>> = match tx.by().actor {
        Actor::Account(account) => Some(Id::from_uuid(account)),
        _ => None,
    };
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    tx.execute(
        "INSERT INTO payment_comparison (id, regie, first_day, last_day, account, made_at, same, same_cents, \
         theirs_cents, ours_cents, differences) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &id,
            &regie,
            &new.days.0,
            &new.days.1,
            &account,
            &tx.now(),
            &count(new.same.0),
            &new.same.1,
            &new.theirs,
            &new.ours,
            &count(new.differences),
        ],
    )?;
    for lines in new.lines.chunks(ROWS) {
        write(tx, regie, id, lines)?;
    }
    tx.journal(&Entry {
        kind: "regie.reconciled",
        subject_kind: "regie",
        subject_id: regie.uuid(),
        payload: json!({
            "from": new.days.0,
            "until": new.days.1,
            "same": new.same.0,
            "differences": new.differences,
        }),
    })?;
    Ok(id)
}

/// What was reconciled before by the same amount keeps the comparison that did it.
fn write(tx: &mut Tx<'_>, regie: Id<Regie>, id: Id<Comparison>, lines: &[StatedLine]) -> Result<()> {
    let mut params: Vec<&dyn ToValue> = vec![&regie, &id];
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let first = params.len() + 1;
        rows.push(format!(
            "($1, ${}, ${}, ${}, ${}, ${}, $2)",
            first,
            first + 1,
            first + 2,
            first + 3,
            first + 4
        ));
        let cells: [&dyn ToValue; 5] = [&line.reference, &line.cents, &line.times, &line.same, &line.day];
        params.extend(cells);
    }
    let sql = format!(
        "INSERT INTO payment_stated (regie, reference, cents, times, same, day, comparison) VALUES {} \
         ON CONFLICT (regie, reference) DO UPDATE SET cents = excluded.cents, times = excluded.times, \
         same = excluded.same, day = excluded.day, comparison = excluded.comparison \
         WHERE payment_stated.same = FALSE OR excluded.same = FALSE OR payment_stated.cents <> excluded.cents",
        rows.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

/// The comparisons of a régie, the latest first.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, _: &Permit<ReadLedger>, regie: Id<Regie>) -> Result<Vec<Comparison>> {
    let sql = "SELECT c.id, c.first_day, c.last_day, COALESCE(a.display_name, ''), c.made_at, c.same, c.same_cents, \
         c.theirs_cents, c.ours_cents, c.differences FROM payment_comparison c \
         LEFT JOIN account a ON a.id = c.account WHERE c.regie = $1 ORDER BY c.made_at DESC, c.id DESC LIMIT $2";
    tx.query(sql, &[&regie, &LISTED], |row| {
        Ok(Comparison {
            id: row.get(0)?,
            days: (row.get(1)?, row.get(2)?),
            who: row.get(3)?,
            made_at: row.get(4)?,
            same: (row.get(5)?, row.get(6)?),
            theirs: row.get(7)?,
            ours: row.get(8)?,
            differences: row.get(9)?,
        })
    })
}

/// What statements said of these days, both included, and what of other days was left: what came in a month may stand on
/// the statement of the next.
///
/// # Errors
/// Those of the store.
pub fn lines(
    tx: &mut Tx<'_>,
    _: &Permit<ReadLedger>,
    regie: Id<Regie>,
    (first, last): (Day, Day),
) -> Result<Vec<KeptLine>> {
    let sql = "SELECT s.reference, s.cents, s.times, s.same, s.day, c.made_at, COALESCE(a.display_name, '') \
         FROM payment_stated s JOIN payment_comparison c ON c.id = s.comparison \
         LEFT JOIN account a ON a.id = c.account \
         WHERE s.regie = $1 AND (s.same = FALSE OR (s.day >= $2 AND s.day <= $3)) \
         ORDER BY s.reference LIMIT $4";
    tx.query(sql, &[&regie, &first, &last, &LINES], |row| {
        Ok(KeptLine { line: line(row)?, at: row.get(5)?, who: row.get(6)? })
    })
}

fn line(row: &mut Row) -> Result<StatedLine> {
    Ok(StatedLine {
        reference: row.get(0)?,
        cents: row.get(1)?,
        times: row.get(2)?,
        same: row.get(3)?,
        day: row.get(4)?,
    })
}
