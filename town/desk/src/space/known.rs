//! What the town knows of whoever is signed in, sector by sector: what every service tells of its own accord. What is
//! wrong there is corrected by a request, begun from here.

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use beffroi_core::Sector;
use beffroi_people::Town;
use beffroi_web::{FormPost, Page, Result, WebError, personal::PersonalEntry, render};

use super::owner;
use crate::{
    draft,
    public::{DRAFT_COOKIE, draft_path, prefilled, with_cookie},
    visit::Visit,
};

/// The procedure by which data are corrected.
const RIGHTS: &str = "droits-donnees-personnelles";
/// Characters of what a correction is about, as its form takes them.
const ABOUT_AT_MOST: usize = 200;

struct Fact {
    label: String,
    value: String,
}

struct Thing {
    title: String,
    href: String,
    facts: Vec<Fact>,
    /// Whether the town keeps it for a sector: what belongs to the account alone is changed there.
    of_town: bool,
}

struct Group {
    id: String,
    title: String,
    things: Vec<Thing>,
}

#[derive(Template)]
#[template(path = "space/known.html")]
struct Known {
    page: Page,
    groups: Vec<Group>,
    correctable: bool,
}

fn thing(entry: PersonalEntry) -> Thing {
    let facts = entry.facts.into_iter().map(|(label, value)| Fact { label, value }).collect();
    Thing { title: entry.title, href: entry.href, facts, of_town: entry.sector.is_some() }
}

pub(super) async fn show(Visit { app, desk, commune, visitor, page, .. }: Visit) -> Result {
    let account = owner(&visitor)?;
    let lang = page.language();
    let (data, correctable) = commune
        .read(visitor.by, move |tx| {
            let data = app.personal_data(tx, account.uuid(), lang)?;
            Ok::<_, WebError>((data, desk.shelf.current(tx, RIGHTS)?.is_some()))
        })
        .await?;
    let mut groups = Vec::new();
    let mut entries = data.entries;
    for sector in [None].into_iter().chain(Sector::ALL.map(Some)) {
        let (here, rest): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.sector == sector);
        entries = rest;
        if here.is_empty() {
            continue;
        }
        let word = sector.map_or("account", Sector::as_str);
        groups.push(Group {
            id: word.to_owned(),
            title: page.t(&format!("desk-sector-{word}")).to_owned(),
            things: here.into_iter().map(thing).collect(),
        });
    }
    render(&Known { page, groups, correctable })
}

/// Begins the request by which something is corrected, with what it is about filled in.
pub(super) async fn correct(Visit { desk, commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let account = owner(&visitor)?;
    let who = visitor.signed_in.clone();
    let about: String = form.text("objet").chars().take(ABOUT_AT_MOST).collect();
    let code = commune
        .write(visitor.by, move |tx| {
            let form = desk.shelf.current(tx, RIGHTS)?.ok_or_else(WebError::not_found)?;
            let mut answers = prefilled(tx, &form, who.as_ref())?;
            for (field, value) in [("droits", "rectification"), ("fichier", about.as_str()), ("pour", "moi")]
            {
                if form.field(field).is_some() {
                    answers.set(field, value.to_owned());
                }
            }
            let procedure = form.procedure();
            let zone = Town::load(tx)?.zone();
            let (_, code) = draft::start(tx, procedure, Some(account), &answers, zone)?;
            Ok::<_, WebError>(code)
        })
        .await?;
    let path = draft_path(RIGHTS);
    let cookie = visitor.own_cookie(DRAFT_COOKIE, &code.to_string(), &path)?;
    Ok(with_cookie(Redirect::to(&path).into_response(), cookie))
}
