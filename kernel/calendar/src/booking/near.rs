//! What is proposed to whoever cannot have what they wish: the nearest times at which all of it can be had.

use beffroi_core::Id;
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::TimeDelta;

use super::rules::{Booking, Extra};
use crate::{
    availability::availability_but,
    claims::HowMuch,
    resource::Kept,
    spans::{Span, Spans},
    town,
};

/// Free times that are proposed.
const PROPOSED: usize = 5;
/// Days around a wish in which they are looked for.
const LOOKED_AROUND: i64 = 45;

/// The times nearest to a wish at which all of it is free and may be booked now, in order; what one booking of theirs has
/// does not stand in their way. A length that nobody may book is brought to one that they may.
pub fn nearest(
    tx: &mut Tx<'_>,
    resource: &Kept,
    extras: &[Extra],
    wish: Span,
    own: Option<Id<Booking>>,
    town: &Town,
) -> Result<Vec<Span>> {
    let (now, zone, terms) = (tx.now(), town.zone(), &resource.details.terms);
    let Some(window) = terms.window(now, zone) else { return Ok(Vec::new()) };
    let minutes = |count: u32| TimeDelta::minutes(i64::from(count));
    let length = wish.length().max(minutes(terms.shortest_minutes)).min(minutes(terms.longest_minutes));
    // Whoever asked for a day long past, or too far away, is offered what comes next to it.
    let start = wish.start().min(window.end() - TimeDelta::seconds(1)).max(window.start());
    let Some(wish) = Span::new(start, start + length) else { return Ok(Vec::new()) };
    let reach = TimeDelta::days(LOOKED_AROUND);
    let along = extras.iter().map(|extra| (extra.resource, HowMuch::Pieces(extra.count)));
    let asked: Vec<_> = std::iter::once((resource.id, HowMuch::Whole)).chain(along).collect();
    let (school, buffers) = (town::school(town), terms.buffers());
    let within = wish.widened(reach, reach);
    let mut found = availability_but(tx, &asked, within, &town::year(town, &school), own)?;
    let Some(mut room) = found.remove(&resource.id) else { return Ok(Vec::new()) };
    for extra in found.values() {
        // What is booked along is kept while the room is set up and cleaned, too.
        let everywhere = Spans::from(within);
        room.free = room.free.and(&buffers.free(&everywhere, &extra.taken));
    }
    Ok(room.nearest(wish, PROPOSED, now, zone))
}
