//! What can be claimed whole, and where its time lies on the one line of numbers on which all claims are.

use beffroi_core::Instant;
use beffroi_store::{FromValue, Result, StoreError, ToValue, Value};
use chrono::DateTime;

use crate::spans::Span;

/// Numbers of an atom: seconds until the year 2514.
pub(super) const LINE: i64 = 1 << 34;

/// What can be claimed whole, by its line: a room, a part of a hall, one tablet of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(i64);

impl Atom {
    /// The atom of a line.
    pub const fn of_line(line: i64) -> Self {
        Self(line)
    }

    /// Its line.
    pub const fn line(self) -> i64 {
        self.0
    }

    /// Where a stretch of time lies. What does not end with a second holds all of that second.
    pub(super) fn place(self, span: Span) -> Place {
        let (low, high) = seconds(span);
        Place { low: self.0 * LINE + low, high: self.0 * LINE + high }
    }
}

/// A stretch of time in whole seconds since 1970; what lies before, or after 2514, is cut off.
pub(super) fn seconds(span: Span) -> (i64, i64) {
    let low = span.start().timestamp().clamp(0, LINE - 1);
    let end = span.end().timestamp() + i64::from(span.end().timestamp_subsec_nanos() > 0);
    (low, end.clamp(low + 1, LINE))
}

/// A stretch of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub low: i64,
    pub high: i64,
}

impl Place {
    /// Of which atom it is, and when.
    pub fn read(self) -> Result<(Atom, Span)> {
        let line = self.low.div_euclid(LINE);
        let at = |number: i64| DateTime::from_timestamp(number - line * LINE, 0);
        let span = at(self.low)
            .zip(at(self.high))
            .and_then(|(start, end): (Instant, Instant)| Span::new(start, end));
        span.map(|span| (Atom(line), span))
            .ok_or_else(|| StoreError::Corrupt("a claim lies on no line".to_owned()))
    }
}

impl FromValue for Atom {
    const EXPECTED: &'static str = "the line of an atom";

    fn from_value(value: Value) -> Result<Self, Value> {
        i64::from_value(value).map(Self)
    }
}

impl ToValue for Atom {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn span(from: i64, until: i64) -> Span {
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        Span::new(at(from), at(until)).unwrap()
    }

    #[test]
    fn a_place_tells_whose_it_is_and_when() {
        let whole = span(3_000, 9_000);
        assert_eq!(Atom(7).place(whole).read().unwrap(), (Atom(7), whole));
        // What is begun within a second takes that second.
        assert_eq!(Atom(7).place(span(3_400, 8_001)), Atom(7).place(whole));
        assert_eq!(Atom(1).place(span(100, 200)), Place { low: LINE, high: LINE + 1 });
    }

    #[test]
    fn the_end_of_a_line_is_not_the_beginning_of_the_next() {
        let late = DateTime::from_timestamp(LINE - 10, 0).unwrap();
        let span = Span::new(late, late + TimeDelta::days(400)).unwrap();
        let (atom, read) = Atom(3).place(span).read().unwrap();
        assert_eq!((atom, read.length()), (Atom(3), TimeDelta::seconds(10)));
        let beyond = Span::new(late + TimeDelta::days(1), late + TimeDelta::days(2)).unwrap();
        assert_eq!(Atom(3).place(beyond).read().unwrap().0, Atom(3));
    }
}
