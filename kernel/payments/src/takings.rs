//! What the till shows of a régie: which orders are to be paid, and what was taken at the counter and came online in a
//! period. Read only.

use beffroi_core::{Cents, Id, text::fold};
use beffroi_people::Permit;
use beffroi_store::{Result, ToValue, Tx, marks};

use crate::{
    ledger::{Cursor, Period, SHOWN},
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

/// What came online by each means in a period, as the ledger counts it: how often, and how much it is.
pub fn online(
    tx: &mut Tx<'_>,
    _: &Permit<TakeMoney>,
    regie: Id<Regie>,
    period: Period,
) -> Result<Vec<(Means, i64, Cents)>> {
    let sql = format!(
        "SELECT p.means, COUNT(*), CAST(COALESCE(SUM(p.told_cents), 0) AS BIGINT) FROM payment p WHERE p.regie = $1 \
         AND p.adapter <> 'counter' AND p.state = 'paid' AND p.booked_at >= $2 AND p.booked_at < $3 AND {SHOWN} \
         GROUP BY p.means ORDER BY p.means"
    );
    tx.query(&sql, &[&regie, &period.from, &period.until], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Orders of these régies that are searched for a payer, the newest first: names are sealed, and none is found by the
/// database.
const SEARCHED: u32 = 2_000;

/// The newest orders of these régies whose payer's name holds all words of a text, so many at most. Whoever asks takes money
/// at the till of each of them.
pub fn of_payer(tx: &mut Tx<'_>, regies: &[Id<Regie>], text: &str, at_most: usize) -> Result<Vec<Order>> {
    let wanted = fold(text);
    let words: Vec<&str> = wanted.split_whitespace().collect();
    if words.is_empty() || regies.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<&dyn ToValue> = regies.iter().map(|id| id as &dyn ToValue).collect();
    params.push(&SEARCHED);
    let sql = format!(
        "SELECT {} WHERE o.regie IN ({}) AND o.payer IS NOT NULL ORDER BY o.id DESC LIMIT ${}",
        order::COLUMNS,
        marks(1, regies.len()),
        params.len()
    );
    let mut found = Vec::new();
    for row in tx.query(&sql, &params, order::read)? {
        let order = order::opened(tx, row)?;
        let name = order.payer.as_ref().map(|payer| fold(&payer.name)).unwrap_or_default();
        if words.iter().all(|word| name.contains(word)) {
            found.push(order);
        }
        if found.len() >= at_most {
            break;
        }
    }
    Ok(found)
}
