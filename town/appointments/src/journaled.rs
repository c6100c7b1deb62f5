//! What the service leaves in the journal, in the order of the alphabet; `locales/fr/journal.ftl` has the words.

/// The kinds of its entries.
pub(crate) const KINDS: &[&str] = &[
    "ants_search.closed",
    "ants_search.opened",
    "appointment.arrived",
    "appointment.booked",
    "appointment.cancelled",
    "appointment.expected",
    "appointment.forgotten",
    "appointment.missed",
    "appointment.moved",
    "appointment.received",
    "desk.described",
    "motive.described",
    "site.described",
    "ticket.called",
    "ticket.joined",
    "ticket.left",
    "ticket.served",
    "ticket.taken",
    "wish.ended",
    "wish.made",
    "wish.offered",
];
