//! The journal, for the data protection officer: who did what, when, through which door.

use askama::Template;
use axum::extract::Query;
use beffroi_cases::case;
use beffroi_people::{
    Town, account,
    permission::{ReadJournal, permit},
};
use beffroi_store::{JournalEntry, Seq, journal};
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;
use uuid::Uuid;

use crate::{public::when, visit::Visit, words};

/// Entries of a page.
const ROWS: u32 = 100;

#[derive(Deserialize)]
pub(super) struct Asked {
    avant: Option<i64>,
}

struct Row {
    rank: i64,
    when: String,
    who: String,
    what: String,
    subject: String,
    channel: String,
}

#[derive(Template)]
#[template(path = "office/journal.html")]
struct Journal {
    page: Page,
    rows: Vec<Row>,
    next: String,
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Query(asked): Query<Asked>) -> Result {
    let who = visitor.require()?.clone();
    let (entries, references, agents, town) = commune
        .read(visitor.by, move |tx| {
            // Whoever may not read the journal is not told that there is a page for it.
            permit::<ReadJournal>(tx, &who, None).map_err(|refused| match refused {
                beffroi_people::Refused::NotPermitted(_) => WebError::not_found(),
                other => other.into(),
            })?;
            let entries = journal::before(tx, asked.avant.map(Seq), ROWS)?;
            let cases: Vec<_> = entries
                .iter()
                .filter(|entry| entry.subject_kind == "case")
                .map(|entry| entry.subject_id)
                .collect();
            let references = case::references(tx, &cases)?;
            Ok::<_, WebError>((entries, references, account::agents(tx)?, Town::load(tx)?))
        })
        .await?;
    let zone = town.zone();
    let full = entries.len() >= usize::try_from(ROWS).unwrap_or(usize::MAX);
    let next = entries.last().filter(|_| full).map(|entry| format!("/agents/journal?avant={}", entry.seq.0));
    let rows = entries
        .iter()
        .map(|entry| {
            let actor = entry.actor_id.or_else(|| whose_session(entry));
            let agent = agents.iter().find(|agent| Some(agent.id.uuid()) == actor);
            Row {
                rank: entry.seq.0,
                when: when(entry.at, zone, page.language()),
                who: agent.map_or_else(
                    || words::actor(&page, entry).to_owned(),
                    |agent| agent.display_name.clone(),
                ),
                what: words::recorded(&page, &entry.kind),
                subject: words::subject(&page, entry, references.get(&entry.subject_id).map(String::as_str)),
                channel: page.t(&format!("office-channel-{}", entry.channel.as_str())).to_owned(),
            }
        })
        .collect();
    render(&Journal { page, rows, next: next.unwrap_or_default() })
}

/// Whoever signs in acts as nobody yet: the entry names the account.
fn whose_session(entry: &JournalEntry) -> Option<Uuid> {
    let account = entry.payload.as_ref().filter(|_| entry.kind == "session.opened")?.get("account")?;
    account.as_str()?.parse().ok()
}
