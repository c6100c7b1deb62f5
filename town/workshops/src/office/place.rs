//! Where workshops are held, as agents keep it.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{self, Name};
use beffroi_people::{Permit, SignedIn, permission::permit_somewhere};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};

use crate::{
    permission::{self, AdviseWorkshops},
    place::{self, Place, PlaceError, PlaceSheet},
    public::Refused,
};

#[derive(Clone, Debug, Default)]
struct Typed {
    sheet: PlaceSheet,
    room: String,
}

impl Typed {
    fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            sheet: PlaceSheet {
                name: Name { fr: text("nom"), en: text("nom_en") },
                address: text("adresse"),
                postcode: text("codepostal"),
                city: text("ville"),
                access: Name { fr: text("acces"), en: text("acces_en") },
            },
            room: text("salle"),
        }
    }
}

#[derive(Template)]
#[template(path = "workshops_office_places.html")]
struct View {
    page: Page,
    title: String,
    heading: String,
    back: String,
    action: String,
    key: String,
    places: Vec<(String, String)>,
    typed: Typed,
    rooms: Vec<Choice>,
    problems: Vec<Problem>,
}

impl View {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// All that is read for the page.
struct Read {
    places: Vec<Place>,
    rooms: Vec<resource::Kept>,
}

fn may(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<AdviseWorkshops>> {
    permission::hidden(permit_somewhere(tx, who))
}

fn read(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Read> {
    may(tx, who)?;
    Ok(Read { places: place::list(tx)?, rooms: place::rooms(tx)? })
}

fn view(page: Page, read: &Read, known: Option<&Place>, typed: Typed, wrong: &[Wrong]) -> Result {
    let none = Choice::new("", page.t("workshops-office-no-room"), typed.room.is_empty());
    let rooms = read.rooms.iter().map(|room| {
        let details = &room.details;
        Choice::new(&details.slug, &details.name.fr, details.slug == typed.room)
    });
    let link =
        |place: &Place| (format!("/agents/ateliers/lieux/{}", place.slug), place.sheet.name.fr.clone());
    let heading = match known {
        Some(place) => place.sheet.name.fr.clone(),
        None => page.t("workshops-office-places").to_owned(),
    };
    let prefix = if wrong.is_empty() { String::new() } else { format!("{} ", page.t("error-prefix")) };
    let view = View {
        title: format!("{prefix}{heading}"),
        heading,
        back: if known.is_some() { "/agents/ateliers/lieux" } else { "/agents/ateliers" }.to_owned(),
        action: known.map_or("/agents/ateliers/lieux".to_owned(), |place| {
            format!("/agents/ateliers/lieux/{}", place.slug)
        }),
        key: new_idempotency_key(),
        places: if known.is_some() { Vec::new() } else { read.places.iter().map(link).collect() },
        rooms: std::iter::once(none).chain(rooms).collect(),
        problems: Problem::keyed(&page, wrong),
        typed,
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

impl From<PlaceError> for Refused {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Name => Self::Wrong(vec![("nom", "workshops-office-wrong-title")]),
            PlaceError::Text => Self::Wrong(vec![("adresse", "workshops-office-wrong-text")]),
            PlaceError::Unknown => Self::Wrong(vec![("salle", "workshops-office-wrong-place")]),
            PlaceError::Store(error) => Self::Web(error.into()),
        }
    }
}

fn kept(tx: &mut Tx<'_>, who: &SignedIn, known: Option<&Place>, new: &Typed) -> Result<(), Refused> {
    let permit = may(tx, who)?;
    let room = match new.room.as_str() {
        "" => None,
        slug => Some(resource::by_slug(tx, slug)?.ok_or(PlaceError::Unknown)?.id),
    };
    place::keep(tx, &permit, known.map(|place| place.id), room, &new.sheet)?;
    Ok(())
}

fn one(read: &Read, slug: &str) -> Result<Place> {
    read.places.iter().find(|place| place.slug == slug).cloned().ok_or_else(WebError::not_found)
}

pub(super) async fn list(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| read(tx, &who)).await?;
    view(page, &read, None, Typed::default(), &[])
}

pub(super) async fn create(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!(fields.pairs()).to_string();
    let (new, reader) = (typed.clone(), who.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            may(tx, &who)?;
            let once = idempotency::once(tx, "workshops.place", &key, request.as_bytes(), |tx| {
                kept(tx, &who, None, &new)
            })?;
            if matches!(once, Once::Reused) { Err(Refused::Web(WebError::conflict())) } else { Ok(()) }
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to("/agents/ateliers/lieux").into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = commune.read(visitor.by, move |tx| read(tx, &reader)).await?;
            view(page, &read, None, typed, &wrong)
        }
    }
}

pub(super) async fn edit(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| read(tx, &who)).await?;
    let place = one(&read, &slug)?;
    let room = read.rooms.iter().find(|room| Some(room.id) == place.resource);
    let room = room.map(|room| room.details.slug.clone()).unwrap_or_default();
    let typed = Typed { sheet: place.sheet.clone(), room };
    view(page, &read, Some(&place), typed, &[])
}

pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&fields);
    let (new, reader, known) = (typed.clone(), who.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let place = one(&read(tx, &who)?, &known)?;
            kept(tx, &who, Some(&place), &new)
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to("/agents/ateliers/lieux").into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = commune.read(visitor.by, move |tx| read(tx, &reader)).await?;
            let place = one(&read, &slug)?;
            view(page, &read, Some(&place), typed, &wrong)
        }
    }
}
