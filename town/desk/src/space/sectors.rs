//! Which department may ask to see which sector's cases of a person, what for and by which text. There is no such rule
//! until the administrator makes one, and the person's own account is the only thing that joins two sectors (CNIL,
//! RU-030).

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, Sector};
use beffroi_people::{Permit, SignedIn, department, permission::permit, session::SecondFactor};
use beffroi_store::{Entry, Result as StoreResult, Row, StoreError, ToValue, Tx, marks};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    control::Choosable,
    permission::{ManageSectors, Place},
    problem::Problem,
    visit::Visit,
};

/// Rules that a town may have.
const AT_MOST: u32 = 200;
/// Characters of a purpose, and of its text.
const LONGEST: usize = 300;

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: Id<Rule>,
    pub(super) department: String,
    pub(super) sector: Sector,
    pub(super) purpose: String,
    pub(super) basis: String,
}

fn read(row: &mut Row) -> StoreResult<Rule> {
    let word: String = row.get(2)?;
    Ok(Rule {
        id: row.get(0)?,
        department: row.get(1)?,
        sector: Sector::from_word(&word)
            .ok_or_else(|| StoreError::Corrupt(format!("no sector is called {word}")))?,
        purpose: row.get(3)?,
        basis: row.get(4)?,
    })
}

const COLUMNS: &str = "id, department, sector, purpose, basis FROM desk_sector_rule";

/// Every rule, by department.
fn all(tx: &mut Tx<'_>) -> StoreResult<Vec<Rule>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY department, sector, id LIMIT $1"), &[&AT_MOST], read)
}

/// The rules by which these departments may ask.
pub(super) fn of_departments(tx: &mut Tx<'_>, departments: &[String]) -> StoreResult<Vec<Rule>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = departments.iter().map(|department| department as &dyn ToValue).collect();
    let sql = format!(
        "SELECT {COLUMNS} WHERE department IN ({}) ORDER BY sector, id LIMIT 200",
        marks(1, departments.len())
    );
    tx.query(&sql, &params, read)
}

fn add_rule(
    tx: &mut Tx<'_>,
    _: &Permit<ManageSectors>,
    by: Uuid,
    (department, sector): (&str, Sector),
    (purpose, basis): (&str, &str),
) -> StoreResult<()> {
    let id: Id<Rule> = tx.new_id();
    let added = tx.execute(
        "INSERT INTO desk_sector_rule (id, department, sector, purpose, basis, added_at, added_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (department, sector, purpose) DO NOTHING",
        &[&id, &department, &sector.as_str(), &purpose, &basis, &tx.now(), &by],
    )?;
    if added == 0 {
        return Ok(());
    }
    let payload =
        json!({ "department": department, "sector": sector.as_str(), "purpose": purpose, "basis": basis });
    enter(tx, "sector.rule_added", id, payload)
}

fn remove_rule(tx: &mut Tx<'_>, _: &Permit<ManageSectors>, id: Id<Rule>) -> StoreResult<bool> {
    let gone = tx.execute("DELETE FROM desk_sector_rule WHERE id = $1", &[&id])?;
    if gone > 0 {
        enter(tx, "sector.rule_removed", id, json!({}))?;
    }
    Ok(gone > 0)
}

fn enter(tx: &mut Tx<'_>, kind: &str, id: Id<Rule>, payload: serde_json::Value) -> StoreResult<()> {
    tx.journal(&Entry { kind, subject_kind: "sector-rule", subject_id: id.uuid(), payload })?;
    Ok(())
}

struct Line {
    id: String,
    department: String,
    sector: String,
    purpose: String,
    basis: String,
}

#[derive(Template)]
#[template(path = "space/sectors.html")]
struct RulesPage {
    page: Page,
    rows: Vec<Line>,
    departments: Vec<Choosable>,
    sectors: Vec<Choosable>,
    purpose: String,
    basis: String,
    problems: Vec<Problem>,
    done: String,
}

impl RulesPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Whoever may not look after sectors is not told that there is such a page.
fn hidden(refused: beffroi_people::Refused) -> WebError {
    match refused {
        beffroi_people::Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    }
}

/// An administrator with a second factor; without one, where to set it.
fn second(who: &SignedIn) -> Option<Redirect> {
    let administrator = who.may_somewhere(crate::permission::SECTORS);
    let lacks = who.second_factor != SecondFactor::Done;
    (administrator && lacks).then(|| Redirect::to("/compte/second-facteur?retour=%2Fadmin%2Fsecteurs"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    fait: String,
}

#[derive(Default)]
struct Shown {
    department: String,
    sector: String,
    purpose: String,
    basis: String,
    problems: Vec<Problem>,
    done: String,
}

async fn shown(visit: Visit, status: StatusCode, shown: Shown) -> Result {
    let Visit { commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let (rules, places): (Vec<Rule>, Vec<Place>) = commune
        .read(visitor.by, move |tx| {
            permit::<ManageSectors>(tx, &who, None).map_err(hidden)?;
            let places = department::list(tx)?
                .into_iter()
                .map(|it| Place { slug: it.details.slug, name: it.details.name })
                .collect();
            Ok::<_, WebError>((all(tx)?, places))
        })
        .await?;
    let name = |slug: &str| {
        places.iter().find(|place| place.slug == slug).map_or_else(|| slug.to_owned(), |it| it.name.clone())
    };
    let sector = |sector: Sector| page.t(&format!("desk-sector-{}", sector.as_str())).to_owned();
    let choice = |value: &str, label: String, chosen: &str| Choosable {
        value: value.to_owned(),
        label,
        hint: String::new(),
        chosen: value == chosen,
    };
    let rows = rules
        .iter()
        .map(|rule| Line {
            id: rule.id.to_string(),
            department: name(&rule.department),
            sector: sector(rule.sector),
            purpose: rule.purpose.clone(),
            basis: rule.basis.clone(),
        })
        .collect();
    let departments =
        places.iter().map(|place| choice(&place.slug, place.name.clone(), &shown.department)).collect();
    let sectors = Sector::ALL.iter().map(|it| choice(it.as_str(), sector(*it), &shown.sector)).collect();
    let template = RulesPage {
        rows,
        departments,
        sectors,
        purpose: shown.purpose,
        basis: shown.basis,
        problems: shown.problems,
        done: shown.done,
        page,
    };
    render_as(status, &template)
}

pub(super) async fn list(visit: Visit, Query(just): Query<Just>) -> Result {
    if let Some(elsewhere) = second(visit.visitor.require()?) {
        return Ok(elsewhere.into_response());
    }
    let done = match just.fait.as_str() {
        "ajout" => visit.page.t("office-sectors-added"),
        "retrait" => visit.page.t("office-sectors-removed"),
        _ => "",
    };
    let done = done.to_owned();
    shown(visit, StatusCode::OK, Shown { done, ..Shown::default() }).await
}

pub(super) async fn add(visit: Visit, form: FormPost) -> Result {
    if let Some(elsewhere) = second(visit.visitor.require()?) {
        return Ok(elsewhere.into_response());
    }
    let text = |name: &str| form.text(name).to_owned();
    let mut typed = Shown {
        department: text("service"),
        sector: text("secteur"),
        purpose: text("finalite"),
        basis: text("base"),
        ..Shown::default()
    };
    let sector = Sector::from_word(&typed.sector);
    if typed.department.is_empty() {
        typed.problems.extend(Problem::alone("service", visit.page.t("office-missing-department")));
    }
    if sector.is_none() {
        typed.problems.extend(Problem::alone("secteur", visit.page.t("office-sectors-sector-missing")));
    }
    for (field, value, key) in [
        ("finalite", &typed.purpose, "office-sectors-purpose-missing"),
        ("base", &typed.basis, "office-sectors-basis-missing"),
    ] {
        if value.is_empty() || value.chars().count() > LONGEST {
            typed.problems.extend(Problem::alone(field, visit.page.t(key)));
        }
    }
    let Some(sector) = sector.filter(|_| typed.problems.is_empty()) else {
        return shown(visit, StatusCode::UNPROCESSABLE_ENTITY, typed).await;
    };
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = permit::<ManageSectors>(tx, &who, None).map_err(hidden)?;
            if department::by_slug(tx, &typed.department)?.is_none() {
                return Err(WebError::bad_request());
            }
            let (place, words) =
                ((typed.department.as_str(), sector), (typed.purpose.as_str(), typed.basis.as_str()));
            Ok(add_rule(tx, &permit, who.account.uuid(), place, words)?)
        })
        .await?;
    Ok(Redirect::to("/admin/secteurs?fait=ajout").into_response())
}

pub(super) async fn remove(visit: Visit, Path(rule): Path<String>) -> Result {
    let who = visit.visitor.require()?.clone();
    if let Some(elsewhere) = second(&who) {
        return Ok(elsewhere.into_response());
    }
    let id: Id<Rule> = rule.parse().map_err(|_| WebError::not_found())?;
    let gone = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = permit::<ManageSectors>(tx, &who, None).map_err(hidden)?;
            Ok::<_, WebError>(remove_rule(tx, &permit, id)?)
        })
        .await?;
    if !gone {
        return Err(WebError::not_found());
    }
    Ok(Redirect::to("/admin/secteurs?fait=retrait").into_response())
}
