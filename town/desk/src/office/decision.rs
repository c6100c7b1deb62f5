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
    advice::{State as Stands, View},
    case::{self, State},
    decision::{Decision, NewDecision, Outcome},
    step,
};
use beffroi_core::{
    Day,
    calendar::{civil_day, long_date},
};
use beffroi_documents::Document;
use beffroi_forms::Kind;
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, render};

use super::{
    action::{self, Action},
    consulted,
    dossier::{self, Refused, id_of},
    dossier_parts::Row,
    dossier_read::Dossier,
    dossier_view::{self, Said, over, tasks},
    enclosing::{self, DECISION},
    entitled, work,
};
use crate::{
    daily::signatory,
    enclosure,
    papers::{self, Grounds, Paper},
    public::pdf_answer,
    visit::{Visit, case_error},
    words,
};

/// What the form of a decision holds, and the page hands on.
const FIELDS: [&str; 3] = ["outcome", "reasons", "signatory"];

/// A decision that could be taken, and what tells it.
struct Draft {
    found: Dossier,
    taken: Decision,
    grounds: Grounds,
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
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let signatories = signatory::who_sign(tx, &case.department, &town)?;
            let (posted, wrong) = enclosing::keep(tx, desk.gate, id, sent, &DECISION)?;
            let read = action::read("decision", &posted, today, &signatories);
            let refused = match dossier::with(wrong, read) {
                Ok(Some(Action::Decide(new, _)))
                    if work::refuses_the_granted(&case, &new, tx.now(), &town) =>
                {
                    Refused::Wrong(vec![work::GRANTED_ALREADY])
                }
                Ok(Some(action)) if !action.is_possible(case.state) => Refused::Overtaken,
                Ok(Some(Action::Decide(new, ids))) => {
                    let joined = enclosure::chosen(tx, id, &ids)?.map_err(|_| WebError::conflict())?;
                    let filled = step::filled(tx, id)?;
                    let found = Dossier::load(tx, &desk, (&who, &access), case)?;
                    let taken = drafted_as(&found, new, unnumbered);
                    let Dossier { stationery, form, case, reach, .. } = &found;
                    let names = joined.iter().map(|document| document.name.clone()).collect();
                    let grounds = Grounds::load(tx, case, today, town.zone())?;
                    let taken_so = (&taken, &grounds, names);
                    let paper = papers::paper(stationery, form, (case, &filled), reach, taken_so);
                    return Ok(Drafted::Ready(Box::new(Draft {
                        found,
                        taken,
                        grounds,
                        paper,
                        joined,
                        posted,
                    })));
                }
                Ok(_) => return Err(WebError::not_found()),
                Err(wrong) => Refused::Wrong(wrong),
            };
            let found = Dossier::load(tx, &desk, (&who, &access), case)?;
            Ok(Drafted::Not(refused, Box::new(found), posted))
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
fn warnings(page: &Page, draft: &Draft) -> Vec<String> {
    let Draft { found, grounds, taken, .. } = draft;
    let day = |day: Day| long_date(day, page.language());
    let mut said = Vec::new();
    if let Some((decided, since)) = grounds.silence {
        let key = match decided {
            Outcome::Granted => "office-proof-silence-granted",
            Outcome::Refused | Outcome::Closed => "office-proof-silence-refused",
        };
        said.push(page.tr(key, &[("day", day(since).into())]));
    }
    if let Some(last) = past_since(found).filter(|_| taken.outcome == Outcome::Granted) {
        said.push(page.tr("office-proof-past", &[("day", day(last).into())]));
    }
    for opinion in &grounds.opinions {
        let given = grounds.given_on(opinion);
        let (key, on) = match (opinion.state, opinion.view, given) {
            (Stands::Given, Some(View::Unfavourable), Some(on)) => ("office-proof-opinion-unfavourable", on),
            (Stands::Given, Some(View::WithReserves), Some(on)) => ("office-proof-opinion-reserves", on),
            (Stands::Awaited, ..) => ("office-proof-opinion-awaited", opinion.due_on),
            _ => continue,
        };
        said.push(page.tr(key, &[("who", grounds.asked(opinion).into()), ("day", day(on).into())]));
    }
    said.extend(tasks(page, found));
    if found.case.state == State::Waiting {
        said.push(over(page, found).unwrap_or_else(|| page.t("office-proof-documents").to_owned()));
    }
    let last = found.form.procedure().steps.last();
    if let Some(last) = last.filter(|last| found.case.step.as_deref() != Some(last.id.as_str())) {
        let label = last.label.text(page.language()).to_owned();
        said.push(page.tr("office-proof-step", &[("step", label.into())]));
    }
    said
}

/// The last of the days that were asked for, where all of them are past: those of the form that the order's own text
/// states. `None` where it states none, or one is still to come.
fn past_since(found: &Dossier) -> Option<Day> {
    let written = &found.form.procedure().decision;
    let texts: Vec<&String> = written.articles.iter().map(|it| &it.text).chain([&written.title]).collect();
    let stated = |name: &str| {
        let placed = format!("{{{name}}}");
        texts.iter().any(|text| text.contains(&placed))
    };
    let dates = found.form.fields().filter(|(_, field)| matches!(field.kind, Kind::Date { birth: false }));
    let days = dates
        .filter(|(_, field)| stated(&field.id))
        .filter_map(|(_, field)| found.case.answers.get(&field.id)?.as_str()?.parse::<Day>().ok());
    days.max().filter(|last| *last < found.today)
}

/// How the decision reaches the requester: as its paper says.
fn way(page: &Page, draft: &Draft) -> String {
    let reach = &draft.found.reach;
    let said: &[&str] = match (reach.is_posted(), reach.email.is_empty()) {
        (true, true) => &["office-proof-by-letter"],
        (true, false) => &["office-proof-by-letter", "office-proof-after-letter"],
        (false, false) => &["office-proof-by-mail"],
        (false, true) => &["office-proof-by-hand"],
    };
    said.iter().map(|key| page.t(key)).collect::<Vec<_>>().join(" ")
}

/// Shows the decision as it will leave.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, request: Request) -> Result {
    let draft = match drafted(&visit, &id, request).await? {
        Drafted::Not(refused, found, form) => return again(visit, form, Some(&refused), &found),
        Drafted::Ready(draft) => draft,
    };
    let page = visit.page;
    let Draft { found, taken, paper, joined, posted, .. } = draft.as_ref();
    let row = |key: &str, value: String| Row { label: page.t(key).to_owned(), value, href: String::new() };
    let signs = words::signs(&taken.signatory_name, &taken.signatory_quality, &taken.signatory_delegation);
    let outcome = page.t(&format!("office-outcome-{}", taken.outcome.as_str())).to_owned();
    render(&ProofPage {
        base: format!("/agents/dossiers/{}", found.case.id),
        reference: found.case.reference.clone(),
        title: found.form.procedure().title.text(page.language()).to_owned(),
        warnings: warnings(&page, &draft),
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
    let pdf = visit.desk.lay_out(job).await?;
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
            Dossier::load(tx, &desk, (&who, &access), case)
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
