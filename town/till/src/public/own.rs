//! « Mes paiements »: what the owner of an account is to pay, and has paid.

use askama::Template;
use axum::extract::Query;
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_payments::reach;
use beffroi_people::Town;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use serde::Deserialize;

/// Orders of a page.
const ON_A_PAGE: usize = 20;

struct Line {
    href: String,
    title: String,
    number: String,
    made: String,
    amount: String,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "till_own.html")]
struct Own {
    page: Page,
    lines: Vec<Line>,
    heads: Vec<String>,
    next: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    apres: String,
}

pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let account = visitor.owner()?.account;
    let after = asked.apres.parse::<Id<_>>().ok();
    let (mut orders, first, zone) = commune
        .read(visitor.by, move |tx| {
            let limit = u32::try_from(ON_A_PAGE + 1).unwrap_or(u32::MAX);
            let orders = reach::of_account(tx, account, after, limit)?;
            let ids: Vec<_> = orders.iter().map(|(order, _)| order.id).collect();
            let first = beffroi_payments::order::first_lines(tx, &ids)?;
            Ok::<_, WebError>((orders, first, Town::load(tx)?.zone()))
        })
        .await?;
    let more = orders.len() > ON_A_PAGE;
    orders.truncate(ON_A_PAGE);
    let lang = page.language();
    let next =
        orders.last().filter(|_| more).map(|(order, _)| format!("/mon-compte/paiements?apres={}", order.id));
    let lines = orders
        .into_iter()
        .map(|(order, href)| {
            let look = match order.state.as_str() {
                "due" => "new",
                "paid" => "granted",
                _ => "closed",
            };
            Line {
                href,
                title: first.get(&order.id).cloned().unwrap_or_else(|| order.number.clone()),
                made: long_date(civil_day(order.created_at, zone), lang),
                amount: order.total.read_in(lang),
                state: page.t(&format!("till-order-{}", order.state.as_str())).to_owned(),
                look,
                number: order.number,
            }
        })
        .collect();
    let heads = ["for", "number", "made", "amount", "state"];
    render(&Own {
        heads: heads.map(|head| page.t(&format!("till-head-{head}")).to_owned()).into(),
        lines,
        next: next.unwrap_or_default(),
        page,
    })
}
