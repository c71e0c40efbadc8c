//! Logins that broke off in the middle or could not be read (MISSION 002-31).

use super::ended;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "login-cancelled",
        symptom: "501, \"cancelled\": the program stops in the middle",
        look: Look::Login(|login, _| ended(login, "aborted").filter(|_| login.why.contains("cancelled"))),
        happened: "The client cancelled the login by {mechanism} in the middle.",
        why: "It sent \"*\". Programs do so where they cannot answer the challenge: no password is set, or the server's \
              proof did not convince them.",
        fix: &["Is a password set in the program? If so, choose another mechanism there."],
    },
    Cause {
        name: "login-left",
        symptom: "the program hangs or closes at the login",
        look: Look::Login(|login, _| ended(login, "aborted")),
        happened: "The client left in the middle of the login by {mechanism}.",
        why: "It closed, or nothing came any more, before it had sent its credentials.",
        fix: &["Is a password set in the program, and does it know {mechanism}? Look at the last lines below."],
    },
    Cause {
        name: "malformed-login",
        symptom: "501, BAD, \"Malformed login\"",
        // evidence: MISSION 002-31: "Tippfehler bei den Base64-kodierten Zugangsdaten".
        look: Look::Login(|login, _| ended(login, "bad exchange").and_then(|_| having(&login.why, &["base64"]))),
        happened: "The login by {mechanism} could not be read: {detail}.",
        why: "What came is not base64: mostly it was encoded by hand, with a letter too much, or not at all.",
        fix: &["Encode anew, without a line end in it: printf '\\0USER\\0PASSWORD' | base64 -w0"],
    },
    Cause {
        name: "broken-login",
        symptom: "501, BAD, \"Malformed login\"",
        look: Look::Login(|login, _| ended(login, "bad exchange").map(|_| login.why.to_string())),
        happened: "The login by {mechanism} could not be read: {detail}.",
        why: "It is base64, but not what {mechanism} says in this place.",
        fix: &["Update the program, or choose another mechanism there (\"normal password\" with TLS)."],
    },
];
