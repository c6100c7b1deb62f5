//! Which pieces of a stock serve whom. They are alike: as long as no more are asked for at any moment than there are,
//! everybody is served, and what has not begun yet changes hands for it. Pure.

use std::collections::BTreeSet;

use beffroi_core::Instant;

use super::atom::Atom;
use crate::spans::Span;

/// A piece that somebody has for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held<K> {
    /// Which claim it is; none while it is being made.
    pub claim: Option<K>,
    /// Which piece.
    pub atom: Atom,
    /// For how long.
    pub span: Span,
}

/// A stock, and who has what of it within a stretch of time.
pub(super) struct Shelf<K> {
    /// The pieces that are in use, in the order of their numbers.
    pub pieces: Vec<Atom>,
    /// Who has what, all of it that meets the stretch.
    pub held: Vec<Held<K>>,
    /// What is known of.
    pub known: Span,
    /// What has begun is in somebody's hands.
    pub now: Instant,
}

impl<K: Copy> Shelf<K> {
    /// Takes `count` pieces that are free all along, without anything changing hands; `None` where there are not so many,
    /// or where somebody still counts on a piece that was set aside.
    pub fn take(&mut self, span: Span, count: usize) -> Option<Vec<Atom>> {
        let waits = |held: &Held<K>| held.span.start() > self.now && held.span.meets(span);
        if self.held.iter().any(|held| waits(held) && self.pieces.binary_search(&held.atom).is_err()) {
            return None;
        }
        let taken = busy(&self.held, span);
        let is_free = |atom: &Atom| !taken.contains(atom);
        let found: Vec<Atom> = self.pieces.iter().copied().filter(is_free).take(count).collect();
        if found.len() < count {
            return None;
        }
        self.held.extend(found.iter().map(|atom| Held { claim: None, atom: *atom, span }));
        Some(found)
    }

    /// Takes `count` pieces, whatever must change hands for it. Whether there are so many; where not, nothing changes.
    ///
    /// In the order of their beginnings, each is given a piece that is free by then: where never more are asked for than
    /// there are, there is one (interval graphs are perfect). It keeps its own if it can.
    pub fn rearrange(&mut self, span: Span, count: usize) -> bool {
        let stays = |held: &Held<K>| held.span.start() <= self.now || !self.known.covers(held.span);
        let (mut settled, mut waiting): (Vec<Held<K>>, Vec<Held<K>>) =
            self.held.iter().copied().partition(stays);
        let Some(first) = self.pieces.first() else { return count == 0 };
        waiting.extend((0..count).map(|_| Held { claim: None, atom: *first, span }));
        waiting.sort_by_key(|held| (held.span.start(), held.span.end(), held.claim.is_none()));
        for mut held in waiting {
            let taken = busy(&settled, held.span);
            let counts = held.claim.is_some() && self.pieces.binary_search(&held.atom).is_ok();
            let own = counts.then_some(held.atom);
            let mut choice = own.into_iter().chain(self.pieces.iter().copied());
            let Some(atom) = choice.find(|atom| !taken.contains(atom)) else { return false };
            held.atom = atom;
            settled.push(held);
        }
        self.held = settled;
        true
    }
}

/// The pieces that somebody has at some time of a stretch.
fn busy<K>(held: &[Held<K>], span: Span) -> BTreeSet<Atom> {
    held.iter().filter(|held| held.span.meets(span)).map(|held| held.atom).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn span(from: i64, until: i64) -> Span {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        Span::new(at(from), at(until)).unwrap()
    }

    fn shelf(pieces: i64) -> Shelf<usize> {
        let known = span(0, 1_000);
        Shelf {
            pieces: (1..=pieces).map(Atom::of_line).collect(),
            held: Vec::new(),
            known,
            now: known.start(),
        }
    }

    #[test]
    fn two_tablets_serve_three_who_never_need_more_than_two_at_once() {
        let mut shelf = shelf(2);
        shelf.take(span(10, 20), 1).unwrap();
        shelf.take(span(15, 25), 1).unwrap();
        shelf.take(span(25, 35), 1).unwrap();
        // The first tablet is free until 25, the second from 25 on: neither alone, but both in turn.
        shelf.held[2].atom = Atom::of_line(1);
        assert_eq!(shelf.take(span(20, 30), 1), None);
        for (claim, held) in shelf.held.iter_mut().enumerate() {
            held.claim = Some(claim);
        }
        assert!(shelf.rearrange(span(20, 30), 1));
        // What has begun stays where it is.
        shelf.now = span(26, 27).start();
        let before: Vec<_> = shelf.held.iter().filter(|it| it.span.start() <= shelf.now).copied().collect();
        assert!(!shelf.rearrange(span(28, 29), 1));
        assert!(shelf.rearrange(span(30, 60), 1));
        assert!(before.iter().all(|it| shelf.held.contains(it)));
    }

    #[test]
    fn a_piece_that_was_set_aside_is_lent_no_more() {
        let mut shelf = shelf(2);
        // Somebody counts on a third piece, and another one has a fourth already.
        for (piece, span) in [(3, span(10, 20)), (4, span(-10, 20))] {
            shelf.held.push(Held { claim: Some(0), atom: Atom::of_line(piece), span });
        }
        assert_eq!(shelf.take(span(12, 13), 1), None);
        assert!(!shelf.rearrange(span(12, 13), 2));
        assert!(shelf.rearrange(span(12, 13), 1));
        assert!(shelf.held.iter().any(|held| held.atom == Atom::of_line(4)));
        assert!(!shelf.held.iter().any(|held| held.atom == Atom::of_line(3)));
        assert!(shelf.take(span(30, 40), 2).is_some());
    }

    proptest! {
        #[test]
        fn everybody_is_served_as_long_as_there_are_enough(
            pieces in 1..5_i64,
            asked in prop::collection::vec((1..200_i64, 1..60_i64, 1..3_usize), 1..30)
        ) {
            let mut shelf = shelf(pieces);
            for (start, length, count) in asked {
                let wish = span(start, start + length);
                let at = |second: i64| span(second, second + 1);
                let most = (start..start + length)
                    .map(|second| shelf.held.iter().filter(|held| held.span.meets(at(second))).count())
                    .max()
                    .unwrap();
                let enough = most + count <= usize::try_from(pieces).unwrap();
                let before = shelf.held.len();
                let served = shelf.take(wish, count).is_some() || shelf.rearrange(wish, count);
                prop_assert_eq!(served, enough);
                prop_assert_eq!(shelf.held.len(), before + if served { count } else { 0 });
                for (rank, held) in shelf.held.iter_mut().enumerate() {
                    held.claim = Some(rank);
                }
                for (rank, one) in shelf.held.iter().enumerate() {
                    for other in shelf.held.iter().skip(rank + 1) {
                        prop_assert!(one.atom != other.atom || !one.span.meets(other.span));
                    }
                }
            }
        }
    }
}
