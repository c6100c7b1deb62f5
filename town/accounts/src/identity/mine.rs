//! The identities of one's account: what is known of oneself through them, taking one away; and showing that an address
//! is one's own.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_people::{
    Town, account,
    account::AccountError,
    identity::{self, Identity, LinkError},
};
use beffroi_store::{By, StoreError};
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};

use super::{Threshold, Way, ways};
use crate::{
    back::{Asked, local},
    own::member,
    proof,
    words::{self, Said},
};

#[derive(Template)]
#[template(path = "identities.html")]
struct IdentitiesPage {
    page: Page,
    identities: Vec<Row>,
    /// Providers that may still be linked.
    ways: Vec<Way>,
    /// The address that waits to be confirmed, if the account has none.
    unconfirmed: String,
    /// What is asked for before one is taken away.
    proof: proof::Asked,
    done: String,
    wrong: String,
    on: String,
}

struct Row {
    id: String,
    name: &'static str,
    linked: String,
    used: String,
    level: String,
    facts: Vec<(String, String)>,
}

fn row(page: &Page, zone: chrono_tz::Tz, identity: &Identity) -> Row {
    let claims = &identity.claims;
    let fact = |key: &str, value: &str| (page.t(key).to_owned(), value.to_owned());
    let birth = claims.birth_day().map(|day| beffroi_core::calendar::long_date(day, page.language()));
    let facts = [
        fact("accounts-fact-family-name", &claims.family_name),
        fact("accounts-fact-usual-name", &claims.usual_name),
        fact("accounts-fact-given-names", &claims.given_names),
        fact("accounts-fact-birth", &birth.unwrap_or_default()),
        fact("accounts-fact-email", &claims.email),
    ];
    Row {
        id: identity.id.to_string(),
        name: identity.provider.name(),
        linked: words::moment(page, zone, identity.linked_at),
        used: words::moment(page, zone, identity.last_used_at),
        level: page.t(&format!("accounts-level-{}", identity.assurance.as_str())).to_owned(),
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
    }
}

async fn page_of(threshold: Threshold, asked: Asked, wrong: &str) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let (id, kind) = (who.account, who.kind);
    let proof = proof::asked(&threshold, who).await?;
    let read = threshold.commune.read(threshold.visitor.by, move |tx| {
        Ok::<_, StoreError>((identity::of_account(tx, id)?, account::find(tx, id)?, Town::load(tx)?.zone()))
    });
    let (found, account, zone) = read.await.map_err(WebError::from)?;
    let account = account.ok_or_else(WebError::not_found)?;
    let page = threshold.page;
    let linked = |way: &Way| found.iter().any(|identity| identity.provider.name() == way.name);
    let agents = kind == beffroi_people::AccountKind::Agent;
    let mut ways = ways(&threshold.commune, "/compte/connexions").await?;
    ways.retain(|way| way.agents == agents && !linked(way));
    let unconfirmed = if account.email.is_empty() {
        found
            .iter()
            .map(|identity| identity.claims.email.clone())
            .find(|email| !email.is_empty())
            .unwrap_or_default()
    } else {
        String::new()
    };
    let done = match asked.fait.as_str() {
        "identite" => page.t("accounts-done-identity-changed"),
        "bienvenue" => page.t("accounts-done-welcome"),
        "rattachee" => page.t("accounts-done-linked"),
        "retiree" => page.t("accounts-done-unlinked"),
        "courriel" => page.t("accounts-done-address-asked"),
        _ => "",
    };
    let shown = IdentitiesPage {
        identities: found.iter().map(|identity| row(&page, zone, identity)).collect(),
        ways,
        unconfirmed,
        done: done.to_owned(),
        proof,
        wrong: wrong.to_owned(),
        on: local(&asked.retour).unwrap_or_default().to_owned(),
        page,
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &shown)
}

pub(super) async fn show(threshold: Threshold, Query(asked): Query<Asked>) -> Result {
    page_of(threshold, asked, "").await
}

pub(super) async fn unlink(threshold: Threshold, form: FormPost) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let who = who.clone();
    let id = form.text("identity").parse().map_err(|_| WebError::not_found())?;
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let proof = proof::given(&threshold, &who, form.get("present").unwrap_or_default()).await?;
    if let Some(text) = proof.refusal(&threshold.page, threshold.commune.now()) {
        return page_of(threshold, Asked::default(), &text).await;
    }
    match threshold.commune.write(threshold.visitor.by, move |tx| identity::unlink(tx, &who, id)).await {
        Ok(()) => Ok(Redirect::to("/compte/connexions?fait=retiree").into_response()),
        Err(LinkError::LastWay) => {
            let text = threshold.page.t("accounts-unlink-last-way").to_owned();
            page_of(threshold, Asked::default(), &text).await
        }
        Err(LinkError::Store(error)) => Err(error.into()),
        Err(LinkError::Nothing | LinkError::WrongKind | LinkError::Taken) => Err(WebError::not_found()),
    }
}

/// Mails the link once more.
pub(super) async fn ask_address(threshold: Threshold) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::MAIL)?;
    let (who, _) = member(&threshold.visitor)?;
    let id = who.account;
    let asked = threshold.commune.write(threshold.visitor.by, move |tx| {
        let Some(account) = account::find(tx, id)? else { return Ok(()) };
        let said = identity::of_account(tx, id)?.into_iter().map(|identity| identity.claims.email);
        match said.into_iter().find(|email| !email.is_empty()) {
            Some(email) if account.email.is_empty() => account::ask_to_confirm(tx, &account, &email),
            _ => Ok::<_, StoreError>(()),
        }
    });
    asked.await.map_err(WebError::from)?;
    Ok(Redirect::to("/compte/connexions?fait=courriel").into_response())
}

/// The page behind the link: looking does not use it up.
#[derive(Template)]
#[template(path = "address.html")]
struct AddressPage {
    page: Page,
    link: String,
    email: String,
}

pub(super) async fn address(threshold: Threshold, Query(asked): Query<Asked>) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let link = asked.lien.clone();
    let email = threshold.commune.read(By::VISITOR, move |tx| account::address_of_link(tx, &link)).await?;
    match email {
        Some(email) => render(&AddressPage { page: threshold.page, link: asked.lien, email }),
        None => gone(threshold.page),
    }
}

pub(super) async fn confirm_address(threshold: Threshold, form: FormPost) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let link = form.text("lien").to_owned();
    match threshold.commune.write(By::VISITOR, move |tx| account::confirm_address(tx, &link)).await {
        Ok(()) => render(&Said::new(threshold.page, "address-confirmed", "/compte")),
        Err(AccountError::EmailTaken) => render(&Said::new(threshold.page, "address-taken", "/compte")),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => gone(threshold.page),
    }
}

fn gone(page: Page) -> Result {
    render_as(StatusCode::NOT_FOUND, &Said::new(page, "address-stale", "/compte"))
}
