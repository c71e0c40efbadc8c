//! Mechanisms that are not offered or cannot succeed, and clients that find none (MISSION 000-09, 003-12).

use super::ended;
use crate::causes::seen::Seen;
use crate::causes::{Cause, Look};
use crate::record::Protocol;

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "mechanism-not-offered",
        symptom: "504, \"not offered here\", \"no secure authentication method\"",
        // evidence: refused before anything was looked at.
        look: Look::Login(|login, _| {
            ended(login, "mechanism not possible").filter(|_| login.why.contains("not offered"))
        }),
        happened: "The client tried to log in by {mechanism}, which is not offered here.",
        why: "A mechanism is offered only where the accounts keep what it takes, and no password in clear.",
        fix: &[
            "Set the program to \"normal password\" (PLAIN) with TLS.",
            "Why it is not offered, by listener: gatepost check",
        ],
    },
    Cause {
        name: "mechanism-not-possible",
        symptom: "a right password is refused by one mechanism, and taken by another",
        look: Look::Login(|login, _| ended(login, "mechanism not possible")),
        happened: "{user} could not log in by {mechanism}.",
        why: "What is kept of this account cannot verify {mechanism}: that takes another stored form of the password.",
        fix: &[
            "Set the program to \"normal password\" (PLAIN) with TLS; such a login also adds SCRAM keys to an account of ours.",
            "What is kept, module by module: gatepost auth modules",
        ],
    },
    Cause {
        name: "password-in-clear",
        symptom: "530 Must issue a STARTTLS command first, [PRIVACYREQUIRED], \"TLS required to log in\"",
        look: Look::Login(|login, _| ended(login, "cleartext refused")),
        happened: "The client tried to log in without TLS, and was refused; nothing was looked at.",
        why: "auth.require_tls is true. A password that came with it has crossed the net in clear: whoever listened knows it.",
        fix: &[
            "Switch TLS on in the program: STARTTLS with ports 587, 143, 110; SSL/TLS with 465, 993, 995.",
            "Whose password is known to others now: gatepost auth exposed",
        ],
    },
    Cause {
        name: "no-login-before-tls",
        symptom: "\"the server offers no login\", \"no secure authentication method\"",
        // evidence: the client asked what there is, in clear, and left without a complaint.
        look: Look::Session(|seen| gave_up(seen).filter(|_| seen.in_clear())),
        happened: "The client looked at what is offered, and left without a login.",
        why: "It spoke without TLS, and before TLS no login is offered, so that no password crosses the net in clear.",
        fix: &[
            "Switch TLS on in the program: STARTTLS with ports 587, 143, 110; SSL/TLS with 465, 993, 995.",
            "If STARTTLS was not offered below, the server has no certificate: gatepost check",
        ],
    },
    Cause {
        name: "no-common-mechanism",
        symptom: "\"no secure authentication method\", \"no mechanism available\"",
        look: Look::Session(|seen| gave_up(seen).filter(|_| !seen.in_clear())),
        happened: "The client looked at what is offered, and left without a login.",
        why: "It may want a mechanism that is not among those below, such as CRAM-MD5, or have no user name set.",
        fix: &[
            "Set the program to \"normal password\" (PLAIN), and see that a user name is there.",
            "Why a mechanism is not offered: gatepost check",
        ],
    },
];

/// It was told what is offered, came to nothing, and nobody said no.
fn gave_up(seen: &Seen<'_>) -> Option<String> {
    let record = seen.record;
    // On port 25 other servers come and look.
    let for_people = record.protocol != Protocol::Smtp || &*record.service != "smtp";
    let quiet =
        record.came_to_nothing() && record.logins.is_empty() && record.refusals == 0 && !record.outcome.is_bad();
    let asked = |line: &String| {
        let upper = line.to_ascii_uppercase();
        ["EHLO ", "CAPA"].iter().any(|verb| upper.starts_with(verb)) || upper.ends_with(" CAPABILITY")
    };
    let ended = record.ended.is_some();
    (seen.is_inbound() && for_people && quiet && ended && seen.commands().any(|line| asked(&line))).then(String::new)
}
