//! Agents hand keys over and take them back; and those that are late.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{booking, clock};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, permission::permit_somewhere};
use beffroi_web::{CommuneOf, FormPost, Page, Result, Visitor, WebError, render};
use chrono::Days;

use super::{
    admin::named,
    store::{self, Key, Loan},
};
use crate::{
    ManageKeys,
    booking::day,
    permission::hidden,
    premises::{self, granted, within_reach},
};

/// Days after a booking by which its keys come back, where nothing else is said.
const BACK_WITHIN: Days = Days::new(1);

struct Line {
    key: String,
    href: String,
    requester: String,
    about: String,
    due: String,
    late: bool,
    action: String,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct Keys {
    page: Page,
    lines: Vec<Line>,
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let (loans, bookings, whose, today, zone) = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageKeys>(tx, &who))?;
            let loans = store::out(tx)?;
            let ids: Vec<_> = loans.iter().map(|loan| loan.booking).collect();
            let bookings = booking::several(tx, &ids)?;
            let whose = within_reach::<ManageKeys>(tx, &who, &bookings)?;
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>((loans, bookings, whose, civil_day(tx.now(), zone), zone))
        })
        .await?;
    let lang = page.language();
    let line = |loan: &Loan| {
        let booking = bookings.iter().find(|it| it.id == loan.booking)?;
        let whose = whose.get(&booking.owner.as_ref()?.1)?;
        Some(Line {
            key: named(&loan.key),
            href: premises::href(loan.booking),
            requester: format!("{}, {}", whose.holder(), whose.reference()),
            about: format!("{}, {}", booking.resource.details.name.fr, clock::when(booking.span, zone, lang)),
            due: long_date(loan.due_on, lang),
            late: loan.due_on < today,
            action: format!("/agents/cles/{}/retour", loan.id),
        })
    };
    let lines = loans.iter().filter_map(line).collect();
    render(&Keys { lines, page: page.clone() })
}

/// Hands a key over.
pub(super) async fn hand_over(
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let named = booking.clone();
    let handed = commune
        .write(visitor.by, move |tx| {
            let (permit, found) = granted::<ManageKeys>(tx, &who, &named)?;
            let zone = found.zone();
            let today = civil_day(found.now, zone);
            let last = civil_day(found.booking.whole().end(), zone);
            let due = last.max(today).checked_add_days(BACK_WITHIN).unwrap_or(last);
            let key: Option<Id<Key>> = form.text("cle").parse().ok();
            // Whoever chose none is told so on the page.
            let Some(key) = key else { return Ok::<_, WebError>(false) };
            let days = (
                day(form.text("le")).filter(|on| *on <= today).unwrap_or(today),
                day(form.text("avant")).unwrap_or(due),
            );
            let whose = (found.booking.id, found.booking.resource.id);
            let loan = store::hand_over(tx, &permit, whose, key, days, who.account.uuid())?;
            Ok(loan.is_some())
        })
        .await?;
    let word = if handed { "remise" } else { "sans-cle" };
    Ok(Redirect::to(&format!("{}?fait={word}#cles", premises::href(booking))).into_response())
}

/// Takes a key back.
pub(super) async fn take_back(
    commune: CommuneOf,
    visitor: Visitor,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let to_list = form.text("liste") == "oui";
    let booking = commune
        .write(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageKeys>(tx, &who))?;
            let id: Id<Loan> = id.parse().map_err(|_| WebError::not_found())?;
            let loan = store::loan(tx, id)?.ok_or_else(WebError::not_found)?;
            let (permit, found) = granted::<ManageKeys>(tx, &who, &loan.booking.to_string())?;
            let today = civil_day(found.now, found.zone());
            store::take_back(tx, &permit, &loan, today, who.account.uuid())?;
            Ok::<_, WebError>(loan.booking)
        })
        .await?;
    let to = if to_list {
        "/agents/cles".to_owned()
    } else {
        format!("{}?fait=rendue#cles", premises::href(booking))
    };
    Ok(Redirect::to(&to).into_response())
}
