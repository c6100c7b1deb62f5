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

/// Receipts of a day that are shown; a till takes fewer.
const RECEIPTS: u32 = 500;
/// Orders of a payer that are shown: whoever has more is asked for a number.
const FOUND: usize = 20;
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
    /// The orders of whoever bears the name that was typed.
    found: Vec<Due>,
    found_heads: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    numero: String,
    jour: String,
    apres: String,
    fait: String,
}

fn due(order: Order, what: &std::collections::BTreeMap<Id<Order>, String>) -> Due {
    Due {
        href: format!("/agents/caisse/commandes/{}", order.id),
        what: what.get(&order.id).cloned().unwrap_or_default(),
        who: order.payer.as_ref().map(|payer| payer.name.clone()).unwrap_or_default(),
        amount: order.remaining().read_in(Lang::Fr),
        number: order.number,
    }
}

/// The régies of an agent; or the order that they ask for by its number, or those of a payer.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let number = asked.numero.trim().to_owned();
    let wanted = number.clone();
    let (regies, found, (named, first)) = commune
        .read(visitor.by, move |tx| {
            let regies = own_regies(tx, &who)?;
            let found = if wanted.is_empty() { None } else { order::of_number(tx, &wanted)? };
            let found = found.filter(|order| regies.iter().any(|regie| regie.id == order.regie));
            let own: Vec<_> = regies.iter().map(|regie| regie.id).collect();
            let named =
                if found.is_some() { Vec::new() } else { takings::of_payer(tx, &own, &wanted, FOUND)? };
            let ids: Vec<_> = named.iter().map(|order| order.id).collect();
            let first = order::first_lines(tx, &ids)?;
            Ok::<_, WebError>((regies, found, (named, first)))
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
    let missed = !number.is_empty() && named.is_empty();
    let heads = ["order", "for", "payer", "remaining"];
    render(&List {
        fault: if missed { page.t("till-office-not-found").to_owned() } else { String::new() },
        found: named.into_iter().map(|order| due(order, &first)).collect(),
        found_heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
        regies,
        number,
        page,
    })
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
        time: it.at.with_timezone(&zone).format("%-H\u{a0}h\u{a0}%M").to_string(),
        order: order.1.to_owned(),
        order_href: format!("/agents/caisse/commandes/{}", order.0),
        means: means_word(page, it.means),
        amount: it.cents.read_in(Lang::Fr),
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
            let counter = takings::totals(tx, &permit, regie.id, period)?;
            let online = takings::online(tx, &permit, regie.id, period)?;
            let limit = u32::try_from(ORDERS + 1).unwrap_or(u32::MAX);
            let to_pay = takings::to_pay(tx, &permit, regie.id, after, limit)?;
            let ids: Vec<_> = to_pay.iter().map(|order| order.id).collect();
            let first = order::first_lines(tx, &ids)?;
            let reads = reads(tx, &who, &regie)?;
            Ok::<_, WebError>((regie, day, zone, taken, (counter, online), (to_pay, first), reads))
        })
        .await?;
    let (regie, day, zone, taken, (counter, online), (mut to_pay, first), reads) = read;
    let annulled: Vec<_> = taken.iter().filter_map(|(it, ..)| it.annuls).collect();
    let link = |day: Option<Day>| {
        day.map(|day| format!("/agents/caisse/{}?jour={day}", regie.id)).unwrap_or_default()
    };
    let more = to_pay.len() > ORDERS;
    to_pay.truncate(ORDERS);
    let more = to_pay
        .last()
        .filter(|_| more)
        .map(|order| format!("/agents/caisse/{}?jour={day}&apres={}", regie.id, order.id));
    let head = |names: &[&str]| {
        names.iter().map(|name| page.t(&format!("till-office-head-{name}")).to_owned()).collect()
    };
    let all: Cents = counter.iter().chain(&online).map(|(_, _, cents)| *cents).sum();
    let total =
        |means: String, count: i64, cents: Cents| Total { means, count, amount: cents.read_in(Lang::Fr) };
    let counter =
        counter.into_iter().map(|(means, count, cents)| total(means_word(&page, means), count, cents));
    let online = online.into_iter().map(|(means, count, cents)| {
        let means = page.tr("till-office-means-online", &[("means", means_word(&page, means).into())]);
        total(means, count, cents)
    });
    let totals: Vec<Total> = counter.chain(online).collect();
    render(&Till {
        id: regie.id.to_string(),
        name: regie.name.clone(),
        done: if asked.fait == "regle" { page.t("till-office-settled").to_owned() } else { String::new() },
        day: day.to_string(),
        title: long_date_with_weekday(day, Lang::Fr),
        previous: link(day.pred_opt()),
        next: link(day.succ_opt()),
        totals,
        all: all.read_in(Lang::Fr),
        lines: taken
            .iter()
            .map(|(it, order, number)| {
                line(&page, it, (*order, number.as_str()), annulled.contains(&it.id), zone)
            })
            .collect(),
        heads: head(&["receipt", "time", "order", "means", "amount", "state"]),
        total_heads: head(&["means", "count", "amount"]),
        due_heads: head(&["order", "for", "payer", "remaining"]),
        due: to_pay.into_iter().map(|order| due(order, &first)).collect(),
        more: more.unwrap_or_default(),
        reads,
        closed: regie.closed,
        page,
    })
}
