//! The till: what people are to pay the town and how they pay it, online or at the counter; receipts, what needs the
//! régie, its ledger and its reconciliation. All of it is kept by `kernel/payments`.

mod admin;
mod amount;
mod events;
mod health;
mod office;
mod paper;
mod public;
pub mod reconcile;
mod standing;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_core::{
    Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{
    AskHandler, LapseHandler, OrderState, PayFip, permission as payments, permission::ManageRegies,
    permission::TakeMoney, reach, testing::StandIn,
};
use beffroi_people::{Permission, Town, permission::Action};
use beffroi_store::{By, Commune, StoreError, Tx, background::JobHandler};
use beffroi_typeset::Pool;
use beffroi_web::{
    App, Area, Check, CommuneOf, Locale, MenuGroup, NavEntry, Result, Service, WebError,
    panel::Awaited,
    personal::{PersonalData, PersonalEntry, Teller},
};
use uuid::Uuid;

pub use events::OrderEvents;

/// Where a demonstration pays, in the place of PayFiP's page of payment.
pub const DEMO_PAGE: &str = public::demo::PAGE;

/// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug; `None` where it has
/// none. It may block.
pub type Origin = dyn Fn(&str) -> beffroi_store::Result<Option<String>> + Send + Sync;

/// Payers that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 200;
/// Orders of an account that are told to its owner, at most.
const OWN_AT_MOST: u32 = 500;
/// The latest orders of an account among which those are looked for that are to be paid.
const LOOKED_AT: u32 = 50;

/// What the till is made of.
pub struct TillConfig {
    /// By which PayFiP people pay online.
    pub payfip: Arc<PayFip>,
    /// Lays receipts out.
    pub pool: Arc<Pool>,
    /// Where a commune's site is.
    pub origin: Box<Origin>,
    /// What stands in for PayFiP in a demonstration, and says so: no money is taken.
    pub stand_in: Option<Arc<StandIn>>,
}

/// The same, shared by the handlers.
pub(crate) struct Parts {
    pub(crate) config: TillConfig,
}

impl Parts {
    /// The address of the commune's site.
    pub(crate) async fn site(self: &Arc<Self>, commune: &CommuneOf) -> Result<String> {
        let (parts, slug) = (Arc::clone(self), commune.slug().to_owned());
        let asked = tokio::task::spawn_blocking(move || (parts.config.origin)(&slug)).await;
        let found = asked.map_err(WebError::internal)??;
        found.ok_or_else(|| WebError::unavailable().log("the commune has no host name"))
    }
}

/// The service.
pub struct Till {
    parts: Arc<Parts>,
}

impl Till {
    /// The till of all communes.
    pub fn new(config: TillConfig) -> Self {
        Self { parts: Arc::new(Parts { config }) }
    }
}

impl Service for Till {
    fn name(&self) -> &'static str {
        "till"
    }

    fn routes(&self) -> Router<App> {
        let all = public::routes().merge(office::routes()).merge(admin::routes());
        let all = if self.parts.config.stand_in.is_some() { all.merge(public::demo::routes()) } else { all };
        all.layer(Extension(Arc::clone(&self.parts)))
    }

    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(<public::api::Description as utoipa::OpenApi>::openapi())
    }

    fn permissions(&self) -> &'static [Permission] {
        payments::PERMISSIONS
    }

    fn navigation(&self) -> &'static [NavEntry] {
        NAVIGATION
    }

    fn own_about(&self) -> &'static [(&'static str, &'static str)] {
        &[("/mon-compte/paiements", "till-own-about")]
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let payfip = Arc::clone(&self.parts.config.payfip);
        vec![Arc::new(AskHandler::new(vec![payfip])), Arc::new(LapseHandler)]
    }

    /// Cancels what lapsed, has asked what nobody told, and forgets the payers whose time is over.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        commune.write_blocking::<_, StoreError>(By::SYSTEM, beffroi_payments::round)?;
        let mut gone = 0;
        loop {
            let forgotten = commune
                .write_blocking::<_, StoreError>(By::SYSTEM, |tx| reach::forget(tx, FORGOTTEN_AT_ONCE))?;
            gone += forgotten;
            if forgotten < u64::from(FORGOTTEN_AT_ONCE) {
                return Ok(gone);
            }
        }
    }

    fn checks(&self) -> Vec<Arc<dyn Check>> {
        vec![Arc::new(health::Online(Arc::clone(&self.parts)))]
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        let entries = reach::of_account(tx, Id::from_uuid(account), None, OWN_AT_MOST)?
            .into_iter()
            .map(|(order, page)| {
                let payer = order.payer.clone().unwrap_or_default();
                let facts = [
                    ("till-fact-total", order.total.read_in(teller.lang())),
                    ("till-fact-state", teller.t(&format!("till-order-{}", order.state.as_str()))),
                    ("till-fact-payer", payer.name.clone()),
                    ("till-fact-mail", payer.mail.clone()),
                ];
                PersonalEntry {
                    sector: None,
                    title: teller.tr("till-personal", &[("number", order.number.clone().into())]),
                    href: page,
                    facts: facts
                        .into_iter()
                        .filter(|(_, value)| !value.is_empty())
                        .map(|(key, value)| (teller.t(key), value))
                        .collect(),
                    data: serde_json::json!({
                        "number": order.number,
                        "about": order.about.kind,
                        "total_cents": order.total,
                        "paid_cents": order.paid,
                        "refunded_cents": order.refunded,
                        "state": order.state,
                        "created_at": order.created_at,
                        "paid_at": order.paid_at,
                        "name": payer.name,
                        "mail": payer.mail,
                    }),
                }
            })
            .collect();
        Ok(PersonalData { entries, files: Vec::new() })
    }

    /// What is to be paid.
    fn awaited(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Awaited>> {
        let mut orders = reach::of_account(tx, Id::from_uuid(account), None, LOOKED_AT)?;
        let now = tx.now();
        orders.retain(|(order, _)| order.state == OrderState::Due && !order.is_overdue(now));
        let ids: Vec<_> = orders.iter().map(|(order, _)| order.id).collect();
        // Of an order of which money is given back nothing is to be paid meanwhile.
        let back = beffroi_payments::refund::asked_of(tx, &ids)?;
        orders.retain(|(order, _)| !back.contains_key(&order.id));
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let first = beffroi_payments::order::first_lines(tx, &ids)?;
        let (zone, lang) = (Town::load(tx)?.zone(), teller.lang());
        let awaited = orders.into_iter().map(|(order, href)| {
            let amount = order.remaining().read_in(lang);
            let text = match order.due_at {
                Some(due) => {
                    let day = long_date(civil_day(due, zone), lang);
                    teller.tr("till-awaited-until", &[("amount", amount.into()), ("day", day.into())])
                }
                None => teller.tr("till-awaited", &[("amount", amount.into())]),
            };
            let title = first.get(&order.id).cloned().unwrap_or(order.number);
            Awaited { href, title, text }
        });
        Ok(awaited.collect())
    }

    fn erase_account(&self, tx: &mut Tx<'_>, account: Uuid) -> beffroi_store::Result<()> {
        reach::erase_account(tx, Id::from_uuid(account))
    }
}

const NAVIGATION: &[NavEntry] = &[
    NavEntry {
        area: Area::Own,
        group: None,
        href: "/mon-compte/paiements",
        label: "till-own-nav",
        rank: 20,
        permission: None,
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Money),
        href: "/agents/caisse",
        label: "till-office-nav",
        rank: 14,
        permission: Some(TakeMoney::PERMISSION),
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Administration),
        href: "/admin/regies",
        label: "till-admin-nav",
        rank: 86,
        permission: Some(ManageRegies::PERMISSION),
    },
];

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/till.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/till.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/office.ftl") },
];
