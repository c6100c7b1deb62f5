//! One text message on its way: counted and made ready in one transaction, handed to the gateway outside of any, settled
//! in another. A job does so for what was queued, the administrator's page for a trial.

use std::sync::Arc;

use beffroi_core::{Instant, Targets, sms};
use beffroi_notify::messenger::{Handed, Messenger, MessengerError, ShortMessage};
use beffroi_people::{Permit, permission::ManageTown};
use beffroi_store::{By, Commune, Result, StoreError, Tx};
use beffroi_webhooks::http;
use serde_json::json;

use crate::{
    Gateway, GatewayKind, Trouble, brevo,
    gateway::{self, journal},
    month, ovh,
};

/// The way of these messages, among those of [`beffroi_notify::messenger`].
pub const WAY: &str = "sms";

/// What is sent to a gateway.
pub(crate) struct Request {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// A message that is counted and ready to leave.
#[derive(Clone, Debug)]
pub struct Tried {
    gateway: Gateway,
    number: String,
    text: String,
    parts: u32,
    month: String,
}

/// Counts a message and makes it ready; or says why it does not leave.
pub fn prepare(tx: &mut Tx<'_>, number: &str, text: &str) -> Result<Result<Tried, Trouble>> {
    let Some(gateway) = gateway::load(tx)? else { return Ok(Err(Trouble::Off)) };
    let Some(number) = sms::mobile(number, gateway.abroad) else { return Ok(Err(Trouble::Number)) };
    let text = sms::plain(text);
    let parts = u32::try_from(sms::size(&text).parts).unwrap_or(u32::MAX);
    let month = month::current(tx)?;
    if !month::take(tx, &month, parts, gateway.monthly_cap)? {
        return Ok(Err(Trouble::Cap));
    }
    Ok(Ok(Tried { gateway, number, text, parts, month }))
}

/// Hands a message to its gateway, where `targets` allows that.
///
/// # Errors
/// Why it was not taken.
pub async fn deliver(targets: Targets, tried: &Tried, now: Instant) -> Result<(), Trouble> {
    let Tried { gateway, number, text, .. } = tried;
    let request = match gateway.kind {
        GatewayKind::Ovh => ovh::request(gateway, number, text, now),
        GatewayKind::Brevo => brevo::request(gateway, number, text),
    };
    // Neither the answer nor the number may reach the log.
    let url = http::accepted(targets, &request.url).map_err(|_| Trouble::Private)?;
    let answer = http::post(targets, &url, &request.headers, request.body).await;
    let answer = answer.map_err(Trouble::of_silence)?;
    match gateway.kind {
        GatewayKind::Ovh => ovh::judge(&answer),
        GatewayKind::Brevo => brevo::judge(&answer),
    }
}

/// Writes down what came of it: what did not leave is not counted, and the gateway's troubles are the administrator's to
/// see.
pub fn conclude(tx: &mut Tx<'_>, tried: &Tried, outcome: Result<(), Trouble>) -> Result<()> {
    match outcome {
        Ok(()) => gateway::fared(tx, None),
        Err(trouble) => {
            if trouble.is_unsent() {
                month::give_back(tx, &tried.month, tried.parts)?;
            }
            if trouble.is_the_gateway() { gateway::fared(tx, Some(trouble)) } else { Ok(()) }
        }
    }
}

/// Tells in the journal that an administrator tried the gateway: neither to whom nor what.
pub fn tried(tx: &mut Tx<'_>, _: &Permit<ManageTown>, outcome: Result<(), Trouble>) -> Result<()> {
    let answer = outcome.map_or_else(Trouble::as_str, |()| "sent");
    journal(tx, "sms_gateway.tried", &json!({ "answer": answer }))
}

/// The provider of text messages, for the job that sends what was queued.
pub struct Sms {
    targets: Targets,
    demo: bool,
}

impl Sms {
    /// To where the operator allows; in a demonstration nothing leaves.
    pub const fn new(targets: Targets, demo: bool) -> Self {
        Self { targets, demo }
    }
}

impl Messenger for Sms {
    fn way(&self) -> &'static str {
        WAY
    }

    fn send(&self, commune: &Arc<Commune>, message: &ShortMessage) -> Result<Handed, MessengerError> {
        if self.demo {
            return Ok(Handed::Kept);
        }
        let later = |error: StoreError| MessengerError::Away(error.to_string());
        let refused = |trouble: Trouble| MessengerError::Refused(trouble.as_str().to_owned());
        let (number, text) = (message.to.clone(), message.text.clone());
        let ready = commune
            .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| prepare(tx, &number, &text))
            .map_err(later)?
            .map_err(refused)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| MessengerError::Away(error.to_string()))?;
        let outcome = runtime.block_on(deliver(self.targets, &ready, commune.now()));
        let settled =
            commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| conclude(tx, &ready, outcome));
        if let Err(error) = settled {
            // What became of the message is known all the same.
            tracing::warn!(%error, "how the gateway of text messages fared was not written down");
        }
        match outcome {
            Ok(()) => Ok(Handed::Sent),
            Err(trouble) if trouble.is_passing() => Err(MessengerError::Away(trouble.as_str().to_owned())),
            Err(trouble) => Err(refused(trouble)),
        }
    }
}
