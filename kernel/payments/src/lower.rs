//! An order that comes to less than was ordered, though money counts for it and stays: the thing was given up, wholly or in
//! part, and what was paid is not given back.

use beffroi_core::{Cents, Id};
use beffroi_store::{Result, Tx};
use serde_json::json;

use crate::order::{self, Order, OrderState, WORDS_AT_MOST};

/// Brings what is to be paid of an order down to so much, by a line that says why; what counts for it already stays. Tells
/// whether it did: not where nobody is to pay it, it comes to no more, or nothing is left of it and nothing was paid, for
/// then it is cancelled ([`order::cancel`]).
pub fn lower(tx: &mut Tx<'_>, id: Id<Order>, to: Cents, why: &str) -> Result<bool> {
    let Some(before) = order::find(tx, id)?.filter(|it| it.state == OrderState::Due) else {
        return Ok(false);
    };
    let to = to.max(before.paid);
    if to < Cents(1) || to >= before.total {
        return Ok(false);
    }
    let last: i64 = tx.query_one(
        "SELECT CAST(COALESCE(MAX(rank), 0) AS BIGINT) FROM payment_order_line WHERE payment_order = $1",
        &[&id],
        |row| row.get(0),
    )?;
    let label: String = why.trim().chars().take(WORDS_AT_MOST).collect();
    tx.execute(
        "INSERT INTO payment_order_line (payment_order, rank, label, cents) VALUES ($1, $2, $3, $4)",
        &[&id, &(last + 1), &label, &Cents(to.0 - before.total.0)],
    )?;
    tx.execute("UPDATE payment_order SET total_cents = $1 WHERE id = $2", &[&to, &id])?;
    let order = order::get(tx, id)?;
    order::journal(tx, &order, "order.lowered", json!({ "paid": order.paid }))?;
    order::refresh(tx, id)?;
    Ok(true)
}
