//! The day's letters of a department: printed in one go, put into envelopes, ticked off.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{Right, case};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Cleared, Document};
use beffroi_notify::letter::{self, Content, Letter};
use beffroi_people::{SignedIn, Town};
use beffroi_store::Tx;
use beffroi_typeset::{Sides, stack};
use beffroi_web::{CommuneOf, FormPost, Page, Result, WebError, render};
use chrono::TimeDelta;
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::{all_consulted, consulted, entitled};
use crate::{
    public::{stream, when},
    visit::Visit,
};

/// Letters of one batch: what one sits down to fold.
const BATCH: u32 = 50;
/// What the papers of a batch may weigh together, in bytes: they are in memory while they are stacked.
const BATCH_BYTES: i64 = 32 << 20;
/// How long printed letters stay on the page, in case paper was jammed or lost.
const KEPT_IN_SIGHT: TimeDelta = TimeDelta::days(7);

struct Row {
    id: String,
    recipient: String,
    address: String,
    reference: String,
    when: String,
    href: String,
}

#[derive(Template)]
#[template(path = "office/letters.html")]
struct Letters {
    page: Page,
    count: String,
    rows: Vec<Row>,
    printed: Vec<Row>,
}

/// The departments whose letters the agent prints: those whose cases they handle. Whoever prints none is not
/// told that there is a page.
fn trays(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<String>> {
    let (access, places) = entitled(tx, who)?;
    let handled =
        places.into_iter().map(|place| place.slug).filter(|slug| access.allows(Right::Handle, slug));
    let trays: Vec<String> = handled.collect();
    if trays.is_empty() { Err(WebError::not_found()) } else { Ok(trays) }
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let (count, waiting, printed, references, zone) = commune
        .read(visitor.by, move |tx| {
            let trays = trays(tx, &who)?;
            let since = tx.now() - KEPT_IN_SIGHT;
            let waiting = letter::waiting(tx, &trays, BATCH)?;
            let printed = letter::printed_since(tx, &trays, since, BATCH)?;
            let cases: Vec<Uuid> = waiting.iter().chain(&printed).map(|letter| letter.about_id).collect();
            let references = case::references(tx, &cases)?;
            let count = letter::count_waiting(tx, &trays)?;
            Ok::<_, WebError>((count, waiting, printed, references, Town::load(tx)?.zone()))
        })
        .await?;
    let row = |letter: Letter| {
        let reference = references.get(&letter.about_id).cloned().unwrap_or_default();
        Row::new(&page, zone, letter, reference)
    };
    let rows = waiting.into_iter().map(row).collect();
    let printed = printed.into_iter().map(row).collect();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let count = page.tr("office-letters-count", &[("n", count.into()), ("batch", i64::from(BATCH).into())]);
    render(&Letters { page, count, rows, printed })
}

impl Row {
    fn new(page: &Page, zone: Tz, letter: Letter, reference: String) -> Self {
        Self {
            href: format!("/agents/courrier/{}", letter.id),
            id: letter.id.to_string(),
            recipient: letter.recipient,
            address: letter.lines.join(", "),
            reference,
            when: when(letter.printed_at.unwrap_or(letter.queued_at), zone, page.language()),
        }
    }
}

pub(super) async fn printed(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let ids: Vec<Id<Letter>> = chosen(form.all("letter"));
    commune
        .write(visitor.by, move |tx| -> Result<_> {
            let trays = trays(tx, &who)?;
            Ok(letter::mark_printed(tx, &trays, &ids)?)
        })
        .await?;
    Ok(Redirect::to("/agents/courrier").into_response())
}

/// The papers of the letters that were ticked, or of the whole batch, as one file for the printer.
pub(super) async fn batch(
    Visit { commune, visitor, .. }: Visit,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result {
    let who = visitor.require()?.clone();
    let ids = chosen(asked.iter().filter(|(name, _)| name == "letter").map(|(_, value)| value.as_str()));
    let sides = if asked.iter().any(|(name, _)| name == "recto-verso") { Sides::Both } else { Sides::One };
    let papers = commune
        .write(visitor.by, move |tx| {
            let trays = trays(tx, &who)?;
            let letters = if ids.is_empty() {
                letter::waiting(tx, &trays, BATCH)?
            } else {
                letter::some(tx, &trays, &ids)?
            };
            let documents: Vec<Id<Document>> = letters.iter().filter_map(paper_of).collect();
            let papers = at_once(documents::cleared_of(tx, &documents)?);
            let of_cases = papers.iter().map(Cleared::document).filter(|paper| paper.owner_kind == "case");
            all_consulted(tx, &of_cases.map(|paper| paper.owner_id).collect(), &who)?;
            Ok::<_, WebError>(papers)
        })
        .await?;
    if papers.is_empty() {
        return Err(WebError::not_found());
    }
    let papers = contents(&commune, papers).await?;
    let stacked = tokio::task::spawn_blocking(move || stack(&papers, sides)).await;
    let stacked = stacked.map_err(WebError::internal)?.map_err(WebError::internal)?;
    let mut response = stacked.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"courrier.pdf\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The letters named in a form, no more than a batch.
fn chosen<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<Id<Letter>> {
    ids.filter_map(|id| id.parse().ok()).take(BATCH as usize).collect()
}

fn paper_of(letter: &Letter) -> Option<Id<Document>> {
    match letter.content {
        Content::Document { id } => Some(Id::from_uuid(id)),
        Content::Template { .. } => None,
    }
}

/// As many papers as a batch may weigh, one at least: the rest is for the next one.
fn at_once(mut papers: Vec<Cleared>) -> Vec<Cleared> {
    let mut bytes = 0;
    let fit = papers.iter().take_while(|paper| {
        let first = bytes == 0;
        bytes += paper.document().bytes;
        first || bytes <= BATCH_BYTES
    });
    let fit = fit.count();
    papers.truncate(fit);
    papers
}

/// Reads papers whole.
async fn contents(commune: &CommuneOf, papers: Vec<Cleared>) -> Result<Vec<Vec<u8>>> {
    let mut read = Vec::with_capacity(papers.len());
    for paper in papers {
        let chunks = paper.content(commune).await?;
        let whole = chunks.try_fold(Vec::new(), async |mut whole, chunk| {
            whole.extend_from_slice(&chunk);
            Ok(whole)
        });
        read.push(whole.await.map_err(WebError::internal)?);
    }
    Ok(read)
}

/// The paper of one letter.
pub(super) async fn paper(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    let document = commune
        .write(visitor.by, move |tx| {
            let trays = trays(tx, &who)?;
            let letter = letter::some(tx, &trays, &[id])?.pop().ok_or_else(WebError::not_found)?;
            let document = paper_of(&letter).ok_or_else(WebError::not_found)?;
            let document = documents::find(tx, document)?.ok_or_else(WebError::not_found)?;
            if letter.about_kind == "case" {
                consulted(tx, Id::from_uuid(letter.about_id), &who)?;
            }
            Ok::<_, WebError>(document)
        })
        .await?;
    stream(&commune, document).await
}
