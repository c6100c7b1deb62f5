//! How an order is reached from outside: by its secret link, which opens its page to whoever has it, and from its payer's
//! account; and when its payer is forgotten.

use beffroi_core::{Id, Instant};
use beffroi_people::Account;
use beffroi_store::{Entry, Result, ToValue, Tx, marks};
use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::order::{self, Order};

/// Under which address the pages of orders are: `/paiements/{link}`.
pub const PAGES: &str = "/paiements";
/// How long the payer of an order is known that was cancelled and for which nothing came.
pub const CANCELLED_KEPT: TimeDelta = TimeDelta::days(365);
/// How long the payer of any other order is known: as long as an accountant keeps what proves an entry.
pub const KEPT: TimeDelta = TimeDelta::days(3_653);

/// What is kept in the place of a link.
fn hash(link: &str) -> [u8; 32] {
    Sha256::digest(link).into()
}

fn context(id: Id<Order>) -> String {
    format!("payment_order.link:{id}")
}

/// Gives a new order its link, and its place in an account.
pub(crate) fn give(tx: &mut Tx<'_>, id: Id<Order>, account: Option<Id<Account>>) -> Result<()> {
    let link = hex::encode(tx.random::<16>());
    let sealed = tx.seal_text(&context(id), &link)?;
    tx.execute(
        "UPDATE payment_order SET link = $1, link_sealed = $2, account = $3 WHERE id = $4",
        &[&hash(&link), &sealed, &account, &id],
    )
    .map(drop)
}

/// The order that a secret link opens.
pub fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Order>> {
    // None of ours is so long, and what is longer is not even hashed.
    if link.len() != 32 {
        return Ok(None);
    }
    let sql = format!("SELECT {} WHERE o.link = $1", order::COLUMNS);
    let found = tx.query_opt(&sql, &[&hash(link)], order::read)?;
    found.map(|found| order::opened(tx, found)).transpose()
}

/// The page of an order, as an address of this site: whoever has it sees what is to be paid and can pay. `None` once the
/// payer is forgotten.
pub fn page(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Option<String>> {
    let sql = "SELECT link_sealed FROM payment_order WHERE id = $1 AND link_sealed IS NOT NULL";
    let sealed: Option<String> = tx.query_opt(sql, &[&id], |row| row.get(0))?;
    let Some(sealed) = sealed else { return Ok(None) };
    Ok(Some(format!("{PAGES}/{}", tx.unseal_text(&context(id), &sealed)?)))
}

/// The orders of an account with their pages, the newest first, after one.
pub fn of_account(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    after: Option<Id<Order>>,
    limit: u32,
) -> Result<Vec<(Order, String)>> {
    let after = after.map_or_else(|| "~".to_owned(), |after| after.to_string());
    let sql = format!(
        "SELECT {}, (SELECT l.link_sealed FROM payment_order l WHERE l.id = o.id) FROM payment_order o \
         WHERE o.account = $1 AND o.link_sealed IS NOT NULL AND o.id < $2 ORDER BY o.id DESC LIMIT $3",
        order::FIELDS
    );
    let found =
        tx.query(&sql, &[&account, &after, &limit], |row| Ok((order::read(row)?, row.get::<String>(17)?)))?;
    found
        .into_iter()
        .map(|(found, sealed)| {
            let order = order::opened(tx, found)?;
            let page = format!("{PAGES}/{}", tx.unseal_text(&context(order.id), &sealed)?);
            Ok((order, page))
        })
        .collect()
}

/// Among whose payments an order is; `None` where it is in no account.
pub fn account_of(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Option<Id<Account>>> {
    let sql = "SELECT account FROM payment_order WHERE id = $1 AND account IS NOT NULL";
    tx.query_opt(sql, &[&id], |row| row.get(0))
}

/// What is still to be paid of an account's orders, the oldest first, without who pays.
pub fn unpaid_of_account(tx: &mut Tx<'_>, account: Id<Account>, limit: u32) -> Result<Vec<Order>> {
    let sql =
        format!("SELECT {} WHERE o.account = $1 AND o.state = 'due' ORDER BY o.id LIMIT $2", order::COLUMNS);
    let found = tx.query(&sql, &[&account, &limit], order::read)?;
    Ok(found.into_iter().map(|(order, _)| order).collect())
}

/// An account has ended: its orders stay for their own time, and no longer lead to it.
pub fn erase_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    tx.execute("UPDATE payment_order SET account = NULL WHERE account = $1", &[&account]).map(drop)
}

/// Forgets the payers whose time is over, at most so many: name, address, link and account go. What was asked, paid and
/// given back stays. Tells how many.
pub fn forget(tx: &mut Tx<'_>, at_most: u32) -> Result<u64> {
    let now: Instant = tx.now();
    let ids: Vec<Id<Order>> = tx.query(
        "SELECT o.id FROM payment_order o WHERE o.payer IS NOT NULL AND (o.created_at < $1 OR (o.state = 'cancelled' \
         AND o.cancelled_at < $2 AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.payment_order = o.id \
         AND p.told_cents IS NOT NULL))) ORDER BY o.id LIMIT $3",
        &[&(now - KEPT), &(now - CANCELLED_KEPT), &at_most],
        |row| row.get(0),
    )?;
    let Some(first) = ids.first() else { return Ok(0) };
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    tx.execute(
        &format!(
            "UPDATE payment_order SET payer = NULL, link = NULL, link_sealed = NULL, account = NULL WHERE id IN ({})",
            marks(1, ids.len())
        ),
        &params,
    )?;
    let (subject_id, count) = (first.uuid(), ids.len());
    let payload = json!({ "count": count });
    tx.journal(&Entry { kind: "order.payers_forgotten", subject_kind: "order", subject_id, payload })?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}
