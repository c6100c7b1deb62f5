//! Mandates for agents: signed papers to be seen, mandates made at the counter and used at once, mandates ended for
//! whoever asks at the counter or by telephone.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Day, Id, Lang, calendar::civil_day};
use beffroi_documents::{self as documents, Document, State as Scan};
use beffroi_people::{
    Permit, Person, Refused, SignedIn, Town, department,
    mandate::{self, Helper, Mandate, Proof, Sight, Status},
    permission::{ManageMandates, Scope as Inside, permit, scope},
    person,
};
use beffroi_store::{Entry, Tx, journal::done_since};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;
use serde_json::json;

use super::{
    Row, Titles,
    form::{Asked, Wrong},
    history::{self, Done},
    letters, own, sight, titles,
};
use crate::{
    Parts,
    office::{
        entitled,
        reception::{
            self,
            forms::{Choice, Typed, problems},
        },
    },
    papers::{Stationery, purpose},
    problem::Problem,
    public::{attach, receive, stream},
    visit::Visit,
};

/// Mandates on one page.
const PAGE: u32 = 20;

/// What an agent may do with mandates.
pub(crate) struct Allowed {
    pub(crate) permit: Permit<ManageMandates>,
    /// The department that prints for them.
    pub(crate) tray: Option<String>,
    /// Which mandates they may look into.
    pub(crate) sight: Sight,
}

/// The permission to record mandates, wherever the agent holds it.
pub(crate) fn allowed(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn) -> Result<Allowed> {
    entitled(tx, who)?;
    let place = match scope::<ManageMandates>(tx, who)? {
        Inside::All => None,
        Inside::Departments(inside) => Some(*inside.first().ok_or_else(WebError::not_found)?),
    };
    let found = match place {
        Some(place) => department::find(tx, place)?,
        None => department::list(tx)?.into_iter().next(),
    };
    let tray = found.map(|found| found.details.slug);
    match permit::<ManageMandates>(tx, who, place) {
        Ok(permit) => Ok(Allowed { permit, tray, sight: sight(tx, desk, who)? }),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(_) => Err(WebError::not_found()),
    }
}

/// A mandate that this agent may look into; others are not there.
pub(crate) fn within(tx: &mut Tx<'_>, sight: &Sight, id: Id<Mandate>) -> Result<Mandate> {
    let found = mandate::find(tx, id)?.filter(|found| sight.sees(found));
    found.ok_or_else(WebError::not_found)
}

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
    #[serde(default)]
    apres: String,
    #[serde(default)]
    personne: String,
}

#[derive(Template)]
#[template(path = "mandates/office_list.html")]
struct List {
    page: Page,
    done: String,
    asked: Vec<Row>,
    next: String,
    name: String,
    /// The mandates of a name, each with whether the agent may look into it: the others can only be ended.
    found: Vec<(Row, bool)>,
    searched: bool,
}

/// The mandates of a name, each with whether the agent may look into it. Looking is written down.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    sight: &Sight,
    name: &str,
) -> Result<Vec<(Mandate, bool)>> {
    let found = mandate::named(tx, name, PAGE)?;
    let payload = json!({ "shown": found.len() });
    tx.journal(&Entry {
        kind: "mandate.searched",
        subject_kind: "account",
        subject_id: who.account.uuid(),
        payload,
    })?;
    Ok(found.into_iter().map(|it| (it.clone(), sight.sees(&it))).collect())
}

async fn listed(
    Visit { desk, commune, visitor, page, .. }: Visit,
    just: Just,
    name: Option<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let after: Option<Id<Mandate>> = just.apres.parse().ok();
    let looked = name.clone();
    let (asked, found, titles, today) = commune
        .write(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let asked = mandate::asked(tx, &sight, after, PAGE + 1)?;
            let found = match &looked {
                Some(name) => named(tx, &who, &sight, name)?,
                None => Vec::new(),
            };
            Ok::<_, WebError>((asked, found, titles(tx, &desk, lang)?, today))
        })
        .await?;
    let more = asked.len() > PAGE as usize;
    let shown = asked.iter().take(PAGE as usize);
    let next =
        shown.clone().next_back().filter(|_| more).map(|it| format!("/agents/mandats?apres={}", it.id));
    let row = |it: &Mandate| Row::new(&page, it, today, &titles);
    render(&List {
        asked: shown.map(row).collect(),
        found: found.iter().map(|(it, seen)| (row(it), *seen)).collect(),
        next: next.unwrap_or_default(),
        searched: name.is_some(),
        name: name.unwrap_or_default(),
        done: just.fait,
        page,
    })
}

pub(super) async fn list(visit: Visit, Query(just): Query<Just>) -> Result {
    listed(visit, just, None).await
}

pub(super) async fn search(visit: Visit, fields: FormPost) -> Result {
    let name = fields.text("nom").to_owned();
    listed(visit, Just::default(), Some(name)).await
}

#[derive(Template)]
#[template(path = "mandates/office_new.html")]
struct New {
    page: Page,
    person: String,
    asked: Asked,
    scopes: Vec<Choice>,
    procedures: Vec<Choice>,
    terms: Vec<Choice>,
    proofs: Vec<Choice>,
    problems: Vec<Problem>,
}

impl New {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn form(page: Page, person: String, asked: Asked, titles: &Titles, problems: Vec<Problem>) -> Result {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let hints = ["office-mandate-code-hint", "office-mandate-paper-hint"];
    let new = New {
        scopes: asked.scopes(&page, titles),
        procedures: asked.procedures(titles),
        terms: asked.terms(&page),
        proofs: asked.proofs(&page, hints),
        problems,
        asked,
        person,
        page,
    };
    if status == StatusCode::OK { render(&new) } else { render_as(status, &new) }
}

/// « J’aide cette personne »: from a person's page, with what is known of them.
pub(super) async fn blank(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (titles, typed, person) = commune
        .read(visitor.by, move |tx| {
            allowed(tx, &desk, &who)?;
            let known = known(tx, &who, &just.personne)?;
            let typed = known.as_ref().map(|known| Typed::of(&known.details)).unwrap_or_default();
            let person = known.map(|known| known.id.to_string()).unwrap_or_default();
            Ok::<_, WebError>((titles(tx, &desk, lang)?, typed, person))
        })
        .await?;
    let asked = Asked { typed, proof: "paper".to_owned(), ..Asked::empty() };
    form(page, person, asked, &titles, Vec::new())
}

/// The person of that id, if this agent may see them.
fn known(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Option<Person>> {
    let Ok(id) = id.parse::<Id<Person>>() else { return Ok(None) };
    for sector in reception::sectors(tx, who)? {
        if let Some(found) = person::find(tx, sector, id)? {
            return Ok(Some(found));
        }
    }
    Err(WebError::not_found())
}

/// Records a mandate of the person who is there: with the signed paper it begins at once, with a code it waits.
pub(super) async fn record(visit: Visit, request: Request) -> Result {
    let who = visit.visitor.require()?.clone();
    let (asks, parts) = (who.clone(), Arc::clone(&visit.desk));
    visit.commune.read(visit.visitor.by, move |tx| allowed(tx, &parts, &asks).map(drop)).await?;
    let posted = receive(request, &visit.commune, visit.visitor.lang).await?;
    let Visit { desk, commune, visitor, page, .. } = visit;
    let asked = Asked::read(&posted.fields);
    let person_id = posted.fields.text("personne").to_owned();
    let refused = Problem::all(&posted.refused, "papier");
    let origin = desk.site(&commune).await?;
    let (typed, lang, files, gate) = (asked.clone(), page.language(), posted.files, desk.gate);
    let (asked_person, whole) = (person_id.clone(), refused.is_empty());
    let came = commune
        .write(visitor.by, move |tx| {
            let titles = titles(tx, &desk, lang)?;
            // What was refused is told with all that is wrong beside it: nothing is recorded without it.
            let seen = if whole { Some(!files.is_empty()) } else { None };
            let recorded =
                recorded(tx, (&desk, &origin), &who, &typed, &asked_person, seen, (&titles, lang))?;
            Ok::<_, WebError>(match recorded {
                Ok((id, proof)) => {
                    attach(tx, gate, &files, ("mandate", id.uuid()), purpose::ATTACHMENT)?;
                    Ok((id, proof))
                }
                Err(wrong) => Err((titles, wrong)),
            })
        })
        .await?;
    match came {
        Ok((id, proof)) => {
            let word = if proof == Proof::Paper { "accord" } else { "demande" };
            Ok(Redirect::to(&format!("/agents/mandats/{id}?fait={word}")).into_response())
        }
        Err((titles, wrong)) => {
            let mut told = problems(&page, &wrong as &[Wrong]);
            told.extend(refused);
            form(page, person_id, asked, &titles, told)
        }
    }
}

/// A mandate that was recorded, and what shows its consent; or all that is wrong.
pub(crate) type Recorded = std::result::Result<(Id<Mandate>, Proof), Vec<Wrong>>;

/// Records a mandate of the person who is there; or tells all that is wrong. `seen`: whether the signed paper came with it;
/// `None` where something of it was refused, and nothing is recorded.
pub(crate) fn recorded(
    tx: &mut Tx<'_>,
    (desk, origin): (&Parts, &str),
    who: &SignedIn,
    typed: &Asked,
    person: &str,
    seen: Option<bool>,
    (titles, lang): (&Titles, Lang),
) -> Result<Recorded> {
    let Allowed { permit, tray, .. } = allowed(tx, desk, who)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let person = known(tx, who, person)?.map(|known| known.id);
    let helper = Helper::Professional;
    let new = typed.mandate((who.account, &who.display_name), helper, person, titles, (today, lang));
    let new = match new {
        // The helper is the agent who records it: their word alone shows no consent.
        Ok(new) if new.proof == Proof::Paper && seen == Some(false) => {
            return Ok(Err(vec![("papier", "office-mandate-unseen")]));
        }
        Ok(new) if new.proof == Proof::Code && !new.helped.is_reachable() => {
            return Ok(Err(vec![("courriel", "office-mandate-unreachable")]));
        }
        Ok(new) if seen.is_some() => new,
        Ok(_) => return Ok(Err(Vec::new())),
        Err(wrong) => return Ok(Err(wrong)),
    };
    let made = if new.proof == Proof::Paper {
        mandate::record_seen(tx, &permit, &new, today)?
    } else {
        mandate::ask(tx, &new)?
    };
    letters::ask(tx, &new, &made, titles, origin, tray.as_deref())?;
    Ok(Ok((made.id, new.proof)))
}

struct Paper {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "mandates/office_one.html")]
struct One {
    page: Page,
    done: String,
    row: Row,
    helped: Vec<(String, String)>,
    /// Whether this agent is the helper, and acts by it.
    mine: bool,
    person: String,
    waits_paper: bool,
    waits_code: bool,
    papers: Vec<Paper>,
    history: Vec<Done>,
    problems: Vec<Problem>,
}

impl One {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Looking at a mandate is written down, once an hour for one agent.
pub(crate) fn consulted(tx: &mut Tx<'_>, id: Id<Mandate>, who: &SignedIn) -> Result<()> {
    const KIND: &str = "mandate.consulted";
    let since = tx.now() - chrono::TimeDelta::hours(1);
    let before = done_since(tx, ("mandate", &[id.uuid()]), KIND, who.account.uuid(), since)?;
    if before.is_empty() {
        let payload = json!({});
        tx.journal(&Entry { kind: KIND, subject_kind: "mandate", subject_id: id.uuid(), payload })?;
    }
    Ok(())
}

pub(super) fn id_of(text: &str) -> Result<Id<Mandate>> {
    text.parse().map_err(|_| WebError::not_found())
}

pub(super) async fn page_of(
    Visit { desk, commune, visitor, page, .. }: Visit,
    id: Id<Mandate>,
    status: StatusCode,
    done: String,
    problems: Vec<Problem>,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (mandate, papers, entries, titles, today, zone, mine) = commune
        .write(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            let mandate = within(tx, &sight, id)?;
            let zone = Town::load(tx)?.zone();
            let today: Day = civil_day(tx.now(), zone);
            let entries = mandate::history(tx, id, history::SHOWN)?;
            consulted(tx, id, &who)?;
            let papers = documents::of_owner(tx, "mandate", id.uuid(), 20)?;
            let mine = mandate.details.account == who.account;
            Ok::<_, WebError>((mandate, papers, entries, titles(tx, &desk, lang)?, today, zone, mine))
        })
        .await?;
    let helped = &mandate.details.helped;
    let lines = [
        ("office-person-born", reception::forms::born(helped.birth_date, lang)),
        ("desk-email", helped.email.clone()),
        ("office-phone", helped.phone.clone()),
        ("office-address", helped.address.clone()),
    ];
    let papers = papers.into_iter().filter(|paper| paper.purpose == purpose::ATTACHMENT).map(|paper| Paper {
        href: if paper.state == Scan::Clean {
            format!("/agents/mandats/{id}/documents/{}", paper.id)
        } else {
            String::new()
        },
        name: paper.name,
    });
    let asked = mandate.status(today) == Status::Asked;
    let one = One {
        done,
        row: Row::new(&page, &mandate, today, &titles),
        helped: lines
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (page.t(key).to_owned(), value))
            .collect(),
        mine,
        person: mandate.details.person.map(|id| id.to_string()).unwrap_or_default(),
        waits_paper: asked && mandate.details.proof == Proof::Paper,
        waits_code: asked && mandate.details.proof == Proof::Code,
        papers: papers.collect(),
        history: history::lines(&page, &entries, &mandate, zone),
        problems,
        page,
    };
    if status == StatusCode::OK { render(&one) } else { render_as(status, &one) }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(just): Query<Just>) -> Result {
    let id = id_of(&id)?;
    page_of(visit, id, StatusCode::OK, just.fait, Vec::new()).await
}

pub(super) async fn pdf(Visit { desk, commune, visitor, page, .. }: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let who = visitor.require()?.clone();
    let lang = page.language();
    let parts = Arc::clone(&desk);
    let (mandate, titles, stationery, today) = commune
        .read(visitor.by, move |tx| {
            let Allowed { tray, sight, .. } = allowed(tx, &parts, &who)?;
            let mandate = within(tx, &sight, id)?;
            let stationery = Stationery::load(tx, tray.as_deref().unwrap_or("accueil"))?;
            let today = civil_day(tx.now(), stationery.town.zone());
            Ok::<_, WebError>((mandate, titles(tx, &parts, lang)?, stationery, today))
        })
        .await?;
    own::laid_out(desk, &stationery, &mandate, &titles, today).await
}

pub(super) async fn document(
    Visit { desk, commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let id = id_of(&id)?;
    let who = visitor.require()?.clone();
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .read(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            within(tx, &sight, id)?;
            let found = documents::find(tx, document)?;
            let found = found.filter(|found| found.owner_kind == "mandate" && found.owner_id == id.uuid());
            found.ok_or_else(WebError::not_found)
        })
        .await?;
    stream(&commune, found).await
}
