//! What may be done with inspections: begun, noted in, closed.

use beffroi_calendar::booking::State as BookingState;
use beffroi_core::{Id, Instant, Lang};
use beffroi_documents::{self as documents, Document, Gate, NewDocument};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, StoreError, Tx, jobs};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    report::REPORT,
    rules::{
        BeginFault, Change, CloseFault, Condition, Content, Item, Kind, Meters, Signatures, State, opens_at,
        unseen,
    },
    store::{self, Inspection, OWNER, PHOTOS_AT_MOST, Photo},
};
use crate::{
    InspectRooms, inventory,
    premises::{Granted, words},
    upload::Shot,
};

/// Begins the inspection of a room for one date of a booking, or goes on with it: on the way in from what the town has
/// written down of the room, on the way out from what was found on the way in. `early`: why it begins before it usually may,
/// which is noted in it; `""` where nobody says.
///
/// # Errors
/// Those of the store; why it is not begun is told.
pub fn begin(
    tx: &mut Tx<'_>,
    _: &Permit<InspectRooms>,
    found: &Granted,
    (kind, starts_at): (Kind, Instant),
    early: &str,
    agent: Uuid,
) -> Result<std::result::Result<Id<Inspection>, BeginFault>> {
    let booking = &found.booking;
    let date = booking.dates().iter().find(|date| date.start() == starts_at).copied();
    let Some(date) = date.filter(|_| booking.state == BookingState::Firm) else {
        return Ok(Err(BeginFault::Gone));
    };
    let known = store::of_booking(tx, booking.id)?;
    let of = |kind| known.iter().find(|it| it.starts_at == starts_at && it.kind == kind);
    if let Some(it) = of(kind) {
        return Ok(Ok(it.id));
    }
    let opens = opens_at(kind, date, found.zone());
    let too_early = tx.now() < opens;
    if too_early && early.is_empty() {
        return Ok(Err(BeginFault::Early(opens)));
    }
    let remarks = if too_early {
        words(Lang::Fr, "premises-early-noted", &[("why", early.to_owned().into())])?
    } else {
        String::new()
    };
    let before = of(Kind::In).filter(|it| kind == Kind::Out && it.state == State::Closed);
    let items = if let Some(before) = before {
        let items = store::items_of(tx, before.id)?;
        from_way_in(tx, items)
    } else {
        let things = inventory::of_room(tx, booking.resource.id)?;
        store::of_things(tx, things)
    };
    let id = tx.new_id();
    let new = Inspection {
        id,
        booking: booking.id,
        starts_at,
        kind,
        state: State::Draft,
        made_at: tx.now(),
        made_by: agent,
        remarks,
        meters: Meters::default(),
        signatures: None,
        closed_at: None,
        hash: String::new(),
        report: None,
    };
    store::insert(tx, &new)?;
    store::keep_items(tx, id, &items)?;
    note(tx, &new, "inspection.begun", json!({}))?;
    Ok(Ok(id))
}

/// What is looked at on the way out: what was found on the way in.
fn from_way_in(tx: &Tx<'_>, items: Vec<Item>) -> Vec<Item> {
    let out = |item: Item| {
        let before = item.found.unwrap_or(item.expected);
        Item {
            id: tx.new_id(),
            found: None,
            condition: None,
            remark: String::new(),
            before: Some((before, item.condition.unwrap_or(Condition::Good))),
            ..item
        }
    };
    items.into_iter().map(out).collect()
}

/// What was noted, as it was noted.
#[derive(Default)]
pub struct Noted {
    /// Of items.
    pub changes: Vec<Change>,
    /// Of the whole.
    pub remarks: String,
    /// What the meters show.
    pub meters: Meters,
    /// New photographs, each with the item that it is of.
    pub photos: Vec<(Option<Id<Item>>, Shot)>,
    /// Photographs that are taken away.
    pub removed: Vec<Id<Document>>,
}

/// Keeps what was noted so far. `false` where it is closed: then nothing is kept. Photographs beyond sixty are not.
///
/// # Errors
/// Those of the store.
pub fn save(
    tx: &mut Tx<'_>,
    _: &Permit<InspectRooms>,
    it: &Inspection,
    noted: &Noted,
    gate: Gate,
) -> Result<bool> {
    if it.state == State::Closed {
        return Ok(false);
    }
    let mut items = store::items_of(tx, it.id)?;
    for change in &noted.changes {
        if let Some(item) = items.iter_mut().find(|item| item.id == change.item) {
            item.found = change.found;
            item.condition = change.condition;
            item.remark.clone_from(&change.remark);
        }
    }
    store::keep_items(tx, it.id, &items)?;
    store::set_whole(tx, it.id, &noted.remarks, &noted.meters)?;
    for large in &noted.removed {
        store::delete_photo(tx, it.id, *large)?;
    }
    let room = PHOTOS_AT_MOST.saturating_sub(store::photos(tx, it.id)?.len());
    let known = |id: &Id<Item>| items.iter().any(|item| item.id == *id);
    for (item, shot) in noted.photos.iter().take(room) {
        let mut kept = |file| {
            let new = NewDocument { file, owner_kind: OWNER, owner_id: it.id.uuid(), purpose: "photo" };
            Document::create(tx, gate, &new).map(|document| document.id)
        };
        let photo = Photo {
            large: kept(&shot.large.file)?,
            small: kept(&shot.small.file)?,
            item: item.filter(known),
            size: (shot.small.width, shot.small.height),
        };
        store::insert_photo(tx, it.id, &photo)?;
    }
    Ok(true)
}

/// Closes an inspection with both signatures: nothing of it changes any more, the journal keeps what tells its content from
/// any other, and its report is laid out and sent. `drawn`: the agent's signature, and the holder's.
///
/// # Errors
/// Those of the store; why it is not closed is told.
pub fn close(
    tx: &mut Tx<'_>,
    _: &Permit<InspectRooms>,
    it: &Inspection,
    signatures: &Signatures,
    drawn: [Option<&[u8]>; 2],
) -> Result<std::result::Result<(), CloseFault>> {
    if it.state == State::Closed {
        return Ok(Err(CloseFault::Closed));
    }
    let items = store::items_of(tx, it.id)?;
    match unseen(&items) {
        0 => {}
        left => return Ok(Err(CloseFault::Unseen(left))),
    }
    let ids: Vec<Id<Document>> = store::photos(tx, it.id)?.iter().map(|photo| photo.large).collect();
    let photos: Vec<String> = documents::some(tx, &ids)?.into_iter().map(|file| file.sha256).collect();
    let digest = |drawn: Option<&[u8]>| drawn.map(|it| hex::encode(Sha256::digest(it))).unwrap_or_default();
    let content = Content {
        booking: it.booking.to_string(),
        starts_at: it.starts_at,
        kind: it.kind,
        closed_at: tx.now(),
        items: items
            .iter()
            .map(|item| {
                let Item { place, name, expected, found, condition, remark, .. } = item;
                (place.as_str(), name.as_str(), *expected, *found, *condition, remark.as_str())
            })
            .collect(),
        meters: &it.meters,
        remarks: &it.remarks,
        photos: &photos,
        signatures,
        drawn: drawn.map(digest),
    };
    let hash = content.hash().map_err(StoreError::from)?;
    store::set_closed(tx, it.id, signatures, drawn, &hash)?;
    note(tx, it, "inspection.closed", json!({ "hash": hash }))?;
    jobs::enqueue(tx, REPORT, &json!({ "inspection": it.id }), tx.now(), None)?;
    Ok(Ok(()))
}

fn note(tx: &mut Tx<'_>, it: &Inspection, kind: &str, mut payload: serde_json::Value) -> Result<()> {
    if let Some(members) = payload.as_object_mut() {
        members.insert("way".to_owned(), json!(it.kind));
        members.insert("booking".to_owned(), json!(it.booking));
    }
    tx.journal(&Entry { kind, subject_kind: OWNER, subject_id: it.id.uuid(), payload }).map(drop)
}
