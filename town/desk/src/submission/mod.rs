//! Sending a request: the one command behind the form, the counter, the telephone, the paper form and the API.

pub(crate) mod asked;
mod beneficiary;
mod commands;
mod lent;
mod pieces;
mod prefill;
mod requester;
mod store;

pub use beneficiary::Beneficiary;
pub(crate) use commands::CONFIDENTIAL;
pub use commands::{Files, Helping, Judged, Sent, Submission, SubmitError, Whom, closed_text, judge, submit};
pub(crate) use lent::lacking;
pub use pieces::name as piece_name;
pub use prefill::{of_person as prefilled, of_themselves as themselves};
pub use requester::Requester;
pub(crate) use requester::called;
pub(crate) use store::used;
pub use store::{
    Mine, Reach, forget, mandate_of, of_account as cases_of_account, of_mandate as cases_of_mandate, reach,
};
