//! The steps that a case goes through between its receipt and its decision, what agents fill in there, and what is
//! done by itself once its time has come.

mod commands;
mod store;

pub use commands::{Arrival, Due, Timer, enter, fill, leave_all, take};
pub(crate) use store::handled;
pub use store::{DueTimer, Filled, acting, due, filled, of_case};
