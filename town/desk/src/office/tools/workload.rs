//! The workload of a department, for who answers for it: what each agent follows, what is late, who is away; and to whom
//! new cases go.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::{
    Department, SignedIn, Town, account, department,
    permission::{Scope, scope},
};
use beffroi_store::{ToValue, Tx, marks};
use beffroi_web::{FormPost, Page, Result, WebError, render};
use chrono::Days;
use uuid::Uuid;

use crate::{
    daily::{
        absence,
        assignment::{self, Rule},
    },
    office::inbox::{Choice, SOON_DAYS},
    permission::{self, AnswerForCases},
    visit::Visit,
};

/// The departments for whose cases somebody answers.
pub(super) fn departments(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Department>> {
    let all = department::list(tx)?;
    Ok(match scope::<AnswerForCases>(tx, who)? {
        Scope::All => all,
        Scope::Departments(inside) => {
            all.into_iter().filter(|department| inside.contains(&department.id)).collect()
        }
    })
}

/// What somebody follows.
#[derive(Clone, Copy, Default)]
struct Load {
    open: i64,
    late: i64,
    soon: i64,
    /// Days since the receipt, of all together.
    days: i64,
}

/// What each agent of these departments follows; `None` for what nobody follows.
fn loads(
    tx: &mut Tx<'_>,
    departments: &[String],
    today: Day,
) -> beffroi_store::Result<BTreeMap<(String, Option<Uuid>), Load>> {
    let soon = today.checked_add_days(Days::new(SOON_DAYS.unsigned_abs())).unwrap_or(today);
    let mut params: Vec<&dyn ToValue> = vec![&today, &soon];
    params.extend(departments.iter().map(|slug| slug as &dyn ToValue));
    // The engines count days differently, so cases received on the same day come together.
    let sql = format!(
        "SELECT department, assignee, received_on, COUNT(*), \
         CAST(SUM(CASE WHEN clock_on <= $1 THEN 1 ELSE 0 END) AS BIGINT), \
         CAST(SUM(CASE WHEN clock_on > $1 AND clock_on <= $2 THEN 1 ELSE 0 END) AS BIGINT) \
         FROM cases WHERE is_open = TRUE AND department IN ({}) GROUP BY department, assignee, received_on",
        marks(3, departments.len())
    );
    let mut loads: BTreeMap<(String, Option<Uuid>), Load> = BTreeMap::new();
    tx.query(&sql, &params, |row| {
        let load = loads.entry((row.get(0)?, row.get(1)?)).or_default();
        let received: Day = row.get(2)?;
        let open: i64 = row.get(3)?;
        load.open += open;
        load.late += row.get::<i64>(4)?;
        load.soon += row.get::<i64>(5)?;
        load.days += (today - received).num_days() * open;
        Ok(())
    })?;
    Ok(loads)
}

struct Row {
    name: String,
    away: String,
    open: i64,
    late: i64,
    soon: i64,
    age: String,
}

struct Part {
    slug: String,
    name: String,
    rows: Vec<Row>,
    rules: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "office/tools/workload.html")]
struct Workload {
    page: Page,
    parts: Vec<Part>,
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let (departments, loads, handlers, agents, away, rules) = commune
        .read(visitor.by, move |tx| {
            let departments = departments(tx, &who)?;
            if departments.is_empty() {
                return Err(WebError::not_found());
            }
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let slugs: Vec<String> = departments.iter().map(|it| it.details.slug.clone()).collect();
            let mut handlers: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
            for slug in &slugs {
                let found = permission::handlers(tx, slug)?.into_iter().map(Id::uuid).collect();
                handlers.insert(slug.clone(), found);
            }
            let loads = loads(tx, &slugs, today)?;
            let (agents, away) = (account::agents(tx)?, absence::away(tx, today)?);
            Ok((departments, loads, handlers, agents, away, assignment::rules(tx)?))
        })
        .await?;
    let name = |id: Option<Uuid>| {
        let found = agents.iter().find(|agent| Some(agent.id.uuid()) == id);
        found.map_or_else(|| page.t("office-nobody").to_owned(), |agent| agent.display_name.clone())
    };
    let row = |agent: Option<Uuid>, load: Load| Row {
        name: name(agent),
        away: match agent.and_then(|agent| away.of(agent)) {
            Some(absence) => super::super::away_words(&page, absence, |id| name(Some(id))),
            None => String::new(),
        },
        open: load.open,
        late: load.late,
        soon: load.soon,
        age: if load.open == 0 {
            String::new()
        } else {
            page.tr("office-workload-days", &[("n", (load.days / load.open).into())])
        },
    };
    let parts: Vec<Part> = departments
        .iter()
        .map(|department| {
            let slug = &department.details.slug;
            let mut agents: Vec<Option<Uuid>> =
                handlers.get(slug).into_iter().flatten().copied().map(Some).collect();
            let follows = loads.keys().filter(|(known, _)| known == slug).map(|(_, agent)| *agent);
            agents.extend(follows.collect::<Vec<_>>());
            agents.sort_by_key(|agent| (agent.is_none(), name(*agent)));
            agents.dedup();
            let load = |agent: Option<Uuid>| loads.get(&(slug.clone(), agent)).copied().unwrap_or_default();
            let rule = rules.get(slug).copied().unwrap_or(Rule::Nobody);
            Part {
                slug: slug.clone(),
                name: department.details.name.clone(),
                rows: agents.into_iter().map(|agent| row(agent, load(agent))).collect(),
                rules: Rule::ALL
                    .iter()
                    .map(|known| {
                        let word = known.as_str();
                        Choice::of(word, page.t(&format!("office-rule-{word}")), *known == rule)
                    })
                    .collect(),
            }
        })
        .collect();
    render(&Workload { page, parts })
}

pub(super) async fn set_rule(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let slug = form.text("service").to_owned();
    let rule = Rule::from_word(form.text(&format!("regle-{slug}"))).ok_or_else(WebError::not_found)?;
    commune
        .write(visitor.by, move |tx| {
            let known = departments(tx, &who)?.into_iter().find(|it| it.details.slug == slug);
            let known = known.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(assignment::set_rule(tx, (&slug, known.id.uuid()), rule)?)
        })
        .await?;
    Ok(Redirect::to("/agents/charge").into_response())
}
