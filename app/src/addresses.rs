//! The addresses of the communes' sites, as visitors type them: for links that leave the house.

use std::sync::{Arc, OnceLock};

use beffroi_store::{Platform, StoreError};

/// Where the communes' sites are.
pub struct Addresses {
    /// Whether visitors come over https: because a proxy stands before the house, or is said to.
    secure: bool,
    /// The communes, and the port that the house listens on; known once it does.
    serving: OnceLock<(Arc<Platform>, u16)>,
}

impl Addresses {
    /// Those of a house that does not serve yet.
    pub const fn new(secure: bool) -> Self {
        Self { secure, serving: OnceLock::new() }
    }

    /// Tells of which communes, and on which port the house listens. The first word counts.
    pub fn serve(&self, platform: Arc<Platform>, port: u16) {
        let _ = self.serving.set((platform, port));
    }

    /// The address of a commune's site, without a slash at its end; `None` where it has no host name, or
    /// nobody serves it. May ask the registry: for blocking threads.
    pub fn of(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let Some((platform, port)) = self.serving.get() else { return Ok(None) };
        let host = main_host(platform.hosts(slug)?);
        Ok(host.map(|host| self.of_host(&host, *port)))
    }

    fn of_host(&self, host: &str, port: u16) -> String {
        match (self.secure, port) {
            (true, _) => format!("https://{host}"),
            (false, 80) => format!("http://{host}"),
            (false, port) => format!("http://{host}:{port}"),
        }
    }
}

/// The host name to write in a mail: a public one before `localhost`, the shortest, then the first in order.
fn main_host(mut hosts: Vec<String>) -> Option<String> {
    hosts.sort_by_key(|host| (!host.contains('.'), host.len(), host.clone()));
    hosts.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_where_visitors_are() {
        assert_eq!(Addresses::new(true).of_host("lunel.fr", 8080), "https://lunel.fr");
        assert_eq!(Addresses::new(false).of_host("localhost", 8080), "http://localhost:8080");
        assert_eq!(Addresses::new(false).of_host("lunel.test", 80), "http://lunel.test");
        assert_eq!(Addresses::new(true).of("lunel").unwrap(), None, "nobody serves it");
        let hosts = ["localhost", "www.demarches-lunel.fr", "lunel.fr"].map(str::to_owned).to_vec();
        assert_eq!(main_host(hosts).as_deref(), Some("lunel.fr"));
        assert_eq!(main_host(vec!["localhost".to_owned()]).as_deref(), Some("localhost"));
        assert_eq!(main_host(Vec::new()), None);
    }
}
