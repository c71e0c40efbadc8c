//! What a message needs from the server that takes it.

use message::Address;
use queue::Envelope;
use smtp::client::Needs;

/// Needs that do not depend on the recipients: 8BITMIME for an octet above 127 anywhere; SMTPUTF8 where it was asked for
/// and the header or the reverse-path is not ASCII. Neither is taken on the sender's word: `BODY=8BITMIME` on pure ASCII
/// would bounce at old servers for nothing (RFC 6152 §3, RFC 6531 §3.2).
pub(crate) fn needs(envelope: &Envelope, body: &[u8]) -> Needs {
    let eight_bit = !body.is_ascii();
    let sender = envelope.reverse_path.as_ref().is_some_and(has_utf8_local);
    Needs { eight_bit, smtputf8: sender || (envelope.smtputf8 && eight_bit && !header(body).is_ascii()) }
}

/// A local part that is not ASCII has no other spelling; a domain has (RFC 6531 §3.2).
pub(crate) fn has_utf8_local(address: &Address) -> bool {
    !address.local().is_ascii()
}

fn header(body: &[u8]) -> &[u8] {
    let end = body.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(body.len());
    body.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use queue::{Body8, Recipient};

    use super::*;

    fn of(sender: &str, smtputf8: bool, body: &str) -> (bool, bool) {
        let address = |text: &str| Address::parse(text).expect(text);
        let envelope = Envelope {
            reverse_path: Some(address(sender)),
            recipients: vec![Recipient { address: address("b@x.example"), original: None }],
            body: Body8::SevenBit,
            smtputf8,
            authenticated: None,
            session: String::new(),
        };
        let needs = needs(&envelope, body.as_bytes());
        (needs.eight_bit, needs.smtputf8)
    }

    #[test]
    fn what_is_there_counts() {
        assert_eq!(of("a@x.example", true, "Subject: a\r\n\r\nb"), (false, false));
        assert_eq!(of("a@x.example", true, "Subject: a\r\n\r\nbü"), (true, false));
        assert_eq!(of("a@x.example", true, "Subject: ü\r\n\r\nb"), (true, true));
        assert_eq!(of("a@x.example", false, "Subject: ü\r\n\r\nb"), (true, false));
        assert_eq!(of("ü@x.example", true, "Subject: a\r\n\r\nb"), (false, true));
        assert_eq!(of("a@bücher.example", true, "Subject: a\r\n\r\nb"), (false, false));
    }
}
