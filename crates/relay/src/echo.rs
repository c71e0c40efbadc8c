//! What is secret, in the mouth of a server that repeats what it was sent: its replies go into records, the log, the queue, and
//! into bounces that others read.

use memchr::memmem;
use sasl::{Secret, wire};

/// What stands for it.
const MASK: &[u8] = b"[secret]";
/// Shorter ones are found in any text.
const SHORTEST: usize = 4;
/// A reply's code and what follows it are never part of an echo.
const CODE: usize = 4;

/// What must not be seen in a reply.
#[derive(Debug, Default)]
pub(crate) struct Echo(Vec<Secret>);

impl Echo {
    /// Hides a password or token, as it is and in base64.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        self.add(secret.expose());
        self.add(wire::encode(secret.expose()).trim_end_matches('=').as_bytes());
    }

    /// Hides a message of a mechanism as it was sent, and what it says.
    pub(crate) fn hide_sent(&mut self, message: &[u8]) {
        let message = message.trim_ascii();
        self.add(message);
        // A mechanism's message that is no base64 hides nothing.
        if let Ok(decoded) = wire::response(message) {
            self.add(&decoded);
        }
    }

    fn add(&mut self, octets: &[u8]) {
        if octets.len() >= SHORTEST {
            self.0.push(Secret::new(octets));
        }
    }

    /// Masks them in a line of a reply. A challenge (334) is for the mechanism, and is recorded masked as a whole.
    pub(crate) fn mask(&self, line: &mut Vec<u8>) {
        if line.starts_with(b"334") {
            return;
        }
        // The longest first: a password may be part of what was sent.
        let mut hidden: Vec<&[u8]> = self.0.iter().map(Secret::expose).collect();
        hidden.sort_by_key(|octets| std::cmp::Reverse(octets.len()));
        for octets in hidden {
            let mut from = CODE.min(line.len());
            while let Some(found) = memmem::find(line.get(from..).unwrap_or_default(), octets) {
                let at = from + found;
                line.splice(at..at + octets.len(), MASK.iter().copied());
                from = at + MASK.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(line: &str) -> String {
        let mut echo = Echo::default();
        echo.hide(&Secret::new("geheim"));
        echo.hide_sent(b"AGFsaWNlAGdlaGVpbQ==\r\n");
        echo.hide(&Secret::new("5"));
        let mut line = line.as_bytes().to_vec();
        echo.mask(&mut line);
        String::from_utf8(line).expect("UTF-8")
    }

    #[test]
    fn what_a_server_repeats_is_masked() {
        for (line, shown) in [
            ("535 5.7.8 you said geheim, geheim", "535 5.7.8 you said [secret], [secret]"),
            ("535 AUTH PLAIN AGFsaWNlAGdlaGVpbQ== is wrong", "535 AUTH PLAIN [secret] is wrong"),
            ("535 Z2VoZWlt is wrong", "535 [secret] is wrong"),
            ("535 that is \0alice\0geheim", "535 that is [secret]"),
            ("334 Z2VoZWlt", "334 Z2VoZWlt"),
            ("250 2.0.0 Ok", "250 2.0.0 Ok"),
            ("5", "5"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }
}
