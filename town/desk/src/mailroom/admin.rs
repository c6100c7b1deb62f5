//! The mailboxes that the town reads, as the administrator sets them.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_mailroom::{self as mailroom, Mailbox, MailboxDetails, Security, TroubleKind, mailbox};
use beffroi_people::{
    Permit, Refused, SignedIn, Town, department,
    permission::{ManageTown, permit},
};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use crate::{
    office::reception::forms::Choice, permission::Place, problem::Problem, public::when, visit::Visit,
};

/// Letters of a name, an address, a folder.
const LONGEST: usize = 200;

fn allowed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageTown>> {
    match permit::<ManageTown>(tx, who, None) {
        Ok(permit) => Ok(permit),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(Refused::SecondFactorMissing) if who.may_somewhere(town()) => Err(WebError::sign_in_required()),
        Err(_) => Err(WebError::not_found()),
    }
}

const fn town() -> beffroi_people::Permission {
    <ManageTown as beffroi_people::permission::Action>::PERMISSION
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What was typed of a mailbox.
#[derive(Clone, Default)]
struct Typed {
    name: String,
    department: String,
    host: String,
    port: String,
    security: String,
    user_name: String,
    folder: String,
    done_folder: String,
    active: bool,
}

impl Typed {
    fn empty() -> Self {
        Self {
            port: "993".to_owned(),
            security: "tls".to_owned(),
            folder: "INBOX".to_owned(),
            active: true,
            ..Self::default()
        }
    }

    fn of(details: &MailboxDetails) -> Self {
        Self {
            name: details.name.clone(),
            department: details.department.clone(),
            host: details.host.clone(),
            port: details.port.to_string(),
            security: details.security.as_str().to_owned(),
            user_name: details.user_name.clone(),
            folder: details.folder.clone(),
            done_folder: details.done_folder.clone(),
            active: details.is_active,
        }
    }

    fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            name: text("nom"),
            department: text("service"),
            host: text("serveur"),
            port: text("port"),
            security: text("securite"),
            user_name: text("identifiant"),
            folder: text("dossier"),
            done_folder: text("range"),
            active: fields.get("active").is_some(),
        }
    }

    fn details(
        &self,
        places: &[Place],
    ) -> std::result::Result<MailboxDetails, Vec<(&'static str, &'static str)>> {
        let mut wrong = Vec::new();
        for (field, text, missing) in [
            ("nom", &self.name, "office-box-name-missing"),
            ("serveur", &self.host, "office-box-host-missing"),
            ("identifiant", &self.user_name, "office-box-user-missing"),
            ("dossier", &self.folder, "office-box-folder-missing"),
        ] {
            if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                wrong.push((field, missing));
            }
        }
        let host_fits = self.host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
        if !self.host.is_empty() && !host_fits {
            wrong.push(("serveur", "office-box-host-wrong"));
        }
        let port = self.port.parse().ok().filter(|port| (1..=65_535).contains(port));
        if port.is_none() {
            wrong.push(("port", "office-box-port-wrong"));
        }
        if !places.iter().any(|place| place.slug == self.department) {
            wrong.push(("service", "office-missing-department"));
        }
        let security = Security::from_word(&self.security);
        match (port, security, wrong.is_empty()) {
            (Some(port), Some(security), true) => Ok(MailboxDetails {
                name: self.name.clone(),
                department: self.department.clone(),
                host: self.host.clone(),
                port,
                security,
                user_name: self.user_name.clone(),
                folder: self.folder.clone(),
                done_folder: self.done_folder.clone(),
                is_active: self.active,
            }),
            _ => Err(wrong),
        }
    }
}

struct Row {
    href: String,
    name: String,
    host: String,
    state: String,
}

#[derive(Template)]
#[template(path = "mailroom/boxes.html")]
struct Boxes {
    page: Page,
    done: String,
    /// Of one mailbox: its id, how it was read last, and what was found when it was verified.
    id: String,
    state: String,
    left: String,
    verified: String,
    rows: Vec<Row>,
    typed: Typed,
    departments: Vec<Choice>,
    securities: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Boxes {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Found {
    all: Vec<Mailbox>,
    one: Option<Mailbox>,
    places: Vec<Place>,
    zone: chrono_tz::Tz,
}

fn load(tx: &mut Tx<'_>, who: &SignedIn, id: Option<Id<Mailbox>>) -> Result<Found> {
    allowed(tx, who)?;
    let one = match id {
        Some(id) => Some(mailbox::find(tx, id)?.ok_or_else(WebError::not_found)?),
        None => None,
    };
    let places = department::list(tx)?;
    Ok(Found {
        all: mailbox::list(tx)?,
        one,
        places: places
            .into_iter()
            .map(|found| Place { slug: found.details.slug, name: found.details.name })
            .collect(),
        zone: Town::load(tx)?.zone(),
    })
}

/// The key of what is wrong with a mailbox.
const fn why(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Private => "office-box-private",
        TroubleKind::Away => "office-box-away",
        TroubleKind::Insecure => "office-box-insecure",
        TroubleKind::Refused => "office-box-refused",
        TroubleKind::NoFolder => "office-box-no-folder",
        TroubleKind::Protocol => "office-box-protocol",
    }
}

/// How a mailbox was read last, in words.
fn state(page: &Page, mailbox: &Mailbox, zone: chrono_tz::Tz) -> String {
    let at = mailbox.fetched_at.map(|at| when(at, zone, page.language()));
    match (&mailbox.trouble, at) {
        _ if !mailbox.details.is_active => page.t("office-box-inactive").to_owned(),
        (Some(_), Some(at)) => {
            let since = mailbox.troubled_since.map_or(at, |since| when(since, zone, page.language()));
            let why = mailbox.trouble_kind.map(|kind| page.t(why(kind))).unwrap_or_default().to_owned();
            page.tr("office-box-trouble", &[("when", since.into()), ("why", why.into())])
        }
        (_, Some(at)) => page.tr("office-box-read", &[("when", at.into())]),
        (_, None) => page.t("office-box-unread").to_owned(),
    }
}

/// The mails that were left on the server, in words; `""` where none was.
fn left_behind(page: &Page, mailbox: &Mailbox) -> String {
    match mailbox.left_behind {
        0 => String::new(),
        mails => page.tr("office-box-left", &[("n", i64::from(mails).into())]),
    }
}

fn show_page(
    page: Page,
    found: Found,
    typed: Option<Typed>,
    problems: Vec<Problem>,
    done: String,
    verified: String,
) -> Result {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let Found { all, one, places, zone } = found;
    let kept = one.as_ref().map(|one| Typed::of(&one.details));
    let typed = typed.or(kept).unwrap_or_else(Typed::empty);
    let boxes = Boxes {
        done,
        verified,
        id: one.as_ref().map(|one| one.id.to_string()).unwrap_or_default(),
        state: one.as_ref().map(|one| state(&page, one, zone)).unwrap_or_default(),
        left: one.as_ref().map(|one| left_behind(&page, one)).unwrap_or_default(),
        rows: if one.is_some() {
            Vec::new()
        } else {
            all.iter()
                .map(|it| Row {
                    href: format!("/admin/boites/{}", it.id),
                    name: it.details.name.clone(),
                    host: format!("{} – {}", it.details.host, it.details.user_name),
                    state: format!("{} {}", state(&page, it, zone), left_behind(&page, it))
                        .trim_end()
                        .to_owned(),
                })
                .collect()
        },
        departments: places
            .iter()
            .map(|place| Choice::new(&place.slug, &place.name, place.slug == typed.department))
            .collect(),
        securities: vec![
            Choice::new("tls", page.t("office-box-tls"), typed.security == "tls"),
            Choice::new("starttls", page.t("office-box-starttls"), typed.security == "starttls"),
        ],
        typed,
        problems,
        page,
    };
    if status == StatusCode::OK { render(&boxes) } else { render_as(status, &boxes) }
}

async fn found(visit: &Visit, id: Option<Id<Mailbox>>) -> Result<Found> {
    let who = visit.visitor.require()?.clone();
    visit.commune.read(visit.visitor.by, move |tx| load(tx, &who, id)).await
}

fn id_of(text: &str) -> Result<Id<Mailbox>> {
    text.parse().map_err(|_| WebError::not_found())
}

pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result {
    let found = found(&visit, None).await?;
    show_page(visit.page, found, None, Vec::new(), asked.fait, String::new())
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result {
    let found = found(&visit, Some(id_of(&id)?)).await?;
    show_page(visit.page, found, None, Vec::new(), asked.fait, String::new())
}

fn told(page: &Page, wrong: &[(&'static str, &'static str)]) -> Vec<Problem> {
    crate::office::reception::forms::problems(page, wrong)
}

pub(super) async fn add(visit: Visit, fields: FormPost) -> Result {
    let before = found(&visit, None).await?;
    let typed = Typed::read(&fields);
    let password = fields.get("mot_de_passe").unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    let details = typed.details(&before.places).map_err(|all| wrong.extend(all)).ok();
    if password.is_empty() {
        wrong.push(("mot_de_passe", "office-box-password-missing"));
    }
    let (Some(details), true) = (details, wrong.is_empty()) else {
        let problems = told(&visit.page, &wrong);
        return show_page(visit.page, before, Some(typed), problems, String::new(), String::new());
    };
    let who = visit.visitor.require()?.clone();
    let id = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            let id = mailbox::add(tx, &permit, &details, &password)?;
            start(tx, id)?;
            Ok::<_, WebError>(id)
        })
        .await?;
    Ok(Redirect::to(&format!("/admin/boites/{id}?fait=ajout")).into_response())
}

/// Asks for the first round of an active mailbox.
fn start(tx: &mut Tx<'_>, id: Id<Mailbox>) -> beffroi_store::Result<()> {
    match mailbox::find(tx, id)? {
        Some(mailbox) if mailbox.details.is_active => mailroom::ask_for(tx, &mailbox),
        _ => Ok(()),
    }
}

pub(super) async fn change(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let before = found(&visit, Some(id)).await?;
    let typed = Typed::read(&fields);
    let password = fields.get("mot_de_passe").filter(|text| !text.is_empty()).map(str::to_owned);
    let mut wrong = Vec::new();
    let details = typed.details(&before.places).map_err(|all| wrong.extend(all)).ok();
    let kept = before.one.as_ref().zip(details.as_ref());
    if password.is_none() && kept.is_some_and(|(one, new)| !new.has_door_of(&one.details)) {
        wrong.push(("mot_de_passe", "office-box-password-again"));
    }
    let details = match details {
        Some(details) if wrong.is_empty() => details,
        _ => {
            let problems = told(&visit.page, &wrong);
            return show_page(visit.page, before, Some(typed), problems, String::new(), String::new());
        }
    };
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            if !mailbox::change(tx, &permit, id, &details, password.as_deref())? {
                return Err(WebError::not_found());
            }
            Ok(start(tx, id)?)
        })
        .await?;
    Ok(Redirect::to(&format!("/admin/boites/{id}?fait=change")).into_response())
}

/// Signs in to the mailbox as it is kept, and tells what came of it.
pub(super) async fn verify(visit: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let before = found(&visit, Some(id)).await?;
    let who = visit.visitor.require()?.clone();
    let (details, password) = visit
        .commune
        .read(visit.visitor.by, move |tx| {
            allowed(tx, &who)?;
            let mailbox = mailbox::find(tx, id)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((mailbox.details, mailbox::password(tx, id)?))
        })
        .await?;
    let (page, targets) = (visit.page, visit.desk.mail_targets);
    match mailroom::check(&details, &password, targets).await {
        Ok(mails) => {
            let verified = page.tr("office-box-verified", &[("n", i64::from(mails).into())]);
            show_page(page, before, None, Vec::new(), String::new(), verified)
        }
        Err(error) => {
            let field = match error.kind() {
                TroubleKind::Refused => "identifiant",
                TroubleKind::NoFolder => "dossier",
                _ => "serveur",
            };
            let key = why(error.kind());
            tracing::info!(%error, "a mailbox was verified in vain");
            let problems = told(&page, &[(field, key)]);
            show_page(page, before, None, problems, String::new(), String::new())
        }
    }
}

/// Reads the mailbox now.
pub(super) async fn fetch(visit: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            allowed(tx, &who)?;
            mailbox::find(tx, id)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(start(tx, id)?)
        })
        .await?;
    Ok(Redirect::to(&format!("/admin/boites/{id}?fait=releve")).into_response())
}

pub(super) async fn remove(visit: Visit, Path(id): Path<String>) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let permit = allowed(tx, &who)?;
            mailbox::find(tx, id)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(mailbox::remove(tx, &permit, id)?)
        })
        .await?;
    Ok(Redirect::to("/admin/boites?fait=retrait").into_response())
}
