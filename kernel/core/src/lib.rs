//! The words that the whole house uses. No I/O: nothing here reads a clock, a file or a socket.

pub mod actor;
pub mod assurance;
pub mod calendar;
pub mod clock;
pub mod id;
pub mod lang;
pub mod legal_clock;
pub mod money;
pub mod sector;
pub mod sms;
pub mod targets;
pub mod text;

pub use actor::{Actor, Channel};
pub use assurance::Assurance;
pub use clock::{Clock, ManualClock, SystemClock};
pub use id::Id;
pub use lang::Lang;
pub use money::Cents;
pub use sector::Sector;
pub use targets::Targets;

/// An instant in UTC. Legal days are computed from it in the commune's zone (see [`calendar`]).
pub type Instant = chrono::DateTime<chrono::Utc>;
/// A civil day, without a time or a zone.
pub type Day = chrono::NaiveDate;
