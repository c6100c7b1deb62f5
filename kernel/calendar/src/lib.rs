//! When and where: openings, what is taken, what is free. One engine under rooms, appointments and workshops.

pub mod availability;
pub mod booking;
pub mod claims;
pub mod clock;
pub mod free;
pub mod ics;
pub mod lending;
pub mod local;
pub mod month;
pub mod now;
pub mod openings;
pub mod recurrence;
pub mod resource;
pub mod school;
pub mod season;
pub mod spans;
pub mod stock;
pub mod tariff;
pub mod town;
pub mod typed;
pub mod words;

use beffroi_store::Migration;

/// The tables of what can be booked, and of what is taken.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "calendar", number: 1, sql: include_str!("../migrations/0001_calendar.sql") },
    Migration { service: "calendar", number: 2, sql: include_str!("../migrations/0002_bookings.sql") },
    Migration { service: "calendar", number: 3, sql: include_str!("../migrations/0003_holders.sql") },
    Migration { service: "calendar", number: 4, sql: include_str!("../migrations/0004_tariffs.sql") },
    Migration { service: "calendar", number: 5, sql: include_str!("../migrations/0005_lending.sql") },
    Migration { service: "calendar", number: 120, sql: include_str!("../migrations/0120_asked.sql") },
];
