//! Requests begun and not sent: they wait for their owner, who holds a code, and go when their time is over.

mod store;

pub(crate) use store::discard;
pub use store::{Draft, another_code, by_mandate, ending, find, of_account, reminded, save, start, sweep};
