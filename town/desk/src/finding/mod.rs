//! Cases that are found by their words: what of a case can be found, how the index follows the journal, and how a
//! question becomes a page of cases.

mod documents;
mod follow;
mod question;

pub(crate) use documents::documents;
pub(crate) use follow::{Follower, IndexHandler, rebuild};
pub(crate) use question::{Answer, Followed, Question, Sorting, ask, count};
