//! Appointments at the town hall: for what, where, when and by whom people are received, online without an account, on
//! the telephone and at the counter by the same rules.

mod admin;
pub mod ants;
mod api;
pub mod appointment;
mod clock;
pub mod coordination;
mod diary;
mod events;
mod feed;
mod journaled;
mod just;
mod link;
pub mod motive;
mod offer;
mod office;
mod opened;
mod permission;
pub mod proposal;
mod public;
mod reach;
pub mod site;
pub mod slots;
pub mod ticket;
mod times;
pub mod wish;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_calendar::ics::Event;
use beffroi_core::{Id, Lang, Targets};
use beffroi_people::{Permission, SignedIn};
use beffroi_store::{
    By, Commune, Entry, Migration, StoreError, Tx,
    background::{JobHandler, Subscriber},
};
use beffroi_web::{
    App, Area, Check, Locale, MenuGroup, NavEntry, Service,
    ahead::Ahead,
    diary::CaseBook,
    feed::{Offered, Whose},
    meeting::Meeting,
    personal::{PersonalData, PersonalEntry, Teller},
};
use chrono::TimeDelta;
use uuid::Uuid;

use coordination::{Coordinated, Coordination, Coordinator, Declarer, Follower};
pub use diary::AppointmentDiary;
pub use events::AppointmentEvents;
pub use permission::{ManageAppointments, ReceiveAppointments};

/// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug; `None` where it has
/// none. It may block.
pub type Origin = dyn Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync;

/// Appointments that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 200;

/// Days for which tickets are kept: numbers, that name nobody.
const TICKETS_KEPT_DAYS: u64 = 60;

/// The service.
pub struct Appointments {
    origin: Arc<Origin>,
    coordinator: Arc<Coordinator>,
    cases: Cases,
}

/// Whoever keeps cases, where the house has them.
#[derive(Clone, Default)]
pub(crate) struct Cases(pub(crate) Option<Arc<dyn CaseBook>>);

impl Appointments {
    /// The appointments of all communes. `origin` gives the address of a commune's site.
    pub fn new(origin: impl Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync + 'static) -> Self {
        let origin: Arc<Origin> = Arc::new(origin);
        let coordination = Coordination::new(Targets::Public);
        let coordinator = Arc::new(Coordinator { coordination, origin: Arc::clone(&origin) });
        Self { origin, coordinator, cases: Cases::default() }
    }

    /// The same, in a house that keeps cases: appointments open them.
    #[must_use]
    pub fn with_cases(self, cases: Arc<dyn CaseBook>) -> Self {
        Self { cases: Cases(Some(cases)), ..self }
    }

    /// Asks the State's coordination service elsewhere than on the public Internet, or a stand-in for it.
    #[must_use]
    pub fn with_coordination(self, coordination: Coordination) -> Self {
        let origin = Arc::clone(&self.origin);
        Self { coordinator: Arc::new(Coordinator { coordination, origin }), ..self }
    }
}

impl Service for Appointments {
    fn name(&self) -> &'static str {
        "appointments"
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn routes(&self) -> Router<App> {
        public::routes()
            .merge(office::routes())
            .merge(admin::routes())
            .merge(api::routes())
            .merge(ants::routes(Arc::clone(&self.origin)))
            .layer(Extension(Arc::clone(&self.coordinator)))
            .layer(Extension(self.cases.clone()))
    }

    fn meeting(
        &self,
        tx: &mut Tx<'_>,
        thing: (&str, Uuid),
        reader: &SignedIn,
    ) -> beffroi_store::Result<Option<Meeting>> {
        office::meeting(tx, thing, reader)
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(<api::Description as utoipa::OpenApi>::openapi())
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

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let teller = appointment::tell::Teller(Arc::clone(&self.origin));
        let declarer = Declarer(Arc::clone(&self.coordinator));
        vec![
            Arc::new(teller),
            Arc::new(appointment::tell::Expirer),
            Arc::new(declarer),
            Arc::new(opened::Opener),
        ]
    }

    fn subscribers(&self) -> Vec<Arc<dyn Subscriber>> {
        vec![Arc::new(Follower(Arc::clone(&self.coordinator))), Arc::new(proposal::Forgetter)]
    }

    fn checks(&self) -> Vec<Arc<dyn Check>> {
        vec![Arc::new(Coordinated(Arc::clone(&self.coordinator)))]
    }

    /// What was held and not booked goes; so does whom appointments were for, two months after.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        let coordinator = Arc::clone(&self.coordinator);
        let lapsed = commune.write_blocking(By::SYSTEM, move |tx| {
            let before = tx.now().date_naive() - chrono::Days::new(TICKETS_KEPT_DAYS);
            let wishes = wish::forget(tx, tx.now().date_naive())?;
            let ordered = coordination::catch_up(tx, &coordinator)?;
            Ok::<_, StoreError>(appointment::lapse(tx)? + ticket::forget(tx, before)? + wishes + ordered)
        })?;
        let mut gone = 0;
        loop {
            let forgotten = commune.write_blocking(By::SYSTEM, forget)?;
            gone += forgotten;
            if forgotten < u64::from(FORGOTTEN_AT_ONCE) {
                return Ok(lapsed + gone);
            }
        }
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        let zone = beffroi_people::Town::load(tx)?.zone();
        let motives = motive::list(tx)?;
        let entries = appointment::for_account(tx, Id::from_uuid(account))?.into_iter().map(|it| {
            let motive = motives.iter().find(|motive| motive.id == it.motive);
            let name = motive.map_or("", |motive| motive.details.sheet.name.read_in(teller.lang()));
            let when = clock::moment(it.span.start(), zone, teller.lang());
            let state = teller.t(&format!("appointments-state-{}", it.state.as_str()));
            let facts = [
                ("appointments-fact-motive", name.to_owned()),
                ("appointments-fact-when", when.clone()),
                ("appointments-fact-state", state),
                ("appointments-fact-name", it.contact.name.clone()),
                ("appointments-fact-email", it.contact.email.clone()),
                ("appointments-fact-phone", it.contact.phone.clone()),
                ("appointments-fact-note", it.contact.note.clone()),
            ];
            PersonalEntry {
                sector: None,
                title: teller.tr("appointments-personal", &[("when", when.into())]),
                href: String::new(),
                facts: facts
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(key, value)| (teller.t(key), value))
                    .collect(),
                data: serde_json::json!({
                    "reference": it.reference,
                    "motive": name,
                    "starts_at": it.span.start(),
                    "ends_at": it.span.end(),
                    "persons": it.persons,
                    "state": it.state,
                    "name": it.contact.name,
                    "email": it.contact.email,
                    "phone": it.contact.phone,
                    "note": it.contact.note,
                }),
            }
        });
        Ok(PersonalData { entries: entries.collect(), files: Vec::new() })
    }

    fn ahead(&self, tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> beffroi_store::Result<Vec<Ahead>> {
        let now = clock::Now::read(tx)?;
        let mut all = appointment::for_account(tx, Id::from_uuid(account))?;
        all.retain(|it| it.state == appointment::State::Booked && it.span.end() > now.at);
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let links = appointment::links_of(tx, &all.iter().map(|it| it.id).collect::<Vec<_>>())?;
        let (motives, sites, lang) = (motive::list(tx)?, site::sites(tx)?, teller.lang());
        let told = |it: appointment::Appointment| {
            let motive = motives.iter().find(|motive| motive.id == it.motive)?;
            let site = sites.iter().find(|site| site.resource.id == it.site);
            Some(Ahead {
                at: it.span.start(),
                href: format!("/rendez-vous/mien/{}", links.get(&it.id)?),
                title: motive.details.sheet.name.read_in(lang).to_owned(),
                when: clock::capital(&clock::moment(it.span.start(), now.zone, lang)),
                text: site
                    .map(|site| site.resource.details.name.read_in(lang).to_owned())
                    .unwrap_or_default(),
            })
        };
        Ok(all.into_iter().filter_map(told).collect())
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
        appointment::erase_of_account(tx, Id::from_uuid(account))
    }
}

const NAVIGATION: &[NavEntry] = &[
    NavEntry {
        area: Area::Public,
        group: None,
        href: "/rendez-vous",
        label: "appointments-nav",
        rank: 15,
        permission: None,
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Agenda),
        href: "/agents/rendez-vous",
        label: "appointments-office-nav",
        rank: 12,
        permission: Some(permission::RECEIVE),
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Administration),
        href: "/admin/rendez-vous",
        label: "appointments-office-admin-nav",
        rank: 86,
        permission: Some(permission::MANAGE),
    },
];

/// Forgets whom appointments were for that are over since [`appointment::KEPT_DAYS`]; how many.
fn forget(tx: &mut Tx<'_>) -> beffroi_store::Result<u64> {
    let before = tx.now() - TimeDelta::days(appointment::KEPT_DAYS);
    let gone = appointment::forget(tx, before, FORGOTTEN_AT_ONCE)?;
    coordination::forget(tx, &gone)?;
    for id in &gone {
        appointment::forget_messages(tx, Id::from_uuid(*id))?;
    }
    if let Some(first) = gone.first() {
        tx.journal(&Entry {
            kind: "appointment.forgotten",
            subject_kind: "appointment",
            subject_id: *first,
            payload: serde_json::json!({ "count": gone.len() }),
        })?;
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// The tables of appointments.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        service: "appointments",
        number: 1,
        sql: include_str!("../migrations/0001_appointments.sql"),
    },
    Migration {
        service: "appointments",
        number: 2,
        sql: include_str!("../migrations/0002_coordination.sql"),
    },
    Migration { service: "appointments", number: 3, sql: include_str!("../migrations/0003_cases.sql") },
    Migration {
        service: "appointments",
        number: 4,
        sql: include_str!("../migrations/0004_called_wishes.sql"),
    },
    Migration { service: "appointments", number: 5, sql: include_str!("../migrations/0005_elsewhere.sql") },
];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/appointments.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/appointments.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/journal.ftl") },
];
