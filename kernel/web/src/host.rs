//! From the `Host` header to the commune.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use beffroi_store::{Commune, Platform};
use parking_lot::RwLock;

use crate::{App, WebError};

/// How long a host's commune is taken from memory; the platform forgets idle communes later than that.
const REMEMBERED: Duration = Duration::from_secs(20);
const REMEMBERED_AT_MOST: usize = 20_000;

/// The commune whose host was asked for. An unknown host is a page that does not exist.
#[derive(Clone)]
pub struct CommuneOf(pub Arc<Commune>);

impl Deref for CommuneOf {
    type Target = Arc<Commune>;
    fn deref(&self) -> &Arc<Commune> {
        &self.0
    }
}

impl FromRequestParts<App> for CommuneOf {
    type Rejection = WebError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, WebError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(WebError::not_found)
    }
}

/// The host that was asked for, in lower case and without its port.
pub(crate) fn named(headers: &HeaderMap, uri: &Uri, by_proxy: bool) -> Option<String> {
    let forwarded = by_proxy.then(|| headers.get("x-forwarded-host")).flatten();
    let host = match forwarded.or_else(|| headers.get(header::HOST)) {
        Some(host) => host.to_str().ok()?,
        None => uri.authority()?.as_str(),
    };
    let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty() && name.len() <= 253).then_some(name)
}

/// `[::1]:8080` is the host `[::1]`.
pub(crate) fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => authority,
    }
}

struct Known {
    commune: Weak<Commune>,
    until: Instant,
}

/// The communes asked for lately. It holds none open.
#[derive(Default)]
pub(crate) struct Hosts(RwLock<HashMap<String, Known>>);

impl Hosts {
    /// The commune of a host. Leaves the thread only when the platform must be asked.
    pub(crate) async fn find(
        &self,
        platform: &Arc<Platform>,
        host: String,
    ) -> Result<Option<CommuneOf>, WebError> {
        let now = Instant::now();
        let known = self
            .0
            .read()
            .get(&host)
            .filter(|known| known.until > now)
            .and_then(|known| known.commune.upgrade());
        if let Some(commune) = known {
            return Ok(Some(CommuneOf(commune)));
        }
        let platform = Arc::clone(platform);
        let (host, found) = tokio::task::spawn_blocking(move || {
            let found = platform.commune_for_host(&host);
            (host, found)
        })
        .await
        .map_err(WebError::internal)?;
        let Some(commune) = found? else { return Ok(None) };
        let mut remembered = self.0.write();
        if remembered.len() >= REMEMBERED_AT_MOST {
            remembered.retain(|_, known| known.until > now);
        }
        if remembered.len() < REMEMBERED_AT_MOST {
            remembered.insert(host, Known { commune: Arc::downgrade(&commune), until: now + REMEMBERED });
        }
        Ok(Some(CommuneOf(commune)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)], by_proxy: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        named(&headers, &Uri::from_static("/"), by_proxy)
    }

    #[test]
    fn port_case_and_final_dot_do_not_matter() {
        assert_eq!(of(&[("host", "Mairie.Example.FR.:8080")], false).as_deref(), Some("mairie.example.fr"));
        assert_eq!(of(&[("host", "[::1]:8080")], false).as_deref(), Some("[::1]"));
        assert_eq!(of(&[], false), None);
    }

    #[test]
    fn only_a_trusted_proxy_names_another_host() {
        let asked = [("host", "a.fr"), ("x-forwarded-host", "b.fr")];
        assert_eq!(of(&asked, false).as_deref(), Some("a.fr"));
        assert_eq!(of(&asked, true).as_deref(), Some("b.fr"));
    }
}
