//! One TCP segment in an IP packet.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// RFC 9293 §3.1
pub(super) const FIN: u8 = 1;
/// RFC 9293 §3.1
pub(super) const SYN: u8 = 2;
/// RFC 9293 §3.1
pub(super) const PSH: u8 = 8;
/// RFC 9293 §3.1
pub(super) const ACK: u8 = 16;
/// The number of TCP among the protocols in IP.
const TCP: u8 = 6;
/// Octets of the header without options.
const TCP_HEADER: usize = 20;
/// Octets of the header without options.
const IPV4_HEADER: usize = 20;

/// A segment.
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    pub(super) acknowledgment: u32,
    pub(super) flags: u8,
    pub(super) data: &'a [u8],
    /// Octets of data behind those, which the capture does not hold; the checksum counts them as zeros.
    pub(super) missing: u16,
}

/// Both as addresses of one family: there is no packet from the one to the other.
pub(super) fn one_family(one: SocketAddr, other: SocketAddr) -> (SocketAddr, SocketAddr) {
    let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
    match (canonical(one), canonical(other)) {
        (one, other) if one.is_ipv4() == other.is_ipv4() => (one, other),
        (one, other) => (mapped(one), mapped(other)),
    }
}

fn mapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(v4) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

impl Segment<'_> {
    /// The packet, from its IP header on.
    pub(super) fn encode(&self) -> Vec<u8> {
        let length = TCP_HEADER + self.data.len() + usize::from(self.missing);
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        let (mut packet, pseudo) = match (self.from.ip(), self.to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                let addresses = [from.octets(), to.octets()].concat();
                (ipv4(length, &addresses), addresses)
            }
            (from, to) => {
                let addresses = [v6(from).octets(), v6(to).octets()].concat();
                (ipv6(length, &addresses), addresses)
            }
        };
        // RFC 9293 §3.1, RFC 8200 §8.1: the checksum covers addresses, protocol and length, too.
        let pseudo = [&pseudo[..], &[0, TCP], &length.to_be_bytes()].concat();
        packet.extend(self.tcp(&pseudo));
        packet.extend(self.data);
        packet
    }

    fn tcp(&self, pseudo: &[u8]) -> Vec<u8> {
        let mut header = Vec::with_capacity(TCP_HEADER);
        header.extend([self.from.port(), self.to.port()].map(u16::to_be_bytes).concat());
        header.extend([self.sequence, self.acknowledgment].map(u32::to_be_bytes).concat());
        // Five words of header, then the flags; the window is the largest.
        header.extend([0x50, self.flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        let checksum = checksum(&[pseudo, &header, self.data]).to_be_bytes();
        header.get_mut(16..18).into_iter().for_each(|place| place.copy_from_slice(&checksum));
        header
    }
}

/// RFC 791 §3.1
fn ipv4(length: u16, addresses: &[u8]) -> Vec<u8> {
    let total = length.saturating_add(u16::try_from(IPV4_HEADER).unwrap_or_default()).to_be_bytes();
    // No fragments; 64 hops.
    let mut header = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, TCP, 0, 0];
    header.extend(addresses);
    let checksum = checksum(&[&header]).to_be_bytes();
    header.get_mut(10..12).into_iter().for_each(|place| place.copy_from_slice(&checksum));
    header
}

/// RFC 8200 §3
fn ipv6(length: u16, addresses: &[u8]) -> Vec<u8> {
    let length = length.to_be_bytes();
    let mut header = vec![0x60, 0, 0, 0, length[0], length[1], TCP, 64];
    header.extend(addresses);
    header
}

fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// RFC 1071 §1: the complement of the sum in ones' complement. All pieces but the last have an even length.
fn checksum(pieces: &[&[u8]]) -> u16 {
    let word = |pair: &[u8]| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    };
    let sum: u32 = pieces.iter().flat_map(|piece| piece.chunks(2)).map(word).sum();
    // At most 64 KiB were summed, so that two foldings are enough.
    let folded = (sum >> 16) + (sum & 0xFFFF);
    let folded = (folded >> 16) + (folded & 0xFFFF);
    !u16::try_from(folded).unwrap_or_default()
}
