//! Logins that failed (MISSION 000-09, 002-09, 002-25, 002-31, 003-12, 004-33: clients are told the same for most of these).

use super::seen::{Seen, having};
use super::{Cause, Look};
use crate::record::{Login, Protocol};

/// The rows.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        name: "other-identity",
        symptom: "a right password is refused",
        look: Look::Login(|login, _| ended(login, "disabled").filter(|_| login.why.contains("act for somebody else"))),
        happened: "{user} could not log in: the client asked to act for somebody else.",
        why: "It sent an \"authorization identity\" that is not the account's own.",
        fix: &["Leave that field empty in the mail program (\"login as\", \"authorization identity\", authzid)."],
    },
    Cause {
        name: "token-not-yet-good",
        symptom: "sign-in with the browser works, and the login is refused",
        // evidence: the token's nbf is after the time here.
        look: Look::Login(|login, _| refused_token(login).and_then(|line| having(&line, &["not good yet"]))),
        happened: "{user} could not log in: for this host's clock, the token is not good yet.",
        why: "Mostly this host's clock, or the issuer's, is off.",
        fix: &["timedatectl"],
    },
    Cause {
        name: "token-refused",
        symptom: "sign-in with the browser works, and the login is refused",
        look: Look::Login(|login, _| refused_token(login)),
        happened: "{user} could not log in by {mechanism}: the token was refused.",
        why: "{detail}",
        fix: &[
            "Sign in again in the mail program.",
            "If it happens to everybody, compare with [auth.oauth] in gatepost.toml.",
        ],
    },
    Cause {
        name: "wrong-password",
        symptom: "535, NO [AUTHENTICATIONFAILED], -ERR [AUTH]: login failed",
        // evidence: the chain's result.
        look: Look::Login(|login, _| ended(login, "wrong password")),
        happened: "{user} could not log in: the password is wrong.",
        why: "The name is known ({module}), and the password that came is not the one that is kept.",
        fix: &[
            "Look for an old password in this user's programs; the one that failed is at {peer}.",
            "A new one: gatepost user passwd {user}",
        ],
    },
    Cause {
        name: "no-domain-in-name",
        symptom: "login failed, with a name that has no domain",
        // evidence: unknown, no @ in the name, and no default domain that would have been added.
        look: Look::Login(|login, seen| {
            let bare = !login.identity.contains('@') && !login.identity.is_empty();
            ended(login, "unknown user").filter(|_| bare && seen.facts.default_domain.is_none())
        }),
        happened: "{user} could not log in: nobody has this name.",
        why: "It has no domain: the login name is the whole address, and auth.default_domain is not set.",
        fix: &[
            "Write the whole address into the mail program.",
            "Or add the domain for everybody, in gatepost.toml under [auth]: default_domain = \"example.org\"",
        ],
    },
    Cause {
        name: "foreign-domain",
        symptom: "login failed, with a misspelt domain",
        // evidence: unknown, and its domain is none of ours (MISSION 002-25: test@doiain.de).
        look: Look::Login(|login, seen| {
            let (_, domain) = login.identity.rsplit_once('@')?;
            let ours = |own: &String| own.eq_ignore_ascii_case(domain);
            let known = seen.facts.domains.is_empty() || seen.facts.domains.iter().any(ours);
            ended(login, "unknown user").filter(|_| !known).map(|_| domain.to_owned())
        }),
        happened: "{user} could not log in: nobody has this name.",
        why: "Its domain, {detail}, is none of this server's.",
        fix: &["Compare the name letter by letter with: gatepost user list", "A new account: gatepost user add {user}"],
    },
    Cause {
        name: "unknown-user",
        symptom: "535, NO [AUTHENTICATIONFAILED], -ERR [AUTH]: login failed",
        look: Look::Login(|login, _| ended(login, "unknown user")),
        happened: "{user} could not log in: nobody has this name.",
        why: "No module of the chain knows it.",
        fix: &["Compare the name letter by letter with: gatepost user list", "A new account: gatepost user add {user}"],
    },
    Cause {
        name: "disabled",
        symptom: "a right password is refused, in all programs or in some",
        look: Look::Login(|login, _| ended(login, "disabled")),
        happened: "{user} could not log in, although the password is right.",
        why: "The account is switched off, or may not use this service ({module}).",
        fix: &[
            "See what it may: gatepost user list",
            "Allow the service: gatepost user allow {user} {service}",
            "Switch it on: gatepost user enable {user}",
        ],
    },
    Cause {
        name: "expired",
        symptom: "a password that worked is refused",
        look: Look::Login(|login, _| ended(login, "expired")),
        happened: "{user} could not log in, although the password is right.",
        why: "The account, its password or its token is past its time ({module}).",
        fix: &[
            "Set a later date or a new password where {module} keeps them; a token: sign in again in the program.",
            "Is this host's clock right? timedatectl",
        ],
    },
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
        name: "throttled",
        symptom: "454, [LIMIT], [SYS/TEMP] too many failed logins",
        look: Look::Login(|login, _| ended(login, "throttled")),
        happened: "{user} could not log in: there were too many failures before. The password was not looked at.",
        why: "This address, or this account from strange addresses, failed too often within limits.auth_failure_window.",
        fix: &[
            "Find the program with the old password: gatepost auth log --failed --ip {peer}",
            "Then wait; where many share one address, raise limits.auth_failures_per_ip.",
        ],
    },
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
        name: "store-missing",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        look: Look::Login(|login, _| temporary(login, &["there is no account store", "no such file", "os error 2)"])),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "A store of accounts is not there: {detail}",
        fix: &["Is its disk mounted? If there never was one: gatepost user add ADDRESS", "gatepost check"],
    },
    Cause {
        name: "store-away",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        // evidence: MISSION 004-33: a module's server does not answer.
        look: Look::Login(|login, _| {
            temporary(login, &["refused", "timed out", "unreachable", "not resolve", "took longer", "breaker", "reset"])
        }),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "What {module} asks does not answer: {detail}",
        fix: &["Start it, or take the module out of auth.chain.", "Ask it now: gatepost auth modules"],
    },
    Cause {
        name: "store-trouble",
        symptom: "454 4.7.0, [UNAVAILABLE], [SYS/TEMP]: a right password is not judged",
        look: Look::Login(|login, _| temporary(login, &[""])),
        happened: "{user} could not log in; whether the password is right could not be told.",
        why: "A module could not tell: {detail}",
        fix: &["Mend what that line says.", "Ask the modules now: gatepost auth modules"],
    },
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
    Cause {
        name: "keys-not-readable",
        symptom: "a temporary answer to SCRAM",
        look: Look::Session(|seen| {
            seen.notes().find(|note| note.contains("could not be looked up")).map(str::to_owned)
        }),
        happened: "A login by SCRAM could not be judged.",
        why: "What it takes of the account could not be read: {detail}",
        fix: &["Mend what that line says.", "Ask the modules now: gatepost auth modules"],
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

/// A login that ended so.
fn ended(login: &Login, outcome: &str) -> Option<String> {
    (&*login.outcome == outcome).then(|| login.why.to_string())
}

/// What the last module had against a token.
fn refused_token(login: &Login) -> Option<String> {
    ended(login, "wrong password")?;
    login.mechanism.as_deref().filter(|name| matches!(*name, "OAUTHBEARER" | "XOAUTH2"))?;
    let lines = login.modules.last()?.lines.iter();
    let said = lines.rev().find(|line| !line.starts_with("REJECT"));
    Some(said.map_or_else(String::new, ToString::to_string))
}

/// The words of the module that could not tell, if they have one of these.
fn temporary(login: &Login, any: &[&str]) -> Option<String> {
    ended(login, "temporary")?;
    let lines = login.modules.iter().flat_map(|module| &module.lines);
    [&login.why].into_iter().chain(lines).find_map(|line| having(line, any))
}

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
