//! Drafts as they are kept. They hold what was typed, right or wrong.

use beffroi_calendar::booking;
use beffroi_cases::tracking::TrackingCode;
use beffroi_core::{Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_forms::{Answers, Procedure};
use beffroi_notify::{self as notify, About};
use beffroi_people::{Account, mandate::Mandate};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use chrono::Months;
use chrono_tz::Tz;
use uuid::Uuid;

/// How long a draft waits after its last change.
const KEPT_FOR: Months = Months::new(3);
/// Drafts of one account that its page lists.
const LISTED_AT_MOST: u32 = 50;

/// A request begun.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which one.
    pub id: Id<Draft>,
    /// The procedure.
    pub procedure: String,
    /// Its version: a draft is ended under the rules that it was begun with.
    pub version: u32,
    /// The account of its owner, if somebody was signed in.
    pub account: Option<Id<Account>>,
    /// What was typed.
    pub answers: Answers,
    /// The last change.
    pub updated_at: Instant,
    /// The last day on which it waits.
    pub kept_until: Day,
    /// The mandate by which its owner fills it in for somebody else.
    pub mandate: Option<Id<Mandate>>,
}

/// Drafts that go in one sweep; the next day takes the rest.
const SWEPT_AT_ONCE: u32 = 500;

const COLUMNS: &str = "id, procedure, version, account, answers, updated_at, kept_until, mandate";

/// What was typed, as the row keeps it: sealed, where the procedure is so sensitive.
fn kept(tx: &Tx<'_>, id: Id<Draft>, answers: &Answers, sealed: bool) -> Result<serde_json::Value> {
    if sealed {
        tx.seal_json(&context(id), answers)
    } else {
        serde_json::to_value(answers).map_err(StoreError::from)
    }
}

fn context(id: Id<Draft>) -> String {
    format!("desk.draft:{id}")
}

/// A row with what was typed as it keeps it.
fn open(tx: &Tx<'_>, (draft, kept): (Draft, serde_json::Value)) -> Result<Draft> {
    let answers = match tx.unseal_json(&context(draft.id), &kept)? {
        Some(answers) => answers,
        None => serde_json::from_value(kept).map_err(StoreError::from)?,
    };
    Ok(Draft { answers, ..draft })
}

fn read(row: &mut Row) -> Result<(Draft, serde_json::Value)> {
    let kept: serde_json::Value = row.get(4)?;
    let draft = Draft {
        id: row.get(0)?,
        procedure: row.get(1)?,
        version: row.get(2)?,
        account: row.get(3)?,
        answers: Answers::default(),
        updated_at: row.get(5)?,
        kept_until: row.get(6)?,
        mandate: row.get(7)?,
    };
    Ok((draft, kept))
}

/// Begins a draft. The code is told once.
pub fn start(
    tx: &mut Tx<'_>,
    procedure: &Procedure,
    account: Option<Id<Account>>,
    answers: &Answers,
    zone: Tz,
) -> Result<(Draft, TrackingCode)> {
    let code = TrackingCode::draw(tx);
    let draft = Draft {
        id: tx.new_id(),
        procedure: procedure.slug.clone(),
        version: procedure.version,
        account,
        answers: answers.clone(),
        updated_at: tx.now(),
        kept_until: civil_day(tx.now(), zone) + KEPT_FOR,
        mandate: None,
    };
    tx.execute(
        "INSERT INTO desk_draft (id, code_hash, procedure, version, account, answers, updated_at, kept_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &draft.id,
            &code.hash(),
            &draft.procedure,
            &draft.version,
            &draft.account,
            &kept(tx, draft.id, answers, procedure.sealed)?,
            &draft.updated_at,
            &draft.kept_until,
        ],
    )?;
    Ok((draft, code))
}

/// Says by which mandate a draft is filled in.
pub fn by_mandate(tx: &mut Tx<'_>, id: Id<Draft>, mandate: Id<Mandate>) -> Result<()> {
    tx.execute("UPDATE desk_draft SET mandate = $1 WHERE id = $2", &[&mandate, &id]).map(drop)
}

/// Keeps what was typed since.
pub fn save(tx: &mut Tx<'_>, draft: &Draft, answers: &Answers, sealed: bool, zone: Tz) -> Result<()> {
    let kept_until = civil_day(tx.now(), zone) + KEPT_FOR;
    tx.execute(
        "UPDATE desk_draft SET answers = $1, updated_at = $2, kept_until = $3, reminded_at = NULL WHERE id = $4",
        &[&kept(tx, draft.id, answers, sealed)?, &tx.now(), &kept_until, &draft.id],
    )
    .map(drop)
}

/// The draft that a code opens: the first one, or one of those that its account was given since.
pub fn find(tx: &mut Tx<'_>, code: &TrackingCode) -> Result<Option<Draft>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM desk_draft WHERE code_hash = $1 \
         OR id = (SELECT draft_id FROM desk_draft_code WHERE code_hash = $1)"
    );
    let found = tx.query_opt(&sql, &[&code.hash()], read)?;
    found.map(|found| open(tx, found)).transpose()
}

/// The drafts of an account, the last begun first.
pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Draft>> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM desk_draft WHERE account = $1 ORDER BY id DESC LIMIT $2"),
        &[&account, &LISTED_AT_MOST],
        read,
    )?
    .into_iter()
    .map(|found| open(tx, found))
    .collect()
}

/// One more code for a draft whose owner is known otherwise: by the account. Those before it still serve.
pub fn another_code(tx: &mut Tx<'_>, id: Id<Draft>) -> Result<TrackingCode> {
    let code = TrackingCode::draw(tx);
    tx.execute("INSERT INTO desk_draft_code (code_hash, draft_id) VALUES ($1, $2)", &[&code.hash(), &id])?;
    Ok(code)
}

/// Ends a draft: it was sent, or given up. The files that it still has are forgotten, and what it holds is given back.
pub(crate) fn discard(tx: &mut Tx<'_>, id: Id<Draft>) -> Result<()> {
    beffroi_documents::forget_of(tx, "draft", &[id.uuid()])?;
    if let Some(held) = booking::of_owner(tx, ("draft", id.uuid()))? {
        booking::let_go(tx, held.id)?;
    }
    tx.execute("DELETE FROM desk_draft WHERE id = $1", &[&id]).map(drop)
}

/// A draft that will be forgotten soon.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Which one.
    pub id: Id<Draft>,
    /// The procedure and its version.
    pub procedure: String,
    /// Its version.
    pub version: u32,
    /// The last day on which it waits.
    pub kept_until: Day,
    /// The address to write to: the account's, or the one that its code was mailed to.
    pub to: Option<String>,
    /// Whether it belongs to an account.
    pub owned: bool,
    /// The language of its owner.
    pub lang: Lang,
}

/// The drafts that go by this day and whose owners were not reminded, the next to go first.
pub fn ending(tx: &mut Tx<'_>, by: Day, limit: u32) -> Result<Vec<Ending>> {
    tx.query(
        "SELECT d.id, d.procedure, d.version, d.kept_until, a.email, a.language, \
         (SELECT m.recipient FROM mail m WHERE m.about_kind = 'draft' AND m.about_id = d.id \
         ORDER BY m.id DESC LIMIT 1) FROM desk_draft d \
         LEFT JOIN account a ON a.id = d.account AND a.state = 'active' \
         WHERE d.reminded_at IS NULL AND d.kept_until <= $1 ORDER BY d.kept_until, d.id LIMIT $2",
        &[&by, &limit],
        |row| {
            let (own, lang): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            let mailed: Option<String> = row.get(6)?;
            Ok(Ending {
                id: row.get(0)?,
                procedure: row.get(1)?,
                version: row.get(2)?,
                kept_until: row.get(3)?,
                owned: own.is_some(),
                to: own.or(mailed).filter(|address| !address.is_empty()),
                lang: lang.and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default(),
            })
        },
    )
}

/// Notes that the owner of a draft was reminded.
pub fn reminded(tx: &mut Tx<'_>, id: Id<Draft>) -> Result<()> {
    tx.execute("UPDATE desk_draft SET reminded_at = $1 WHERE id = $2", &[&tx.now(), &id]).map(drop)
}

/// Forgets the drafts whose time is over, with their files. Run it daily.
pub fn sweep(tx: &mut Tx<'_>, today: Day) -> Result<u64> {
    let over: Vec<Uuid> = tx.query(
        "DELETE FROM desk_draft WHERE id IN \
         (SELECT id FROM desk_draft WHERE kept_until < $1 ORDER BY kept_until, id LIMIT $2) RETURNING id",
        &[&today, &SWEPT_AT_ONCE],
        |row| row.get(0),
    )?;
    beffroi_documents::forget_of(tx, "draft", &over)?;
    for draft in &over {
        notify::mail::forget_about(tx, About { kind: "draft", id: *draft })?;
        tx.journal(&Entry {
            kind: "draft.erased",
            subject_kind: "draft",
            subject_id: *draft,
            payload: serde_json::json!({}),
        })?;
    }
    Ok(u64::try_from(over.len()).unwrap_or_default())
}
