//! Picking what comes again, for programs: all dates at once, as whoever is signed in picks them on the page.

use std::sync::Arc;

use beffroi_calendar::{booking as bookings, spans::Span};
use beffroi_core::{Day, Instant};
use beffroi_people::{Town, session::Through};
use beffroi_store::{By, Tx};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, once::Key};
use serde::{Deserialize, Serialize};

use super::{Free, Hold, Looked, NewHold, created, failed, nearest, problem, unfit};
use crate::booking::{
    commands::{self, Before, Holder, NotHeld, Series, bookable},
    form::words,
    rules::{Refusal, Repeats},
};

/// How something comes again.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "every": "week", "until": "2026-12-15" }))]
pub(crate) struct Again {
    /// Every week, every other week, or on the same weekday of each month.
    pub(super) every: Every,
    /// The last day on which it may begin: 400 days after the first at most, and for 60 dates at most.
    #[schema(value_type = String, format = Date)]
    pub(super) until: Day,
    /// Whether nothing is held where one of its dates cannot be had.
    #[serde(default)]
    pub(super) whole: bool,
}

/// How often it comes again.
#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Every {
    Week,
    Fortnight,
    Month,
}

impl Every {
    /// The same for the page.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Week => Repeats::Weekly.as_str(),
            Self::Fortnight => Repeats::Fortnightly.as_str(),
            Self::Month => Repeats::Monthly.as_str(),
        }
    }
}

/// A date that cannot be had.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "start": "2026-10-13T16:00:00Z",
    "end": "2026-10-13T18:00:00Z",
    "reason": "taken"
}))]
pub(crate) struct Lost {
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
    /// Why: `taken`, `closed`, `past`, `soon` and `far` for how long before it may be booked, `left-out` for an hour that
    /// the clocks leave out that day; otherwise the word of the term of the room that it does not suit.
    reason: String,
}

impl Lost {
    fn of((span, reason): (Span, &str)) -> Self {
        Self { start: span.start(), end: span.end(), reason: reason.to_owned() }
    }

    fn all(series: &Series) -> Vec<Self> {
        series.refused.iter().map(|(span, why)| Self::of((*span, why.code()))).collect()
    }
}

/// Holds what comes again.
pub(super) async fn book(
    page: &Page,
    commune: &CommuneOf,
    visitor: &Visitor,
    (slug, asked, span): (String, NewHold, Span),
    key: Key,
) -> Result {
    // No stranger holds a year of evenings.
    let program = visitor.signed_in.as_ref().is_some_and(|who| matches!(who.through, Through::Token { .. }));
    if visitor.member().is_none() && !program {
        return Err(WebError::sign_in_required());
    }
    let (asked, holder) = (Arc::new(asked), Holder::of(visitor));
    let (room, wish) = (slug.clone(), Arc::clone(&asked));
    let held = commune.write(visitor.by, move |tx| key.attempt(tx, |tx| hold(tx, &room, &wish, &holder)));
    let (refused, series) = match held.await {
        Ok(Some(made)) => return Ok(created(&made)),
        Ok(None) => return Err(WebError::conflict()),
        Err(NotHeld::Refused(refused)) => (refused, None),
        Err(NotHeld::Partly(series)) => (vec![Refusal::Taken], Some(series)),
        Err(other) => return Err(failed(other)),
    };
    let looked = commune.read(By::VISITOR, move |tx| around(tx, &slug, &asked, span));
    let (extras, free) = looked.await.map_err(failed)?;
    let taken = refused.iter().find(|it| matches!(it, Refusal::Taken | Refusal::ExtraTaken(_)));
    let Some(taken) = taken else { return Err(unfit(page, &extras, &refused)) };
    let lost = series.as_ref().map(Lost::all).unwrap_or_default();
    let detail = match &series {
        Some(_) => page.t("rooms-refused-series").to_owned(),
        None => words(page, &extras, taken),
    };
    Ok(problem(page, detail, &free, lost))
}

fn hold(tx: &mut Tx<'_>, slug: &str, asked: &NewHold, holder: &Holder) -> std::result::Result<Hold, NotHeld> {
    if let Some(refusal) = asked.not_whole() {
        return Err(NotHeld::Refused(vec![refusal]));
    }
    let town = Town::load(tx)?;
    let found = commands::hold(tx, slug, &asked.typed(town.zone()), holder, Before::Nothing)?;
    let (dates, refused) = match bookings::find(tx, found.id)? {
        Some(held) => (
            held.dates().iter().copied().map(Free::of).collect(),
            held.details.skipped.iter().map(|it| Lost::of((it.span, it.why.as_str()))).collect(),
        ),
        None => (Vec::new(), Vec::new()),
    };
    Ok(Hold {
        id: found.id.to_string(),
        token: found.secret.reveal().to_owned(),
        start: found.span.start(),
        end: found.span.end(),
        expires_at: found.until,
        request_url: format!("/api/v1/procedures/{}/cases", found.procedure),
        dates,
        refused,
    })
}

/// What is kept in the room, for the words of a refusal, and the free times that are nearest to the first date.
fn around(
    tx: &mut Tx<'_>,
    slug: &str,
    asked: &NewHold,
    span: Span,
) -> std::result::Result<(Vec<beffroi_calendar::resource::Kept>, Vec<Span>), NotHeld> {
    let (room, extras) = bookable(tx, slug)?;
    let typed = asked.typed(Town::load(tx)?.zone());
    let seen = Looked { room, extras, typed, found: Err(Vec::new()) };
    let free = nearest(tx, &seen, span)?;
    Ok((seen.extras, free))
}
