//! The programme as agents keep it: series with what the public reads of them, and their sessions.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{now::Now, resource::Name};
use beffroi_core::Cents;
use beffroi_people::{Department, SignedIn, department, permission::Scope};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use serde::Deserialize;

use super::series_of;
use crate::{
    permission, place,
    public::{Refused, lines},
    series::{self, Kept, Level, SeriesError, SeriesSheet, Signup},
    session::{self, Session},
    shown::Shown,
};

struct Card {
    href: String,
    title: String,
    department: String,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "workshops_office_programme.html")]
struct Programme {
    page: Page,
    heads: Vec<String>,
    cards: Vec<Card>,
}

/// Departments where the agent holds workshops.
pub(super) fn departments(tx: &mut Tx<'_>, scope: &Scope) -> beffroi_store::Result<Vec<Department>> {
    Ok(department::list(tx)?.into_iter().filter(|it| scope.contains(Some(it.id))).collect())
}

pub(super) async fn list(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let (all, departments) = commune
        .read(visitor.by, move |tx| {
            let scope = permission::advised(tx, &who)?;
            let mut all = series::list(tx)?;
            all.retain(|it| scope.contains(Some(it.department)));
            Ok::<_, WebError>((all, departments(tx, &scope)?))
        })
        .await?;
    let card = |it: &Kept| {
        let word = if it.published { "published" } else { "hidden" };
        let department = departments.iter().find(|department| department.id == it.department);
        Card {
            href: format!("/agents/ateliers/series/{}", it.slug),
            title: it.sheet.title.fr.clone(),
            department: department.map(|it| it.details.name.clone()).unwrap_or_default(),
            state: page.t(&format!("workshops-office-{word}")).to_owned(),
            look: if it.published { "granted" } else { "closed" },
        }
    };
    let heads = ["workshop", "department", "state"];
    render(&Programme {
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        cards: all.iter().map(card).collect(),
        page,
    })
}

/// What was typed of a series.
#[derive(Clone, Debug, Default)]
struct Typed {
    sheet: SeriesSheet,
    bring: [String; 2],
    price: String,
    published: bool,
    department: String,
}

impl Typed {
    fn of(kept: &Kept, department: &str) -> Self {
        let sheet = kept.sheet.clone();
        let all = |of: fn(&Name) -> &str| sheet.bring.iter().map(of).collect::<Vec<_>>().join("\n");
        let bring = [all(|name| &name.fr), all(|name| &name.en)];
        let price = match sheet.price.0 {
            0 => String::new(),
            cents => format!("{},{:02}", cents / 100, cents % 100),
        };
        Self { bring, price, published: kept.published, department: department.to_owned(), sheet }
    }

    fn read(fields: &FormPost) -> Self {
        let name = |field: &str| Name {
            fr: fields.text(field).to_owned(),
            en: fields.text(&format!("{field}_en")).to_owned(),
        };
        let bring = ["apporter", "apporter_en"].map(|field| fields.text(field).to_owned());
        let [in_french, in_english] = &bring;
        let (fr, en) = (lines(in_french), lines(in_english));
        let pairs = fr
            .into_iter()
            .enumerate()
            .map(|(rank, fr)| Name { fr, en: en.get(rank).cloned().unwrap_or_default() });
        Self {
            sheet: SeriesSheet {
                title: name("titre"),
                summary: name("resume"),
                learns: name("apprend"),
                audience: name("public"),
                level: Level::from_word(fields.text("niveau")).unwrap_or(Level::Beginner),
                bring: pairs.collect(),
                price: Cents(0),
                phone: fields.text("telephone").to_owned(),
                signup: Signup::from_word(fields.text("inscription")).unwrap_or(Signup::Each),
            },
            bring,
            price: fields.text("prix").to_owned(),
            published: fields.text("publie") == "true",
            department: fields.text("service").to_owned(),
        }
    }

    /// What it costs; `None` where that is no price.
    fn price(&self) -> Option<Cents> {
        let text = self.price.trim_end_matches('€').trim();
        if text.is_empty() {
            return Some(Cents(0));
        }
        let (euros, cents) = text.split_once([',', '.']).unwrap_or((text, ""));
        let euros: i64 = euros.trim().parse().ok().filter(|euros| (0..=1_000).contains(euros))?;
        let cents: i64 = match cents.len() {
            0 => 0,
            1 => cents.parse::<i64>().ok()? * 10,
            2 => cents.parse().ok()?,
            _ => return None,
        };
        (0..100).contains(&cents).then_some(Cents(euros * 100 + cents))
    }
}

#[derive(Template)]
#[template(path = "workshops_office_series_form.html")]
struct Form {
    page: Page,
    title: String,
    heading: String,
    back: String,
    action: String,
    key: String,
    typed: Typed,
    departments: Vec<Choice>,
    levels: Vec<Choice>,
    signups: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Form {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn form(page: Page, known: Option<&Kept>, places: &[Department], typed: Typed, wrong: &[Wrong]) -> Result {
    let level = |it: &Level| {
        let word = it.as_str();
        Choice::new(word, page.t(&format!("workshops-level-{word}")), typed.sheet.level == *it)
    };
    let signup = |it: &Signup| {
        let word = it.as_str();
        Choice::new(word, page.t(&format!("workshops-office-signup-{word}")), typed.sheet.signup == *it)
    };
    let department = |it: &Department| {
        let details = &it.details;
        Choice::new(&details.slug, &details.name, details.slug == typed.department)
    };
    let heading = match known {
        Some(kept) => kept.sheet.title.fr.clone(),
        None => page.t("workshops-office-new-series").to_owned(),
    };
    let prefix = if wrong.is_empty() { String::new() } else { format!("{} ", page.t("error-prefix")) };
    let view = Form {
        title: format!("{prefix}{heading}"),
        heading,
        back: known.map_or("/agents/ateliers/series".to_owned(), |kept| {
            format!("/agents/ateliers/series/{}", kept.slug)
        }),
        action: known.map_or("/agents/ateliers/series/nouvelle".to_owned(), |kept| {
            format!("/agents/ateliers/series/{}/modifier", kept.slug)
        }),
        key: new_idempotency_key(),
        departments: if known.is_some() { Vec::new() } else { places.iter().map(department).collect() },
        levels: Level::ALL.iter().map(level).collect(),
        signups: Signup::ALL.iter().map(signup).collect(),
        problems: Problem::keyed(&page, wrong),
        typed,
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

impl From<SeriesError> for Refused {
    fn from(error: SeriesError) -> Self {
        match error {
            SeriesError::Title => Self::Wrong(vec![("titre", "workshops-office-wrong-title")]),
            SeriesError::Text => Self::Wrong(vec![("apprend", "workshops-office-wrong-text")]),
            SeriesError::Price => Self::Wrong(vec![("prix", "workshops-office-wrong-price")]),
            SeriesError::Unknown => Self::Web(WebError::not_found()),
            SeriesError::Store(error) => Self::Web(error.into()),
        }
    }
}

pub(super) async fn blank(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let places = commune.read(visitor.by, move |tx| allowed(tx, &who)).await?;
    form(page, None, &places, Typed::default(), &[])
}

fn allowed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Department>> {
    let scope = permission::advised(tx, who)?;
    Ok(departments(tx, &scope)?)
}

pub(super) async fn create(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!(fields.pairs()).to_string();
    let (new, reader) = (typed.clone(), who.clone());
    let made = commune
        .write(visitor.by, move |tx| {
            let places = allowed(tx, &who)?;
            let place = places.iter().find(|place| place.details.slug == new.department);
            let Some(place) = place else {
                return Err(Refused::Wrong(vec![("service", "workshops-office-wrong-department")]));
            };
            let permit = permission::advises(tx, &who, place.id)?;
            let price = new.price().ok_or(SeriesError::Price)?;
            let sheet = SeriesSheet { price, ..new.sheet };
            let once = idempotency::once(tx, "workshops.series", &key, request.as_bytes(), |tx| {
                let id = series::keep(tx, &permit, None, place.id, (new.published, &sheet))?;
                let kept = series::find(tx, id)?;
                Ok::<_, Refused>(kept.map(|kept| kept.slug).unwrap_or_default())
            })?;
            match once {
                Once::Done(slug) | Once::Again(slug) => Ok(slug),
                Once::Reused => Err(Refused::Web(WebError::conflict())),
            }
        })
        .await;
    match made {
        Ok(slug) => Ok(Redirect::to(&format!("/agents/ateliers/series/{slug}")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let places = commune.read(visitor.by, move |tx| allowed(tx, &reader)).await?;
            form(page, None, &places, typed, &wrong)
        }
    }
}

struct Line {
    href: String,
    when: String,
    place: String,
    taken: String,
    left: String,
    look: &'static str,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "workshops_office_series.html")]
struct One {
    page: Page,
    done: String,
    slug: String,
    title: String,
    summary: String,
    state: String,
    look: &'static str,
    heads: Vec<String>,
    lines: Vec<Line>,
    over: Vec<Line>,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, all, places, now) = commune
        .read(visitor.by, move |tx| {
            let kept = series_of(tx, &who, &slug)?;
            let all = session::of_series(tx, kept.id)?;
            Ok::<_, WebError>((kept, all, place::list(tx)?, Now::read(tx)?))
        })
        .await?;
    let shown = Shown { page: &page, now, places: &places };
    let line = |it: &Session| Line {
        href: format!("/agents/ateliers/seances/{}", it.id),
        when: shown.when(it),
        place: shown.place(it),
        taken: format!("{} / {}", it.taken, it.seats),
        left: shown.left(it),
        look: Shown::look(it),
    };
    let (over, ahead): (Vec<&Session>, Vec<&Session>) = all.iter().partition(|it| it.span.end() <= now.at);
    let word = if kept.published { "published" } else { "hidden" };
    let heads = ["when", "where", "taken", "state"];
    let done = match asked.fait.as_str() {
        "planifie" => page.t("workshops-office-done-planned").to_owned(),
        "modifie" => page.t("workshops-office-done-changed").to_owned(),
        _ => String::new(),
    };
    render(&One {
        done,
        title: kept.sheet.title.fr.clone(),
        summary: kept.sheet.summary.fr.clone(),
        state: page.t(&format!("workshops-office-{word}")).to_owned(),
        look: if kept.published { "granted" } else { "closed" },
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        lines: ahead.into_iter().map(line).collect(),
        over: over.into_iter().rev().map(line).collect(),
        slug: kept.slug,
        page,
    })
}

pub(super) async fn edit(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let kept = commune.read(visitor.by, move |tx| series_of(tx, &who, &slug)).await?;
    let typed = Typed::of(&kept, "");
    form(page, Some(&kept), &[], typed, &[])
}

pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let (new, reader, known) = (typed.clone(), who.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let kept = series_of(tx, &who, &known)?;
            let permit = permission::advises(tx, &who, kept.department)?;
            let price = new.price().ok_or(SeriesError::Price)?;
            let sheet = SeriesSheet { price, ..new.sheet };
            series::keep(tx, &permit, Some(kept.id), kept.department, (new.published, &sheet))?;
            Ok::<_, Refused>(())
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/series/{slug}?fait=modifie")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let kept = commune.read(visitor.by, move |tx| series_of(tx, &reader, &slug)).await?;
            form(page, Some(&kept), &[], typed, &wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_typed() {
        let price = |text: &str| Typed { price: text.to_owned(), ..Typed::default() }.price();
        for (text, cents) in [("", 0), ("0", 0), ("5", 500), ("2,5", 250), ("2.50 €", 250)] {
            assert_eq!(price(text), Some(Cents(cents)), "{text}");
        }
        for text in ["gratuit", "-5", "2,505", "2000", "1,-1"] {
            assert_eq!(price(text), None, "{text}");
        }
    }
}
