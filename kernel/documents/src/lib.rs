//! Files of a commune: received in a stream, typed by their content, kept by their hash, and readable
//! only once the virus gate has cleared them.

mod blobs;
mod bundle;
mod disposal;
mod document;
pub mod kept;
mod media;
pub mod picture;
mod scan;
mod upload;

pub use bundle::{Bundle, Packed};
pub use disposal::{sweep_contents, sweep_quarantine, sweep_strays};
pub use document::{
    Cleared, Document, Gate, NewDocument, State, cleared, cleared_of, count_of, find, forget_before,
    forget_of, hand_over, hand_over_some, keep_only, last_of, names_of, of_owner, repurpose, some,
};
pub use media::MediaType;
pub use scan::{Clamd, NoVerdict, ScanHandler, Scanner, Verdict, sweep_unchecked};
pub use upload::{Limits, StoredFile, UploadError, receive, store_generated, store_sealed, sweep_incoming};

use beffroi_store::Migration;

/// The tables of contents and documents.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "documents", number: 1, sql: include_str!("../migrations/0001_documents.sql") },
    Migration { service: "documents", number: 2, sql: include_str!("../migrations/0002_kept_documents.sql") },
    Migration { service: "documents", number: 4, sql: include_str!("../migrations/0004_sealed.sql") },
];
