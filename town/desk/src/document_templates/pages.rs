//! The templates of documents: the commune's own and those of the house, and a new one.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_people::Town;
use beffroi_typeset::HouseTemplate;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    ROOT,
    commands::{self, TITLE_AT_MOST, TemplateError},
    entitled, source_of, store, title_of,
    trial::{self, Example},
};
use crate::{
    control::Choosable,
    problem::Problem,
    public::{pdf_answer, when},
    visit::Visit,
};

struct Own {
    href: String,
    title: String,
    slug: String,
    version: u32,
    used_by: String,
    retired: String,
    /// Where what waits for a second person is read; `""` where nothing does.
    waits: String,
}

struct House {
    title: String,
    text: String,
    pdf: String,
    copy: String,
}

#[derive(Template)]
#[template(path = "document_templates/list.html")]
struct List {
    page: Page,
    said: String,
    own: Vec<Own>,
    house: Vec<House>,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    pub fait: String,
}

pub(super) async fn list(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(done): Query<Done>,
) -> Result {
    let who = visitor.require()?.clone();
    let (kept, forms, zone, drafted) = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>((store::list(tx)?, desk.shelf.offered(tx)?, zone, store::drafted(tx)?))
        })
        .await?;
    let own = kept.into_iter().map(|template| {
        let users = commands::users(forms.iter().map(|form| &**form), &template.slug);
        let titles: Vec<_> = users.into_iter().map(|(_, title)| title).collect();
        let at = template.retired_at.map(|at| when(at, zone, page.language()));
        Own {
            href: format!("{ROOT}/{}", template.slug),
            waits: if drafted.contains(&template.slug) {
                format!("{ROOT}/{}/brouillon", template.slug)
            } else {
                String::new()
            },
            used_by: titles.join(", "),
            retired: at
                .map(|at| page.tr("office-template-retired-on", &[("when", at.into())]))
                .unwrap_or_default(),
            title: template.title,
            slug: template.slug,
            version: template.version,
        }
    });
    let own = own.collect();
    let house = HouseTemplate::ALL.map(|template| House {
        title: title_of(&page, template),
        text: page.t(&format!("office-template-house-{}-text", template.slug())).to_owned(),
        pdf: format!("{ROOT}/{}/apercu.pdf", template.slug()),
        copy: format!("{ROOT}/nouveau?depuis={}", template.slug()),
    });
    let said =
        if done.fait == "retire" { page.t("office-template-done-retired").to_owned() } else { String::new() };
    render(&List { said, own, house: house.into(), page })
}

#[derive(Template)]
#[template(path = "document_templates/new.html")]
struct New {
    page: Page,
    title: String,
    error: String,
    problems: Vec<Problem>,
    bases: Vec<Choosable>,
}

fn new_page(page: Page, title: &str, error: &str, (from, own): (&str, &[store::Kept])) -> New {
    let house = HouseTemplate::ALL.map(|template| (template.slug().to_owned(), title_of(&page, template)));
    let own = own.iter().map(|template| (template.slug.clone(), template.title.clone()));
    let bases = house.into_iter().chain(own).map(|(value, label)| Choosable {
        chosen: value == from,
        hint: String::new(),
        value,
        label,
    });
    New {
        bases: bases.collect(),
        title: title.to_owned(),
        error: error.to_owned(),
        problems: Problem::alone("title", error),
        page,
    }
}

#[derive(Deserialize)]
pub(super) struct Base {
    #[serde(default)]
    depuis: String,
}

pub(super) async fn ask_new(Visit { commune, visitor, page, .. }: Visit, Query(from): Query<Base>) -> Result {
    let who = visitor.require()?.clone();
    let own = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            Ok::<_, WebError>(store::list(tx)?)
        })
        .await?;
    render(&new_page(page, "", "", (&from.depuis, &own)))
}

pub(super) async fn begin(Visit { commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (title, from) = (form.text("title").to_owned(), form.text("from").to_owned());
    let done = commune
        .write(visitor.by, move |tx| {
            let permit = entitled(tx, &who)?;
            let own = store::list(tx)?;
            let (source, _) = source_of(tx, &from)?.ok_or_else(WebError::not_found)?;
            match commands::begin(tx, &permit, &title, &source) {
                Ok(slug) => Ok(Ok(slug)),
                Err(TemplateError::Store(error)) => Err(error.into()),
                Err(error) => Ok::<_, WebError>(Err((own, error))),
            }
        })
        .await?;
    let (own, error) = match done {
        Ok(slug) => return Ok(super::to(&format!("{ROOT}/{slug}"))),
        Err(refused) => refused,
    };
    let told = match error {
        TemplateError::TooMany => page.t("office-template-too-many").to_owned(),
        _ => page.tr("office-template-wrong-title", &[("limit", TITLE_AT_MOST.to_string().into())]),
    };
    let view = new_page(page, form.text("title"), &told, (form.text("from"), &own));
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// A template as it stands, laid out with its example.
pub(super) async fn pdf(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (name, parts) = (slug.clone(), std::sync::Arc::clone(&desk));
    let (source, example) = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            let (source, _) = source_of(tx, &name)?.ok_or_else(WebError::not_found)?;
            let sample = store::find(tx, &name)?.map(|template| template.sample).unwrap_or_default();
            Ok::<_, WebError>((source, Example::load(tx, &parts.shelf, &sample)?))
        })
        .await?;
    visitor.limit(&app, Purpose::PAPER)?;
    let title = page.t("office-template-example-title").to_owned();
    match trial::run(&desk, &page, example, (&source, &title)).await? {
        Ok(pdf) => Ok(pdf_answer(pdf, &format!("{slug}.pdf"), false)),
        Err(told) => Err(WebError::conflict().log(told)),
    }
}
