//! Figures for those who pay: sessions, seats, people, by period and place. They name nobody, and what concerns fewer than
//! five people is not told.

use std::collections::BTreeMap;

use beffroi_calendar::spans::Span;
use beffroi_core::Id;
use beffroi_people::permission::Scope;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::{place::Place, registration::AgeBand};

/// Counts below this are hidden: they might point at somebody.
pub const SMALLEST: u32 = 5;
/// Rows of an answer, at most.
const LISTED: u32 = 1_000;

/// A count as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Count(u32),
    /// From one to four, or what would tell such a count by subtraction.
    Hidden,
}

impl Shown {
    /// Alone: hidden where it is small.
    pub const fn of(count: u32) -> Self {
        if count == 0 || count >= SMALLEST { Self::Count(count) } else { Self::Hidden }
    }
}

/// The parts of a whole that is told too: where one alone is hidden, the smallest of the others is hidden with it, so that
/// nobody finds it by subtraction.
pub fn parts(counts: &[u32]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = counts.iter().map(|count| Shown::of(*count)).collect();
    if shown.iter().filter(|it| **it == Shown::Hidden).count() == 1 {
        let others = counts.iter().zip(&shown).enumerate();
        let next = others
            .filter(|(_, (count, shown))| **count > 0 && **shown != Shown::Hidden)
            .min_by_key(|(_, (count, _))| **count)
            .map(|(rank, _)| rank);
        if let Some(hidden) = next.and_then(|rank| shown.get_mut(rank)) {
            *hidden = Shown::Hidden;
        }
    }
    shown
}

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
    /// By place.
    pub places: BTreeMap<Id<Place>, Counts>,
    /// All places together.
    pub all: Counts,
    /// Different people who came.
    pub people: u32,
    /// The same by age; `None` where they did not say.
    pub bands: BTreeMap<Option<AgeBand>, u32>,
    /// Registrations by the door through which they came.
    pub channels: BTreeMap<String, u32>,
}

/// Counts sessions that began within a stretch of time and are over, of these departments, at one place or at all.
pub fn read(tx: &mut Tx<'_>, scope: &Scope, within: Span, place: Option<Id<Place>>) -> Result<Figures> {
    let now = tx.now();
    let until = within.end().min(now);
    let from = within.start();
    let mut params: Vec<&dyn ToValue> = vec![&from, &until, &now];
    let mut which = "t.starts_at >= $1 AND t.starts_at < $2 AND t.ends_at <= $3".to_owned();
    if let Some(place) = &place {
        params.push(place);
        which += " AND t.place = $4";
    }
    if let Scope::Departments(inside) = scope {
        let list = marks(params.len() + 1, inside.len());
        which =
            format!("{which} AND t.series IN (SELECT id FROM workshops_series WHERE department IN ({list}))");
        params.extend(inside.iter().map(|id| id as &dyn ToValue));
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
        "{joined} JOIN workshops_registration r ON r.id = s.registration WHERE {which} AND t.state = 'planned' \
         AND s.state = 'seated'"
    );
    let sql = format!(
        "SELECT r.band, COUNT(DISTINCT r.participant) {came} AND s.presence = 'present' GROUP BY r.band \
         ORDER BY r.band LIMIT {LISTED}"
    );
    let bands: Vec<(String, u32)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (band, count) in bands {
        *figures.bands.entry(AgeBand::from_word(&band)).or_default() += count;
    }
    let sql = format!("SELECT COUNT(DISTINCT r.participant) {came} AND s.presence = 'present'");
    figures.people = tx.query_one(&sql, &params, |row| row.get(0))?;
    let sql = format!(
        "SELECT r.channel, COUNT(DISTINCT r.id) {came} GROUP BY r.channel ORDER BY r.channel LIMIT {LISTED}"
    );
    let channels: Vec<(String, u32)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    figures.channels = channels.into_iter().collect();
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_hidden_and_cannot_be_found_by_subtraction() {
        use Shown::{Count, Hidden};
        assert_eq!([0, 1, 4, 5].map(Shown::of), [Count(0), Hidden, Hidden, Count(5)]);
        assert_eq!(parts(&[20, 3, 9, 0]), [Count(20), Hidden, Hidden, Count(0)]);
        assert_eq!(parts(&[20, 3, 2, 9]), [Count(20), Hidden, Hidden, Count(9)]);
        assert_eq!(parts(&[6, 7]), [Count(6), Count(7)]);
        assert_eq!(parts(&[3]), [Hidden]);
    }

    #[test]
    fn shares_are_rounded() {
        let counts = Counts { seats: 8, seated: 7, present: 5, absent: 1, excused: 1, ..Counts::default() };
        assert_eq!((counts.fill(), counts.missed()), (Some(88), Some(14)));
        assert_eq!(Counts::default().fill(), None);
    }
}
