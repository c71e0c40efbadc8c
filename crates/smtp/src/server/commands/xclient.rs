//! XCLIENT (Postfix' `XCLIENT_README`): a proxy that is trusted says for whom it speaks.

use std::net::IpAddr;

use crate::server::state::State;
use crate::server::{Session, Speaker, Step, replies};
use crate::{Reply, xtext};

/// Its attributes, as EHLO offers them.
pub(super) const ATTRIBUTES: &str = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

/// To those whom the host trusts; between transactions.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match session.state {
        _ if !session.policy.xclient => Err(replies::NOT_A_PROXY),
        State::Idle => Ok(()),
        _ => Err(replies::XCLIENT_IN_MAIL),
    }
}

/// The session begins anew, as that of somebody else.
pub(super) fn run(_: &mut Session, argument: &str) -> Step {
    let mut speaker = Speaker::default();
    let mut attributes = argument.split(' ').filter(|word| !word.is_empty()).peekable();
    if attributes.peek().is_none() {
        return Step::Reply(replies::NO_XCLIENT);
    }
    for attribute in attributes {
        if read(attribute, &mut speaker).is_none() {
            return Step::Reply(replies::BAD_XCLIENT.and(attribute));
        }
    }
    Step::SpeaksFor(Box::new(speaker))
}

/// `attribute-name "=" attribute-value`, the value in xtext. `None`: it cannot be read.
fn read(attribute: &str, speaker: &mut Speaker) -> Option<()> {
    let (name, value) = attribute.split_once('=')?;
    let value = String::from_utf8(xtext::decode(value)?).ok()?;
    let known = !matches!(value.to_ascii_uppercase().as_str(), "[UNAVAILABLE]" | "[TEMPUNAVAIL]");
    match (name.to_ascii_uppercase().as_str(), known) {
        ("ADDR", true) => speaker.address = Some(address(&value)?),
        ("PORT", true) => speaker.port = Some(value.parse().ok()?),
        ("HELO", true) => speaker.helo = Some(value),
        ("LOGIN", true) => speaker.login = Some(value),
        // Nothing here goes by the name that somebody's DNS has for an address, nor by how the client came to the proxy.
        ("NAME" | "PROTO" | "DESTADDR" | "DESTPORT", _) | ("ADDR" | "PORT" | "HELO" | "LOGIN", false) => {}
        _ => return None,
    }
    Some(())
}

/// `ADDR`: IPv6 with a prefix, or as some send it without.
fn address(text: &str) -> Option<IpAddr> {
    let prefixed = text.split_at_checked(5).filter(|(prefix, _)| prefix.eq_ignore_ascii_case("IPV6:"));
    prefixed.map_or(text, |(_, address)| address).parse().ok()
}
