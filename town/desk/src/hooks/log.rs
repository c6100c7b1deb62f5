//! One message: what was sent, and what came of each attempt.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_people::Town;
use beffroi_web::{Page, Result, WebError, render};
use beffroi_webhooks::{self as webhooks, Delivery, Endpoint};

use super::{administrator, pages::delivery_state};
use crate::{public::when, visit::Visit};

struct Line {
    when: String,
    status: String,
    took: String,
    answer: String,
}

#[derive(Template)]
#[template(path = "hooks/delivery.html")]
struct DeliveryPage {
    page: Page,
    base: String,
    address: String,
    event: String,
    message: String,
    body: String,
    look: &'static str,
    state: String,
    lines: Vec<Line>,
}

fn named(endpoint: &str, delivery: &str) -> Result<(Id<Endpoint>, Id<Delivery>)> {
    match (endpoint.parse(), delivery.parse()) {
        (Ok(endpoint), Ok(delivery)) => Ok((endpoint, delivery)),
        _ => Err(WebError::not_found()),
    }
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((endpoint, delivery)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let (to, id) = named(&endpoint, &delivery)?;
    let (found, attempts, zone) = commune
        .read(visitor.by, move |tx| {
            administrator(tx, &who)?;
            let found = webhooks::find(tx, id)?.filter(|found| found.endpoint == to);
            let found = found.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((found, webhooks::attempts(tx, id)?, Town::load(tx)?.zone()))
        })
        .await?;
    let lines = attempts
        .into_iter()
        .map(|attempt| Line {
            when: when(attempt.at, zone, page.language()),
            status: attempt.status.map_or_else(|| "–".to_owned(), |status| status.to_string()),
            took: format!("{}\u{a0}ms", attempt.took_millis),
            answer: match attempt.status {
                Some(_) => attempt.answer,
                None => page.t(&format!("office-hook-fault-{}", attempt.answer)).to_owned(),
            },
        })
        .collect();
    let (look, state) = delivery_state(&page, &found, zone);
    let base = format!("/admin/webhooks/{to}");
    let body = serde_json::from_str::<serde_json::Value>(&found.body)
        .and_then(|body| serde_json::to_string_pretty(&body))
        .unwrap_or(found.body);
    render(&DeliveryPage {
        address: format!("{base}/envois/{id}"),
        base,
        event: found.event,
        message: found.message,
        body,
        look,
        state,
        lines,
        page,
    })
}

pub(super) async fn again(
    Visit { commune, visitor, .. }: Visit,
    Path((endpoint, delivery)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let (to, id) = named(&endpoint, &delivery)?;
    commune
        .write(visitor.by, move |tx| {
            let permit = administrator(tx, &who)?;
            let found = webhooks::find(tx, id)?.filter(|found| found.endpoint == to);
            found.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(webhooks::again(tx, &permit, id)?)
        })
        .await?;
    Ok(Redirect::to(&format!("/admin/webhooks/{to}?fait=renvoi")).into_response())
}
