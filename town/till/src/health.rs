//! Whether PayFiP answers, for the administrators' page: asked by the number of a régie, which concerns nobody.

use std::sync::Arc;

use beffroi_payments::{Fault, regie, unanswered};
use beffroi_store::{By, Commune, StoreError};
use beffroi_web::{Check, CheckWords, Report};

use crate::Parts;

/// PayFiP, as a commune's régies reach it.
pub(crate) struct Online(pub(crate) Arc<Parts>);

impl Check for Online {
    fn name(&self) -> &'static str {
        "payfip"
    }

    fn words(&self) -> CheckWords {
        CheckWords { title: "till-health", meanwhile: "till-health-meanwhile", remedy: "till-health-remedy" }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Asks of one régie: the others reach the same service.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let found = commune.read_blocking::<_, StoreError>(By::SYSTEM, |tx| {
            let online = regie::list(tx)?.into_iter().find(|regie| regie.online && !regie.closed);
            Ok((online, unanswered(tx)?))
        });
        let (regie, (waiting, since)) = match found {
            Ok((regie, unanswered)) => (regie?, unanswered),
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        if self.0.config.stand_in.is_some() {
            return Some(
                Report::weak("till-health-demo")
                    .in_own_words("till-health-demo-meanwhile", "till-health-demo-remedy"),
            );
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let asked = match runtime {
            Ok(runtime) => runtime.block_on(self.0.config.payfip.check(&regie.client_number)),
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        Some(match asked {
            Ok(()) if waiting > 0 => Report::weak("till-health-late").with("waiting", waiting).since(since),
            Ok(()) => Report::good("till-health-good"),
            Err(Fault::Contract) => Report::wrong("till-health-contract")
                .in_own_words("till-health-contract-meanwhile", "till-health-contract-remedy")
                .detail(regie.client_number),
            Err(fault) => {
                Report::wrong("till-health-away").with("waiting", waiting).detail(fault.to_string())
            }
        })
    }
}
