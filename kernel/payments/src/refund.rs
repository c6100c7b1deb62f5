//! Giving money back: asked for by a service or by whoever settles a trouble, done by the accountant outside of this
//! program (PayFiP's service for régies gives nothing back), and written down when it is done.

use std::collections::BTreeMap;

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Row, StoreError, ToValue, Tx, marks, words};
use serde_json::json;

use crate::{
    order::{self, Order},
    payment::{self, Payment, PaymentState, Settlement},
    permission::SettlePayments,
    regie::Regie,
};

/// Characters of a reason or a detail, at most.
const WORDS_AT_MOST: usize = 300;
/// Payments of one order from which money is given back, at most.
const PAYMENTS_AT_MOST: u32 = 200;

words! {
    /// Where a refund stands.
    RefundState {
        /// Somebody has to do it.
        Asked = "asked",
        /// It is done.
        Done = "done",
        /// It is not done after all.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// How money was given back.
    RefundHow {
        /// To the bank account.
        Transfer = "transfer",
        /// By a cheque of the Treasury.
        Cheque = "cheque",
        /// In coins and notes.
        Cash = "cash",
        /// To the card.
        Card = "card",
    }
}

/// Money to give back, or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Which one.
    pub id: Id<Refund>,
    /// Of which money.
    pub payment: Id<Payment>,
    /// Who collected it.
    pub regie: Id<Regie>,
    /// The order for which the money counted; `None` where it counted for none.
    pub order: Option<Id<Order>>,
    /// How much.
    pub cents: Cents,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub state: RefundState,
    /// How it was done.
    pub how: Option<RefundHow>,
    /// The number of a transfer or a mandate.
    pub detail: String,
    /// When it was asked for.
    pub asked_at: Instant,
    /// When it was done, or withdrawn.
    pub done_at: Option<Instant>,
}

/// Why nothing is given back.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// There is no such money, or no such refund.
    #[error("there is nothing of that name")]
    NotThere,
    /// No money came.
    #[error("no money came")]
    NotPaid,
    /// The amount is nothing, or more than is left.
    #[error("the amount is not right")]
    Amount,
    /// The words are none, or too many.
    #[error("the words are not right")]
    Words,
    /// It is done or withdrawn.
    #[error("the refund is settled already")]
    Settled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is given back of some money, or is to be.
pub(crate) fn bound(tx: &mut Tx<'_>, payment: Id<Payment>) -> Result<Cents> {
    tx.query_one(
        "SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM refund WHERE payment = $1 AND state <> 'withdrawn'",
        &[&payment],
        |row| row.get(0),
    )
}

/// Asks for some money to be given back.
///
/// # Errors
/// Why not.
pub fn ask(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    payment: Id<Payment>,
    cents: Cents,
    reason: &str,
) -> Result<Refund, RefundError> {
    let payment = payment::find(tx, payment)?.ok_or(RefundError::NotThere)?;
    let left = Cents(payment.told.unwrap_or_default().0 - bound(tx, payment.id)?.0);
    if cents > left {
        return Err(RefundError::Amount);
    }
    write(tx, &payment, cents, &words(reason)?)
}

/// Asks for a part of what was paid for an order to be given back, for a service whose own rules say so: of the last
/// money first. Tells what is asked for.
///
/// # Errors
/// Why not; [`RefundError::Amount`] where less than that was paid and is left.
pub fn claim(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    cents: Cents,
    reason: &str,
) -> Result<Vec<Refund>, RefundError> {
    let reason = words(reason)?;
    if cents < Cents(1) {
        return Err(RefundError::Amount);
    }
    let sql = format!(
        "SELECT {}, CAST(COALESCE((SELECT SUM(r.cents) FROM refund r WHERE r.payment = p.id \
         AND r.payment_order = p.counts_for AND r.state <> 'withdrawn'), 0) AS BIGINT) \
         FROM payment p WHERE p.counts_for = $1 AND p.state = 'paid' ORDER BY p.told_at DESC, p.id DESC LIMIT $2",
        payment::COLUMNS
    );
    let paid =
        tx.query(&sql, &[&order, &PAYMENTS_AT_MOST], |row| Ok((payment::read(row)?, row.get::<Cents>(28)?)))?;
    let mut wanted = cents.0;
    let mut refunds = Vec::new();
    for (payment, bound) in paid {
        let part = wanted.min(payment.counts.0 - bound.0);
        if part > 0 {
            refunds.push(write(tx, &payment, Cents(part), &reason)?);
            wanted -= part;
        }
    }
    // The whole command is undone with what was asked for so far.
    if wanted > 0 { Err(RefundError::Amount) } else { Ok(refunds) }
}

fn write(tx: &mut Tx<'_>, payment: &Payment, cents: Cents, reason: &str) -> Result<Refund, RefundError> {
    if payment.state != PaymentState::Paid {
        return Err(RefundError::NotPaid);
    }
    if cents < Cents(1) {
        return Err(RefundError::Amount);
    }
    if reason.is_empty() {
        return Err(RefundError::Words);
    }
    let refund = Refund {
        id: tx.new_id(),
        payment: payment.id,
        regie: payment.regie,
        order: payment.counts_for,
        cents,
        reason: reason.to_owned(),
        state: RefundState::Asked,
        how: None,
        detail: String::new(),
        asked_at: tx.now(),
        done_at: None,
    };
    tx.execute(
        "INSERT INTO refund (id, payment, regie, payment_order, cents, reason, state, how, detail, asked_at, done_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'asked', NULL, '', $7, NULL)",
        &[
            &refund.id,
            &refund.payment,
            &refund.regie,
            &refund.order,
            &refund.cents,
            &refund.reason,
            &refund.asked_at,
        ],
    )?;
    journal(tx, &refund, "refund.asked")?;
    Ok(refund)
}

/// Writes down that money was given back, and how.
///
/// # Errors
/// Why not.
pub fn done(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    id: Id<Refund>,
    how: RefundHow,
    detail: &str,
) -> Result<Refund, RefundError> {
    let detail = words(detail)?;
    let refund = asked(tx, id)?;
    let now = tx.now();
    let refund = Refund { state: RefundState::Done, how: Some(how), detail, done_at: Some(now), ..refund };
    update(tx, &refund)?;
    journal(tx, &refund, "refund.done")?;
    settle_trouble(tx, refund.payment)?;
    if let Some(order) = refund.order {
        order::refresh(tx, order)?;
    }
    Ok(refund)
}

/// Says that money is not to be given back after all.
///
/// # Errors
/// Why not.
pub fn withdraw(tx: &mut Tx<'_>, _: &Permit<SettlePayments>, id: Id<Refund>) -> Result<Refund, RefundError> {
    let refund = asked(tx, id)?;
    let refund = Refund { state: RefundState::Withdrawn, done_at: Some(tx.now()), ..refund };
    update(tx, &refund)?;
    journal(tx, &refund, "refund.withdrawn")?;
    Ok(refund)
}

/// Money that counts for nothing and was given back wholly needs nobody any more.
fn settle_trouble(tx: &mut Tx<'_>, payment: Id<Payment>) -> Result<()> {
    let mut payment = payment::get(tx, payment)?;
    if !payment.is_open_trouble() || payment.counts_for.is_some() {
        return Ok(());
    }
    let given: Cents = tx.query_one(
        "SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM refund WHERE payment = $1 AND state = 'done'",
        &[&payment.id],
        |row| row.get(0),
    )?;
    if payment.told != Some(given) {
        return Ok(());
    }
    payment.settled_at = Some(tx.now());
    payment.settled_how = Some(Settlement::Refunded);
    payment::update(tx, &payment)?;
    payment::journal(tx, &payment, "payment.settled")
}

fn asked(tx: &mut Tx<'_>, id: Id<Refund>) -> Result<Refund, RefundError> {
    let refund = find(tx, id)?.ok_or(RefundError::NotThere)?;
    if refund.state == RefundState::Asked { Ok(refund) } else { Err(RefundError::Settled) }
}

fn update(tx: &mut Tx<'_>, refund: &Refund) -> Result<()> {
    tx.execute(
        "UPDATE refund SET state = $1, how = $2, detail = $3, done_at = $4 WHERE id = $5",
        &[&refund.state, &refund.how, &refund.detail, &refund.done_at, &refund.id],
    )
    .map(drop)
}

fn words(text: &str) -> Result<String, RefundError> {
    let text = text.trim();
    if text.chars().count() > WORDS_AT_MOST || text.chars().any(char::is_control) {
        return Err(RefundError::Words);
    }
    Ok(text.to_owned())
}

fn journal(tx: &mut Tx<'_>, refund: &Refund, kind: &str) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "refund",
        subject_id: refund.id.uuid(),
        payload: json!({
            "payment": refund.payment,
            "order": refund.order,
            "regie": refund.regie,
            "cents": refund.cents,
            "how": refund.how,
        }),
    })?;
    Ok(())
}

const COLUMNS: &str =
    "id, payment, regie, payment_order, cents, reason, state, how, detail, asked_at, done_at FROM refund";

fn read(row: &mut Row) -> Result<Refund> {
    Ok(Refund {
        id: row.get(0)?,
        payment: row.get(1)?,
        regie: row.get(2)?,
        order: row.get(3)?,
        cents: row.get(4)?,
        reason: row.get(5)?,
        state: row.get(6)?,
        how: row.get(7)?,
        detail: row.get(8)?,
        asked_at: row.get(9)?,
        done_at: row.get(10)?,
    })
}

/// The refund of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Refund>) -> Result<Option<Refund>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// The refunds of some money, the oldest first.
pub fn of_payment(tx: &mut Tx<'_>, payment: Id<Payment>, limit: u32) -> Result<Vec<Refund>> {
    tx.query(&format!("SELECT {COLUMNS} WHERE payment = $1 ORDER BY id LIMIT $2"), &[&payment, &limit], read)
}

/// The refunds of what was paid for an order or counts for it, the oldest first.
pub fn of_order(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Vec<Refund>> {
    let sql = "SELECT r.id, r.payment, r.regie, r.payment_order, r.cents, r.reason, r.state, r.how, r.detail, r.asked_at, \
        r.done_at FROM refund r JOIN payment p ON p.id = r.payment WHERE p.payment_order = $1 OR p.counts_for = $1 \
        ORDER BY r.id LIMIT $2";
    tx.query(sql, &[&order, &PAYMENTS_AT_MOST], read)
}

/// What is asked to be given back of each of these orders, and is not yet.
pub fn asked_of(tx: &mut Tx<'_>, orders: &[Id<Order>]) -> Result<BTreeMap<Id<Order>, Cents>> {
    if orders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = orders.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT payment_order, CAST(SUM(cents) AS BIGINT) FROM refund \
         WHERE state = 'asked' AND payment_order IN ({}) GROUP BY payment_order",
        marks(1, orders.len())
    );
    let found: Vec<(Id<Order>, Cents)> = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}
