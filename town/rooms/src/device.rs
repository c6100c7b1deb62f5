//! The devices of an agent: each sees the planning with a password of its own, shown once, which its owner withdraws.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_calendar::clock;
use beffroi_core::{
    Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_people::{
    SignedIn, Town,
    device::{self, DEVICES_AT_MOST, DeviceError},
    permission::{Action, ConnectDevice, permit_somewhere},
    token::{self, ApiToken},
};
use beffroi_store::Tx;
use beffroi_web::{App, Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::{BlockRooms, SeePlanning, permission::hidden};

const ADDRESS: &str = "/agents/appareils";
/// Letters of a device's name, at most.
const NAME_AT_MOST: usize = 60;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/appareils", get(show).post(connect))
        .route("/agents/appareils/retrait", post(remove))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    fait: String,
}

/// A device that is connected.
struct Row {
    id: String,
    name: String,
    rights: String,
    expires: String,
    used: String,
}

/// What is typed into a device once.
struct Made {
    told: String,
    password: String,
}

struct Problem {
    field: String,
    message: String,
}

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    page: Page,
    action: &'static str,
    done: bool,
    made: Option<Made>,
    server: String,
    user: String,
    rows: Vec<Row>,
    heads: Vec<String>,
    /// What else a new one may be allowed.
    rights: Vec<Choice>,
    name: String,
    problems: Vec<Problem>,
}

impl DevicesPage {
    fn problem(&self, field: &str) -> String {
        let own = self.problems.iter().find(|problem| problem.field == field);
        own.map(|problem| problem.message.clone()).unwrap_or_default()
    }
}

/// What is known of the devices of whoever asks.
struct Known {
    who: SignedIn,
    devices: Vec<ApiToken>,
    may_write: bool,
    zone: Tz,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Known> {
    hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    // What belongs to a person is shown to no program.
    who.own_session().ok_or_else(WebError::forbidden)?;
    let may_write = permit_somewhere::<BlockRooms>(tx, who).is_ok();
    Ok(Known {
        who: who.clone(),
        devices: device::list(tx, who.account)?,
        may_write,
        zone: Town::load(tx)?.zone(),
    })
}

async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune.read(visitor.by, move |tx| known(tx, &who)).await?;
    let shown = DevicesPage::new(page, &server(&visitor, &headers), known, false);
    render_as(StatusCode::OK, &DevicesPage { done: asked.fait == "retrait", ..shown })
}

async fn connect(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let name: String = fields.text("nom").trim().chars().take(NAME_AT_MOST).collect();
    let writes = fields.all("droits").any(|word| word == "ecrire");
    let server = server(&visitor, &headers);
    let called = name.clone();
    let (known, made) = commune
        .write(visitor.by, move |tx| {
            let before = known(tx, &who)?;
            if called.is_empty() {
                return Ok((before, None));
            }
            let permit = hidden(permit_somewhere::<ConnectDevice>(tx, &who))?;
            let reads = [SeePlanning::PERMISSION];
            let both = [SeePlanning::PERMISSION, BlockRooms::PERMISSION];
            let wanted = if writes { &both[..] } else { &reads[..] };
            let made = match device::connect(tx, &permit, &who, &called, wanted) {
                Ok((_, secret)) => Ok(secret),
                Err(DeviceError::TooMany) => Err(()),
                Err(DeviceError::Store(error)) => return Err(error.into()),
                Err(DeviceError::NotSignedIn | DeviceError::NotAnAgent) => return Err(WebError::forbidden()),
            };
            Ok::<_, WebError>((known(tx, &who)?, Some(made)))
        })
        .await?;
    let problem = |field: &str, message: String| vec![Problem { field: field.to_owned(), message }];
    let (problems, made) = match made {
        Some(Ok(secret)) => {
            let told = page.tr("planning-devices-made", &[("name", name.as_str().into())]);
            (Vec::new(), Some(Made { told, password: grouped(secret.reveal()) }))
        }
        Some(Err(())) => {
            (problem("nom", page.tr("planning-devices-too-many", &[("n", DEVICES_AT_MOST.into())])), None)
        }
        None => (problem("nom", page.t("planning-devices-name-missing").to_owned()), None),
    };
    let status = if made.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let typed = made.is_none();
    let shown = DevicesPage::new(page, &server, known, writes && typed);
    let name = if typed { name } else { String::new() };
    render_as(status, &DevicesPage { made, name, problems, ..shown })
}

async fn remove(commune: CommuneOf, visitor: Visitor, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let device = fields.text("appareil").parse::<Id<ApiToken>>().ok();
    commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what is wrong with what they sent.
            let known = known(tx, &who)?;
            let device = device.ok_or_else(WebError::bad_request)?;
            if known.devices.iter().any(|it| it.id == device) {
                token::revoke(tx, who.account, device)?;
            }
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("{ADDRESS}?fait=retrait")).into_response())
}

/// Four signs at a time: that is read and typed without losing one's place.
fn grouped(secret: &str) -> String {
    let signs: Vec<char> = secret.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is typed as the server's address.
fn server(visitor: &Visitor, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if visitor.came_by_https() { "https" } else { "http" };
    format!("{scheme}://{host}/caldav/")
}

impl DevicesPage {
    fn new(page: Page, server: &str, known: Known, writes: bool) -> Self {
        let Known { who, devices, may_write, zone } = known;
        let day = |at| long_date(civil_day(at, zone), Lang::Fr);
        let row = |token: ApiToken| {
            let writes = token.scopes.iter().any(|scope| scope == BlockRooms::PERMISSION.name);
            Row {
                id: token.id.to_string(),
                name: token.name,
                rights: page
                    .t(if writes { "planning-devices-writes" } else { "planning-devices-reads" })
                    .to_owned(),
                expires: day(token.expires_at),
                used: token.last_used_at.map_or_else(
                    || page.t("planning-devices-unused").to_owned(),
                    |at| format!("{}, {}", day(at), clock::time(at, zone, Lang::Fr)),
                ),
            }
        };
        let rows = devices.into_iter().map(row).collect();
        let heads = ["name", "rights", "expires", "used", "remove-head"]
            .map(|head| page.t(&format!("planning-devices-{head}")).to_owned())
            .into();
        let right = Choice::new("ecrire", page.t("planning-devices-may-write"), writes);
        let rights = Some(right).filter(|_| may_write).into_iter().collect();
        Self {
            page,
            action: ADDRESS,
            done: false,
            made: None,
            server: server.to_owned(),
            user: who.email,
            rows,
            heads,
            rights,
            name: String::new(),
            problems: Vec::new(),
        }
    }
}
