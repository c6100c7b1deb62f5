//! The page on which a time is picked: what is free that day, and a plain form. Agents pick on the same page for somebody
//! at the counter or on the telephone, by the same rules.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use beffroi_calendar::booking::{self as bookings, PLANNING};
use beffroi_people::permission::permit_somewhere;
use beffroi_store::{
    By, Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError, page::render_as, visitor::cookie,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    around::Around,
    commands::{self, Before, Failed, Holder, NotHeld},
    form::{Asked, Form},
    rules::{self, Refusal, Typed},
};
use crate::SeePlanning;

/// The keys of this page.
const SCOPE: &str = "rooms.hold";
/// The control that names what an agent holds for somebody, which another time takes the place of.
const BEFORE: &str = "avant";
/// The control that names the case for which an agent looks for a time: one that came by letter, without.
pub(crate) const CASE: &str = "dossier";

/// The case for which a time is looked for, for an address that leads on; `""` where none is named.
pub(crate) fn carried(case: &str) -> String {
    case.parse::<Uuid>().map(|id| format!("&{CASE}={id}")).unwrap_or_default()
}

/// Through which door a time is picked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Public,
    Counter,
}

impl Door {
    fn base(self, slug: &str) -> String {
        match self {
            Self::Public => format!("/salles/{slug}"),
            Self::Counter => format!("{PLANNING}/{slug}"),
        }
    }

    /// Whether something that comes again may be picked: agents may, and whoever is signed in, as associations are. No
    /// stranger holds a year of evenings.
    fn repeats(self, visitor: &Visitor) -> bool {
        self == Self::Counter || visitor.member().is_some()
    }

    /// What was picked before: the public carries its secret, an agent names it.
    fn before(self, known: &str) -> Before<'_> {
        match self {
            Self::Public if !known.is_empty() => Before::Secret(known),
            Self::Public => Before::Nothing,
            Self::Counter => known.parse().map_or(Before::Nothing, Before::Named),
        }
    }
}

#[derive(Template)]
#[template(path = "pick.html")]
struct Pick {
    page: Page,
    title: String,
    back: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "pick_office.html")]
struct PickForSomebody {
    page: Page,
    title: String,
    back: String,
    form: Form,
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Query(proposed): Query<Vec<(String, String)>>,
) -> Result {
    let before = cookie(&headers, bookings::COOKIE).unwrap_or_default().to_owned();
    blank(Door::Public, page, commune, visitor, (slug, Carried { before, ..Carried::default() }), proposed)
        .await
}

pub(super) async fn show_to_agent(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(proposed): Query<Vec<(String, String)>>,
) -> Result {
    let named = |control: &str| {
        let found = proposed.iter().find(|(name, _)| name == control);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let carried = Carried { before: named(BEFORE), case: named(CASE) };
    blank(Door::Counter, page, commune, visitor, (slug, carried), proposed).await
}

async fn blank(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, Carried { before, case }): (String, Carried),
    proposed: Vec<(String, String)>,
) -> Result {
    let who = visitor.signed_in.clone();
    let typed = Typed::of(&proposed);
    let day = rules::day(&typed.day);
    let (known, held) = (before.clone(), typed.clone());
    let around = commune
        .read(visitor.by, move |tx| {
            entitled(tx, door, who.as_ref())?;
            Around::load(tx, &slug, day, None, door.before(&known))
        })
        .await?;
    let repeats = door.repeats(&visitor);
    let asked = Asked { typed: &held, before: &before, case: &case, refused: &[], series: None, repeats };
    render(door, page, StatusCode::OK, &around, &asked)
}

pub(super) async fn pick(
    app: axum::extract::State<App>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let visitor = visitor.or_stranger();
    visitor.limit(&app, Purpose::HOLD)?;
    let before = cookie(&headers, bookings::COOKIE).unwrap_or_default().to_owned();
    picked(Door::Public, page, commune, visitor, (slug, Carried { before, ..Carried::default() }), fields)
        .await
}

pub(super) async fn pick_as_agent(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let carried = Carried { before: fields.text(BEFORE).to_owned(), case: fields.text(CASE).to_owned() };
    picked(Door::Counter, page, commune, visitor, (slug, carried), fields).await
}

/// What the way to a time carries along.
#[derive(Default)]
struct Carried {
    /// What was picked before: the secret of a browser, or the name of what an agent holds.
    before: String,
    /// The case for which an agent looks for a time; `""` for a request that is still to be made.
    case: String,
}

/// What was held, as it is told again to whoever clicks twice.
#[derive(Deserialize, Serialize)]
struct Held {
    id: String,
    secret: String,
    procedure: String,
}

async fn picked(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, Carried { before, case }): (String, Carried),
    fields: FormPost,
) -> Result {
    let key = fields.idempotency_key().map(str::to_owned);
    let mut typed = Typed::of(fields.pairs());
    if !door.repeats(&visitor) {
        typed.repeats.clear();
    }
    let request = serde_json::json!([slug, fields.pairs()]).to_string().into_bytes();
    let (who, wish, room) = (visitor.signed_in.clone(), typed.clone(), slug.clone());
    let (holder, known) = (Holder::of(&visitor), before.clone());
    let held = commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what its form lacks.
            entitled(tx, door, who.as_ref())?;
            let key = key.ok_or_else(WebError::bad_request)?;
            let once = idempotency::once(tx, SCOPE, &key, &request, |tx| {
                let found = commands::hold(tx, &room, &wish, &holder, door.before(&known))?;
                Ok::<_, NotHeld>(Held {
                    id: found.id.to_string(),
                    secret: found.secret.reveal().to_owned(),
                    procedure: found.procedure,
                })
            });
            match once.map_err(Failed::Not)? {
                Once::Done(held) | Once::Again(held) => Ok(held),
                Once::Reused => Err(Failed::Web(WebError::conflict())),
            }
        })
        .await;
    let (refused, series) = match held {
        Ok(held) => return to_form(door, &visitor, &held, &case),
        Err(Failed::Web(error)) => return Err(error),
        Err(Failed::Not(NotHeld::Unknown)) => return Err(WebError::not_found()),
        Err(Failed::Not(NotHeld::Store(error))) => return Err(error.into()),
        Err(Failed::Not(NotHeld::Refused(refused))) => (refused, None),
        Err(Failed::Not(NotHeld::Partly(series))) => (Vec::new(), Some(series)),
    };
    let elsewhen = refused.iter().any(Refusal::may_be_elsewhen);
    let (day, wish) = (rules::day(&typed.day), typed.clone());
    let known = before.clone();
    let around = commune
        .read(By::VISITOR, move |tx| {
            Around::load(tx, &slug, day, Some(&wish).filter(|_| elsewhen), door.before(&known))
        })
        .await?;
    let repeats = door.repeats(&visitor);
    let taken = refused.iter().any(|it| matches!(it, Refusal::Taken | Refusal::ExtraTaken(_)));
    let status = if taken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let series = series.as_ref();
    let asked = Asked { typed: &typed, before: &before, case: &case, refused: &refused, series, repeats };
    render(door, page, status, &around, &asked)
}

/// To the form of the procedure, with what is held; or to the case that waits for it.
fn to_form(door: Door, visitor: &Visitor, held: &Held, case: &str) -> Result {
    let Held { id, secret, procedure } = held;
    if let (Door::Counter, Ok(case)) = (door, case.parse::<Uuid>()) {
        let target = format!("/agents/dossiers/{case}?creneau={id}#creneau");
        return Ok(Redirect::to(&target).into_response());
    }
    if door == Door::Counter {
        return Ok(Redirect::to(&format!("/agents/guichet/{procedure}?creneau={id}")).into_response());
    }
    let cookie = visitor.own_cookie(bookings::COOKIE, secret, "/")?;
    let mut response: Response = Redirect::to(&format!("/demarches/{procedure}/demande")).into_response();
    response.headers_mut().append(axum::http::header::SET_COOKIE, cookie);
    Ok(response)
}

/// Agents pick where they may see the planning; for whoever may not, there is no such page.
fn entitled(tx: &mut Tx<'_>, door: Door, who: Option<&beffroi_people::SignedIn>) -> Result<()> {
    if door == Door::Counter {
        let who = who.ok_or_else(WebError::sign_in_required)?;
        crate::permission::hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    }
    Ok(())
}

fn render(door: Door, page: Page, status: StatusCode, around: &Around, asked: &Asked<'_>) -> Result {
    let details = &around.room.resource.details;
    let name = details.name.read_in(page.language()).to_owned();
    let title = page.tr("rooms-pick-title", &[("name", name.into())]);
    let base = door.base(&details.slug);
    let (before, case) = if door == Door::Counter { (asked.before, asked.case) } else { ("", "") };
    let form = Form::new(&page, format!("{base}/reserver"), around, &Asked { before, case, ..*asked });
    // The planning goes on looking for what it was asked to.
    let back = match carried(case).strip_prefix('&') {
        Some(case) => format!("{base}?{case}"),
        None => base,
    };
    match door {
        Door::Public => render_as(status, &Pick { page, title, back, form }),
        Door::Counter => render_as(status, &PickForSomebody { page, title, back, form }),
    }
}
