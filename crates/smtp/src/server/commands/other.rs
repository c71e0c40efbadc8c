//! Words that are not in the table.

use crate::server::{Ending, Step, replies};

/// Commands of RFCs that are not offered here (RFC 5321 §3.5, RFC 3030, RFC 1985, RFC 821).
const NOT_OFFERED: [&str; 8] = ["EXPN", "BDAT", "ETRN", "ATRN", "TURN", "SEND", "SOML", "SAML"];

/// How a web browser or a confused proxy begins.
const HTTP: [&str; 5] = ["GET", "POST", "PUT", "HEAD", "CONNECT"];

/// 502 for what exists elsewhere, 500 for the rest (RFC 5321 §4.2.4). HTTP ends the session: a browser can be made to
/// carry SMTP commands in a form's body, and must not get as far as that.
pub(super) fn run(verb: &str) -> Step {
    let is = |known: &&str| known.eq_ignore_ascii_case(verb);
    if HTTP.iter().any(is) {
        return Step::Close(Ending::Commands, replies::NOT_HTTP);
    }
    Step::Reply(if NOT_OFFERED.iter().any(is) { replies::NOT_IMPLEMENTED } else { replies::UNKNOWN_COMMAND })
}
