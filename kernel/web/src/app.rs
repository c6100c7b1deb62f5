//! What every handler shares: the platform, the services, the texts, the caches.

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use beffroi_store::{Migration, Platform, background::Workers};

use crate::{
    L10n, Locale, Service, api,
    assets::Assets,
    cache::PublicCache,
    health::Health,
    host::Hosts,
    l10n::{self, L10nError},
    limits::RateLimiter,
    live::Live,
    ops::Meters,
    tiles::Tiles,
};

/// What handlers are given as their state.
pub type App = Arc<House>;

/// Who keeps the machines on which the site runs (LCEN art. 1-1 asks for name, address and telephone).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosting {
    /// Name of the company or body.
    pub name: String,
    /// Postal address, on one line.
    pub address: String,
    /// Telephone.
    pub phone: String,
}

/// How the house meets the network.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Whether visitors come over https without a proxy that says so.
    pub https: bool,
    /// The proxies whose `X-Forwarded-*` headers are believed. Nobody else's are.
    pub trusted_proxies: Vec<IpAddr>,
    /// A token that opens `/metrics` from elsewhere than this machine.
    pub metrics_token: Option<String>,
    /// Who hosts the site; `None`: the commune itself.
    pub hosting: Option<Hosting>,
    /// How long a page may take.
    pub page_timeout: Duration,
    /// How long a sender may be silent in the middle of a request.
    pub silence: Duration,
    /// How long accepted requests may go on after the order to stop.
    pub shutdown_deadline: Duration,
    /// Bytes that the cache of public pages may hold.
    pub cache_bytes: usize,
    /// A folder of built assets that stands in for the embedded ones: for those who work on styles.
    pub assets_folder: Option<PathBuf>,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            https: false,
            trusted_proxies: Vec::new(),
            metrics_token: None,
            hosting: None,
            page_timeout: Duration::from_secs(30),
            silence: Duration::from_secs(30),
            shutdown_deadline: Duration::from_secs(20),
            cache_bytes: 32 << 20,
            assets_folder: None,
        }
    }
}

/// The house as it runs: one for all communes.
pub struct House {
    /// The communes.
    pub platform: Arc<Platform>,
    /// The services, in the order in which they were registered.
    pub services: Vec<Arc<dyn Service>>,
    /// How the house meets the network.
    pub config: WebConfig,
    /// The texts.
    pub l10n: L10n,
    /// Who asks too often.
    pub limits: RateLimiter,
    /// Who watches what changes.
    pub live: Live,
    /// What was seen of that on which the work depends.
    pub health: Health,
    pub(crate) cache: PublicCache,
    pub(crate) assets: Assets,
    pub(crate) hosts: Hosts,
    pub(crate) meters: Meters,
    pub(crate) tiles: Tiles,
    pub(crate) api: String,
}

impl House {
    /// Puts the house together.
    ///
    /// Errors: a service's texts cannot be read, or define a key that another has.
    pub fn new(
        platform: Arc<Platform>,
        services: Vec<Arc<dyn Service>>,
        config: WebConfig,
    ) -> Result<App, L10nError> {
        let mut locales: Vec<Locale> = l10n::LOCALES.to_vec();
        locales.extend(services.iter().flat_map(|service| service.locales()));
        let house = Arc::new(Self {
            l10n: L10n::new(&locales)?,
            limits: RateLimiter::default(),
            live: Live::default(),
            health: Health::default(),
            cache: PublicCache::new(config.cache_bytes),
            assets: Assets::load(config.assets_folder.as_deref()),
            hosts: Hosts::default(),
            meters: Meters::new(),
            tiles: Tiles::new(),
            api: api::described(&services),
            platform,
            services,
            config,
        });
        for service in &house.services {
            service.moved_in(&house);
        }
        Ok(house)
    }

    /// The migrations of these services, in order, to open the platform with.
    pub fn migrations(services: &[Arc<dyn Service>]) -> Vec<Migration> {
        services.iter().flat_map(|service| service.migrations()).copied().collect()
    }

    /// What the services do in the background.
    pub fn workers(&self) -> Workers {
        Workers {
            subscribers: self.services.iter().flat_map(|service| service.subscribers()).collect(),
            handlers: self.services.iter().flat_map(|service| service.job_handlers()).collect(),
        }
    }
}
