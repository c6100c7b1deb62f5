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

use super::wish;
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
    done: String,
    problems: Vec<Problem>,
}

impl Own {
    fn error(&self) -> String {
        Problem::beside(&self.problems, "telephone")
    }
}

/// The number that is kept, and whether numbers of other countries are written to.
async fn found(visit: &Visit) -> Result<(Option<String>, bool)> {
    let account = visit.visitor.owner()?.account;
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let gateway = sms::kept(tx)?.ok_or_else(WebError::not_found)?.gateway;
            Ok::<_, WebError>((wish::of_account(tx, account)?, gateway.abroad))
        })
        .await
}

pub(super) async fn show(visit: Visit, Query(just): Query<Just>) -> Result {
    let (phone, _) = found(&visit).await?;
    let page = visit.page;
    let done = match just.fait.as_str() {
        "oui" => page.t("desk-sms-wish-kept"),
        "fin" => page.t("desk-sms-wish-ended"),
        _ => "",
    };
    let done = done.to_owned();
    let wished = phone.is_some();
    let phone = phone.map(|phone| spaced_phone(&phone)).unwrap_or_default();
    render(&Own { phone, wished, done, problems: Vec::new(), page })
}

pub(super) async fn keep(visit: Visit, fields: FormPost) -> Result {
    let (kept, abroad) = found(&visit).await?;
    let typed = fields.text("telephone").to_owned();
    let Some(phone) = mobile(&typed, abroad) else {
        let page = visit.page;
        let problems = Problem::alone("telephone", page.t("desk-sms-wish-wrong"));
        let view = Own { phone: typed, wished: kept.is_some(), done: String::new(), problems, page };
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let account = visit.visitor.owner()?.account;
    visit.commune.write(visit.visitor.by, move |tx| wish::keep(tx, account, &phone)).await?;
    Ok(Redirect::to("/mon-compte/sms?fait=oui").into_response())
}

pub(super) async fn end(visit: Visit) -> Result {
    found(&visit).await?;
    let account = visit.visitor.owner()?.account;
    visit.commune.write(visit.visitor.by, move |tx| wish::end(tx, account)).await?;
    Ok(Redirect::to("/mon-compte/sms?fait=fin").into_response())
}
