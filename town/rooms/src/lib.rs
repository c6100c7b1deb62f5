//! Rooms that the town lends or lets: what they are, when they are free, and who has them (CGCT L2144-3: the mayor fixes
//! on which conditions).

mod admin;
pub mod booking;
mod caldav;
mod device;
mod journaled;
mod permission;
mod planning;
pub mod room;
mod tariff;
mod task;

use std::sync::Arc;

use axum::Router;
use beffroi_calendar::{booking as held, claims};
use beffroi_core::Lang;
use beffroi_people::{Permission, permission::Action};
use beffroi_store::{By, Commune, Migration};
use beffroi_web::{App, Area, Locale, NavEntry, Service};

pub use permission::{BlockRooms, ManageRooms, SeePlanning};

/// The service.
#[derive(Default)]
pub struct Rooms {
    rushes: Arc<booking::Rushes>,
}

impl Service for Rooms {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn routes(&self) -> Router<App> {
        room::routes()
            .merge(booking::routes(&self.rushes))
            .merge(planning::routes())
            .merge(admin::routes())
            .merge(tariff::routes())
            .merge(task::routes())
            .merge(caldav::routes())
            .merge(device::routes())
    }

    /// Holds that have expired go, where nobody claims meanwhile, and what was done long ago is forgotten.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        commune.write_blocking(By::SYSTEM, |tx| {
            Ok(claims::forget_expired(tx)? + held::sweep(tx)? + task::forget(tx)? + caldav::sweep(tx)?)
        })
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        let mut rooms = <room::Description as utoipa::OpenApi>::openapi();
        rooms.merge(<booking::Description as utoipa::OpenApi>::openapi());
        Some(rooms)
    }

    fn permissions(&self) -> &'static [Permission] {
        permission::PERMISSIONS
    }

    fn navigation(&self) -> &'static [NavEntry] {
        NAVIGATION
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }

    fn journal_kinds(&self) -> Vec<&'static str> {
        journaled::KINDS.to_vec()
    }
}

/// The tables of rooms.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "rooms", number: 1, sql: include_str!("../migrations/0001_rooms.sql") },
    Migration { service: "rooms", number: 2, sql: include_str!("../migrations/0002_tasks.sql") },
    Migration { service: "rooms", number: 3, sql: include_str!("../migrations/0003_events.sql") },
];

const NAVIGATION: &[NavEntry] = &[
    NavEntry { area: Area::Public, href: "/salles", label: "rooms-nav", rank: 15, permission: None },
    NavEntry {
        area: Area::Office,
        href: "/agents/planning",
        label: "planning-nav",
        rank: 12,
        permission: Some(SeePlanning::PERMISSION),
    },
    NavEntry {
        area: Area::Office,
        href: "/admin/salles",
        label: "rooms-admin-nav",
        rank: 85,
        permission: Some(ManageRooms::PERMISSION),
    },
];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/rooms.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/rooms.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/planning.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/devices.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/journal.ftl") },
];
