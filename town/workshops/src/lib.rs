//! Workshops: what is learnt, when and where; who takes part, registered by themselves, a relative or an agent; the waiting
//! list, who came, what advisers know of those whom they follow, tablets that are lent, and figures that name nobody.

mod ahead;
mod api;
mod attestation;
mod bill;
mod events;
pub mod figures;
pub mod followup;
mod form;
mod journaled;
pub mod loan;
mod meeting;
mod office;
mod own;
mod permission;
pub mod place;
pub mod price;
pub mod progress;
mod public;
pub mod registration;
pub mod series;
pub mod session;
mod shown;
mod slug;
pub mod tell;
pub mod withheld;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_calendar::{clock, ics::Event};
use beffroi_core::Lang;
use beffroi_notify::{About, mail, messenger};
use beffroi_people::{Permission, SignedIn};
use beffroi_store::{
    By, Commune, Entry, Migration, StoreError, Tx,
    background::{JobHandler, Subscriber},
    journal,
};
use beffroi_typeset::Pool;
use beffroi_web::{
    App, Area, Locale, MenuGroup, NavEntry, Service,
    ahead::Ahead,
    feed::Whose,
    meeting::Meeting,
    panel::Panel,
    personal::{PersonalData, PersonalEntry, Teller},
};
use chrono::TimeDelta;
use uuid::Uuid;

pub use events::WorkshopEvents;
pub use permission::{AdviseWorkshops, FollowParticipants};

/// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug; `None` where it has
/// none. It may block.
pub type Origin = dyn Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync;

/// Registrations that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 200;

/// The service.
pub struct Workshops {
    origin: Arc<Origin>,
    pool: Arc<Pool>,
}

impl Workshops {
    /// The workshops of all communes. `origin` gives the address of a commune's site; `pool` lays papers out.
    pub fn new(
        origin: impl Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync + 'static,
        pool: Arc<Pool>,
    ) -> Self {
        Self { origin: Arc::new(origin), pool }
    }
}

impl Service for Workshops {
    fn name(&self) -> &'static str {
        "workshops"
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn routes(&self) -> Router<App> {
        let office = office::routes().layer(Extension(Arc::clone(&self.pool)));
        public::routes().merge(office).merge(api::routes())
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

    fn subscribers(&self) -> Vec<Arc<dyn Subscriber>> {
        vec![Arc::new(bill::Bills)]
    }

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let (origin, pool) = (Arc::clone(&self.origin), Arc::clone(&self.pool));
        vec![Arc::new(tell::Teller(Arc::clone(&self.origin))), Arc::new(tell::LetterHandler { origin, pool })]
    }

    /// Offers that were not answered go to the next; what is overdue stays taken; what need not be known is forgotten.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        let done = commune.write_blocking(By::SYSTEM, |tx| {
            let offers = registration::lapse(tx)?;
            Ok::<_, StoreError>(offers + loan::prolong(tx)? + loan::forget(tx)? + followup::purge(tx)?)
        })?;
        let mut gone = 0;
        loop {
            let forgotten = commune.write_blocking(By::SYSTEM, forget)?;
            gone += forgotten;
            if forgotten < u64::from(FORGOTTEN_AT_ONCE) {
                return Ok(done + gone);
            }
        }
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        let mine = registration::for_account(tx, account)?;
        let ids: Vec<_> = mine.iter().map(|it| it.id).collect();
        let codes = registration::codes_of(tx, &ids)?;
        let seats = registration::seats_of(tx, &ids)?;
        let all: Vec<_> = seats.iter().map(|seat| seat.session).collect();
        let sessions = session::some(tx, &all)?;
        let series = series::list(tx)?;
        let zone = beffroi_people::Town::load(tx)?.zone();
        let lang = teller.lang();
        let entries = mine.into_iter().map(|it| {
            let title = series.iter().find(|series| series.id == it.series);
            let title = title.map_or("", |series| series.sheet.title.read_in(lang)).to_owned();
            let own = seats.iter().filter(|seat| seat.registration == it.id).filter_map(|seat| {
                let session = sessions.iter().find(|session| session.id == seat.session)?;
                Some((seat, session))
            });
            let own: Vec<_> = own.collect();
            let when = own.iter().map(|(seat, session)| {
                let state = teller.t(&format!("workshops-seat-{}", seat.state.as_str()));
                format!("{} ({state})", clock::when(session.span, zone, lang))
            });
            let facts = [
                ("workshops-fact-title", title.clone()),
                ("workshops-fact-when", when.collect::<Vec<_>>().join("\n")),
                ("workshops-fact-name", it.person.name.clone()),
                ("workshops-fact-registrant", it.person.registrant.clone()),
                ("workshops-fact-email", it.person.email.clone()),
                ("workshops-fact-phone", it.person.phone.clone()),
                ("workshops-fact-address", it.person.address.join(", ")),
                ("workshops-fact-note", it.person.note.clone()),
            ];
            let told = own.iter().map(|(seat, session)| {
                serde_json::json!({
                    "starts_at": session.span.start(),
                    "ends_at": session.span.end(),
                    "state": seat.state,
                    "presence": seat.presence,
                })
            });
            let told: Vec<serde_json::Value> = told.collect();
            PersonalEntry {
                sector: None,
                title: teller.tr("workshops-personal", &[("title", title.clone().into())]),
                href: codes
                    .get(&it.id)
                    .map(|code| format!("/ateliers/inscription/{code}"))
                    .unwrap_or_default(),
                facts: facts
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(key, value)| (teller.t(key), value))
                    .collect(),
                data: serde_json::json!({
                    "reference": it.reference,
                    "workshop": title,
                    "name": it.person.name,
                    "registrant": it.person.registrant,
                    "email": it.person.email,
                    "phone": it.person.phone,
                    "address": it.person.address,
                    "age": it.person.band,
                    "note": it.person.note,
                    "price": it.price.as_ref().map(|price| price.cents),
                    "reduced_price": it.price.as_ref().is_some_and(|price| price.reduced),
                    "sessions": told,
                }),
            }
        });
        let mut entries: Vec<PersonalEntry> = entries.collect();
        entries.extend(own::followed(tx, account, teller)?);
        Ok(PersonalData { entries, files: Vec::new() })
    }

    /// Whom advisers meet at an appointment they follow up.
    fn meeting_panels(
        &self,
        tx: &mut Tx<'_>,
        meeting: &Meeting,
        reader: &SignedIn,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Panel>> {
        office::followup_panels(tx, meeting, reader, teller)
    }

    fn ahead(&self, tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> beffroi_store::Result<Vec<Ahead>> {
        ahead::of_account(tx, account, teller)
    }

    fn dated(
        &self,
        tx: &mut Tx<'_>,
        whose: &Whose<'_>,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Event>> {
        ahead::dated(tx, whose, teller)
    }

    fn shows(
        &self,
        tx: &mut Tx<'_>,
        thing: (&str, Uuid),
        reader: &SignedIn,
        area: Area,
    ) -> beffroi_store::Result<Option<String>> {
        ahead::shows(tx, thing, reader, area)
    }

    fn erase_account(&self, tx: &mut Tx<'_>, account: Uuid) -> beffroi_store::Result<()> {
        registration::erase_of_account(tx, account)
    }
}

const NAVIGATION: &[NavEntry] = &[
    NavEntry {
        area: Area::Public,
        group: None,
        href: "/ateliers",
        label: "workshops-nav",
        rank: 17,
        permission: None,
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Agenda),
        href: "/agents/ateliers",
        label: "workshops-office-nav",
        rank: 14,
        permission: Some(permission::ADVISE),
    },
];

/// Forgets whom registrations were for whose last session is over since [`registration::KEPT_DAYS`]; how many.
fn forget(tx: &mut Tx<'_>) -> beffroi_store::Result<u64> {
    let before = tx.now() - TimeDelta::days(registration::KEPT_DAYS);
    let gone = registration::forget(tx, before, FORGOTTEN_AT_ONCE)?;
    for id in &gone {
        let about = || About { kind: "registration", id: *id };
        mail::forget_about(tx, about())?;
        messenger::forget_about(tx, about())?;
        tell::forget_letters(tx, *id)?;
        journal::erase_payloads(tx, "registration", *id)?;
    }
    if let Some(first) = gone.first() {
        tx.journal(&Entry {
            kind: "registration.forgotten",
            subject_kind: "registration",
            subject_id: *first,
            payload: serde_json::json!({ "count": gone.len() }),
        })?;
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// The tables of workshops.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "workshops", number: 1, sql: include_str!("../migrations/0001_workshops.sql") },
    Migration { service: "workshops", number: 2, sql: include_str!("../migrations/0002_prices.sql") },
    Migration { service: "workshops", number: 6, sql: include_str!("../migrations/0006_meetings.sql") },
];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/workshops.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/workshops.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/office.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/journal.ftl") },
];
