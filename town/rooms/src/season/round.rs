//! A round for a season: its rooms, its window, and how far it has come.

use beffroi_calendar::{
    resource::{Name, Resource},
    season::{Criterion, Season},
    town,
};
use beffroi_core::{Day, Id, Instant};
use beffroi_people::{Permit, Town};
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks, slug, words};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ManageSeasons;

/// Rooms of a round, at most.
pub const ROOMS_AT_MOST: usize = 40;
/// Days of a season, at most.
pub const DAYS_AT_MOST: i64 = 400;
/// Rounds that are listed, at most.
const LISTED: u32 = 100;
/// Letters of a short name, at most.
const SLUG: usize = 50;

words! {
    /// How far a round has come.
    State {
        /// It is prepared; the public does not see it.
        Draft = "draft",
        /// Wishes are taken from its first day to its last.
        Open = "open",
        /// Wishes are taken no more, and the seed is drawn.
        Closed = "closed",
        /// A proposal is made, which agents change.
        Proposed = "proposed",
        /// What is given is booked, and everybody reads it.
        Published = "published",
        /// The season is over.
        Ended = "ended",
    }
}

/// What is said of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// Its name.
    pub name: Name,
    /// What associations should know.
    pub about: Name,
    /// The rooms that are offered.
    pub rooms: Vec<Id<Resource>>,
    /// Whether nothing is given in the holidays of the schools.
    pub without_school_holidays: bool,
    /// What puts an association before another, in order.
    pub criteria: Vec<Criterion>,
    /// The slug of the department that posts the results to whoever has no e-mail; empty where none does.
    pub department: String,
}

/// When a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day of the season.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// The first day on which wishes are taken.
    pub opens: Day,
    /// The last one.
    pub closes: Day,
}

impl Days {
    /// Whether they follow one another.
    pub fn fit(&self) -> bool {
        self.opens <= self.closes && self.closes < self.first && self.season_fits()
    }

    /// Whether the season is one.
    pub fn season_fits(&self) -> bool {
        self.first <= self.last && (self.last - self.first).num_days() < DAYS_AT_MOST
    }
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which.
    pub id: Id<Self>,
    /// Its short name in addresses.
    pub slug: String,
    /// How far it has come.
    pub state: State,
    /// When it is.
    pub days: Days,
    /// What is said of it.
    pub sheet: Sheet,
    /// What lots are drawn with; empty until wishes are taken no more.
    pub seed: String,
    /// When its results were published.
    pub published_at: Option<Instant>,
}

impl Round {
    /// Whether wishes are taken on a day.
    pub fn takes_wishes(&self, today: Day) -> bool {
        self.state == State::Open && self.days.opens <= today && today <= self.days.closes
    }

    /// Whether the window is over and nobody has closed it yet.
    pub fn is_to_be_closed(&self, today: Day) -> bool {
        self.state == State::Open && self.days.closes < today
    }

    /// Whether everybody may read of it.
    pub fn is_public(&self) -> bool {
        self.state != State::Draft
    }

    /// Whether its results are public.
    pub const fn has_results(&self) -> bool {
        matches!(self.state, State::Published | State::Ended)
    }

    /// Whether times are given and taken by hand.
    pub fn is_on_the_board(&self) -> bool {
        self.state == State::Proposed
    }

    /// Its days for whom computes with it, within what the town knows of its year.
    pub fn season<T>(&self, town: &Town, with: impl FnOnce(&Season<'_>) -> T) -> T {
        let school = town::school(town);
        with(&Season {
            first: self.days.first,
            last: self.days.last,
            without_school_holidays: self.sheet.without_school_holidays,
            year: town::year(town, &school),
        })
    }
}

const COLUMNS: &str = "id, slug, state, first_day, last_day, opens_on, closes_on, sheet, seed, published_at";

fn read(row: &mut Row) -> Result<Round> {
    Ok(Round {
        id: row.get(0)?,
        slug: row.get(1)?,
        state: row.get(2)?,
        days: Days { first: row.get(3)?, last: row.get(4)?, opens: row.get(5)?, closes: row.get(6)? },
        sheet: serde_json::from_value(row.get(7)?)?,
        seed: row.get(8)?,
        published_at: row.get(9)?,
    })
}

/// All rounds, the latest season first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Round>> {
    let sql = format!("SELECT {COLUMNS} FROM rooms_round ORDER BY first_day DESC, id DESC LIMIT $1");
    tx.query(&sql, &[&LISTED], read)
}

/// The round with a short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Round>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM rooms_round WHERE slug = $1"), &[&slug], read)
}

/// The round of that id.
pub(super) fn find(tx: &mut Tx<'_>, id: Id<Round>) -> Result<Option<Round>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM rooms_round WHERE id = $1"), &[&id], read)
}

/// These rounds.
pub(super) fn several(tx: &mut Tx<'_>, ids: &[Id<Round>]) -> Result<Vec<Round>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!("SELECT {COLUMNS} FROM rooms_round WHERE id IN ({}) ORDER BY id", marks(1, ids.len()));
    tx.query(&sql, &params, read)
}

/// The one that was published last, of a season that began before a day.
pub fn before(tx: &mut Tx<'_>, first: Day) -> Result<Option<Round>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM rooms_round WHERE first_day < $1 AND state IN ('published', 'ended') \
         ORDER BY first_day DESC, id DESC LIMIT 1"
    );
    tx.query_opt(&sql, &[&first], read)
}

/// Prepares a round; its short name is made of its name.
pub fn create(tx: &mut Tx<'_>, _: &Permit<ManageSeasons>, sheet: &Sheet, days: Days) -> Result<Round> {
    let id = tx.new_id();
    // `nouvelle` is the address at which one is prepared.
    let plain = slug::plain(&sheet.name.fr, SLUG, "saison");
    let slug = slug::free(tx, "rooms_round", &plain, &["nouvelle"])?;
    tx.execute(
        "INSERT INTO rooms_round (id, slug, state, first_day, last_day, opens_on, closes_on, sheet, seed, \
         advice, published_at, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '[]', NULL, $9)",
        &[
            &id,
            &slug,
            &State::Draft,
            &days.first,
            &days.last,
            &days.opens,
            &days.closes,
            &serde_json::to_value(sheet)?,
            &tx.now(),
        ],
    )?;
    note(tx, "season.prepared", id, json!({ "slug": slug }))?;
    let sheet = sheet.clone();
    Ok(Round { id, slug, state: State::Draft, days, sheet, seed: String::new(), published_at: None })
}

/// Changes what is said of a round. Once wishes are taken, its season, rooms and criteria stay.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<ManageSeasons>,
    round: &Round,
    sheet: &Sheet,
    days: Days,
) -> Result<()> {
    let (sheet, days) = if round.state == State::Draft {
        (sheet.clone(), days)
    } else {
        let kept = round.sheet.clone();
        let closes = if round.state == State::Open { days.closes } else { round.days.closes };
        let sheet = Sheet {
            name: sheet.name.clone(),
            about: sheet.about.clone(),
            department: sheet.department.clone(),
            ..kept
        };
        (sheet, Days { closes, ..round.days })
    };
    tx.execute(
        "UPDATE rooms_round SET first_day = $2, last_day = $3, opens_on = $4, closes_on = $5, sheet = $6 \
         WHERE id = $1",
        &[&round.id, &days.first, &days.last, &days.opens, &days.closes, &serde_json::to_value(&sheet)?],
    )?;
    note(tx, "season.changed", round.id, json!({ "closes": days.closes }))
}

/// Shows a round to the public; wishes are taken from its first day on.
pub fn open(tx: &mut Tx<'_>, _: &Permit<ManageSeasons>, round: &Round) -> Result<bool> {
    step(tx, round.id, (State::Draft, State::Open), "season.opened", json!({}))
}

/// Takes no more wishes, and draws the seed of the lots: nobody could know it while they wished.
pub fn close(tx: &mut Tx<'_>, round: &mut Round) -> Result<bool> {
    let seed = hex::encode(tx.random::<16>());
    let payload = json!({ "seed": seed });
    if !step(tx, round.id, (State::Open, State::Closed), "season.closed", payload)? {
        return Ok(false);
    }
    tx.execute("UPDATE rooms_round SET seed = $2 WHERE id = $1", &[&round.id, &seed])?;
    round.state = State::Closed;
    round.seed = seed;
    Ok(true)
}

/// A proposal is made, or made anew.
pub(super) fn proposed(tx: &mut Tx<'_>, round: &Round, payload: serde_json::Value) -> Result<bool> {
    let from = round.state;
    match from {
        State::Closed | State::Proposed => {
            step(tx, round.id, (from, State::Proposed), "season.proposed", payload)
        }
        _ => Ok(false),
    }
}

/// What is given is booked.
pub(super) fn published(tx: &mut Tx<'_>, round: &Round, payload: serde_json::Value) -> Result<bool> {
    let steps = (State::Proposed, State::Published);
    if !step(tx, round.id, steps, "season.published", payload)? {
        return Ok(false);
    }
    let sql = "UPDATE rooms_round SET published_at = $2 WHERE id = $1";
    tx.execute(sql, &[&round.id, &tx.now()])?;
    Ok(true)
}

/// Closes the rounds whose window is over, and ends those whose season is; how many. Run it hourly.
pub(crate) fn sweep(tx: &mut Tx<'_>, today: Day) -> Result<u64> {
    let mut done = 0;
    for mut round in list(tx)? {
        let moved = if round.is_to_be_closed(today) {
            close(tx, &mut round)?
        } else if round.state == State::Published && round.days.last < today {
            step(tx, round.id, (State::Published, State::Ended), "season.ended", json!({}))?
        } else {
            false
        };
        done += u64::from(moved);
    }
    Ok(done)
}

fn step(
    tx: &mut Tx<'_>,
    id: Id<Round>,
    (from, to): (State, State),
    kind: &str,
    payload: serde_json::Value,
) -> Result<bool> {
    let sql = "UPDATE rooms_round SET state = $3 WHERE id = $1 AND state = $2";
    if tx.execute(sql, &[&id, &from, &to])? == 0 {
        return Ok(false);
    }
    note(tx, kind, id, payload)?;
    Ok(true)
}

pub(super) fn note(tx: &mut Tx<'_>, kind: &str, id: Id<Round>, payload: serde_json::Value) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "season", subject_id: id.uuid(), payload }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn wishes_end_before_the_season_begins() {
        let days = Days {
            first: day("2026-09-07"),
            last: day("2027-06-30"),
            opens: day("2026-05-01"),
            closes: day("2026-06-15"),
        };
        assert!(days.fit());
        assert!(!Days { closes: day("2026-09-07"), ..days }.fit());
        assert!(!Days { opens: day("2026-06-16"), ..days }.fit());
        assert!(!Days { last: day("2027-12-30"), ..days }.fit());
    }
}
