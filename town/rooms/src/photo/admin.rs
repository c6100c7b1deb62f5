//! The page on which photographs of a room are added, told, put in order and taken away, and its plan is.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{self, Kept, Kind, Name};
use beffroi_core::Id;
use beffroi_documents::{Document, State};
use beffroi_people::{Permit, SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    commands::{self, Change, PhotoFault},
    store::{self, Photo},
};
use crate::{
    ManageRooms, Parts,
    permission::hidden,
    serve::{self, Kept as KeptBy},
    upload::{self, Posted, Shot, Taken, Wants},
};

/// A photograph as the page shows it.
struct Line {
    action: String,
    /// Where it is; `""` while it waits for the virus gate.
    src: String,
    width: u32,
    height: u32,
    alt: String,
    fr: (String, String, String),
    en: (String, String, String),
    first: bool,
    last: bool,
}

#[derive(Template)]
#[template(path = "admin_photos.html")]
struct Photos {
    page: Page,
    title: String,
    back: String,
    base: String,
    done: String,
    lines: Vec<Line>,
    /// What the room's plan is called, and where it stands with the virus gate; `""` for none.
    plan: String,
    form: FormPost,
    problems: Vec<Problem>,
}

impl Photos {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
    /// A photograph to look at, of a room that the public may not see yet.
    #[serde(default)]
    voir: String,
}

/// What the page knows.
struct Known {
    room: Kept,
    photos: Vec<(Photo, State)>,
    plan: Option<Document>,
}

fn room_of(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Permit<ManageRooms>, Kept)> {
    let permit = hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    Ok((permit, room.ok_or_else(WebError::not_found)?))
}

fn known(tx: &mut Tx<'_>, room: Kept) -> Result<Known> {
    let found = store::of_room(tx, room.id)?;
    let ids: Vec<Id<Document>> = found.iter().map(|photo| photo.small).collect();
    let files = beffroi_documents::some(tx, &ids)?;
    let state = |photo: &Photo| {
        files.iter().find(|file| file.id == photo.small).map_or(State::Received, |file| file.state)
    };
    let photos = found.iter().map(|photo| (photo.clone(), state(photo))).collect();
    Ok(Known { plan: store::plan_of(tx, room.id)?, room, photos })
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune
        .read(visitor.by, move |tx| {
            let (_, room) = room_of(tx, &who, &slug)?;
            known(tx, room)
        })
        .await?;
    if !asked.voir.is_empty() {
        let photo = known.photos.iter().find(|(photo, _)| photo.id.to_string() == asked.voir);
        let (photo, _) = photo.ok_or_else(WebError::not_found)?;
        return serve::document(&commune, photo.small, KeptBy::ByNobody).await;
    }
    let done = match asked.fait.as_str() {
        word @ ("ajoutee" | "changee" | "retiree" | "plan") => {
            page.t(&format!("rooms-admin-photo-done-{word}")).to_owned()
        }
        _ => String::new(),
    };
    shown(page, StatusCode::OK, known, FormPost::default(), Vec::new(), done)
}

/// Adds a photograph.
pub(super) async fn send(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(slug): Path<String>,
    request: Request,
) -> Result {
    let Posted { fields, files, refused } =
        received(&commune, &visitor, &slug, request, Wants::Pictures).await?;
    let who = visitor.require()?.clone();
    let (typed, name, gate) = (fields.clone(), slug.clone(), parts.gate);
    let picture = files.into_iter().find_map(|(_, taken)| match taken {
        Taken::Picture(shot) => Some(shot),
        Taken::Pdf(_) => None,
    });
    let came = commune
        .write(visitor.by, move |tx| {
            let (permit, room) = room_of(tx, &who, &name)?;
            let alt = alt_of(&typed);
            let fault = match &picture {
                None => commands::told(&alt).err(),
                Some(Shot { large, small }) => {
                    let sizes = (
                        (&large.file, (large.width, large.height)),
                        (&small.file, (small.width, small.height)),
                    );
                    match commands::add(tx, &permit, room.id, sizes, &alt, gate)? {
                        Ok(_) => return Ok::<_, WebError>(Ok(())),
                        Err(fault) => Some(fault),
                    }
                }
            };
            Ok(Err((known(tx, room)?, fault, picture.is_none())))
        })
        .await?;
    let (known, fault, missing) = match came {
        Ok(()) => {
            return Ok(Redirect::to(&format!("/admin/salles/{slug}/photos?fait=ajoutee")).into_response());
        }
        Err(wrong) => wrong,
    };
    let mut problems = Problem::all(&refused, "photo");
    if missing && refused.is_empty() {
        problems.extend(Problem::alone("photo", page.t("rooms-admin-photo-missing")));
    } else if !missing {
        // A file is not kept in a page: it is chosen once more.
        problems.extend(Problem::alone("photo", page.t("rooms-admin-photo-again")));
    }
    problems.extend(fault.map(|fault| said(&page, fault, "")));
    shown(page, StatusCode::UNPROCESSABLE_ENTITY, known, fields, problems, String::new())
}

/// Reads the form of whoever manages rooms; nobody else's files are received.
async fn received(
    commune: &CommuneOf,
    visitor: &Visitor,
    slug: &str,
    request: Request,
    wants: Wants,
) -> Result<Posted> {
    let who = visitor.require()?.clone();
    let slug = slug.to_owned();
    commune.read(visitor.by, move |tx| room_of(tx, &who, &slug).map(drop)).await?;
    upload::read(request, commune, visitor.lang, wants).await
}

fn alt_of(form: &FormPost) -> Name {
    Name { fr: form.text("alt").to_owned(), en: form.text("alt_en").to_owned() }
}

fn said(page: &Page, fault: PhotoFault, of: &str) -> Problem {
    let (field, key) = match fault {
        PhotoFault::French => ("alt", "rooms-admin-photo-wrong-alt"),
        PhotoFault::English => ("alt_en", "rooms-admin-photo-wrong-alt-en"),
        PhotoFault::Full => ("photo", "rooms-admin-photo-wrong-full"),
    };
    Problem { field: format!("{field}{of}"), message: page.t(key).to_owned() }
}

/// Says in other words what a photograph shows, puts it elsewhere, or takes it away.
pub(super) async fn change(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (what, word) = match form.text("faire") {
        "monter" => (Change::Up, "changee"),
        "descendre" => (Change::Down, "changee"),
        "retirer" => (Change::Remove, "retiree"),
        _ => {
            let text = |name: &str| form.text(&format!("{name}-{id}")).to_owned();
            (Change::Describe(Name { fr: text("alt"), en: text("alt_en") }), "changee")
        }
    };
    let (name, named) = (slug.clone(), id.clone());
    let came = commune
        .write(visitor.by, move |tx| {
            let (permit, room) = room_of(tx, &who, &name)?;
            let photo: Id<Photo> = named.parse().map_err(|_| WebError::not_found())?;
            let done = commands::change(tx, &permit, room.id, photo, &what)?;
            match done.ok_or_else(WebError::not_found)? {
                Ok(()) => Ok::<_, WebError>(Ok(())),
                Err(fault) => Ok(Err((known(tx, room)?, fault))),
            }
        })
        .await?;
    match came {
        Ok(()) => Ok(Redirect::to(&format!("/admin/salles/{slug}/photos?fait={word}")).into_response()),
        Err((known, fault)) => {
            let problems = vec![said(&page, fault, &format!("-{id}"))];
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, known, form, problems, String::new())
        }
    }
}

/// Keeps another plan, or none.
pub(super) async fn plan(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(slug): Path<String>,
    request: Request,
) -> Result {
    let Posted { fields, files, refused } =
        received(&commune, &visitor, &slug, request, Wants::Papers).await?;
    let who = visitor.require()?.clone();
    let (name, gate) = (slug.clone(), parts.gate);
    let file = files.into_iter().next().map(|(_, taken)| match taken {
        Taken::Picture(shot) => shot.large.file,
        Taken::Pdf(file) => file,
    });
    let removes = fields.text("faire") == "retirer";
    let wrong = commune
        .write(visitor.by, move |tx| {
            let (permit, room) = room_of(tx, &who, &name)?;
            if file.is_none() && !removes {
                return Ok::<_, WebError>(Some(known(tx, room)?));
            }
            commands::set_plan(tx, &permit, room.id, file.as_ref().filter(|_| !removes), gate)?;
            Ok(None)
        })
        .await?;
    let Some(known) = wrong else {
        return Ok(Redirect::to(&format!("/admin/salles/{slug}/photos?fait=plan")).into_response());
    };
    let mut problems = Problem::all(&refused, "plan");
    if problems.is_empty() {
        problems = Problem::alone("plan", page.t("rooms-admin-plan-missing"));
    }
    shown(page, StatusCode::UNPROCESSABLE_ENTITY, known, fields, problems, String::new())
}

fn shown(
    page: Page,
    status: StatusCode,
    known: Known,
    form: FormPost,
    problems: Vec<Problem>,
    done: String,
) -> Result {
    let Known { room, photos, plan } = known;
    let base = format!("/admin/salles/{}", room.details.slug);
    let count = photos.len();
    let line = |(at, (photo, state)): (usize, &(Photo, State))| {
        let control = |name: &str, kept: &str| {
            let id = format!("{name}-{}", photo.id);
            let typed = form.get(&id).unwrap_or(kept).to_owned();
            let error = Problem::beside(&problems, &id);
            (id, typed, error)
        };
        Line {
            action: format!("{base}/photos/{}", photo.id),
            src: if *state == State::Clean {
                format!("{base}/photos?voir={}", photo.id)
            } else {
                String::new()
            },
            width: photo.small_size.0,
            height: photo.small_size.1,
            alt: photo.alt.fr.clone(),
            fr: control("alt", &photo.alt.fr),
            en: control("alt_en", &photo.alt.en),
            first: at == 0,
            last: at + 1 == count,
        }
    };
    let photos = photos.iter().enumerate().map(line).collect();
    let plan = plan.map(|plan| match plan.state {
        State::Clean => format!("{} ({})", plan.name, plan.media_type.label()),
        State::Received => format!("{} ({})", plan.name, page.t("premises-unchecked")),
        State::Infected => format!("{} ({})", plan.name, page.t("premises-infected")),
    });
    let template = Photos {
        title: page.tr("rooms-admin-photos-of", &[("name", room.details.name.fr.clone().into())]),
        back: base.clone(),
        base,
        done,
        lines: photos,
        plan: plan.unwrap_or_default(),
        form,
        problems,
        page,
    };
    render_as(status, &template)
}
