//! The pages on which equipment is added, changed and withdrawn: of a room, and of the town's store.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    lending::{self, Item},
    resource::{self, Kind, ResourceError},
    stock,
};
use beffroi_people::{Permit, SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong};
use serde::Deserialize;

use super::{
    Typed,
    commands::{self, NotKept},
    shown::{self, Known},
};
use crate::{ManageRooms, Parts, permission::hidden};

/// The keys of these pages.
const SCOPE: &str = "rooms.equipment";

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// Who asks, and where.
struct Visit {
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    parts: Arc<Parts>,
    /// The short name of the room; `None` for the town's store.
    room: Option<String>,
}

fn known(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    parts: &Parts,
    room: Option<&str>,
) -> Result<(Permit<ManageRooms>, Known)> {
    let permit = hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let zone = Town::load(tx)?.zone();
    let (room, items, above) = match room {
        Some(slug) => {
            let found = resource::by_slug(tx, slug)?.filter(|kept| kept.details.kind == Kind::Room);
            let room = found.ok_or_else(WebError::not_found)?;
            let here = resource::kept_here(tx, room.id)?;
            let mut above = resource::kept_in_place(tx, room.id)?;
            above.retain(|kept| kept.details.parent != Some(room.id));
            let items = here.into_iter().map(|resource| Item { resource, answer: String::new() });
            (Some(room), items.collect(), above)
        }
        None => (None, lending::items(tx)?.0, Vec::new()),
    };
    let choices = match &parts.cases {
        Some(cases) if room.is_none() => cases.lent(tx)?,
        _ => Vec::new(),
    };
    let ids: Vec<_> = items.iter().map(|item: &Item| item.resource.id).collect();
    let promised = stock::promised(tx, &ids)?;
    Ok((permit, Known { room, items, above, promised, choices, zone }))
}

/// What a refusal is on the page.
fn wrong(error: NotKept) -> Result<Wrong> {
    match error {
        NotKept::Full(_) => Ok(("designation", "rooms-admin-stock-wrong-full")),
        NotKept::AnswerTaken => Ok(("choix", "rooms-admin-stock-wrong-choice-taken")),
        NotKept::Store(error) | NotKept::Resource(ResourceError::Store(error)) => Err(error.into()),
        NotKept::Resource(ResourceError::BadStock) => Ok(("nombre", "rooms-admin-stock-wrong-count")),
        NotKept::Resource(_) => Ok(("designation", "rooms-admin-stock-wrong-name")),
    }
}

/// Why nothing was kept, on its way out of the transaction, which is undone.
enum Refused {
    Web(WebError),
    Wrong(Vec<Wrong>),
}

impl From<WebError> for Refused {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<beffroi_store::StoreError> for Refused {
    fn from(error: beffroi_store::StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl From<NotKept> for Refused {
    fn from(error: NotKept) -> Self {
        match wrong(error) {
            Ok(wrong) => Self::Wrong(vec![wrong]),
            Err(error) => Self::Web(error),
        }
    }
}

/// A choice that the form offers, or the one that was kept before.
fn check_choice(typed: &Typed, known: &Known, before: &str) -> std::result::Result<(), Refused> {
    let answer = &typed.answer;
    let is_known = answer.is_empty() || answer == before || known.choices.iter().any(|it| it.slug == *answer);
    if known.room.is_some() || is_known {
        Ok(())
    } else {
        Err(Refused::Wrong(vec![("choix", "rooms-admin-stock-wrong-choice")]))
    }
}

async fn list(visit: Visit, done: &str) -> Result {
    let Visit { page, commune, visitor, parts, room } = visit;
    let who = visitor.require()?.clone();
    let (_, known) = commune.read(visitor.by, move |tx| known(tx, &who, &parts, room.as_deref())).await?;
    shown::list(page, &known, FormPost::default(), &[], done)
}

async fn add(visit: Visit, form: FormPost) -> Result {
    let Visit { page, commune, visitor, parts, room } = visit;
    let who = visitor.require()?.clone();
    let (typed, key) = (Typed::read(&form, true), form.idempotency_key().map(str::to_owned));
    let request = serde_json::json!([room, form.pairs()]).to_string();
    let (again, house, name) = (who.clone(), Arc::clone(&parts), room.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what its form lacks.
            let (permit, known) = known(tx, &who, &parts, room.as_deref())?;
            let typed = typed.map_err(Refused::Wrong)?;
            let key = key.ok_or_else(WebError::bad_request)?;
            check_choice(&typed, &known, "")?;
            let place = known.room.as_ref().map(|room| room.id);
            let once = idempotency::once(tx, SCOPE, &key, request.as_bytes(), |tx| {
                commands::keep(tx, &permit, place, None, &typed)?;
                Ok::<_, Refused>(())
            })?;
            if matches!(once, Once::Reused) {
                Err(Refused::Web(WebError::conflict()))
            } else {
                Ok(known.base())
            }
        })
        .await;
    match done {
        Ok(base) => Ok(Redirect::to(&format!("{base}?fait=ajoute")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = move |tx: &mut Tx<'_>| known(tx, &again, &house, name.as_deref());
            let (_, known) = commune.read(visitor.by, read).await?;
            shown::list(page, &known, form, &wrong, "")
        }
    }
}

fn item_of(known: &Known, slug: &str) -> Result<Item> {
    let found = known.items.iter().find(|item| item.resource.details.slug == slug);
    found.cloned().ok_or_else(WebError::not_found)
}

async fn one(visit: Visit, slug: &str) -> Result {
    let Visit { page, commune, visitor, parts, room } = visit;
    let who = visitor.require()?.clone();
    let (_, known) = commune.read(visitor.by, move |tx| known(tx, &who, &parts, room.as_deref())).await?;
    let item = item_of(&known, slug)?;
    let form = Typed::fields(&item.resource, &item.answer);
    shown::one(page, &known, &item, form, &[])
}

async fn change(visit: Visit, slug: String, form: FormPost) -> Result {
    let Visit { page, commune, visitor, parts, room } = visit;
    let who = visitor.require()?.clone();
    let typed = Typed::read(&form, false);
    let (again, house, name, named) = (who.clone(), Arc::clone(&parts), room.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let (permit, known) = known(tx, &who, &parts, room.as_deref())?;
            let item = item_of(&known, &slug)?;
            let typed = typed.map_err(Refused::Wrong)?;
            check_choice(&typed, &known, &item.answer)?;
            let place = known.room.as_ref().map(|room| room.id);
            commands::keep(tx, &permit, place, Some(&item.resource), &typed)?;
            Ok::<_, Refused>(known.base())
        })
        .await;
    match done {
        Ok(base) => Ok(Redirect::to(&format!("{base}?fait=garde")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = move |tx: &mut Tx<'_>| known(tx, &again, &house, name.as_deref());
            let (_, known) = commune.read(visitor.by, read).await?;
            let item = item_of(&known, &named)?;
            shown::one(page, &known, &item, form, &wrong)
        }
    }
}

pub(super) async fn of_store(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Query(asked): Query<Asked>,
) -> Result {
    list(Visit { page, commune, visitor, parts, room: None }, &asked.fait).await
}

pub(super) async fn of_room(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    list(Visit { page, commune, visitor, parts, room: Some(slug) }, &asked.fait).await
}

/// Adds something that the town lends.
pub(super) async fn add_to_store(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    form: FormPost,
) -> Result {
    add(Visit { page, commune, visitor, parts, room: None }, form).await
}

/// Adds something that is booked along with a room.
pub(super) async fn add_to_room(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    add(Visit { page, commune, visitor, parts, room: Some(slug) }, form).await
}

pub(super) async fn one_of_store(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(item): Path<String>,
) -> Result {
    one(Visit { page, commune, visitor, parts, room: None }, &item).await
}

pub(super) async fn one_of_room(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path((slug, item)): Path<(String, String)>,
) -> Result {
    one(Visit { page, commune, visitor, parts, room: Some(slug) }, &item).await
}

/// Says something else of what the town lends, or withdraws it.
pub(super) async fn change_of_store(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(item): Path<String>,
    form: FormPost,
) -> Result {
    change(Visit { page, commune, visitor, parts, room: None }, item, form).await
}

/// The same of what is booked along with a room.
pub(super) async fn change_of_room(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path((slug, item)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    change(Visit { page, commune, visitor, parts, room: Some(slug) }, item, form).await
}
