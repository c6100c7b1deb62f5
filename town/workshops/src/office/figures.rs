//! Figures for those who pay, by months and places: on a page, and as a table to take along.

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_calendar::{now::Now, spans::Span};
use beffroi_core::{Day, Id, calendar::start_of_day};
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::{Datelike, Months};
use serde::Deserialize;

use crate::{
    figures::{self, Counts, Figures},
    permission,
    place::{self, Place},
    registration::AgeBand,
    withheld::{self, Row, Shown},
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

/// The lines of the table, and whether those that are counted below it may be told: the counts of seats, and of people.
struct Lines {
    told: Vec<Line>,
    seats: bool,
    people: bool,
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
    /// The place that is asked for.
    place: Option<Id<Place>>,
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
            let place = place.map(|place| place.id);
            let figures = figures::read(tx, &scope, within, place)?;
            Ok::<_, WebError>(Read { figures, places, months: (first, last), place, slug })
        })
        .await
}

/// A count as it is told: small ones as « moins de 5 ».
fn told(page: &Page, shown: Shown) -> String {
    match shown {
        Shown::Count(count) => count.to_string(),
        Shown::Few => page.t("workshops-office-few").to_owned(),
        Shown::Withheld => page.t("workshops-office-not-told").to_owned(),
    }
}

/// Sessions and seats are no people: they are told as they are. What a share would tell of a count that is not told is
/// not told either.
fn cells(page: &Page, counts: Counts, people: [Shown; 4]) -> Vec<String> {
    let [seated, present, absent, excused] = people;
    let share = |of: &[Shown], share: Option<u32>| match of.iter().find(|it| !it.is_told()) {
        Some(hidden) => told(page, *hidden),
        None => share.map_or("–".to_owned(), |share| format!("{share}\u{a0}%")),
    };
    vec![
        counts.sessions.to_string(),
        counts.cancelled.to_string(),
        counts.seats.to_string(),
        told(page, seated),
        told(page, present),
        told(page, absent),
        told(page, excused),
        share(&[seated], counts.fill()),
        share(&[present, absent, excused], counts.missed()),
    ]
}

/// A line for each place, or for the one that is asked for; and one for all where there are several.
fn lines(page: &Page, read: &Read) -> Lines {
    let figures = &read.figures;
    let rows: Vec<Row> = figures.places.values().copied().map(Counts::people).collect();
    let name = |id: Id<Place>| {
        let place = read.places.iter().find(|known| known.id == id);
        place.map(|place| place.sheet.name.fr.clone()).unwrap_or_default()
    };
    let all = (None, figures.all);
    let each = figures.places.iter().map(|(id, counts)| (Some(*id), *counts));
    let several = figures.places.len() > 1;
    let mut found = Lines { told: Vec::new(), seats: true, people: true };
    for ((place, counts), people) in each.chain(std::iter::once(all)).zip(withheld::table(&rows)) {
        // What is counted below the table is of the place that is asked for, or of all.
        if place == read.place {
            let [seated, present, ..] = people;
            (found.seats, found.people) = (seated != Shown::Withheld, present != Shown::Withheld);
        }
        let asked = match (place, read.place) {
            (None, None) => several,
            (Some(_), None) => true,
            (place, wanted) => place == wanted,
        };
        if asked {
            let name = place.map_or_else(|| page.t("workshops-office-all-places").to_owned(), name);
            found.told.push(Line { name, cells: cells(page, counts, people) });
        }
    }
    found
}

/// Counts that may not be told where a sum of theirs is withheld.
fn of_parts(counts: &[u32], may: bool) -> Vec<Shown> {
    if may { withheld::parts(counts) } else { vec![Shown::Withheld; counts.len()] }
}

/// How old those were who came, as it is told.
fn of_bands(figures: &Figures, may: bool) -> Vec<(Option<AgeBand>, Shown)> {
    let all: Vec<Option<AgeBand>> =
        AgeBand::ALL.iter().copied().map(Some).chain(std::iter::once(None)).collect();
    let counts: Vec<u32> =
        all.iter().map(|band| figures.bands.get(band).copied().unwrap_or_default()).collect();
    all.into_iter().zip(of_parts(&counts, may)).collect()
}

/// Different people who came: the whole of the bands.
fn people(page: &Page, figures: &Figures, may: bool) -> String {
    let bands: Vec<Shown> = of_bands(figures, may).into_iter().map(|(_, shown)| shown).collect();
    let whole = if withheld::is_whole_told(&bands) { Shown::of(figures.people) } else { Shown::Withheld };
    told(page, whole)
}

fn bands(page: &Page, figures: &Figures, may: bool) -> Vec<(String, String)> {
    let label = |band: Option<AgeBand>| match band {
        Some(band) => page.t(&format!("workshops-age-{}", band.as_str())).to_owned(),
        None => page.t("workshops-office-age-unknown").to_owned(),
    };
    of_bands(figures, may).into_iter().map(|(band, shown)| (label(band), told(page, shown))).collect()
}

fn channels(page: &Page, figures: &Figures, may: bool) -> Vec<(String, String)> {
    let counts: Vec<u32> = figures.channels.values().copied().collect();
    let shown = of_parts(&counts, may);
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
    let Lines { told: lines, seats: may_seats, people: may_people } = lines(&page, &read);
    render(&View {
        places: std::iter::once(any).chain(places).collect(),
        empty: lines.is_empty(),
        lines: lines.into_iter().map(with_heads).collect(),
        heads: heads.to_vec(),
        people: people(&page, &read.figures, may_people),
        bands: bands(&page, &read.figures, may_people),
        channels: channels(&page, &read.figures, may_seats),
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
    let Lines { told: lines, seats: may_seats, people: may_people } = lines(&page, &read);
    rows.extend(lines.into_iter().map(|line| [vec![line.name], line.cells].concat()));
    rows.push(Vec::new());
    rows.push(vec![page.t("workshops-office-people").to_owned(), people(&page, &read.figures, may_people)]);
    let bands = bands(&page, &read.figures, may_people);
    for (label, count) in bands.into_iter().chain(channels(&page, &read.figures, may_seats)) {
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
