//! What the desk depends on outside the house, as the administrators' page tells it: the mailboxes that it reads, the
//! other programs that it tells of what happens, the gateway of text messages.

use std::sync::Arc;

use beffroi_mailroom::mailbox::{self, Mailbox};
use beffroi_store::{By, Commune};
use beffroi_web::{Check, CheckWords, Report};
use chrono::TimeDelta;

use crate::texting;

/// A mailbox is asked for each hour; one that was not read for so long is not read.
const LONG: TimeDelta = TimeDelta::hours(3);

/// Everything that is looked at.
pub(crate) fn checks() -> Vec<Arc<dyn Check>> {
    vec![Arc::new(Mailboxes), Arc::new(Webhooks), Arc::new(SmsGateway)]
}

/// How many there are, as a sentence wants it.
fn count<T>(all: &[T]) -> i64 {
    i64::try_from(all.len()).unwrap_or(i64::MAX)
}

/// The mailboxes whose mail goes to the mail room.
struct Mailboxes;

impl Check for Mailboxes {
    fn name(&self) -> &'static str {
        "mailboxes"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "office-health-mailboxes",
            meanwhile: "office-health-mailboxes-meanwhile",
            remedy: "office-health-mailboxes-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Tells how the last readings went: the server is not asked only to look.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let mut read = match commune.read_blocking(By::SYSTEM, mailbox::list) {
            Ok(all) => all,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        read.retain(|mailbox| mailbox.details.is_active);
        if read.is_empty() {
            return None;
        }
        let troubled: Vec<&Mailbox> = read.iter().filter(|mailbox| mailbox.trouble.is_some()).collect();
        if !troubled.is_empty() {
            let detail = troubled.iter().map(|mailbox| {
                format!("{}: {}", mailbox.details.name, mailbox.trouble.as_deref().unwrap_or_default())
            });
            let detail = detail.collect::<Vec<_>>().join("\n");
            return Some(
                Report::wrong("office-health-mailboxes-troubled")
                    .with("count", count(&troubled))
                    .detail(detail),
            );
        }
        let before = commune.now() - LONG;
        let late: Vec<_> =
            read.iter().filter_map(|mailbox| mailbox.fetched_at).filter(|at| *at < before).collect();
        Some(match late.iter().min() {
            Some(since) => {
                Report::weak("office-health-mailboxes-late").with("count", count(&late)).since(Some(*since))
            }
            None => Report::good("office-health-mailboxes-read").with("count", count(&read)),
        })
    }
}

/// The gateway by which text messages leave.
struct SmsGateway;

impl Check for SmsGateway {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "office-health-sms",
            meanwhile: "office-health-sms-meanwhile",
            remedy: "office-health-sms-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Tells how the last message went: one sent only to look would cost the town something each time.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let kept = match commune.read_blocking(By::SYSTEM, beffroi_sms::kept) {
            Ok(kept) => kept?,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        Some(match kept.trouble {
            Some(trouble) => Report::wrong(texting::why(trouble)).since(kept.troubled_since),
            None if kept.sent_at.is_some() => Report::good("office-health-sms-works"),
            None => Report::good("office-health-sms-untried"),
        })
    }
}

/// The endpoints that are told of what happens.
struct Webhooks;

impl Check for Webhooks {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "office-health-webhooks",
            meanwhile: "office-health-webhooks-meanwhile",
            remedy: "office-health-webhooks-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            Ok::<_, beffroi_store::StoreError>((beffroi_webhooks::list(tx)?, beffroi_webhooks::disabled(tx)?))
        });
        let (all, disabled) = match found {
            Ok(found) => found,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        if all.is_empty() {
            return None;
        }
        if disabled.is_empty() {
            return Some(Report::good("office-health-webhooks-good").with("count", count(&all)));
        }
        let detail = disabled.iter().map(|endpoint| endpoint.description.as_str()).collect::<Vec<_>>();
        let since = disabled.iter().filter_map(|endpoint| endpoint.failing_since).min();
        Some(
            Report::weak("office-health-webhooks-disabled")
                .with("count", count(&disabled))
                .detail(detail.join("\n"))
                .since(since),
        )
    }
}
