//! Figures for who answers for a department: how many, how late, how long.

use std::collections::HashMap;

use askama::Template;
use beffroi_cases::{
    case::State,
    figures::{self, Pace},
    inbox::Count,
    silence,
};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_web::{Page, Result, WebError, render};
use chrono::Days;

use super::entitled;
use crate::visit::Visit;

/// The figures cover the decisions of this many days.
const LOOKED_BACK: Days = Days::new(365);

struct Line {
    procedure: String,
    open: i64,
    waiting: i64,
    decided: i64,
    days: String,
}

struct Figure {
    name: String,
    late: i64,
    /// What silence has decided, in words; `""` where it has decided nothing.
    silence: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "office/figures.html")]
struct Figures {
    page: Page,
    places: Vec<Figure>,
    channels: Vec<(String, i64, i64)>,
    decided: i64,
    in_time: String,
}

/// What was counted, by department.
struct Found {
    counts: HashMap<String, Vec<Count>>,
    late: HashMap<String, i64>,
    silence: HashMap<String, (i64, i64)>,
    paces: Vec<Pace>,
    channels: Vec<(String, i64)>,
}

pub(super) async fn show(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (places, found, titles) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let since = today.checked_sub_days(LOOKED_BACK).unwrap_or(today);
            let slugs: Vec<String> = places.iter().map(|place| place.slug.clone()).collect();
            let found = Found {
                counts: figures::counts(tx, &access, &slugs)?,
                late: figures::late(tx, &access, &slugs, today)?,
                silence: silence::counts(tx, &access, &slugs, since)?,
                paces: figures::paces(tx, &access, &slugs, since)?,
                channels: figures::channels(tx, &access, &slugs, since)?,
            };
            let titles: Vec<(String, String)> = desk
                .shelf
                .offered(tx)?
                .iter()
                .map(|form| (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned()))
                .collect();
            Ok::<_, WebError>((places, found, titles))
        })
        .await?;
    let title = |slug: &str| {
        titles.iter().find(|(known, _)| known == slug).map_or(slug, |(_, title)| title).to_owned()
    };
    let Found { counts, late, silence, paces, channels } = found;
    let decided: i64 = paces.iter().map(|pace| pace.decided).sum();
    let in_time: i64 = paces.iter().map(|pace| pace.in_time).sum();
    let places = places
        .into_iter()
        .filter_map(|place| {
            let counts = counts.get(&place.slug)?;
            Some(Figure {
                lines: lines(&page, &place.slug, counts, &paces, title),
                silence: silence
                    .get(&place.slug)
                    .map(|counts| of_silence(&page, *counts))
                    .unwrap_or_default(),
                late: late.get(&place.slug).copied().unwrap_or_default(),
                name: place.name,
            })
        })
        .collect();
    let received: i64 = channels.iter().map(|(_, count)| count).sum();
    let channels = channels
        .into_iter()
        .map(|(door, count)| {
            let label = page.t(&format!("office-channel-{door}")).to_owned();
            (label, count, share(count, received))
        })
        .collect();
    let in_time =
        page.tr("office-in-time", &[("share", share(in_time, decided).into()), ("n", decided.into())]);
    render(&Figures { page, places, channels, decided, in_time })
}

/// How many requests silence has granted and refused.
fn of_silence(page: &Page, (granted, refused): (i64, i64)) -> String {
    page.tr("office-by-silence", &[("granted", granted.into()), ("refused", refused.into())])
}

fn share(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { part * 100 / whole }
}

fn lines(
    page: &Page,
    department: &str,
    counts: &[Count],
    pacing: &[Pace],
    title: impl Fn(&str) -> String,
) -> Vec<Line> {
    let mut slugs: Vec<&str> = counts.iter().map(|count| count.procedure.as_str()).collect();
    slugs.dedup();
    let of = |slug: &str, states: &[State]| {
        let wanted = |count: &&Count| {
            count.procedure == slug && states.iter().any(|state| state.as_str() == count.state)
        };
        counts.iter().filter(wanted).map(|count| count.cases).sum::<i64>()
    };
    slugs
        .into_iter()
        .map(|slug| {
            let known = pacing.iter().find(|pace| pace.department == department && pace.procedure == slug);
            Line {
                open: of(slug, &[State::Received, State::Instruction]),
                waiting: of(slug, &[State::Waiting]),
                decided: of(slug, &[State::Decided, State::Archived]),
                days: known.map_or_else(
                    || "–".to_owned(),
                    |pace| page.tr("office-days", &[("n", (pace.days / pace.decided.max(1)).into())]),
                ),
                procedure: title(slug),
            }
        })
        .collect()
}
