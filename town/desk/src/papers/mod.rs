//! What the town writes about a case: acknowledgement, letters, decision, and the blank form on paper. The same
//! facts make the screen, the mail and the PDF, so that none of them can lack what the law asks.

mod about_booking;
mod acknowledgement;
mod asking;
mod awaited;
mod blank_form;
mod decision;
mod document;
mod grounds;
mod jobs;
mod letter;
mod notice;
mod reasons;
mod refused;
mod reversal;
mod silence;
mod taken_back;
mod unpapered;

pub use about_booking::OverHandler;
pub use acknowledgement::{AsReceived, Facts, due, told_steps, told_steps_of_ended};
pub use awaited::Awaited;
pub use beffroi_stationery::Stationery;
pub use blank_form::blank_form;
pub use decision::{Paper, appeals, decision, is_unsigned, paper};
pub use document::{DocumentHandler, DocumentOrder};
pub use grounds::Grounds;
pub use jobs::{
    ACKNOWLEDGE, AcknowledgeHandler, SignedHandler, TELL_DECISION, TellHandler, Told, acknowledgement_pdf,
};
pub use letter::{LetterHandler, LetterOrder};
pub use notice::{Notices, forget as forget_notices, set_aside as set_notices_aside, unposted};
pub use reasons::told as told_reasons;
pub use refused::{RefusedFiles, RefusedHandler};
pub use reversal::{act_job, act_paper, is_unsigned_act};
pub use silence::{SilenceHandler, TELL_SILENCE, certificate_pdf};
pub use taken_back::{ReversalHandler, TELL_REVERSAL};
pub use unpapered::{Missing, Unmade, Why, missing as missing_papers};

/// What documents of a case are for.
pub mod purpose {
    /// The acknowledgement.
    pub const ACKNOWLEDGEMENT: &str = "acknowledgement";
    /// The decision, or the letter that tells it.
    pub const DECISION: &str = "decision";
    /// The act that takes the last decision back.
    pub const REVERSAL: &str = "reversal";
    /// A decision that was taken back.
    pub const PAST: &str = "past-decision";
    /// The act that took it back, once another has followed.
    pub const PAST_ACT: &str = "past-reversal";
    /// A letter of the exchange.
    pub const LETTER: &str = "letter";
    /// What the requester attached.
    pub const ATTACHMENT: &str = "attachment";
    /// What an agent joined to a message or to the decision.
    pub const ENCLOSURE: &str = "enclosure";
    /// What the requester sent when asked.
    pub const ANSWER: &str = "answer";
}
