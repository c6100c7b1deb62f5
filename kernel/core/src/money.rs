//! Money, in integer cents of a euro.

use std::{fmt, iter::Sum, ops};

use serde::{Deserialize, Serialize};

/// An amount in cents of a euro. Never a floating-point number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

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
        let (euros, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let digits = euros.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 * 3);
        for (rank, digit) in digits.chars().enumerate() {
            if rank > 0 && (digits.len() - rank).is_multiple_of(3) {
                grouped.push('\u{202f}');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{grouped},{cents:02}\u{a0}€")
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn an_amount_reads_as_a_french_reader_expects() {
        assert_eq!(Cents(0).to_string(), "0,00\u{a0}€");
        assert_eq!(Cents(123_450).to_string(), "1\u{202f}234,50\u{a0}€");
        assert_eq!(Cents(-5).to_string(), "-0,05\u{a0}€");
        assert_eq!(Cents(100_000_000).to_string(), "1\u{202f}000\u{202f}000,00\u{a0}€");
    }
}
