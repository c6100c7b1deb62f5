//! All rooms, with the first time that each is free: by day, length and number of people.

use std::{collections::BTreeMap, ops::RangeInclusive};

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{availability::availability, claims::HowMuch, clock, spans::Span, town};
use beffroi_core::{
    Day, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{Choice, CommuneOf, Page, Result, WebError, render_public};
use chrono::{Days, TimeDelta};
use serde::Deserialize;

use super::{Moment, lengths};
use crate::{
    photo,
    room::store::{self, Room},
};

/// Minutes that may be asked for: from a quarter of an hour to a day.
const PROPOSED: RangeInclusive<u32> = 15..=24 * 60;
/// Days ahead that the list of all rooms looks for a first free time.
const LOOKED_AHEAD: u64 = 90;

/// What the public may ask of all rooms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::room) struct Search {
    date: String,
    duree: String,
    personnes: String,
}

struct Card {
    href: String,
    title: String,
    text: String,
    people: String,
    first: String,
    photo: Option<photo::Shown>,
}

#[derive(Template)]
#[template(path = "rooms.html")]
struct List {
    page: Page,
    cards: Vec<Card>,
    count: String,
    date: String,
    people: String,
    lengths: Vec<Choice>,
    searched: bool,
}

pub(in crate::room) async fn list(page: Page, commune: CommuneOf, Query(search): Query<Search>) -> Result {
    let people: u32 = search.personnes.trim().parse().unwrap_or(0);
    let asked: Option<Day> = search.date.parse().ok();
    let minutes: Option<u32> = search.duree.parse().ok().filter(|minutes| PROPOSED.contains(minutes));
    let (rooms, mut available, moment, mut photos) = commune
        .read(By::VISITOR, move |tx| {
            let town = Town::load(tx)?;
            let moment = Moment::of(tx, &town);
            let rooms = store::published(tx)?;
            let last = moment.today.checked_add_days(Days::new(LOOKED_AHEAD)).unwrap_or(moment.today);
            let (first, last) = asked.map_or((moment.today, last), |day| (day, day));
            // What begins on the last day may end days after. A day that is over has nothing free.
            let shortest = rooms.iter().map(|room| room.resource.details.terms.shortest_minutes).max();
            let longest = TimeDelta::minutes(i64::from(shortest.max(minutes).unwrap_or_default()));
            let within = moment.span(first, last).filter(|_| first >= moment.today);
            let within = within.map(|within| within.widened(TimeDelta::zero(), longest));
            let ids: Vec<_> = rooms.iter().map(|room| (room.resource.id, HowMuch::Whole)).collect();
            let school = town::school(&town);
            let found = match within {
                Some(within) => availability(tx, &ids, within, &town::year(&town, &school))?,
                None => BTreeMap::new(),
            };
            let ids: Vec<_> = rooms.iter().map(|room| room.resource.id).collect();
            Ok::<_, WebError>((rooms, found, moment, photo::shown(tx, &ids)?))
        })
        .await?;
    let lang = page.language();
    // What was looked for is kept on the way to a room.
    let mut kept: Vec<String> = asked.map(|day| format!("jour={day}")).into_iter().collect();
    kept.extend(minutes.map(|minutes| format!("duree={minutes}")));
    kept.extend(Some(people).filter(|people| *people > 0).map(|people| format!("personnes={people}")));
    let kept = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    let mut cards = Vec::with_capacity(rooms.len());
    for room in rooms {
        let terms = &room.resource.details.terms;
        if people > 0 && terms.people().is_none_or(|most| most < people) {
            continue;
        }
        let Some(available) = available.remove(&room.resource.id) else { continue };
        // Whoever says no length is shown what the shortest booking would find.
        let minutes = minutes.unwrap_or(terms.shortest_minutes);
        if !(terms.shortest_minutes..=terms.longest_minutes).contains(&minutes) {
            continue;
        }
        let length = TimeDelta::minutes(i64::from(minutes));
        let on_day = |time: &Span| asked.is_none_or(|day| civil_day(time.start(), moment.zone) == day);
        let first = available.times(length, moment.now, moment.zone).next().filter(on_day);
        if asked.is_some() && first.is_none() {
            continue;
        }
        let photo = photos.remove(&room.resource.id).and_then(|all| all.into_iter().next());
        let photo = photo.map(|it| photo::Shown::small(&room.resource.details.slug, &it, lang));
        let card = card(&page, &room, first, &moment, lang);
        cards.push(Card { photo, href: format!("{}{kept}", card.href), ..card });
    }
    let searched = people > 0 || asked.is_some() || minutes.is_some();
    let count = page.tr("rooms-count", &[("n", cards.len().into())]);
    let any = Choice::new("", page.t("rooms-any-length"), minutes.is_none());
    let lengths = std::iter::once(any).chain(lengths(&page, minutes, PROPOSED)).collect();
    let view = List { cards, count, date: search.date, people: search.personnes, lengths, searched, page };
    render_public(&view, &["date", "duree", "personnes"])
}

fn card(page: &Page, room: &Room, first: Option<Span>, moment: &Moment, lang: Lang) -> Card {
    let details = &room.resource.details;
    let people = details.terms.people();
    Card {
        href: format!("/salles/{}", details.slug),
        title: details.name.read_in(lang).to_owned(),
        text: room.sheet.summary.read_in(lang).to_owned(),
        people: people.map(|n| page.tr("rooms-people", &[("n", n.into())])).unwrap_or_default(),
        first: match first {
            Some(span) => {
                let day = long_date_with_weekday(civil_day(span.start(), moment.zone), lang);
                let time = clock::time(span.start(), moment.zone, lang);
                page.tr("rooms-first-free", &[("day", day.into()), ("time", time.into())])
            }
            None => page.t("rooms-none-free").to_owned(),
        },
        photo: None,
    }
}
