//! The letters that leave on paper, for programs that hold an agent's token: what waits, its paper, and that it was put
//! into the post.

use std::collections::HashMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_cases::case;
use beffroi_core::{Id, Instant};
use beffroi_documents::{Document, State};
use beffroi_notify::letter::{self, Letter};
use beffroi_web::{Result, WebError, once::Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{body, wrong},
    deposit::private,
    handling::listed,
    model::CaseDocument,
};
use crate::{
    enclosure,
    office::letters::{BATCH, Natures, back_among_waiting, nature_of, natures, paper_for, paper_of, trays},
    public::stream,
    visit::Visit,
};

/// A letter that waits to be printed and posted.
#[derive(Serialize, ToSchema)]
pub(super) struct LetterWaiting {
    id: String,
    /// The department that posts it.
    department: String,
    recipient: String,
    /// The lines under the name.
    address: Vec<String>,
    /// `acknowledgement`, `decision`, `reversal`, `past-decision`, `past-reversal` or `letter`.
    nature: &'static str,
    /// The case that it is about.
    case: Option<Uuid>,
    reference: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    queued_at: Instant,
    /// What goes in the same envelope: `GET …/cases/{id}/documents/{document}`.
    enclosed: Vec<CaseDocument>,
}

/// A page of the letters that wait.
#[derive(Serialize, ToSchema)]
pub(super) struct LetterPage {
    letters: Vec<LetterWaiting>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// Which letters are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct Asked {
    /// The department’s short name; all those whose cases you handle, if none is given.
    department: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

fn shown(
    letter: Letter,
    (references, natures): (&HashMap<Uuid, String>, &Natures),
    joined: &mut enclosure::Joined,
) -> LetterWaiting {
    let paper = paper_of(&letter);
    let enclosed = paper.and_then(|paper| joined.remove(&paper.uuid())).unwrap_or_default();
    LetterWaiting {
        id: letter.id.to_string(),
        nature: nature_of(&letter, natures),
        department: letter.tray,
        recipient: letter.recipient,
        address: letter.lines,
        case: (letter.about_kind == "case").then_some(letter.about_id),
        reference: references.get(&letter.about_id).cloned(),
        queued_at: letter.queued_at,
        enclosed: enclosed.into_iter().filter(|it| it.state == State::Clean).map(listed).collect(),
    }
}

/// The letters that wait in the trays of your departments, oldest first.
#[utoipa::path(
    get, path = "/api/v1/agent/letters", params(Asked), security(("token" = ["case.read", "case.handle"])),
    responses(
        (status = 200, body = LetterPage), (status = 404, description = "No such department, or not yours"),
        (status = 422, description = "`after` is none"),
    )
)]
pub(super) async fn list(Visit { commune, visitor, .. }: Visit, Query(asked): Query<Asked>) -> Result {
    let who = visitor.require()?.clone();
    let page = commune
        .read(visitor.by, move |tx| {
            let mut trays = trays(tx, &who)?;
            if let Some(only) = &asked.department {
                trays.retain(|tray| tray == only);
                if trays.is_empty() {
                    return Err(WebError::not_found());
                }
            }
            let mut waiting = match &asked.after {
                Some(text) => {
                    let after: Id<Letter> =
                        text.parse().map_err(|_| wrong("#/after", "value", "not the `next` of a page"))?;
                    letter::waiting_after(tx, &trays, after, BATCH + 1)?
                }
                None => letter::waiting(tx, &trays, BATCH + 1)?,
            };
            let more = waiting.len() > BATCH as usize;
            waiting.truncate(BATCH as usize);
            let next = waiting.last().filter(|_| more).map(|last| last.id.to_string());
            let papers: Vec<Id<Document>> = waiting.iter().filter_map(paper_of).collect();
            let cases: Vec<Uuid> = waiting.iter().map(|letter| letter.about_id).collect();
            let (references, natures) = (case::references(tx, &cases)?, natures(tx, &papers)?);
            let mut joined = enclosure::of_papers(tx, &papers)?;
            let known = (&references, &natures);
            let letters = waiting.into_iter().map(|letter| shown(letter, known, &mut joined)).collect();
            Ok::<_, WebError>(LetterPage { letters, next })
        })
        .await?;
    Ok(private(Json(page)))
}

/// The paper of a letter. That it was opened is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/letters/{id}", params(("id" = String, Path)),
    security(("token" = ["case.read", "case.handle"])),
    responses(
        (status = 200, content_type = "application/pdf", body = Vec<u8>, description = "The letter"),
        (status = 404, description = "No such letter, or of another department’s tray"),
    )
)]
pub(super) async fn paper(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    let document = commune.write(visitor.by, move |tx| paper_for(tx, &who, id)).await?;
    stream(&commune, document).await
}

/// Letters that were printed and put into the post.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "letters": ["01900000-0000-7000-8000-000000000000"] }))]
pub(super) struct NewPosting {
    /// Fifty at most.
    letters: Vec<Uuid>,
}

/// What came of that.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct Posted {
    /// How many waited until now: those that were posted before, or are not yours, are passed over.
    posted: usize,
}

/// Writes down that letters were printed and put into the post.
#[utoipa::path(
    post, path = "/api/v1/agent/letter-postings", request_body = NewPosting,
    params(("Idempotency-Key" = Option<String>, Header)), security(("token" = ["case.read", "case.handle"])),
    responses((status = 200, body = Posted), (status = 404, description = "You post no letters"), (status = 422))
)]
pub(super) async fn post(Visit { commune, visitor, headers, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "letters", "", &bytes)?;
    let posted = commune
        .write(visitor.by, move |tx| {
            let trays = trays(tx, &who)?;
            let new: NewPosting = body(&bytes)?;
            if new.letters.is_empty() || new.letters.len() > BATCH as usize {
                return Err(wrong("#/letters", "value", &format!("1 to {BATCH} letters are expected")));
            }
            let ids: Vec<Id<Letter>> = new.letters.into_iter().map(Id::from_uuid).collect();
            key.once(tx, |tx| Ok::<_, WebError>(Posted { posted: letter::mark_printed(tx, &trays, &ids)? }))
        })
        .await?;
    Ok(private(Json(posted)))
}

/// Puts a letter that was said to be posted within the last week back among those that wait.
#[utoipa::path(
    delete, path = "/api/v1/agent/letter-postings/{id}", params(("id" = String, Path)),
    security(("token" = ["case.read", "case.handle"])),
    responses((status = 204), (status = 404, description = "No such letter, not yours, or not posted lately"))
)]
pub(super) async fn take_back(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    commune.write(visitor.by, move |tx| back_among_waiting(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
