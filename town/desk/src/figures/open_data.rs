//! Open data: how many requests each procedure had in each month, and how long they took; for everybody, under the open
//! licence, without a figure by which somebody could be recognised.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use beffroi_cases::{
    summary::{FEWEST, Summary, published},
    tally::{self, Month},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_sheets::{Book, Cell, Kind, Sheet};
use beffroi_store::By;
use beffroi_web::{Page, Result, WebError, page::render_public};
use serde::Serialize;
use utoipa::ToSchema;

use super::{numbers::whole, titles, words::NONE};
use crate::visit::Visit;

/// Months that are published: five years.
const MONTHS: i32 = 60;
/// Months that the page shows.
const SHOWN: usize = 24;
/// « Licence Ouverte / Open Licence 2.0 ».
const LICENCE: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence";
/// How long others may keep them.
const KEPT: &str = "public, max-age=3600";

/// What one procedure was in one month. What would tell of fewer than five people is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Volume {
    /// The month, as `2026-06`.
    month: String,
    /// The procedure’s short name.
    procedure: String,
    /// Its name.
    title: String,
    /// Requests received.
    received: Option<i64>,
    /// Decisions taken.
    decided: Option<i64>,
    /// Within how many days half of the decisions were taken.
    median_days: Option<i64>,
    /// Within how many days nine out of ten were taken.
    ninth_decile_days: Option<i64>,
    /// Decisions taken after the time that the law gives.
    late: Option<i64>,
    /// Requests that the town’s silence granted.
    silence_granted: Option<i64>,
    /// Requests that the town’s silence refused.
    silence_refused: Option<i64>,
}

/// The volumes of a town, and what may be done with them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Volumes {
    /// The commune’s name.
    commune: String,
    /// The commune’s INSEE code, where it is known.
    insee: String,
    /// The licence under which they are given.
    licence: &'static str,
    /// Numbers below this one, but for nothing at all, are not told.
    masked_below: i64,
    /// By month and procedure.
    #[serde(rename = "volumes")]
    months: Vec<Volume>,
}

/// A procedure of the catalogue.
#[derive(Serialize, ToSchema)]
pub(crate) struct Offered {
    slug: String,
    version: u32,
    title: String,
    summary: String,
    who: String,
    delay: String,
    cost: String,
    /// `grants`, `refuses` or `none`.
    silence: String,
    /// After how long: `2m`, `30d`.
    term: Option<String>,
    life_events: Vec<String>,
    /// The texts on which it stands.
    legal_basis: Vec<String>,
    /// Its page.
    page: String,
}

/// The catalogue of a town’s procedures, and what may be done with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Catalogue {
    commune: String,
    licence: &'static str,
    procedures: Vec<Offered>,
}

/// What is published of a month.
fn volume(month: Month, procedure: &str, title: String, summary: &Summary) -> Volume {
    let decided = summary.decided();
    let told = decided >= FEWEST;
    // Of a few decisions neither how long they took nor how many came late is told.
    let among = |number: i64| published(number).filter(|_| told || decided == 0);
    Volume {
        month: month.to_string(),
        procedure: procedure.to_owned(),
        title,
        received: published(summary.received),
        decided: published(decided),
        median_days: summary.delays.within(50).filter(|_| told),
        ninth_decile_days: summary.delays.within(90).filter(|_| told),
        late: among(summary.late),
        silence_granted: published(summary.silence_granted),
        silence_refused: published(summary.silence_refused),
    }
}

/// The town and its volumes, the latest months first. The month that still runs is not told: two looks at it would tell
/// of who came between.
async fn volumes(Visit { desk, commune, page, .. }: Visit) -> Result<(Town, Vec<Volume>)> {
    let lang = page.language();
    let (town, tallies, titles) = commune
        .read(By::VISITOR, move |tx| {
            let town = Town::load(tx)?;
            let until = Month::of(civil_day(tx.now(), town.zone())).plus(-1);
            let tallies = tally::of_town(tx, (until.plus(1 - MONTHS), until))?;
            Ok::<_, WebError>((town, tallies, titles(tx, &desk, lang)?))
        })
        .await?;
    let by: BTreeMap<(Month, String), Summary> =
        Summary::by(&tallies, |tally| (tally.month, tally.procedure.clone()));
    let told = by
        .iter()
        .rev()
        .map(|((month, slug), summary)| {
            let title = titles.get(slug).cloned().unwrap_or_else(|| slug.clone());
            volume(*month, slug, title, summary)
        })
        .collect();
    Ok((town, told))
}

/// The monthly volumes and delays of each procedure.
#[utoipa::path(
    get, path = "/api/v1/open-data/volumes.json", tag = "open-data",
    responses((status = 200, body = Volumes))
)]
pub(crate) async fn volumes_json(visit: Visit) -> Result {
    let (town, volumes) = volumes(visit).await?;
    let all = Volumes {
        commune: town.name,
        insee: town.insee,
        licence: LICENCE,
        masked_below: FEWEST,
        months: volumes,
    };
    Ok(kept(Json(all).into_response()))
}

/// The same as a table: semicolons, UTF-8 with its mark.
#[utoipa::path(
    get, path = "/api/v1/open-data/volumes.csv", tag = "open-data",
    responses((status = 200, content_type = "text/csv", body = String))
)]
pub(crate) async fn volumes_csv(visit: Visit) -> Result {
    let folder = visit.commune.folder().to_owned();
    let (_, volumes) = volumes(visit).await?;
    let bytes =
        tokio::task::spawn_blocking(move || table(&volumes, &folder)).await.map_err(WebError::internal)??;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Kind::Csv.media_type()));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"demarches-volumes.csv\""),
    );
    Ok(kept(response))
}

fn table(volumes: &[Volume], folder: &std::path::Path) -> Result<Vec<u8>> {
    let columns = [
        "month",
        "procedure",
        "title",
        "received",
        "decided",
        "median_days",
        "ninth_decile_days",
        "late",
        "silence_granted",
        "silence_refused",
    ];
    let sheet = Sheet { name: "volumes".to_owned(), columns: columns.map(str::to_owned).into() };
    let mut book = Book::create(Kind::Csv, folder, &[sheet]).map_err(WebError::internal)?;
    for volume in volumes {
        let row = [
            Cell::text(volume.month.as_str()),
            Cell::text(volume.procedure.as_str()),
            Cell::text(volume.title.as_str()),
            whole(volume.received),
            whole(volume.decided),
            whole(volume.median_days),
            whole(volume.ninth_decile_days),
            whole(volume.late),
            whole(volume.silence_granted),
            whole(volume.silence_refused),
        ];
        book.row(0, &row).map_err(WebError::internal)?;
    }
    let file = book.finish().map_err(WebError::internal)?;
    std::fs::read(file.path()).map_err(WebError::internal)
}

/// The catalogue of procedures.
#[utoipa::path(
    get, path = "/api/v1/open-data/procedures.json", tag = "open-data",
    responses((status = 200, body = Catalogue))
)]
pub(crate) async fn procedures(Visit { desk, commune, page, .. }: Visit) -> Result {
    let lang = page.language();
    let site = desk.site(&commune).await?;
    let (town, offered) = commune
        .read(By::VISITOR, move |tx| Ok::<_, WebError>((Town::load(tx)?, desk.shelf.offered(tx)?)))
        .await?;
    let one = |form: &std::sync::Arc<beffroi_forms::CompiledForm>| {
        let procedure = form.procedure();
        let regime = procedure.regime.as_ref();
        Offered {
            slug: procedure.slug.clone(),
            version: procedure.version,
            title: procedure.title.text(lang).to_owned(),
            summary: procedure.summary.text(lang).to_owned(),
            who: procedure.who.text(lang).to_owned(),
            delay: procedure.delay.text(lang).to_owned(),
            cost: procedure.cost.text(lang).to_owned(),
            silence: regime.map_or("none", |regime| regime.silence.as_str()).to_owned(),
            term: regime.and_then(|regime| regime.term).map(|term| term.to_string()),
            life_events: procedure.life_events.clone(),
            legal_basis: procedure.legal_basis.iter().map(|basis| basis.text.clone()).collect(),
            page: format!("{site}/demarches/{}", procedure.slug),
        }
    };
    let procedures = offered.iter().map(one).collect();
    Ok(kept(Json(Catalogue { commune: town.name, licence: LICENCE, procedures }).into_response()))
}

fn kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    // Whoever makes a page of them elsewhere may.
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

struct Line {
    month: String,
    title: String,
    received: String,
    decided: String,
    median: String,
    ninth: String,
}

#[derive(Template)]
#[template(path = "figures/open_data.html")]
struct OpenData {
    page: Page,
    lines: Vec<Line>,
    licence: &'static str,
    masked: String,
}

/// The page that describes the sets and shows the latest volumes.
pub(crate) async fn show(visit: Visit) -> Result {
    let page = visit.page.clone();
    let lang = page.language();
    let (_, volumes) = volumes(visit).await?;
    // « <5 » where somebody could be recognised; a delay of too few is not there at all.
    let count = |number: Option<i64>| number.map_or_else(|| format!("<\u{a0}{FEWEST}"), super::words::number);
    let days = |number: Option<i64>| number.map_or_else(|| NONE.to_owned(), super::words::number);
    let lines = volumes
        .iter()
        .take_while({
            let mut months: Vec<&str> = Vec::new();
            move |volume| {
                if months.last() != Some(&volume.month.as_str()) {
                    months.push(&volume.month);
                }
                months.len() <= SHOWN
            }
        })
        .map(|volume| Line {
            month: volume
                .month
                .parse()
                .map_or_else(|_| volume.month.clone(), |it| super::words::month(it, lang)),
            title: volume.title.clone(),
            received: count(volume.received),
            decided: count(volume.decided),
            median: days(volume.median_days),
            ninth: days(volume.ninth_decile_days),
        })
        .collect();
    let masked = page.tr("desk-data-masked", &[("n", FEWEST.into())]);
    render_public(&OpenData { lines, licence: LICENCE, masked, page }, &[])
}

#[cfg(test)]
mod tests {
    use beffroi_cases::tally::{Measure, Tally};

    use super::*;

    fn of(tallies: &[(Measure, &str, i64)]) -> Volume {
        let month: Month = "2026-05".parse().unwrap();
        let tallies: Vec<Tally> = tallies
            .iter()
            .map(|(measure, value, cases)| Tally {
                month,
                procedure: "acte".to_owned(),
                measure: *measure,
                value: (*value).to_owned(),
                cases: *cases,
            })
            .collect();
        volume(month, "acte", "Acte".to_owned(), &Summary::of(&tallies))
    }

    #[test]
    fn nobody_is_recognised_in_what_is_published() {
        let few =
            of(&[(Measure::Received, "online", 4), (Measure::InTime, "3", 3), (Measure::Late, "70", 1)]);
        assert_eq!((few.received, few.decided, few.late, few.median_days), (None, None, None, None));
        let many =
            of(&[(Measure::Received, "online", 40), (Measure::InTime, "3", 30), (Measure::Late, "70", 2)]);
        assert_eq!((many.received, many.decided, many.late), (Some(40), Some(32), None));
        assert_eq!((many.median_days, many.ninth_decile_days), (Some(3), Some(3)));
        assert_eq!((many.silence_granted, many.silence_refused), (Some(0), Some(0)));
    }
}
