//! The file to choose, and what would be kept of it, as pages show them.

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::{booking::PLANNING, clock, resource::Kept};
use beffroi_web::{Page, Problem, Result, new_idempotency_key, page::render_as};
use chrono_tz::Tz;

use super::{
    judged::Judged,
    sorted::{Block, LeftOut, Why},
};

/// What is left out that is listed, at most.
const LISTED: usize = 200;

/// What is told before anything is kept.
pub(super) struct Preview {
    pub(super) judged: Judged,
    pub(super) left_out: Vec<LeftOut>,
    /// Whether something changed since it was told: nothing is kept.
    pub(super) changed: bool,
    pub(super) zone: Tz,
}

#[derive(Template)]
#[template(path = "agenda.html")]
struct FormPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    problems: Vec<Problem>,
}

impl FormPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// A time that would be kept.
struct Line {
    when: String,
    note: String,
    written: String,
}

/// Something that is left out: what, when it is known when, and why.
struct Left {
    note: String,
    when: String,
    why: String,
}

#[derive(Template)]
#[template(path = "agenda_preview.html")]
struct PreviewPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    changed: bool,
    counted: String,
    lines: Vec<Line>,
    left_title: String,
    left: Vec<Left>,
    /// How many more are left out than are listed, in words; `""` for none.
    more: String,
    key: String,
}

fn title(page: &Page, room: &Kept) -> String {
    page.tr("planning-agenda-of", &[("name", room.details.name.fr.clone().into())])
}

fn address(room: &Kept) -> String {
    format!("{PLANNING}/{}/agenda", room.details.slug)
}

/// The form on which a file is chosen; `wrong`: the key of what was wrong with the last, `""` for nothing.
pub(super) fn form(page: Page, status: StatusCode, room: &Kept, wrong: &str) -> Result {
    let message = if wrong.is_empty() { "" } else { page.t(wrong) };
    let template = FormPage {
        title: title(&page, room),
        back: format!("{PLANNING}/{}", room.details.slug),
        action: address(room),
        problems: Problem::alone("fichier", message),
        page,
    };
    render_as(status, &template)
}

/// What would be kept, and what is left out.
pub(super) fn preview(page: Page, status: StatusCode, room: &Kept, it: Preview) -> Result {
    let lang = page.language();
    let Preview { judged, left_out, changed, zone } = it;
    let line = |block: &Block| Line {
        when: clock::when(block.span, zone, lang),
        note: block.note.clone(),
        written: block.written(),
    };
    let why = |why: Why| page.t(&format!("planning-agenda-why-{}", why.as_str())).to_owned();
    let mut left: Vec<Left> = Vec::new();
    for (block, rival) in &judged.taken {
        let why = match rival {
            Some(rival) if !rival.reference.is_empty() => {
                let variables = [("reference", rival.reference.clone().into())];
                page.tr("planning-agenda-why-taken-case", &variables)
            }
            Some(rival) if !rival.note.is_empty() => {
                page.tr("planning-agenda-why-taken-note", &[("note", rival.note.clone().into())])
            }
            _ => why(Why::Taken),
        };
        left.push(Left { note: block.note.clone(), when: clock::when(block.span, zone, lang), why });
    }
    for block in &judged.past {
        let when = clock::when(block.span, zone, lang);
        left.push(Left { note: block.note.clone(), when, why: why(Why::Past) });
    }
    for it in left_out {
        let when = match it.span.map(|span| clock::when(span, zone, lang)) {
            Some(when) if it.times > 1 => {
                page.tr("planning-agenda-times", &[("n", it.times.into()), ("when", when.into())])
            }
            when => when.unwrap_or_default(),
        };
        left.push(Left { note: it.note, when, why: why(it.why) });
    }
    let (all, kept) = (left.len(), judged.free.len());
    left.truncate(LISTED);
    let action = address(room);
    let template = PreviewPage {
        title: title(&page, room),
        back: action.clone(),
        action: format!("{action}/bloquer"),
        changed,
        counted: page.tr("planning-agenda-counted", &[("n", kept.into())]),
        lines: judged.free.iter().map(line).collect(),
        left_title: page.tr("planning-agenda-left", &[("n", all.into())]),
        more: match all.saturating_sub(LISTED) {
            0 => String::new(),
            more => page.tr("planning-agenda-more", &[("n", more.into())]),
        },
        left,
        key: new_idempotency_key(),
        page,
    };
    render_as(status, &template)
}
