//! Asking for an account. The answer to whoever asks is the same whether or not the address has one: what
//! differs is in a mail, whose link leads to the choice of a password.

use askama::Template;
use axum::{Router, routing::get};
use beffroi_people::account::{self, AccountError};
use beffroi_web::{App, Page, Result, render};

use crate::{
    attempt::{Attempt, Form, forms},
    fill::Filled,
    words::Said,
};

/// The longest name that a page can show.
pub const LONGEST_NAME: usize = 100;

pub fn routes() -> Router<App> {
    Router::new().route("/inscription", get(show).post(ask))
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    filled: Filled,
}

forms!(RegisterPage);

async fn show(page: Page) -> Result {
    render(&RegisterPage { page, filled: Filled::default() })
}

async fn ask(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let mut shown = RegisterPage { page, filled: Filled::of(&form) };
    let (name, email) = (form.text("name").to_owned(), form.text("email").to_owned());
    check_person(&shown.page, &mut shown.filled);
    if !shown.filled.is_right() {
        return shown.mend();
    }
    let language = shown.page.language();
    match commune.write(visitor.by, move |tx| account::register(tx, &email, &name, language)).await {
        Ok(()) => render(&Said::new(shown.page, "asked", "/connexion").and("accounts-no-mail")),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => shown.wrong("email", "accounts-email-wrong"),
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
