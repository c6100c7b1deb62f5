//! All messages of one's requests together, the last first.

use askama::Template;
use axum::extract::Query;
use beffroi_people::Town;
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;

use super::{owner, store};
use crate::{
    public::{titles, when},
    visit::Visit,
};

const ROWS: u32 = 25;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    apres: String,
}

struct Row {
    href: String,
    title: String,
    from_town: bool,
    unread: bool,
    when: String,
    text: String,
}

#[derive(Template)]
#[template(path = "space/messages.html")]
struct Messages {
    page: Page,
    rows: Vec<Row>,
    first: bool,
    next: String,
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let account = owner(&visitor)?;
    let lang = page.language();
    let after = asked.apres.parse::<beffroi_core::Id<store::Letter>>().ok();
    let (mut found, titles, zone) = commune
        .read(visitor.by, move |tx| {
            let found = store::letters(tx, account, after, ROWS + 1)?;
            let titles = titles(tx, &desk, found.iter().map(|letter| letter.procedure.clone()), lang)?;
            Ok::<_, WebError>((found, titles, Town::load(tx)?.zone()))
        })
        .await?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let next = found.last().filter(|_| more);
    let next = next.map(|last| format!("/mon-compte/messages?apres={}", last.id)).unwrap_or_default();
    let rows = found
        .into_iter()
        .map(|letter| Row {
            href: format!("/compte/demarches/{}", letter.case),
            title: format!(
                "{} ({})",
                titles.get(&letter.procedure).map_or("", String::as_str),
                letter.reference
            ),
            from_town: letter.from_town,
            unread: letter.from_town && !letter.read,
            when: when(letter.at, zone, lang),
            text: letter.words,
        })
        .collect();
    render(&Messages { page, rows, first: after.is_none(), next })
}
