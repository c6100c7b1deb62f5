//! The portal: the home page and the list of procedures.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use beffroi_cases::tally::{self, Month};
use beffroi_core::{Lang, calendar::civil_day, text::fold};
use beffroi_forms::CompiledForm;
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{Page, Result, WebError, render_public};
use serde::Deserialize;

use super::{reach, reach::Phone, search::search};
use crate::visit::Visit;

/// The events of life by which procedures are found, in the order in which the page shows them.
pub(crate) const LIFE_EVENTS: [&str; 12] = [
    "naissance",
    "enfance",
    "mariage",
    "deces",
    "identite",
    "citoyennete",
    "demenagement",
    "absence",
    "travaux",
    "evenement",
    "association",
    "commerce",
];

/// A procedure in a list.
struct Card {
    /// The language of its words, where it is not that of the page; `""` where it is.
    lang: &'static str,
    href: String,
    title: String,
    text: String,
}

struct LifeEvent {
    href: String,
    label: String,
    /// What it is about, in a line.
    text: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct Home {
    page: Page,
    cards: Vec<Card>,
    /// Whether these are those that are asked for most.
    most_asked: bool,
    events: Vec<LifeEvent>,
    phone: Phone,
    hours: String,
    /// Whether a request was just left on this device.
    left: bool,
}

/// Whether a procedure is written in French alone, and read by somebody who reads another language.
pub(super) fn in_french_only(form: &CompiledForm, lang: Lang) -> bool {
    lang != Lang::Fr && form.procedure().title.en.is_none()
}

fn cards(forms: &[Arc<CompiledForm>], lang: Lang) -> Vec<Card> {
    forms
        .iter()
        .map(|form| {
            let procedure = form.procedure();
            Card {
                lang: if in_french_only(form, lang) { "fr" } else { "" },
                href: format!("/demarches/{}", procedure.slug),
                title: procedure.title.text(lang).to_owned(),
                text: procedure.summary.text(lang).to_owned(),
            }
        })
        .collect()
}

/// The events for which the town offers something.
fn events(page: &Page, forms: &[Arc<CompiledForm>], current: &str) -> Vec<LifeEvent> {
    let offered = |event: &&&str| {
        forms.iter().any(|form| form.procedure().life_events.iter().any(|own| own == **event))
    };
    LIFE_EVENTS
        .iter()
        .filter(offered)
        .map(|event| LifeEvent {
            href: format!("/demarches?vie={event}"),
            label: page.t(&format!("desk-life-{event}")).to_owned(),
            text: page.t(&format!("desk-life-text-{event}")).to_owned(),
            current: *event == current,
        })
        .collect()
}

/// Procedures that the home page shows.
const SHOWN: usize = 6;
/// Months in which requests count for the home page, beside the present one.
const MONTHS_COUNTED: i32 = 3;
/// Procedures that are looked at for it: some may not be offered any more.
const COUNTED: u32 = 60;

/// As many procedures must have been asked for before the home page speaks of those that are asked for most.
const ASKED_AT_LEAST: usize = 3;

/// The procedures that the home page shows, and whether they are those that are asked for most, and these alone. Until
/// enough were, those that were asked for are followed by others, by title.
fn shown_first(forms: &[Arc<CompiledForm>], asked: &[String], lang: Lang) -> (Vec<Arc<CompiledForm>>, bool) {
    let rank = |form: &CompiledForm| {
        asked.iter().position(|slug| *slug == form.procedure().slug).unwrap_or(asked.len())
    };
    let mut sorted = forms.to_vec();
    sorted.sort_by_cached_key(|form| (rank(form), fold(form.procedure().title.text(lang))));
    let known = sorted.iter().filter(|form| rank(form) < asked.len()).count();
    let most_asked = known >= ASKED_AT_LEAST;
    sorted.truncate(if most_asked { known.min(SHOWN) } else { SHOWN });
    (sorted, most_asked)
}

#[derive(Deserialize)]
pub(super) struct Left {
    quittee: Option<String>,
}

pub(super) async fn home(Visit { desk, commune, page, .. }: Visit, Query(left): Query<Left>) -> Result {
    let (forms, town, asked) = commune
        .read(By::VISITOR, move |tx| {
            let town = Town::load(tx)?;
            let since = Month::of(civil_day(tx.now(), town.zone())).plus(-MONTHS_COUNTED);
            let asked = tally::most_asked(tx, since, COUNTED)?;
            Ok::<_, WebError>((desk.shelf.offered(tx)?, town, asked))
        })
        .await?;
    let lang = page.language();
    let (shown, most_asked) = shown_first(&forms, &asked, lang);
    let home = Home {
        cards: cards(&shown, lang),
        most_asked,
        events: events(&page, &forms, ""),
        phone: Phone::of(&town.phone),
        hours: reach::hours(&town.opening_hours),
        left: left.quittee.is_some(),
        page,
    };
    render_public(&home, &["quittee"])
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    vie: String,
}

#[derive(Template)]
#[template(path = "public/procedures.html")]
struct Procedures {
    page: Page,
    typed: String,
    count: String,
    cards: Vec<Card>,
    events: Vec<LifeEvent>,
    phone: Phone,
    /// Whether one can write to the town hall here.
    write: bool,
}

/// The procedure by which one writes to the town hall.
const WRITE: &str = "ecrire-a-la-mairie";

pub(super) async fn procedures(
    Visit { desk, commune, page, .. }: Visit,
    Query(wanted): Query<Wanted>,
) -> Result {
    let (forms, town) = commune
        .read(By::VISITOR, move |tx| Ok::<_, WebError>((desk.shelf.offered(tx)?, Town::load(tx)?)))
        .await?;
    let lang = page.language();
    let mut found = search(&forms, &wanted.q, lang);
    if !wanted.vie.is_empty() {
        found.retain(|form| form.procedure().life_events.contains(&wanted.vie));
    }
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let list = Procedures {
        count: page.tr("desk-procedures-count", &[("n", count.into())]),
        cards: cards(&found, lang),
        events: events(&page, &forms, &wanted.vie),
        phone: Phone::of(&town.phone),
        write: forms.iter().any(|form| form.procedure().slug == WRITE),
        typed: wanted.q,
        page,
    };
    render_public(&list, &["q", "vie"])
}

/// A PDF, shown in the browser under this name.
pub(crate) fn pdf_answer(pdf: impl IntoResponse, name: &str, public: bool) -> Response {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    let cache = if public { "private, max-age=300" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
