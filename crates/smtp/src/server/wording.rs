//! The words of AUTH's replies. There is one place where they change, the last look at every step: who gives a reply
//! does not know how it is worded.

use super::replies;
use crate::Reply;

/// Which words AUTH's replies have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Those of the RFCs, with enhanced status codes in front.
    Rfc,
    /// Those of qmail-smtpd-auth 0.31, with qmail's codes behind, for programs and people who look for them.
    Qmail,
}

/// A reply, and how qmail says it.
type Row = (Reply, Reply);

/// qmail-smtpd-auth 0.31 has no words for a login in clear and for a sender who has to log in first; those are its
/// successors'. What it does not know at all keeps the words of the RFCs.
const QMAIL: [Row; 14] = [
    (replies::LOGGED_IN, Reply::bare(235, "ok, go ahead (#2.0.0)")),
    (replies::BAD_CREDENTIALS, Reply::bare(535, "authorization failed (#5.7.0)")),
    (replies::AUTH_TEMPORARY, Reply::bare(454, "oops, problem with child and I can't auth (#4.3.0)")),
    (replies::AUTH_THROTTLED, Reply::bare(454, "too many failed logins, try again later (#4.7.0)")),
    (replies::UNKNOWN_MECHANISM, Reply::bare(504, "auth type unimplemented (#5.5.1)")),
    (replies::AUTH_CANCELLED, Reply::bare(501, "auth exchange cancelled (#5.0.0)")),
    (replies::BAD_BASE64, MALFORMED),
    (replies::BAD_RESPONSE, MALFORMED),
    (replies::NO_MECHANISM, MALFORMED),
    (replies::AUTH_TWICE, Reply::bare(503, "you're already authenticated (#5.5.0)")),
    (replies::AUTH_IN_MAIL, Reply::bare(503, "no auth during mail transaction (#5.5.0)")),
    (replies::NO_AUTH, Reply::bare(503, "auth not available (#5.3.3)")),
    (replies::LOGIN_FIRST, Reply::bare(530, "Authorization required (#5.7.1)")),
    (replies::TLS_FIRST, Reply::bare(538, "auth not available without TLS (#5.3.3)")),
];

const MALFORMED: Reply = Reply::bare(501, "malformed auth input (#5.5.4)");

impl Wording {
    /// The reply in these words.
    pub(super) fn of(self, reply: Reply) -> Reply {
        match self {
            Self::Rfc => reply,
            Self::Qmail => QMAIL.into_iter().find(|(rfc, _)| is(&reply, rfc)).map_or(reply, |(_, qmail)| qmail),
        }
    }
}

/// Whether a reply is the one of the table, with more behind it or not.
fn is(reply: &Reply, rfc: &Reply) -> bool {
    (reply.code(), reply.status()) == (rfc.code(), rfc.status()) && reply.text().starts_with(rfc.text())
}
