//! What everybody reads of the seasons: which round takes wishes, by which rule times are given, and who has what.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_calendar::{booking::Booking, clock, season::Criterion};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
    text::fold,
};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};

use super::{
    allotment::{self, Allotment},
    asking::Told,
    publication,
    request::{self, Request},
    round::{self, Round},
    shown::{self, Names},
    told,
};

struct Card {
    href: String,
    title: String,
    lines: Vec<String>,
    tag: (&'static str, String),
}

#[derive(Template)]
#[template(path = "season_list.html")]
struct List {
    page: Page,
    cards: Vec<Card>,
}

/// The state of a round, as everybody reads it: the colour of its tag, and the key of its words.
pub(super) fn state(round: &Round, today: Day) -> (&'static str, &'static str) {
    use round::State;
    match round.state {
        State::Draft => ("grey", "rooms-season-state-draft"),
        State::Open if round.takes_wishes(today) => ("green", "rooms-season-state-open"),
        State::Open if today < round.days.opens => ("blue", "rooms-season-state-soon"),
        State::Open | State::Closed | State::Proposed => ("yellow", "rooms-season-state-closed"),
        State::Published => ("blue", "rooms-season-state-published"),
        State::Ended => ("grey", "rooms-season-state-ended"),
    }
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let (rounds, today) = commune
        .read(visitor.by, |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            Ok::<_, WebError>((round::list(tx)?, today))
        })
        .await?;
    let lang = page.language();
    let card = |round: &Round| {
        let days = [
            ("first", long_date(round.days.first, lang).into()),
            ("last", long_date(round.days.last, lang).into()),
            ("opens", long_date(round.days.opens, lang).into()),
            ("closes", long_date(round.days.closes, lang).into()),
        ];
        let (look, key) = state(round, today);
        let mut lines = vec![page.tr("rooms-season-from-to", &days)];
        if round.takes_wishes(today) || today < round.days.opens {
            lines.push(page.tr("rooms-season-window", &days));
        }
        Card {
            href: format!("/salles/saison/{}", round.slug),
            title: round.sheet.name.read_in(lang).to_owned(),
            lines,
            tag: (look, page.t(key).to_owned()),
        }
    };
    let cards = rounds.iter().filter(|round| round.is_public()).map(card).collect();
    render(&List { cards, page: page.clone() })
}

/// A time of the week that is given, as everybody reads it.
struct Line {
    slot: String,
    body: String,
    activity: String,
    period: String,
}

struct Group {
    id: String,
    title: String,
    href: String,
    lines: Vec<Line>,
}

/// An association with what it wished and what it has.
struct Account {
    body: String,
    reference: String,
    wished: String,
    given: String,
}

#[derive(Template)]
#[template(path = "season_round.html")]
struct RoundPage {
    page: Page,
    title: String,
    done: String,
    tag: (&'static str, String),
    about: Vec<String>,
    facts: Vec<(String, String)>,
    rooms: Vec<(String, String)>,
    criteria: Vec<String>,
    seed: String,
    ask: String,
    mine: Vec<(String, String)>,
    results: bool,
    groups: Vec<Group>,
    accounts: Vec<Account>,
}

/// What everybody may know of a round.
pub(super) struct Known {
    pub(super) round: Round,
    pub(super) today: Day,
    pub(super) names: Names,
    /// Where results are public: who asked, and what is given and not given back.
    pub(super) requests: Vec<Request>,
    pub(super) given: Vec<Allotment>,
}

impl Known {
    pub(super) fn load(tx: &mut Tx<'_>, slug: &str) -> Result<Self> {
        let round = round::by_slug(tx, slug)?.filter(Round::is_public).ok_or_else(WebError::not_found)?;
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let (mut requests, mut given) = (Vec::new(), Vec::new());
        if round.has_results() {
            requests = request::of_round(tx, round.id)?;
            given = allotment::of_round(tx, round.id)?;
            let back = publication::those_given_back(tx, &given)?;
            let back: BTreeSet<Id<Booking>> = back.into_iter().collect();
            given.retain(|it| it.booking.is_some_and(|id| !back.contains(&id)));
        }
        let names = Names::load(tx, &round.sheet.rooms, requests.iter().map(Request::named))?;
        Ok(Self { round, today, names, requests, given })
    }

    /// Minutes a week that a request is given.
    pub(super) fn minutes(&self, request: &Request) -> u32 {
        let own = self.given.iter().filter(|it| it.request == request.id);
        own.map(|it| it.slot.minutes).fold(0, u32::saturating_add)
    }
}

/// What a time of the week is given for.
pub(super) fn activity(requests: &[Request], it: &Allotment) -> String {
    let request = requests.iter().find(|request| request.id == it.request);
    let rank = usize::try_from(it.wish).unwrap_or(usize::MAX);
    request.and_then(|request| request.wishes.get(rank)).map(|it| it.activity.clone()).unwrap_or_default()
}

pub(super) async fn one(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(told): Query<Told>,
) -> Result {
    let account = visitor.member().map(|(who, _)| who.account.uuid());
    let (known, own) = commune
        .read(visitor.by, move |tx| {
            let known = Known::load(tx, &slug)?;
            let own = match account {
                Some(account) => request::of_account(tx, account)?,
                None => Vec::new(),
            };
            Ok::<_, WebError>((known, own))
        })
        .await?;
    let (round, lang) = (&known.round, page.language());
    let own = own.iter().filter(|request| request.round == round.id);
    let mine = own.map(|request| {
        let label = format!("{} ({})", request.body.name, request.reference);
        (told::page_of(round, request), label)
    });
    let (look, key) = state(round, known.today);
    let rooms = round
        .sheet
        .rooms
        .iter()
        .map(|room| (format!("/salles/{}", known.names.slug(*room)), known.names.room(*room, lang)));
    let about = round.sheet.about.read_in(lang);
    let paragraphs = about.split("\n\n").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
    let done =
        if told.fait == "retiree" { page.t("rooms-season-done-retiree").to_owned() } else { String::new() };
    let takes = round.takes_wishes(known.today);
    render(&RoundPage {
        title: round.sheet.name.read_in(lang).to_owned(),
        done,
        tag: (look, page.t(key).to_owned()),
        about: paragraphs.collect(),
        facts: facts(&page, round),
        rooms: rooms.collect(),
        criteria: criteria(&page, &round.sheet.criteria),
        seed: round.seed.clone(),
        ask: if takes { format!("/salles/saison/{}/demande", round.slug) } else { String::new() },
        mine: mine.collect(),
        results: round.has_results(),
        groups: groups(&page, &known),
        accounts: accounts(&page, &known),
        page,
    })
}

fn facts(page: &Page, round: &Round) -> Vec<(String, String)> {
    let lang = page.language();
    let days = [
        ("first", long_date(round.days.first, lang).into()),
        ("last", long_date(round.days.last, lang).into()),
        ("opens", long_date(round.days.opens, lang).into()),
        ("closes", long_date(round.days.closes, lang).into()),
    ];
    let holidays = if round.sheet.without_school_holidays {
        "rooms-season-holidays-out"
    } else {
        "rooms-season-holidays-in"
    };
    vec![
        (page.t("rooms-season-season").to_owned(), page.tr("rooms-season-from-to", &days)),
        (page.t("rooms-season-wishes").to_owned(), page.tr("rooms-season-from-to-window", &days)),
        (page.t("rooms-season-holidays").to_owned(), page.t(holidays).to_owned()),
    ]
}

/// What puts one before another, in order, as a list.
pub(super) fn criteria(page: &Page, all: &[Criterion]) -> Vec<String> {
    all.iter().map(|it| page.t(&format!("rooms-season-criterion-{}", it.as_str())).to_owned()).collect()
}

fn groups(page: &Page, known: &Known) -> Vec<Group> {
    let lang = page.language();
    let mut groups = Vec::with_capacity(known.round.sheet.rooms.len());
    for room in &known.round.sheet.rooms {
        let mut own: Vec<&Allotment> = known.given.iter().filter(|it| it.slot.room == *room).collect();
        own.sort_by_key(|it| (it.slot.weekday.num_days_from_monday(), it.slot.from, it.rank));
        let line = |it: &&Allotment| {
            let first = it.first.unwrap_or(known.round.days.first);
            let last = it.last.unwrap_or(known.round.days.last);
            let days = [("first", long_date(first, lang).into()), ("last", long_date(last, lang).into())];
            Line {
                slot: clock::capital(&shown::slot(page, &it.slot)),
                body: known.names.body(it.request),
                activity: activity(&known.requests, it),
                period: page.tr("rooms-season-from-to", &days),
            }
        };
        if !own.is_empty() {
            let slug = known.names.slug(*room);
            groups.push(Group {
                id: format!("salle-{slug}"),
                title: known.names.room(*room, lang),
                href: format!("/salles/{slug}"),
                lines: own.iter().map(line).collect(),
            });
        }
    }
    groups
}

fn accounts(page: &Page, known: &Known) -> Vec<Account> {
    let lang = page.language();
    let mut requests: Vec<&Request> = known.requests.iter().collect();
    requests.sort_by_cached_key(|request| fold(&request.body.name));
    let account = |request: &&Request| Account {
        body: request.body.name.clone(),
        reference: request.reference.clone(),
        wished: shown::minutes(request.wished(), lang),
        given: shown::minutes(known.minutes(request), lang),
    };
    requests.iter().map(account).collect()
}
