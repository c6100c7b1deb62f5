//! An attempt to pay an order, online or at the counter, and what became of it. Money counts for an order only where
//! `counts_for` says so: what came twice, late, or in another amount is kept, and waits for somebody to settle it.

use beffroi_core::{Cents, Id, Instant};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use serde_json::json;

use crate::{
    adapter::Fault,
    order::Order,
    regie::{Mode, Regie},
};

words! {
    /// The ways in which an order is paid.
    AdapterKind {
        /// Online, by the DGFiP's service.
        PayFip = "payfip",
        /// In somebody's hand.
        Counter = "counter",
    }
}

words! {
    /// Where an attempt stands.
    PaymentState {
        /// It began, and nobody has told what came of it.
        Started = "started",
        /// The money came.
        Paid = "paid",
        /// The bank refused.
        Refused = "refused",
        /// The payer gave it up, or the receipt was annulled.
        Cancelled = "cancelled",
        /// Nobody can tell what came of it.
        Unknown = "unknown",
    }
}

words! {
    /// What was paid with.
    Means {
        /// A card, online.
        Card = "card",
        /// A direct debit, online.
        DirectDebit = "direct-debit",
        /// Coins and notes.
        Cash = "cash",
        /// A cheque.
        Cheque = "cheque",
        /// A card, on the counter's terminal.
        Terminal = "terminal",
    }
}

words! {
    /// Why an attempt ended without money.
    ClosedWhy {
        /// The page of payment could not be opened.
        NotOpened = "not-opened",
        /// Nobody came to the page of payment, and PayFiP has forgotten it.
        Abandoned = "abandoned",
        /// The payer said no on the page of payment.
        GivenUp = "given-up",
        /// The receipt was annulled.
        Annulled = "annulled",
    }
}

words! {
    /// What somebody has to settle.
    PaymentTrouble {
        /// The order was paid already.
        Second = "second",
        /// Nobody was to pay the order any more.
        Late = "late",
        /// Another amount came than was asked for, or more than was still to be paid.
        Amount = "amount",
        /// What was told is of another reference, régie or mode than what was asked for.
        Mismatch = "mismatch",
        /// What is told now is not what was told before.
        Contradiction = "contradiction",
        /// Nobody can tell what came of it.
        Unanswered = "unanswered",
    }
}

words! {
    /// How somebody settled it.
    Settlement {
        /// The money counts for an order.
        Attached = "attached",
        /// It was given back.
        Refunded = "refunded",
        /// There was nothing to do, as somebody has made sure.
        Closed = "closed",
        /// What came of it was told after all.
        Told = "told",
    }
}

/// An attempt as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Which one.
    pub id: Id<Payment>,
    /// What was to be paid.
    pub order: Id<Order>,
    /// Who collects.
    pub regie: Id<Regie>,
    /// In which way.
    pub adapter: AdapterKind,
    /// For what PayFiP was asked.
    pub mode: Mode,
    /// Under which number of the régie.
    pub client_number: String,
    /// The reference that was sent.
    pub reference: String,
    /// The adapter's own name for it (PayFiP's `idop`), once it has one. Whoever knows it can ask what came of it.
    pub token: Option<String>,
    /// Where it stands.
    pub state: PaymentState,
    /// Why it ended without money.
    pub closed_why: Option<ClosedWhy>,
    /// What was asked for.
    pub asked: Cents,
    /// What came.
    pub told: Option<Cents>,
    /// With what it was paid.
    pub means: Option<Means>,
    /// The number of the bank's authorisation, or what an agent wrote of a cheque.
    pub authorisation: Option<String>,
    /// The order for which the money counts.
    pub counts_for: Option<Id<Order>>,
    /// How much of it counts.
    pub counts: Cents,
    /// When it began.
    pub started_at: Instant,
    /// When it was told what came of it.
    pub told_at: Option<Instant>,
    /// The instant under which the accountant finds it: that of the transaction, once that is told.
    pub booked_at: Instant,
    /// When PayFiP said for the first time that there is something to ask for.
    pub notified_at: Option<Instant>,
    /// When it is asked again what came of it.
    pub ask_at: Option<Instant>,
    /// When it was asked last.
    pub asked_at: Option<Instant>,
    /// How often it was asked.
    pub asked_times: u32,
    /// Why it could not be asked, the last time.
    pub fault: Option<Fault>,
    /// What somebody has to settle, or had to.
    pub trouble: Option<PaymentTrouble>,
    /// Since when.
    pub troubled_since: Option<Instant>,
    /// When it was settled.
    pub settled_at: Option<Instant>,
    /// How.
    pub settled_how: Option<Settlement>,
}

/// By whom, and under which name, an attempt is made.
pub(crate) struct Through {
    pub adapter: AdapterKind,
    pub mode: Mode,
    pub client_number: String,
    pub reference: String,
}

impl Payment {
    /// An attempt that begins.
    pub(crate) fn begun(
        id: Id<Self>,
        (order, regie): (Id<Order>, Id<Regie>),
        through: Through,
        asked: Cents,
        now: Instant,
    ) -> Self {
        Self {
            id,
            order,
            regie,
            adapter: through.adapter,
            mode: through.mode,
            client_number: through.client_number,
            reference: through.reference,
            token: None,
            state: PaymentState::Started,
            closed_why: None,
            asked,
            told: None,
            means: None,
            authorisation: None,
            counts_for: None,
            counts: Cents(0),
            started_at: now,
            told_at: None,
            booked_at: now,
            notified_at: None,
            ask_at: None,
            asked_at: None,
            asked_times: 0,
            fault: None,
            trouble: None,
            troubled_since: None,
            settled_at: None,
            settled_how: None,
        }
    }

    /// Whether somebody has to settle something.
    pub const fn is_open_trouble(&self) -> bool {
        self.trouble.is_some() && self.settled_at.is_none()
    }
}

pub(crate) const COLUMNS: &str = "p.id, p.payment_order, p.regie, p.adapter, p.mode, p.client_number, p.reference, \
    p.token, p.state, p.closed_why, p.asked_cents, p.told_cents, p.means, p.authorisation, p.counts_for, \
    p.counts_cents, p.started_at, p.told_at, p.booked_at, p.notified_at, p.ask_at, p.asked_times, p.fault, p.trouble, \
    p.troubled_since, p.settled_at, p.settled_how, p.asked_at";

pub(crate) fn read(row: &mut Row) -> Result<Payment> {
    Ok(Payment {
        id: row.get(0)?,
        order: row.get(1)?,
        regie: row.get(2)?,
        adapter: row.get(3)?,
        mode: row.get(4)?,
        client_number: row.get(5)?,
        reference: row.get(6)?,
        token: row.get(7)?,
        state: row.get(8)?,
        closed_why: row.get(9)?,
        asked: row.get(10)?,
        told: row.get(11)?,
        means: row.get(12)?,
        authorisation: row.get(13)?,
        counts_for: row.get(14)?,
        counts: row.get(15)?,
        started_at: row.get(16)?,
        told_at: row.get(17)?,
        booked_at: row.get(18)?,
        notified_at: row.get(19)?,
        ask_at: row.get(20)?,
        asked_times: row.get(21)?,
        fault: row.get(22)?,
        trouble: row.get(23)?,
        troubled_since: row.get(24)?,
        settled_at: row.get(25)?,
        settled_how: row.get(26)?,
        asked_at: row.get(27)?,
    })
}

/// The attempt of that id.
pub fn find(tx: &mut Tx<'_>, id: Id<Payment>) -> Result<Option<Payment>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM payment p WHERE p.id = $1"), &[&id], read)
}

/// The attempt that an adapter calls so.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Payment>> {
    // No adapter's name for anything is so long, and none has such letters.
    if token.len() > crate::adapter::TOKEN_AT_MOST || !token.bytes().all(|it| it.is_ascii_graphic()) {
        return Ok(None);
    }
    tx.query_opt(&format!("SELECT {COLUMNS} FROM payment p WHERE p.token = $1"), &[&token], read)
}

/// The attempts to pay an order, and the money from elsewhere that counts for it, the oldest first.
pub fn of_order(tx: &mut Tx<'_>, order: Id<Order>, limit: u32) -> Result<Vec<Payment>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM payment p WHERE p.payment_order = $1 OR p.counts_for = $1 ORDER BY p.id LIMIT $2"
    );
    tx.query(&sql, &[&order, &limit], read)
}

pub(crate) fn get(tx: &mut Tx<'_>, id: Id<Payment>) -> Result<Payment> {
    find(tx, id)?.ok_or_else(|| StoreError::Corrupt("a payment that is named is not there".to_owned()))
}

/// Writes a new attempt down.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &Payment) -> Result<()> {
    tx.execute(
        "INSERT INTO payment (id, payment_order, regie, adapter, mode, client_number, reference, token, state, \
         closed_why, asked_cents, told_cents, means, authorisation, counts_for, counts_cents, started_at, told_at, \
         booked_at, notified_at, ask_at, asked_times, fault, trouble, troubled_since, settled_at, settled_how, asked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24, $25, $26, $27, $28)",
        &[
            &new.id,
            &new.order,
            &new.regie,
            &new.adapter,
            &new.mode,
            &new.client_number,
            &new.reference,
            &new.token,
            &new.state,
            &new.closed_why,
            &new.asked,
            &new.told,
            &new.means,
            &new.authorisation,
            &new.counts_for,
            &new.counts,
            &new.started_at,
            &new.told_at,
            &new.booked_at,
            &new.notified_at,
            &new.ask_at,
            &new.asked_times,
            &new.fault,
            &new.trouble,
            &new.troubled_since,
            &new.settled_at,
            &new.settled_how,
            &new.asked_at,
        ],
    )
    .map(drop)
}

/// Writes down where an attempt stands now. What was asked, and of whom, never changes.
pub(crate) fn update(tx: &mut Tx<'_>, new: &Payment) -> Result<()> {
    tx.execute(
        "UPDATE payment SET token = $1, state = $2, closed_why = $3, told_cents = $4, means = $5, \
         authorisation = $6, counts_for = $7, counts_cents = $8, told_at = $9, booked_at = $10, notified_at = $11, \
         ask_at = $12, asked_times = $13, fault = $14, trouble = $15, troubled_since = $16, settled_at = $17, \
         settled_how = $18, asked_at = $19 WHERE id = $20",
        &[
            &new.token,
            &new.state,
            &new.closed_why,
            &new.told,
            &new.means,
            &new.authorisation,
            &new.counts_for,
            &new.counts,
            &new.told_at,
            &new.booked_at,
            &new.notified_at,
            &new.ask_at,
            &new.asked_times,
            &new.fault,
            &new.trouble,
            &new.troubled_since,
            &new.settled_at,
            &new.settled_how,
            &new.asked_at,
            &new.id,
        ],
    )
    .map(drop)
}

/// Tells in the journal what became of an attempt: neither who paid nor the adapter's name for it.
pub(crate) fn journal(tx: &mut Tx<'_>, payment: &Payment, kind: &str) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "payment",
        subject_id: payment.id.uuid(),
        payload: json!({
            "order": payment.order,
            "regie": payment.regie,
            "adapter": payment.adapter,
            "reference": payment.reference,
            "asked": payment.asked,
            "told": payment.told,
            "means": payment.means,
            "closed_why": payment.closed_why,
            "counts_for": payment.counts_for,
            "counts": payment.counts,
            "trouble": payment.trouble,
            "settled_how": payment.settled_how,
        }),
    })?;
    Ok(())
}
