//! One appointment as agents see it: what becomes of it, another time, given back with a word, a slip to take along.

use askama::Template;
use axum::{
    Extension,
    extract::{self, Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Lang, calendar::civil_day};
use beffroi_people::{SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as, panel::Panel, render,
};

use super::{
    agenda::{actions, look},
    book, seen,
};
use crate::{
    Cases,
    appointment::{self, BookError, State, shown_phone},
    coordination::Line,
    just::Just,
    proposal,
    public::{AskedWeek, Noted, Row, Seen, Why, moving, refused},
    slots::Whom,
    times,
};

/// Letters of what is told to whoever is cancelled, at most.
pub(crate) const WHY_AT_MOST: usize = 500;

#[derive(Template)]
#[template(path = "appointments_office_one.html")]
struct One {
    page: Page,
    id: String,
    back: String,
    done: String,
    title: String,
    state: String,
    look: &'static str,
    rows: Vec<Row>,
    actions: Vec<(&'static str, String)>,
    movable: bool,
    slip_href: String,
    move_href: String,
    told: String,
    warnings: Vec<String>,
    /// Appointments at other town halls, for the same numbers.
    elsewhere: Vec<Line>,
    cases: Vec<OfCase>,
    entry: String,
    /// What other services add.
    panels: Vec<Panel>,
    why: String,
    problems: Vec<Problem>,
}

impl One {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The day of a site on which it is.
fn agenda(seen: &Seen) -> String {
    let day = civil_day(seen.it.span.start(), seen.now.zone);
    format!("/agents/rendez-vous?lieu={}&jour={day}", seen.site.resource.details.slug)
}

pub(super) async fn show(
    extract::State(app): extract::State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(cases): Extension<Cases>,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let (who, lang) = (visitor.require()?.clone(), page.language());
    let (seen, with) = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            consulted(tx, &who, &seen)?;
            let with = With::load(tx, (&app, lang), &who, &cases, &seen)?;
            Ok::<_, WebError>((seen, with))
        })
        .await?;
    match seen.it.state {
        State::Held => book::details(page, &seen, seen.it.contact.clone(), &Why::default()),
        _ => one(page, &seen, with, Said { just: just.fait, ..Said::default() }),
    }
}

/// Writes down that an agent has opened an appointment, which tells whose it is. One that is only held is nobody's yet.
fn consulted(tx: &mut Tx<'_>, who: &SignedIn, seen: &Seen) -> Result<()> {
    if seen.it.state == State::Held {
        return Ok(());
    }
    let thing = ("appointment", seen.it.id.uuid());
    Ok(beffroi_people::look::note(tx, who, "appointment.consulted", thing, seen.it.account)?)
}

/// A case that an appointment is of.
struct OfCase {
    reference: String,
    href: String,
}

/// What the page shows beside the appointment itself.
#[derive(Default)]
struct With {
    noted: Noted,
    /// Its cases, as far as the agent reads them.
    cases: Vec<OfCase>,
    /// Where a request is entered for whoever is received; `""` where none is.
    entry: String,
    /// What other services add.
    panels: Vec<Panel>,
}

impl With {
    fn load(
        tx: &mut Tx<'_>,
        (app, lang): (&App, Lang),
        who: &SignedIn,
        cases: &Cases,
        seen: &Seen,
    ) -> Result<Self> {
        let noted = Noted::of(tx, seen)?;
        let panels = match seen.followed_up() {
            Some(meeting) => app.meeting_panels(tx, &meeting, who, lang)?,
            None => Vec::new(),
        };
        let Some(book) = &cases.0 else { return Ok(Self { noted, panels, ..Self::default() }) };
        let mut known = Vec::new();
        // One as a rule, two or three where somebody came for as many things.
        for it in proposal::of_appointment(tx, seen.it.id)? {
            if let Some(reference) = book.reference(tx, who, it.case)? {
                known.push(OfCase { reference, href: book.path(it.case) });
            }
        }
        let procedure = &seen.motive.details.sheet.procedure;
        let comes = matches!(seen.it.state, State::Booked | State::Arrived | State::Received);
        let offered = !procedure.is_empty() && comes && !seen.it.contact.name.is_empty();
        let offered = offered && book.procedures(tx)?.iter().any(|it| it.slug == *procedure);
        let entry = if offered { book.entry(procedure, seen.it.id.uuid()) } else { String::new() };
        Ok(Self { noted, cases: known, entry, panels })
    }
}

/// What the page says beside the appointment.
#[derive(Default)]
struct Said {
    just: String,
    why: String,
    problems: Vec<Problem>,
}

fn one(page: Page, seen: &Seen, with: With, said: Said) -> Result {
    let With { noted, cases, entry, panels } = with;
    let Said { just, why, problems } = said;
    let it = &seen.it;
    let mut warnings = noted.warnings(&page);
    if just == "reserve-sans-controle" {
        warnings.push(page.t("appointments-unchecked").to_owned());
    }
    let done = match just.as_str() {
        "reserve" | "reserve-sans-controle" => page.t("appointments-office-booked-agent").to_owned(),
        "deplace" => page.t("appointments-office-moved-agent").to_owned(),
        _ => String::new(),
    };
    let reachable = !it.contact.email.is_empty() || !it.contact.phone.is_empty();
    let key =
        if reachable { "appointments-office-will-be-told" } else { "appointments-office-will-not-be-told" };
    let channel = page.t(&format!("appointments-office-channel-{}", it.channel.as_str())).to_owned();
    let mut rows = seen.rows(&page);
    rows.push(Row {
        label: page.t("appointments-office-fact-channel").to_owned(),
        value: channel,
        href: String::new(),
    });
    let view = One {
        id: it.id.to_string(),
        back: agenda(seen),
        done,
        title: match it.contact.name.as_str() {
            "" => it.reference.clone(),
            name => name.to_owned(),
        },
        state: page.t(&format!("appointments-state-{}", it.state.as_str())).to_owned(),
        look: look(it.state),
        rows,
        actions: actions(&page, it, &seen.now),
        movable: it.state == State::Booked,
        slip_href: format!("/agents/rendez-vous/{}/fiche", it.id),
        move_href: format!("/agents/rendez-vous/{}/deplacer", it.id),
        told: page.t(key).to_owned(),
        warnings,
        elsewhere: noted.elsewhere(&page, seen.now.zone),
        cases,
        entry,
        panels,
        why,
        problems,
        page,
    };
    if view.problems.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

/// Writes down what became of it.
pub(super) async fn mark(
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let next = State::from_word(fields.text("etat")).filter(|next| next.is_expected());
    let to = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            let next = next.ok_or_else(WebError::bad_request)?;
            match appointment::mark(tx, seen.it.id, next) {
                // Somebody else was faster: the day tells.
                Ok(_) | Err(BookError::Over) => Ok(agenda(&seen)),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    Ok(Redirect::to(&to).into_response())
}

/// Gives it back, and tells whoever it was for why.
pub(super) async fn cancel(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let why = fields.text("pourquoi").to_owned();
    let told = why.clone();
    let (seen, wrong) = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            let held = seen.it.state == State::Held;
            if !held && told.chars().count() > WHY_AT_MOST {
                return Ok((seen, true));
            }
            appointment::cancel(tx, seen.it.id, Some(&told)).map_err(refused)?;
            Ok::<_, WebError>((seen, false))
        })
        .await?;
    if wrong {
        let problems = Problem::keyed(&page, &[("pourquoi", "appointments-office-wrong-why")]);
        return one(page, &seen, With::default(), Said { why, problems, ..Said::default() });
    }
    let just = if seen.it.state == State::Booked { "annule" } else { "rendu" };
    Ok(Redirect::to(&format!("{}&fait={just}", agenda(&seen))).into_response())
}

pub(super) async fn times(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<AskedWeek>,
) -> Result {
    let who = visitor.require()?.clone();
    let view = commune
        .read(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            if seen.it.state != State::Booked {
                return Err(WebError::not_found());
            }
            let base = format!("/agents/rendez-vous/{id}");
            moving(tx, &page, &seen, (&base, Whom::Agent), &asked.semaine)
        })
        .await?;
    render(&view)
}

pub(super) async fn move_it(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let to = times::read(fields.text("creneau"));
    let known = id.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &known)?;
            let to = to.ok_or_else(WebError::bad_request)?;
            match appointment::move_to(tx, seen.it.id, to, Whom::Agent) {
                Ok(_) => Ok::<_, WebError>(None),
                Err(BookError::Gone(_)) => {
                    let base = format!("/agents/rendez-vous/{known}");
                    let mut view = moving(tx, &page, &seen, (&base, Whom::Agent), "")?;
                    view.problems = Problem::keyed(&page, &[("creneau", "appointments-wrong-gone")]);
                    Ok(Some(view))
                }
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to(&format!("/agents/rendez-vous/{id}?fait=deplace")).into_response()),
        Some(view) => render_as(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

#[derive(Template)]
#[template(path = "appointments_slip.html")]
struct Slip {
    page: Page,
    back: String,
    when: String,
    reference: String,
    rows: Vec<Row>,
    bring: Vec<String>,
    phone: String,
}

/// A page to print for whoever has neither e-mail nor telephone, or wishes to hold something.
pub(super) async fn slip(page: Page, visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let (seen, phone) = commune
        .write(visitor.by, move |tx| {
            let seen = seen(tx, &who, &id)?;
            consulted(tx, &who, &seen)?;
            let town = Town::load(tx)?.phone;
            let phone = if seen.site.sheet.phone.is_empty() { town } else { seen.site.sheet.phone.clone() };
            Ok::<_, WebError>((seen, shown_phone(&phone)))
        })
        .await?;
    if seen.it.state != State::Booked {
        return Err(WebError::not_found());
    }
    let lang = page.language();
    let hidden = ["appointments-fact-email", "appointments-fact-phone", "appointments-fact-note"];
    let hidden = hidden.map(|key| page.t(key).to_owned());
    let rows = seen.rows(&page).into_iter().filter(|row| !hidden.contains(&row.label)).collect();
    let bring = seen.motive.details.sheet.bring.iter().map(|it| it.read_in(lang).to_owned()).collect();
    render(&Slip {
        back: format!("/agents/rendez-vous/{}", seen.it.id),
        when: seen.when(&page),
        reference: seen.it.reference.clone(),
        rows,
        bring,
        phone: match phone.as_str() {
            "" => String::new(),
            phone => page.tr("appointments-office-slip-phone", &[("phone", phone.to_owned().into())]),
        },
        page,
    })
}
