//! The identity providers that the commune has an agreement with: which there are, how they fare, and their settings.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::Assurance;
use beffroi_identity::{Checked, IdentityError};
use beffroi_people::{
    Town,
    identity::{self, Health, Provider, ProviderError, ProviderKind},
    permission::{ManageTown, permit},
};
use beffroi_store::StoreError;
use beffroi_web::{App, FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use chrono_tz::Tz;

use super::{Failed, Office, settle};
use crate::{
    back::Asked,
    fill::{Choice, Filled},
    identity::Threshold,
    words,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/connexion", get(list))
        .route("/admin/connexion/{provider}", get(show).post(save))
        .route("/admin/connexion/{provider}/verification", post(verify))
}

#[derive(Template)]
#[template(path = "providers.html")]
struct ProvidersPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    name: &'static str,
    about: String,
    state: String,
    look: &'static str,
    health: String,
}

#[derive(Template)]
#[template(path = "provider.html")]
struct ProviderPage {
    page: Page,
    filled: Filled,
    kind: ProviderKind,
    name: &'static str,
    about: String,
    levels: Vec<Choice>,
    /// Whether a secret is kept.
    secret_kept: bool,
    /// Whether there is something to verify.
    saved: bool,
    callback: String,
    after_leaving: String,
    keys: String,
    health: String,
    done: String,
    /// What « Vérifier » found: right things, or what is wrong.
    found: Vec<String>,
    wrong: String,
}

fn kind_of(word: &str) -> Result<ProviderKind> {
    ProviderKind::from_word(word).ok_or_else(WebError::not_found)
}

fn fares(page: &Page, zone: Tz, health: Option<&Health>) -> String {
    let Some(health) = health else { return String::new() };
    let at = |instant: beffroi_core::Instant| words::moment(page, zone, instant);
    match (health.is_failing(), health.failed_at, health.worked_at) {
        (true, Some(failed), _) => page.tr(
            "accounts-provider-fails",
            &[("when", at(failed).into()), ("why", health.failure.as_str().into())],
        ),
        (_, _, Some(worked)) => page.tr("accounts-provider-works", &[("when", at(worked).into())]),
        _ => page.t("accounts-provider-never").to_owned(),
    }
}

async fn list(_: Office<ManageTown>, threshold: Threshold) -> Result {
    let read = threshold.commune.read(threshold.visitor.by, |tx| {
        Ok::<_, StoreError>((identity::list(tx)?, identity::health(tx)?, Town::load(tx)?.zone()))
    });
    let (providers, health, zone) = read.await.map_err(WebError::from)?;
    let page = threshold.page;
    let row = |kind: ProviderKind| {
        let set = providers.iter().find(|provider| provider.kind == kind);
        let fares_now = health.iter().find(|health| health.kind == kind);
        let failing = fares_now.is_some_and(Health::is_failing);
        let (look, state) = match set {
            None => ("closed", "accounts-provider-unset"),
            Some(provider) if !provider.enabled => ("waiting", "accounts-provider-off"),
            Some(_) if failing => ("late", "accounts-provider-failing"),
            Some(_) => ("granted", "accounts-provider-on"),
        };
        Row {
            href: format!("/admin/connexion/{}", kind.as_str()),
            name: kind.name(),
            about: page.t(&format!("accounts-provider-about-{}", kind.as_str())).to_owned(),
            look,
            state: page.t(state).to_owned(),
            health: fares(&page, zone, fares_now),
        }
    };
    let rows = ProviderKind::ALL.iter().copied().map(row).collect();
    render(&ProvidersPage { page, rows })
}

/// The page as it stands, or with what was typed.
async fn page_of(threshold: Threshold, kind: ProviderKind, typed: Option<Filled>) -> Result<ProviderPage> {
    let read = threshold.commune.read(threshold.visitor.by, move |tx| {
        let set = identity::list(tx)?.into_iter().find(|provider| provider.kind == kind);
        Ok::<_, StoreError>((set, identity::health(tx)?, Town::load(tx)?.zone()))
    });
    let (set, health, zone) = read.await.map_err(WebError::from)?;
    let site = threshold.doors.site(&threshold.commune).await?;
    let page = threshold.page;
    let saved = set.is_some();
    let provider = set.unwrap_or_else(|| Provider::unset(kind));
    let filled = typed.unwrap_or_else(|| fill(&provider));
    let levels = [Assurance::Eidas2, Assurance::Eidas3]
        .map(|level| {
            let label = page.t(&format!("accounts-level-{}", level.as_str())).to_owned();
            Choice::new(&filled, "level", level.as_str(), label)
        })
        .to_vec();
    let at = |end: &str| format!("{site}/connexion/{}/{end}", kind.as_str());
    Ok(ProviderPage {
        kind,
        name: kind.name(),
        about: page.t(&format!("accounts-provider-about-{}", kind.as_str())).to_owned(),
        levels: if kind == ProviderKind::FranceConnectPlus { levels } else { Vec::new() },
        secret_kept: saved,
        saved,
        callback: at("retour"),
        after_leaving: at("deconnecte"),
        keys: if kind == ProviderKind::FranceConnectPlus { at("cles") } else { String::new() },
        health: fares(&page, zone, health.iter().find(|health| health.kind == kind)),
        done: String::new(),
        found: Vec::new(),
        wrong: String::new(),
        filled,
        page,
    })
}

fn fill(provider: &Provider) -> Filled {
    let idps = provider.idps.join("\n");
    let mut filled = Filled::with([
        ("issuer", &provider.issuer),
        ("client-id", &provider.client_id),
        ("siret", &provider.siret),
        ("idps", &idps),
    ]);
    filled.set("level", provider.level.as_str());
    if provider.enabled {
        filled.set("enabled", "true");
    }
    filled
}

async fn show(
    _: Office<ManageTown>,
    threshold: Threshold,
    Path(word): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let mut shown = page_of(threshold, kind_of(&word)?, None).await?;
    if !asked.fait.is_empty() {
        shown.done = shown.page.t("accounts-provider-done").to_owned();
    }
    render(&shown)
}

fn read(form: &FormPost, kind: ProviderKind) -> Provider {
    let level = Assurance::from_word(form.text("level")).filter(|level| *level >= Assurance::Eidas2);
    let usual = Provider::unset(kind);
    Provider {
        enabled: form.get("enabled").is_some(),
        issuer: form.text("issuer").trim_end_matches('/').to_owned(),
        client_id: form.text("client-id").to_owned(),
        level: level.filter(|_| kind == ProviderKind::FranceConnectPlus).unwrap_or(usual.level),
        siret: form.text("siret").replace([' ', '\u{a0}', '\u{202f}'], ""),
        idps: form
            .text("idps")
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        ..usual
    }
}

async fn save(
    office: Office<ManageTown>,
    threshold: Threshold,
    Path(word): Path<String>,
    form: FormPost,
) -> Result {
    let kind = kind_of(&word)?;
    let provider = read(&form, kind);
    let secret = form.get("secret").unwrap_or_default().trim().to_owned();
    let saved =
        threshold.commune.write(threshold.visitor.by, move |tx| -> Result<(), Failed<ProviderError>> {
            let permit = permit::<ManageTown>(tx, &office.who, None)?;
            Ok(identity::save(tx, &permit, &provider, &secret)?)
        });
    let (field, message) = match settle(saved.await)? {
        Ok(()) => return Ok(Redirect::to(&format!("/admin/connexion/{word}?fait=oui")).into_response()),
        Err(ProviderError::Issuer) => ("issuer", "accounts-provider-wrong-issuer"),
        Err(ProviderError::ClientId) => ("client-id", "accounts-provider-wrong-client"),
        Err(ProviderError::Secret) => ("secret", "accounts-provider-wrong-secret"),
        Err(ProviderError::Siret) => ("siret", "accounts-provider-wrong-siret"),
        Err(ProviderError::Store(error)) => return Err(error.into()),
    };
    let mut filled = Filled::of(&form);
    filled.wrong(field, threshold.page.t(message));
    let shown = page_of(threshold, kind, Some(filled)).await?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// Asks the provider who it is, and tells plainly what is wrong.
async fn verify(_: Office<ManageTown>, threshold: Threshold, Path(word): Path<String>) -> Result {
    threshold.visitor.limit(&threshold.app, Purpose::SIGN_IN)?;
    let kind = kind_of(&word)?;
    let saved = threshold.commune.read(threshold.visitor.by, move |tx| identity::find(tx, kind)).await?;
    let saved = saved.ok_or_else(WebError::not_found)?;
    let checked = threshold.doors.oidc.check(&saved.provider.issuer).await;
    let failure = checked.as_ref().err().map(ToString::to_string);
    let written = threshold.commune.write(threshold.visitor.by, move |tx| match failure {
        Some(failure) => identity::failed(tx, kind, &failure),
        None => identity::worked(tx, kind),
    });
    written.await.map_err(|error: StoreError| WebError::from(error))?;
    let mut shown = page_of(threshold, kind, None).await?;
    match checked {
        Ok(found) => shown.found = worded(&shown.page, &found),
        Err(error) => {
            let key = match error {
                IdentityError::Down(_) => "accounts-provider-check-down",
                IdentityError::Refused(_) => "accounts-provider-check-refused",
                IdentityError::Untrusted(_) => "accounts-provider-check-untrusted",
            };
            shown.wrong = shown.page.tr(key, &[("why", error.to_string().into())]);
        }
    }
    render(&shown)
}

fn worded(page: &Page, found: &Checked) -> Vec<String> {
    let keys = i64::try_from(found.keys).unwrap_or_default();
    let mut said = vec![
        page.t("accounts-provider-found-answers").to_owned(),
        page.tr("accounts-provider-found-keys", &[("count", keys.into())]),
    ];
    let tells = if found.tells_identity {
        "accounts-provider-found-identity"
    } else {
        "accounts-provider-found-none"
    };
    let ends = if found.ends_sessions {
        "accounts-provider-found-leaving"
    } else {
        "accounts-provider-found-no-leaving"
    };
    said.extend([page.t(tells).to_owned(), page.t(ends).to_owned()]);
    said
}
