//! The demonstration's mailbox: all that the town would send, shown instead. It exists only in a demonstration.

use askama::Template;
use beffroi_notify::mail;
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{Page, Result, WebError, render};

use super::when;
use crate::visit::Visit;

/// Mails shown.
const SHOWN: u32 = 50;

struct Shown {
    to: String,
    subject: String,
    text: String,
    when: String,
}

#[derive(Template)]
#[template(path = "public/mailbox.html")]
struct Mailbox {
    page: Page,
    mails: Vec<Shown>,
}

pub(super) async fn mail(Visit { commune, page, .. }: Visit) -> Result {
    let (mails, town) = commune
        .read(By::VISITOR, |tx| Ok::<_, WebError>((mail::recent(tx, None, SHOWN)?, Town::load(tx)?)))
        .await?;
    let zone = town.zone();
    let lang = page.language();
    let mails = mails
        .into_iter()
        .map(|mail| Shown {
            when: when(mail.queued_at, zone, lang),
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
        })
        .collect();
    render(&Mailbox { page, mails })
}
