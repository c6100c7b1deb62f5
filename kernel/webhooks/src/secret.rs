//! An endpoint's secret: 256 random bits, shown once as `whsec_…`, and kept sealed.

use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_core::Id;
use beffroi_store::{Result, StoreError, Tx};
use standardwebhooks::Webhook;

use crate::Endpoint;

/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";

/// A secret that both sides know: it is shown once, never stored in the clear and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointSecret(Vec<u8>);

impl EndpointSecret {
    /// A new one.
    pub(crate) fn draw(tx: &Tx<'_>) -> Self {
        Self(tx.random::<32>().to_vec())
    }

    /// The text to hand out.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// What is kept of it.
    pub(crate) fn seal(&self, tx: &Tx<'_>, endpoint: Id<Endpoint>) -> Result<Vec<u8>> {
        tx.seal(&context(endpoint), &self.0)
    }

    /// The secret that was kept.
    pub(crate) fn unseal(tx: &Tx<'_>, endpoint: Id<Endpoint>, sealed: &[u8]) -> Result<Self> {
        Ok(Self(tx.unseal(&context(endpoint), sealed)?))
    }

    /// The signature of one message.
    pub(crate) fn sign(&self, message: &str, timestamp: i64, body: &str) -> Result<String> {
        let signed = Webhook::from_bytes(self.0.clone())
            .and_then(|webhook| webhook.sign(message, timestamp, body.as_bytes()));
        signed.map_err(|error| StoreError::Invalid(error.to_string()))
    }
}

/// A sealed secret opens for its own endpoint alone.
fn context(endpoint: Id<Endpoint>) -> String {
    format!("webhook.secret:{endpoint}")
}

/// A secret is not written in a log by accident.
impl std::fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndpointSecret(…)")
    }
}
