//! Where registrations are kept, and what they have of which session.

use std::collections::BTreeMap;

use beffroi_core::{Cents, Channel, Id, Instant, Lang};
use beffroi_people::Department;
use beffroi_store::{Result, Row, StoreError, ToValue, Tx, marks};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rules::{AgeBand, Person, Presence, SeatState, Way};
use crate::{price::Price, series::Series, session::Mark as Session};

/// Rows of one list, at most.
const LISTED: u32 = 1_000;
/// Letters of a code.
const CODE: usize = 16;

/// A mark for registrations in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Mark {}

/// Whoever takes part, through all their registrations: it leads to nobody once these are erased.
#[derive(Clone, Copy, Debug)]
pub enum Participant {}

/// A registration as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Which.
    pub id: Id<Mark>,
    /// What it is called aloud.
    pub reference: String,
    /// For what.
    pub series: Id<Series>,
    /// Who takes part, through all their registrations.
    pub participant: Id<Participant>,
    /// Who it is.
    pub person: Person,
    /// Through which door it came.
    pub channel: Channel,
    /// In which language they are told.
    pub lang: Lang,
    /// From which account.
    pub account: Option<Uuid>,
    /// When it was made.
    pub made_at: Instant,
    /// Whether it names nobody any more.
    pub erased: bool,
    /// What each session costs; `None` where it is free.
    pub price: Option<Price>,
}

/// What a registration has of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which.
    pub id: Id<Self>,
    /// Of whom.
    pub registration: Id<Mark>,
    /// Of which session.
    pub session: Id<Session>,
    /// What it is.
    pub state: SeatState,
    /// The how many-th wish it was.
    pub turn: u32,
    /// Until when it is offered.
    pub expires_at: Option<Instant>,
    /// Whether they came.
    pub presence: Presence,
    /// What is asked for it: nothing for a seat that is not had yet, or was given back in time.
    pub cents: Cents,
}

const COLUMNS: &str = "r.id, r.reference, r.series, r.participant, r.name, r.registrant, r.email, r.phone, r.address, \
     r.way, r.band, r.note, r.channel, r.lang, r.account, r.made_at, r.erased, r.price \
     FROM workshops_registration r";

fn read(row: &mut Row) -> Result<Registration> {
    let broken = || StoreError::Corrupt("a registration cannot be read".to_owned());
    Ok(Registration {
        id: row.get(0)?,
        reference: row.get(1)?,
        series: row.get(2)?,
        participant: row.get(3)?,
        person: Person {
            name: row.get(4)?,
            registrant: row.get(5)?,
            email: row.get(6)?,
            phone: row.get(7)?,
            address: serde_json::from_value(row.get(8)?)?,
            way: Way::from_word(&row.get::<String>(9)?),
            band: AgeBand::from_word(&row.get::<String>(10)?),
            note: row.get(11)?,
        },
        channel: Channel::from_word(&row.get::<String>(12)?).ok_or_else(broken)?,
        lang: Lang::from_tag(&row.get::<String>(13)?).ok_or_else(broken)?,
        account: row.get(14)?,
        made_at: row.get(15)?,
        erased: row.get(16)?,
        price: row.get::<Option<serde_json::Value>>(17)?.map(serde_json::from_value).transpose()?,
    })
}

const SEAT: &str = "id, registration, session, state, turn, expires_at, presence, cents FROM workshops_seat";

fn seat(row: &mut Row) -> Result<Seat> {
    Ok(Seat {
        id: row.get(0)?,
        registration: row.get(1)?,
        session: row.get(2)?,
        state: row.get(3)?,
        turn: row.get(4)?,
        expires_at: row.get(5)?,
        presence: row.get(6)?,
        cents: row.get(7)?,
    })
}

fn hash(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

fn context(id: Id<Mark>) -> String {
    format!("workshops.code.{id}")
}

/// Letters that are not taken for one another when they are read aloud.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn letters<const N: usize>(tx: &Tx<'_>) -> String {
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('2', char::from);
    tx.random::<N>().into_iter().map(letter).collect()
}

/// In groups of four: `7K2M-9QTA`.
fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// `AT-7K2M-9QTA`: what a registration is called on the telephone.
pub(super) fn reference(tx: &Tx<'_>) -> String {
    format!("AT-{}", grouped(&letters::<8>(tx)))
}

/// A code as it is kept, however it is typed; `None` where it is none.
pub fn normal_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let plain = plain.to_ascii_uppercase();
    let fits = plain.len() == CODE && plain.bytes().all(|c| LETTERS.contains(&c));
    fits.then(|| grouped(&plain))
}

/// Writes a new registration down, with a code of its own.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Registration) -> Result<()> {
    let code = grouped(&letters::<CODE>(tx));
    let sealed = tx.seal_text(&context(new.id), &code)?;
    let person = &new.person;
    let price = new.price.as_ref().map(serde_json::to_value).transpose()?;
    tx.execute(
        "INSERT INTO workshops_registration (id, reference, series, participant, name, name_key, registrant, email, \
         phone, address, address_key, way, band, note, channel, lang, link, link_sealed, account, made_at, \
         told_twice_at, erased, price) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, NULL, FALSE, $21)",
        &[
            &new.id,
            &new.reference,
            &new.series,
            &new.participant,
            &person.name,
            &person.name_key(),
            &person.registrant,
            &person.email,
            &person.phone,
            &serde_json::to_value(&person.address)?,
            &person.address_key(),
            &person.way.map_or("", Way::as_str),
            &person.band.map_or("", AgeBand::as_str),
            &person.note,
            &new.channel.as_str(),
            &new.lang.tag(),
            &hash(&code),
            &sealed,
            &new.account,
            &new.made_at,
            &price,
        ],
    )
    .map(drop)
}

/// Writes down what a registration has of sessions: which, what, and in which turn; and what a seat costs. One statement.
pub(super) fn insert_seats(
    tx: &mut Tx<'_>,
    registration: Id<Mark>,
    seats: &[(Id<Session>, SeatState, u32)],
    cents: Cents,
) -> Result<()> {
    let (now, nothing) = (tx.now(), Cents(0));
    let ids: Vec<Id<Seat>> = seats.iter().map(|_| tx.new_id()).collect();
    let mut params: Vec<&dyn ToValue> = vec![&registration, &now];
    let mut rows = Vec::with_capacity(seats.len());
    for ((session, state, turn), id) in seats.iter().zip(&ids) {
        let first = params.len() + 1;
        let asked = if *state == SeatState::Seated { &cents } else { &nothing };
        params.extend([id as &dyn ToValue, session, state, turn, asked]);
        rows.push(format!(
            "(${first}, $1, ${}, ${}, ${}, NULL, 'unknown', $2, ${})",
            first + 1,
            first + 2,
            first + 3,
            first + 4
        ));
    }
    let sql = format!(
        "INSERT INTO workshops_seat (id, registration, session, state, turn, expires_at, presence, changed_at, \
         cents) VALUES {}",
        rows.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

/// A registration.
pub fn find(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<Registration>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE r.id = $1"), &[&id], read)
}

/// These registrations.
pub fn some(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeMap<Id<Mark>, Registration>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} WHERE r.id IN ({}) ORDER BY r.id LIMIT 1000", marks(1, ids.len()));
    Ok(tx.query(&sql, &params, read)?.into_iter().map(|it| (it.id, it)).collect())
}

/// The registration that a code opens.
pub fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Registration>> {
    let Some(code) = normal_code(code) else { return Ok(None) };
    let sql = format!("SELECT {COLUMNS} WHERE r.link = $1 AND r.erased = FALSE");
    tx.query_opt(&sql, &[&hash(&code)], read)
}

/// The code of a registration, for whoever writes to its owner.
pub(crate) fn code_of(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<Option<String>> {
    Ok(codes_of(tx, &[id])?.remove(&id))
}

/// The codes of registrations.
pub fn codes_of(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeMap<Id<Mark>, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT id, link_sealed FROM workshops_registration WHERE erased = FALSE AND id IN ({}) \
         ORDER BY id LIMIT 1000",
        marks(1, ids.len())
    );
    let sealed: Vec<(Id<Mark>, String)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    sealed.into_iter().map(|(id, sealed)| Ok((id, tx.unseal_text(&context(id), &sealed)?))).collect()
}

/// What an account has registered, newest first.
pub fn for_account(tx: &mut Tx<'_>, account: Uuid) -> Result<Vec<Registration>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE r.account = $1 AND r.erased = FALSE ORDER BY r.made_at DESC, r.id LIMIT 200"
    );
    tx.query(&sql, &[&account], read)
}

/// The registrations of the same person for workshops of a department: the same name, and one way to reach them in
/// common, or none on either side. Nothing joins what two departments know.
pub(super) fn alike(
    tx: &mut Tx<'_>,
    department: Id<Department>,
    person: &Person,
) -> Result<Vec<(Id<Mark>, Id<Participant>)>> {
    tx.query(
        "SELECT id, participant FROM workshops_registration WHERE name_key = $1 AND name_key <> '' AND (\
         (email <> '' AND email = $2) OR (phone <> '' AND phone = $3) OR (address_key <> '' AND address_key = $4) \
         OR (email = '' AND phone = '' AND address_key = '' AND $2 = '' AND $3 = '' AND $4 = '')) \
         AND series IN (SELECT id FROM workshops_series WHERE department = $5) \
         ORDER BY made_at DESC, id LIMIT 200",
        &[&person.name_key(), &person.email, &person.phone, &person.address_key(), &department],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Who somebody is who has registered for workshops of a department, as [`alike`] finds them: where they can be reached by
/// nothing, a name alone is nobody.
pub(crate) fn known(
    tx: &mut Tx<'_>,
    department: Id<Department>,
    person: &Person,
) -> Result<Option<Id<Participant>>> {
    if person.email.is_empty() && person.phone.is_empty() {
        return Ok(None);
    }
    Ok(alike(tx, department, person)?.first().map(|(_, participant)| *participant))
}

/// What registrations have of sessions, those that are no longer anything too.
pub fn seats_of(tx: &mut Tx<'_>, registrations: &[Id<Mark>]) -> Result<Vec<Seat>> {
    if registrations.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = registrations.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, registrations.len());
    let sql =
        format!("SELECT {SEAT} WHERE registration IN ({list}) ORDER BY registration, turn, id LIMIT 5000");
    tx.query(&sql, &params, seat)
}

/// What anybody has of a session, in the order of the wishes.
pub(crate) fn seats_in(tx: &mut Tx<'_>, session: Id<Session>) -> Result<Vec<Seat>> {
    let sql = format!("SELECT {SEAT} WHERE session = $1 ORDER BY turn, id LIMIT $2");
    tx.query(&sql, &[&session, &LISTED], seat)
}

/// Who has what of a session, in the order of the wishes.
pub fn of_session(tx: &mut Tx<'_>, session: Id<Session>) -> Result<Vec<(Seat, Registration)>> {
    let seats = seats_in(tx, session)?;
    let sql = format!(
        "SELECT {COLUMNS} WHERE r.id IN (SELECT registration FROM workshops_seat WHERE session = $1) \
         ORDER BY r.id LIMIT $2"
    );
    let all = tx.query(&sql, &[&session, &LISTED], read)?;
    let all: BTreeMap<Id<Mark>, Registration> = all.into_iter().map(|it| (it.id, it)).collect();
    Ok(seats
        .into_iter()
        .filter_map(|seat| Some((seat.clone(), all.get(&seat.registration)?.clone())))
        .collect())
}

/// Writes down what has become of seats.
pub(super) fn set_state(
    tx: &mut Tx<'_>,
    seats: &[Id<Seat>],
    state: SeatState,
    expires_at: Option<Instant>,
) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut params: Vec<&dyn ToValue> = vec![&state, &expires_at, &now];
    params.extend(seats.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "UPDATE workshops_seat SET state = $1, expires_at = $2, changed_at = $3 WHERE id IN ({})",
        marks(4, seats.len())
    );
    tx.execute(&sql, &params).map(drop)
}

/// Writes down what is asked for seats.
pub(super) fn set_cents(tx: &mut Tx<'_>, seats: &[Id<Seat>], cents: Cents) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    let mut params: Vec<&dyn ToValue> = vec![&cents];
    params.extend(seats.iter().map(|id| id as &dyn ToValue));
    let sql = format!("UPDATE workshops_seat SET cents = $1 WHERE id IN ({})", marks(2, seats.len()));
    tx.execute(&sql, &params).map(drop)
}

/// What is asked of each of these registrations for all of its seats.
pub(crate) fn asked_of(tx: &mut Tx<'_>, ids: &[Id<Mark>]) -> Result<BTreeMap<Id<Mark>, Cents>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT registration, CAST(SUM(cents) AS BIGINT) FROM workshops_seat WHERE registration IN ({}) \
         GROUP BY registration",
        marks(1, ids.len())
    );
    let found: Vec<(Id<Mark>, Cents)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

/// Writes down whether somebody came.
pub(super) fn set_presence(tx: &mut Tx<'_>, id: Id<Seat>, presence: Presence) -> Result<()> {
    let sql = "UPDATE workshops_seat SET presence = $2, changed_at = $3 WHERE id = $1";
    tx.execute(sql, &[&id, &presence, &tx.now()]).map(drop)
}

/// A seat.
pub(super) fn find_seat(tx: &mut Tx<'_>, id: Id<Seat>) -> Result<Option<Seat>> {
    tx.query_opt(&format!("SELECT {SEAT} WHERE id = $1"), &[&id], seat)
}

/// Those who have waited longest for a session, so many at most.
pub(super) fn first_waiting(tx: &mut Tx<'_>, session: Id<Session>, at_most: u32) -> Result<Vec<Seat>> {
    let sql = format!("SELECT {SEAT} WHERE session = $1 AND state = 'waiting' ORDER BY turn, id LIMIT $2");
    tx.query(&sql, &[&session, &at_most], seat)
}

/// Seats that were offered and not taken in time; so many at most.
pub(super) fn unanswered(tx: &mut Tx<'_>, at_most: u32) -> Result<Vec<Seat>> {
    let sql = format!(
        "SELECT {SEAT} WHERE expires_at IS NOT NULL AND expires_at <= $1 AND state = 'offered' \
         ORDER BY expires_at, id LIMIT $2"
    );
    tx.query(&sql, &[&tx.now(), &at_most], seat)
}

/// Whether somebody who asked twice is to be told so: once a day.
pub(super) fn told_twice(tx: &mut Tx<'_>, id: Id<Mark>) -> Result<bool> {
    let now = tx.now();
    let sql = "UPDATE workshops_registration SET told_twice_at = $2 \
         WHERE id = $1 AND (told_twice_at IS NULL OR told_twice_at <= $3)";
    Ok(tx.execute(sql, &[&id, &now, &(now - chrono::TimeDelta::days(1))])? > 0)
}

/// Forgets whom registrations were for whose last session ended before an instant: at most so many at once; which. What
/// is counted stays.
pub(crate) fn forget(tx: &mut Tx<'_>, before: Instant, at_most: u32) -> Result<Vec<Uuid>> {
    let gone: Vec<Uuid> = tx.query(
        "SELECT r.id FROM workshops_registration r WHERE r.erased = FALSE AND r.made_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM workshops_seat s JOIN workshops_session t ON t.id = s.session \
         WHERE s.registration = r.id AND t.ends_at >= $1) ORDER BY r.made_at, r.id LIMIT $2",
        &[&before, &at_most],
        |row| row.get(0),
    )?;
    if gone.is_empty() {
        return Ok(gone);
    }
    let params: Vec<&dyn ToValue> = gone.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, gone.len());
    tx.execute(&format!("DELETE FROM workshops_call WHERE registration IN ({list})"), &params)?;
    let sql = format!(
        "UPDATE workshops_registration SET name = '', name_key = '', registrant = '', email = '', phone = '', \
         address = '[]', address_key = '', note = '', account = NULL, link_sealed = '', erased = TRUE \
         WHERE id IN ({list})"
    );
    tx.execute(&sql, &params)?;
    Ok(gone)
}

/// An account has ended for good: its registrations no longer lead to it.
pub(crate) fn erase_of_account(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    tx.execute("UPDATE workshops_registration SET account = NULL WHERE account = $1", &[&account]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::normal_code;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let kept = "7K2M-9QTA-BCDE-FGHJ";
        for typed in ["7k2m9qtabcdefghj", " 7K2M 9QTA BCDE FGHJ ", kept] {
            assert_eq!(normal_code(typed).as_deref(), Some(kept), "{typed}");
        }
        for typed in ["", "7K2M-9QTA", "7K2M-9QTA-BCDE-FGH1", "é"] {
            assert_eq!(normal_code(typed), None, "{typed}");
        }
    }
}
