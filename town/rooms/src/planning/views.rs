//! The planning of a day or of a week, and the week of one room.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_calendar::{
    booking::{Booking, PLANNING, State},
    clock::{self, capital},
    resource::Kept,
    spans::Span,
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::{Datelike, Days};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    days::{Planning, Taken},
    week::{Row, heads, rows},
};
use crate::{
    BlockRooms, InspectRooms, LendEquipment, SeePlanning,
    booking::{CASE, carried},
    listed::day_near,
    permission::hidden,
    premises::those_within_reach,
    season,
};

/// What may be asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    jour: String,
    vue: String,
    /// One room alone, by its short name.
    salle: String,
    fait: String,
    /// What an agent holds for somebody already, and would give back for another time.
    avant: String,
    /// The case for which a time is looked for, which came without one.
    dossier: String,
}

/// Something that takes a room, or a time when it is free.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) hours: String,
    /// The colour of its label.
    pub(super) look: &'static str,
    pub(super) label: String,
    /// Whether it is a time that may be had.
    pub(super) is_free: bool,
    /// Who has it, or what for, in a few words.
    pub(super) brief: String,
    pub(super) about: String,
    pub(super) href: String,
    /// Where a time that the town keeps is given back.
    pub(super) lift: String,
    pub(super) book: String,
    pub(super) block: String,
    /// Where keys, the state of the room and the deposit are seen to; `""` where the reader has no part in that.
    pub(super) premises: String,
}

/// A room on a day.
pub(super) struct Card {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) closed: String,
    pub(super) entries: Vec<Entry>,
}

struct Group {
    id: String,
    title: String,
    cards: Vec<Card>,
}

struct View {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "planning.html")]
struct PlanningPage {
    page: Page,
    title: String,
    back: String,
    done: String,
    action: String,
    /// The page of the case for which a time is looked for; `""` where none is.
    case: String,
    /// What the form that shows another day takes along.
    along: Vec<(&'static str, String)>,
    day: String,
    view: String,
    views: Vec<View>,
    rooms: Vec<Choice>,
    period: String,
    previous: String,
    next: String,
    /// What the steps there are called.
    before: String,
    after: String,
    /// Where today is; `""` where it is shown.
    today: String,
    groups: Vec<Group>,
    /// Whether its reader lends equipment.
    lends: bool,
    /// Where a calendar file is taken in for the room that is shown; `""` for all rooms.
    agenda: String,
    /// The week of all rooms, where that is asked for.
    heads: Vec<String>,
    week: Vec<Row>,
}

/// What is known of who looks, and what they look at.
pub(super) struct Looked {
    pub(super) planning: Planning,
    /// Who has the rooms, by the cases and the requests of seasons that the agent hands rooms over for.
    holders: HashMap<Uuid, String>,
    /// What an agent holds already, and the case for which a time is looked for, for the addresses that lead to a time.
    pub(super) before: String,
    may_block: bool,
    may_inspect: bool,
    may_lend: bool,
    pub(super) first: Day,
    pub(super) last: Day,
    today: Day,
}

impl Looked {
    /// Where today is, as `at` writes it; `""` where it is among the days that are shown.
    fn today(&self, at: impl Fn(Day) -> String) -> String {
        if (self.first..=self.last).contains(&self.today) { String::new() } else { at(self.today) }
    }
}

fn looked(tx: &mut Tx<'_>, who: &SignedIn, slug: Option<&str>, asked: &Asked, week: bool) -> Result<Looked> {
    hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    let may_block = permit_somewhere::<BlockRooms>(tx, who).is_ok();
    let may_inspect = permit_somewhere::<InspectRooms>(tx, who).is_ok();
    let may_lend = permit_somewhere::<LendEquipment>(tx, who).is_ok();
    let zone = Town::load(tx)?.zone();
    let today = civil_day(tx.now(), zone);
    let day = day_near(&asked.jour, today);
    let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())));
    let first = if week { monday.unwrap_or(day) } else { day };
    let last = if week { first.checked_add_days(Days::new(6)).unwrap_or(first) } else { day };
    let planning = Planning::load(tx, slug, first, last)?.ok_or_else(WebError::not_found)?;
    let before: Option<Id<Booking>> = asked.avant.parse().ok();
    let before = before.map(|id| format!("&avant={id}")).unwrap_or_default();
    let before = format!("{before}{}", carried(&asked.dossier));
    let mut holders = HashMap::new();
    if may_inspect {
        let whose = those_within_reach::<InspectRooms>(tx, who, &planning.owners())?;
        holders = whose.into_iter().map(|(id, whose)| (id, whose.holder().to_owned())).collect();
    }
    Ok(Looked { planning, holders, before, may_block, may_inspect, may_lend, first, last, today })
}

pub(super) async fn all(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let week = asked.vue == "semaine";
    let typed = asked.clone();
    let one = Some(asked.salle.clone()).filter(|slug| !slug.is_empty());
    let slug = one.clone();
    let looked = commune.read(visitor.by, move |tx| looked(tx, &who, slug.as_deref(), &typed, week)).await?;
    let Looked { planning, first, before, .. } = &looked;
    let only = one.as_ref().map(|slug| format!("&salle={slug}")).unwrap_or_default();
    let at = |view: &str, day: Day| format!("{PLANNING}?vue={view}&jour={day}{only}{before}");
    let view = if week { "semaine" } else { "jour" };
    let days = if week { 7 } else { 1 };
    let views = ["jour", "semaine"].map(|word| View {
        href: at(word, *first),
        label: page.t(&format!("planning-view-{word}")).to_owned(),
        current: word == view,
    });
    let every = planning.every.iter();
    let rooms = every.map(|(slug, name)| Choice::new(slug, name, one.as_ref() == Some(slug)));
    let any = Choice::new("", page.t("planning-figures-all-rooms"), one.is_none());
    let step = if week { "week" } else { "day" };
    let (heads, rows) =
        if week { (heads(&page, &looked), rows(&page, &looked)) } else { (Vec::new(), Vec::new()) };
    let groups = if week {
        Vec::new()
    } else {
        let cards = planning.rooms.iter().map(|room| {
            let href = format!("{PLANNING}/{}?jour={first}{before}", room.details.slug);
            card(&page, &looked, room, *first, room.details.name.fr.clone(), href)
        });
        vec![Group { id: "jour".to_owned(), title: String::new(), cards: cards.collect() }]
    };
    render(&PlanningPage {
        title: page.t("planning-title").to_owned(),
        back: String::new(),
        done: done(&page, &asked.fait),
        action: PLANNING.to_owned(),
        case: case_page(&asked.dossier),
        along: along(&asked),
        day: first.to_string(),
        view: view.to_owned(),
        views: views.into(),
        rooms: std::iter::once(any).chain(rooms).collect(),
        before: page.t(&format!("planning-{step}-before")).to_owned(),
        after: page.t(&format!("planning-{step}-after")).to_owned(),
        today: looked.today(|day| at(view, day)),
        heads,
        week: rows,
        period: period(&page, &looked),
        previous: first.checked_sub_days(Days::new(days)).map(|day| at(view, day)).unwrap_or_default(),
        next: first.checked_add_days(Days::new(days)).map(|day| at(view, day)).unwrap_or_default(),
        groups,
        lends: looked.may_lend,
        agenda: String::new(),
        page,
    })
}

pub(super) async fn one(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (typed, name) = (asked.clone(), slug.clone());
    let looked = commune.read(visitor.by, move |tx| looked(tx, &who, Some(&name), &typed, true)).await?;
    let Looked { planning, first, before, .. } = &looked;
    let base = format!("{PLANNING}/{slug}");
    let at = |day: Day| format!("{base}?jour={day}{before}");
    let groups = planning.rooms.iter().map(|room| week_of(&page, &looked, room)).collect();
    let named = planning.rooms.first().map(|room| room.details.name.fr.clone()).unwrap_or_default();
    render(&PlanningPage {
        title: page.tr("planning-of", &[("name", named.into())]),
        back: format!("{PLANNING}?jour={first}{before}"),
        done: done(&page, &asked.fait),
        action: base.clone(),
        case: case_page(&asked.dossier),
        along: along(&asked),
        day: first.to_string(),
        view: String::new(),
        views: Vec::new(),
        rooms: Vec::new(),
        before: page.t("planning-week-before").to_owned(),
        after: page.t("planning-week-after").to_owned(),
        today: looked.today(at),
        heads: Vec::new(),
        week: Vec::new(),
        period: period(&page, &looked),
        previous: first.checked_sub_days(Days::new(7)).map(at).unwrap_or_default(),
        next: first.checked_add_days(Days::new(7)).map(at).unwrap_or_default(),
        groups,
        lends: looked.may_lend,
        agenda: if looked.may_block { format!("{base}/agenda") } else { String::new() },
        page,
    })
}

/// The page of the case for which a time is looked for; `""` where none is.
fn case_page(named: &str) -> String {
    named.parse::<Uuid>().map(|id| format!("/agents/dossiers/{id}")).unwrap_or_default()
}

/// What was held and looked for before, where it is named as it should be.
fn along(asked: &Asked) -> Vec<(&'static str, String)> {
    let named = [("avant", &asked.avant), (CASE, &asked.dossier)];
    let known = named.into_iter().filter(|(_, value)| value.parse::<Uuid>().is_ok());
    known.map(|(name, value)| (name, value.clone())).collect()
}

fn done(page: &Page, word: &str) -> String {
    match word {
        "bloque" | "leve" | "importe" => page.t(&format!("planning-done-{word}")).to_owned(),
        _ => String::new(),
    }
}

fn period(page: &Page, looked: &Looked) -> String {
    let lang = page.language();
    if looked.first == looked.last {
        return capital(&long_date_with_weekday(looked.first, lang));
    }
    let (from, until) = clock::from_to(looked.first, looked.last, lang);
    page.tr("rooms-week", &[("from", from.into()), ("until", until.into())])
}

fn week_of(page: &Page, looked: &Looked, room: &Kept) -> Group {
    let days = looked.first.iter_days().take_while(|day| *day <= looked.last);
    let cards = days.map(|day| {
        // The title of the week tells the year.
        let title = capital(&clock::from_to(day, day, page.language()).0);
        card(page, looked, room, day, title, String::new())
    });
    Group { id: room.details.slug.clone(), title: room.details.name.fr.clone(), cards: cards.collect() }
}

pub(super) fn card(page: &Page, looked: &Looked, room: &Kept, day: Day, title: String, href: String) -> Card {
    let planning = &looked.planning;
    let taken =
        planning.taken(room, day).into_iter().map(|it| (it.span, told(page, looked, (room, day), &it)));
    let base = format!("{PLANNING}/{}", room.details.slug);
    let free = planning.free(room, day).into_iter().filter_map(|(span, proposed)| {
        // What is past is not free.
        let span = Span::new(span.start().max(planning.now), span.end())?;
        let kept = clock::query(span, planning.zone);
        let book = proposed.map(|span| clock::query(span, planning.zone));
        let entry = Entry {
            hours: clock::hours(span, planning.zone, page.language()),
            look: "green",
            label: page.t("rooms-free").to_owned(),
            is_free: true,
            book: book.map(|query| format!("{base}/reserver?{query}{}", looked.before)).unwrap_or_default(),
            block: if looked.may_block { format!("{base}/bloquer?{kept}") } else { String::new() },
            ..Entry::default()
        };
        Some((span, entry))
    });
    let mut entries: Vec<_> = taken.chain(free).collect();
    entries.sort_by_key(|(span, _)| *span);
    let closed = planning.closed(room, day).map(|why| {
        let closed = page.t("rooms-state-closed");
        if why.is_empty() { closed.to_owned() } else { format!("{closed}. {why}") }
    });
    Card {
        title,
        href,
        closed: closed.unwrap_or_default(),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
    }
}

/// When something takes a room on a day, which it may only be a part of.
fn hours(page: &Page, planning: &Planning, (room, day): (&Kept, Day), span: Span) -> String {
    let (zone, lang) = (planning.zone, page.language());
    let time = |at| clock::time(at, zone, lang);
    let Some(whole) = planning.day(room, day) else { return clock::hours(span, zone, lang) };
    match (span.start() < whole.start(), span.end() > whole.end()) {
        (true, true) => page.t("planning-all-day").to_owned(),
        (true, false) => page.tr("planning-until", &[("time", time(span.end()).into())]),
        (false, true) => page.tr("planning-from", &[("time", time(span.start()).into())]),
        (false, false) => clock::hours(span, zone, lang),
    }
}

fn told(page: &Page, looked: &Looked, (room, day): (&Kept, Day), taken: &Taken<'_>) -> Entry {
    let planning = &looked.planning;
    let lang = page.language();
    let mut entry = Entry {
        hours: hours(page, planning, (room, day), taken.span),
        look: "grey",
        label: page.t("rooms-taken").to_owned(),
        ..Entry::default()
    };
    page.t("rooms-taken").clone_into(&mut entry.brief);
    let Some(booking) = taken.booking else { return entry };
    let (mut about, mut who) = (Vec::new(), String::new());
    if booking.resource.id != room.id {
        about.push(booking.resource.details.name.fr.clone());
    }
    about.extend(booking.details.people.map(|people| page.tr("rooms-people", &[("n", people.into())])));
    let state = match booking.state {
        State::Held => ("yellow", "planning-held"),
        State::Asked => ("orange", "planning-asked"),
        State::Blocked => ("red", "planning-blocked"),
        State::Firm | State::Released | State::Cancelled | State::Overtaken => ("blue", "planning-firm"),
    };
    entry.look = state.0;
    page.t(state.1).clone_into(&mut entry.label);
    if let (State::Held, Some(until)) = (booking.state, booking.held_until) {
        let time = clock::time(until, planning.zone, lang);
        about.push(page.tr("planning-held-until", &[("time", time.into())]));
    }
    if booking.state == State::Blocked {
        about.push(booking.details.note.clone());
        who.clone_from(&booking.details.note);
        // What another service keeps is given back there.
        if looked.may_block && booking.owner.is_none() {
            entry.lift = format!("{PLANNING}/blocages/{}/lever", booking.id);
        }
    }
    if let Some((kind, id)) = &booking.owner
        && kind == season::SUBJECT
    {
        about.push(booking.details.note.clone());
        who.clone_from(&booking.details.note);
        if booking.state == State::Firm && looked.holders.contains_key(id) {
            entry.premises = crate::premises::href(booking.id);
        }
    }
    if let Some((kind, id)) = &booking.owner
        && kind == "case"
        && let Some(reference) = planning.references.get(id)
    {
        let told = page.tr("planning-case", &[("reference", reference.as_str().into())]);
        if let Some(name) = looked.holders.get(id) {
            about.push(name.clone());
        }
        who.clone_from(looked.holders.get(id).unwrap_or(&told));
        about.push(told);
        entry.href = format!("/agents/dossiers/{id}");
        if looked.may_inspect && booking.state == State::Firm {
            entry.premises = crate::premises::href(booking.id);
        }
    }
    entry.about = about.join(" · ");
    // That a room is granted goes without saying; that it is only asked for does not.
    entry.brief = match (booking.state == State::Firm, who.is_empty()) {
        (true, false) => who,
        (_, true) => entry.label.clone(),
        (false, false) => format!("{}, {who}", entry.label),
    };
    entry
}
