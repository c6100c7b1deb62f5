//! The day's letters: printed in one go, put into envelopes, ticked off.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document};
use beffroi_notify::letter::{self, Content, Letter};
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, render};

use super::entitled;
use crate::{
    permission::handles_somewhere,
    public::{stream, when},
    visit::Visit,
};

/// Letters of one batch.
const BATCH: u32 = 200;

struct Row {
    id: String,
    recipient: String,
    address: String,
    queued: String,
    href: String,
}

#[derive(Template)]
#[template(path = "office/letters.html")]
struct Letters {
    page: Page,
    rows: Vec<Row>,
    count: String,
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let (waiting, town) = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            if !handles_somewhere(tx, &who)? {
                return Err(WebError::not_found());
            }
            Ok((letter::waiting(tx, None, BATCH)?, Town::load(tx)?))
        })
        .await?;
    let zone = town.zone();
    let rows: Vec<Row> = waiting
        .into_iter()
        .map(|letter| Row {
            href: format!("/agents/courrier/{}", letter.id),
            id: letter.id.to_string(),
            recipient: letter.recipient,
            address: letter.lines.join(", "),
            queued: when(letter.queued_at, zone, page.language()),
        })
        .collect();
    let number = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    render(&Letters { count: page.tr("office-letters-count", &[("n", number.into())]), rows, page })
}

pub(super) async fn printed(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let ids: Vec<Id<Letter>> = form.all("letter").filter_map(|id| id.parse().ok()).collect();
    commune
        .write(visitor.by, move |tx| {
            entitled(tx, &who)?;
            if !handles_somewhere(tx, &who)? {
                return Err(WebError::not_found());
            }
            Ok(letter::mark_printed(tx, &ids)?)
        })
        .await?;
    Ok(Redirect::to("/agents/courrier").into_response())
}

/// The paper of one letter.
pub(super) async fn paper(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    let document = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            if !handles_somewhere(tx, &who)? {
                return Err(WebError::not_found());
            }
            let letter = letter::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let Content::Document { id } = letter.content else { return Err(WebError::not_found()) };
            documents::find(tx, Id::<Document>::from_uuid(id))?.ok_or_else(WebError::not_found)
        })
        .await?;
    stream(&commune, document).await
}
