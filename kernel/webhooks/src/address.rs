//! Where messages may go: https on the public Internet. An administrator's address must not let the town's server speak
//! to the machines beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Characters of an address, at most.
const LONGEST: usize = 2_000;

/// Where the operator allows messages to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Targets {
    /// Over https, to public addresses alone.
    #[default]
    Public,
    /// To the town's own network too; to this machine also over http.
    Private,
}

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

impl Targets {
    /// The address, if messages may go there as far as it tells by itself; what its name leads to is looked at each
    /// time.
    pub(crate) fn url(self, text: &str) -> Result<Url, UrlFault> {
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
            "http" if self == Self::Private && here => {}
            _ => return Err(UrlFault::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        let refused = here || literal.is_some_and(|address| !is_public(address));
        if self == Self::Public && refused { Err(UrlFault::Private) } else { Ok(url) }
    }

    /// Whether messages may go to this machine.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        self == Self::Private || is_public(address)
    }
}

/// Whether an address is one of the public Internet (RFC 6890 and its registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Shared by carriers (RFC 6598); protocols (RFC 6890); old relays (RFC 7526); benchmarks (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let [.., high, low] = address.segments();
    let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
    let embedded = Ipv4Addr::new(a, b, c, d);
    match (first, second) {
        // Translated to IPv4 (RFC 6052): what it leads to counts.
        (0x64, 0xff9b) => is_public_v4(embedded),
        // Global unicast is 2000::/3; within it protocols, documentation and old tunnels are not.
        (0x2001, 0..0x200 | 0xdb8) | (0x2002 | 0x3fff, _) => false,
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_a_public_host_is_accepted() {
        let fault = |text: &str| Targets::Public.url(text).err();
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
        assert!(Targets::Private.url("http://127.0.0.1:8080/").is_ok());
        assert_eq!(Targets::Private.url("http://10.0.0.8/").err(), Some(UrlFault::NotHttps));
    }

    #[test]
    fn a_name_that_leads_inside_is_refused_each_time_it_is_asked() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.53",
            "169.254.0.1",
            "172.16.0.1",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:192.168.0.1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "2001:db8::1",
            "2002:a00:1::",
        ] {
            assert!(!Targets::Public.allows(inside.parse().unwrap()), "{inside}");
            assert!(Targets::Private.allows(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a01:e0a::1", "64:ff9b::101:101"] {
            assert!(Targets::Public.allows(outside.parse().unwrap()), "{outside}");
        }
    }
}
