//! The page where the code of a paper is typed, by whoever received it or by the agent to whom they tell it: it leads to
//! the same question as the link of a mail.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::opinion::{self, Token};
use beffroi_store::By;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as};

use crate::{
    problem::Problem,
    visit::{Visit, case_error},
};

#[derive(Template)]
#[template(path = "figures/opinion_code.html")]
struct CodePage {
    page: Page,
    code: String,
    error: String,
}

pub(super) async fn ask(Visit { page, .. }: Visit) -> Result {
    shown(page, StatusCode::OK, String::new(), String::new())
}

pub(super) async fn open(visit: Visit, form: FormPost) -> Result {
    visit.visitor.limit(&visit.app, Purpose::TRACKING)?;
    let typed = form.text("code").to_owned();
    let token = Token::parse(&typed);
    let known = match token.clone() {
        None => false,
        // Nobody in particular looks: an agent who types for somebody is not named either.
        Some(token) => {
            visit
                .commune
                .read(By::VISITOR, move |tx| {
                    Ok::<_, WebError>(opinion::invited(tx, &token).map_err(case_error)?.is_some())
                })
                .await?
        }
    };
    let Some(token) = token.filter(|_| known) else {
        let error = visit.page.t("desk-opinion-code-unknown").to_owned();
        return shown(visit.page, StatusCode::UNPROCESSABLE_ENTITY, typed, error);
    };
    Ok(Redirect::to(&format!("/avis/{}", token.reveal())).into_response())
}

fn shown(page: Page, status: StatusCode, code: String, error: String) -> Result {
    render_as(status, &CodePage { page, code, error })
}
