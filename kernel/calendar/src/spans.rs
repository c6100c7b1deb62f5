//! Stretches of time and sets of them: what is open, what is taken, and the gaps that are left. Pure.

use beffroi_core::Instant;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A stretch of time: from its start, which belongs to it, to its end, which does not. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(Instant, Instant)", into = "(Instant, Instant)")]
pub struct Span {
    start: Instant,
    end: Instant,
}

/// A stretch that would end before it has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it ends before it begins")]
pub struct EndsBeforeStart;

impl Span {
    /// From `start` to `end`; nothing where that is no time at all.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// When it begins.
    pub const fn start(self) -> Instant {
        self.start
    }

    /// The first instant that no longer belongs to it.
    pub const fn end(self) -> Instant {
        self.end
    }

    /// How long it is.
    pub fn length(self) -> TimeDelta {
        self.end - self.start
    }

    /// Whether an instant belongs to it.
    pub fn holds(self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether it holds all of another.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether both share an instant; one that begins where the other ends does not.
    pub fn meets(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What both share.
    pub fn and(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The shortest stretch that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Longer by so much at either side, as cleaning and setting up need it; within what can be counted.
    #[must_use]
    pub fn widened(self, before: TimeDelta, after: TimeDelta) -> Self {
        let start = self.start.checked_sub_signed(before).unwrap_or(self.start);
        let end = self.end.checked_add_signed(after).unwrap_or(self.end);
        Self { start: start.min(self.start), end: end.max(self.end) }
    }
}

impl TryFrom<(Instant, Instant)> for Span {
    type Error = EndsBeforeStart;

    fn try_from((start, end): (Instant, Instant)) -> Result<Self, EndsBeforeStart> {
        Self::new(start, end).ok_or(EndsBeforeStart)
    }
}

impl From<Span> for (Instant, Instant) {
    fn from(span: Span) -> Self {
        (span.start, span.end)
    }
}

/// A set of instants as stretches in order, none touching the next. All its operations take one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// The stretches, in order.
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether there is no instant in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How long all of them are together.
    pub fn length(&self) -> TimeDelta {
        self.0.iter().fold(TimeDelta::zero(), |sum, span| sum + span.length())
    }

    /// Whether a stretch lies wholly in it.
    pub fn covers(&self, span: Span) -> bool {
        let after = self.0.partition_point(|it| it.start <= span.start);
        after.checked_sub(1).and_then(|rank| self.0.get(rank)).is_some_and(|it| it.covers(span))
    }

    /// Whether a stretch shares an instant with it.
    pub fn meets(&self, span: Span) -> bool {
        let after = self.0.partition_point(|it| it.end <= span.start);
        self.0.get(after).is_some_and(|it| it.meets(span))
    }

    /// What is in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut merged = Merging::default();
        while let Some(next) = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a.start <= b.start => left.next(),
            (_, Some(_)) => right.next(),
            _ => left.next(),
        } {
            merged.push(*next);
        }
        merged.done
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut at, mut shared) = (0, Vec::new());
        for span in &self.0 {
            while other.0.get(at).is_some_and(|it| it.end <= span.start) {
                at += 1;
            }
            let beside = other.0.iter().skip(at).take_while(|it| it.start < span.end);
            shared.extend(beside.filter_map(|it| it.and(*span)));
        }
        Self(shared)
    }

    /// What is in this one alone.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (mut at, mut left) = (0, Vec::new());
        for span in &self.0 {
            while other.0.get(at).is_some_and(|it| it.end <= span.start) {
                at += 1;
            }
            let mut from = span.start;
            for taken in other.0.iter().skip(at).take_while(|it| it.start < span.end) {
                left.extend(Span::new(from, taken.start));
                from = taken.end;
            }
            left.extend(Span::new(from, span.end));
        }
        Self(left)
    }

    /// Those that last at least so long: where something of that length fits.
    pub fn at_least(&self, length: TimeDelta) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied().filter(move |span| span.length() >= length)
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut all: Vec<Span> = spans.into_iter().collect();
        all.sort_unstable();
        all.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        Self(all)
    }
}

/// Puts stretches together that come in the order of their starts.
#[derive(Default)]
struct Merging {
    done: Spans,
}

impl Merging {
    fn push(&mut self, span: Span) {
        match self.done.0.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => self.done.0.push(span),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Instant {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn span(start: i64, end: i64) -> Span {
        Span::new(at(start), at(end)).unwrap()
    }

    /// The seconds of a set, one by one: slow, and plain to see.
    fn seconds(spans: &Spans) -> BTreeSet<i64> {
        spans.0.iter().flat_map(|it| it.start.timestamp()..it.end.timestamp()).collect()
    }

    fn sets() -> impl Strategy<Value = Spans> {
        let one = (0..200_i64, 1..40_i64).prop_map(|(start, length)| span(start, start + length));
        prop::collection::vec(one, 0..12).prop_map(|all| all.into_iter().collect())
    }

    fn in_order(spans: &Spans) -> bool {
        spans.0.windows(2).all(|pair| matches!(pair, [a, b] if a.end < b.start))
    }

    proptest! {
        #[test]
        fn sets_behave_as_sets_of_seconds(a in sets(), b in sets()) {
            let (left, right) = (seconds(&a), seconds(&b));
            for (found, expected) in [
                (a.or(&b), left.union(&right).copied().collect::<BTreeSet<_>>()),
                (a.and(&b), left.intersection(&right).copied().collect()),
                (a.minus(&b), left.difference(&right).copied().collect()),
            ] {
                prop_assert!(in_order(&found));
                prop_assert_eq!(seconds(&found), expected);
            }
        }

        #[test]
        fn a_gap_is_found_where_something_fits(open in sets(), taken in sets(), length in 1..30_i64) {
            let free = open.minus(&taken);
            for start in 0..240 {
                let wished = span(start, start + length);
                let fits = free.at_least(TimeDelta::seconds(length)).any(|gap| gap.covers(wished));
                let seconds_free = (start..start + length).all(|second| seconds(&free).contains(&second));
                prop_assert_eq!(fits, seconds_free);
                prop_assert_eq!(free.covers(wished), seconds_free);
                let seconds_taken = (start..start + length).any(|second| seconds(&taken).contains(&second));
                prop_assert_eq!(taken.meets(wished), seconds_taken);
            }
        }
    }

    #[test]
    fn what_begins_where_the_other_ends_does_not_meet_it() {
        assert!(!span(0, 10).meets(span(10, 20)));
        assert!(span(0, 11).meets(span(10, 20)));
        assert_eq!(Span::new(at(5), at(5)), None);
        let both: Spans = [span(0, 10), span(10, 20)].into_iter().collect();
        assert_eq!(both.as_slice(), [span(0, 20)]);
    }
}
