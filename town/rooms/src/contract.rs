//! The contract by which somebody has a room (convention d’occupation; CG3P L2122-1 to L2122-3, CGCT L2144-3): laid out once
//! the room is granted, kept with the case and sent for signature.

use std::sync::Arc;

use axum::{Extension, Router, extract::Path, routing::get};
use beffroi_calendar::{booking::State, clock};
use beffroi_cases::{case::Case, decision};
use beffroi_core::{Day, Id, Lang, calendar::civil_day, money::Cents};
use beffroi_documents::{self as documents, Document, Gate, NewDocument};
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use beffroi_typeset::{
    self as typeset, Article, Contract, Fact, Meta, Pool, Recipient, Signatory, TypesetError,
};
use beffroi_web::{App, CommuneOf, Visitor, WebError};
use serde::Deserialize;
use serde_json::json;

use crate::{
    InspectRooms, Parts, bill,
    premises::{self, Granted, Whose, granted, signatory, stored, words},
    serve,
};

/// The job that lays a contract out.
const CONTRACT: &str = "rooms.contract";
/// What the document is there for.
pub(crate) const PURPOSE: &str = "contract";
/// What it is there for once the decision by which it was made is withdrawn.
pub(crate) const PAST: &str = "past-contract";
/// The articles, in order.
const ARTICLES: [&str; 6] = ["use", "people", "insurance", "state", "cancel", "end"];

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/agents/reservations/{booking}/convention.pdf", get(now))
}

/// Has the contract of a case laid out and sent.
pub(crate) fn order(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    let key = format!("{CONTRACT}/{case}");
    jobs::enqueue(tx, CONTRACT, &json!({ "case": case }), tx.now(), Some(&key))
}

/// Files the contract of a case as one that holds no more: what granted the room was taken back. Where the room is granted
/// again, another is made.
pub(crate) fn file_away(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    documents::repurpose(tx, ("case", case.uuid()), PURPOSE, PAST).map(drop)
}

/// Whether a case has a contract that holds.
pub(crate) fn stands(tx: &mut Tx<'_>, case: Id<Case>) -> Result<bool> {
    Ok(documents::last_of(tx, "case", case.uuid(), PURPOSE)?.is_some())
}

#[derive(Deserialize)]
struct ContractOrder {
    case: Id<Case>,
}

/// Lays contracts out.
pub(crate) struct ContractHandler(pub(crate) Arc<Pool>);

impl JobHandler for ContractHandler {
    fn kind(&self) -> &'static str {
        CONTRACT
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let ContractOrder { case } =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let read = commune.read_blocking(By::SYSTEM, |tx| {
            let Some(found) = Granted::of_case(tx, case)? else { return Ok::<_, StoreError>(None) };
            if !is_wanted(tx, &found)? {
                return Ok(None);
            }
            Ok(Some((laid_out(tx, &found)?, found)))
        })?;
        let Some(((contract, day), found)) = read else { return Ok(()) };
        let name = file_name(&found);
        let pdf = render(&self.0, &contract, day).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let file = documents::store_generated(commune, &name, &pdf)?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            // What granted it may have been taken back while it was laid out.
            let still = match Granted::of_case(tx, case)? {
                Some(now) => is_wanted(tx, &now)?,
                None => false,
            };
            if !still {
                return Ok::<_, StoreError>(());
            }
            let new =
                NewDocument { file: &file, owner_kind: "case", owner_id: case.uuid(), purpose: PURPOSE };
            let paper = Document::create(tx, Gate::Open, &new)?.id;
            let deposit = found.booking.price.as_ref().map_or(Cents(0), |price| price.deposit);
            let key = if deposit.0 > 0 { "rooms-told-contract-deposit" } else { "rooms-told-contract" };
            let due = bill::to_pay(tx, &found)?;
            premises::tell(tx, &found, None, &[paper], |lang| {
                let variables = [
                    ("name", found.booking.resource.details.name.read_in(lang).to_owned().into()),
                    ("when", clock::when_all(found.booking.dates(), found.zone(), lang).into()),
                    ("deposit", deposit.read_in(lang).into()),
                ];
                let told = words(lang, key, &variables)?;
                let Some(due) = &due else { return Ok(told) };
                Ok(format!("{told}\n\n{}", due.told(lang, &found)?))
            })
        })?;
        Ok(())
    }
}

/// Whether a contract is to be made: the room is granted, and there is none that holds.
fn is_wanted(tx: &mut Tx<'_>, found: &Granted) -> Result<bool> {
    let Some(case) = found.case().filter(|case| !case.sealed) else { return Ok(false) };
    Ok(found.booking.state == State::Firm && !stands(tx, case.id)?)
}

/// The contract as it stands now, for an agent who prints it at the counter.
async fn now(
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(booking): Path<String>,
) -> beffroi_web::Result {
    let who = visitor.require()?.clone();
    let (contract, day, name) = commune
        .read(visitor.by, move |tx| {
            let (_, found) = granted::<InspectRooms>(tx, &who, &booking)?;
            if found.booking.state != State::Firm {
                return Err(WebError::not_found());
            }
            let (contract, day) = laid_out(tx, &found)?;
            Ok((contract, day, file_name(&found)))
        })
        .await?;
    let laid = tokio::task::spawn_blocking(move || render(&parts.pool, &contract, day)).await;
    let pdf = laid.map_err(WebError::internal)?.map_err(|error| WebError::unavailable().log(error))?;
    serve::paper(pdf, &name)
}

fn file_name(found: &Granted) -> String {
    format!("convention-{}.pdf", found.whose.reference())
}

pub(crate) fn render(
    pool: &Pool,
    contract: &Contract,
    day: Day,
) -> std::result::Result<Vec<u8>, TypesetError> {
    let title = format!("{} {}", contract.title, contract.reference);
    pool.render(&typeset::Job::new(contract, Meta { title, date: day })?)
}

/// What a contract says, and its day: that of the decision, or of the publication of the season.
pub(crate) fn laid_out(tx: &mut Tx<'_>, found: &Granted) -> Result<(Contract, Day)> {
    let (zone, lang) = (found.zone(), Lang::Fr);
    let text = |key: &str| words(lang, key, &[]);
    let fact = |key: &str, value: String| Ok::<_, StoreError>(Fact { label: text(key)?, value });
    let booking = &found.booking;
    let taken = match found.case() {
        Some(case) => decision::of_case(tx, case.id).map_err(stored)?,
        None => None,
    };
    let day = match (&taken, &found.whose) {
        (Some(taken), _) => taken.decided_on,
        (None, Whose::Season { round, .. }) => civil_day(round.published_at.unwrap_or(found.now), zone),
        (None, Whose::Case(_)) => civil_day(found.now, zone),
    };
    let when: Vec<String> = booking.dates().iter().map(|date| clock::when(*date, zone, lang)).collect();
    let mut facts = vec![
        fact("premises-fact-room", booking.resource.details.name.fr.clone())?,
        fact("premises-fact-when", when.join("\n"))?,
    ];
    if let Some(people) = booking.details.people {
        facts.push(fact("premises-fact-people", people.to_string())?);
    }
    let layout = &booking.details.layout.fr;
    if !layout.is_empty() {
        facts.push(fact("premises-fact-layout", layout.clone())?);
    }
    let extras: Vec<String> =
        booking.details.extras.iter().map(|it| format!("{} × {}", it.count, it.name.fr)).collect();
    if !extras.is_empty() {
        facts.push(fact("premises-fact-extras", extras.join("\n"))?);
    }
    let mut money = Vec::new();
    if let Some(price) = &booking.price {
        money.push(fact("premises-fact-price", price.due.to_string())?);
        let deposit = match &found.whose {
            Whose::Case(_) => "premises-fact-deposit",
            Whose::Season { .. } => "premises-fact-deposit-season",
        };
        money.push(fact(deposit, price.deposit.to_string())?);
        money.push(fact("premises-fact-deliberation", price.deliberation.cited(lang))?);
        // Of what is due for nothing, nothing is kept.
        let keeps = |percent: u32| percent > 0 && price.due > Cents(0);
        let mut retained: Vec<_> = price.retained.iter().filter(|step| keeps(step.percent)).collect();
        retained.sort_by_key(|step| std::cmp::Reverse(step.days));
        let mut lines = Vec::with_capacity(retained.len());
        for step in retained {
            let variables = [("n", step.days.into()), ("percent", step.percent.into())];
            lines.push(words(lang, "rooms-tariff-retained", &variables)?);
        }
        if !lines.is_empty() {
            money.push(fact("premises-fact-retained", lines.join("\n"))?);
        }
    }
    let mut articles = Vec::with_capacity(ARTICLES.len());
    for word in ARTICLES {
        let title = text(&format!("premises-article-{word}-title"))?;
        articles.push(Article { title: Some(title), text: text(&format!("premises-article-{word}"))? });
    }
    let signs = match &taken {
        // Whoever granted it signs it.
        Some(taken) => Signatory {
            first_name: String::new(),
            name: taken.signatory_name.clone(),
            quality: taken.signatory_quality.clone(),
            delegation: Some(taken.signatory_delegation.clone()).filter(|text| !text.is_empty()),
            handwritten: true,
        },
        None => signatory(&found.town),
    };
    let whose = &found.whose;
    let holder = if whose.is_represented() {
        let names = [("body", found.holder().to_owned().into()), ("name", found.person().to_owned().into())];
        words(lang, "premises-holder-of", &names)?
    } else {
        found.person().to_owned()
    };
    let contract = Contract {
        letterhead: beffroi_stationery::letterhead(&found.town, found.department.as_ref()),
        recipient: Recipient { lines: vec![found.person().to_owned()] },
        reference: whose.reference().to_owned(),
        title: text("premises-contract-title")?,
        holder,
        facts,
        money,
        articles,
        signatory: signs,
    };
    Ok((contract, day))
}
