//! The seam: what a way of paying is to the house. An adapter opens an attempt (and says where the payer goes), and
//! tells what came of it when it is asked. Whatever is told, by PayFiP or by the agent at the counter, goes through one
//! door, `told.rs`.

use beffroi_core::{Cents, Instant};
use beffroi_store::words;
use beffroi_webhooks::http::NoAnswer;
use futures_util::future::BoxFuture;

use crate::{
    payment::{AdapterKind, ClosedWhy, Means, Payment},
    regie::Mode,
};

/// Letters of an adapter's name for an attempt, at most.
pub const TOKEN_AT_MOST: usize = 100;

words! {
    /// Why an adapter told nothing. An administrator, or whoever pays, can do something about some of these.
    Fault {
        /// It cannot be reached.
        Away = "away",
        /// Its address leads to a private network.
        Private = "private",
        /// Its certificate is not right.
        Insecure = "insecure",
        /// It does not answer in time, or hangs up.
        Slow = "slow",
        /// It is out of order.
        Failing = "failing",
        /// Its answer is not understood.
        Unreadable = "unreadable",
        /// The régie has no contract with it, or none for this.
        Contract = "contract",
        /// It does not take the amount.
        Amount = "amount",
        /// It does not take the payer's address.
        Mail = "mail",
        /// It does not take something else of what it was told.
        Unfit = "unfit",
    }
}

impl Fault {
    /// Whether the same question may be answered later.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Away | Self::Insecure | Self::Slow | Self::Failing | Self::Unreadable)
    }

    /// What no answer means.
    pub(crate) const fn of_silence(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::Name | NoAnswer::Connection => Self::Away,
            NoAnswer::Private | NoAnswer::Address => Self::Private,
            NoAnswer::Certificate => Self::Insecure,
            NoAnswer::Slow | NoAnswer::Protocol => Self::Slow,
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is to be paid, as an adapter is told it. The payer's address is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    /// The régie's number (`numcli`).
    pub client_number: String,
    /// For what.
    pub mode: Mode,
    /// The year of account (`exer`).
    pub year: u32,
    /// The reference, which nobody used before.
    pub reference: String,
    /// What it is for, as the payer reads it.
    pub subject: String,
    /// How much.
    pub cents: Cents,
    /// The payer's address.
    pub mail: String,
    /// Where to tell that there is something to ask for.
    pub notify_at: String,
    /// Where the payer goes afterwards.
    pub back_to: String,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask")
            .field("reference", &self.reference)
            .field("cents", &self.cents)
            .finish_non_exhaustive()
    }
}

/// Where the payer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a page of the adapter's; and the adapter's name for the attempt.
    Page {
        /// The name by which it is asked what came of the attempt.
        token: String,
        /// The address of the page.
        url: String,
    },
    /// To the counter: nothing is kept until somebody takes the money there.
    Counter,
}

/// What an adapter tells of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Pending,
    /// It knows no such attempt, any more or yet.
    NotKnown,
    /// The money came.
    Paid(Money),
    /// The bank refused.
    Refused,
    /// The payer gave up.
    Cancelled(ClosedWhy),
}

/// Money, as an adapter tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// How much.
    pub cents: Cents,
    /// With what.
    pub means: Means,
    /// The bank's authorisation, or what an agent wrote.
    pub authorisation: Option<String>,
    /// When, if the adapter tells.
    pub at: Option<Instant>,
    /// Whether reference, régie and mode are those that were asked for.
    pub matches: bool,
}

/// A way of paying.
pub trait Adapter: Send + Sync {
    /// Which one.
    fn kind(&self) -> AdapterKind;

    /// Opens an attempt.
    ///
    /// # Errors
    /// Why not. Nobody can pay then.
    fn open<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Way, Fault>>;

    /// What came of an attempt.
    ///
    /// # Errors
    /// Why that is not known.
    fn ask<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Result<Outcome, Fault>>;
}

/// The counter: nobody goes to a page, and what comes of it is told by whoever takes the money
/// ([`crate::receipt::take`]).
pub struct Counter;

impl Adapter for Counter {
    fn kind(&self) -> AdapterKind {
        AdapterKind::Counter
    }

    fn open<'a>(&'a self, _: &'a Ask) -> BoxFuture<'a, Result<Way, Fault>> {
        Box::pin(std::future::ready(Ok(Way::Counter)))
    }

    fn ask<'a>(&'a self, _: &'a Payment) -> BoxFuture<'a, Result<Outcome, Fault>> {
        Box::pin(std::future::ready(Ok(Outcome::Pending)))
    }
}
