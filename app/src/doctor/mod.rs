//! What the house needs in order to work, looked at piece by piece. Each finding says what to do.

mod communes;
mod machine;

pub use machine::{Room, lay_a_form_out, room};
use serde::Serialize;

use crate::{config::Config, house::Parts};

/// How a piece fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Warning,
    /// It does not work.
    Wrong,
}

/// What was found of one piece.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Which piece.
    pub check: &'static str,
    /// How it fares.
    pub state: State,
    /// What was seen.
    pub found: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Good, found: found.into(), remedy: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Warning, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Wrong, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at everything; with `deep`, recomputes every seal of every journal too. Changes nothing of a
/// sound installation.
pub fn examine(config: &Config, deep: bool) -> Vec<Finding> {
    let mut findings = machine::folder(&config.data);
    let usable = findings.iter().all(|finding| finding.state != State::Wrong || finding.check == "privacy");
    findings.push(machine::clock());
    if usable {
        findings.extend(communes::examine(config, deep));
    }
    match Parts::new(config, false) {
        Ok(parts) => {
            findings.push(machine::mail(config, &parts));
            findings.push(machine::viruses(config, &parts));
            findings.push(machine::pdf(&parts));
        }
        Err(error) => findings.push(Finding::wrong("program", error.to_string(), "mount /proc")),
    }
    findings
}
