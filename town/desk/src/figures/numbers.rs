//! The figures of departments: what was asked and answered, month by month, door by door, procedure by procedure, beside
//! the period before; on a page that prints well, and as a spreadsheet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_cases::{
    Access,
    case::State,
    figures, inbox,
    opinion::{self, Comment, Satisfaction},
    summary::{FEWEST, Summary, percent},
    tally::{self, Month, Tally},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::{SignedIn, Town, department};
use beffroi_sheets::{Book, Cell, Kind, Sheet};
use beffroi_store::Tx;
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;

use super::{
    chart::{Chart, Series},
    period::{LENGTHS, Period},
    titles,
    words::{days, difference, growth, month, number, share},
};
use crate::{
    Parts,
    office::entitled,
    permission::{AnswerForCases, Place, scope_of},
    visit::Visit,
};

/// Comments that the page shows.
const COMMENTS: u32 = 50;

#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    service: String,
    #[serde(default)]
    demarche: String,
    #[serde(default)]
    periode: String,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Indicator {
    label: String,
    now: String,
    before: String,
    change: String,
}

struct Line {
    title: String,
    received: String,
    decided: String,
    median: String,
    ninth: String,
    late: String,
    silence: String,
    asked: String,
    satisfied: String,
    open: String,
    late_now: String,
}

struct Said {
    month: String,
    title: String,
    satisfaction: String,
    words: String,
}

#[derive(Template)]
#[template(path = "figures/numbers.html")]
struct Numbers {
    page: Page,
    places: Vec<Choice>,
    procedures: Vec<Choice>,
    periods: Vec<Choice>,
    /// What the figures cover, in words.
    covers: String,
    indicators: Vec<Indicator>,
    charts: Vec<Chart>,
    channels: Vec<(String, String, i64)>,
    lines: Vec<Line>,
    opinions: Vec<(String, String, i64)>,
    few_opinions: String,
    comments: Vec<Said>,
    downloads: Vec<(String, String)>,
    empty: bool,
}

/// What was counted and what stands now.
struct Found {
    places: Vec<Place>,
    titles: HashMap<String, String>,
    period: Period,
    now: Vec<Tally>,
    before: Vec<Tally>,
    open: HashMap<String, i64>,
    late: HashMap<String, i64>,
    comments: Vec<Comment>,
}

impl Found {
    fn load(
        tx: &mut Tx<'_>,
        desk: &Parts,
        who: &SignedIn,
        asked: &Asked,
        lang: beffroi_core::Lang,
    ) -> Result<Self> {
        let (access, places) = entitled(tx, who)?;
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let period = Period::of(&asked.periode, today);
        let slugs: Vec<String> = match places.iter().find(|place| place.slug == asked.service) {
            Some(place) => vec![place.slug.clone()],
            None => places.iter().map(|place| place.slug.clone()).collect(),
        };
        let procedure = Some(asked.demarche.as_str()).filter(|slug| !slug.is_empty());
        let counted = |tx: &mut Tx<'_>, period: Period| {
            tally::of_departments(tx, &access, &slugs, procedure, (period.from, period.until))
        };
        let (now, before) = (counted(tx, period)?, counted(tx, period.before())?);
        let is_wanted = |slug: &str| procedure.is_none_or(|wanted| wanted == slug);
        let mut open: HashMap<String, i64> = HashMap::new();
        for count in figures::counts(tx, &access, &slugs)?.into_values().flatten().filter(is_open) {
            if is_wanted(&count.procedure) {
                *open.entry(count.procedure).or_default() += count.cases;
            }
        }
        let mut late: HashMap<String, i64> = HashMap::new();
        for ((_, slug), cases) in figures::late(tx, &access, &slugs, today)? {
            if is_wanted(&slug) {
                *late.entry(slug).or_default() += cases;
            }
        }
        let comments = comments(tx, who, &access, &slugs, procedure, period.from)?;
        Ok(Self { titles: titles(tx, desk, lang)?, places, period, now, before, open, late, comments })
    }

    fn title(&self, slug: &str) -> String {
        self.titles.get(slug).map_or_else(|| slug.to_owned(), Clone::clone)
    }

    /// The procedures of which anything is told, by title.
    fn procedures(&self) -> Vec<(String, String)> {
        let counted = self.now.iter().map(|tally| tally.procedure.as_str());
        let standing = self.open.keys().chain(self.late.keys()).map(String::as_str);
        let slugs: BTreeSet<&str> = counted.chain(standing).collect();
        let mut named: Vec<(String, String)> =
            slugs.into_iter().map(|slug| (self.title(slug), slug.to_owned())).collect();
        named.sort();
        named
    }
}

fn is_open(count: &inbox::Count) -> bool {
    State::from_word(&count.state).is_some_and(State::is_open)
}

/// What requesters wrote of a department, for those who answer for that one: it may tell of a colleague.
fn comments(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    access: &Access,
    slugs: &[String],
    procedure: Option<&str>,
    since: Month,
) -> Result<Vec<Comment>> {
    let scope = scope_of::<AnswerForCases>(tx, who)?;
    let answered: Vec<String> = department::list(tx)?
        .into_iter()
        .filter(|department| scope.contains(Some(department.id)))
        .map(|department| department.details.slug)
        .filter(|slug| slugs.contains(slug))
        .collect();
    if answered.is_empty() {
        return Ok(Vec::new());
    }
    Ok(opinion::comments(tx, access, &answered, procedure, since, COMMENTS)?)
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (lang, wished) = (page.language(), asked.clone());
    let found = commune.read(visitor.by, move |tx| Found::load(tx, &desk, &who, &wished, lang)).await?;
    let (now, before) = (Summary::of(&found.now), Summary::of(&found.before));
    let chosen = |value: &str, label: &str, wished: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: value == wished,
    };
    let mut places = vec![chosen("", page.t("office-figures-all-departments"), &asked.service)];
    places.extend(found.places.iter().map(|place| chosen(&place.slug, &place.name, &asked.service)));
    let mut offered: Vec<(&String, &String)> = found.titles.iter().collect();
    offered.sort_by_key(|(_, title)| title.as_str());
    let mut procedures = vec![chosen("", page.t("office-all-procedures"), &asked.demarche)];
    procedures.extend(offered.iter().map(|(slug, title)| chosen(slug, title, &asked.demarche)));
    let length = found.period.months.to_string();
    let periods = LENGTHS.map(|months| {
        let label = page.tr("office-figures-months", &[("n", i64::from(months).into())]);
        chosen(&months.to_string(), &label, &length)
    });
    let covers = page.tr(
        "office-figures-covers",
        &[
            ("from", month(found.period.from, lang).into()),
            ("until", month(found.period.until, lang).into()),
            ("before", month(found.period.before().from, lang).into()),
            ("end", month(found.period.before().until, lang).into()),
        ],
    );
    let query = form_urlencoded(&asked);
    let downloads = Kind::ALL
        .map(|kind| {
            let end = kind.extension();
            (format!("/agents/chiffres/chiffres.{end}?{query}"), end.to_uppercase())
        })
        .into();
    let given = now.opinions_given();
    render(&Numbers {
        covers,
        indicators: indicators(&page, &found, &now, &before),
        charts: charts(&page, &found),
        channels: channels(&page, &now),
        lines: lines(&page, &found),
        opinions: if given >= FEWEST { opinions(&page, &now) } else { Vec::new() },
        few_opinions: if given > 0 && given < FEWEST {
            page.tr("office-figures-few-opinions", &[("n", FEWEST.into())])
        } else {
            String::new()
        },
        comments: found.comments.iter().map(|comment| said(&page, &found, comment)).collect(),
        downloads,
        empty: found.now.is_empty() && found.open.is_empty(),
        places,
        procedures,
        periods: periods.into(),
        page,
    })
}

fn form_urlencoded(asked: &Asked) -> String {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    format!(
        "service={}&demarche={}&periode={}",
        encoded(&asked.service),
        encoded(&asked.demarche),
        encoded(&asked.periode)
    )
}

fn said(page: &Page, found: &Found, comment: &Comment) -> Said {
    let lang = page.language();
    Said {
        month: comment.month.parse().map_or_else(|_| comment.month.clone(), |it| month(it, lang)),
        title: found.title(&comment.procedure),
        satisfaction: satisfaction(page, comment.satisfaction),
        words: comment.words.clone(),
    }
}

fn satisfaction(page: &Page, satisfaction: Satisfaction) -> String {
    page.t(&format!("desk-opinion-{}", satisfaction.as_str())).to_owned()
}

/// The figures that come first, each beside the one of the period before.
fn indicators(page: &Page, found: &Found, now: &Summary, before: &Summary) -> Vec<Indicator> {
    let indicator = |key: &str, now: String, before: String, change: String| Indicator {
        label: page.t(key).to_owned(),
        now,
        before,
        change,
    };
    let count =
        |key: &str, now: i64, before: i64| indicator(key, number(now), number(before), growth(now, before));
    let day = page.t("office-figures-days-unit");
    let point = page.t("office-figures-points-unit");
    let delay = |key: &str, percent: i64| {
        let (now, before) = (now.delays.within(percent), before.delays.within(percent));
        indicator(key, days(page, now), days(page, before), difference(now, before, day))
    };
    let part = |key: &str, now: Option<i64>, before: Option<i64>| {
        indicator(key, share(now), share(before), difference(now, before, point))
    };
    let silent = |summary: &Summary| summary.silence_granted + summary.silence_refused;
    let standing = |key: &str, counts: &HashMap<String, i64>| {
        indicator(key, number(counts.values().sum()), String::new(), String::new())
    };
    vec![
        count("office-figures-received", now.received, before.received),
        count("office-figures-decided", now.decided(), before.decided()),
        delay("office-figures-median", 50),
        delay("office-figures-ninth", 90),
        part("office-figures-late", now.missed_percent(), before.missed_percent()),
        count("office-figures-silence", silent(now), silent(before)),
        part("office-figures-asked", now.asked_percent(), before.asked_percent()),
        part("office-figures-satisfied", now.satisfied_percent(), before.satisfied_percent()),
        standing("office-figures-open", &found.open),
        standing("office-figures-late-now", &found.late),
    ]
}

fn charts(page: &Page, found: &Found) -> Vec<Chart> {
    let lang = page.language();
    let by_month = Summary::by_month(&found.now);
    // A town that began lately has nothing to show of the years before.
    let first = by_month.keys().next().copied().unwrap_or(found.period.from);
    let months: Vec<Month> = first.through(found.period.until).collect();
    let series = |label: &str, look: &'static str| Series { label: page.t(label).to_owned(), look };
    let groups = |values: &dyn Fn(Option<&Summary>) -> Vec<Option<i64>>| -> Vec<(String, Vec<Option<i64>>)> {
        months.iter().map(|it| (month(*it, lang), values(by_month.get(it)))).collect()
    };
    let head = page.t("office-figures-month");
    vec![
        Chart::new(
            "volumes",
            page.t("office-figures-volumes"),
            head,
            vec![series("office-figures-received", "a"), series("office-figures-decided", "b")],
            groups(&|summary| {
                vec![Some(summary.map_or(0, |it| it.received)), Some(summary.map_or(0, Summary::decided))]
            }),
            |value| number(value.unwrap_or_default()),
        ),
        Chart::new(
            "delais",
            page.t("office-figures-delays"),
            head,
            vec![series("office-figures-median", "a"), series("office-figures-ninth", "b")],
            groups(&|summary| [50, 90].map(|share| summary.and_then(|it| it.delays.within(share))).into()),
            |value| days(page, value),
        ),
    ]
}

fn channels(page: &Page, now: &Summary) -> Vec<(String, String, i64)> {
    now.by_channel
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(door, count)| {
            let label = page.t(&format!("office-channel-{door}")).to_owned();
            (label, number(*count), percent(*count, now.received).unwrap_or_default())
        })
        .collect()
}

fn opinions(page: &Page, now: &Summary) -> Vec<(String, String, i64)> {
    let all = now.opinions_given();
    Satisfaction::ALL
        .iter()
        .zip(now.opinions)
        .map(|(it, count)| (satisfaction(page, *it), number(count), percent(count, all).unwrap_or_default()))
        .collect()
}

fn lines(page: &Page, found: &Found) -> Vec<Line> {
    let by_procedure: BTreeMap<String, Summary> = Summary::by(&found.now, |tally| tally.procedure.clone());
    let nothing = Summary::default();
    let standing =
        |counts: &HashMap<String, i64>, slug: &str| number(counts.get(slug).copied().unwrap_or_default());
    found
        .procedures()
        .into_iter()
        .map(|(title, slug)| {
            let summary = by_procedure.get(&slug).unwrap_or(&nothing);
            Line {
                title,
                received: number(summary.received),
                decided: number(summary.decided()),
                median: days(page, summary.delays.within(50)),
                ninth: days(page, summary.delays.within(90)),
                late: share(summary.missed_percent()),
                silence: number(summary.silence_granted + summary.silence_refused),
                asked: share(summary.asked_percent()),
                satisfied: share(summary.satisfied_percent()),
                open: standing(&found.open, &slug),
                late_now: standing(&found.late, &slug),
            }
        })
        .collect()
}

/// The same figures as a spreadsheet: month by month and procedure by procedure.
pub(super) async fn download(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let found = commune.read(visitor.by, move |tx| Found::load(tx, &desk, &who, &asked, lang)).await?;
    let kind =
        file.strip_prefix("chiffres.").and_then(Kind::from_extension).ok_or_else(WebError::not_found)?;
    let folder = commune.folder().to_owned();
    let bytes = tokio::task::spawn_blocking(move || spreadsheet(&page, &found, kind, &folder))
        .await
        .map_err(WebError::internal)??;
    Ok(sheet_answer(bytes, kind, &file))
}

/// A spreadsheet that is sent whole.
fn sheet_answer(bytes: Vec<u8>, kind: Kind, name: &str) -> axum::response::Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn spreadsheet(page: &Page, found: &Found, kind: Kind, folder: &std::path::Path) -> Result<Vec<u8>> {
    let columns = [
        "office-figures-month",
        "desk-procedure",
        "office-figures-received",
        "office-figures-decided",
        "office-figures-median-days",
        "office-figures-ninth-days",
        "office-figures-late-count",
        "office-figures-granted-count",
        "office-figures-refused-count",
        "office-figures-asked-count",
        "office-figures-reversed-count",
    ]
    .map(|key| page.t(key).to_owned());
    let sheet = Sheet { name: page.t("office-nav-figures").to_owned(), columns: columns.into() };
    let mut book = Book::create(kind, folder, &[sheet]).map_err(WebError::internal)?;
    let by: BTreeMap<(Month, String), Summary> =
        Summary::by(&found.now, |tally| (tally.month, tally.procedure.clone()));
    for ((month, slug), summary) in &by {
        let row = [
            Cell::text(month.to_string()),
            Cell::text(found.title(slug)),
            whole(Some(summary.received)),
            whole(Some(summary.decided())),
            whole(summary.delays.within(50)),
            whole(summary.delays.within(90)),
            whole(Some(summary.late)),
            whole(Some(summary.silence_granted)),
            whole(Some(summary.silence_refused)),
            whole(Some(summary.asked)),
            whole(Some(summary.reversed)),
        ];
        book.row(0, &row).map_err(WebError::internal)?;
    }
    let file = book.finish().map_err(WebError::internal)?;
    std::fs::read(file.path()).map_err(WebError::internal)
}

/// A whole number as a cell; figures of a town are far from where floating point loses any.
pub(super) fn whole(number: Option<i64>) -> Cell {
    match number {
        #[expect(clippy::cast_precision_loss, reason = "counts of a town's cases are far below 2^53")]
        Some(number) => Cell::Number(number as f64),
        None => Cell::Empty,
    }
}
