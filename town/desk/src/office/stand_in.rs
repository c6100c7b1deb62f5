//! Standing in: what whoever is away has open is brought, in the inbox, to the one who stands in, until they are back.

use beffroi_cases::{Access, inbox};
use beffroi_core::{Day, calendar::long_date};
use beffroi_store::Tx;
use beffroi_web::{Page, Result};
use uuid::Uuid;

use super::inbox::Choice;
use crate::{daily::absence::Away, visit::case_error};

/// The word of an address that asks for the cases of everybody for whom one stands in.
pub(super) const ALL: &str = "tous";

/// Somebody for whom an agent stands in.
pub(super) struct Absent {
    pub(super) agent: Uuid,
    /// Their last day away.
    until: Day,
    /// How many open cases they follow, of those that the list can show.
    open: i64,
}

/// Those for whom an agent stands in, with what they follow in these departments.
pub(super) fn absents(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[&str],
    away: &Away,
    agent: Uuid,
) -> Result<Vec<Absent>> {
    let stood_for = away.stood_for(agent);
    let agents: Vec<Uuid> = stood_for.iter().map(|absence| absence.agent).collect();
    let followed = inbox::followed(tx, access, departments, &agents).map_err(case_error)?;
    let absent = stood_for.into_iter().map(|absence| Absent {
        agent: absence.agent,
        until: absence.until_on,
        open: followed.get(&absence.agent).copied().unwrap_or_default(),
    });
    Ok(absent.collect())
}

/// The agents whose cases an address asks for; none where it asks for nobody’s, or for whom one stands in no more.
pub(super) fn asked_for(word: &str, absents: &[Absent]) -> Vec<Uuid> {
    let asked = |absent: &&Absent| word == ALL || absent.agent.to_string() == word;
    absents.iter().filter(asked).map(|absent| absent.agent).collect()
}

/// What the list can be narrowed to; empty where the agent stands in for nobody.
pub(super) fn choices(
    page: &Page,
    absents: &[Absent],
    word: &str,
    name: impl Fn(Uuid) -> Option<String>,
) -> Vec<Choice> {
    if absents.is_empty() {
        return Vec::new();
    }
    let mut choices = vec![Choice::of("", page.t("office-stood-none"), word.is_empty())];
    if absents.len() > 1 {
        choices.push(Choice::of(ALL, page.t("office-stood-all"), word == ALL));
    }
    choices.extend(absents.iter().map(|absent| {
        let value = absent.agent.to_string();
        let words = [
            ("name", name(absent.agent).unwrap_or_default().into()),
            ("until", long_date(absent.until, page.language()).into()),
        ];
        Choice::of(&value, &page.tr("office-stood-cases", &words), word == value)
    }));
    choices
}

/// What waits of those who are away: where it is, and what is said of it.
pub(super) fn waiting(
    page: &Page,
    absents: &[Absent],
    place: &str,
    name: impl Fn(Uuid) -> Option<String>,
) -> Vec<(String, String)> {
    let line = |absent: &Absent| {
        let words = [
            ("name", name(absent.agent).unwrap_or_default().into()),
            ("until", long_date(absent.until, page.language()).into()),
            ("count", absent.open.into()),
        ];
        let href = format!("/agents?service={place}&remplace={}", absent.agent);
        (href, page.tr("office-stood-count", &words))
    };
    absents.iter().map(line).collect()
}
