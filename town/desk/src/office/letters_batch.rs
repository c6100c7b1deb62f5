//! The letters of a batch as one file for the printer: each with the documents that go in its envelope behind it. What
//! cannot be stacked is named on a sheet at the head of the file, for the agent.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_documents::{self as documents, Cleared, Document, State};
use beffroi_notify::letter::{self, Letter};
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_typeset::{self as typeset, Job, Meta, Sides, stack};
use beffroi_web::{CommuneOf, Result, WebError};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::{
    all_consulted,
    letters::{BATCH, by_envelope, chosen, paper_of, trays},
};
use crate::{Parts, enclosure, papers::Stationery, visit::Visit};

/// What the papers of a batch and what goes with them may weigh together, in bytes: they are in memory while they are
/// stacked.
const BATCH_BYTES: i64 = 32 << 20;
/// What one document may weigh to be stacked: a worker reads it whole.
const JOINED_BYTES: i64 = 8 << 20;

/// What goes in one envelope.
struct Envelope {
    recipient: String,
    paper: Cleared,
    /// What is stacked behind it, if it can be.
    joined: Vec<Cleared>,
    /// The names of what is printed apart.
    apart: Vec<String>,
}

/// A batch as it is read before it is stacked.
struct Batch {
    envelopes: Vec<Envelope>,
    stationery: Stationery,
    today: Day,
}

/// The papers of the letters that were ticked, or of the whole batch, as one file for the printer.
pub(super) async fn show(
    Visit { desk, commune, visitor, .. }: Visit,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result {
    let who = visitor.require()?.clone();
    let ids = chosen(asked.iter().filter(|(name, _)| name == "letter").map(|(_, value)| value.as_str()));
    let sides = if asked.iter().any(|(name, _)| name == "recto-verso") { Sides::Both } else { Sides::One };
    let batch = commune.write(visitor.by, move |tx| read(tx, &who, &ids)).await?;
    if batch.envelopes.is_empty() {
        return Err(WebError::not_found());
    }
    let Batch { envelopes, stationery, today } = batch;
    let mut papers = Vec::with_capacity(envelopes.len());
    let mut apart = Vec::new();
    for envelope in envelopes {
        papers.push(content(&commune, &envelope.paper).await?);
        let mut names = envelope.apart;
        for document in &envelope.joined {
            let bytes = content(&commune, document).await?;
            match copied(&desk, bytes).await? {
                Some(copy) => papers.push(copy),
                None => names.push(document.document().name.clone()),
            }
        }
        if !names.is_empty() {
            apart.push((envelope.recipient, names));
        }
    }
    let stacked = tokio::task::spawn_blocking(move || {
        // Without its first sheet a batch is still a batch: the page lists what goes with each letter.
        let sheet = if apart.is_empty() { None } else { sheet(&desk, &stationery, &apart, today) };
        if let Some(sheet) = sheet {
            papers.insert(0, sheet);
        }
        stack(&papers, sides)
    });
    let stacked = stacked.await.map_err(WebError::internal)?.map_err(WebError::internal)?;
    let mut response = stacked.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"courrier.pdf\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn read(tx: &mut Tx<'_>, who: &SignedIn, ids: &[Id<Letter>]) -> Result<Batch> {
    let trays = trays(tx, who)?;
    let letters =
        if ids.is_empty() { letter::waiting(tx, &trays, BATCH)? } else { letter::some(tx, &trays, ids)? };
    let letters = by_envelope(letters);
    let papers: Vec<Id<Document>> = letters.iter().filter_map(paper_of).collect();
    let cleared = documents::cleared_of(tx, &papers)?;
    let mut joined = enclosure::of_papers(tx, &papers)?;
    let behind: Vec<Id<Document>> =
        joined.values().flatten().filter(|it| may_be_stacked(it)).map(|it| it.id).collect();
    let behind: HashMap<Uuid, Cleared> = documents::cleared_of(tx, &behind)?
        .into_iter()
        .map(|document| (document.document().id.uuid(), document))
        .collect();
    let recipients: HashMap<Uuid, String> = letters
        .iter()
        .filter_map(|letter| Some((paper_of(letter)?.uuid(), letter.recipient.clone())))
        .collect();
    let all = cleared.into_iter().map(|paper| {
        let id = paper.document().id.uuid();
        let recipient = recipients.get(&id).cloned().unwrap_or_default();
        (recipient, joined.remove(&id).unwrap_or_default(), paper)
    });
    let envelopes = at_once(all, &behind);
    let of_cases = envelopes.iter().map(|it| it.paper.document()).filter(|paper| paper.owner_kind == "case");
    all_consulted(tx, &of_cases.map(|paper| paper.owner_id).collect(), who)?;
    let stationery = Stationery::load(tx, "accueil")?;
    let today = civil_day(tx.now(), stationery.town.zone());
    Ok(Batch { envelopes, stationery, today })
}

/// Whether a document could be stacked, as far as that is known before it is read.
fn may_be_stacked(document: &Document) -> bool {
    document.state == State::Clean
        && document.media_type.mime() == "application/pdf"
        && document.bytes <= JOINED_BYTES
}

/// As many letters as a batch may weigh, one at least: the rest is for the next one. What goes with a letter and is too
/// heavy for the batch is printed apart.
fn at_once(
    all: impl Iterator<Item = (String, Vec<Document>, Cleared)>,
    behind: &HashMap<Uuid, Cleared>,
) -> Vec<Envelope> {
    let (mut bytes, mut envelopes) = (0, Vec::new());
    for (recipient, documents, paper) in all {
        bytes += paper.document().bytes;
        if bytes > BATCH_BYTES && !envelopes.is_empty() {
            break;
        }
        let mut envelope = Envelope { recipient, paper, joined: Vec::new(), apart: Vec::new() };
        for document in documents.into_iter().filter(|document| document.state == State::Clean) {
            match behind.get(&document.id.uuid()) {
                Some(cleared) if bytes + document.bytes <= BATCH_BYTES => {
                    bytes += document.bytes;
                    envelope.joined.push(cleared.clone());
                }
                _ => envelope.apart.push(document.name),
            }
        }
        envelopes.push(envelope);
    }
    envelopes
}

/// Reads a document whole.
async fn content(commune: &CommuneOf, document: &Cleared) -> Result<Vec<u8>> {
    let chunks = document.content(commune).await?;
    let whole = chunks.try_fold(Vec::new(), async |mut whole, chunk| {
        whole.extend_from_slice(&chunk);
        Ok(whole)
    });
    whole.await.map_err(WebError::internal)
}

/// A document as it can be stacked; `None` where it is encrypted, broken, or too much for a worker.
async fn copied(desk: &Arc<Parts>, bytes: Vec<u8>) -> Result<Option<Vec<u8>>> {
    let desk = Arc::clone(desk);
    let copy = tokio::task::spawn_blocking(move || desk.pool.render(&Job::copied(&bytes)));
    match copy.await.map_err(WebError::internal)? {
        Ok(copy) => Ok(Some(copy)),
        Err(error) => {
            tracing::debug!(%error, "a document is printed apart");
            Ok(None)
        }
    }
}

/// The sheet that tells the agent what is printed apart, and for whose envelope; `None` where it cannot be laid out.
fn sheet(
    desk: &Parts,
    stationery: &Stationery,
    apart: &[(String, Vec<String>)],
    today: Day,
) -> Option<Vec<u8>> {
    let subject = "Documents à imprimer à part".to_owned();
    let lines = vec!["Feuille pour l’agent, à ne pas envoyer".to_owned()];
    let names = apart.iter().map(|(recipient, names)| format!("{recipient}\u{a0}: {}", names.join(", ")));
    let sheet = typeset::Letter {
        opening: "Ces documents vont dans les enveloppes et ne sont pas dans ce fichier\u{a0}:".to_owned(),
        department: None,
        ..stationery.letter(lines, subject.clone(), names.collect())
    };
    let job = Job::new(&sheet, Meta { title: subject, date: today }).ok()?;
    desk.pool.render(&job).ok()
}
