//! The one-stop desk: procedures that anybody may ask for, online, at the counter, by telephone or on paper,
//! and the cases that they become.

mod api;
mod appointed;
mod booked;
mod builder;
mod control;
pub mod daily;
pub mod document_templates;
mod download;
mod draft;
mod enclosure;
mod fee;
mod fetched;
mod figures;
mod finding;
mod health;
mod hooks;
mod mailroom;
mod mandates;
mod map;
mod navigation;
mod office;
mod papers;
pub mod permission;
mod priced;
mod problem;
pub mod procedure;
mod public;
pub mod retention;
mod returned;
mod shows;
mod silence;
mod space;
pub mod submission;
mod texting;
mod visit;
mod warnings;
mod words;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_calendar::ics::Event;
use beffroi_cases::{
    Access, opinion,
    tally::{Month, Tallies},
};
use beffroi_core::{Lang, calendar::civil_day};
use beffroi_documents::Gate;
use beffroi_people::{SignedIn, Town};
use beffroi_store::{
    Commune, Migration, StoreError, Tx,
    background::{JobHandler, Subscriber},
};
use beffroi_typeset::Pool;
use beffroi_web::{
    App, Area, Check, Locale, NavEntry, Service, WebError,
    ahead::Ahead,
    diary::{CaseBook, Diary},
    feed::Whose,
    panel::{Panel, Reader},
    personal::{PersonalData, Remaining, Teller},
};
use beffroi_webhooks::{self as webhooks, Source, Sources, Targets};
use chrono::TimeDelta;
use uuid::Uuid;

pub use builder::workshop;
pub use office::Office;

use crate::procedure::Shelf;

/// What the desk is given by the house.
pub struct DeskConfig {
    /// Lays papers out.
    pub pool: Arc<Pool>,
    /// Whether files wait for the virus scanner.
    pub gate: Gate,
    /// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug. It may
    /// block.
    pub origin: Box<dyn Fn(&str) -> String + Send + Sync>,
    /// Whether all mail is shown at `/_demo/courrier`.
    pub demo: bool,
}

/// What the desk's handlers share.
pub struct Parts {
    pub(crate) pool: Arc<Pool>,
    pub(crate) gate: Gate,
    pub(crate) origin: Box<dyn Fn(&str) -> String + Send + Sync>,
    pub(crate) demo: bool,
    pub(crate) shelf: Shelf,
    pub(crate) laid_out: public::LaidOut,
    /// Where webhooks may go, and the gateway of text messages be.
    pub(crate) targets: Targets,
    /// What other programs may be told of, of the whole house.
    pub(crate) events: Arc<Sources>,
    /// Where the mail servers may be whose mailboxes are read.
    pub(crate) mail_targets: Targets,
    /// Whoever gives appointments, where the house has them.
    pub(crate) diary: Option<Arc<dyn Diary>>,
}

impl Parts {
    /// The address of a commune's site, for handlers, which may not block.
    pub(crate) async fn site(self: &Arc<Self>, commune: &Commune) -> beffroi_web::Result<String> {
        let (parts, slug) = (Arc::clone(self), commune.slug().to_owned());
        tokio::task::spawn_blocking(move || (parts.origin)(&slug)).await.map_err(WebError::internal)
    }

    /// A paper as a PDF, for handlers, which may not block.
    pub(crate) async fn lay_out(self: &Arc<Self>, job: beffroi_typeset::Job) -> beffroi_web::Result<Vec<u8>> {
        let parts = Arc::clone(self);
        tokio::task::spawn_blocking(move || parts.pool.render(&job))
            .await
            .map_err(WebError::internal)?
            .map_err(|error| WebError::unavailable().log(error))
    }
}

/// The service.
pub struct DeskService {
    parts: Arc<Parts>,
}

impl DeskService {
    /// The desk of all communes.
    pub fn new(config: DeskConfig) -> Self {
        let DeskConfig { pool, gate, origin, demo } = config;
        Self {
            parts: Arc::new(Parts {
                pool,
                gate,
                origin,
                demo,
                shelf: Shelf::default(),
                laid_out: public::LaidOut::default(),
                targets: Targets::Public,
                events: Arc::new(Sources::new(vec![Arc::new(hooks::DeskEvents)])),
                mail_targets: Targets::Public,
                diary: None,
            }),
        }
    }

    /// The same, where the operator allows webhooks into the town's own network.
    #[must_use]
    pub fn with_private_webhooks(mut self, allowed: bool) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts).filter(|_| allowed) {
            parts.targets = Targets::Private;
        }
        self
    }

    /// The same, where the operator allows mailboxes to be read from servers in the town's own network.
    #[must_use]
    pub fn with_private_mailboxes(mut self, allowed: bool) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts).filter(|_| allowed) {
            parts.mail_targets = Targets::Private;
        }
        self
    }

    /// The same, in a house that gives appointments: cases ask for them.
    #[must_use]
    pub fn with_diary(mut self, diary: Arc<dyn Diary>) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts) {
            parts.diary = Some(diary);
        }
        self
    }

    /// The same, in a house whose other services have something to tell other programs: it goes by the desk's webhooks.
    #[must_use]
    pub fn with_events(mut self, more: Vec<Arc<dyn Source>>) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts) {
            parts.events = Arc::new(parts.events.and(more));
        }
        self
    }

    /// What other programs may be told of.
    pub fn events(&self) -> Arc<dyn Source> {
        Arc::<Sources>::clone(&self.parts.events)
    }

    /// The cases, as whoever gives appointments knows them.
    pub fn case_book(&self) -> Arc<dyn CaseBook> {
        Arc::new(appointed::Book(Arc::clone(&self.parts)))
    }

    /// An agent at work, for commands that act without a page.
    pub fn office(&self, access: Access, agent: Uuid, origin: String) -> Office {
        Office { desk: Arc::clone(&self.parts), access, agent, origin }
    }

    /// Makes the search index of a commune anew; tells how many cases were read. Blocks.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rebuild_search(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        finding::rebuild(commune, &self.parts)
    }

    /// The compiled procedures, for commands that use them without a page.
    pub fn shelf(&self) -> &Shelf {
        &self.parts.shelf
    }
}

impl Service for DeskService {
    fn name(&self) -> &'static str {
        "desk"
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn routes(&self) -> Router<App> {
        public::routes(self.parts.demo)
            .merge(space::routes())
            .merge(office::routes())
            .merge(builder::routes())
            .merge(document_templates::routes())
            .merge(api::routes())
            .merge(figures::routes())
            .merge(hooks::routes())
            .merge(mandates::routes())
            .merge(mailroom::routes())
            .merge(texting::routes())
            .layer(Extension(Arc::clone(&self.parts)))
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(api::description())
    }

    fn permissions(&self) -> &'static [beffroi_people::Permission] {
        permission::PERMISSIONS
    }

    fn navigation(&self) -> &'static [NavEntry] {
        navigation::NAVIGATION
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }

    fn journal_kinds(&self) -> Vec<&'static str> {
        [words::KINDS, words::EVENTS, words::INSIDE, &words::DOORS].concat()
    }

    fn checks(&self) -> Vec<Arc<dyn Check>> {
        health::checks()
    }

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        vec![
            Arc::new(papers::AcknowledgeHandler(Arc::clone(&self.parts))),
            Arc::new(papers::TellHandler(Arc::clone(&self.parts))),
            Arc::new(papers::SignedHandler(Arc::clone(&self.parts))),
            Arc::new(papers::ReversalHandler(Arc::clone(&self.parts))),
            Arc::new(papers::OverHandler(Arc::clone(&self.parts))),
            Arc::new(papers::LetterHandler(Arc::clone(&self.parts))),
            Arc::new(papers::DocumentHandler(Arc::clone(&self.parts))),
            Arc::new(papers::RefusedHandler(Arc::clone(&self.parts))),
            Arc::new(papers::SilenceHandler(Arc::clone(&self.parts))),
            Arc::new(figures::ExportHandler(Arc::clone(&self.parts))),
            Arc::new(webhooks::DeliverHandler::new(self.events(), self.parts.targets)),
            Arc::new(webhooks::ReplayHandler(self.events())),
            Arc::new(retention::TransferHandler),
            Arc::new(finding::IndexHandler(Arc::clone(&self.parts))),
            Arc::new(mandates::LetterHandler(Arc::clone(&self.parts))),
            Arc::new(office::written::WriteHandler(Arc::clone(&self.parts))),
            Arc::new(beffroi_mailroom::FetchHandler {
                gate: self.parts.gate,
                targets: self.parts.mail_targets,
            }),
        ]
    }

    /// Silence decides, and those who can still answer are warned; mailboxes that nobody reads any more are read again.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        Ok(silence::sweep(commune)?
            + warnings::sweep(commune, &self.parts)?
            + office::steps::sweep(commune, &self.parts)?
            + figures::sweep_exports(commune)?
            + space::hourly(commune, &self.parts)?
            + retention::warn(commune, &self.parts)?
            + mailroom::hourly(commune)?)
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        space::personal_data(tx, &self.parts, account, teller)
    }

    fn account_closes(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Remaining>> {
        space::account_closes(tx, &self.parts, account, teller)
    }

    fn erase_account(&self, tx: &mut Tx<'_>, account: Uuid) -> beffroi_store::Result<()> {
        space::erase_account(tx, account)
    }

    fn ahead(&self, tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> beffroi_store::Result<Vec<Ahead>> {
        shows::ahead(tx, account, teller)
    }

    fn dated(
        &self,
        tx: &mut Tx<'_>,
        whose: &Whose<'_>,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Event>> {
        shows::dated(tx, whose, teller)
    }

    fn shows(
        &self,
        tx: &mut Tx<'_>,
        thing: (&str, Uuid),
        reader: &SignedIn,
        area: Area,
    ) -> beffroi_store::Result<Option<String>> {
        shows::page(tx, thing, reader, area)
    }

    fn case_panels(
        &self,
        tx: &mut Tx<'_>,
        case: Uuid,
        reader: Reader<'_>,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Panel>> {
        fee::panels(tx, &self.parts, case, reader, teller)
    }

    fn subscribers(&self) -> Vec<Arc<dyn Subscriber>> {
        vec![
            Arc::new(papers::RefusedFiles),
            Arc::new(papers::Notices { demo: self.parts.demo }),
            Arc::new(retention::Retentions(Arc::clone(&self.parts))),
            Arc::new(Tallies),
            Arc::new(webhooks::Follower(self.events())),
            Arc::new(finding::Follower),
            Arc::new(daily::assignment::Assigner),
            Arc::new(office::written::WordsOrdered),
            Arc::new(fee::Fees(Arc::clone(&self.parts))),
        ]
    }
}

/// The desk's tables.
const MIGRATIONS: &[Migration] = &[
    Migration { service: "desk", number: 1, sql: include_str!("../migrations/0001_desk.sql") },
    Migration { service: "desk", number: 2, sql: include_str!("../migrations/0002_trays.sql") },
    Migration { service: "desk", number: 3, sql: include_str!("../migrations/0003_owned_requests.sql") },
    Migration { service: "desk", number: 4, sql: include_str!("../migrations/0004_draft_codes.sql") },
    Migration { service: "desk", number: 5, sql: include_str!("../migrations/0005_notices.sql") },
    Migration { service: "desk", number: 6, sql: include_str!("../migrations/0006_retention.sql") },
    Migration { service: "desk", number: 7, sql: include_str!("../migrations/0007_named_limits.sql") },
    Migration { service: "desk", number: 8, sql: include_str!("../migrations/0008_builder.sql") },
    Migration { service: "desk", number: 12, sql: include_str!("../migrations/0012_search.sql") },
    Migration { service: "desk", number: 14, sql: include_str!("../migrations/0014_exports.sql") },
    Migration { service: "desk", number: 16, sql: include_str!("../migrations/0016_counter.sql") },
    Migration { service: "desk", number: 18, sql: include_str!("../migrations/0018_space_and_keeping.sql") },
    Migration { service: "desk", number: 19, sql: include_str!("../migrations/0019_sealed_sectors.sql") },
    Migration { service: "desk", number: 20, sql: include_str!("../migrations/0020_fetched.sql") },
    Migration { service: "desk", number: 90, sql: include_str!("../migrations/0090_periods.sql") },
    Migration { service: "desk", number: 91, sql: include_str!("../migrations/0091_text_messages.sql") },
    Migration { service: "desk", number: 92, sql: include_str!("../migrations/0092_enclosures.sql") },
    Migration { service: "desk", number: 94, sql: include_str!("../migrations/0094_document_templates.sql") },
    Migration { service: "desk", number: 95, sql: include_str!("../migrations/0095_asked_pieces.sql") },
    Migration { service: "desk", number: 97, sql: include_str!("../migrations/0097_export_parts.sql") },
    Migration { service: "desk", number: 105, sql: include_str!("../migrations/0105_signatories.sql") },
    Migration { service: "desk", number: 106, sql: include_str!("../migrations/0106_sms_proof.sql") },
    Migration { service: "desk", number: 107, sql: include_str!("../migrations/0107_lighter_reach.sql") },
    Migration { service: "desk", number: 108, sql: include_str!("../migrations/0108_retention_by_day.sql") },
    Migration { service: "desk", number: 113, sql: include_str!("../migrations/0113_fees.sql") },
    Migration { service: "desk", number: 120, sql: include_str!("../migrations/0120_template_drafts.sql") },
];

/// The tables of the desk and of what it stands on, in the order in which they are made.
pub fn migrations() -> Vec<Migration> {
    [
        beffroi_people::MIGRATIONS,
        beffroi_places::MIGRATIONS,
        beffroi_calendar::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_search::MIGRATIONS,
        beffroi_cases::MIGRATIONS,
        webhooks::MIGRATIONS,
        beffroi_once_only::MIGRATIONS,
        beffroi_mailroom::MIGRATIONS,
        beffroi_sms::MIGRATIONS,
        beffroi_payments::MIGRATIONS,
        MIGRATIONS,
    ]
    .concat()
}

/// The desk's words.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/desk.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/desk.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/office.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/reversal.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/figures.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/figures.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/space.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/space.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/steps.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/steps.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/sign_in.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/sign_in.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/fetched.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/fetched.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/search.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/builder.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/builder.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/document_templates.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/counter.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/health.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/mandates.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/mandates.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/mailroom.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/mailroom.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/sms.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/fee.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/fee.ftl") },
];

/// How long files wait that were sent before the request that names them.
const UNUSED_FOR: TimeDelta = TimeDelta::days(7);
/// How long files wait that an agent chose for a message or a decision, and did not send.
const UNSENT_FOR: TimeDelta = TimeDelta::days(1);
/// How many months what requesters wrote beside their opinion is kept.
const COMMENTS_KEPT: i32 = 12;

/// Forgets what no longer serves: drafts whose time is over, files that no request has named. Run it daily.
pub fn sweep(tx: &mut Tx<'_>) -> beffroi_store::Result<u64> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let before = tx.now() - UNUSED_FOR;
    let unused = ["entry", "upload"].into_iter().try_fold(0, |sum, kind| {
        Ok::<_, StoreError>(sum + beffroi_documents::forget_before(tx, kind, before)?)
    })?;
    let unused = unused + enclosure::sweep(tx, tx.now() - UNSENT_FOR)?;
    if unused > 0 {
        proof(tx, "uploads.erased", serde_json::json!({ "count": unused }))?;
    }
    let comments = opinion::forget_comments(tx, Month::of(today).plus(-COMMENTS_KEPT))?;
    let visits = office::reception::sweep(tx)? + mandates::sweep(tx, today)? + mailroom::sweep(tx)?;
    let numbers = texting::proof::sweep(tx)?;
    Ok(draft::sweep(tx, today)? + unused + comments + webhooks::sweep(tx)? + visits + numbers)
}

/// Forgets what residents' spaces keep no longer, and what was written of looks twelve months ago. Blocks; run it daily.
///
/// # Errors
/// Those of the store; what was forgotten until then stays forgotten.
pub fn sweep_spaces(commune: &Commune) -> beffroi_store::Result<u64> {
    space::daily(commune)
}

/// Writes down that things were erased that have no history of their own: how many, and nothing of them.
pub(crate) fn proof(tx: &mut Tx<'_>, kind: &str, payload: serde_json::Value) -> beffroi_store::Result<()> {
    let subject_id = tx.new_id::<Commune>().uuid();
    tx.journal(&beffroi_store::Entry { kind, subject_kind: "sweep", subject_id, payload })?;
    Ok(())
}

/// What a row of a repeated group is called on paper.
pub(crate) fn row_name(field: &beffroi_forms::Field) -> &str {
    match &field.kind {
        beffroi_forms::Kind::Group { row, .. } if !row.is_empty() => &row.fr,
        _ => &field.label.fr,
    }
}
