//! Receipts as PDF: of one taking at the counter, and of all that was paid for an order.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_core::{
    Lang,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{
    Mode, Receipt,
    payment::{AdapterKind, Means, PaymentState},
    receipt, refund,
    refund::RefundState,
};
use beffroi_stationery::letterhead;
use beffroi_store::Tx;
use beffroi_typeset::{Job, Meta, PaidEntry, PaidLine, PaymentReceipt, Recipient, TypesetError};
use beffroi_web::{Result, WebError};

use crate::{Parts, public::Known};

/// How money came, in the words of a paper.
pub(crate) const fn means_in_french(means: Means) -> &'static str {
    match means {
        Means::Card => "par carte bancaire en ligne",
        Means::DirectDebit => "par prélèvement en ligne",
        Means::Cash => "en espèces",
        Means::Cheque => "par chèque",
        Means::Terminal => "par carte bancaire au guichet",
    }
}

/// What came for an order and counts for it, and what was given back of that, the oldest first.
pub(crate) fn entries(tx: &mut Tx<'_>, known: &Known) -> beffroi_store::Result<Vec<PaidEntry>> {
    let order = &known.order;
    let receipts = receipt::of_order(tx, order.id)?;
    let refunds = refund::of_order(tx, order.id)?;
    let zone = known.town.zone();
    let on = |at| long_date(civil_day(at, zone), Lang::Fr);
    let mut all = Vec::new();
    for payment in
        known.payments.iter().filter(|it| it.counts_for == Some(order.id) && it.state == PaymentState::Paid)
    {
        let means = payment.means.map_or("", means_in_french);
        let number = receipts.iter().find(|it| it.payment == payment.id && it.annuls.is_none());
        let told = match (payment.adapter, number) {
            (AdapterKind::Counter, Some(it)) => format!(", quittance {}-{}", it.year, it.number),
            _ => format!(", référence {}", payment.reference),
        };
        all.push((
            payment.booked_at,
            PaidEntry {
                label: format!("Le {}, {means}{told}", on(payment.booked_at)),
                cents: payment.counts.0,
            },
        ));
    }
    for refund in refunds.iter().filter(|it| it.state == RefundState::Done) {
        let at = refund.done_at.unwrap_or(refund.asked_at);
        all.push((at, PaidEntry { label: format!("Le {}, remboursement", on(at)), cents: -refund.cents.0 }));
    }
    all.sort_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, entry)| entry).collect())
}

fn sheet(known: &Known, title: String, entries: Vec<PaidEntry>, warning: Option<String>) -> PaymentReceipt {
    let order = &known.order;
    PaymentReceipt {
        letterhead: letterhead(&known.town, known.department.as_ref()),
        recipient: order.payer.as_ref().map(|payer| Recipient { lines: vec![payer.name.clone()] }),
        reference: order.number.clone(),
        title,
        regie: known.regie.name.clone(),
        lines: known
            .lines
            .iter()
            .map(|line| PaidLine { label: line.label.clone(), cents: line.cents.0 })
            .collect(),
        total: order.total.0,
        entries,
        remaining: order.remaining().0,
        deliberation: Some(order.deliberation.clone()).filter(|text| !text.is_empty()),
        warning,
    }
}

/// Why a paper proves nothing.
fn trial(parts: &Parts, known: &Known) -> Option<String> {
    if parts.config.stand_in.is_some() {
        Some("Démonstration\u{a0}: aucun argent n’a été encaissé.".to_owned())
    } else if known.regie.mode == Mode::Test
        && known.payments.iter().any(|it| it.adapter == AdapterKind::PayFip)
    {
        Some("Régie en essai\u{a0}: aucun argent n’a été encaissé en ligne.".to_owned())
    } else {
        None
    }
}

fn meta(known: &Known, title: &str) -> Meta {
    Meta {
        title: format!("{title} – commande {}", known.order.number),
        date: civil_day(known.now, known.town.zone()),
    }
}

type Laid = std::result::Result<Job, TypesetError>;

/// What was paid for an order.
pub(crate) fn of_order(parts: &Parts, known: &Known, entries: Vec<PaidEntry>) -> Laid {
    let title = "Justificatif de paiement";
    Job::new(&sheet(known, title.to_owned(), entries, trial(parts, known)), meta(known, title))
}

/// One taking at the counter.
pub(crate) fn of_receipt(
    parts: &Parts,
    known: &Known,
    receipt: &Receipt,
    annulment: Option<&Receipt>,
) -> Laid {
    let number = format!("{}-{}", receipt.year, receipt.number);
    let title = if receipt.annuls.is_some() {
        format!("Annulation de quittance {number}")
    } else {
        format!("Quittance {number}")
    };
    let on = long_date(civil_day(receipt.at, known.town.zone()), Lang::Fr);
    let detail = if receipt.detail.is_empty() { String::new() } else { format!(" ({})", receipt.detail) };
    let label = format!("Le {on}, {}{detail}", means_in_french(receipt.means));
    let warning = match annulment {
        Some(it) => Some(format!("Annulée par la quittance {}-{}\u{a0}: {}", it.year, it.number, it.reason)),
        None if !receipt.reason.is_empty() => Some(format!("Motif\u{a0}: {}", receipt.reason)),
        None => trial(parts, known),
    };
    let entries = vec![PaidEntry { label, cents: receipt.cents.0 }];
    Job::new(&sheet(known, title.clone(), entries, warning), meta(known, &title))
}

/// Lays a paper out and answers with it.
pub(crate) async fn answer(parts: &Arc<Parts>, job: Laid, name: &str) -> Result {
    let job = job.map_err(WebError::internal)?;
    let parts = Arc::clone(parts);
    let laid = tokio::task::spawn_blocking(move || parts.config.pool.render(&job)).await;
    let pdf = laid.map_err(WebError::internal)?.map_err(|error| WebError::unavailable().log(error))?;
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("inline; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WebError::internal)?);
    Ok(response)
}
