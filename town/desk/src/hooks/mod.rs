//! Webhooks: what other programs are told of cases and procedures, and the pages on which an administrator says to whom, of
//! whatever the services of the house have to tell.

mod log;
mod pages;
mod source;

use std::collections::BTreeSet;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_people::{
    Permit, Refused, SignedIn,
    permission::{ManageWebhooks, permit},
};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError};

pub use source::DeskEvents;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/webhooks", get(pages::list))
        .route("/admin/webhooks/nouveau", get(pages::blank).post(pages::create))
        .route("/admin/webhooks/{id}", get(pages::show).post(pages::change))
        .route("/admin/webhooks/{id}/suppression", get(pages::sure).post(pages::remove))
        .route("/admin/webhooks/{id}/action/{action}", post(pages::act))
        .route("/admin/webhooks/{id}/envois/{delivery}", get(log::show).post(log::again))
}

/// The permit of an administrator; whoever is none is not told that there are such pages.
pub(crate) fn administrator(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageWebhooks>> {
    permit::<ManageWebhooks>(tx, who, None).map_err(|refused| match refused {
        Refused::NotPermitted(_) => WebError::not_found().log(refused),
        other => other.into(),
    })
}

/// The part of an address that pages and mails show: what follows may be a key.
pub(crate) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

/// The names of the events in the order of the page: by their first word.
fn sorted(names: &[&'static str]) -> BTreeSet<&'static str> {
    names.iter().copied().collect()
}
