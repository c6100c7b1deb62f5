//! A request as it is read: what was wished, and once wishes are taken no more what is given, and why what is not given is
//! not.

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, Booking, State},
    clock,
};
use beffroi_core::{
    Cents, Instant,
    calendar::{civil_day, long_date},
};
use beffroi_documents::Document;
use beffroi_forms::spaced_phone;
use beffroi_payments::{Order, OrderState};
use beffroi_people::Town;
use beffroi_store::{Result as StoreResult, Tx};
use beffroi_web::{FormPost, Page, Problem, Result, page::render_as};
use chrono_tz::Tz;

use super::{
    allotment::{self, Allotment},
    asking::Door,
    bill, contract,
    kept::{self, DepositLine, Sees},
    proposal::{self, Advice},
    publication,
    request::{self, Request, Wished},
    round::Round,
    shown::{self, Names},
    told,
};
use crate::{
    deposit::{self, Deposit},
    premises,
};

/// What is known of a request.
pub(super) struct Mine {
    given: Vec<(Allotment, Option<Booking>)>,
    advice: Vec<Advice>,
    /// What is to be paid for all of it, or was, where, and what of it is still to be paid back.
    bill: Option<(Order, String, Cents)>,
    /// What is deposited for its rooms.
    deposits: Vec<Deposit>,
    papers: Vec<Document>,
    sees: Sees,
    names: Names,
    now: Instant,
    zone: Tz,
}

impl Mine {
    /// Reads it. What is only proposed is told to nobody yet.
    pub(super) fn load(
        tx: &mut Tx<'_>,
        (town, round): (&Town, &Round),
        request: &Request,
        sees: Sees,
    ) -> StoreResult<Self> {
        let bodies = request::names(tx, round.id)?;
        let names = Names::load(tx, &round.sheet.rooms, bodies)?;
        let (now, zone) = (tx.now(), town.zone());
        if !round.has_results() {
            return Ok(Self {
                given: Vec::new(),
                advice: Vec::new(),
                bill: None,
                deposits: Vec::new(),
                papers: Vec::new(),
                sees,
                names,
                now,
                zone,
            });
        }
        let all = allotment::of_requests(tx, &[request.id])?;
        let ids: Vec<_> = all.iter().filter_map(|it| it.booking).collect();
        let bookings = booking::several(tx, &ids)?;
        let advice = proposal::advice(tx, round.id)?;
        let advice = advice.into_iter().find(|(id, _)| *id == request.id).map(|(_, all)| all);
        let advice = publication::still_refused(request, &advice.unwrap_or_default(), &all);
        let given = all.into_iter().map(|it| {
            let own = bookings.iter().find(|booking| Some(booking.id) == it.booking).cloned();
            (it, own)
        });
        let given = given.collect();
        let bill = bill::shown(tx, request)?;
        let deposits = deposit::of_requests(tx, &[request.id.uuid()])?;
        let papers = kept::papers(tx, request)?;
        Ok(Self { given, advice, bill, deposits, papers, sees, names, now, zone })
    }
}

/// A wish, as it is told.
struct WishLine {
    title: String,
    lines: Vec<String>,
}

/// A time that is given.
struct GivenLine {
    title: String,
    lines: Vec<String>,
    /// Dates that are left out, each with why.
    left: Vec<String>,
    back: String,
    give_back: String,
    /// Where an agent sees to the room; `""` for whoever does not.
    premises: String,
}

/// A paper.
struct PaperLine {
    href: String,
    title: String,
    /// Whether it is to be signed.
    contract: bool,
}

/// What both doors show.
pub(super) struct Shown {
    title: String,
    state: String,
    /// Where it is changed; `""` once wishes are taken no more.
    change: String,
    done: String,
    facts: Vec<(String, String)>,
    wishes: Vec<WishLine>,
    given: Vec<GivenLine>,
    refused: Vec<Vec<String>>,
    /// What is to be paid, or was; and where, with the words of that.
    bill: String,
    pay: String,
    pay_label: String,
    deposits: Vec<DepositLine>,
    papers: Vec<PaperLine>,
    /// What is to be done with the contracts among them; `""` where there are none.
    sign: String,
    with_reason: bool,
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "season_mine.html")]
struct MinePage {
    page: Page,
    back: String,
    it: Shown,
}

#[derive(Template)]
#[template(path = "season_mine_office.html")]
struct MineOfSomebody {
    page: Page,
    back: String,
    it: Shown,
}

pub(super) fn render(
    page: Page,
    door: Door,
    (round, request): (&Round, &Request),
    mine: &Mine,
    (done, base, back, change): (String, String, String, String),
    (typed, problems): (&FormPost, Vec<Problem>),
) -> Result {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let it = shown(&page, door, (round, request), mine, (done, &base, change), (typed, problems));
    match door {
        Door::Public => render_as(status, &MinePage { page, back, it }),
        Door::Counter => render_as(status, &MineOfSomebody { page, back, it }),
    }
}

fn shown(
    page: &Page,
    door: Door,
    (round, request): (&Round, &Request),
    mine: &Mine,
    (done, base, change): (String, &str, String),
    (typed, problems): (&FormPost, Vec<Problem>),
) -> Shown {
    let body = &request.body;
    let state = match (round.has_results(), mine.given.is_empty()) {
        (false, _) => "rooms-season-mine-waits",
        (true, false) => "rooms-season-mine-given",
        (true, true) => "rooms-season-mine-nothing",
    };
    let closes = long_date(round.days.closes, page.language());
    let phone = spaced_phone(&request.contact.phone);
    let contact = [&request.contact.name, &request.contact.email, &phone];
    let contact: Vec<&str> = contact.into_iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    let people =
        [("n", body.members.into()), ("residents", body.residents.into()), ("young", body.young.into())];
    let facts = [
        ("rooms-season-number", body.number.clone()),
        ("rooms-season-contact", contact.join(", ")),
        ("rooms-season-address", request.contact.address.replace('\n', ", ")),
        ("rooms-season-people", page.tr("rooms-season-people-told", &people)),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let refused = mine.advice.iter().map(|advice| {
        let told = told::refusal(page, request, advice, &mine.names);
        told.lines().map(|line| line.trim_start_matches("- ").to_owned()).collect()
    });
    let (bill, pay, pay_label) = match &mine.bill {
        Some((order, pay, back)) => billed(page, order, (pay.as_str(), *back), mine.zone),
        None => (String::new(), String::new(), String::new()),
    };
    let papers = papers(page, mine, (door, base));
    let contracts = papers.iter().any(|it| it.contract);
    Shown {
        sign: if contracts && door == Door::Public {
            page.t("rooms-season-papers-sign").to_owned()
        } else {
            String::new()
        },
        bill,
        // The page of the order is the association's: agents find it at the till.
        pay: if door == Door::Public { pay } else { String::new() },
        pay_label,
        title: page.tr(
            "rooms-season-request-of",
            &[("body", body.name.clone().into()), ("reference", request.reference.clone().into())],
        ),
        state: if change.is_empty() {
            page.t(state).to_owned()
        } else {
            page.tr("rooms-season-mine-open", &[("closes", closes.into())])
        },
        change,
        done,
        facts: facts.map(|(key, value)| (page.t(key).to_owned(), value)).collect(),
        wishes: wishes(page, request, &mine.names),
        given: mine.given.iter().map(|it| given(page, request, mine, it, base)).collect(),
        refused: refused.collect(),
        deposits: deposits(page, mine, (door, base), (typed, problems.as_slice())),
        papers,
        with_reason: door == Door::Counter,
        problems,
    }
}

/// What is deposited for the rooms, for the association and for the agents who see to that.
fn deposits(
    page: &Page,
    mine: &Mine,
    (door, base): (Door, &str),
    typed: (&FormPost, &[Problem]),
) -> Vec<DepositLine> {
    if door == Door::Counter && !mine.sees.deposits {
        return Vec::new();
    }
    let room = |it: &Deposit| {
        let mut of = mine.given.iter().filter_map(|(_, booking)| booking.as_ref());
        let found = of.find(|booking| booking.id == it.booking);
        found.map(|booking| booking.resource.details.name.read_in(page.language())).unwrap_or_default()
    };
    let told = |it: &Deposit| kept::told(page, it, (room(it), base, mine.zone), (door, mine.sees), typed);
    mine.deposits.iter().filter_map(told).collect()
}

/// The papers, for the association and for the agents who see to the rooms.
fn papers(page: &Page, mine: &Mine, (door, base): (Door, &str)) -> Vec<PaperLine> {
    if door == Door::Counter && !mine.sees.premises {
        return Vec::new();
    }
    let lang = page.language();
    let line = |it: &Document| {
        let href = format!("{base}/documents/{}", it.id);
        let Some(booking) = contract::booking_of(&it.purpose) else {
            let day = long_date(civil_day(it.created, mine.zone), lang);
            let title = page.tr(&format!("rooms-season-paper-{}", it.purpose), &[("day", day.into())]);
            return Some(PaperLine { href, title, contract: false });
        };
        // What was given back by another way has no contract that holds.
        let holds = |own: &Booking| own.id == booking && own.state == State::Firm;
        let (of, _) = mine.given.iter().find(|(_, own)| own.as_ref().is_some_and(holds))?;
        let variables = [
            ("slot", shown::slot(page, &of.slot).into()),
            ("room", mine.names.room(of.slot.room, lang).into()),
        ];
        let title = page.tr("rooms-season-paper-contract", &variables);
        Some(PaperLine { href, title, contract: true })
    };
    mine.papers.iter().filter_map(line).collect()
}

/// What is to be paid or was, where, and the words of that.
fn billed(page: &Page, order: &Order, (pay, back): (&str, Cents), zone: Tz) -> (String, String, String) {
    let lang = page.language();
    // An order of which money is given back gives way to another: nothing is to be paid of it meanwhile.
    if order.state == OrderState::Due && back > Cents(0) {
        let told = page.tr("rooms-bill-back", &[("back", back.read_in(lang).into())]);
        return (told, String::new(), String::new());
    }
    let due = order.due_at.map(|at| long_date(civil_day(at, zone), lang)).unwrap_or_default();
    let variables = [
        ("amount", order.total.read_in(lang).into()),
        ("rest", order.remaining().read_in(lang).into()),
        ("refunded", order.refunded.read_in(lang).into()),
        ("day", due.into()),
    ];
    let told = page.tr(&format!("rooms-bill-{}", order.state.as_str()), &variables);
    let label = if order.state == OrderState::Due { "rooms-bill-pay" } else { "rooms-bill-see" };
    (told, pay.to_owned(), page.t(label).to_owned())
}

fn wishes(page: &Page, request: &Request, names: &Names) -> Vec<WishLine> {
    let lang = page.language();
    let told = |(rank, wished): (usize, &Wished)| {
        let wish = &wished.wish;
        let often = [
            ("n", wish.times.into()),
            ("length", shown::minutes(wish.minutes, lang).into()),
            ("people", wish.people.into()),
        ];
        let mut lines = vec![page.tr("rooms-season-wished", &often)];
        lines.push(wish.ranges.iter().map(|it| shown::range(page, *it)).collect::<Vec<_>>().join(", "));
        lines.push(wish.rooms.iter().map(|room| names.room(*room, lang)).collect::<Vec<_>>().join(", "));
        if let (Some(first), Some(last)) = (wish.first, wish.last) {
            let days = [("first", long_date(first, lang).into()), ("last", long_date(last, lang).into())];
            lines.push(page.tr("rooms-season-from-to", &days));
        }
        WishLine { title: format!("{}. {}", rank + 1, wished.activity), lines }
    };
    request.wishes.iter().enumerate().map(told).collect()
}

fn given(
    page: &Page,
    request: &Request,
    mine: &Mine,
    (it, booking): &(Allotment, Option<Booking>),
    base: &str,
) -> GivenLine {
    let lang = page.language();
    let wish = usize::try_from(it.wish).ok().and_then(|rank| request.wishes.get(rank));
    let mut lines: Vec<String> = wish.map(|wished| wished.activity.clone()).into_iter().collect();
    let (mut left, mut back, mut give_back) = (Vec::new(), String::new(), String::new());
    if let Some(booking) = booking {
        let whole = booking.whole();
        let day = |at| long_date(civil_day(at, mine.zone), lang);
        let variables = [
            ("first", day(whole.start()).into()),
            ("last", day(whole.end()).into()),
            ("n", booking.dates().len().into()),
        ];
        lines.push(page.tr("rooms-season-dates", &variables));
        left = booking
            .details
            .skipped
            .iter()
            .map(|it| {
                let why = page.t(&format!("rooms-season-left-{}", it.why)).to_owned();
                format!("{} ({why})", clock::when(it.span, mine.zone, lang))
            })
            .collect();
        match (booking.state, &booking.cancelled) {
            (State::Cancelled, Some(cancelled)) => {
                back = page.tr("rooms-season-given-back", &[("day", day(cancelled.at).into())]);
            }
            _ if booking.can_be_cancelled(mine.now) => {
                give_back = format!("{base}/creneaux/{}/rendre", it.id);
            }
            _ => {}
        }
    } else {
        page.t("rooms-season-not-booked").clone_into(&mut back);
    }
    let title =
        format!("{}, {}", clock::capital(&shown::slot(page, &it.slot)), mine.names.room(it.slot.room, lang));
    let premises = match booking {
        Some(booking) if mine.sees.premises => premises::href(booking.id),
        _ => String::new(),
    };
    GivenLine { title, lines, left, back, give_back, premises }
}
