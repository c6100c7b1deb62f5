//! Leaving: the session here first, whatever the provider does; then the session there, where it is still open for
//! whoever sits down next.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Redirect},
};
use beffroi_people::{
    SignedIn, attempt,
    identity::{self, ProviderKind, Saved},
    session::{self, Through},
};
use beffroi_store::StoreError;
use beffroi_web::{Page, Result, WebError, render, visitor::cookie};
use serde::Deserialize;

use super::{DOOR, LEAVING_COOKIE, Threshold, with_cookie};

/// On the way to the provider. Browsers do not let a form lead to another site: the page leads on by itself.
#[derive(Template)]
#[template(path = "leaving.html")]
struct Leaving {
    page: Page,
    name: &'static str,
    /// Where the session ends there; empty where it could not be asked.
    address: String,
}

/// Back from the provider.
#[derive(Template)]
#[template(path = "left.html")]
struct Left {
    page: Page,
    name: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    state: String,
}

pub(super) async fn leave(threshold: Threshold) -> Result {
    let mut there = None;
    if let Some(SignedIn { account, through: Through::Session(session), .. }) = threshold.visitor.signed_in {
        let closed = threshold.commune.write(threshold.visitor.by, move |tx| {
            let opened = identity::of_session(tx, session)?;
            session::close(tx, account, session)?;
            let Some((identity, Some(sealed))) = opened else { return Ok(None) };
            let Some(saved) = identity::find(tx, identity.provider)? else { return Ok(None) };
            let id_token = tx.unseal(session::ID_TOKEN_CONTEXT, &sealed)?;
            let state = attempt::secret(tx);
            Ok::<_, StoreError>(Some((saved, String::from_utf8_lossy(&id_token).into_owned(), state)))
        });
        there = closed.await.map_err(WebError::from)?;
    }
    let end = threshold.visitor.end_cookie()?;
    let Some((saved, id_token, state)) = there else {
        return Ok(with_cookie(Redirect::to("/").into_response(), end));
    };
    let Saved { provider, .. } = saved;
    let back = format!(
        "{}{DOOR}/{}/deconnecte",
        threshold.doors.site(&threshold.commune).await?,
        provider.kind.as_str()
    );
    let address = match threshold.doors.oidc.way_out(&provider, &id_token, &back, state.reveal()).await {
        Ok(Some(address)) => address,
        Ok(None) => return Ok(with_cookie(Redirect::to("/").into_response(), end)),
        Err(error) => {
            tracing::warn!(provider = provider.kind.as_str(), %error, "a session at a provider was not ended");
            String::new()
        }
    };
    let leaving = threshold.visitor.own_cookie(LEAVING_COOKIE, state.reveal(), DOOR)?;
    let mut page = threshold.page;
    page.account = None;
    let mut response = render(&Leaving { page, name: provider.kind.name(), address })?;
    response.headers_mut().append(header::SET_COOKIE, end);
    Ok(with_cookie(response, leaving))
}

/// The provider sent the browser back.
pub(super) async fn left(threshold: Threshold, Path(word): Path<String>, Query(back): Query<Back>) -> Result {
    let kind = ProviderKind::from_word(&word).ok_or_else(WebError::not_found)?;
    let ours = cookie(&threshold.headers, LEAVING_COOKIE).is_some_and(|state| state == back.state);
    if !ours || threshold.visitor.signed_in.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let gone = threshold.visitor.own_cookie(LEAVING_COOKIE, "", DOOR)?;
    Ok(with_cookie(render(&Left { page: threshold.page, name: kind.name() })?, gone))
}
