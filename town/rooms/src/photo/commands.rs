//! What may be done with the photographs and the plan of a room.

use beffroi_calendar::resource::{Name, Resource};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document, Gate, NewDocument, StoredFile};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Tx};
use serde_json::json;

use super::{
    ALT_AT_MOST, AT_MOST,
    store::{self, Photo},
};
use crate::ManageRooms;

/// To what these documents belong.
const OWNER: &str = "resource";

/// A picture in one size: the file, and its points from left to right and from top to bottom.
pub type Sized<'f> = (&'f StoredFile, (u32, u32));

/// Why a photograph is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    /// What it shows is not said in French, or in too many letters.
    #[error("what it shows is not said in French, or in more than {ALT_AT_MOST} letters")]
    French,
    /// Likewise in English.
    #[error("what it shows is not said in English, or in more than {ALT_AT_MOST} letters")]
    English,
    /// The room has as many as it may have.
    #[error("the room has {AT_MOST} photographs already")]
    Full,
}

/// Whether what a photograph shows is said in both languages: a page in English has no French words in it.
pub(super) fn told(alt: &Name) -> std::result::Result<(), PhotoFault> {
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= ALT_AT_MOST;
    if !fits(&alt.fr) {
        return Err(PhotoFault::French);
    }
    if fits(&alt.en) { Ok(()) } else { Err(PhotoFault::English) }
}

/// Adds a photograph, in two sizes, after those that the room has.
///
/// # Errors
/// Those of the store; the fault is told where it is not kept.
pub fn add(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    (large, small): (Sized<'_>, Sized<'_>),
    alt: &Name,
    gate: Gate,
) -> Result<std::result::Result<Id<Photo>, PhotoFault>> {
    if let Err(fault) = told(alt) {
        return Ok(Err(fault));
    }
    if store::of_room(tx, room)?.len() >= AT_MOST {
        return Ok(Err(PhotoFault::Full));
    }
    let mut kept = |file| {
        let new = NewDocument { file, owner_kind: OWNER, owner_id: room.uuid(), purpose: "photo" };
        Document::create(tx, gate, &new).map(|document| document.id)
    };
    let (large_id, small_id) = (kept(large.0)?, kept(small.0)?);
    let photo = Photo {
        id: tx.new_id(),
        resource: room,
        large: large_id,
        small: small_id,
        size: large.1,
        small_size: small.1,
        alt: alt.clone(),
    };
    store::insert(tx, &photo)?;
    note(tx, room, "room.photo_added")?;
    Ok(Ok(photo.id))
}

/// What may be done with a photograph that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Says in other words what it shows.
    Describe(Name),
    /// One place nearer to the first.
    Up,
    /// One place nearer to the last.
    Down,
    /// Takes it away.
    Remove,
}

/// Changes a photograph of a room; `None` where it is none of its.
pub(super) fn change(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    id: Id<Photo>,
    what: &Change,
) -> Result<Option<std::result::Result<(), PhotoFault>>> {
    let mut photos = store::of_room(tx, room)?;
    let Some(at) = photos.iter().position(|photo| photo.id == id) else { return Ok(None) };
    match what {
        Change::Describe(alt) => {
            if let Err(fault) = told(alt) {
                return Ok(Some(Err(fault)));
            }
            store::describe(tx, id, alt)?;
        }
        Change::Up | Change::Down => {
            let to = if *what == Change::Up { at.checked_sub(1) } else { Some(at + 1) };
            let Some(to) = to.filter(|to| *to < photos.len()) else { return Ok(Some(Ok(()))) };
            photos.swap(at, to);
            let ids: Vec<Id<Photo>> = photos.iter().map(|photo| photo.id).collect();
            store::order(tx, &ids)?;
        }
        Change::Remove => {
            store::delete(tx, id)?;
            forget_others(tx, room)?;
        }
    }
    let removed = *what == Change::Remove;
    note(tx, room, if removed { "room.photo_removed" } else { "room.photo_changed" })?;
    Ok(Some(Ok(())))
}

/// Keeps another plan, or none.
pub(super) fn set_plan(
    tx: &mut Tx<'_>,
    _: &Permit<ManageRooms>,
    room: Id<Resource>,
    file: Option<&StoredFile>,
    gate: Gate,
) -> Result<()> {
    let document = match file {
        Some(file) => {
            let new = NewDocument { file, owner_kind: OWNER, owner_id: room.uuid(), purpose: "plan" };
            Some(Document::create(tx, gate, &new)?.id)
        }
        None => None,
    };
    store::set_plan(tx, room, document)?;
    forget_others(tx, room)?;
    note(tx, room, "room.plan_changed")
}

/// Forgets the documents of a room that nothing shows any more.
fn forget_others(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<()> {
    let mut kept: Vec<Id<Document>> =
        store::of_room(tx, room)?.iter().flat_map(|photo| [photo.large, photo.small]).collect();
    kept.extend(store::plan_of(tx, room)?.map(|plan| plan.id));
    documents::keep_only(tx, (OWNER, room.uuid()), &kept).map(drop)
}

fn note(tx: &mut Tx<'_>, room: Id<Resource>, kind: &str) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "resource", subject_id: room.uuid(), payload: json!({}) })
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_photograph_shows_is_said_in_both_languages() {
        let alt = |fr: &str, en: &str| Name { fr: fr.to_owned(), en: en.to_owned() };
        assert_eq!(told(&alt("La scène", "The stage")), Ok(()));
        assert_eq!(told(&alt(" ", "The stage")), Err(PhotoFault::French));
        assert_eq!(told(&alt("La scène", "")), Err(PhotoFault::English));
        assert_eq!(told(&alt("La scène", &"e".repeat(ALT_AT_MOST + 1))), Err(PhotoFault::English));
    }
}
