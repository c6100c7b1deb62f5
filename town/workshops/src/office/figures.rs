//! Figures for those who pay, by months and places: on a page, and as a table to take along.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_calendar::{now::Now, spans::Span};
use beffroi_core::{Day, Id, calendar::start_of_day};
use beffroi_sheets::{Book, Cell, Kind, Sheet};
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, download, render};
use chrono::{Datelike, Months};
use serde::Deserialize;

use super::progress;
use crate::{
    figures::{self, Counts, Figures},
    permission,
    place::{self, Place},
    progress::{self as outcome, Progress},
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
    progress: progress::Told,
    /// Each theme, with its cells and their heads.
    progress_rows: Vec<(String, Vec<(String, String)>)>,
    /// Where the same is as a spreadsheet, and what kind of file that is.
    tables: Vec<(String, String)>,
}

/// All that is read for the page.
struct Read {
    figures: Figures,
    progress: Progress,
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
            let days = (first, after.pred_opt().unwrap_or(last));
            let progress = outcome::read(tx, &scope, days, within)?;
            Ok::<_, WebError>(Read { figures, progress, places, months: (first, last), place, slug })
        })
        .await
}

/// A count as it is told: small ones as « moins de 5 ».
pub(super) fn told(page: &Page, shown: Shown) -> String {
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
    let progress = progress::tell(&page, &read.progress);
    render(&View {
        places: std::iter::once(any).chain(places).collect(),
        empty: lines.is_empty(),
        lines: lines.into_iter().map(with_heads).collect(),
        heads: heads.to_vec(),
        people: people(&page, &read.figures, may_people),
        bands: bands(&page, &read.figures, may_people),
        channels: channels(&page, &read.figures, may_seats),
        progress_rows: progress.rows(),
        progress,
        tables: Kind::ALL
            .iter()
            .map(|kind| {
                let word = kind.extension();
                let query = format!("de={from}&a={until}&lieu={}", read.slug);
                (format!("/agents/ateliers/chiffres/chiffres.{word}?{query}"), word.to_uppercase())
            })
            .collect(),
        from,
        until,
        page,
    })
}

/// A cell: a number where it is one.
fn cell(text: &str) -> Cell {
    match text.parse::<u32>() {
        Ok(count) => Cell::Number(f64::from(count)),
        Err(_) => Cell::text(text),
    }
}

/// The rows of the spreadsheet below its heads: what the page shows, one table after the other.
fn rows(page: &Page, read: &Read) -> Vec<Vec<Cell>> {
    let Lines { told: lines, seats: may_seats, people: may_people } = lines(page, read);
    let row = |name: &str, cells: &[String]| {
        std::iter::once(Cell::text(name)).chain(cells.iter().map(|text| cell(text))).collect::<Vec<_>>()
    };
    let pair = |(label, count): &(String, String)| row(label, std::slice::from_ref(count));
    let mut rows: Vec<Vec<Cell>> = lines.iter().map(|line| row(&line.name, &line.cells)).collect();
    let people = (page.t("workshops-office-people").to_owned(), people(page, &read.figures, may_people));
    rows.push(Vec::new());
    rows.push(pair(&people));
    rows.extend(bands(page, &read.figures, may_people).iter().map(pair));
    rows.extend(channels(page, &read.figures, may_seats).iter().map(pair));
    let progress = progress::tell(page, &read.progress);
    rows.push(Vec::new());
    rows.extend(progress.counts.iter().map(pair));
    if let [first, others @ ..] = progress.heads.as_slice() {
        rows.push(row(first, others));
    }
    rows.extend(progress.levels.iter().map(|(theme, cells)| row(theme, cells)));
    rows.push(Vec::new());
    rows.extend(progress.loans.iter().map(pair));
    rows
}

/// The same as a spreadsheet.
pub(super) async fn table(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let read = read(&visitor, &commune, asked).await?;
    let kind = file.strip_prefix("chiffres.").and_then(Kind::from_extension);
    let kind = kind.ok_or_else(WebError::not_found)?;
    let heads = HEADS.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned());
    let sheet = Sheet { name: page.t("workshops-office-figures").to_owned(), columns: heads.into() };
    let rows = rows(&page, &read);
    let book = tokio::task::spawn_blocking(move || {
        let mut book = Book::create(kind, &std::env::temp_dir(), &[sheet])?;
        for row in &rows {
            book.row(0, row)?;
        }
        book.finish()
    });
    let book = book.await.map_err(WebError::internal)?.map_err(WebError::internal)?;
    let [from, until] = [read.months.0, read.months.1].map(|day| day.format("%Y-%m").to_string());
    let name = format!("ateliers-{from}-{until}.{}", kind.extension());
    download(book.path(), &name, kind.media_type()).await
}

#[cfg(test)]
mod tests {
    use beffroi_sheets::Cell;

    use super::{cell, month};

    #[test]
    fn months_are_read_and_counts_are_numbers() {
        assert_eq!(month("2026-09"), "2026-09-01".parse().ok());
        assert_eq!(month("2026-13"), None);
        assert_eq!(cell("12"), Cell::Number(12.0));
        assert_eq!(cell("moins de 5"), Cell::Text("moins de 5".to_owned()));
    }
}
