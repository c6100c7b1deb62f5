//! Writes a failure for whoever asked: a page in their language, or an RFC 9457 problem document.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::{App, CommuneOf, Page, Visitor, WebError, lent::Kept, visitor::Arrival};

/// The longest text of a framework's refusal that is passed on to a program.
const DETAIL_AT_MOST: usize = 2_000;

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage {
    page: Page,
    title: String,
    text: String,
    request_id: String,
    ours: bool,
}

#[derive(Template)]
#[template(path = "pages/kept.html")]
struct KeptPage {
    page: Page,
    action: String,
    fields: Vec<(String, String)>,
    texts: Vec<String>,
    with_files: bool,
}

/// Controls whose content is shown to nobody, not even again to whoever typed it.
const SECRET: [&str; 3] = ["password", "present", "code"];

/// The statuses that have a text of their own; others borrow the nearest.
const fn worded(status: StatusCode) -> u16 {
    match status.as_u16() {
        code @ (400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503) => code,
        405 => 404,
        408 => 503,
        415 => 422,
        code if code < 500 => 400,
        _ => 500,
    }
}

/// Marks a refusal that is to be sent as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verbatim;

/// Whether an answer is a refusal that has no page yet: ours, or the framework's bare text.
pub(crate) fn is_bare(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status().as_u16() >= 400
        && response.extensions().get::<Verbatim>().is_none()
        && (response.extensions().get::<WebError>().is_some()
            || kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")))
}

/// Puts the page or the problem document in place of a bare refusal.
pub(crate) async fn write(
    app: &App,
    arrival: &Arrival,
    commune: Option<&CommuneOf>,
    response: Response,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut error = parts.extensions.remove::<WebError>().unwrap_or(WebError::status(parts.status));
    if error.public.is_none() && arrival.api && parts.status.is_client_error() {
        error.public = said_by_framework(body).await;
    }
    log(arrival, commune, &error);
    let mut written = match parts.extensions.remove::<Kept>() {
        _ if arrival.wants_json => problem(app, arrival, &error),
        Some(kept) => handed_back(app, arrival, commune, kept),
        None if error.status == StatusCode::UNAUTHORIZED => return to_sign_in(arrival),
        None => page(app, arrival, commune, &error).await,
    };
    let headers = written.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for name in [header::ALLOW, header::SET_COOKIE] {
        for value in parts.headers.get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if let Some(wait) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if error.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    written
}

/// The page keeps its reader's menu and account: whoever lost their way is still signed in.
async fn page(app: &App, arrival: &Arrival, commune: Option<&CommuneOf>, error: &WebError) -> Response {
    let visitor = match commune {
        Some(commune) => Some(Visitor::of_failure(commune, arrival).await),
        None => None,
    };
    let page = Page::new(app, arrival.lang, Some(arrival), commune, visitor.as_ref()).in_place_of(arrival);
    let code = worded(error.status);
    let title = page.t(&format!("error-{code}-title")).to_owned();
    let text = match &error.public {
        Some(public) => public.clone(),
        None => page.t(&format!("error-{code}-text")).to_owned(),
    };
    let request_id = arrival.request_id.clone();
    let ours = error.status.is_server_error();
    match (ErrorPage { page, title, text, request_id, ours }).render() {
        Ok(html) => {
            (error.status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
        }
        Err(fault) => {
            tracing::error!(%fault, "the error page could not be written");
            error.status.into_response()
        }
    }
}

/// What was typed, to be sent again after signing in elsewhere.
fn handed_back(app: &App, arrival: &Arrival, commune: Option<&CommuneOf>, kept: Kept) -> Response {
    let page = Page::new(app, arrival.lang, Some(arrival), commune, None);
    let fields = kept.post.pairs().iter().filter(|(name, _)| !SECRET.contains(&name.as_str()));
    let fields: Vec<_> = fields.cloned().collect();
    let is_text = |value: &&String| value.trim().contains(char::is_whitespace);
    let texts = fields.iter().map(|(_, value)| value).filter(is_text).cloned().collect();
    let (action, with_files) = (kept.action, kept.with_files);
    match (KeptPage { page, action, fields, texts, with_files }).render() {
        Ok(html) => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::UNAUTHORIZED, kind, html).into_response()
        }
        Err(fault) => {
            tracing::error!(%fault, "what was typed could not be handed back");
            to_sign_in(arrival)
        }
    }
}

fn problem(app: &App, arrival: &Arrival, error: &WebError) -> Response {
    let code = worded(error.status);
    let usual = format!("error-{code}-text");
    let mut document = json!({
        "type": "about:blank",
        "title": app.l10n.get(arrival.lang, &format!("error-{code}-title")),
        "status": error.status.as_u16(),
        "detail": error.public.as_deref().unwrap_or_else(|| app.l10n.get(arrival.lang, &usual)),
        "request_id": arrival.request_id,
    });
    if let (false, Some(members)) = (error.fields.is_empty(), document.as_object_mut()) {
        members.insert("errors".to_owned(), json!(error.fields));
    }
    (error.status, [(header::CONTENT_TYPE, "application/problem+json")], document.to_string()).into_response()
}

/// To the sign-in page, and back to this one after.
fn to_sign_in(arrival: &Arrival) -> Response {
    let back = utf8_percent_encode(&arrival.target, NON_ALPHANUMERIC);
    let target = format!("/connexion?retour={back}");
    let cache = (header::CACHE_CONTROL, "no-store".to_owned());
    (StatusCode::SEE_OTHER, [(header::LOCATION, target), cache]).into_response()
}

/// What axum says of a body that it could not read: which member, which line. It tells nothing of ours.
async fn said_by_framework(body: Body) -> Option<String> {
    let bytes = axum::body::to_bytes(body, DETAIL_AT_MOST).await.ok()?;
    String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.trim().is_empty())
}

fn log(arrival: &Arrival, commune: Option<&CommuneOf>, error: &WebError) {
    let id = arrival.request_id.as_str();
    let commune = commune.map_or("", |commune| commune.slug());
    let (status, reason) = (error.status.as_u16(), error.log.as_deref().unwrap_or_default());
    if error.status.is_server_error() {
        tracing::error!(id, commune, status, reason, "failed");
    } else if !reason.is_empty() {
        tracing::info!(id, commune, status, reason, "refused");
    }
}
