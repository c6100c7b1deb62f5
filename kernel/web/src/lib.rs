//! The HTTP kit that services stand on: from the socket to the commune, the visitor, the page and
//! the error, with the protections that every page needs. It knows no service.

pub mod ahead;
mod api;
pub mod app;
mod assets;
mod cache;
mod compress;
mod device;
pub mod diary;
mod download;
mod edge;
pub mod error;
mod failure;
pub mod feed;
pub mod form;
pub mod health;
mod host;
pub mod l10n;
pub mod l10n_check;
mod lent;
pub mod limits;
pub mod live;
pub mod meeting;
pub mod once;
pub mod openings;
mod ops;
pub mod page;
mod pages;
pub mod panel;
mod parts;
pub mod personal;
mod problem;
mod security;
pub mod serve;
pub mod service;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;
pub mod theme;
mod tiles;
pub mod visitor;

pub use app::{App, Hosting, House, WebConfig};
pub use device::Device;
pub use download::download;
pub use edge::Site;
pub use error::{FieldError, WebError};
pub use form::{FormLimits, FormPost, FormReader, ReadError, new_idempotency_key};
pub use health::{Check, CheckWords, Report, Severity};
pub use host::CommuneOf;
pub use l10n::{L10n, Locale};
pub use limits::{Purpose, Source};
pub use page::{Page, render, render_as, render_public};
pub use parts::{Choice, Fact};
pub use problem::{Problem, Wrong};
pub use security::{Framing, LeadsTo};
pub use serve::serve;
pub use service::{Area, MenuGroup, NavEntry, Service};
pub use visitor::Visitor;

/// What a handler answers.
pub type Result<T = axum::response::Response, E = WebError> = std::result::Result<T, E>;
