//! A time that an agent gives by hand, or moves: to another room, another day, other hours. What is in the way is told at
//! once.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    local::Moment,
    resource::Resource,
    season::{Look, Slot},
};
use beffroi_core::{Day, Id, Lang};
use beffroi_people::{SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    allotment::{self, Allotment},
    form::{Field, Pick},
    office::{address, manager},
    proposal::{self, ByHand, Placed},
    request::{self, Request},
    round::{self, Round},
    shown::{self, Choice, Names},
    typed::{self, WEEK, Wrong},
};
use crate::booking::day;

/// For whom a time is given by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct For {
    demande: String,
    souhait: String,
}

#[derive(Template)]
#[template(path = "season_office_slot.html")]
struct SlotPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    about: Vec<String>,
    problems: Vec<Problem>,
    /// Who or what is in the way.
    in_the_way: Vec<String>,
    room: Pick,
    day: Pick,
    from: Field,
    until: Field,
    first: Field,
    last: Field,
    request: String,
    wish: String,
}

/// What the page knows.
struct Known {
    round: Round,
    town: Town,
    requests: Vec<Request>,
    names: Names,
    /// The time that is moved.
    moved: Option<Allotment>,
    /// For which request, and which of its wishes.
    request: Id<Request>,
    wish: u32,
}

/// What an address or a form names: a time that is moved, or a wish that is given one.
#[derive(Clone)]
enum Subject {
    Moved(String),
    New(For),
}

fn load(tx: &mut Tx<'_>, who: &SignedIn, slug: &str, subject: &Subject) -> Result<Known> {
    manager(tx, who)?;
    let round = round::by_slug(tx, slug)?.filter(Round::is_on_the_board).ok_or_else(WebError::not_found)?;
    let requests = request::of_round(tx, round.id)?;
    let names = Names::load(tx, &round.sheet.rooms, requests.iter().map(Request::named))?;
    let town = Town::load(tx)?;
    let (moved, request, wish) = match subject {
        Subject::Moved(id) => {
            let id: Id<Allotment> = id.parse().map_err(|_| WebError::not_found())?;
            let found = allotment::of_round(tx, round.id)?.into_iter().find(|it| it.id == id);
            let found = found.ok_or_else(WebError::not_found)?;
            let (request, wish) = (found.request, found.wish);
            (Some(found), request, wish)
        }
        Subject::New(For { demande, souhait }) => {
            let request: Id<Request> = demande.parse().map_err(|_| WebError::not_found())?;
            let wish: u32 = souhait.parse().map_err(|_| WebError::not_found())?;
            (None, request, wish)
        }
    };
    let known = Known { round, town, requests, names, moved, request, wish };
    if known.wished().is_none() {
        return Err(WebError::not_found());
    }
    Ok(known)
}

impl Known {
    fn wished(&self) -> Option<(&Request, &request::Wished)> {
        let request = self.requests.iter().find(|request| request.id == self.request)?;
        let wished = request.wishes.get(usize::try_from(self.wish).ok()?)?;
        Some((request, wished))
    }

    /// The fields as they stand before anybody has typed.
    fn fields(&self) -> FormPost {
        let put = |form: FormPost, name: &str, value: String| form.with(name, value);
        let written = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let form = FormPost::default();
        if let Some(it) = &self.moved {
            let until = it.slot.until().unwrap_or(it.slot.from);
            let form = put(form, "salle", it.slot.room.to_string());
            let form = put(form, "jour", typed::weekday_word(it.slot.weekday));
            let form = put(form, "de", shown::typed(it.slot.from));
            let form = put(form, "a", shown::typed(until));
            return put(put(form, "debut", written(it.first)), "fin", written(it.last));
        }
        let Some((_, wished)) = self.wished() else { return form };
        let wish = &wished.wish;
        let room = wish.rooms.first().map(ToString::to_string).unwrap_or_default();
        let form = put(put(form, "salle", room), "debut", written(wish.first));
        let form = put(form, "fin", written(wish.last));
        let Some(range) = wish.ranges.first() else { return form };
        let end = u32::from(range.from.minutes()).saturating_add(wish.minutes);
        let end = u16::try_from(end).ok().and_then(|end| Moment::new(end).ok()).unwrap_or(range.until);
        let form = put(form, "jour", typed::weekday_word(range.weekday));
        let form = put(form, "de", shown::typed(range.from));
        put(form, "a", shown::typed(end))
    }

    /// What is typed, or what is wrong with it.
    fn read(&self, form: &FormPost) -> std::result::Result<ByHand, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let room: Option<Id<Resource>> = form.text("salle").parse().ok();
        let room = room.filter(|room| self.round.sheet.rooms.contains(room));
        let weekday = typed::weekday(form.text("jour"));
        let hours = typed::moments(form.text("de"), form.text("a"));
        let mut date = |name: &str| {
            let text = form.text(name);
            let days = &self.round.days;
            let read = day(text).filter(|day| (days.first..=days.last).contains(day));
            if read.is_none() && !text.is_empty() {
                wrong.push((name.to_owned(), "rooms-season-wrong-date"));
            }
            read
        };
        let (first, last) = (date("debut"), date("fin"));
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            wrong.push(("fin".to_owned(), "rooms-season-wrong-order"));
        }
        if room.is_none() {
            wrong.push(("salle".to_owned(), "rooms-season-wrong-room"));
        }
        if weekday.is_none() {
            wrong.push(("jour".to_owned(), "rooms-season-wrong-weekday"));
        }
        if hours.is_none() {
            wrong.push(("de".to_owned(), "rooms-season-wrong-hours"));
        }
        match (room, weekday, hours) {
            (Some(room), Some(weekday), Some((from, until))) if wrong.is_empty() => {
                let minutes = u32::from(until.minutes() - from.minutes());
                let slot = Slot { room, weekday, from, minutes };
                Ok(ByHand { request: self.request, wish: self.wish, slot, first, last })
            }
            _ => Err(wrong),
        }
    }
}

fn render(
    page: Page,
    status: StatusCode,
    (known, subject): (&Known, &Subject),
    (form, wrong): (&FormPost, &[Wrong]),
    in_the_way: Vec<String>,
) -> Result {
    let base = address(&known.round.slug);
    let problems: Vec<Problem> = wrong
        .iter()
        .map(|(field, key)| Problem { field: field.clone(), message: page.t(key).to_owned() })
        .collect();
    let field = |id: &str| Field {
        id: id.to_owned(),
        value: form.text(id).to_owned(),
        error: Problem::beside(&problems, id),
    };
    let pick = |id: &str, label: &str, choices: Vec<(String, String)>| {
        let typed = form.text(id);
        let choices =
            choices.iter().map(|(value, label)| Choice::new(value, label, value == typed)).collect();
        let error = Problem::beside(&problems, id);
        Pick { id: id.to_owned(), label: label.to_owned(), choices, error, required: true }
    };
    let lang = Lang::Fr;
    let rooms = known.round.sheet.rooms.iter().map(|id| (id.to_string(), known.names.room(*id, lang)));
    let days = WEEK.map(|day| (typed::weekday_word(day), shown::weekday(day, lang)));
    let (room, day) = (
        pick("salle", page.t("planning-season-room"), rooms.collect()),
        pick("jour", page.t("rooms-season-day"), days.into()),
    );
    let [from, until, first, last] = ["de", "a", "debut", "fin"].map(field);
    let mut about = Vec::new();
    let mut title = String::new();
    if let Some((request, wished)) = known.wished() {
        let wish = &wished.wish;
        let variables =
            [("body", request.body.name.clone().into()), ("activity", wished.activity.clone().into())];
        title = page.tr("planning-season-slot-title", &variables);
        let often = [
            ("n", wish.times.into()),
            ("length", shown::minutes(wish.minutes, lang).into()),
            ("people", wish.people.into()),
        ];
        about.push(page.tr("rooms-season-wished", &often));
        about.push(wish.ranges.iter().map(|it| shown::range(&page, *it)).collect::<Vec<_>>().join(", "));
        about
            .push(wish.rooms.iter().map(|room| known.names.room(*room, lang)).collect::<Vec<_>>().join(", "));
    }
    let action = match subject {
        Subject::Moved(id) => format!("{base}/creneaux/{id}"),
        Subject::New(_) => format!("{base}/creneau"),
    };
    let view = SlotPage {
        title,
        back: base,
        action,
        about,
        in_the_way,
        room,
        day,
        from,
        until,
        first,
        last,
        request: known.request.to_string(),
        wish: known.wish.to_string(),
        problems,
        page,
    };
    render_as(status, &view)
}

async fn blank(page: Page, commune: CommuneOf, visitor: Visitor, slug: String, subject: Subject) -> Result {
    let who = visitor.require()?.clone();
    let asked = subject.clone();
    let known = commune.read(visitor.by, move |tx| load(tx, &who, &slug, &asked)).await?;
    let form = known.fields();
    render(page, StatusCode::OK, (&known, &subject), (&form, &[]), Vec::new())
}

/// What came of it.
enum Outcome {
    Placed,
    Wrong(Box<Known>, Vec<Wrong>, Option<Look>),
}

async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    (slug, subject): (String, Subject),
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (place, asked, typed) = (slug.clone(), subject.clone(), form.clone());
    let outcome = commune
        .write(visitor.by, move |tx| {
            let known = load(tx, &who, &slug, &asked)?;
            let permit = manager(tx, &who)?;
            let new = match known.read(&typed) {
                Ok(new) => new,
                Err(wrong) => return Ok::<_, WebError>(Outcome::Wrong(Box::new(known), wrong, None)),
            };
            let moved = known.moved.as_ref().map(|it| it.id);
            let town = (&known.town, &known.round);
            Ok(match proposal::place(tx, &permit, town, &known.requests, (moved, new))? {
                Placed::Yes(_) => Outcome::Placed,
                Placed::No(look) => {
                    let wrong = vec![("salle".to_owned(), "planning-season-wrong-way")];
                    Outcome::Wrong(Box::new(known), wrong, Some(look))
                }
                Placed::Wrong => {
                    let wrong = vec![("de".to_owned(), "rooms-season-wrong-hours")];
                    Outcome::Wrong(Box::new(known), wrong, None)
                }
            })
        })
        .await?;
    match outcome {
        Outcome::Placed => {
            let word = if matches!(subject, Subject::Moved(_)) { "deplace" } else { "donne" };
            Ok(Redirect::to(&format!("{}?fait={word}", address(&place))).into_response())
        }
        Outcome::Wrong(known, wrong, look) => {
            let in_the_way = look.map(|look| told(&page, &known, &look)).unwrap_or_default();
            let taken = !in_the_way.is_empty();
            let status = if taken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            render(page, status, (&known, &subject), (&form, &wrong), in_the_way)
        }
    }
}

/// Who or what is in the way, and on how many dates.
fn told(page: &Page, known: &Known, look: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |key: &str, count: usize, body: String| {
        if count > 0 {
            lines.push(page.tr(key, &[("n", count.into()), ("body", body.into())]));
        }
    };
    for (rank, count) in &look.rivals {
        let body = known.requests.get(*rank).map(|request| request.body.name.clone()).unwrap_or_default();
        line("planning-season-way-given", *count, body);
    }
    line("planning-season-way-booked", look.booked.len(), String::new());
    line("planning-season-way-closed", look.closed.len(), String::new());
    line("planning-season-way-free", look.free.len(), String::new());
    if lines.is_empty() {
        lines.push(page.t("planning-season-way-none").to_owned());
    }
    lines
}

pub(super) async fn new(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<For>,
) -> Result {
    blank(page, commune, visitor, slug, Subject::New(asked)).await
}

pub(super) async fn give(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let text = |name: &str| form.text(name).to_owned();
    let subject = Subject::New(For { demande: text("demande"), souhait: text("souhait") });
    keep(page, commune, visitor, (slug, subject), form).await
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
) -> Result {
    blank(page, commune, visitor, slug, Subject::Moved(id)).await
}

pub(super) async fn shift(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    keep(page, commune, visitor, (slug, Subject::Moved(id)), form).await
}

/// Takes a time back from the proposal.
pub(super) async fn remove(
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let place = slug.clone();
    commune
        .write(visitor.by, move |tx| {
            let permit = manager(tx, &who)?;
            let round = round::by_slug(tx, &slug)?.filter(Round::is_on_the_board);
            let round = round.ok_or_else(WebError::not_found)?;
            let id: Id<Allotment> = id.parse().map_err(|_| WebError::not_found())?;
            if proposal::take_back(tx, &permit, &round, id)? { Ok(()) } else { Err(WebError::not_found()) }
        })
        .await?;
    Ok(Redirect::to(&format!("{}?fait=retire", address(&place))).into_response())
}
