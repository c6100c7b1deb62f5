//! What is proposed becomes bookings: a series for each time of the week, and every association is told.

use std::collections::BTreeMap;

use beffroi_calendar::{
    booking::{self, Booking, Canceller, Details, NewBooking, Series, Skipped},
    claims::ClaimError,
    season::Look,
};
use beffroi_core::Id;
use beffroi_people::{Permit, Town};
use beffroi_store::{Result, Tx};
use serde_json::json;

use super::{
    allotment::{self, Allotment, Laid, left_out},
    contract,
    prices::{Prices, Sum},
    proposal::{self, AllAdvice},
    request::{self, Request, SUBJECT},
    round::{self, Round, State},
    shown::Names,
    told,
};
use crate::{ManageSeasons, deposit};

/// What was published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Times of the week that are booked.
    pub series: usize,
    /// Dates of all of them.
    pub dates: usize,
    /// Times that had no date left, and are not booked.
    pub without: usize,
}

/// Books all that is proposed, each time of the week with all its dates at once, and tells every association. What is over
/// is not booked. `None` where there is no proposal.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has some of it by now; the caller undoes all of it with the transaction.
pub fn publish(
    tx: &mut Tx<'_>,
    _: &Permit<ManageSeasons>,
    (town, round): (&Town, &Round),
    origin: &str,
) -> std::result::Result<Option<Published>, ClaimError> {
    if round.state != State::Proposed {
        return Ok(None);
    }
    let requests = request::of_round(tx, round.id)?;
    let mut all = allotment::of_round(tx, round.id)?;
    let laid = Laid::out(tx, (town, round), &requests, &all)?;
    let mut looks = laid.looks;
    let now = tx.now();
    for look in &mut looks {
        look.free.retain(|date| date.start() > now);
    }
    let mut published = Published::default();
    let mut prices = Prices::load(tx, town, &round.sheet.rooms, &requests)?;
    let mut sums: BTreeMap<Id<Request>, Sum> = BTreeMap::new();
    let mut new: Vec<Series> = Vec::with_capacity(all.len());
    let mut ranks = Vec::with_capacity(all.len());
    for (rank, (it, look)) in all.iter().zip(&looks).enumerate() {
        let whose = requests.iter().find(|request| request.id == it.request);
        let (Some(request), Some(first)) = (whose, look.free.first()) else {
            published.without += 1;
            continue;
        };
        let details = details(request, it, look);
        published.series += 1;
        published.dates += look.free.len();
        let price = prices.of(request, it.slot.room, &look.free);
        if let Some(price) = &price {
            sums.entry(request.id).or_default().add(price, it.slot.room, request.lang);
        }
        new.push(Series {
            new: NewBooking { resource: it.slot.room, span: *first, details },
            owner: request.id.uuid(),
            price,
            body: Some((request.body.key(), request.body.name.clone())),
        });
        ranks.push(rank);
    }
    let ids = booking::grant_each(tx, SUBJECT, &new, town.zone())?;
    for (rank, id) in ranks.into_iter().zip(ids) {
        if let Some(it) = all.get_mut(rank) {
            it.booking = Some(id);
        }
    }
    allotment::replace(tx, round.id, &all)?;
    let figures = json!({ "series": published.series, "dates": published.dates });
    if !round::published(tx, round, figures)? {
        return Ok(None);
    }
    let advice = proposal::advice(tx, round.id)?;
    tell(tx, (town, round), &requests, (&all, &looks, &sums), &advice, origin)?;
    Ok(Some(published))
}

fn details(request: &Request, it: &Allotment, look: &Look) -> Details {
    let wish = usize::try_from(it.wish).ok().and_then(|rank| request.wishes.get(rank));
    let activity = wish.map(|wished| wished.activity.as_str()).unwrap_or_default();
    let skipped = left_out(look).into_iter().map(|(span, why)| Skipped { span, why: why.to_owned() });
    Details {
        people: wish.map(|wished| wished.wish.people),
        note: format!("{}, {activity}", request.body.name).trim_end_matches(", ").to_owned(),
        dates: look.free.clone(),
        skipped: skipped.collect(),
        ..Details::default()
    }
}

fn tell(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    requests: &[Request],
    (all, looks, sums): (&[Allotment], &[Look], &BTreeMap<Id<Request>, Sum>),
    advice: &AllAdvice,
    origin: &str,
) -> Result<()> {
    let names = Names::load(tx, &round.sheet.rooms, requests.iter().map(Request::named))?;
    let mut given: BTreeMap<Id<Request>, Vec<(&Allotment, &Look)>> = BTreeMap::new();
    for (it, look) in all.iter().zip(looks).filter(|(it, _)| it.booking.is_some()) {
        given.entry(it.request).or_default().push((it, look));
    }
    for request in requests {
        let own = given.get(&request.id).map(Vec::as_slice).unwrap_or_default();
        let known = advice.iter().find(|(id, _)| *id == request.id);
        let still =
            still_refused(request, known.map(|(_, advice)| advice.as_slice()).unwrap_or_default(), all);
        let sum = sums.get(&request.id);
        told::result(tx, (town, round), request, (own, &still, sum), &names, origin)?;
        if !own.is_empty() {
            contract::order(tx, request.id)?;
        }
    }
    Ok(())
}

/// What is said of the wishes that are still not granted as often as they were wished: what agents gave by hand counts.
pub fn still_refused(
    request: &Request,
    advice: &[proposal::Advice],
    given: &[Allotment],
) -> Vec<proposal::Advice> {
    let missing = |rank: usize| {
        let times = request.wishes.get(rank).map_or(0, |wished| wished.wish.times);
        let of_wish = |given: &Allotment| usize::try_from(given.wish).is_ok_and(|wish| wish == rank);
        let had = given.iter().filter(|it| it.request == request.id && of_wish(it)).count();
        times.saturating_sub(u32::try_from(had).unwrap_or(u32::MAX))
    };
    let still = (0..request.wishes.len()).map(|wish| {
        let known = advice.iter().find(|it| it.wish == wish);
        let why = known.map(|it| it.why.clone()).unwrap_or_default();
        proposal::Advice { wish, missing: missing(wish), why }
    });
    still.filter(|it| it.missing > 0).collect()
}

/// Gives back what is left of a time of the week. `false` where nothing of it is to come, or it is given back already.
pub fn give_back(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    request: &Request,
    (it, why): (&Allotment, &str),
    by: Canceller,
    origin: &str,
) -> Result<bool> {
    let Some(id) = it.booking.filter(|_| it.request == request.id) else { return Ok(false) };
    if !booking::cancel_one(tx, id, by, why, town.zone())? {
        return Ok(false);
    }
    contract::file_away(tx, request.id, id)?;
    round::note(tx, "season.given_back", round.id, json!({ "request": request.id, "allotment": it.id }))?;
    let names = Names::load(tx, &round.sheet.rooms, [])?;
    let deposit_back = deposit::is_to_come_back(tx, id)?;
    told::given_back(tx, (town, round), request, (it, why, deposit_back), &names, origin)?;
    Ok(true)
}

/// Which of the bookings of a round were given back.
pub fn those_given_back(tx: &mut Tx<'_>, all: &[Allotment]) -> Result<Vec<Id<Booking>>> {
    let ids: Vec<Id<Booking>> = all.iter().filter_map(|it| it.booking).collect();
    booking::given_back(tx, &ids)
}
