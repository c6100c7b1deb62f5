//! Whoever finds no time leaves a wish; what others give back is offered to them in the order in which they wished, one
//! after another: a time is held for whoever is offered it, and goes on to the next where they do not answer.

use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch, Wish as Claim},
    resource::Resource,
    spans::Span,
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::{
    appointment::{self, Contact, Mark},
    clock::Now,
    motive::{self, Motive},
};

/// How long a time that was given back is kept for whoever it is offered to.
const OFFERED_FOR: TimeDelta = TimeDelta::hours(4);
/// How long before it begins somebody may still be offered a time.
const NOT_LATER: TimeDelta = TimeDelta::hours(2);
/// The shortest time in which somebody can answer.
const AT_LEAST: TimeDelta = TimeDelta::minutes(30);
/// Offers without an answer after which a wish ends.
const OFFERS_AT_MOST: u32 = 2;
/// Wishes that are looked through for one time, at most.
const LOOKED_AT: u32 = 500;
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
}

const COLUMNS: &str = "id, motive, site, persons, first_day, last_day, name, email, phone, lang, state, passed, \
     offered FROM appointments_wish";

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
        },
        state: row.get(10)?,
        passed: row.get(11)?,
        offered: row.get(12)?,
    })
}

fn hash(link: &str) -> [u8; 32] {
    Sha256::digest(link).into()
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
    let (id, link) = (tx.new_id::<Wish>(), hex::encode(tx.random::<12>()));
    tx.execute(
        "INSERT INTO appointments_wish (id, motive, site, persons, first_day, last_day, name, email, phone, lang, \
         state, passed, offered, link, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, NULL, $11, $12)",
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
        ],
    )?;
    journal(tx, "wish.made", id)?;
    Ok(Some(link))
}

/// The wish that a secret withdraws.
pub fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Wish>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE link = $1"), &[&hash(link)], read)
}

/// Ends a wish: nothing more is offered, and whom it was for is forgotten.
pub fn withdraw(tx: &mut Tx<'_>, id: Id<Wish>) -> Result<()> {
    let sql = "UPDATE appointments_wish SET state = 'ended', name = '', email = '', phone = '' \
         WHERE id = $1 AND state IN ('waiting', 'offered')";
    if tx.execute(sql, &[&id])? > 0 {
        journal(tx, "wish.ended", id)?;
    }
    Ok(())
}

/// Offers a time that was given back to whoever has wished for one such longest. Whether somebody is offered it.
pub(crate) fn offer(tx: &mut Tx<'_>, (site, desk): (Id<Resource>, Id<Resource>), span: Span) -> Result<bool> {
    let now = Now::read(tx)?;
    let until = (now.at + OFFERED_FOR).min(span.start() - NOT_LATER);
    if until < now.at + AT_LEAST {
        return Ok(false);
    }
    let day = civil_day(span.start(), now.zone);
    let sql = format!(
        "SELECT {COLUMNS} WHERE state = 'waiting' AND first_day <= $1 AND last_day >= $1 \
         AND (site IS NULL OR site = $2) AND motive IN (SELECT motive FROM appointments_receives WHERE desk = $3) \
         AND (offered IS NULL OR offered <> $4) ORDER BY made_at, id LIMIT $5"
    );
    let wishes = tx.query(&sql, &[&day, &site, &desk, &span.start(), &LOOKED_AT], read)?;
    if wishes.is_empty() {
        return Ok(false);
    }
    let motives = motive::list(tx)?;
    for it in wishes {
        let motive = motives.iter().find(|motive| motive.id == it.wish.motive && motive.details.active);
        let length = motive.and_then(|motive| {
            motive.details.sheet.length(usize::try_from(it.wish.persons).unwrap_or(usize::MAX))
        });
        let fits = length.and_then(|length| Span::new(span.start(), span.start() + length));
        let Some(wanted) = fits.filter(|wanted| wanted.end() <= span.end()) else { continue };
        let id: Id<Mark> = tx.new_id();
        let claim = Claim { resource: desk, much: HowMuch::Whole, span: wanted };
        match claims::claim(tx, id, &[claim], Some(until)) {
            Ok(()) => {}
            Err(ClaimError::Store(error)) => return Err(error),
            Err(_) => return Ok(false),
        }
        let offered = appointment::Offered {
            id,
            motive: it.wish.motive,
            place: (site, desk),
            span: wanted,
            persons: it.wish.persons,
            lang: it.wish.lang,
            contact: it.wish.contact,
            channel: Channel::Online,
            wish: it.id.uuid(),
            until,
        };
        appointment::offered(tx, offered)?;
        tx.execute(
            "UPDATE appointments_wish SET state = 'offered', offered = $2 WHERE id = $1",
            &[&it.id, &span.start()],
        )?;
        journal(tx, "wish.offered", it.id)?;
        return Ok(true);
    }
    Ok(false)
}

/// Somebody took the time that they were offered, or did not.
pub(crate) fn answered(tx: &mut Tx<'_>, id: Id<Wish>, taken: bool) -> Result<()> {
    if taken {
        tx.execute("UPDATE appointments_wish SET state = 'served' WHERE id = $1", &[&id])?;
        return Ok(());
    }
    tx.execute(
        "UPDATE appointments_wish SET passed = passed + 1, \
         state = CASE WHEN passed + 1 >= $2 THEN 'ended' ELSE 'waiting' END WHERE id = $1 AND state = 'offered'",
        &[&id, &OFFERS_AT_MOST],
    )?;
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
