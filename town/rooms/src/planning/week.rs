//! The week of all rooms at a glance: a line for each room, a column for each day. What is taken stands there in a few
//! words; what is free opens behind one sign.

use beffroi_calendar::{booking::PLANNING, clock, resource::Kept};
use beffroi_core::Day;
use beffroi_web::Page;

use super::views::{Entry, Looked, card};

/// A room on a day.
pub(super) struct Cell {
    pub(super) day: String,
    pub(super) closed: bool,
    pub(super) taken: Vec<Entry>,
    /// What may still be had.
    pub(super) free: Vec<Entry>,
}

/// A room in the week.
pub(super) struct Row {
    pub(super) title: String,
    /// The week of that room alone.
    pub(super) href: String,
    pub(super) cells: Vec<Cell>,
}

impl Row {
    /// Whether nothing is taken all the week.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.taken.is_empty())
    }
}

fn days(looked: &Looked) -> impl Iterator<Item = Day> {
    let last = looked.last;
    looked.first.iter_days().take_while(move |day| *day <= last)
}

/// A day without its year, which the title of the week tells.
fn named(page: &Page, day: Day) -> String {
    clock::capital(&clock::from_to(day, day, page.language()).0)
}

/// The days of the week.
pub(super) fn heads(page: &Page, looked: &Looked) -> Vec<String> {
    days(looked).map(|day| named(page, day)).collect()
}

/// A line for each room.
pub(super) fn rows(page: &Page, looked: &Looked) -> Vec<Row> {
    let cell = |room: &Kept, day: Day| {
        let title = named(page, day);
        let it = card(page, looked, room, day, title, String::new());
        let (free, taken) = it.entries.into_iter().partition(|entry| entry.is_free);
        Cell { day: it.title, closed: !it.closed.is_empty(), taken, free }
    };
    let row = |room: &Kept| Row {
        title: room.details.name.fr.clone(),
        href: format!("{PLANNING}/{}?jour={}{}", room.details.slug, looked.first, looked.before),
        cells: days(looked).map(|day| cell(room, day)).collect(),
    };
    looked.planning.rooms.iter().map(row).collect()
}
