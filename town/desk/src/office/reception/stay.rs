//! A visit at the counter: one person, several requests, one receipt.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    case::{self, Case},
    tracking::{self, TrackingCode},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Person, SignedIn, Town, mandate};
use beffroi_store::Tx;
use beffroi_typeset::{Job, Meta};
use beffroi_web::{FormPost, Page, Result, WebError, render};

use super::{
    person::of_sectors,
    receptionist,
    store::{self, Stay},
};
use crate::{
    Parts,
    office::{
        counter::{self, Card},
        receipt,
    },
    papers::Stationery,
    public::pdf_answer,
    visit::{Visit, case_error},
};

/// A request of the visit.
struct Entered {
    reference: String,
    title: String,
    requester: String,
    code: String,
    href: String,
}

struct Basket {
    stay: Stay,
    entered: Vec<Entered>,
}

/// The requests of a visit, with the codes that this browser still holds.
fn basket(
    tx: &mut Tx<'_>,
    desk: &Parts,
    stay: Stay,
    codes: &[TrackingCode],
    lang: beffroi_core::Lang,
) -> Result<Basket> {
    let mut known: Vec<(Id<Case>, String)> = Vec::new();
    for code in codes {
        if let Some(case) = tracking::open(tx, code)? {
            known.push((case.id, code.to_string()));
        }
    }
    let mut entered = Vec::new();
    for id in store::basket(tx, stay.id)? {
        let Some(case) = case::find(tx, id).map_err(case_error)? else { continue };
        let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
        let code = known.iter().find(|(known, _)| *known == id).map(|(_, code)| code.clone());
        entered.push(Entered {
            title: form.map(|form| form.procedure().title.text(lang).to_owned()).unwrap_or_default(),
            requester: if case.beneficiary_name.is_empty() {
                case.requester_name
            } else {
                case.beneficiary_name
            },
            code: code.unwrap_or_default(),
            href: format!("{}/{id}", receipt::RECEIPT_PATH),
            reference: case.reference,
        });
    }
    Ok(Basket { stay, entered })
}

#[derive(Template)]
#[template(path = "office/reception/visit.html")]
struct VisitPage {
    page: Page,
    name: String,
    person: String,
    mandate: bool,
    entered: Vec<Entered>,
    full: bool,
    cards: Vec<Card>,
}

/// The visit that is open: who is there, what was entered, what more.
pub(super) async fn current(Visit { desk, commune, visitor, page, headers, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let codes = receipt::visit_codes(&headers);
    let found = commune
        .read(visitor.by, move |tx| {
            receptionist(tx, &who)?;
            let Some(stay) = store::current(tx, who.account.uuid())? else { return Ok(None) };
            let cards = counter::cards(tx, &desk, &who, lang)?;
            Ok::<_, WebError>(Some((basket(tx, &desk, stay, &codes, lang)?, cards)))
        })
        .await?;
    let Some((Basket { stay, entered }, cards)) = found else {
        return Ok(Redirect::to("/agents/guichet").into_response());
    };
    render(&VisitPage {
        page,
        name: stay.details.full_name(),
        person: stay.record.map(|(id, _)| format!("/agents/guichet/personne/{id}")).unwrap_or_default(),
        mandate: stay.mandate.is_some(),
        full: entered.len() >= store::CASES_AT_MOST,
        entered,
        cards,
    })
}

/// Opens a visit for a person who was found; with `mandat`, the agent acts by that mandate.
pub(super) async fn open(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let person: Option<Id<Person>> = form.text("personne").parse().ok();
    let by: Option<Id<mandate::Mandate>> = form.text("mandat").parse().ok();
    commune.write(visitor.by, move |tx| begun(tx, &who, person, by).map(drop)).await?;
    let response = Redirect::to("/agents/guichet/visite").into_response();
    // The codes of whoever came before are told to nobody else.
    let gone = visitor.own_cookie(receipt::VISIT_COOKIE, "", receipt::VISIT_PATH)?;
    Ok(crate::public::with_cookie(response, gone))
}

/// Opens a visit for a person who was found, or by a mandate for whoever gave it.
pub(crate) fn begun(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    person: Option<Id<Person>>,
    by: Option<Id<mandate::Mandate>>,
) -> Result<Id<Stay>> {
    let (_, sectors) = receptionist(tx, who)?;
    let held = match by {
        Some(id) => Some(held(tx, who, id)?),
        None => None,
    };
    let person = match person {
        Some(id) => Some(of_sectors(tx, &sectors, id)?),
        None => None,
    };
    // By a mandate one acts for whoever gave it, and for nobody else.
    if let (Some(person), Some(held)) = (&person, &held)
        && held.details.person != Some(person.id)
    {
        return Err(WebError::not_found());
    }
    let details = match (&person, &held) {
        (Some(person), _) => person.details.clone(),
        (None, Some(held)) => held.details.helped.person(),
        (None, None) => return Err(WebError::bad_request()),
    };
    let record = person.map(|person| (person.id, person.sector));
    Ok(store::open(tx, who.account.uuid(), record, &details, held.map(|held| held.id))?)
}

/// A mandate that runs and was given to this agent.
fn held(tx: &mut Tx<'_>, who: &SignedIn, id: Id<mandate::Mandate>) -> Result<mandate::Mandate> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let found = mandate::find(tx, id)?.filter(|held| held.details.account == who.account);
    found.filter(|held| held.status(today) == mandate::Status::Running).ok_or_else(WebError::not_found)
}

/// Ends the visit: all that was entered, on one page.
pub(super) async fn end(Visit { commune, visitor, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let ended = commune
        .write(visitor.by, move |tx| {
            receptionist(tx, &who)?;
            let Some(stay) = store::current(tx, who.account.uuid())? else { return Ok(None) };
            store::end(tx, &stay)?;
            let some = !store::basket(tx, stay.id)?.is_empty();
            Ok::<_, WebError>(Some(stay.id).filter(|_| some))
        })
        .await?;
    let target =
        ended.map_or_else(|| "/agents/guichet".to_owned(), |id| format!("/agents/guichet/visite/{id}"));
    Ok(Redirect::to(&target).into_response())
}

#[derive(Template)]
#[template(path = "office/reception/summary.html")]
struct Summary {
    page: Page,
    name: String,
    entered: Vec<Entered>,
    follow: String,
    pdf: String,
}

/// What was entered in a visit of one's own, on that day.
async fn of_visit(
    visit: &Visit,
    headers: &HeaderMap,
    id: &str,
) -> Result<(Basket, Stationery, beffroi_core::Day)> {
    let who = visit.visitor.require()?.clone();
    let id: Id<Stay> = id.parse().map_err(|_| WebError::not_found())?;
    let (desk, codes) = (Arc::clone(&visit.desk), receipt::visit_codes(headers));
    let lang = visit.page.language();
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            receptionist(tx, &who)?;
            let stay = store::of_agent(tx, id, who.account.uuid())?.ok_or_else(WebError::not_found)?;
            let stationery = Stationery::load(tx, "accueil")?;
            let (zone, now) = (stationery.town.zone(), tx.now());
            let today = civil_day(now, zone);
            if civil_day(stay.ended_at.unwrap_or(now), zone) != today {
                return Err(WebError::not_found());
            }
            Ok((basket(tx, &desk, stay, &codes, lang)?, stationery, today))
        })
        .await
}

pub(super) async fn summary(visit: Visit, Path(id): Path<String>) -> Result {
    let (Basket { entered, .. }, _, _) = of_visit(&visit, &visit.headers, &id).await?;
    let follow = format!("{}/suivi", visit.desk.site(&visit.commune).await?);
    render(&Summary {
        name: entered.first().map(|entry| entry.requester.clone()).unwrap_or_default(),
        pdf: format!("/agents/guichet/visite/{id}/recu.pdf"),
        entered,
        follow,
        page: visit.page,
    })
}

/// The receipt of the whole visit, to be printed and handed over: every reference and every code.
pub(super) async fn pdf(visit: Visit, Path(id): Path<String>) -> Result {
    let (Basket { entered, stay }, stationery, today) = of_visit(&visit, &visit.headers, &id).await?;
    let follow = format!("{}/suivi", visit.desk.site(&visit.commune).await?);
    let name = entered.first().map(|entry| entry.requester.clone()).unwrap_or_default();
    let listed = entered.iter().map(|entry| {
        let code = if entry.code.is_empty() {
            "son code de suivi est sur le reçu de cette demande".to_owned()
        } else {
            format!("code de suivi\u{a0}: {}", entry.code)
        };
        format!("{}\u{a0}– référence {}, {code}.", entry.title, entry.reference)
    });
    let mut paragraphs = vec![
        "Voici les demandes que nous avons enregistrées pour vous. Vous recevrez pour chacune un accusé de réception.".to_owned(),
    ];
    paragraphs.extend(listed);
    paragraphs.push(format!("Pour savoir où en est une demande, entrez son code sur {follow} ou appelez-nous. Ne donnez ces codes qu’à des personnes de confiance."));
    let day = long_date(civil_day(stay.opened_at, stationery.town.zone()), beffroi_core::Lang::Fr);
    let letter = stationery.letter(vec![name], format!("Vos demandes du {day}"), paragraphs);
    let layout = Job::new(&letter, Meta { title: letter.subject.clone(), date: today });
    let layout = layout.map_err(WebError::internal)?;
    let pdf = visit.desk.lay_out(layout).await?;
    Ok(pdf_answer(pdf, "recu-de-visite.pdf", false))
}
