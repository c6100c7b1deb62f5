//! How one is called, and the address that one is written to. Agents' are an administrator's matter.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_people::{
    AccountKind, SignedIn,
    account::{self, AccountError},
    particulars,
};
use beffroi_web::{App, FormPost, Page, Purpose, Result, Visitor, WebError, render};

use crate::{
    attempt::{Form, forms},
    fill::Filled,
    identity::Threshold,
    own::member,
    proof,
    registration::LONGEST_NAME,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/compte/nom", get(show_name).post(rename))
        .route("/compte/adresse/nouvelle", get(show_move).post(ask_to_move))
}

/// An inhabitant who is signed in.
fn inhabitant(visitor: &Visitor) -> Result<SignedIn> {
    let (who, _) = member(visitor)?;
    if who.kind == AccountKind::Agent {
        return Err(WebError::not_found());
    }
    Ok(who.clone())
}

#[derive(Template)]
#[template(path = "change_name.html")]
struct NamePage {
    page: Page,
    filled: Filled,
}

#[derive(Template)]
#[template(path = "move.html")]
struct MovePage {
    page: Page,
    filled: Filled,
    /// What is asked for before.
    proof: proof::Asked,
}

forms!(NamePage, MovePage);

async fn show_name(threshold: Threshold) -> Result {
    let who = inhabitant(&threshold.visitor)?;
    render(&NamePage { page: threshold.page, filled: Filled::with([("name", &who.display_name)]) })
}

async fn rename(threshold: Threshold, form: FormPost) -> Result {
    let who = inhabitant(&threshold.visitor)?;
    let mut shown = NamePage { page: threshold.page, filled: Filled::of(&form) };
    let name = shown.filled.value("name").to_owned();
    shown.filled.require(&shown.page, "name", "accounts-name-missing");
    if name.chars().count() > LONGEST_NAME {
        return shown.wrong("name", "accounts-name-long");
    }
    if !shown.filled.is_right() {
        return shown.mend();
    }
    let written =
        threshold.commune.write(threshold.visitor.by, move |tx| particulars::change_name(tx, &who, &name));
    written.await.map_err(WebError::from)?;
    Ok(Redirect::to("/compte?fait=nom").into_response())
}

async fn show_move(threshold: Threshold) -> Result {
    let who = inhabitant(&threshold.visitor)?;
    let proof = proof::asked(&threshold, &who).await?;
    render(&MovePage { page: threshold.page, filled: Filled::default(), proof })
}

async fn ask_to_move(threshold: Threshold, form: FormPost) -> Result {
    let who = inhabitant(&threshold.visitor)?;
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let mut filled = Filled::of(&form);
    let email = account::normalise_email(filled.value("email"));
    match &email {
        None => filled.wrong("email", threshold.page.t("accounts-email-wrong")),
        Some(email) if *email == who.email => {
            filled.wrong("email", threshold.page.t("accounts-move-same"));
        }
        Some(_) => {}
    }
    // A password is examined only where the rest is right: each try counts.
    if filled.is_right() {
        let given = proof::given(&threshold, &who, form.get("present").unwrap_or_default()).await?;
        if let Some(text) = given.refusal(&threshold.page, threshold.commune.now()) {
            filled.wrong("present", text);
        }
    }
    let Some(email) = email.filter(|_| filled.is_right()) else {
        let proof = proof::asked(&threshold, &who).await?;
        return MovePage { page: threshold.page, filled, proof }.mend();
    };
    let id = who.account;
    let asked = threshold.commune.write(threshold.visitor.by, move |tx| {
        let account = account::find(tx, id)?.ok_or(AccountError::NotEntitled)?;
        particulars::ask_to_move(tx, &account, &email)
    });
    match asked.await {
        Ok(()) => Ok(Redirect::to("/compte?fait=adresse").into_response()),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => Err(WebError::not_found()),
    }
}
