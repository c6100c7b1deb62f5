//! Asking for an account, and showing that the address is one's own. The answer to whoever asks is the
//! same whether or not the address has an account: what differs is in a mail.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use beffroi_people::{
    account::{self, AccountError},
    password::Strength,
};
use beffroi_web::{App, CommuneOf, FormPost, Page, Purpose, Result, Visitor, page::render_as, render};

use crate::{
    back::Asked,
    fill::Filled,
    words::{self, Said},
};

/// The longest name that a page can show.
pub const LONGEST_NAME: usize = 100;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/inscription", get(show).post(ask))
        .route("/inscription/confirmation", get(show_link).post(confirm))
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    filled: Filled,
    rule: String,
}

/// A button, so that the programs that open every link of a mail do not use this one up.
#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    link: String,
}

impl RegisterPage {
    fn new(page: Page, filled: Filled) -> Self {
        Self { rule: words::password_rule(&page, Strength::Citizen), page, filled }
    }
}

async fn show(page: Page) -> Result {
    render(&RegisterPage::new(page, Filled::default()))
}

async fn ask(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::SIGN_IN)?;
    let mut shown = RegisterPage::new(page, Filled::of(&form));
    let (name, email) = (form.text("name").to_owned(), form.text("email").to_owned());
    check_person(&shown.page, &mut shown.filled);
    let hints = vec![name.clone(), email.clone(), commune.name().to_owned()];
    let plain = form.get("password").unwrap_or_default().to_owned();
    let password = match words::hash(&shown.page, plain, Strength::Citizen, hints).await? {
        Ok(password) if shown.filled.is_right() => password,
        Ok(_) => return render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown),
        Err(weak) => {
            shown.filled.wrong("password", weak);
            return render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    };
    let asked = commune.write(visitor.by, move |tx| account::register(tx, &email, &name, &password)).await;
    match asked {
        Ok(()) => render(&Said::new(shown.page, "asked", "/connexion").and("accounts-no-mail")),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => {
            shown.filled.wrong("email", shown.page.t("accounts-email-wrong"));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

/// Checks the name and the address of somebody who is to have an account.
pub fn check_person(page: &Page, filled: &mut Filled) {
    filled.require(page, "name", "accounts-name-missing");
    if filled.value("name").chars().count() > LONGEST_NAME {
        filled.wrong("name", page.t("accounts-name-long"));
    }
    if account::normalise_email(filled.value("email")).is_none() {
        filled.wrong("email", page.t("accounts-email-wrong"));
    }
}

async fn show_link(page: Page, Query(asked): Query<Asked>) -> Result {
    render(&ConfirmPage { page, link: asked.lien })
}

async fn confirm(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::SIGN_IN)?;
    let secret = form.text("lien").to_owned();
    match commune.write(visitor.by, move |tx| account::verify_email(tx, &secret)).await {
        Ok(_) => render(&Said::new(page, "verified", "/connexion")),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => render_as(StatusCode::NOT_FOUND, &Said::new(page, "stale", "/connexion")),
    }
}
