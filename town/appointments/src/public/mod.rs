//! What the public sees: for what one may come, the free times, and one's own appointment behind its secret link.

mod choose;
mod details;
mod list;
mod mine;
mod room;
mod waiting;

pub(crate) use choose::{Filter, Found, count, found, holding, owner, refused, too_many};
pub(crate) use details::{Why, just, told, typed};
pub(crate) use mine::{AskedWeek, Noted, Row, Seen, moving};
pub(crate) use waiting::{Typed as TypedWish, judged as judged_wish};

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::{App, Purpose};

/// A time that is held by somebody online.
pub(crate) const HOLD: Purpose = Purpose { name: "appointment-hold", burst: 30, per_minute: 6 };

/// What is behind a secret link that is looked up: whoever guesses waits.
pub(crate) const LOOK: Purpose = Purpose { name: "appointment-look", burst: 60, per_minute: 30 };

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/rendez-vous", get(list::list))
        .route("/rendez-vous/{slug}", get(choose::choose))
        .route("/rendez-vous/{slug}/reserver", post(choose::hold))
        .route("/rendez-vous/{slug}/attente", get(waiting::blank).post(waiting::make))
        .route("/rendez-vous/attente/{link}", get(waiting::shown))
        .route("/rendez-vous/attente/{link}/retirer", post(waiting::withdraw))
        .route("/rendez-vous/propose/{link}", get(choose::proposed))
        .route("/rendez-vous/salle/{slug}", get(room::room))
        .route("/rendez-vous/mien/{link}", get(mine::shown).post(details::book))
        .route("/rendez-vous/mien/{link}/annuler", post(mine::cancel))
        .route("/rendez-vous/mien/{link}/deplacer", get(mine::times).post(mine::move_it))
        .route("/rendez-vous/mien/{link}/rendez-vous.ics", get(mine::calendar))
}
