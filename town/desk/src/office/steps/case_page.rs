//! The page of a case’s steps: where it stands, what is filled in and done there, opinions, tasks, and handing over.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_cases::{
    Right,
    case::{self, Case},
};
use beffroi_core::{Id, calendar::long_date};
use beffroi_documents::{self as documents, Document};
use beffroi_forms::{Answers, Deed, Moment, Outcome};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};
use chrono::Days;
use serde::Deserialize;

use super::{
    case_rows::{OpinionRow, Part, TaskRow, opinion_row, parts, task_row},
    diagram::{Diagram, Here, diagram},
    found::Found,
    share::{self, Tickable},
    transferred,
};
use crate::{
    control::{Control, View},
    map::Map,
    office::{consulted, entitled},
    problem::Problem,
    public::stream,
    visit::{Visit, case_error},
    words,
};

/// Days that are proposed for an opinion, and for a task.
const PROPOSED: (Days, Days) = (Days::new(21), Days::new(7));

#[derive(Deserialize)]
pub(super) struct Just {
    /// Something was just done.
    #[serde(default)]
    fait: String,
    /// The step whose fields are to be mended.
    #[serde(default)]
    etape: String,
}

/// What the page says beside the case: what was just done, or what is wrong and what was typed.
#[derive(Default)]
pub(super) struct Told {
    pub(super) done: String,
    pub(super) problems: Vec<Problem>,
    /// The word of the form that is shown again.
    pub(super) form: String,
    pub(super) typed: FormPost,
    /// The step whose fields are shown, and what was typed in them.
    pub(super) step: String,
    pub(super) answers: Option<(Answers, Outcome)>,
}

/// Where an agent is led after each form of the page.
const DONE: [&str; 10] = [
    "passer",
    "action",
    "remplir",
    "avis",
    "avis-annuler",
    "avis-rappeler",
    "tache",
    "tache-faite",
    "tache-reprise",
    "transmise",
];

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Button {
    id: String,
    label: String,
    what: String,
    asks_expert: bool,
    expert: String,
}

#[derive(Template)]
#[template(path = "office/steps.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct StepsPage {
    page: Page,
    done: String,
    problems: Vec<Problem>,
    again: String,
    typed: FormPost,
    /// What was written in a form that the case has left behind.
    unsent: Vec<(String, String)>,
    base: String,
    reference: String,
    requester: String,
    title: String,
    look: &'static str,
    state: String,
    diagram: Diagram,
    has_steps: bool,
    step: String,
    seen: String,
    since: String,
    late: String,
    waits_for: String,
    buttons: Vec<Button>,
    moves: Vec<Choice>,
    fields: Vec<Control>,
    fields_of: String,
    fields_title: String,
    revision: u32,
    parts: Vec<Part>,
    map: Map,
    opinions: Vec<OpinionRow>,
    tasks: Vec<TaskRow>,
    handle: bool,
    /// What the case says is sealed: nothing of it is written beside it.
    sealed: bool,
    decide: bool,
    open: bool,
    under_instruction: bool,
    shareable: Vec<Tickable>,
    papers: Vec<Tickable>,
    asked_of: Vec<Choice>,
    places: Vec<Choice>,
    colleagues: Vec<Choice>,
    opinion_due: String,
    task_due: String,
    out: Vec<String>,
    out_unknown: bool,
}

impl StepsPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.get(field).unwrap_or_default()
    }
}

fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Opens the page.
pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            Found::load(tx, &desk, &access, case)
        })
        .await?;
    render(page, StatusCode::OK, &found, Told { done: just.fait, step: just.etape, ..Told::default() })
}

/// A document that an agent added in a step, or that came with an opinion.
pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            let found = documents::find(tx, document)?.ok_or_else(WebError::not_found)?;
            let own = found.owner_kind == "case-step" && found.owner_id == id.uuid();
            let brought = found.owner_kind == "opinion" && found.owner_id == id.uuid();
            if !own && !brought {
                return Err(WebError::not_found());
            }
            consulted(tx, id, &who)?;
            Ok(found)
        })
        .await?;
    stream(&commune, found).await
}

/// The fields of the step that is shown, with what is known or what was typed.
fn fields(found: &Found, shown: &str, told: &Told, page: &Page) -> (Vec<Control>, Vec<Problem>, u32) {
    let Some(form) = found.course.form.step_form(shown) else { return (Vec::new(), Vec::new(), 0) };
    let filled = found.steps.iter().find(|it| it.step == shown);
    let revision = filled.map(|it| it.revision).unwrap_or_default();
    let (typed, outcome, tell) = if let Some((typed, outcome)) = &told.answers {
        (typed.clone(), outcome.clone(), told.form == "remplir")
    } else {
        let kept = filled.map(|it| it.answers.clone()).unwrap_or_default();
        let typed = Answers::from_json(&form.procedure().form, &kept).unwrap_or_default();
        let environment = found.course.environment(&found.case, &found.known.files);
        let outcome = found.course.form.judge_step(shown, &typed, found.course.known(), &environment);
        (typed, outcome.unwrap_or_default(), false)
    };
    let view = View {
        form,
        typed: &typed,
        outcome: &outcome,
        files: &found.known.files,
        lang: page.language(),
        tell,
    };
    let problems = if tell { view.all_problems() } else { Vec::new() };
    let mut controls = view.page(0);
    Control::bear(&mut controls, &told.problems);
    (controls, problems, revision)
}

#[expect(clippy::too_many_lines, reason = "one line for each thing that the page shows")]
pub(super) fn render(page: Page, status: StatusCode, found: &Found, mut told: Told) -> Result {
    let lang = page.language();
    let case = &found.case;
    let base = format!("/agents/dossiers/{}", case.id);
    let procedure = found.course.form.procedure();
    let handle = found.access.permit(Right::Handle, case).is_ok();
    let decide = found.access.permit(Right::Decide, case).is_ok();
    let (open, under_instruction) = (case.state.is_open(), case.state.is_under_instruction());
    let (look, state) = words::state(&page, case.state, None);
    let here = match &case.step {
        _ if !open => Here::Over,
        Some(step) => Here::In(step.clone()),
        None => Here::Received,
    };
    let names: HashMap<String, String> = found.names.iter().cloned().collect();
    let current = case.step.as_deref().and_then(|step| found.course.step(step));
    let stands = found.steps.iter().find(|it| Some(&it.step) == case.step.as_ref());
    let since = stands.map(|it| it.entered_on);
    let late = current
        .zip(since)
        .and_then(|(step, since)| since.checked_add_days(Days::new(u64::from(step.days?))))
        .filter(|until| *until < found.course.today && open)
        .map(|until| page.tr("office-steps-late", &[("day", long_date(until, lang).into())]))
        .unwrap_or_default();
    // The fields of the step in which the case stands, or of one that it has been in and that is to be mended.
    let asked = found.steps.iter().find(|it| it.step == told.step).map(|it| it.step.clone());
    let shown = asked.or_else(|| case.step.clone()).unwrap_or_default();
    let (controls, mut problems, revision) = if handle && under_instruction {
        fields(found, &shown, &told, &page)
    } else {
        (Vec::new(), Vec::new(), 0)
    };
    problems.splice(0..0, std::mem::take(&mut told.problems));
    let buttons = current
        .filter(|_| handle && under_instruction)
        .map(|step| {
            let open = found.course.open(case, step);
            let pressed = open.into_iter().filter(|action| action.on == Moment::Button);
            pressed
                .filter(|action| action.kind != Deed::TransferOut || decide)
                .map(|action| Button {
                    what: page.t(&format!("office-deed-{}", action.kind.as_str())).to_owned(),
                    asks_expert: action.kind == Deed::Opinion
                        && action.department.is_empty()
                        && action.email.is_empty(),
                    expert: found.course.fill(&action.body),
                    label: action.label.text(lang).to_owned(),
                    id: action.id,
                })
                .collect()
        })
        .unwrap_or_default();
    let offered = found.course.offered(case);
    let usual: Vec<&String> = current.map(|step| step.next.iter().collect()).unwrap_or_default();
    let typed = told.typed;
    let moves: Vec<Choice> = if handle && under_instruction {
        let steps = procedure.steps.iter().zip(offered);
        let steps = steps.filter(|(step, offered)| *offered && Some(&step.id) != case.step.as_ref());
        steps
            .map(|(step, _)| Choice {
                hint: if usual.contains(&&step.id) {
                    page.t("office-steps-usual").to_owned()
                } else {
                    String::new()
                },
                chosen: typed.text("etape") == step.id,
                value: step.id.clone(),
                label: step.label.text(lang).to_owned(),
            })
            .collect()
    } else {
        Vec::new()
    };
    let ticked: Vec<String> = typed.all("partage").map(str::to_owned).collect();
    let ticked_papers: Vec<String> = typed.all("document").map(str::to_owned).collect();
    let choice = |value: &str, label: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen,
    };
    let place = |field: &str, usual: &str| {
        let chosen = typed.get(field).unwrap_or(usual).to_owned();
        found.names.iter().map(|(slug, name)| choice(slug, name, *slug == chosen)).collect::<Vec<_>>()
    };
    let mut asked_of = vec![Choice {
        hint: page.t("office-advice-outside-hint").to_owned(),
        ..choice("expert", page.t("office-advice-outside"), typed.get("a").is_none_or(|a| a == "expert"))
    }];
    asked_of.push(choice("service", page.t("office-advice-inside"), typed.text("a") == "service"));
    let mut colleagues = vec![choice("", page.t("office-nobody"), typed.text("agent").is_empty())];
    colleagues.extend(found.agents.iter().filter(|it| found.handlers.contains(&it.id)).map(|agent| {
        let id = agent.id.to_string();
        choice(&id, &agent.display_name, typed.text("agent") == id)
    }));
    let day_in = |days| found.course.today.checked_add_days(days).map(|day| long_date(day, lang));
    let mut out = Vec::new();
    if let Some(known) = &found.out {
        let clock = transferred::clock(case, &found.requests, known, found.course.today, &found.town)?;
        let whom = if known.contact.is_empty() {
            known.body.clone()
        } else {
            format!("{} ({})", known.body, known.contact)
        };
        let on = long_date(known.transferred_on, lang);
        out.push(page.tr("office-transferred-to", &[("body", whom.into()), ("day", on.into())]));
        out.push(known.reasons.clone());
        out.push(clock.sentence(lang));
    }
    let unsent = ["question", "tache", "raisons"]
        .iter()
        .filter(|field| !under_instruction && !typed.text(field).is_empty())
        .map(|field| {
            (page.t(&format!("office-steps-unsent-{field}")).to_owned(), typed.text(field).to_owned())
        })
        .collect();
    let template = StepsPage {
        done: if DONE.contains(&told.done.as_str()) {
            page.t(&format!("office-steps-done-{}", told.done)).to_owned()
        } else {
            String::new()
        },
        unsent,
        reference: case.reference.clone(),
        requester: case.requester_name.clone(),
        title: procedure.title.text(lang).to_owned(),
        diagram: diagram(&page, procedure, &here, &names),
        has_steps: !procedure.steps.is_empty(),
        step: words::step(&found.course.form, case.step.as_deref(), lang),
        seen: case.step.clone().unwrap_or_default(),
        since: since.map(|day| long_date(day, lang)).unwrap_or_default(),
        late,
        waits_for: case.acting.as_deref().map(|acting| found.place(acting)).unwrap_or_default(),
        buttons,
        moves,
        fields_title: words::step(&found.course.form, Some(&shown), lang),
        parts: parts(&page, found, &base, handle, &shown),
        fields_of: shown,
        fields: controls,
        revision,
        map: found.map.clone(),
        opinions: found.opinions.iter().map(|it| opinion_row(&page, found, it, &base)).collect(),
        tasks: found.tasks.iter().map(|task| task_row(&page, found, task)).collect(),
        shareable: share::tickable(&found.course.form, found.course.known(), &ticked, lang),
        papers: share::tickable_documents(&found.documents, &ticked_papers),
        asked_of,
        places: place("service", &case.department),
        colleagues,
        opinion_due: day_in(PROPOSED.0).unwrap_or_default(),
        task_due: day_in(PROPOSED.1).unwrap_or_default(),
        out_unknown: handle && found.out.as_ref().is_some_and(|out| out.received_on.is_none()),
        out,
        handle,
        sealed: case.sealed,
        decide,
        open,
        under_instruction,
        look,
        state,
        problems,
        again: told.form,
        typed,
        base,
        page,
    };
    render_as(status, &template)
}
