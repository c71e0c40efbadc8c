//! From what was said, or went wrong, to what becomes of a recipient.

use queue::{Outcome, Remote};
use smtp::client::{Answer, OpeningError, Stage, Unsendable};
use smtp::{Class, Reply};
use trace::SessionId;

use crate::link::{Broken, Link};
use crate::mx::{Candidate, MxError};
use crate::route::Target;
use crate::trouble::Trouble;

/// Whose answer it is: with MX hosts the domain's own, with a route that of a smarthost which the operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Mx,
    Smarthost,
}

impl Peer {
    pub(crate) fn of(target: &Target) -> Self {
        match target {
            Target::Route(_) => Self::Smarthost,
            Target::Domain(_) => Self::Mx,
        }
    }
}

/// Temporary or permanent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Later,
    /// Later, and the operator must act.
    Configuration,
    Never,
}

/// Builds an outcome. `detail` is subject and detail of the status (RFC 3463): its class follows the verdict.
fn outcome(verdict: Verdict, detail: &str, reason: String, remote: Option<Remote>) -> Outcome {
    match verdict {
        Verdict::Never => Outcome::Failed { status: format!("5.{detail}"), reason, remote },
        _ => {
            let configuration = verdict == Verdict::Configuration;
            Outcome::Deferred { status: format!("4.{detail}"), reason, remote, configuration }
        }
    }
}

/// With the id of the session in which it came about, where it says why mail waits or comes back: `gatepost trace` tells the rest.
pub(crate) fn in_session(mut outcome: Outcome, session: SessionId) -> Outcome {
    if let Outcome::Deferred { reason, .. } | Outcome::Failed { reason, .. } = &mut outcome {
        reason.push_str(&format!(" [{session}]"));
    }
    outcome
}

/// The host and its whole reply (MISSION 001-12).
fn remote(host: &Candidate, reply: &Reply) -> Remote {
    Remote { host: host.to_string(), reply: words(reply) }
}

/// The reply as it came, code and status on each line.
fn words(reply: &Reply) -> String {
    let mut octets = Vec::new();
    reply.encode(&mut octets);
    String::from_utf8_lossy(&octets).trim_end().replace("\r\n", "\n")
}

/// Subject and detail of a reply; without any, `0.0` (RFC 3463 §2).
fn detail(reply: &Reply) -> String {
    reply.status().map_or("0.0".to_owned(), |status| format!("{}.{}", status.detail.subject, status.detail.detail))
}

/// The server answered.
pub(crate) fn of_answer(answer: &Answer, link: &Link, peer: Peer) -> Outcome {
    let (stage, reply) = (answer.stage, &answer.reply);
    if stage == Stage::Content && reply.class() == Class::Success {
        return Outcome::Delivered(format!("{} ({}): {reply}", link.candidate, link.protection()));
    }
    let (verdict, reason) = match (reply.class(), reply.code()) {
        // Not this message is at fault: the smarthost wants TLS (RFC 3207 §4), or a login that the route does not have or
        // that it has lost.
        (_, 530) if peer == Peer::Smarthost && reply.text().contains("STARTTLS") => {
            (Verdict::Configuration, format!("the smarthost demands TLS at {stage}: give the route tls = \"starttls\""))
        }
        (_, 530) if peer == Peer::Smarthost => (
            Verdict::Configuration,
            format!("the smarthost demands a login at {stage}: give the route `user` and `password_file`"),
        ),
        _ if is_too_many(answer) => (Verdict::Later, "too many recipients at once".to_owned()),
        (Class::Permanent, _) => (Verdict::Never, format!("refused at {stage}")),
        (Class::Transient, _) => (Verdict::Later, format!("deferred at {stage}")),
        _ => (Verdict::Later, format!("an answer to {stage} that means nothing there")),
    };
    outcome(verdict, &detail(reply), reason, Some(remote(&link.candidate, reply)))
}

/// RFC 5321 §4.5.3.1.10: 452 at RCPT, or the 552 of old servers, is about how many they are: the rest goes in another
/// transaction. Where RFC 3463 says what it is about, such as a full mailbox (§3.3) or disk (§3.4), it counts.
pub(crate) fn is_too_many(answer: &Answer) -> bool {
    let full = answer.reply.status().is_some_and(|status| matches!(status.detail.subject, 2 | 3));
    answer.stage == Stage::Recipient && matches!(answer.reply.code(), 452 | 552) && !full
}

/// The connection broke before the server answered.
pub(crate) fn of_broken(broken: &Broken, host: &Candidate) -> Outcome {
    let reason = format!("{host}: {} (waiting for the reply to {})", broken.error, broken.stage);
    outcome(Verdict::Later, "4.2", reason, None)
}

/// The server cannot have the message.
pub(crate) fn of_unsendable(unsendable: Unsendable, host: &Candidate) -> Outcome {
    let detail = match unsendable {
        // RFC 6152 §3 leaves converting or bouncing; RFC 3463 §3.7 has "conversion required but not supported".
        Unsendable::EightBit => "6.3",
        // RFC 6531 §3.5.
        Unsendable::Utf8 => "6.7",
        // RFC 1870 §6.2.
        Unsendable::TooLarge(_) => "3.4",
    };
    outcome(Verdict::Never, detail, format!("{host}: {unsendable}"), None)
}

/// There is no session with a host.
pub(crate) fn of_trouble(trouble: &Trouble, host: &Candidate, target: &Target) -> Outcome {
    let peer = Peer::of(target);
    let reply = trouble.reply();
    let permanent = reply.is_some_and(|reply| reply.class() == Class::Permanent);
    let verdict = match (trouble, peer) {
        // A smarthost that shuts the door to us says nothing about this message.
        (Trouble::Opening(OpeningError::Refused { .. }), Peer::Smarthost) if permanent => Verdict::Configuration,
        (Trouble::Opening(OpeningError::Refused { stage, .. }), Peer::Mx) if permanent && *stage != Stage::StartTls => {
            Verdict::Never
        }
        _ if trouble.is_configuration() => Verdict::Configuration,
        _ => Verdict::Later,
    };
    let detail =
        reply.and_then(Reply::status).map(|status| format!("{}.{}", status.detail.subject, status.detail.detail));
    let detail = detail.unwrap_or_else(|| trouble.status().to_owned());
    outcome(verdict, &detail, told(trouble, host, target), reply.map(|reply| remote(host, reply)))
}

/// In words, with the host, and of a login that failed with the user: whoever reads it sees the typo in the name (MISSION 002-17,
/// 002-25, 002-29).
pub(crate) fn told(trouble: &Trouble, host: &Candidate, target: &Target) -> String {
    let user = if let Target::Route(route) = target { route.user.as_deref() } else { None };
    match (trouble, user) {
        (Trouble::RefusedBefore(_) | Trouble::Opening(OpeningError::Login(_)), Some(user)) => {
            format!("{host}: as {user}: {trouble}")
        }
        _ => format!("{host}: {trouble}"),
    }
}

/// There is no host to try.
pub(crate) fn of_mx(error: &MxError, target: &Target) -> Outcome {
    let (verdict, detail) = match error {
        MxError::Temporary(_) => (Verdict::Later, "4.3"),
        // What the operator wrote into a route is not the sender's mistake.
        MxError::Loop if Peer::of(target) == Peer::Smarthost => (Verdict::Configuration, "4.6"),
        _ if Peer::of(target) == Peer::Smarthost => (Verdict::Configuration, "4.4"),
        // RFC 7505 §5.
        MxError::NullMx => (Verdict::Never, "1.10"),
        MxError::NoSuchDomain => (Verdict::Never, "1.2"),
        MxError::NoHost | MxError::Private => (Verdict::Never, "4.4"),
        MxError::Loop => (Verdict::Never, "4.6"),
    };
    outcome(verdict, detail, format!("{}: {error}", target.name()), None)
}
