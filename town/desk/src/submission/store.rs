//! How the requester of a case is reached, and what counts towards a limit.

use beffroi_cases::{
    case::{Case, State},
    decision::Outcome,
};
use beffroi_core::{Day, Id, Lang};
use beffroi_forms::LimitUse;
use beffroi_people::{Account, mandate::Mandate};
use beffroi_store::{Result, StoreError, Tx};
use serde::{Deserialize, Serialize};

/// How the requester of a case is reached.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The account, if the requester has one.
    pub account: Option<Id<Account>>,
    /// The language in which the town writes.
    pub lang: Lang,
    /// The e-mail address; `""` where there is none.
    pub email: String,
    /// The telephone number; likewise.
    pub phone: String,
    /// The lines of an envelope.
    pub letter_lines: Vec<String>,
    /// Whether the requester wants paper.
    pub by_letter: bool,
    /// Who sent the request for them by a mandate; `""` where they did themselves.
    pub sent_by: String,
}

impl Reach {
    /// Whether papers reach them by post.
    pub fn is_posted(&self) -> bool {
        self.by_letter && self.letter_lines.len() > 1
    }

    /// Whether a decision reaches them on paper, by post or by hand, and is signed there: what is notified through the
    /// follow-up page, of which a mail tells, is not (CRPA, art. L212-2).
    pub fn on_paper(&self) -> bool {
        self.is_posted() || self.email.is_empty()
    }

    /// Whether the town has an address to write to, electronic or postal.
    pub fn is_reachable(&self) -> bool {
        !self.email.is_empty() || self.is_posted()
    }
}

/// How the requester of this case is reached.
pub fn reach(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Option<Reach>> {
    let found = tx.query_opt(
        "SELECT account, lang, email, phone, letter_lines, by_letter, COALESCE((SELECT m.helper_name \
         FROM desk_case_mandate s JOIN mandate m ON m.id = s.mandate WHERE s.case_id = desk_reach.case_id), '') \
         FROM desk_reach WHERE case_id = $1",
        &[&case],
        |row| {
            let lang: String = row.get(1)?;
            let lines: serde_json::Value = row.get(4)?;
            let reach = Reach {
                account: row.get(0)?,
                lang: Lang::from_tag(&lang).unwrap_or_default(),
                email: row.get(2)?,
                phone: row.get(3)?,
                letter_lines: Vec::new(),
                by_letter: row.get(5)?,
                sent_by: row.get(6)?,
            };
            Ok((reach, lines))
        },
    )?;
    let Some((reach, lines)) = found else { return Ok(None) };
    let address = match tx.unseal_json(&context(case), &lines)? {
        Some(address) => address,
        None => Address {
            email: reach.email,
            phone: reach.phone,
            lines: serde_json::from_value(lines).map_err(StoreError::from)?,
        },
    };
    let Address { email, phone, lines: letter_lines } = address;
    Ok(Some(Reach { email, phone, letter_lines, ..reach }))
}

/// What of a [`Reach`] is sealed where its case is.
#[derive(Default, Deserialize, Serialize)]
struct Address {
    email: String,
    phone: String,
    lines: Vec<String>,
}

fn context(case: Id<Case>) -> String {
    format!("desk.reach:{case}")
}

/// Keeps how a requester is reached; sealed, where the case is.
pub(super) fn insert_reach(tx: &mut Tx<'_>, case: Id<Case>, reach: &Reach, sealed: bool) -> Result<()> {
    let (email, phone) = (reach.email.clone(), reach.phone.clone());
    let address = Address { email, phone, lines: reach.letter_lines.clone() };
    let (address, lines) = if sealed {
        (Address::default(), tx.seal_json(&context(case), &address)?)
    } else {
        let lines = serde_json::to_value(&address.lines).map_err(StoreError::from)?;
        (address, lines)
    };
    tx.execute(
        "INSERT INTO desk_reach (case_id, account, lang, email, phone, letter_lines, by_letter) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[&case, &reach.account, &reach.lang.tag(), &address.email, &address.phone, &lines, &reach.by_letter],
    )
    .map(drop)
}

pub(super) fn insert_case_mandate(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    (mandate, account): (Id<Mandate>, Id<Account>),
) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_case_mandate (case_id, mandate, account) VALUES ($1, $2, $3)",
        &[&case, &mandate, &account],
    )
    .map(drop)
}

/// The mandate by which a case was sent, and the account of the helper.
pub fn mandate_of(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Option<(Id<Mandate>, Id<Account>)>> {
    tx.query_opt("SELECT mandate, account FROM desk_case_mandate WHERE case_id = $1", &[&case], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Forgets how the requester of a case was reached, and whom its limits counted.
pub fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute(
        "UPDATE desk_reach SET account = NULL, email = '', phone = '', letter_lines = '[]', by_letter = FALSE \
         WHERE case_id = $1",
        &[&case],
    )?;
    tx.execute("DELETE FROM desk_case_mandate WHERE case_id = $1", &[&case])?;
    tx.execute("DELETE FROM desk_visit_case WHERE case_id = $1", &[&case])?;
    super::asked::forget(tx, case)?;
    tx.execute("DELETE FROM desk_tally WHERE case_id = $1", &[&case]).map(drop)
}

/// A case as its owner's list shows it.
#[derive(Clone, Debug)]
pub struct Mine {
    /// Which one.
    pub id: Id<Case>,
    /// What it is called aloud.
    pub reference: String,
    /// The procedure and its version.
    pub procedure: (String, u32),
    /// How far it has come.
    pub state: State,
    /// How it ended, if it was decided.
    pub outcome: Option<Outcome>,
    /// The day of receipt.
    pub received_on: Day,
    /// The account among whose requests it is.
    pub account: Option<Id<Account>>,
    /// Who sent it for them by a mandate; `""` where they did themselves.
    pub sent_by: String,
}

/// The cases of an account that are open, or that are over, the last received first, after one.
pub fn of_account(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    open: bool,
    after: Option<Id<Case>>,
    limit: u32,
) -> Result<Vec<Mine>> {
    // Sorts after every id.
    let after = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
    tx.query(
        "SELECT c.id, c.reference, c.procedure, c.procedure_version, c.state, \
         COALESCE(d.outcome, CASE WHEN c.is_open = FALSE THEN i.outcome END), c.received_on, r.account, \
         COALESCE(h.helper_name, '') \
         FROM desk_reach r LEFT JOIN desk_case_mandate m ON m.case_id = r.case_id LEFT JOIN mandate h ON h.id = m.mandate JOIN cases c ON c.id = r.case_id LEFT JOIN decision d ON d.case_id = r.case_id \
         LEFT JOIN implied_decision i ON i.case_id = r.case_id \
         WHERE r.account = $1 AND c.is_open = $2 AND r.case_id < $3 ORDER BY r.case_id DESC LIMIT $4",
        &[&account, &open, &after, &limit],
        mine,
    )
}

/// Cases of one mandate that its page lists.
const OF_MANDATE_AT_MOST: u32 = 200;

/// The cases that were sent by a mandate, the last received first.
pub fn of_mandate(tx: &mut Tx<'_>, mandate: Id<Mandate>) -> Result<Vec<Mine>> {
    tx.query(
        "SELECT c.id, c.reference, c.procedure, c.procedure_version, c.state, \
         COALESCE(d.outcome, CASE WHEN c.is_open = FALSE THEN i.outcome END), c.received_on, r.account, \
         COALESCE(h.helper_name, '') \
         FROM desk_case_mandate m JOIN cases c ON c.id = m.case_id JOIN mandate h ON h.id = m.mandate \
         LEFT JOIN desk_reach r ON r.case_id = m.case_id LEFT JOIN decision d ON d.case_id = m.case_id \
         LEFT JOIN implied_decision i ON i.case_id = m.case_id \
         WHERE m.mandate = $1 ORDER BY m.case_id DESC LIMIT $2",
        &[&mandate, &OF_MANDATE_AT_MOST],
        mine,
    )
}

fn mine(row: &mut beffroi_store::Row) -> Result<Mine> {
    Ok(Mine {
        id: row.get(0)?,
        reference: row.get(1)?,
        procedure: (row.get(2)?, row.get(3)?),
        state: row.get(4)?,
        outcome: row.get(5)?,
        received_on: row.get(6)?,
        account: row.get(7)?,
        sent_by: row.get(8)?,
    })
}

/// Cases of one requester that are counted for one limit, at most.
const COUNTED_AT_MOST: u32 = 1_000;

/// How many cases count for this limit already: what was granted, and what is not decided yet. What was
/// withdrawn, refused or closed counts no more, archived or not: what is archived without a decision was
/// withdrawn.
pub(super) fn tally(tx: &mut Tx<'_>, procedure: &str, limit: &LimitUse) -> Result<i64> {
    let (first, last) = limit.per.around(limit.on);
    let days = tx.query(
        "SELECT t.counted_on FROM desk_tally t JOIN cases c ON c.id = t.case_id \
         LEFT JOIN decision d ON d.case_id = t.case_id \
         WHERE t.procedure = $1 AND t.limit_id = $2 AND t.who = $3 \
         AND t.counted_on BETWEEN $4 AND $5 \
         AND (d.outcome = 'granted' OR (d.outcome IS NULL AND c.state NOT IN ('withdrawn', 'transferred', 'archived')) \
         OR EXISTS (SELECT 1 FROM implied_decision i WHERE i.case_id = t.case_id AND i.outcome = 'granted')) \
         ORDER BY t.counted_on, t.case_id LIMIT $6",
        &[&procedure, &limit.id, &limit.who, &first, &last, &COUNTED_AT_MOST],
        |row| row.get(0),
    )?;
    Ok(i64::try_from(limit.per.fullest(&days, limit.on)).unwrap_or(i64::MAX))
}

/// How often a limit is used, for a step that looks at it.
pub(crate) fn used(tx: &mut Tx<'_>, procedure: &str, limit: &LimitUse) -> Result<i64> {
    tally(tx, procedure, limit)
}

pub(super) fn insert_tally(tx: &mut Tx<'_>, procedure: &str, limit: &LimitUse, case: Id<Case>) -> Result<()> {
    tx.execute(
        "INSERT INTO desk_tally (procedure, limit_id, who, counted_on, case_id) VALUES ($1, $2, $3, $4, $5)",
        &[&procedure, &limit.id, &limit.who, &limit.on, &case],
    )
    .map(drop)
}
