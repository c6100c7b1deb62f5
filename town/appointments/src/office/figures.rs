//! How many appointments there were, and how many people did not come: by month, motive, site and door, on a page and as a
//! spreadsheet.

mod rules;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_calendar::{
    month::{Month, months, spans},
    resource::Resource,
};
use beffroi_core::{Channel, Id, Lang};
use beffroi_people::SignedIn;
use beffroi_sheets::{Book, Cell, Kind as FileKind, Sheet};
use beffroi_store::Tx;
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, render};
use serde::Deserialize;

use self::rules::{Line, by, together};
use super::receives;
use crate::{
    appointment::{self, COUNTED_AT_MOST, Counted},
    clock::Now,
    motive::{self, Motive},
    site::{self, Site},
};

/// Months that are told together, at most.
const MONTHS_AT_MOST: usize = 24;
/// Months that are told where nobody asks for others.
const USUAL: usize = 6;
/// What the columns tell, after what the line is about.
const HEADS: [&str; 5] = ["taken", "received", "missed", "cancelled", "rate"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The first month: `2026-09`.
    de: String,
    /// The last month.
    a: String,
    /// One motive, by its short name.
    motif: String,
    /// One site, by its short name.
    lieu: String,
}

/// What the figures are made of.
struct Found {
    months: Vec<Month>,
    /// The motives and the sites that there are to choose from.
    motives: Vec<motive::Kept>,
    sites: Vec<Site>,
    counted: Vec<Counted>,
    /// Whether there is more than is counted.
    more: bool,
}

impl Found {
    /// Appointments whose day is over, of the motives of the agent's departments.
    fn load(tx: &mut Tx<'_>, who: &SignedIn, asked: &Asked) -> Result<Self> {
        let scope = receives(tx, who)?;
        let now = Now::read(tx)?;
        let months = months(&asked.de, &asked.a, Month::of(now.today), USUAL, MONTHS_AT_MOST);
        let mut counted = appointment::counts(tx, &spans(&months, now.zone), now.at)?;
        let more = u32::try_from(counted.len()).is_ok_and(|kinds| kinds == COUNTED_AT_MOST);
        let motives = motive::list(tx)?.into_iter().filter(|it| scope.contains(it.details.department));
        let motives: Vec<motive::Kept> = motives.collect();
        let sites = site::sites(tx)?;
        let one = motives.iter().find(|it| it.details.slug == asked.motif).map(|it| it.id);
        let place = sites.iter().find(|it| it.resource.details.slug == asked.lieu);
        let place = place.map(|it| it.resource.id);
        counted.retain(|it| {
            motives.iter().any(|motive| motive.id == it.motive)
                && one.is_none_or(|one| one == it.motive)
                && place.is_none_or(|place| place == it.site)
        });
        Ok(Self { months, motives, sites, counted, more })
    }

    fn motive(&self, id: Id<Motive>, lang: Lang) -> &str {
        let found = self.motives.iter().find(|it| it.id == id);
        found.map_or("", |it| it.details.sheet.name.read_in(lang))
    }

    fn site(&self, id: Id<Resource>, lang: Lang) -> &str {
        let found = self.sites.iter().find(|it| it.resource.id == id);
        found.map_or("", |it| it.resource.details.name.read_in(lang))
    }

    fn month(&self, stretch: usize) -> Option<Month> {
        self.months.get(stretch).copied()
    }
}

/// The place of a door in lists.
fn rank(channel: Channel) -> usize {
    Channel::ALL.into_iter().position(|it| it == channel).unwrap_or_default()
}

/// The name of a door.
fn door(page: &Page, channel: Channel) -> String {
    let key = match channel {
        Channel::Online => "appointments-office-channel-online",
        Channel::Phone => "appointments-office-channel-phone",
        Channel::Counter => "appointments-office-channel-counter",
        Channel::Api => "appointments-office-channel-api",
        Channel::Paper | Channel::Email | Channel::System => "appointments-office-channel-other",
    };
    page.t(key).to_owned()
}

/// A line of a table.
struct Row {
    name: String,
    cells: Vec<(String, String)>,
}

struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "appointments_figures.html")]
struct Figures {
    page: Page,
    from: String,
    until: String,
    motives: Vec<Choice>,
    sites: Vec<Choice>,
    more: bool,
    tables: Vec<Table>,
    downloads: Vec<(String, &'static str)>,
}

fn row(page: &Page, name: String, line: Line) -> Row {
    let rate = line.rate().map_or_else(|| "–".to_owned(), |rate| format!("{rate}\u{a0}%"));
    let told = [line.taken, line.received, line.missed, line.cancelled].map(|count| count.to_string());
    let heads = HEADS.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned());
    Row { name, cells: heads.into_iter().zip(told.into_iter().chain([rate])).collect() }
}

fn table(page: &Page, about: &str, lines: impl IntoIterator<Item = (String, Line)>) -> Table {
    let heads = std::iter::once(about).chain(HEADS);
    Table {
        title: page.t(&format!("appointments-office-figures-by-{about}")).to_owned(),
        heads: heads.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned()).collect(),
        rows: lines.into_iter().map(|(name, line)| row(page, name, line)).collect(),
    }
}

fn tables(page: &Page, found: &Found) -> Vec<Table> {
    let lang = page.language();
    let counted = &found.counted;
    let all = together(counted);
    if all.taken == 0 {
        return Vec::new();
    }
    // Motives and sites as their lists have them.
    let of_motives = by(counted, |it| found.motives.iter().position(|motive| motive.id == it.motive));
    let motives = of_motives.into_iter().filter_map(|(at, line)| {
        let motive = found.motives.get(at?)?;
        Some((motive.details.sheet.name.read_in(lang).to_owned(), line))
    });
    let whole = (page.t("appointments-office-all-motives").to_owned(), all);
    let of_sites = by(counted, |it| found.sites.iter().position(|site| site.resource.id == it.site));
    let sites = of_sites.into_iter().filter_map(|(at, line)| {
        let site = found.sites.get(at?)?;
        Some((site.resource.details.name.read_in(lang).to_owned(), line))
    });
    let of_months = by(counted, |it| it.stretch);
    let months = of_months.into_iter().filter_map(|(at, line)| Some((found.month(at)?.name(lang), line)));
    let of_doors = by(counted, |it| rank(it.channel));
    let doors =
        of_doors.into_iter().filter_map(|(at, line)| Some((door(page, *Channel::ALL.get(at)?), line)));
    vec![
        table(page, "motive", motives.chain([whole])),
        table(page, "month", months),
        table(page, "site", sites),
        table(page, "door", doors),
    ]
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let wish = asked.clone();
    let found = commune.read(visitor.by, move |tx| Found::load(tx, &who, &wish)).await?;
    let lang = page.language();
    let edge = |month: Option<&Month>| month.map(ToString::to_string).unwrap_or_default();
    let (from, until) = (edge(found.months.first()), edge(found.months.last()));
    let every = |key: &str, chosen: bool| std::iter::once(Choice::new("", page.t(key), chosen));
    let motives = found.motives.iter().map(|it| {
        let (slug, name) = (&it.details.slug, it.details.sheet.name.read_in(lang));
        Choice::new(slug, name, *slug == asked.motif)
    });
    let sites = found.sites.iter().map(|it| {
        let details = &it.resource.details;
        Choice::new(&details.slug, details.name.read_in(lang), details.slug == asked.lieu)
    });
    // Only what is known goes into the addresses.
    let motive = found.motives.iter().map(|it| &it.details.slug).find(|slug| **slug == asked.motif);
    let site = found.sites.iter().map(|it| &it.resource.details.slug).find(|slug| **slug == asked.lieu);
    let (motive, site) = (motive.cloned().unwrap_or_default(), site.cloned().unwrap_or_default());
    let query = format!("de={from}&a={until}&motif={motive}&lieu={site}");
    let download = |kind: FileKind| {
        let end = kind.extension();
        (format!("/agents/rendez-vous/chiffres/chiffres.{end}?{query}"), end)
    };
    render(&Figures {
        motives: every("appointments-office-every-motive", motive.is_empty()).chain(motives).collect(),
        sites: every("appointments-office-every-site", site.is_empty()).chain(sites).collect(),
        more: found.more,
        tables: tables(&page, &found),
        downloads: FileKind::ALL.map(download).into(),
        from,
        until,
        page,
    })
}

/// The figures as a spreadsheet, a line for each month, motive, site and door.
pub(super) async fn download(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let kind = file.strip_prefix("chiffres.").and_then(FileKind::from_extension);
    let folder = commune.folder().to_owned();
    let (bytes, kind) = commune
        .read(visitor.by, move |tx| {
            let found = Found::load(tx, &who, &asked)?;
            let kind = kind.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((spreadsheet(&page, &found, kind, &folder)?, kind))
        })
        .await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"rendez-vous.{}\"", kind.extension());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(WebError::internal)?);
    Ok(response)
}

fn spreadsheet(page: &Page, found: &Found, kind: FileKind, folder: &std::path::Path) -> Result<Vec<u8>> {
    let lang = page.language();
    let heads = ["month", "motive", "site", "door"].into_iter().chain(HEADS);
    let columns = heads.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned());
    let name = page.t("appointments-office-figures").to_owned();
    let sheet = Sheet { name, columns: columns.collect() };
    let mut book = Book::create(kind, folder, &[sheet]).map_err(WebError::internal)?;
    let lines = by(&found.counted, |it| (it.stretch, it.motive, it.site, rank(it.channel)));
    for ((stretch, motive, site, channel), line) in lines {
        let count = |count: u32| Cell::Number(f64::from(count));
        let channel = Channel::ALL.get(channel).map(|channel| door(page, *channel));
        let row = [
            Cell::text(found.month(stretch).map(|month| month.to_string()).unwrap_or_default()),
            Cell::text(found.motive(motive, lang)),
            Cell::text(found.site(site, lang)),
            Cell::text(channel.unwrap_or_default()),
            count(line.taken),
            count(line.received),
            count(line.missed),
            count(line.cancelled),
            line.rate().map_or(Cell::Empty, count),
        ];
        book.row(0, &row).map_err(WebError::internal)?;
    }
    let file = book.finish().map_err(WebError::internal)?;
    std::fs::read(file.path()).map_err(WebError::internal)
}
