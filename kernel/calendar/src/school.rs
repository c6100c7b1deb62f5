//! The holidays of schools: those of the commune's zone, as the State has published them, and what the commune adds.

use beffroi_core::Day;
use serde::{Deserialize, Serialize};

/// A zone of the school calendar (Code de l'éducation, art. L521-1; the zones are those of the decree of each calendar).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// Besançon, Bordeaux, Clermont-Ferrand, Dijon, Grenoble, Limoges, Lyon, Poitiers.
    A,
    /// Aix-Marseille, Amiens, Lille, Nancy-Metz, Nantes, Nice, Normandie, Orléans-Tours, Reims, Rennes, Strasbourg.
    B,
    /// Créteil, Montpellier, Paris, Toulouse, Versailles.
    C,
}

impl Zone {
    const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// Days on which schools are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// What it is called: `Vacances d’hiver`.
    pub name: String,
    /// Its first day without school.
    pub first: Day,
    /// Its last day without school.
    pub last: Day,
}

/// The holidays of the schools of a commune, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolHolidays(Vec<Period>);

impl SchoolHolidays {
    /// What the State has published for a zone.
    pub fn of(zone: Zone) -> Self {
        let csv = include_str!("../../../catalogue/reference/school-holidays.csv");
        csv.lines().skip(1).filter_map(|line| read(line, zone)).collect()
    }

    /// With periods that the commune adds: years that are not published yet, a day that its schools close.
    #[must_use]
    pub fn with(self, more: impl IntoIterator<Item = Period>) -> Self {
        self.0.into_iter().chain(more).collect()
    }

    /// The period in which a day lies.
    pub fn holiday(&self, day: Day) -> Option<&Period> {
        // Periods added by hand may lie in one another: few begin before a day and none lasts long.
        let begun = self.0.partition_point(|period| period.first <= day);
        self.0.get(..begun)?.iter().rev().take(8).find(|period| day <= period.last)
    }

    /// The last day that is known of: whoever plans beyond it is told so.
    pub fn known_until(&self) -> Option<Day> {
        self.0.iter().map(|period| period.last).max()
    }

    /// All of them, in order.
    pub fn periods(&self) -> &[Period] {
        &self.0
    }
}

impl FromIterator<Period> for SchoolHolidays {
    fn from_iter<I: IntoIterator<Item = Period>>(periods: I) -> Self {
        let mut all: Vec<Period> = periods.into_iter().filter(|period| period.first <= period.last).collect();
        all.sort_by_key(|period| (period.first, period.last));
        Self(all)
    }
}

fn read(line: &str, zone: Zone) -> Option<Period> {
    let mut cells = line.split(',');
    let (of, name, first, last) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let period =
        Period {
            name: name.replace('\'', "’"), first: first.parse().ok()?, last: last.trim().parse().ok()?
        };
    (of == zone.as_str()).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn every_line_of_the_file_is_read() {
        let lines = include_str!("../../../catalogue/reference/school-holidays.csv").lines().count() - 1;
        let read: usize =
            [Zone::A, Zone::B, Zone::C].map(|zone| SchoolHolidays::of(zone).periods().len()).iter().sum();
        assert_eq!(read, lines);
    }

    #[test]
    fn a_day_knows_its_holidays() {
        let holidays = SchoolHolidays::of(Zone::C);
        let name = |of: &str| holidays.holiday(day(of)).map(|period| period.name.as_str());
        assert_eq!(name("2026-02-20"), None);
        assert_eq!(name("2026-02-21"), Some("Vacances d’hiver"));
        assert_eq!(name("2026-03-08"), Some("Vacances d’hiver"));
        assert_eq!(name("2026-03-09"), None);
        assert_eq!(holidays.known_until(), Some(day("2028-08-31")));
    }

    #[test]
    fn the_commune_may_add_days_of_its_own() {
        let own = Period { name: "Fête votive".into(), first: day("2026-06-15"), last: day("2026-06-15") };
        let backwards = Period { name: "Rien".into(), first: day("2026-06-20"), last: day("2026-06-18") };
        let holidays = SchoolHolidays::of(Zone::C).with([own.clone(), backwards]);
        assert_eq!(holidays.holiday(day("2026-06-15")), Some(&own));
        assert_eq!(holidays.holiday(day("2026-06-19")), None);
    }
}
