//! The desk for programs: the same procedures, the same checks, the same receipt (OpenAPI 3.1 at
//! `/api/v1/openapi.json`).

mod advice;
mod agents;
mod appointments;
mod batch;
mod body;
mod daily;
mod deposit;
mod documents;
mod exports;
mod figures;
mod handling;
mod hooks;
mod keeping;
mod labels;
mod letters;
mod mail;
mod mandates;
mod model;
mod payment;
mod persons;
mod procedures;
mod replies;
mod reversal;
mod steps;

use axum::{
    Router,
    routing::{delete, get, post, put},
};
use beffroi_web::App;
use utoipa::OpenApi;

use crate::figures::open_data;

/// The desk's part of the description of the API.
#[derive(OpenApi)]
#[openapi(paths(
    procedures::list,
    procedures::read,
    documents::upload,
    deposit::deposit,
    deposit::follow,
    deposit::acknowledgement,
    deposit::document,
    agents::list,
    agents::one,
    agents::message,
    agents::request_documents,
    agents::reach_step,
    agents::decide,
    reversal::read,
    reversal::ask,
    reversal::act,
    handling::take_up,
    handling::assign,
    handling::route,
    handling::note,
    handling::record_arrival,
    handling::explain,
    handling::archive,
    handling::list_documents,
    handling::document,
    open_data::volumes_json,
    open_data::volumes_csv,
    open_data::procedures,
    steps::read,
    steps::fill,
    steps::press,
    steps::give,
    steps::done,
    steps::transfer_out,
    steps::transfer_receipt,
    advice::ask,
    advice::cancel,
    advice::remind,
    advice::answer,
    appointments::list,
    appointments::propose,
    appointments::withdraw,
    labels::list,
    labels::stick,
    labels::peel,
    labels::replies,
    replies::make_label,
    replies::change_label,
    replies::remove_label,
    replies::make_reply,
    replies::change_reply,
    replies::remove_reply,
    keeping::due,
    keeping::keep,
    keeping::slips,
    keeping::visa,
    letters::list,
    letters::paper,
    letters::post,
    letters::take_back,
    figures::read,
    batch::act,
    daily::list_views,
    daily::keep_view,
    daily::forget_view,
    daily::list_absences,
    daily::declare_absence,
    daily::cancel_absence,
    daily::workload,
    daily::set_rule,
    persons::search,
    persons::one,
    persons::open_visit,
    persons::end_visit,
    mandates::list,
    mandates::search,
    mandates::one,
    mandates::record,
    mandates::answer,
    mail::list,
    mail::one,
    mail::document,
    mail::join,
    mail::route,
    mail::set_aside,
    exports::list,
    exports::order,
    exports::file,
    hooks::list,
    hooks::deliveries,
    hooks::again,
    hooks::replay,
))]
struct Description;

/// What programs may ask of the desk.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/procedures", get(procedures::list))
        .route("/api/v1/procedures/{slug}", get(procedures::read))
        .route("/api/v1/procedures/{slug}/cases", post(deposit::deposit))
        .route("/api/v1/uploads", post(documents::upload))
        .route("/api/v1/cases/{reference}", get(deposit::follow))
        .route("/api/v1/cases/{reference}/acknowledgement.pdf", get(deposit::acknowledgement))
        .route("/api/v1/cases/{reference}/documents/{document}", get(deposit::document))
        .route("/api/v1/agent/cases", get(agents::list))
        .route("/api/v1/agent/cases/{id}", get(agents::one))
        .route("/api/v1/agent/cases/{id}/messages", post(agents::message))
        .route("/api/v1/agent/cases/{id}/document-requests", post(agents::request_documents))
        .route("/api/v1/agent/cases/{id}/step", post(agents::reach_step))
        .route("/api/v1/agent/cases/{id}/decision", post(agents::decide))
        .route("/api/v1/agent/cases/{id}/reversal", get(reversal::read).post(reversal::act))
        .route("/api/v1/agent/cases/{id}/observation-requests", post(reversal::ask))
        .route("/api/v1/agent/cases/{id}/take-up", post(handling::take_up))
        .route("/api/v1/agent/cases/{id}/assignee", post(handling::assign))
        .route("/api/v1/agent/cases/{id}/department", post(handling::route))
        .route("/api/v1/agent/cases/{id}/notes", post(handling::note))
        .route("/api/v1/agent/cases/{id}/document-arrivals", post(handling::record_arrival))
        .route("/api/v1/agent/cases/{id}/reasons", post(handling::explain))
        .route("/api/v1/agent/cases/{id}/archive", post(handling::archive))
        .route("/api/v1/agent/cases/{id}/documents", get(handling::list_documents))
        .route("/api/v1/agent/cases/{id}/documents/{document}", get(handling::document))
        .route("/api/v1/agent/cases/{id}/steps", get(steps::read))
        .route("/api/v1/agent/cases/{id}/steps/{step}", post(steps::fill))
        .route("/api/v1/agent/cases/{id}/actions/{action}", post(steps::press))
        .route("/api/v1/agent/cases/{id}/tasks", post(steps::give))
        .route("/api/v1/agent/cases/{id}/transfer-out", post(steps::transfer_out))
        .route("/api/v1/agent/cases/{id}/transfer-receipt", post(steps::transfer_receipt))
        .route("/api/v1/agent/cases/{id}/opinions", post(advice::ask))
        .route("/api/v1/agent/cases/{id}/opinions/{opinion}/cancellation", post(advice::cancel))
        .route("/api/v1/agent/cases/{id}/opinions/{opinion}/reminder", post(advice::remind))
        .route("/api/v1/agent/cases/{id}/appointments", get(appointments::list))
        .route("/api/v1/agent/cases/{id}/appointment-proposals", post(appointments::propose))
        .route(
            "/api/v1/agent/cases/{id}/appointment-proposals/{proposal}/withdrawal",
            post(appointments::withdraw),
        )
        .route("/api/v1/agent/cases/{id}/labels/{label}", put(labels::stick).delete(labels::peel))
        .route("/api/v1/agent/figures", get(figures::read))
        .route("/api/v1/agent/opinions/{id}", post(advice::answer))
        .route("/api/v1/agent/tasks/{id}/done", post(steps::done))
        .route("/api/v1/agent/case-batches", post(batch::act))
        .route("/api/v1/agent/cases/{id}/retention", post(keeping::keep))
        .merge(tools())
        .merge(reception())
}

/// The agents' own tools, and what they take out of the house.
fn tools() -> Router<App> {
    Router::new()
        .route("/api/v1/agent/labels", get(labels::list).post(replies::make_label))
        .route("/api/v1/agent/labels/{id}", put(replies::change_label).delete(replies::remove_label))
        .route("/api/v1/agent/reply-templates", get(labels::replies).post(replies::make_reply))
        .route("/api/v1/agent/reply-templates/{id}", put(replies::change_reply).delete(replies::remove_reply))
        .route("/api/v1/agent/retentions", get(keeping::due))
        .route("/api/v1/agent/archive-slips", get(keeping::slips))
        .route("/api/v1/agent/archive-slips/{id}/visa", post(keeping::visa))
        .route("/api/v1/agent/letters", get(letters::list))
        .route("/api/v1/agent/letters/{id}", get(letters::paper))
        .route("/api/v1/agent/letter-postings", post(letters::post))
        .route("/api/v1/agent/letter-postings/{id}", delete(letters::take_back))
        .route("/api/v1/agent/views", get(daily::list_views).post(daily::keep_view))
        .route("/api/v1/agent/views/{id}", delete(daily::forget_view))
        .route("/api/v1/agent/absences", get(daily::list_absences).post(daily::declare_absence))
        .route("/api/v1/agent/absences/{id}", delete(daily::cancel_absence))
        .route("/api/v1/agent/workload", get(daily::workload))
        .route("/api/v1/agent/workload/{department}/rule", put(daily::set_rule))
        .route("/api/v1/agent/exports", get(exports::list).post(exports::order))
        .route("/api/v1/agent/exports/{id}/{file}", get(exports::file))
        .route("/api/v1/agent/webhooks", get(hooks::list))
        .route("/api/v1/agent/webhooks/{id}/deliveries", get(hooks::deliveries))
        .route("/api/v1/agent/webhooks/{id}/deliveries/{delivery}/again", post(hooks::again))
        .route("/api/v1/agent/webhooks/{id}/replays", post(hooks::replay))
}

/// Who comes to the counter, by whom they are helped, and what arrives by mail.
fn reception() -> Router<App> {
    Router::new()
        .route("/api/v1/agent/person-searches", post(persons::search))
        .route("/api/v1/agent/persons/{id}", get(persons::one))
        .route("/api/v1/agent/visits", post(persons::open_visit))
        .route("/api/v1/agent/visits/{id}", delete(persons::end_visit))
        .route("/api/v1/agent/mandates", get(mandates::list).post(mandates::record))
        .route("/api/v1/agent/mandate-searches", post(mandates::search))
        .route("/api/v1/agent/mandates/{id}", get(mandates::one))
        .route("/api/v1/agent/mandates/{id}/answers", post(mandates::answer))
        .route("/api/v1/agent/mail", get(mail::list))
        .route("/api/v1/agent/mail/{id}", get(mail::one))
        .route("/api/v1/agent/mail/{id}/documents/{document}", get(mail::document))
        .route("/api/v1/agent/mail/{id}/case", post(mail::join))
        .route("/api/v1/agent/mail/{id}/department", post(mail::route))
        .route("/api/v1/agent/mail/{id}/setting-aside", post(mail::set_aside))
}
