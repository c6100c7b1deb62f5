//! Asking an OpenID provider who somebody is (FranceConnect, FranceConnect+, ProConnect): the way there, the way back,
//! and the end of the session. It opens no session itself: what it finds is a [`Presented`] for `beffroi-people`.

mod claims;
mod discovery;
mod flow;
mod http;
mod jwe;
mod keys;

use std::{future::Future, pin::Pin, sync::Arc};

pub use beffroi_people::identity::Presented;
pub use discovery::Checked;
pub use flow::{Journey, Returned, Site};
pub use keys::{journey_of, jwks};

/// Why a provider did not tell who somebody is. The text is for the administrator; it holds no personal data.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IdentityError {
    /// The provider cannot be reached, or answers what no provider answers: it may work later.
    #[error("{0}")]
    Down(String),
    /// The provider refuses the town: the settings are wrong, or the code has expired.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// What it says cannot be believed: signature, issuer, audience, nonce, time.
    #[error("not to be believed: {0}")]
    Untrusted(String),
}

/// What a provider will have told.
pub type Told<T> = Pin<Box<dyn Future<Output = Result<T, IdentityError>> + Send>>;

/// Whoever asks providers, for all communes: one client, and what providers say of themselves, kept for a while.
pub struct Relying {
    http: Arc<http::Http>,
    shelf: discovery::Shelf,
}

impl Relying {
    /// Nothing has been asked yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { http: Arc::new(http::Http::new()), shelf: discovery::Shelf::default() })
    }
}
