//! How the coordination service fares, for the administrators' page.

use std::sync::Arc;

use beffroi_store::{By, Commune};
use beffroi_web::{Check, CheckWords, Report};

use super::{Coordinator, Trouble, access};

/// The coordination service, as a commune asks it.
pub(crate) struct Coordinated(pub(crate) Arc<Coordinator>);

/// The key of why it does not answer.
pub(crate) const fn why(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Away => "appointments-office-coordination-away",
        Trouble::Slow => "appointments-office-coordination-slow",
        Trouble::Private => "appointments-office-coordination-private",
        Trouble::Insecure => "appointments-office-coordination-insecure",
        Trouble::Refused => "appointments-office-coordination-refused",
        Trouble::Limit => "appointments-office-coordination-limit",
        Trouble::Failing => "appointments-office-coordination-failing",
        Trouble::Unreadable => "appointments-office-coordination-unreadable",
    }
}

impl Check for Coordinated {
    fn name(&self) -> &'static str {
        "appointments-coordination"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "appointments-office-coordination",
            meanwhile: "appointments-office-coordination-meanwhile",
            remedy: "appointments-office-coordination-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Tells how the last question went: each is about somebody.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        if self.0.coordination.instead().is_some() {
            return Some(Report::weak("appointments-office-coordination-demo"));
        }
        let kept = match commune.read_blocking(By::SYSTEM, access::kept) {
            Ok(kept) => kept?,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        Some(match kept.trouble {
            Some(trouble) => Report::wrong(why(trouble)).since(kept.troubled_since),
            None if kept.answered_at.is_some() => Report::good("appointments-office-coordination-works"),
            None => Report::good("appointments-office-coordination-untried"),
        })
    }
}
