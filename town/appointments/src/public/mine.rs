//! One's own appointment, behind its secret link: who it is for, then when it is; moved at a click, and given back at two.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::ics::{self, Event, Status, When};
use beffroi_core::calendar::civil_day;
use beffroi_store::{By, Tx};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, meeting::Meeting, page::render_as,
    render,
};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    HOLD, LOOK,
    choose::{count, hoarding, holding, refused},
    details::{Why, details},
};
use crate::{
    appointment::{self, Appointment, BookError, Contact, State as Stands, shown_phone, tell::reminded_at},
    clock::{self, Now, capital},
    coordination::{self, Found, Line, Other},
    just::Just,
    motive,
    site::{self, Site},
    slots::{self, Wanted, Whom},
    times::{self, Shown, Week},
};

/// A row of a summary.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) href: String,
}

/// An appointment with what its pages tell of it.
pub(crate) struct Seen {
    pub(crate) it: Appointment,
    pub(crate) motive: motive::Kept,
    pub(crate) site: Site,
    pub(crate) now: Now,
}

impl Seen {
    pub(crate) fn of(tx: &mut Tx<'_>, it: Appointment) -> beffroi_store::Result<Option<Self>> {
        let (motive, site) = (motive::find(tx, it.motive)?, site::site(tx, it.site)?);
        let now = Now::read(tx)?;
        Ok(motive.zip(site).map(|(motive, site)| Self { it, motive, site, now }))
    }

    pub(crate) fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Self> {
        let it = appointment::by_link(tx, link)?.ok_or_else(WebError::not_found)?;
        Self::of(tx, it)?.ok_or_else(WebError::not_found)
    }

    /// The same as a meeting that advisers of its department follow up; `None` where they do not, it is not agreed, or it
    /// names nobody any more.
    pub(crate) fn followed_up(&self) -> Option<Meeting> {
        let department = self.motive.details.department.filter(|_| self.motive.details.sheet.followed)?;
        let named = !self.it.contact.name.is_empty();
        (named && self.it.state.is_expected()).then(|| Meeting {
            thing: ("appointment", self.it.id.uuid()),
            department,
            name: self.it.contact.name.clone(),
            email: self.it.contact.email.clone(),
            phone: self.it.contact.phone.clone(),
            starts_at: self.it.span.start(),
            href: format!("/agents/rendez-vous/{}", self.it.id),
        })
    }

    /// Whether its motive asks for numbers of pre-requests.
    pub(crate) fn asks_numbers(&self) -> bool {
        !self.motive.details.sheet.titles.is_empty()
    }

    pub(crate) fn when(&self, page: &Page) -> String {
        capital(&clock::moment(self.it.span.start(), self.now.zone, page.language()))
    }

    /// What, when, where, for how many; and for whom, once it is known.
    pub(crate) fn rows(&self, page: &Page) -> Vec<Row> {
        let held = self.it.state == Stands::Held;
        let lang = page.language();
        let place = [self.site.resource.details.name.read_in(lang).to_owned(), self.site.sheet.line()];
        let access = self.site.sheet.access.read_in(lang).to_owned();
        let place: Vec<String> = place.into_iter().filter(|it| !it.is_empty()).collect();
        let persons = if self.motive.details.sheet.persons() > 1 {
            page.tr("appointments-persons", &[("n", self.it.persons.into())])
        } else {
            String::new()
        };
        let reference = if held { String::new() } else { self.it.reference.clone() };
        // What the form below asks for is not told twice.
        let contact = if held { Contact::default() } else { self.it.contact.clone() };
        [
            ("appointments-fact-motive", self.motive.details.sheet.name.read_in(lang).to_owned()),
            ("appointments-fact-when", self.when(page)),
            ("appointments-fact-where", place.join(", ")),
            ("appointments-fact-access", access),
            ("appointments-fact-persons", persons),
            ("appointments-fact-name", contact.name.clone()),
            ("appointments-fact-email", contact.email.clone()),
            ("appointments-fact-phone", shown_phone(&contact.phone)),
            ("appointments-fact-numbers", contact.numbers.join(", ")),
            ("appointments-fact-note", contact.note.clone()),
            ("appointments-fact-reference", reference),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| Row { label: page.t(key).to_owned(), value, href: String::new() })
        .collect()
    }
}

#[derive(Template)]
#[template(path = "appointments_mine.html")]
struct Mine {
    page: Page,
    link: String,
    just_booked: bool,
    /// Whether nobody could say whether there is an appointment elsewhere.
    unchecked: bool,
    warnings: Vec<String>,
    /// Appointments at other town halls, for the same numbers.
    elsewhere: Vec<Line>,
    done: String,
    told: String,
    when: String,
    reference: String,
    /// Where it stands, where it is no longer to come.
    word: String,
    rows: Vec<Row>,
    bring: Vec<String>,
    open: bool,
    move_href: String,
    again: String,
}

pub(super) async fn shown(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let opens = link.clone();
    let (seen, noted) = commune
        .read(By::VISITOR, move |tx| {
            let seen = Seen::by_link(tx, &opens)?;
            let noted = Noted::of(tx, &seen)?;
            Ok::<_, WebError>((seen, noted))
        })
        .await?;
    match seen.it.state {
        // Whoever is offered a time has said before who they are.
        Stands::Held => {
            let contact = known(seen.it.contact.clone(), &visitor);
            details(page, link, &seen, contact, &Why::default())
        }
        _ => mine(page, link, &seen, &noted, &just.fait),
    }
}

/// Whom it is for, as far as it was said; else what is known of whoever is signed in.
pub(super) fn known(said: Contact, visitor: &Visitor) -> Contact {
    let Some((who, _)) = visitor.member().filter(|_| said.name.is_empty() && said.email.is_empty()) else {
        return said;
    };
    Contact { name: who.display_name.clone(), email: who.email.clone(), ..said }
}

/// What the State's service knew of the numbers when they were declared, as far as somebody should be told, and the
/// appointments to come that other town halls give for them.
#[derive(Default)]
pub(crate) struct Noted {
    found: Vec<Found>,
    others: Vec<Other>,
}

impl Noted {
    pub(crate) fn of(tx: &mut Tx<'_>, seen: &Seen) -> beffroi_store::Result<Self> {
        if seen.it.state != Stands::Booked || !seen.asks_numbers() {
            return Ok(Self::default());
        }
        let declared = coordination::of_appointment(tx, seen.it.id)?;
        let mut found: Vec<Found> = declared.into_iter().map(|it| it.found).collect();
        found.retain(|found| *found != Found::Nothing);
        found.sort_unstable();
        found.dedup();
        Ok(Self { found, others: coordination::elsewhere(tx, seen.it.id)? })
    }

    /// The same in words.
    pub(crate) fn warnings(&self, page: &Page) -> Vec<String> {
        let word = |found: &Found| page.t(&format!("appointments-found-{}", found.as_str())).to_owned();
        self.found.iter().map(word).collect()
    }

    /// The appointments elsewhere: when, where, and the way to each.
    pub(crate) fn elsewhere(&self, page: &Page, zone: Tz) -> Vec<Line> {
        coordination::lines(page, &self.others, zone)
    }
}

fn mine(page: Page, link: String, seen: &Seen, noted: &Noted, just: &str) -> Result {
    let it = &seen.it;
    let open = it.state == Stands::Booked && it.span.start() > seen.now.at;
    let just_booked = ["reserve", "reserve-sans-controle"].contains(&just) && open;
    let done = match just {
        "deplace" if open => page.t("appointments-moved").to_owned(),
        "annule" if it.state == Stands::Cancelled => page.t("appointments-cancelled").to_owned(),
        _ => String::new(),
    };
    let told = match (it.contact.email.as_str(), it.contact.phone.as_str()) {
        ("", "") => String::new(),
        ("", phone) => page.tr("appointments-told-phone", &[("phone", shown_phone(phone).into())]),
        (email, _) => {
            // What is promised is what will be done: who books for tomorrow is reminded by the confirmation alone.
            let reminded = reminded_at(it.span.start(), seen.now.zone, seen.now.at).is_some();
            let key = if reminded { "appointments-told-email" } else { "appointments-told-email-once" };
            page.tr(key, &[("email", email.to_owned().into())])
        }
    };
    let word = match it.state {
        Stands::Booked if open => String::new(),
        Stands::Booked => page.t("appointments-past").to_owned(),
        state => page.t(&format!("appointments-state-{}", state.as_str())).to_owned(),
    };
    let lang = page.language();
    let bring = seen.motive.details.sheet.bring.iter().map(|it| it.read_in(lang).to_owned());
    render(&Mine {
        when: seen.when(&page),
        reference: it.reference.clone(),
        unchecked: just == "reserve-sans-controle" && open,
        warnings: if open { noted.warnings(&page) } else { Vec::new() },
        elsewhere: if open { noted.elsewhere(&page, seen.now.zone) } else { Vec::new() },
        just_booked,
        done,
        told,
        word,
        rows: seen.rows(&page),
        bring: if open { bring.collect() } else { Vec::new() },
        open,
        move_href: format!("/rendez-vous/mien/{link}/deplacer"),
        again: format!("/rendez-vous/{}", seen.motive.details.slug),
        link,
        page,
    })
}

/// Gives it back.
pub(super) async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let known = link.clone();
    let (was, slug) = commune
        .write(visitor.by, move |tx| {
            let seen = Seen::by_link(tx, &known)?;
            appointment::cancel(tx, seen.it.id, None).map_err(refused)?;
            Ok::<_, WebError>((seen.it.state, seen.motive.details.slug))
        })
        .await?;
    let to = match was {
        Stands::Held => format!("/rendez-vous/{slug}"),
        _ => format!("/rendez-vous/mien/{link}?fait=annule"),
    };
    Ok(Redirect::to(&to).into_response())
}

#[derive(Template)]
#[template(path = "appointments_move.html")]
pub(crate) struct Move {
    pub(crate) page: Page,
    pub(crate) back: String,
    pub(crate) action: String,
    pub(crate) now_at: String,
    pub(crate) week: Week,
    pub(crate) problems: Vec<Problem>,
}

/// The week that is shown.
#[derive(Default, Deserialize)]
pub(crate) struct AskedWeek {
    #[serde(default)]
    pub(crate) semaine: String,
}

/// The page that moves an appointment.
pub(crate) fn moving(
    tx: &mut Tx<'_>,
    page: &Page,
    seen: &Seen,
    (base, whom): (&str, Whom),
    asked: &str,
) -> Result<Move> {
    let persons = usize::try_from(seen.it.persons).unwrap_or(1);
    let days = slots::window(&seen.motive.details.sheet, whom, &seen.now);
    let slots = slots::find(tx, Wanted { motive: &seen.motive, persons, site: None, whom }, days)?;
    let sites = site::sites(tx)?;
    let shown = Shown { page, now: seen.now, sites: &sites };
    let day = asked.parse().ok().unwrap_or_else(|| civil_day(seen.it.span.start(), seen.now.zone));
    Ok(Move {
        back: base.to_owned(),
        action: format!("{base}/deplacer"),
        now_at: page.tr("appointments-now-at", &[("when", seen.when(page).into())]),
        week: shown.week(&slots, Some(day), &format!("{base}/deplacer?")),
        problems: Vec::new(),
        page: page.clone(),
    })
}

pub(super) async fn times(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
    Query(asked): Query<AskedWeek>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let view = commune
        .read(By::VISITOR, move |tx| {
            let seen = Seen::by_link(tx, &link)?;
            if seen.it.state != Stands::Booked {
                return Err(WebError::not_found());
            }
            let base = format!("/rendez-vous/mien/{link}");
            moving(tx, &page, &seen, (&base, Whom::Public), &asked.semaine)
        })
        .await?;
    render(&view)
}

pub(super) async fn move_it(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, HOLD)?;
    let source = holding(&visitor);
    let to = times::read(fields.text("creneau")).ok_or_else(WebError::bad_request)?;
    let known = link.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let seen = Seen::by_link(tx, &known)?;
            // Each move takes a time, and has two people told: it counts as a booking does.
            let moved =
                count(tx, &source).and_then(|()| appointment::move_to(tx, seen.it.id, to, Whom::Public));
            match moved {
                Ok(_) => Ok::<_, WebError>(None),
                Err(BookError::Gone(_)) => {
                    let base = format!("/rendez-vous/mien/{known}");
                    let mut view = moving(tx, &page, &seen, (&base, Whom::Public), "")?;
                    view.problems = Problem::keyed(&page, &[("creneau", "appointments-wrong-gone")]);
                    Ok(Some(view))
                }
                Err(BookError::TooMany) => Err(hoarding(&page)),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to(&format!("/rendez-vous/mien/{link}?fait=deplace")).into_response()),
        Some(view) => render_as(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// The appointment as a file for a calendar (RFC 5545).
pub(super) async fn calendar(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(link): Path<String>,
) -> Result {
    visitor.limit(&app, LOOK)?;
    let seen = commune.read(By::VISITOR, move |tx| Seen::by_link(tx, &link)).await?;
    let lang = page.language();
    let it = &seen.it;
    if !it.state.is_expected() {
        return Err(WebError::not_found());
    }
    let place = [seen.site.resource.details.name.read_in(lang).to_owned(), seen.site.sheet.line()];
    let bring: Vec<String> =
        seen.motive.details.sheet.bring.iter().map(|thing| format!("- {}", thing.read_in(lang))).collect();
    let event = Event {
        uid: format!("{}@beffroi", it.id),
        changed_at: it.changed_at,
        changes: it.changes,
        when: When::Time(it.span),
        summary: seen.motive.details.sheet.name.read_in(lang).to_owned(),
        description: [vec![it.reference.clone()], bring].concat().join("\n"),
        place: place.join(", "),
        url: None,
        status: Status::Confirmed,
        is_private: true,
        is_busy: true,
    };
    let name = page.commune.name.clone();
    let text = ics::write(&ics::Calendar { name: &name, zone: seen.now.zone, events: &[event] });
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rendez-vous.ics\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, text).into_response())
}
