//! The views that an agent keeps, and those that the departments share: each with how many cases it shows, counted no
//! further than a hundred.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::inbox::COUNTED_AT_MOST;
use beffroi_core::Id;
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, render};

use super::super::{entitled, search};
use crate::{
    daily::saved::{self, View},
    finding,
    visit::Visit,
};

/// Views that are counted on one page.
const COUNTED: usize = 30;

struct Row {
    /// Where one's own can be forgotten; `""` for another's.
    id: String,
    name: String,
    href: String,
    count: String,
    shared: String,
}

#[derive(Template)]
#[template(path = "office/tools/views.html")]
struct Views {
    page: Page,
    rows: Vec<Row>,
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let me = who.account.uuid();
    let (places, views) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let slugs: Vec<String> = places.iter().map(|place| place.slug.clone()).collect();
            let within: Vec<&str> = slugs.iter().map(String::as_str).collect();
            let views = saved::of(tx, me, &within)?;
            let mut counted = Vec::with_capacity(views.len());
            for (rank, view) in views.into_iter().enumerate() {
                let question = search::question_of(&view, me).filter(|_| rank < COUNTED);
                let count = match question {
                    // A view of a department that the agent no longer sees counts nothing.
                    Some(question) => {
                        finding::count(tx, &access, &slugs, &question, COUNTED_AT_MOST as usize).ok()
                    }
                    None => None,
                };
                counted.push((view, count));
            }
            Ok::<_, WebError>((places, counted))
        })
        .await?;
    let many = COUNTED_AT_MOST as usize;
    let rows = views
        .into_iter()
        .map(|(view, count)| Row {
            id: if view.owner == me { view.id.to_string() } else { String::new() },
            href: view.href(),
            shared: places
                .iter()
                .find(|place| place.slug == view.department)
                .map(|place| place.name.clone())
                .unwrap_or_default(),
            count: match count {
                Some(count) if count > many => format!("{many}+"),
                Some(count) => count.to_string(),
                None => String::new(),
            },
            name: view.name,
        })
        .collect();
    render(&Views { page, rows })
}

/// Keeps a view, for its owner or for a department that they see; `None` where it is none.
pub(crate) fn kept_view(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    department: &str,
    name: &str,
    address: (&str, &str),
) -> Result<Option<Id<View>>> {
    let (_, places) = entitled(tx, who)?;
    if !department.is_empty() && places.iter().all(|place| place.slug != department) {
        return Err(WebError::not_found());
    }
    Ok(saved::keep(tx, who.account.uuid(), department, name, address)?)
}

pub(super) async fn keep(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (path, query) = (form.text("page").to_owned(), form.text("adresse").to_owned());
    let back = format!("{path}?{query}");
    let name = form.text("nom").to_owned();
    let department = form.text("partage").to_owned();
    let kept =
        commune.write(visitor.by, move |tx| kept_view(tx, &who, &department, &name, (&path, &query))).await?;
    let target = if kept.is_some() { back.as_str() } else { "/agents/vues" };
    Ok(Redirect::to(target).into_response())
}

pub(super) async fn forget(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<View> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            let gone = saved::forget(tx, who.account.uuid(), id)?;
            if gone { Ok(()) } else { Err(WebError::not_found()) }
        })
        .await?;
    Ok(Redirect::to("/agents/vues").into_response())
}
