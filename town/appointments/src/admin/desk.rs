//! A counter, or an agent who receives: its name, its department, its place in lists, and what is kept of its hours for
//! the same day. When it receives, and for what, is said on the page of its presences.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    openings::{OnHolidays, Openings},
    resource::{Name, Resource, ResourceError},
};
use beffroi_core::{Id, Lang};
use beffroi_people::{Department, SignedIn, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong,
    openings::{self, Asked, Fault, Shown},
    page::render_as,
};

use super::{
    allowed, departments,
    fields::{self, Fields},
    scope,
    site::fault,
};
use crate::site::{self, DeskDetails, RESERVE_AT_MOST, Site, SiteError};

#[derive(Template)]
#[template(path = "appointments_admin_desk.html")]
struct DeskPage {
    page: Page,
    is_new: bool,
    title: String,
    place: String,
    action: String,
    presence_href: String,
    fields: Fields,
    departments: Vec<Choice>,
    kinds: Vec<Choice>,
    /// What is kept for the same day.
    reserve: Shown,
}

/// What is wrong with what was filled in.
#[derive(Default)]
struct Faults {
    fields: Vec<Wrong>,
    reserve: Vec<Fault>,
}

impl From<Wrong> for Faults {
    fn from(wrong: Wrong) -> Self {
        Self { fields: vec![wrong], reserve: Vec::new() }
    }
}

/// All that is read of a counter and of what it is chosen from.
struct Read {
    id: Option<Id<Resource>>,
    before: DeskDetails,
    site: Site,
    scope: Scope,
    departments: Vec<Department>,
}

/// Which counter: a new one of a site, or one that there is.
#[derive(Clone)]
enum Which {
    NewOf(String),
    Known(String),
}

impl Read {
    fn of(tx: &mut Tx<'_>, who: &SignedIn, which: &Which) -> Result<Self> {
        let scope = scope(tx, who)?;
        let departments = departments(tx, &scope)?;
        let mut sites = site::sites(tx)?;
        let mut site = |is: &dyn Fn(&Site) -> bool| {
            let found = sites.iter().position(is).map(|rank| sites.swap_remove(rank));
            found.ok_or_else(WebError::not_found)
        };
        match which {
            Which::NewOf(slug) => {
                let site = site(&|it| it.resource.details.slug == *slug)?;
                let before = DeskDetails {
                    slug: String::new(),
                    name: Name::default(),
                    is_person: false,
                    site: site.resource.id,
                    department: departments.first().map(|it| it.id),
                    rank: 1,
                    active: true,
                    presence: Openings::default(),
                    reserve: Vec::new(),
                    motives: std::collections::BTreeSet::new(),
                };
                Ok(Self { id: None, before, site, scope, departments })
            }
            Which::Known(slug) => {
                let found = site::desks(tx)?.into_iter().find(|it| it.resource.details.slug == *slug);
                let found =
                    found.filter(|it| scope.contains(it.department)).ok_or_else(WebError::not_found)?;
                let site = site(&|it| it.resource.id == found.site)?;
                Ok(Self { id: Some(found.resource.id), before: found.details(), site, scope, departments })
            }
        }
    }

    fn form(&self, lang: Lang) -> FormPost {
        let before = &self.before;
        let mut form = FormPost::default()
            .with("nom", before.name.fr.clone())
            .with("nom_en", before.name.en.clone())
            .with("adresse_web", before.slug.clone())
            .with("genre", if before.is_person { "personne" } else { "guichet" }.to_owned())
            .with("service", fields::slug_of(&self.departments, before.department))
            .with("rang", before.rank.to_string());
        if before.active {
            form = form.with("actif", "true".to_owned());
        }
        let reserve = Openings { rules: before.reserve.clone(), ..Openings::default() };
        openings::fields(&reserve, form, OnHolidays::Same, lang)
    }

    /// What is filled in, upon what was there.
    fn filled(&self, form: &FormPost) -> Result<DeskDetails, Faults> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let department = fields::department(form, (&self.departments, &self.scope), &mut wrong);
        let rank = fields::rank(form, &mut wrong);
        let is_new = self.id.is_none();
        let slug = if is_new { form.text("adresse_web").to_owned() } else { self.before.slug.clone() };
        if is_new && !fields::is_slug(&slug) {
            wrong.push(("adresse_web", "appointments-office-admin-wrong-slug"));
        }
        let (reserve, mut faults) = match openings::read(form, None) {
            Ok(openings) => (openings.rules, Vec::new()),
            Err(faults) => (Vec::new(), faults),
        };
        if reserve.len() > RESERVE_AT_MOST {
            faults.push(("horaires".to_owned(), "openings-wrong-many"));
        }
        let details = DeskDetails {
            slug,
            name: fields::name(form, "nom"),
            is_person: if is_new { form.text("genre") == "personne" } else { self.before.is_person },
            department,
            rank,
            active: form.get("actif").is_some(),
            reserve,
            ..self.before.clone()
        };
        if !details.name.is_fit() {
            wrong.push(("nom", "appointments-office-admin-wrong-name"));
        }
        if wrong.is_empty() && faults.is_empty() {
            Ok(details)
        } else {
            Err(Faults { fields: wrong, reserve: faults })
        }
    }

    fn shown(&self, page: Page, form: FormPost, wrong: &Faults) -> Result {
        let mut fields = Fields::new(&page, form, &wrong.fields);
        fields.problems.extend(openings::problems(&page, &wrong.reserve));
        let is_right = fields.problems.is_empty();
        let lang = page.language();
        let slug = &self.before.slug;
        let kinds = ["guichet", "personne"].map(|kind| {
            let label = page.t(&format!("appointments-office-admin-kind-{kind}")).to_owned();
            let chosen =
                fields.text("genre") == kind || (kind == "guichet" && fields.text("genre").is_empty());
            Choice::new(kind, &label, chosen)
        });
        let view = DeskPage {
            is_new: self.id.is_none(),
            title: match self.id {
                None => page.t("appointments-office-admin-desk-new").to_owned(),
                Some(_) => self.before.name.read_in(lang).to_owned(),
            },
            place: self.site.resource.details.name.read_in(lang).to_owned(),
            action: match self.id {
                None => format!("/admin/rendez-vous/lieux/{}/guichets", self.site.resource.details.slug),
                Some(_) => format!("/admin/rendez-vous/guichets/{slug}"),
            },
            presence_href: match self.id {
                None => String::new(),
                Some(_) => format!("/agents/rendez-vous/presences/{slug}"),
            },
            departments: fields::departments(&page, &self.departments, &self.scope, fields.text("service")),
            kinds: kinds.into(),
            reserve: openings::shown(&page, &fields.form, &fields.problems),
            fields,
            page,
        };
        let status = if is_right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        render_as(status, &view)
    }
}

async fn asked(page: Page, visitor: Visitor, commune: CommuneOf, which: Which) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &which)).await?;
    let form = read.form(page.language());
    read.shown(page, form, &Faults::default())
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    asked(page, visitor, commune, Which::NewOf(slug)).await
}

pub(super) async fn one(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    asked(page, visitor, commune, Which::Known(slug)).await
}

/// Keeps the counter, or shows it again with a row more or less, or the hours in words.
async fn kept(page: Page, visitor: Visitor, commune: CommuneOf, which: Which, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let (form, checks) = match openings::asked(&form, OnHolidays::Same) {
        Asked::Keep => return saved(page, visitor, commune, which, form).await,
        Asked::Preview => (form, true),
        Asked::Rows(form) => (form, false),
    };
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &which)).await?;
    let reserve = if checks { openings::read(&form, None).err().unwrap_or_default() } else { Vec::new() };
    read.shown(page, form, &Faults { fields: Vec::new(), reserve })
}

async fn saved(page: Page, visitor: Visitor, commune: CommuneOf, which: Which, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let read = Read::of(tx, &who, &which)?;
            let details = match read.filled(&typed) {
                Ok(details) => details,
                Err(wrong) => return Ok::<_, WebError>(Err((read, wrong))),
            };
            let permit = allowed(tx, &who, details.department)?;
            match site::keep_desk(tx, &permit, read.id, &details) {
                // Whoever has made a counter goes on to say when it receives.
                Ok(_) if read.id.is_none() => {
                    Ok(Ok(format!("/agents/rendez-vous/presences/{}?fait=enregistre", details.slug)))
                }
                Ok(_) => Ok(Ok("/admin/rendez-vous?fait=enregistre".to_owned())),
                Err(SiteError::Store(error) | SiteError::Resource(ResourceError::Store(error))) => {
                    Err(error.into())
                }
                Err(error) => Ok(Err((read, fault(&error).into()))),
            }
        })
        .await?;
    match outcome {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err((read, wrong)) => read.shown(page, form, &wrong),
    }
}

pub(super) async fn create(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    kept(page, visitor, commune, Which::NewOf(slug), form).await
}

pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    kept(page, visitor, commune, Which::Known(slug), form).await
}
