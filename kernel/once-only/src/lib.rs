//! What the State knows already and tells the town at a person's wish, so that it need be told once only (CRPA
//! L114-8): API Particulier and API Entreprise, in their third version. Nothing of an answer is kept here, and nothing
//! of it is logged.

mod client;
mod facts;
mod inquiry;
mod settings;

use beffroi_store::Migration;

pub use client::{Client, Standing, Trouble, client};
pub use facts::{Fact, Facts};
pub use inquiry::{Inquiry, NotAsked, Person, Told, check_inquiry, inquiry};
pub use settings::{Access, Api, SettingsFault, clear, load, save, to_keep};

/// The tables of the settings.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "once-only", number: 1, sql: include_str!("../migrations/0001_once_only.sql") }];
