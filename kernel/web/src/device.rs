//! A device that signs in with each request, by its own password (HTTP Basic, RFC 7617). It has no session and no cookie.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use beffroi_people::{device, session};
use beffroi_store::{By, StoreError};

use crate::{App, CommuneOf, Purpose, Visitor, WebError, failure::Verbatim, visitor::Arrival};

/// Bytes of what a device shows, at most.
const SHOWN_AT_MOST: usize = 700;
const ASKS: &str = "Basic realm=\"Beffroi\", charset=\"UTF-8\"";

/// Whoever's device asks. Others are told 401; those who guess wait.
#[derive(Clone, Debug)]
pub struct Device(pub Visitor);

impl FromRequestParts<App> for Device {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let refused = |error: WebError| error.into_response();
        let arrival =
            parts.extensions.get::<Arrival>().ok_or_else(|| refused(WebError::not_found()))?.clone();
        let commune = CommuneOf::from_request_parts(parts, app).await.map_err(refused)?;
        let Some((email, password)) = shown(&parts.headers) else { return Err(unknown()) };
        let find = commune.glance(By::VISITOR, move |tx| device::find(tx, &email, &password));
        let found: Result<_, StoreError> = find.await;
        let Some(who) = found.map_err(|error| refused(error.into()))? else {
            app.limits.take(Purpose::SIGN_IN, arrival.source).map_err(refused)?;
            return Err(unknown());
        };
        let visitor = Visitor::by_device(arrival, who.clone());
        if who.touch_due {
            let touched: Result<_, StoreError> =
                commune.write(visitor.by, move |tx| session::touch(tx, &who)).await;
            if let Err(error) = touched {
                tracing::warn!(%error, "a device's use was not written down");
            }
        }
        Ok(Self(visitor))
    }
}

fn unknown() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(ASKS));
    response.extensions_mut().insert(Verbatim);
    response
}

/// The name and the password that are shown.
fn shown(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, shown) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || shown.len() > SHOWN_AT_MOST {
        return None;
    }
    let shown = String::from_utf8(BASE64_STANDARD.decode(shown.trim()).ok()?).ok()?;
    let (name, password) = shown.split_once(':')?;
    // No database keeps that sign.
    let fits = !name.contains('\0') && !password.contains('\0');
    fits.then(|| (name.to_owned(), password.to_owned()))
}
