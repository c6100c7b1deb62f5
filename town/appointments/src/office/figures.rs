//! How many appointments there were, and how many people did not come.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::spans::Span;
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::TimeDelta;
use serde::Deserialize;

use super::receives;
use crate::{
    appointment::{self, State},
    motive,
};

/// Days that are proposed.
const PERIODS: [i64; 3] = [30, 90, 365];

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    periode: String,
}

struct Line {
    name: String,
    taken: u32,
    received: u32,
    missed: u32,
    cancelled: u32,
    rate: String,
}

#[derive(Template)]
#[template(path = "appointments_figures.html")]
struct Figures {
    page: Page,
    periods: Vec<Choice>,
    heads: Vec<String>,
    lines: Vec<Line>,
}

/// Of those who were expected, how many did not come, in percent; `–` where nobody was expected.
fn rate(received: u32, missed: u32) -> String {
    match u64::from(received) + u64::from(missed) {
        0 => "–".to_owned(),
        all => format!("{}\u{a0}%", (u64::from(missed) * 100 + all / 2) / all),
    }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let days = asked.periode.parse().ok().filter(|days| PERIODS.contains(days)).unwrap_or(30);
    let (scope, motives, counts) = commune
        .read(visitor.by, move |tx| {
            let scope = receives(tx, &who)?;
            let now = tx.now();
            let within = Span::new(now - TimeDelta::days(days), now);
            let counts =
                within.map(|within| appointment::counts(tx, within)).transpose()?.unwrap_or_default();
            Ok::<_, WebError>((scope, motive::list(tx)?, counts))
        })
        .await?;
    let lang = page.language();
    let mut lines = Vec::new();
    let mut all: BTreeMap<State, u32> = BTreeMap::new();
    let line = |name: String, of: &dyn Fn(State) -> u32| {
        let (received, missed, cancelled) = (of(State::Received), of(State::Missed), of(State::Cancelled));
        let expected =
            State::ALL.iter().filter(|state| state.is_expected()).map(|state| of(*state)).sum::<u32>();
        let rate = rate(received, missed);
        Line { name, taken: expected + cancelled, received, missed, cancelled, rate }
    };
    for motive in motives.iter().filter(|motive| scope.contains(motive.details.department)) {
        let of = |state: State| counts.get(&(motive.id, state)).copied().unwrap_or_default();
        for state in State::ALL {
            *all.entry(*state).or_default() += of(*state);
        }
        let found = line(motive.details.sheet.name.read_in(lang).to_owned(), &of);
        if found.taken > 0 {
            lines.push(found);
        }
    }
    if lines.len() > 1 {
        let of = |state: State| all.get(&state).copied().unwrap_or_default();
        lines.push(line(page.t("appointments-office-all-motives").to_owned(), &of));
    }
    let heads = ["motive", "taken", "received", "missed", "cancelled", "rate"];
    render(&Figures {
        periods: PERIODS
            .iter()
            .map(|period| {
                let label = page.t(&format!("appointments-office-period-{period}")).to_owned();
                Choice::new(&period.to_string(), &label, *period == days)
            })
            .collect(),
        heads: heads.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned()).into(),
        lines,
        page,
    })
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn the_share_of_those_who_did_not_come_is_rounded() {
        assert_eq!(rate(0, 0), "–");
        assert_eq!(rate(7, 1), "13\u{a0}%");
        assert_eq!(rate(0, 3), "100\u{a0}%");
    }
}
