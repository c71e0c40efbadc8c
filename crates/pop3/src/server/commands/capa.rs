//! CAPA (RFC 2449 §5).

use sasl::Mechanism;

use super::no_argument;
use crate::server::{Session, Step, Tls, replies};

/// Every line is computed from what this session accepts now; only TLS changes it (RFC 2449 §5 wants the same list
/// before and after a login).
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    if let Err(refusal) = no_argument(argument) {
        return Step::Reply(refusal);
    }
    let mut lines = String::from("TOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE NEVER\r\n");
    if session.tls == Tls::Offered {
        lines.push_str("STLS\r\n");
    }
    if session.takes_passwords() {
        lines.push_str("USER\r\n");
    }
    let names: Vec<_> = Mechanism::sasl(&session.mechanisms).map(Mechanism::name).collect();
    if !names.is_empty() && !session.needs_tls() {
        lines.extend(["SASL ", names.join(" ").as_str(), "\r\n"]);
    }
    lines.push_str("IMPLEMENTATION Gatepost\r\n");
    Step::Reply(replies::CAPABILITIES.with_lines(lines))
}
