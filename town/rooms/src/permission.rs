//! What may be done with rooms, and by whom.

use beffroi_people::{Refused, permission::Permit};
use beffroi_web::WebError;

beffroi_people::actions! {
    /// Describe rooms, and say when and how they are booked.
    ManageRooms = "room.manage" [HeadOfDepartment, Manager, Administrator],
    /// See when all rooms are taken and for which case, and hold a time for somebody at the counter.
    SeePlanning = "planning.read" [Agent, HeadOfDepartment, Manager, Administrator],
    /// Hand rooms over: note their state in and out with whoever has them, and what their certificates say.
    InspectRooms = "inspection.write" [Agent, HeadOfDepartment, Manager],
    /// Take deposits, give them back, and say what of them is kept.
    ManageDeposits = "deposit.manage" [Agent, HeadOfDepartment, Manager],
    /// Hand keys over and take them back.
    ManageKeys = "key.manage" [Agent, HeadOfDepartment, Manager],
    /// Keep rooms for the town itself: repairs, an event of its own. Caretakers do, from their telephones.
    BlockRooms = "room.block" [Agent, HeadOfDepartment, Manager, Administrator],
    /// Lend equipment of the town's store: agree on pieces and days, and note what came back.
    LendEquipment = "equipment.lend" [Agent, HeadOfDepartment, Manager],
    /// Open a round for a season, make its proposal, and publish what is given.
    ManageSeasons = "season.manage" [HeadOfDepartment, Manager, Administrator],
}

/// For whoever may not know of a page, there is none; whoever lacks their second factor is sent to it.
pub(crate) fn hidden<A>(permit: Result<Permit<A>, Refused>) -> Result<Permit<A>, WebError> {
    permit.map_err(|refused| match refused {
        Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    })
}
