//! What needs somebody: money that counts for nothing, attempts of which nobody told what came, refunds to be done; each
//! with what to do.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_core::{Lang, calendar::long_moment};
use beffroi_payments::{
    attention::{self, NeedKind},
    permission::ReadLedger,
};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};

use super::{address_of, cursor, ledger::Asked, regie_for, today};

/// Needs of a page.
const NEEDS: usize = 30;

struct Line {
    href: String,
    title: String,
    what: String,
    order: String,
    order_href: String,
    since: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "till_attention.html")]
struct Attention {
    page: Page,
    id: String,
    name: String,
    lines: Vec<Line>,
    heads: Vec<String>,
    next: String,
}

pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (regie, zone, mut needs) = commune
        .read(visitor.by, move |tx| {
            let (regie, permit) = regie_for::<ReadLedger>(tx, &who, &id)?;
            let (_, zone) = today(tx)?;
            let limit = u32::try_from(NEEDS + 1).unwrap_or(u32::MAX);
            let needs = attention::list(tx, &permit, regie.id, cursor(&asked.apres), limit)?;
            Ok::<_, WebError>((regie, zone, needs))
        })
        .await?;
    let more = needs.len() > NEEDS;
    needs.truncate(NEEDS);
    let next = needs
        .last()
        .filter(|_| more)
        .map(|need| format!("/agents/caisse/{}/a-regler?apres={}", regie.id, address_of(need.cursor())));
    let lines = needs
        .into_iter()
        .map(|need| {
            let word = match (need.kind, need.trouble) {
                (NeedKind::Trouble, Some(trouble)) => trouble.as_str(),
                (kind, _) => kind.as_str(),
            };
            let href = match need.refund {
                Some(refund) => format!("/agents/caisse/remboursements/{refund}"),
                None => format!("/agents/caisse/paiements/{}", need.payment),
            };
            Line {
                href,
                title: page.t(&format!("till-office-trouble-{word}")).to_owned(),
                what: page.t(&format!("till-office-do-{word}")).to_owned(),
                order: need.number,
                order_href: format!("/agents/caisse/commandes/{}", need.order),
                since: long_moment(need.since, zone, Lang::Fr),
                amount: need.cents.read_in(Lang::Fr),
            }
        })
        .collect();
    let heads = ["trouble", "do", "order", "since", "amount"];
    render(&Attention {
        id: regie.id.to_string(),
        name: regie.name,
        lines,
        heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
        next: next.unwrap_or_default(),
        page,
    })
}
