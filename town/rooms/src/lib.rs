//! Rooms that the town lends or lets: what they are, when they are free, and who has them (CGCT L2144-3: the mayor fixes
//! on which conditions).

mod clock;
mod permission;
pub mod room;

use std::sync::Arc;

use axum::Router;
use beffroi_calendar::claims;
use beffroi_core::Lang;
use beffroi_people::Permission;
use beffroi_store::{By, Commune, Migration};
use beffroi_web::{App, Locale, Service};

pub use permission::ManageRooms;

/// The service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rooms;

impl Service for Rooms {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn routes(&self) -> Router<App> {
        room::routes()
    }

    /// Holds that have expired go, where nobody claims meanwhile.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        commune.write_blocking(By::SYSTEM, claims::forget_expired)
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(<room::Description as utoipa::OpenApi>::openapi())
    }

    fn permissions(&self) -> &'static [Permission] {
        permission::PERMISSIONS
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }
}

/// The tables of rooms.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "rooms", number: 1, sql: include_str!("../migrations/0001_rooms.sql") }];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/rooms.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/rooms.ftl") },
];
