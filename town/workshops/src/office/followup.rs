//! What advisers know of somebody whom they follow: autonomy by theme, and notes. For the advisers of the department alone.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    clock::{self, capital},
    now::Now,
};
use beffroi_core::Id;
use beffroi_people::{Permit, SignedIn, account, look};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use serde::Deserialize;

use super::registration_of;
use crate::{
    followup::{self, Autonomy, Followup, NOTE_AT_MOST, Theme},
    permission::{self, FollowParticipants},
    public::Seen,
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
    id: String,
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

fn seen(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Seen, Permit<FollowParticipants>)> {
    let seen = registration_of(tx, who, id)?;
    let permit = permission::follows(tx, who, seen.series.department)?;
    Ok((seen, permit))
}

/// All that is read for the page.
struct Read {
    seen: Seen,
    known: Option<Followup>,
    notes: Vec<(String, followup::Note)>,
    now: Now,
}

fn read(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Read> {
    let (seen, permit) = seen(tx, who, id)?;
    let known = followup::of(tx, &permit, seen.series.department, seen.it.participant)?;
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
    Ok(Read { seen, known, notes, now: Now::read(tx)? })
}

fn view(page: Page, read: Read, done: String, typed: String, wrong: &[Wrong]) -> Result {
    let Read { seen, known, notes, now } = read;
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
        id: seen.it.id.to_string(),
        title: seen.it.person.name.clone(),
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

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune
        .write(visitor.by, move |tx| {
            let read = read(tx, &who, &id)?;
            let it = &read.seen.it;
            let (thing, account) = (("registration", it.id.uuid()), it.account.map(Id::from_uuid));
            look::note(tx, &who, "followup.consulted", thing, account)?;
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
pub(super) async fn assess(
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
            let (seen, permit) = seen(tx, &who, &known)?;
            let whom = (seen.it.participant, seen.it.person.name.as_str());
            followup::assess(tx, &permit, seen.series.department, whom, &levels)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/ateliers/inscriptions/{id}/suivi?fait=note")).into_response())
}

/// Adds a note.
pub(super) async fn note(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let text = fields.text("note").to_owned();
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let (typed, known, reader) = (text.clone(), id.clone(), who.clone());
    let fits = !text.is_empty() && text.chars().count() <= NOTE_AT_MOST;
    let by = visitor.by;
    commune
        .write(by, move |tx| {
            let (seen, permit) = seen(tx, &who, &known)?;
            if !fits {
                return Ok(());
            }
            let whom = (seen.it.participant, seen.it.person.name.as_str());
            let (author, request) = (who.account, format!("{known} {text}"));
            let once = idempotency::once(tx, "workshops.note", &key, request.as_bytes(), |tx| {
                followup::note(tx, &permit, seen.series.department, whom, (author, &text))
            })?;
            if matches!(once, Once::Reused) { Err(WebError::conflict()) } else { Ok(()) }
        })
        .await?;
    if fits {
        return Ok(
            Redirect::to(&format!("/agents/ateliers/inscriptions/{id}/suivi?fait=note")).into_response()
        );
    }
    let read = commune.read(by, move |tx| read(tx, &reader, &id)).await?;
    view(page, read, String::new(), typed, &[("note", "workshops-office-wrong-note")])
}

/// Forgets all that is known of somebody.
pub(super) async fn erase(visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let known = id.clone();
    commune
        .write(visitor.by, move |tx| {
            let (seen, permit) = seen(tx, &who, &known)?;
            if let Some(it) = followup::of(tx, &permit, seen.series.department, seen.it.participant)? {
                followup::erase(tx, &permit, it.id)?;
            }
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to(&format!("/agents/ateliers/inscriptions/{id}/suivi?fait=efface")).into_response())
}
