//! What the till shows of a régie: which orders are to be paid, and what was taken at the counter in a period. Read only.

use beffroi_core::{Cents, Id};
use beffroi_people::Permit;
use beffroi_store::{Result, Tx};

use crate::{
    ledger::{Cursor, Period},
    order::{self, Order},
    payment::Means,
    permission::TakeMoney,
    receipt::{self, Receipt},
    regie::Regie,
};

/// The orders of a régie that are to be paid, the newest first, after one.
pub fn to_pay(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    regie: Id<Regie>,
    after: Option<Id<Order>>,
    limit: u32,
) -> Result<Vec<Order>> {
    let after = after.map_or_else(|| "~".to_owned(), |after| after.to_string());
    let sql = format!(
        "SELECT {} WHERE o.regie = $1 AND o.state = 'due' AND o.id < $2 ORDER BY o.id DESC LIMIT $3",
        order::COLUMNS
    );
    let found = tx.query(&sql, &[&regie, &after, &limit], order::read)?;
    found.into_iter().map(|found| order::opened(tx, found)).collect()
}

/// The receipts and counter-receipts of a régie and a period after one, each with its order and that order's number, the
/// oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    regie: Id<Regie>,
    period: Period,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<(Receipt, Id<Order>, String)>> {
    let (at, id) = after.map_or((period.from, String::new()), |after| (after.at, after.id.to_string()));
    let sql = format!(
        "SELECT {}, o.id, o.number FROM receipt r JOIN payment p ON p.id = r.payment \
         JOIN payment_order o ON o.id = p.payment_order WHERE r.regie = $1 AND r.at >= $2 AND r.at < $3 \
         AND (r.at > $2 OR r.id > $4) ORDER BY r.at, r.id LIMIT $5",
        receipt::FIELDS
    );
    tx.query(&sql, &[&regie, &at, &period.until, &id, &limit], |row| {
        Ok((receipt::read(row)?, row.get(11)?, row.get(12)?))
    })
}

/// What was taken by each means in a period, annulments deducted: how many receipts stand, and how much it is.
pub fn totals(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    regie: Id<Regie>,
    period: Period,
) -> Result<Vec<(Means, i64, Cents)>> {
    tx.query(
        "SELECT r.means, CAST(SUM(CASE WHEN r.annuls IS NULL THEN 1 ELSE -1 END) AS BIGINT), \
         CAST(SUM(r.cents) AS BIGINT) FROM receipt r WHERE r.regie = $1 AND r.at >= $2 AND r.at < $3 \
         GROUP BY r.means ORDER BY r.means",
        &[&regie, &period.from, &period.until],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
