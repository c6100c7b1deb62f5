//! « Mes exports »: what an agent has ordered and can still download, and the form that orders another.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Day, Id};
use beffroi_people::Town;
use beffroi_sheets::Kind;
use beffroi_web::{CommuneOf, FormPost, Page, Result, WebError, page::render_as};
use serde::Deserialize;

use super::{Export, OWN_AT_MOST, Order, Part, State, file_of, order as ordered, own, places, take, write};
use crate::{control::size, figures::titles, problem::Problem, public::when, visit::Visit};

#[derive(Default, Deserialize)]
pub(in crate::figures) struct Asked {
    #[serde(default)]
    fait: String,
    /// What the form begins with, from the page that led here.
    #[serde(default)]
    demarche: String,
    #[serde(default)]
    service: String,
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Line {
    title: String,
    asked: String,
    look: &'static str,
    state: String,
    cases: String,
    files: Vec<Download>,
}

/// A file to download: the whole, or a repeated group beside it.
struct Download {
    href: String,
    title: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "figures/exports.html")]
struct Exports {
    page: Page,
    done: String,
    problems: Vec<Problem>,
    lines: Vec<Line>,
    waiting: bool,
    places: Vec<Choice>,
    procedures: Vec<Choice>,
    kinds: Vec<Choice>,
    from: [String; 3],
    until: [String; 3],
}

impl Exports {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The form as it was typed.
#[derive(Clone, Default)]
struct Typed {
    procedure: String,
    department: String,
    kind: String,
    from: [String; 3],
    until: [String; 3],
}

impl Typed {
    fn of(form: &FormPost) -> Self {
        let date = |name: &str| {
            ["day", "month", "year"].map(|part| form.text(&format!("{name}-{part}")).trim().to_owned())
        };
        Self {
            procedure: form.text("demarche").to_owned(),
            department: form.text("service").to_owned(),
            kind: form.text("format").to_owned(),
            from: date("du"),
            until: date("au"),
        }
    }

    /// What is ordered; else the field that is wrong.
    fn order(&self) -> std::result::Result<Order, &'static str> {
        let from = day(&self.from).map_err(|()| "du")?;
        let until = day(&self.until).map_err(|()| "au")?;
        let kind = Kind::from_extension(&self.kind).ok_or("format")?;
        let order = Order {
            procedure: self.procedure.clone(),
            department: self.department.clone(),
            from,
            until,
            kind,
        };
        if from.zip(until).is_some_and(|(from, until)| until < from) { Err("au") } else { Ok(order) }
    }
}

/// A day that was typed; nothing where nothing was.
fn day(parts: &[String; 3]) -> std::result::Result<Option<Day>, ()> {
    if parts.iter().all(String::is_empty) {
        return Ok(None);
    }
    let [day, month, year] = parts;
    let parsed = (year.parse(), month.parse(), day.parse());
    match parsed {
        (Ok(year), Ok(month), Ok(day)) => Day::from_ymd_opt(year, month, day).map(Some).ok_or(()),
        _ => Err(()),
    }
}

pub(in crate::figures) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result {
    let done = match asked.fait.as_str() {
        word @ ("pret" | "attente") => visit.page.t(&format!("office-export-done-{word}")).to_owned(),
        _ => String::new(),
    };
    let typed = Typed {
        procedure: asked.demarche,
        department: asked.service,
        kind: Kind::Ods.extension().to_owned(),
        ..Typed::default()
    };
    show(visit, typed, done, Vec::new()).await
}

async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    typed: Typed,
    done: String,
    problems: Vec<Problem>,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (places, titles, sealed, exports, zone) = commune
        .read(visitor.by, move |tx| {
            let places = places(tx, &who)?;
            let titles = titles(tx, &desk, lang)?;
            let offered = desk.shelf.offered(tx)?;
            let sealed = offered.iter().filter(|form| form.procedure().sealed);
            let sealed: Vec<String> = sealed.map(|form| form.procedure().slug.clone()).collect();
            Ok::<_, WebError>((places, titles, sealed, own(tx, who.account)?, Town::load(tx)?.zone()))
        })
        .await?;
    let choice = |value: &str, label: &str, wished: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: value == wished,
    };
    let mut departments = vec![choice("", page.t("office-figures-all-departments"), &typed.department)];
    departments.extend(places.iter().map(|place| choice(&place.slug, &place.name, &typed.department)));
    let mut offered: Vec<(&String, &String)> =
        titles.iter().filter(|(slug, _)| !sealed.contains(slug)).collect();
    offered.sort_by_key(|(_, title)| title.as_str());
    let mut procedures = vec![choice("", page.t("office-export-no-procedure"), &typed.procedure)];
    procedures.extend(offered.iter().map(|(slug, title)| choice(slug, title, &typed.procedure)));
    let kinds = Kind::ALL
        .map(|kind| {
            let end = kind.extension();
            let hint = page.t(&format!("office-export-kind-{end}")).to_owned();
            Choice { hint, ..choice(end, &end.to_uppercase(), &typed.kind) }
        })
        .into();
    let lines: Vec<Line> = exports
        .iter()
        .map(|export| {
            let title = export.listed.procedure.as_ref().map_or_else(
                || page.t("office-export-no-procedure").to_owned(),
                |slug| titles.get(slug).unwrap_or(slug).clone(),
            );
            let (look, key) = match export.state {
                State::Waiting => ("waiting", "office-export-waiting"),
                State::Ready => ("granted", "office-export-ready"),
                State::Failed => ("refused", "office-export-failed"),
            };
            let is_ready = export.state == State::Ready;
            let end = export.kind.extension();
            let download = |part: Option<&Part>| Download {
                href: format!("/agents/exports/{}/{}", export.id, export.file_name(part)),
                title: part.map_or_else(|| title.clone(), |part| format!("{title}, {}", part.title)),
                detail: {
                    let bytes = part.map_or(export.bytes, |part| part.bytes);
                    let told = size(u64::try_from(bytes).unwrap_or_default(), lang);
                    match part {
                        Some(part) => format!("{}, {}, {told}", part.title, end.to_uppercase()),
                        None => format!("{}, {told}", end.to_uppercase()),
                    }
                },
            };
            let files = std::iter::once(None).chain(export.parts.iter().map(Some));
            Line {
                files: if is_ready { files.map(download).collect() } else { Vec::new() },
                title,
                asked: when(export.asked_at, zone, lang),
                look,
                state: page.t(key).to_owned(),
                cases: if is_ready { super::super::words::number(export.cases) } else { String::new() },
            }
        })
        .collect();
    let waiting = exports.iter().any(|export| export.state == State::Waiting);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let Typed { from, until, .. } = typed;
    render_as(
        status,
        &Exports {
            done,
            problems,
            lines,
            waiting,
            places: departments,
            procedures,
            kinds,
            from,
            until,
            page,
        },
    )
}

pub(in crate::figures) async fn order(visit: Visit, form: FormPost) -> Result {
    let typed = Typed::of(&form);
    let wanted = match typed.order() {
        Ok(order) => order,
        Err(field) => {
            let key =
                if field == "format" { "office-export-kind-missing" } else { "office-export-day-wrong" };
            let problems = Problem::alone(field, visit.page.t(key));
            return show(visit, typed, String::new(), problems).await;
        }
    };
    let who = visit.visitor.require()?.clone();
    let desk = Arc::clone(&visit.desk);
    let came = visit.commune.write(visit.visitor.by, move |tx| ordered(tx, &desk, &who, &wanted)).await?;
    let Some((id, small)) = came else {
        let limit = i64::try_from(OWN_AT_MOST).unwrap_or(i64::MAX);
        let message = visit.page.tr("office-export-too-many", &[("limit", limit.into())]);
        return show(visit, typed, String::new(), Problem::alone("format", &message)).await;
    };
    if !small {
        return Ok(Redirect::to("/agents/exports?fait=attente").into_response());
    }
    let (desk, commune) = (Arc::clone(&visit.desk), Arc::clone(&visit.commune));
    tokio::task::spawn_blocking(move || write(&commune, &desk, id)).await.map_err(WebError::internal)??;
    Ok(Redirect::to("/agents/exports?fait=pret").into_response())
}

/// A file, for whoever ordered it alone. The name at the end of the address is what the browser keeps it under.
pub(in crate::figures) async fn download(
    Visit { commune, visitor, .. }: Visit,
    Path((id, file)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Export> = id.parse().map_err(|_| WebError::not_found())?;
    let (export, part) = commune.write(visitor.by, move |tx| take(tx, &who, id, &file)).await?;
    streamed(&commune, &export, part.as_ref()).await
}

/// The file of an export, as it is read from the disk.
pub(crate) async fn streamed(commune: &CommuneOf, export: &Export, part: Option<&Part>) -> Result {
    let file = tokio::fs::File::open(file_of(commune, export, part)).await;
    let file = file.map_err(|error| WebError::not_found().log(error))?;
    let chunks = futures_util::stream::try_unfold(file, |mut file| async move {
        use tokio::io::AsyncReadExt;
        let mut chunk = bytes::BytesMut::with_capacity(64 << 10);
        let read = file.read_buf(&mut chunk).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (chunk.freeze(), file)))
    });
    let mut response = axum::body::Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(export.kind.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"{}\"", export.file_name(part));
    if let Ok(disposition) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
