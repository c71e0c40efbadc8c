//! Clients that say a few lines.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use harness::Gatepost;
use harness::dialogue::{Received, Tcp, Wire};

/// Says lines on a connection, and waits for the answer to each; all that was heard.
pub(crate) fn dialogue(mut wire: Tcp, lines: &[&str]) -> Vec<String> {
    let mut heard = receive(&mut wire);
    for line in lines {
        wire.send(format!("{line}\r\n").as_bytes());
        heard.extend(receive(&mut wire));
    }
    heard
}

/// One answer: up to a line that none of its kind follows.
fn receive(wire: &mut Tcp) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let Received::Line(line) = wire.receive_line() else { return heard };
        let more = line.get(3) == Some(&b'-') || line.starts_with(b"* CAP") || line.starts_with(b"* ID");
        heard.push(String::from_utf8(line).expect("UTF-8"));
        if !more {
            return heard;
        }
    }
}

/// A connection whose TLS begins at once.
pub(crate) fn tls(server: &Gatepost, standard: u16) -> Tcp {
    Tcp::connect_tls(server.port(standard), server.ca())
}

/// A connection in clear.
pub(crate) fn clear(server: &Gatepost, standard: u16) -> Tcp {
    Tcp::connect(server.port(standard), server.ca())
}

/// PLAIN's one message.
pub(crate) fn plain(user: &str, password: &str) -> String {
    BASE64.encode(format!("\0{user}\0{password}"))
}
