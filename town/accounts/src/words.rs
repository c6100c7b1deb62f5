//! Times, pauses and passwords, in the reader's words; and the page that says one thing.

use askama::Template;
use beffroi_core::{Instant, calendar};
use beffroi_people::password::{HashedPassword, Strength, Weakness, hash_password};
use beffroi_web::{Page, Result, WebError};
use chrono_tz::Tz;

use crate::hashing::in_turn;

/// A page that says one thing and leads on.
#[derive(Template)]
#[template(path = "said.html")]
pub struct Said {
    page: Page,
    title: String,
    text: String,
    more: String,
    href: &'static str,
    label: String,
}

impl Said {
    /// Worded by the `title`, the `text` and the `next` of what is said.
    pub fn new(page: Page, what: &str, href: &'static str) -> Self {
        let text = |end: &str| page.t(&format!("accounts-said-{what}-{end}")).to_owned();
        let (title, said, label) = (text("title"), text("text"), text("next"));
        Self { page, title, text: said, more: String::new(), href, label }
    }

    /// Says one thing more.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        self.more = self.page.t(more).to_owned();
        self
    }
}

/// A text about somebody or something that it names.
pub fn named(page: &Page, key: &str, name: &str) -> String {
    page.tr(key, &[("name", name.into())])
}

/// A moment, to the minute, where the town is.
pub fn moment(page: &Page, zone: Tz, at: Instant) -> String {
    calendar::long_moment(at, zone, page.language())
}

/// A day where the town is.
pub fn day(page: &Page, zone: Tz, at: Instant) -> String {
    calendar::long_date(calendar::civil_day(at, zone), page.language())
}

/// How long to wait, said in whole minutes.
pub fn wait(page: &Page, now: Instant, until: Instant) -> String {
    page.tr("accounts-wait", &[("minutes", minutes(now, until).into())])
}

fn minutes(now: Instant, until: Instant) -> i64 {
    ((until - now).num_seconds() + 59).div_euclid(60).max(1)
}

/// The rule for a password, to be read before it is chosen.
pub fn password_rule(page: &Page, strength: Strength) -> String {
    let key = match strength {
        Strength::Citizen => "accounts-rule-citizen",
        Strength::Agent => "accounts-rule-agent",
        Strength::Administrator => "accounts-rule-administrator",
    };
    page.t(key).to_owned()
}

/// Checks and hashes a password, in turn.
///
/// Errors within: what to tell whoever chose it.
pub async fn hash(
    page: &Page,
    plain: String,
    strength: Strength,
    hints: Vec<String>,
) -> Result<Result<HashedPassword, String>> {
    let hashed = in_turn(move || {
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        hash_password(&plain, strength, &hints)
    });
    let key = match hashed.await? {
        Ok(hashed) => return Ok(Ok(hashed)),
        Err(Weakness::TooShort) => "accounts-weak-short",
        Err(Weakness::EasyToGuess) => "accounts-weak-guessed",
        Err(Weakness::TooLong) => "accounts-weak-long",
        Err(fault @ Weakness::NotHashed) => return Err(WebError::unavailable().log(fault)),
    };
    Ok(Err(page.t(key).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_that_long_does_not_come_too_early() {
        let now = Instant::UNIX_EPOCH;
        for (seconds, said) in [(1, 1), (60, 1), (61, 2), (122, 3), (7_200, 120)] {
            assert_eq!(minutes(now, now + chrono::TimeDelta::seconds(seconds)), said);
        }
    }
}
