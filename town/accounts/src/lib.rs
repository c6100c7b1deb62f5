//! Accounts: how somebody gets one, signs in and looks after it; and, for administrators, the town's
//! settings, its departments and its agents. The rules are those of `beffroi-people`.

mod back;
mod device;
mod door;
mod factor;
mod fill;
mod hashing;
mod office;
mod own;
mod password;
mod registration;
mod words;

use axum::Router;
use beffroi_core::Lang;
use beffroi_people::{
    Permission,
    permission::{Action, ManageDepartments},
};
use beffroi_web::{App, Area, Locale, NavEntry, Service};

/// The service. It has no tables of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accounts;

impl Accounts {
    /// The accounts of all communes.
    pub const fn new() -> Self {
        Self
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
            .merge(factor::routes())
            .merge(office::routes())
    }

    fn permissions(&self) -> &'static [Permission] {
        beffroi_people::permission::PERMISSIONS
    }

    fn navigation(&self) -> &'static [NavEntry] {
        NAVIGATION
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }
}

/// The words of these pages.
pub const LOCALES: &[Locale] = &[
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/accounts.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/accounts.ftl") },
    Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/office.ftl") },
    Locale { lang: Lang::En, ftl: include_str!("../locales/en/office.ftl") },
];

// Whoever may change any setting may change departments.
const NAVIGATION: &[NavEntry] = &[NavEntry {
    area: Area::Office,
    href: "/admin",
    label: "accounts-nav-settings",
    rank: 90,
    permission: Some(ManageDepartments::PERMISSION),
}];
