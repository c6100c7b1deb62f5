//! What may be done with rooms: they are described, and shown to the public.

use beffroi_calendar::resource::{self, Resource, ResourceDetails, ResourceError};
use beffroi_core::Id;
use beffroi_people::Permit;
use beffroi_store::{Entry, StoreError, Tx};
use serde_json::json;

use super::{
    rules::{Sheet, SheetFault},
    store,
};
use crate::ManageRooms;

/// Why a room is not kept.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// What is bookable of it.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// What is said of it.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a room: a new one, or what is said of one that there is.
///
/// # Errors
/// [`RoomError`].
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    id: Option<Id<Resource>>,
    details: &ResourceDetails,
    sheet: &Sheet,
    published: bool,
) -> Result<Id<Resource>, RoomError> {
    sheet.check()?;
    let id = match id {
        None => resource::create(tx, details)?,
        Some(id) => {
            resource::change(tx, id, details)?;
            id
        }
    };
    if store::keep(tx, id, sheet, published)? {
        tx.journal(&Entry {
            kind: "room.described",
            subject_kind: "resource",
            subject_id: id.uuid(),
            payload: json!({ "slug": details.slug, "published": published }),
        })?;
    }
    Ok(id)
}
