//! Mail that we did not take, and sessions that we did not want.

use super::{Cause, Look};
use crate::Outcome;

const GUESSING: [&str; 1] = ["Too many recipients who do not exist"];

/// The rows. The replies that are looked for are this server's own.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        name: "relaying-denied",
        symptom: "550 5.7.1 Relaying denied",
        look: Look::Session(|seen| seen.we_said(&["Relaying denied"])),
        happened: "Mail for a domain that is not of this server was refused: nobody was logged in.",
        why: "{detail}",
        fix: &[
            "A user's program must log in: port 587 or 465, with user name and password for sending, too.",
            "If the domain is yours, add it to `domains` in gatepost.toml; then: gatepost reload",
        ],
    },
    Cause {
        name: "login-wanted",
        symptom: "530 5.7.0 Authentication required",
        look: Look::Session(|seen| seen.we_said(&["530 5.7.0 Authentication required"])),
        happened: "The client wanted to send without a login.",
        why: "Many programs keep user name and password for sending apart from those for reading.",
        fix: &["Set user name and password for the outgoing server in the program."],
    },
    Cause {
        name: "no-such-user",
        symptom: "550 5.1.1 No such user here",
        // evidence: whoever names so many that he is thrown out has a row of his own.
        look: Look::Session(|seen| seen.we_said(&["No such user here"]).filter(|_| seen.we_said(&GUESSING).is_none())),
        happened: "Mail for somebody who is not here was refused.",
        why: "{detail}",
        fix: &["Compare with: gatepost user list", "and: gatepost alias list"],
    },
    Cause {
        name: "not-your-address",
        symptom: "550 5.7.1 Not one of your addresses",
        look: Look::Session(|seen| seen.we_said(&["Not one of your addresses"])),
        happened: "{user} wanted to send with a sender that belongs to somebody else.",
        why: "{detail}",
        fix: &["Correct the sender in the program, or make it the user's own: gatepost alias add ADDRESS {user}"],
    },
    Cause {
        name: "message-too-large",
        symptom: "552 5.3.4, [TOOBIG]",
        look: Look::Session(|seen| seen.we_said(&["552 5.3.4", "[TOOBIG]"])),
        happened: "A message was larger than this server takes.",
        why: "{detail}",
        fix: &["Send a link instead; or raise message_size under [limits] in gatepost.toml, then: gatepost reload"],
    },
    Cause {
        name: "mail-loop",
        symptom: "554 5.4.6 Too many hops",
        look: Look::Session(|seen| seen.we_said(&["5.4.6"])),
        happened: "A message is going round in circles, and was refused.",
        why: "More servers than smtp.max_hops had it already.",
        fix: &[
            "Look for an alias that leads back: gatepost alias list",
            "Is every domain whose MX this is in `domains`?",
        ],
    },
    Cause {
        name: "bare-line-ends",
        symptom: "550 5.6.11",
        look: Look::Session(|seen| seen.we_said(&["bare CR or LF", "Bare CR or LF"])),
        happened: "What came has line ends that are none in mail.",
        why: "A CR or LF alone can hide a second message in a first one; so it is refused.",
        fix: &["The program or script that sends must end its lines with CRLF."],
    },
    Cause {
        name: "too-many-sessions",
        symptom: "421, BYE [UNAVAILABLE]: too many connections",
        look: Look::Session(|seen| {
            (seen.is_inbound() && seen.record.outcome == Outcome::RefusedFull).then(String::new)
        }),
        happened: "The session was refused: there are too many already, of {peer} or in all.",
        why: "The limits are connections_per_ip and connections under [limits].",
        fix: &[
            "Who has them: gatepost trace list --ip {peer}",
            "Raise the limit in gatepost.toml, then: gatepost reload",
        ],
    },
    Cause {
        name: "server-going-down",
        symptom: "421 4.3.2, BYE: going down",
        look: Look::Session(|seen| {
            (seen.is_inbound() && seen.record.outcome == Outcome::ServerDraining).then(String::new)
        }),
        happened: "The server was being stopped or restarted.",
        why: "Sessions that run then are ended with a word about it.",
        fix: &["Nothing to do: clients come back by themselves."],
    },
    Cause {
        name: "client-silent",
        symptom: "\"closing the connection\" after a time",
        look: Look::Session(|seen| {
            (seen.is_inbound() && seen.record.outcome == Outcome::TimedOut).then(|| seen.record.why.to_string())
        }),
        happened: "Nothing came from the client for too long, and the session was ended.",
        why: "{detail}",
        fix: &["If it was asleep or off the net, nothing; a firewall that forgets connections does the same."],
    },
    Cause {
        name: "address-guessing",
        symptom: "421 4.7.0 Too many recipients who do not exist",
        look: Look::Session(|seen| seen.we_said(&GUESSING)),
        happened: "The client was thrown out: it asked for too many people who are not here.",
        why: "Most who do so guess addresses; so does a list that nobody has cleaned up.",
        fix: &[
            "For a sender of your own, raise unknown_recipients under [limits] in gatepost.toml; then: gatepost reload",
        ],
    },
    Cause {
        name: "too-many-errors",
        symptom: "421 4.7.0 Too many wrong commands",
        look: Look::Session(|seen| {
            let thrown_out = seen.is_inbound() && seen.record.outcome == Outcome::TooManyErrors;
            thrown_out.then(|| seen.record.why.to_string()).filter(|why| !why.contains("HTTP"))
        }),
        happened: "The client was thrown out: too much of what it said was wrong, or led to nothing.",
        why: "{detail}",
        fix: &[
            "Look at the last lines below: the program is broken, or looks for holes.",
            "The limits are bad_commands and commands_before_login under [limits].",
        ],
    },
    Cause {
        name: "our-fault",
        symptom: "421 4.3.0 Internal error",
        look: Look::Session(|seen| (seen.record.outcome == Outcome::Panicked).then(String::new)),
        happened: "A fault in Gatepost ended the session.",
        why: "That must not happen, whatever a client sends.",
        fix: &["Please report it, with what this command prints."],
    },
];
