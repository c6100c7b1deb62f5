//! Departments: the list, a new one, a change.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_core::{Id, Sector};
use beffroi_people::{
    Department,
    department::{self, DepartmentDetails, DepartmentError},
    permission::{ManageDepartments, permit},
};
use beffroi_web::{App, CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as, render};

use super::{Failed, Office, settle};
use crate::{
    back::Asked,
    fill::{Choice, Control, Filled, Line},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/services", get(list))
        .route("/admin/services/nouveau", get(show_new).post(create))
        .route("/admin/services/{id}", get(show).post(change))
}

#[derive(Template)]
#[template(path = "departments.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    heads: Vec<String>,
    done: bool,
}

struct Row {
    href: String,
    name: String,
    parent: String,
    sector: String,
    contact: String,
}

#[derive(Template)]
#[template(path = "department.html")]
struct DepartmentPage {
    page: Page,
    title: String,
    /// The short name of one that exists: shown, and never changed.
    slug: Option<String>,
    filled: Filled,
    lines: Vec<Line>,
}

async fn list(
    _: Office<ManageDepartments>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let all = commune.read(visitor.by, department::list).await?;
    let name_of = |id| all.iter().find(|it| Some(it.id) == id).map_or("–", |it| it.details.name.as_str());
    let row = |it: &Department| Row {
        href: format!("/admin/services/{}", it.id),
        name: it.details.name.clone(),
        parent: name_of(it.details.parent).to_owned(),
        sector: sector(&page, it.details.sector),
        contact: [it.details.phone.as_str(), it.details.email.as_str()]
            .into_iter()
            .filter(|way| !way.is_empty())
            .collect::<Vec<_>>()
            .join(" – "),
    };
    let rows = all.iter().map(row).collect();
    let heads = ["name", "parent", "sector", "contact"]
        .map(|head| page.t(&format!("accounts-department-{head}")).to_owned())
        .into();
    render(&ListPage { rows, heads, done: !asked.fait.is_empty(), page })
}

async fn show_new(_: Office<ManageDepartments>, page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let all = commune.read(visitor.by, department::list).await?;
    let filled = Filled::with([("sector", Sector::General.as_str())]);
    render(&DepartmentPage::new(page, &all, None, filled))
}

async fn create(
    office: Office<ManageDepartments>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    keep(office, page, visitor, commune, form, None).await
}

async fn show(
    _: Office<ManageDepartments>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let all = commune.read(visitor.by, department::list).await?;
    let id = named(&id)?;
    let found = all.iter().find(|it| it.id == id).ok_or_else(WebError::not_found)?.details.clone();
    let filled = Filled::with([
        ("parent", &found.parent.map_or(String::new(), |it| it.to_string())),
        ("name", &found.name),
        ("phone", &found.phone),
        ("email", &found.email),
        ("postal-address", &found.postal_address),
        ("hours", &found.hours),
        ("sector", found.sector.as_str()),
    ]);
    render(&DepartmentPage::new(page, &all, Some(id), filled))
}

async fn change(
    office: Office<ManageDepartments>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let id = named(&id)?;
    keep(office, page, visitor, commune, form, Some(id)).await
}

fn named(id: &str) -> Result<Id<Department>> {
    id.parse().map_err(|_| WebError::not_found())
}

async fn keep(
    office: Office<ManageDepartments>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
    id: Option<Id<Department>>,
) -> Result {
    let mut filled = Filled::of(&form);
    filled.require(&page, "name", "accounts-department-name-missing");
    if filled.is_right() {
        let mut details = read(&form)?;
        let kept = commune.write(visitor.by, move |tx| -> Result<(), Failed<DepartmentError>> {
            let permit = permit::<ManageDepartments>(tx, &office.who, None)?;
            match id {
                Some(id) => {
                    details.slug = department::find(tx, id)?.ok_or(DepartmentError::Unknown)?.details.slug;
                    Ok(department::change(tx, &permit, id, &details)?)
                }
                None => Ok(department::create(tx, &permit, &details).map(drop)?),
            }
        });
        let (field, message) = match settle(kept.await)? {
            Ok(()) => return Ok(Redirect::to("/admin/services?fait=oui").into_response()),
            Err(DepartmentError::BadSlug(_)) => ("slug", "accounts-department-slug-wrong"),
            Err(DepartmentError::SlugTaken(_)) => ("slug", "accounts-department-slug-taken"),
            Err(DepartmentError::Loop) => ("parent", "accounts-department-loop"),
            Err(DepartmentError::SlugFixed) => return Err(WebError::conflict()),
            Err(DepartmentError::Unknown) => return Err(WebError::not_found()),
            Err(DepartmentError::Store(error)) => return Err(error.into()),
        };
        filled.wrong(field, page.t(message));
    }
    let all = commune.read(visitor.by, department::list).await?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &DepartmentPage::new(page, &all, id, filled))
}

fn read(form: &FormPost) -> Result<DepartmentDetails> {
    let text = |name: &str| form.text(name).to_owned();
    let parent = form.text("parent");
    Ok(DepartmentDetails {
        slug: text("slug"),
        parent: if parent.is_empty() { None } else { Some(named(parent)?) },
        name: text("name"),
        phone: text("phone"),
        email: text("email"),
        postal_address: text("postal-address"),
        hours: text("hours"),
        sector: Sector::from_word(form.text("sector")).ok_or_else(WebError::bad_request)?,
    })
}

fn sector(page: &Page, sector: Sector) -> String {
    page.t(&format!("accounts-sector-{}", sector.as_str())).to_owned()
}

impl DepartmentPage {
    fn new(page: Page, all: &[Department], id: Option<Id<Department>>, filled: Filled) -> Self {
        let line =
            |name, control| Line::new(&page, &filled, &format!("accounts-department-{name}"), name, control);
        let none = page.t("accounts-department-no-parent");
        let above = all.iter().filter(|it| Some(it.id) != id);
        let parents = std::iter::once(Choice::new(&filled, "parent", "", none))
            .chain(
                above.map(|it| Choice::new(&filled, "parent", it.id.to_string(), it.details.name.as_str())),
            )
            .collect();
        let sectors = Sector::ALL
            .into_iter()
            .map(|it| Choice::new(&filled, "sector", it.as_str(), sector(&page, it)))
            .collect();
        let slug = all.iter().find(|it| Some(it.id) == id).map(|it| it.details.slug.clone());
        let mut lines = vec![line("name", Control::Line("text")).required()];
        if slug.is_none() {
            lines.push(line("slug", Control::Line("text")).required());
        }
        lines.extend([
            line("parent", Control::OneOf(parents)).required(),
            line("sector", Control::OneOf(sectors)).required(),
            line("phone", Control::Line("tel")),
            line("email", Control::Line("email")),
            line("postal-address", Control::Lines),
            line("hours", Control::Lines),
        ]);
        let title = match id {
            Some(_) => "accounts-department-change",
            None => "accounts-department-new",
        };
        Self { title: page.t(title).to_owned(), slug, lines, filled, page }
    }
}
