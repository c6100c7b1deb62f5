//! What is asked of the typesetter, and how it may fail.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{documents::Document, sheet::Sheet};

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
    /// Receipt of money.
    PaymentReceipt,
    /// Contract for premises (convention d’occupation).
    Contract,
    /// State of premises, in or out.
    Inspection,
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

/// What lays a document out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// A template of the house, which nobody but its authors has written.
    House(Template),
    /// A source that was written by whoever makes procedures: it is not trusted.
    Written(String),
    /// None: the data is a PDF that somebody else made, in hexadecimal. It is not trusted either.
    Copied,
}

/// One document to lay out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub(crate) layout: Layout,
    pub(crate) meta: Meta,
    pub(crate) data: Value,
}

impl Job {
    /// A job that lays out `document`.
    ///
    /// # Errors
    /// [`TypesetError::Data`] when the document cannot be written as JSON.
    pub fn new<D: Document>(document: &D, meta: Meta) -> Result<Self, TypesetError> {
        Ok(Self { layout: Layout::House(D::TEMPLATE), meta, data: serde_json::to_value(document)? })
    }

    /// A job that lays a sheet out by a source that whoever makes procedures has written.
    ///
    /// # Errors
    /// [`TypesetError::Data`] when the sheet cannot be written as JSON.
    pub fn written(source: impl Into<String>, sheet: &Sheet, meta: Meta) -> Result<Self, TypesetError> {
        Ok(Self { layout: Layout::Written(source.into()), meta, data: serde_json::to_value(sheet)? })
    }

    /// A job that copies the pages of a PDF which somebody else made, so that it can be stacked ([`crate::stack`]): what
    /// cannot be read is found out in a worker, where it harms nobody.
    pub fn copied(pdf: &[u8]) -> Self {
        let meta = Meta { title: String::new(), date: NaiveDate::default() };
        Self { layout: Layout::Copied, meta, data: Value::String(hex::encode(pdf)) }
    }

    /// Whether its template is not the house's own.
    pub(crate) const fn is_written(&self) -> bool {
        matches!(self.layout, Layout::Written(_) | Layout::Copied)
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
