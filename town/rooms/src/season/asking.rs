//! A request of a round, handed in by an association that is signed in, or by an agent for one at the counter, on the
//! telephone or on paper; by the same rules.

use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::booking::{Canceller, PLANNING};
use beffroi_core::{
    Channel, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, permission::permit_somewhere};
use beffroi_store::{
    StoreError, Tx,
    idempotency::{self, Once},
};
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    allotment::{self, Allotment},
    form::{DOORS, Form},
    kept::Sees,
    mine::{self, Mine},
    publication,
    request::{self, NewRequest, NotTaken, Request},
    round::{self, Round},
    shown::Names,
    told,
    typed::{self, Wrong},
};
use crate::{ManageSeasons, SeePlanning, permission::hidden};

/// The keys of this form.
const SCOPE: &str = "rooms.season";

/// Through which door a request comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Public,
    Counter,
}

impl Door {
    /// The page of the round.
    pub(super) fn round(self, slug: &str) -> String {
        match self {
            Self::Public => format!("/salles/saison/{slug}"),
            Self::Counter => format!("{PLANNING}/saisons/{slug}"),
        }
    }

    /// The page of a request, or of a new one.
    pub(super) fn request(self, slug: &str, id: Option<Id<Request>>) -> String {
        let base = self.round(slug);
        match (self, id) {
            (_, None) => format!("{base}/demande"),
            (Self::Public, Some(id)) => format!("{base}/demande/{id}"),
            (Self::Counter, Some(id)) => format!("{base}/demandes/{id}"),
        }
    }
}

/// The address of the site, as whoever asks has reached it: the commune was found by it.
pub(super) fn origin(visitor: &Visitor, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if visitor.came_by_https() { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Whoever asks: the account of an association, or an agent for it.
#[derive(Clone)]
pub(super) struct Who {
    door: Door,
    account: Uuid,
    lang: Lang,
    pub(super) signed_in: beffroi_people::SignedIn,
}

impl Who {
    pub(super) fn of(door: Door, visitor: &Visitor) -> Result<Self> {
        let signed_in = match door {
            Door::Public => visitor.owner()?,
            Door::Counter => visitor.require()?,
        };
        let account = signed_in.account.uuid();
        Ok(Self { door, account, lang: visitor.lang, signed_in: signed_in.clone() })
    }
}

/// What the page knows.
pub(super) struct Known {
    pub(super) town: Town,
    pub(super) round: Round,
    pub(super) request: Option<Request>,
    names: Names,
    takes: bool,
}

/// Reads what the page needs; for whoever may not know of it, there is nothing.
pub(super) fn known(tx: &mut Tx<'_>, who: &Who, slug: &str, id: Option<&str>) -> Result<Known> {
    if who.door == Door::Counter {
        hidden(permit_somewhere::<SeePlanning>(tx, &who.signed_in))?;
    }
    let round = round::by_slug(tx, slug)?.filter(Round::is_public).ok_or_else(WebError::not_found)?;
    let request = match id {
        Some(id) => {
            let id: Id<Request> = id.parse().map_err(|_| WebError::not_found())?;
            let found = request::find(tx, round.id, id)?;
            let own = |request: &Request| who.door == Door::Counter || request.account == Some(who.account);
            Some(found.filter(own).ok_or_else(WebError::not_found)?)
        }
        None => None,
    };
    let town = Town::load(tx)?;
    let takes = round.takes_wishes(civil_day(tx.now(), town.zone()));
    let names = Names::load(tx, &round.sheet.rooms, [])?;
    Ok(Known { town, round, request, names, takes })
}

#[derive(Template)]
#[template(path = "season_request.html")]
struct Asked {
    page: Page,
    title: String,
    back: String,
    action: String,
    about: String,
    done: String,
    withdraw: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "season_request_office.html")]
struct AskedForSomebody {
    page: Page,
    title: String,
    back: String,
    action: String,
    about: String,
    done: String,
    withdraw: String,
    form: Form,
}

fn render(
    page: Page,
    (status, door): (StatusCode, Door),
    known: &Known,
    (typed, wrong): (FormPost, &[Wrong]),
    done: String,
) -> Result {
    let round = &known.round;
    let lang = page.language();
    let form = Form::new(&page, (round, &known.names), typed, wrong, door == Door::Counter);
    let season = round.sheet.name.read_in(lang).to_owned();
    let title = match &known.request {
        Some(request) => page.tr(
            "rooms-season-request-of",
            &[("body", request.body.name.clone().into()), ("reference", request.reference.clone().into())],
        ),
        None => page.tr("rooms-season-request-new", &[("season", season.into())]),
    };
    let id = known.request.as_ref().map(|request| request.id);
    let action = door.request(&round.slug, id);
    let withdraw = id.map(|_| format!("{action}/retirer")).unwrap_or_default();
    let closes = long_date(round.days.closes, lang);
    let about = page.tr("rooms-season-request-about", &[("closes", closes.into())]);
    let back = door.round(&round.slug);
    match door {
        Door::Public => render_as(status, &Asked { page, title, back, action, about, done, withdraw, form }),
        Door::Counter => {
            render_as(status, &AskedForSomebody { page, title, back, action, about, done, withdraw, form })
        }
    }
}

/// What is told at the head of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    pub(super) fait: String,
    /// `oui`: the request is to be changed.
    pub(super) modifier: String,
}

pub(super) async fn blank(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    slug: String,
) -> Result {
    let who = Who::of(door, &visitor)?;
    let known = commune.read(visitor.by, move |tx| known(tx, &who, &slug, None)).await?;
    if !known.takes {
        return Err(WebError::not_found());
    }
    render(page, (StatusCode::OK, door), &known, (FormPost::default(), &[]), String::new())
}

pub(super) async fn one(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, id): (String, String),
    told: Told,
) -> Result {
    let who = Who::of(door, &visitor)?;
    let changes = told.modifier == "oui";
    let (known, mine) = commune
        .read(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, Some(&id))?;
            let mine = match &known.request {
                Some(request) if !(known.takes && changes) => {
                    let sees = Sees::of(tx, door, &who.signed_in, &known.round)?;
                    Some(Mine::load(tx, (&known.town, &known.round), request, sees)?)
                }
                _ => None,
            };
            Ok::<_, WebError>((known, mine))
        })
        .await?;
    let done = match told.fait.as_str() {
        "recue" | "changee" | "rendu" | "reponse" => {
            page.t(&format!("rooms-season-done-{}", told.fait)).to_owned()
        }
        _ => String::new(),
    };
    match (mine, &known.request) {
        (Some(mine), Some(request)) => {
            let base = door.request(&known.round.slug, Some(request.id));
            let back = door.round(&known.round.slug);
            let change = if known.takes { format!("{base}?modifier=oui") } else { String::new() };
            let at = (done, base, back, change);
            let blank = FormPost::default();
            mine::render(page, door, (&known.round, request), &mine, at, (&blank, Vec::new()))
        }
        (_, Some(request)) => {
            let fields = typed::fields(request);
            render(page, (StatusCode::OK, door), &known, (fields, &[]), done)
        }
        _ => Err(WebError::not_found()),
    }
}

/// Why nothing was kept: what was done is undone with its transaction.
enum Failed {
    Web(WebError),
    Wrong(Vec<Wrong>),
}

impl From<WebError> for Failed {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl From<NotTaken> for Failed {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Twice => Self::Wrong(vec![("numero".to_owned(), "rooms-season-wrong-twice")]),
            NotTaken::Full => Self::Wrong(vec![("association".to_owned(), "rooms-season-wrong-full")]),
            NotTaken::Store(error) => Self::Web(error.into()),
        }
    }
}

pub(super) async fn send(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, id): (String, Option<String>),
    (origin, fields): (String, FormPost),
) -> Result {
    let who = Who::of(door, &visitor)?;
    let (place, word) = (slug.clone(), if id.is_some() { "changee" } else { "recue" });
    let (reader, round, own) = (who.clone(), slug.clone(), id.clone());
    let again = move |tx: &mut Tx<'_>| known(tx, &reader, &round, own.as_deref());
    if fields.get("add").is_some() {
        let known = commune.read(visitor.by, again).await?;
        return render(page, (StatusCode::OK, door), &known, (fields, &[]), String::new());
    }
    let key = fields.idempotency_key().map(str::to_owned);
    let sent = serde_json::json!([slug, id, fields.pairs()]).to_string().into_bytes();
    let typed = fields.clone();
    let kept = commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, id.as_deref())?;
            if !known.takes {
                return Err(Failed::Web(WebError::conflict()));
            }
            let key = key.ok_or_else(WebError::bad_request)?;
            if let Some(before) = idempotency::before::<Id<Request>>(tx, SCOPE, &key, &sent)? {
                return match before {
                    Once::Done(id) | Once::Again(id) => Ok(id),
                    Once::Reused => Err(Failed::Web(WebError::conflict())),
                };
            }
            let agent = who.door == Door::Counter;
            let read = typed::read(&typed, &known.round, agent).map_err(Failed::Wrong)?;
            let channel = Channel::from_word(typed.text("canal")).filter(|it| agent && DOORS.contains(it));
            let new = NewRequest {
                body: read.body,
                contact: read.contact,
                wishes: read.wishes,
                account: (!agent).then_some(who.account),
                channel: channel.unwrap_or(if agent { Channel::Counter } else { Channel::Online }),
                lang: if agent { Lang::Fr } else { who.lang },
            };
            let once = idempotency::once(tx, SCOPE, &key, &sent, |tx| {
                let request = match &known.request {
                    Some(request) => request::change(tx, request, &new)?,
                    None => request::hand_in(tx, &known.round, &new)?,
                };
                told::received(tx, (&known.town, &known.round), &request, &origin)?;
                Ok::<_, Failed>(request.id)
            })?;
            match once {
                Once::Done(id) | Once::Again(id) => Ok(id),
                Once::Reused => Err(Failed::Web(WebError::conflict())),
            }
        })
        .await;
    match kept {
        Ok(kept) => {
            let target = format!("{}?fait={word}", door.request(&place, Some(kept)));
            Ok(Redirect::to(&target).into_response())
        }
        Err(Failed::Web(error)) => Err(error),
        Err(Failed::Wrong(wrong)) => {
            let known = commune.read(visitor.by, again).await?;
            render(page, (StatusCode::UNPROCESSABLE_ENTITY, door), &known, (fields, &wrong), String::new())
        }
    }
}

/// Takes a request back, while wishes are taken.
pub(super) async fn withdraw(
    door: Door,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, id): (String, String),
) -> Result {
    let who = Who::of(door, &visitor)?;
    let target = format!("{}?fait=retiree", door.round(&slug));
    commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, Some(&id))?;
            let request = known.request.filter(|_| known.takes).ok_or_else(WebError::conflict)?;
            request::withdraw(tx, &request)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&target).into_response())
}

/// Gives back what is left of a time of the week: the association that has it, or the town with a reason.
pub(super) async fn give_back(
    door: Door,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, id, allotment): (String, String, String),
    (origin, why): (String, String),
) -> Result {
    let who = Who::of(door, &visitor)?;
    let place = (slug.clone(), id.clone());
    commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, Some(&id))?;
            if who.door == Door::Counter {
                hidden(permit_somewhere::<ManageSeasons>(tx, &who.signed_in))?;
            }
            let by = if who.door == Door::Counter { Canceller::Town } else { Canceller::Requester };
            let request = known.request.ok_or_else(WebError::not_found)?;
            let allotment: Id<Allotment> = allotment.parse().map_err(|_| WebError::not_found())?;
            let all = allotment::of_requests(tx, &[request.id])?;
            let it = all.iter().find(|it| it.id == allotment).ok_or_else(WebError::not_found)?;
            let town = (&known.town, &known.round);
            if publication::give_back(tx, town, &request, (it, &why), by, &origin)? {
                Ok(())
            } else {
                Err(WebError::conflict())
            }
        })
        .await?;
    let id: Id<Request> = place.1.parse().map_err(|_| WebError::not_found())?;
    let target = format!("{}?fait=rendu", door.request(&place.0, Some(id)));
    Ok(Redirect::to(&target).into_response())
}
