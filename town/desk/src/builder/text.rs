//! A procedure as its file: to be read, corrected by whoever knows the format, and taken elsewhere.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_forms::Procedure;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{base, commands, commands::DraftError, open, to};
use crate::{download, problem::Problem, visit::Visit};

#[derive(Template)]
#[template(path = "builder/text.html")]
struct TextPage {
    page: Page,
    base: String,
    procedure: String,
    text: String,
    error: String,
    problems: Vec<Problem>,
    revision: u32,
    overtaken: String,
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Path(draft): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    render(&TextPage {
        base: base(open.kept.id),
        procedure: open.procedure.title.fr.clone(),
        text: open.kept.definition,
        error: String::new(),
        problems: Vec::new(),
        revision: open.kept.revision,
        overtaken: String::new(),
        page,
    })
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let text = form.get("text").unwrap_or_default().to_owned();
    let seen: u32 = form.text("revision").parse().unwrap_or_default();
    let read = Procedure::from_toml(&text);
    let mut error = match &read {
        Ok(_) => String::new(),
        Err(error) => {
            let line = error.line(&text).map(|line| line.to_string()).unwrap_or_default();
            format!("{} {error}", page.tr("office-builder-wrong-file", &[("line", line.into())]))
        }
    };
    let (open, refused) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let Ok(next) = read else { return Ok((open, None)) };
            if open.kept.revision != seen {
                return Ok((open, Some(Err(DraftError::Overtaken))));
            }
            let done = commands::change(tx, &open.permit, &open.kept, &next);
            Ok::<_, WebError>((open, Some(done)))
        })
        .await?;
    let base = base(open.kept.id);
    let mut overtaken = String::new();
    match refused {
        Some(Ok(())) => return Ok(to(&base)),
        Some(Err(DraftError::Overtaken)) => {
            page.t("office-builder-overtaken-here").clone_into(&mut overtaken);
        }
        Some(Err(DraftError::NameFixed)) => page.t("office-builder-wrong-slug-fixed").clone_into(&mut error),
        Some(Err(DraftError::Taken(_))) => page.t("office-builder-wrong-slug-taken").clone_into(&mut error),
        Some(Err(other)) => return Err(other.into()),
        None => {}
    }
    let status = if overtaken.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    render_as(
        status,
        &TextPage {
            procedure: open.procedure.title.fr.clone(),
            problems: Problem::alone("text", &error),
            revision: if overtaken.is_empty() { seen } else { open.kept.revision },
            overtaken,
            text,
            error,
            base,
            page,
        },
    )
}

/// What a definition is, as a file.
pub(super) const TOML: &str = "application/toml; charset=utf-8";

pub(super) async fn export(Visit { commune, visitor, .. }: Visit, Path(draft): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    download::text(open.kept.definition, &format!("{}.toml", open.kept.slug), TOML)
}
