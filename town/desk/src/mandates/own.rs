//! The mandates of whoever is signed in: those by which they help others, and those that they gave.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::{
    Town, account,
    mandate::{self, By, ConsentError, Helper, Mandate, NewMandate, Proof, Status, Through},
};
use beffroi_store::{JournalEntry, Tx};
use beffroi_typeset::{Job, Meta};
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    CaseRow, Row, Titles,
    form::{Asked, Wrong},
    history::{self, Done},
    letters, offer, paper as paper_form, titles,
};
use crate::{
    office::reception::forms::{Choice, problems},
    papers::{Stationery, purpose},
    problem::Problem,
    public::{attach, pdf_answer, receive},
    submission::{self, Mine},
    visit::Visit,
};

/// Mandates of one account that may wait for a consent at the same time: each sends a mail to somebody.
const OPEN_AT_MOST: i64 = 10;
/// Mandates that one account asks for in a day, those that are over among them.
const ASKED_A_DAY: i64 = 10;
/// How often one person is asked in a day, by whomever.
const ASKED_OF_ONE_A_DAY: i64 = 3;

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "mandates/list.html")]
struct List {
    page: Page,
    done: String,
    held: Vec<Row>,
    given: Vec<Row>,
    /// What was offered and nobody has taken yet.
    offers: Vec<offer::Row>,
}

pub(super) async fn list(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(just): Query<Just>,
) -> Result {
    let account = visitor.owner()?.account;
    let lang = page.language();
    let (held, given, offers, titles, today, zone) = commune
        .read(visitor.by, move |tx| {
            let zone = Town::load(tx)?.zone();
            let today = civil_day(tx.now(), zone);
            let held = mandate::held_by(tx, account)?;
            let given = mandate::given_by(tx, account)?;
            let offers = mandate::offers_of(tx, account)?;
            Ok::<_, WebError>((held, given, offers, titles(tx, &desk, lang)?, today, zone))
        })
        .await?;
    let rows = |all: Vec<Mandate>| all.iter().map(|it| Row::new(&page, it, today, &titles)).collect();
    let (held, given) = (rows(held), rows(given));
    let offers = offers.iter().map(|it| offer::Row::new(&page, it, zone, &titles)).collect();
    render(&List { page, done: just.fait, held, given, offers })
}

#[derive(Template)]
#[template(path = "mandates/new.html")]
struct New {
    page: Page,
    asked: Asked,
    helpers: Vec<Choice>,
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

fn form(page: Page, asked: Asked, titles: &Titles, wrong: &[Wrong]) -> Result {
    let problems = problems(&page, wrong);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let hints = ["desk-mandate-proof-code-hint", "desk-mandate-proof-paper-hint"];
    let new = New {
        helpers: asked.helpers(&page),
        scopes: asked.scopes(&page, titles),
        procedures: asked.procedures(titles),
        terms: asked.terms(&page),
        proofs: asked.proofs(&page, hints),
        problems,
        asked,
        page,
    };
    if status == StatusCode::OK { render(&new) } else { render_as(status, &new) }
}

pub(super) async fn blank(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    visitor.owner()?;
    let lang = page.language();
    let titles = commune.read(visitor.by, move |tx| titles(tx, &desk, lang)).await?;
    form(page, Asked::empty(), &titles, &[])
}

/// Asks for a mandate. The town looks nobody up for it: whoever asks learns nothing of the other person.
pub(super) async fn ask(Visit { app, desk, commune, visitor, page, .. }: Visit, fields: FormPost) -> Result {
    let who = visitor.owner()?.clone();
    visitor.limit(&app, Purpose::MAIL)?;
    let asked = Asked::read(&fields);
    let typed = asked.clone();
    let origin = desk.site(&commune).await?;
    let lang = page.language();
    let came = commune
        .write(visitor.by, move |tx| {
            let titles = titles(tx, &desk, lang)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let helper = if typed.organisation { Helper::Organisation } else { Helper::Relative };
            let new = typed.mandate((who.account, &who.display_name), helper, None, &titles, (today, lang));
            let new = match new {
                Ok(new) => new,
                Err(wrong) => return Ok(Err((titles, wrong))),
            };
            let own = account::normalise_email(&who.email);
            if new.proof == Proof::Code && new.helped.email.is_empty() {
                return Ok(Err((titles, vec![("courriel", "desk-mandate-email-needed")])));
            }
            if own.is_some() && own == account::normalise_email(&new.helped.email) {
                return Ok(Err((titles, vec![("courriel", "desk-mandate-email-own")])));
            }
            if let Some(key) = too_many(tx, &new)? {
                return Ok(Err((titles, vec![("nom", key)])));
            }
            let made = mandate::ask(tx, &new)?;
            letters::ask(tx, &new, &made, &titles, &origin, None)?;
            Ok::<_, WebError>(Ok(made.id))
        })
        .await?;
    match came {
        Ok(id) => Ok(Redirect::to(&format!("/mon-compte/mandats/{id}?fait=demande")).into_response()),
        Err((titles, wrong)) => form(page, asked, &titles, &wrong),
    }
}

/// Why nobody is asked now: each question is a mail or a letter to somebody.
fn too_many(tx: &mut Tx<'_>, new: &NewMandate) -> beffroi_store::Result<Option<&'static str>> {
    if mandate::open_asks(tx, new.account)? >= OPEN_AT_MOST {
        return Ok(Some("desk-mandate-too-many"));
    }
    let since = tx.now() - chrono::TimeDelta::days(1);
    // The same words for both: nobody learns that somebody else has asked.
    let full = mandate::asked_by(tx, new.account, since)? >= ASKED_A_DAY
        || mandate::asked_of(tx, &new.helped, since)? >= ASKED_OF_ONE_A_DAY;
    Ok(full.then_some("desk-mandate-too-many-today"))
}

#[derive(Template)]
#[template(path = "mandates/one.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct One {
    page: Page,
    done: String,
    row: Row,
    /// Whether whoever reads is the helper; else the helped person.
    helper: bool,
    /// Whether the helped person, who reads, is asked for their consent.
    asked: bool,
    asks_code: bool,
    asks_paper: bool,
    papers: Vec<String>,
    cases: Vec<CaseRow>,
    history: Vec<Done>,
    problems: Vec<Problem>,
}

impl One {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// A mandate as one of its two sides sees it.
struct Seen {
    mandate: Mandate,
    helper: bool,
    papers: Vec<String>,
    cases: Vec<Mine>,
    entries: Vec<JournalEntry>,
    titles: Titles,
    today: Day,
    zone: chrono_tz::Tz,
}

/// One's own mandate; whoever has no part in it is not told that there is one.
fn own(tx: &mut Tx<'_>, account: Id<beffroi_people::Account>, id: Id<Mandate>) -> Result<(Mandate, bool)> {
    let found = mandate::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let helper = found.details.account == account;
    if helper || mandate::offered_to(tx, &found, account)? {
        Ok((found, helper))
    } else {
        Err(WebError::not_found())
    }
}

fn id_of(text: &str) -> Result<Id<Mandate>> {
    text.parse().map_err(|_| WebError::not_found())
}

async fn page_of(
    visit: Visit,
    id: Id<Mandate>,
    status: StatusCode,
    done: String,
    problems: Vec<Problem>,
) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let account = visitor.owner()?.account;
    let lang = page.language();
    let seen = commune
        .read(visitor.by, move |tx| {
            let (mandate, helper) = own(tx, account, id)?;
            let zone = Town::load(tx)?.zone();
            let today = civil_day(tx.now(), zone);
            let documents = beffroi_documents::of_owner(tx, "mandate", id.uuid(), 20)?;
            let papers = documents
                .into_iter()
                .filter(|document| document.purpose == purpose::ATTACHMENT)
                .map(|document| document.name);
            // The helper finds the cases again only while the mandate runs.
            let follows = !helper || mandate.status(today) == Status::Running;
            let cases = if follows { submission::cases_of_mandate(tx, id)? } else { Vec::new() };
            Ok::<_, WebError>(Seen {
                entries: mandate::history(tx, id, history::SHOWN)?,
                titles: titles(tx, &desk, lang)?,
                papers: papers.collect(),
                mandate,
                helper,
                cases,
                today,
                zone,
            })
        })
        .await?;
    let Seen { mandate, helper, papers, cases, entries, titles, today, zone } = seen;
    let asks = mandate.status(today) == Status::Asked && helper;
    let cases = cases.into_iter().map(|mine| {
        let opens = helper || mine.account == Some(account);
        let href = if opens { format!("/compte/demarches/{}", mine.id) } else { String::new() };
        CaseRow::new(&page, mine, &titles, href)
    });
    let one = One {
        done,
        row: Row::new(&page, &mandate, today, &titles),
        helper,
        asked: mandate.status(today) == Status::Asked && !helper,
        asks_code: asks && mandate.details.proof == Proof::Code,
        asks_paper: asks && mandate.details.proof == Proof::Paper,
        papers,
        cases: cases.collect(),
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

/// The helped person told the code to the helper.
pub(super) async fn code(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let account = visit.visitor.owner()?.account;
    visit.visitor.limit(&visit.app, Purpose::TRACKING)?;
    let typed = fields.text("code").to_owned();
    let came = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (_, helper) = own(tx, account, id)?;
            if !helper {
                return Err(WebError::not_found());
            }
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let came = mandate::consent_by_code(tx, id, &typed, today)?;
            if came.is_ok() {
                letters::begun(tx, id, None)?;
            }
            Ok(came.err())
        })
        .await?;
    let key = match came {
        None => return Ok(Redirect::to(&format!("/mon-compte/mandats/{id}?fait=accord")).into_response()),
        Some(ConsentError::WrongCode) => "desk-mandate-code-wrong",
        Some(ConsentError::UsedUp) => "desk-mandate-code-used-up",
        Some(ConsentError::NotWaiting) => "desk-mandate-not-waiting",
        Some(ConsentError::Store(error)) => return Err(error.into()),
    };
    let problems = Problem::alone("code", visit.page.t(key));
    page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, String::new(), problems).await
}

/// The signed paper, scanned or photographed: an agent looks at it.
pub(super) async fn paper(visit: Visit, Path(id): Path<String>, request: Request) -> Result {
    let id = id_of(&id)?;
    let account = visit.visitor.owner()?.account;
    visit.visitor.limit(&visit.app, Purpose::UPLOAD)?;
    visit.commune.read(visit.visitor.by, move |tx| own(tx, account, id).map(drop)).await?;
    let posted = receive(request, &visit.commune, visit.visitor.lang).await?;
    let mut problems = Problem::all(&posted.refused, "papier");
    if posted.files.is_empty() && problems.is_empty() {
        problems = Problem::alone("papier", visit.page.t("desk-no-file"));
    }
    let (gate, files) = (visit.desk.gate, posted.files);
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (mandate, helper) = own(tx, account, id)?;
            let waits = mandate.state == mandate::State::Asked && mandate.details.proof == Proof::Paper;
            if !helper || !waits {
                return Err(WebError::conflict());
            }
            if !crate::public::has_room(tx, ("mandate", id.uuid()), files.len())? {
                return Err(WebError::too_large());
            }
            attach(tx, gate, &files, ("mandate", id.uuid()), purpose::ATTACHMENT)?;
            Ok(())
        })
        .await?;
    if problems.is_empty() {
        return Ok(Redirect::to(&format!("/mon-compte/mandats/{id}?fait=papier")).into_response());
    }
    page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, String::new(), problems).await
}

/// Either side ends it, at once.
pub(super) async fn end(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let account = visitor.owner()?.account;
    commune
        .write(visitor.by, move |tx| {
            let (mandate, helper) = own(tx, account, id)?;
            let by = if helper { By::Helper } else { By::Helped };
            let ended = if helper {
                mandate::end(tx, id, by)?
            } else {
                mandate::end_through(tx, id, Through::Account)?
            };
            if ended && mandate.state == mandate::State::Running {
                letters::over(tx, &mandate, by, None)?;
            }
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to("/mon-compte/mandats?fait=fin").into_response())
}

/// The helped person, signed in, agrees or refuses.
pub(super) async fn reply(
    Visit { commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let id = id_of(&id)?;
    let account = visitor.owner()?.account;
    let agrees = match fields.text("reponse") {
        "accord" => true,
        "refus" => false,
        _ => return Err(WebError::bad_request()),
    };
    let word = commune
        .write(visitor.by, move |tx| {
            let (mandate, helper) = own(tx, account, id)?;
            // Nobody agrees to their own asking.
            if helper {
                return Err(WebError::not_found());
            }
            if !agrees {
                if !mandate::refuse_through(tx, id, Through::Account)? {
                    return Ok("");
                }
                letters::over(tx, &mandate, By::Helped, None)?;
                return Ok("refus");
            }
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            match mandate::consent_signed_in(tx, id, account, today) {
                Ok(()) => {
                    letters::begun(tx, id, None)?;
                    Ok("accord")
                }
                Err(ConsentError::Store(error)) => Err(error.into()),
                Err(_) => Ok(""),
            }
        })
        .await?;
    let query = if word.is_empty() { String::new() } else { format!("?fait={word}") };
    Ok(Redirect::to(&format!("/mon-compte/mandats/{id}{query}")).into_response())
}

/// Asks for the same again, once the time of one is over or nearly: the helped person consents anew.
pub(super) async fn renew(visit: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let account = visit.visitor.owner()?.account;
    visit.visitor.limit(&visit.app, Purpose::MAIL)?;
    let origin = visit.desk.site(&visit.commune).await?;
    let desk = Arc::clone(&visit.desk);
    let came = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (mandate, helper) = own(tx, account, id)?;
            if !helper {
                return Err(WebError::not_found());
            }
            let mut new = mandate.details;
            if let Some(key) = too_many(tx, &new)? {
                return Ok(Err(key));
            }
            let titles = titles(tx, &desk, new.lang)?;
            new.proof = if new.helped.email.is_empty() { Proof::Paper } else { Proof::Code };
            let asked = mandate::ask(tx, &new)?;
            letters::ask(tx, &new, &asked, &titles, &origin, None)?;
            Ok(Ok(asked.id))
        })
        .await?;
    match came {
        Ok(new) => Ok(Redirect::to(&format!("/mon-compte/mandats/{new}?fait=demande")).into_response()),
        Err(key) => {
            let problems = Problem::alone("renouveler", visit.page.t(key));
            page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, String::new(), problems).await
        }
    }
}

/// The mandate on paper, to be signed.
pub(super) async fn pdf(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
) -> Result {
    let id = id_of(&id)?;
    let account = visitor.owner()?.account;
    visitor.limit(&app, Purpose::PAPER)?;
    let lang = page.language();
    let parts = Arc::clone(&desk);
    let (mandate, titles, stationery, today) = commune
        .read(visitor.by, move |tx| {
            let (mandate, _) = own(tx, account, id)?;
            let stationery = Stationery::load(tx, "accueil")?;
            let today = civil_day(tx.now(), stationery.town.zone());
            Ok::<_, WebError>((mandate, titles(tx, &parts, lang)?, stationery, today))
        })
        .await?;
    laid_out(desk, &stationery, &mandate, &titles, today).await
}

/// Lays the paper out.
pub(super) async fn laid_out(
    desk: Arc<crate::Parts>,
    stationery: &Stationery,
    mandate: &Mandate,
    titles: &Titles,
    today: Day,
) -> Result {
    let paper = paper_form::paper(stationery, &mandate.details, titles);
    let job =
        Job::new(&paper, Meta { title: paper.title.clone(), date: today }).map_err(WebError::internal)?;
    let pdf = desk.lay_out(job).await?;
    Ok(pdf_answer(pdf, "mandat.pdf", false))
}
