//! A tracking code that was lost. A link goes to the e-mail address of the case and nowhere else; whether there
//! is such a case is not told.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{case::Case, tracking};
use beffroi_core::Id;
use beffroi_notify::{About, mail, messages};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use chrono::TimeDelta;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{TRACKING_COOKIE, TRACKING_PATH, with_cookie};
use crate::{
    papers::Stationery,
    problem::Problem,
    submission,
    visit::{Visit, case_error},
};

/// How long a link serves.
const MINUTES: u32 = 30;

#[derive(Template)]
#[template(path = "public/lost.html")]
struct Lost {
    page: Page,
    reference: String,
    email: String,
    error: String,
    sent: bool,
}

pub(super) async fn ask(Visit { page, .. }: Visit) -> Result {
    render(&Lost { page, reference: String::new(), email: String::new(), error: String::new(), sent: false })
}

pub(super) async fn send(Visit { app, desk, commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let reference = form.text("reference").to_uppercase();
    let email = form.text("email").to_lowercase();
    if reference.is_empty() || email.is_empty() {
        let error = page.t("desk-lost-both").to_owned();
        let lost = Lost { page, reference, email, error, sent: false };
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &lost);
    }
    let origin = desk.site(&commune).await?;
    commune.write(visitor.by, move |tx| send_link(tx, &reference, &email, &origin)).await?;
    render(&Lost { page, reference: String::new(), email: String::new(), error: String::new(), sent: true })
}

/// Queues the mail, if reference and address belong together.
fn send_link(tx: &mut Tx<'_>, reference: &str, email: &str, origin: &str) -> Result<()> {
    let Some(case) = tracking::by_reference(tx, reference)? else { return Ok(()) };
    let reach = submission::reach(tx, case.id)?.filter(|reach| reach.email.to_lowercase() == email);
    let Some(reach) = reach else { return Ok(()) };
    let secret = hex::encode(tx.random::<32>());
    let expires = tx.now() + TimeDelta::minutes(i64::from(MINUTES));
    tx.execute("DELETE FROM desk_recovery WHERE case_id = $1 OR expires_at < $2", &[&case.id, &tx.now()])?;
    tx.execute(
        "INSERT INTO desk_recovery (secret_hash, case_id, expires_at) VALUES ($1, $2, $3)",
        &[&hash(&secret), &case.id, &expires],
    )?;
    let stationery = Stationery::load(tx, &case.department)?;
    let contact = stationery.reach();
    let sender = Stationery::sender(&stationery.town, &contact);
    let link = format!("{origin}/suivi/retrouver?lien={secret}");
    let message = messages::tracking_code_recovery(sender, reach.lang, &link, MINUTES);
    let about = About { kind: "case", id: case.id.uuid() };
    let new = mail::NewMail {
        to: &reach.email,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret: true,
        about,
    };
    mail::queue(tx, &new).map(drop).map_err(WebError::internal)
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    lien: String,
}

#[derive(Template)]
#[template(path = "public/renew.html")]
struct Renew {
    page: Page,
    secret: String,
}

/// A button, so that programs that look into mails do not use the link up.
pub(super) async fn show(Visit { page, .. }: Visit, Query(link): Query<Link>) -> Result {
    render(&Renew { page, secret: link.lien })
}

pub(super) async fn renew(Visit { app, commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let secret = form.text("lien").to_owned();
    let code = commune
        .write(visitor.by, move |tx| {
            let case: Option<Id<Case>> = tx.query_opt(
                "DELETE FROM desk_recovery WHERE secret_hash = $1 AND expires_at > $2 RETURNING case_id",
                &[&hash(&secret), &tx.now()],
                |row| row.get(0),
            )?;
            case.map(|id| tracking::renew(tx, id).map_err(case_error)).transpose()
        })
        .await?;
    let Some(code) = code else {
        let error = page.t("desk-link-over").to_owned();
        let lost = Lost { page, reference: String::new(), email: String::new(), error, sent: false };
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &lost);
    };
    let cookie = visitor.own_cookie(TRACKING_COOKIE, &code.to_string(), TRACKING_PATH)?;
    Ok(with_cookie(Redirect::to("/suivi?fait=code").into_response(), cookie))
}
