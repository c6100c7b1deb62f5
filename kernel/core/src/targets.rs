//! Where the town's own programs may connect, when somebody types the name of a machine: the public Internet. An
//! administrator's address must not let the town's server speak to the machines beside it. Pure: whoever connects looks
//! the name up, and asks here of each address that it leads to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the operator allows connections to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Targets {
    /// To public addresses alone.
    #[default]
    Public,
    /// To the town's own network too.
    Private,
}

impl Targets {
    /// Whether a connection may go to this machine.
    pub fn allows(self, address: IpAddr) -> bool {
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
