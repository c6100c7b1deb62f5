//! An identity that waits: whoever brought it proves the account that it belongs to, by that account's own means, or
//! asks for an account of its own.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use beffroi_people::{
    AccountKind,
    identity::{self, Entered, LinkError, Pending},
};
use beffroi_store::By;
use beffroi_web::{Page, Purpose, Result, WebError, render, visitor::cookie};

use super::{PENDING_COOKIE, Threshold, page::Elsewhere, with_cookie};
use crate::{back::local, door::next, own::member, words::Said};

/// To somebody who is not signed in: an account with this address exists.
#[derive(Template)]
#[template(path = "link_ask.html")]
struct AskPage {
    page: Page,
    name: &'static str,
    text: String,
    /// Whether an account of its own may be made.
    may_be_apart: bool,
}

/// To somebody who is signed in: shall it be linked?
#[derive(Template)]
#[template(path = "link_confirm.html")]
struct ConfirmPage {
    page: Page,
    name: &'static str,
    person: String,
    account: String,
}

impl Threshold {
    async fn pending(&self) -> Result<Option<(Pending, String)>> {
        let Some(secret) = cookie(&self.headers, PENDING_COOKIE).map(str::to_owned) else { return Ok(None) };
        let held = secret.clone();
        let found = self.commune.read(By::VISITOR, move |tx| identity::pending(tx, &held)).await?;
        Ok(found.map(|pending| (pending, secret)))
    }

    fn without_pending(&self, response: Response) -> Result {
        Ok(with_cookie(response, self.visitor.own_cookie(PENDING_COOKIE, "", "/")?))
    }
}

fn nothing(page: Page) -> Result {
    render(&Said::new(page, "nothing-to-link", "/compte"))
}

pub(super) async fn ask(threshold: Threshold) -> Result {
    if threshold.visitor.signed_in.is_some() {
        return Ok(Redirect::to("/compte/rattachement").into_response());
    }
    let Some((pending, _)) = threshold.pending().await? else { return nothing(threshold.page) };
    let presented = pending.presented;
    let name = presented.provider.name();
    let told = [("name", name.into()), ("email", presented.claims.email.as_str().into())];
    render(&AskPage {
        text: threshold.page.tr("accounts-link-ask-text", &told),
        page: threshold.page,
        name,
        may_be_apart: presented.provider.opens() == AccountKind::Citizen,
    })
}

/// The account with this address is somebody else's: this person gets one of their own.
pub(super) async fn apart(threshold: Threshold) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let Some((pending, secret)) = threshold.pending().await? else { return nothing(threshold.page) };
    let device = threshold.device();
    let made = threshold.commune.write(By::VISITOR, move |tx| identity::enter_apart(tx, &secret, &device));
    match made.await {
        Ok(Entered::Open { token, .. }) => {
            let who = threshold.holder(&token).await?;
            let response = threshold.signed_in(&token, &next(&threshold.page, &who, &pending.back))?;
            threshold.without_pending(response)
        }
        Ok(Entered::Refused(why)) => {
            Elsewhere::refused(threshold.page, pending.presented.provider, why, &pending.back)
        }
        Ok(Entered::Prove(_))
        | Err(LinkError::Nothing | LinkError::Taken | LinkError::WrongKind | LinkError::LastWay) => {
            nothing(threshold.page)
        }
        Err(LinkError::Store(error)) => Err(error.into()),
    }
}

pub(super) async fn show(threshold: Threshold) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let (account, kind) = (who.display_name.clone(), who.kind);
    let home = threshold.page.home_of(who);
    let Some((pending, _)) = threshold.pending().await? else { return nothing(threshold.page) };
    let presented = pending.presented;
    if presented.provider.opens() != kind {
        return render(&Said::new(threshold.page, "link-wrong-kind", home));
    }
    render(&ConfirmPage {
        page: threshold.page,
        name: presented.provider.name(),
        person: presented.claims.display_name(),
        account,
    })
}

pub(super) async fn confirm(threshold: Threshold) -> Result {
    let (who, _) = member(&threshold.visitor)?;
    let who = who.clone();
    let home = threshold.page.home_of(&who);
    let Some((_, secret)) = threshold.pending().await? else { return nothing(threshold.page) };
    let linked =
        threshold.commune.write(threshold.visitor.by, move |tx| identity::confirm(tx, &who, &secret));
    match linked.await {
        Ok((pending, token)) => {
            let to = local(&pending.back).unwrap_or("/compte/connexions?fait=rattachee");
            let response = threshold.signed_in(&token, to)?;
            threshold.without_pending(response)
        }
        Err(LinkError::WrongKind) => render(&Said::new(threshold.page, "link-wrong-kind", home)),
        Err(LinkError::Nothing | LinkError::Taken | LinkError::LastWay) => nothing(threshold.page),
        Err(LinkError::Store(error)) => Err(WebError::from(error)),
    }
}
