//! The months that figures cover, and as many before, which they are compared with.

use beffroi_cases::tally::Month;
use beffroi_core::Day;

/// The lengths that can be chosen, in months; the first is the usual one.
pub const LENGTHS: [i32; 4] = [12, 6, 3, 24];

/// So many months up to the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first month.
    pub from: Month,
    /// The last: the present one.
    pub until: Month,
    /// How many.
    pub months: i32,
}

impl Period {
    /// The last months, this one included; the usual number where what is asked is none of the choices.
    pub fn of(asked: &str, today: Day) -> Self {
        let months = asked.parse().ok().filter(|months| LENGTHS.contains(months));
        let [usual, ..] = LENGTHS;
        let months = months.unwrap_or(usual);
        let until = Month::of(today);
        Self { from: until.plus(1 - months), until, months }
    }

    /// As many months before.
    pub fn before(self) -> Self {
        let until = self.from.plus(-1);
        Self { from: until.plus(1 - self.months), until, months: self.months }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_and_the_one_before_are_as_long_and_touch() {
        let today = "2026-06-03".parse().unwrap();
        let year = Period::of("", today);
        assert_eq!(
            (year.from.to_string(), year.until.to_string()),
            ("2025-07".to_owned(), "2026-06".to_owned())
        );
        let before = year.before();
        assert_eq!(
            (before.from.to_string(), before.until.to_string()),
            ("2024-07".to_owned(), "2025-06".to_owned())
        );
        assert_eq!(Period::of("3", today).from.to_string(), "2026-04");
        assert_eq!(Period::of("-9000", today), year);
    }
}
