//! Keeps equipment, in a room or in the town's store.

use beffroi_calendar::{
    lending,
    resource::{self, Kept, Kind, Resource, ResourceDetails, ResourceError, Terms},
};
use beffroi_core::Id;
use beffroi_people::Permit;
use beffroi_store::{StoreError, Tx};

use super::{KINDS_AT_MOST, Typed};
use crate::ManageRooms;

/// Why equipment is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// There are as many kinds there as there may be.
    #[error("there are {0} kinds of equipment already")]
    Full(usize),
    /// The choice of the form asks for something else of the store.
    #[error("another thing is asked for by that choice")]
    AnswerTaken,
    /// The calendar does not keep it.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps new equipment, or what is said of some that there is (`before`), in a room or else in the town's store. Where a
/// stock shrinks, what was promised stays promised.
///
/// # Errors
/// [`NotKept`].
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Option<Id<Resource>>,
    before: Option<&Kept>,
    new: &Typed,
) -> Result<Id<Resource>, NotKept> {
    let id = if let Some(kept) = before {
        let details = ResourceDetails {
            name: new.name.clone(),
            stock: new.stock,
            active: new.active,
            ..kept.details.clone()
        };
        resource::change(tx, kept.id, &details)?;
        kept.id
    } else {
        let (kinds, most) = match room {
            Some(room) => (resource::kept_here(tx, room)?.len(), KINDS_AT_MOST),
            None => (lending::items(tx)?.0.len(), LENT_AT_MOST),
        };
        if kinds >= most {
            return Err(NotKept::Full(most));
        }
        let details = ResourceDetails {
            slug: resource::free_slug(tx, &new.name.fr)?,
            kind: Kind::Equipment,
            parent: room,
            name: new.name.clone(),
            stock: new.stock,
            active: new.active,
            terms: Terms::default(),
        };
        resource::create(tx, &details)?
    };
    if room.is_none() && !lending::keep(tx, id, &new.answer)? {
        return Err(NotKept::AnswerTaken);
    }
    Ok(id)
}

/// Kinds of equipment of the store, at most.
const LENT_AT_MOST: usize = 200;
