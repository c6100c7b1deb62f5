//! An order: what somebody is to pay for a thing of a service (a room, a workshop), to which régie, by what tariff. A
//! service makes it within its own command, and learns from the journal what becomes of it: `order.paid`,
//! `order.reopened`, `order.lowered`, `order.cancelled`, `order.partly_refunded`, `order.refunded`.

use std::collections::BTreeMap;

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::Account;
use beffroi_store::{Entry, JournalEntry, Result, Row, StoreError, ToValue, Tx, Value, marks, words};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    lapse, reach,
    regie::{self, Regie},
    series, wording,
};

/// Lines of an order, at most.
const LINES_AT_MOST: usize = 100;
/// Characters of a line's label, of a name or of a deliberation, at most.
pub(crate) const WORDS_AT_MOST: usize = 200;
/// Orders of several things that are read at once, at most.
const LISTED_AT_MOST: u32 = 5_000;
/// What an order comes to, at most: a slip of the hand shall ruin nobody.
const TOTAL_AT_MOST: Cents = Cents(100_000_000);
/// How long whoever is on the page of payment may still pay: PayFiP opens it for 15 minutes.
pub const UNDER_WAY: TimeDelta = TimeDelta::minutes(20);

words! {
    /// Where an order stands.
    OrderState {
        /// It is to be paid, wholly or in part.
        Due = "due",
        /// It is paid.
        Paid = "paid",
        /// It was paid, and a part was given back.
        PartlyRefunded = "partly-refunded",
        /// It was paid, and all was given back.
        Refunded = "refunded",
        /// Nobody is to pay it any more.
        Cancelled = "cancelled",
    }
}

words! {
    /// Why nobody is to pay an order any more.
    CancelReason {
        /// Who ordered it gave it up, or the town did.
        GivenUp = "given-up",
        /// It was not paid in time.
        Lapsed = "lapsed",
    }
}

/// The thing of a service that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What it is, as in the journal: `booking`.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
}

/// Who pays. Kept sealed, and never in the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// Their name.
    pub name: String,
    /// Their address; `""` where there is none, and nothing can be paid online then.
    pub mail: String,
}

/// One thing of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// What it is.
    pub label: String,
    /// What it costs; below zero for a reduction.
    pub cents: Cents,
}

/// What is to be ordered.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Who collects.
    pub regie: Id<Regie>,
    /// Who pays.
    pub payer: Payer,
    /// Their account, where the order is found too.
    pub account: Option<Id<Account>>,
    /// For what.
    pub about: About,
    /// What it is made of.
    pub lines: Vec<OrderLine>,
    /// The deliberation that fixes the tariff: « DCM 2026-42 du 12 mars 2026 ».
    pub deliberation: String,
    /// Until when it is to be paid.
    pub due_at: Option<Instant>,
    /// Whether it is cancelled when that instant is over and nothing was paid: the room is somebody else's then.
    pub lapses: bool,
}

/// An order as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which one.
    pub id: Id<Order>,
    /// Its number, for people: `2026-000042`.
    pub number: String,
    /// Who collects.
    pub regie: Id<Regie>,
    /// Who pays; `None` once that is forgotten.
    pub payer: Option<Payer>,
    /// For what.
    pub about: About,
    /// The deliberation that fixes the tariff.
    pub deliberation: String,
    /// What it comes to.
    pub total: Cents,
    /// Where it stands.
    pub state: OrderState,
    /// Until when it is to be paid.
    pub due_at: Option<Instant>,
    /// Whether it is cancelled when that instant is over.
    pub lapses: bool,
    /// When it was made.
    pub created_at: Instant,
    /// Since when it is paid.
    pub paid_at: Option<Instant>,
    /// Since when nobody is to pay it any more.
    pub cancelled_at: Option<Instant>,
    /// Why.
    pub cancelled_why: Option<CancelReason>,
    /// The money that counts for it.
    pub paid: Cents,
    /// What was given back of that.
    pub refunded: Cents,
}

impl Order {
    /// Whether PayFiP can write to whoever pays.
    pub fn has_mail(&self) -> bool {
        self.payer.as_ref().is_some_and(|payer| wording::is_mail(payer.mail.trim()))
    }

    /// What is still to be paid.
    pub fn remaining(&self) -> Cents {
        match self.state {
            OrderState::Due => Cents((self.total.0 - self.paid.0).max(0)),
            _ => Cents(0),
        }
    }

    /// Whether nothing of it was paid in time: nobody begins to pay it any more, and it is about to be cancelled. Where
    /// some was, the rest may still be paid.
    pub fn is_overdue(&self, now: Instant) -> bool {
        let due = self.lapses && self.state == OrderState::Due && self.paid == Cents(0);
        due && self.due_at.is_some_and(|due| due <= now)
    }
}

/// Why nothing is ordered.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such régie, or it is closed.
    #[error("no régie collects this")]
    Regie,
    /// There are no lines, or too many, or one says nothing or too much.
    #[error("the lines are not right")]
    Lines,
    /// What it comes to is nothing, less, or too much.
    #[error("the total is not right")]
    Total,
    /// Who pays has no name, or a very long one; or the deliberation is told at length.
    #[error("the words are not right")]
    Words,
    /// It would lapse, and nobody knows when.
    #[error("an order that lapses has an instant until which it is to be paid")]
    Due,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an order is not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is none.
    #[error("there is no such order")]
    NotThere,
    /// Money counts for it, which is to be given back first.
    #[error("money was paid for it")]
    Paid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn seal_of(id: Id<Order>) -> String {
    format!("payment_order.payer:{id}")
}

/// Makes an order.
///
/// # Errors
/// Why not.
pub fn create(tx: &mut Tx<'_>, new: &NewOrder) -> Result<Order, OrderError> {
    let total = judge(new)?;
    if regie::find(tx, new.regie)?.is_none_or(|regie| regie.closed) {
        return Err(OrderError::Regie);
    }
    let year = series::year(tx)?;
    let number = format!("{year}-{:06}", series::next(tx, "order", year)?);
    let id: Id<Order> = tx.new_id();
    let payer = serde_json::to_string(&new.payer).map_err(StoreError::from)?;
    let payer = tx.seal_text(&seal_of(id), &payer)?;
    tx.execute(
        "INSERT INTO payment_order (id, number, regie, payer, about_kind, about_id, deliberation, total_cents, state, \
         due_at, lapses, created_at, paid_at, cancelled_at, cancelled_why) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, $10, $11, NULL, NULL, NULL)",
        &[
            &id,
            &number,
            &new.regie,
            &payer,
            &new.about.kind,
            &new.about.id,
            &new.deliberation.trim(),
            &total,
            &new.due_at,
            &new.lapses,
            &tx.now(),
        ],
    )?;
    reach::give(tx, id, new.account)?;
    insert_lines(tx, id, &new.lines)?;
    if let Some(due_at) = new.due_at.filter(|_| new.lapses) {
        lapse::order(tx, id, due_at)?;
    }
    let order = get(tx, id)?;
    journal(tx, &order, "order.created", json!({ "due_at": new.due_at }))?;
    Ok(order)
}

fn judge(new: &NewOrder) -> Result<Cents, OrderError> {
    let fits = |text: &str| {
        let count = text.trim().chars().count();
        (1..=WORDS_AT_MOST).contains(&count) && !text.chars().any(char::is_control)
    };
    let lines = &new.lines;
    if lines.is_empty() || lines.len() > LINES_AT_MOST || !lines.iter().all(|line| fits(&line.label)) {
        return Err(OrderError::Lines);
    }
    if !fits(&new.payer.name) || !(new.deliberation.trim().is_empty() || fits(&new.deliberation)) {
        return Err(OrderError::Words);
    }
    if new.payer.mail.chars().count() > WORDS_AT_MOST {
        return Err(OrderError::Words);
    }
    let total: Cents = lines.iter().map(|line| line.cents).sum();
    if total < Cents(1) || total > TOTAL_AT_MOST {
        return Err(OrderError::Total);
    }
    if new.lapses && new.due_at.is_none() {
        return Err(OrderError::Due);
    }
    Ok(total)
}

fn insert_lines(tx: &mut Tx<'_>, order: Id<Order>, lines: &[OrderLine]) -> Result<()> {
    let mut params = vec![order.to_value()];
    let mut rows = Vec::new();
    for (rank, line) in lines.iter().enumerate() {
        let first = params.len() + 1;
        rows.push(format!("($1, ${first}, ${}, ${})", first + 1, first + 2));
        let rank = i64::try_from(rank).unwrap_or(i64::MAX);
        params.extend([rank.to_value(), line.label.trim().to_value(), line.cents.to_value()]);
    }
    let params: Vec<&dyn ToValue> = params.iter().map(|value: &Value| value as &dyn ToValue).collect();
    let sql = format!(
        "INSERT INTO payment_order_line (payment_order, rank, label, cents) VALUES {}",
        rows.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

/// What [`read`] reads of an order `o`.
macro_rules! fields {
    () => {
        "o.id, o.number, o.regie, o.payer, o.about_kind, o.about_id, o.deliberation, o.total_cents, \
    o.state, o.due_at, o.lapses, o.created_at, o.paid_at, o.cancelled_at, o.cancelled_why, \
    (SELECT CAST(COALESCE(SUM(p.counts_cents), 0) AS BIGINT) FROM payment p WHERE p.counts_for = o.id), \
    (SELECT CAST(COALESCE(SUM(r.cents), 0) AS BIGINT) FROM refund r WHERE r.payment_order = o.id AND r.state = 'done')"
    };
}

pub(crate) const FIELDS: &str = fields!();
pub(crate) const COLUMNS: &str = concat!(fields!(), " FROM payment_order o");

pub(crate) fn read(row: &mut Row) -> Result<(Order, Option<String>)> {
    let order = Order {
        id: row.get(0)?,
        number: row.get(1)?,
        regie: row.get(2)?,
        payer: None,
        about: About { kind: row.get(4)?, id: row.get(5)? },
        deliberation: row.get(6)?,
        total: row.get(7)?,
        state: row.get(8)?,
        due_at: row.get(9)?,
        lapses: row.get(10)?,
        created_at: row.get(11)?,
        paid_at: row.get(12)?,
        cancelled_at: row.get(13)?,
        cancelled_why: row.get(14)?,
        paid: row.get(15)?,
        refunded: row.get(16)?,
    };
    Ok((order, row.get(3)?))
}

pub(crate) fn opened(tx: &Tx<'_>, (mut order, sealed): (Order, Option<String>)) -> Result<Order> {
    if let Some(sealed) = sealed {
        order.payer = Some(serde_json::from_str(&tx.unseal_text(&seal_of(order.id), &sealed)?)?);
    }
    Ok(order)
}

/// The order of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Option<Order>> {
    let found = tx.query_opt(&format!("SELECT {COLUMNS} WHERE o.id = $1"), &[&id], read)?;
    found.map(|found| opened(tx, found)).transpose()
}

/// The order of that number, as people say it.
pub fn of_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Order>> {
    let found = tx.query_opt(&format!("SELECT {COLUMNS} WHERE o.number = $1"), &[&number.trim()], read)?;
    found.map(|found| opened(tx, found)).transpose()
}

/// What was ordered for one thing, the oldest first.
pub fn of_subject(tx: &mut Tx<'_>, about: &About, limit: u32) -> Result<Vec<Order>> {
    let sql = format!("SELECT {COLUMNS} WHERE o.about_kind = $1 AND o.about_id = $2 ORDER BY o.id LIMIT $3");
    let found = tx.query(&sql, &[&about.kind, &about.id, &limit], read)?;
    found.into_iter().map(|found| opened(tx, found)).collect()
}

/// What was ordered for these things of one kind, the oldest first, without who pays: for a list.
pub fn of_subjects(tx: &mut Tx<'_>, kind: &str, ids: &[Uuid]) -> Result<Vec<Order>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<&dyn ToValue> = vec![&kind];
    params.extend(ids.iter().map(|id| id as &dyn ToValue));
    let sql = format!(
        "SELECT {COLUMNS} WHERE o.about_kind = $1 AND o.about_id IN ({}) ORDER BY o.id LIMIT {LISTED_AT_MOST}",
        marks(2, ids.len())
    );
    Ok(tx.query(&sql, &params, read)?.into_iter().map(|(order, _)| order).collect())
}

/// What an order is made of, and what has brought it down since.
pub fn lines(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Vec<OrderLine>> {
    tx.query(
        "SELECT label, cents FROM payment_order_line WHERE payment_order = $1 ORDER BY rank LIMIT $2",
        &[&id, &i64::try_from(2 * LINES_AT_MOST).unwrap_or(i64::MAX)],
        |row| Ok(OrderLine { label: row.get(0)?, cents: row.get(1)? }),
    )
}

/// What stands on the first line of each of these orders, for a list.
pub fn first_lines(tx: &mut Tx<'_>, ids: &[Id<Order>]) -> Result<BTreeMap<Id<Order>, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let params: Vec<&dyn ToValue> = ids.iter().map(|id| id as &dyn ToValue).collect();
    let sql = format!(
        "SELECT payment_order, label FROM payment_order_line WHERE rank = 0 AND payment_order IN ({})",
        marks(1, ids.len())
    );
    let found = tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

pub(crate) fn get(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Order> {
    find(tx, id)?.ok_or_else(|| StoreError::Corrupt("an order that is named is not there".to_owned()))
}

/// Says that nobody is to pay an order any more. Cancelling twice changes nothing. Whoever is on the page of payment may
/// still pay: that money is kept, and shown to the accountant.
///
/// # Errors
/// Why it is not cancelled; [`CancelError::Paid`] where money counts for it, which is to be refunded.
pub fn cancel(tx: &mut Tx<'_>, id: Id<Order>, why: CancelReason) -> Result<(), CancelError> {
    let order = find(tx, id)?.ok_or(CancelError::NotThere)?;
    match order.state {
        OrderState::Cancelled => return Ok(()),
        OrderState::Due if order.paid == Cents(0) => {}
        _ => return Err(CancelError::Paid),
    }
    tx.execute(
        "UPDATE payment_order SET state = 'cancelled', cancelled_at = $1, cancelled_why = $2 WHERE id = $3",
        &[&tx.now(), &why, &id],
    )?;
    journal(tx, &order, "order.cancelled", json!({ "why": why }))?;
    Ok(())
}

/// Writes down the payer's address, where PayFiP needs one and the order has none that it takes. Tells whether it does.
pub fn reach_payer_at(tx: &mut Tx<'_>, id: Id<Order>, mail: &str) -> Result<bool> {
    let mail = mail.trim().to_owned();
    let Some(order) = find(tx, id)?.filter(|_| wording::is_mail(&mail)) else { return Ok(false) };
    let Some(payer) = order.payer.clone() else { return Ok(false) };
    let payer = serde_json::to_string(&Payer { mail, ..payer })?;
    let sealed = tx.seal_text(&seal_of(id), &payer)?;
    tx.execute("UPDATE payment_order SET payer = $1 WHERE id = $2", &[&sealed, &id])?;
    journal(tx, &order, "order.payer_reached", json!({}))?;
    Ok(true)
}

/// Forgets who pays: the term after which the law wants it is over. What was paid stays.
pub fn forget_payer(tx: &mut Tx<'_>, id: Id<Order>) -> Result<bool> {
    let sql = "UPDATE payment_order SET payer = NULL, link = NULL, link_sealed = NULL, account = NULL \
        WHERE id = $1 AND payer IS NOT NULL";
    Ok(tx.execute(sql, &[&id])? > 0)
}

/// Where the money that counts puts an order. Pure.
pub(crate) fn state_of(order: &Order) -> OrderState {
    if order.state == OrderState::Cancelled {
        OrderState::Cancelled
    } else if order.paid < order.total {
        OrderState::Due
    } else if order.refunded == Cents(0) {
        OrderState::Paid
    } else if order.refunded < order.paid {
        OrderState::PartlyRefunded
    } else {
        OrderState::Refunded
    }
}

/// What was given back of an order that is to be paid (again) does not count for it any more, so that it is paid when as
/// much counts as it comes to, and given back is only what was paid.
fn fold_refunds(tx: &mut Tx<'_>, id: Id<Order>) -> Result<()> {
    tx.execute(
        "UPDATE payment SET counts_cents = counts_cents - (SELECT COALESCE(SUM(r.cents), 0) FROM refund r \
         WHERE r.payment = payment.id AND r.payment_order = $1 AND r.state = 'done') WHERE counts_for = $1",
        &[&id],
    )?;
    let sql = "UPDATE refund SET payment_order = NULL WHERE payment_order = $1 AND state = 'done'";
    tx.execute(sql, &[&id]).map(drop)
}

/// Writes down where the money that counts puts an order, and tells of it in the journal where that changed.
pub(crate) fn refresh(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Order> {
    let mut order = get(tx, id)?;
    let state = state_of(&order);
    if state == OrderState::Due && order.refunded > Cents(0) {
        fold_refunds(tx, id)?;
        order = get(tx, id)?;
    }
    if state == order.state && state != OrderState::PartlyRefunded {
        return Ok(order);
    }
    let paid_at = match state {
        OrderState::Due => None,
        _ => Some(order.paid_at.unwrap_or_else(|| tx.now())),
    };
    // What was paid once and is to be paid again lapses no more: the place is theirs until somebody cancels it.
    let lapses = order.lapses && state != OrderState::Due;
    tx.execute(
        "UPDATE payment_order SET state = $1, paid_at = $2, lapses = $3 WHERE id = $4",
        &[&state, &paid_at, &lapses, &id],
    )?;
    let kind = match state {
        OrderState::Due => "order.reopened",
        OrderState::Paid => "order.paid",
        OrderState::PartlyRefunded => "order.partly_refunded",
        OrderState::Refunded => "order.refunded",
        OrderState::Cancelled => "order.cancelled",
    };
    journal(tx, &order, kind, json!({ "paid": order.paid, "refunded": order.refunded }))?;
    get(tx, id)
}

pub(crate) fn journal(tx: &mut Tx<'_>, order: &Order, kind: &str, more: serde_json::Value) -> Result<()> {
    let mut payload = json!({
        "number": order.number,
        "regie": order.regie,
        "about_kind": order.about.kind,
        "about_id": order.about.id,
        "total": order.total,
    });
    if let (Some(payload), serde_json::Value::Object(more)) = (payload.as_object_mut(), more) {
        payload.extend(more);
    }
    tx.journal(&Entry { kind, subject_kind: "order", subject_id: order.id.uuid(), payload })?;
    Ok(())
}

/// The thing of a service that an entry on an order is about, for whoever follows the journal.
pub fn about_of(entry: &JournalEntry) -> Option<About> {
    let payload = entry.payload.as_ref().filter(|_| entry.subject_kind == "order")?;
    let kind = payload.get("about_kind")?.as_str()?.to_owned();
    let id = payload.get("about_id")?.as_str()?.parse().ok()?;
    Some(About { kind, id })
}
