//! What somebody takes along, and how they leave: a copy of everything, and the end of the account.

mod archive;
mod closing;
mod contribution;
mod copies;
mod sweep;

use std::sync::{Arc, OnceLock, Weak};

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_people::session;
use beffroi_web::{App, CommuneOf, FormPost, House, Result, Visitor};

use crate::{back::with_back, own::member};

pub use closing::FarewellHandler;
pub use contribution::personal_data;
pub use copies::ExportHandler;
pub use sweep::hourly;

/// The house, once it is put together: background work asks its services.
pub type Housed = Arc<OnceLock<Weak<House>>>;

/// The house, if it stands.
fn standing(house: &Housed) -> Option<App> {
    house.get().and_then(Weak::upgrade)
}

pub fn routes() -> Router<App> {
    Router::new()
        .route("/mon-compte/export", get(copies::show).post(copies::ask))
        .route("/mon-compte/export/{export}", get(copies::take))
        .route("/mon-compte/fermeture", get(closing::show).post(closing::close))
        .route("/compte-ferme", get(closing::show_link).post(closing::reopen))
        .route("/mon-compte/de-nouveau", post(again))
}

/// Ends this session, and leads to the door and back: who has just signed in is known to be who they are.
async fn again(visitor: Visitor, commune: CommuneOf, form: FormPost) -> Result<Response> {
    let (who, session) = member(&visitor)?;
    let account = who.account;
    commune.write(visitor.by, move |tx| session::close(tx, account, session)).await?;
    let mut response = Redirect::to(&with_back("/connexion", form.text("retour"))).into_response();
    response.headers_mut().append(header::SET_COOKIE, visitor.end_cookie()?);
    Ok(response)
}
