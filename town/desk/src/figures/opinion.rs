//! What requesters think of how they were served: asked in two clicks after the decision, in the mail and on the page of
//! the request, or by the code of a paper. The first click opens a page with the choice made, which asks to confirm it:
//! programs that look into mails do not vote.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError,
    case::Case,
    opinion::{self, LONGEST_COMMENT, Satisfaction, Token},
};
use beffroi_core::{Id, Lang};
use beffroi_notify::messages;
use beffroi_store::{By, Commune, StoreError, Tx};
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as};
use serde::Deserialize;

use crate::{
    problem::Problem,
    public::Holder,
    visit::{Visit, case_error},
};

/// What the mail of a decision asks at its end; `""` where it was asked before. Blocks.
///
/// # Errors
/// Those of the store.
pub(crate) fn ask(commune: &Commune, case: Id<Case>, lang: Lang, origin: &str) -> Result<String, StoreError> {
    let origin = origin.to_owned();
    commune.write_blocking(By::SYSTEM, move |tx| ask_in(tx, case, lang, &origin))
}

/// The same, within a transaction.
///
/// # Errors
/// Those of the store.
pub(crate) fn ask_in(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    lang: Lang,
    origin: &str,
) -> Result<String, StoreError> {
    let token = Token::draw(tx);
    let token = opinion::invite(tx, case, &token)?.then_some(token);
    Ok(token.map_or_else(String::new, |token| {
        let link = |it: Satisfaction| format!("{origin}/avis/{}?note={}", token.reveal(), it.as_str());
        messages::opinion_asked(lang, &[Satisfaction::Good, Satisfaction::Fair, Satisfaction::Poor].map(link))
    }))
}

#[derive(Default, Deserialize)]
pub(super) struct Clicked {
    /// The answer whose link was followed.
    #[serde(default)]
    note: String,
    /// It was just given.
    #[serde(default)]
    fait: String,
}

struct Face {
    value: &'static str,
    id: String,
    label: String,
    chosen: bool,
    /// The mouth, as the path of a drawing.
    mouth: &'static str,
}

/// The mouths of the faces, the best first.
const MOUTHS: [&str; 3] = ["M10 19q6 6 12 0", "M10 21h12", "M10 23q6-6 12 0"];

#[derive(Template)]
#[template(path = "figures/opinion.html")]
struct OpinionPage {
    page: Page,
    action: String,
    title: String,
    /// The answer whose link was followed, in words: it is still to be confirmed.
    clicked: String,
    faces: Vec<Face>,
    comment: String,
    given: bool,
    thanks: bool,
    problems: Vec<Problem>,
}

impl OpinionPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Who may give an opinion, and where the page is.
#[derive(Clone, Debug)]
enum Asked {
    Link(Token),
    Holder(Holder),
}

impl Asked {
    fn of(token: &str) -> Result<Self> {
        Token::parse(token).map(Self::Link).ok_or_else(WebError::not_found)
    }

    fn address(&self) -> String {
        match self {
            Self::Link(token) => format!("/avis/{}", token.reveal()),
            Self::Holder(holder) => format!("{}/avis", holder.base()),
        }
    }

    fn case(&self, tx: &mut Tx<'_>) -> Result<Case> {
        match self {
            Self::Link(token) => {
                opinion::invited(tx, token).map_err(case_error)?.ok_or_else(WebError::not_found)
            }
            Self::Holder(holder) => crate::public::opened(tx, holder),
        }
    }
}

/// What was answered, as far as it goes.
#[derive(Default)]
struct Typed {
    satisfaction: String,
    comment: String,
    thanks: bool,
    problems: Vec<Problem>,
}

pub(super) async fn by_link(
    visit: Visit,
    Path(token): Path<String>,
    Query(clicked): Query<Clicked>,
) -> Result {
    // Links and codes may be guessed at; nobody guesses so many bits, but they may try quietly elsewhere.
    visit.visitor.limit(&visit.app, Purpose::TRACKING)?;
    let typed = Typed { satisfaction: clicked.note, thanks: !clicked.fait.is_empty(), ..Typed::default() };
    show(visit, Asked::of(&token)?, typed).await
}

pub(super) async fn by_holder(visit: Visit, holder: Holder, Query(clicked): Query<Clicked>) -> Result {
    let typed = Typed { satisfaction: clicked.note, thanks: !clicked.fait.is_empty(), ..Typed::default() };
    show(visit, Asked::Holder(holder), typed).await
}

async fn show(Visit { desk, commune, page, .. }: Visit, asked: Asked, typed: Typed) -> Result {
    let (lang, action) = (page.language(), asked.address());
    let (title, given) = commune
        .read(By::VISITOR, move |tx| {
            let case = asked.case(tx)?;
            // Before the decision there is nothing to ask.
            if case.state.is_open()
                && beffroi_cases::silence::of_case(tx, case.id).map_err(case_error)?.is_none()
            {
                return Err(WebError::not_found());
            }
            let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let form = form.ok_or_else(WebError::not_found)?;
            let given = opinion::is_given(tx, case.id)?;
            Ok::<_, WebError>((form.procedure().title.text(lang).to_owned(), given))
        })
        .await?;
    let face = |(rank, (it, mouth)): (usize, (&Satisfaction, &'static str))| Face {
        value: it.as_str(),
        id: if rank == 0 { "note".to_owned() } else { format!("note-{rank}") },
        label: page.t(&format!("desk-opinion-{}", it.as_str())).to_owned(),
        chosen: typed.satisfaction == it.as_str(),
        mouth,
    };
    let clicked = Satisfaction::from_word(&typed.satisfaction).filter(|_| typed.problems.is_empty());
    let clicked = clicked.map(|it| page.t(&format!("desk-opinion-{}", it.as_str())).to_owned());
    let clicked = clicked.unwrap_or_default();
    let faces = Satisfaction::ALL.iter().zip(MOUTHS).enumerate().map(face).collect();
    let status = if typed.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(
        status,
        &OpinionPage {
            action,
            clicked,
            title,
            faces,
            comment: typed.comment,
            given,
            thanks: typed.thanks,
            problems: typed.problems,
            page,
        },
    )
}

pub(super) async fn give_by_link(visit: Visit, Path(token): Path<String>, form: FormPost) -> Result {
    give(visit, Asked::of(&token)?, form).await
}

pub(super) async fn give_by_holder(visit: Visit, holder: Holder, form: FormPost) -> Result {
    give(visit, Asked::Holder(holder), form).await
}

async fn give(visit: Visit, asked: Asked, form: FormPost) -> Result {
    visit.visitor.limit(&visit.app, Purpose::SUBMIT)?;
    let typed = Typed {
        satisfaction: form.text("note").to_owned(),
        comment: form.text("comment").to_owned(),
        ..Typed::default()
    };
    let wrong = |field: &str, message: &str, typed: Typed| Typed {
        problems: Problem::alone(field, message),
        ..typed
    };
    let Some(satisfaction) = Satisfaction::from_word(&typed.satisfaction) else {
        let message = visit.page.t("desk-opinion-missing").to_owned();
        return show(visit, asked, wrong("note", &message, typed)).await;
    };
    let (key, comment) = (asked.clone(), typed.comment.clone());
    // Whoever is signed in is not named: the journal must not tell who said what.
    let done = visit.commune.write(By::VISITOR, move |tx| {
        let case = key.case(tx).map_err(Told::Web)?;
        opinion::give(tx, &case, satisfaction, &comment).map_err(Told::Case)
    });
    match done.await {
        // A second click finds the first one's thanks.
        Ok(_) => Ok(Redirect::to(&format!("{}?fait=1", asked.address())).into_response()),
        Err(Told::Case(CaseError::Text(_))) => {
            let limit = i64::try_from(LONGEST_COMMENT).unwrap_or(i64::MAX);
            let message = visit.page.tr("desk-message-long", &[("limit", limit.into())]);
            show(visit, asked, wrong("comment", &message, typed)).await
        }
        Err(Told::Case(error)) => Err(case_error(error)),
        Err(Told::Web(error)) => Err(error),
    }
}

/// Why an opinion was not kept.
enum Told {
    Case(CaseError),
    Web(WebError),
}

impl From<StoreError> for Told {
    fn from(error: StoreError) -> Self {
        Self::Case(error.into())
    }
}
