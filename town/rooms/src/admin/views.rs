//! The pages on which rooms are described.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{self, Kind, Resource, ResourceError};
use beffroi_core::Id;
use beffroi_people::{SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, diary::Named, openings,
    page::render_as, render,
};
use serde::Deserialize;

use super::fill::{self, Filled, Wrong};
use crate::{
    ManageRooms, Parts,
    permission::hidden,
    room::{self, Access, RoomError, SheetFault},
};

/// A control of a row.
struct Field {
    id: String,
    value: String,
    error: String,
}

/// A layout: three controls.
struct Row {
    first: Field,
    second: Field,
    third: Field,
}

struct Line {
    href: String,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "admin_rooms.html")]
struct ListPage {
    page: Page,
    rooms: Vec<Line>,
}

#[derive(Template)]
#[template(path = "admin_room.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct RoomPage {
    page: Page,
    title: String,
    action: String,
    done: bool,
    problems: Vec<Problem>,
    form: FormPost,
    is_new: bool,
    parents: Vec<Choice>,
    procedures: Vec<Choice>,
    access: Vec<Choice>,
    layouts: Vec<Row>,
    /// Whether it has hours of its own, and what these say.
    has_hours: bool,
    told: Vec<String>,
    /// Whether bookings begin every so many minutes; else at moments that are not changed here.
    has_step: bool,
}

impl RoomPage {
    fn text(&self, name: &str) -> String {
        self.form.text(name).to_owned()
    }

    fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What is offered to choose from.
struct Offered {
    /// Places that a new room may lie in.
    places: Vec<(Id<Resource>, String)>,
    /// Procedures that book rooms.
    procedures: Vec<Named>,
}

fn offered(tx: &mut Tx<'_>, parts: &Parts) -> Result<Offered> {
    let all = resource::list(tx)?.into_iter();
    let places = all.filter(|kept| kept.details.kind.is_part_of_place() && kept.details.active);
    let places = places.map(|kept| (kept.id, kept.details.name.fr)).collect();
    let procedures = match &parts.cases {
        Some(cases) => cases.booked_at(tx, beffroi_calendar::booking::ROOMS)?,
        None => Vec::new(),
    };
    Ok(Offered { places, procedures })
}

/// The procedures to choose from, with the one that is typed, whether it is still to be had or not.
fn procedures(page: &Page, offered: &[Named], typed: &str) -> Vec<Choice> {
    let none = Choice::new("", page.t("rooms-admin-procedure-none"), typed.is_empty());
    let known = offered.iter().map(|it| Choice::new(&it.slug, &it.fr, it.slug == typed));
    let is_other = !typed.is_empty() && offered.iter().all(|it| it.slug != typed);
    let other = is_other.then(|| Choice::new(typed, typed, true));
    std::iter::once(none).chain(known).chain(other).collect()
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let (rooms, shown) = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageRooms>(tx, &who))?;
            let shown: Vec<_> = room::published(tx)?.into_iter().map(|room| room.resource.id).collect();
            let rooms = resource::list(tx)?.into_iter().filter(|kept| kept.details.kind == Kind::Room);
            Ok::<_, WebError>((rooms.collect::<Vec<_>>(), shown))
        })
        .await?;
    let line = |kept: &resource::Kept| Line {
        href: format!("/admin/salles/{}", kept.details.slug),
        name: kept.details.name.fr.clone(),
        about: page
            .t(match (kept.details.active, shown.contains(&kept.id)) {
                (false, _) => "rooms-admin-inactive",
                (true, false) => "rooms-admin-hidden",
                (true, true) => "rooms-admin-shown",
            })
            .to_owned(),
    };
    let rooms = rooms.iter().map(line).collect();
    render(&ListPage { page, rooms })
}

pub(super) async fn new(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
) -> Result {
    let who = visitor.require()?.clone();
    let offered = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageRooms>(tx, &who))?;
            offered(tx, &parts)
        })
        .await?;
    let blank = fill::blank();
    let form = fill::fields(&blank);
    shown(page, StatusCode::OK, (&blank, form), &offered, Vec::new(), false)
}

/// The room of that short name, for whoever manages rooms.
pub(super) fn known(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Id<Resource>, Filled)> {
    hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let found = resource::by_slug(tx, slug)?.filter(|kept| kept.details.kind == Kind::Room);
    let found = found.ok_or_else(WebError::not_found)?;
    let (sheet, published) = room::sheet_of(tx, found.id)?.unwrap_or_default();
    Ok((found.id, Filled { details: found.details, sheet, published }))
}

pub(super) async fn one(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (filled, offered) = commune
        .read(visitor.by, move |tx| {
            let (_, filled) = known(tx, &who, &slug)?;
            Ok::<_, WebError>((filled, offered(tx, &parts)?))
        })
        .await?;
    let form = fill::fields(&filled);
    shown(page, StatusCode::OK, (&filled, form), &offered, Vec::new(), !asked.fait.is_empty())
}

/// What came of it.
enum Outcome {
    /// Where it goes on.
    Kept(String),
    Wrong(Box<Filled>, Offered, Vec<Wrong>),
}

/// Keeps a new room, or what is said of one that there is.
pub(super) async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    slug: Option<Path<String>>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let permit = hidden(permit_somewhere::<ManageRooms>(tx, &who))?;
            let (id, mut before) = match &slug {
                Some(Path(slug)) => known(tx, &who, slug).map(|(id, filled)| (Some(id), filled))?,
                None => (None, fill::blank()),
            };
            let offered = offered(tx, &parts)?;
            if id.is_none() {
                let parent = typed.text("dans").parse().ok();
                before.details.parent =
                    parent.filter(|parent| offered.places.iter().any(|(id, _)| id == parent));
            }
            let filled = match fill::read(&typed, &before) {
                Ok(filled) => filled,
                Err(wrong) => return Ok::<_, WebError>(Outcome::Wrong(Box::new(before), offered, wrong)),
            };
            let Filled { details, sheet, published } = &filled;
            match room::keep(tx, &permit, id, details, sheet, *published) {
                // Whoever has described a new room goes on to say when it is open.
                Ok(_) if id.is_none() => Ok(Outcome::Kept(format!("{}/horaires", details.slug))),
                Ok(_) => Ok(Outcome::Kept(details.slug.clone())),
                Err(RoomError::Store(error) | RoomError::Resource(ResourceError::Store(error))) => {
                    Err(error.into())
                }
                Err(error) => Ok(Outcome::Wrong(Box::new(before), offered, vec![fault(&error)])),
            }
        })
        .await?;
    match outcome {
        Outcome::Kept(to) => Ok(Redirect::to(&format!("/admin/salles/{to}?fait=gardee")).into_response()),
        Outcome::Wrong(before, offered, wrong) => {
            let problems = wrong
                .into_iter()
                .map(|(field, key)| Problem { field, message: page.t(key).to_owned() })
                .collect();
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, (&before, form), &offered, problems, false)
        }
    }
}

/// Where what the commands refuse is told.
fn fault(error: &RoomError) -> Wrong {
    let (field, key) = match error {
        RoomError::Resource(ResourceError::BadSlug(_)) => ("adresse_web", "rooms-admin-wrong-slug"),
        RoomError::Resource(ResourceError::SlugTaken(_)) => ("adresse_web", "rooms-admin-wrong-slug-taken"),
        RoomError::Resource(ResourceError::Name) => ("nom", "rooms-admin-wrong-name"),
        RoomError::Resource(ResourceError::TooMuchBooked | ResourceError::BadParent) => {
            ("dans", "rooms-admin-wrong-parent")
        }
        RoomError::Sheet(SheetFault::Summary) => ("resume", "rooms-admin-wrong-summary"),
        RoomError::Sheet(SheetFault::About) => ("texte", "rooms-admin-wrong-long"),
        RoomError::Sheet(SheetFault::Address) => ("adresse", "rooms-admin-wrong-long"),
        RoomError::Sheet(SheetFault::Procedure) => ("demarche", "rooms-admin-wrong-procedure"),
        RoomError::Sheet(SheetFault::Equipment) => ("equipement", "rooms-admin-wrong-long"),
        _ => ("maximum", "rooms-admin-wrong-terms"),
    };
    (field.to_owned(), key)
}

fn shown(
    page: Page,
    status: StatusCode,
    (filled, form): (&Filled, FormPost),
    offered: &Offered,
    problems: Vec<Problem>,
    done: bool,
) -> Result {
    let slug = &filled.details.slug;
    let is_new = slug.is_empty();
    let within = form.text("dans");
    let places =
        offered.places.iter().map(|(id, name)| Choice::new(&id.to_string(), name, id.to_string() == within));
    let parents =
        std::iter::once(Choice::new("", page.t("rooms-admin-nowhere"), within.is_empty())).chain(places);
    let access = Access::ALL.iter().map(|access| {
        let word = access.as_str();
        let ticked = form.all("acces").any(|typed| typed == word);
        Choice::new(word, page.t(&format!("rooms-access-{word}")), ticked)
    });
    let hours = filled.details.terms.openings.as_ref();
    let field = |name: &str, rank: usize| {
        let id = format!("{name}-{rank}");
        let own = problems.iter().filter(|problem| problem.field == id);
        let error = own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ");
        Field { value: form.text(&id).to_owned(), error, id }
    };
    let layout = |rank| Row {
        first: field("disposition", rank),
        second: field("disposition_en", rank),
        third: field("places", rank),
    };
    let layouts = (0..fill::rows(&form, "disposition")).map(layout).collect();
    let template = RoomPage {
        title: if is_new { page.t("rooms-admin-new").to_owned() } else { filled.details.name.fr.clone() },
        action: if is_new { "/admin/salles/nouvelle".to_owned() } else { format!("/admin/salles/{slug}") },
        done,
        problems,
        is_new,
        parents: parents.collect(),
        procedures: procedures(&page, &offered.procedures, form.text("demarche")),
        access: access.collect(),
        layouts,
        has_hours: hours.is_some(),
        told: hours.map(|it| openings::told(it, page.language())).unwrap_or_default(),
        has_step: matches!(filled.details.terms.starts, beffroi_calendar::free::Starts::Every(_)),
        form,
        page,
    };
    render_as(status, &template)
}
