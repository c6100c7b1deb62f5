//! Whoever finds no time leaves a wish; what others give back is offered to them in the order in which they wished, one
//! after another: a time is held for whoever is offered it, and goes on to the next where they do not answer.

use std::collections::BTreeMap;

use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch, Wish as Claim},
    resource::Resource,
    spans::Span,
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, marks, words};

use crate::{
    appointment::{self, Contact, Mark},
    link::{self, hash},
    motive::{self, Motive},
    reach::{Term, Ways},
    site,
    slots::{Known, Slot, Wanted, Whom},
};

/// Offers without an answer after which a wish ends.
const OFFERS_AT_MOST: u32 = 2;
/// Wishes that are looked through for one time, at most.
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

/// Offers a time that was given back to whoever has wished for one such longest, of all who could book it now. Whether
/// somebody is offered it.
pub(crate) fn offer(tx: &mut Tx<'_>, (site, desk): (Id<Resource>, Id<Resource>), span: Span) -> Result<bool> {
    let town = Town::load(tx)?;
    let written = Term::written(tx.now(), town.zone());
    let called = Term::called(tx.now(), town.zone(), town.holidays());
    let day = civil_day(span.start(), town.zone());
    let sql = format!(
        "SELECT {COLUMNS} WHERE state = 'waiting' AND first_day <= $1 AND last_day >= $1 \
         AND (site IS NULL OR site = $2) AND motive IN (SELECT motive FROM appointments_receives WHERE desk = $3) \
         ORDER BY made_at, id LIMIT $4"
    );
    let wishes = tx.query(&sql, &[&day, &site, &desk, &LOOKED_AT], read)?;
    if wishes.is_empty() {
        return Ok(false);
    }
    let (motives, ways) = (motive::list(tx)?, Ways::load(tx)?);
    let desks = site::desks(tx)?.into_iter().filter(|kept| kept.site == site).collect();
    let known = Known::read(tx, town, desks, (day, day))?;
    let mut free: BTreeMap<(Id<Motive>, u32), Vec<Slot>> = BTreeMap::new();
    for it in wishes {
        let NewWish { motive, persons, .. } = it.wish;
        let Some(motive) = motives.iter().find(|kept| kept.id == motive).filter(|kept| kept.has_waiting())
        else {
            continue;
        };
        let slots = free.entry((motive.id, persons)).or_insert_with(|| {
            let persons = usize::try_from(persons).unwrap_or(usize::MAX);
            known.times(Wanted { motive, persons, site: Some(site), whom: Whom::Public })
        });
        let term = if ways.reach(&it.wish.contact) { written } else { called };
        let fit = slots.iter().filter_map(|slot| {
            let fits = slot.span.meets(span) && it.offered != Some(slot.span.start());
            term.until(slot).filter(|_| fits).map(|until| (*slot, until))
        });
        let nearest =
            fit.min_by_key(|(slot, _)| ((slot.span.start() - span.start()).abs(), slot.span.start()));
        let Some((slot, until)) = nearest else { continue };
        return held_for(tx, it, slot, (term.told_at(), until));
    }
    Ok(false)
}

/// Holds a time for whoever it is offered to.
fn held_for(tx: &mut Tx<'_>, it: Wish, slot: Slot, (told_at, until): (Instant, Instant)) -> Result<bool> {
    let id: Id<Mark> = tx.new_id();
    let claim = Claim { resource: slot.desk, much: HowMuch::Whole, span: slot.span };
    match claims::claim(tx, id, &[claim], Some(until)) {
        Ok(()) => {}
        Err(ClaimError::Store(error)) => return Err(error),
        Err(_) => return Ok(false),
    }
    let offered = appointment::Offered {
        id,
        motive: it.wish.motive,
        place: (slot.site, slot.desk),
        span: slot.span,
        persons: it.wish.persons,
        lang: it.wish.lang,
        contact: it.wish.contact,
        channel: it.wish.channel,
        wish: it.id,
        told_at,
        until,
    };
    appointment::offered(tx, offered)?;
    tx.execute(
        "UPDATE appointments_wish SET state = 'offered', offered = $2 WHERE id = $1",
        &[&it.id, &slot.span.start()],
    )?;
    journal(tx, "wish.offered", it.id)?;
    Ok(true)
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
