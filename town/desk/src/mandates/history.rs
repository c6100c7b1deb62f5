//! What was done with a mandate, as its helped person reads it.

use beffroi_people::mandate::Mandate;
use beffroi_store::JournalEntry;
use beffroi_web::Page;
use chrono_tz::Tz;
use serde_json::Value;

use crate::public::when;

/// One line of the history.
pub(super) struct Done {
    pub(super) date: String,
    pub(super) when: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) who: String,
}

/// Entries that a page shows.
pub(super) const SHOWN: u32 = 200;

/// The history of a mandate, newest first.
pub(super) fn lines(page: &Page, entries: &[JournalEntry], mandate: &Mandate, zone: Tz) -> Vec<Done> {
    let line = |entry: &JournalEntry| {
        let text = |name: &str| {
            let payload = entry.payload.as_ref();
            payload
                .and_then(|payload| payload.get(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let title = match (entry.kind.as_str(), text("what").as_str()) {
            ("mandate.asked", _) => page.t("desk-mandate-done-asked"),
            ("mandate.granted", _) if text("proof") == "account" => page.t("desk-mandate-done-offered"),
            ("mandate.granted", _) => page.t("desk-mandate-done-granted"),
            ("mandate.refused", _) => page.t("desk-mandate-done-refused"),
            ("mandate.revoked", _) => page.t("desk-mandate-done-ended"),
            ("mandate.used", "sent") => page.t("desk-mandate-done-sent"),
            ("mandate.used", "read") => page.t("desk-mandate-done-read"),
            ("mandate.used", "message") => page.t("desk-mandate-done-message"),
            ("mandate.used", "documents") => page.t("desk-mandate-done-documents"),
            ("mandate.used", "withdrawn") => page.t("desk-mandate-done-withdrawn"),
            _ => return None,
        };
        let details = &mandate.details;
        let helper = entry.actor_id == Some(details.account.uuid());
        let by_helped =
            entry.actor_id.is_some() && entry.actor_id == mandate.helped_account.map(beffroi_core::Id::uuid);
        let named = |key: &str| {
            let name = details.helped.full_name();
            page.tr(key, &[("name", name.into()), ("helper", details.helper_name.clone().into())])
        };
        let who = match (entry.actor_kind.as_str(), text("through").as_str()) {
            (_, "link") => named("desk-mandate-who-link"),
            (_, "account") => named("desk-mandate-who-account"),
            ("account", "code") if helper => named("desk-mandate-who-code-helper"),
            (_, "code") => named("desk-mandate-who-code-town"),
            (_, "paper") => named("desk-mandate-who-paper"),
            ("account", _) if helper => details.helper_name.clone(),
            ("visitor", _) => named("desk-mandate-who-helped"),
            ("account", _) if by_helped || text("by") == "helped" => named("desk-mandate-who-helped"),
            _ => page.t("desk-mandate-who-town").to_owned(),
        };
        Some(Done {
            date: entry.at.to_rfc3339(),
            when: when(entry.at, zone, page.language()),
            title: title.to_owned(),
            text: text("reference"),
            who,
        })
    };
    entries.iter().rev().filter_map(line).collect()
}
