//! Rooms that the town lends or lets: what they are, when they are free, and who has them (CGCT L2144-3: the mayor fixes
//! on which conditions).

mod admin;
pub mod booking;
mod caldav;
mod device;
mod figures;
mod permission;
mod planning;
pub mod room;
pub mod season;
mod tariff;
mod task;

use std::sync::Arc;

use axum::Router;
use beffroi_calendar::{booking as held, claims};
use beffroi_core::Lang;
use beffroi_people::{Permission, permission::Action};
use beffroi_store::{By, Commune, Migration, Tx};
use beffroi_web::{
    App, Area, Locale, NavEntry, Service,
    personal::{PersonalData, Teller},
};
use uuid::Uuid;

pub use permission::{BlockRooms, ManageRooms, ManageSeasons, SeePlanning};

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
            .merge(booking::routes())
            .merge(planning::routes())
            .merge(admin::routes())
            .merge(tariff::routes())
            .merge(task::routes())
            .merge(season::routes())
            .merge(figures::routes())
            .merge(caldav::routes())
            .merge(device::routes())
    }

    /// Holds that have expired go, where nobody claims meanwhile, and what was done long ago is forgotten.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        commune.write_blocking(By::SYSTEM, |tx| {
            Ok(claims::forget_expired(tx)?
                + held::sweep(tx)?
                + task::forget(tx)?
                + caldav::sweep(tx)?
                + season::sweep(tx)?)
        })
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        let mut rooms = <room::Description as utoipa::OpenApi>::openapi();
        rooms.merge(<booking::Description as utoipa::OpenApi>::openapi());
        rooms.merge(<season::Description as utoipa::OpenApi>::openapi());
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

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        Ok(PersonalData { entries: season::personal(tx, account, teller)?, files: Vec::new() })
    }

    fn erase_account(&self, tx: &mut Tx<'_>, account: Uuid) -> beffroi_store::Result<()> {
        season::erase_account(tx, account)
    }
}

/// The tables of rooms.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "rooms", number: 1, sql: include_str!("../migrations/0001_rooms.sql") },
    Migration { service: "rooms", number: 2, sql: include_str!("../migrations/0002_tasks.sql") },
    Migration { service: "rooms", number: 3, sql: include_str!("../migrations/0003_events.sql") },
    Migration { service: "rooms", number: 4, sql: include_str!("../migrations/0004_seasons.sql") },
];

const NAVIGATION: &[NavEntry] = &[
    NavEntry { area: Area::Public, href: "/salles", label: "rooms-nav", rank: 15, permission: None },
    NavEntry {
        area: Area::Own,
        href: "/salles/saisons",
        label: "rooms-season-own-nav",
        rank: 30,
        permission: None,
    },
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
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/season.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/season.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/season_office.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/figures.ftl") },
];
