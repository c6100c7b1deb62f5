//! What was erased, and when: the proofs, for the data protection officer. The journal tells it, without what was
//! erased.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Query, response::Response};
use beffroi_cases::case;
use beffroi_core::{Lang, calendar::start_of_day};
use beffroi_people::{
    Town,
    permission::{ReadJournal, permit},
};
use beffroi_store::{JournalEntry, Seq, Tx, journal};
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;
use uuid::Uuid;

use super::{hidden, table};
use crate::{public::when, visit::Visit, words};

/// The kinds of entries that prove that something was erased.
const PROOFS: [&str; 9] = [
    "case.erased",
    "case.anonymised",
    "draft.erased",
    "account.erased",
    "account.document_erased",
    "looks.erased",
    "order.payers_forgotten",
    "uploads.erased",
    "slip.signed",
];
const ROWS: u32 = 100;
/// Entries of the journal that one page goes through.
const LOOKED_THROUGH: i64 = 100_000;
/// Lines of one download.
const LINES: u32 = 50_000;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    avant: Option<i64>,
    annee: String,
}

struct Row {
    rank: i64,
    when: String,
    what: String,
    subject: String,
    count: String,
}

#[derive(Template)]
#[template(path = "office/proofs.html")]
struct Proofs {
    page: Page,
    rows: Vec<Row>,
    next: String,
    years: Vec<i32>,
}

fn count_of(entry: &JournalEntry) -> String {
    let count = entry.payload.as_ref().and_then(|payload| payload.get("count"));
    count.and_then(serde_json::Value::as_i64).map_or_else(|| "1".to_owned(), |count| count.to_string())
}

fn references(tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<HashMap<Uuid, String>> {
    let mut all = HashMap::new();
    let cases: Vec<Uuid> =
        entries.iter().filter(|entry| entry.subject_kind == "case").map(|entry| entry.subject_id).collect();
    for some in cases.chunks(1_000) {
        all.extend(case::references(tx, some)?);
    }
    Ok(all)
}

fn subject(page: &Page, entry: &JournalEntry, references: &HashMap<Uuid, String>) -> String {
    // What was made anonymous is told without its new name.
    let reference = references.get(&entry.subject_id).filter(|_| entry.kind != "case.anonymised");
    words::subject(page, entry, reference.map(String::as_str))
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Query(asked): Query<Asked>) -> Result {
    let who = visitor.require()?.clone();
    let (mut found, lowest, references, town, year) = commune
        .read(visitor.by, move |tx| {
            permit::<ReadJournal>(tx, &who, None).map_err(hidden)?;
            let head = journal::position(tx)?.0 + 1;
            let before = asked.avant.unwrap_or(head).min(head);
            let lowest = (before - LOOKED_THROUGH).max(1);
            let span = (Seq(lowest), Seq(before));
            let found = journal::of_kinds_between(tx, &PROOFS, span, ROWS + 1)?;
            let references = references(tx, &found)?;
            let town = Town::load(tx)?;
            let year = chrono::Datelike::year(&tx.now().with_timezone(&town.zone()));
            Ok::<_, WebError>((found, lowest, references, town, year))
        })
        .await?;
    let full = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let next = match found.last() {
        Some(last) if full => Some(last.seq.0),
        _ => (lowest > 1).then_some(lowest),
    };
    let rows = found
        .iter()
        .map(|entry| Row {
            rank: entry.seq.0,
            when: when(entry.at, town.zone(), Lang::Fr),
            what: words::recorded(&page, &entry.kind),
            subject: subject(&page, entry, &references),
            count: count_of(entry),
        })
        .collect();
    let next = next.map(|before| format!("/agents/suppressions?avant={before}")).unwrap_or_default();
    render(&Proofs { rows, next, years: (year - 2..=year).rev().collect(), page })
}

pub(super) async fn csv(
    Visit { commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let who = visitor.require()?.clone();
    let year: Option<i32> = asked.annee.parse().ok().filter(|year| (2000..=9_000).contains(year));
    let (found, references, zone, year) = commune
        .read(visitor.by, move |tx| {
            permit::<ReadJournal>(tx, &who, None).map_err(hidden)?;
            let year = year.ok_or_else(WebError::not_found)?;
            let zone = Town::load(tx)?.zone();
            let first = |year| beffroi_core::Day::from_ymd_opt(year, 1, 1).ok_or_else(WebError::not_found);
            let from = journal::rank_at(tx, start_of_day(first(year)?, zone))?;
            let until = journal::rank_at(tx, start_of_day(first(year + 1)?, zone))?;
            let found = journal::of_kinds_between(tx, &PROOFS, (from, until), LINES)?;
            let references = references(tx, &found)?;
            Ok::<_, WebError>((found, references, zone, year))
        })
        .await?;
    let rows = found.iter().map(|entry| {
        vec![
            entry.seq.0.to_string(),
            entry.at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
            words::recorded(&page, &entry.kind),
            subject(&page, entry, &references),
            count_of(entry),
        ]
    });
    table(&format!("suppressions-{year}"), &["Rang", "Quand", "Quoi", "Objet", "Nombre"], rows)
}
