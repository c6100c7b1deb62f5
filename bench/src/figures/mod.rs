//! What is measured, one file a group.

mod calendar;
mod forms;
mod import;
mod inbox;
mod memory;
mod pages;
mod publishing;
mod rooms;
mod search;
mod start;
mod submissions;

use anyhow::Result;

use crate::{Bench, report::Figure};

/// Measures one group.
pub type Measure = fn(&Bench) -> Result<Vec<Figure>>;

/// Every group, in the order in which it is measured.
pub const ALL: [(&str, Measure); 11] = [
    ("pages", pages::measure),
    ("submissions", submissions::measure),
    ("inbox", inbox::measure),
    ("search", search::measure),
    ("forms", forms::measure),
    ("publishing", publishing::measure),
    ("calendar", calendar::measure),
    ("rooms", rooms::measure),
    ("import", import::measure),
    ("start", start::measure),
    ("memory", memory::measure),
];
