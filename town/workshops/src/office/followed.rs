//! Those whom the advisers of a department follow, whoever was written about last first: also whom no registration and no
//! appointment names any more.

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{
    clock::{self, capital},
    now::Now,
};
use beffroi_core::{Id, Instant};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::DateTime;
use serde::Deserialize;

use super::followup::{OfRecord, address};
use crate::{
    followup::{self, Followup},
    permission,
};

/// People of one page.
const ROWS: u32 = 50;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// After whom the page begins: when they were last written about, and the record.
    #[serde(default)]
    apres: String,
    #[serde(default)]
    fait: String,
}

struct Line {
    href: String,
    name: String,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "workshops_office_followed.html")]
struct View {
    page: Page,
    done: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    next: String,
}

fn after(text: &str) -> Option<(Instant, Id<Followup>)> {
    let (at, id) = text.split_once('_')?;
    Some((DateTime::from_timestamp_millis(at.parse().ok()?)?, id.parse().ok()?))
}

pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let after = after(&asked.apres);
    let (mut found, now) = commune
        .read(visitor.by, move |tx| {
            let scope = permission::followed(tx, &who)?;
            Ok::<_, WebError>((followup::all(tx, &scope, after, ROWS + 1)?, Now::read(tx)?))
        })
        .await?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let next = found.last().filter(|_| more);
    let next = next.map(|last| {
        format!("/agents/ateliers/suivis?apres={}_{}", last.changed_at.timestamp_millis(), last.id)
    });
    let lang = page.language();
    let when = |at: Instant| capital(&clock::moment(at, now.zone, lang));
    let line = |it: &Followup| Line {
        href: address::<OfRecord>(&it.id.to_string()),
        name: it.name.clone(),
        first: when(it.made_at),
        last: when(it.changed_at),
    };
    let done = if asked.fait == "efface" { page.t("workshops-office-done-erased") } else { "" };
    let heads =
        ["workshops-office-head-person", "workshops-office-head-met-first", "workshops-office-head-met-last"];
    render(&View {
        done: done.to_owned(),
        heads: heads.map(|key| page.t(key).to_owned()).into(),
        lines: found.iter().map(line).collect(),
        next: next.unwrap_or_default(),
        page,
    })
}
