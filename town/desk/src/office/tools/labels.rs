//! The labels of the departments whose cases an agent handles: made, and taken off every case.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::label::{self, Colour};
use beffroi_core::Id;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::handled;
use crate::{
    office::inbox::Choice,
    problem::Problem,
    visit::{Visit, case_error},
};

struct Row {
    id: String,
    colour: &'static str,
    name: String,
    department: String,
    /// Its word as it is changed, and what is wrong with that.
    typed: String,
    wrong: String,
    colours: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "office/tools/labels.html")]
struct Labels {
    page: Page,
    rows: Vec<Row>,
    places: Vec<Choice>,
    colours: Vec<Choice>,
    name: String,
    problems: Vec<Problem>,
}

impl Labels {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Every colour, by its name.
fn colours(page: &Page, chosen: &str) -> Vec<Choice> {
    let choice = |colour: &Colour| {
        let word = colour.as_str();
        Choice::of(word, page.t(&format!("office-colour-{word}")), chosen == word)
    };
    Colour::ALL.iter().map(choice).collect()
}

/// The page; `problem`: the field and the key of what is wrong with it.
async fn shown(visit: Visit, typed: FormPost, (field, problem): (&str, &'static str)) -> Result {
    let Visit { commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let (places, labels) = commune
        .read(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            let slugs: Vec<&str> = places.iter().map(|place| place.slug.as_str()).collect();
            let labels = label::of_departments(tx, &slugs)?;
            Ok::<_, WebError>((places, labels))
        })
        .await?;
    let rows = labels
        .into_iter()
        .map(|label| Row {
            colours: {
                let typed = typed.text(&format!("couleur-{}", label.id));
                colours(&page, if typed.is_empty() { label.colour.as_str() } else { typed })
            },
            typed: match typed.get(&format!("nom-{}", label.id)) {
                Some(typed) => typed.to_owned(),
                None => label.name.clone(),
            },
            wrong: if field == format!("nom-{}", label.id) {
                page.t(problem).to_owned()
            } else {
                String::new()
            },
            id: label.id.to_string(),
            colour: label.colour.as_str(),
            department: places
                .iter()
                .find(|place| place.slug == label.department)
                .map(|place| place.name.clone())
                .unwrap_or_default(),
            name: label.name,
        })
        .collect();
    let colours = colours(&page, typed.text("couleur"));
    let template = Labels {
        rows,
        places: places
            .iter()
            .map(|place| Choice::of(&place.slug, &place.name, typed.text("service") == place.slug))
            .collect(),
        colours,
        name: typed.text("nom").to_owned(),
        problems: Problem::alone(field, if problem.is_empty() { "" } else { page.t(problem) }),
        page,
    };
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &template)
}

pub(super) async fn list(visit: Visit) -> Result {
    shown(visit, FormPost::default(), ("nom", "")).await
}

pub(super) async fn create(visit: Visit, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let name = form.text("nom").to_owned();
    if name.is_empty() || name.chars().count() > label::LONGEST_NAME {
        return shown(visit, form, ("nom", "office-label-name")).await;
    }
    let department = form.text("service").to_owned();
    let colour = Colour::from_word(form.text("couleur")).unwrap_or(Colour::Grey);
    let made = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, places) = handled(tx, &who)?;
            // With one department, the page does not ask which.
            let only = places.first().filter(|_| places.len() == 1).map(|place| place.slug.clone());
            let department = only.unwrap_or(department);
            label::create(tx, &access, &department, &name, colour).map_err(case_error)
        })
        .await?;
    if made.is_none() {
        return shown(visit, form, ("nom", "office-label-taken")).await;
    }
    Ok(Redirect::to("/agents/etiquettes").into_response())
}

/// Changes a label's word and colour.
pub(super) async fn change(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let who = visit.visitor.require()?.clone();
    let id: Id<label::Label> = id.parse().map_err(|_| WebError::not_found())?;
    let field = format!("nom-{id}");
    let name = form.text(&field).to_owned();
    let colour = Colour::from_word(form.text(&format!("couleur-{id}")));
    let fits = !name.is_empty() && name.chars().count() <= label::LONGEST_NAME;
    let changed = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (access, _) = handled(tx, &who)?;
            let known = label::find(tx, &access, id).map_err(case_error)?;
            if !fits {
                return Ok(false);
            }
            let colour = colour.unwrap_or(known.colour);
            label::change(tx, &access, id, &name, colour).map_err(case_error)
        })
        .await?;
    if !changed {
        let problem = if fits { "office-label-taken" } else { "office-label-name" };
        return shown(visit, form, (field.as_str(), problem)).await;
    }
    Ok(Redirect::to("/agents/etiquettes").into_response())
}

pub(super) async fn remove(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<label::Label> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            let (access, _) = handled(tx, &who)?;
            label::remove(tx, &access, id).map_err(case_error)
        })
        .await?;
    Ok(Redirect::to("/agents/etiquettes").into_response())
}
