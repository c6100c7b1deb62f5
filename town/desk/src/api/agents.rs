//! The agents' side, for programs that hold a token: the same rights, the same commands.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_cases::{
    Right,
    case::{self, Case, State},
    decision::{self, Outcome},
    exchange,
    inbox::{self, Filter, Key, LateOn},
    label, missing, reversal, silence,
};
use beffroi_core::{Channel, Id, calendar::civil_day};
use beffroi_documents::Document;
use beffroi_people::Town;
use beffroi_search::Key as SearchKey;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError, once};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    body::{body, wrong},
    deposit::{asked, decided, implied, message as told, private, reversed},
    labels,
    model::{AgentCase, CasePage, CaseRow, NewDecision, NewMessage, NewRequest, NewStep},
    payment,
};
use crate::{
    daily::{
        absence,
        signatory::{self, Signatory},
    },
    enclosure::{self, Fault},
    finding::{self, Followed, Question, Sorting},
    office::{Office, entitled},
    visit::{Visit, case_error},
};

pub(super) fn row(case: &Case) -> CaseRow {
    CaseRow {
        id: case.id.to_string(),
        reference: case.reference.clone(),
        procedure: case.procedure.clone(),
        department: case.department.clone(),
        state: case.state.as_str(),
        step: case.step.clone(),
        requester: case.requester_name.clone(),
        beneficiary: Some(case.beneficiary_name.clone()).filter(|name| !name.is_empty()),
        received_on: case.received_on,
        deemed_on: case.deemed_on,
        channel: case.channel.as_str(),
        assignee: case.assignee,
    }
}

/// Which cases are wanted.
#[derive(Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// The department's short name; all those that you may read, if none is given.
    department: Option<String>,
    /// Only in this state; all that are open, if none is given.
    state: Option<String>,
    /// Only of this procedure.
    procedure: Option<String>,
    /// Words to be found in them, as on the search page. With this or one of the members below, closed cases are
    /// looked for too, the best first.
    q: Option<String>,
    /// Only through this door: `online`, `counter`, `phone`, `paper`, `email`, `api`.
    channel: Option<String>,
    /// Only received on this day or after, `2026-03-01`.
    from: Option<String>,
    /// Only received on this day or before.
    until: Option<String>,
    /// Only with this label, by its id.
    label: Option<String>,
    /// Only followed by this agent, by the account’s id; `nobody` for those that nobody follows.
    assignee: Option<String>,
    /// `true`: only open cases that silence has overtaken, or whose booking begins with no answer; not together with words and the filters that look for closed cases.
    late: Option<bool>,
    /// `true`: only open cases of agents who are away today and for whom you stand in; not together with `assignee`, words
    /// and the filters that look for closed cases.
    standing_in: Option<bool>,
    /// `clock`: open cases, those that press first.
    sort: Option<String>,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
}

impl Wanted {
    /// What is looked for, where the list alone does not answer it.
    fn question(&self) -> Result<Option<Question>> {
        let searched = [&self.q, &self.channel, &self.from, &self.until, &self.label, &self.sort];
        let of_nobody = self.assignee.as_deref() == Some("nobody");
        if searched.iter().all(|member| member.is_none()) && !of_nobody {
            return Ok(None);
        }
        let day =
            |text: Option<&str>, place| read(text, place, "a day is expected", |text| text.parse().ok());
        let id = |text: Option<&str>, place| read(text, place, "an id is expected", |text| text.parse().ok());
        Ok(Some(Question {
            text: self.q.clone().unwrap_or_default(),
            department: self.department.clone(),
            procedure: self.procedure.clone(),
            state: read(self.state.as_deref(), "#/state", "no such state", State::from_word)?,
            open: false,
            channel: read(self.channel.as_deref(), "#/channel", "no such channel", Channel::from_word)?,
            from: day(self.from.as_deref(), "#/from")?,
            until: day(self.until.as_deref(), "#/until")?,
            label: id(self.label.as_deref(), "#/label")?,
            followed: match self.assignee.as_deref() {
                Some("nobody") => Some(Followed::ByNobody),
                agent => id(agent, "#/assignee")?.map(Followed::By),
            },
            sorting: read(self.sort.as_deref(), "#/sort", "clock is expected", |word| {
                (word == "clock").then_some(Sorting::Clock)
            })?
            .unwrap_or_default(),
            after: read(self.after.as_deref(), "#/after", "not the `next` of a page", SearchKey::from_text)?,
        }))
    }
}

/// A member that may be left out, and is refused where it cannot be read.
fn read<T>(
    member: Option<&str>,
    place: &'static str,
    reason: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>> {
    member.map(|text| read(text).ok_or_else(|| wrong(place, "value", reason))).transpose()
}

/// The cases of a department, or of all that one may read, those that press first; or those that are found by words
/// and filters.
#[utoipa::path(
    get, path = "/api/v1/agent/cases", params(Wanted), security(("token" = ["case.read"])),
    responses((status = 200, body = CasePage), (status = 401), (status = 404, description = "No such department, or not yours"), (status = 422, description = "A parameter is none"))
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit, Query(wanted): Query<Wanted>) -> Result {
    let who = visitor.require()?.clone();
    let page = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            if let Some(question) = wanted.question()? {
                if wanted.late == Some(true) {
                    return Err(wrong("#/late", "value", "not together with a search"));
                }
                if wanted.standing_in == Some(true) {
                    return Err(wrong("#/standing_in", "value", "not together with a search"));
                }
                let slugs: Vec<String> = places.into_iter().map(|place| place.slug).collect();
                let answer = finding::ask(tx, &access, &slugs, &question, 100)?;
                let next = answer.found.next.map(|key| key.to_text());
                return Ok(CasePage { cases: answer.cases.iter().map(row).collect(), next });
            }
            let state = match &wanted.state {
                Some(word) => {
                    Some(State::from_word(word).ok_or_else(|| wrong("#/state", "value", "no such state"))?)
                }
                None => None,
            };
            let after = match &wanted.after {
                Some(text) => {
                    Some(key(text).ok_or_else(|| wrong("#/after", "value", "not the `next` of a page"))?)
                }
                None => None,
            };
            let assignee = read(wanted.assignee.as_deref(), "#/assignee", "an id is expected", |text| {
                text.parse().ok()
            })?;
            let zone = Town::load(tx)?.zone();
            let today = LateOn::of(civil_day(tx.now(), zone), zone);
            let late_by = wanted.late.unwrap_or_default().then_some(today);
            let mut assignees: Vec<Uuid> = assignee.into_iter().collect();
            if wanted.standing_in == Some(true) {
                if !assignees.is_empty() {
                    return Err(wrong("#/standing_in", "value", "not together with `assignee`"));
                }
                let away = absence::away(tx, civil_day(tx.now(), zone))?;
                let stood_for = away.stood_for(who.account.uuid());
                assignees.extend(stood_for.into_iter().map(|absence| absence.agent));
                if assignees.is_empty() {
                    return Ok(CasePage { cases: Vec::new(), next: None });
                }
            }
            let filter = Filter { state, procedure: wanted.procedure, assignees, late_by };
            let departments: Vec<String> = match wanted.department {
                Some(department) => vec![department],
                None => places.into_iter().map(|place| place.slug).collect(),
            };
            let departments: Vec<&str> = departments.iter().map(String::as_str).collect();
            let page = inbox::page_of(tx, &access, &departments, &filter, after, 100).map_err(case_error)?;
            let next = page.next.map(|key| format!("{}_{}", key.clock_on, key.id));
            Ok::<_, WebError>(CasePage { cases: page.cases.iter().map(row).collect(), next })
        })
        .await?;
    Ok(private(Json(page)))
}

fn key(text: &str) -> Option<Key> {
    let (day, id) = text.split_once('_')?;
    Some(Key { clock_on: day.parse().ok()?, id: id.parse().ok()? })
}

pub(super) fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// A case, with its answers and its exchange. Reading it is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}", params(("id" = String, Path)), security(("token" = ["case.read"])),
    responses((status = 200, body = AgentCase), (status = 401), (status = 404, description = "No such case, or not yours"))
)]
pub(super) async fn one(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            crate::office::consulted(tx, id, &who)?;
            let mut joined = enclosure::of_case(tx, id, &[])?;
            let stuck = label::of_cases(tx, &[id.uuid()])?.remove(&id.uuid()).unwrap_or_default();
            Ok::<_, WebError>(AgentCase {
                row: row(&case),
                labels: stuck.into_iter().map(labels::shown).collect(),
                document_requests: missing::of_case(tx, id)
                    .map_err(case_error)?
                    .into_iter()
                    .map(asked)
                    .collect(),
                messages: exchange::everything(tx, &access, id, 500)
                    .map_err(case_error)?
                    .into_iter()
                    .map(|message| told(message, &mut joined))
                    .collect(),
                decision: decision::of_case(tx, id)
                    .map_err(case_error)?
                    .map(|taken| decided(taken, joined.remove(&id.uuid()))),
                implied_decision: silence::of_case(tx, id).map_err(case_error)?.as_ref().map(implied),
                reversals: reversal::of_case(tx, id)?.into_iter().map(reversed).collect(),
                payment: payment::of_case(tx, id, false)?,
                answers: case.answers,
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// Does one thing to a case, as an agent; once under one key. `what` is the last word of the route. The body is
/// read last: whoever may not know of the case does not learn what would be wrong with it.
pub(super) async fn act<T, F>(visit: Visit, id: &str, what: &str, bytes: Bytes, work: F) -> Result
where
    T: DeserializeOwned,
    F: FnOnce(&Office, &mut Tx<'_>, &Case, &Town, T) -> Result<()> + Send + 'static,
{
    act_on(visit, (id, ""), what, bytes, work).await
}

/// The same to something that belongs to a case: `part` names it in the route.
pub(super) async fn act_on<T, F>(
    visit: Visit,
    (id, part): (&str, &str),
    what: &str,
    bytes: Bytes,
    work: F,
) -> Result
where
    T: DeserializeOwned,
    F: FnOnce(&Office, &mut Tx<'_>, &Case, &Town, T) -> Result<()> + Send + 'static,
{
    let Visit { desk, commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let path = if part.is_empty() { id.to_owned() } else { format!("{id}/{part}") };
    let key = once::Key::of(&headers, &visitor, what, &path, &bytes)?;
    let id = id_of(id)?;
    let origin = desk.site(&commune).await?;
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            // What needs nothing told may be asked for without a body.
            let new = body(if bytes.is_empty() { b"{}" } else { &bytes })?;
            let town = Town::load(tx)?;
            let office = Office { desk, access, agent: who.account.uuid(), origin };
            key.once(tx, |tx| {
                work(&office, tx, &case, &town, new)?;
                office.stood_in(tx, &case, &town)?;
                Ok::<_, WebError>(true)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Writes to the requester.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/messages", request_body = NewMessage,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses(
        (status = 204), (status = 404), (status = 409, description = "The key was used for another request"),
        (status = 422),
    )
)]
pub(super) async fn message(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "messages", bytes, |office, tx, case, _, new: NewMessage| {
        let joined = joined(office, tx, case, Right::Handle, (new.upload, &new.documents))?;
        office.write(tx, case, &new.text, &joined)
    })
    .await
}

/// Asks for documents; the legal clock reacts.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/document-requests",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewRequest, security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is past this"), (status = 422))
)]
pub(super) async fn request_documents(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "document-requests", bytes, |office, tx, case, town, new: NewRequest| {
        let today = civil_day(tx.now(), town.zone());
        if new.deadline.is_some_and(|deadline| deadline <= today) {
            return Err(wrong("#/deadline", "value", "a day after today is expected"));
        }
        if case.sealed {
            return Err(wrong("#/pieces", "sealed", "what is sealed keeps no documents"));
        }
        if case.state == State::Received {
            case::take_up(tx, &office.access, case.id, office.agent).map_err(case_error)?;
        }
        office.ask(tx, case, &new.pieces, new.deadline, town)
    })
    .await
}

/// Says which step of its procedure a case has reached.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/step", request_body = NewStep,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404), (status = 409, description = "The case is not under instruction"), (status = 422))
)]
pub(super) async fn reach_step(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "step", bytes, |office, tx, case, _, new: NewStep| office.reach_step(tx, case, &new.step))
        .await
}

/// Decides a case, with reasons; they may be left out of what grants.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/decision", request_body = NewDecision,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.decide"])),
    responses((status = 204), (status = 404), (status = 409, description = "It is decided already, or silence has granted it and the decision would not"), (status = 422))
)]
pub(super) async fn decide(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act(visit, &id, "decision", bytes, |office, tx, case, town, new: NewDecision| {
        let outcome = Outcome::from_word(&new.outcome)
            .ok_or_else(|| wrong("#/outcome", "value", "granted, refused or closed"))?;
        if case.state == State::Received {
            case::take_up(tx, &office.access, case.id, office.agent).map_err(case_error)?;
        }
        let signs = signing(tx, case, town, (&new.signatory_name, &new.signatory_quality))?;
        let joined = joined(office, tx, case, Right::Decide, (new.upload, &new.documents))?;
        let new = decision::NewDecision {
            outcome,
            reasons: new.reasons,
            signatory_delegation: signs.delegation,
            signatory_name: signs.name,
            signatory_quality: signs.quality,
            series: None,
        };
        office.decide(tx, case, new, &joined, town)
    })
    .await
}

/// Whom a name and a quality mean: those who are appointed sign, or the town's own signatory; nobody else does.
pub(super) fn signing(
    tx: &mut Tx<'_>,
    case: &Case,
    town: &Town,
    (name, quality): (&str, &str),
) -> Result<Signatory> {
    let signatories = signatory::who_sign(tx, &case.department, town)?;
    let mut named =
        signatories.into_iter().filter(|it| it.name == name.trim() && it.quality == quality.trim());
    named.next().ok_or_else(|| {
        wrong(
            "#/signatory_name",
            "value",
            "one of those who sign for the department is expected, or the town's own signatory where none is appointed",
        )
    })
}

/// What is joined: the documents of an upload, and those of the case that are named. Of a case that is sealed, only the
/// latter.
fn joined(
    office: &Office,
    tx: &mut Tx<'_>,
    case: &Case,
    right: Right,
    (upload, documents): (Option<Uuid>, &[Uuid]),
) -> Result<Vec<Document>> {
    // Whoever may not do it does not learn what is there.
    office.access.permit(right, case).map_err(case_error)?;
    let (mut ids, mut place) = (Vec::new(), "#/documents");
    if let Some(upload) = upload {
        place = "#/upload";
        if case.sealed {
            return Err(wrong(place, "sealed", "what is sealed keeps no documents"));
        }
        ids = enclosure::take_upload(tx, case.id, upload)?.map_err(|fault| unjoined(place, &fault))?;
    }
    ids.extend(documents.iter().copied().map(Id::from_uuid));
    if !documents.is_empty() {
        place = "#/documents";
    }
    enclosure::chosen(tx, case.id, &ids)?.map_err(|fault| unjoined(place, &fault))
}

/// Why documents cannot be joined, for a program.
fn unjoined(place: &str, fault: &Fault) -> WebError {
    match fault {
        Fault::Infected(_) => wrong(place, "virus", "a virus was found in one of them"),
        Fault::Gone => wrong(place, "value", "a document is not there, or of another case"),
        Fault::TooMany => wrong(place, "value", "more documents than can be joined"),
    }
}
