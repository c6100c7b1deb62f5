//! What is paid, for programs: by a procedure, and for a case.

use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_forms::Fee;
use beffroi_payments::reach;
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fee;

/// What fixes the price of a procedure, and what of it is collected here.
#[derive(Serialize, ToSchema)]
pub(super) struct FeeDetail {
    /// The price, where it is the same for all.
    amount_cents: Option<i64>,
    /// The answer that gives the amount, in cents; `step.field` where agents fill it in.
    field: Option<String>,
    /// When it is due: on `grant` or on `filing`.
    on: &'static str,
    /// The deliberation that fixes it.
    deliberation: String,
}

impl FeeDetail {
    pub(super) fn of(fee: &Fee) -> Self {
        Self {
            amount_cents: fee.amount.map(|amount| amount.0),
            field: fee.field.clone(),
            on: fee.on.as_str(),
            deliberation: fee.deliberation.clone(),
        }
    }
}

/// What is to be paid for a case, or was: its last order.
#[derive(Serialize, ToSchema)]
pub(super) struct Payment {
    /// The order's number.
    number: String,
    /// `due`, `paid`, `partly-refunded` or `refunded`.
    state: &'static str,
    amount_cents: i64,
    remaining_cents: i64,
    /// The last day to pay.
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Day>,
    /// The page of the order, for its requester alone: whoever has its address can pay, and read who does.
    page: Option<String>,
}

/// What is to be paid for a case; `None` where nothing is asked for. `own`: whether its requester asks.
pub(super) fn of_case(tx: &mut Tx<'_>, case: Id<Case>, own: bool) -> Result<Option<Payment>> {
    let Some(order) = fee::orders(tx, case)?.into_iter().next() else { return Ok(None) };
    let zone = Town::load(tx)?.zone();
    let page = if own { reach::page(tx, order.id)? } else { None };
    Ok(Some(Payment {
        state: order.state.as_str(),
        amount_cents: order.total.0,
        remaining_cents: order.remaining().0,
        due_on: order.due_at.map(|at| civil_day(at, zone)),
        number: order.number,
        page,
    }))
}
