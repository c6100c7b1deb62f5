//! What everybody sees: the portal, the sheets of procedures, the form, the follow-up of a request.

mod account;
mod advice;
mod begun;
mod cancelling;
mod case_papers;
mod demo;
mod fetch;
mod holder;
mod lists;
mod paper_form;
mod portal;
mod reach;
mod recovery;
mod request;
mod request_view;
mod saved;
mod search;
mod sheet;
mod sign_in;
mod silence;
mod tracking;
mod tracking_live;
mod tracking_parts;
mod tracking_reversed;
mod tracking_view;
mod upload;
mod vouched;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    middleware::map_response,
    response::Response,
    routing::{get, post},
};
use beffroi_cases::tracking::TrackingCode;
use beffroi_web::App;

use crate::visit::private;

pub(crate) use beffroi_core::calendar::long_moment as when;

pub(crate) use account::titles;
pub(crate) use begun::prefilled;
pub(crate) use case_papers::{acknowledgement_anew, acknowledgement_of, awaits_signed, given, stream};
pub(crate) use holder::{Holder, opened};
pub(crate) use paper_form::LaidOut;
pub(crate) use portal::{LIFE_EVENTS, pdf_answer};
pub(crate) use request_view::{newly_shown, wrong_among};
pub(crate) use sheet::{Begin, elsewhere_of, sheet_of};
pub(crate) use silence::certified;
pub(crate) use upload::{Known, Posted, attach, has_room, keep_named, known_files, receive, take};

pub(crate) fn routes(demo: bool) -> Router<App> {
    let router = Router::new()
        .route("/", get(portal::home))
        .route("/demarches", get(portal::procedures))
        .route("/demarches/{slug}", get(sheet::show))
        .route("/demarches/{slug}/formulaire.pdf", get(paper_form::blank))
        .route("/demarches/{slug}/identification", get(sign_in::show))
        .route("/demarches/{slug}/demande", get(request::begin))
        .route("/demarches/{slug}/demande/recapitulatif", get(request::summary).post(request::send))
        .route("/demarches/{slug}/demande/creneau", get(request::begin).post(request::lengthen))
        .route("/demarches/{slug}/demande/code", get(saved::show).post(saved::mail))
        .route("/demarches/{slug}/demande/abandon", post(request::abandon))
        .route("/demarches/{slug}/demande/{page}", get(request::page).post(request::answer))
        .route("/suivi", get(tracking::show).post(tracking::open))
        .route("/suivi/quitter", post(tracking::leave))
        .route("/suivi/reprendre", post(tracking::resume))
        .route("/suivi/code-perdu", get(recovery::ask).post(recovery::send))
        .route("/suivi/retrouver", get(recovery::show).post(recovery::renew))
        .route("/compte/demarches", get(account::list))
        .route("/compte/demarches/brouillon", post(account::resume))
        .route("/compte/demarches/{case}", get(tracking::own))
        .merge(followed("/suivi"))
        .merge(followed("/compte/demarches/{case}"))
        .merge(by_link())
        .route("/adresses", get(lists::addresses))
        .route("/listes/communes", get(lists::communes))
        .route("/listes/pays", get(lists::countries));
    if demo { router.route("/_demo/courrier", get(demo::mail)) } else { router }
}

/// What opens by its address alone.
fn by_link() -> Router<App> {
    Router::new()
        .route("/consultation/{secret}", get(advice::show).post(advice::answer))
        .route("/consultation/{secret}/documents/{document}", get(advice::document))
        .layer(map_response(async |response| private(response)))
}

/// What whoever holds a request finds under its page.
fn followed(base: &str) -> Router<App> {
    let under = |part: &str| format!("{base}/{part}");
    Router::new()
        .route(&under("flux"), get(tracking_live::changes))
        .route(&under("accuse-de-reception.pdf"), get(case_papers::acknowledgement))
        .route(&under("decision.pdf"), get(case_papers::decision))
        .route(&under("acte-de-retrait.pdf"), get(case_papers::reversal))
        .route(&under("attestation.pdf"), get(silence::certificate))
        .route(&under("motifs"), get(tracking::back).post(silence::ask_reasons))
        .route(&under("documents/{document}"), get(case_papers::document))
        .route(&under("message"), get(tracking::back).post(tracking::message))
        .route(&under("retrait"), get(tracking::back).post(tracking::withdraw))
        .route(&under("annulation"), get(tracking::back).post(cancelling::cancel))
        .route(&under("rendre-dates"), get(tracking::back).post(cancelling::give_back_dates))
}

/// The cookie that holds a case's code while its owner follows it.
pub(crate) const TRACKING_COOKIE: &str = "suivi";
/// Where that cookie is sent.
pub(crate) const TRACKING_PATH: &str = "/suivi";
/// The cookie that holds a draft's code while its owner fills the form in.
pub(crate) const DRAFT_COOKIE: &str = "brouillon";

/// Where a draft's cookie is sent: each procedure has its own.
pub(crate) fn draft_path(slug: &str) -> String {
    format!("/demarches/{slug}/demande")
}

/// Sends a cookie along.
pub(crate) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The code in one of these cookies.
pub(crate) fn code_in(headers: &HeaderMap, cookie: &str) -> Option<TrackingCode> {
    beffroi_web::visitor::cookie(headers, cookie).and_then(TrackingCode::parse)
}
