//! A client that talks line by line.

use harness::Gatepost;
use harness::dialogue::{Received, Tcp, Wire};

/// One connection.
pub(crate) struct Client(Tcp);

impl Client {
    /// Connects to a service in clear, named by its standard port.
    pub(crate) fn clear(server: &Gatepost, standard: u16) -> Self {
        Self(Tcp::connect(server.port(standard), server.ca()))
    }

    /// Connects to a service whose TLS begins at once.
    pub(crate) fn tls(server: &Gatepost, standard: u16) -> Self {
        Self(Tcp::connect_tls(server.port(standard), server.ca()))
    }

    /// The next line; empty when the server closed.
    pub(crate) fn line(&mut self) -> String {
        match self.0.receive_line() {
            Received::Line(line) => String::from_utf8(line).unwrap(),
            Received::Closed => String::new(),
            Received::Nothing => panic!("the server says nothing"),
        }
    }

    /// Sends a line, and returns the last line of the SMTP reply (or the only line of another protocol's).
    pub(crate) fn say(&mut self, line: &str) -> String {
        self.send(&format!("{line}\r\n"));
        loop {
            let line = self.line();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    /// Sends octets as they are.
    pub(crate) fn send(&mut self, text: &str) {
        self.0.send(text.as_bytes());
    }

    /// Opens an SMTP transaction up to the `354`.
    pub(crate) fn begin_message(&mut self, to: &str) {
        assert!(self.line().starts_with("220 "));
        for (command, code) in [
            ("EHLO client.example.org", "250 "),
            ("MAIL FROM:<eve@example.org>", "250 "),
            (&format!("RCPT TO:<{to}>"), "250 "),
            ("DATA", "354 "),
        ] {
            let reply = self.say(command);
            assert!(reply.starts_with(code), "{command}: {reply}");
        }
    }
}
