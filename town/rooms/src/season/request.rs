//! What an association wishes of a round, and who is reached for it.

use std::collections::BTreeMap;

use beffroi_calendar::season::Wish;
use beffroi_core::{Channel, Id, Instant, Lang, text::fold};
use beffroi_documents as documents;
use beffroi_notify::{About, letter, mail};
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, journal, marks};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::round::Round;

/// What the journal and the mails call it.
pub const SUBJECT: &str = "season-request";
/// Requests of a round, at most.
pub const REQUESTS_AT_MOST: u32 = 300;
/// How long who is reached stays known once the season is over.
const KNOWN: TimeDelta = TimeDelta::days(365);
/// Requests that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 100;
/// Requests of an account that are shown, at most.
const OF_AN_ACCOUNT: u32 = 50;
/// Letters that are not taken for one another when they are read aloud.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// What is said of an association.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// Its name; kept beside.
    #[serde(skip)]
    pub name: String,
    /// Its number: RNA, SIREN or SIRET, without spaces. Empty where it has none.
    pub number: String,
    /// How many people it has.
    pub members: u32,
    /// How many of them live in the commune.
    pub residents: u32,
    /// How many of them are under 18.
    pub young: u32,
    /// Whether it has its seat in another commune: then it pays as such, and has no free uses.
    pub elsewhere: bool,
}

impl Body {
    /// What tells it from others: its number, or else its name; as free uses are counted.
    pub fn key(&self) -> String {
        if self.number.is_empty() { fold(&self.name) } else { fold(&self.number) }
    }
}

/// Who is reached for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// E-mail; empty where they have none.
    pub email: String,
    /// Telephone; empty where nothing is said.
    pub phone: String,
    /// Where they are written to by post, line by line; empty where nothing is said.
    pub address: String,
}

/// A wish with what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wished {
    /// What is done: `Cours de yoga`.
    pub activity: String,
    /// What is wished.
    #[serde(flatten)]
    pub wish: Wish,
}

/// A request of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub id: Id<Self>,
    /// Of which round.
    pub round: Id<Round>,
    /// What it is called aloud, and what its lot is drawn by.
    pub reference: String,
    /// Of whom.
    pub body: Body,
    /// Who is reached.
    pub contact: Contact,
    /// What is wished, the most important first.
    pub wishes: Vec<Wished>,
    /// From which account.
    pub account: Option<Uuid>,
    /// Through which door.
    pub channel: Channel,
    /// In which language they are told.
    pub lang: Lang,
    /// When it was last changed.
    pub changed_at: Instant,
}

impl Request {
    /// It with the name of its association.
    pub fn named(&self) -> (Id<Self>, String) {
        (self.id, self.body.name.clone())
    }

    /// Minutes a week that are wished.
    pub fn wished(&self) -> u32 {
        self.wishes
            .iter()
            .map(|it| it.wish.minutes.saturating_mul(it.wish.times))
            .fold(0, u32::saturating_add)
    }
}

/// A request as it is handed in.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Of whom.
    pub body: Body,
    /// Who is reached.
    pub contact: Contact,
    /// What is wished.
    pub wishes: Vec<Wished>,
    /// From which account.
    pub account: Option<Uuid>,
    /// Through which door.
    pub channel: Channel,
    /// In which language they are told.
    pub lang: Lang,
}

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// That association has handed one in: it is changed, and not made twice.
    #[error("that association has a request in this round")]
    Twice,
    /// The round has as many as it can have.
    #[error("a round has {REQUESTS_AT_MOST} requests at most")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, round, reference, name, sheet, contact, email, phone, wishes, account, channel, lang, \
     changed_at, address FROM rooms_round_request";

fn read(row: &mut Row) -> Result<Request> {
    let broken = || StoreError::Corrupt("a request of a round cannot be read".to_owned());
    Ok(Request {
        id: row.get(0)?,
        round: row.get(1)?,
        reference: row.get(2)?,
        body: {
            let name = row.get(3)?;
            Body { name, ..serde_json::from_value(row.get(4)?)? }
        },
        contact: Contact { name: row.get(5)?, email: row.get(6)?, phone: row.get(7)?, address: row.get(13)? },
        wishes: serde_json::from_value(row.get(8)?)?,
        account: row.get(9)?,
        channel: Channel::from_word(&row.get::<String>(10)?).ok_or_else(broken)?,
        lang: Lang::from_tag(&row.get::<String>(11)?).ok_or_else(broken)?,
        changed_at: row.get(12)?,
    })
}

/// The requests of a round, by the names of the associations.
pub fn of_round(tx: &mut Tx<'_>, round: Id<Round>) -> Result<Vec<Request>> {
    let sql = format!("SELECT {COLUMNS} WHERE round = $1 ORDER BY id LIMIT $2");
    let mut found = tx.query(&sql, &[&round, &REQUESTS_AT_MOST], read)?;
    found.sort_by_cached_key(|request| (fold(&request.body.name), request.id));
    Ok(found)
}

/// What the associations of a round are called.
pub fn names(tx: &mut Tx<'_>, round: Id<Round>) -> Result<Vec<(Id<Request>, String)>> {
    let sql = "SELECT id, name FROM rooms_round_request WHERE round = $1 ORDER BY id LIMIT $2";
    tx.query(sql, &[&round, &REQUESTS_AT_MOST], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A request of a round.
pub fn find(tx: &mut Tx<'_>, round: Id<Round>, id: Id<Request>) -> Result<Option<Request>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1 AND round = $2"), &[&id, &round], read)
}

/// A request of whatever round.
pub(super) fn by_id(tx: &mut Tx<'_>, id: Id<Request>) -> Result<Option<Request>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// These requests, of whatever rounds.
pub(super) fn several(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Request>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE id IN ({}) ORDER BY id", marks(1, ids.len()));
    tx.query(&sql, &params, read)
}

/// The requests of an account, the latest first.
pub fn of_account(tx: &mut Tx<'_>, account: Uuid) -> Result<Vec<Request>> {
    let sql = format!("SELECT {COLUMNS} WHERE account = $1 ORDER BY id DESC LIMIT $2");
    tx.query(&sql, &[&account, &OF_AN_ACCOUNT], read)
}

/// How many requests rounds have.
pub fn counts(tx: &mut Tx<'_>) -> Result<BTreeMap<Id<Round>, i64>> {
    let sql = "SELECT round, COUNT(*) FROM rooms_round_request GROUP BY round ORDER BY round LIMIT 1000";
    Ok(tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

/// The associations that had a time in a round.
pub fn served(tx: &mut Tx<'_>, round: Id<Round>) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT r.body FROM rooms_round_request r JOIN rooms_allotment a ON a.request = r.id \
         WHERE r.round = $1 ORDER BY r.body LIMIT $2";
    tx.query(sql, &[&round, &REQUESTS_AT_MOST], |row| row.get(0))
}

/// The requests of an association in all rounds, by its numbers, the latest first.
pub(crate) fn of_numbers(tx: &mut Tx<'_>, numbers: &[String], limit: u32) -> Result<Vec<Uuid>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let bodies: Vec<String> = numbers.iter().map(|number| fold(number)).collect();
    let mut params: Vec<&dyn ToValue> = vec![&limit];
    params.extend(bodies.iter().map(|body| body as &dyn ToValue));
    let sql = format!(
        "SELECT id FROM rooms_round_request WHERE body IN ({}) ORDER BY id DESC LIMIT $1",
        marks(2, bodies.len())
    );
    tx.query(&sql, &params, |row| row.get(0))
}

/// Another request of a round for the same association.
fn other(tx: &mut Tx<'_>, round: Id<Round>, body: &str, but: Option<Id<Request>>) -> Result<bool> {
    let sql = "SELECT id FROM rooms_round_request WHERE round = $1 AND body = $2";
    let found: Option<Id<Request>> = tx.query_opt(sql, &[&round, &body], |row| row.get(0))?;
    Ok(found.is_some_and(|found| Some(found) != but))
}

/// Takes a request.
///
/// # Errors
/// [`NotTaken`].
pub fn hand_in(tx: &mut Tx<'_>, round: &Round, new: &NewRequest) -> Result<Request, NotTaken> {
    let body = new.body.key();
    if other(tx, round.id, &body, None)? {
        return Err(NotTaken::Twice);
    }
    let count = "SELECT COUNT(*) FROM rooms_round_request WHERE round = $1";
    let count: i64 = tx.query_one(count, &[&round.id], |row| row.get(0))?;
    if count >= i64::from(REQUESTS_AT_MOST) {
        return Err(NotTaken::Full);
    }
    let request = Request {
        id: tx.new_id(),
        round: round.id,
        reference: reference(tx),
        body: new.body.clone(),
        contact: new.contact.clone(),
        wishes: new.wishes.clone(),
        account: new.account,
        channel: new.channel,
        lang: new.lang,
        changed_at: tx.now(),
    };
    tx.execute(
        "INSERT INTO rooms_round_request (id, round, reference, body, name, sheet, contact, email, phone, wishes, \
         account, channel, lang, made_at, changed_at, erased, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
         $9, $10, $11, $12, $13, $14, $14, FALSE, $15)",
        &[
            &request.id,
            &round.id,
            &request.reference,
            &body,
            &request.body.name,
            &json_of(&request.body)?,
            &request.contact.name,
            &request.contact.email,
            &request.contact.phone,
            &json_of(&request.wishes)?,
            &request.account,
            &request.channel.as_str(),
            &request.lang.tag(),
            &tx.now(),
            &request.contact.address,
        ],
    )?;
    note(tx, "season-request.received", &request)?;
    Ok(request)
}

/// Changes what a request says. Its reference, its door and its account stay.
///
/// # Errors
/// [`NotTaken::Twice`], where another association of that number or name has one.
pub fn change(tx: &mut Tx<'_>, request: &Request, new: &NewRequest) -> Result<Request, NotTaken> {
    let body = new.body.key();
    if other(tx, request.round, &body, Some(request.id))? {
        return Err(NotTaken::Twice);
    }
    tx.execute(
        "UPDATE rooms_round_request SET body = $2, name = $3, sheet = $4, contact = $5, email = $6, phone = $7, \
         wishes = $8, changed_at = $9, address = $10 WHERE id = $1",
        &[
            &request.id,
            &body,
            &new.body.name,
            &json_of(&new.body)?,
            &new.contact.name,
            &new.contact.email,
            &new.contact.phone,
            &json_of(&new.wishes)?,
            &tx.now(),
            &new.contact.address,
        ],
    )?;
    note(tx, "season-request.changed", request)?;
    Ok(Request {
        body: new.body.clone(),
        contact: new.contact.clone(),
        wishes: new.wishes.clone(),
        changed_at: tx.now(),
        ..request.clone()
    })
}

/// Takes a request back, while wishes are taken.
pub fn withdraw(tx: &mut Tx<'_>, request: &Request) -> Result<()> {
    mail::forget_about(tx, About { kind: SUBJECT, id: request.id.uuid() })?;
    tx.execute("DELETE FROM rooms_round_request WHERE id = $1", &[&request.id])?;
    note(tx, "season-request.withdrawn", request)
}

/// An account has ended: its requests lead to it no more.
pub(crate) fn erase_account(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    let sql = "UPDATE rooms_round_request SET account = NULL WHERE account = $1";
    tx.execute(sql, &[&account]).map(drop)
}

/// Forgets who was reached for seasons that are over since a year; how many. Run it hourly.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<u64> {
    let before = (tx.now() - KNOWN).date_naive();
    let gone: Vec<Uuid> = tx.query(
        "SELECT r.id FROM rooms_round_request r JOIN rooms_round s ON s.id = r.round \
         WHERE r.erased = FALSE AND s.last_day < $1 ORDER BY r.id LIMIT $2",
        &[&before, &FORGOTTEN_AT_ONCE],
        |row| row.get(0),
    )?;
    if gone.is_empty() {
        return Ok(0);
    }
    let params: Vec<&dyn ToValue> = gone.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "UPDATE rooms_round_request SET contact = '', email = '', phone = '', address = '', account = NULL, erased = TRUE \
         WHERE id IN ({})",
        marks(1, params.len())
    );
    tx.execute(&sql, &params)?;
    for id in &gone {
        mail::forget_about(tx, About { kind: SUBJECT, id: *id })?;
        letter::forget_about(tx, About { kind: SUBJECT, id: *id })?;
        journal::erase_payloads(tx, SUBJECT, *id)?;
    }
    documents::forget_of(tx, SUBJECT, &gone)?;
    if let Some(first) = gone.first() {
        tx.journal(&Entry {
            kind: "season-request.forgotten",
            subject_kind: SUBJECT,
            subject_id: *first,
            payload: json!({ "count": gone.len() }),
        })?;
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

fn json_of(it: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(it).map_err(StoreError::from)
}

fn note(tx: &mut Tx<'_>, kind: &str, request: &Request) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: SUBJECT,
        subject_id: request.id.uuid(),
        payload: json!({ "round": request.round, "reference": request.reference }),
    })
    .map(drop)
}

/// `SA-7K2M-9QTA`.
fn reference(tx: &Tx<'_>) -> String {
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('2', char::from);
    let letters: Vec<char> = tx.random::<8>().into_iter().map(letter).collect();
    let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    format!("SA-{}", groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_association_is_known_by_its_number_or_else_by_its_name() {
        let body = |name: &str, number: &str| Body {
            name: name.to_owned(),
            number: number.to_owned(),
            ..Body::default()
        };
        assert_eq!(body("Pas à pas", "W341005678").key(), body("PAS A PAS", "W341005678").key());
        assert_eq!(body("Pas à pas", "").key(), body("PAS  À-PAS", "").key());
        assert_ne!(body("Pas à pas", "").key(), body("Pas à pas", "W341005678").key());
    }
}
