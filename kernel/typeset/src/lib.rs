//! Letters, receipts and decisions as tagged PDF (PDF/UA-1). The one crate that knows Typst and PDF.
//!
//! A document is a typed value ([`Document`]); a [`Job`] is that value ready to cross a pipe; a
//! [`Pool`] turns jobs into PDF in child processes bounded in time and memory.

mod child;
mod complaint;
mod documents;
mod house;
mod job;
mod pool;
mod premises;
mod render;
mod sheet;
mod stack;
mod text;
mod wire;
mod worker;

pub use complaint::Complaint;
pub use documents::{
    Acknowledgement, Answer, AnswerGroup, AppealRoutes, Article, Asking, BlankField, BlankForm, Contact,
    Decision, Document, FieldKind, FormPage, Letter, Letterhead, Missing, OpinionAsked, PaidEntry, PaidLine,
    PaymentReceipt, Piece, Recipient, Signatory, Silence,
};
pub use house::HouseTemplate;
pub use job::{Job, Meta, Template, TypesetError};
pub use pool::{Pool, PoolConfig};
pub use premises::{
    Contract, Fact, InspectedPhoto, InspectedPlace, InspectedThing, InspectionReport, InspectionSignature,
};
pub use render::render;
pub use sheet::{CaseFacts, CommuneFacts, Requester, Sheet, Told};
pub use stack::{Sides, stack};
pub use worker::worker_main;
