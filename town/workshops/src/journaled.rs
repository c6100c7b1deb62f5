//! What the service leaves in the journal, in the order of the alphabet; `locales/fr/journal.ftl` has the words.

/// The kinds of its entries.
pub(crate) const KINDS: &[&str] = &[
    "followup.assessed",
    "followup.consulted",
    "followup.erased",
    "followup.noted",
    "loan.made",
    "loan.returned",
    "place.described",
    "registration.accepted",
    "registration.consulted",
    "registration.forgotten",
    "registration.given_up",
    "registration.lapsed",
    "registration.made",
    "registration.marked",
    "registration.offered",
    "workshop.cancelled",
    "workshop.changed",
    "workshop.described",
    "workshop.moved",
    "workshop.planned",
];
