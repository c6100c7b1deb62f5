//! A counter, or an agent who receives: its name, its department, its place in lists, and what is kept of its hours for
//! the same day. When it receives, and for what, is said on the page of its presences.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    openings::Openings,
    resource::{Name, Resource, ResourceError},
};
use beffroi_core::Id;
use beffroi_people::{Department, SignedIn, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong, page::render_as};

use super::{
    allowed, departments,
    fields::{self, Fields},
    scope,
    site::fault,
};
use crate::{
    office::week::{self, DayHalves},
    site::{self, DeskDetails, Site, SiteError},
};

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
    days: Vec<DayHalves>,
    /// How many rules of the reserve are no half hours of every week.
    others: String,
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

    fn form(&self) -> FormPost {
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
        for (rank, minute) in week::shown(&before.reserve).0 {
            form = form.with("reserve", format!("{rank}-{minute}"));
        }
        form
    }

    /// What is filled in, upon what was there.
    fn filled(&self, form: &FormPost) -> Result<DeskDetails, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let department = fields::department(form, (&self.departments, &self.scope), &mut wrong);
        let rank = fields::rank(form, &mut wrong);
        let is_new = self.id.is_none();
        let slug = if is_new { form.text("adresse_web").to_owned() } else { self.before.slug.clone() };
        if is_new && !fields::is_slug(&slug) {
            wrong.push(("adresse_web", "appointments-office-admin-wrong-slug"));
        }
        let halves = form.all("reserve").filter_map(week::read).collect();
        let (_, others) = week::shown(&self.before.reserve);
        let details = DeskDetails {
            slug,
            name: fields::name(form, "nom"),
            is_person: if is_new { form.text("genre") == "personne" } else { self.before.is_person },
            department,
            rank,
            active: form.get("actif").is_some(),
            reserve: [week::rules(&halves), others].concat(),
            ..self.before.clone()
        };
        if !details.name.is_fit() {
            wrong.push(("nom", "appointments-office-admin-wrong-name"));
        }
        if wrong.is_empty() { Ok(details) } else { Err(wrong) }
    }

    fn shown(&self, page: Page, form: FormPost, wrong: &[Wrong]) -> Result {
        let fields = Fields::new(&page, form, wrong);
        let lang = page.language();
        let slug = &self.before.slug;
        let kinds = ["guichet", "personne"].map(|kind| {
            let label = page.t(&format!("appointments-office-admin-kind-{kind}")).to_owned();
            let chosen =
                fields.text("genre") == kind || (kind == "guichet" && fields.text("genre").is_empty());
            Choice::new(kind, &label, chosen)
        });
        let halves = fields.form.all("reserve").filter_map(week::read).collect();
        let others = week::shown(&self.before.reserve).1.len();
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
            days: week::days(&halves, lang),
            others: match others {
                0 => String::new(),
                n => page.tr("appointments-office-other-rules", &[("n", n.into())]),
            },
            fields,
            page,
        };
        let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        render_as(status, &view)
    }
}

async fn asked(page: Page, visitor: Visitor, commune: CommuneOf, which: Which) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &which)).await?;
    let form = read.form();
    read.shown(page, form, &[])
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

async fn kept(page: Page, visitor: Visitor, commune: CommuneOf, which: Which, form: FormPost) -> Result {
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
                Err(error) => Ok(Err((read, vec![fault(&error)]))),
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
