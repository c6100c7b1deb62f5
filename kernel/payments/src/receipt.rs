//! What is taken at the counter, and its receipt: from a series of the régie and the year, without gaps (the register of
//! receipts, instruction 06-031-A-B-M of the DGFiP). A receipt is never removed: a counter-receipt annuls it.

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde_json::json;

use crate::{
    adapter::Money,
    order::{self, Order, OrderState},
    payment::{self, AdapterKind, ClosedWhy, Means, Payment, PaymentState, Through},
    permission::TakeMoney,
    refund,
    regie::{self, Mode, Regie},
    series, told, wording,
};

/// Characters of a detail or a reason, at most.
const WORDS_AT_MOST: usize = 200;
/// Receipts of one order that are listed, at most.
const OF_ORDER_AT_MOST: u32 = 400;

/// A receipt, or what annuls one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which one.
    pub id: Id<Receipt>,
    /// The régie.
    pub regie: Id<Regie>,
    /// The year of its series.
    pub year: u32,
    /// Its number in the series, from 1.
    pub number: u32,
    /// What was taken.
    pub payment: Id<Payment>,
    /// The receipt that this one annuls; `None` for a receipt.
    pub annuls: Option<Id<Receipt>>,
    /// With what it was paid.
    pub means: Means,
    /// How much; below zero where it annuls.
    pub cents: Cents,
    /// What the agent wrote: the bank and the number of a cheque.
    pub detail: String,
    /// Why it annuls; `""` for a receipt.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What somebody puts on the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// With what.
    pub means: Means,
    /// How much, up to what is to be paid.
    pub cents: Cents,
    /// The bank and the number of a cheque.
    pub detail: String,
}

/// Why nothing is taken, or annulled.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// There is no such order, or no such receipt.
    #[error("there is nothing of that name")]
    NotThere,
    /// Nobody is to pay the order.
    #[error("nobody is to pay this order")]
    NotDue,
    /// The régie is closed.
    #[error("the régie is closed")]
    Closed,
    /// The amount is nothing, or more than is to be paid.
    #[error("the amount is not right")]
    Amount,
    /// It is not paid so at a counter.
    #[error("that is not paid with at a counter")]
    Means,
    /// The words are none, or too many.
    #[error("the words are not right")]
    Words,
    /// The receipt annuls one, or is annulled.
    #[error("the receipt is annulled already")]
    Annulled,
    /// Something of it was given back, or is to be.
    #[error("something of it is given back")]
    Refunded,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes money at the counter for an order, and gives a receipt.
///
/// # Errors
/// Why not.
pub fn take(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    order: Id<Order>,
    taking: &Taking,
) -> Result<Receipt, ReceiptError> {
    if !matches!(taking.means, Means::Cash | Means::Cheque | Means::Terminal) {
        return Err(ReceiptError::Means);
    }
    let detail = words(&taking.detail)?;
    let order = order::find(tx, order)?.ok_or(ReceiptError::NotThere)?;
    if order.state != OrderState::Due || order.is_overdue(tx.now()) {
        return Err(ReceiptError::NotDue);
    }
    if taking.cents < Cents(1) || taking.cents > order.remaining() {
        return Err(ReceiptError::Amount);
    }
    if regie::find(tx, order.regie)?.is_none_or(|regie| regie.closed) {
        return Err(ReceiptError::Closed);
    }
    let now = tx.now();
    let through = Through {
        adapter: AdapterKind::Counter,
        mode: Mode::Production,
        client_number: String::new(),
        reference: wording::reference(&order.number, 0, tx.random()),
    };
    let parties = (order.id, order.regie);
    let mut payment = Payment::begun(tx.new_id(), parties, through, taking.cents, now);
    let money = Money {
        cents: taking.cents,
        means: taking.means,
        authorisation: (!detail.is_empty()).then(|| detail.clone()),
        at: Some(now),
        matches: true,
    };
    told::pay(&mut payment, &order, &money, now);
    payment::insert(tx, &payment)?;
    payment::journal(tx, &payment, "payment.paid")?;
    let receipt = Written {
        payment: &payment,
        annuls: None,
        means: taking.means,
        cents: taking.cents,
        detail: &detail,
        reason: "",
    }
    .write(tx)?;
    order::refresh(tx, order.id)?;
    Ok(receipt)
}

/// Annuls a receipt by a counter-receipt: the money was given back at once, the cheque is worth nothing, the amount was
/// mistyped. What it paid is to be paid again.
///
/// # Errors
/// Why not.
pub fn annul(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    id: Id<Receipt>,
    reason: &str,
) -> Result<Receipt, ReceiptError> {
    let reason = words(reason)?;
    if reason.is_empty() {
        return Err(ReceiptError::Words);
    }
    let receipt = find(tx, id)?.ok_or(ReceiptError::NotThere)?;
    if receipt.annuls.is_some() || annulment_of(tx, id)?.is_some() {
        return Err(ReceiptError::Annulled);
    }
    if refund::bound(tx, receipt.payment)? > Cents(0) {
        return Err(ReceiptError::Refunded);
    }
    let mut payment = payment::get(tx, receipt.payment)?;
    let counted = payment.counts_for.take();
    payment.counts = Cents(0);
    payment.state = PaymentState::Cancelled;
    payment.closed_why = Some(ClosedWhy::Annulled);
    payment::update(tx, &payment)?;
    payment::journal(tx, &payment, "payment.cancelled")?;
    let written = Written {
        payment: &payment,
        annuls: Some(id),
        means: receipt.means,
        cents: Cents(-receipt.cents.0),
        detail: &receipt.detail,
        reason: &reason,
    }
    .write(tx)?;
    if let Some(order) = counted {
        order::refresh(tx, order)?;
    }
    Ok(written)
}

fn words(text: &str) -> Result<String, ReceiptError> {
    let text = text.trim();
    if text.chars().count() > WORDS_AT_MOST || text.chars().any(char::is_control) {
        return Err(ReceiptError::Words);
    }
    Ok(text.to_owned())
}

struct Written<'a> {
    payment: &'a Payment,
    annuls: Option<Id<Receipt>>,
    means: Means,
    cents: Cents,
    detail: &'a str,
    reason: &'a str,
}

impl Written<'_> {
    /// Gives it the next number of its series, and keeps it.
    fn write(self, tx: &mut Tx<'_>) -> Result<Receipt> {
        let year = series::year(tx)?;
        let regie = self.payment.regie;
        let receipt = Receipt {
            id: tx.new_id(),
            regie,
            year,
            number: series::next(tx, &format!("receipt:{regie}"), year)?,
            payment: self.payment.id,
            annuls: self.annuls,
            means: self.means,
            cents: self.cents,
            detail: self.detail.to_owned(),
            reason: self.reason.to_owned(),
            at: tx.now(),
        };
        tx.execute(
            "INSERT INTO receipt (id, regie, year, number, payment, annuls, means, cents, detail, reason, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                &receipt.id,
                &receipt.regie,
                &receipt.year,
                &receipt.number,
                &receipt.payment,
                &receipt.annuls,
                &receipt.means,
                &receipt.cents,
                &receipt.detail,
                &receipt.reason,
                &receipt.at,
            ],
        )?;
        tx.journal(&Entry {
            kind: if receipt.annuls.is_some() { "receipt.annulled" } else { "receipt.given" },
            subject_kind: "receipt",
            subject_id: receipt.annuls.unwrap_or(receipt.id).uuid(),
            payload: json!({
                "regie": receipt.regie,
                "year": receipt.year,
                "number": receipt.number,
                "order": self.payment.order,
                "payment": receipt.payment,
                "means": receipt.means,
                "cents": receipt.cents,
            }),
        })?;
        Ok(receipt)
    }
}

/// What [`read`] reads of a receipt `r`.
pub(crate) const FIELDS: &str =
    "r.id, r.regie, r.year, r.number, r.payment, r.annuls, r.means, r.cents, r.detail, r.reason, r.at";
const COLUMNS: &str =
    "id, regie, year, number, payment, annuls, means, cents, detail, reason, at FROM receipt";

pub(crate) fn read(row: &mut Row) -> Result<Receipt> {
    Ok(Receipt {
        id: row.get(0)?,
        regie: row.get(1)?,
        year: row.get(2)?,
        number: row.get(3)?,
        payment: row.get(4)?,
        annuls: row.get(5)?,
        means: row.get(6)?,
        cents: row.get(7)?,
        detail: row.get(8)?,
        reason: row.get(9)?,
        at: row.get(10)?,
    })
}

/// The receipt of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Receipt>) -> Result<Option<Receipt>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The receipt that annuls this one.
pub fn annulment_of(tx: &mut Tx<'_>, id: Id<Receipt>) -> Result<Option<Receipt>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE annuls = $1"), &[&id], read)
}

/// The receipts of what was taken once: one, or one and its annulment.
pub fn of_payment(tx: &mut Tx<'_>, payment: Id<Payment>) -> Result<Vec<Receipt>> {
    tx.query(&format!("SELECT {COLUMNS} WHERE payment = $1 ORDER BY number LIMIT 2"), &[&payment], read)
}

/// The receipts and counter-receipts of what was taken for an order, the oldest first.
pub fn of_order(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Vec<Receipt>> {
    let sql = format!(
        "SELECT {FIELDS} FROM receipt r JOIN payment p ON p.id = r.payment WHERE p.payment_order = $1 ORDER BY r.id \
         LIMIT $2"
    );
    tx.query(&sql, &[&order, &OF_ORDER_AT_MOST], read)
}

/// The register of a régie and year after a number, in the order of the numbers.
pub fn register(
    tx: &mut Tx<'_>,
    regie: Id<Regie>,
    year: u32,
    after: u32,
    limit: u32,
) -> Result<Vec<Receipt>> {
    let sql =
        format!("SELECT {COLUMNS} WHERE regie = $1 AND year = $2 AND number > $3 ORDER BY number LIMIT $4");
    tx.query(&sql, &[&regie, &year, &after, &limit], read)
}
