//! One thing done to many cases that were ticked: each in a transaction of its own, and told one by one what came of it.

use std::{ops::RangeInclusive, sync::Arc};

use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError, LONGEST_TEXT, Right,
    case::{self, Case},
    label,
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_forms::USUAL_DAYS_FOR_PIECES;
use beffroi_people::{SignedIn, Town, department};
use beffroi_store::{
    By, Tx,
    idempotency::{Once, once},
};
use beffroi_web::{CommuneOf, FormPost, Page, Result, WebError, render};
use chrono::Days;
use uuid::Uuid;

use super::{Office, action::Action, entitled, inbox, list::Returned, search};
use crate::{
    Parts,
    daily::reply,
    problem::Problem,
    visit::{Visit, case_error},
};

/// Cases that one form, or one call, can name.
pub(crate) const AT_MOST: usize = 200;
/// The days that may be given for documents.
pub(crate) const DAYS_FOR_PIECES: RangeInclusive<u16> = 1..=365;

/// What is done to each.
#[derive(Clone)]
pub(crate) enum Deed {
    TakeUp,
    Assign(Option<Uuid>),
    Stick(Id<label::Label>),
    Route(String),
    /// A message, with places that each case fills.
    Write(String),
    /// Documents are asked for, one a line, to come within so many days.
    Ask(String, u16),
    /// All that was asked for has come: the case goes on.
    Arrived,
    Archive,
}

impl Deed {
    /// Reads the form; or the field that is wrong, and the key of why.
    fn read(form: &FormPost, me: Uuid) -> Result<Self, (&'static str, &'static str)> {
        Ok(match form.text("lot-action") {
            "prendre" => Self::TakeUp,
            "moi" => Self::Assign(Some(me)),
            "attribuer" => Self::Assign(form.text("lot-agent").parse().ok()),
            "etiqueter" => Self::Stick(
                form.text("lot-etiquette").parse().map_err(|_| ("lot-etiquette", "office-batch-no-label"))?,
            ),
            "transmettre" => match form.text("lot-vers") {
                "" => return Err(("lot-vers", "office-missing-department")),
                slug => Self::Route(slug.to_owned()),
            },
            "message" => match form.text("lot-texte") {
                "" => return Err(("lot-texte", "office-missing-message")),
                text if text.chars().count() > LONGEST_TEXT => {
                    return Err(("lot-texte", "office-batch-too-long"));
                }
                text => Self::Write(text.replace("\r\n", "\n")),
            },
            "pieces" => {
                let days = match form.text("lot-jours") {
                    "" => USUAL_DAYS_FOR_PIECES,
                    days => days
                        .parse::<u16>()
                        .ok()
                        .filter(|days| DAYS_FOR_PIECES.contains(days))
                        .ok_or(("lot-jours", "office-batch-days"))?,
                };
                match form.text("lot-pieces") {
                    "" => return Err(("lot-pieces", "office-missing-pieces")),
                    text if text.chars().count() > LONGEST_TEXT => {
                        return Err(("lot-pieces", "office-batch-too-long"));
                    }
                    text => Self::Ask(text.replace("\r\n", "\n"), days),
                }
            }
            "recues" => Self::Arrived,
            "archiver" => Self::Archive,
            _ => return Err(("lot-action", "office-batch-no-action")),
        })
    }

    /// The word of its texts.
    const fn word(&self) -> &'static str {
        match self {
            Self::TakeUp => "prendre",
            Self::Assign(_) => "attribuer",
            Self::Stick(_) => "etiqueter",
            Self::Route(_) => "transmettre",
            Self::Write(_) => "message",
            Self::Ask(..) => "pieces",
            Self::Arrived => "recues",
            Self::Archive => "archiver",
        }
    }
}

/// One thing to be done to these, once under the key.
pub(crate) struct Lot<'l> {
    pub(crate) ids: &'l [Id<Case>],
    pub(crate) deed: &'l Deed,
    pub(crate) key: Option<&'l str>,
}

/// What came of one case: done, or the key of why not.
pub(crate) type Outcome = Result<(), &'static str>;

struct Row {
    href: String,
    reference: String,
    name: String,
    said: String,
    done: bool,
}

#[derive(Template)]
#[template(path = "office/batch.html")]
struct Batch {
    page: Page,
    heading: String,
    rows: Vec<Row>,
    back: String,
}

pub(super) async fn act(visit: Visit, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let me = who.account.uuid();
    let agent = who.clone();
    visit.commune.read(visit.visitor.by, move |tx| entitled(tx, &agent).map(drop)).await?;
    let back = back_to(form.text("retour"));
    let mut ids: Vec<Id<Case>> = form.all("dossier").filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable_by_key(|id| id.uuid());
    ids.dedup();
    if ids.is_empty() || ids.len() > AT_MOST {
        let key = if ids.is_empty() { "office-batch-none" } else { "office-batch-too-many" };
        let message = visit.page.tr(key, &[("limit", AT_MOST.into())]);
        return again(visit, &back, Problem { field: "tout-cocher".to_owned(), message }, form).await;
    }
    let deed = match Deed::read(&form, me) {
        Ok(deed) => deed,
        Err((field, key)) => {
            let message = visit.page.tr(key, &[("limit", LONGEST_TEXT.into())]);
            return again(visit, &back, Problem { field: field.to_owned(), message }, form).await;
        }
    };
    let Visit { desk, commune, visitor, page, .. } = visit;
    let key = form.idempotency_key().map(str::to_owned);
    let origin = desk.site(&commune).await?;
    let came = each(
        &commune,
        visitor.by,
        (&desk, &origin),
        &who,
        &Lot { ids: &ids, deed: &deed, key: key.as_deref() },
    )
    .await?;
    // Whatever is not the agent's to see is not spoken of.
    let mut rows: Vec<Row> = came
        .into_iter()
        .filter_map(|(_, came)| came)
        .map(|(found, outcome)| {
            let done = outcome.is_ok();
            let key = match outcome {
                Ok(()) => format!("office-batch-done-{}", deed.word()),
                Err(key) => key.to_owned(),
            };
            Row {
                href: format!("/agents/dossiers/{}", found.id),
                said: page.t(&key).to_owned(),
                done,
                reference: found.reference,
                // Lists tell no name of what is sealed.
                name: if found.sealed { String::new() } else { found.requester_name },
            }
        })
        .collect();
    let done = rows.iter().filter(|row| row.done).count();
    let counts = [("done", done.into()), ("all", rows.len().into())];
    let heading = page.tr("office-batch-heading", &counts);
    rows.sort_by_key(|row| row.done);
    render(&Batch { page, heading, rows, back })
}

/// The list as it was, with what was ticked and typed, and what is wrong beside its field.
async fn again(visit: Visit, list: &str, problem: Problem, form: FormPost) -> Result {
    let address: Uri = list.parse().unwrap_or_default();
    let returned = Returned { problem: Some(problem), form };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if address.path() == "/agents/recherche" {
        let asked = Query::try_from_uri(&address).map(|Query(asked)| asked).unwrap_or_default();
        return search::again(visit, asked, status, returned).await;
    }
    let asked = Query::try_from_uri(&address).map(|Query(asked)| asked).unwrap_or_default();
    inbox::again(visit, asked, status, returned).await
}

/// A case, and what came of it; nothing of what is not the agent's to see.
pub(crate) type Came = (Id<Case>, Option<(Case, Outcome)>);

/// Does it to each case, in a transaction of its own: what cannot be done to one is done to the others all the same.
/// Under one key, each is done once.
pub(crate) async fn each(
    commune: &CommuneOf,
    by: By,
    (desk, origin): (&Arc<Parts>, &str),
    who: &SignedIn,
    &Lot { ids, deed, key }: &Lot<'_>,
) -> Result<Vec<Came>> {
    let mut answers = Vec::with_capacity(ids.len());
    for id in ids.iter().copied() {
        let (who, desk, origin, to_do, key) =
            (who.clone(), Arc::clone(desk), origin.to_owned(), deed.clone(), key.map(str::to_owned));
        let tried = commune
            .write(by, move |tx| {
                let (access, _) = entitled(tx, &who)?;
                let case = match case::read(tx, &access, id) {
                    Ok(case) => case,
                    Err(CaseError::NotFound) => return Ok(None),
                    Err(error) => return Err(case_error(error)),
                };
                let office = Office { desk, access, agent: who.account.uuid(), origin };
                let outcome = done_once(tx, &office, &case, &to_do, key.as_deref())?;
                Ok::<_, WebError>(Some((case, outcome)))
            })
            .await?;
        answers.push((id, tried));
    }
    Ok(answers)
}

/// The address of a form leads back to the list.
pub(super) async fn nothing(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    commune.read(visitor.by, move |tx| entitled(tx, &who).map(drop)).await?;
    Ok(Redirect::to("/agents").into_response())
}

/// Where the list was: nowhere but on our own pages.
fn back_to(typed: &str) -> String {
    let ours = typed == "/agents" || typed.starts_with("/agents?") || typed.starts_with("/agents/recherche");
    if ours { typed.to_owned() } else { "/agents".to_owned() }
}

/// Does it once under the page's key: sent twice, it answers what came of the first.
fn done_once(
    tx: &mut Tx<'_>,
    office: &Office,
    case: &Case,
    deed: &Deed,
    key: Option<&str>,
) -> Result<Outcome> {
    let Some(key) = key else { return one(tx, office, case, deed) };
    let scope = format!("office.batch/{}", office.agent);
    let request = format!("{} {}", deed.word(), case.id);
    let key = format!("{key}{}", case.id);
    let kept = once(tx, &scope, &key, request.as_bytes(), |tx| {
        let outcome = one(tx, office, case, deed)?;
        Ok::<Option<String>, WebError>(outcome.err().map(str::to_owned))
    })?;
    Ok(match kept {
        Once::Done(None) | Once::Again(None) => Ok(()),
        Once::Done(Some(reason)) | Once::Again(Some(reason)) => {
            Err(REASONS.iter().copied().find(|known| *known == reason).unwrap_or("office-batch-state"))
        }
        Once::Reused => Err("office-batch-state"),
    })
}

/// Why a case was left as it was.
const REASONS: [&str; 5] = [
    "office-batch-state",
    "office-batch-forbidden",
    "office-agent-elsewhere",
    "office-batch-label-elsewhere",
    "office-sealed-keeps-no-file",
];

fn one(tx: &mut Tx<'_>, office: &Office, case: &Case, deed: &Deed) -> Result<Outcome> {
    if !office.access.allows(Right::Handle, &case.department) {
        return Ok(Err("office-batch-forbidden"));
    }
    let town = Town::load(tx)?;
    let action = match deed {
        Deed::TakeUp => Action::TakeUp,
        Deed::Assign(agent) => Action::Assign(*agent),
        Deed::Route(department) => Action::Route(department.clone()),
        Deed::Ask(pieces, days) => {
            let today = civil_day(tx.now(), town.zone());
            Action::Ask(pieces.clone(), today.checked_add_days(Days::new(u64::from(*days))))
        }
        Deed::Arrived => Action::Arrived,
        Deed::Archive => Action::Archive,
        Deed::Stick(id) => {
            return match label::stick(tx, &office.access, case.id, *id) {
                Ok(()) => {
                    office.stood_in(tx, case, &town)?;
                    Ok(Ok(()))
                }
                Err(CaseError::NotFound) => Ok(Err("office-batch-label-elsewhere")),
                Err(error) => Err(case_error(error)),
            };
        }
        Deed::Write(body) => {
            let form = office.desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let service = department::by_slug(tx, &case.department)?;
            let service = service.map(|found| found.details.name).unwrap_or_default();
            Action::Write(reply::fill(body, case, form.as_deref(), &service), Vec::new())
        }
    };
    if !action.is_possible(case.state) {
        return Ok(Err("office-batch-state"));
    }
    Ok(match office.act(tx, case, action, &town)? {
        None => Ok(()),
        Some(wrong) => Err(wrong.key),
    })
}
