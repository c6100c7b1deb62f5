//! What other programs are told of orders and of what is given back: which one, how much, and how it stands; nothing of who
//! pays. See `docs/api.md`.

use beffroi_core::Id;
use beffroi_payments::{
    Order, Refund, order,
    refund::{self, RefundHow},
};
use beffroi_store::{JournalEntry, Result, Tx};
use beffroi_webhooks::{Event, Source};
use serde_json::{Value, json};

/// The events of orders.
#[derive(Clone, Copy, Debug)]
pub struct OrderEvents;

/// Kinds of journal entries, and what programs outside call them.
const NAMED: &[(&str, &str)] = &[
    ("order.created", "order.created"),
    ("order.paid", "order.paid"),
    ("order.reopened", "order.reopened"),
    ("order.lowered", "order.lowered"),
    ("order.cancelled", "order.cancelled"),
    ("order.partly_refunded", "order.partly-refunded"),
    ("order.refunded", "order.refunded"),
    ("refund.asked", "refund.asked"),
    ("refund.done", "refund.done"),
    ("refund.withdrawn", "refund.withdrawn"),
];

impl Source for OrderEvents {
    fn kinds(&self) -> &[&'static str] {
        &[
            "order.created",
            "order.paid",
            "order.reopened",
            "order.lowered",
            "order.cancelled",
            "order.partly_refunded",
            "order.refunded",
            "refund.asked",
            "refund.done",
            "refund.withdrawn",
        ]
    }

    fn names(&self) -> &[&'static str] {
        &[
            "order.created",
            "order.paid",
            "order.reopened",
            "order.lowered",
            "order.cancelled",
            "order.partly-refunded",
            "order.refunded",
            "refund.asked",
            "refund.done",
            "refund.withdrawn",
        ]
    }

    fn event(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let named = NAMED.iter().find(|(kind, _)| *kind == entry.kind).map(|(_, name)| *name);
        let Some(name) = named else { return Ok(None) };
        let data = match entry.subject_kind.as_str() {
            "refund" => of_refund(tx, Id::from_uuid(entry.subject_id), entry)?,
            _ => of_order(tx, Id::from_uuid(entry.subject_id))?,
        };
        Ok(data.map(|data| Event { name, data }))
    }
}

/// Which order, for which thing, and how it stands when it is told.
fn of_order(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Option<Value>> {
    let found = order::find(tx, id)?;
    Ok(found.map(|it| {
        json!({
            "id": it.id,
            "number": it.number,
            "regie": it.regie,
            "about": { "kind": it.about.kind, "id": it.about.id },
            "state": it.state.as_str(),
            "total_cents": it.total,
            "paid_cents": it.paid,
            "refunded_cents": it.refunded,
            "due_at": it.due_at,
            "created_at": it.created_at,
        })
    }))
}

/// Which refund, of which order where the money counted for one, and how it stands when it is told.
fn of_refund(tx: &mut Tx<'_>, id: Id<Refund>, entry: &JournalEntry) -> Result<Option<Value>> {
    let Some(it) = refund::find(tx, id)? else { return Ok(None) };
    // What was given back of an order that is to be paid again counts for it no more: the entry still knows which it was.
    let told = entry.payload.as_ref().and_then(|payload| payload.get("order")?.as_str()?.parse().ok());
    let of = match it.order.or(told) {
        Some(of) => order::find(tx, of)?.map(|order| order.number),
        None => None,
    };
    Ok(Some(json!({
        "id": it.id,
        "order": of,
        "regie": it.regie,
        "state": it.state.as_str(),
        "cents": it.cents,
        "how": it.how.map(RefundHow::as_str),
    })))
}
