//! One's own registration, behind its code: what one has of which session; taken where it is offered, at a click.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{clock, now::Now};
use beffroi_core::{Id, Instant};
use beffroi_store::{By, Tx};
use beffroi_web::{
    App, CommuneOf, Fact, FormPost, Page, Problem, Purpose, Result, Visitor, WebError, page::render_as,
    render,
};
use serde::Deserialize;

use crate::{
    bill::{self, Bill, Standing},
    place::{self, Place},
    registration::{self, GivenUp, Presence, Registration, Seat, SeatState, Whom, normal_code, shown_phone},
    series::{self, Kept},
    session::{self, Session},
    shown::Shown,
};

/// A registration with all that its pages tell of it.
pub(crate) struct Seen {
    pub(crate) it: Registration,
    pub(crate) series: Kept,
    pub(crate) seats: Vec<(Seat, Session)>,
    pub(crate) places: Vec<Place>,
    pub(crate) now: Now,
    /// How it stands with what it costs, where it costs something.
    pub(crate) bill: Option<Bill>,
}

impl Seen {
    pub(crate) fn of(tx: &mut Tx<'_>, it: Registration) -> Result<Self> {
        let series = series::find(tx, it.series)?.ok_or_else(WebError::not_found)?;
        let bill = if it.price.is_some() { bill::of(tx, &it)? } else { None };
        let seats = registration::seats_of(tx, &[it.id])?;
        let sessions = session::some(tx, &seats.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
        let with = |session: &Session| {
            let seat = seats.iter().find(|seat| seat.session == session.id)?;
            Some((seat.clone(), session.clone()))
        };
        let seats = sessions.iter().filter_map(with).collect();
        Ok(Self { it, series, seats, places: place::list(tx)?, now: Now::read(tx)?, bill })
    }

    pub(crate) fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Self> {
        let it = registration::by_code(tx, code)?.ok_or_else(WebError::not_found)?;
        Self::of(tx, it)
    }

    pub(crate) fn shown<'a>(&'a self, page: &'a Page) -> Shown<'a> {
        Shown { page, now: self.now, places: &self.places }
    }

    /// For what and for whom.
    pub(crate) fn rows(&self, page: &Page) -> Vec<Fact> {
        let person = &self.it.person;
        let way = person
            .way
            .map_or(String::new(), |way| page.t(&format!("workshops-way-{}", way.as_str())).to_owned());
        Fact::all(
            page,
            [
                ("workshops-fact-title", self.series.sheet.title.read_in(page.language()).to_owned()),
                ("workshops-fact-name", person.name.clone()),
                ("workshops-fact-registrant", person.registrant.clone()),
                ("workshops-fact-email", person.email.clone()),
                ("workshops-fact-phone", shown_phone(&person.phone)),
                ("workshops-fact-address", person.address.join(", ")),
                ("workshops-fact-way", way),
                ("workshops-fact-note", person.note.clone()),
                ("workshops-fact-reference", self.it.reference.clone()),
            ],
        )
    }

    /// What is to be paid, or was, in the reader's words; and, where something may still be given back, what becomes of the
    /// money then. Nothing of what is free.
    pub(crate) fn money(&self, page: &Page, whom: Whom, can_give_up: bool) -> Vec<String> {
        let Some(bill) = self.bill.as_ref().filter(|bill| bill.standing != Standing::Free) else {
            return Vec::new();
        };
        let facts = [("amount", bill.cents.read_in(page.language()).into())];
        let standing = bill.standing.as_str();
        let told = match whom {
            Whom::Public => format!("workshops-bill-{standing}"),
            Whom::Agent => format!("workshops-office-told-{standing}"),
        };
        let mut lines = vec![page.tr(&told, &facts)];
        if self.it.price.as_ref().is_some_and(|price| price.reduced) {
            lines.push(page.t("workshops-bill-proof").to_owned());
        }
        if let Some(begins) = self.begins().filter(|_| can_give_up) {
            let key = if begins > self.now.at { "workshops-bill-before" } else { "workshops-bill-after" };
            lines.push(page.t(key).to_owned());
        }
        lines
    }

    /// When the first of the sessions begins that cost something: what is given back before costs nothing.
    pub(super) fn begins(&self) -> Option<Instant> {
        let asked = self.seats.iter().filter(|(seat, _)| seat.cents.0 > 0);
        asked.map(|(_, session)| session.span.start()).min()
    }

    /// What is given back where somebody gives that up: what is left of sessions that have yet to begin; for an agent, to end.
    pub(super) fn given(&self, what: GivenUp, whom: Whom) -> impl Iterator<Item = &Seat> {
        let now = self.now.at;
        let ahead = move |it: &Session| match whom {
            Whom::Public => it.span.start() > now,
            Whom::Agent => it.span.end() > now,
        };
        let meant = move |seat: &Seat| what == GivenUp::All || what == GivenUp::One(seat.id);
        let live =
            move |(seat, session): &&(Seat, Session)| seat.state.is_live() && ahead(session) && meant(seat);
        self.seats.iter().filter(live).map(|(seat, _)| seat)
    }

    /// What they have of each session, in the reader's words. `public`: until when they may give it back.
    pub(crate) fn lines(&self, page: &Page, whom: Whom) -> Vec<Line> {
        let shown = self.shown(page);
        let line = |(seat, it): &(Seat, Session)| {
            let ahead = match whom {
                Whom::Public => it.span.start() > self.now.at,
                Whom::Agent => it.span.end() > self.now.at,
            };
            let until = seat.expires_at.filter(|_| seat.state == SeatState::Offered).map(|at| {
                let at = clock::moment(at, self.now.zone, page.language());
                page.tr("workshops-offered-until", &[("until", at.into())])
            });
            Line {
                id: seat.id.to_string(),
                session: it.id.to_string(),
                when: shown.when(it),
                place: shown.place(it),
                address: shown.address(it),
                access: shown.access(it),
                state: page.t(&format!("workshops-seat-{}", word(seat))).to_owned(),
                look: look(seat.state),
                until: until.unwrap_or_default(),
                offered: seat.state == SeatState::Offered && it.span.start() > self.now.at,
                live: seat.state.is_live() && ahead,
            }
        };
        self.seats.iter().map(line).collect()
    }
}

/// What they have of one session.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) session: String,
    pub(crate) when: String,
    pub(crate) place: String,
    pub(crate) address: String,
    pub(crate) access: String,
    pub(crate) state: String,
    pub(crate) look: &'static str,
    pub(crate) until: String,
    pub(crate) offered: bool,
    pub(crate) live: bool,
}

/// What somebody has of a session; once it is written down whether they came, that.
const fn word(seat: &Seat) -> &'static str {
    if matches!(seat.state, SeatState::Seated) && !matches!(seat.presence, Presence::Unknown) {
        seat.presence.as_str()
    } else {
        seat.state.as_str()
    }
}

/// How a state looks as a tag.
pub(crate) const fn look(state: SeatState) -> &'static str {
    match state {
        SeatState::Seated => "granted",
        SeatState::Waiting => "waiting",
        SeatState::Offered => "new",
        SeatState::GivenUp | SeatState::CalledOff => "closed",
    }
}

#[derive(Template)]
#[template(path = "workshops_code.html")]
struct Ask {
    page: Page,
    code: String,
    problems: Vec<Problem>,
}

impl Ask {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The page that asks for a code.
pub(super) async fn ask(page: Page) -> Result {
    render(&Ask { page, code: String::new(), problems: Vec::new() })
}

/// Leads to the registration of a code.
pub(super) async fn open(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let typed = fields.text("code").to_owned();
    if let Some(code) = normal_code(&typed) {
        let known = code.clone();
        let found = commune.read(By::VISITOR, move |tx| registration::by_code(tx, &known)).await?;
        if found.is_some() {
            return Ok(Redirect::to(&format!("/ateliers/inscription/{code}")).into_response());
        }
    }
    let problems = Problem::keyed(&page, &[("code", "workshops-wrong-code")]);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &Ask { page, code: typed, problems })
}

/// What was just done.
#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "workshops_mine.html")]
struct Mine {
    page: Page,
    code: String,
    done: String,
    rows: Vec<Fact>,
    lines: Vec<Line>,
    several: bool,
    /// What is to be paid, or was; nothing where it is free.
    money: Vec<String>,
    /// The page of its order; `""` where there is none.
    pay: String,
    /// Whether something is to be paid there.
    due: bool,
    feed: String,
    again: String,
}

pub(super) async fn shown(
    page: Page,
    commune: CommuneOf,
    Path(code): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let known = code.clone();
    let (seen, pay) = commune
        .read(By::VISITOR, move |tx| {
            let seen = Seen::by_code(tx, &known)?;
            let pay = seen.bill.as_ref().map(|bill| bill.page(tx)).transpose()?.flatten();
            Ok::<_, WebError>((seen, pay))
        })
        .await?;
    let done = match just.fait.as_str() {
        "annule" => page.t("workshops-given-up").to_owned(),
        "accepte" => page.t("workshops-accepted").to_owned(),
        _ => String::new(),
    };
    let lines = seen.lines(&page, Whom::Public);
    let live = lines.iter().filter(|line| line.live).count();
    render(&Mine {
        rows: seen.rows(&page),
        money: seen.money(&page, Whom::Public, live > 0),
        pay: pay.unwrap_or_default(),
        due: seen.bill.as_ref().is_some_and(|bill| bill.standing == Standing::Due),
        several: live > 1,
        feed: if live > 0 { format!("/ateliers/inscription/{code}/seances.ics") } else { String::new() },
        again: format!("/ateliers/{}", seen.series.slug),
        lines,
        done,
        code,
        page,
    })
}

/// Takes the seat that is offered.
pub(super) async fn accept(
    visitor: Visitor,
    commune: CommuneOf,
    Path(code): Path<String>,
    fields: FormPost,
) -> Result {
    let seat = fields.text("place").to_owned();
    let known = code.clone();
    let taken = commune
        .write(visitor.by, move |tx| {
            let it = registration::by_code(tx, &known)?.ok_or_else(WebError::not_found)?;
            let seat: Id<Seat> = seat.parse().map_err(|_| WebError::bad_request())?;
            Ok::<_, WebError>(registration::accept(tx, it.id, seat)?)
        })
        .await?;
    let just = if taken { "?fait=accepte" } else { "" };
    Ok(Redirect::to(&format!("/ateliers/inscription/{code}{just}")).into_response())
}
