//! The way to a provider and the way back. What the browser brings back is believed only where it is the browser that
//! was sent, once, within half an hour.

use axum::{
    Json,
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Assurance;
use beffroi_identity::{IdentityError, Returned, journey_of, jwks};
use beffroi_people::{
    attempt,
    identity::{self, Attempt, Entered, Presented, ProviderKind},
};
use beffroi_store::{By, StoreError};
use beffroi_web::{Purpose, Result, WebError, visitor::cookie};
use serde::Deserialize;

use super::{DOOR, Doors, JOURNEY_COOKIE, PENDING_COOKIE, Threshold, language, page::Elsewhere, with_cookie};
use crate::{back::local, door::next};

/// The kind of attempt under which a journey is kept.
const JOURNEY: &str = "journey";

/// What a departure is told in its address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Departure {
    /// Where to go afterwards.
    retour: String,
    /// The level that is needed: `eidas2`.
    niveau: String,
    /// The site has been changed for its main address already.
    ici: Option<String>,
}

/// What a provider sends a browser back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    code: String,
    state: String,
    error: String,
    iss: Option<String>,
}

pub(super) async fn depart(
    threshold: Threshold,
    Path(word): Path<String>,
    Query(asked): Query<Departure>,
) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let saved = threshold.provider(&word).await?;
    let kind = saved.provider.kind;
    let back = local(&asked.retour).unwrap_or_default().to_owned();
    let wanted = Assurance::from_word(&asked.niveau).unwrap_or_default();
    let level = wanted.max(saved.provider.level).min(kind.highest());
    let who = threshold.visitor.signed_in.clone();
    if let Some(who) = who.as_ref().filter(|who| who.identity.is_some() && who.assurance >= level) {
        return Ok(Redirect::to(&next(&threshold.page, who, &back)).into_response());
    }
    let site = threshold.doors.site(&threshold.commune).await?;
    // The provider sends people back to the main address of the site: cookies of another would not come along.
    if asked.ici.is_none() && !is_at(&threshold, &site) {
        let query = departure_query(&back, &asked.niveau);
        return Ok(Redirect::to(&format!("{site}{DOOR}/{}?{query}&ici=1", kind.as_str())).into_response());
    }
    let attempt = Attempt {
        provider: kind,
        back: back.clone(),
        account: who.map(|who| who.account),
        level,
        lang: language(&threshold.page),
    };
    // Random bytes come from transactions; this one writes nothing.
    let secret = threshold.commune.read(By::VISITOR, |tx| Ok::<_, StoreError>(attempt::secret(tx))).await?;
    let journey = journey_of(secret.reveal());
    let provider = Doors::provider(saved, &site);
    let address = match threshold.doors.oidc.way_there(&provider, &journey, level).await {
        Ok(address) => address,
        Err(error) => return down(threshold, kind, &error, &back).await,
    };
    let state = journey.state;
    let kept = threshold.commune.write(By::VISITOR, move |tx| attempt::keep(tx, JOURNEY, &state, &attempt));
    kept.await.map_err(|error: StoreError| WebError::from(error))?;
    let cookie = threshold.visitor.own_cookie(JOURNEY_COOKIE, secret.reveal(), DOOR)?;
    Ok(with_cookie(Redirect::to(&address).into_response(), cookie))
}

pub(super) async fn arrive(
    threshold: Threshold,
    Path(word): Path<String>,
    Query(returned): Query<Back>,
) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let saved = threshold.provider(&word).await?;
    let kind = saved.provider.kind;
    let gone = threshold.visitor.own_cookie(JOURNEY_COOKIE, "", DOOR)?;
    let Some(secret) = cookie(&threshold.headers, JOURNEY_COOKIE).map(str::to_owned) else {
        return Elsewhere::lost(threshold.page, kind, "");
    };
    let journey = journey_of(&secret);
    if returned.state != journey.state {
        return Elsewhere::lost(threshold.page, kind, "").map(|page| with_cookie(page, gone));
    }
    let state = journey.state.clone();
    let begun = threshold.commune.write(By::VISITOR, move |tx| attempt::take::<Attempt>(tx, JOURNEY, &state));
    let begun = begun.await.map_err(|error: StoreError| WebError::from(error))?;
    let Some(attempt) = begun.filter(|attempt| attempt.provider == kind) else {
        return Elsewhere::lost(threshold.page, kind, "").map(|page| with_cookie(page, gone));
    };
    let back = attempt.back.clone();
    let response = if returned.error.is_empty() {
        let site = threshold.doors.site(&threshold.commune).await?;
        let provider = Doors::provider(saved, &site);
        let came = Returned { code: returned.code, issuer: returned.iss };
        let now = threshold.commune.now();
        match threshold.doors.oidc.who(&provider, &journey, &came, now).await {
            Ok(presented) => entered(threshold, presented, attempt, provider.provider).await,
            Err(error) => down(threshold, kind, &error, &back).await,
        }
    } else {
        not_vouched(threshold, kind, &returned.error, &back).await
    };
    response.map(|response| with_cookie(response, gone))
}

/// The public keys with which a provider encrypts for the town.
pub(super) async fn keys(threshold: Threshold, Path(word): Path<String>) -> Result {
    let kind = ProviderKind::from_word(&word).ok_or_else(WebError::not_found)?;
    let saved = threshold.commune.read(By::VISITOR, move |tx| identity::find(tx, kind)).await?;
    let saved = saved.ok_or_else(WebError::not_found)?;
    let keys = jwks(&saved.secrets.decryption_key).map_err(WebError::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/jwk-set+json")], Json(keys)).into_response())
}

async fn entered(
    threshold: Threshold,
    presented: Presented,
    attempt: Attempt,
    provider: identity::Provider,
) -> Result {
    let kind = provider.kind;
    let (who, device, back) = (threshold.visitor.signed_in.clone(), threshold.device(), attempt.back.clone());
    let by = threshold.visitor.by;
    let came = threshold.commune.write(by, move |tx| {
        identity::worked(tx, kind)?;
        identity::enter(tx, &presented, &attempt, &provider, who.as_ref(), &device)
    });
    let came = came.await.map_err(|error: StoreError| WebError::from(error))?;
    match came {
        Entered::Open { token, changed, created, .. } => {
            let who = threshold.holder(&token).await?;
            let to = next(&threshold.page, &who, &back);
            let to = match (changed.is_empty(), created) {
                (false, _) => told("identite", &to),
                (true, true) if local(&back).is_none() => told("bienvenue", &to),
                (true, _) => to,
            };
            threshold.signed_in(&token, &to)
        }
        Entered::Prove(secret) => {
            let to = if threshold.visitor.signed_in.is_some() {
                "/compte/rattachement"
            } else {
                "/connexion/rattachement"
            };
            let cookie = threshold.visitor.own_cookie(PENDING_COOKIE, secret.reveal(), "/")?;
            Ok(with_cookie(Redirect::to(to).into_response(), cookie))
        }
        Entered::Refused(why) => Elsewhere::refused(threshold.page, kind, why, &back),
    }
}

/// To the page of one's identities, which says what happened and leads on.
fn told(what: &str, to: &str) -> String {
    let to = percent_encoding::utf8_percent_encode(to, percent_encoding::NON_ALPHANUMERIC);
    format!("/compte/connexions?fait={what}&retour={to}")
}

async fn not_vouched(threshold: Threshold, kind: ProviderKind, error: &str, back: &str) -> Result {
    if error == "access_denied" {
        return Elsewhere::cancelled(threshold.page, kind, back);
    }
    let known: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
    down(threshold, kind, &IdentityError::Refused(known), back).await
}

/// Tells the person plainly, and writes it down for the administrator.
async fn down(threshold: Threshold, kind: ProviderKind, error: &IdentityError, back: &str) -> Result {
    tracing::warn!(provider = kind.as_str(), %error, "an identity provider did not vouch");
    // A code that has expired is the browser's affair, not the provider's.
    let expired = matches!(error, IdentityError::Refused(reason) if reason.contains("invalid_grant"));
    if expired {
        return Elsewhere::lost(threshold.page, kind, back);
    }
    let failure = error.to_string();
    let written = threshold.commune.write(By::VISITOR, move |tx| identity::failed(tx, kind, &failure)).await;
    if let Err(error) = written {
        let error: StoreError = error;
        tracing::warn!(%error, "the failure of an identity provider was not written down");
    }
    match error {
        IdentityError::Untrusted(_) => Elsewhere::lost(threshold.page, kind, back),
        IdentityError::Down(_) | IdentityError::Refused(_) => Elsewhere::down(threshold.page, kind, back),
    }
}

/// Whether the visitor is at the main address of the site.
fn is_at(threshold: &Threshold, site: &str) -> bool {
    let host =
        |authority: &str| authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_ascii_lowercase();
    let asked =
        ["x-forwarded-host", "host"].iter().find_map(|name| threshold.headers.get(*name)?.to_str().ok());
    let main = site.split_once("://").map_or(site, |(_, authority)| authority);
    asked.is_none_or(|asked| host(asked) == host(main))
}

fn departure_query(back: &str, level: &str) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    format!("retour={}&niveau={}", encode(back), encode(level))
}
