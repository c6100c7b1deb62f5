//! Opinions that the town asks before it decides: of another department, or of somebody outside, who answers by a
//! personal link and sees only what is shared with them.

mod commands;
mod store;

pub(crate) use commands::settle;
pub use commands::{
    Asked, NewOpinion, Secret, answer_by_link, answer_inside, ask, cancel, open, opened, remind,
};
pub use store::{Opinion, Shared, State, View, awaited_of, find, of_case, to_remind};
