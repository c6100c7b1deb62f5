//! What the address of a page says was just done, by the form that led to it.

use serde::Deserialize;

/// What was just done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Just {
    pub(crate) fait: String,
}
