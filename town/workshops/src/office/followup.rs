//! What advisers know of somebody whom they follow: autonomy by theme, and notes. For the advisers of the department alone,
//! from a registration for a workshop or from an appointment.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    clock::{self, capital},
    now::Now,
};
use beffroi_core::Id;
use beffroi_people::{Account, Department, Permit, SignedIn, account, look};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong,
    meeting::Meeting,
    new_idempotency_key,
    page::render_as,
    panel::{Panel, PanelLink},
    personal::Teller,
    render,
};
use serde::Deserialize;
use uuid::Uuid;

use super::registration_of;
use crate::{
    followup::{self, Autonomy, Followup, NOTE_AT_MOST, Theme},
    meeting,
    permission::{self, FollowParticipants},
    registration::Participant,
};

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

struct Question {
    name: String,
    label: String,
    choices: Vec<Choice>,
}

struct Noted {
    who: String,
    when: String,
    text: String,
}

#[derive(Template)]
#[template(path = "workshops_office_followup.html")]
struct View {
    page: Page,
    /// Its own address, and where one came from.
    base: String,
    back: String,
    title: String,
    done: String,
    questions: Vec<Question>,
    notes: Vec<Noted>,
    known: bool,
    typed: String,
    key: String,
    problems: Vec<Problem>,
}

impl View {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Whom a record is of.
pub(super) struct Whom {
    department: Id<Department>,
    name: String,
    /// Who it is; `None` as long as nothing is known of them.
    participant: Option<Id<Participant>>,
    /// Where one came from.
    back: String,
    /// The appointment, where it is one.
    meeting: Option<Meeting>,
    /// What is opened with the record, and whose account it is of: who looked is written down there.
    thing: (&'static str, Uuid),
    account: Option<Id<Account>>,
}

impl Whom {
    /// Who it is, where something is written down of them.
    fn noted(&self, tx: &mut Tx<'_>) -> Result<Id<Participant>> {
        match (self.participant, &self.meeting) {
            (Some(participant), None) => Ok(participant),
            (_, Some(meeting)) => Ok(meeting::noted(tx, meeting)?),
            (None, None) => Err(WebError::not_found()),
        }
    }
}

/// From where somebody is followed up.
pub(super) trait FollowedFrom: Sized + 'static {
    /// What its addresses begin with.
    const ROOT: &'static str;

    /// Whom the thing of an address is of, for an agent who may see it.
    fn whom(tx: &mut Tx<'_>, app: &App, who: &SignedIn, id: &str) -> Result<Whom>;

    /// Where one is led once the record is erased.
    fn erased(id: &str) -> String {
        format!("{}?fait=efface", address::<Self>(id))
    }
}

/// A registration for a workshop.
pub(super) enum OfRegistration {}

/// An appointment, which another service keeps.
pub(super) enum OfMeeting {}

impl FollowedFrom for OfRegistration {
    const ROOT: &'static str = "/agents/ateliers/inscriptions";

    fn whom(tx: &mut Tx<'_>, _: &App, who: &SignedIn, id: &str) -> Result<Whom> {
        let seen = registration_of(tx, who, id)?;
        Ok(Whom {
            department: seen.series.department,
            participant: Some(seen.it.participant),
            back: format!("{}/{}", Self::ROOT, seen.it.id),
            thing: ("registration", seen.it.id.uuid()),
            account: seen.it.account.map(Id::from_uuid),
            name: seen.it.person.name,
            meeting: None,
        })
    }
}

impl FollowedFrom for OfMeeting {
    const ROOT: &'static str = "/agents/ateliers/rendez-vous";

    fn whom(tx: &mut Tx<'_>, app: &App, who: &SignedIn, id: &str) -> Result<Whom> {
        let thing: Uuid = id.parse().map_err(|_| WebError::not_found())?;
        let found = app.meeting(tx, (meeting::KIND, thing), who)?.ok_or_else(WebError::not_found)?;
        Ok(Whom {
            department: found.department,
            name: found.name.clone(),
            participant: meeting::participant(tx, &found)?,
            back: found.href.clone(),
            thing: (meeting::KIND, thing),
            account: None,
            meeting: Some(found),
        })
    }
}

/// The record itself: of somebody whom no registration and no appointment names any more.
pub(super) enum OfRecord {}

impl FollowedFrom for OfRecord {
    const ROOT: &'static str = "/agents/ateliers/suivis";

    fn whom(tx: &mut Tx<'_>, _: &App, _: &SignedIn, id: &str) -> Result<Whom> {
        let id: Id<Followup> = id.parse().map_err(|_| WebError::not_found())?;
        let found = followup::find(tx, id)?.ok_or_else(WebError::not_found)?;
        Ok(Whom {
            department: found.department,
            name: found.name,
            participant: Some(found.participant),
            back: Self::ROOT.to_owned(),
            thing: ("followup", id.uuid()),
            account: None,
            meeting: None,
        })
    }

    fn erased(_: &str) -> String {
        format!("{}?fait=efface", Self::ROOT)
    }
}

/// Where the record is that is reached from a thing.
pub(super) fn address<F: FollowedFrom>(id: &str) -> String {
    format!("{}/{id}/suivi", F::ROOT)
}

fn seen<F: FollowedFrom>(
    tx: &mut Tx<'_>,
    app: &App,
    who: &SignedIn,
    id: &str,
) -> Result<(Whom, Permit<FollowParticipants>)> {
    let whom = F::whom(tx, app, who, id)?;
    let permit = permission::follows(tx, who, whom.department)?;
    Ok((whom, permit))
}

/// What the page of an appointment says of the record, to advisers of its department.
pub(crate) fn panels(
    tx: &mut Tx<'_>,
    found: &Meeting,
    who: &SignedIn,
    teller: Teller<'_>,
) -> beffroi_store::Result<Vec<Panel>> {
    let (kind, thing) = found.thing;
    let permit = match permission::follows(tx, who, found.department) {
        Ok(permit) if kind == meeting::KIND => permit,
        _ => return Ok(Vec::new()),
    };
    let known = match meeting::participant(tx, found)? {
        Some(participant) => followup::of(tx, &permit, found.department, participant)?,
        None => None,
    };
    let (text, link) = match known {
        Some(_) => ("workshops-office-panel-known", "workshops-office-panel-open"),
        None => ("workshops-office-panel-new", "workshops-office-panel-begin"),
    };
    Ok(vec![Panel {
        id: "suivi",
        title: teller.t("workshops-office-followup"),
        lines: vec![teller.t(text)],
        links: vec![PanelLink { href: address::<OfMeeting>(&thing.to_string()), label: teller.t(link) }],
        ..Panel::default()
    }])
}

/// All that is read for the page.
struct Read {
    whom: Whom,
    base: String,
    known: Option<Followup>,
    notes: Vec<(String, followup::Note)>,
    now: Now,
}

fn read<F: FollowedFrom>(tx: &mut Tx<'_>, app: &App, who: &SignedIn, id: &str) -> Result<Read> {
    let (whom, permit) = seen::<F>(tx, app, who, id)?;
    let known = match whom.participant {
        Some(participant) => followup::of(tx, &permit, whom.department, participant)?,
        None => None,
    };
    let notes = match &known {
        Some(known) => followup::notes(tx, &permit, known.id)?,
        None => Vec::new(),
    };
    let agents = account::agents(tx)?;
    let named = |note: followup::Note| {
        let author = agents.iter().find(|agent| agent.id == note.author);
        (author.map(|agent| agent.display_name.clone()).unwrap_or_default(), note)
    };
    let notes = notes.into_iter().map(named).collect();
    Ok(Read { whom, base: address::<F>(id), known, notes, now: Now::read(tx)? })
}

fn view(page: Page, read: Read, done: String, typed: String, wrong: &[Wrong]) -> Result {
    let Read { whom, base, known, notes, now } = read;
    let lang = page.language();
    let levels = known.as_ref().map(|known| known.levels.clone()).unwrap_or_default();
    let question = |theme: &Theme| {
        let choice = |level: &Autonomy| {
            let word = level.as_str();
            let label = page.t(&format!("workshops-office-autonomy-{word}")).to_owned();
            Choice::new(word, &label, levels.get(theme) == Some(level))
        };
        Question {
            name: format!("theme-{}", theme.as_str()),
            label: page.t(&format!("workshops-office-theme-{}", theme.as_str())).to_owned(),
            choices: Autonomy::ALL.iter().map(choice).collect(),
        }
    };
    let noted = |(who, note): (String, followup::Note)| Noted {
        who,
        when: capital(&clock::moment(note.at, now.zone, lang)),
        text: note.text,
    };
    let view = View {
        base,
        back: whom.back,
        title: whom.name,
        done,
        questions: Theme::ALL.iter().map(question).collect(),
        notes: notes.into_iter().map(noted).collect(),
        known: known.is_some(),
        typed,
        key: new_idempotency_key(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn show<F: FollowedFrom>(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune
        .write(visitor.by, move |tx| {
            let read = read::<F>(tx, &app, &who, &id)?;
            look::note(tx, &who, "followup.consulted", read.whom.thing, read.whom.account)?;
            Ok::<_, WebError>(read)
        })
        .await?;
    let done = match asked.fait.as_str() {
        "note" => page.t("workshops-office-done-saved").to_owned(),
        "efface" => page.t("workshops-office-done-erased").to_owned(),
        _ => String::new(),
    };
    view(page, read, done, String::new(), &[])
}

/// Writes down what somebody can do.
pub(super) async fn assess<F: FollowedFrom>(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let level = |theme: &Theme| {
        let level = Autonomy::from_word(fields.text(&format!("theme-{}", theme.as_str())))?;
        Some((*theme, level))
    };
    let levels: BTreeMap<Theme, Autonomy> = Theme::ALL.iter().filter_map(level).collect();
    let known = id.clone();
    commune
        .write(visitor.by, move |tx| {
            let (whom, permit) = seen::<F>(tx, &app, &who, &known)?;
            let of = (whom.noted(tx)?, whom.name.as_str());
            followup::assess(tx, &permit, whom.department, of, &levels)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("{}?fait=note", address::<F>(&id))).into_response())
}

/// Adds a note.
pub(super) async fn note<F: FollowedFrom>(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let text = fields.text("note").to_owned();
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let (typed, known, reader) = (text.clone(), id.clone(), (App::clone(&app), who.clone()));
    let fits = !text.is_empty() && text.chars().count() <= NOTE_AT_MOST;
    let by = visitor.by;
    commune
        .write(by, move |tx| {
            let (whom, permit) = seen::<F>(tx, &app, &who, &known)?;
            if !fits {
                return Ok(());
            }
            let of = (whom.noted(tx)?, whom.name.as_str());
            let (author, request) = (who.account, format!("{known} {text}"));
            let once = idempotency::once(tx, "workshops.note", &key, request.as_bytes(), |tx| {
                followup::note(tx, &permit, whom.department, of, (author, &text))
            })?;
            if matches!(once, Once::Reused) { Err(WebError::conflict()) } else { Ok(()) }
        })
        .await?;
    if fits {
        return Ok(Redirect::to(&format!("{}?fait=note", address::<F>(&id))).into_response());
    }
    let (app, who) = reader;
    let read = commune.read(by, move |tx| read::<F>(tx, &app, &who, &id)).await?;
    view(page, read, String::new(), typed, &[("note", "workshops-office-wrong-note")])
}

/// Forgets all that is known of somebody.
pub(super) async fn erase<F: FollowedFrom>(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let known = id.clone();
    commune
        .write(visitor.by, move |tx| {
            let (whom, permit) = seen::<F>(tx, &app, &who, &known)?;
            let it = match whom.participant {
                Some(participant) => followup::of(tx, &permit, whom.department, participant)?,
                None => None,
            };
            if let Some(it) = it {
                followup::erase(tx, &permit, it.id)?;
            }
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&F::erased(&id)).into_response())
}
