//! How the identity providers fare, as the administrators' page tells it.

use std::sync::Arc;

use beffroi_people::identity::{self, ProviderKind};
use beffroi_store::{By, Commune, StoreError};
use beffroi_web::{Check, CheckWords, Report};

/// An identity provider, as it has fared.
pub struct Vouching(pub ProviderKind);

impl Check for Vouching {
    fn name(&self) -> &'static str {
        self.0.as_str()
    }

    fn words(&self) -> CheckWords {
        let title = match self.0 {
            ProviderKind::FranceConnect => "accounts-health-franceconnect",
            ProviderKind::FranceConnectPlus => "accounts-health-franceconnect-plus",
            ProviderKind::ProConnect => "accounts-health-proconnect",
        };
        CheckWords { title, meanwhile: "accounts-health-idp-meanwhile", remedy: "accounts-health-idp-remedy" }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Tells how the last journeys went: nobody is sent to a provider only to look.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let kind = self.0;
        let found = commune.read_blocking(By::SYSTEM, move |tx| {
            let offered =
                identity::list(tx)?.iter().any(|provider| provider.kind == kind && provider.enabled);
            let health = identity::health(tx)?.into_iter().find(|health| health.kind == kind);
            Ok::<_, StoreError>(health.filter(|_| offered))
        });
        let health = match found {
            Ok(health) => health?,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        Some(match (health.is_failing(), health.worked_at) {
            (true, _) => Report::wrong("accounts-health-idp-failing").detail(health.failure),
            (false, Some(_)) => Report::good("accounts-health-idp-works"),
            (false, None) => Report::good("accounts-health-idp-unused"),
        })
    }
}
