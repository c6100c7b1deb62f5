//! A question to the search, from a page or a program: words and filters, within what the agent may read; and the page
//! of cases that answers it.

use std::collections::HashMap;

use beffroi_cases::{
    Access, Right,
    case::{self, Case, State},
};
use beffroi_core::{Channel, Day};
use beffroi_search::{self as search, Facet, Found, Key, Order, Wanted};
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use chrono::{Datelike, Months};
use uuid::Uuid;

/// The longest text that is looked for, in characters.
pub(crate) const LONGEST: usize = 200;
/// Nothing is older than what was received then.
const FIRST_YEAR: i32 = 1990;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sorting {
    /// Best first, then newest first.
    #[default]
    Best,
    /// Open cases, those that press first.
    Clock,
}

/// Who follows a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// This agent.
    By(Uuid),
    /// Nobody.
    ByNobody,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    /// What was typed.
    pub(crate) text: String,
    /// Only of this department.
    pub(crate) department: Option<String>,
    /// Only of this procedure.
    pub(crate) procedure: Option<String>,
    /// Only in this state.
    pub(crate) state: Option<State>,
    /// Only open ones.
    pub(crate) open: bool,
    /// Only through this door.
    pub(crate) channel: Option<Channel>,
    /// Only received on this day or after.
    pub(crate) from: Option<Day>,
    /// Only received on this day or before.
    pub(crate) until: Option<Day>,
    /// Only with this label.
    pub(crate) label: Option<Uuid>,
    /// Only followed so.
    pub(crate) followed: Option<Followed>,
    /// In which order.
    pub(crate) sorting: Sorting,
    /// Where the page begins.
    pub(crate) after: Option<Key>,
}

impl Question {
    /// Whether nothing at all is asked.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self { sorting: self.sorting, after: self.after.clone(), ..Self::default() }
    }
}

/// A page of cases.
pub(crate) struct Answer {
    /// The cases, in order.
    pub(crate) cases: Vec<Case>,
    /// How the question was understood, and where the next page begins.
    pub(crate) found: Found,
}

/// Answers a question. `departments`: all that the agent reads.
///
/// # Errors
/// 404 where the department that was asked for is not the agent's.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    question: &Question,
    limit: usize,
) -> Result<Answer> {
    if let Some(department) = &question.department {
        departments.iter().find(|known| *known == department).ok_or_else(WebError::not_found)?;
    }
    let text: String = question.text.chars().take(LONGEST).collect();
    let wanted = Wanted {
        text: &text,
        facets: facets(access, departments, question),
        order: match question.sorting {
            Sorting::Best => Order::Best,
            Sorting::Clock => Order::Clock,
        },
        after: question.after.clone(),
        limit,
    };
    let found = search::find(tx, &wanted)?;
    let mut order: HashMap<Uuid, usize> =
        found.subjects.iter().enumerate().map(|(rank, subject)| (*subject, rank)).collect();
    let mut ids = found.subjects.clone();
    // A case that is called so is found at once, whatever the index has not read yet.
    let called = text.trim().to_uppercase();
    let may_be_called = question.after.is_none() && called.chars().any(|c| c.is_ascii_digit());
    if let Some(id) = if may_be_called { case::called(tx, &called)? } else { None } {
        order.insert(id, 0);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut cases = case::several(tx, &ids)?;
    // The index follows the journal at a little distance; what is shown is as it is now.
    // What is sealed stands in no search, by its reference neither.
    cases
        .retain(|case| !case.sealed && access.allows(Right::Read, &case.department) && holds(question, case));
    cases.sort_by_key(|case| order.get(&case.id.uuid()).copied());
    Ok(Answer { cases, found })
}

/// How many cases answer a question, counted to one more than `limit`.
pub(crate) fn count(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    question: &Question,
    limit: usize,
) -> Result<usize> {
    if let Some(department) = &question.department {
        departments.iter().find(|known| *known == department).ok_or_else(WebError::not_found)?;
    }
    let facets = facets(access, departments, question);
    let found = search::find(tx, &Wanted { text: &question.text, facets, limit, ..Wanted::default() })?;
    Ok(found.subjects.len() + usize::from(found.next.is_some()))
}

/// Whether a case is as the question wants it, as far as its row tells.
fn holds(question: &Question, case: &Case) -> bool {
    question.department.as_ref().is_none_or(|department| *department == case.department)
        && question.procedure.as_ref().is_none_or(|procedure| *procedure == case.procedure)
        && question.state.is_none_or(|state| state == case.state)
        && (!question.open || case.state.is_open())
        && question.channel.is_none_or(|channel| channel == case.channel)
        && question.from.is_none_or(|from| from <= case.received_on)
        && question.until.is_none_or(|until| case.received_on <= until)
        && match question.followed {
            None => true,
            Some(Followed::By(agent)) => case.assignee == Some(agent),
            Some(Followed::ByNobody) => case.assignee.is_none(),
        }
}

/// What must hold.
fn facets(access: &Access, departments: &[String], question: &Question) -> Vec<Vec<Facet>> {
    let mut facets = Vec::new();
    let mut only = |name, value: Option<String>| {
        facets.extend(value.map(|value| vec![Facet::new(name, value)]));
    };
    // The rarest first: what follows is then read where it matters only.
    only("label", question.label.map(|label| label.to_string()));
    let assignee = |followed| match followed {
        Followed::By(agent) => agent.to_string(),
        Followed::ByNobody => "nobody".to_owned(),
    };
    only("assignee", question.followed.map(assignee));
    only("procedure", question.procedure.clone());
    only("state", question.state.map(|state| state.as_str().to_owned()));
    only("channel", question.channel.map(|channel| channel.as_str().to_owned()));
    only("open", question.open.then(|| "yes".to_owned()));
    match &question.department {
        Some(department) => facets.push(vec![Facet::new("department", department.as_str())]),
        None if access.reads_everything() => facets.push(vec![Facet::new("kind", "case")]),
        None => {
            facets.push(departments.iter().map(|slug| Facet::new("department", slug.as_str())).collect());
        }
    }
    if question.from.is_some() || question.until.is_some() {
        facets.push(period(question.from, question.until));
    }
    facets
}

/// The years, months and days of a period: few sets, however long it is.
fn period(from: Option<Day>, until: Option<Day>) -> Vec<Facet> {
    let first = Day::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default();
    let mut day = from.unwrap_or(first).max(first);
    let last = until.unwrap_or_else(|| Day::from_ymd_opt(2100, 12, 31).unwrap_or_default());
    let last = last.min(Day::from_ymd_opt(2100, 12, 31).unwrap_or_default());
    let mut facets = Vec::new();
    while day <= last {
        let year_over = day.checked_add_months(Months::new(12)).filter(|_| day.ordinal() == 1);
        let month_over = day.checked_add_months(Months::new(1)).filter(|_| day.day() == 1);
        let (facet, next) = match (year_over, month_over) {
            (Some(next), _) if next.pred_opt().is_some_and(|end| end <= last) => {
                (Facet::new("year", day.year().to_string()), Some(next))
            }
            (_, Some(next)) if next.pred_opt().is_some_and(|end| end <= last) => {
                (Facet::new("month", day.format("%Y-%m").to_string()), Some(next))
            }
            _ => (Facet::new("day", day.to_string()), day.succ_opt()),
        };
        facets.push(facet);
        let Some(next) = next else { break };
        day = next;
    }
    if facets.is_empty() {
        facets.push(Facet::new("day", "none"));
    }
    facets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: &str, until: &str) -> Vec<String> {
        let day = |text: &str| text.parse().ok();
        period(day(from), day(until))
            .into_iter()
            .map(|facet| format!("{} {}", facet.name, facet.value))
            .collect()
    }

    #[test]
    fn a_period_is_told_in_years_months_and_days() {
        assert_eq!(
            words("2026-03-30", "2026-05-01"),
            ["day 2026-03-30", "day 2026-03-31", "month 2026-04", "day 2026-05-01"]
        );
        assert_eq!(words("2024-12-31", "2026-01-31"), ["day 2024-12-31", "year 2025", "month 2026-01"]);
        assert_eq!(words("2026-05-02", "2026-05-01"), ["day none"], "nothing lies in between");
        assert!(words("", "").len() < 130, "all of time in few sets");
    }

    #[test]
    fn a_question_without_words_and_filters_is_none() {
        assert!(Question { sorting: Sorting::Clock, ..Question::default() }.is_empty());
        assert!(!Question { open: true, ..Question::default() }.is_empty());
    }
}
