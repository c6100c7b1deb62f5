//! Mandates for programs that hold an agent's token: those that wait, those of a name, one; recorded, answered, ended. The
//! same commands as the pages.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_core::{Day, Id, Lang, calendar::civil_day};
use beffroi_documents as documents;
use beffroi_people::{
    Town,
    mandate::{self, ConsentError, Mandate, Status},
};
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    body::{body, text, told, wrong},
    daily::{Made, made},
    deposit::private,
    persons::{FIELDS, Particulars},
};
use crate::{
    mandates::{self as desk_mandates, Against, Allowed, Asked, allowed, answered, recorded, within},
    public::known_files,
    visit::Visit,
};

/// Mandates on one page.
const PAGE: u32 = 50;
/// Letters of a name, at most.
const LONGEST_NAME: usize = 200;

/// A mandate.
#[derive(Serialize, ToSchema)]
pub(super) struct MandateShown {
    id: String,
    /// Who helps.
    helper: String,
    /// `relative`, `professional` or `organisation`.
    helper_kind: &'static str,
    /// Who is helped.
    helped: String,
    /// `*` for every procedure, `sector:…` for those of one sector, else the short names of procedures with a blank
    /// between them.
    scope: String,
    /// `asked`, `running`, `expired`, `refused` or `ended`.
    status: &'static str,
    /// What shows the consent: `paper`, `code`, or `account` where the helped person gave it from hers.
    proof: &'static str,
    /// For how many days it serves, from the consent.
    days: u32,
    /// Its first day, once it was consented to.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

impl MandateShown {
    pub(super) fn of(mandate: &Mandate, today: Day) -> Self {
        let details = &mandate.details;
        let (from, until) = mandate.days.unzip();
        Self {
            id: mandate.id.to_string(),
            helper: details.helper_name.clone(),
            helper_kind: details.helper.as_str(),
            helped: details.helped.full_name(),
            scope: details.scope.to_text(),
            status: match mandate.status(today) {
                Status::Asked => "asked",
                Status::Running => "running",
                Status::Expired => "expired",
                Status::Refused => "refused",
                Status::Ended => "ended",
            },
            proof: details.proof.as_str(),
            days: details.term.days(),
            from,
            until,
        }
    }
}

/// A page of mandates.
#[derive(Serialize, ToSchema)]
pub(super) struct MandatePage {
    mandates: Vec<MandateShown>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// A mandate of a name.
#[derive(Serialize, ToSchema)]
pub(super) struct MandateNamed {
    #[serde(flatten)]
    mandate: MandateShown,
    /// Whether you may look into it; others you may only end, for whoever asks.
    open_to_you: bool,
}

/// A mandate, with who is helped and the papers that show the consent.
#[derive(Serialize, ToSchema)]
pub(super) struct MandateFound {
    #[serde(flatten)]
    mandate: MandateShown,
    helped_person: Particulars,
    /// The record from which it was begun.
    person: Option<String>,
    /// The documents that came with it.
    documents: Vec<String>,
}

/// Where the page begins.
#[derive(Deserialize, IntoParams)]
pub(super) struct After {
    /// `next` of the page before.
    after: Option<String>,
}

/// The mandates whose signed paper waits to be seen, of those that you may look into.
#[utoipa::path(
    get, path = "/api/v1/agent/mandates", params(After), security(("token" = ["mandate.manage", "case.read", "case.handle"])),
    responses((status = 200, body = MandatePage), (status = 404, description = "You record no mandates"), (status = 422, description = "`after` is none"))
)]
pub(super) async fn list(Visit { desk, commune, visitor, .. }: Visit, Query(asked): Query<After>) -> Result {
    let who = visitor.require()?.clone();
    let page = commune
        .read(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            let after = match &asked.after {
                Some(text) => {
                    Some(text.parse().map_err(|_| wrong("#/after", "value", "not the `next` of a page"))?)
                }
                None => None,
            };
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let mut found = mandate::asked(tx, &sight, after, PAGE + 1)?;
            let more = found.len() > PAGE as usize;
            found.truncate(PAGE as usize);
            let next = found.last().filter(|_| more).map(|last| last.id.to_string());
            let mandates = found.iter().map(|it| MandateShown::of(it, today)).collect();
            Ok::<_, WebError>(MandatePage { mandates, next })
        })
        .await?;
    Ok(private(Json(page)))
}

/// Whose mandates are wanted.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Galtier" }))]
pub(super) struct NewMandateSearch {
    /// The name of whoever is helped.
    name: String,
}

/// The mandates of a name, for whoever asks at the counter or by telephone. That you looked is written down.
#[utoipa::path(
    post, path = "/api/v1/agent/mandate-searches", request_body = NewMandateSearch,
    security(("token" = ["mandate.manage", "case.read", "case.handle"])),
    responses((status = 200, body = Vec<MandateNamed>), (status = 404, description = "You record no mandates"), (status = 422))
)]
pub(super) async fn search(Visit { desk, commune, visitor, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .write(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            let new: NewMandateSearch = body(&bytes)?;
            let name = text("#/name", &new.name, LONGEST_NAME)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let found = desk_mandates::named(tx, &who, &sight, &name)?;
            let shown = |(mandate, open_to_you): &(Mandate, bool)| MandateNamed {
                mandate: MandateShown::of(mandate, today),
                open_to_you: *open_to_you,
            };
            Ok::<_, WebError>(found.iter().map(shown).collect::<Vec<_>>())
        })
        .await?;
    Ok(private(Json(found)))
}

fn id_of(text: &str) -> Result<Id<Mandate>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// A mandate. That you looked is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/mandates/{id}", params(("id" = String, Path)),
    security(("token" = ["mandate.manage", "case.read", "case.handle"])),
    responses((status = 200, body = MandateFound), (status = 404, description = "No such mandate, or not yours to look into"))
)]
pub(super) async fn one(Visit { desk, commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let Allowed { sight, .. } = allowed(tx, &desk, &who)?;
            let mandate = within(tx, &sight, id)?;
            desk_mandates::consulted(tx, id, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let documents = documents::of_owner(tx, "mandate", id.uuid(), 20)?;
            Ok::<_, WebError>(MandateFound {
                mandate: MandateShown::of(&mandate, today),
                helped_person: Particulars::of(&mandate.details.helped.person()),
                person: mandate.details.person.map(|id| id.to_string()),
                documents: documents.into_iter().map(|document| document.name).collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// A mandate of somebody who is there: you are the helper.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "helped": { "family_name": "Galtier", "given_names": "Augustine", "email": "augustine@example.org" },
    "scope": "*", "days": 31, "proof": "code",
}))]
pub(super) struct NewMandateGiven {
    helped: Particulars,
    /// The record of that person, if you found one.
    #[serde(default)]
    person: Option<Uuid>,
    /// `*` for every procedure, `sector:social` and the like for those of a sector; or else `procedures`.
    #[serde(default)]
    scope: Option<String>,
    /// The short names of the procedures that it is for.
    #[serde(default)]
    procedures: Vec<String>,
    /// 1, 31, 182 or 365.
    days: u32,
    /// `paper`: signed, and begins at once; `code`: sent to the helped person, and waits for it.
    proof: String,
    /// The upload with the signed paper. Needed with `paper`.
    #[serde(default)]
    upload: Option<Uuid>,
    /// Whether you are told of the town’s answers; the helped person always is.
    #[serde(default)]
    copies: bool,
}

const MANDATE_FIELDS: &[(&str, &str)] = &[
    ("portee", "scope"),
    ("demarches", "procedures"),
    ("duree", "days"),
    ("preuve", "proof"),
    ("papier", "upload"),
];

/// Records a mandate of the person who is there.
#[utoipa::path(
    post, path = "/api/v1/agent/mandates", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewMandateGiven, security(("token" = ["mandate.manage", "case.read", "case.handle"])),
    responses((status = 201, body = Made), (status = 404, description = "No such person, or you record no mandates"), (status = 422))
)]
pub(super) async fn record(visit: Visit, bytes: Bytes) -> Result {
    let Visit { desk, commune, visitor, page, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "mandates", "", &bytes)?;
    let origin = desk.site(&commune).await?;
    let recorded = commune
        .write(visitor.by, move |tx| {
            allowed(tx, &desk, &who)?;
            let new: NewMandateGiven = body(&bytes)?;
            key.once(tx, |tx| {
                let has = new.upload.map(|upload| ("upload", upload));
                let seen = match has {
                    Some(has) => !known_files(tx, has)?.files.is_empty(),
                    None => false,
                };
                let asked = Asked {
                    typed: new.helped.typed(),
                    scope: new.scope.unwrap_or_else(|| "choix".to_owned()),
                    slugs: new.procedures,
                    days: new.days,
                    proof: new.proof,
                    organisation: false,
                    copies: new.copies,
                };
                let titles = desk_mandates::titles(tx, &desk, Lang::Fr)?;
                let person = new.person.map(|person| person.to_string()).unwrap_or_default();
                let how = (&titles, Lang::Fr);
                match recorded(tx, (&desk, &origin), &who, &asked, &person, Some(seen), how)? {
                    Ok((id, _)) => {
                        if let Some(has) = has {
                            documents::hand_over(tx, has, ("mandate", id.uuid()))?;
                        }
                        Ok::<_, WebError>(Made { id: id.uuid() })
                    }
                    Err(wrong) => {
                        let own = |field: &str| MANDATE_FIELDS.iter().any(|(known, _)| *known == field);
                        let of_mandate = wrong.iter().any(|(field, _)| own(field));
                        Err(if of_mandate {
                            let wrong: Vec<_> = wrong.into_iter().filter(|(field, _)| own(field)).collect();
                            told(&page, "#", &wrong, MANDATE_FIELDS)
                        } else {
                            told(&page, "#/helped", &wrong, FIELDS)
                        })
                    }
                }
            })
        })
        .await?;
    Ok(made(recorded))
}

/// What is answered to a mandate.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "end" }))]
pub(super) struct NewMandateAnswer {
    /// `approve`: the signed paper is right; `code`: the helped person gave it; `refuse`; `end`: revoked, for whoever
    /// asks; `new-link`: the helped person lost theirs.
    answer: String,
    /// With `code`.
    #[serde(default)]
    code: Option<String>,
}

/// What came of an answer.
#[derive(Deserialize, Serialize)]
enum Came {
    Done,
    NotWaiting,
    WrongCode,
    UsedUp,
    Unreachable,
}

/// Answers a mandate, or ends it. Whoever asks to end one by its names alone need not be in the right department.
#[utoipa::path(
    post, path = "/api/v1/agent/mandates/{id}/answers",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewMandateAnswer,
    security(("token" = ["mandate.manage", "case.read", "case.handle"])),
    responses(
        (status = 204), (status = 403, description = "Nobody sees to their own paper"),
        (status = 404, description = "No such mandate, or not yours to look into"),
        (status = 409, description = "It waits for nothing, or is over"), (status = 422),
    )
)]
pub(super) async fn answer(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    let Visit { desk, commune, visitor, headers, .. } = visit;
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "mandate-answers", &id, &bytes)?;
    let id = id_of(&id)?;
    let origin = desk.site(&commune).await?;
    let outcome = commune
        .write(visitor.by, move |tx| {
            let permitted = allowed(tx, &desk, &who)?;
            let mandate = mandate::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let new: Result<NewMandateAnswer> = body(&bytes);
            let ends = new.as_ref().is_ok_and(|new| new.answer == "end");
            if !ends && !permitted.sight.sees(&mandate) {
                return Err(WebError::not_found());
            }
            let new = new?;
            let word = match new.answer.as_str() {
                "approve" => "papier",
                "code" => "code",
                "refuse" => "refus",
                "end" => "fin",
                "new-link" => "lien",
                _ => return Err(wrong("#/answer", "value", "approve, code, refuse, end or new-link")),
            };
            let typed = new.code.unwrap_or_default();
            // A wrong code is counted: what was refused is kept, and answered the same under the same key.
            key.once(tx, |tx| {
                Ok::<_, WebError>(match answered(tx, &permitted, &who, &mandate, (word, &typed, &origin))? {
                    Ok(()) => Came::Done,
                    Err(Against::Consent(ConsentError::WrongCode)) => Came::WrongCode,
                    Err(Against::Consent(ConsentError::UsedUp)) => Came::UsedUp,
                    Err(Against::Consent(ConsentError::NotWaiting)) => Came::NotWaiting,
                    Err(Against::Consent(ConsentError::Store(error))) => return Err(error.into()),
                    Err(Against::Unreachable) => Came::Unreachable,
                })
            })
        })
        .await?;
    match outcome {
        Came::Done => Ok(StatusCode::NO_CONTENT.into_response()),
        Came::NotWaiting => Err(WebError::conflict()),
        Came::WrongCode => Err(wrong("#/code", "value", "another code was sent")),
        Came::UsedUp => Err(wrong("#/code", "value", "too many wrong codes, or too late: ask for another")),
        Came::Unreachable => Err(wrong(
            "#/answer",
            "value",
            "the helped person has neither an e-mail address nor a postal one",
        )),
    }
}
