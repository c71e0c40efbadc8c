//! Stores that could not tell, which must never look like a wrong password (MISSION 002-09, 004-33).

use super::ended;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};
use crate::record::Login;

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "store-not-readable",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        // evidence: MISSION 002-09: the module's own words have EACCES.
        look: Look::Login(|login, _| temporary(login, &["permission denied", "os error 13"])),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "A store of accounts may not be read: {detail}",
        fix: &["Give the file and its folder to the user that the server runs as (chown, chmod).", "gatepost check"],
    },
    Cause {
        name: "store-away",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        // evidence: MISSION 004-33: a module's server does not answer, or its socket is gone.
        look: Look::Login(|login, _| {
            temporary(
                login,
                &[
                    "cannot connect to",
                    "refused",
                    "timed out",
                    "unreachable",
                    "not resolve",
                    "took longer",
                    "breaker",
                    "reset",
                ],
            )
        }),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "What {module} asks does not answer: {detail}",
        fix: &["Start it, or take the module out of auth.chain.", "Ask it now: gatepost auth modules"],
    },
    Cause {
        name: "store-missing",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        look: Look::Login(|login, _| temporary(login, &["there is no account store", "no such file", "os error 2)"])),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "A store of accounts is not there: {detail}",
        fix: &["Is its disk mounted? If there never was one: gatepost user add ADDRESS", "gatepost check"],
    },
    Cause {
        name: "store-trouble",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        look: Look::Login(|login, _| temporary(login, &[""])),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "A module could not tell: {detail}",
        fix: &["Mend what that line says.", "Ask the modules now: gatepost auth modules"],
    },
];

/// The words of the module that could not tell, if they have one of these.
fn temporary(login: &Login, any: &[&str]) -> Option<String> {
    ended(login, "temporary")?;
    let lines = login.modules.iter().flat_map(|module| &module.lines);
    [&login.why].into_iter().chain(lines).find_map(|line| having(line, any))
}
