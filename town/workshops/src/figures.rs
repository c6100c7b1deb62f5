//! Figures for those who pay: sessions, seats, people, by period and place. They name nobody, and what concerns fewer than
//! five people is not told.

use std::collections::BTreeMap;

use beffroi_calendar::spans::Span;
use beffroi_core::Id;
use beffroi_people::permission::Scope;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::{place::Place, registration::AgeBand, withheld::Row};

/// Rows of an answer, at most.
const LISTED: u32 = 1_000;

/// What is counted of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions that were held.
    pub sessions: u32,
    /// Sessions that were called off.
    pub cancelled: u32,
    /// Seats of those that were held.
    pub seats: u32,
    /// Seats that somebody had.
    pub seated: u32,
    /// Those who came.
    pub present: u32,
    /// Those who did not come, and did not say so.
    pub absent: u32,
    /// Those who said so.
    pub excused: u32,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.cancelled += other.cancelled;
        self.seats += other.seats;
        self.seated += other.seated;
        self.present += other.present;
        self.absent += other.absent;
        self.excused += other.excused;
    }

    /// Those of its counts that are of people.
    pub const fn people(self) -> Row {
        [self.seated, self.present, self.absent, self.excused]
    }

    /// How many of the seats somebody had, in percent.
    pub fn fill(self) -> Option<u32> {
        share(self.seated, self.seats)
    }

    /// How many of those who had a seat did not come and did not say so, in percent of those of whom it is known.
    pub fn missed(self) -> Option<u32> {
        share(self.absent, self.present + self.absent + self.excused)
    }
}

fn share(part: u32, whole: u32) -> Option<u32> {
    (whole > 0).then(|| (part * 100 + whole / 2) / whole)
}

/// All that is counted of a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// By place: all places, whichever is asked for, as what one has few of must not be found by means of the others.
    pub places: BTreeMap<Id<Place>, Counts>,
    /// All places together.
    pub all: Counts,
    /// Different people who came, to the place that is asked for or to all.
    pub people: u32,
    /// The same by age; `None` where they did not say.
    pub bands: BTreeMap<Option<AgeBand>, u32>,
    /// Registrations by the door through which they came.
    pub channels: BTreeMap<String, u32>,
}

/// Counts sessions that began within a stretch of time and are over, of these departments; people at one place or at all.
pub fn read(tx: &mut Tx<'_>, scope: &Scope, within: Span, place: Option<Id<Place>>) -> Result<Figures> {
    let now = tx.now();
    let until = within.end().min(now);
    let from = within.start();
    let mut params: Vec<&dyn ToValue> = vec![&from, &until, &now];
    let mut which = "t.starts_at >= $1 AND t.starts_at < $2 AND t.ends_at <= $3".to_owned();
    if let Scope::Departments(inside) = scope {
        let list = marks(params.len() + 1, inside.len());
        which =
            format!("{which} AND t.series IN (SELECT id FROM workshops_series WHERE department IN ({list}))");
        params.extend(inside.iter().map(|id| id as &dyn ToValue));
    }
    // People are counted at the place that is asked for.
    let (mut narrowed, mut there) = (params.clone(), which.clone());
    if let Some(place) = &place {
        narrowed.push(place);
        there = format!("{there} AND t.place = ${}", narrowed.len());
    }
    let mut figures = Figures::default();
    let sql = format!(
        "SELECT t.place, t.state, COUNT(*), CAST(SUM(t.seats) AS BIGINT) FROM workshops_session t WHERE {which} \
         GROUP BY t.place, t.state ORDER BY t.place, t.state LIMIT {LISTED}"
    );
    let rows: Vec<(Id<Place>, String, u32, u32)> =
        tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (place, state, count, seats) in rows {
        let counts = figures.places.entry(place).or_default();
        if state == "planned" {
            (counts.sessions, counts.seats) = (count, seats);
        } else {
            counts.cancelled = count;
        }
    }
    let joined = "FROM workshops_seat s JOIN workshops_session t ON t.id = s.session";
    let sql = format!(
        "SELECT t.place, s.presence, COUNT(*) {joined} WHERE {which} AND t.state = 'planned' \
         AND s.state = 'seated' GROUP BY t.place, s.presence ORDER BY t.place, s.presence LIMIT {LISTED}"
    );
    let rows: Vec<(Id<Place>, String, u32)> =
        tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (place, presence, count) in rows {
        let counts = figures.places.entry(place).or_default();
        counts.seated += count;
        match presence.as_str() {
            "present" => counts.present += count,
            "absent" => counts.absent += count,
            "excused" => counts.excused += count,
            _ => {}
        }
    }
    for counts in figures.places.values() {
        figures.all.add(*counts);
    }
    let came = format!(
        "{joined} JOIN workshops_registration r ON r.id = s.registration WHERE {there} AND t.state = 'planned' \
         AND s.state = 'seated'"
    );
    let sql = format!(
        "SELECT r.band, COUNT(DISTINCT r.participant) {came} AND s.presence = 'present' GROUP BY r.band \
         ORDER BY r.band LIMIT {LISTED}"
    );
    let bands: Vec<(String, u32)> = tx.query(&sql, &narrowed, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (band, count) in bands {
        *figures.bands.entry(AgeBand::from_word(&band)).or_default() += count;
    }
    let sql = format!("SELECT COUNT(DISTINCT r.participant) {came} AND s.presence = 'present'");
    figures.people = tx.query_one(&sql, &narrowed, |row| row.get(0))?;
    let sql = format!(
        "SELECT r.channel, COUNT(DISTINCT r.id) {came} GROUP BY r.channel ORDER BY r.channel LIMIT {LISTED}"
    );
    let channels: Vec<(String, u32)> = tx.query(&sql, &narrowed, |row| Ok((row.get(0)?, row.get(1)?)))?;
    figures.channels = channels.into_iter().collect();
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded() {
        let counts = Counts { seats: 8, seated: 7, present: 5, absent: 1, excused: 1, ..Counts::default() };
        assert_eq!((counts.fill(), counts.missed()), (Some(88), Some(14)));
        assert_eq!(Counts::default().fill(), None);
    }
}
