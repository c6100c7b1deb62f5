//! Text messages by the gateway that the commune has a contract with: its settings, how it is asked, how many left this
//! month. What is written, and to whom, whoever queues a message says ([`beffroi_notify::messenger`]).

mod brevo;
mod gateway;
mod month;
mod ovh;
mod send;
#[cfg(feature = "testing")]
pub mod testing;
mod trouble;

use beffroi_store::Migration;

pub use gateway::{Gateway, GatewayKind, Kept, SettingsFault, clear, kept, reaches, save, to_keep};
pub use month::used;
pub use send::{Sms, Tried, WAY, conclude, deliver, prepare, tried};
pub use trouble::Trouble;

/// The tables of the gateway.
pub const MIGRATIONS: &[Migration] =
    &[Migration { service: "sms", number: 1, sql: include_str!("../migrations/0001_sms.sql") }];
