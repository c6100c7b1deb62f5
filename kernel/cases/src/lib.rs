//! Cases: what a person asks of the town, handled with a legal clock from its receipt to its decision.
//!
//! The requester, the beneficiary and the agent who typed are three different things. Agents load only
//! the cases of the departments in which they hold a right; whoever may not know of a case is told that
//! there is none.

mod access;
pub mod advice;
pub mod cancellation;
pub mod case;
pub mod decision;
pub mod erasure;
mod error;
pub mod exchange;
pub mod figures;
pub mod inbox;
pub mod label;
pub mod listing;
pub mod missing;
pub mod opinion;
pub mod person;
pub mod reversal;
pub mod silence;
pub mod step;
pub mod summary;
mod taken;
pub mod tally;
pub mod task;
pub mod tracking;
pub mod transfer;

pub use access::{Access, Permit, Right};
pub use error::{CaseError, LONGEST_TEXT};

use beffroi_store::Migration;

/// What cases add to a commune's database.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "cases", number: 1, sql: include_str!("../migrations/0001_cases.sql") },
    Migration { service: "cases", number: 2, sql: include_str!("../migrations/0002_assigned.sql") },
    Migration { service: "cases", number: 3, sql: include_str!("../migrations/0003_steps.sql") },
    Migration { service: "cases", number: 4, sql: include_str!("../migrations/0004_beneficiary.sql") },
    Migration { service: "cases", number: 5, sql: include_str!("../migrations/0005_silence.sql") },
    Migration { service: "cases", number: 6, sql: include_str!("../migrations/0006_case_steps.sql") },
    Migration { service: "cases", number: 7, sql: include_str!("../migrations/0007_advice.sql") },
    Migration { service: "cases", number: 8, sql: include_str!("../migrations/0008_labels.sql") },
    Migration { service: "cases", number: 9, sql: include_str!("../migrations/0009_counter.sql") },
    Migration { service: "cases", number: 11, sql: include_str!("../migrations/0011_figures.sql") },
    Migration { service: "cases", number: 12, sql: include_str!("../migrations/0012_sealed_words.sql") },
    Migration { service: "cases", number: 13, sql: include_str!("../migrations/0013_reasons_warned.sql") },
    Migration { service: "cases", number: 14, sql: include_str!("../migrations/0014_delegations.sql") },
    Migration { service: "cases", number: 15, sql: include_str!("../migrations/0015_reversals.sql") },
];
