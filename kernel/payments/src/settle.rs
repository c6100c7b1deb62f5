//! What somebody does about money that counts for nothing, and about attempts of which nobody can tell what came.
//! Giving it back is a [`crate::refund`].

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::Permit;
use beffroi_store::{Result, StoreError, Tx};

use crate::{
    adapter::{Money, Outcome},
    order::{self, Order, OrderState},
    payment::{self, Means, Payment, PaymentState, PaymentTrouble, Settlement},
    permission::SettlePayments,
    refund, told,
};

/// Why something is not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is no such payment, or no such order.
    #[error("there is nothing of that name")]
    NotThere,
    /// There is nothing to settle in this way.
    #[error("there is nothing to settle in this way")]
    NothingToSettle,
    /// The order is not to be paid, or not to this régie.
    #[error("the order is not to be paid to this régie")]
    Order,
    /// More came than is to be paid: the rest is to be given back first.
    #[error("the amount is not right")]
    Amount,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets money count for an order after all: for the one for which it was asked, or for another of the same régie (the
/// room was booked again). What was given back of it does not count.
///
/// # Errors
/// Why not.
pub fn attach(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    payment: Id<Payment>,
    order: Id<Order>,
) -> Result<Payment, SettleError> {
    let mut payment = payment::find(tx, payment)?.ok_or(SettleError::NotThere)?;
    let order = order::find(tx, order)?.ok_or(SettleError::NotThere)?;
    if payment.state != PaymentState::Paid || payment.counts_for.is_some() || !payment.is_open_trouble() {
        return Err(SettleError::NothingToSettle);
    }
    if order.state != OrderState::Due || order.regie != payment.regie {
        return Err(SettleError::Order);
    }
    let left = Cents(payment.told.unwrap_or_default().0 - refund::bound(tx, payment.id)?.0);
    if left < Cents(1) || left > order.remaining() {
        return Err(SettleError::Amount);
    }
    payment.counts_for = Some(order.id);
    payment.counts = left;
    settled(tx, &mut payment, Settlement::Attached, "payment.attached")?;
    order::refresh(tx, order.id)?;
    Ok(payment)
}

/// Says that somebody has made sure that there is nothing to do. Money that came and counts for nothing cannot be waved
/// away so, but where it may not be this régie's at all.
///
/// # Errors
/// Why not.
pub fn close(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    payment: Id<Payment>,
) -> Result<Payment, SettleError> {
    let mut payment = payment::find(tx, payment)?.ok_or(SettleError::NotThere)?;
    let nothing = matches!(
        payment.trouble,
        Some(PaymentTrouble::Unanswered | PaymentTrouble::Contradiction | PaymentTrouble::Mismatch)
    );
    if !payment.is_open_trouble() || !nothing {
        return Err(SettleError::NothingToSettle);
    }
    settled(tx, &mut payment, Settlement::Closed, "payment.settled")?;
    Ok(payment)
}

/// Says that money came, by an attempt of which nobody told what came: it stands in the DGFiP's statement. It goes
/// through the same door as what PayFiP tells.
///
/// # Errors
/// Why not.
pub fn vouch(
    tx: &mut Tx<'_>,
    _: &Permit<SettlePayments>,
    payment: Id<Payment>,
    cents: Cents,
    means: Means,
    at: Instant,
) -> Result<Payment, SettleError> {
    let payment = payment::find(tx, payment)?.ok_or(SettleError::NotThere)?;
    if payment.state != PaymentState::Unknown {
        return Err(SettleError::NothingToSettle);
    }
    if cents < Cents(1) {
        return Err(SettleError::Amount);
    }
    let money = Money { cents, means, authorisation: None, at: Some(at), matches: true };
    Ok(told::tell(tx, payment.id, &Outcome::Paid(money))?)
}

fn settled(tx: &mut Tx<'_>, payment: &mut Payment, how: Settlement, kind: &str) -> Result<()> {
    payment.settled_at = Some(tx.now());
    payment.settled_how = Some(how);
    payment::update(tx, payment)?;
    payment::journal(tx, payment, kind)
}
