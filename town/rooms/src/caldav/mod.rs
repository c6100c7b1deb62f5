//! Rooms in calendar programs: agents see and change with their phone when rooms are kept for the town (CalDAV, RFC 4791).
//! What is a booking of somebody is only read here.

mod calendar;
mod commands;
mod place;
mod props;
mod refusal;
mod report;
mod store;

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use beffroi_calendar::ics::{NoObject, Object};
use beffroi_dav::{BODY_AT_MOST, Conditions, Multistatus, minimal, propfind, proppatch};
use beffroi_people::{SignedIn, Town};
use beffroi_web::{App, CommuneOf, Device, Visitor};

pub use calendar::shared;
pub use store::sweep;

use calendar::Asked;
use commands::Put;
use place::{Place, ROOT};
use props::{Telling, Thing};
use refusal::{Refusal, xml};

/// What is spoken here.
const SPOKEN: &str = "1, 3, access-control, calendar-access";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/caldav", any(well_known))
        .route("/caldav", any(serve))
        .route("/caldav/", any(serve))
        .route("/caldav/{*rest}", any(serve))
}

/// Where calendars are (RFC 6764, 5).
async fn well_known() -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, ROOT)]).into_response()
}

/// A question that was read, or a change.
struct Asking {
    app: App,
    commune: CommuneOf,
    visitor: Visitor,
    who: SignedIn,
    place: Place,
    headers: HeaderMap,
    body: Bytes,
}

async fn serve(
    State(app): State<App>,
    commune: CommuneOf,
    device: Result<Device, Response>,
    request: Request,
) -> Response {
    if request.method() == Method::OPTIONS {
        let methods = Place::of(request.uri().path()).map_or("OPTIONS", |place| place.methods());
        return spoken((StatusCode::OK, [(header::ALLOW, methods)]).into_response());
    }
    let visitor = match device {
        Ok(Device(visitor)) => visitor,
        Err(refused) => return refused,
    };
    let words = App::clone(&app);
    let (parts, body) = request.into_parts();
    let answered = async {
        let who = visitor.require().map_err(Refusal::Web)?.clone();
        let place = Place::of(parts.uri.path()).ok_or(Refusal::NotFound)?;
        let body = to_bytes(body, BODY_AT_MOST).await.map_err(|_| Refusal::Object(NoObject::TooLong))?;
        let asking = Asking { app, commune, visitor, who, place, headers: parts.headers, body };
        asking.answer(&parts.method).await
    };
    spoken(answered.await.unwrap_or_else(|refusal| refusal.answer(&words)))
}

fn spoken(mut response: Response) -> Response {
    response.headers_mut().insert("dav", HeaderValue::from_static(SPOKEN));
    response
}

impl Asking {
    async fn answer(self, method: &Method) -> Result<Response, Refusal> {
        match (method.as_str(), &self.place) {
            ("PROPFIND", _) => self.find().await,
            ("PROPPATCH", _) => self.refuse_properties().await,
            ("REPORT", _) => self.report().await,
            ("GET" | "HEAD", Place::Event(..)) => self.get().await,
            ("PUT", Place::Event(..)) => self.put().await,
            ("DELETE", Place::Event(..)) => self.delete().await,
            // Whoever asks may not know that it is there.
            _ => {
                let methods = self.place.methods();
                self.read(|_, _, _| Ok(())).await?;
                Ok((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, methods)]).into_response())
            }
        }
    }

    /// Looks at the place, for whoever may know of it.
    async fn read<T: Send + 'static>(
        self,
        look: impl FnOnce(&mut beffroi_store::Tx<'_>, &Asked, &Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let commune = self.commune.clone();
        commune
            .read(self.visitor.by, move |tx| {
                let asked = Asked::by(tx, &self.app, &self.who)?;
                match &self.place {
                    Place::Root | Place::Owner | Place::Rooms => {}
                    Place::Calendar(slug) => {
                        asked.room(slug)?;
                    }
                    Place::Event(slug, name) => {
                        let room = asked.room(slug)?;
                        asked.member(tx, room, name)?.ok_or(Refusal::NotFound)?;
                    }
                }
                look(tx, &asked, &self)
            })
            .await
    }

    async fn find(self) -> Result<Response, Refusal> {
        let wanted = propfind(&self.body)?;
        let deep = match self.headers.get("depth").map(HeaderValue::as_bytes) {
            None | Some(b"0") => false,
            Some(b"1") => true,
            Some(_) => return Err(Refusal::Infinite),
        };
        self.read(move |tx, asked, asking| {
            let mut status = Multistatus::new(minimal(&asking.headers));
            let telling = Telling { asked, who: &asking.who, wanted: &wanted, expand: None };
            match &asking.place {
                Place::Root => {
                    telling.tell(&mut status, &Thing::Root);
                    if deep {
                        telling.tell(&mut status, &Thing::Owner);
                        telling.tell(&mut status, &Thing::Rooms);
                    }
                }
                Place::Owner => telling.tell(&mut status, &Thing::Owner),
                Place::Rooms => {
                    telling.tell(&mut status, &Thing::Rooms);
                    for room in asked.rooms.iter().filter(|_| deep) {
                        telling.tell(&mut status, &Thing::Calendar(room));
                    }
                }
                Place::Calendar(slug) => {
                    let room = asked.room(slug)?;
                    telling.tell(&mut status, &Thing::Calendar(room));
                    let members = if deep { asked.members(tx, room)? } else { Vec::new() };
                    for member in &members {
                        telling.tell(&mut status, &Thing::Event(room, member));
                    }
                }
                Place::Event(slug, name) => {
                    let room = asked.room(slug)?;
                    let member = asked.member(tx, room, name)?.ok_or(Refusal::NotFound)?;
                    telling.tell(&mut status, &Thing::Event(room, &member));
                }
            }
            Ok(xml(StatusCode::MULTI_STATUS, status.finish(None)))
        })
        .await
    }

    /// No property is changed here: names and colours of calendars are each program's own affair.
    async fn refuse_properties(self) -> Result<Response, Refusal> {
        let named = proppatch(&self.body)?;
        self.read(move |_, _, asking| {
            let mut status = Multistatus::new(false);
            status.refuse(&asking.place.address(), &named);
            Ok(xml(StatusCode::MULTI_STATUS, status.finish(None)))
        })
        .await
    }

    async fn report(self) -> Result<Response, Refusal> {
        let report = beffroi_dav::report(&self.body)?;
        self.read(move |tx, asked, asking| {
            let Place::Calendar(slug) = &asking.place else { return Err(Refusal::UnknownQuestion) };
            let room = asked.room(slug)?;
            report::answer(tx, (asked, &asking.who), room, report, minimal(&asking.headers))
        })
        .await
    }

    async fn get(self) -> Result<Response, Refusal> {
        self.read(|tx, asked, asking| {
            let Place::Event(slug, name) = &asking.place else { return Err(Refusal::NotFound) };
            let room = asked.room(slug)?;
            let member = asked.member(tx, room, name)?.ok_or(Refusal::NotFound)?;
            let headers = [
                (header::ETAG, member.tag.clone()),
                (header::LAST_MODIFIED, props::http_date(member.changed_at())),
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8; component=VEVENT".to_owned()),
            ];
            if Conditions::of(&asking.headers).is_known(Some(&member.tag)) {
                return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
            }
            Ok((headers, member.text).into_response())
        })
        .await
    }

    async fn put(self) -> Result<Response, Refusal> {
        let Place::Event(room, name) = self.place.clone() else { return Err(Refusal::NotFound) };
        let kind = self.headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
        if kind.is_some_and(|kind| !kind.starts_with(b"text/calendar")) {
            return Err(Refusal::Kind);
        }
        let by = self.visitor.by;
        // What a stranger wrote is read before anything waits for it.
        let (app, who, body) = (App::clone(&self.app), self.who.clone(), self.body.clone());
        let slug = room.clone();
        let object = self
            .commune
            .read(by, move |tx| {
                Asked::by(tx, &app, &who)?.room(&slug)?;
                let zone = Town::load(tx)?.zone();
                Ok::<_, Refusal>(Object::read(&body, zone, commands::TIMES_AT_MOST)?)
            })
            .await?;
        let (app, who) = (self.app, self.who);
        let put = Put { room, name, object, conditions: Conditions::of(&self.headers) };
        let is_new = self.commune.write(by, move |tx| commands::put(tx, &app, &who, put)).await?;
        // No tag is told: what is kept is not letter by letter what was sent (RFC 4791, 5.3.4).
        Ok(if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT }.into_response())
    }

    async fn delete(self) -> Result<Response, Refusal> {
        let Place::Event(room, name) = self.place.clone() else { return Err(Refusal::NotFound) };
        let (app, who) = (self.app, self.who);
        let conditions = Conditions::of(&self.headers);
        self.commune
            .write(self.visitor.by, move |tx| commands::delete(tx, &app, &who, (&room, &name), &conditions))
            .await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}
