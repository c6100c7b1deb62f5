//! The tariffs of a room: those that are written down, and a form for the next.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    resource::{self, Kept, Kind},
    tariff::{self, Applicant, Tariff, TariffFault},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{Entry, Tx};
use beffroi_web::{Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;
use serde_json::json;

use super::{
    fill::{self, RATES, STEPS, Wrong},
    shown::{Prices, prices},
};
use crate::{ManageRooms, permission::hidden};

/// A row of the form for a rate.
struct Row {
    who: Vec<Choice>,
    resident: Vec<Choice>,
    when: Vec<Choice>,
    unit: Vec<Choice>,
    hours: String,
    amount: String,
}

/// A tariff that is written down.
struct Line {
    period: String,
    prices: Prices,
    /// Where it is taken away again; `""` where it is in force.
    remove: String,
}

#[derive(Template)]
#[template(path = "tariffs.html")]
struct Tariffs {
    page: Page,
    title: String,
    back: String,
    action: String,
    done: String,
    lines: Vec<Line>,
    form: FormPost,
    rows: Vec<Row>,
    steps: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Tariffs {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What the page knows.
struct Known {
    room: Kept,
    tariffs: Vec<(Id<Tariff>, Day, Option<Day>, Tariff)>,
    today: Day,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Known> {
    hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    let room = room.ok_or_else(WebError::not_found)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    Ok(Known { tariffs: tariff::of_resource(tx, room.id)?, room, today })
}

pub(super) async fn list(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune.read(visitor.by, move |tx| known(tx, &who, &slug)).await?;
    let done = match asked.fait.as_str() {
        word @ ("ajoute" | "supprime") => page.t(&format!("rooms-admin-tariff-done-{word}")).to_owned(),
        _ => String::new(),
    };
    shown(page, StatusCode::OK, &known, FormPost::default(), Vec::new(), done)
}

pub(super) async fn add(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (typed, name) = (form.clone(), slug.clone());
    let came = commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &name)?;
            let (new, first, last) = match fill::read(&typed) {
                Ok(filled) => filled,
                Err(wrong) => return Ok(Err((known, wrong))),
            };
            match tariff::keep(tx, known.room.id, (first, last), &new)? {
                Ok(id) => {
                    tx.journal(&Entry {
                        kind: "tariff.kept",
                        subject_kind: "resource",
                        subject_id: known.room.id.uuid(),
                        payload: json!({ "tariff": id, "deliberation": new.deliberation.number, "from": first }),
                    })?;
                    Ok::<_, WebError>(Ok(()))
                }
                Err(fault) => Ok(Err((known, vec![said(fault)]))),
            }
        })
        .await?;
    match came {
        Ok(()) => Ok(Redirect::to(&format!("/admin/salles/{slug}/tarifs?fait=ajoute")).into_response()),
        Err((known, wrong)) => {
            let problems = wrong
                .into_iter()
                .map(|(field, key)| Problem { field, message: page.t(key).to_owned() })
                .collect();
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, problems, String::new())
        }
    }
}

/// Where what the calendar refuses is told.
fn said(fault: TariffFault) -> Wrong {
    let (field, key) = match fault {
        TariffFault::Deliberation => ("numero", "rooms-admin-tariff-wrong-number"),
        TariffFault::Rates => ("montant-0", "rooms-admin-tariff-wrong-none"),
        TariffFault::Amount => ("caution", "rooms-admin-tariff-wrong-amount"),
        TariffFault::Retained => ("jours-0", "rooms-admin-tariff-wrong-step"),
        TariffFault::Order => ("au", "rooms-admin-wrong-closure"),
        TariffFault::Overlap => ("du", "rooms-admin-tariff-wrong-overlap"),
    };
    (field.to_owned(), key)
}

pub(super) async fn remove(
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Tariff> = id.parse().map_err(|_| WebError::not_found())?;
    let name = slug.clone();
    commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &name)?;
            if !tariff::remove(tx, known.room.id, id, known.today)? {
                return Err(WebError::not_found());
            }
            tx.journal(&Entry {
                kind: "tariff.removed",
                subject_kind: "resource",
                subject_id: known.room.id.uuid(),
                payload: json!({ "tariff": id }),
            })?;
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&format!("/admin/salles/{slug}/tarifs?fait=supprime")).into_response())
}

fn shown(
    page: Page,
    status: StatusCode,
    known: &Known,
    form: FormPost,
    problems: Vec<Problem>,
    done: String,
) -> Result {
    let lang = page.language();
    let base = format!("/admin/salles/{}", known.room.details.slug);
    let action = format!("{base}/tarifs");
    let line = |(id, first, last, it): &(Id<Tariff>, Day, Option<Day>, Tariff)| Line {
        period: match last {
            Some(last) => page.tr(
                "rooms-admin-tariff-from-to",
                &[("from", long_date(*first, lang).into()), ("until", long_date(*last, lang).into())],
            ),
            None => page.tr("rooms-admin-tariff-from", &[("from", long_date(*first, lang).into())]),
        },
        prices: prices(&page, it),
        remove: if *first > known.today { format!("{action}/{id}/supprimer") } else { String::new() },
    };
    let choices = |name: String, words: &[&str], label: fn(&str) -> String| -> Vec<Choice> {
        let chosen = form.text(&name);
        let choice = |(rank, word): (usize, &&str)| {
            Choice::new(
                word,
                page.t(&label(word)),
                if chosen.is_empty() { rank == 0 } else { chosen == *word },
            )
        };
        words.iter().enumerate().map(choice).collect()
    };
    let who: Vec<&str> = std::iter::once("all").chain(Applicant::ALL.iter().map(|it| it.as_str())).collect();
    let row = |rank: usize| Row {
        who: choices(format!("qui-{rank}"), &who, |word| format!("rooms-tariff-who-{word}")),
        resident: choices(format!("habitant-{rank}"), &["tous", "oui", "non"], |word| {
            format!("rooms-admin-tariff-resident-{word}")
        }),
        when: choices(format!("quand-{rank}"), &["always", "week", "weekend"], |word| {
            format!("rooms-tariff-when-{word}")
        }),
        unit: choices(format!("unite-{rank}"), &["booking", "day", "hour"], |word| {
            format!("rooms-admin-tariff-unit-{word}")
        }),
        hours: form.text(&format!("heures-{rank}")).to_owned(),
        amount: form.text(&format!("montant-{rank}")).to_owned(),
    };
    let filled = (0..RATES).rev().find(|rank| !form.text(&format!("montant-{rank}")).is_empty());
    let rows = (0..filled.map_or(6, |rank| rank + 3).clamp(6, RATES)).map(row).collect();
    let step = |rank: usize| {
        let text = |name: &str| form.text(&format!("{name}-{rank}")).to_owned();
        (text("jours"), text("part"))
    };
    let template = Tariffs {
        title: page.tr("rooms-admin-tariff-title", &[("name", known.room.details.name.fr.clone().into())]),
        back: base,
        lines: known.tariffs.iter().map(line).collect(),
        action,
        done,
        rows,
        steps: (0..STEPS).map(step).collect(),
        form,
        problems,
        page,
    };
    render_as(status, &template)
}
