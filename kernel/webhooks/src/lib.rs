//! Webhooks as the Standard Webhooks specification has them: other programs are told what happens, signed, tried again,
//! and told again from the journal. Which events there are, and what is told of each, a service says.

mod address;
mod deliver;
mod delivery;
mod endpoint;
mod event;
mod follow;
mod replay;
mod schedule;
mod secret;
mod send;

/// The client by which messages leave, for whoever else sends something at an administrator's word.
pub mod http {
    pub use crate::{
        address::accepted,
        send::{Answer, NoAnswer, ask, post, post_as},
    };
    pub use hyper::Method;
}

pub use address::UrlFault;
pub use beffroi_core::Targets;
pub use deliver::DeliverHandler;
pub use delivery::{Attempt, Delivery, DeliveryState, again, attempts, deliveries, find, test};
pub use endpoint::{
    Endpoint, EndpointError, EndpointState, NewEndpoint, change, create, disabled, get, list, remove, resume,
    rotate, stop,
};
pub use event::{Event, Source, Sources};
pub use follow::Follower;
pub use replay::{ReplayHandler, replay_since};
pub use secret::EndpointSecret;

use beffroi_store::{Migration, Result, Tx};
use chrono::TimeDelta;

/// What webhooks add to a commune's database.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "webhooks", number: 1, sql: include_str!("../migrations/0001_webhooks.sql") }];

/// How long messages that were delivered or given up are shown.
const SHOWN_FOR: TimeDelta = TimeDelta::days(30);

/// Forgets messages that nobody looks at any more, and secrets whose overlap is over. Tells how many messages.
///
/// # Errors
/// Those of the store.
pub fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let now = tx.now();
    tx.execute(
        "UPDATE webhook_endpoint SET old_secret = NULL, old_secret_until = NULL WHERE old_secret_until <= $1",
        &[&now],
    )?;
    tx.execute(
        "DELETE FROM webhook_delivery WHERE queued_at < $1 AND state <> 'waiting'",
        &[&(now - SHOWN_FOR)],
    )
}
