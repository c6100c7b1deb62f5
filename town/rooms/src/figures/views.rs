//! The page of the figures, and the same as a spreadsheet.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_calendar::{
    availability::availability,
    booking::{self, Counted},
    claims::HowMuch,
    month,
    resource::{self, Kept, Kind, Resource},
    spans::Span,
    town,
};
use beffroi_core::{Id, Lang, calendar::civil_day, text::fold};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_sheets::{Book, Cell, Kind as FileKind, Sheet};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::TimeDelta;
use serde::Deserialize;

use super::rules::{Line, of_room, together};
use crate::{SeePlanning, permission::hidden, room::Month};

/// Months that are told together, at most.
const MONTHS_AT_MOST: usize = 24;
/// Months that are told where nobody asks for others.
const USUAL: usize = 6;
/// Rooms that are told, at most.
const ROOMS_AT_MOST: usize = 200;
/// Where the bars of the drawing begin, how long the longest is, and how high a line is, in its own units.
const DRAWN: (u32, u32, u32) = (150, 330, 28);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The first month: `2026-09`.
    de: String,
    /// The last month.
    a: String,
    /// One room, by its short name.
    salle: String,
}

/// What the figures are made of.
struct Found {
    rooms: Vec<Kept>,
    chosen: String,
    months: Vec<Month>,
    /// The rooms that are told.
    lines: Vec<Told>,
    more: bool,
}

/// A room that is told.
struct Told {
    room: Kept,
    /// Whether it is a part of another room that is told.
    is_part: bool,
    /// A line for each month.
    months: Vec<Line>,
}

impl Found {
    /// The figures of all of it in the months that `of` picks.
    fn together<'f>(&'f self, of: impl Fn(&'f Told) -> &'f [Line]) -> Line {
        together(self.lines.iter().flat_map(|it| of(it).iter().map(move |line| (it.is_part, line))))
    }
}

fn load(tx: &mut Tx<'_>, who: &SignedIn, asked: &Asked) -> Result<Found> {
    hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    let town = Town::load(tx)?;
    let zone = town.zone();
    let this = Month::of(civil_day(tx.now(), zone));
    let months = month::months(&asked.de, &asked.a, this, USUAL, MONTHS_AT_MOST);
    let spans = month::spans(&months, zone);
    let whole = spans.iter().copied().reduce(Span::hull).ok_or_else(WebError::not_found)?;
    let all = resource::list(tx)?;
    let parents: HashMap<Id<Resource>, Option<Id<Resource>>> =
        all.iter().map(|kept| (kept.id, kept.details.parent)).collect();
    let mut rooms: Vec<Kept> = all.into_iter().filter(|kept| kept.details.kind == Kind::Room).collect();
    rooms.sort_by_cached_key(|kept| fold(&kept.details.name.fr));
    rooms.truncate(ROOMS_AT_MOST);
    let one = rooms.iter().find(|kept| kept.details.slug == asked.salle);
    let chosen = one.map(|room| room.details.slug.clone()).unwrap_or_default();
    let told: Vec<Kept> = one.map_or_else(|| rooms.clone(), |room| vec![room.clone()]);
    let ids: Vec<_> = told.iter().map(|kept| (kept.id, HowMuch::Whole)).collect();
    let school = town::school(&town);
    let mut found = availability(tx, &ids, whole, &town::year(&town, &school))?;
    let (counted, more) = booking::counted(tx, whole)?;
    let mut by_place: BTreeMap<Id<Resource>, Vec<&Counted>> = BTreeMap::new();
    for it in &counted {
        by_place.entry(it.resource).or_default().push(it);
    }
    let within = |inner: Id<Resource>, outer: Id<Resource>| {
        let up = |place: &Id<Resource>| parents.get(place).copied().flatten();
        std::iter::successors(Some(inner), up).take(16).any(|place| place == outer)
    };
    let places: Vec<Id<Resource>> = told.iter().map(|kept| kept.id).collect();
    let lines = told.into_iter().map(|kept| {
        let open = found.remove(&kept.id).map(|known| known.open).unwrap_or_default();
        let share = |other: Id<Resource>| within(kept.id, other) || within(other, kept.id);
        let months = of_room(kept.id, &open, &by_place, share, &spans);
        let is_part = places.iter().any(|place| *place != kept.id && within(kept.id, *place));
        Told { room: kept, is_part, months }
    });
    Ok(Found { lines: lines.collect(), rooms, chosen, months, more })
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A line of a table: its name and its cells with their heads.
struct Row {
    name: String,
    cells: Vec<(String, String)>,
    rate: u32,
    rate_told: String,
}

/// A bar of the drawing.
struct Bar {
    label: String,
    text: String,
    y: u32,
    text_y: u32,
    text_x: u32,
    width: u32,
}

#[derive(Template)]
#[template(path = "rooms_figures.html")]
struct FiguresPage {
    page: Page,
    from: String,
    until: String,
    rooms: Vec<Choice>,
    more: bool,
    heads: Vec<String>,
    month_heads: Vec<String>,
    /// Whether parts of rooms are told, whose hours are those of the room.
    has_parts: bool,
    rows: Vec<Row>,
    by_month: Vec<Row>,
    bars: Vec<Bar>,
    left: u32,
    label_x: u32,
    height: u32,
    downloads: Vec<(String, &'static str)>,
}

/// What the columns tell, after what the line is about.
const HEADS: [&str; 9] =
    ["open", "taken", "rate", "requests", "own", "season", "blocks", "cancelled", "free"];

/// Hours as they are told: whole, or with a half.
fn hours(page: &Page, length: TimeDelta) -> String {
    let minutes = length.num_minutes();
    let tenths = (minutes * 10 + 30) / 60;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => page.tr("planning-figures-hours", &[("n", whole.into())]),
        (whole, tenth) => {
            page.tr("planning-figures-hours-tenth", &[("n", whole.into()), ("tenth", tenth.into())])
        }
    }
}

/// The heads of a table whose lines are about `first`.
fn heads(page: &Page, first: &'static str) -> Vec<String> {
    let all = std::iter::once(first).chain(HEADS);
    all.map(|head| page.t(&format!("planning-figures-head-{head}")).to_owned()).collect()
}

fn row(page: &Page, name: String, line: &Line) -> Row {
    let free = match line.free {
        0 => String::from("–"),
        n => page
            .tr("planning-figures-free-told", &[("n", n.into()), ("value", line.value.to_string().into())]),
    };
    let own = match line.own_uses {
        0 => hours(page, line.own),
        n => page.tr(
            "planning-figures-own-told",
            &[
                ("hours", hours(page, line.own).into()),
                ("n", n.into()),
                ("value", line.own_value.to_string().into()),
            ],
        ),
    };
    let cells = [
        ("open", hours(page, line.open)),
        ("taken", hours(page, line.taken)),
        ("requests", hours(page, line.requests)),
        ("own", own),
        ("season", hours(page, line.season)),
        ("blocks", hours(page, line.blocks)),
        ("cancelled", line.cancelled.to_string()),
        ("free", free),
    ];
    let head = |word: &str| page.t(&format!("planning-figures-head-{word}")).to_owned();
    Row {
        name,
        cells: cells.into_iter().map(|(word, cell)| (head(word), cell)).collect(),
        rate: line.rate().unwrap_or_default().min(100),
        rate_told: line.rate().map_or_else(|| "–".to_owned(), |rate| format!("{rate}\u{a0}%")),
    }
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let found = commune.read(visitor.by, move |tx| load(tx, &who, &asked)).await?;
    let lang = Lang::Fr;
    let mut rows: Vec<Row> = found
        .lines
        .iter()
        .map(|it| {
            let all = it.months.iter().copied().fold(Line::default(), Line::and);
            row(&page, it.room.details.name.fr.clone(), &all)
        })
        .collect();
    if found.lines.len() > 1 {
        let all = found.together(|it| &it.months);
        rows.push(row(&page, page.t("planning-figures-all").to_owned(), &all));
    }
    let of_month = |rank: usize| found.together(move |it| it.months.get(rank..=rank).unwrap_or_default());
    let by_month: Vec<Row> =
        (0..).zip(&found.months).map(|(rank, month)| row(&page, month.name(lang), &of_month(rank))).collect();
    let (left, longest, high) = DRAWN;
    let bars = (0..).zip(&by_month).map(|(rank, row): (u32, &Row)| {
        let (width, top) = (row.rate * longest / 100, rank * high);
        Bar {
            label: row.name.clone(),
            text: row.rate_told.clone(),
            y: top + 6,
            text_y: top + 19,
            text_x: left + width + 6,
            width,
        }
    });
    let bars: Vec<Bar> = bars.collect();
    let edge = |month: Option<&Month>| month.map(Month::to_string).unwrap_or_default();
    let (from, until) = (edge(found.months.first()), edge(found.months.last()));
    let query = format!("de={from}&a={until}&salle={}", found.chosen);
    let any = Choice {
        value: String::new(),
        label: page.t("planning-figures-all-rooms").to_owned(),
        chosen: found.chosen.is_empty(),
    };
    let each = found.rooms.iter().map(|kept| Choice {
        value: kept.details.slug.clone(),
        label: kept.details.name.fr.clone(),
        chosen: kept.details.slug == found.chosen,
    });
    render(&FiguresPage {
        rooms: std::iter::once(any).chain(each).collect(),
        more: found.more,
        has_parts: found.lines.iter().any(|it| it.is_part),
        heads: heads(&page, "name"),
        month_heads: heads(&page, "month"),
        height: u32::try_from(bars.len()).unwrap_or_default() * high + 8,
        rows,
        by_month,
        bars,
        left,
        label_x: left - 8,
        downloads: FileKind::ALL
            .map(|kind| {
                let end = kind.extension();
                (format!("/agents/planning/chiffres/chiffres.{end}?{query}"), end)
            })
            .into(),
        from,
        until,
        page,
    })
}

/// The same figures as a spreadsheet: a line for each room and month.
pub(super) async fn download(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let kind = file.strip_prefix("chiffres.").and_then(FileKind::from_extension);
    let folder = commune.folder().to_owned();
    let (bytes, kind) = commune
        .read(visitor.by, move |tx| {
            let found = load(tx, &who, &asked)?;
            let kind = kind.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((spreadsheet(&page, &found, kind, &folder)?, kind))
        })
        .await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"salles.{}\"", kind.extension());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(WebError::internal)?);
    Ok(response)
}

/// Hours as a number, with a hundredth.
#[expect(clippy::cast_precision_loss, reason = "minutes of two years are far below 2^53")]
fn number(length: TimeDelta) -> Cell {
    Cell::Number((length.num_minutes() as f64 * 100.0 / 60.0).round() / 100.0)
}

fn spreadsheet(page: &Page, found: &Found, kind: FileKind, folder: &std::path::Path) -> Result<Vec<u8>> {
    let words = [
        "name",
        "month",
        "open",
        "taken",
        "rate",
        "requests",
        "season",
        "blocks",
        "cancelled",
        "free-count",
        "value",
        "own",
        "own-count",
        "own-value",
    ];
    let columns = words.map(|word| page.t(&format!("planning-figures-head-{word}")).to_owned());
    let sheet = Sheet { name: page.t("planning-figures-title").to_owned(), columns: columns.into() };
    let mut book = Book::create(kind, folder, &[sheet]).map_err(WebError::internal)?;
    for Told { room, months, .. } in &found.lines {
        for (month, line) in found.months.iter().zip(months) {
            let count = |count: u32| Cell::Number(f64::from(count));
            let row = [
                Cell::text(room.details.name.fr.clone()),
                Cell::text(month.to_string()),
                number(line.open),
                number(line.taken),
                line.rate().map_or(Cell::Empty, count),
                number(line.requests),
                number(line.season),
                number(line.blocks),
                count(line.cancelled),
                count(line.free),
                Cell::text(line.value.to_string()),
                number(line.own),
                count(line.own_uses),
                Cell::text(line.own_value.to_string()),
            ];
            book.row(0, &row).map_err(WebError::internal)?;
        }
    }
    let file = book.finish().map_err(WebError::internal)?;
    std::fs::read(file.path()).map_err(WebError::internal)
}
