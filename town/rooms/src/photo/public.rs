//! Photographs and plans as the public gets them.

use axum::extract::Path;
use beffroi_core::{Id, Lang};
use beffroi_store::By;
use beffroi_web::{CommuneOf, Result, WebError};

use super::store::{self, Photo};
use crate::{
    room,
    serve::{self, Kept},
};

/// A photograph as a page shows it.
pub(crate) struct Shown {
    /// Where it is.
    pub(crate) src: String,
    /// Where it is in full.
    pub(crate) href: String,
    /// What it shows.
    pub(crate) alt: String,
    /// Points from left to right.
    pub(crate) width: u32,
    /// Points from top to bottom.
    pub(crate) height: u32,
}

impl Shown {
    /// In full.
    pub(crate) fn large(slug: &str, photo: &Photo, lang: Lang) -> Self {
        let href = format!("/salles/{slug}/photos/{}", photo.id);
        let (width, height) = photo.size;
        Self { src: href.clone(), href, alt: photo.alt.read_in(lang).to_owned(), width, height }
    }

    /// For a list.
    pub(crate) fn small(slug: &str, photo: &Photo, lang: Lang) -> Self {
        let (width, height) = photo.small_size;
        let large = Self::large(slug, photo, lang);
        Self { src: format!("{}/petite", large.href), width, height, ..large }
    }
}

/// The photograph of a room that the public sees.
async fn found(commune: &CommuneOf, slug: String, id: &str) -> Result<Photo> {
    let id: Id<Photo> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .read(By::VISITOR, move |tx| {
            let room = room::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let found = store::of_room(tx, room.resource.id)?.into_iter().find(|photo| photo.id == id);
            found.ok_or_else(WebError::not_found)
        })
        .await
}

pub(super) async fn large(commune: CommuneOf, Path((slug, id)): Path<(String, String)>) -> Result {
    let photo = found(&commune, slug, &id).await?;
    serve::document(&commune, photo.large, Kept::ForEver).await
}

pub(super) async fn small(commune: CommuneOf, Path((slug, id)): Path<(String, String)>) -> Result {
    let photo = found(&commune, slug, &id).await?;
    serve::document(&commune, photo.small, Kept::ForEver).await
}

pub(super) async fn plan(commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let plan = commune
        .read(By::VISITOR, move |tx| {
            let room = room::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            store::plan_of(tx, room.resource.id)?.ok_or_else(WebError::not_found)
        })
        .await?;
    serve::document(&commune, plan.id, Kept::AnHour).await
}
