//! Where messages may go: over https, to machines that [`Targets`] allows; to this machine also over http, where the
//! town's own network is allowed.

use std::net::IpAddr;

use beffroi_core::Targets;
use url::{Host, Url};

/// Characters of an address, at most.
const LONGEST: usize = 2_000;

/// Why an address is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It is none, or too long.
    #[error("this is not an address")]
    NotAnAddress,
    /// What is sent could be read on the way.
    #[error("the address must begin with https://")]
    NotHttps,
    /// It holds a name and a password, which logs would show.
    #[error("the address must hold no user name and no password")]
    Credentials,
    /// It leads to the town's own machines.
    #[error("the address leads to a private network")]
    Private,
}

/// The address, if messages may go there as far as it tells by itself; what its name leads to is looked at each
/// time.
///
/// # Errors
/// Why they may not.
pub fn accepted(targets: Targets, text: &str) -> Result<Url, UrlFault> {
    let text = text.trim();
    let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST).ok_or(UrlFault::NotAnAddress)?;
    let host = url.host().ok_or(UrlFault::NotAnAddress)?;
    let literal = match &host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    };
    let here = literal.is_some_and(|address| address.is_loopback())
        || matches!(&host, Host::Domain(name) if *name == "localhost");
    match url.scheme() {
        "https" => {}
        "http" if targets == Targets::Private && here => {}
        _ => return Err(UrlFault::NotHttps),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Credentials);
    }
    let refused = here || literal.is_some_and(|address| !Targets::Public.allows(address));
    if targets == Targets::Public && refused { Err(UrlFault::Private) } else { Ok(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_a_public_host_is_accepted() {
        let fault = |text: &str| accepted(Targets::Public, text).err();
        assert_eq!(fault("https://hooks.example.org/beffroi?x=1"), None);
        assert_eq!(fault("https://93.184.215.14/"), None);
        for (text, awaited) in [
            ("", UrlFault::NotAnAddress),
            ("hooks.example.org", UrlFault::NotAnAddress),
            ("http://hooks.example.org/", UrlFault::NotHttps),
            ("file:///etc/passwd", UrlFault::NotAnAddress),
            ("ftp://hooks.example.org/", UrlFault::NotHttps),
            ("https://awa:secret@hooks.example.org/", UrlFault::Credentials),
            ("https://localhost/", UrlFault::Private),
            ("https://127.0.0.1/", UrlFault::Private),
            ("https://2130706433/", UrlFault::Private),
            ("https://0x7f.1/", UrlFault::Private),
            ("https://10.0.0.8/", UrlFault::Private),
            ("https://169.254.169.254/latest/meta-data", UrlFault::Private),
            ("https://[::1]/", UrlFault::Private),
            ("https://[::ffff:10.0.0.1]/", UrlFault::Private),
            ("https://[fd00::1]/", UrlFault::Private),
        ] {
            assert_eq!(fault(text), Some(awaited), "{text}");
        }
        assert_eq!(
            fault(&format!("https://hooks.example.org/{}", "a".repeat(2_000))),
            Some(UrlFault::NotAnAddress)
        );
        assert!(accepted(Targets::Private, "http://127.0.0.1:8080/").is_ok());
        assert_eq!(accepted(Targets::Private, "http://10.0.0.8/").err(), Some(UrlFault::NotHttps));
    }
}
