//! Money, in integer cents of a euro.

use std::{fmt, iter::Sum, ops};

use serde::{Deserialize, Serialize};

use crate::Lang;

/// An amount in cents of a euro. Never a floating-point number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// An amount as people type it: `120`, `120,5`, `1 234,50 €`; nothing where it is none, or has fractions of a cent.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain: String =
            typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '€').collect();
        let (euros, cents) = plain.split_once([',', '.']).unwrap_or((&plain, ""));
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        if euros.is_empty() || euros.len() > 12 || cents.len() > 2 || !digits(euros) || !digits(cents) {
            return None;
        }
        let cents: i64 = format!("{cents:0<2}").parse().ok()?;
        Some(Self(euros.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?))
    }

    /// In the reader's language: `1 234,50 €`, `€1,234.50`.
    pub fn read_in(self, lang: Lang) -> String {
        if lang == Lang::Fr {
            return self.to_string();
        }
        let (sign, grouped, cents) = self.parts(',');
        format!("{sign}€{grouped}.{cents:02}")
    }

    /// The sign, the euros in groups of three, the cents.
    fn parts(self, between: char) -> (&'static str, String, u64) {
        let (euros, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let digits = euros.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 * 3);
        for (rank, digit) in digits.chars().enumerate() {
            if rank > 0 && (digits.len() - rank).is_multiple_of(3) {
                grouped.push(between);
            }
            grouped.push(digit);
        }
        (if self.0 < 0 { "-" } else { "" }, grouped, cents)
    }

    /// An amount as a control has it, which [`Cents::parse`] reads: `120,50`.
    pub fn typed(self) -> String {
        format!("{},{:02}", self.0 / 100, self.0 % 100)
    }
}

impl ops::Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), ops::Add::add)
    }
}

/// As French typography writes it: `1 234,50 €`, with narrow and plain non-breaking spaces.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, grouped, cents) = self.parts('\u{202f}');
        write!(f, "{sign}{grouped},{cents:02}\u{a0}€")
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;
    use crate::Lang;

    #[test]
    fn an_amount_is_read_as_people_type_it() {
        for (typed, cents) in [("120", 12_000), ("120,5", 12_050), ("1 234,50 €", 123_450), ("0", 0)] {
            assert_eq!(Cents::parse(typed), Some(Cents(cents)), "{typed}");
        }
        for wrong in ["", "-3", "douze", "1,234", ",5", "1e3", "99999999999999"] {
            assert_eq!(Cents::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_amount_reads_as_a_french_reader_expects() {
        assert_eq!(Cents(0).to_string(), "0,00\u{a0}€");
        assert_eq!(Cents(123_450).to_string(), "1\u{202f}234,50\u{a0}€");
        assert_eq!(Cents(-5).to_string(), "-0,05\u{a0}€");
        assert_eq!(Cents(100_000_000).to_string(), "1\u{202f}000\u{202f}000,00\u{a0}€");
    }
    #[test]
    fn an_amount_reads_as_an_english_reader_expects() {
        assert_eq!(Cents(20_000).read_in(Lang::En), "€200.00");
        assert_eq!(Cents(123_450).read_in(Lang::En), "€1,234.50");
        assert_eq!(Cents(-5).read_in(Lang::En), "-€0.05");
        assert_eq!(Cents(123_450).read_in(Lang::Fr), "1\u{202f}234,50\u{a0}€");
    }
}
