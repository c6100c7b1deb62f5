//! What was picked before a request: a room and an evening, held while the form is filled in. The desk knows of it what
//! the calendar knows; the services that show it know the rest.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use beffroi_calendar::{
    booking::{self, Booking, LENGTHENED_AT_MOST, Owner, State},
    clock, resource,
    spans::Span,
};
use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, Instant, Lang, calendar::civil_day};
use beffroi_forms::{Answers, BookingFirst, CompiledForm, Picked};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Page, visitor::cookie};
use chrono_tz::Tz;

use crate::{control::Control, priced, returned};

/// What was picked for a request, or that something must be.
#[derive(Clone, Debug)]
pub(crate) struct Picking {
    /// What the procedure says of it.
    first: BookingFirst,
    /// What is held, or was until it expired.
    pub(crate) booking: Option<Booking>,
    /// What was picked along, as the address of the page on which it is picked says it.
    along: String,
    now: Instant,
    zone: Tz,
}

impl Picking {
    /// What a form needs and this browser, or this draft, holds; `None` where nothing is picked before it.
    pub(crate) fn load(
        tx: &mut Tx<'_>,
        form: &CompiledForm,
        secret: Option<&str>,
        owner: Option<Owner<'_>>,
        zone: Tz,
    ) -> beffroi_store::Result<Option<Self>> {
        let Some(first) = form.procedure().booking.clone() else { return Ok(None) };
        // What was picked last counts: a draft that was left for another evening takes that one.
        let mut booking = match secret {
            Some(secret) => booking::by_secret(tx, secret)?.filter(|booking| booking.is_free_for(owner)),
            None => None,
        };
        // What was picked for another procedure says nothing of this one.
        let procedure = &form.procedure().slug;
        booking = booking.filter(|booking| booking.is_for(procedure));
        if let (None, Some(owner)) = (&booking, owner) {
            booking = booking::of_owner(tx, owner)?.filter(|booking| booking.is_for(procedure));
        }
        let along = booking.as_ref().map(|held| along(tx, held)).transpose()?.unwrap_or_default();
        Ok(Some(Self { first, booking, along, now: tx.now(), zone }))
    }

    /// The same of what an agent picked, who names it: nobody else has it yet.
    pub(crate) fn of_agent(
        tx: &mut Tx<'_>,
        form: &CompiledForm,
        named: &str,
        zone: Tz,
    ) -> beffroi_store::Result<Option<Self>> {
        let Some(first) = form.procedure().booking.clone() else { return Ok(None) };
        let named: Option<Id<Booking>> = named.parse().ok();
        let booking = match named {
            Some(id) => booking::find(tx, id)?.filter(|it| {
                it.state == State::Held && it.is_free_for(None) && it.is_for(&form.procedure().slug)
            }),
            None => None,
        };
        let first = BookingFirst { at: booking::PLANNING.to_owned(), ..first };
        let along = booking.as_ref().map(|held| along(tx, held)).transpose()?.unwrap_or_default();
        Ok(Some(Self { first, booking, along, now: tx.now(), zone }))
    }

    /// Where it is picked.
    pub(crate) fn at(&self) -> &str {
        &self.first.at
    }

    /// Whether it is held now.
    pub(crate) fn is_held(&self) -> bool {
        self.booking.as_ref().is_some_and(|booking| booking.runs(self.now))
    }

    /// Answers the questions that it answers; whatever was typed there gives way. Nothing is done where nothing is picked.
    pub(crate) fn answer(&self, answers: &mut Answers) {
        for (field, _, said) in self.said() {
            for part in ["day", "month", "year"] {
                answers.set(&format!("{field}-{part}"), String::new());
            }
            answers.set(field, said);
        }
    }

    /// What it says to the questions that it answers, as a form sends it; nothing where nothing is picked.
    pub(crate) fn said(&self) -> Vec<(&str, Picked, String)> {
        let Some(booking) = &self.booking else { return Vec::new() };
        let answers = self.first.answers.iter();
        answers.map(|(field, picked)| (field.as_str(), *picked, told(booking, *picked, self.zone))).collect()
    }

    /// Takes the questions that it answers out of those that are asked.
    pub(crate) fn hide(&self, controls: &mut Vec<Control>) {
        controls.retain(|control| !self.first.answers(&control.id));
    }

    /// Whether a question is answered by it.
    pub(crate) fn answers(&self, field: &str) -> bool {
        self.first.answers(field)
    }

    /// Where something else is picked in its place: what was picked stands there already, and is held until then.
    pub(crate) fn again(&self) -> String {
        match &self.booking {
            // What an agent holds for somebody is named: another time takes its place.
            Some(booking) if self.first.at == booking::PLANNING => {
                let day = civil_day(booking.span.start(), self.zone);
                let slug = &booking.resource.details.slug;
                format!("{}/{slug}?jour={day}&avant={}", self.first.at, booking.id)
            }
            Some(booking) => self.proposed(booking, booking.span),
            None => self.first.at.clone(),
        }
    }

    /// Where a time is picked with all that was picked along.
    fn proposed(&self, held: &Booking, span: Span) -> String {
        let (at, slug) = (&self.first.at, &held.resource.details.slug);
        format!("{at}/{slug}/reserver?{}{}", clock::query(span, self.zone), self.along)
    }

    /// What was picked, in the reader's words.
    pub(crate) fn shown(&self, page: &Page) -> Shown {
        let Some(booking) = &self.booking else {
            return Shown { at: self.first.at.clone(), ..Shown::default() };
        };
        let lang = page.language();
        let until = booking.held_until.filter(|_| self.is_held());
        let until = until.map(|until| {
            let time = clock::time(until, self.zone, lang);
            // The last minute is still one.
            let left = (until - self.now).num_seconds().max(0).div_euclid(60).max(1);
            // An agent sends nothing: they enter it, or book it for a case.
            let said =
                if self.first.at == booking::PLANNING { "office-booked-until" } else { "desk-booked-until" };
            page.tr(said, &[("time", time.into()), ("left", left.into())])
        });
        Shown {
            at: self.again(),
            name: booking.resource.details.name.read_in(lang).to_owned(),
            facts: facts(page, booking, self.zone),
            dates: dates(page, booking, self.zone),
            missed: missed(page, booking, self.now, self.zone),
            until: until.unwrap_or_else(|| page.t("desk-booked-expired").to_owned()),
            id: booking.id.to_string(),
            may_lengthen: booking.lengthened < LENGTHENED_AT_MOST,
        }
    }
}

/// What was picked, as a page shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Where something else is picked.
    pub(crate) at: String,
    /// What it is; `""` where nothing is picked yet.
    pub(crate) name: String,
    /// When, for how many, with what.
    pub(crate) facts: Vec<String>,
    /// Every date of what comes again.
    pub(crate) dates: Vec<String>,
    /// Those that could not be had.
    pub(crate) missed: Vec<Missed>,
    /// Until when it is held, or that it is no more.
    pub(crate) until: String,
    /// Which booking it is.
    pub(crate) id: String,
    /// Whether more time may be asked for.
    pub(crate) may_lengthen: bool,
}

/// A date that could not be had.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    /// When.
    pub(crate) when: String,
    /// Why.
    pub(crate) why: String,
    /// What names it.
    pub(crate) start: String,
    /// Whether an agent may try to add it now.
    pub(crate) may_be_added: bool,
}

/// What was booked for a case, as its pages show it.
#[derive(Clone, Debug)]
pub(crate) struct OfCase {
    /// What.
    pub(crate) name: String,
    /// When, for how many, with what.
    pub(crate) facts: Vec<String>,
    /// Every date of what comes again.
    pub(crate) dates: Vec<String>,
    /// Those that could not be had.
    pub(crate) missed: Vec<Missed>,
    /// Those that were given back while others were kept, and why.
    pub(crate) returned: Vec<(String, String)>,
    /// How far it has come.
    pub(crate) state: String,
    /// Where agents see its day.
    pub(crate) planning: String,
    /// When, by whom and why it was given back after it was granted; `""` where it was not.
    pub(crate) cancelled: String,
    /// The reason, in the words of whoever gave it back.
    pub(crate) why: String,
    /// What it costs, a line each.
    pub(crate) price: Vec<String>,
    /// For whom that was reckoned; `""` where it costs nothing.
    pub(crate) priced_for: String,
    /// What is kept of the price, or would be if it were given back now.
    pub(crate) kept: String,
    /// Whether it can be given back now.
    pub(crate) cancellable: bool,
    /// Whether somebody else had the time when a letter asked for it.
    pub(crate) overtaken: bool,
}

impl OfCase {
    /// As a page shows it.
    pub(crate) fn of(page: &Page, booking: &Booking, now: Instant, zone: Tz) -> Self {
        let cancelled = booking.cancelled.as_ref();
        let slug = &booking.resource.details.slug;
        Self {
            name: booking.resource.details.name.read_in(page.language()).to_owned(),
            facts: facts(page, booking, zone),
            dates: dates(page, booking, zone),
            missed: missed(page, booking, now, zone),
            returned: returned::lines(page, booking, zone),
            state: page.t(&format!("desk-booked-state-{}", booking.state.as_str())).to_owned(),
            planning: format!("{}/{slug}?jour={}", booking::PLANNING, civil_day(booking.span.start(), zone)),
            cancelled: cancelled
                .map(|it| {
                    let when = clock::moment(it.at, zone, page.language());
                    page.tr(&format!("desk-booked-cancelled-{}", it.by.as_str()), &[("when", when.into())])
                })
                .unwrap_or_default(),
            why: cancelled.map(|it| it.why.clone()).unwrap_or_default(),
            price: booking.price.as_ref().map(|price| priced::lines(page, price)).unwrap_or_default(),
            priced_for: booking.price.as_ref().map(|price| priced::whom(page, price)).unwrap_or_default(),
            kept: priced::kept(page, booking, now, zone),
            cancellable: booking.can_be_cancelled(now),
            overtaken: booking.state == State::Overtaken,
        }
    }
}

/// What was booked for a case; asked for only where its procedure books something.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    case: Id<Case>,
) -> beffroi_store::Result<Option<Booking>> {
    if form.procedure().booking.is_none() {
        return Ok(None);
    }
    booking::of_owner(tx, ("case", case.uuid()))
}

/// Whether what was booked was granted and given back.
pub(crate) fn cancelled(booking: Option<&Booking>) -> bool {
    booking.is_some_and(|it| it.state == State::Cancelled)
}

/// The day of what was booked, as long as it is asked for or granted.
pub(crate) fn event(booking: Option<&Booking>, zone: Tz) -> Option<Day> {
    let taken = booking.filter(|it| matches!(it.state, State::Asked | State::Firm));
    taken.map(|it| civil_day(it.span.start(), zone))
}

/// The same, as long as nobody has answered.
pub(crate) fn unanswered(booking: Option<&Booking>, zone: Tz) -> Option<Day> {
    event(booking.filter(|it| it.state == State::Asked), zone)
}

/// When it is; how often and until when, where it comes again.
pub(crate) fn when(page: &Page, booking: &Booking, zone: Tz) -> String {
    let (lang, dates) = (page.language(), booking.dates());
    match dates.last().filter(|_| dates.len() > 1) {
        None => clock::when(booking.span, zone, lang),
        Some(last) => {
            let (first, last) = (civil_day(booking.span.start(), zone), civil_day(last.start(), zone));
            let (from, until) = clock::from_to(first, last, lang);
            let args = [
                ("n", dates.len().into()),
                ("from", from.into()),
                ("until", until.into()),
                ("hours", clock::hours(booking.span, zone, lang).into()),
            ];
            page.tr("desk-booked-series", &args)
        }
    }
}

/// Every date of what comes again, in words; nothing for what is had once.
fn dates(page: &Page, booking: &Booking, zone: Tz) -> Vec<String> {
    let dates = booking.dates();
    if dates.len() < 2 {
        return Vec::new();
    }
    dates.iter().map(|date| clock::when(*date, zone, page.language())).collect()
}

/// The dates that could not be had, with why.
fn missed(page: &Page, booking: &Booking, now: Instant, zone: Tz) -> Vec<Missed> {
    let taken = matches!(booking.state, State::Asked | State::Firm);
    let missed = |skipped: &booking::Skipped| {
        let why = match skipped.why.as_str() {
            word @ ("taken" | "closed" | "left-out" | "past" | "soon" | "far") => word,
            _ => "other",
        };
        Missed {
            when: clock::when(skipped.span, zone, page.language()),
            why: page.t(&format!("desk-skipped-{why}")).to_owned(),
            start: skipped.span.start().timestamp().to_string(),
            may_be_added: taken && skipped.span.start() > now,
        }
    };
    booking.details.skipped.iter().map(missed).collect()
}

fn facts(page: &Page, booking: &Booking, zone: Tz) -> Vec<String> {
    let lang = page.language();
    let mut facts = vec![when(page, booking, zone)];
    let details = &booking.details;
    if let Some(people) = details.people {
        facts.push(page.tr("desk-booked-people", &[("n", people.into())]));
    }
    if !details.layout.fr.is_empty() {
        facts.push(details.layout.read_in(lang).to_owned());
    }
    facts
        .extend(details.extras.iter().map(|extra| format!("{} × {}", extra.count, extra.name.read_in(lang))));
    facts
}

/// The secret that this browser carries.
pub(crate) fn secret_in(headers: &HeaderMap) -> Option<String> {
    cookie(headers, booking::COOKIE).map(str::to_owned)
}

fn told(booking: &Booking, picked: Picked, zone: Tz) -> String {
    let clock = |at: Instant| at.with_timezone(&zone).format("%H:%M").to_string();
    let details = &booking.details;
    match picked {
        Picked::Name => booking.resource.details.name.fr.clone(),
        Picked::Day => civil_day(booking.span.start(), zone).to_string(),
        Picked::From => clock(booking.span.start()),
        Picked::Until => clock(booking.span.end()),
        Picked::People => details.people.map(|people| people.to_string()).unwrap_or_default(),
        Picked::Layout => details.layout.fr.clone(),
        Picked::Extras => {
            let extras = details.extras.iter().map(|extra| format!("{} × {}", extra.count, extra.name.fr));
            extras.collect::<Vec<_>>().join(", ")
        }
    }
}

/// A free time that is proposed in the place of one that is taken.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    /// Where it is picked.
    pub(crate) href: String,
    /// When it is.
    pub(crate) when: String,
}

/// The free times that are nearest to what was picked, with all that was picked along.
pub(crate) fn nearest(
    tx: &mut Tx<'_>,
    picking: &Picking,
    town: &Town,
    lang: Lang,
) -> beffroi_store::Result<Vec<Proposal>> {
    let Some(held) = &picking.booking else { return Ok(Vec::new()) };
    let zone = town.zone();
    let times = booking::nearest(tx, &held.resource, &held.details.extras, held.span, Some(held.id), town)?;
    let named =
        if picking.first.at == booking::PLANNING { format!("&avant={}", held.id) } else { String::new() };
    let proposal = |span: Span| Proposal {
        href: format!("{}{named}", picking.proposed(held, span)),
        when: clock::when(span, zone, lang),
    };
    Ok(times.into_iter().map(proposal).collect())
}

/// The number of people, the layout and what is booked along, for the address of the page on which they are picked.
fn along(tx: &mut Tx<'_>, held: &Booking) -> beffroi_store::Result<String> {
    let details = &held.details;
    let mut along = details.people.map(|people| format!("&personnes={people}")).unwrap_or_default();
    let layout = held.resource.details.terms.layouts.iter().position(|it| it.name == details.layout);
    along.extend(layout.map(|rank| format!("&disposition={rank}")));
    let ids: Vec<_> = details.extras.iter().map(|extra| extra.resource).collect();
    let resources = if ids.is_empty() { BTreeMap::new() } else { resource::with_those_above(tx, &ids)? };
    for extra in &details.extras {
        let slug = resources.get(&extra.resource).map(|kept| &kept.details.slug);
        along.extend(slug.map(|slug| format!("&materiel-{slug}={}", extra.count)));
    }
    Ok(along)
}
