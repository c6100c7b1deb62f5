//! The lines of the page of a case’s steps: what was filled in, opinions, tasks.

use beffroi_cases::{
    advice::{Opinion, State as Stands},
    task::Task,
};
use beffroi_core::calendar::long_date;
use beffroi_documents::{self as documents, Document};
use beffroi_web::Page;

use super::found::Found;
use crate::{control::size, procedure::Lists, public::when, words};

pub(super) struct Row {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) href: String,
}

/// A step with what was filled in there.
pub(super) struct Part {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
    pub(super) files: Vec<(String, String)>,
    pub(super) mend: String,
}

pub(super) struct OpinionRow {
    pub(super) id: String,
    pub(super) who: String,
    pub(super) question: String,
    pub(super) look: &'static str,
    pub(super) state: String,
    pub(super) detail: String,
    pub(super) words: String,
    pub(super) shared: String,
    pub(super) files: Vec<(String, String, String)>,
    pub(super) awaited: bool,
}

pub(super) struct TaskRow {
    pub(super) id: String,
    pub(super) words: String,
    pub(super) who: String,
    pub(super) detail: String,
    pub(super) late: bool,
    pub(super) done: bool,
}

pub(super) fn opinion_row(page: &Page, found: &Found, opinion: &Opinion, base: &str) -> OpinionRow {
    let lang = page.language();
    let day = |day| long_date(day, lang).into();
    let (look, state) = words::opinion(page, opinion, found.course.today);
    let mut detail = vec![
        page.tr("office-advice-asked", &[("asked", day(opinion.asked_on)), ("due", day(opinion.due_on))]),
    ];
    let zone = found.town.zone();
    if opinion.department.is_none() && opinion.state == Stands::Awaited {
        detail.push(match opinion.opened_at {
            Some(at) => page.tr("office-advice-opened", &[("when", when(at, zone, lang).into())]),
            None => page.t("office-advice-unopened").to_owned(),
        });
    }
    if let Some(on) = opinion.reminded_on {
        detail.push(page.tr("office-advice-reminded", &[("day", day(on))]));
    }
    if let Some(at) = opinion.answered_at {
        detail.push(page.tr("office-advice-came", &[("when", when(at, zone, lang).into())]));
    }
    let who = match &opinion.department {
        Some(place) => {
            let by = found.agent(opinion.answered_by);
            if by.is_empty() { found.place(place) } else { format!("{} – {by}", found.place(place)) }
        }
        None if opinion.email.is_empty() => opinion.expert.clone(),
        None => format!("{} – {}", opinion.expert, opinion.email),
    };
    let fields = opinion.shared.fields.iter().filter_map(|name| found.course.form.called(name, lang));
    let papers = found.documents.iter().filter(|it| opinion.shared.documents.contains(&it.id.uuid()));
    let shared: Vec<String> = fields.chain(papers.map(|it| it.name.clone())).collect();
    OpinionRow {
        id: opinion.id.to_string(),
        who,
        question: opinion.question.clone(),
        look,
        state: state.to_owned(),
        detail: detail.join(" "),
        words: opinion.words.clone(),
        shared: shared.join(", "),
        files: found
            .brought
            .iter()
            .filter(|document| document.purpose == opinion.id.to_string())
            .map(|document| file(page, document, base))
            .collect(),
        awaited: opinion.state == Stands::Awaited && found.case.state.is_open(),
    }
}

/// A document’s address (`""` until it is checked), name and particulars.
fn file(page: &Page, document: &Document, base: &str) -> (String, String, String) {
    let bytes = u64::try_from(document.bytes).unwrap_or_default();
    let detail = format!("{}, {}", document.media_type.label(), size(bytes, page.language()));
    let (href, state) = match document.state {
        documents::State::Clean => (format!("{base}/etapes/documents/{}", document.id), ""),
        documents::State::Received => (String::new(), page.t("office-file-unchecked")),
        documents::State::Infected => (String::new(), page.t("office-file-infected")),
    };
    let detail = if state.is_empty() { detail } else { format!("{detail}, {state}") };
    (href, document.name.clone(), detail)
}

pub(super) fn task_row(page: &Page, found: &Found, task: &Task) -> TaskRow {
    let lang = page.language();
    let zone = found.town.zone();
    let detail = match task.done_at {
        Some(at) => {
            let who = found.agent(task.done_by);
            page.tr("office-task-done-by", &[("when", when(at, zone, lang).into()), ("who", who.into())])
        }
        None => page.tr("office-task-due", &[("day", long_date(task.due_on, lang).into())]),
    };
    let who = match task.assignee {
        Some(agent) => format!("{} – {}", found.place(&task.department), found.agent(Some(agent))),
        None => found.place(&task.department),
    };
    TaskRow {
        id: task.id.to_string(),
        words: task.words.clone(),
        who,
        detail,
        late: task.is_late(found.course.today),
        done: task.done_at.is_some(),
    }
}

/// What was filled in in the steps, each with a way to mend it.
pub(super) fn parts(page: &Page, found: &Found, base: &str, handle: bool, shown: &str) -> Vec<Part> {
    let lang = page.language();
    let known = found.steps.iter().filter(|it| it.revision > 0);
    known
        .filter_map(|filled| {
            let form = found.course.form.step_form(&filled.step)?;
            let answers = filled.answers.as_object().cloned().unwrap_or_default();
            let lines: Vec<_> =
                form.sections(&answers, None, lang, &Lists).into_iter().flat_map(|it| it.lines).collect();
            let files = lines.iter().flat_map(|line| &line.files);
            let files =
                files.map(|(document, name)| (format!("{base}/etapes/documents/{document}"), name.clone()));
            let may = handle && found.case.state.is_under_instruction() && filled.step != shown;
            Some(Part {
                title: words::step(&found.course.form, Some(&filled.step), lang),
                files: files.collect(),
                rows: lines
                    .into_iter()
                    .map(|line| Row { label: line.label, value: line.value, href: String::new() })
                    .collect(),
                mend: if may { format!("{base}/etapes?etape={}#champs", filled.step) } else { String::new() },
            })
        })
        .collect()
}
