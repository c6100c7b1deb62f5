//! A forgotten password, a first one, and a new one.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_people::{
    Account, SignedIn,
    account::{self, AccountError},
    password::{HashedPassword, Strength},
    sign_on::{Credentials, Directory, LocalPasswords},
    throttle::{self, Key},
};
use beffroi_store::{By, StoreError, Tx};
use beffroi_web::{App, CommuneOf, Page, Result, Visitor, WebError, page::render_as, render};

use crate::{
    attempt::{Attempt, Form, forms},
    back::Asked,
    door,
    fill::Filled,
    hashing::in_turn,
    own::member,
    words::{self, Said},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/mot-de-passe", get(show_lost).post(ask))
        .route("/mot-de-passe/nouveau", get(show_link).post(choose))
        .route("/compte/mot-de-passe", get(show_change).post(change))
}

#[derive(Template)]
#[template(path = "lost_password.html")]
struct LostPage {
    page: Page,
    filled: Filled,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPage {
    page: Page,
    title: String,
    label: String,
    filled: Filled,
    rule: String,
    link: String,
    email: String,
    /// Whether it is the account's first, which also shows that the address is its owner's.
    first: bool,
}

impl NewPage {
    fn new(page: Page, account: &Account, strength: Strength, link: String) -> Self {
        let first = account.password_strength.is_none();
        let (title, label) = if first {
            ("accounts-first-password-title", "accounts-password")
        } else {
            ("accounts-new-password-title", "accounts-password-new")
        };
        Self {
            title: page.t(title).to_owned(),
            label: page.t(label).to_owned(),
            rule: words::password_rule(&page, strength),
            filled: Filled::default(),
            link,
            email: account.email.clone(),
            first,
            page,
        }
    }
}

#[derive(Template)]
#[template(path = "change_password.html")]
struct ChangePage {
    page: Page,
    filled: Filled,
    rule: String,
    email: String,
}

forms!(LostPage, NewPage, ChangePage);

async fn show_lost(page: Page) -> Result {
    render(&LostPage { page, filled: Filled::default() })
}

async fn ask(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let email = form.text("email").to_owned();
    if account::normalise_email(&email).is_none() {
        return LostPage { page, filled: Filled::of(&form) }.wrong("email", "accounts-email-wrong");
    }
    commune.write(visitor.by, move |tx| account::request_reset(tx, &email)).await?;
    render(&Said::new(page, "reset-asked", "/connexion").and("accounts-no-mail"))
}

fn stale(page: Page) -> Result {
    render_as(StatusCode::NOT_FOUND, &Said::new(page, "stale", "/mot-de-passe"))
}

/// Whose password a link sets, and how strong it must be.
async fn owner(commune: &CommuneOf, link: String) -> Result<Option<(Account, Strength)>, StoreError> {
    let look = move |tx: &mut Tx<'_>| match account::of_link(tx, &link)? {
        Some(account) => {
            let strength = account::required_strength(tx, &account)?;
            Ok(Some((account, strength)))
        }
        None => Ok(None),
    };
    commune.read(By::VISITOR, look).await
}

// Looking uses nothing up: some programs open every link of a mail.
async fn show_link(page: Page, commune: CommuneOf, Query(asked): Query<Asked>) -> Result {
    let Some((account, strength)) = owner(&commune, asked.lien.clone()).await? else { return stale(page) };
    render(&NewPage::new(page, &account, strength, asked.lien))
}

async fn choose(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let link = form.text("lien").to_owned();
    let Some((account, strength)) = owner(&commune, link.clone()).await? else { return stale(page) };
    let hints = vec![account.display_name.clone(), account.email.clone(), commune.name().to_owned()];
    let plain = form.get("password").unwrap_or_default().to_owned();
    let mut shown = NewPage::new(page, &account, strength, link.clone());
    let password = match words::hash(&shown.page, plain, strength, hints).await? {
        Ok(password) => password,
        Err(weak) => {
            shown.filled.wrong("password", weak);
            return shown.mend();
        }
    };
    match commune.write(visitor.by, move |tx| account::choose_password(tx, &link, &password)).await {
        Ok(_) => {
            let what = if shown.first { "first-password" } else { "password-set" };
            render(&Said::new(shown.page, what, "/connexion"))
        }
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => stale(shown.page),
    }
}

async fn show_change(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let (who, _) = member(&visitor)?;
    let rule = words::password_rule(&page, strength_of(&commune, who).await?);
    render(&ChangePage { page, filled: Filled::default(), rule, email: who.email.clone() })
}

async fn strength_of(commune: &CommuneOf, who: &SignedIn) -> Result<Strength> {
    let id = who.account;
    let read = commune.read(By::VISITOR, move |tx| match account::find(tx, id)? {
        Some(account) => account::required_strength(tx, &account).map(Some),
        None => Ok(None),
    });
    read.await.map_err(|error: StoreError| WebError::from(error))?.ok_or_else(WebError::sign_in_required)
}

async fn change(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let (who, _) = member(&visitor)?;
    let strength = strength_of(&commune, who).await?;
    let rule = words::password_rule(&page, strength);
    let mut shown = ChangePage { page, filled: Filled::of(&form), rule, email: who.email.clone() };
    shown.filled.require(&shown.page, "present", "accounts-present-missing");
    let hints = vec![who.display_name.clone(), who.email.clone(), commune.name().to_owned()];
    let plain = form.get("password").unwrap_or_default().to_owned();
    match words::hash(&shown.page, plain, strength, hints).await? {
        Err(weak) => shown.filled.wrong("password", weak),
        Ok(password) if shown.filled.is_right() => {
            let present = form.get("present").unwrap_or_default().to_owned();
            match replace(&commune, &visitor, who, present, password).await? {
                Changed::Yes => return Ok(Redirect::to("/compte?fait=mot-de-passe").into_response()),
                Changed::WrongPresent => return shown.wrong("present", "accounts-present-wrong"),
                Changed::Wait(until) => return shown.wait("present", commune.now(), until),
            }
        }
        Ok(_) => {}
    }
    shown.mend()
}

enum Changed {
    Yes,
    WrongPresent,
    Wait(beffroi_core::Instant),
}

/// Examines the present password and puts the new one in its place. A wrong one counts as a failure to sign in:
/// a session left open is no way to guess the password at leisure.
async fn replace(
    commune: &CommuneOf,
    visitor: &Visitor,
    who: &SignedIn,
    present: String,
    password: HashedPassword,
) -> Result<Changed> {
    let credentials =
        Credentials { email: who.email.clone(), password: present, source: door::source(visitor) };
    let examined = Arc::clone(commune);
    let proof = in_turn(move || LocalPasswords.authenticate(&examined, &credentials)).await??;
    let who = who.clone();
    let changed = commune.write(visitor.by, move |tx| {
        let key = Key::account(&who.email);
        if let Some(until) = throttle::waits_until(tx, &key)? {
            return Ok(Changed::Wait(until));
        }
        match account::change_password(tx, &who, &proof, &password) {
            Ok(()) => Ok(Changed::Yes),
            Err(AccountError::NotEntitled) => {
                throttle::failed(tx, &key)?;
                Ok(Changed::WrongPresent)
            }
            Err(error) => Err(error),
        }
    });
    changed.await.map_err(|error| match error {
        AccountError::Store(error) => error.into(),
        // The role changed while the password was chosen: the page is to be read again.
        _ => WebError::conflict(),
    })
}
