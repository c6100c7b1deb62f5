//! The figures of departments over a period, for programs: what the page of figures counts, as numbers.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::Query};
use beffroi_cases::{
    case::State,
    figures,
    summary::{FEWEST, Summary},
    tally::{self, Month},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_web::{Result, WebError};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{body::wrong, deposit::private};
use crate::{office::entitled, visit::Visit};

/// Months that one answer may cover.
const MONTHS_AT_MOST: i32 = 120;
/// Months that are covered where none is named.
const USUAL_MONTHS: i32 = 12;

/// What is to be counted.
#[derive(Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// The department’s short name; all those that you may read, if none is given.
    department: Option<String>,
    /// Only of this procedure.
    procedure: Option<String>,
    /// The first month, `2026-01`; eleven months before the last, if none is given.
    from: Option<String>,
    /// The last month; the present one, if none is given.
    until: Option<String>,
}

/// What happened.
#[derive(Serialize, ToSchema)]
pub(super) struct Counted {
    received: i64,
    /// The same by the door.
    by_channel: BTreeMap<String, i64>,
    decided: i64,
    /// Days within which half of the decisions were taken.
    median_days: Option<i64>,
    /// Days within which nine tenths of them were.
    ninth_decile_days: Option<i64>,
    /// Decisions that came after silence had decided.
    late: i64,
    granted_by_silence: i64,
    refused_by_silence: i64,
    /// Cases that ended in which documents had been asked for.
    documents_asked: i64,
    /// Decisions that were withdrawn or repealed.
    decisions_reversed: i64,
    /// The share of the requesters who are satisfied, in percent; not told where fewer than five gave an opinion.
    satisfied_percent: Option<i64>,
    opinions: Option<i64>,
}

impl Counted {
    fn of(summary: &Summary) -> Self {
        Self {
            received: summary.received,
            by_channel: summary.by_channel.clone(),
            decided: summary.decided(),
            median_days: summary.delays.within(50),
            ninth_decile_days: summary.delays.within(90),
            late: summary.late,
            granted_by_silence: summary.silence_granted,
            refused_by_silence: summary.silence_refused,
            documents_asked: summary.asked,
            decisions_reversed: summary.reversed,
            satisfied_percent: summary.satisfied_percent(),
            opinions: Some(summary.opinions_given()).filter(|given| *given >= FEWEST),
        }
    }
}

/// What happened in a month.
#[derive(Serialize, ToSchema)]
pub(super) struct CountedMonth {
    /// `2026-06`.
    month: String,
    #[serde(flatten)]
    counted: Counted,
}

/// What happened to a procedure, and how it stands now.
#[derive(Serialize, ToSchema)]
pub(super) struct CountedProcedure {
    procedure: String,
    #[serde(flatten)]
    counted: Counted,
    /// Cases that are open now.
    open_now: i64,
    /// Those among them that silence has overtaken.
    late_now: i64,
}

/// The figures of a period.
#[derive(Serialize, ToSchema)]
pub(super) struct Figures {
    /// The first month.
    from: String,
    /// The last month.
    until: String,
    whole: Counted,
    months: Vec<CountedMonth>,
    procedures: Vec<CountedProcedure>,
}

fn month(given: Option<&str>, place: &str) -> Result<Option<Month>> {
    let read =
        |text: &str| text.parse().ok().filter(|it: &Month| (1..=9999).contains(&it.first_day().year()));
    given
        .map(|text| read(text).ok_or_else(|| wrong(place, "value", "a month is expected, 2026-01")))
        .transpose()
}

/// The months that are covered.
fn period(wanted: &Wanted, present: Month) -> Result<(Month, Month)> {
    let until = month(wanted.until.as_deref(), "#/until")?.unwrap_or(present);
    let from = month(wanted.from.as_deref(), "#/from")?.unwrap_or_else(|| until.plus(1 - USUAL_MONTHS));
    if from > until || from.plus(MONTHS_AT_MOST) <= until {
        let most = format!("1 to {MONTHS_AT_MOST} months up to `until` are expected");
        return Err(wrong("#/from", "value", &most));
    }
    Ok((from, until))
}

/// What was asked and answered in a period, by month and by procedure.
#[utoipa::path(
    get, path = "/api/v1/agent/figures", params(Wanted), security(("token" = ["case.read"])),
    responses((status = 200, body = Figures), (status = 404, description = "No such department, or not yours"), (status = 422, description = "No such month, or too many"))
)]
pub(super) async fn read(Visit { commune, visitor, .. }: Visit, Query(wanted): Query<Wanted>) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let mut slugs: Vec<String> = places.into_iter().map(|place| place.slug).collect();
            if let Some(named) = &wanted.department {
                slugs.retain(|slug| slug == named);
                if slugs.is_empty() {
                    return Err(WebError::not_found());
                }
            }
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let (from, until) = period(&wanted, Month::of(today))?;
            let procedure = wanted.procedure.as_deref();
            let tallies = tally::of_departments(tx, &access, &slugs, procedure, (from, until))?;
            let is_wanted = |slug: &str| procedure.is_none_or(|wanted| wanted == slug);
            let mut standing: HashMap<String, (i64, i64)> = HashMap::new();
            for count in figures::counts(tx, &access, &slugs)?.into_values().flatten() {
                let open = State::from_word(&count.state).is_some_and(State::is_open);
                if open && is_wanted(&count.procedure) {
                    standing.entry(count.procedure).or_default().0 += count.cases;
                }
            }
            for ((_, slug), cases) in figures::late(tx, &access, &slugs, today)? {
                if is_wanted(&slug) {
                    standing.entry(slug).or_default().1 += cases;
                }
            }
            let mut by_procedure = Summary::by(&tallies, |tally| tally.procedure.clone());
            for slug in standing.keys() {
                by_procedure.entry(slug.clone()).or_default();
            }
            let months = Summary::by_month(&tallies);
            let months = months.iter().map(|(month, summary)| CountedMonth {
                month: month.to_string(),
                counted: Counted::of(summary),
            });
            let procedures = by_procedure.into_iter().map(|(procedure, summary)| {
                let (open_now, late_now) = standing.get(&procedure).copied().unwrap_or_default();
                CountedProcedure { counted: Counted::of(&summary), procedure, open_now, late_now }
            });
            Ok(Figures {
                from: from.to_string(),
                until: until.to_string(),
                whole: Counted::of(&Summary::of(&tallies)),
                months: months.collect(),
                procedures: procedures.collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}
