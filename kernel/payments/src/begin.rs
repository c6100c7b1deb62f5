//! Beginning to pay: an attempt is written down, the adapter opens it outside of any transaction, and the payer is sent
//! to its page. What was begun before is asked for first, so that nobody pays again what they have just paid.

use std::sync::Arc;

use beffroi_core::{Cents, Id};
use beffroi_store::{By, Commune, StoreError, Tx};
use chrono::TimeDelta;

use crate::{
    adapter::{Adapter, Ask, Fault, TOKEN_AT_MOST, Way},
    ask,
    order::{self, Order, OrderState},
    payment::{self, AdapterKind, ClosedWhy, Payment, PaymentState, Through},
    regie::{self, Regie},
    series,
    told::{self, FIRST_ASKED_AFTER},
    wording,
};

/// What PayFiP takes: a euro at least, and less than a hundred thousand.
pub const ONLINE: std::ops::RangeInclusive<Cents> = Cents(100)..=Cents(9_999_999);
/// Attempts of one order within [`WITHIN`], at most: each is a question to PayFiP.
const ATTEMPTS_AT_MOST: i64 = 10;
const WITHIN: TimeDelta = TimeDelta::hours(1);
/// Earlier attempts that are asked for before a new one is begun, at most.
const ASKED_BEFORE: u32 = 3;
/// Characters of an address of ours, at most, as the DGFiP's guide has it.
const ADDRESS_AT_MOST: usize = 250;

/// Where PayFiP and the payer come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Where PayFiP says that there is something to ask for.
    pub notify_at: String,
    /// Where the payer comes back to; a slash and the attempt's id are added.
    pub back_under: String,
}

/// What whoever wants to pay is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// To go to a page.
    Page {
        /// The attempt.
        payment: Id<Payment>,
        /// The address of the page.
        url: String,
    },
    /// To come to the counter.
    Counter,
    /// That it is paid already.
    Paid,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// There is no such order.
    #[error("there is no such order")]
    NotThere,
    /// Nobody is to pay it.
    #[error("nobody is to pay this order")]
    NotDue,
    /// The régie cannot be paid online.
    #[error("this régie cannot be paid online")]
    Offline,
    /// So little, or so much, cannot be paid online.
    #[error("this amount cannot be paid online")]
    Amount,
    /// The payer has no address that PayFiP takes.
    #[error("the payer has no address")]
    Mail,
    /// It was begun too often just now.
    #[error("it was begun too often")]
    TooOften,
    /// The adapter did not open it.
    #[error("the page of payment could not be opened: {0}")]
    NotOpened(Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins to pay what remains of an order.
///
/// # Errors
/// Why nothing was begun.
pub async fn begin(
    commune: &Arc<Commune>,
    by: By,
    adapter: &dyn Adapter,
    order: Id<Order>,
    pages: &Pages,
) -> Result<Begun, BeginError> {
    let kind = adapter.kind();
    // Whoever may not begin asks PayFiP nothing.
    let earlier = commune.read(By::SYSTEM, move |tx| {
        let ready = ready(tx, kind, order)?;
        if ready.is_some() { under_way(tx, order) } else { Ok(Vec::new()) }
    });
    for payment in earlier.await?.into_iter().filter(|it| it.adapter == kind) {
        if ask::ask_at_once(commune, adapter, payment).await?.is_err() {
            // It is away: the new attempt will tell, and nobody waits for the others.
            break;
        }
    }
    let pages = pages.clone();
    let Some((payment, ask)) = commune.write(by, move |tx| prepare(tx, kind, order, &pages)).await? else {
        return Ok(if kind == AdapterKind::Counter { Begun::Counter } else { Begun::Paid });
    };
    let opened = adapter.open(&ask).await;
    // What is written down here stays, whether the page could be opened or not.
    commune.write(by, move |tx| opened_or_not(tx, payment, opened)).await?
}

/// The newest attempts of which nobody has told yet what came.
fn under_way(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Vec<Payment>, BeginError> {
    let sql = format!(
        "SELECT {} FROM payment p WHERE p.payment_order = $1 AND p.ask_at IS NOT NULL AND p.token IS NOT NULL \
         ORDER BY p.id DESC LIMIT $2",
        payment::COLUMNS
    );
    Ok(tx.query(&sql, &[&order, &ASKED_BEFORE], payment::read)?)
}

/// Whether somebody may be paying this order right now: a page can say so before it lets anybody begin again.
pub fn is_under_way(tx: &mut Tx<'_>, order: Id<Order>) -> beffroi_store::Result<bool> {
    let since = tx.now() - order::UNDER_WAY;
    let found: i64 = tx.query_one(
        "SELECT COUNT(*) FROM payment WHERE payment_order = $1 AND state = 'started' AND token IS NOT NULL \
         AND started_at > $2",
        &[&order, &since],
        |row| row.get(0),
    )?;
    Ok(found > 0)
}

/// An order that somebody may begin to pay online.
struct Ready {
    order: Order,
    regie: Regie,
    cents: Cents,
    mail: String,
    /// The rank of the attempt.
    rank: u32,
}

/// Whether somebody may begin; `None` where there is nothing to open: it is paid, or the counter takes it.
fn ready(tx: &mut Tx<'_>, kind: AdapterKind, order: Id<Order>) -> Result<Option<Ready>, BeginError> {
    let order = order::find(tx, order)?.ok_or(BeginError::NotThere)?;
    match order.state {
        OrderState::Due if !order.is_overdue(tx.now()) => {}
        OrderState::Paid if kind != AdapterKind::Counter => return Ok(None),
        _ => return Err(BeginError::NotDue),
    }
    if kind == AdapterKind::Counter {
        return Ok(None);
    }
    let regie = regie::find(tx, order.regie)?.ok_or(BeginError::Offline)?;
    if !regie.online || regie.closed {
        return Err(BeginError::Offline);
    }
    let cents = order.remaining();
    if !ONLINE.contains(&cents) {
        return Err(BeginError::Amount);
    }
    let mail = order.payer.as_ref().map(|payer| payer.mail.trim().to_owned()).unwrap_or_default();
    if !wording::is_mail(&mail) {
        return Err(BeginError::Mail);
    }
    let (all, recent): (i64, i64) = tx.query_one(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN started_at > $1 THEN 1 ELSE 0 END), 0) AS BIGINT) \
         FROM payment WHERE payment_order = $2",
        &[&(tx.now() - WITHIN), &order.id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if recent >= ATTEMPTS_AT_MOST {
        return Err(BeginError::TooOften);
    }
    let rank = u32::try_from(all + 1).unwrap_or(u32::MAX);
    Ok(Some(Ready { order, regie, cents, mail, rank }))
}

/// Writes a new attempt down; `None` where there is nothing to open.
fn prepare(
    tx: &mut Tx<'_>,
    kind: AdapterKind,
    order: Id<Order>,
    pages: &Pages,
) -> Result<Option<(Id<Payment>, Ask)>, BeginError> {
    let Some(Ready { order, regie, cents, mail, rank }) = ready(tx, kind, order)? else { return Ok(None) };
    let now = tx.now();
    let through = Through {
        adapter: kind,
        mode: regie.mode,
        client_number: regie.client_number,
        reference: wording::reference(&order.number, rank, tx.random()),
    };
    let new = Payment::begun(tx.new_id(), (order.id, regie.id), through, cents, now);
    let back_to = format!("{}/{}", pages.back_under, new.id);
    if pages.notify_at.len() >= ADDRESS_AT_MOST || back_to.len() >= ADDRESS_AT_MOST {
        return Err(BeginError::NotOpened(Fault::Unfit));
    }
    payment::insert(tx, &new)?;
    payment::journal(tx, &new, "payment.started")?;
    let first = order::lines(tx, order.id)?.into_iter().next();
    let ask = Ask {
        client_number: new.client_number,
        mode: new.mode,
        year: series::year(tx)?,
        reference: new.reference,
        subject: wording::subject(&format!(
            "{} {}",
            order.number,
            first.map(|line| line.label).unwrap_or_default()
        )),
        cents,
        mail,
        notify_at: pages.notify_at.clone(),
        back_to,
    };
    Ok(Some((new.id, ask)))
}

/// Writes down whether the adapter opened an attempt.
fn opened_or_not(
    tx: &mut Tx<'_>,
    id: Id<Payment>,
    opened: Result<Way, Fault>,
) -> Result<Result<Begun, BeginError>, StoreError> {
    let mut payment = payment::get(tx, id)?;
    let refused = match opened {
        // Two attempts of one name could not be told apart.
        Ok(Way::Page { token, url })
            if token.len() <= TOKEN_AT_MOST && payment::of_token(tx, &token)?.is_none() =>
        {
            payment.token = Some(token);
            // A minute of waiting does not make it later.
            payment.ask_at = Some(payment.started_at + FIRST_ASKED_AFTER);
            payment::update(tx, &payment)?;
            told::ask_later(tx, &payment)?;
            return Ok(Ok(Begun::Page { payment: id, url }));
        }
        Ok(_) => Fault::Unreadable,
        Err(fault) => fault,
    };
    payment.fault = Some(refused);
    not_opened(tx, payment)?;
    Ok(Err(BeginError::NotOpened(refused)))
}

/// Ends an attempt that nobody can pay: the payer was sent nowhere.
pub(crate) fn not_opened(tx: &mut Tx<'_>, mut payment: Payment) -> beffroi_store::Result<()> {
    payment.state = PaymentState::Cancelled;
    payment.closed_why = Some(ClosedWhy::NotOpened);
    payment.told_at = Some(tx.now());
    payment.ask_at = None;
    payment::update(tx, &payment)?;
    payment::journal(tx, &payment, "payment.cancelled")
}
