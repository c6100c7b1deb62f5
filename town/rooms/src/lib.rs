//! Rooms that the town lends or lets: what they are, when they are free, and who has them (CGCT L2144-3: the mayor fixes
//! on which conditions).

mod admin;
mod bill;
pub mod booking;
mod caldav;
mod contract;
pub mod deposit;
mod device;
pub mod equipment;
mod feed;
mod figures;
pub mod inspection;
pub mod insurance;
pub mod inventory;
mod journaled;
pub mod key;
mod lending;
mod listed;
mod permission;
pub mod photo;
mod planning;
pub mod premises;
pub mod room;
pub mod season;
mod serve;
mod tariff;
mod task;
mod unpaid;
mod upload;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_calendar::{booking as held, claims, ics::Event};
use beffroi_core::{Lang, calendar::civil_day};
use beffroi_documents::Gate;
use beffroi_people::{Permission, SignedIn, Town, permission::Action};
use beffroi_store::{
    By, Commune, Migration, StoreError, Tx,
    background::{JobHandler, Subscriber},
};
use beffroi_typeset::Pool;
use beffroi_web::{
    App, Area, Locale, MenuGroup, NavEntry, Service,
    diary::CaseBook,
    feed::{Offered, Whose},
    panel::{Panel, Reader},
    personal::{PersonalData, Teller},
};
use uuid::Uuid;

pub use permission::{
    BlockRooms, InspectRooms, LendEquipment, ManageDeposits, ManageKeys, ManageRooms, ManageSeasons,
    SeePlanning,
};

/// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug; `None` where it has
/// none. It may block.
pub type Origin = dyn Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync;

/// What handlers share.
pub(crate) struct Parts {
    /// Lays papers out.
    pub(crate) pool: Arc<Pool>,
    /// Whether files wait for the virus scanner.
    pub(crate) gate: Gate,
    /// Whoever keeps cases, and knows which procedures book rooms; nothing in a house without.
    pub(crate) cases: Option<Arc<dyn CaseBook>>,
}

/// The service.
pub struct Rooms {
    parts: Arc<Parts>,
    origin: Arc<Origin>,
    rushes: Arc<booking::Rushes>,
}

impl Rooms {
    /// The rooms of all communes. `pool` lays papers out; `gate`: whether files from outside wait for a virus check;
    /// `origin` gives the address of a commune's site.
    pub fn new(
        pool: Arc<Pool>,
        gate: Gate,
        origin: impl Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync + 'static,
    ) -> Self {
        let parts = Arc::new(Parts { pool, gate, cases: None });
        Self { parts, origin: Arc::new(origin), rushes: Arc::default() }
    }

    /// The same, in a house that keeps cases: rooms are booked by its procedures.
    #[must_use]
    pub fn with_cases(mut self, cases: Arc<dyn CaseBook>) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts) {
            parts.cases = Some(cases);
        }
        self
    }
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
            .merge(season::routes())
            .merge(figures::routes())
            .merge(caldav::routes())
            .merge(device::routes())
            .merge(photo::routes())
            .merge(inventory::routes())
            .merge(equipment::routes())
            .merge(lending::routes())
            .merge(premises::routes())
            .merge(inspection::routes())
            .merge(deposit::routes())
            .merge(contract::routes())
            .merge(key::routes())
            .layer(Extension(Arc::clone(&self.parts)))
    }

    /// Holds that have expired go, where nobody claims meanwhile, and what was done long ago is forgotten.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        let done = commune.write_blocking(By::SYSTEM, |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let old = claims::forget_expired(tx)?
                + held::sweep(tx)?
                + task::forget(tx)?
                + caldav::sweep(tx)?
                + season::sweep(tx)?;
            let premises = inspection::forget(tx)? + key::forget(tx, today)? + key::forget_codes(tx, today)?;
            Ok::<_, StoreError>(old + premises)
        })?;
        Ok(done + deposit::hourly(commune, &self.origin)?)
    }

    fn subscribers(&self) -> Vec<Arc<dyn Subscriber>> {
        vec![Arc::new(deposit::Promises), Arc::new(bill::Bills)]
    }

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let pool = || Arc::clone(&self.parts.pool);
        vec![
            Arc::new(contract::ContractHandler(pool())),
            Arc::new(inspection::ReportHandler(pool())),
            Arc::new(season::ContractsHandler(pool())),
            Arc::new(season::LetterHandler(pool())),
        ]
    }

    fn case_panels(
        &self,
        tx: &mut Tx<'_>,
        case: Uuid,
        reader: Reader<'_>,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Panel>> {
        let mut panels = premises::panels(tx, case, reader, teller)?;
        panels.extend(lending::panel(tx, case, reader, teller)?);
        panels.extend(unpaid::panel(tx, case, (reader, self.parts.cases.as_deref()), teller)?);
        Ok(panels)
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

    fn below(&self) -> &'static [(&'static str, &'static str)] {
        BELOW
    }

    fn own_about(&self) -> &'static [(&'static str, &'static str)] {
        &[("/salles/saisons", "rooms-season-own-about")]
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }

    fn journal_kinds(&self) -> Vec<&'static str> {
        journaled::KINDS.to_vec()
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        Ok(PersonalData { entries: season::personal(tx, account, teller)?, files: Vec::new() })
    }

    fn offered(
        &self,
        tx: &mut Tx<'_>,
        who: &SignedIn,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Offered>> {
        feed::offered(tx, who, teller)
    }

    fn dated(
        &self,
        tx: &mut Tx<'_>,
        whose: &Whose<'_>,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Event>> {
        feed::dated(tx, whose, teller)
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
    Migration { service: "rooms", number: 10, sql: include_str!("../migrations/0010_photos.sql") },
    Migration { service: "rooms", number: 11, sql: include_str!("../migrations/0011_inspections.sql") },
    Migration { service: "rooms", number: 12, sql: include_str!("../migrations/0012_deposits.sql") },
    Migration { service: "rooms", number: 13, sql: include_str!("../migrations/0013_keys.sql") },
    Migration { service: "rooms", number: 20, sql: include_str!("../migrations/0020_season_letters.sql") },
    Migration { service: "rooms", number: 30, sql: include_str!("../migrations/0030_values.sql") },
    Migration {
        service: "rooms",
        number: 31,
        sql: include_str!("../migrations/0031_deposits_of_seasons.sql"),
    },
];

const NAVIGATION: &[NavEntry] = &[
    NavEntry {
        area: Area::Public,
        group: None,
        href: "/salles",
        label: "rooms-nav",
        rank: 15,
        permission: None,
    },
    NavEntry {
        area: Area::Own,
        group: None,
        href: "/salles/saisons",
        label: "rooms-season-own-nav",
        rank: 30,
        permission: None,
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Agenda),
        href: "/agents/planning",
        label: "planning-nav",
        rank: 12,
        permission: Some(SeePlanning::PERMISSION),
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Agenda),
        href: "/agents/remises",
        label: "premises-nav",
        rank: 13,
        permission: Some(InspectRooms::PERMISSION),
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Administration),
        href: "/admin/salles",
        label: "rooms-admin-nav",
        rank: 85,
        permission: Some(ManageRooms::PERMISSION),
    },
];

/// What surrounds the use of a room is seen to from its handover, and programs of calendars from the planning.
const BELOW: &[(&str, &str)] = &[
    ("/agents/reservations", "/agents/remises"),
    ("/agents/etats-des-lieux", "/agents/remises"),
    ("/agents/cautions", "/agents/remises"),
    ("/agents/cles", "/agents/remises"),
    ("/agents/appareils", "/agents/planning"),
    ("/agents/prets-de-materiel", "/agents/planning"),
    ("/admin/materiel", "/admin/salles"),
];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/rooms.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/rooms.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/planning.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/devices.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/journal.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/premises.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/season.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/season.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/season_office.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/figures.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/equipment.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/agenda.ftl") },
];
