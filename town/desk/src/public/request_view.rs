//! The pages of a request: its questions, its code, its summary.

use askama::Template;
use axum::http::StatusCode;
use beffroi_forms::{CompiledForm, Kind, Outcome, Section};
use beffroi_web::{Page, Result, page::render_as, render};

use super::{
    begun::Begun,
    reach::Phone,
    request::{Asked, Lost},
};
use crate::{
    booked::{Proposal, Shown},
    control::{Choosable, Control, View},
    fee, fetched, mandates,
    map::Map,
    priced,
    problem::Problem,
    procedure::Lists,
    space::offer,
};

#[derive(Template)]
#[template(path = "public/request.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct RequestPage {
    page: Page,
    slug: String,
    procedure: String,
    title: String,
    intro: String,
    step: usize,
    of: usize,
    action: String,
    back: String,
    controls: Vec<Control>,
    problems: Vec<Problem>,
    map: Map,
    changing: bool,
    begun: bool,
    /// Where the other version of its words is: easy to read, or the usual one; `""` where there is only one.
    other_words: String,
    plain: bool,
    /// Whether it is written in French alone, for a reader of another language.
    in_french: bool,
    /// Who is in charge, for whoever would rather ask somebody.
    department: String,
    phone: Phone,
    /// For whom it is filled in by a mandate; `""` where it is for oneself.
    acting: String,
    /// What was picked before it.
    booked: Option<Shown>,
    /// What that costs, a line each.
    price: Vec<String>,
}

/// That somebody acts for somebody else, in words.
pub(super) fn acting(page: &Page, begun: &Begun) -> String {
    begun.acting.as_ref().map(|acting| acting.banner(page)).unwrap_or_default()
}

/// A page of questions.
#[expect(clippy::too_many_arguments, reason = "a page is made of all that")]
pub(super) fn page(
    page: Page,
    status: StatusCode,
    begun: &Begun,
    outcome: &Outcome,
    rank: usize,
    asked: &Asked,
    tell: bool,
    refused: &[(String, String)],
) -> Result {
    let lang = page.language();
    let procedure = begun.form.procedure();
    let Some(definition) = procedure.form.pages.get(rank) else {
        return Err(beffroi_web::WebError::not_found());
    };
    let view =
        View { form: &begun.form, typed: &begun.answers, outcome, files: &begun.known.files, lang, tell };
    let mut controls = view.page(rank);
    offer(&mut controls, &begun.own, lang);
    if let Some(picking) = &begun.picking {
        picking.hide(&mut controls);
    }
    if let Some(acting) = &begun.acting {
        acting.dress(&page, &mut controls);
    }
    let mut problems = if tell { view.problems(rank) } else { Vec::new() };
    let refusals = Problem::each(refused);
    Control::bear(&mut controls, &refusals);
    if let Some(vouched) = &begun.vouched {
        vouched.mark(&begun.form, &mut controls);
    }
    problems.splice(0..0, refusals);
    let changing = !asked.retour.is_empty();
    let shown: Vec<usize> =
        outcome.pages.iter().enumerate().filter(|(_, shown)| **shown).map(|(rank, _)| rank).collect();
    let place = shown.iter().position(|page| *page == rank).unwrap_or_default();
    let before = place
        .checked_sub(1)
        .and_then(|place| shown.get(place))
        .and_then(|rank| procedure.form.pages.get(*rank));
    let base = format!("/demarches/{}/demande", procedure.slug);
    let shown_at = fetched::Shown {
        form: &begun.form,
        answers: &begun.answers,
        doors: &begun.doors,
        identified: begun.vouched.is_some(),
        identified_by: begun.identified_by,
        zone: begun.town.zone(),
        here: &format!("{base}/{}", definition.id),
    };
    fetched::dress(&page, &mut controls, &shown_at);
    let back = match (changing, before) {
        (true, _) => format!("{base}/recapitulatif"),
        (false, Some(before)) => format!("{base}/{}", before.id),
        (false, None) => format!("/demarches/{}", procedure.slug),
    };
    let template = RequestPage {
        slug: procedure.slug.clone(),
        procedure: procedure.title.text(lang).to_owned(),
        title: definition.title.text(lang).to_owned(),
        intro: definition.intro.text(lang).to_owned(),
        step: place + 1,
        of: shown.len() + 1,
        action: format!("{base}/{}{}", definition.id, if changing { "?retour=recapitulatif" } else { "" }),
        back,
        controls,
        problems,
        map: begun.map.clone(),
        changing,
        other_words: if lang == beffroi_core::Lang::Fr && (begun.plain || begun.form.has_plain()) {
            format!("{base}?facile={}", if begun.plain { "non" } else { "oui" })
        } else {
            String::new()
        },
        plain: begun.plain,
        in_french: super::portal::in_french_only(&begun.form, lang),
        department: begun.contact.name.clone(),
        phone: Phone::of(begun.contact.phone.as_deref().unwrap_or_default()),
        begun: begun.draft.is_some(),
        acting: acting(&page, begun),
        booked: begun.picking.as_ref().map(|picking| picking.shown(&page)),
        price: begun.price.as_ref().map(|price| priced::lines(&page, price)).unwrap_or_default(),
        page,
    };
    if status == StatusCode::OK { render(&template) } else { render_as(status, &template) }
}

/// The page on which something is wrong first.
pub(super) fn first_wrong(form: &CompiledForm, outcome: &Outcome) -> Option<usize> {
    let wrong = |id: &str| outcome.faults.iter().any(|fault| fault.path.split(['.', '-']).next() == Some(id));
    form.fields().find(|(_, field)| wrong(&field.id)).map(|(rank, _)| rank)
}

/// The questions that the answers have brought up on this page: they were not there when it was sent.
pub(crate) fn newly_shown(
    form: &CompiledForm,
    outcome: &Outcome,
    rank: usize,
    shown: &[String],
) -> Vec<String> {
    let booked = form.procedure().booking.as_ref();
    form.fields()
        .filter(|(page, field)| *page == rank && field.kind.is_question() && field.compute.is_none())
        // What was picked before answers these: they are never there.
        .filter(|(_, field)| !booked.is_some_and(|booked| booked.answers(&field.id)))
        .filter(|(_, field)| outcome.state(&field.id).shown && !shown.contains(&field.id))
        .map(|(_, field)| field.id.clone())
        .collect()
}

/// Whether something is wrong on this page that was there to be answered.
pub(crate) fn wrong_among(form: &CompiledForm, outcome: &Outcome, rank: usize, new: &[String]) -> bool {
    let here: Vec<&str> = form
        .fields()
        .filter(|(page, field)| *page == rank && !new.contains(&field.id))
        .map(|(_, field)| field.id.as_str())
        .collect();
    outcome
        .faults
        .iter()
        .any(|fault| fault.path.split(['.', '-']).next().is_some_and(|id| here.contains(&id)))
}

struct Row {
    label: String,
    value: String,
    href: String,
}

struct Part {
    title: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "public/summary.html")]
struct Summary {
    page: Page,
    slug: String,
    procedure: String,
    parts: Vec<Part>,
    of: usize,
    back: String,
    /// Files that may be kept in the reader's space.
    keepable: Vec<Choosable>,
    /// For whom it is sent by a mandate; `""` where it is for oneself.
    acting: String,
    /// What was picked before it.
    booked: Option<Shown>,
    /// What that costs, a line each.
    price: Vec<String>,
    /// What the request itself costs, likewise.
    fee: Vec<String>,
}

#[derive(Template)]
#[template(path = "public/overtaken.html")]
struct Overtaken {
    page: Page,
    procedure: String,
    booked: Shown,
    proposals: Vec<Proposal>,
    /// Whether nobody else has it, but it may not be booked any more.
    unfit: bool,
    resume: String,
}

/// All answers once more, before they are sent.
pub(super) fn summary(page: Page, begun: &Begun, outcome: &Outcome) -> Result {
    let lang = page.language();
    let procedure = begun.form.procedure();
    let base = format!("/demarches/{}/demande", procedure.slug);
    let none = page.t("desk-no-answer").to_owned();
    let sections: Vec<Section> = begun.form.sections(&outcome.answers, Some(&outcome.states), lang, &Lists);
    // Without map tiles a place that need not be told is not asked for.
    let hides = |path: &str| {
        let point = begun.form.field(path).is_some_and(|field| matches!(field.kind, Kind::Point));
        point && begun.town.map_tiles.is_none()
    };
    let is_sworn = |path: &str| begun.form.field(path).is_some_and(|field| matches!(field.kind, Kind::Sworn));
    let parts = sections.into_iter().map(|section| Part {
        rows: section
            .lines
            .into_iter()
            .filter(|line| !line.value.is_empty() || !hides(&line.path))
            .map(|line| Row {
                href: match &begun.picking {
                    Some(picking) if picking.answers(&line.path) => picking.again(),
                    _ => format!("{base}/{}?retour=recapitulatif#{}", section.page, line.path),
                },
                value: if line.value.is_empty() { none.clone() } else { line.value },
                label: match &begun.acting {
                    Some(acting) if is_sworn(&line.path) => {
                        mandates::sworn(&page, &acting.helped.full_name(), &line.label)
                    }
                    _ => line.label,
                },
            })
            .collect(),
        title: section.title,
    });
    let parts = parts.collect();
    let last = outcome.pages.iter().rposition(|shown| *shown).and_then(|rank| procedure.form.pages.get(rank));
    let back = last.map_or_else(|| base.clone(), |page| format!("{base}/{}", page.id));
    let of = outcome.pages.iter().filter(|shown| **shown).count() + 1;
    render(&Summary {
        slug: procedure.slug.clone(),
        procedure: procedure.title.text(lang).to_owned(),
        parts,
        of,
        back,
        keepable: begun.own.keepable(&begun.form, &begun.answers, &begun.known, lang),
        acting: acting(&page, begun),
        booked: begun.picking.as_ref().map(|picking| picking.shown(&page)),
        price: begun.price.as_ref().map(|price| priced::lines(&page, price)).unwrap_or_default(),
        fee: fee::before(&page, &begun.form, &outcome.answers),
        page,
    })
}

/// That what was picked is no longer to be had; the free times that are nearest to it.
pub(super) fn lost(page: Page, begun: &Begun, proposals: Vec<Proposal>, why: Lost) -> Result {
    let procedure = begun.form.procedure();
    let booked = begun.picking.as_ref().map(|picking| picking.shown(&page)).unwrap_or_default();
    render_as(
        StatusCode::CONFLICT,
        &Overtaken {
            procedure: procedure.title.text(page.language()).to_owned(),
            resume: format!("/demarches/{}/demande", procedure.slug),
            booked,
            proposals,
            unfit: why == Lost::Unfit,
            page,
        },
    )
}
