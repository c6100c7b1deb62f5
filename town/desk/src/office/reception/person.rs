//! A person at the counter: what this department may see of them, and papers that they bring for a case.

use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError, Right,
    case::{self, Case, State},
    missing::{self, LocalCalendar},
};
use beffroi_core::{Id, Sector};
use beffroi_people::{Person, SignedIn, Town, person};
use beffroi_store::{Entry, Tx, journal::done_since};
use beffroi_web::{Result, WebError};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use super::{
    forms::reason,
    person_view::{self, Known},
    receptionist,
};
use crate::{
    papers::purpose,
    problem::Problem,
    public::{attach, receive},
    visit::{Visit, case_error},
};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// Why the agent looks.
    #[serde(default)]
    pub(super) motif: String,
    /// What was just done.
    #[serde(default)]
    pub(super) fait: String,
}

/// A person of the sectors that this agent sees. Those of other sectors do not exist here.
pub(crate) fn of_sectors(tx: &mut Tx<'_>, sectors: &[Sector], id: Id<Person>) -> Result<Person> {
    for sector in sectors {
        if let Some(found) = person::find(tx, *sector, id)? {
            return Ok(found);
        }
    }
    Err(WebError::not_found())
}

/// Looking at a person is an act, and is written down with its reason: once an hour for one agent.
pub(crate) fn looked_at(tx: &mut Tx<'_>, id: Id<Person>, who: &SignedIn, why: &str) -> Result<()> {
    const KIND: &str = "person.consulted";
    let since = tx.now() - TimeDelta::hours(1);
    let before = done_since(tx, ("person", &[id.uuid()]), KIND, who.account.uuid(), since)?;
    if before.is_empty() {
        // In which function, for the person, who is told of it.
        let (role, department) = crate::space::function(who);
        let payload = json!({ "why": why, "role": role, "department": department });
        tx.journal(&Entry { kind: KIND, subject_kind: "person", subject_id: id.uuid(), payload })?;
    }
    Ok(())
}

pub(crate) fn id_of(text: &str) -> Result<Id<Person>> {
    text.parse().map_err(|_| WebError::not_found())
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result {
    let id = id_of(&id)?;
    let said = person_view::Said { done: asked.fait, ..person_view::Said::default() };
    again(visit, id, reason(&asked.motif), StatusCode::OK, said).await
}

/// The page as it stands, with what is to be said.
pub(super) async fn again(
    Visit { desk, commune, visitor, page, .. }: Visit,
    id: Id<Person>,
    why: &'static str,
    status: StatusCode,
    said: person_view::Said,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let known = commune
        .write(visitor.by, move |tx| {
            let (access, sectors) = receptionist(tx, &who)?;
            let person = of_sectors(tx, &sectors, id)?;
            looked_at(tx, id, &who, why)?;
            Known::load(tx, &desk, &access, &who, person, lang)
        })
        .await?;
    person_view::show(page, status, &known, said)
}

/// What came of papers.
enum Came {
    Joined,
    NotThere,
    Full,
    Over,
}

/// Joins papers to a case of the person: scanned, photographed or chosen. Each goes through the virus gate.
pub(super) async fn papers(visit: Visit, Path(id): Path<String>, request: Request) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    // Nothing is received from whoever may join nothing.
    let asks = who.clone();
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &asks)?;
            of_sectors(tx, &sectors, id).map(drop)
        })
        .await?;
    let posted = receive(request, &visit.commune, visit.visitor.lang).await?;
    let case: Id<Case> = posted.fields.text("dossier").parse().map_err(|_| WebError::not_found())?;
    let complete = posted.fields.get("complet").is_some() && posted.refused.is_empty() && !posted.cut;
    let mut problems = Problem::all(&posted.refused, "papiers");
    if posted.files.is_empty() && problems.is_empty() && !complete {
        problems = Problem::alone("papiers", visit.page.t("office-papers-none"));
    }
    if !posted.files.is_empty() || (complete && problems.is_empty()) {
        let (gate, files) = (visit.desk.gate, posted.files);
        let result = visit
            .commune
            .write(visit.visitor.by, move |tx| join(tx, &who, id, case, &files, gate, complete))
            .await?;
        let key = match result {
            Came::Joined => "",
            Came::NotThere => return Err(WebError::not_found()),
            Came::Full => "desk-too-many-files",
            Came::Over => "office-papers-over",
        };
        if problems.is_empty() && key.is_empty() {
            let target = format!("/agents/guichet/personne/{id}?fait=papiers");
            return Ok(Redirect::to(&target).into_response());
        }
        if !key.is_empty() {
            problems.extend(Problem::alone("papiers", visit.page.t(key)));
        }
    }
    let said = person_view::Said { problems, case: case.to_string(), ..person_view::Said::default() };
    again(visit, id, "presence", StatusCode::UNPROCESSABLE_ENTITY, said).await
}

fn join(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    person: Id<Person>,
    case: Id<Case>,
    files: &[(String, beffroi_documents::StoredFile)],
    gate: beffroi_documents::Gate,
    complete: bool,
) -> Result<Came> {
    let (access, sectors) = receptionist(tx, who)?;
    of_sectors(tx, &sectors, person)?;
    let (requester, beneficiary) = beffroi_cases::person::persons_of(tx, case).map_err(case_error)?;
    if ![requester, beneficiary].contains(&Some(person.uuid())) {
        return Ok(Came::NotThere);
    }
    let owner = ("case", case.uuid());
    if !crate::public::has_room(tx, owner, files.len())? {
        return Ok(Came::Full);
    }
    let found = if files.is_empty() {
        case::read(tx, &access, case).map_err(case_error)?
    } else {
        match missing::record_documents(tx, &access, case, files.len()) {
            Ok(found) => found,
            Err(CaseError::WrongState(_)) => return Ok(Came::Over),
            Err(error) => return Err(case_error(error)),
        }
    };
    access.permit(Right::Handle, &found).map_err(case_error)?;
    attach(tx, gate, files, owner, purpose::ANSWER)?;
    if complete && found.state == State::Waiting {
        let town = Town::load(tx)?;
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        missing::record_arrival(tx, &access, case, calendar).map_err(case_error)?;
    }
    Ok(Came::Joined)
}
