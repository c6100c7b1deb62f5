//! « Être prévenu aussi par SMS », in one's own space. Where the town sends no text message there is no such page.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::sms::mobile;
use beffroi_forms::spaced_phone;
use beffroi_sms as sms;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::{
    proof::{self, Came},
    wish,
};
use crate::{problem::Problem, visit::Visit};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    fait: String,
}

#[derive(Template)]
#[template(path = "texting/own.html")]
struct Own {
    page: Page,
    phone: String,
    wished: bool,
    /// The number whose code was sent; `""` where none waits.
    waiting: String,
    done: String,
    problems: Vec<Problem>,
}

impl Own {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What is known of somebody's number.
struct Found {
    kept: Option<String>,
    /// The number whose code was sent.
    waiting: Option<String>,
    /// Whether numbers of other countries are written to.
    abroad: bool,
}

impl Found {
    fn shown(self, page: Page, problems: Vec<Problem>) -> Own {
        let spaced = |phone: Option<String>| phone.map(|phone| spaced_phone(&phone)).unwrap_or_default();
        Own {
            wished: self.kept.is_some(),
            phone: spaced(self.kept),
            waiting: spaced(self.waiting),
            done: String::new(),
            problems,
            page,
        }
    }
}

async fn found(visit: &Visit) -> Result<Found> {
    let account = visit.visitor.owner()?.account;
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let gateway = sms::kept(tx)?.ok_or_else(WebError::not_found)?.gateway;
            Ok::<_, WebError>(Found {
                kept: wish::of_account(tx, account)?,
                waiting: proof::waiting(tx, account)?.map(|waiting| waiting.phone),
                abroad: gateway.abroad,
            })
        })
        .await
}

pub(super) async fn show(visit: Visit, Query(just): Query<Just>) -> Result {
    let found = found(&visit).await?;
    let page = visit.page;
    let done = match just.fait.as_str() {
        "oui" => page.t("desk-sms-wish-kept"),
        "fin" => page.t("desk-sms-wish-ended"),
        _ => "",
    };
    let done = done.to_owned();
    render(&Own { done, ..found.shown(page, Vec::new()) })
}

/// Sends a code to the number, unless it is the one that is kept.
pub(super) async fn keep(visit: Visit, fields: FormPost) -> Result {
    let found = found(&visit).await?;
    let typed = fields.text("telephone").to_owned();
    let refused = |found: Found, page: Page, word: &str| {
        let problems = Problem::alone("telephone", page.t(word));
        let view = Own { phone: typed.clone(), ..found.shown(page, problems) };
        render_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
    };
    let Some(phone) = mobile(&typed, found.abroad) else {
        return refused(found, visit.page, "desk-sms-wish-wrong");
    };
    if found.kept.as_ref() == Some(&phone) {
        return Ok(Redirect::to("/mon-compte/sms?fait=oui").into_response());
    }
    let (account, lang) = (visit.visitor.owner()?.account, visit.page.language());
    let sent = visit.commune.write(visit.visitor.by, move |tx| proof::ask(tx, account, &phone, lang)).await?;
    if !sent {
        return refused(found, visit.page, "desk-sms-wish-too-many");
    }
    Ok(Redirect::to("/mon-compte/sms").into_response())
}

/// The code that came to the number.
pub(super) async fn prove(visit: Visit, fields: FormPost) -> Result {
    let found = found(&visit).await?;
    let account = visit.visitor.owner()?.account;
    let typed = fields.text("code").to_owned();
    let came = visit.commune.write(visit.visitor.by, move |tx| proof::answer(tx, account, &typed)).await?;
    let (field, word, waiting) = match came {
        Came::Proven => return Ok(Redirect::to("/mon-compte/sms?fait=oui").into_response()),
        Came::Wrong => ("code", "desk-sms-wish-code-wrong", found.waiting.clone()),
        Came::Over => ("telephone", "desk-sms-wish-code-over", None),
    };
    let page = visit.page;
    let problems = Problem::alone(field, page.t(word));
    // The number that was given stays in its field, where another code is asked for.
    let phone = found.waiting.as_deref().map(spaced_phone).unwrap_or_default();
    let view = Found { waiting, ..found }.shown(page, problems);
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &Own { phone, ..view })
}

pub(super) async fn end(visit: Visit) -> Result {
    found(&visit).await?;
    let account = visit.visitor.owner()?.account;
    visit.commune.write(visit.visitor.by, move |tx| wish::end(tx, account)).await?;
    Ok(Redirect::to("/mon-compte/sms?fait=fin").into_response())
}
