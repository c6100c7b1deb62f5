//! The page on which an agent enters a request: its form, and what stands around it.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use beffroi_core::Channel;
use beffroi_forms::{Answers, CompiledForm, Outcome};
use beffroi_people::{Town, mandate};
use beffroi_web::{Framing, Page, Result, diary::Received as Appointed, page::render_as};

use super::DOORS;
use crate::{
    appointed,
    booked::{Picking, Proposal, Shown},
    control::{Control, View},
    mandates,
    map::Map,
    office::{
        arrived,
        pieces::{self, Due},
        received::Received,
        reception::store::Stay,
    },
    problem::Problem,
    public::Known,
};

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Part {
    id: String,
    title: String,
    controls: Vec<Control>,
}

impl Part {
    /// The files that were received before, those in rows too: control and document.
    fn kept(&self) -> Vec<(&str, &str)> {
        let rows = self.controls.iter().flat_map(|control| &control.rows).flat_map(|row| &row.controls);
        let all = self.controls.iter().chain(rows);
        all.flat_map(|control| control.kept.iter().map(|file| (&*control.id, &*file.document))).collect()
    }
}

#[derive(Template)]
#[template(path = "office/entry.html")]
struct Entry {
    page: Page,
    title: String,
    action: String,
    key: String,
    doors: Vec<Choice>,
    /// Whose visit it is, if one is open; and where the page leads back to.
    visit: String,
    /// For whom the agent acts by a mandate; `""` where the person stands there.
    acting: String,
    back: &'static str,
    /// What was picked before it, where something is; and what is wrong with it.
    booked: Option<Shown>,
    booked_error: String,
    proposals: Vec<Proposal>,
    /// Whose appointment it is, and when; `""` where the request is opened at none. And which.
    appointment: String,
    rendez_vous: String,
    /// The item of the mail room that becomes a request, and its files.
    mail: String,
    mail_files: Vec<arrived::MailFile>,
    /// Whether the request will be sealed: then the files of the mail are kept nowhere.
    sealed: bool,
    received: (String, String, String),
    received_error: String,
    parts: Vec<Part>,
    problems: Vec<Problem>,
    pieces: Vec<Due>,
    by_letter: bool,
    map: Map,
}

/// The form as an agent has filled it in so far.
pub(super) struct Typed {
    pub(super) form: Arc<CompiledForm>,
    pub(super) answers: Answers,
    pub(super) known: Known,
    pub(super) door: Channel,
    pub(super) received: Received,
    pub(super) seen: Vec<String>,
    pub(super) by_letter: bool,
    pub(super) key: String,
    /// The files that were refused, and why.
    pub(super) refused: Vec<(String, String)>,
    pub(super) town: Town,
    pub(super) map: Map,
    /// The visit that is open.
    pub(super) stay: Option<Stay>,
    /// The item of the mail room that becomes this request.
    pub(super) mail: Option<arrived::Carried>,
    /// Whoever is received at the appointment at which it is opened.
    pub(super) appointed: Option<Appointed>,
    /// What was picked before it, or must be.
    pub(super) picking: Option<Picking>,
    /// Whether it came too late for what was picked, and the free times that are nearest to it.
    pub(super) overtaken: Option<Vec<Proposal>>,
    /// Whether nobody else has what was picked, but it may not be booked any more.
    pub(super) unfit: bool,
}

/// Why what was picked cannot be had; `""` where it can. `nothing`: whether nothing was picked.
fn not_had(page: &Page, typed: &Typed, nothing: bool) -> String {
    let key = match &typed.overtaken {
        None => return String::new(),
        Some(_) if nothing => "office-booked-none",
        Some(_) if typed.unfit => "office-booked-unfit",
        Some(_) => "office-booked-taken",
    };
    page.t(key).to_owned()
}

/// The page, with what was filled in and what is to be said of it; `tell`: whether its faults are.
pub(super) fn entry(page: Page, status: StatusCode, typed: &Typed, outcome: &Outcome, tell: bool) -> Result {
    let lang = page.language();
    let view =
        View { form: &typed.form, typed: &typed.answers, outcome, files: &typed.known.files, lang, tell };
    let pages = &typed.form.procedure().form.pages;
    let refusals = Problem::each(&typed.refused);
    let by_mandate = typed.stay.as_ref().filter(|stay| stay.mandate.is_some());
    let parts = pages
        .iter()
        .enumerate()
        .filter(|(rank, _)| outcome.pages.get(*rank).copied().unwrap_or_default())
        .map(|(rank, definition)| Part {
            id: format!("page-{}", definition.id),
            title: definition.title.text(lang).to_owned(),
            controls: {
                let mut controls = view.page(rank);
                Control::bear(&mut controls, &refusals);
                if let Some(picking) = typed.picking.as_ref().filter(|picking| picking.booking.is_some()) {
                    picking.hide(&mut controls);
                }
                if let Some(stay) = by_mandate {
                    mandates::in_the_name_of(&page, &stay.details.full_name(), &mut controls);
                }
                controls
            },
        })
        .collect();
    let mut problems = if tell { view.all_problems() } else { Vec::new() };
    problems.splice(0..0, refusals);
    let wrong_day = typed.received.day.as_ref().err().filter(|_| tell);
    let received_error = wrong_day.map(|key| page.t(key).to_owned()).unwrap_or_default();
    problems.splice(0..0, Problem::alone("recue", &received_error));
    let booked = typed.picking.as_ref().map(|picking| picking.shown(&page));
    let booked_error = not_had(&page, typed, booked.as_ref().is_some_and(|booked| booked.name.is_empty()));
    problems.splice(0..0, Problem::alone("creneau", &booked_error));
    let doors = DOORS.iter().map(|(door, key)| Choice {
        value: door.as_str().to_owned(),
        label: page.t(key).to_owned(),
        hint: String::new(),
        chosen: *door == typed.door,
    });
    let template = Entry {
        title: typed.form.procedure().title.text(lang).to_owned(),
        action: format!("/agents/guichet/{}", typed.form.procedure().slug),
        key: typed.key.clone(),
        doors: doors.collect(),
        visit: typed.stay.as_ref().map(|stay| stay.details.full_name()).unwrap_or_default(),
        acting: by_mandate
            .and_then(|stay| Some((stay, stay.mandate?)))
            .map(|(stay, mandate)| {
                let name = stay.details.full_name();
                let number = mandate::number(mandate);
                page.tr("desk-mandate-acting", &[("name", name.into()), ("number", number.into())])
            })
            .unwrap_or_default(),
        back: match (&typed.mail, &typed.stay) {
            (Some(_), _) => "/agents/courrier-arrivee",
            (None, Some(_)) => "/agents/guichet/visite",
            (None, None) => "/agents/guichet",
        },
        appointment: typed
            .appointed
            .as_ref()
            .map(|it| appointed::told(&page, it, typed.town.zone()))
            .unwrap_or_default(),
        rendez_vous: typed.appointed.as_ref().map(|it| it.appointment.to_string()).unwrap_or_default(),
        booked,
        booked_error,
        proposals: typed.overtaken.clone().unwrap_or_default(),
        mail: typed.mail.as_ref().map(|mail| mail.id.to_string()).unwrap_or_default(),
        mail_files: typed
            .mail
            .iter()
            .flat_map(|mail| mail.files.iter().map(|file| (mail.source, file)))
            .map(|(source, file)| arrived::MailFile {
                name: crate::mailroom::named(&page, source, &file.name),
                ..file.clone()
            })
            .collect(),
        sealed: typed.form.procedure().sealed,
        received: typed.received.typed.clone().into(),
        received_error,
        parts,
        problems,
        pieces: pieces::due(&typed.form, outcome, &typed.seen, lang),
        by_letter: typed.by_letter,
        map: typed.map.clone(),
        page,
    };
    let frames = template.mail_files.iter().any(|file| file.shown == "frame");
    let mut response = render_as(status, &template)?;
    if frames {
        response.extensions_mut().insert(Framing::Around);
    }
    Ok(response)
}
