//! Figures for who answers for a department: how many, how late, how long.

use askama::Template;
use beffroi_cases::{
    case::State,
    inbox::{self, Count},
};
use beffroi_core::{Day, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Page, Result, WebError, render};
use chrono::Days;

use super::entitled;
use crate::visit::{Visit, case_error};

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

/// How long decisions of one procedure took: how many, their days in all, how many before silence decided.
struct Pace {
    department: String,
    procedure: String,
    decided: i64,
    days: i64,
}

/// The pace of the decisions taken since a day.
fn pace(tx: &mut Tx<'_>, since: Day) -> beffroi_store::Result<(Vec<Pace>, i64)> {
    let rows = tx.query(
        "SELECT c.department, c.procedure, c.received_on, c.deemed_on, d.decided_on FROM decision d \
         JOIN cases c ON c.id = d.case_id WHERE d.decided_on >= $1 ORDER BY d.decided_on DESC, d.case_id LIMIT 20000",
        &[&since],
        |row| {
            Ok((
                row.get::<String>(0)?,
                row.get::<String>(1)?,
                row.get::<Day>(2)?,
                row.get::<Option<Day>>(3)?,
                row.get::<Day>(4)?,
            ))
        },
    )?;
    let mut pacing: Vec<Pace> = Vec::new();
    let mut in_time = 0;
    for (department, procedure, received, deemed, decided) in rows {
        in_time += i64::from(deemed.is_none_or(|deemed| decided < deemed));
        let days = (decided - received).num_days();
        match pacing.iter_mut().find(|pace| pace.department == department && pace.procedure == procedure) {
            Some(pace) => {
                pace.decided += 1;
                pace.days += days;
            }
            None => pacing.push(Pace { department, procedure, decided: 1, days }),
        }
    }
    Ok((pacing, in_time))
}

fn channels(tx: &mut Tx<'_>, since: Day) -> beffroi_store::Result<Vec<(String, i64)>> {
    tx.query(
        "SELECT channel, COUNT(*) FROM cases WHERE received_on >= $1 GROUP BY channel ORDER BY channel LIMIT 20",
        &[&since],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) async fn show(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (places, pacing, in_time, doors, titles) = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let since = today.checked_sub_days(LOOKED_BACK).unwrap_or(today);
            let mut found = Vec::new();
            for place in places {
                let counts = inbox::counts(tx, &access, &place.slug).map_err(case_error)?;
                let late = inbox::late(tx, &access, &place.slug, today).map_err(case_error)?;
                found.push((place, counts, late));
            }
            let (mut pacing, in_time) = pace(tx, since)?;
            pacing.retain(|pace| found.iter().any(|(place, ..)| place.slug == pace.department));
            let titles: Vec<(String, String)> = desk
                .shelf
                .offered(tx)?
                .iter()
                .map(|form| (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned()))
                .collect();
            Ok::<_, WebError>((found, pacing, in_time, channels(tx, since)?, titles))
        })
        .await?;
    let title = |slug: &str| {
        titles.iter().find(|(known, _)| known == slug).map_or(slug, |(_, title)| title).to_owned()
    };
    let decided: i64 = pacing.iter().map(|pace| pace.decided).sum();
    let places = places
        .into_iter()
        .filter(|(_, counts, _)| !counts.is_empty())
        .map(|(place, counts, late)| Figure {
            lines: lines(&page, &place.slug, &counts, &pacing, title),
            late,
            name: place.name,
        })
        .collect();
    let received: i64 = doors.iter().map(|(_, count)| count).sum();
    let channels = doors
        .into_iter()
        .map(|(door, count)| {
            let label = page.t(&format!("office-channel-{door}")).to_owned();
            (label, count, share(count, received))
        })
        .collect();
    let in_time = page.tr(
        "office-in-time",
        &[("share", share(in_time.min(decided), decided).into()), ("n", decided.into())],
    );
    render(&Figures { page, places, channels, decided, in_time })
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
