//! Workshops for programs: the programme, the sessions, and registering somebody.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use beffroi_calendar::now::Now;
use beffroi_core::{Channel, Instant, Lang};
use beffroi_people::throttle;
use beffroi_store::{
    By, StoreError,
    idempotency::{self, Once},
};
use beffroi_web::{App, CommuneOf, FieldError, Result, Visitor, WebError};
use serde::{Deserialize, Serialize};

use crate::{
    form::ways,
    place::Place,
    public::{Published, REGISTER},
    registration::{self, AgeBand, NewRegistration, Person, RegisterError, SeatState, Way, Whom, Wish},
    series::{self, Kept, Signup},
    session::{self, Session, SessionState},
};

/// What programs may ask of workshops.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, sessions, register))]
pub(crate) struct Description;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/workshops", get(list))
        .route("/api/v1/workshops/{slug}/sessions", get(sessions))
        .route("/api/v1/workshops/{slug}/registrations", post(register))
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Workshop {
    /// Its short name.
    #[schema(example = "premiers-pas-sur-l-ordinateur")]
    slug: String,
    title: String,
    summary: String,
    /// What one learns.
    learns: String,
    /// For whom it is.
    audience: String,
    /// `beginner`, `improving` or `confident`.
    #[schema(example = "beginner")]
    level: String,
    /// What to bring.
    bring: Vec<String>,
    /// What a session costs one person, in cents; 0 where it is free.
    #[schema(example = 800)]
    price: i64,
    /// What a session costs those who have the reduced price, in cents; nothing where there is none.
    #[schema(example = 400)]
    reduced_price: Option<i64>,
    /// Who has the reduced price.
    #[schema(example = "Personnes de moins de 26 ans")]
    reduced_for: String,
    /// The council's vote that fixes the price.
    #[schema(example = "délibération n° 2026-031 du 12 mars 2026")]
    price_fixed_by: String,
    /// For what one registers: `each` session, the `whole` series, or `both`.
    #[schema(example = "each")]
    registers_for: String,
    /// The page that people read.
    page: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_session: Option<Instant>,
}

/// The programme.
#[utoipa::path(get, path = "/api/v1/workshops", responses((status = 200, body = Vec<Workshop>)))]
pub(crate) async fn list(visitor: Visitor, commune: CommuneOf) -> Result {
    let (all, sessions, now) = commune
        .read(visitor.by, |tx| {
            let now = Now::read(tx)?;
            Ok::<_, WebError>((series::list(tx)?, session::future(tx, now.at)?, now))
        })
        .await?;
    let told = all.into_iter().filter(|it| it.published).map(|it| {
        let Kept { id, slug, sheet, .. } = it;
        let next = sessions.iter().find(|session| session.series == id && session.is_to_come(now.at));
        let reduced = sheet.fixed.as_ref().and_then(|fixed| fixed.reduced.as_ref());
        Workshop {
            reduced_price: reduced.map(|it| it.price.0),
            reduced_for: reduced.map(|it| it.who.fr.clone()).unwrap_or_default(),
            price_fixed_by: sheet
                .fixed
                .as_ref()
                .map(|fixed| fixed.deliberation.cited(Lang::Fr))
                .unwrap_or_default(),
            page: format!("/ateliers/{slug}"),
            slug,
            title: sheet.title.fr,
            summary: sheet.summary.fr,
            learns: sheet.learns.fr,
            audience: sheet.audience.fr,
            level: sheet.level.as_str().to_owned(),
            bring: sheet.bring.into_iter().map(|thing| thing.fr).collect(),
            price: sheet.price.0,
            registers_for: sheet.signup.as_str().to_owned(),
            next_session: next.map(|it| it.span.start()),
        }
    });
    Ok(Json(told.collect::<Vec<_>>()).into_response())
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct WorkshopSession {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    start: Instant,
    #[schema(value_type = String, format = DateTime)]
    end: Instant,
    place: String,
    address: String,
    /// How one gets in.
    access: String,
    /// `planned` or `cancelled`.
    state: String,
    seats: u32,
    /// Seats that are left.
    free: u32,
    /// Places that are left in the waiting list.
    waiting_places: u32,
}

fn told(all: &[Session], places: &[Place]) -> Vec<WorkshopSession> {
    let one = |it: &Session| {
        let place = places.iter().find(|place| place.id == it.place).map(|place| &place.sheet);
        let open = it.state == SessionState::Planned;
        WorkshopSession {
            id: it.id.to_string(),
            start: it.span.start(),
            end: it.span.end(),
            place: place.map(|it| it.name.fr.clone()).unwrap_or_default(),
            address: place.map(crate::place::PlaceSheet::line).unwrap_or_default(),
            access: place.map(|it| it.access.fr.clone()).unwrap_or_default(),
            state: it.state.as_str().to_owned(),
            seats: it.seats,
            free: if open { it.free() } else { 0 },
            waiting_places: if open { it.may_wait() } else { 0 },
        }
    };
    all.iter().map(one).collect()
}

/// The sessions of a workshop that are to come.
#[utoipa::path(
    get, path = "/api/v1/workshops/{slug}/sessions",
    params(("slug" = String, Path, example = "premiers-pas-sur-l-ordinateur")),
    responses((status = 200, body = Vec<WorkshopSession>), (status = 404))
)]
pub(crate) async fn sessions(visitor: Visitor, commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let seen = commune.read(visitor.by, move |tx| Published::read(tx, &slug)).await?;
    Ok(Json(told(&seen.sessions, &seen.places)).into_response())
}

#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "session": "all", "name": "Augustine Galtier", "registrant": "Paul Galtier", "way": "mail",
    "email": "paul.galtier@example.org", "wait": true
}))]
pub(crate) struct NewWorkshopRegistration {
    /// The session's id, or `all` for those to come.
    session: String,
    /// Whether a place in the waiting list is wished for where no seat is left.
    #[serde(default)]
    wait: bool,
    /// Whether they have the reduced price, where there is one; the proof is shown at the first session.
    #[serde(default)]
    reduced: bool,
    /// Name and first name of whoever takes part.
    name: String,
    /// Who registers them, where it is somebody else.
    #[serde(default)]
    registrant: String,
    /// How they are told: `mail`, `sms`, `letter`, or `call` by an agent.
    way: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    /// Street and number, then postcode and town, for letters.
    #[serde(default)]
    address: Vec<String>,
    /// `under-26`, `26-59`, `60-74` or `75`; for figures alone.
    #[serde(default)]
    age: String,
    /// What the adviser should know.
    #[serde(default)]
    note: String,
}

#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct RegisteredSession {
    session: String,
    /// `seated` or `waiting`.
    state: String,
}

/// The same for whoever was registered before: they are told so by the way that they chose.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct MadeRegistration {
    sessions: Vec<RegisteredSession>,
    /// How the confirmation leaves, with the code that opens the registration and, where it costs something, the link by
    /// which it is paid. Whoever has that link sees the order, so that it is told to nobody else.
    told_by: String,
    /// What the seats cost together, in cents; nothing where they are free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 800)]
    to_pay: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NoSeatLeft {
    title: String,
    status: u16,
    /// Places that are left in the waiting list: ask again with `wait`.
    waiting_places: u32,
    /// Other sessions where a seat is left.
    alternatives: Vec<WorkshopSession>,
}

fn wrong(pointer: &str, code: &str, detail: &str) -> WebError {
    let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
    WebError::unprocessable(vec![FieldError { pointer, code, detail }])
}

impl NewWorkshopRegistration {
    fn person(&self, ways: &[Way]) -> Result<Person> {
        let text = |text: &str| text.trim().to_owned();
        let address = self.address.iter().take(6).map(|line| text(line)).filter(|line| !line.is_empty());
        let person = Person {
            name: text(&self.name),
            registrant: text(&self.registrant),
            email: text(&self.email),
            phone: text(&self.phone),
            address: address.collect(),
            way: Way::from_word(&self.way),
            band: AgeBand::from_word(&self.age),
            note: text(&self.note),
        };
        person.judged(ways, false).map_err(|all| {
            let fault = |(field, _): &(&str, &str)| {
                let (name, detail) = match *field {
                    "nom" => ("name", "a name of at most 100 letters"),
                    "declarant" => ("registrant", "a name of at most 100 letters"),
                    "moyen" => {
                        ("way", "`mail`, `sms` where the town sends text messages, `letter`, or `call`")
                    }
                    "telephone" => ("phone", "a telephone number; for `sms`, a mobile one"),
                    "adresse" => ("address", "two lines at least for `letter`, of at most 100 letters"),
                    "precisions" => ("note", "at most 500 letters"),
                    _ => ("email", "an address of e-mail"),
                };
                FieldError { pointer: format!("#/{name}"), code: name.to_owned(), detail: detail.to_owned() }
            };
            WebError::unprocessable(all.iter().map(fault).collect())
        })
    }
}

/// Why nobody was registered; what was begun is rolled back.
enum Refused {
    Web(WebError),
    Full(u32, Vec<WorkshopSession>),
    Store(StoreError),
    Register(RegisterError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WebError> for Refused {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<RegisterError> for Refused {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}

/// Registers somebody for a session, or for all to come. With the same `Idempotency-Key`, it is done once.
#[utoipa::path(
    post, path = "/api/v1/workshops/{slug}/registrations",
    params(
        ("slug" = String, Path, example = "premiers-pas-sur-l-ordinateur"),
        ("Idempotency-Key" = Option<String>, Header)
    ),
    request_body = NewWorkshopRegistration,
    responses(
        (status = 201, body = MadeRegistration), (status = 404), (status = 422), (status = 429),
        (status = 409, body = NoSeatLeft, content_type = "application/problem+json")
    )
)]
pub(crate) async fn register(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result {
    visitor.limit(&app, REGISTER)?;
    let new: NewWorkshopRegistration = serde_json::from_slice(&body)
        .map_err(|error| wrong("#", "form", &format!("not such a registration: {error}")))?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let source = throttle::Key::holding(&format!("{:?}", visitor.source));
    let lang = visitor.lang;
    let done = commune
        .write(By { channel: Channel::Api, ..visitor.by }, move |tx| {
            let seen = Published::read(tx, &slug)?;
            let open = seen.open();
            let signup = seen.series.sheet.signup;
            let wish = match new.session.as_str() {
                "all" => (signup != Signup::Each).then_some(Wish::All),
                id => {
                    let found = open.iter().find(|it| it.id.to_string() == id);
                    found.filter(|_| signup != Signup::Whole).map(|it| Wish::One(it.id))
                }
            };
            let wish = wish.ok_or_else(|| {
                wrong("#/session", "unknown", "no such session, or one registers otherwise")
            })?;
            let person = new.person(&ways(tx, false)?)?;
            if throttle::waits_until(tx, &source)?.is_some() {
                return Err(WebError::too_many(Duration::from_mins(5)).into());
            }
            let told_by = person.way.map_or("", Way::as_str).to_owned();
            let wanted = NewRegistration {
                series: &seen.series,
                wish,
                waits: new.wait,
                reduced: new.reduced,
                person,
                whom: Whom::Public,
                channel: Channel::Api,
                lang,
                account: None,
            };
            let each = seen.series.sheet.asked(new.reduced).map(|price| price.cents.0);
            let work = |tx: &mut beffroi_store::Tx<'_>| {
                throttle::failed(tx, &source)?;
                let outcome = registration::register(tx, &wanted)?;
                let one = |(id, state): &(beffroi_core::Id<session::Mark>, SeatState)| RegisteredSession {
                    session: id.to_string(),
                    state: state.as_str().to_owned(),
                };
                let sessions = outcome.seats().iter().map(one).collect();
                let seated = outcome.seats().iter().filter(|(_, state)| *state == SeatState::Seated).count();
                let seated = i64::try_from(seated).unwrap_or(i64::MAX);
                let to_pay = each.map(|each| each.saturating_mul(seated));
                Ok::<_, Refused>(MadeRegistration { sessions, told_by, to_pay })
            };
            let made = match key {
                Some(key) => {
                    let scope = format!("workshops.api.{slug}");
                    let request = serde_json::to_vec(&new).map_err(WebError::internal)?;
                    match idempotency::once(tx, &scope, &key, &request, work) {
                        Ok(Once::Done(made) | Once::Again(made)) => Ok(made),
                        Ok(Once::Reused) => Err(WebError::conflict().into()),
                        Err(error) => Err(error),
                    }
                }
                None => work(tx),
            };
            made.map_err(|error| match error {
                Refused::Register(RegisterError::Full { waiting_places, alternatives }) => {
                    Refused::Full(waiting_places, told(&alternatives, &seen.places))
                }
                other => other,
            })
        })
        .await;
    answered(done)
}

fn answered(done: Result<MadeRegistration, Refused>) -> Result {
    match done {
        Ok(made) => {
            let mut response = (StatusCode::CREATED, Json(made)).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Err(Refused::Full(waiting_places, alternatives)) => {
            let (status, title) = (StatusCode::CONFLICT, "No seat is left".to_owned());
            let body = Json(NoSeatLeft { title, status: status.as_u16(), waiting_places, alternatives });
            let mut response = (status, body).into_response();
            let kind = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            Ok(response)
        }
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Store(error) | Refused::Register(RegisterError::Store(error))) => Err(error.into()),
        Err(Refused::Register(_)) => Err(wrong("#/session", "unknown", "no such session")),
    }
}
