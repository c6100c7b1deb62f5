//! PayFiP's door: it says that there is something to ask for. It only rings: nothing of what it brings is believed but
//! the name of an attempt, and whoever else rings learns nothing.

use axum::{body::Bytes, http::StatusCode, response::IntoResponse};
use beffroi_web::{CommuneOf, Result};

/// Where it is.
pub(super) const PATH: &str = "/paiements/payfip/avis";

/// Takes a notification. The answer is the same whether the attempt is known or not, and comes at once: a job asks.
pub(super) async fn hear(commune: CommuneOf, body: Bytes) -> Result {
    // It is not known to us how the name is written: eopayment's sources have both.
    let named =
        url::form_urlencoded::parse(&body).take(20).find(|(name, _)| name.eq_ignore_ascii_case("idop"));
    if let Some((_, token)) = named {
        beffroi_payments::hear(&commune, &token).await?;
    }
    Ok((StatusCode::OK, "OK").into_response())
}
