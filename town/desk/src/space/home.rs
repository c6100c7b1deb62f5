//! The first page of one's space: what waits, what is under way, and where the rest is.

use askama::Template;
use beffroi_core::{
    Day,
    calendar::{civil_day, long_date},
};
use beffroi_documents::kept;
use beffroi_people::{Town, mandate};
use beffroi_web::{Page, Result, WebError, ahead::Ahead, panel::Awaited, render};
use chrono::Days;

use super::store;
use crate::{draft, public::titles, visit::Visit, words};

/// Requests that the page looks through.
const LOOKED_AT: u32 = 50;
/// Requests under way that the page names; the others are one click away.
const NAMED: usize = 5;
/// Appointments and sessions to come that the page names.
const AHEAD: usize = 10;
/// A draft that goes within these days is told.
const DRAFT_SOON: Days = Days::new(14);
/// A document that ends within these days is told.
const DOCUMENT_SOON: Days = Days::new(30);

/// Something that waits.
struct Waiting {
    href: String,
    title: String,
    text: String,
    draft: String,
}

struct Case {
    href: String,
    title: String,
    reference: String,
    received: String,
    look: &'static str,
    state: String,
}

#[derive(Template)]
#[template(path = "space/home.html")]
struct Home {
    page: Page,
    name: String,
    waiting: Vec<Waiting>,
    /// What is to come, the soonest first.
    ahead: Vec<Ahead>,
    cases: Vec<Case>,
    more: bool,
    citizen: bool,
    /// Whether the town sends text messages.
    texts: bool,
}

fn within(today: Day, days: Days, day: Day) -> bool {
    today.checked_add_days(days).is_some_and(|limit| day <= limit)
}

pub(super) async fn show(Visit { app, desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.owner()?.clone();
    let account = who.account;
    let lang = page.language();
    let (pending, mandates, drafts, kept, titles, today, texts, (awaited, mut ahead)) = commune
        .read(visitor.by, move |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let pending = store::pending(tx, account, LOOKED_AT)?;
            let mandates = mandate::given_by(tx, account)?;
            let drafts = draft::of_account(tx, account)?;
            let kept = kept::of_account(tx, account.uuid())?;
            let wanted = pending.iter().map(|case| case.procedure.clone());
            let begun = drafts.iter().map(|draft| (draft.procedure.clone(), draft.version));
            let titles = titles(tx, &desk, wanted.chain(begun), lang)?;
            let texts = beffroi_sms::kept(tx)?.is_some();
            let expected = (app.awaited(tx, account.uuid(), lang)?, app.ahead(tx, account.uuid(), lang)?);
            Ok::<_, WebError>((pending, mandates, drafts, kept, titles, today, texts, expected))
        })
        .await?;
    let title = |of: &(String, u32)| titles.get(of).cloned().unwrap_or_default();
    let mut waiting = Vec::new();
    let mut wait = |href: String, title: String, text: String| {
        waiting.push(Waiting { href, title, text, draft: String::new() });
    };
    for asked in mandates.iter().filter(|mandate| mandate.state == mandate::State::Asked) {
        let helper = asked.details.helper_name.clone();
        wait(
            format!("/mon-compte/mandats/{}", asked.id),
            page.tr("desk-mandate-asks-you", &[("helper", helper.into())]),
            page.t("desk-mandate-waits-for-you").to_owned(),
        );
    }
    for case in &pending {
        let href = format!("/compte/demarches/{}", case.id);
        let name = title(&case.procedure);
        if case.state == beffroi_cases::case::State::Waiting {
            let text = match case.deadline {
                Some(day) => page.tr("desk-space-asked-until", &[("date", long_date(day, lang).into())]),
                None => page.t("desk-space-asked").to_owned(),
            };
            wait(format!("{href}#documents"), name.clone(), text);
        }
        if case.unopened {
            wait(href.clone(), name.clone(), page.t("desk-space-decided").to_owned());
        }
        if case.unread > 0 {
            wait(
                format!("{href}#messages"),
                name,
                page.tr("desk-space-unread", &[("count", case.unread.into())]),
            );
        }
    }
    for Awaited { href, title, text } in awaited {
        wait(href, title, text);
    }
    for kept in kept {
        if let Some(day) = kept.good_until.filter(|day| within(today, DOCUMENT_SOON, *day)) {
            let key = if day < today { "desk-space-document-ended" } else { "desk-space-document-ends" };
            wait(
                format!("/mon-compte/documents/{}", kept.document.id),
                kept.document.name.clone(),
                page.tr(key, &[("date", long_date(day, lang).into())]),
            );
        }
    }
    for draft in drafts {
        let name = title(&(draft.procedure.clone(), draft.version));
        let date = long_date(draft.kept_until, lang);
        let soon = within(today, DRAFT_SOON, draft.kept_until);
        let key = if soon { "desk-space-draft-soon" } else { "desk-space-draft" };
        waiting.push(Waiting {
            href: String::new(),
            title: name,
            text: page.tr(key, &[("date", date.into())]),
            draft: draft.id.to_string(),
        });
    }
    let open: Vec<_> = pending.iter().filter(|case| case.open).collect();
    let more = open.len() > NAMED;
    let cases = open
        .into_iter()
        .take(NAMED)
        .map(|case| {
            let (look, state) = words::state(&page, case.state, None);
            Case {
                href: format!("/compte/demarches/{}", case.id),
                title: title(&case.procedure),
                reference: case.reference.clone(),
                received: long_date(case.received_on, lang),
                look,
                state,
            }
        })
        .collect();
    let citizen = who.kind == beffroi_people::AccountKind::Citizen;
    ahead.truncate(AHEAD);
    render(&Home { name: who.display_name, waiting, ahead, cases, more, citizen, texts, page })
}
