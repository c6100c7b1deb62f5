//! How long the commune has to answer.

use std::{fmt, str::FromStr};

use chrono::{Days, Months};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Day, Lang};

/// A term, written `2m`, `30d` or `8w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// Months, from a day to the same day of a later month, clamped to that month's end.
    Months(u16),
    /// Days, all of them counted.
    Days(u16),
    /// Weeks of seven days.
    Weeks(u16),
}

impl Term {
    /// The day that lies this term after `day`; `None` beyond the calendar.
    pub fn after(self, day: Day) -> Option<Day> {
        match self {
            Self::Months(count) => day.checked_add_months(Months::new(count.into())),
            Self::Days(count) => day.checked_add_days(Days::new(count.into())),
            Self::Weeks(count) => day.checked_add_days(Days::new(u64::from(count) * 7)),
        }
    }

    /// Whether the term is one that a text could give: more than nothing, ten years at most.
    pub(super) fn is_in_range(self) -> bool {
        match self {
            Self::Months(count) => (1..=120).contains(&count),
            Self::Days(count) => (1..=3_652).contains(&count),
            Self::Weeks(count) => (1..=521).contains(&count),
        }
    }

    /// The term in words: `2 mois`, `30 jours`, `8 semaines`; `2 months`. The space does not break.
    pub fn text(self, lang: Lang) -> String {
        let (count, unit) = match (self, lang) {
            (Self::Months(count), Lang::Fr) => (count, "mois"),
            (Self::Days(count), Lang::Fr) => (count, "jour"),
            (Self::Weeks(count), Lang::Fr) => (count, "semaine"),
            (Self::Months(count), Lang::En) => (count, "month"),
            (Self::Days(count), Lang::En) => (count, "day"),
            (Self::Weeks(count), Lang::En) => (count, "week"),
        };
        let plural = if count > 1 && unit != "mois" { "s" } else { "" };
        format!("{count}\u{a0}{unit}{plural}")
    }
}

impl Term {
    /// The same after « un délai » and « the term »: `de 2 mois`, `d’un mois`, `d’une semaine`; `of 2 months`.
    pub fn of_text(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Months(1), Lang::Fr) => "d’un mois".to_owned(),
            (Self::Days(1), Lang::Fr) => "d’un jour".to_owned(),
            (Self::Weeks(1), Lang::Fr) => "d’une semaine".to_owned(),
            (_, Lang::Fr) => format!("de {}", self.text(lang)),
            (_, Lang::En) => format!("of {}", self.text(lang)),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Months(count) => write!(f, "{count}m"),
            Self::Days(count) => write!(f, "{count}d"),
            Self::Weeks(count) => write!(f, "{count}w"),
        }
    }
}

/// Why a text is not a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTermError {
    /// Not a whole number followed by its unit.
    #[error("a term is a number followed by m (months), w (weeks) or d (days), such as 2m")]
    Form,
    /// Zero, or longer than ten years.
    #[error("a term is between one day and ten years")]
    OutOfRange,
}

impl FromStr for Term {
    type Err = ParseTermError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit: fn(u16) -> Self = match text.chars().last() {
            Some('m') => Self::Months,
            Some('d') => Self::Days,
            Some('w') => Self::Weeks,
            _ => return Err(ParseTermError::Form),
        };
        let digits = text.trim_end_matches(['m', 'd', 'w']);
        if digits.len() + 1 != text.len()
            || digits.is_empty()
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(ParseTermError::Form);
        }
        // All digits: the number can only fail by being too large.
        let term = digits.parse().map(unit).map_err(|_| ParseTermError::OutOfRange)?;
        if term.is_in_range() { Ok(term) } else { Err(ParseTermError::OutOfRange) }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_written_as_in_a_procedure_file() {
        for (text, term) in [("2m", Term::Months(2)), ("30d", Term::Days(30)), ("8w", Term::Weeks(8))] {
            assert_eq!(text.parse(), Ok(term));
            assert_eq!(term.to_string(), text);
            assert_eq!(serde_json::to_string(&term).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Term>(&format!("\"{text}\"")).unwrap(), term);
        }
    }

    #[test]
    fn what_is_no_term_is_said_to_be_none() {
        for text in ["", "m", "2", "2 m", "-2m", "+2m", "2M", "2y", "2mm", "m2", "2,5m", "٢m", "2é"] {
            assert_eq!(text.parse::<Term>(), Err(ParseTermError::Form), "{text:?}");
        }
        for text in ["0d", "121m", "522w", "3653d", "99999999999999999999m"] {
            assert_eq!(text.parse::<Term>(), Err(ParseTermError::OutOfRange), "{text:?}");
        }
    }

    #[test]
    fn a_term_reads_in_words() {
        assert_eq!(Term::Months(2).text(Lang::Fr), "2\u{a0}mois");
        assert_eq!(Term::Weeks(1).text(Lang::Fr), "1\u{a0}semaine");
        assert_eq!(Term::Days(30).text(Lang::Fr), "30\u{a0}jours");
        assert_eq!(Term::Months(4).text(Lang::En), "4\u{a0}months");
        assert_eq!(Term::Days(1).text(Lang::En), "1\u{a0}day");
    }

    #[test]
    fn months_are_clamped_to_their_end() {
        let after = |day: &str, months| Term::Months(months).after(day.parse().unwrap()).unwrap().to_string();
        assert_eq!(after("2023-12-30", 2), "2024-02-29");
        assert_eq!(after("2024-12-30", 2), "2025-02-28");
        assert_eq!(after("2024-02-29", 12), "2025-02-28");
        assert_eq!(after("2024-02-29", 48), "2028-02-29");
        assert_eq!(after("2100-01-31", 1), "2100-02-28");
        assert_eq!(after("2026-03-31", 1), "2026-04-30");
    }
}
