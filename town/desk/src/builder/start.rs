//! A draft begun: from nothing, from a version that is or was offered, from a file.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::Response,
};
use beffroi_forms::{Procedure, Text, name_of_label};
use beffroi_web::{FormLimits, FormPost, FormReader, Page, Result, WebError, page::render_as, render};
use futures_util::StreamExt;

use super::{
    base,
    commands::{self, DEFINITION_AT_MOST, DraftError},
    entitled,
    fill::{Control, Desk, Filled, Shape},
    shipped, store, to,
};
use crate::{permission::EditProcedures, problem::Problem, visit::Visit};

#[derive(Template)]
#[template(path = "builder/start.html")]
struct StartPage {
    page: Page,
    controls: Vec<Control>,
    problems: Vec<Problem>,
    /// The draft that has the name already.
    taken: String,
    file_error: String,
    text: String,
}

impl StartPage {
    fn new(page: Page, filled: &Filled, offered: Vec<(String, String)>, taken: String) -> Self {
        let controls = {
            let desk = Desk { page: &page, filled, part: "start" };
            let mut from = desk.labelled("from", offered);
            from.insert(
                0,
                crate::control::Choosable {
                    value: String::new(),
                    label: page.t("office-builder-start-from-nothing").to_owned(),
                    hint: String::new(),
                    chosen: filled.text("from").is_empty(),
                },
            );
            vec![desk.line("title"), desk.line("slug").optional(), desk.control("from", Shape::Select(from))]
        };
        Self {
            controls,
            problems: filled.problems.clone(),
            taken,
            file_error: filled.error("file"),
            text: filled.value("text").to_owned(),
            page,
        }
    }
}

/// The procedures that are offered: name and title.
fn offered(
    desk: &crate::Parts,
    tx: &mut beffroi_store::Tx<'_>,
) -> beffroi_store::Result<Vec<(String, String)>> {
    let forms = desk.shelf.offered(tx)?;
    Ok(forms.iter().map(|form| (form.procedure().slug.clone(), form.procedure().title.fr.clone())).collect())
}

pub(super) async fn show(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let offered = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            Ok::<_, WebError>(offered(&desk, tx)?)
        })
        .await?;
    render(&StartPage::new(page, &Filled::default(), offered, String::new()))
}

/// A procedure of which nothing is said yet.
pub(super) fn blank() -> Result<Procedure> {
    const BLANK: &str = "slug = 'nouvelle'\nversion = 1\ntitle = ''\nsummary = ''\nsector = 'general'\nwho = ''\n\
                         delay = ''\ncost = 'Gratuit'\noutcome = ''\n";
    Procedure::from_toml(BLANK).map_err(WebError::internal)
}

/// What a form asks for, with the text of the file that came with it.
async fn receive(request: Request) -> Result<(FormPost, Option<String>)> {
    let limits = FormLimits { files: 1, bytes: DEFINITION_AT_MOST + (64 << 10), ..FormLimits::default() };
    let mut reader = FormReader::new(request, limits).await?;
    let mut text = None;
    while let Some(mut file) = reader.next_file().await? {
        let mut bytes = Vec::new();
        while let Some(chunk) = file.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| WebError::bad_request().log(error))?);
            if bytes.len() > DEFINITION_AT_MOST {
                return Err(WebError::too_large());
            }
        }
        text = Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    let form = reader.finish();
    let typed = Some(form.text("text").to_owned()).filter(|text| !text.is_empty());
    Ok((form, text.filter(|text| !text.trim().is_empty()).or(typed)))
}

pub(super) async fn begin(Visit { desk, commune, visitor, page, .. }: Visit, request: Request) -> Result {
    visitor.require()?;
    let (form, file) = receive(request).await?;
    let who = visitor.require()?.clone();
    let mut filled = Filled::of(&form);
    let imported = match &file {
        Some(text) if form.get("import").is_some() => match Procedure::from_toml(text) {
            Ok(procedure) => Some(procedure),
            Err(error) => {
                let line = error.line(text).map(|line| line.to_string()).unwrap_or_default();
                let told = page.tr("office-builder-wrong-file", &[("line", line.into())]);
                filled.wrong("file", format!("{told} {error}"));
                None
            }
        },
        None if form.get("import").is_some() => {
            filled.wrong("file", page.t("office-builder-wrong-no-file"));
            None
        }
        _ => None,
    };
    let title = filled.text("title").to_owned();
    if form.get("import").is_none() && title.is_empty() {
        filled.wrong("title", page.t("office-builder-wrong-title"));
    }
    let slug = match filled.text("slug") {
        "" => name_of_label(&title, '-'),
        slug => slug.to_owned(),
    };
    if !is_slug(&slug) && form.get("import").is_none() {
        filled.wrong("slug", page.t("office-builder-wrong-slug"));
    }
    let from = filled.text("from").to_owned();
    let right = filled.is_right();
    let importing = imported.is_some();
    let begun = commune
        .write(visitor.by, move |tx| {
            let permit = entitled::<EditProcedures>(tx, &who)?;
            let offered = offered(&desk, tx)?;
            if !right {
                return Ok((offered, None));
            }
            let procedure = match imported {
                Some(procedure) => procedure,
                None => match desk.shelf.current(tx, &from)? {
                    Some(form) => {
                        let mut copy = form.procedure().clone();
                        copy.slug.clone_from(&slug);
                        copy.version = 1;
                        copy.title = Text { fr: title.clone(), ..Text::default() };
                        copy
                    }
                    None => Procedure { slug: slug.clone(), title: Text::from(title.as_str()), ..blank()? },
                },
            };
            // A name that is offered already means the next version of what is offered, and not another thing.
            // A file names itself: what it names is what it changes.
            if importing || store::versions(tx, &procedure.slug)?.is_empty() {
                let begun = commands::begin(tx, &permit, &procedure);
                if begun.is_ok() && !importing {
                    shipped::take(tx, &from, &procedure)?;
                }
                return Ok((offered, Some(begun)));
            }
            Ok::<_, WebError>((offered, Some(Err(DraftError::NameFixed))))
        })
        .await?;
    let taken = match begun {
        (_, Some(Ok(id))) => return Ok(to(&base(id))),
        (offered, Some(Err(error))) => {
            let taken = match error {
                DraftError::Taken(id) => {
                    filled.wrong("slug", page.t("office-builder-wrong-slug-taken"));
                    base(id)
                }
                DraftError::NameFixed => {
                    filled.wrong("slug", page.t("office-builder-wrong-slug-offered"));
                    String::new()
                }
                other => return Err(other.into()),
            };
            (offered, taken)
        }
        (offered, None) => (offered, String::new()),
    };
    let (offered, taken) = taken;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &StartPage::new(page, &filled, offered, taken))
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 80
        && text.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
}

/// The next version of what is offered, or an earlier one taken up again; or the draft that there is already.
pub(super) async fn from_version(
    Visit { commune, visitor, .. }: Visit,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result<Response> {
    let who = visitor.require()?.clone();
    let wanted: Option<u32> = form.text("version").parse().ok();
    let id = commune
        .write(visitor.by, move |tx| {
            let permit = entitled::<EditProcedures>(tx, &who)?;
            let versions = store::versions(tx, &slug)?;
            let latest = versions.first().map(|version| version.number).ok_or_else(WebError::not_found)?;
            let definition = store::definition(tx, &slug, wanted.unwrap_or(latest))?;
            let definition = definition.ok_or_else(WebError::not_found)?;
            let mut procedure = Procedure::from_toml(&definition).map_err(WebError::internal)?;
            procedure.version = latest + 1;
            match commands::begin(tx, &permit, &procedure) {
                Ok(id) => {
                    shipped::take(tx, &slug, &procedure)?;
                    Ok::<_, WebError>(id)
                }
                Err(DraftError::Taken(id)) => Ok(id),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    Ok(to(&base(id)))
}
