//! The programme: what can be learnt, where and when; narrowed down by place, level and day of the week.

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::now::Now;
use beffroi_people::{Town, department};
use beffroi_store::{By, Tx};
use beffroi_web::{Choice, CommuneOf, Page, Result, WebError, render_public};
use chrono::Datelike;
use serde::Deserialize;

use crate::{
    place, price,
    registration::shown_phone,
    series::{self, Kept, Level},
    session::{self, Session},
    shown::Shown,
};

/// By what the programme is narrowed down.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    lieu: String,
    niveau: String,
    jour: String,
}

struct Card {
    href: String,
    title: String,
    summary: String,
    level: String,
    /// What a session costs; `""` where it is free.
    price: String,
    next: String,
    left: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "workshops_list.html")]
struct List {
    page: Page,
    cards: Vec<Card>,
    narrowed: bool,
    places: Vec<Choice>,
    levels: Vec<Choice>,
    days: Vec<Choice>,
    /// How to register without the site; `""` where the town has no telephone.
    phone: String,
}

/// Days of the week, as they are counted from Monday.
const DAYS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

/// Who registers by telephone: whoever does so for every workshop, where that is one and the same; else the town.
fn whom_to_call(tx: &mut Tx<'_>, all: &[Kept]) -> beffroi_store::Result<String> {
    let departments = department::list(tx)?;
    let of = |series: &Kept| match series.sheet.phone.as_str() {
        "" => departments.iter().find(|it| it.id == series.department).map(|it| it.details.phone.clone()),
        own => Some(own.to_owned()),
    };
    let mut phones: Vec<String> = all.iter().filter(|it| it.published).filter_map(of).collect();
    phones.dedup();
    match phones.as_slice() {
        [one] if !one.is_empty() => Ok(shown_phone(one)),
        _ => Ok(shown_phone(&Town::load(tx)?.phone)),
    }
}

pub(super) async fn list(page: Page, commune: CommuneOf, Query(asked): Query<Asked>) -> Result {
    let (all, sessions, places, now, phone) = commune
        .read(By::VISITOR, |tx| {
            let now = Now::read(tx)?;
            let sessions = session::future(tx, now.at)?;
            let all = series::list(tx)?;
            let phone = whom_to_call(tx, &all)?;
            Ok::<_, WebError>((all, sessions, place::list(tx)?, now, phone))
        })
        .await?;
    let lang = page.language();
    let shown = Shown { page: &page, now, places: &places };
    let place = places.iter().find(|place| place.slug == asked.lieu).map(|place| place.id);
    let level = Level::from_word(&asked.niveau);
    let fits = |it: &Session| {
        let day = it.span.start().with_timezone(&now.zone).weekday().number_from_monday().to_string();
        it.is_to_come(now.at)
            && place.is_none_or(|place| place == it.place)
            && (asked.jour.is_empty() || asked.jour == day)
    };
    let seen =
        all.iter().filter(|series| series.published && level.is_none_or(|level| level == series.sheet.level));
    let mut cards: Vec<(beffroi_core::Instant, Card)> = seen
        .filter_map(|series| {
            let mut own = sessions.iter().filter(|it| it.series == series.id && fits(it));
            let first = own.next()?;
            // Where the first is full, the first that is not is what somebody looks for.
            let open = std::iter::once(first).chain(own).find(|it| it.free() > 0).unwrap_or(first);
            let sheet = &series.sheet;
            let next = [("when", shown.when(open).into()), ("place", shown.place(open).into())];
            let card = Card {
                href: format!("/ateliers/{}", series.slug),
                title: sheet.title.read_in(lang).to_owned(),
                summary: sheet.summary.read_in(lang).to_owned(),
                level: page.t(&format!("workshops-level-{}", sheet.level.as_str())).to_owned(),
                price: price::each(&page, sheet),
                next: page.tr("workshops-next", &next),
                left: shown.left(open),
                look: shown.look(open),
            };
            Some((first.span.start(), card))
        })
        .collect();
    cards.sort_by_key(|(starts_at, _)| *starts_at);
    let any = |key: &str, chosen: bool| Choice::new("", page.t(key), chosen);
    let place_choices = std::iter::once(any("workshops-anywhere", place.is_none())).chain(
        places.iter().map(|it| Choice::new(&it.slug, it.sheet.name.read_in(lang), place == Some(it.id))),
    );
    let levels =
        std::iter::once(any("workshops-any-level", level.is_none())).chain(Level::ALL.iter().map(|it| {
            let word = it.as_str();
            Choice::new(word, page.t(&format!("workshops-level-{word}")), level == Some(*it))
        }));
    let days = std::iter::once(any("workshops-any-day", asked.jour.is_empty())).chain(
        DAYS.iter().map(|day| Choice::new(day, page.t(&format!("workshops-day-{day}")), asked.jour == *day)),
    );
    let view = List {
        cards: cards.into_iter().map(|(_, card)| card).collect(),
        narrowed: place.is_some() || level.is_some() || !asked.jour.is_empty(),
        places: place_choices.collect(),
        levels: levels.collect(),
        days: days.collect(),
        phone: match phone.as_str() {
            "" => String::new(),
            phone => page.tr("workshops-by-phone", &[("phone", phone.to_owned().into())]),
        },
        page,
    };
    render_public(&view, &["lieu", "niveau", "jour"])
}
