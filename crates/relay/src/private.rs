//! Addresses that no mail server of somebody else can have.

use std::net::{IpAddr, Ipv6Addr};

/// Loopback, private, link-local, unspecified, multicast and their like: found in a stranger's DNS they would lead mail
/// (and with it our connections) into our own network.
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                // "This network", RFC 1122 §3.2.1.3.
                || v4.octets()[0] == 0
                // Shared by carriers, RFC 6598 §7.
                || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => is_private_v6(v6),
        },
    }
}

fn is_private_v6(v6: Ipv6Addr) -> bool {
    v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_elsewhere() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "0.0.0.0",
            "224.0.0.1",
            "100.64.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_private(private.parse().expect(private)), "{private}");
        }
        for public in ["192.0.2.1", "100.128.0.1", "172.32.0.1", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert!(!is_private(public.parse().expect(public)), "{public}");
        }
    }
}
