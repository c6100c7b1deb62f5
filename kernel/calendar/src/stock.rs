//! How many pieces of a stock are left within a stretch of time, and when most of them are promised.

use std::collections::BTreeMap;

use beffroi_core::{Id, Instant};
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    claims::{self, Atom, Parts},
    resource::Resource,
    spans::{Span, Spans},
};

/// How far ahead promises are looked at.
const AHEAD: TimeDelta = TimeDelta::days(1_100);

/// The moment at which most pieces of a stock are out or promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busiest {
    /// How many are.
    pub count: u32,
    /// From when on.
    pub at: Instant,
}

/// How many pieces of each of these stocks can be had all along a stretch of time, whatever one loan or booking has of
/// them (`but`). Pieces change hands, so that this is what is never asked for meanwhile.
pub fn left(
    tx: &mut Tx<'_>,
    stocks: &[Id<Resource>],
    within: Span,
    but: Option<Uuid>,
) -> Result<BTreeMap<Id<Resource>, u32>> {
    let count = |parts: &Parts| u32::try_from(parts.pieces.len()).unwrap_or(u32::MAX);
    let found = busiest_but(tx, stocks, within, but)?.into_iter();
    Ok(found
        .map(|(id, (parts, most))| (id, count(&parts).saturating_sub(most.map_or(0, |most| most.count))))
        .collect())
}

/// When most pieces of each of these stocks are out or promised, from now on; those of which none is are left out.
pub fn promised(tx: &mut Tx<'_>, stocks: &[Id<Resource>]) -> Result<BTreeMap<Id<Resource>, Busiest>> {
    let now = tx.now();
    let Some(ahead) = Span::new(now, now + AHEAD) else { return Ok(BTreeMap::new()) };
    let found = busiest_but(tx, stocks, ahead, None)?.into_iter();
    Ok(found.filter_map(|(id, (_, most))| Some((id, most?))).collect())
}

/// The pieces of each stock, and when most of them are out or promised.
type Counted = BTreeMap<Id<Resource>, (Parts, Option<Busiest>)>;

fn busiest_but(tx: &mut Tx<'_>, stocks: &[Id<Resource>], within: Span, but: Option<Uuid>) -> Result<Counted> {
    let now = tx.now();
    let parts = claims::parts(tx, stocks)?;
    let atoms: Vec<Atom> =
        parts.values().flat_map(|it| it.pieces.iter().chain(&it.set_aside)).copied().collect();
    let taken = claims::taken_but(tx, &atoms, within, but)?;
    let each = parts.into_iter().map(|(id, parts)| {
        let of = |atom: &Atom| taken.get(atom).map_or(&[][..], Spans::as_slice).iter().copied();
        // What is out of the pieces that were set aside comes back to no stock; what was promised of them is to be served.
        let waits = parts.set_aside.iter().flat_map(of).filter(|span| span.start() > now);
        let most = busiest(parts.pieces.iter().flat_map(of).chain(waits).filter_map(|span| span.and(within)));
        (id, (parts, most))
    });
    Ok(each.collect())
}

/// The moment at which most of these stretches meet.
fn busiest(spans: impl Iterator<Item = Span>) -> Option<Busiest> {
    let mut changes: Vec<(Instant, i32)> =
        spans.flat_map(|span| [(span.start(), 1), (span.end(), -1)]).collect();
    // What ends at a moment makes room for what begins then.
    changes.sort_unstable();
    let (mut count, mut most) = (0, None::<(i32, Instant)>);
    for (at, change) in changes {
        count += change;
        if most.is_none_or(|(most, _)| count > most) && count > 0 {
            most = Some((count, at));
        }
    }
    most.map(|(count, at)| Busiest { count: u32::try_from(count).unwrap_or_default(), at })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn span(from: i64, until: i64) -> Span {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        Span::new(at(from), at(until)).unwrap()
    }

    #[test]
    fn what_ends_as_another_begins_needs_one_piece() {
        assert_eq!(busiest([span(0, 10), span(10, 20)].into_iter()).unwrap().count, 1);
        let most = busiest([span(0, 10), span(5, 20), span(8, 9)].into_iter()).unwrap();
        assert_eq!((most.count, most.at.timestamp()), (3, 8));
        assert_eq!(busiest(std::iter::empty()), None);
    }
}
