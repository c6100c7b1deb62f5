//! The counters that an agent looks after, by site, and the closures of each site.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_people::{
    SignedIn,
    permission::{Scope, permit},
};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as, render,
};
use serde::Deserialize;

use super::{
    absence::{Removable, Typed, closure_key, closure_words},
    entitled, outside,
};
use crate::{
    clock::Now,
    permission::{self, ManageAppointments},
    site::{self, Desk, Site, SiteDetails, SiteError},
};

struct Place {
    name: String,
    slug: String,
    desks: Vec<(String, String, bool)>,
    closures: Vec<Removable>,
}

#[derive(Template)]
#[template(path = "appointments_presences.html")]
struct Presences {
    page: Page,
    done: String,
    /// How many appointments lie where nobody receives; `""` where there is none.
    outside: String,
    places: Vec<Place>,
    /// Whether the agent closes whole sites, and those to choose from.
    may_close: bool,
    sites: Vec<Choice>,
    typed: Typed,
    problems: Vec<Problem>,
}

impl Presences {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What was just done.
#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    pub(super) fait: String,
    #[serde(default)]
    pub(super) jour: String,
}

/// The words of what was just done.
pub(super) fn done(page: &Page, just: &str) -> String {
    if just == "enregistre" { page.t("appointments-office-kept").to_owned() } else { String::new() }
}

/// All sites with the counters that the agent looks after.
pub(super) fn places(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Vec<Site>, Vec<Desk>, Now)> {
    let scope = entitled(permission::managed(tx, who)?, who)?;
    let desks = site::desks(tx)?.into_iter().filter(|desk| scope.contains(desk.department)).collect();
    Ok((site::sites(tx)?, desks, Now::read(tx)?))
}

pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(just): Query<Just>,
) -> Result {
    let done = done(&page, &just.fait);
    listed(page, visitor, commune, done, Typed::default(), &[]).await
}

async fn listed(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    done: String,
    typed: Typed,
    wrong: &[Wrong],
) -> Result {
    let who = visitor.require()?.clone();
    let (sites, desks, now, may_close, outside) = commune
        .read(visitor.by, move |tx| {
            let (sites, desks, now) = places(tx, &who)?;
            let outside = outside::of_desks(tx, &desks)?.len();
            Ok::<_, WebError>((sites, desks, now, permission::managed(tx, &who)? == Scope::All, outside))
        })
        .await?;
    let lang = page.language();
    let choices = sites.iter().map(|site| {
        let details = &site.resource.details;
        Choice::new(&details.slug, details.name.read_in(lang), details.slug == typed.site)
    });
    let choices = choices.collect();
    let place = |site: Site| {
        let details = &site.resource.details;
        let desks = desks.iter().filter(|desk| desk.site == site.resource.id).map(|desk| {
            let details = &desk.resource.details;
            (details.slug.clone(), details.name.read_in(lang).to_owned(), details.active)
        });
        let closures = details.terms.openings.iter().flat_map(|it| &it.closures);
        Place {
            name: details.name.read_in(lang).to_owned(),
            slug: details.slug.clone(),
            desks: desks.collect(),
            closures: closures.filter(|closure| closure.last >= now.today).map(closure_words).collect(),
        }
    };
    let problems = Problem::keyed(&page, wrong);
    let places = sites.into_iter().map(place).collect();
    let outside = match outside {
        0 => String::new(),
        n => page.tr("appointments-office-outside-count", &[("n", n.into())]),
    };
    let view = Presences { done, outside, places, may_close, sites: choices, typed, problems, page };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// Closes a site, or opens it again.
pub(super) async fn close_site(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let (asked, taken_back) = (typed.clone(), fields.get("retirer").map(str::to_owned));
    let outcome = commune
        .write(visitor.by, move |tx| {
            let (sites, _, now) = places(tx, &who)?;
            let site = sites.into_iter().find(|site| site.resource.details.slug == asked.site);
            let site = site.ok_or_else(WebError::not_found)?;
            // A site is the whole town's: whoever answers for one of its departments may close its own counters alone.
            let permit = permit::<ManageAppointments>(tx, &who, None)?;
            let mut openings = site.resource.details.terms.openings.clone().unwrap_or_default();
            match taken_back {
                Some(key) => openings.closures.retain(|closure| closure_key(closure) != key),
                None => match asked.closure(now.today) {
                    Ok(closure) => openings.closures.push(closure),
                    Err(wrong) => return Ok(Err(wrong)),
                },
            }
            openings.closures.retain(|closure| closure.last >= now.today);
            let details = SiteDetails { closures: openings, ..site.details() };
            site::keep_site(tx, &permit, Some(site.resource.id), &details).map_err(not_kept)?;
            let desks: Vec<Desk> =
                site::desks(tx)?.into_iter().filter(|desk| desk.site == site.resource.id).collect();
            Ok::<_, WebError>(Ok(!outside::of_desks(tx, &desks)?.is_empty()))
        })
        .await?;
    let wrong = match outcome {
        // Nobody who has an appointment then is left without a word.
        Ok(true) => return Ok(Redirect::to("/agents/rendez-vous/hors-presence?fait=ferme").into_response()),
        Ok(false) => {
            return Ok(Redirect::to("/agents/rendez-vous/presences?fait=enregistre").into_response());
        }
        Err(wrong) => wrong,
    };
    listed(page, visitor, commune, String::new(), typed, &wrong).await
}

/// Why a site or a counter was not kept.
pub(super) fn not_kept(error: SiteError) -> WebError {
    match error {
        SiteError::Store(error) => error.into(),
        SiteError::Unknown => WebError::not_found(),
        error => WebError::bad_request().log(error),
    }
}
