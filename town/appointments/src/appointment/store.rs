//! Where appointments are kept.

use std::collections::BTreeMap;

use beffroi_calendar::{resource::Resource, spans::Span};
use beffroi_core::{Channel, Id, Instant, Lang};
use beffroi_people::Account;
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use uuid::Uuid;

use super::rules::{Contact, State};
use crate::{link::hash, motive::Motive, proposal::Proposal, wish::Wish};

/// Appointments of one day and site, at most.
const OF_DAY: u32 = 2_000;
/// Appointments to come of a commune, at most.
const TO_COME: u32 = 50_000;

/// A mark for appointments in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Mark {}

/// An appointment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Which.
    pub id: Id<Mark>,
    /// What it is called aloud.
    pub reference: String,
    /// For what.
    pub motive: Id<Motive>,
    /// Where.
    pub site: Id<Resource>,
    /// By whom.
    pub desk: Id<Resource>,
    /// From when to when.
    pub span: Span,
    /// How many persons come.
    pub persons: u32,
    /// Where it stands.
    pub state: State,
    /// Through which door it came.
    pub channel: Channel,
    /// In which language its owner is told.
    pub lang: Lang,
    /// Whom it is for.
    pub contact: Contact,
    /// The account from which it was booked, where there was one.
    pub account: Option<Id<Account>>,
    /// The wish that it answers, where it was offered.
    pub wish: Option<Id<Wish>>,
    /// The proposal that its time was held for, of the requester of a case.
    pub proposal: Option<Id<Proposal>>,
    /// When it was first held.
    pub made_at: Instant,
    /// Until when it is held.
    pub expires_at: Option<Instant>,
    /// When it was changed last.
    pub changed_at: Instant,
    /// How often.
    pub changes: u32,
    /// When they arrived.
    pub arrived_at: Option<Instant>,
    /// When they were received, or it was written down that they did not come.
    pub settled_at: Option<Instant>,
}

const COLUMNS: &str = "a.id, a.reference, a.motive, a.site, a.desk, a.starts_at, a.ends_at, a.persons, a.state, \
     a.channel, a.lang, a.name, a.email, a.phone, a.note, a.account, a.wish, a.made_at, a.expires_at, a.changed_at, \
     a.changes, a.arrived_at, a.settled_at, a.proposal FROM appointments_appointment a";

fn read(row: &mut Row) -> Result<Appointment> {
    let broken = || StoreError::Corrupt("an appointment cannot be read".to_owned());
    let (starts, ends) = (row.get(5)?, row.get(6)?);
    Ok(Appointment {
        id: row.get(0)?,
        reference: row.get(1)?,
        motive: row.get(2)?,
        site: row.get(3)?,
        desk: row.get(4)?,
        span: Span::new(starts, ends).ok_or_else(broken)?,
        persons: row.get(7)?,
        state: row.get(8)?,
        channel: Channel::from_word(&row.get::<String>(9)?).ok_or_else(broken)?,
        lang: Lang::from_tag(&row.get::<String>(10)?).ok_or_else(broken)?,
        contact: Contact {
            name: row.get(11)?,
            email: row.get(12)?,
            phone: row.get(13)?,
            note: row.get(14)?,
            numbers: Vec::new(),
        },
        account: row.get(15)?,
        wish: row.get(16)?,
        made_at: row.get(17)?,
        expires_at: row.get(18)?,
        changed_at: row.get(19)?,
        changes: row.get(20)?,
        arrived_at: row.get(21)?,
        settled_at: row.get(22)?,
        proposal: row.get(23)?,
    })
}

/// An appointment.
pub fn find(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Appointment>> {
    let found = tx.query_opt(&format!("SELECT {COLUMNS} WHERE a.id = $1"), &[&id], read)?;
    with_numbers(tx, found)
}

/// The appointment that a secret link opens.
pub fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Appointment>> {
    let found = tx.query_opt(
        &format!("SELECT {COLUMNS} WHERE a.link = $1 AND a.erased = FALSE"),
        &[&hash(link)],
        read,
    )?;
    with_numbers(tx, found)
}

fn with_numbers(tx: &mut Tx<'_>, found: Option<Appointment>) -> Result<Option<Appointment>> {
    let Some(mut found) = found else { return Ok(None) };
    let sql = "SELECT number FROM appointments_predemand WHERE appointment = $1 ORDER BY number LIMIT 20";
    found.contact.numbers = tx.query(sql, &[&found.id], |row| row.get(0))?;
    Ok(Some(found))
}

/// The secret link of an appointment, for whoever writes to its owner.
pub(super) fn link_of(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<String>> {
    let sql = "SELECT link_sealed FROM appointments_appointment WHERE id = $1";
    let sealed: Option<String> = tx.query_opt(sql, &[&id], |row| row.get(0))?;
    sealed.map(|sealed| tx.unseal_text(&context(id), &sealed)).transpose()
}

/// The secret links of appointments.
pub(crate) fn links_of(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeMap<Id<Mark>, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT id, link_sealed FROM appointments_appointment WHERE erased = FALSE AND id IN ({})",
        marks(1, ids.len())
    );
    let sealed: Vec<(Id<Mark>, String)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    sealed.into_iter().map(|(id, sealed)| Ok((id, tx.unseal_text(&context(id), &sealed)?))).collect()
}

fn context(id: Id<Mark>) -> String {
    format!("appointments.link.{id}")
}

/// Writes a new appointment down.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Appointment, link: &str) -> Result<()> {
    let sealed = tx.seal_text(&context(new.id), link)?;
    tx.execute(
        "INSERT INTO appointments_appointment (id, reference, motive, site, desk, starts_at, ends_at, persons, state, \
         channel, lang, name, email, phone, note, link, link_sealed, account, wish, made_at, expires_at, changed_at, \
         changes, arrived_at, settled_at, erased, proposal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, NULL, NULL, FALSE, $24)",
        &[
            &new.id,
            &new.reference,
            &new.motive,
            &new.site,
            &new.desk,
            &new.span.start(),
            &new.span.end(),
            &new.persons,
            &new.state,
            &new.channel.as_str(),
            &new.lang.tag(),
            &new.contact.name,
            &new.contact.email,
            &new.contact.phone,
            &new.contact.note,
            &hash(link),
            &sealed,
            &new.account,
            &new.wish,
            &new.made_at,
            &new.expires_at,
            &new.changed_at,
            &new.changes,
            &new.proposal,
        ],
    )
    .map(drop)
}

/// Writes down what has changed of an appointment.
pub(super) fn update(tx: &mut Tx<'_>, it: &Appointment) -> Result<()> {
    tx.execute(
        "UPDATE appointments_appointment SET site = $2, desk = $3, starts_at = $4, ends_at = $5, state = $6, \
         channel = $7, name = $8, email = $9, phone = $10, note = $11, account = $12, expires_at = $13, \
         changed_at = $14, changes = $15, arrived_at = $16, settled_at = $17, wish = $18 WHERE id = $1",
        &[
            &it.id,
            &it.site,
            &it.desk,
            &it.span.start(),
            &it.span.end(),
            &it.state,
            &it.channel.as_str(),
            &it.contact.name,
            &it.contact.email,
            &it.contact.phone,
            &it.contact.note,
            &it.account,
            &it.expires_at,
            &it.changed_at,
            &it.changes,
            &it.arrived_at,
            &it.settled_at,
            &it.wish,
        ],
    )
    .map(drop)
}

/// Keeps the numbers of pre-requests that an appointment is for.
pub(super) fn number(tx: &mut Tx<'_>, id: Id<Mark>, numbers: &[String]) -> Result<()> {
    tx.execute("DELETE FROM appointments_predemand WHERE appointment = $1", &[&id])?;
    if numbers.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (2..=numbers.len() + 1).map(|rank| format!("($1, ${rank})")).collect();
    let mut params: Vec<&dyn ToValue> = vec![&id];
    params.extend(numbers.iter().map(|number| number as &dyn ToValue));
    let sql = format!("INSERT INTO appointments_predemand (appointment, number) VALUES {}", rows.join(", "));
    tx.execute(&sql, &params).map(drop)
}

/// The appointments of a site that begin within a stretch of time, in their order; those held and given back too.
pub fn of_day(tx: &mut Tx<'_>, site: Id<Resource>, within: Span) -> Result<Vec<Appointment>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} WHERE a.site = $1 AND a.starts_at >= $2 AND a.starts_at < $3 \
             ORDER BY a.starts_at, a.id LIMIT $4"
        ),
        &[&site, &within.start(), &within.end(), &OF_DAY],
        read,
    )
}

/// The appointments of these counters within a stretch of time, in their order, and at most so many; those given back too,
/// without those that are only held.
pub(crate) fn of_desks(
    tx: &mut Tx<'_>,
    desks: &[Id<Resource>],
    within: Span,
    at_most: u32,
) -> Result<Vec<Appointment>> {
    if desks.is_empty() {
        return Ok(Vec::new());
    }
    let (first, last) = (within.start(), within.end());
    let mut params: Vec<&dyn ToValue> = vec![&first, &last, &at_most];
    params.extend(desks.iter().map(|desk| desk as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} WHERE a.starts_at >= $1 AND a.starts_at < $2 AND a.state <> 'held' AND a.desk IN ({}) \
         ORDER BY a.starts_at, a.id LIMIT $3",
        marks(4, desks.len())
    );
    tx.query(&sql, &params, read)
}

/// When and by whom an appointment is received.
pub type Expected = (Id<Mark>, Id<Resource>, Span);

/// The agreed appointments to come, in their order.
pub fn to_come(tx: &mut Tx<'_>) -> Result<Vec<Expected>> {
    let sql = "SELECT id, desk, starts_at, ends_at FROM appointments_appointment \
         WHERE state = 'booked' AND starts_at > $1 ORDER BY starts_at, id LIMIT $2";
    tx.query(sql, &[&tx.now(), &TO_COME], |row| {
        let broken = || StoreError::Corrupt("an appointment cannot be read".to_owned());
        let span = Span::new(row.get(2)?, row.get(3)?).ok_or_else(broken)?;
        Ok((row.get(0)?, row.get(1)?, span))
    })
}

/// These appointments, in their order.
pub fn some(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<Vec<Appointment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE a.id IN ({}) ORDER BY a.starts_at, a.id", marks(1, ids.len()));
    tx.query(&sql, &params, read)
}

/// How many agreed appointments to come somebody has for a motive, by their e-mail or telephone; but for one.
pub(super) fn agreed(tx: &mut Tx<'_>, motive: Id<Motive>, contact: &Contact, but: Id<Mark>) -> Result<u32> {
    tx.query_one(
        "SELECT COUNT(*) FROM appointments_appointment WHERE motive = $1 AND id <> $2 AND state = 'booked' \
         AND starts_at > $3 AND ((email <> '' AND email = $4) OR (phone <> '' AND phone = $5))",
        &[&motive, &but, &tx.now(), &contact.email, &contact.phone],
        |row| row.get(0),
    )
}

/// What an account has booked, newest first.
pub fn for_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Appointment>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE a.account = $1 AND a.erased = FALSE ORDER BY a.starts_at DESC, a.id LIMIT 200"),
        &[&account],
        read,
    )
}

/// The agreed appointments to come for these numbers of pre-requests.
pub fn of_numbers(tx: &mut Tx<'_>, numbers: &[String]) -> Result<Vec<(String, Appointment)>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let mut params: Vec<&dyn ToValue> = vec![&now];
    params.extend(numbers.iter().map(|number| number as &dyn ToValue));
    let list = marks(2, numbers.len());
    let sql = format!(
        "SELECT {COLUMNS} WHERE a.state = 'booked' AND a.starts_at > $1 AND a.id IN \
         (SELECT appointment FROM appointments_predemand WHERE number IN ({list})) ORDER BY a.starts_at, a.id LIMIT 500"
    );
    let found: BTreeMap<Id<Mark>, Appointment> =
        tx.query(&sql, &params, read)?.into_iter().map(|it| (it.id, it)).collect();
    let params: Vec<&dyn ToValue> = numbers.iter().map(|number| number as &dyn ToValue).collect();
    let sql = format!(
        "SELECT number, appointment FROM appointments_predemand WHERE number IN ({}) ORDER BY number, appointment \
         LIMIT 2000",
        marks(1, numbers.len())
    );
    let pairs: Vec<(String, Id<Mark>)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.into_iter().filter_map(|(number, id)| Some((number, found.get(&id)?.clone()))).collect())
}

/// How many appointments are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// In which of the stretches they begin.
    pub stretch: usize,
    /// For what.
    pub motive: Id<Motive>,
    /// Where.
    pub site: Id<Resource>,
    /// Through which door.
    pub channel: Channel,
    /// Where they stand.
    pub state: State,
    /// How many.
    pub count: u32,
}

/// Kinds of appointments that are counted, at most.
pub const COUNTED_AT_MOST: u32 = 20_000;

/// How many appointments begin in stretches of time that follow one another, before a moment: by stretch, motive, site, door
/// and state, [`COUNTED_AT_MOST`] of these.
pub fn counts(tx: &mut Tx<'_>, stretches: &[Span], before: Instant) -> Result<Vec<Counted>> {
    let (Some(first), Some((last, others))) = (stretches.first(), stretches.split_last()) else {
        return Ok(Vec::new());
    };
    let (start, end) = (first.start(), last.end().min(before));
    let ends: Vec<Instant> = others.iter().map(|stretch| stretch.end()).collect();
    let choices = (0..ends.len()).map(|rank| format!("WHEN starts_at < ${} THEN {rank}", rank + 4));
    let choices = choices.collect::<Vec<_>>().join(" ");
    // One alone needs no choice.
    let stretch =
        if ends.is_empty() { "0".to_owned() } else { format!("CASE {choices} ELSE {} END", ends.len()) };
    let sql = format!(
        "SELECT stretch, motive, site, channel, state, COUNT(*) FROM \
         (SELECT {stretch} AS stretch, motive, site, channel, state FROM appointments_appointment \
         WHERE starts_at >= $1 AND starts_at < $2) AS told \
         GROUP BY stretch, motive, site, channel, state \
         ORDER BY stretch, motive, site, channel, state LIMIT $3"
    );
    let mut params: Vec<&dyn ToValue> = vec![&start, &end, &COUNTED_AT_MOST];
    params.extend(ends.iter().map(|end| end as &dyn ToValue));
    tx.query(&sql, &params, |row| {
        let stretch: u32 = row.get(0)?;
        let channel = Channel::from_word(&row.get::<String>(3)?);
        Ok(Counted {
            stretch: usize::try_from(stretch).unwrap_or(usize::MAX),
            motive: row.get(1)?,
            site: row.get(2)?,
            channel: channel.ok_or_else(|| StoreError::Corrupt("a door cannot be read".to_owned()))?,
            state: row.get(4)?,
            count: row.get(5)?,
        })
    })
}

/// Times that were offered and not taken in time; so many at most.
pub(super) fn unanswered(tx: &mut Tx<'_>, at_most: u32) -> Result<Vec<Appointment>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} WHERE a.expires_at IS NOT NULL AND a.expires_at <= $1 AND a.state = 'held' \
             AND a.wish IS NOT NULL ORDER BY a.expires_at, a.id LIMIT $2"
        ),
        &[&tx.now(), &at_most],
        read,
    )
}

/// What is offered now to people who left no e-mail address, the soonest to be given on first.
pub(crate) fn offered_without_mail(tx: &mut Tx<'_>, at_most: u32) -> Result<Vec<Appointment>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} WHERE a.expires_at IS NOT NULL AND a.expires_at > $1 AND a.state = 'held' \
             AND a.wish IS NOT NULL AND a.email = '' ORDER BY a.expires_at, a.id LIMIT $2"
        ),
        &[&tx.now(), &at_most],
        read,
    )
}

/// What is held, or offered, for a wish.
pub(super) fn of_wish(tx: &mut Tx<'_>, wish: Id<Wish>) -> Result<Option<Appointment>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE a.wish = $1 AND a.state = 'held'"), &[&wish], read)
}

/// Forgets what was held.
pub(super) fn delete(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<()> {
    tx.execute("DELETE FROM appointments_appointment WHERE id = $1 AND state = 'held'", &[&id]).map(drop)
}

/// Forgets what was held, expired before an instant, and names nobody; how many.
pub(super) fn delete_expired(tx: &mut Tx<'_>, before: Instant) -> Result<u64> {
    tx.execute(
        "DELETE FROM appointments_appointment WHERE expires_at IS NOT NULL AND expires_at <= $1 \
         AND state = 'held' AND wish IS NULL",
        &[&before],
    )
}

/// Forgets whom appointments that began before an instant were for: name, ways to reach them, note, numbers, link. At
/// most so many at once; which.
pub(crate) fn forget(tx: &mut Tx<'_>, before: Instant, at_most: u32) -> Result<Vec<Uuid>> {
    let gone: Vec<Uuid> = tx.query(
        "SELECT id FROM appointments_appointment WHERE erased = FALSE AND starts_at < $1 \
         ORDER BY starts_at, id LIMIT $2",
        &[&before, &at_most],
        |row| row.get(0),
    )?;
    if gone.is_empty() {
        return Ok(gone);
    }
    let params: Vec<&dyn ToValue> = gone.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, gone.len());
    tx.execute(&format!("DELETE FROM appointments_predemand WHERE appointment IN ({list})"), &params)?;
    let sql = format!(
        "UPDATE appointments_appointment SET name = '', email = '', phone = '', note = '', account = NULL, \
         link_sealed = '', erased = TRUE WHERE id IN ({list})"
    );
    tx.execute(&sql, &params)?;
    Ok(gone)
}

/// An account has ended for good: its appointments no longer lead to it.
pub(crate) fn erase_of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    tx.execute("UPDATE appointments_appointment SET account = NULL WHERE account = $1", &[&account]).map(drop)
}
