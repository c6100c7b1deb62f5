//! The decision before it is taken: read as the requester will read it, with who signs, how it leaves and what speaks
//! against deciding now. Nothing is decided here; the page leads on to the decision, or back to what was typed.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Right,
    case::{self, State},
    decision::{Decision, NewDecision, Outcome},
    step,
};
use beffroi_core::calendar::civil_day;
use beffroi_documents::Document;
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, render};

use super::{
    action::{self, Action},
    consulted,
    dossier::{self, Refused, id_of},
    dossier_parts::Row,
    dossier_view::{self, Dossier, Said, pending},
    enclosing::{self, DECISION},
    entitled,
};
use crate::{
    daily::signatory,
    enclosure,
    papers::{self, Paper},
    public::pdf_answer,
    visit::{Visit, case_error},
    words,
};

/// What the form of a decision holds, and the page hands on.
const FIELDS: [&str; 5] = ["outcome", "reasons", "signatory", "signatory_name", "signatory_quality"];

/// A decision that could be taken, and what tells it.
struct Draft {
    found: Dossier,
    taken: Decision,
    paper: Paper,
    /// What will be joined to it.
    joined: Vec<Document>,
    /// What was typed and chosen, handed on.
    posted: FormPost,
}

enum Drafted {
    Ready(Box<Draft>),
    /// What was posted is not a decision, or the case takes none any more; with what was typed and chosen.
    Not(Refused, Box<Dossier>, FormPost),
}

#[derive(Template)]
#[template(path = "office/decision.html")]
struct ProofPage {
    page: Page,
    base: String,
    reference: String,
    title: String,
    warnings: Vec<String>,
    facts: Vec<Row>,
    letter: Vec<String>,
    /// The documents that will be joined, each with its kind and size.
    joined: Vec<(String, String)>,
    /// What was typed and chosen, handed on.
    fields: Vec<(&'static str, String)>,
}

/// Where no number is given yet, these words stand in its place.
fn drafted_as(found: &Dossier, new: NewDecision, unnumbered: String) -> Decision {
    let numbered = found.form.procedure().decision.formal && new.outcome != Outcome::Closed;
    Decision {
        outcome: new.outcome,
        number: numbered.then_some(unnumbered),
        reasons: new.reasons,
        signatory_name: new.signatory_name,
        signatory_quality: new.signatory_quality,
        signatory_delegation: new.signatory_delegation,
        decided_on: found.today,
        sent_at: None,
        read_at: None,
    }
}

async fn drafted(visit: &Visit, id: &str, request: Request) -> Result<Drafted> {
    let who = visit.visitor.require()?.clone();
    let id = id_of(id)?;
    let sent = enclosing::sent(visit, id, Right::Decide, request).await?;
    let desk = visit.desk.clone();
    let unnumbered = visit.page.t("office-proof-number").to_owned();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            access.permit(Right::Decide, &case).map_err(case_error)?;
            consulted(tx, id, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let signatories = signatory::of_departments(tx, &[&case.department])?;
            let (posted, wrong) = enclosing::keep(tx, desk.gate, id, sent, &DECISION)?;
            let read = action::read("decision", &posted, today, &signatories);
            let refused = match dossier::with(wrong, read) {
                Ok(Some(action)) if !action.is_possible(case.state) => Refused::Overtaken,
                Ok(Some(Action::Decide(new, ids))) => {
                    let joined = enclosure::chosen(tx, id, &ids)?.map_err(|_| WebError::conflict())?;
                    let filled = step::filled(tx, id)?;
                    let found = Dossier::load(tx, &desk, &access, case)?;
                    let taken = drafted_as(&found, new, unnumbered);
                    let Dossier { stationery, form, case, reach, .. } = &found;
                    let names = joined.iter().map(|document| document.name.clone()).collect();
                    let paper = papers::paper(stationery, form, (case, &filled), reach, (&taken, names));
                    return Ok(Drafted::Ready(Box::new(Draft { found, taken, paper, joined, posted })));
                }
                Ok(_) => return Err(WebError::not_found()),
                Err(wrong) => Refused::Wrong(wrong),
            };
            Ok(Drafted::Not(refused, Box::new(Dossier::load(tx, &desk, &access, case)?), posted))
        })
        .await
}

/// The page of the case again, with what was typed.
fn again(visit: Visit, form: FormPost, refused: Option<&Refused>, found: &Dossier) -> Result {
    let Visit { visitor, page, .. } = visit;
    let me = visitor.require()?.account;
    let said = Said {
        problems: refused.map(|refused| refused.problems(&page)).unwrap_or_default(),
        form: "decision".to_owned(),
        typed: form,
        me: found.takes(me),
        ..Said::default()
    };
    dossier_view::show(page, refused.map_or(StatusCode::OK, Refused::status), found, said)
}

/// What speaks against deciding now: it can be decided all the same.
fn warnings(page: &Page, found: &Dossier) -> Vec<String> {
    let mut said = pending(page, found);
    if found.case.state == State::Waiting {
        said.push(page.t("office-proof-documents").to_owned());
    }
    let last = found.form.procedure().steps.last();
    if let Some(last) = last.filter(|last| found.case.step.as_deref() != Some(last.id.as_str())) {
        let label = last.label.text(page.language()).to_owned();
        said.push(page.tr("office-proof-step", &[("step", label.into())]));
    }
    said
}

/// How the decision reaches the requester.
fn way(page: &Page, draft: &Draft) -> String {
    let reach = &draft.found.reach;
    let mut said = Vec::new();
    if !reach.email.is_empty() {
        said.push(page.t("office-proof-by-mail"));
    }
    if reach.by_letter && reach.letter_lines.len() > 1 {
        said.push(page.t("office-proof-by-letter"));
    }
    if said.is_empty() {
        said.push(page.t("office-proof-by-hand"));
    }
    if draft.taken.number.is_some() {
        said.push(page.t("office-proof-pen"));
    }
    said.join(" ")
}

/// Shows the decision as it will leave.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, request: Request) -> Result {
    let draft = match drafted(&visit, &id, request).await? {
        Drafted::Not(refused, found, form) => return again(visit, form, Some(&refused), &found),
        Drafted::Ready(draft) => draft,
    };
    let page = visit.page;
    let Draft { found, taken, paper, joined, posted } = draft.as_ref();
    let row = |key: &str, value: String| Row { label: page.t(key).to_owned(), value, href: String::new() };
    let signs = words::signs(&taken.signatory_name, &taken.signatory_quality, &taken.signatory_delegation);
    let outcome = page.t(&format!("office-outcome-{}", taken.outcome.as_str())).to_owned();
    render(&ProofPage {
        base: format!("/agents/dossiers/{}", found.case.id),
        reference: found.case.reference.clone(),
        title: found.form.procedure().title.text(page.language()).to_owned(),
        warnings: warnings(&page, found),
        facts: vec![
            row("office-outcome", outcome),
            row("office-signs", signs),
            row("office-proof-way", way(&page, &draft)),
        ],
        letter: paper.lines(),
        joined: joined
            .iter()
            .map(|document| (document.name.clone(), enclosing::particulars(&page, document)))
            .collect(),
        fields: FIELDS
            .into_iter()
            .filter_map(|name| posted.get(name).map(|value| (name, value.to_owned())))
            .chain(
                [DECISION.kept, DECISION.own]
                    .into_iter()
                    .flat_map(|name| posted.all(name).map(move |value| (name, value.to_owned()))),
            )
            .collect(),
        page,
    })
}

/// The same as the PDF that will be kept and sent.
pub(super) async fn pdf(visit: Visit, Path(id): Path<String>, request: Request) -> Result {
    let draft = match drafted(&visit, &id, request).await? {
        Drafted::Not(refused, found, form) => return again(visit, form, Some(&refused), &found),
        Drafted::Ready(draft) => draft,
    };
    let Draft { found, taken, paper, .. } = *draft;
    let name = format!("projet-{}.pdf", found.case.reference);
    let job = paper.job(&taken, &found.case.reference).map_err(WebError::internal)?;
    let desk = visit.desk;
    let pdf = tokio::task::spawn_blocking(move || desk.pool.render(&job))
        .await
        .map_err(WebError::internal)?
        .map_err(|error| WebError::unavailable().log(error))?;
    Ok(pdf_answer(pdf, &name, false))
}

/// Back to the case, with what was typed.
pub(super) async fn change(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let id = id_of(&id)?;
    let desk = visit.desk.clone();
    let found = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            Dossier::load(tx, &desk, &access, case)
        })
        .await?;
    again(visit, form, None, &found)
}

/// What was posted is not asked for again: the address leads back to the case.
pub(super) async fn back(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    commune
        .read(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map(drop).map_err(case_error)
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/dossiers/{id}")).into_response())
}
