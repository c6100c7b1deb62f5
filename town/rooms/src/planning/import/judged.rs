//! Which of the times of a file can be kept, as the calendar of the room stands; and keeps them, all or none.

use beffroi_calendar::{
    availability::availability,
    booking::{self, Booking, Details, NewBooking},
    claims::{ClaimError, HowMuch},
    resource::Kept,
    spans::Span,
    town,
};
use beffroi_cases::case;
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::{Entry, Tx};
use beffroi_web::Result;
use serde_json::json;
use uuid::Uuid;

use super::sorted::Block;
use crate::SeePlanning;

/// Bookings that are looked at to tell who has the room, at most.
const RIVALS_AT_MOST: u32 = 2_000;

/// Something that has the room.
#[derive(Clone, Debug)]
pub(super) struct Rival {
    /// When, with what is set up and cleaned.
    span: Span,
    /// The reference of its case; `""` for none.
    pub(super) reference: String,
    /// What the town keeps it for.
    pub(super) note: String,
}

/// Those that can be kept, and those that cannot with who has the room, as far as that may be told.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) free: Vec<Block>,
    pub(super) taken: Vec<(Block, Option<Rival>)>,
    pub(super) past: Vec<Block>,
}

/// Looks at each of these times, in order.
pub(super) fn judge(tx: &mut Tx<'_>, who: &SignedIn, room: &Kept, blocks: Vec<Block>) -> Result<Judged> {
    let buffers = room.details.terms.buffers();
    let Some(hull) = blocks.iter().map(|block| buffers.around(block.span)).reduce(Span::hull) else {
        return Ok(Judged::default());
    };
    let now = tx.now();
    let settings = Town::load(tx)?;
    let school = town::school(&settings);
    let asked = [(room.id, HowMuch::Whole)];
    let found = availability(tx, &asked, hull, &town::year(&settings, &school))?.remove(&room.id);
    let taken = found.map(|found| found.taken).unwrap_or_default();
    let rivals = if taken.is_empty() { Vec::new() } else { rivals(tx, who, room, hull)? };
    let mut judged = Judged::default();
    for block in blocks {
        let around = buffers.around(block.span);
        if block.span.end() <= now {
            judged.past.push(block);
        } else if taken.meets(around) {
            let rival = rivals.iter().find(|rival| rival.span.meets(around)).cloned();
            judged.taken.push((block, rival));
        } else {
            judged.free.push(block);
        }
    }
    Ok(judged)
}

/// What has the room, for whoever may see the planning.
fn rivals(tx: &mut Tx<'_>, who: &SignedIn, room: &Kept, within: Span) -> Result<Vec<Rival>> {
    if permit_somewhere::<SeePlanning>(tx, who).is_err() {
        return Ok(Vec::new());
    }
    let found = booking::of_places(tx, &[room.id], within, RIVALS_AT_MOST)?;
    let case = |it: &Booking| it.owner.as_ref().filter(|(kind, _)| kind == "case").map(|(_, id)| *id);
    let cases: Vec<Uuid> = found.iter().filter_map(case).collect();
    let references = case::references(tx, &cases)?;
    let buffers = room.details.terms.buffers();
    let mut rivals = Vec::new();
    for it in &found {
        let reference = case(it).and_then(|id| references.get(&id).cloned()).unwrap_or_default();
        rivals.extend(it.dates().iter().map(|date| Rival {
            span: buffers.around(*date),
            reference: reference.clone(),
            note: it.details.note.clone(),
        }));
    }
    Ok(rivals)
}

/// Keeps all of these times for the town, or none.
///
/// # Errors
/// [`ClaimError`], with nothing kept.
pub(super) fn keep(tx: &mut Tx<'_>, room: &Kept, blocks: &[Block]) -> std::result::Result<(), ClaimError> {
    let new: Vec<NewBooking> = blocks
        .iter()
        .map(|block| NewBooking {
            resource: room.id,
            span: block.span,
            details: Details { note: block.note.clone(), ..Details::default() },
        })
        .collect();
    booking::block_each(tx, &new)?;
    tx.journal(&Entry {
        kind: "room.agenda_imported",
        subject_kind: "resource",
        subject_id: room.id.uuid(),
        payload: json!({ "times": blocks.len() }),
    })?;
    Ok(())
}
