//! Logins at other servers (MISSION 001-03, 001-12, 001-14, 001-16, 002-17).

use super::RETRY;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "relay-other-mechanism",
        symptom: "mail waits with 4.7.4",
        // evidence: MISSION 001-16: the list is in the words.
        look: Look::Reason(|reason| having(reason, &["no mechanism that can be used"])),
        happened: "The other server wants a login by a mechanism that is not possible here.",
        why: "{detail}",
        fix: &[
            "If it offers XOAUTH2 or OAUTHBEARER alone, the route wants `token_file` instead of `password_file`.",
            RETRY,
        ],
    },
    Cause {
        name: "relay-user-misspelt",
        symptom: "\"this needs your hand\": a route's login fails",
        // evidence: MISSION 002-29: `kunde081%@domaOn.de`; the user stands in the reason.
        look: Look::Reason(|reason| refused_user(reason).filter(|user| is_odd(user)).map(str::to_owned)),
        happened: "The other server refused this server's login as {detail}.",
        why: "Most providers want a whole address of letters, digits and . _ + -, which this is not; it may be misspelt.",
        fix: &[
            "Compare `user` of the route letter by letter with what the provider wrote; then: gatepost reload",
            "If it is right, the password is wrong: the route's `password_file`.",
            RETRY,
        ],
    },
    Cause {
        name: "relay-wrong-credentials",
        symptom: "\"this needs your hand\": a route's login fails",
        look: Look::Reason(|reason| having(reason, &["the login was refused", "535 5.7.8", "535 authentication"])),
        happened: "The other server refused this server's login.",
        why: "User or password of the route are wrong there, whatever it says: {detail}",
        fix: &["Correct `user` (then: gatepost reload) or the route's `password_file`.", RETRY],
    },
    Cause {
        name: "relay-login-later",
        symptom: "mail waits with 4.7.0",
        look: Look::Reason(|reason| having(reason, &["could not check the login now"])),
        happened: "The other server could not check this server's login now.",
        why: "That is its own trouble.",
        fix: &["Nothing to do: mail is tried again by itself."],
    },
    Cause {
        name: "relay-wants-login",
        symptom: "530 5.7.0 Authentication required",
        // evidence: MISSION 001-12.
        look: Look::Reason(|reason| {
            having(reason, &["530 5.7.0", "530 authentication", "authentication required", "demands a login"])
        }),
        happened: "The other server takes mail only after a login.",
        why: "{detail}",
        fix: &["Give the route `user` and `password_file`.", RETRY],
    },
    Cause {
        name: "relay-other-user",
        symptom: "553 5.7.1 Sender address rejected: not owned by user",
        // evidence: the words of Postfix, Exchange and ourselves for a sender that is not the user's.
        look: Look::Reason(|reason| {
            let words = ["not owned by", "sendasdenied", "not allowed to send as", "not one of your addresses"];
            having(reason, &words)
        }),
        happened: "The other server takes this sender from another user only.",
        why: "{detail}",
        fix: &[
            "Give the route the `user` that the sender's address belongs to, or let the provider add the address.",
            RETRY,
        ],
    },
    Cause {
        name: "relay-file",
        symptom: "mail waits with 4.3.5",
        // evidence: the words for `password_file`, `token_file` and `ca_file`.
        look: Look::Reason(|reason| {
            let password = ["others than its owner may read it", "its first line is empty", "cannot be read: "];
            having(reason, &password).or_else(|| having(reason, &[": authorities: "]))
        }),
        happened: "A file of the route cannot be used.",
        why: "{detail}",
        fix: &["Mend it, and let it belong to the server's user alone (chmod 600).", RETRY],
    },
];

/// Whose login was refused.
fn refused_user(reason: &str) -> Option<&str> {
    let (before, _) = reason.split_once(": the login was refused")?;
    before.rsplit_once(": as ").map(|(_, user)| user)
}

/// No address, or with letters that hardly any has.
fn is_odd(user: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    user.matches('@').count() != 1 || !user.chars().all(usual)
}
