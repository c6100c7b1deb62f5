//! The way of a procedure’s cases as a picture, for agents.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use beffroi_people::department;
use beffroi_web::{Page, Result, WebError, render};

use super::diagram::{Diagram, Here, diagram};
use crate::{office::entitled, procedure::current_for, visit::Visit};

#[derive(Template)]
#[template(path = "office/procedure_steps.html")]
struct ProcedureSteps {
    page: Page,
    title: String,
    version: u32,
    diagram: Diagram,
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (form, names) = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            let form = current_for(tx, &desk.shelf, &slug)?;
            let names: HashMap<String, String> = department::list(tx)?
                .into_iter()
                .map(|department| (department.details.slug, department.details.name))
                .collect();
            Ok::<_, WebError>((form, names))
        })
        .await?;
    let procedure = form.procedure();
    render(&ProcedureSteps {
        title: procedure.title.fr.clone(),
        version: procedure.version,
        diagram: diagram(&page, procedure, &Here::Nowhere, &names),
        page,
    })
}
