//! Steps of cases, as agents meet them: the page of a case’s steps, opinions and tasks, the page of what one has to do,
//! the way of a procedure as a picture, and what is done by itself every hour.

pub(crate) mod asked;
mod case_page;
mod case_rows;
mod commands;
pub(crate) mod diagram;
mod engine;
mod found;
mod posts;
mod procedure_page;
mod round;
pub(crate) mod share;
mod tasks_page;
pub(crate) mod transferred;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) use commands::STEP_FILES;
pub(crate) use engine::{Beside, Course, Hindrance};
pub(crate) use round::sweep;
pub(crate) use tasks_page::finished;

/// The addresses of this room.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/dossiers/{id}/etapes", get(case_page::show))
        .route("/agents/dossiers/{id}/etapes/{action}", post(posts::act))
        .route("/agents/dossiers/{id}/etapes/documents/{document}", get(case_page::document))
        .route("/agents/taches", get(tasks_page::show))
        .route("/agents/taches/{id}", post(tasks_page::act))
        .route("/agents/avis/{id}", get(asked::show).post(asked::answer))
        .route("/agents/avis/{id}/documents/{document}", get(asked::document))
        .route("/agents/demarches/{slug}/etapes", get(procedure_page::show))
}

impl Hindrance {
    /// The key of what is said to whoever asked.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Overtaken => "office-overtaken",
            Self::NotOffered => "office-steps-not-offered",
            Self::NotYours => "office-steps-not-yours",
            Self::NoAddress => "office-steps-no-address",
            Self::NoDepartment => "office-steps-no-department",
            Self::Sealed => "office-steps-sealed",
            Self::NobodySigns => "office-nobody-signs",
            Self::Granted => "office-silence-granted-already",
        }
    }
}
