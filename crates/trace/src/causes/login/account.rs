//! Names, passwords, tokens and accounts that are refused (MISSION 000-09, 002-25: clients are told the same for most of these).

use super::ended;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};
use crate::record::Login;

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
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
];

/// What the last module had against a token.
fn refused_token(login: &Login) -> Option<String> {
    ended(login, "wrong password")?;
    login.mechanism.as_deref().filter(|name| matches!(*name, "OAUTHBEARER" | "XOAUTH2"))?;
    let lines = login.modules.last()?.lines.iter();
    let said = lines.rev().find(|line| !line.starts_with("REJECT"));
    Some(said.map_or_else(String::new, ToString::to_string))
}
