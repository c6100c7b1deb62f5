//! What an agent has to do: tasks, opinions that their department owes, cases in whose step it acts.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, Right, advice,
    case::Case,
    step,
    task::{self, Key, Task, Whose},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, account};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, render};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    daily::absence,
    office::{away_words, entitled},
    visit::{Visit, case_error},
};

/// Tasks of one page.
const PAGE: u32 = 50;

#[derive(Clone, Deserialize)]
pub(super) struct Asked {
    /// `service`: all of the departments; else one’s own, and nobody’s.
    #[serde(default)]
    pour: String,
    /// Where the page begins.
    #[serde(default)]
    apres: String,
    #[serde(default)]
    fait: String,
}

struct Row {
    id: String,
    words: String,
    reference: String,
    /// The case’s page; `""` for who may not open it.
    href: String,
    title: String,
    who: String,
    /// Until when whoever has to do it is away, and who stands in; `""` where they are there.
    away: String,
    due: String,
    late: bool,
}

struct Waiting {
    href: String,
    reference: String,
    title: String,
    detail: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "office/tasks.html")]
struct TasksPage {
    page: Page,
    done: String,
    all: bool,
    tasks: Vec<Row>,
    next: String,
    opinions: Vec<Waiting>,
    cases: Vec<Waiting>,
}

fn key_of(text: &str) -> Option<Key> {
    let (day, id) = text.split_once('_')?;
    Some(Key { due_on: day.parse().ok()?, id: id.parse().ok()? })
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let agent = who.account.uuid();
    let all = asked.pour == "service";
    let after = key_of(&asked.apres);
    let (found, opinions, acting, titles, agents, names, (today, away), access) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let departments: Vec<String> = places.iter().map(|place| place.slug.clone()).collect();
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let away = absence::away(tx, today)?;
            // What whoever is away has to do is brought to the one who stands in.
            let own: Vec<Uuid> = std::iter::once(agent)
                .chain(away.stood_for(agent).into_iter().map(|absence| absence.agent))
                .collect();
            let whose = if all { Whose::All } else { Whose::Of(&own) };
            let found = task::open_page(tx, &access, &departments, whose, after, PAGE)?;
            let opinions = advice::awaited_of(tx, &access, &departments)?;
            let ids: Vec<_> = opinions.iter().map(|opinion| opinion.case.uuid()).collect();
            let references = beffroi_cases::case::references(tx, &ids)?;
            let acting: Vec<Case> = step::acting(tx, &access, &departments)?;
            let titles: HashMap<String, String> = desk
                .shelf
                .offered(tx)?
                .iter()
                .map(|form| (form.procedure().slug.clone(), form.procedure().title.fr.clone()))
                .collect();
            let agents = account::agents(tx)?;
            let names: HashMap<String, String> =
                places.into_iter().map(|place| (place.slug, place.name)).collect();
            Ok::<_, WebError>((
                found,
                (opinions, references),
                acting,
                titles,
                agents,
                names,
                (today, away),
                access,
            ))
        })
        .await?;
    let lang = page.language();
    let title = |slug: &str| titles.get(slug).cloned().unwrap_or_default();
    let (opinions, references) = opinions;
    let name = |id: Uuid| {
        let known = agents.iter().find(|agent| agent.id.uuid() == id);
        known.map(|agent| agent.display_name.clone()).unwrap_or_default()
    };
    let row = |(task, reference, procedure): &(Task, String, String)| {
        let agent = agents.iter().find(|agent| Some(agent.id.uuid()) == task.assignee);
        let absent = task.assignee.and_then(|agent| away.of(agent));
        let place = names.get(&task.department).cloned().unwrap_or_default();
        Row {
            id: task.id.to_string(),
            words: task.words.clone(),
            reference: reference.clone(),
            href: format!("/agents/dossiers/{}/etapes", task.case),
            title: title(procedure),
            who: agent.map_or(place, |agent| agent.display_name.clone()),
            due: long_date(task.due_on, lang),
            away: absent.map(|absence| away_words(&page, absence, name)).unwrap_or_default(),
            late: task.is_late(today),
        }
    };
    let next = found.next.map(|key| {
        let pour = if all { "service" } else { "" };
        format!("/agents/taches?pour={pour}&apres={}_{}", key.due_on, key.id)
    });
    let awaited = opinions.iter().map(|opinion| Waiting {
        href: format!("/agents/avis/{}", opinion.id),
        reference: references.get(&opinion.case.uuid()).cloned().unwrap_or_default(),
        title: opinion.question.clone(),
        detail: page.tr("office-task-due", &[("day", long_date(opinion.due_on, lang).into())]),
        late: opinion.is_late(today),
    });
    let acts = acting.iter().filter(|case| reads(&access, case)).map(|case| Waiting {
        href: format!("/agents/dossiers/{}/etapes", case.id),
        reference: case.reference.clone(),
        title: title(&case.procedure),
        detail: case.requester_name.clone(),
        late: case.deemed_on.is_some_and(|day| day <= today),
    });
    let (awaited, acts) = (awaited.collect(), acts.collect());
    let done = match asked.fait.as_str() {
        word @ ("tache-faite" | "avis-rendu") => page.t(&format!("office-steps-done-{word}")).to_owned(),
        _ => String::new(),
    };
    let tasks = found.tasks.iter().map(row).collect();
    render(&TasksPage {
        done,
        all,
        tasks,
        next: next.unwrap_or_default(),
        opinions: awaited,
        cases: acts,
        page,
    })
}

fn reads(access: &Access, case: &Case) -> bool {
    access.permit(Right::Read, case).is_ok()
}

/// A task is done, by the one whose it is or by whoever stands in for them.
pub(crate) fn finished(tx: &mut Tx<'_>, access: &Access, id: Id<Task>, agent: Uuid) -> Result<()> {
    let task = task::finish(tx, access, id, agent).map_err(case_error)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    absence::acted_in_place(tx, (task.case.uuid(), task.assignee), agent, today)?;
    Ok(())
}

/// A task is done.
pub(super) async fn act(
    Visit { commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id: std::result::Result<Id<Task>, _> = id.parse();
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let id = id.map_err(|_| WebError::not_found())?;
            finished(tx, &access, id, who.account.uuid())
        })
        .await?;
    let pour = if form.text("pour") == "service" { "&pour=service" } else { "" };
    Ok(Redirect::to(&format!("/agents/taches?fait=tache-faite{pour}")).into_response())
}
