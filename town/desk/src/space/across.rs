//! Seeing, from a case, other cases of the same person in another sector: only where a rule allows it to the department
//! in charge, only where the person's own account joins them, only once the agent has said why. Each look is written
//! down, and the person reads it. Without a rule there is no such page.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_cases::{
    Access, Right,
    case::{self, Case, State},
    decision::Outcome,
};
use beffroi_core::{Day, Id, Instant, Lang, Sector, calendar::long_date};
use beffroi_people::{Account, SignedIn};
use beffroi_store::{Entry, Result as StoreResult, Row, StoreError, Tx, journal::done_since};
use beffroi_web::{App, FormPost, Page, Result, WebError, page::render_as, render};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::{
    function,
    sectors::{self, Rule},
};
use crate::{
    control::Choosable,
    office::entitled,
    problem::Problem,
    procedure::Lists,
    public::titles,
    submission,
    visit::{Visit, case_error},
    words,
};

/// How long a reason holds for one agent and one case.
const HOLDS: TimeDelta = TimeDelta::hours(1);
/// Cases that are told.
const TOLD: u32 = 50;
/// Characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/dossiers/{id}/autres", get(show).post(ask))
        .route("/agents/dossiers/{id}/autres/{case}", get(read))
        .route("/admin/secteurs", get(sectors::list).post(sectors::add))
        .route("/admin/secteurs/{rule}/retrait", post(sectors::remove))
}

/// What an agent may ask for from a case: the account that joins, and the rules.
struct Askable {
    case: Case,
    account: Id<Account>,
    rules: Vec<Rule>,
}

/// The rules by which other cases of the person of this case may be asked for. Whoever may not handle the case, a case
/// of no account, a department without a rule: all are told that there is nothing.
fn askable(tx: &mut Tx<'_>, access: &Access, id: Id<Case>) -> Result<Askable> {
    let case = case::read(tx, access, id).map_err(case_error)?;
    if access.permit(Right::Handle, &case).is_err() {
        return Err(WebError::not_found());
    }
    let account =
        submission::reach(tx, id)?.and_then(|reach| reach.account).ok_or_else(WebError::not_found)?;
    let rules = sectors::of_departments(tx, std::slice::from_ref(&case.department))?;
    if rules.is_empty() {
        return Err(WebError::not_found());
    }
    Ok(Askable { case, account, rules })
}

/// Whether a case's page may offer it.
pub(crate) fn may_ask(
    tx: &mut Tx<'_>,
    access: &Access,
    case: &Case,
    account: Option<Id<Account>>,
) -> StoreResult<bool> {
    if account.is_none() || access.permit(Right::Handle, case).is_err() {
        return Ok(false);
    }
    Ok(!sectors::of_departments(tx, std::slice::from_ref(&case.department))?.is_empty())
}

/// Why an agent looks, for a while.
struct Reason {
    rule: Rule,
    reason: String,
}

/// The reason that an agent has given for a case and that still holds, if any.
fn held(tx: &mut Tx<'_>, agent: Uuid, case: Id<Case>, rules: &[Rule]) -> StoreResult<Option<Reason>> {
    let found: Option<(Id<Rule>, String)> = tx.query_opt(
        "SELECT rule, reason FROM desk_sector_permit WHERE agent = $1 AND case_id = $2 AND until > $3 \
         ORDER BY id DESC LIMIT 1",
        &[&agent, &case, &tx.now()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // A rule withdrawn since no longer counts.
    Ok(found.and_then(|(id, reason)| {
        let rule = rules.iter().find(|rule| rule.id == id)?.clone();
        Some(Reason { rule, reason })
    }))
}

/// Another case of the person, as little of it as says which one it is.
struct Other {
    id: Id<Case>,
    procedure: (String, u32),
    state: State,
    outcome: Option<Outcome>,
    received_on: Day,
}

fn other(row: &mut Row) -> StoreResult<Other> {
    Ok(Other {
        id: row.get(0)?,
        procedure: (row.get(1)?, row.get(2)?),
        state: row.get(3)?,
        outcome: row.get(4)?,
        received_on: row.get(5)?,
    })
}

/// The person's cases in a sector, the last received first. Those whose answers are sealed at rest (a text, no object) are
/// nobody else's.
fn others(tx: &mut Tx<'_>, account: Id<Account>, sector: Sector, but: Id<Case>) -> StoreResult<Vec<Other>> {
    tx.query(
        "SELECT c.id, c.procedure, c.procedure_version, c.state, \
         COALESCE(d.outcome, CASE WHEN c.is_open = FALSE THEN i.outcome END), c.received_on \
         FROM desk_reach r JOIN cases c ON c.id = r.case_id LEFT JOIN decision d ON d.case_id = c.id \
         LEFT JOIN implied_decision i ON i.case_id = c.id \
         WHERE r.account = $1 AND c.sector = $2 AND c.id <> $3 AND c.answers NOT LIKE '\"%' \
         ORDER BY c.id DESC LIMIT $4",
        &[&account, &sector.as_str(), &but, &TOLD],
        other,
    )
}

/// Writes down that an agent has these cases before their eyes, and why: once an hour for each.
fn looked(tx: &mut Tx<'_>, who: &SignedIn, kind: &str, cases: &[Uuid], why: &Reason) -> StoreResult<()> {
    let before = done_since(tx, ("case", cases), kind, who.account.uuid(), tx.now() - HOLDS)?;
    let (role, department) = function(who);
    for subject_id in cases.iter().copied().filter(|case| !before.contains(case)) {
        let payload = json!({
            "role": role,
            "department": department,
            "purpose": why.rule.purpose,
            "basis": why.rule.basis,
            "reason": why.reason,
        });
        tx.journal(&Entry { kind, subject_kind: "case", subject_id, payload })?;
    }
    Ok(())
}

/// Forgets the permits of a case that is erased: reasons tell of people too.
pub(crate) fn forget_permits(tx: &mut Tx<'_>, case: Id<Case>) -> StoreResult<()> {
    tx.execute("DELETE FROM desk_sector_permit WHERE case_id = $1", &[&case]).map(drop)
}

/// Forgets the permits that hold no more: the journal has them.
pub(super) fn forget_over(tx: &mut Tx<'_>) -> StoreResult<u64> {
    tx.execute("DELETE FROM desk_sector_permit WHERE until < $1", &[&tx.now()])
}

struct Line {
    href: String,
    title: String,
    look: &'static str,
    state: String,
    received: String,
}

#[derive(Template)]
#[template(path = "space/across.html")]
struct Across {
    page: Page,
    base: String,
    reference: String,
    rules: Vec<Choosable>,
    reason: String,
    problems: Vec<Problem>,
    /// Whether a reason was given, and the cases are shown.
    told: bool,
    why: String,
    sector: String,
    rows: Vec<Line>,
}

impl Across {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

fn sector_name(page: &Page, sector: Sector) -> String {
    page.t(&format!("desk-sector-{}", sector.as_str())).to_owned()
}

fn rule_choices(page: &Page, rules: &[Rule], chosen: &str) -> Vec<Choosable> {
    rules
        .iter()
        .map(|rule| Choosable {
            value: rule.id.to_string(),
            label: format!("{} – {}", sector_name(page, rule.sector), rule.purpose),
            hint: rule.basis.clone(),
            chosen: rule.id.to_string() == chosen || rules.len() == 1,
        })
        .collect()
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let (asked, found) = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let asked = askable(tx, &access, id)?;
            let Some(why) = held(tx, who.account.uuid(), id, &asked.rules)? else {
                return Ok((asked, None));
            };
            let others = others(tx, asked.account, why.rule.sector, id)?;
            let cases: Vec<Uuid> = others.iter().map(|other| other.id.uuid()).collect();
            looked(tx, &who, "case.listed_across", &cases, &why)?;
            let titles = titles(tx, &desk, others.iter().map(|it| it.procedure.clone()), Lang::Fr)?;
            Ok::<_, WebError>((asked, Some((why, others, titles))))
        })
        .await?;
    let base = format!("/agents/dossiers/{id}");
    let mut template = Across {
        reference: asked.case.reference.clone(),
        rules: rule_choices(&page, &asked.rules, ""),
        reason: String::new(),
        problems: Vec::new(),
        told: false,
        why: String::new(),
        sector: String::new(),
        rows: Vec::new(),
        base,
        page,
    };
    if let Some((why, others, titles)) = found {
        template.told = true;
        template.sector = sector_name(&template.page, why.rule.sector);
        template.why = format!("{}\u{a0}: {}", why.rule.purpose, why.reason);
        template.rows = others
            .into_iter()
            .map(|other| {
                let (look, state) = words::state(&template.page, other.state, other.outcome);
                Line {
                    href: format!("{}/autres/{}", template.base, other.id),
                    title: titles.get(&other.procedure).cloned().unwrap_or_default(),
                    look,
                    state,
                    received: long_date(other.received_on, Lang::Fr),
                }
            })
            .collect();
    }
    render(&template)
}

pub(super) async fn ask(
    Visit { commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let (rule, reason) = (form.text("regle").to_owned(), form.text("motif").to_owned());
    let (chosen, said) = (rule.clone(), reason.clone());
    let wrong = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let asked = askable(tx, &access, id)?;
            let rule = asked.rules.iter().find(|rule| rule.id.to_string() == chosen).map(|rule| rule.id);
            let long = REASON.contains(&said.chars().count());
            let Some(rule) = rule.filter(|_| long) else {
                return Ok(Some((asked, rule.is_none(), !long)));
            };
            let until: Instant = tx.now() + HOLDS;
            tx.execute(
                "INSERT INTO desk_sector_permit (id, agent, case_id, rule, reason, until) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[&tx.new_id::<Reason>(), &who.account, &id, &rule, &said, &until],
            )?;
            Ok::<_, WebError>(None)
        })
        .await?;
    let base = format!("/agents/dossiers/{id}");
    let Some((asked, no_rule, no_reason)) = wrong else {
        return Ok(Redirect::to(&format!("{base}/autres")).into_response());
    };
    let mut problems = Vec::new();
    if no_rule {
        problems.extend(Problem::alone("regle", page.t("office-across-rule-missing")));
    }
    if no_reason {
        problems.extend(Problem::alone("motif", page.t("office-across-reason-missing")));
    }
    let template = Across {
        reference: asked.case.reference.clone(),
        rules: rule_choices(&page, &asked.rules, &rule),
        reason,
        problems,
        told: false,
        why: String::new(),
        sector: String::new(),
        rows: Vec::new(),
        base,
        page,
    };
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &template)
}

struct Fact {
    label: String,
    value: String,
    href: String,
}

#[derive(Template)]
#[template(path = "space/across_case.html")]
struct AcrossCase {
    page: Page,
    back: String,
    title: String,
    reference: String,
    look: &'static str,
    state: String,
    received: String,
    why: String,
    parts: Vec<(String, Vec<Fact>)>,
}

pub(super) async fn read(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path((id, other)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let (id, other) = (id_of(&id)?, id_of(&other)?);
    let (case, outcome, form, why) = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let asked = askable(tx, &access, id)?;
            // The same reason opens each: without one, the page that asks for it.
            let why = held(tx, who.account.uuid(), id, &asked.rules)?.ok_or_else(WebError::not_found)?;
            let all = others(tx, asked.account, why.rule.sector, id)?;
            let known = all.into_iter().find(|it| it.id == other).ok_or_else(WebError::not_found)?;
            let case = case::find(tx, other).map_err(case_error)?.ok_or_else(WebError::not_found)?;
            looked(tx, &who, "case.read_across", &[other.uuid()], &why)?;
            let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let form = form.ok_or_else(|| StoreError::Corrupt("a case has no procedure".to_owned()))?;
            Ok::<_, WebError>((case, known.outcome, form, why))
        })
        .await?;
    let (look, state) = words::state(&page, case.state, outcome);
    let empty = serde_json::Map::new();
    let sections = form.sections(case.answers.as_object().unwrap_or(&empty), None, Lang::Fr, &Lists);
    let parts = sections
        .into_iter()
        .map(|section| {
            let facts = section.lines.into_iter().filter(|line| !line.value.is_empty());
            let facts = facts.map(|line| Fact { label: line.label, value: line.value, href: String::new() });
            (section.title, facts.collect::<Vec<_>>())
        })
        .filter(|(_, facts)| !facts.is_empty())
        .collect();
    render(&AcrossCase {
        back: format!("/agents/dossiers/{id}/autres"),
        title: form.procedure().title.fr.clone(),
        reference: case.reference.clone(),
        look,
        state,
        received: long_date(case.received_on, Lang::Fr),
        why: format!("{}\u{a0}: {}", why.rule.purpose, why.reason),
        parts,
        page,
    })
}
