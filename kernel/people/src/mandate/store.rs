//! The table of mandates.

use beffroi_core::{Day, Id, Instant, Lang, Sector, text::fold};
use beffroi_store::{JournalEntry, Result, Row, StoreError, ToValue, Tx, journal};

use super::rules::{By, Helped, Helper, Proof, Scope, State, Status, Term, status};
use crate::{Account, Person, account};

/// Mandates that one list shows.
const LISTED_AT_MOST: u32 = 100;

/// What a mandate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMandate {
    /// The account that acts.
    pub account: Id<Account>,
    /// What its owner is to the helped person.
    pub helper: Helper,
    /// How the helped person knows the helper.
    pub helper_name: String,
    /// Who is helped.
    pub helped: Helped,
    /// The record from which it was begun at the counter.
    pub person: Option<Id<Person>>,
    /// In what.
    pub scope: Scope,
    /// For how long.
    pub term: Term,
    /// What shows the consent.
    pub proof: Proof,
    /// Whether the helper is told of the town's answers; the helped person always is.
    pub copies: bool,
    /// In which language the helped person is written to.
    pub lang: Lang,
}

/// A mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// Which one.
    pub id: Id<Mandate>,
    /// What it says.
    pub details: NewMandate,
    /// The account of the helped person, if they had one when they consented.
    pub helped_account: Option<Id<Account>>,
    /// How far it has come.
    pub state: State,
    /// When it was asked for.
    pub asked_at: Instant,
    /// First day and last day, once it was consented to.
    pub days: Option<(Day, Day)>,
    /// How often a wrong code was given.
    pub code_tries: u32,
    /// Until when the code serves.
    pub code_until: Option<Instant>,
    /// When it was ended or refused.
    pub ended_at: Option<Instant>,
    /// By whom.
    pub ended_by: Option<By>,
}

impl Mandate {
    /// How it stands on a day.
    pub fn status(&self, today: Day) -> Status {
        status(self.state, self.days, today)
    }

    /// Whether one may act by it in a procedure of a sector on a day.
    pub fn covers(&self, procedure: &str, sector: Sector, today: Day) -> bool {
        self.status(today) == Status::Running && self.details.scope.covers(procedure, sector)
    }
}

const COLUMNS: &str = "id, account, helper, helper_name, helped, person, helped_account, scope, days, state, \
     proof, copies, asked_at, from_day, until_day, code_tries, code_until, ended_at, ended_by, \
     lang FROM mandate";

fn read(row: &mut Row) -> Result<Mandate> {
    let (scope, days): (String, u32) = (row.get(7)?, row.get(8)?);
    let corrupt = |what: &str| StoreError::Corrupt(format!("a mandate has no {what}"));
    let (from, until): (Option<Day>, Option<Day>) = (row.get(13)?, row.get(14)?);
    Ok(Mandate {
        id: row.get(0)?,
        details: NewMandate {
            account: row.get(1)?,
            helper: row.get(2)?,
            helper_name: row.get(3)?,
            helped: serde_json::from_value(row.get(4)?)?,
            person: row.get(5)?,
            scope: Scope::parse(&scope).ok_or_else(|| corrupt("scope"))?,
            term: Term::of_days(days).ok_or_else(|| corrupt("term"))?,
            proof: row.get(10)?,
            copies: row.get(11)?,
            lang: Lang::from_tag(&row.get::<String>(19)?).unwrap_or_default(),
        },
        helped_account: row.get(6)?,
        state: row.get(9)?,
        asked_at: row.get(12)?,
        days: from.zip(until),
        code_tries: row.get(15)?,
        code_until: row.get(16)?,
        ended_at: row.get(17)?,
        ended_by: row.get(18)?,
    })
}

/// The mandate of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Mandate>) -> Result<Option<Mandate>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The mandate whose helped person holds this link.
pub fn by_link(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Mandate>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE link_hash = $1"), &[&crate::secret::hash(secret)], read)
}

/// The mandates that an account asked for, the latest first.
pub fn held_by(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Mandate>> {
    let sql = format!("SELECT {COLUMNS} WHERE account = $1 ORDER BY id DESC LIMIT $2");
    tx.query(&sql, &[&account, &LISTED_AT_MOST], read)
}

/// The mandates that the owner of an account gave or is asked for, the latest first: those that name the account, and
/// those that were sent to its address, once its owner has shown that it is theirs.
pub fn given_by(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Mandate>> {
    let email = verified_email(tx, account)?.unwrap_or_default();
    let sql = format!(
        "SELECT {COLUMNS} WHERE helped_account = $1 OR (recipient = $2 AND recipient <> '' \
         AND helped_account IS NULL AND account <> $1) ORDER BY id DESC LIMIT $3"
    );
    tx.query(&sql, &[&account, &email, &LISTED_AT_MOST], read)
}

/// Whether an account is the helped person's: a mandate names it, or was sent to its address.
pub fn offered_to(tx: &mut Tx<'_>, mandate: &Mandate, account: Id<Account>) -> Result<bool> {
    if mandate.details.account == account {
        return Ok(false);
    }
    if let Some(own) = mandate.helped_account {
        return Ok(own == account);
    }
    let email = verified_email(tx, account)?;
    Ok(email.is_some_and(|email| email == mandate.details.helped.recipient()))
}

/// The address of an account, as mandates keep whom they were sent to; none before its owner has shown that it is
/// theirs.
fn verified_email(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Option<String>> {
    let found = account::find(tx, account)?.filter(|found| found.email_verified_at.is_some());
    Ok(found.and_then(|found| account::normalise_email(&found.email)))
}

/// The mandates that were begun from a person's record, the latest first.
pub fn of_person(tx: &mut Tx<'_>, person: Id<Person>) -> Result<Vec<Mandate>> {
    let sql = format!("SELECT {COLUMNS} WHERE person = $1 ORDER BY id DESC LIMIT $2");
    tx.query(&sql, &[&person, &LISTED_AT_MOST], read)
}

/// The mandates that a condition, an order and a limit name.
pub(super) fn listed(tx: &mut Tx<'_>, which: &str, values: &[&dyn ToValue]) -> Result<Vec<Mandate>> {
    tx.query(&format!("SELECT {COLUMNS} {which}"), values, read)
}

/// The mandates of helped persons whose names begin so, the latest first: for whoever asks at the counter or by
/// telephone to end one.
pub fn named(tx: &mut Tx<'_>, name: &str, limit: u32) -> Result<Vec<Mandate>> {
    let folded = fold(name);
    if folded.chars().count() < 2 {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} WHERE search_helped >= $1 AND search_helped < $2 ORDER BY search_helped, id DESC LIMIT $3"
    );
    tx.query(&sql, &[&folded, &format!("{folded}\u{10ffff}"), &limit], read)
}

/// How many of an account's mandates wait for a consent.
pub fn open_asks(tx: &mut Tx<'_>, account: Id<Account>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM mandate WHERE account = $1 AND state = 'asked'", &[&account], |row| {
        row.get(0)
    })
}

/// How many mandates an account has asked for since then, those that are over among them.
pub fn asked_by(tx: &mut Tx<'_>, account: Id<Account>, since: Instant) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM mandate WHERE account = $1 AND asked_at > $2";
    tx.query_one(sql, &[&account, &since], |row| row.get(0))
}

/// How often one person was asked since then, by whomever: the same e-mail address or, without one, the same postal
/// address. Nought where neither is known.
pub fn asked_of(tx: &mut Tx<'_>, helped: &Helped, since: Instant) -> Result<i64> {
    let recipient = helped.recipient();
    if recipient.is_empty() {
        return Ok(0);
    }
    let sql = "SELECT COUNT(*) FROM mandate WHERE recipient = $1 AND asked_at > $2";
    tx.query_one(sql, &[&recipient, &since], |row| row.get(0))
}

/// The mandates of an account that cover a procedure of a sector on a day, by the names of the helped persons.
pub fn covering(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    procedure: &str,
    sector: Sector,
    today: Day,
) -> Result<Vec<Mandate>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE account = $1 AND state = 'running' AND until_day >= $2 \
         ORDER BY search_helped, id LIMIT $3"
    );
    let mut found = tx.query(&sql, &[&account, &today, &LISTED_AT_MOST], read)?;
    found.retain(|mandate| mandate.covers(procedure, sector, today));
    Ok(found)
}

/// What was done with a mandate, oldest first: what its helped person reads.
pub fn history(tx: &mut Tx<'_>, id: Id<Mandate>, limit: u32) -> Result<Vec<JournalEntry>> {
    journal::of_subject(tx, "mandate", id.uuid(), limit)
}

/// What happened to these mandates, oldest first: the last `limit` entries of all.
pub fn histories(tx: &mut Tx<'_>, ids: &[Id<Mandate>], limit: u32) -> Result<Vec<JournalEntry>> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    journal::of_subjects(tx, "mandate", &ids, limit)
}

pub(super) struct Secrets<'a> {
    pub(super) code: Option<(&'a [u8; 32], Instant)>,
    pub(super) link: &'a [u8; 32],
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewMandate, secrets: &Secrets<'_>) -> Result<Id<Mandate>> {
    let id: Id<Mandate> = tx.new_id();
    let helped = &new.helped;
    let search = fold(&[helped.family_name.as_str(), &helped.used_name, &helped.given_names].join(" "));
    let (code, until) = secrets.code.unzip();
    tx.execute(
        "INSERT INTO mandate (id, account, helper, helper_name, helped, search_helped, person, helped_account, \
         scope, days, state, proof, copies, asked_at, from_day, until_day, code_hash, code_tries, code_until, \
         link_hash, ended_at, ended_by, lang, recipient) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $9, 'asked', $10, $11, $12, NULL, NULL, $13, 0, $14, $15, \
         NULL, NULL, $16, $17)",
        &[
            &id,
            &new.account,
            &new.helper,
            &new.helper_name,
            &serde_json::to_value(helped)?,
            &search,
            &new.person,
            &new.scope.to_text(),
            &new.term.days(),
            &new.proof,
            &new.copies,
            &tx.now(),
            &code.copied().map(|hash: [u8; 32]| hash.to_vec()),
            &until,
            secrets.link,
            &new.lang.tag(),
            &helped.recipient(),
        ],
    )?;
    Ok(id)
}

pub(super) fn start(
    tx: &mut Tx<'_>,
    mandate: &Mandate,
    today: Day,
    account: Option<Id<Account>>,
) -> Result<bool> {
    let until = mandate.details.term.until(today);
    let started = tx.execute(
        "UPDATE mandate SET state = 'running', from_day = $1, until_day = $2, code_hash = NULL, \
         helped_account = COALESCE($3, helped_account) WHERE id = $4 AND state = 'asked'",
        &[&today, &until, &account, &mandate.id],
    )?;
    Ok(started == 1)
}

/// What waits is refused; what waits or runs is ended.
pub(super) fn close(tx: &mut Tx<'_>, id: Id<Mandate>, state: State, by: By) -> Result<bool> {
    let closed = tx.execute(
        "UPDATE mandate SET state = $1, ended_at = $2, ended_by = $3, code_hash = NULL \
         WHERE id = $4 AND (state = 'asked' OR (state = 'running' AND $1 = 'ended'))",
        &[&state, &tx.now(), &by, &id],
    )?;
    Ok(closed == 1)
}

/// The hash of the code that serves now.
pub(super) fn code_of(tx: &mut Tx<'_>, id: Id<Mandate>) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> = tx.query_opt(
        "SELECT code_hash FROM mandate WHERE id = $1 AND state = 'asked' AND code_until > $2",
        &[&id, &tx.now()],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

pub(super) fn count_try(tx: &mut Tx<'_>, id: Id<Mandate>, at_most: u32) -> Result<()> {
    tx.execute("UPDATE mandate SET code_tries = code_tries + 1 WHERE id = $1", &[&id])?;
    // After too many, the code opens nothing any more.
    tx.execute("UPDATE mandate SET code_hash = NULL WHERE id = $1 AND code_tries >= $2", &[&id, &at_most])
        .map(drop)
}

pub(super) fn set_link(tx: &mut Tx<'_>, id: Id<Mandate>, hash: &[u8; 32]) -> Result<()> {
    tx.execute("UPDATE mandate SET link_hash = $1 WHERE id = $2", &[hash, &id]).map(drop)
}

/// Mandates that ended, or were never consented to, before an instant.
pub(super) fn over(tx: &mut Tx<'_>, before: Instant, day: Day, limit: u32) -> Result<Vec<Id<Mandate>>> {
    tx.query(
        "SELECT id FROM mandate WHERE (state = 'asked' AND asked_at < $1) OR (ended_at < $1) \
         OR (state = 'running' AND until_day < $2) ORDER BY id LIMIT $3",
        &[&before, &day, &limit],
        |row| row.get(0),
    )
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id<Mandate>) -> Result<()> {
    tx.execute("DELETE FROM mandate WHERE id = $1", &[&id]).map(drop)
}
