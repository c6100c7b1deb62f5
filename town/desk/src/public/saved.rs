//! The code with which a request begun is found again: shown, and mailed to whoever wants it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_cases::tracking::TrackingCode;
use beffroi_core::calendar::long_date;
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages,
};
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as};
use serde::Deserialize;

use super::{
    begun::{Begun, load},
    draft_path,
    request::to,
    request_view::acting,
};
use crate::{draft::Draft, papers::Stationery, problem::Problem, visit::Visit};

#[derive(Template)]
#[template(path = "public/saved.html")]
struct Saved {
    page: Page,
    action: String,
    resume: String,
    procedure: String,
    code: String,
    until: String,
    email: String,
    error: String,
    done: String,
    acting: String,
}

impl Saved {
    fn new(page: Page, begun: &Begun, draft: &Draft, code: &TrackingCode) -> Self {
        let lang = page.language();
        let procedure = begun.form.procedure();
        Self {
            action: format!("/demarches/{}/demande/code", procedure.slug),
            resume: format!("/demarches/{}/demande", procedure.slug),
            procedure: procedure.title.text(lang).to_owned(),
            code: code.to_string(),
            until: long_date(draft.kept_until, lang),
            email: String::new(),
            error: String::new(),
            done: String::new(),
            acting: acting(&page, begun),
            page,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// The page that tells the code.
pub(super) async fn show(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    let Some((draft, code)) = &begun.draft else { return Ok(to(&draft_path(&slug))) };
    let mut shown = Saved::new(page, &begun, draft, code);
    if !asked.fait.is_empty() {
        shown.done = shown.page.t("desk-saved-mailed").to_owned();
    }
    render_as(StatusCode::OK, &shown)
}

/// Mails the code. The address is kept by the mail alone, which forgets it like any other.
pub(super) async fn mail(
    Visit { app, desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::MAIL)?;
    let begun = load(&desk, &commune, &visitor, &headers, &slug).await?;
    let Some((draft, code)) = &begun.draft else { return Ok(to(&draft_path(&slug))) };
    let link = format!("{}/suivi", desk.site(&commune).await?);
    let mut shown = Saved::new(page, &begun, draft, code);
    form.text("email").clone_into(&mut shown.email);
    let town = &begun.town;
    let contact = [&town.phone, &town.email].into_iter().find(|it| !it.is_empty());
    let sender = Stationery::sender(town, contact.map_or(link.as_str(), String::as_str));
    let lang = shown.page.language();
    let message = messages::draft_saved(sender, lang, &shown.procedure, &shown.code, &link, draft.kept_until);
    let (to_whom, about) = (shown.email.clone(), draft.id.uuid());
    let queued = commune.write(visitor.by, move |tx| {
        let new = NewMail {
            to: &to_whom,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: true,
            about: About { kind: "draft", id: about },
        };
        mail::queue(tx, &new).map(drop)
    });
    match queued.await {
        Ok(()) => Ok(to(&format!("{}?fait=courriel", shown.action))),
        Err(MailError::Address) => {
            shown.page.t("desk-saved-email-wrong").clone_into(&mut shown.error);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(MailError::Store(error)) => Err(WebError::from(error)),
    }
}
