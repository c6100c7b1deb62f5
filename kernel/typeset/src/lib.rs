//! Letters, receipts and decisions as tagged PDF (PDF/UA-1). The one crate that knows Typst and PDF.
//!
//! A document is a typed value ([`Document`]); a [`Job`] is that value ready to cross a pipe; a
//! [`Pool`] turns jobs into PDF in child processes bounded in time and memory.

mod child;
mod documents;
mod job;
mod pool;
mod render;
mod stack;
mod text;
mod wire;
mod worker;

pub use documents::{
    Acknowledgement, Answer, AnswerGroup, AppealRoutes, Article, BlankField, BlankForm, Contact, Decision,
    Document, FieldKind, FormPage, Letter, Letterhead, Missing, Piece, Recipient, Signatory, Silence,
};
pub use job::{Job, Meta, Template, TypesetError};
pub use pool::{Pool, PoolConfig};
pub use render::render;
pub use stack::{Sides, stack};
pub use worker::worker_main;
