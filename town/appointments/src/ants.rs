//! What the State's search of appointments for identity cards and passports asks each town hall (ANTS, now France
//! Titres): where one is received, when, and for which pre-requests there is an appointment already. It shows a token of
//! the town's in the header `X-HUB-RDV-AUTH-TOKEN`, and gives up after fifteen seconds.

use std::collections::BTreeMap;

use axum::{
    Extension, Json, Router, extract::RawQuery, http::HeaderMap, response::IntoResponse, routing::get,
};
use beffroi_calendar::resource::Resource;
use beffroi_core::{Day, Id, Instant, calendar::civil_day};
use beffroi_people::Permit;
use beffroi_store::{Entry, Tx};
use beffroi_web::{App, CommuneOf, Result, Visitor, WebError};
use serde::Serialize;
use std::sync::Arc;
use url::form_urlencoded;

use crate::{
    Origin, appointment,
    clock::Now,
    link,
    motive::{self, TitleReason},
    permission::ManageAppointments,
    site,
    slots::{self, Wanted, Whom},
};

/// Header of the token.
const TOKEN: &str = "x-hub-rdv-auth-token";
/// Numbers and places that one question names, at most.
const ASKED_AT_MOST: usize = 200;
/// Days that one question is answered for, at most.
const DAYS_AT_MOST: i64 = 120;

pub(crate) fn routes(origin: Arc<Origin>) -> Router<App> {
    Router::new()
        .route("/api/ants/getManagedMeetingPoints", get(meeting_points))
        .route("/api/ants/availableTimeSlots", get(time_slots))
        .route("/api/ants/searchApplicationIds", get(applications))
        .layer(Extension(origin))
}

/// Makes a new token, in the place of the one before; told once.
///
/// # Errors
/// Those of the store.
pub fn open(tx: &mut Tx<'_>, _: &Permit<ManageAppointments>) -> beffroi_store::Result<String> {
    let token = hex::encode(tx.random::<32>());
    tx.execute(
        "INSERT INTO appointments_ants (only_one, token, since) VALUES (1, $1, $2) \
         ON CONFLICT (only_one) DO UPDATE SET token = excluded.token, since = excluded.since",
        &[&link::hash(&token), &tx.now()],
    )?;
    journal(tx, "ants_search.opened")?;
    Ok(token)
}

/// Answers the State's search no longer.
///
/// # Errors
/// Those of the store.
pub fn close(tx: &mut Tx<'_>, _: &Permit<ManageAppointments>) -> beffroi_store::Result<()> {
    if tx.execute("DELETE FROM appointments_ants WHERE only_one = 1", &[])? > 0 {
        journal(tx, "ants_search.closed")?;
    }
    Ok(())
}

/// Since when the State's search is answered.
///
/// # Errors
/// Those of the store.
pub fn since(tx: &mut Tx<'_>) -> beffroi_store::Result<Option<Instant>> {
    tx.query_opt("SELECT since FROM appointments_ants WHERE only_one = 1", &[], |row| row.get(0))
}

fn journal(tx: &mut Tx<'_>, kind: &str) -> beffroi_store::Result<()> {
    let subject_id = tx.new_id::<TitleReason>().uuid();
    tx.journal(&Entry { kind, subject_kind: "ants_search", subject_id, payload: serde_json::json!({}) })?;
    Ok(())
}

/// Whether the token is the town's. Where there is none, nothing is here.
fn admit(tx: &mut Tx<'_>, shown: Option<&str>) -> Result<()> {
    let sql = "SELECT token FROM appointments_ants WHERE only_one = 1";
    let kept: Option<Vec<u8>> = tx.query_opt(sql, &[], |row| row.get(0))?;
    let kept = kept.ok_or_else(WebError::not_found)?;
    if shown.is_some_and(|shown| link::hash(shown).as_slice() == kept) {
        Ok(())
    } else {
        Err(WebError::sign_in_required())
    }
}

fn token(headers: &HeaderMap) -> Option<String> {
    headers.get(TOKEN).and_then(|token| token.to_str().ok()).map(str::to_owned)
}

/// The pairs of an address; names come again, without brackets.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn read(query: Option<String>) -> Self {
        let query = query.unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).take(2 * ASKED_AT_MOST);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).take(ASKED_AT_MOST)
    }
}

#[derive(Serialize)]
struct MeetingPoint {
    id: String,
    name: String,
    longitude: f64,
    latitude: f64,
    public_entry_address: String,
    zip_code: String,
    city_name: String,
}

/// The sites where titles are asked for. One without a place on the map cannot be found, and is left out.
fn received_at(tx: &mut Tx<'_>) -> beffroi_store::Result<(Vec<motive::Kept>, Vec<site::Site>)> {
    let motives: Vec<motive::Kept> = motive::list(tx)?
        .into_iter()
        .filter(|it| it.details.active && it.details.sheet.online && !it.details.sheet.titles.is_empty())
        .collect();
    let desks = site::desks(tx)?;
    let places: Vec<_> = motives.iter().flat_map(|motive| slots::places(&desks, motive.id)).collect();
    let sites = site::sites(tx)?.into_iter().filter(|site| places.contains(&site.resource.id));
    Ok((motives, sites.filter(|site| site.sheet.place.is_some()).collect()))
}

async fn meeting_points(visitor: Visitor, commune: CommuneOf, headers: HeaderMap) -> Result {
    let token = token(&headers);
    let sites = commune
        .read(visitor.by, move |tx| {
            admit(tx, token.as_deref())?;
            Ok::<_, WebError>(received_at(tx)?.1)
        })
        .await?;
    let points = sites.into_iter().filter_map(|site| {
        let (longitude, latitude) = site.sheet.place?;
        Some(MeetingPoint {
            id: site.resource.id.to_string(),
            name: site.resource.details.name.fr,
            longitude,
            latitude,
            public_entry_address: site.sheet.address,
            zip_code: site.sheet.postcode,
            city_name: site.sheet.city,
        })
    });
    Ok(Json(points.collect::<Vec<_>>()).into_response())
}

#[derive(Serialize)]
struct TimeSlot {
    datetime: String,
    callback_url: String,
}

fn instant(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn time_slots(
    visitor: Visitor,
    commune: CommuneOf,
    Extension(origin): Extension<Arc<Origin>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result {
    let (token, asked) = (token(&headers), Asked::read(query));
    let site = address(&commune, origin).await?;
    let found = commune
        .read(visitor.by, move |tx| {
            admit(tx, token.as_deref())?;
            let (first, last) = (asked.one("start_date").parse::<Day>(), asked.one("end_date").parse::<Day>());
            let (Ok(first), Ok(last)) = (first, last) else { return Err(WebError::bad_request()) };
            let reason = TitleReason::from_word(asked.one("reason")).ok_or_else(WebError::bad_request)?;
            let persons: usize = match asked.one("documents_number") {
                "" => 1,
                number => number.parse().map_err(|_| WebError::bad_request())?,
            };
            if (last - first).num_days() > DAYS_AT_MOST || last < first {
                return Err(WebError::bad_request());
            }
            let points: Vec<&str> = asked.all("meeting_point_ids").collect();
            let zone = Now::read(tx)?.zone;
            let (motives, sites) = received_at(tx)?;
            let mut answer: BTreeMap<String, Vec<TimeSlot>> = points.iter().map(|id| ((*id).to_owned(), Vec::new())).collect();
            let mut slugs: BTreeMap<Id<Resource>, &str> = BTreeMap::new();
            for known in &sites {
                slugs.insert(known.resource.id, &known.resource.details.slug);
            }
            // A town has one such motive, or two or three: each is one look-up.
            for motive in motives.iter().filter(|it| it.details.sheet.titles.contains(&reason)) {
                let wanted = Wanted { motive, persons, site: None, whom: Whom::Public };
                for slot in slots::find(tx, wanted, (first, last))? {
                    let id = slot.site.to_string();
                    let (Some(times), Some(slug)) = (answer.get_mut(&id), slugs.get(&slot.site)) else { continue };
                    let day = civil_day(slot.span.start(), zone);
                    let motive = &motive.details.slug;
                    times.push(TimeSlot {
                        datetime: instant(slot.span.start()),
                        callback_url: format!(
                            "{site}/rendez-vous/{motive}?personnes={persons}&lieu={slug}&semaine={day}#creneau"
                        ),
                    });
                }
            }
            Ok(answer)
        })
        .await?;
    Ok(Json(found).into_response())
}

#[derive(Serialize)]
struct Application {
    meeting_point: String,
    datetime: String,
    management_url: String,
    cancel_url: String,
}

async fn applications(
    visitor: Visitor,
    commune: CommuneOf,
    Extension(origin): Extension<Arc<Origin>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result {
    let (token, asked) = (token(&headers), Asked::read(query));
    let base = address(&commune, origin).await?;
    let found = commune
        .read(visitor.by, move |tx| {
            admit(tx, token.as_deref())?;
            // What is kept is in capitals; the answer names numbers as they were asked for.
            let numbers: BTreeMap<String, String> = asked
                .all("application_ids")
                .map(|it| (it.trim().to_ascii_uppercase(), it.to_owned()))
                .collect();
            let mut answer: BTreeMap<String, Vec<Application>> =
                numbers.values().map(|number| (number.clone(), Vec::new())).collect();
            let known: Vec<String> = numbers.keys().cloned().collect();
            let sites = site::sites(tx)?;
            let found = appointment::of_numbers(tx, &known)?;
            let ids: Vec<_> = found.iter().map(|(_, it)| it.id).collect();
            let links = appointment::links_of(tx, &ids)?;
            for (number, it) in found {
                let place = sites.iter().find(|site| site.resource.id == it.site);
                let Some(link) = links.get(&it.id) else { continue };
                let own = format!("{base}/rendez-vous/mien/{link}");
                let list = numbers.get(&number).and_then(|number| answer.get_mut(number));
                if let Some(list) = list {
                    list.push(Application {
                        meeting_point: place.map_or("", |site| &site.resource.details.name.fr).to_owned(),
                        datetime: instant(it.span.start()),
                        management_url: own.clone(),
                        cancel_url: own,
                    });
                }
            }
            Ok::<_, WebError>(answer)
        })
        .await?;
    Ok(Json(found).into_response())
}

/// The address of the commune's site.
async fn address(commune: &CommuneOf, origin: Arc<Origin>) -> Result<String> {
    let slug = commune.slug().to_owned();
    let asked = tokio::task::spawn_blocking(move || origin(&slug)).await.map_err(WebError::internal)?;
    Ok(asked?.unwrap_or_default())
}
