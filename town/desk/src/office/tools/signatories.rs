//! Who signs the decisions of a department: kept by whoever answers for it, chosen by who decides.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_people::{Department, SignedIn};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::workload;
use crate::{
    daily::signatory::{self, LONGEST, Signatory},
    office::inbox::Choice,
    problem::Problem,
    visit::Visit,
};

struct Row {
    id: String,
    name: String,
    quality: String,
    delegation: String,
    department: String,
}

#[derive(Template)]
#[template(path = "office/tools/signatories.html")]
struct Signatories {
    page: Page,
    rows: Vec<Row>,
    places: Vec<Choice>,
    typed: FormPost,
    problems: Vec<Problem>,
}

impl Signatories {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.get(field).unwrap_or_default()
    }
}

/// The departments for which somebody answers; whoever answers for none is not told that there is a page.
fn answered_for(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Department>> {
    super::entitled(tx, who)?;
    let departments = workload::departments(tx, who)?;
    if departments.is_empty() { Err(WebError::not_found()) } else { Ok(departments) }
}

async fn shown(visit: Visit, typed: FormPost, wrong: &[(&str, &str)]) -> Result {
    let Visit { commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let (departments, signatories) = commune
        .read(visitor.by, move |tx| {
            let departments = answered_for(tx, &who)?;
            let slugs: Vec<&str> = departments.iter().map(|it| it.details.slug.as_str()).collect();
            let signatories = signatory::of_departments(tx, &slugs)?;
            Ok::<_, WebError>((departments, signatories))
        })
        .await?;
    let name_of = |slug: &str| {
        let found = departments.iter().find(|it| it.details.slug == slug);
        found.map(|it| it.details.name.clone()).unwrap_or_default()
    };
    let rows = signatories
        .into_iter()
        .map(|it| Row {
            id: it.id.to_string(),
            department: name_of(&it.department),
            name: it.name,
            quality: it.quality,
            delegation: it.delegation,
        })
        .collect();
    let places = departments
        .iter()
        .map(|it| Choice::of(&it.details.slug, &it.details.name, typed.text("service") == it.details.slug))
        .collect();
    let problems = wrong
        .iter()
        .map(|(field, key)| Problem {
            field: (*field).to_owned(),
            message: page.tr(key, &[("limit", LONGEST.into())]),
        })
        .collect();
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &Signatories { page, rows, places, typed, problems })
}

pub(super) async fn list(visit: Visit) -> Result {
    shown(visit, FormPost::default(), &[]).await
}

pub(super) async fn add(visit: Visit, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let mut wrong = Vec::new();
    for (field, missing, required) in [
        ("nom", "office-missing-signatory", true),
        ("qualite", "office-missing-quality", true),
        ("delegation", "", false),
    ] {
        let text = form.text(field);
        if required && text.is_empty() {
            wrong.push((field, missing));
        } else if text.chars().count() > LONGEST {
            wrong.push((field, "office-too-long"));
        }
    }
    if !wrong.is_empty() {
        return shown(visit, form, &wrong).await;
    }
    let typed = form.clone();
    let added = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let departments = answered_for(tx, &who)?;
            // With one department, the page does not ask which.
            let chosen = departments
                .iter()
                .find(|it| departments.len() == 1 || it.details.slug == typed.text("service"))
                .ok_or_else(WebError::not_found)?;
            let new = Signatory {
                id: tx.new_id(),
                department: chosen.details.slug.clone(),
                name: typed.text("nom").to_owned(),
                quality: typed.text("qualite").to_owned(),
                delegation: typed.text("delegation").to_owned(),
            };
            Ok::<_, WebError>(signatory::add(tx, &new)?)
        })
        .await?;
    if !added {
        return shown(visit, form, &[("nom", "office-signatory-taken")]).await;
    }
    Ok(Redirect::to("/agents/signataires").into_response())
}

pub(super) async fn remove(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Signatory> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            let departments = answered_for(tx, &who)?;
            let found = signatory::find(tx, id)?
                .filter(|found| departments.iter().any(|it| it.details.slug == found.department))
                .ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(signatory::remove(tx, &found)?)
        })
        .await?;
    Ok(Redirect::to("/agents/signataires").into_response())
}
