//! What needs somebody: money that counts for nothing, attempts of which nobody told what came, refunds that are to be
//! done. One list for a régie, the oldest first. Read only.

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::Permit;
use beffroi_store::{Result, Tx, words};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    ledger::Cursor,
    order::Order,
    payment::{Payment, PaymentTrouble},
    permission::ReadLedger,
    refund::Refund,
    regie::Regie,
};

/// After how long an attempt of which nobody told what came is shown, although it is still asked for.
const SLOW_AFTER: TimeDelta = TimeDelta::hours(24);

words! {
    /// Why something needs somebody.
    NeedKind {
        /// A trouble with money, or with what was told.
        Trouble = "trouble",
        /// Nobody has told for a day what came of an attempt; it is still asked for.
        Slow = "slow",
        /// Money is to be given back.
        Refund = "refund",
    }
}

/// Something that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Since when.
    pub since: Instant,
    /// The payment, or the refund.
    pub id: Uuid,
    /// Why.
    pub kind: NeedKind,
    /// The trouble, where it is one.
    pub trouble: Option<PaymentTrouble>,
    /// The payment.
    pub payment: Id<Payment>,
    /// The refund, where one is to be done.
    pub refund: Option<Id<Refund>>,
    /// The order that it began with.
    pub order: Id<Order>,
    /// Its number.
    pub number: String,
    /// The reference that PayFiP knows.
    pub reference: String,
    /// How much it is about.
    pub cents: Cents,
}

impl Need {
    /// Where a page ends that ends with it.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.since, id: self.id }
    }
}

/// What needs somebody, after what was shown, the oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    _: &Permit<ReadLedger>,
    regie: Id<Regie>,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Need>> {
    let slow = tx.now() - SLOW_AFTER;
    let (at, id) =
        after.map_or((Instant::UNIX_EPOCH, String::new()), |after| (after.at, after.id.to_string()));
    tx.query(
        "SELECT n.since, n.id, n.kind, n.trouble, n.payment, n.refund, n.payment_order, o.number, n.reference, n.cents \
         FROM (SELECT p.troubled_since AS since, p.id AS id, 'trouble' AS kind, p.trouble AS trouble, \
         p.id AS payment, CAST(NULL AS TEXT) AS refund, p.payment_order AS payment_order, p.reference AS reference, \
         COALESCE(p.told_cents, p.asked_cents) AS cents \
         FROM payment p WHERE p.regie = $1 AND p.troubled_since IS NOT NULL AND p.settled_at IS NULL \
         UNION ALL \
         SELECT p.started_at, p.id, 'slow', NULL, p.id, NULL, p.payment_order, p.reference, p.asked_cents \
         FROM payment p WHERE p.regie = $1 AND p.state = 'started' AND p.started_at <= $2 \
         UNION ALL \
         SELECT f.asked_at, f.id, 'refund', NULL, p.id, f.id, p.payment_order, p.reference, f.cents \
         FROM refund f JOIN payment p ON p.id = f.payment WHERE f.regie = $1 AND f.state = 'asked') n \
         JOIN payment_order o ON o.id = n.payment_order \
         WHERE n.since > $3 OR (n.since = $3 AND n.id > $4) ORDER BY n.since, n.id LIMIT $5",
        &[&regie, &slow, &at, &id, &limit],
        |row| {
            Ok(Need {
                since: row.get(0)?,
                id: row.get(1)?,
                kind: row.get(2)?,
                trouble: row.get(3)?,
                payment: row.get(4)?,
                refund: row.get(5)?,
                order: row.get(6)?,
                number: row.get(7)?,
                reference: row.get(8)?,
                cents: row.get(9)?,
            })
        },
    )
}
