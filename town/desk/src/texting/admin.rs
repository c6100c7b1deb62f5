//! The gateway of text messages, as the administrator sets and tries it.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_notify::messages::trial;
use beffroi_people::{
    Permit, Refused, SignedIn, Town,
    permission::{ManageTown, permit},
};
use beffroi_sms::{self as sms, Gateway, GatewayKind, Kept, SettingsFault, Trouble};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::{office::reception::forms::Choice, problem::Problem, public::when, visit::Visit};

/// The parts a month that are proposed where nothing is set.
const USUAL_CAP: u32 = 500;

/// The controls, by what may be wrong with them.
const CONTROLS: [(SettingsFault, &str, &str); 7] = [
    (SettingsFault::Account, "compte", "office-sms-account-wrong"),
    (SettingsFault::AppKey, "cle_application", "office-sms-app-key-wrong"),
    (SettingsFault::Secret, "secret", "office-sms-secret-wrong"),
    (SettingsFault::ConsumerKey, "cle_consommateur", "office-sms-consumer-wrong"),
    (SettingsFault::Address, "adresse", "office-sms-address-wrong"),
    (SettingsFault::Sender, "expediteur", "office-sms-sender-wrong"),
    (SettingsFault::Cap, "plafond", "office-sms-cap-wrong"),
];

fn allowed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageTown>> {
    match permit::<ManageTown>(tx, who, None) {
        Ok(permit) => Ok(permit),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(Refused::SecondFactorMissing) if who.may_somewhere(MANAGES) => Err(WebError::sign_in_required()),
        Err(_) => Err(WebError::not_found()),
    }
}

const MANAGES: beffroi_people::Permission = <ManageTown as beffroi_people::permission::Action>::PERMISSION;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// The key of what is wrong, for the pages that say so.
pub(crate) const fn why(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Off => "office-sms-off",
        Trouble::Number => "office-sms-number",
        Trouble::Cap => "office-sms-cap-reached",
        Trouble::Away => "office-sms-away",
        Trouble::Private => "office-sms-private",
        Trouble::Insecure => "office-sms-insecure",
        Trouble::Refused => "office-sms-refused",
        Trouble::Account => "office-sms-account",
        Trouble::Credit => "office-sms-credit",
        Trouble::Limit => "office-sms-limit",
        Trouble::Unfit => "office-sms-unfit",
        Trouble::Failing => "office-sms-failing",
        Trouble::Doubtful => "office-sms-doubtful",
    }
}

/// What was typed, or is kept. Secrets are never shown again.
struct Typed {
    kind: String,
    address: String,
    account: String,
    app_key: String,
    sender: String,
    cap: String,
    abroad: bool,
}

impl Typed {
    fn of(kept: Option<&Kept>) -> Self {
        let Some(Kept { gateway, .. }) = kept else {
            return Self {
                kind: GatewayKind::Ovh.as_str().to_owned(),
                address: String::new(),
                account: String::new(),
                app_key: String::new(),
                sender: String::new(),
                cap: USUAL_CAP.to_string(),
                abroad: false,
            };
        };
        let usual = gateway.address == gateway.kind.usual_address();
        Self {
            kind: gateway.kind.as_str().to_owned(),
            address: if usual { String::new() } else { gateway.address.clone() },
            account: gateway.account.clone(),
            app_key: gateway.app_key.clone(),
            sender: gateway.sender.clone(),
            cap: gateway.monthly_cap.to_string(),
            abroad: gateway.abroad,
        }
    }

    fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            kind: text("passerelle"),
            address: text("adresse"),
            account: text("compte"),
            app_key: text("cle_application"),
            sender: text("expediteur"),
            cap: text("plafond"),
            abroad: fields.get("etranger").is_some(),
        }
    }

    fn gateway(&self, fields: &FormPost) -> Gateway {
        let secret = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        Gateway {
            kind: GatewayKind::from_word(&self.kind).unwrap_or(GatewayKind::Ovh),
            address: self.address.clone(),
            account: self.account.clone(),
            app_key: self.app_key.clone(),
            secret: secret("secret"),
            consumer_key: secret("cle_consommateur"),
            sender: self.sender.clone(),
            monthly_cap: self.cap.parse().unwrap_or_default(),
            abroad: self.abroad,
        }
    }
}

#[derive(Template)]
#[template(path = "texting/gateway.html")]
struct GatewayPage {
    page: Page,
    done: String,
    /// How it fares; `""` where there is none.
    state: String,
    used: String,
    typed: Typed,
    number: String,
    kinds: Vec<Choice>,
    problems: Vec<Problem>,
}

impl GatewayPage {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What is kept, and how it has fared.
struct Found {
    kept: Option<Kept>,
    used: u32,
    zone: Tz,
}

fn load(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Found> {
    allowed(tx, who)?;
    Ok(Found { kept: sms::kept(tx)?, used: sms::used(tx)?, zone: Town::load(tx)?.zone() })
}

async fn found(visit: &Visit) -> Result<Found> {
    let who = visit.visitor.require()?.clone();
    visit.commune.read(visit.visitor.by, move |tx| load(tx, &who)).await
}

fn state(page: &Page, kept: &Kept, zone: Tz) -> String {
    let lang = page.language();
    match (kept.trouble, kept.troubled_since, kept.sent_at) {
        (Some(trouble), since, _) => {
            let since = when(since.unwrap_or(kept.changed_at), zone, lang);
            page.tr(
                "office-sms-troubled",
                &[("when", since.into()), ("why", page.t(why(trouble)).to_owned().into())],
            )
        }
        (None, _, Some(at)) => page.tr("office-sms-works", &[("when", when(at, zone, lang).into())]),
        (None, _, None) => page.t("office-sms-untried").to_owned(),
    }
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct Shown {
    typed: Option<Typed>,
    number: String,
    problems: Vec<Problem>,
    done: String,
}

fn show_page(page: Page, found: &Found, shown: Shown) -> Result {
    let Shown { typed, number, problems, done } = shown;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let typed = typed.unwrap_or_else(|| Typed::of(found.kept.as_ref()));
    let kinds = GatewayKind::ALL.iter().map(|kind| {
        let key = format!("office-sms-gateway-{}", kind.as_str());
        let label = page.t(&key);
        Choice::new(kind.as_str(), label, kind.as_str() == typed.kind)
    });
    let view = GatewayPage {
        kinds: kinds.collect(),
        state: found.kept.as_ref().map(|kept| state(&page, kept, found.zone)).unwrap_or_default(),
        used: found
            .kept
            .as_ref()
            .map(|kept| {
                let figures = [
                    ("n", i64::from(found.used).into()),
                    ("cap", i64::from(kept.gateway.monthly_cap).into()),
                ];
                page.tr("office-sms-used", &figures)
            })
            .unwrap_or_default(),
        done,
        typed,
        number,
        problems,
        page,
    };
    if status == StatusCode::OK { render(&view) } else { render_as(status, &view) }
}

fn told(page: &Page, wrong: &[(&'static str, &'static str)]) -> Vec<Problem> {
    crate::office::reception::forms::problems(page, wrong)
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result {
    let found = found(&visit).await?;
    let done = match asked.fait.as_str() {
        "oui" => "office-sms-kept",
        "essai" => "office-sms-tried",
        "retrait" => "office-sms-removed",
        _ => return show_page(visit.page, &found, Shown::default()),
    };
    let done = visit.page.t(done).to_owned();
    show_page(visit.page, &found, Shown { done, ..Shown::default() })
}

pub(super) async fn save(visit: Visit, fields: FormPost) -> Result {
    let before = found(&visit).await?;
    let typed = Typed::read(&fields);
    let ready = sms::to_keep(&typed.gateway(&fields), before.kept.as_ref().map(|kept| &kept.gateway));
    let gateway = match ready {
        Ok(gateway) => gateway,
        Err(faults) => {
            let of = |fault: &SettingsFault| CONTROLS.iter().find(|(known, ..)| known == fault);
            let wrong: Vec<_> = faults.iter().filter_map(of).map(|(_, field, key)| (*field, *key)).collect();
            let problems = told(&visit.page, &wrong);
            return show_page(
                visit.page,
                &before,
                Shown { typed: Some(typed), problems, ..Shown::default() },
            );
        }
    };
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            Ok::<_, WebError>(sms::save(tx, &permit, &gateway)?)
        })
        .await?;
    Ok(Redirect::to("/admin/sms?fait=oui").into_response())
}

/// Sends a message of trial now, and tells what came of it.
pub(super) async fn attempt(visit: Visit, fields: FormPost) -> Result {
    let before = found(&visit).await?;
    if before.kept.is_none() {
        return Err(WebError::not_found());
    }
    let number = fields.text("numero").to_owned();
    let refused = |page: Page, before: &Found, number: String, key: &'static str| {
        let problems = told(&page, &[("numero", key)]);
        show_page(page, before, Shown { number, problems, ..Shown::default() })
    };
    if visit.desk.demo {
        return refused(visit.page, &before, number, "office-sms-demo");
    }
    let who = visit.visitor.require()?.clone();
    let (asking, to) = (who.clone(), number.clone());
    let ready = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            allowed(tx, &asking)?;
            let text = trial(&Town::load(tx)?.name);
            Ok::<_, WebError>(sms::prepare(tx, &to, &text)?)
        })
        .await?;
    let ready = match ready {
        Ok(ready) => ready,
        Err(trouble) => return refused(visit.page, &before, number, why(trouble)),
    };
    let outcome = sms::deliver(visit.desk.targets, &ready, visit.commune.now()).await;
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            sms::conclude(tx, &ready, outcome)?;
            Ok::<_, WebError>(sms::tried(tx, &permit, outcome)?)
        })
        .await?;
    match outcome {
        Ok(()) => Ok(Redirect::to("/admin/sms?fait=essai").into_response()),
        Err(trouble) => {
            let now = found(&visit).await?;
            refused(visit.page, &now, number, why(trouble))
        }
    }
}

pub(super) async fn remove(visit: Visit) -> Result {
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            Ok::<_, WebError>(sms::clear(tx, &permit)?)
        })
        .await?;
    Ok(Redirect::to("/admin/sms?fait=retrait").into_response())
}
