//! Whoever finds no time leaves a wish: what becomes free is offered to them in the order in which they wished, one
//! after another ([`crate::offer`]).

use beffroi_calendar::resource::Resource;
use beffroi_core::{Channel, Day, Id, Instant, Lang};
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, marks, words};

use crate::{
    appointment::{self, Contact},
    link::{self, hash},
    motive::Motive,
};

/// Offers without an answer after which a wish ends.
const OFFERS_AT_MOST: u32 = 2;
/// Wishes that are looked through for what has become free, at most.
const LOOKED_AT: u32 = 500;
/// Wishes that agents see, and people whom they call, at most.
const LISTED: u32 = 500;
/// Wishes of one person that wait, at most.
pub const WAITING_AT_MOST: u32 = 3;

words! {
    /// Where a wish stands.
    WishState {
        /// It waits.
        Waiting = "waiting",
        /// A time is offered.
        Offered = "offered",
        /// A time was taken.
        Served = "served",
        /// It was withdrawn, is over, or its offers were not answered.
        Ended = "ended",
    }
}

/// What somebody wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWish {
    /// For what.
    pub motive: Id<Motive>,
    /// Where; anywhere where nothing is said.
    pub site: Option<Id<Resource>>,
    /// How many persons come.
    pub persons: u32,
    /// Between which days, both included.
    pub days: (Day, Day),
    /// Whom it is for.
    pub contact: Contact,
    /// In which language they are told.
    pub lang: Lang,
    /// Through which door it came.
    pub channel: Channel,
}

/// A wish as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which.
    pub id: Id<Self>,
    /// What it is.
    pub wish: NewWish,
    /// Where it stands.
    pub state: WishState,
    /// How many offers were not answered.
    pub passed: u32,
    /// The beginning of the time that was offered last.
    pub offered: Option<Instant>,
    /// When it was made.
    pub made_at: Instant,
}

const COLUMNS: &str = "id, motive, site, persons, first_day, last_day, name, email, phone, lang, state, passed, \
     offered, channel, made_at FROM appointments_wish";

fn read(row: &mut Row) -> Result<Wish> {
    let broken = || StoreError::Corrupt("a wish cannot be read".to_owned());
    Ok(Wish {
        id: row.get(0)?,
        wish: NewWish {
            motive: row.get(1)?,
            site: row.get(2)?,
            persons: row.get(3)?,
            days: (row.get(4)?, row.get(5)?),
            contact: Contact {
                name: row.get(6)?,
                email: row.get(7)?,
                phone: row.get(8)?,
                ..Contact::default()
            },
            lang: Lang::from_tag(&row.get::<String>(9)?).ok_or_else(broken)?,
            channel: Channel::from_word(&row.get::<String>(13)?).ok_or_else(broken)?,
        },
        state: row.get(10)?,
        passed: row.get(11)?,
        offered: row.get(12)?,
        made_at: row.get(14)?,
    })
}

/// Keeps a wish; the secret that withdraws it, told once. `None` where somebody has as many as one may.
pub fn make(tx: &mut Tx<'_>, new: &NewWish) -> Result<Option<String>> {
    let waiting: u32 = tx.query_one(
        "SELECT COUNT(*) FROM appointments_wish WHERE state IN ('waiting', 'offered') \
         AND ((email <> '' AND email = $1) OR (phone <> '' AND phone = $2))",
        &[&new.contact.email, &new.contact.phone],
        |row| row.get(0),
    )?;
    if waiting >= WAITING_AT_MOST {
        return Ok(None);
    }
    let (id, link) = (tx.new_id::<Wish>(), link::new(tx));
    tx.execute(
        "INSERT INTO appointments_wish (id, motive, site, persons, first_day, last_day, name, email, phone, lang, \
         state, passed, offered, link, made_at, channel) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, NULL, $11, $12, $13)",
        &[
            &id,
            &new.motive,
            &new.site,
            &new.persons,
            &new.days.0,
            &new.days.1,
            &new.contact.name,
            &new.contact.email,
            &new.contact.phone,
            &new.lang.tag(),
            &hash(&link),
            &tx.now(),
            &new.channel.as_str(),
        ],
    )?;
    journal(tx, "wish.made", id)?;
    Ok(Some(link))
}

/// The wish that a secret withdraws.
pub fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Wish>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE link = $1"), &[&hash(link)], read)
}

/// A wish.
pub(crate) fn find(tx: &mut Tx<'_>, id: Id<Wish>) -> Result<Option<Wish>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The wishes that wait, the longest first.
pub(crate) fn waiting(tx: &mut Tx<'_>) -> Result<Vec<Wish>> {
    let sql = format!("SELECT {COLUMNS} WHERE state = 'waiting' ORDER BY made_at, id LIMIT $1");
    tx.query(&sql, &[&LISTED], read)
}

/// Ends a wish: nothing more is offered, what was offered goes to the next, and whom it was for is forgotten.
pub fn withdraw(tx: &mut Tx<'_>, id: Id<Wish>) -> Result<()> {
    if settle(tx, &[id], WishState::Ended)? > 0 {
        journal(tx, "wish.ended", id)?;
        appointment::take_back(tx, id)?;
    }
    Ok(())
}

/// Ends wishes that still wait: whom they are for is forgotten. How many there were.
fn settle(tx: &mut Tx<'_>, ids: &[Id<Wish>], state: WishState) -> Result<u64> {
    let mut params: Vec<&dyn ToValue> = vec![&state];
    params.extend(ids.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "UPDATE appointments_wish SET state = $1, name = '', email = '', phone = '' \
         WHERE state IN ('waiting', 'offered') AND id IN ({})",
        marks(2, ids.len())
    );
    tx.execute(&sql, &params)
}

/// The wishes that wait for a time of these days, the longest first; without those of people to whom another time is
/// offered for the same motive: nobody holds two.
pub(crate) fn in_turn(tx: &mut Tx<'_>, (first, last): (Day, Day)) -> Result<Vec<Wish>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE state = 'waiting' AND first_day <= $1 AND last_day >= $2 \
         AND NOT EXISTS (SELECT 1 FROM appointments_wish o WHERE o.state = 'offered' \
         AND o.motive = appointments_wish.motive \
         AND ((o.email <> '' AND o.email = appointments_wish.email) \
         OR (o.phone <> '' AND o.phone = appointments_wish.phone))) \
         ORDER BY made_at, id LIMIT $3"
    );
    tx.query(&sql, &[&last, &first, &LOOKED_AT], read)
}

/// Whether anybody waits.
pub(crate) fn any(tx: &mut Tx<'_>) -> Result<bool> {
    let sql = "SELECT id FROM appointments_wish WHERE state = 'waiting' ORDER BY made_at, id LIMIT 1";
    Ok(tx.query_opt(sql, &[], |row| row.get::<Id<Wish>>(0))?.is_some())
}

/// A time is held for whoever made a wish.
pub(crate) fn mark_offered(tx: &mut Tx<'_>, id: Id<Wish>, starts_at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE appointments_wish SET state = 'offered', offered = $2 WHERE id = $1",
        &[&id, &starts_at],
    )?;
    journal(tx, "wish.offered", id)
}

/// Somebody has a time: what they wished for the same motive, by the same address or number, asks for nothing more. What
/// was offered to those wishes goes to the next; `own`: the wish that this time was offered to.
pub(crate) fn served(
    tx: &mut Tx<'_>,
    motive: Id<Motive>,
    contact: &Contact,
    own: Option<Id<Wish>>,
) -> Result<()> {
    let mut ids: Vec<Id<Wish>> = tx.query(
        "SELECT id FROM appointments_wish WHERE state IN ('waiting', 'offered') AND motive = $1 \
         AND ((email <> '' AND email = $2) OR (phone <> '' AND phone = $3)) ORDER BY made_at, id LIMIT $4",
        &[&motive, &contact.email, &contact.phone, &WAITING_AT_MOST],
        |row| row.get(0),
    )?;
    ids.extend(own.filter(|own| !ids.contains(own)));
    if ids.is_empty() {
        return Ok(());
    }
    settle(tx, &ids, WishState::Served)?;
    ids.into_iter().try_for_each(|id| appointment::take_back(tx, id))
}

/// Somebody did not take the time that they were offered; who does so too often wishes for nothing more.
pub(crate) fn passed(tx: &mut Tx<'_>, id: Id<Wish>) -> Result<()> {
    let sql = "UPDATE appointments_wish SET passed = passed + 1, state = 'waiting' \
         WHERE id = $1 AND state = 'offered' RETURNING passed";
    let passed: Option<u32> = tx.query_opt(sql, &[&id], |row| row.get(0))?;
    if passed.is_some_and(|passed| passed >= OFFERS_AT_MOST) {
        settle(tx, &[id], WishState::Ended)?;
    }
    Ok(())
}

/// Forgets wishes whose days are over for a week; how many.
pub(crate) fn forget(tx: &mut Tx<'_>, today: Day) -> Result<u64> {
    let before = today - chrono::Days::new(7);
    tx.execute("DELETE FROM appointments_wish WHERE last_day < $1", &[&before])
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Wish>) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "wish", subject_id: id.uuid(), payload: serde_json::json!({}) })?;
    Ok(())
}
