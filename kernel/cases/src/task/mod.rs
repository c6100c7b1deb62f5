//! What agents have to do for a case: a few words, a department or one of its agents, a day.

mod commands;
mod store;

pub use commands::{NewTask, add, finish, reopen};
pub use store::{Key, Task, TaskPage, Whose, find, of_case, open_count, open_page};
