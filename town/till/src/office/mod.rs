//! The agents' side: the till of a régie, its receipts, what needs somebody, its ledger and its reconciliation. A régie
//! of another department does not exist for an agent.

mod attention;
mod day;
mod export;
mod ledger;
mod order;
mod payment;
mod receipt;
mod reconcile;
mod refund;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, start_of_day},
};
use beffroi_payments::{
    Order, Regie,
    ledger::{Cursor, Period},
    permission::{ReadLedger, TakeMoney, permit_for},
    reach, regie,
};
use beffroi_people::{
    Permit, Refused, SignedIn, look,
    permission::{Action, Scope, scope},
};
use beffroi_store::Tx;
use beffroi_web::{App, Result, WebError};
use chrono::{Datelike, Days};
use chrono_tz::Tz;

use crate::public::Known;

/// Bytes of a statement that is sent, at most.
const STATEMENT_AT_MOST: usize = 2 << 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/caisse", get(day::list))
        .route("/agents/caisse/commandes/{order}", get(order::show))
        .route("/agents/caisse/commandes/{order}/encaisser", post(order::take))
        .route("/agents/caisse/quittances/{receipt}", get(receipt::show))
        .route("/agents/caisse/quittances/{receipt}/quittance.pdf", get(receipt::paper))
        .route("/agents/caisse/quittances/{receipt}/annuler", post(receipt::annul))
        .route("/agents/caisse/paiements/{payment}", get(payment::show))
        .route("/agents/caisse/paiements/{payment}/{action}", post(payment::settle))
        .route("/agents/caisse/remboursements/{refund}", get(refund::show))
        .route("/agents/caisse/remboursements/{refund}/{action}", post(refund::settle))
        .route("/agents/caisse/{regie}", get(day::show))
        .route("/agents/caisse/{regie}/a-regler", get(attention::list))
        .route("/agents/caisse/{regie}/livre", get(ledger::show))
        .route("/agents/caisse/{regie}/livre/{file}", get(export::download))
        .merge(
            Router::new()
                .route("/agents/caisse/{regie}/rapprochement", get(reconcile::blank).post(reconcile::compare))
                .layer(DefaultBodyLimit::max(STATEMENT_AT_MOST)),
        )
}

/// For whoever may not know of a régie, there is none; whoever lacks their second factor is sent to it.
pub(crate) fn hidden<T>(permit: std::result::Result<T, Refused>) -> Result<T> {
    permit.map_err(|refused| match refused {
        Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    })
}

/// A régie, for whoever may do `A` with it.
fn regie_for<A: Action>(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Regie, Permit<A>)> {
    // Whoever may do it nowhere is told so before anything is looked for.
    let _ = somewhere::<A>(tx, who)?;
    let id: Id<Regie> = id.parse().map_err(|_| WebError::not_found())?;
    let permit = hidden(permit_for::<A>(tx, who, id))?;
    let found = regie::find(tx, id)?.ok_or_else(WebError::not_found)?;
    Ok((found, permit))
}

/// Where the agent may do `A`.
fn somewhere<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    let found = scope::<A>(tx, who)?;
    if !matches!(&found, Scope::Departments(inside) if inside.is_empty()) {
        return Ok(found);
    }
    Err(if who.second_factor.is_lacking() { WebError::sign_in_required() } else { WebError::not_found() })
}

/// The régies at whose till the agent takes money.
fn own_regies(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Regie>> {
    let scope = somewhere::<TakeMoney>(tx, who)?;
    Ok(regie::list(tx)?.into_iter().filter(|regie| scope.contains(regie.department)).collect())
}

/// An order of a régie at whose till the agent takes money, with the permit to do so.
fn order_for(tx: &mut Tx<'_>, who: &SignedIn, order: Option<Order>) -> Result<(Known, Permit<TakeMoney>)> {
    let _ = somewhere::<TakeMoney>(tx, who)?;
    let order = order.ok_or_else(WebError::not_found)?;
    let permit = hidden(permit_for::<TakeMoney>(tx, who, order.regie))?;
    let known = Known::of(tx, order)?.ok_or_else(WebError::not_found)?;
    Ok((known, permit))
}

/// Writes down that an agent has opened a page that tells who pays an order.
fn consulted(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Order>) -> Result<()> {
    let account = reach::account_of(tx, id)?;
    Ok(look::note(tx, who, "order.consulted", ("order", id.uuid()), account)?)
}

/// Whether the agent reads the ledger of a régie too.
fn reads(tx: &mut Tx<'_>, who: &SignedIn, regie: &Regie) -> Result<bool> {
    Ok(scope::<ReadLedger>(tx, who)?.contains(regie.department))
}

/// From the beginning of one day to the end of another, as the town's clocks show them.
fn days(from: Day, until: Day, zone: Tz) -> Period {
    let after = until.checked_add_days(Days::new(1)).unwrap_or(until);
    Period { from: start_of_day(from, zone), until: start_of_day(after, zone) }
}

/// The days that somebody asked for, in order; the present month where they asked for none.
fn asked_days(from: &str, until: &str, today: Day) -> (Day, Day) {
    let first = today.with_day(1).unwrap_or(today);
    let from = from.parse().unwrap_or(first);
    let until = until.parse().unwrap_or(today);
    if until < from { (until, from) } else { (from, until) }
}

/// Where a page begins, as its address says it.
fn cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('_')?;
    let at = chrono::DateTime::from_timestamp_micros(at.parse().ok()?)?;
    Some(Cursor { at, id: id.parse().ok()? })
}

/// The same for an address.
fn address_of(cursor: Cursor) -> String {
    format!("{}_{}", cursor.at.timestamp_micros(), cursor.id)
}

/// The day that the town's clocks show.
fn today(tx: &mut Tx<'_>) -> beffroi_store::Result<(Day, Tz)> {
    let zone = beffroi_people::Town::load(tx)?.zone();
    Ok((civil_day(tx.now(), zone), zone))
}
