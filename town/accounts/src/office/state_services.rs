//! The State's services that the town may ask: where they are, the key that it was given, who asks and for what; a
//! button that tries them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::Instant;
use beffroi_once_only::{Access, Api, SettingsFault, Trouble, client};
use beffroi_people::{
    Town,
    permission::{ManageTown, permit},
};
use beffroi_store::{By, Commune, StoreError};
use beffroi_web::{
    App, Check, CheckWords, CommuneOf, FormPost, Page, Report, Result, Visitor, WebError, page::render_as,
    render,
};
use chrono_tz::Tz;

use super::{Failed, Never, Office, settle};
use crate::{back::Asked, fill::Filled, words};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/etat", get(show))
        .route("/admin/etat/{api}", post(save))
        .route("/admin/etat/{api}/essai", post(check))
        .route("/admin/etat/{api}/retrait", post(clear))
}

/// One of the State's services, as it has fared.
pub struct StateService(pub Api);

impl Check for StateService {
    fn name(&self) -> &'static str {
        self.0.as_str()
    }

    fn words(&self) -> CheckWords {
        let title = match self.0 {
            Api::Particulier => "accounts-state-particulier",
            Api::Entreprise => "accounts-state-entreprise",
        };
        CheckWords { title, meanwhile: "accounts-state-meanwhile", remedy: "accounts-state-remedy" }
    }

    fn of_commune(&self) -> bool {
        true
    }

    /// Tells how the last questions went: asking only to look would cost the State something each time.
    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let api = self.0;
        match commune.read_blocking(By::SYSTEM, move |tx| beffroi_once_only::load(tx, api)) {
            Ok(None) => return None,
            Ok(Some(_)) => {}
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        }
        let standing = client().standing(commune.slug(), api);
        Some(match (standing.failing_since, standing.answered) {
            (Some(since), _) => {
                Report::wrong("accounts-state-failing").detail(standing.reason).since(Some(since))
            }
            (None, Some(_)) => Report::good("accounts-state-answers"),
            (None, None) => Report::good("accounts-state-not-asked"),
        })
    }
}

#[derive(Template)]
#[template(path = "state_services.html")]
struct ServicesPage {
    page: Page,
    services: Vec<Service>,
    filled: Filled,
    done: String,
    tried: String,
}

/// One service on the page.
struct Service {
    api: &'static str,
    title: String,
    about: String,
    address: String,
    recipient: String,
    purpose: String,
    configured: bool,
    changed: String,
    errors: [String; 4],
}

impl Service {
    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.api)
    }

    fn error(&self, rank: usize) -> &str {
        self.errors.get(rank).map_or("", String::as_str)
    }
}

/// The controls of a service, by what may be wrong with them.
const CONTROLS: [(SettingsFault, &str, &str); 4] = [
    (SettingsFault::Address, "address", "accounts-state-wrong-address"),
    (SettingsFault::Token, "token", "accounts-state-wrong-token"),
    (SettingsFault::Recipient, "recipient", "accounts-state-wrong-recipient"),
    (SettingsFault::Purpose, "purpose", "accounts-state-wrong-purpose"),
];

/// The id of a control: two forms of one page share none.
const fn control(api: Api, name: &str) -> &'static str {
    match (api, name.as_bytes()) {
        (Api::Particulier, b"address") => "api-particulier-address",
        (Api::Particulier, b"token") => "api-particulier-token",
        (Api::Particulier, b"recipient") => "api-particulier-recipient",
        (Api::Particulier, _) => "api-particulier-purpose",
        (Api::Entreprise, b"address") => "api-entreprise-address",
        (Api::Entreprise, b"token") => "api-entreprise-token",
        (Api::Entreprise, b"recipient") => "api-entreprise-recipient",
        (Api::Entreprise, _) => "api-entreprise-purpose",
    }
}

struct Kept {
    services: Vec<(Api, Option<Access>)>,
    zone: Tz,
}

async fn kept(visitor: &Visitor, commune: &CommuneOf) -> Result<Kept> {
    let read = commune.read(visitor.by, |tx| -> Result<_, StoreError> {
        let mut services = Vec::new();
        for api in Api::ALL {
            services.push((api, beffroi_once_only::load(tx, api)?));
        }
        Ok(Kept { services, zone: Town::load(tx)?.zone() })
    });
    Ok(read.await?)
}

impl ServicesPage {
    fn new(page: Page, kept: Kept, filled: Filled, typed: Option<&Access>) -> Self {
        let zone = kept.zone;
        let service = |(api, access): (Api, Option<Access>)| {
            let typed = typed.filter(|typed| typed.api == api);
            let shown = typed.or(access.as_ref());
            let (title, about) = match api {
                Api::Particulier => ("accounts-state-particulier", "accounts-state-particulier-about"),
                Api::Entreprise => ("accounts-state-entreprise", "accounts-state-entreprise-about"),
            };
            let errors = CONTROLS.map(|(_, name, _)| {
                if typed.is_some() { filled.error(control(api, name)).to_owned() } else { String::new() }
            });
            Service {
                api: api.as_str(),
                title: page.t(title).to_owned(),
                about: page.t(about).to_owned(),
                address: shown.map_or(api.usual_address(), |it| &it.address).to_owned(),
                recipient: shown.map(|it| it.recipient.clone()).unwrap_or_default(),
                purpose: shown.map(|it| it.purpose.clone()).unwrap_or_default(),
                changed: access
                    .as_ref()
                    .map(|it| {
                        page.tr(
                            "accounts-state-changed",
                            &[("when", words::moment(&page, zone, it.changed_at).into())],
                        )
                    })
                    .unwrap_or_default(),
                configured: access.is_some(),
                errors,
            }
        };
        let services = kept.services.into_iter().map(service).collect();
        Self { page, services, filled, done: String::new(), tried: String::new() }
    }
}

async fn show(
    _: Office<ManageTown>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let kept = kept(&visitor, &commune).await?;
    let done = match asked.fait.as_str() {
        "oui" => page.t("accounts-state-done").to_owned(),
        "retrait" => page.t("accounts-state-cleared").to_owned(),
        _ => String::new(),
    };
    render(&ServicesPage { done, ..ServicesPage::new(page, kept, Filled::default(), None) })
}

fn named(api: &str) -> Result<Api> {
    Api::from_word(api).ok_or_else(WebError::not_found)
}

async fn save(
    office: Office<ManageTown>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(api): Path<String>,
    form: FormPost,
) -> Result {
    let api = named(&api)?;
    let text = |name: &str| form.text(control(api, name)).to_owned();
    let typed = Access {
        api,
        address: text("address"),
        token: text("token"),
        recipient: text("recipient"),
        purpose: text("purpose"),
        changed_at: Instant::UNIX_EPOCH,
    };
    let before = kept(&visitor, &commune).await?;
    let kept_at = before.services.iter().find(|(known, _)| *known == api);
    let kept_at = kept_at.and_then(|(_, access)| access.as_ref()).map(|access| access.address.as_str());
    match beffroi_once_only::to_keep(&typed, kept_at) {
        Ok(access) => {
            let saved = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
                let permit = permit::<ManageTown>(tx, &office.who, None)?;
                Ok(beffroi_once_only::save(tx, &permit, &access)?)
            });
            let Ok(()) = settle(saved.await)?;
            client().forget(commune.slug(), api);
            Ok(Redirect::to("/admin/etat?fait=oui").into_response())
        }
        Err(faults) => {
            let mut filled = Filled::default();
            for (fault, name, message) in CONTROLS {
                if faults.contains(&fault) {
                    filled.wrong(control(api, name), page.t(message));
                }
            }
            let shown = ServicesPage::new(page, before, filled, Some(&typed));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

async fn clear(
    office: Office<ManageTown>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(api): Path<String>,
) -> Result {
    let api = named(&api)?;
    let cleared = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
        let permit = permit::<ManageTown>(tx, &office.who, None)?;
        Ok(beffroi_once_only::clear(tx, &permit, api)?)
    });
    let Ok(()) = settle(cleared.await)?;
    client().forget(commune.slug(), api);
    Ok(Redirect::to("/admin/etat?fait=retrait").into_response())
}

/// Tries a service with its key. What is asked concerns nobody.
async fn check(
    _: Office<ManageTown>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(api): Path<String>,
) -> Result {
    let api = named(&api)?;
    let kept = kept(&visitor, &commune).await?;
    let access = kept.services.iter().find(|(known, _)| *known == api).and_then(|(_, access)| access.clone());
    let access = access.ok_or_else(WebError::not_found)?;
    match client().check(commune.slug(), &access, commune.now()).await {
        Ok(()) => {
            let tried = page.t("accounts-state-tried").to_owned();
            render(&ServicesPage { tried, ..ServicesPage::new(page, kept, Filled::default(), None) })
        }
        Err(trouble) => {
            let mut filled = Filled::default();
            let (name, message) = match trouble {
                Trouble::Refused(_) => ("token", page.t("accounts-state-refused").to_owned()),
                Trouble::Quota => ("address", page.t("accounts-state-quota").to_owned()),
                other => ("address", page.tr("accounts-state-away", &[("reason", other.to_string().into())])),
            };
            filled.wrong(control(api, name), message);
            let shown =
                ServicesPage::new(page, kept, filled, Some(&Access { token: String::new(), ..access }));
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}
