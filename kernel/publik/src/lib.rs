//! Moving in from Publik: its forms (`.wcs`, XML) become procedures. What has no counterpart is told with its place,
//! and never dropped in silence. No I/O.

mod convert;
mod expression;
mod fields;
mod head;
mod names;
mod settle;
mod text;
mod translate;
mod values;
mod xml;

pub use convert::{Converted, Count, Remark, convert};
pub use expression::Language;
pub use xml::{BlockFile, Condition, Document, FormFile, RawField, Status, Unreadable, WorkflowFile, read};

/// What a condition says in CEL, given what is known of the fields of a form; else why it cannot be said. For those who
/// translate a condition by hand.
///
/// # Errors
/// The reason, in English.
pub fn read_condition(source: &str, language: Language) -> Result<(), String> {
    expression::parse(source, language).map(drop)
}
