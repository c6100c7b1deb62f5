//! What a provider says of itself (OpenID Connect Discovery) and its keys, fetched when they are needed and kept for an
//! hour. A token that is signed with a key we have not seen makes us look again, once a minute at most.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use openidconnect::{DiscoveryError, IssuerUrl, ProviderMetadataWithLogout};
use parking_lot::Mutex;

use crate::{
    IdentityError, Relying, Told,
    http::{Asking, HttpError},
};

const KEPT: Duration = Duration::from_hours(1);
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// Providers known at a time: three for the whole country, and those that are being tried.
const AT_MOST: usize = 64;

pub(crate) type Metadata = ProviderMetadataWithLogout;

struct Known {
    metadata: Arc<Metadata>,
    at: Instant,
    /// When it was last looked at again because a key was not known.
    again: Option<Instant>,
}

/// What was fetched lately, by issuer.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<String, Known>>);

impl Shelf {
    fn find(&self, issuer: &str) -> Option<Arc<Metadata>> {
        let held = self.0.lock();
        held.get(issuer).filter(|known| known.at.elapsed() < KEPT).map(|known| Arc::clone(&known.metadata))
    }

    /// What is known, if it was looked at again lately: whoever sends made-up tokens does not make us ask and ask.
    fn seen_again(&self, issuer: &str) -> Option<Arc<Metadata>> {
        let held = self.0.lock();
        let known = held.get(issuer)?;
        known.again.filter(|at| at.elapsed() < AGAIN_AFTER).map(|_| Arc::clone(&known.metadata))
    }

    fn keep(&self, issuer: &str, metadata: &Arc<Metadata>, again: Option<Instant>) {
        let mut held = self.0.lock();
        let again = again.or_else(|| held.get(issuer).and_then(|known| known.again));
        if held.len() >= AT_MOST && !held.contains_key(issuer) {
            let oldest = held.iter().min_by_key(|(_, known)| known.at).map(|(name, _)| name.clone());
            oldest.and_then(|name| held.remove(&name));
        }
        held.insert(issuer.to_owned(), Known { metadata: Arc::clone(metadata), at: Instant::now(), again });
    }
}

/// What the button « Vérifier » found at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many keys it signs with.
    pub keys: usize,
    /// Whether the end of a session can be asked for.
    pub ends_sessions: bool,
    /// Whether it tells who somebody is.
    pub tells_identity: bool,
}

impl Relying {
    /// Fetches what a provider says of itself, whatever is kept.
    ///
    /// # Errors
    /// What is wrong, for the administrator.
    pub fn check(self: &Arc<Self>, issuer: &str) -> Told<Checked> {
        let (relying, issuer) = (Arc::clone(self), issuer.to_owned());
        Box::pin(async move {
            let metadata = relying.fetch(&issuer, None).await?;
            Ok(Checked {
                keys: metadata.jwks().keys().len(),
                ends_sessions: metadata.additional_metadata().end_session_endpoint.is_some(),
                tells_identity: metadata.userinfo_endpoint().is_some() && metadata.token_endpoint().is_some(),
            })
        })
    }

    /// What a provider says of itself.
    pub(crate) async fn metadata(&self, issuer: &str) -> Result<Arc<Metadata>, IdentityError> {
        match self.shelf.find(issuer) {
            Some(metadata) => Ok(metadata),
            None => self.fetch(issuer, None).await,
        }
    }

    /// The same, after its keys did not fit: it may have changed them.
    pub(crate) async fn metadata_again(&self, issuer: &str) -> Result<Arc<Metadata>, IdentityError> {
        match self.shelf.seen_again(issuer) {
            Some(metadata) => Ok(metadata),
            None => self.fetch(issuer, Some(Instant::now())).await,
        }
    }

    async fn fetch(&self, issuer: &str, again: Option<Instant>) -> Result<Arc<Metadata>, IdentityError> {
        let url = IssuerUrl::new(issuer.to_owned())
            .map_err(|error| IdentityError::Refused(format!("{issuer} is not an address: {error}")))?;
        let client = Asking { http: Arc::clone(&self.http), key: None };
        let metadata = Metadata::discover_async(url, &client).await.map_err(|error| worded(issuer, error))?;
        let metadata = Arc::new(metadata);
        self.shelf.keep(issuer, &metadata, again);
        Ok(metadata)
    }
}

fn worded(issuer: &str, error: DiscoveryError<HttpError>) -> IdentityError {
    match error {
        DiscoveryError::Request(error) => IdentityError::Down(error.to_string()),
        DiscoveryError::Response(status, ..) => {
            IdentityError::Down(format!("{issuer}/.well-known/openid-configuration answers {status}"))
        }
        DiscoveryError::Parse(error) => {
            IdentityError::Down(format!("{issuer} does not describe a provider: {error}"))
        }
        DiscoveryError::Validation(error) => IdentityError::Untrusted(error),
        DiscoveryError::UrlParse(error) => IdentityError::Refused(format!("{issuer}: {error}")),
        other => IdentityError::Down(other.to_string()),
    }
}
