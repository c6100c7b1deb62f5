//! The State's coordination service of appointments for identity cards and passports (ANTS, now France Titres): what it
//! knows of the number of a pre-request, wherever in France somebody booked for it, and what this town declares there.

mod access;
mod client;
mod declare;
mod health;
mod look;
mod other;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

use std::sync::Arc;

use beffroi_store::{Commune, StoreError, Tx};

pub(crate) use access::fared;
pub use access::{Access, Kept, USUAL_ADDRESS, clear, kept, save, to_keep};
pub use client::{Coordination, Declaration, Elsewhere, Known, Standing, Trouble};
pub(crate) use declare::{Declarer, Follower, catch_up};
pub(crate) use health::{Coordinated, why};
pub(crate) use look::{Looked, numbers};
pub(crate) use other::{Line, Other, lines, of_one as elsewhere, some as some_elsewhere};
pub(crate) use store::{Declared, Found, forget, of_appointment};

use crate::Origin;

/// A number that nobody has: what is asked by it concerns nobody.
const NOBODYS: &str = "0000000000";

/// Whoever asks the service, for all communes; and where their sites are, which it is told.
pub(crate) struct Coordinator {
    pub(crate) coordination: Coordination,
    pub(crate) origin: Arc<Origin>,
}

impl Coordinator {
    /// What is needed to ask, where the commune may.
    pub(crate) fn access(&self, tx: &mut Tx<'_>) -> Result<Option<Access>, StoreError> {
        match self.coordination.instead() {
            Some(access) => Ok(Some(access.clone())),
            None => access::load(tx),
        }
    }

    /// Whether the service answers and takes the token: what is asked concerns nobody.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn check(&self, access: &Access) -> Result<(), Trouble> {
        self.coordination.known(access, &[NOBODYS.to_owned()], false).await.map(drop)
    }

    /// The beginning of the addresses of a commune's appointments; `None` where it has no site. Blocks.
    fn own(&self, commune: &Commune) -> Result<Option<String>, StoreError> {
        Ok((self.origin)(commune.slug())?.map(|origin| format!("{origin}/rendez-vous/mien/")))
    }
}
