//! Reconciliation: for a régie and a period, what was asked, what PayFiP told, what the counter took and what was given
//! back, a line each and in totals by means, beside the statements of the DGFiP and of the bank. Read only.
//!
//! While a régie is tried (mode « test »), its own trials are shown; afterwards they are no money and are left out.

use beffroi_core::{Cents, Day, Id, Instant, calendar::civil_day};
use beffroi_people::Permit;
use beffroi_store::{Result, Tx, words};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{
    order::Order,
    payment::{AdapterKind, Means, PaymentState, PaymentTrouble},
    permission::ReadLedger,
    regie::Regie,
};

/// A span of time, its end left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From this instant on.
    pub from: Instant,
    /// To before this one.
    pub until: Instant,
}

words! {
    /// What a line tells of.
    EntryKind {
        /// An attempt to pay online.
        Online = "online",
        /// Money taken at the counter.
        Receipt = "receipt",
        /// A receipt annulled.
        Annulment = "annulment",
        /// Money given back.
        Refund = "refund",
    }
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The instant of its last line.
    pub at: Instant,
    /// What that line tells of.
    pub id: Uuid,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When: that of the transaction.
    pub at: Instant,
    /// The attempt, the receipt or the refund.
    pub id: Uuid,
    /// Which of them.
    pub kind: EntryKind,
    /// The order that it began with.
    pub order: Id<Order>,
    /// Its number.
    pub number: String,
    /// The reference that PayFiP knows, or the year and number of the receipt.
    pub reference: String,
    /// The bank's authorisation, the number of a cheque, or that of a transfer.
    pub detail: String,
    /// Where an attempt stands; of a receipt or a refund, paid.
    pub state: PaymentState,
    /// With what; how a refund was given back.
    pub means: Option<String>,
    /// What was asked for; nothing where nobody was asked.
    pub asked: Option<Cents>,
    /// What came; below zero for what went.
    pub told: Option<Cents>,
    /// What somebody has to settle about it.
    pub trouble: Option<PaymentTrouble>,
}

impl Line {
    /// The heads of its columns in a file, in French like the file.
    pub const HEADS: [&'static str; 11] = [
        "Date",
        "Heure",
        "Opération",
        "Commande",
        "Référence",
        "Autorisation ou détail",
        "État",
        "Moyen de paiement",
        "Montant demandé",
        "Montant encaissé",
        "À régler",
    ];

    /// Its cells in a file, the words in French and the time on the clocks of `zone`.
    pub fn cells(&self, zone: Tz) -> [LineCell; 11] {
        let words = |text: &str| LineCell::Words(text.to_owned());
        let amount = |cents: Option<Cents>| cents.map_or(LineCell::Words(String::new()), LineCell::Amount);
        let (kind, state) = match (self.kind, self.state) {
            (EntryKind::Receipt, _) => ("Quittance", "Encaissé"),
            (EntryKind::Annulment, _) => ("Annulation de quittance", "Annulé"),
            (EntryKind::Refund, _) => ("Remboursement", "Remboursé"),
            (EntryKind::Online, PaymentState::Started) => ("Paiement en ligne", "En cours"),
            (EntryKind::Online, PaymentState::Paid) => ("Paiement en ligne", "Encaissé"),
            (EntryKind::Online, PaymentState::Refused) => ("Paiement en ligne", "Refusé"),
            (EntryKind::Online, PaymentState::Cancelled) => ("Paiement en ligne", "Abandonné"),
            (EntryKind::Online, PaymentState::Unknown) => ("Paiement en ligne", "Sans réponse"),
        };
        [
            LineCell::Day(civil_day(self.at, zone)),
            LineCell::Words(self.at.with_timezone(&zone).format("%H:%M").to_string()),
            words(kind),
            words(&self.number),
            words(&self.reference),
            words(&self.detail),
            words(state),
            words(self.means.as_deref().map(french_means).unwrap_or_default()),
            amount(self.asked),
            amount(self.told),
            words(self.trouble.map(french_trouble).unwrap_or_default()),
        ]
    }
}

/// What stands in a cell of a file. An amount is a number there, below zero too, and words never are a formula: whoever
/// writes the file sees to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineCell {
    /// Words, or none.
    Words(String),
    /// A day.
    Day(Day),
    /// An amount.
    Amount(Cents),
}

fn french_means(word: &str) -> &'static str {
    match word {
        "card" => "Carte bancaire",
        "direct-debit" => "Prélèvement",
        "cash" => "Espèces",
        "cheque" => "Chèque",
        "terminal" => "Carte bancaire au guichet",
        "transfer" => "Virement",
        _ => "",
    }
}

const fn french_trouble(trouble: PaymentTrouble) -> &'static str {
    match trouble {
        PaymentTrouble::Second => "Payé deux fois",
        PaymentTrouble::Late => "Payé après l’annulation",
        PaymentTrouble::Amount => "Montant différent",
        PaymentTrouble::Mismatch => "Référence différente",
        PaymentTrouble::Contradiction => "Réponses contradictoires",
        PaymentTrouble::Unanswered => "Sans réponse",
    }
}

/// The mode decides which attempts are money.
pub(crate) const SHOWN: &str =
    "(p.mode <> 'test' OR EXISTS (SELECT 1 FROM regie g WHERE g.id = p.regie AND g.mode = 'test'))";

/// The lines of a régie and a period after one, the oldest first.
pub fn lines(
    tx: &mut Tx<'_>,
    _: &Permit<ReadLedger>,
    regie: Id<Regie>,
    period: Period,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Line>> {
    let (at, id) = after.map_or((period.from, String::new()), |after| (after.at, after.id.to_string()));
    // Each branch begins where the page does and ends when it is full: a year costs no more than a day.
    let branch = |columns: &str, from: &str, at: &str, id: &str| {
        format!(
            "SELECT b.at, b.id, b.kind, b.payment_order, b.reference, b.year, b.number, b.detail, b.state, b.means, \
             b.asked, b.told, b.trouble FROM (SELECT {columns} FROM {from} AND {at} >= $3 AND {at} < $2 \
             AND ({at} > $3 OR {id} > $4) ORDER BY {at}, {id} LIMIT $5) b"
        )
    };
    let nothing = "CAST(NULL AS BIGINT)";
    let online = branch(
        &format!(
            "p.booked_at AS at, p.id AS id, 'online' AS kind, p.payment_order AS payment_order, \
             p.reference AS reference, {nothing} AS year, {nothing} AS number, \
             COALESCE(p.authorisation, '') AS detail, p.state AS state, p.means AS means, p.asked_cents AS asked, \
             p.told_cents AS told, CASE WHEN p.settled_at IS NULL THEN p.trouble END AS trouble"
        ),
        &format!("payment p WHERE p.regie = $1 AND p.adapter <> 'counter' AND {SHOWN}"),
        "p.booked_at",
        "p.id",
    );
    let receipts = branch(
        &format!(
            "r.at AS at, r.id AS id, CASE WHEN r.annuls IS NULL THEN 'receipt' ELSE 'annulment' END AS kind, \
             p.payment_order AS payment_order, '' AS reference, r.year AS year, r.number AS number, \
             CASE WHEN r.annuls IS NULL THEN r.detail ELSE r.reason END AS detail, 'paid' AS state, \
             r.means AS means, {nothing} AS asked, r.cents AS told, CAST(NULL AS TEXT) AS trouble"
        ),
        "receipt r JOIN payment p ON p.id = r.payment WHERE r.regie = $1",
        "r.at",
        "r.id",
    );
    let refunds = branch(
        &format!(
            "f.done_at AS at, f.id AS id, 'refund' AS kind, p.payment_order AS payment_order, \
             p.reference AS reference, {nothing} AS year, {nothing} AS number, f.detail AS detail, 'paid' AS state, \
             f.how AS means, {nothing} AS asked, -f.cents AS told, CAST(NULL AS TEXT) AS trouble"
        ),
        &format!(
            "refund f JOIN payment p ON p.id = f.payment WHERE f.regie = $1 AND f.state = 'done' AND {SHOWN}"
        ),
        "f.done_at",
        "f.id",
    );
    let sql = format!(
        "SELECT l.at, l.id, l.kind, l.payment_order, o.number, l.reference, l.year, l.number, l.detail, l.state, \
         l.means, l.asked, l.told, l.trouble FROM ({online} UNION ALL {receipts} UNION ALL {refunds}) l \
         JOIN payment_order o ON o.id = l.payment_order ORDER BY l.at, l.id LIMIT $5"
    );
    tx.query(&sql, &[&regie, &period.until, &at, &id, &limit], |row| {
        let (year, number): (Option<i64>, Option<i64>) = (row.get(6)?, row.get(7)?);
        let reference: String = row.get(5)?;
        Ok(Line {
            at: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            order: row.get(3)?,
            number: row.get(4)?,
            reference: year.zip(number).map_or(reference, |(year, number)| format!("{year}-{number}")),
            detail: row.get(8)?,
            state: row.get(9)?,
            means: row.get(10)?,
            asked: row.get(11)?,
            told: row.get(12)?,
            trouble: row.get(13)?,
        })
    })
}

/// What came by one way and means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByMeans {
    /// The way.
    pub adapter: AdapterKind,
    /// The means.
    pub means: Means,
    /// How often.
    pub count: i64,
    /// How much.
    pub cents: Cents,
}

/// The totals of a régie and a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How often something was asked for online, and how much.
    pub asked: (i64, Cents),
    /// What came online, and what was taken at the counter, annulments included as counts and deducted as amounts.
    pub came: Vec<ByMeans>,
    /// Receipts annulled, and how much.
    pub annulled: (i64, Cents),
    /// Money given back, and how much.
    pub refunded: (i64, Cents),
    /// Of what came online, what counts for no order and was not given back.
    pub uncounted: (i64, Cents),
}

impl Totals {
    /// All that came, and was not given back.
    pub fn balance(&self) -> Cents {
        let came: Cents = self.came.iter().map(|it| it.cents).sum();
        Cents(came.0 - self.refunded.1.0)
    }
}

/// The totals of a régie and a period.
pub fn totals(tx: &mut Tx<'_>, _: &Permit<ReadLedger>, regie: Id<Regie>, period: Period) -> Result<Totals> {
    let within: [&dyn beffroi_store::ToValue; 3] = [&regie, &period.from, &period.until];
    let sum = |tx: &mut Tx<'_>, sql: &str| {
        tx.query_one(sql, &within, |row| Ok((row.get::<i64>(0)?, row.get::<Cents>(1)?)))
    };
    let asked = sum(
        tx,
        &format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(p.asked_cents), 0) AS BIGINT) FROM payment p WHERE p.regie = $1 \
             AND p.adapter <> 'counter' AND p.booked_at >= $2 AND p.booked_at < $3 AND {SHOWN}"
        ),
    )?;
    let annulled = sum(
        tx,
        "SELECT COUNT(*), CAST(COALESCE(SUM(-r.cents), 0) AS BIGINT) FROM receipt r WHERE r.regie = $1 \
         AND r.at >= $2 AND r.at < $3 AND r.annuls IS NOT NULL",
    )?;
    let refunded = sum(
        tx,
        &format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(f.cents), 0) AS BIGINT) FROM refund f JOIN payment p \
             ON p.id = f.payment WHERE f.regie = $1 AND f.state = 'done' AND f.done_at >= $2 AND f.done_at < $3 \
             AND {SHOWN}"
        ),
    )?;
    let uncounted = sum(
        tx,
        &format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(p.told_cents - (SELECT COALESCE(SUM(f.cents), 0) FROM refund f \
             WHERE f.payment = p.id AND f.state = 'done')), 0) AS BIGINT) FROM payment p WHERE p.regie = $1 \
             AND p.state = 'paid' AND p.counts_for IS NULL AND p.settled_at IS NULL \
             AND p.booked_at >= $2 AND p.booked_at < $3 AND {SHOWN}"
        ),
    )?;
    let came = tx.query(
        &format!(
            "SELECT p.adapter, p.means, COUNT(*), CAST(COALESCE(SUM(p.told_cents), 0) AS BIGINT) FROM payment p \
             WHERE p.regie = $1 AND p.adapter <> 'counter' AND p.state = 'paid' AND p.booked_at >= $2 \
             AND p.booked_at < $3 AND {SHOWN} GROUP BY p.adapter, p.means \
             UNION ALL \
             SELECT 'counter', r.means, COUNT(*), CAST(COALESCE(SUM(r.cents), 0) AS BIGINT) FROM receipt r \
             WHERE r.regie = $1 AND r.at >= $2 AND r.at < $3 GROUP BY r.means ORDER BY 1 DESC, 2"
        ),
        &within,
        |row| {
            Ok(ByMeans { adapter: row.get(0)?, means: row.get(1)?, count: row.get(2)?, cents: row.get(3)? })
        },
    )?;
    Ok(Totals { asked, came, annulled, refunded, uncounted })
}
