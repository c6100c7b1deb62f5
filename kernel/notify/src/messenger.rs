//! The seam for short messages (SMS, push): a provider is a [`Messenger`], asked by a durable job.

use std::sync::Arc;

use beffroi_store::{
    Commune, Result, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use serde::{Deserialize, Serialize};

/// The job that sends one short message.
const SEND: &str = "message.send";

/// A short message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortMessage {
    /// By which way: `sms`, `push`.
    pub way: String,
    /// To whom, as the provider names people: a number, a subscription.
    pub to: String,
    /// The text.
    pub text: String,
}

/// Why a provider did not take a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessengerError {
    /// It cannot be reached now.
    #[error("the provider is away: {0}")]
    Away(String),
    /// It will never take it.
    #[error("the provider refused: {0}")]
    Refused(String),
}

/// A provider of short messages.
pub trait Messenger: Send + Sync {
    /// The way that it serves: `sms`, `push`.
    fn way(&self) -> &'static str;
    /// Sends a message. Blocks.
    fn send(&self, message: &ShortMessage) -> Result<(), MessengerError>;
}

/// Queues a short message; it is sent once the transaction is durable. It is forgotten once sent.
pub fn queue(tx: &mut Tx<'_>, message: &ShortMessage) -> Result<()> {
    jobs::enqueue(tx, SEND, &serde_json::to_value(message)?, tx.now(), None)
}

/// Does the job `message.send` with the providers that are configured.
pub struct SendHandler {
    messengers: Vec<Arc<dyn Messenger>>,
}

impl SendHandler {
    /// With those providers.
    pub const fn new(messengers: Vec<Arc<dyn Messenger>>) -> Self {
        Self { messengers }
    }
}

impl JobHandler for SendHandler {
    fn kind(&self) -> &'static str {
        SEND
    }

    fn secrets(&self) -> &'static [&'static str] {
        &["text"]
    }

    fn run(&self, _commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let message: ShortMessage = serde_json::from_value(job.payload.clone())
            .map_err(|error| JobError::Fail(format!("the job holds no message: {error}")))?;
        let messenger = self
            .messengers
            .iter()
            .find(|it| it.way() == message.way)
            .ok_or_else(|| JobError::Fail(format!("no provider serves {}", message.way)))?;
        messenger.send(&message).map_err(|error| match error {
            MessengerError::Away(_) => JobError::Away(error.to_string()),
            MessengerError::Refused(_) => JobError::Fail(error.to_string()),
        })
    }
}
