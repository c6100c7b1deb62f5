//! What is asked of the typesetter, and how it may fail.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::Document;

/// The documents that the house knows how to lay out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// Receipt of a request (CRPA R112-5 and R112-11-1).
    Acknowledgement,
    /// Paper form, to be filled in with a pen.
    BlankForm,
    /// Decision or order, with its reasons and the ways of appeal.
    Decision,
    /// Plain letter.
    Letter,
}

/// What a PDF says of itself to a reader's software. The language is always French: it is the
/// one in which an administration's acts bind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Title shown by the reader's window; PDF/UA demands one.
    pub title: String,
    /// Day printed on the document, in the commune's zone.
    pub date: NaiveDate,
}

/// One document to lay out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub(crate) template: Template,
    pub(crate) meta: Meta,
    pub(crate) data: Value,
}

impl Job {
    /// A job that lays out `document`.
    ///
    /// # Errors
    /// [`TypesetError::Data`] when the document cannot be written as JSON.
    pub fn new<D: Document>(document: &D, meta: Meta) -> Result<Self, TypesetError> {
        Ok(Self { template: D::TEMPLATE, meta, data: serde_json::to_value(document)? })
    }
}

/// Why no PDF came out.
#[derive(Debug, thiserror::Error)]
pub enum TypesetError {
    /// The data could not be written or read as JSON.
    #[error("the document's data is not valid: {0}")]
    Data(#[from] serde_json::Error),
    /// The template refused the data, or the result would not be accessible (PDF/UA-1).
    #[error("the document could not be laid out: {0}")]
    Layout(String),
    /// The data or the PDF is larger than what a worker accepts.
    #[error("the document is too large")]
    TooLarge,
    /// All workers stayed busy for the whole time a caller may wait.
    #[error("all typesetting workers are busy")]
    Busy,
    /// The worker did not answer in time and was ended.
    #[error("the document took too long to lay out")]
    Deadline,
    /// The worker ended before answering: its memory was bounded, or it met a defect.
    #[error("the typesetting worker ended before answering")]
    Crashed,
    /// A worker could not be started, or its pipes failed.
    #[error("the typesetting worker could not be used: {0}")]
    Io(#[from] std::io::Error),
}
