//! A site: where it is and how one gets in. Of the whole town, and so for those who answer for it.

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
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong, page::render_as};

use super::{
    allowed,
    fields::{self, Fields},
    named,
};
use crate::site::{self, SiteDetails, SiteError, SiteSheet};

#[derive(Template)]
#[template(path = "appointments_admin_site.html")]
struct SitePage {
    page: Page,
    is_new: bool,
    title: String,
    action: String,
    fields: Fields,
}

/// The site of that short name, or a new one.
fn read(tx: &mut Tx<'_>, who: &SignedIn, slug: Option<&str>) -> Result<(Option<Id<Resource>>, SiteDetails)> {
    allowed(tx, who, None)?;
    let Some(slug) = slug else {
        let (slug, name, sheet) = (String::new(), Name::default(), SiteSheet::default());
        return Ok((None, SiteDetails { slug, name, active: true, sheet, closures: Openings::default() }));
    };
    let found = site::sites(tx)?.into_iter().find(|it| it.resource.details.slug == slug);
    let found = found.ok_or_else(WebError::not_found)?;
    Ok((Some(found.resource.id), found.details()))
}

fn form(of: &SiteDetails) -> FormPost {
    let sheet = &of.sheet;
    let mut form = FormPost::default()
        .with("nom", of.name.fr.clone())
        .with("nom_en", of.name.en.clone())
        .with("adresse_web", of.slug.clone())
        .with("adresse", sheet.address.clone())
        .with("code_postal", sheet.postcode.clone())
        .with("ville", sheet.city.clone())
        .with("acces", sheet.access.fr.clone())
        .with("acces_en", sheet.access.en.clone())
        .with("telephone", sheet.phone.clone());
    if let Some((longitude, latitude)) = sheet.place {
        form = form.with("place-lat", latitude.to_string()).with("place-lon", longitude.to_string());
    }
    for (name, is_so) in [("tickets", sheet.tickets), ("actif", of.active)] {
        if is_so {
            form = form.with(name, "true".to_owned());
        }
    }
    form
}

/// What is filled in, upon what was there.
fn filled(form: &FormPost, before: &SiteDetails, is_new: bool) -> Result<SiteDetails, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let text = |name: &str| form.text(name).to_owned();
    let degrees = |name: &str| form.text(name).replace(',', ".").parse::<f64>().ok();
    let is_nowhere = form.text("place-lat").is_empty() && form.text("place-lon").is_empty();
    let place = degrees("place-lon").zip(degrees("place-lat"));
    if place.is_none() && !is_nowhere {
        wrong.push(("place", "appointments-office-admin-wrong-place"));
    }
    let slug = if is_new { text("adresse_web") } else { before.slug.clone() };
    if is_new && !fields::is_slug(&slug) {
        wrong.push(("adresse_web", "appointments-office-admin-wrong-slug"));
    }
    let details = SiteDetails {
        slug,
        name: fields::name(form, "nom"),
        active: form.get("actif").is_some(),
        sheet: SiteSheet {
            address: text("adresse"),
            postcode: text("code_postal"),
            city: text("ville"),
            access: fields::name(form, "acces"),
            phone: text("telephone"),
            place,
            tickets: form.get("tickets").is_some(),
        },
        closures: before.closures.clone(),
    };
    if !details.name.is_fit() {
        wrong.push(("nom", "appointments-office-admin-wrong-name"));
    }
    if wrong.is_empty() { Ok(details) } else { Err(wrong) }
}

/// Where what the command refuses is told.
pub(super) fn fault(error: &SiteError) -> Wrong {
    match error {
        SiteError::Resource(ResourceError::BadSlug(_) | ResourceError::SlugTaken(_)) => {
            ("adresse_web", "appointments-office-admin-wrong-slug")
        }
        SiteError::Sheet => ("adresse", "appointments-office-admin-wrong-sheet"),
        _ => ("nom", "appointments-office-admin-wrong-name"),
    }
}

fn shown(page: Page, (before, is_new): (&SiteDetails, bool), form: FormPost, wrong: &[Wrong]) -> Result {
    let view = SitePage {
        is_new,
        title: if is_new {
            page.t("appointments-office-admin-site-new").to_owned()
        } else {
            before.name.read_in(page.language()).to_owned()
        },
        action: if is_new {
            "/admin/rendez-vous/lieux/nouveau".to_owned()
        } else {
            format!("/admin/rendez-vous/lieux/{}", before.slug)
        },
        fields: Fields::new(&page, form, wrong),
        page,
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &view)
}

/// The site of the address, or a blank one.
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    slug: Option<Path<String>>,
) -> Result {
    let who = visitor.require()?.clone();
    let (id, details) = commune.read(visitor.by, move |tx| read(tx, &who, named(slug.as_ref()))).await?;
    shown(page, (&details, id.is_none()), form(&details), &[])
}

/// Keeps a new one, or what is said of one that there is.
pub(super) async fn keep(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    slug: Option<Path<String>>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let permit = allowed(tx, &who, None)?;
            let (id, before) = read(tx, &who, named(slug.as_ref()))?;
            let details = match filled(&typed, &before, id.is_none()) {
                Ok(details) => details,
                Err(wrong) => return Ok::<_, WebError>(Some(((before, id.is_none()), wrong))),
            };
            match site::keep_site(tx, &permit, id, &details) {
                Ok(_) => Ok(None),
                Err(SiteError::Store(error) | SiteError::Resource(ResourceError::Store(error))) => {
                    Err(error.into())
                }
                Err(error) => Ok(Some(((before, id.is_none()), vec![fault(&error)]))),
            }
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to("/admin/rendez-vous?fait=enregistre").into_response()),
        Some(((before, is_new), wrong)) => shown(page, (&before, is_new), form, &wrong),
    }
}
