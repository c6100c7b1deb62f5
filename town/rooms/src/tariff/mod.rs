//! What it costs to book a room: what the council has voted, as those who manage rooms write it down, as the public reads
//! it, and the free uses of associations.

mod fill;
mod free;
mod shown;
mod views;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_web::App;

pub(crate) use shown::{Prices, prices};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/salles/{slug}/tarifs", get(views::list).post(views::add))
        .route("/admin/salles/{slug}/tarifs/{id}/supprimer", post(views::remove))
        .route("/admin/gratuites", get(free::show))
}
