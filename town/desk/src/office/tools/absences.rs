//! Absences: an agent's own, declared and taken back; and those of everybody, so that nobody waits for who is away.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{SignedIn, Town, account};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};
use uuid::Uuid;

use super::{handled, workload};
use crate::{
    daily::absence::{self, Absence},
    office::{action::day_of, inbox::Choice},
    permission,
    problem::Problem,
    visit::Visit,
};

/// An absence lasts so many days at most.
pub(crate) const LONGEST_DAYS: i64 = 366;

struct Row {
    /// Where the agent's own can be taken back; `""` for another's.
    id: String,
    /// Which one.
    absence: String,
    name: String,
    period: String,
    delegate: String,
    /// Who may stand in, for whoever answers for the agent's department; empty for everybody else.
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "office/tools/absences.html")]
struct Absences {
    page: Page,
    rows: Vec<Row>,
    colleagues: Vec<Choice>,
    typed: FormPost,
    problems: Vec<Problem>,
}

impl Absences {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.text(field)
    }
}

async fn shown(visit: Visit, typed: FormPost, problems: Vec<Problem>) -> Result {
    let Visit { commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let me = who.account.uuid();
    let (absences, agents, colleagues, answered) = commune
        .read(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let mut colleagues: Vec<Uuid> = Vec::new();
            for place in &places {
                colleagues.extend(permission::handlers(tx, &place.slug)?.into_iter().map(Id::uuid));
            }
            let answered = answered_for(tx, &who)?;
            Ok::<_, WebError>((absence::coming(tx, today)?, account::agents(tx)?, colleagues, answered))
        })
        .await?;
    let lang = page.language();
    let name = |id: Uuid| {
        let found = agents.iter().find(|agent| agent.id.uuid() == id);
        found.map(|agent| agent.display_name.clone()).unwrap_or_default()
    };
    let row = |absence: &Absence| Row {
        id: if absence.agent == me { absence.id.to_string() } else { String::new() },
        absence: absence.id.to_string(),
        choices: choices_for(&page, absence, &answered, name),
        name: name(absence.agent),
        period: page.tr(
            "office-absence-period",
            &[
                ("from", long_date(absence.from_on, lang).into()),
                ("until", long_date(absence.until_on, lang).into()),
            ],
        ),
        delegate: absence.delegate.map(name).unwrap_or_default(),
    };
    let mut choices = vec![Choice::of("", page.t("office-nobody"), typed.text("remplacant").is_empty())];
    choices.extend(
        agents.iter().filter(|agent| agent.id.uuid() != me && colleagues.contains(&agent.id.uuid())).map(
            |agent| {
                let id = agent.id.to_string();
                Choice::of(&id, &agent.display_name, typed.text("remplacant") == id)
            },
        ),
    );
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rows = absences.iter().map(row).collect();
    render_as(status, &Absences { rows, colleagues: choices, typed, problems, page })
}

/// Those who handle the cases of each department for which somebody answers.
fn answered_for(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Vec<Uuid>>> {
    let ids: Vec<_> = workload::departments(tx, who)?.into_iter().map(|department| department.id).collect();
    let each = permission::handlers_of_each(tx, &ids)?;
    Ok(each.into_values().map(|agents| agents.into_iter().map(Id::uuid).collect()).collect())
}

/// Who may stand in for an agent: those of the departments that are answered for, where the agent is one of them.
fn stand_ins(agent: Uuid, answered: &[Vec<Uuid>]) -> Vec<Uuid> {
    let theirs = answered.iter().filter(|agents| agents.contains(&agent)).flatten().copied();
    let mut all: Vec<Uuid> = theirs.filter(|other| *other != agent).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn choices_for(
    page: &Page,
    absence: &Absence,
    answered: &[Vec<Uuid>],
    name: impl Fn(Uuid) -> String,
) -> Vec<Choice> {
    if !answered.iter().any(|agents| agents.contains(&absence.agent)) {
        return Vec::new();
    }
    let mut named: Vec<(String, Uuid)> =
        stand_ins(absence.agent, answered).into_iter().map(|id| (name(id), id)).collect();
    named.sort();
    let nobody = Choice::of("", page.t("office-nobody"), absence.delegate.is_none());
    let chosen = |id: Uuid| absence.delegate == Some(id);
    std::iter::once(nobody)
        .chain(named.iter().map(|(name, id)| Choice::of(&id.to_string(), name, chosen(*id))))
        .collect()
}

/// Whoever answers for the department of an agent who is away says who stands in. Others, and absences elsewhere, are
/// not found.
fn replaced(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Absence>, delegate: Option<Uuid>) -> Result<()> {
    let answered = answered_for(tx, who)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let absence = absence::coming(tx, today)?.into_iter().find(|absence| absence.id == id);
    let absence = absence.ok_or_else(WebError::not_found)?;
    let answers = answered.iter().any(|agents| agents.contains(&absence.agent));
    let stands = delegate.is_none_or(|delegate| stand_ins(absence.agent, &answered).contains(&delegate));
    if !answers || !stands || !absence::name_delegate(tx, id, delegate)? {
        return Err(WebError::not_found());
    }
    Ok(())
}

pub(super) async fn replace(
    Visit { commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Absence> = id.parse().map_err(|_| WebError::not_found())?;
    let delegate = form.text(&format!("remplacant-{id}"));
    let delegate: Option<Uuid> = match delegate {
        "" => None,
        word => Some(word.parse().map_err(|_| WebError::not_found())?),
    };
    commune.write(visitor.by, move |tx| replaced(tx, &who, id, delegate)).await?;
    Ok(Redirect::to("/agents/absences").into_response())
}

pub(super) async fn list(visit: Visit) -> Result {
    shown(visit, FormPost::default(), Vec::new()).await
}

/// The day that three controls tell.
fn day(form: &FormPost, name: &str) -> Option<Day> {
    let [day, month, year] = ["day", "month", "year"].map(|part| form.text(&format!("{name}-{part}")));
    day_of(day, month, year)
}

/// Whether an absence can last so long.
pub(crate) fn fits(from: Day, until: Day) -> bool {
    from <= until && (until - from).num_days() <= LONGEST_DAYS
}

/// Declares one's own absence. `None` where whoever should stand in handles no case of one's departments.
pub(crate) fn declared(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    days: (Day, Day),
    delegate: Option<Uuid>,
) -> Result<Option<Id<Absence>>> {
    let (_, places) = handled(tx, who)?;
    if let Some(delegate) = delegate {
        let mut stands = false;
        for place in &places {
            let colleagues = permission::handlers(tx, &place.slug)?;
            stands = stands || colleagues.iter().any(|agent| agent.uuid() == delegate);
        }
        if !stands || delegate == who.account.uuid() {
            return Ok(None);
        }
    }
    Ok(Some(absence::declare(tx, who.account.uuid(), days, delegate)?))
}

/// Takes back an absence of one's own.
pub(crate) fn taken_back(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Absence>) -> Result<()> {
    handled(tx, who)?;
    if absence::cancel(tx, who.account.uuid(), id)? { Ok(()) } else { Err(WebError::not_found()) }
}

pub(super) async fn declare(visit: Visit, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let (from, until) = (day(&form, "du"), day(&form, "au"));
    let mut problems = Vec::new();
    let mut tell = |field: &str, key: &str| {
        problems.push(Problem { field: field.to_owned(), message: visit.page.t(key).to_owned() });
    };
    if from.is_none() {
        tell("du", "office-absence-from-wrong");
    }
    match (from, until) {
        (_, None) => tell("au", "office-absence-until-wrong"),
        (Some(from), Some(until)) if !fits(from, until) => {
            tell("au", "office-absence-order-wrong");
        }
        _ => {}
    }
    let (Some(from), Some(until), true) = (from, until, problems.is_empty()) else {
        return shown(visit, form, problems).await;
    };
    let delegate: Option<Uuid> = form.text("remplacant").parse().ok();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            declared(tx, &who, (from, until), delegate)?.map(drop).ok_or_else(WebError::not_found)
        })
        .await?;
    Ok(Redirect::to("/agents/absences").into_response())
}

pub(super) async fn cancel(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Absence> = id.parse().map_err(|_| WebError::not_found())?;
    commune.write(visitor.by, move |tx| taken_back(tx, &who, id)).await?;
    Ok(Redirect::to("/agents/absences").into_response())
}
