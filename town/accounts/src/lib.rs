//! Accounts: how somebody gets one, signs in and looks after it; and, for administrators, the town's
//! settings, its departments and its agents. The rules are those of `beffroi-people`.

mod agenda;
mod attempt;
mod back;
mod device;
mod door;
mod factor;
mod fill;
mod hashing;
mod identity;
mod leaving;
mod letters;
mod office;
mod own;
mod particulars;
mod passkeys;
mod password;
mod proof;
mod registration;
mod words;

use std::sync::Arc;

use axum::{Extension, Router};
use beffroi_core::Lang;
use beffroi_identity::Relying;
use beffroi_once_only::Api;
use beffroi_people::{
    Permission,
    identity::ProviderKind,
    permission::{Action, ManageDepartments},
};
use beffroi_store::{Commune, StoreError, Tx, background::JobHandler};
use beffroi_web::{
    App, Area, Check, Locale, MenuGroup, NavEntry, Service,
    personal::{PersonalData, Teller},
};
use uuid::Uuid;

/// The address of a commune's site, `https://…` without a slash at its end, by the commune's slug; `None` where it has
/// none. It may block.
type Origin = dyn Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync;

/// The service. It has no tables of its own.
pub struct Accounts {
    doors: Arc<identity::Doors>,
    house: leaving::Housed,
}

impl Accounts {
    /// The accounts of all communes. `origin` gives the address of a commune's site, `https://…` without a slash at its
    /// end, by the commune's slug; `None` where it has none. It may block.
    pub fn new(origin: impl Fn(&str) -> Result<Option<String>, StoreError> + Send + Sync + 'static) -> Self {
        let doors = identity::Doors { oidc: Relying::new(), origin: Arc::new(origin) };
        Self { doors: Arc::new(doors), house: leaving::Housed::default() }
    }
}

impl Service for Accounts {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn routes(&self) -> Router<App> {
        door::routes()
            .merge(registration::routes())
            .merge(password::routes())
            .merge(own::routes())
            .merge(agenda::routes())
            .merge(particulars::routes())
            .merge(factor::routes())
            .merge(leaving::routes())
            .merge(identity::routes())
            .merge(passkeys::routes())
            .merge(office::routes())
            .layer(Extension(Arc::clone(&self.doors)))
    }

    fn permissions(&self) -> &'static [Permission] {
        beffroi_people::permission::PERMISSIONS
    }

    fn navigation(&self) -> &'static [NavEntry] {
        NAVIGATION
    }

    fn own_about(&self) -> &'static [(&'static str, &'static str)] {
        &[("/mon-compte/agenda", "accounts-agenda-about")]
    }

    fn checks(&self) -> Vec<Arc<dyn Check>> {
        let mut checks: Vec<Arc<dyn Check>> = vec![Arc::new(office::health::Jobs)];
        checks.extend(
            Api::ALL.map(|api| Arc::new(office::state_services::StateService(api)) as Arc<dyn Check>),
        );
        checks.extend(
            ProviderKind::ALL.iter().map(|kind| Arc::new(identity::Vouching(*kind)) as Arc<dyn Check>),
        );
        checks
    }

    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        vec![
            Arc::new(letters::LinkHandler(Arc::clone(&self.doors.origin))),
            Arc::new(leaving::FarewellHandler(Arc::clone(&self.doors.origin))),
            Arc::new(leaving::ExportHandler {
                house: Arc::clone(&self.house),
                origin: Arc::clone(&self.doors.origin),
            }),
        ]
    }

    /// Copies and accounts end.
    fn hourly(&self, commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        leaving::hourly(commune, &self.house)
    }

    fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: Uuid,
        teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        leaving::personal_data(tx, account, teller)
    }

    fn moved_in(&self, house: &App) {
        // Put together once: a second house of the same services keeps the first.
        let _ = self.house.set(Arc::downgrade(house));
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }
}

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/accounts.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/accounts.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/identity.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/identity.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/office.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/office.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/leaving.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/leaving.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/agenda.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/agenda.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/health.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/state.ftl") },
];

// Whoever may change any setting may change departments.
const NAVIGATION: &[NavEntry] = &[
    NavEntry {
        area: Area::Own,
        group: None,
        href: "/mon-compte/agenda",
        label: "accounts-agenda-nav",
        rank: 25,
        permission: None,
    },
    NavEntry {
        area: Area::Office,
        group: Some(MenuGroup::Administration),
        href: "/admin",
        label: "accounts-nav-settings",
        rank: 79,
        permission: Some(ManageDepartments::PERMISSION),
    },
];
