//! The board of a round: who asks, who has what in which room, what is not given and why, and the steps of the round.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{booking::Booking, claims::ClaimError, clock};
use beffroi_core::{
    Cents, Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_forms::spaced_phone;
use beffroi_people::{SignedIn, Town};
use beffroi_store::{StoreError, Tx};
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};

use super::{
    allotment::{self, Allotment, Laid},
    asking::{Told, origin},
    bill,
    office::{self, address, manager},
    proposal::{self, AllAdvice, Basis, Kept},
    public, publication,
    request::{self, Request},
    round::{self, Round, State},
    shown::{self, Names},
    told,
    typed::WEEK,
};

/// An association: what it wishes and what it has.
struct Line {
    href: String,
    body: String,
    reference: String,
    contact: String,
    wished: String,
    given: String,
    /// How much of it, in hundredths.
    share: u32,
}

/// A time of the week that is given.
struct Entry {
    hours: String,
    body: String,
    about: String,
    href: String,
    remove: String,
}

struct DayCard {
    title: String,
    entries: Vec<Entry>,
}

struct Group {
    id: String,
    title: String,
    days: Vec<DayCard>,
}

/// A wish that is not granted, or not as often as it was wished.
struct Open {
    body: String,
    lines: Vec<String>,
    give: String,
}

#[derive(Template)]
#[template(path = "season_office_board.html")]
struct Board {
    page: Page,
    title: String,
    tag: (&'static str, String),
    done: String,
    problems: Vec<Problem>,
    facts: Vec<(String, String)>,
    about: String,
    /// What may be done next: `ouvrir`, `proposer`, `publier`; and its words.
    steps: Vec<(&'static str, String)>,
    step: String,
    asks_consent: bool,
    settings: String,
    request: String,
    public: String,
    lines: Vec<Line>,
    heads: Vec<String>,
    groups: Vec<Group>,
    open: Vec<Open>,
}

impl Board {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the board is made of.
struct Known {
    round: Round,
    manages: bool,
    today: Day,
    requests: Vec<Request>,
    given: Vec<Allotment>,
    /// How many dates each has.
    dates: Vec<usize>,
    advice: AllAdvice,
    names: Names,
    /// What it costs in all, where nobody collects.
    unasked: Cents,
}

fn load(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Known> {
    let (round, manages) = office::known(tx, who, slug)?;
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let requests = request::of_round(tx, round.id)?;
    let mut given = allotment::of_round(tx, round.id)?;
    let mut dates = Vec::new();
    if round.is_on_the_board() {
        let laid = Laid::out(tx, (&town, &round), &requests, &given)?;
        dates = laid.looks.iter().map(|look| look.free.len()).collect();
    } else if round.has_results() {
        let back: BTreeSet<Id<Booking>> = publication::those_given_back(tx, &given)?.into_iter().collect();
        given.retain(|it| it.booking.is_some_and(|id| !back.contains(&id)));
    }
    let advice = proposal::advice(tx, round.id)?;
    let names = Names::load(tx, &round.sheet.rooms, requests.iter().map(Request::named))?;
    let unasked = bill::unasked(tx, &round, &given)?;
    Ok(Known { round, manages, today, requests, given, dates, advice, names, unasked })
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(told): Query<Told>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune.read(visitor.by, move |tx| load(tx, &who, &slug)).await?;
    let done = match told.fait.as_str() {
        "enregistree" | "ouverte" | "proposee" | "publiee" | "donne" | "deplace" | "retire" | "retiree" => {
            page.t(&format!("planning-season-done-{}", told.fait)).to_owned()
        }
        _ => String::new(),
    };
    render(page, StatusCode::OK, &known, done, Vec::new())
}

fn render(page: Page, status: StatusCode, known: &Known, done: String, problems: Vec<Problem>) -> Result {
    let round = &known.round;
    let lang = page.language();
    let (look, key) = public::state(round, known.today);
    let days = [
        ("first", long_date(round.days.first, lang).into()),
        ("last", long_date(round.days.last, lang).into()),
        ("opens", long_date(round.days.opens, lang).into()),
        ("closes", long_date(round.days.closes, lang).into()),
    ];
    let mut facts = vec![
        (page.t("rooms-season-season").to_owned(), page.tr("rooms-season-from-to", &days)),
        (page.t("rooms-season-wishes").to_owned(), page.tr("rooms-season-from-to-window", &days)),
        (page.t("rooms-season-criteria").to_owned(), in_one(&public::criteria(&page, &round.sheet.criteria))),
    ];
    if !round.seed.is_empty() {
        facts.push((page.t("rooms-season-seed").to_owned(), round.seed.clone()));
    }
    if known.unasked > Cents(0) {
        let amount = [("amount", known.unasked.to_string().into())];
        facts.push((page.t("rooms-bill").to_owned(), page.tr("premises-bill-none", &amount)));
    }
    let words: &[&'static str] = match round.state {
        State::Draft => &["ouvrir"],
        State::Open if round.is_to_be_closed(known.today) => &["proposer"],
        State::Closed => &["proposer"],
        State::Proposed => &["publier", "proposer"],
        State::Open | State::Published | State::Ended => &[],
    };
    let words = if known.manages { words } else { &[] };
    let step = |word: &&'static str| {
        let again = *word == "proposer" && round.state == State::Proposed;
        let key = if again {
            "planning-season-step-again".to_owned()
        } else {
            format!("planning-season-step-{word}")
        };
        (*word, page.t(&key).to_owned())
    };
    let base = address(&round.slug);
    let heads = ["association", "contact", "wished", "given", "share"];
    let view = Board {
        title: round.sheet.name.fr.clone(),
        tag: (look, page.t(key).to_owned()),
        done,
        problems,
        facts,
        about: page.t(&format!("planning-season-about-{}", round.state.as_str())).to_owned(),
        steps: words.iter().map(step).collect(),
        step: format!("{base}/etape"),
        asks_consent: known.manages && round.state == State::Proposed,
        settings: if known.manages { format!("{base}/reglages") } else { String::new() },
        request: if round.takes_wishes(known.today) { format!("{base}/demande") } else { String::new() },
        public: if round.is_public() { format!("/salles/saison/{}", round.slug) } else { String::new() },
        lines: known.requests.iter().map(|request| line(&page, known, request)).collect(),
        heads: heads.map(|head| page.t(&format!("planning-season-head-{head}")).to_owned()).into(),
        groups: if known.given.is_empty() { Vec::new() } else { groups(&page, known) },
        open: open(&page, known),
        page,
    };
    render_as(status, &view)
}

/// Several sentences as one.
fn in_one(sentences: &[String]) -> String {
    let small = |(rank, sentence): (usize, &String)| {
        let mut letters = sentence.chars();
        match letters.next().filter(|_| rank > 0) {
            Some(first) => first.to_lowercase().chain(letters).collect(),
            None => sentence.clone(),
        }
    };
    sentences.iter().enumerate().map(small).collect::<Vec<String>>().join(", ")
}

fn line(page: &Page, known: &Known, request: &Request) -> Line {
    let lang = page.language();
    let own = known.given.iter().filter(|it| it.request == request.id);
    let given = own.map(|it| it.slot.minutes).fold(0, u32::saturating_add);
    let wished = request.wished();
    let phone = spaced_phone(&request.contact.phone);
    let contact = [&request.contact.name, &request.contact.email, &phone];
    let contact: Vec<&str> = contact.into_iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    Line {
        href: format!("{}/demandes/{}", address(&known.round.slug), request.id),
        body: request.body.name.clone(),
        reference: request.reference.clone(),
        contact: contact.join(", "),
        wished: shown::minutes(wished, lang),
        given: shown::minutes(given, lang),
        share: u32::try_from(u64::from(given) * 100 / u64::from(wished.max(1))).unwrap_or(100).min(100),
    }
}

fn groups(page: &Page, known: &Known) -> Vec<Group> {
    let lang = page.language();
    let base = address(&known.round.slug);
    let changes = known.manages && known.round.is_on_the_board();
    let entry = |(rank, it): &(usize, &Allotment)| {
        let mut about = vec![public::activity(&known.requests, it)];
        if let Some(dates) = known.dates.get(*rank) {
            about.push(page.tr("planning-season-dates", &[("n", (*dates).into())]));
        }
        if it.turn > 0 {
            about.push(page.tr("planning-season-turn", &[("n", it.turn.into())]));
        } else {
            about.push(page.t("planning-season-by-hand").to_owned());
        }
        about.retain(|text| !text.is_empty());
        let href = format!("{base}/creneaux/{}", it.id);
        let until = it.slot.until().unwrap_or(it.slot.from);
        let hours = [
            ("from", shown::moment(it.slot.from, lang).into()),
            ("until", shown::moment(until, lang).into()),
        ];
        Entry {
            hours: page.tr("planning-season-hours", &hours),
            body: known.names.body(it.request),
            about: about.join(" · "),
            remove: if changes { format!("{href}/retirer") } else { String::new() },
            href: if changes { href } else { String::new() },
        }
    };
    let group = |room: &Id<_>| {
        let days = WEEK.map(|day| {
            let own = known.given.iter().enumerate();
            let mut own: Vec<(usize, &Allotment)> =
                own.filter(|(_, it)| it.slot.room == *room && it.slot.weekday == day).collect();
            own.sort_by_key(|(_, it)| (it.slot.from, it.rank));
            DayCard {
                title: clock::capital(&shown::weekday(day, lang)),
                entries: own.iter().map(entry).collect(),
            }
        });
        Group {
            id: format!("salle-{}", known.names.slug(*room)),
            title: known.names.room(*room, lang),
            days: days.into(),
        }
    };
    known.round.sheet.rooms.iter().map(group).collect()
}

fn open(page: &Page, known: &Known) -> Vec<Open> {
    if !matches!(known.round.state, State::Proposed | State::Published | State::Ended) {
        return Vec::new();
    }
    let changes = known.manages && known.round.is_on_the_board();
    let base = address(&known.round.slug);
    let mut all = Vec::new();
    for request in &known.requests {
        let advice = known.advice.iter().find(|(id, _)| *id == request.id);
        let advice = advice.map(|(_, advice)| advice.as_slice()).unwrap_or_default();
        for it in publication::still_refused(request, advice, &known.given) {
            let told = told::refusal(page, request, &it, &known.names);
            let give = format!("{base}/creneau?demande={}&souhait={}", request.id, it.wish);
            all.push(Open {
                body: request.body.name.clone(),
                lines: told.lines().map(|line| line.trim_start_matches("- ").to_owned()).collect(),
                give: if changes { give } else { String::new() },
            });
        }
    }
    all
}

/// Why a step is not made.
enum Failed {
    Web(WebError),
    /// Consent is missing.
    Consent,
    /// It is too late for this window, or somebody has something of it by now.
    Said(&'static str),
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

impl From<ClaimError> for Failed {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Store(error) => Self::Web(error.into()),
            ClaimError::Taken(_) | ClaimError::Unknown(_) | ClaimError::TooMany => {
                Self::Said("planning-season-wrong-taken")
            }
        }
    }
}

/// The next step of a round.
pub(super) async fn step(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    headers: HeaderMap,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (origin, reader, place) = (origin(&visitor, &headers), who.clone(), slug.clone());
    if fields.text("vers") == "proposer" {
        return match propose(&commune, &visitor, who, slug).await? {
            Kept::Yes => Ok(Redirect::to(&format!("{}?fait=proposee", address(&place))).into_response()),
            Kept::Overtaken => {
                let known = commune.read(visitor.by, move |tx| load(tx, &reader, &place)).await?;
                let problems = Problem::keyed(&page, &[("etapes", "planning-season-wrong-overtaken")]);
                render(page, StatusCode::CONFLICT, &known, String::new(), problems)
            }
        };
    }
    let made = commune
        .write(visitor.by, move |tx| {
            let permit = manager(tx, &who)?;
            let round = round::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let (made, word) = match fields.text("vers") {
                "ouvrir" if round.days.closes < today => {
                    return Err(Failed::Said("planning-season-wrong-late"));
                }
                "ouvrir" => (round::open(tx, &permit, &round)?, "ouverte"),
                "publier" if fields.get("accord").is_none() => return Err(Failed::Consent),
                "publier" => {
                    let published = publication::publish(tx, &permit, (&town, &round), &origin)?;
                    (published.is_some(), "publiee")
                }
                _ => return Err(Failed::Web(WebError::bad_request())),
            };
            if made { Ok(word) } else { Err(Failed::Web(WebError::conflict())) }
        })
        .await;
    let (field, key) = match made {
        Ok(word) => {
            return Ok(Redirect::to(&format!("{}?fait={word}", address(&place))).into_response());
        }
        Err(Failed::Web(error)) => return Err(error),
        Err(Failed::Consent) => ("accord", "planning-season-wrong-consent"),
        Err(Failed::Said(key)) => ("etapes", key),
    };
    let known = commune.read(visitor.by, move |tx| load(tx, &reader, &place)).await?;
    let problems = Problem::keyed(&page, &[(field, key)]);
    render(page, StatusCode::UNPROCESSABLE_ENTITY, &known, String::new(), problems)
}

/// Makes the proposal of a round: what it is made of is read at one moment, it is made outside of any transaction, and kept
/// in a short one where nothing of that has changed since.
async fn propose(commune: &CommuneOf, visitor: &Visitor, who: SignedIn, slug: String) -> Result<Kept> {
    let (asks, named) = (who.clone(), slug.clone());
    let closes = commune
        .read(visitor.by, move |tx| {
            manager(tx, &asks)?;
            let round = round::by_slug(tx, &named)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(round.is_to_be_closed(civil_day(tx.now(), Town::load(tx)?.zone())))
        })
        .await?;
    if closes {
        let (whose, named) = (who.clone(), slug.clone());
        commune
            .write(visitor.by, move |tx| {
                manager(tx, &whose)?;
                let mut round = round::by_slug(tx, &named)?.ok_or_else(WebError::not_found)?;
                let town = Town::load(tx)?;
                Ok::<_, WebError>(proposal::close_if_over(tx, &town, &mut round)?)
            })
            .await?;
    }
    let read = commune.read(visitor.by, move |tx| {
        let town = Town::load(tx)?;
        Ok::<_, WebError>((Basis::load(tx, &town, &slug)?.ok_or_else(WebError::conflict)?, town))
    });
    let (basis, town) = read.await?;
    let made = tokio::task::spawn_blocking(move || (basis.give_out(&town), town)).await;
    let (proposed, town) = made.map_err(WebError::internal)?;
    commune
        .write(visitor.by, move |tx| {
            let permit = manager(tx, &who)?;
            Ok::<_, WebError>(proposal::keep(tx, &permit, &town, &proposed)?)
        })
        .await
}
