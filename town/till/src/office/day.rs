//! The till of a régie: what was taken on a day, by means, and which orders are to be paid.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Cents, Day, Id, Lang, calendar::long_date_with_weekday};
use beffroi_payments::{Order, Receipt, Regie, order, payment::Means, permission::TakeMoney, takings};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{days, own_regies, reads, regie_for, today};
use crate::amount;

/// Receipts of a day that are shown; a till takes fewer.
const RECEIPTS: u32 = 500;
/// Orders of a page.
const ORDERS: usize = 20;

struct Choice {
    href: String,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "till_regies.html")]
struct List {
    page: Page,
    regies: Vec<Choice>,
    number: String,
    fault: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    numero: String,
    jour: String,
    apres: String,
    fait: String,
}

/// The régies of an agent; or the order that they ask for by its number.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let number = asked.numero.trim().to_owned();
    let wanted = number.clone();
    let (regies, found) = commune
        .read(visitor.by, move |tx| {
            let regies = own_regies(tx, &who)?;
            let found = if wanted.is_empty() { None } else { order::of_number(tx, &wanted)? };
            let found = found.filter(|order| regies.iter().any(|regie| regie.id == order.regie));
            Ok::<_, WebError>((regies, found))
        })
        .await?;
    if let Some(found) = found {
        return Ok(Redirect::to(&format!("/agents/caisse/commandes/{}", found.id)).into_response());
    }
    let about = |regie: &Regie| {
        page.t(match (regie.closed, regie.online) {
            (true, _) => "till-office-regie-closed",
            (false, true) => "till-office-regie-online",
            (false, false) => "till-office-regie-counter",
        })
        .to_owned()
    };
    let regies = regies
        .iter()
        .map(|regie| Choice {
            href: format!("/agents/caisse/{}", regie.id),
            name: regie.name.clone(),
            about: about(regie),
        })
        .collect();
    let fault = if number.is_empty() { String::new() } else { page.t("till-office-not-found").to_owned() };
    render(&List { page, regies, number, fault })
}

struct Total {
    means: String,
    count: i64,
    amount: String,
}

struct Line {
    href: String,
    number: String,
    time: String,
    order: String,
    order_href: String,
    means: String,
    amount: String,
    state: String,
    look: &'static str,
}

struct Due {
    href: String,
    number: String,
    what: String,
    who: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "till_day.html")]
struct Till {
    page: Page,
    id: String,
    name: String,
    done: String,
    day: String,
    title: String,
    previous: String,
    next: String,
    totals: Vec<Total>,
    all: String,
    lines: Vec<Line>,
    heads: Vec<String>,
    total_heads: Vec<String>,
    due: Vec<Due>,
    due_heads: Vec<String>,
    more: String,
    reads: bool,
    closed: bool,
}

/// How money came, on the agents' pages.
pub(super) fn means_word(page: &Page, means: Means) -> String {
    page.t(&format!("till-office-means-{}", means.as_str())).to_owned()
}

fn line(page: &Page, it: &Receipt, order: (Id<Order>, &str), annulled: bool, zone: Tz) -> Line {
    let (look, key) = match (it.annuls.is_some(), annulled) {
        (true, _) => ("closed", "till-office-annulment"),
        (false, true) => ("closed", "till-office-annulled"),
        (false, false) => ("granted", "till-office-taken"),
    };
    Line {
        href: format!("/agents/caisse/quittances/{}", it.id),
        number: format!("{}-{}", it.year, it.number),
        time: it.at.with_timezone(&zone).format("%H:%M").to_string(),
        order: order.1.to_owned(),
        order_href: format!("/agents/caisse/commandes/{}", order.0),
        means: means_word(page, it.means),
        amount: amount::told(it.cents, Lang::Fr),
        state: page.t(key).to_owned(),
        look,
    }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (wanted, after) = (asked.jour.clone(), asked.apres.parse::<Id<Order>>().ok());
    let read = commune
        .read(visitor.by, move |tx| {
            let (regie, permit) = regie_for::<TakeMoney>(tx, &who, &id)?;
            let (today, zone) = today(tx)?;
            let day: Day = wanted.parse().unwrap_or(today);
            let period = days(day, day, zone);
            let taken = takings::list(tx, &permit, regie.id, period, None, RECEIPTS)?;
            let totals = takings::totals(tx, &permit, regie.id, period)?;
            let limit = u32::try_from(ORDERS + 1).unwrap_or(u32::MAX);
            let due = takings::to_pay(tx, &permit, regie.id, after, limit)?;
            let ids: Vec<_> = due.iter().map(|order| order.id).collect();
            let first = order::first_lines(tx, &ids)?;
            let reads = reads(tx, &who, &regie)?;
            Ok::<_, WebError>((regie, day, zone, taken, totals, (due, first), reads))
        })
        .await?;
    let (regie, day, zone, taken, totals, (mut due, first), reads) = read;
    let annulled: Vec<_> = taken.iter().filter_map(|(it, ..)| it.annuls).collect();
    let link = |day: Option<Day>| {
        day.map(|day| format!("/agents/caisse/{}?jour={day}", regie.id)).unwrap_or_default()
    };
    let more = due.len() > ORDERS;
    due.truncate(ORDERS);
    let more = due
        .last()
        .filter(|_| more)
        .map(|order| format!("/agents/caisse/{}?jour={day}&apres={}", regie.id, order.id));
    let head = |names: &[&str]| {
        names.iter().map(|name| page.t(&format!("till-office-head-{name}")).to_owned()).collect()
    };
    let all: Cents = totals.iter().map(|(_, _, cents)| *cents).sum();
    render(&Till {
        id: regie.id.to_string(),
        name: regie.name.clone(),
        done: if asked.fait == "regle" { page.t("till-office-settled").to_owned() } else { String::new() },
        day: day.to_string(),
        title: long_date_with_weekday(day, Lang::Fr),
        previous: link(day.pred_opt()),
        next: link(day.succ_opt()),
        totals: totals
            .into_iter()
            .map(|(means, count, cents)| Total {
                means: means_word(&page, means),
                count,
                amount: amount::told(cents, Lang::Fr),
            })
            .collect(),
        all: amount::told(all, Lang::Fr),
        lines: taken
            .iter()
            .map(|(it, order, number)| {
                line(&page, it, (*order, number.as_str()), annulled.contains(&it.id), zone)
            })
            .collect(),
        heads: head(&["receipt", "time", "order", "means", "amount", "state"]),
        total_heads: head(&["means", "count", "amount"]),
        due_heads: head(&["order", "for", "payer", "remaining"]),
        due: due
            .into_iter()
            .map(|order| Due {
                href: format!("/agents/caisse/commandes/{}", order.id),
                what: first.get(&order.id).cloned().unwrap_or_default(),
                who: order.payer.as_ref().map(|payer| payer.name.clone()).unwrap_or_default(),
                amount: amount::told(order.remaining(), Lang::Fr),
                number: order.number,
            })
            .collect(),
        more: more.unwrap_or_default(),
        reads,
        closed: regie.closed,
        page,
    })
}
