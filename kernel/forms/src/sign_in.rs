//! How sure the town must be of who asks online. The other ways to ask are never closed by it: whoever cannot or will
//! not identify themselves online goes to the counter, telephones or writes (CRPA L112-8 gives a right, not a duty).

use beffroi_core::Assurance;
use serde::{Deserialize, Serialize};

use crate::{Finding, Flaw, Procedure, Text, procedure::Way};

/// What a procedure asks of whoever asks online.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// `account`, or a level of eIDAS: `eidas1` (faible), `eidas2` (substantiel), `eidas3` (élevé).
    pub level: Assurance,
    /// Why, for whoever asks.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub why: Text,
}

impl Procedure {
    /// How sure the town must be of who asks online; `None`: nobody need be signed in.
    pub fn level(&self) -> Option<Assurance> {
        self.sign_in.as_ref().map(|sign_in| sign_in.level)
    }

    /// Whether somebody who is this sure may ask online.
    pub fn lets_in(&self, assurance: Option<Assurance>) -> bool {
        self.level().is_none_or(|level| assurance.is_some_and(|assurance| assurance >= level))
    }

    pub(crate) fn check_sign_in(&self, findings: &mut Vec<Finding>) {
        let Some(sign_in) = &self.sign_in else { return };
        let mut add = |at: &str, flaw: Flaw| findings.push(Finding::new(at, flaw));
        if sign_in.why.is_empty() {
            add("sign_in.why", Flaw::SignInWhy);
        }
        if !self.ways.iter().any(|way| *way != Way::Online) {
            add("ways", Flaw::SignInWays);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure() -> Procedure {
        Procedure::from_toml(include_str!("../../../catalogue/procedures/ecrire-a-la-mairie.toml")).unwrap()
    }

    #[test]
    fn nothing_said_lets_everybody_in() {
        let open = procedure();
        assert!(open.lets_in(None));
        assert!(!open.to_toml().unwrap().contains("sign_in"), "files written before stay as they are");
    }

    #[test]
    fn a_level_lets_in_those_who_reach_it() {
        let mut procedure = procedure();
        procedure.sign_in = Some(SignIn { level: Assurance::Eidas2, why: Text::from("Parce que.") });
        for (assurance, enters) in [
            (None, false),
            (Some(Assurance::Account), false),
            (Some(Assurance::Eidas1), false),
            (Some(Assurance::Eidas2), true),
            (Some(Assurance::Eidas3), true),
        ] {
            assert_eq!(procedure.lets_in(assurance), enters, "{assurance:?}");
        }
        let written = procedure.to_toml().unwrap();
        assert_eq!(Procedure::from_toml(&written).unwrap(), procedure);
    }

    #[test]
    fn online_must_not_be_the_only_door_of_those_who_must_be_identified() {
        let mut procedure = procedure();
        procedure.sign_in = Some(SignIn { level: Assurance::Eidas1, why: Text::default() });
        procedure.ways = vec![Way::Online];
        let mut findings = Vec::new();
        procedure.check_sign_in(&mut findings);
        let paths: Vec<&str> = findings.iter().map(|finding| finding.at.as_str()).collect();
        assert_eq!(paths, ["sign_in.why", "ways"]);
    }
}
