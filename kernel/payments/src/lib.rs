//! What people owe the town and pay it: orders, payments online (PayFiP) and at the counter, receipts, refunds, and what
//! the accountant reconciles. Money that came is never lost: paid twice, late, or in another amount, it is kept and
//! shown. `docs/payments.md` tells how.

pub mod adapter;
mod ask;
pub mod attention;
mod begin;
pub mod bill;
pub mod comparison;
mod lapse;
pub mod ledger;
mod lower;
pub mod order;
mod payfip;
pub mod payment;
pub mod permission;
pub mod reach;
pub mod receipt;
pub mod refund;
pub mod regie;
mod series;
pub mod settle;
pub mod takings;
#[cfg(feature = "testing")]
pub mod testing;
mod told;
mod verdict;
mod wording;

use beffroi_store::Migration;

pub use adapter::{Adapter, Counter, Fault};
pub use ask::{AskHandler, hear, look, round, unanswered};
pub use begin::{BeginError, Begun, ONLINE, Pages, begin, is_under_way};
pub use lapse::LapseHandler;
pub use lower::lower;
pub use order::{About, NewOrder, Order, OrderLine, OrderState, Payer};
pub use payfip::{PAGE, PayFip, SERVICE};
pub use payment::{Payment, PaymentState, PaymentTrouble};
pub use receipt::Receipt;
pub use refund::Refund;
pub use regie::{Mode, NewRegie, Regie};

/// The tables of orders and of what is paid.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "payments", number: 1, sql: include_str!("../migrations/0001_payments.sql") },
    Migration { service: "payments", number: 2, sql: include_str!("../migrations/0002_reach.sql") },
    Migration { service: "payments", number: 8, sql: include_str!("../migrations/0008_comparisons.sql") },
];
