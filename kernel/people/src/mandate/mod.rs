//! Mandates: somebody acts for somebody else, in what both agreed, for a time that ends. The helped person consents by
//! a signed paper, by a code that only they receive or from their own account, may end it at any time, and reads what was done with it.
//!
//! A mandate holds by itself who is helped: it names no record of a sector, and so joins none.

mod commands;
mod offer;
mod rules;
mod sight;
mod store;

pub(crate) use commands::end_all;
pub use commands::{
    Asked, ConsentError, approve, ask, consent_by_code, consent_by_link, consent_signed_in, end, end_through,
    note_use, number, record_seen, refuse, refuse_through, relink, sweep,
};
pub use offer::{
    NewOffer, Offer, OfferError, decline_offer, offer, offer_by_link, offered_since, offers_of, take_offer,
    withdraw_offer,
};
pub use rules::{By, Helped, Helper, Proof, Scope, State, Status, TERMS, Term, Through};
pub use sight::{Sight, asked};
pub use store::{
    Mandate, NewMandate, asked_by, asked_of, by_link, covering, find, given_by, held_by, histories, history,
    named, of_person, offered_to, open_asks,
};
