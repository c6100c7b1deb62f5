//! The page on which a time is picked: what is free that day, and a plain form. Agents pick on the same page for somebody
//! at the counter or on the telephone, by the same rules.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use beffroi_calendar::{
    availability::availability,
    booking::{self as bookings, PLANNING},
    claims::HowMuch,
    resource::Kept,
    spans::Span,
    town,
};
use beffroi_core::{
    Day, Instant,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{Town, permission::permit_somewhere};
use beffroi_store::{
    By, Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError, form::new_idempotency_key,
    page::render_as, visitor::cookie,
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    commands::{self, NotHeld, bookable},
    rules::{self, Refusal, Typed},
};
use crate::{
    SeePlanning, clock,
    room::{Room, one_day},
};

/// The keys of this page.
const SCOPE: &str = "rooms.hold";

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
}

/// What the address may propose.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Proposed {
    jour: String,
    de: String,
    a: String,
    fin: String,
    personnes: String,
    disposition: String,
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Problem {
    field: String,
    message: String,
}

/// Something that may be booked along.
struct Along {
    id: String,
    label: String,
    value: String,
    error: String,
}

/// A time, and where it is filled in.
struct Time {
    href: String,
    label: String,
}

/// All that the page shows, for whichever door.
pub(super) struct Form {
    action: String,
    key: String,
    day: String,
    from: String,
    until: String,
    last_day: String,
    people: String,
    people_hint: String,
    layouts: Vec<Choice>,
    extras: Vec<Along>,
    problems: Vec<Problem>,
    /// What is free on the day that was chosen, in words; and whether there is such a day.
    told: String,
    times: Vec<Time>,
    /// The free times that are nearest to one that cannot be had.
    nearest: Vec<Time>,
    lengths: String,
}

impl Form {
    fn problem(&self, field: &str) -> String {
        let own = self.problems.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
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
    Query(proposed): Query<Proposed>,
) -> Result {
    blank(Door::Public, page, commune, visitor, slug, proposed).await
}

pub(super) async fn show_to_agent(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(proposed): Query<Proposed>,
) -> Result {
    blank(Door::Counter, page, commune, visitor, slug, proposed).await
}

async fn blank(
    door: Door,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    slug: String,
    proposed: Proposed,
) -> Result {
    let who = visitor.signed_in.clone();
    let typed = Typed {
        day: proposed.jour,
        from: proposed.de,
        until: proposed.a,
        last_day: proposed.fin,
        people: proposed.personnes,
        layout: proposed.disposition,
        extras: Vec::new(),
    };
    let day = rules::day(&typed.day);
    let around = commune
        .read(visitor.by, move |tx| {
            entitled(tx, door, who.as_ref())?;
            Around::load(tx, &slug, day, None)
        })
        .await?;
    render(door, page, StatusCode::OK, &around, &typed, &[])
}

pub(super) async fn pick(
    app: axum::extract::State<App>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: axum::http::HeaderMap,
    fields: FormPost,
) -> Result {
    let visitor = visitor.or_stranger();
    visitor.limit(&app, Purpose::HOLD)?;
    let before = cookie(&headers, bookings::COOKIE).map(str::to_owned);
    picked(Door::Public, page, commune, visitor, (slug, before), fields).await
}

pub(super) async fn pick_as_agent(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    picked(Door::Counter, page, commune, visitor, (slug, None), fields).await
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
    (slug, before): (String, Option<String>),
    fields: FormPost,
) -> Result {
    let key = fields.idempotency_key().map(str::to_owned);
    let typed = read(&fields);
    let request = serde_json::json!([slug, fields.pairs()]).to_string().into_bytes();
    let (who, wish, room) = (visitor.signed_in.clone(), typed.clone(), slug.clone());
    let held = commune
        .write(visitor.by, move |tx| {
            // Whoever may not know of the page is not told what its form lacks.
            entitled(tx, door, who.as_ref())?;
            let key = key.ok_or_else(WebError::bad_request)?;
            let once = idempotency::once(tx, SCOPE, &key, &request, |tx| {
                let found = commands::hold(tx, &room, &wish, before.as_deref())?;
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
    let refused = match held {
        Ok(held) => return to_form(door, &visitor, &held),
        Err(Failed::Web(error)) => return Err(error),
        Err(Failed::Not(NotHeld::Unknown)) => return Err(WebError::not_found()),
        Err(Failed::Not(NotHeld::Store(error))) => return Err(error.into()),
        Err(Failed::Not(NotHeld::Refused(refused))) => refused,
    };
    let elsewhen = refused.iter().any(Refusal::may_be_elsewhen);
    let (day, wish) = (rules::day(&typed.day), typed.clone());
    let around = commune
        .read(By::VISITOR, move |tx| Around::load(tx, &slug, day, Some(&wish).filter(|_| elsewhen)))
        .await?;
    let taken = refused.iter().any(|it| matches!(it, Refusal::Taken | Refusal::ExtraTaken(_)));
    let status = if taken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    render(door, page, status, &around, &typed, &refused)
}

/// Why nothing was held, on its way out of the transaction.
enum Failed {
    Web(WebError),
    Not(NotHeld),
}

impl From<WebError> for Failed {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<beffroi_store::StoreError> for Failed {
    fn from(error: beffroi_store::StoreError) -> Self {
        Self::Web(error.into())
    }
}

/// To the form of the procedure, with what is held.
fn to_form(door: Door, visitor: &Visitor, held: &Held) -> Result {
    let Held { id, secret, procedure } = held;
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

fn read(fields: &FormPost) -> Typed {
    let extras = fields.pairs().iter().filter_map(|(name, value)| {
        let slug = name.strip_prefix("materiel-")?;
        Some((slug.to_owned(), value.clone()))
    });
    Typed {
        day: fields.text("jour").to_owned(),
        from: fields.text("de").to_owned(),
        until: fields.text("a").to_owned(),
        last_day: fields.text("fin").to_owned(),
        people: fields.text("personnes").to_owned(),
        layout: fields.text("disposition").to_owned(),
        extras: extras.take(100).collect(),
    }
}

/// What the page knows of the room.
struct Around {
    room: Room,
    extras: Vec<Kept>,
    zone: Tz,
    /// What is free on the day that was chosen.
    day: Option<(Day, Vec<Span>, String)>,
    nearest: Vec<Span>,
}

impl Around {
    fn load(tx: &mut Tx<'_>, slug: &str, day: Option<Day>, elsewhen: Option<&Typed>) -> Result<Self> {
        let (room, extras) = bookable(tx, slug).map_err(|error| match error {
            NotHeld::Store(error) => error.into(),
            NotHeld::Unknown | NotHeld::Refused(_) => WebError::not_found(),
        })?;
        let town = Town::load(tx)?;
        let zone = town.zone();
        let terms = &room.resource.details.terms;
        let day = match day {
            Some(day) => free_on(tx, &room, day, &town)?.map(|(free, why)| (day, free, why)),
            None => None,
        };
        let wish = elsewhen.and_then(|typed| typed.read(terms, &extras, zone).ok());
        let nearest = match wish {
            Some(wish) => commands::nearest(tx, &room, wish.span, &town)?,
            None => Vec::new(),
        };
        Ok(Self { room, extras, zone, day, nearest })
    }
}

/// Where the shortest booking may lie on a day, and why it is closed where it is.
fn free_on(tx: &mut Tx<'_>, room: &Room, day: Day, town: &Town) -> Result<Option<(Vec<Span>, String)>> {
    let (zone, now) = (town.zone(), tx.now());
    let id = room.resource.id;
    let Some(whole) = crate::room::whole_day(day, zone) else { return Ok(None) };
    let within = whole.widened(TimeDelta::zero(), TimeDelta::hours(24));
    let school = town::school(town);
    let mut found = availability(tx, &[(id, HowMuch::Whole)], within, &town::year(town, &school))?;
    let Some(found) = found.remove(&id) else { return Ok(None) };
    let shortest = TimeDelta::minutes(i64::from(room.resource.details.terms.shortest_minutes));
    let told = one_day(&found, day, shortest, now, zone);
    Ok(told.map(|told| (told.free, found.why(day).unwrap_or_default().to_owned())))
}

fn render(
    door: Door,
    page: Page,
    status: StatusCode,
    around: &Around,
    typed: &Typed,
    refused: &[Refusal],
) -> Result {
    let slug = around.room.resource.details.slug.clone();
    let name = around.room.resource.details.name.read_in(page.language()).to_owned();
    let form = form(door, &page, around, typed, refused);
    let title = page.tr("rooms-pick-title", &[("name", name.into())]);
    let back = door.base(&slug);
    match door {
        Door::Public => render_as(status, &Pick { page, title, back, form }),
        Door::Counter => render_as(status, &PickForSomebody { page, title, back, form }),
    }
}

fn form(door: Door, page: &Page, around: &Around, typed: &Typed, refused: &[Refusal]) -> Form {
    let lang = page.language();
    let zone = around.zone;
    let details = &around.room.resource.details;
    let terms = &details.terms;
    let action = format!("{}/reserver", door.base(&details.slug));
    let words = |refusal: &Refusal| words(page, &around.extras, refusal);
    let problems: Vec<Problem> =
        refused.iter().map(|refusal| Problem { field: refusal.field(), message: words(refusal) }).collect();
    let error = |field: &str| {
        let own = problems.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.clone()).collect::<Vec<_>>().join(" ")
    };
    let layouts = terms.layouts.iter().enumerate().map(|(rank, layout)| Choice {
        value: rank.to_string(),
        label: layout.name.read_in(lang).to_owned(),
        hint: page.tr("rooms-people", &[("n", layout.people.into())]),
        chosen: typed.layout == rank.to_string(),
    });
    let extras = around.extras.iter().map(|kept| {
        let id = format!("materiel-{}", kept.details.slug);
        let name = kept.details.name.read_in(lang).to_owned();
        let typed = typed.extras.iter().find(|(slug, _)| *slug == kept.details.slug);
        Along {
            label: page.tr("rooms-pick-extra", &[("name", name.into()), ("n", kept.details.stock.into())]),
            value: typed.map(|(_, value)| value.clone()).unwrap_or_default(),
            error: error(&id),
            id,
        }
    });
    let keep = format!("&personnes={}&disposition={}", digits(&typed.people), digits(&typed.layout));
    let time = |span: &Span, with_day: bool| Time {
        href: format!("{action}?{}{keep}", query(*span, zone)),
        label: if with_day {
            let day = long_date_with_weekday(civil_day(span.start(), zone), lang);
            format!("{day}, {}", clock::hours(*span, zone, lang))
        } else {
            clock::hours(*span, zone, lang)
        },
    };
    let (told, times) = match &around.day {
        None => (String::new(), Vec::new()),
        Some((day, free, why)) => {
            let named = long_date_with_weekday(*day, lang);
            let key = if free.is_empty() { "rooms-pick-none" } else { "rooms-pick-free" };
            let mut told = page.tr(key, &[("day", named.into())]);
            if free.is_empty() && !why.is_empty() {
                told = format!("{told} {why}.");
            }
            (told, free.iter().map(|span| time(&longest(*span, terms.longest_minutes), false)).collect())
        }
    };
    let minutes = |count: u32| clock::length(TimeDelta::minutes(i64::from(count)), lang);
    let (shortest, longest) = (minutes(terms.shortest_minutes), minutes(terms.longest_minutes));
    Form {
        action: action.clone(),
        key: new_idempotency_key(),
        day: typed.day.clone(),
        from: typed.from.clone(),
        until: typed.until.clone(),
        last_day: typed.last_day.clone(),
        people: typed.people.clone(),
        people_hint: terms
            .people()
            .map(|most| page.tr("rooms-pick-at-most", &[("n", most.into())]))
            .unwrap_or_default(),
        layouts: layouts.collect(),
        extras: extras.collect(),
        told,
        times,
        nearest: around.nearest.iter().map(|span| time(span, true)).collect(),
        lengths: page.tr("rooms-pick-lengths", &[("from", shortest.into()), ("until", longest.into())]),
        problems,
    }
}

/// A free stretch, cut where the longest booking would end.
fn longest(span: Span, minutes: u32) -> Span {
    let end = span.start() + TimeDelta::minutes(i64::from(minutes));
    Span::new(span.start(), span.end().min(end)).unwrap_or(span)
}

/// A time, as the address of the page proposes it.
pub(crate) fn query(span: Span, zone: Tz) -> String {
    let shown = |at: Instant| at.with_timezone(&zone).format("%H:%M").to_string();
    let (first, last) = (civil_day(span.start(), zone), civil_day(span.end() - TimeDelta::seconds(1), zone));
    let later = if first == last { String::new() } else { format!("&fin={}", civil_day(span.end(), zone)) };
    format!("jour={first}&de={}&a={}{later}", shown(span.start()), shown(span.end()))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).take(6).collect()
}

/// A refusal in the reader's words.
pub(crate) fn words(page: &Page, extras: &[Kept], refusal: &Refusal) -> String {
    use beffroi_calendar::resource::Unfit;
    let lang = page.language();
    let minutes = |count: u32| clock::length(TimeDelta::minutes(i64::from(count)), lang);
    let name = |slug: &str| {
        let kept = extras.iter().find(|kept| kept.details.slug == slug);
        kept.map_or(slug, |kept| kept.details.name.read_in(lang)).to_owned()
    };
    let key = format!("rooms-refused-{}", refusal.code());
    match refusal {
        Refusal::Unfit(Unfit::TooShort(count) | Unfit::TooLong(count)) => {
            page.tr(&key, &[("length", minutes(*count).into())])
        }
        Refusal::Unfit(Unfit::TooSoon(count)) => {
            let days = count / (24 * 60);
            if days > 0 {
                page.tr("rooms-refused-soon-days", &[("n", days.into())])
            } else {
                page.tr(&key, &[("length", minutes(*count).into())])
            }
        }
        Refusal::Unfit(Unfit::TooFarAhead(days)) => page.tr(&key, &[("n", (*days).into())]),
        Refusal::Closed(why) if !why.is_empty() => {
            page.tr("rooms-refused-closed-why", &[("why", why.as_str().into())])
        }
        Refusal::People(most) => page.tr(&key, &[("n", (*most).into())]),
        Refusal::Stock(slug, stock) => page.tr(&key, &[("name", name(slug).into()), ("n", (*stock).into())]),
        Refusal::ExtraTaken(slug) => page.tr(&key, &[("name", name(slug).into())]),
        _ => page.t(&key).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::local;
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn span(from: &str, until: &str) -> Span {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Span::new(local::earliest(at(from), Paris), local::earliest(at(until), Paris)).unwrap()
    }

    #[test]
    fn what_the_address_proposes_is_read_as_it_was_meant() {
        let terms = beffroi_calendar::resource::Terms { longest_minutes: 10_000, ..Default::default() };
        for wish in [
            span("2026-12-04 09:00", "2026-12-04 12:30"),
            span("2026-12-04 20:00", "2026-12-05 00:00"),
            span("2026-12-04 20:00", "2026-12-05 02:00"),
            span("2026-12-04 20:00", "2026-12-06 12:00"),
        ] {
            let query = query(wish, Paris);
            let part = |name: &str| {
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
            };
            let typed = Typed {
                day: part("jour").unwrap(),
                from: part("de").unwrap(),
                until: part("a").unwrap(),
                last_day: part("fin").unwrap_or_default(),
                people: "1".to_owned(),
                ..Typed::default()
            };
            assert_eq!(typed.read(&terms, &[], Paris).unwrap().span, wish, "{query}");
        }
    }
}
