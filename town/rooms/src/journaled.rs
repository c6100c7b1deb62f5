//! What the service leaves in the journal, in the order of the alphabet; `locales/fr/journal.ftl` has the words.

/// The kinds of its entries.
pub(crate) const KINDS: &[&str] = &[
    "booking.asked",
    "booking.blocked",
    "booking.cancelled",
    "booking.date_added",
    "booking.firm",
    "booking.held",
    "booking.released",
    "resource.changed",
    "resource.created",
    "room.described",
    "room.event_changed",
    "room.event_deleted",
    "room.event_kept",
    "room.task_done",
    "room.task_undone",
    "tariff.kept",
    "tariff.removed",
];
