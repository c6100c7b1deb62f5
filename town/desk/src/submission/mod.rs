//! Sending a request: the one command behind the form, the counter, the telephone, the paper form and the API.

mod beneficiary;
mod commands;
mod pieces;
mod requester;
mod store;

pub use beneficiary::Beneficiary;
pub use commands::{Files, Judged, Sent, Submission, SubmitError, closed_text, judge, submit};
pub use pieces::name as piece_name;
pub use requester::Requester;
pub(crate) use store::used;
pub use store::{Mine, Reach, forget, of_account as cases_of_account, reach};
