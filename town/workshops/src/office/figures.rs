//! Figures for those who pay, by months and places: on a page, and as a table to take along.

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_calendar::{now::Now, spans::Span};
use beffroi_core::{Day, calendar::start_of_day};
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::{Datelike, Months};
use serde::Deserialize;

use crate::{
    figures::{self, Counts, Figures, Shown},
    permission,
    place::{self, Place},
    registration::AgeBand,
};

/// Months that are counted together, at most.
const MONTHS_AT_MOST: u32 = 36;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The first month: `2026-09`.
    de: String,
    /// The last month.
    a: String,
    lieu: String,
}

struct Line {
    name: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "workshops_office_figures.html")]
struct View {
    page: Page,
    from: String,
    until: String,
    places: Vec<Choice>,
    heads: Vec<String>,
    /// The name of each place, and its cells with their heads.
    lines: Vec<(String, Vec<(String, String)>)>,
    people: String,
    bands: Vec<(String, String)>,
    channels: Vec<(String, String)>,
    empty: bool,
    table: String,
}

/// All that is read for the page.
struct Read {
    figures: Figures,
    places: Vec<Place>,
    months: (Day, Day),
    slug: String,
}

/// The first day of a month that is written as `2026-09`.
fn month(text: &str) -> Option<Day> {
    format!("{text}-01").parse().ok()
}

async fn read(visitor: &Visitor, commune: &CommuneOf, asked: Asked) -> Result<Read> {
    let who = visitor.require()?.clone();
    commune
        .read(visitor.by, move |tx| {
            let scope = permission::advised(tx, &who)?;
            let now = Now::read(tx)?;
            let this = now.today.with_day(1).unwrap_or(now.today);
            let last = month(&asked.a).unwrap_or(this);
            let first = month(&asked.de).filter(|first| *first <= last).unwrap_or(last);
            let earliest = last.checked_sub_months(Months::new(MONTHS_AT_MOST - 1)).unwrap_or(last);
            let first = first.max(earliest);
            let after = last.checked_add_months(Months::new(1)).unwrap_or(last);
            let within = Span::new(start_of_day(first, now.zone), start_of_day(after, now.zone));
            let within = within.ok_or_else(WebError::bad_request)?;
            let places = place::list(tx)?;
            let place = places.iter().find(|place| place.slug == asked.lieu);
            let slug = place.map(|place| place.slug.clone()).unwrap_or_default();
            let figures = figures::read(tx, &scope, within, place.map(|place| place.id))?;
            Ok::<_, WebError>(Read { figures, places, months: (first, last), slug })
        })
        .await
}

/// A count as it is told: small ones as « moins de 5 ».
fn told(page: &Page, shown: Shown) -> String {
    match shown {
        Shown::Count(count) => count.to_string(),
        Shown::Hidden => page.t("workshops-office-few").to_owned(),
    }
}

fn percent(share: Option<u32>) -> String {
    share.map_or("–".to_owned(), |share| format!("{share}\u{a0}%"))
}

/// Sessions and seats are no people: they are told as they are. Those who came or did not are parts of those who had a
/// seat; and what a share would tell of few is hidden with them.
fn cells(page: &Page, counts: Counts) -> Vec<String> {
    let Counts { sessions, cancelled, seats, seated, present, absent, excused } = counts;
    let parts = figures::parts(&[present, absent, excused]);
    let [present, absent, excused] =
        [0, 1, 2].map(|rank| told(page, parts.get(rank).copied().unwrap_or(Shown::Hidden)));
    let whole = Shown::of(seated);
    let fill = if whole == Shown::Hidden {
        page.t("workshops-office-few").to_owned()
    } else {
        percent(counts.fill())
    };
    let missed = if parts.contains(&Shown::Hidden) {
        page.t("workshops-office-few").to_owned()
    } else {
        percent(counts.missed())
    };
    vec![
        sessions.to_string(),
        cancelled.to_string(),
        seats.to_string(),
        told(page, whole),
        present,
        absent,
        excused,
        fill,
        missed,
    ]
}

fn lines(page: &Page, read: &Read) -> Vec<Line> {
    let of = |(place, counts): (&beffroi_core::Id<Place>, &Counts)| {
        let place = read.places.iter().find(|known| known.id == *place);
        Line {
            name: place.map(|place| place.sheet.name.fr.clone()).unwrap_or_default(),
            cells: cells(page, *counts),
        }
    };
    let mut lines: Vec<Line> = read.figures.places.iter().map(of).collect();
    if lines.len() > 1 {
        // Where one place has few, its counts could be found by taking the others from the whole.
        let few = read.figures.places.values().any(|counts| {
            let parts = [counts.seated, counts.present, counts.absent, counts.excused];
            parts.into_iter().any(|count| Shown::of(count) == Shown::Hidden)
        });
        let mut all = cells(page, read.figures.all);
        if few {
            for cell in all.iter_mut().skip(3) {
                page.t("workshops-office-not-told").clone_into(cell);
            }
        }
        lines.push(Line { name: page.t("workshops-office-all-places").to_owned(), cells: all });
    }
    lines
}

fn bands(page: &Page, figures: &Figures) -> Vec<(String, String)> {
    let all: Vec<Option<AgeBand>> =
        AgeBand::ALL.iter().copied().map(Some).chain(std::iter::once(None)).collect();
    let counts: Vec<u32> =
        all.iter().map(|band| figures.bands.get(band).copied().unwrap_or_default()).collect();
    let shown = figures::parts(&counts);
    let label = |band: &Option<AgeBand>| match band {
        Some(band) => page.t(&format!("workshops-age-{}", band.as_str())).to_owned(),
        None => page.t("workshops-office-age-unknown").to_owned(),
    };
    all.iter().zip(shown).map(|(band, shown)| (label(band), told(page, shown))).collect()
}

fn channels(page: &Page, figures: &Figures) -> Vec<(String, String)> {
    let counts: Vec<u32> = figures.channels.values().copied().collect();
    let shown = figures::parts(&counts);
    let label = |word: &String| page.t(&format!("workshops-office-channel-{word}")).to_owned();
    figures.channels.keys().zip(shown).map(|(word, shown)| (label(word), told(page, shown))).collect()
}

const HEADS: [&str; 10] =
    ["place", "sessions", "cancelled", "seats", "seated", "present", "absent", "excused", "fill", "missed"];

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let read = read(&visitor, &commune, asked).await?;
    let [from, until] = [read.months.0, read.months.1].map(|day| day.format("%Y-%m").to_string());
    let any = Choice::new("", page.t("workshops-office-all-places"), read.slug.is_empty());
    let places = read.places.iter().map(|it| Choice::new(&it.slug, &it.sheet.name.fr, it.slug == read.slug));
    let heads = HEADS.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned());
    let with_heads = |line: Line| {
        let cells = heads.iter().skip(1).cloned().zip(line.cells).collect();
        (line.name, cells)
    };
    render(&View {
        places: std::iter::once(any).chain(places).collect(),
        lines: lines(&page, &read).into_iter().map(with_heads).collect(),
        heads: heads.to_vec(),
        people: told(&page, Shown::of(read.figures.people)),
        bands: bands(&page, &read.figures),
        channels: channels(&page, &read.figures),
        empty: read.figures.places.is_empty(),
        table: format!("/agents/ateliers/chiffres.csv?de={from}&a={until}&lieu={}", read.slug),
        from,
        until,
        page,
    })
}

/// The same as spreadsheets read it: semicolons, and a mark that tells its letters.
pub(super) async fn table(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let read = read(&visitor, &commune, asked).await?;
    let heads = HEADS.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned());
    let mut rows: Vec<Vec<String>> = vec![heads.into()];
    rows.extend(lines(&page, &read).into_iter().map(|line| [vec![line.name], line.cells].concat()));
    rows.push(Vec::new());
    let people = told(&page, Shown::of(read.figures.people));
    rows.push(vec![page.t("workshops-office-people").to_owned(), people]);
    for (label, count) in bands(&page, &read.figures).into_iter().chain(channels(&page, &read.figures)) {
        rows.push(vec![label, count]);
    }
    let line = |row: &Vec<String>| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(";");
    let text = rows.iter().map(line).collect::<Vec<_>>().join("\r\n");
    let mut response = format!("\u{feff}{text}\r\n").into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"ateliers.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A cell that no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{month, quoted};

    #[test]
    fn months_are_read_and_formulas_are_not() {
        assert_eq!(month("2026-09"), "2026-09-01".parse().ok());
        assert_eq!(month("2026-13"), None);
        assert_eq!(quoted("=SUM(A1)"), "\"'=SUM(A1)\"");
        assert_eq!(quoted("l’« atelier »"), "\"l’« atelier »\"");
    }
}
