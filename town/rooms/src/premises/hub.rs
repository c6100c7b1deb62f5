//! All that surrounds one booking, for agents: its contract, the keys, the insurance certificate, the state of the premises
//! in and out for each of its dates, and the deposit.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{booking::State, clock, spans::Span};
use beffroi_core::{
    Day,
    calendar::{civil_day, long_date},
};
use beffroi_forms::spaced_phone;
use beffroi_people::{SignedIn, look};
use beffroi_store::Tx;
use beffroi_web::{Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{Granted, Whose, granted, href};
use crate::{
    InspectRooms,
    booking::day,
    deposit::{self, Deposit},
    inspection::{self, BeginFault, Inspection, Kind, State as Seen},
    insurance,
    key::{self, Key, Loan},
};

/// Dates that the page shows at once, at most: those around now.
const DATES_AT_MOST: usize = 8;

struct Way {
    kind: &'static str,
    title: String,
    /// Where it is; `""` where it was not begun.
    href: String,
    tag: String,
    look: &'static str,
    begin: String,
    /// From when on it may begin; `""` where it may now.
    opens: String,
    /// The control that says why earlier.
    early: String,
    early_value: String,
    early_error: String,
}

struct Date {
    when: String,
    start: String,
    ways: Vec<Way>,
}

struct Line {
    name: String,
    detail: String,
    /// Where it is taken back; `""` where it was.
    action: String,
}

#[derive(Template)]
#[template(path = "premises.html")]
struct Hub {
    page: Page,
    title: String,
    caption: String,
    base: String,
    case: String,
    done: String,
    holder: Vec<(String, String)>,
    firm: bool,
    /// What is to be said of the insurance certificate; `""` where it covers the booking.
    insurance_fault: String,
    insured: String,
    loans: Vec<Line>,
    free: Vec<Choice>,
    key_day: String,
    key_due: String,
    code: String,
    dates: Vec<Date>,
    deposit: Option<(String, String, &'static str)>,
    form: FormPost,
    problems: Vec<Problem>,
}

impl Hub {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What the page knows.
struct Known {
    found: Granted,
    inspections: Vec<Inspection>,
    loans: Vec<Loan>,
    free: Vec<Key>,
    insured: Option<Day>,
    deposit: Option<Deposit>,
    has_code: bool,
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, booking: &str) -> Result<Known> {
    let (_, found) = granted::<InspectRooms>(tx, who, booking)?;
    let id = found.booking.id;
    let room = found.booking.resource.id;
    let first = civil_day(found.booking.span.start(), found.zone());
    let codes = key::codes_of(tx, room)?;
    Ok(Known {
        inspections: inspection::of_booking(tx, id)?,
        loans: key::loans_of(tx, id)?,
        free: key::free(tx, room)?,
        insured: insurance::good_until(tx, id)?,
        deposit: deposit::find(tx, id)?,
        has_code: codes.iter().any(|code| code.first <= first && first <= code.last),
        found,
    })
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &booking)?;
            // Who has the room is told by it: whoever follows the request reads who looked.
            let whose = &known.found.whose;
            look::note(tx, &who, "booking.consulted", whose.owner(), whose.account())?;
            Ok::<_, WebError>(known)
        })
        .await?;
    let done = match asked.fait.as_str() {
        word @ ("remise" | "rendue" | "assurance") => page.t(&format!("premises-done-{word}")).to_owned(),
        _ => String::new(),
    };
    let mut problems = Vec::new();
    if asked.fait == "sans-cle" {
        problems = Problem::alone("cle", page.t("premises-key-wrong"));
    }
    shown(page, StatusCode::OK, &known, FormPost::default(), problems, done)
}

/// The dates of a booking that agents look at now: those of the last week and of the next.
fn dates_now(known: &Known) -> Vec<Span> {
    let dates = known.found.booking.dates();
    let now = known.found.now;
    let next = dates.iter().position(|date| date.end() > now).unwrap_or(dates.len());
    let from = next.saturating_sub(DATES_AT_MOST / 2);
    dates.iter().skip(from).take(DATES_AT_MOST).copied().collect()
}

fn shown(
    page: Page,
    status: StatusCode,
    known: &Known,
    form: FormPost,
    problems: Vec<Problem>,
    done: String,
) -> Result {
    let found = &known.found;
    let (booking, lang, zone) = (&found.booking, page.language(), found.zone());
    let way = |date: Span, kind: Kind| {
        let seen = known.inspections.iter().find(|it| it.starts_at == date.start() && it.kind == kind);
        let (tag, look) = match seen.map(|it| it.state) {
            None => ("premises-not-begun", "grey"),
            Some(Seen::Draft) => ("premises-draft", "yellow"),
            Some(Seen::Closed) => ("premises-closed", "green"),
        };
        let opens = inspection::opens_at(kind, date, zone);
        let early = early_field(kind.as_str(), &date.start().timestamp().to_string());
        Way {
            opens: if found.now < opens {
                let when = clock::moment(opens, zone, lang);
                page.tr(&format!("premises-opens-{}", kind.as_str()), &[("when", when.into())])
            } else {
                String::new()
            },
            early_value: form.text(&early).to_owned(),
            early_error: Problem::beside(&problems, &early),
            early,
            kind: kind.as_str(),
            title: page.t(&format!("premises-inspection-{}", kind.as_str())).to_owned(),
            href: seen.map(|it| format!("/agents/etats-des-lieux/{}", it.id)).unwrap_or_default(),
            tag: clock::capital(page.t(tag)),
            look,
            begin: page.t(&format!("premises-begin-{}", kind.as_str())).to_owned(),
        }
    };
    let dates = dates_now(known).into_iter().map(|date| Date {
        when: clock::when(date, zone, lang),
        start: date.start().timestamp().to_string(),
        ways: vec![way(date, Kind::In), way(date, Kind::Out)],
    });
    let loan = |loan: &Loan| Line {
        name: key::named(&loan.key),
        detail: match loan.returned_on {
            Some(day) => page.tr("premises-key-returned", &[("day", long_date(day, lang).into())]),
            None => page.tr(
                "premises-key-out",
                &[
                    ("day", long_date(loan.handed_on, lang).into()),
                    ("due", long_date(loan.due_on, lang).into()),
                ],
            ),
        },
        action: if loan.returned_on.is_none() {
            format!("/agents/cles/{}/retour", loan.id)
        } else {
            String::new()
        },
    };
    let choice = |key: &Key| Choice::new(&key.id.to_string(), &key::named(key), false);
    let last = civil_day(booking.whole().end(), zone);
    let today = civil_day(found.now, zone);
    let due = last.max(today).succ_opt().unwrap_or(last);
    let fault = insurance::fault(booking, known.insured, last);
    let deposit = known.deposit.as_ref().map(|it| {
        let tag = clock::capital(page.t(&format!("premises-deposit-state-{}", it.state.as_str())));
        (it.amount.to_string(), tag, deposit::look(it.state))
    });
    let template = Hub {
        title: booking.resource.details.name.fr.clone(),
        caption: format!(
            "{} · {} · {}",
            found.whose.reference(),
            clock::when(booking.span, zone, lang),
            found.holder()
        ),
        base: href(booking.id),
        case: found.whose.page(),
        done,
        holder: who_has_it(&page, found),
        firm: booking.state == State::Firm,
        insurance_fault: fault.map(|key| page.t(key).to_owned()).unwrap_or_default(),
        insured: known.insured.map(|day| long_date(day, lang)).unwrap_or_default(),
        loans: known.loans.iter().map(loan).collect(),
        free: known.free.iter().map(choice).collect(),
        key_day: today.to_string(),
        key_due: due.to_string(),
        code: if known.has_code { page.t("premises-code-told").to_owned() } else { String::new() },
        dates: dates.collect(),
        deposit,
        form,
        problems,
        page,
    };
    render_as(status, &template)
}

/// Who has the room, how they are reached and what for, as the request says it.
fn who_has_it(page: &Page, found: &Granted) -> Vec<(String, String)> {
    let represented = if found.whose.is_represented() { found.person().to_owned() } else { String::new() };
    let (phone, purpose) = match &found.whose {
        Whose::Case(_) => (found.answer("telephone"), found.answer("objet")),
        Whose::Season { request, .. } => {
            (request.contact.phone.as_str(), found.booking.details.note.as_str())
        }
    };
    let facts = [
        ("premises-requester", found.holder().to_owned()),
        ("premises-holder-represented", represented),
        ("premises-holder-phone", spaced_phone(phone)),
        ("premises-holder-purpose", purpose.to_owned()),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    facts.map(|(key, value)| (page.t(key).to_owned(), value)).collect()
}

/// The control in which an agent says why an inspection begins early.
fn early_field(kind: &str, start: &str) -> String {
    format!("pourquoi-{kind}-{start}")
}

/// Begins an inspection for a date, or goes on with it.
pub(super) async fn inspect(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let field = early_field(form.text("sens"), form.text("debut"));
    let named = field.clone();
    let begun = commune
        .write(visitor.by, move |tx| {
            let (permit, found) = granted::<InspectRooms>(tx, &who, &booking)?;
            let kind = Kind::from_word(typed.text("sens")).ok_or_else(WebError::not_found)?;
            let dates = found.booking.dates().iter().map(|date| date.start());
            let start = dates.into_iter().find(|at| at.timestamp().to_string() == typed.text("debut"));
            let start = start.ok_or_else(WebError::not_found)?;
            let early: String = typed.text(&named).chars().take(inspection::WHY_AT_MOST).collect();
            let agent = who.account.uuid();
            match inspection::begin(tx, &permit, &found, (kind, start), &early, agent)? {
                Ok(id) => Ok(Ok(id)),
                Err(BeginFault::Gone) => Err(WebError::conflict()),
                Err(BeginFault::Early(_)) => Ok(Err(Box::new(known(tx, &who, &booking)?))),
            }
        })
        .await?;
    match begun {
        Ok(id) => Ok(Redirect::to(&format!("/agents/etats-des-lieux/{id}")).into_response()),
        Err(known) => {
            let problems = Problem::alone(&field, page.t("premises-early-wrong"));
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, problems, String::new())
        }
    }
}

/// Notes until when the insurance certificate is good.
pub(super) async fn insure(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (typed, named) = (form.clone(), booking.clone());
    let wrong = commune
        .write(visitor.by, move |tx| {
            let (permit, found) = granted::<InspectRooms>(tx, &who, &named)?;
            match day(typed.text("assurance")) {
                Some(until) => {
                    insurance::note(tx, &permit, found.booking.id, until, who.account.uuid())?;
                    Ok::<_, WebError>(None)
                }
                None => Ok(Some(known(tx, &who, &named)?)),
            }
        })
        .await?;
    match wrong {
        None => Ok(Redirect::to(&format!("{}?fait=assurance", href(booking))).into_response()),
        Some(known) => {
            let problems = Problem::alone("assurance", page.t("rooms-refused-day"));
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, problems, String::new())
        }
    }
}
