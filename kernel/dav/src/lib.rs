//! CalDAV as it is spoken (RFC 4791 over RFC 4918, RFC 6578): what a program asks for, and how it is answered. It knows
//! no room and no calendar, and does no I/O.

mod answer;
mod body;
mod conditions;
mod filter;
mod names;
mod paths;

pub use answer::{Content, Multistatus, error};
pub use body::{BODY_AT_MOST, Report, Unreadable, Wanted, propfind, proppatch, report};
pub use conditions::{Conditions, minimal};
pub use filter::{Filter, Property, Range, Test};
pub use names::{Name, Space};
pub use paths::{encoded, segments};
