//! The workload of a department, for who answers for it: what each agent follows, what is late, who is away; and to whom
//! new cases go.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use beffroi_core::{
    Day,
    calendar::{civil_day, long_date},
};
use beffroi_people::{
    Department, SignedIn, Town, account, department,
    permission::{Action, Scope, scope},
};
use beffroi_store::{ToValue, Tx, marks};
use beffroi_web::{FormPost, Page, Result, WebError, render};
use chrono::Days;
use uuid::Uuid;

use crate::{
    daily::{
        absence::{self, Absence, Away},
        assignment::{self, Rule},
    },
    office::inbox::{Choice, SOON_DAYS},
    permission::{self, AnswerForCases, ReadWorkload},
    visit::Visit,
};

/// The departments for whose cases somebody answers.
pub(crate) fn departments(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Department>> {
    departments_of::<AnswerForCases>(tx, who)
}

/// Whether somebody sees the workload of any department.
pub(super) fn is_seen_by(tx: &mut Tx<'_>, who: &SignedIn) -> Result<bool> {
    Ok(permission::holds_somewhere::<ReadWorkload>(tx, who)?)
}

fn departments_of<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Department>> {
    let all = department::list(tx)?;
    Ok(match scope::<A>(tx, who)? {
        Scope::All => all,
        Scope::Departments(inside) => {
            all.into_iter().filter(|department| inside.contains(&department.id)).collect()
        }
    })
}

/// What somebody follows.
#[derive(Clone, Copy, Default)]
pub(crate) struct Load {
    pub(crate) open: i64,
    pub(crate) late: i64,
    pub(crate) soon: i64,
    /// Days since the receipt, of all together.
    days: i64,
}

impl Load {
    /// For how many days a case has been open, in the mean; `None` where nothing is.
    pub(crate) const fn mean_days(self) -> Option<i64> {
        if self.open == 0 { None } else { Some(self.days / self.open) }
    }
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

/// The workload of one department.
pub(crate) struct Share {
    pub(crate) department: Department,
    /// Those who handle its cases or follow some, and what each follows; `None` for what nobody follows yet.
    pub(crate) agents: Vec<(Option<Uuid>, Load)>,
    /// To whom new cases go.
    pub(crate) rule: Rule,
    /// Whether whoever looks answers for it, and says to whom they go.
    pub(crate) answered_for: bool,
}

/// The workload of the departments that somebody looks at.
pub(crate) struct Shares {
    pub(crate) all: Vec<Share>,
    pub(crate) names: BTreeMap<Uuid, String>,
    pub(crate) away: Away,
    /// Absences that have not begun, the next first.
    pub(crate) coming: Vec<Absence>,
}

/// What each agent follows, in the departments for whose cases `who` answers, or in all for the direction. Whoever sees
/// none is not told that there is a page.
pub(crate) fn shares(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Shares> {
    let seen = departments_of::<ReadWorkload>(tx, who)?;
    if seen.is_empty() {
        return Err(WebError::not_found());
    }
    let answered: Vec<_> = departments(tx, who)?.into_iter().map(|it| it.id).collect();
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let slugs: Vec<String> = seen.iter().map(|it| it.details.slug.clone()).collect();
    let loads = loads(tx, &slugs, today)?;
    let rules = assignment::rules(tx)?;
    let names: BTreeMap<Uuid, String> =
        account::agents(tx)?.into_iter().map(|agent| (agent.id.uuid(), agent.display_name)).collect();
    let ids: Vec<_> = seen.iter().map(|it| it.id).collect();
    let mut handlers = permission::handlers_of_each(tx, &ids)?;
    let mut all = Vec::with_capacity(seen.len());
    for department in seen {
        let slug = &department.details.slug;
        let handlers = handlers.remove(&department.id).unwrap_or_default();
        let mut agents: Vec<Option<Uuid>> = handlers.into_iter().map(|agent| Some(agent.uuid())).collect();
        agents.extend(loads.keys().filter(|(known, _)| known == slug).map(|(_, agent)| *agent));
        agents.sort_by_key(|agent| (agent.is_none(), agent.and_then(|id| names.get(&id)), *agent));
        agents.dedup();
        let load = |agent: Option<Uuid>| loads.get(&(slug.clone(), agent)).copied().unwrap_or_default();
        all.push(Share {
            agents: agents.into_iter().map(|agent| (agent, load(agent))).collect(),
            rule: rules.get(slug).copied().unwrap_or(Rule::Nobody),
            answered_for: answered.contains(&department.id),
            department,
        });
    }
    let mut coming = absence::coming(tx, today)?;
    coming.retain(|absence| absence.from_on > today);
    coming.sort_by_key(|absence| absence.from_on);
    Ok(Shares { all, names, away: absence::away(tx, today)?, coming })
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
    /// Empty for who does not answer for it.
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
    let Shares { all, names, away, coming } = commune.read(visitor.by, move |tx| shares(tx, &who)).await?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let row = |(agent, load): (Option<Uuid>, Load)| Row {
        name: agent.map_or_else(|| page.t("office-workload-nobody").to_owned(), name),
        away: match agent.and_then(|agent| away.of(agent)) {
            Some(absence) => super::super::away_words(&page, absence, name),
            None => coming
                .iter()
                .find(|absence| Some(absence.agent) == agent)
                .map(|absence| comes(&page, absence, name))
                .unwrap_or_default(),
        },
        open: load.open,
        late: load.late,
        soon: load.soon,
        age: load
            .mean_days()
            .map(|days| page.tr("office-workload-days", &[("n", days.into())]))
            .unwrap_or_default(),
    };
    let choice = |known: Rule, rule: Rule| {
        let word = known.as_str();
        Choice::of(word, page.t(&format!("office-rule-{word}")), known == rule)
    };
    let parts: Vec<Part> = all
        .into_iter()
        .map(|share| Part {
            slug: share.department.details.slug,
            name: share.department.details.name,
            rows: share.agents.into_iter().map(row).collect(),
            rules: if share.answered_for {
                Rule::ALL.iter().map(|known| choice(*known, share.rule)).collect()
            } else {
                Vec::new()
            },
        })
        .collect();
    render(&Workload { page, parts })
}

/// When somebody will be away, and who will stand in.
fn comes(page: &Page, absence: &Absence, name: impl Fn(Uuid) -> String) -> String {
    let lang = page.language();
    let [from, until] = [absence.from_on, absence.until_on].map(|day| long_date(day, lang));
    let mut words = vec![("from", from.into()), ("until", until.into())];
    let Some(delegate) = absence.delegate else { return page.tr("office-absence-comes", &words) };
    words.push(("delegate", name(delegate).into()));
    page.tr("office-absence-comes-delegate", &words)
}

/// Says to whom the new cases of a department go, for who answers for it.
pub(crate) fn ruled(tx: &mut Tx<'_>, who: &SignedIn, slug: &str, rule: Rule) -> Result<()> {
    let known = departments(tx, who)?.into_iter().find(|it| it.details.slug == slug);
    let known = known.ok_or_else(WebError::not_found)?;
    Ok(assignment::set_rule(tx, (slug, known.id.uuid()), rule)?)
}

pub(super) async fn set_rule(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let slug = form.text("service").to_owned();
    let rule = Rule::from_word(form.text(&format!("regle-{slug}"))).ok_or_else(WebError::not_found)?;
    commune.write(visitor.by, move |tx| ruled(tx, &who, &slug, rule)).await?;
    Ok(Redirect::to("/agents/charge").into_response())
}
