//! The PROXY protocol, versions 1 and 2: a proxy's first octets say for whom it speaks (HAProxy's `proxy-protocol.txt`,
//! 2020/03/05).
//!
//! Whoever can send this header can be anybody, so it is read from trusted addresses alone; and there it must come: nobody
//! guesses whether it is there (§2).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use memchr::memmem;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// §2.1: the longest line of version 1, with its CRLF.
const LINE: usize = 107;
/// §2.2: what version 2 begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// §2.2: the fixed part of version 2.
const FIXED: usize = 16;
/// Most octets behind the fixed part: the addresses, and what proxies add to them.
const MOST: usize = 4096;

/// Octets that are no PROXY header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProxyHeader {
    /// Something else came.
    #[error("what came first is no PROXY header")]
    SomethingElse,
    /// It is one, and cannot be read.
    #[error("the PROXY header cannot be read: {0}")]
    Bad(&'static str),
}

/// Takes the header from the begin of a connection, and nothing behind it: that may be a TLS handshake. Returns the client's
/// address and port; `None` where the proxy speaks for itself (a health check), or does not know for whom.
///
/// # Errors
/// `InvalidData` with a [`NoProxyHeader`], `TimedOut` where it is not there within `wait`, or what the socket says.
pub async fn take_header(socket: &mut TcpStream, wait: Duration) -> io::Result<Option<SocketAddr>> {
    timeout(wait, read(socket)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn read(socket: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let (mut octets, mut next) = (Vec::new(), [0; 256]);
    loop {
        let came = socket.peek(&mut next).await?;
        let seen = next.get(..came).unwrap_or_default();
        if seen.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = octets.len();
        octets.extend_from_slice(seen);
        let found = header(&octets).map_err(|no| io::Error::new(io::ErrorKind::InvalidData, no))?;
        // Of a header that is not whole yet, all belongs to it.
        octets.truncate(found.map_or(octets.len(), |(_, length)| length));
        socket.read_exact(octets.get_mut(before..).unwrap_or_default()).await?;
        if let Some((proxied, _)) = found {
            return Ok(proxied);
        }
    }
}

/// A header that is whole: the client, and the header's length.
type Header = (Option<SocketAddr>, usize);

/// Reads a header from the first octets of a connection. `None`: more must come.
fn header(octets: &[u8]) -> Result<Option<Header>, NoProxyHeader> {
    if begins(octets, &SIGNATURE) {
        return binary(octets);
    }
    if begins(octets, b"PROXY ") {
        return line(octets);
    }
    Err(NoProxyHeader::SomethingElse)
}

/// Whether octets begin with something, as far as they have come.
fn begins(octets: &[u8], with: &[u8]) -> bool {
    octets.iter().zip(with).all(|(octet, other)| octet == other)
}

/// §2.1: `PROXY TCP4 192.0.2.7 198.51.100.1 49152 25`
fn line(octets: &[u8]) -> Result<Option<Header>, NoProxyHeader> {
    let Some(end) = memmem::find(octets.get(..LINE).unwrap_or(octets), b"\r\n") else {
        return if octets.len() < LINE { Ok(None) } else { Err(NoProxyHeader::Bad("its line has no end")) };
    };
    let text = octets.get(..end).and_then(|line| str::from_utf8(line).ok());
    let words: Vec<_> = text.ok_or(NoProxyHeader::Bad("it is not ASCII"))?.split(' ').collect();
    let client = match words.as_slice() {
        // What follows is to be ignored.
        [_, "UNKNOWN", ..] => None,
        [_, family @ ("TCP4" | "TCP6"), peer, local, peer_port, local_port] => {
            let ends = socket(family, peer, peer_port).zip(socket(family, local, local_port));
            Some(ends.ok_or(NoProxyHeader::Bad("an address in it is none"))?.0)
        }
        _ => return Err(NoProxyHeader::Bad("it is neither TCP4, TCP6 nor UNKNOWN with two addresses and two ports")),
    };
    Ok(Some((client, end + 2)))
}

fn socket(family: &str, address: &str, port: &str) -> Option<SocketAddr> {
    let address: IpAddr = address.parse().ok()?;
    let port = port.bytes().all(|octet| octet.is_ascii_digit()).then(|| port.parse().ok())??;
    (address.is_ipv4() == (family == "TCP4")).then(|| SocketAddr::new(address, port))
}

/// §2.2
fn binary(octets: &[u8]) -> Result<Option<Header>, NoProxyHeader> {
    let Some(([.., version_and_command, family, high, low], rest)) = octets.split_first_chunk::<FIXED>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > MOST {
        return Err(NoProxyHeader::Bad("it is too long"));
    }
    let Some(body) = rest.get(..length) else { return Ok(None) };
    let client = match (version_and_command, family) {
        // LOCAL: the proxy speaks for itself.
        (0x20, _) => None,
        (0x21, 0x11) => Some(client::<4>(body)?),
        (0x21, 0x21) => Some(client::<16>(body)?),
        // Neither is an address that a session could come from: unspecified, a socket in the file system.
        (0x21, 0x00 | 0x31) => None,
        (0x21, _) => return Err(NoProxyHeader::Bad("it is not about TCP")),
        _ => return Err(NoProxyHeader::Bad("its version or command is unknown")),
    };
    Ok(Some((client, FIXED + length)))
}

/// The first of two addresses of so many octets, and of two ports. What follows them (TLVs) says nothing that is used here.
fn client<const OCTETS: usize>(body: &[u8]) -> Result<SocketAddr, NoProxyHeader>
where
    IpAddr: From<[u8; OCTETS]>,
{
    let read = || {
        let (address, rest) = body.split_first_chunk::<OCTETS>()?;
        let ([high, low, ..], _) = rest.get(OCTETS..)?.split_first_chunk::<4>()?;
        Some(SocketAddr::new(IpAddr::from(*address), u16::from_be_bytes([*high, *low])))
    };
    read().ok_or(NoProxyHeader::Bad("it is too short for its addresses"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(address: &str) -> Option<SocketAddr> {
        Some(address.parse().expect("an address"))
    }

    /// Every prefix asks for more, and what follows is left alone.
    fn whole(octets: &[u8], expected: Option<SocketAddr>) {
        for end in 0..octets.len() {
            assert_eq!(header(&octets[..end]), Ok(None), "{:?}", octets[..end].escape_ascii().to_string());
        }
        let mut more = octets.to_owned();
        more.extend_from_slice(b"EHLO x\r\n");
        assert_eq!(header(&more), Ok(Some((expected, octets.len()))));
    }

    fn version_2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("short").to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, body].concat()
    }

    #[test]
    fn lines_of_version_1() {
        whole(b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n", from("192.0.2.7:49152"));
        whole(b"PROXY TCP6 2001:db8::7 2001:db8::1 1 993\r\n", from("[2001:db8::7]:1"));
        whole(b"PROXY UNKNOWN\r\n", None);
        whole(b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", None);
        for bad in [
            &b"PROXY TCP4 192.0.2.7 198.51.100.1 49152\r\n"[..],
            b"PROXY TCP4 2001:db8::7 2001:db8::1 1 993\r\n",
            b"PROXY TCP4 192.0.2.7 198.51.100.1 +1 25\r\n",
            b"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
            b"PROXY  TCP4 192.0.2.7 198.51.100.1 1 25\r\n",
            b"PROXY SCTP 192.0.2.7 198.51.100.1 1 25\r\n",
            &[b'x'; 200],
            &[&b"PROXY "[..], &[b'x'; 200]].concat(),
            b"EHLO x\r\n",
            b"\x16\x03\x01\x02\x00",
        ] {
            assert!(header(bad).is_err(), "{}", bad.escape_ascii());
        }
    }

    #[tokio::test]
    async fn what_follows_is_left_in_the_socket() {
        let line = b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n";
        for pieces in [vec![line.len()], vec![3, 20], vec![0, 44, 2]] {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
            let mut client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
            let (mut socket, _) = listener.accept().await.expect("accepted");
            client.set_nodelay(true).expect("set");
            let taken = tokio::spawn(async move { (take_header(&mut socket, Duration::from_secs(30)).await, socket) });
            let mut rest = &[&line[..], b"\x16\x03\x01hello"].concat()[..];
            for piece in pieces {
                let (now, later) = rest.split_at(piece);
                tokio::io::AsyncWriteExt::write_all(&mut client, now).await.expect("sent");
                tokio::task::yield_now().await;
                rest = later;
            }
            tokio::io::AsyncWriteExt::write_all(&mut client, rest).await.expect("sent");
            let (header, mut socket) = taken.await.expect("no panic");
            assert_eq!(header.expect("a header"), from("192.0.2.7:49152"));
            drop(client);
            let mut left = Vec::new();
            socket.read_to_end(&mut left).await.expect("read");
            assert_eq!(left, b"\x16\x03\x01hello");
        }
    }

    #[test]
    fn headers_of_version_2() {
        let four = [192, 0, 2, 7, 198, 51, 100, 1, 0xc0, 0, 0, 25];
        whole(&version_2(0x21, 0x11, &four), from("192.0.2.7:49152"));
        let with_tlv = [&four[..], &[0x04, 0, 1, b'x']].concat();
        whole(&version_2(0x21, 0x11, &with_tlv), from("192.0.2.7:49152"));
        let mut six = [0; 36];
        (six[15], six[31], six[33], six[35]) = (7, 1, 2, 25);
        whole(&version_2(0x21, 0x21, &six), from("[::7]:2"));
        whole(&version_2(0x20, 0, &[]), None);
        whole(&version_2(0x21, 0x31, &[0; 216]), None);
        for bad in [
            version_2(0x21, 0x11, &four[..11]),
            version_2(0x21, 0x12, &four),
            version_2(0x22, 0x11, &four),
            version_2(0x11, 0x11, &four),
            version_2(0x21, 0x11, &[0; MOST + 1]),
        ] {
            assert!(header(&bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_header_is_never_longer_than_what_came(begin in 0..4_usize, rest: Vec<u8>) {
            let begins = [&b""[..], b"PROXY ", b"PROXY TCP6 ::1 ::1 ", &SIGNATURE];
            let octets = [begins[begin], &rest].concat();
            if let Ok(Some((_, length))) = header(&octets) {
                prop_assert!(length <= octets.len() && header(&octets[..length]) == header(&octets));
            }
        }
    }
}
