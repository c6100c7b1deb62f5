//! The ledger of a régie and a period: totals by means, and each line of what was asked, told, taken and given back.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_core::{
    Lang,
    calendar::{long_date, long_moment},
};
use beffroi_payments::{
    ledger::{self, Cursor, LineCell},
    payment::AdapterKind,
    permission::ReadLedger,
};
use beffroi_sheets::Kind;
use beffroi_web::{CommuneOf, Fact, Page, Result, Visitor, WebError, render};
use serde::Deserialize;

use super::{address_of, asked_days, cursor, day::means_word, days, regie_for, today};

/// Lines of a page.
const LINES: usize = 50;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) du: String,
    pub(super) au: String,
    pub(super) apres: String,
}

struct Line {
    href: String,
    when: String,
    kind: String,
    order: String,
    reference: String,
    state: String,
    means: String,
    asked: String,
    told: String,
    trouble: String,
}

#[derive(Template)]
#[template(path = "till_ledger.html")]
struct Ledger {
    page: Page,
    id: String,
    name: String,
    from: String,
    until: String,
    covers: String,
    totals: Vec<Fact>,
    lines: Vec<Line>,
    heads: Vec<String>,
    files: Vec<(String, String)>,
    next: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (regie, (from, until), zone, totals, mut lines) = commune
        .read(visitor.by, move |tx| {
            let (regie, permit) = regie_for::<ReadLedger>(tx, &who, &id)?;
            let (today, zone) = today(tx)?;
            let (from, until) = asked_days(&asked.du, &asked.au, today);
            let period = days(from, until, zone);
            let totals = ledger::totals(tx, &permit, regie.id, period)?;
            let limit = u32::try_from(LINES + 1).unwrap_or(u32::MAX);
            let lines = ledger::lines(tx, &permit, regie.id, period, cursor(&asked.apres), limit)?;
            Ok::<_, WebError>((regie, (from, until), zone, totals, lines))
        })
        .await?;
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let base = format!("/agents/caisse/{}/livre", regie.id);
    let next = lines.last().filter(|_| more).map(|line| {
        let after = address_of(Cursor { at: line.at, id: line.id });
        format!("{base}?du={from}&au={until}&apres={after}")
    });
    let counted = |(count, cents): (i64, beffroi_core::Cents)| {
        page.tr("till-office-counted", &[("n", count.into()), ("amount", cents.read_in(Lang::Fr).into())])
    };
    let row = |label: String, value: String| Fact { label, value, href: String::new() };
    let mut rows = vec![row(page.t("till-office-asked-online").to_owned(), counted(totals.asked))];
    rows.extend(totals.came.iter().map(|it| {
        let label = match it.adapter {
            AdapterKind::PayFip => format!("{} (PayFiP)", means_word(&page, it.means)),
            AdapterKind::Counter => means_word(&page, it.means),
        };
        row(label, counted((it.count, it.cents)))
    }));
    rows.push(row(page.t("till-office-annulments").to_owned(), counted(totals.annulled)));
    rows.push(row(page.t("till-office-refunds").to_owned(), counted(totals.refunded)));
    rows.push(row(page.t("till-office-uncounted").to_owned(), counted(totals.uncounted)));
    rows.push(row(page.t("till-office-balance").to_owned(), totals.balance().read_in(Lang::Fr)));
    let heads = ["when", "what", "order", "reference", "state", "means", "asked", "amount", "trouble"];
    let files = Kind::ALL.map(|kind| {
        let end = kind.extension();
        (format!("{base}/livre.{end}?du={from}&au={until}"), end.to_uppercase())
    });
    render(&Ledger {
        id: regie.id.to_string(),
        name: regie.name,
        from: from.to_string(),
        until: until.to_string(),
        covers: page.tr(
            "till-office-covers",
            &[("from", long_date(from, Lang::Fr).into()), ("until", long_date(until, Lang::Fr).into())],
        ),
        totals: rows,
        lines: lines
            .iter()
            .map(|line| {
                let words = line.cells(zone).map(|cell| match cell {
                    LineCell::Words(words) => words,
                    LineCell::Day(day) => day.format("%d/%m/%Y").to_string(),
                    LineCell::Amount(cents) => cents.read_in(Lang::Fr),
                });
                let [_, _, kind, order, reference, _, state, means, asked, told, trouble] = words;
                Line {
                    href: format!("/agents/caisse/commandes/{}", line.order),
                    when: long_moment(line.at, zone, Lang::Fr),
                    kind,
                    order,
                    reference,
                    state,
                    means,
                    asked,
                    told,
                    trouble,
                }
            })
            .collect(),
        heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
        files: files.into(),
        next: next.unwrap_or_default(),
        page,
    })
}
