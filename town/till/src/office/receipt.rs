//! A receipt: to read, to print, and to annul by a counter-receipt with its reason.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, Lang, calendar::long_moment};
use beffroi_payments::{
    Receipt, order, payment,
    permission::TakeMoney,
    receipt::{self, ReceiptError},
};
use beffroi_people::{Permit, SignedIn};
use beffroi_store::Tx;
use beffroi_web::{
    CommuneOf, Fact, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as,
};
use serde::Deserialize;

use super::{consulted, day::means_word, order_for, somewhere};
use crate::{Parts, paper, public::Known};

#[derive(Template)]
#[template(path = "till_receipt.html")]
struct Shown {
    page: Page,
    id: String,
    done: String,
    title: String,
    rows: Vec<Fact>,
    order_href: String,
    can_annul: bool,
    reason: String,
    problems: Vec<Problem>,
    trial: bool,
}

impl Shown {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Seen {
    receipt: Receipt,
    annulment: Option<Receipt>,
    known: Known,
}

fn seen(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Seen, Permit<TakeMoney>)> {
    let _ = somewhere::<TakeMoney>(tx, who)?;
    let id: Id<Receipt> = id.parse().map_err(|_| WebError::not_found())?;
    let receipt = receipt::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let order = match payment::find(tx, receipt.payment)? {
        Some(payment) => order::find(tx, payment.order)?,
        None => None,
    };
    let (known, permit) = order_for(tx, who, order)?;
    let annulment = receipt::annulment_of(tx, id)?;
    Ok((Seen { receipt, annulment, known }, permit))
}

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let seen = commune
        .write(visitor.by, move |tx| {
            let (seen, _) = seen(tx, &who, &id)?;
            if seen.known.order.payer.is_some() {
                consulted(tx, &who, seen.known.order.id)?;
            }
            Ok::<_, WebError>(seen)
        })
        .await?;
    let done = match just.fait.as_str() {
        "encaisse" => page.t("till-office-done-taken").to_owned(),
        "annule" => page.t("till-office-done-annulled").to_owned(),
        _ => String::new(),
    };
    answer(page, &parts, &seen, (done, ""), &[])
}

fn answer(page: Page, parts: &Parts, seen: &Seen, (done, reason): (String, &str), wrong: &[Wrong]) -> Result {
    let Seen { receipt, annulment, known } = seen;
    let number = format!("{}-{}", receipt.year, receipt.number);
    let annuls = receipt.annuls.is_some();
    let key = if annuls { "till-office-counter-receipt-title" } else { "till-office-receipt-title" };
    let payer = known.order.payer.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    let rows = vec![
        ("till-fact-regie", known.regie.name.clone()),
        ("till-fact-number", known.order.number.clone()),
        ("till-fact-payer", payer),
        ("till-office-what", known.lines.iter().map(|it| it.label.as_str()).collect::<Vec<_>>().join(", ")),
        ("till-office-head-when", long_moment(receipt.at, known.town.zone(), Lang::Fr)),
        ("till-office-head-means", means_word(&page, receipt.means)),
        ("till-office-detail", receipt.detail.clone()),
        ("till-office-head-amount", receipt.cents.read_in(Lang::Fr)),
        ("till-office-reason", receipt.reason.clone()),
        (
            "till-office-annulled-by",
            annulment
                .as_ref()
                .map(|it| format!("{}-{}, {}", it.year, it.number, it.reason))
                .unwrap_or_default(),
        ),
    ];
    let shown = Shown {
        id: receipt.id.to_string(),
        done,
        title: page.tr(key, &[("number", number.into())]),
        rows: Fact::all(&page, rows),
        order_href: format!("/agents/caisse/commandes/{}", known.order.id),
        can_annul: !annuls && annulment.is_none(),
        reason: reason.to_owned(),
        problems: Problem::keyed(&page, wrong),
        trial: parts.config.stand_in.is_some(),
        page,
    };
    render_as(if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &shown)
}

pub(super) async fn annul(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let reason = fields.text("motif").to_owned();
    let typed = reason.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let (seen, permit) = seen(tx, &who, &id)?;
            match receipt::annul(tx, &permit, seen.receipt.id, &typed) {
                Ok(written) => Ok::<_, WebError>(Ok(written.id)),
                Err(ReceiptError::Store(error)) => Err(error.into()),
                Err(ReceiptError::Words) => Ok(Err((seen, ("motif", "till-office-wrong-reason")))),
                Err(ReceiptError::Refunded) => Ok(Err((seen, ("motif", "till-office-wrong-refunded")))),
                Err(_) => Ok(Err((seen, ("motif", "till-office-wrong-annulled")))),
            }
        })
        .await?;
    match outcome {
        Ok(id) => Ok(Redirect::to(&format!("/agents/caisse/quittances/{id}?fait=annule")).into_response()),
        Err((seen, wrong)) => answer(page, &parts, &seen, (String::new(), &reason), &[wrong]),
    }
}

pub(super) async fn paper(
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (seen, _) = commune.read(visitor.by, move |tx| seen(tx, &who, &id)).await?;
    let name = format!("quittance-{}-{}.pdf", seen.receipt.year, seen.receipt.number);
    let job = paper::of_receipt(&parts, &seen.known, &seen.receipt, seen.annulment.as_ref());
    paper::answer(&parts, job, &name).await
}
