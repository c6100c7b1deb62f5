//! Which tasks follow from a booking. Pure.

use beffroi_calendar::{
    booking::{Booking, State},
    spans::Span,
};
use beffroi_core::{Id, Instant};
use beffroi_store::words;

words! {
    /// What is to be done.
    Kind {
        /// Before it: tables, chairs, what is booked along.
        SetUp = "set-up",
        /// After it.
        Cleaning = "cleaning",
    }
}

/// Something to be done for a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// For which one.
    pub booking: Id<Booking>,
    /// What.
    pub kind: Kind,
    /// When that booking begins, on that date.
    pub starts_at: Instant,
    /// From when to when it is due; the room is kept for it.
    pub due: Span,
}

/// The tasks of these bookings that are due within a stretch of time, by when they are due. Only what was granted, and what
/// the town keeps for itself, is worth the work.
pub fn tasks(bookings: &[Booking], within: Span) -> Vec<Task> {
    let granted = bookings.iter().filter(|booking| matches!(booking.state, State::Firm | State::Blocked));
    let mut tasks: Vec<Task> = granted.flat_map(of_booking).filter(|task| task.due.meets(within)).collect();
    tasks.sort_by_key(|task| (task.due, task.kind));
    tasks
}

fn of_booking(booking: &Booking) -> impl Iterator<Item = Task> {
    let around = booking.resource.details.terms.buffers().around(booking.span);
    let details = &booking.details;
    let asked = !details.layout.fr.is_empty() || !details.extras.is_empty();
    let before = Span::new(around.start(), booking.span.start());
    // Where no time is kept for it, what was asked for is ready when it begins.
    let ready = Span::new(booking.span.start() - chrono::TimeDelta::minutes(1), booking.span.start());
    let set_up = before.or(ready.filter(|_| asked)).filter(|_| booking.state == State::Firm);
    let cleaning = Span::new(booking.span.end(), around.end());
    let task = |kind, due| Task { booking: booking.id, kind, starts_at: booking.span.start(), due };
    let set_up = set_up.map(|due| task(Kind::SetUp, due));
    set_up.into_iter().chain(cleaning.map(|due| task(Kind::Cleaning, due)))
}
