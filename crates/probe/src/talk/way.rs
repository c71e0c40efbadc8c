//! Which way to log in: the one that was named, or the best one of those that are offered.

use sasl::Mechanism;

use super::NoLogin;
use crate::login::{Way, timestamp};
use crate::session::Session;
use crate::target::Family;

/// Chooses.
pub(super) fn choose(name: Option<&str>, session: &Session, family: Family) -> Result<Way, NoLogin> {
    match name {
        Some(name) => named(&name.to_ascii_lowercase(), session, family),
        None => best(session, family),
    }
}

fn named(name: &str, session: &Session, family: Family) -> Result<Way, NoLogin> {
    let offers_login = || session.capabilities.known().contains(&Mechanism::Login);
    match (name, family) {
        ("apop", Family::Pop3) => return Ok(Way::Apop),
        ("user" | "pass" | "user-pass", Family::Pop3) => return Ok(Way::User),
        ("login-command", Family::Imap) => return Ok(Way::Login),
        // The command, where there is no mechanism of this name.
        ("login", Family::Imap) if !offers_login() => return Ok(Way::Login),
        _ => {}
    }
    let mechanism = Mechanism::from_name(name).map(|mechanism| by(mechanism, session, family));
    mechanism.ok_or_else(|| NoLogin::Unknown(name.to_owned(), names(family)))
}

/// The strongest mechanism that takes a password, then what the protocol has of its own.
fn best(session: &Session, family: Family) -> Result<Way, NoLogin> {
    let bound = session.dialogue.connection().tls().is_some_and(|tls| tls.exporter.is_some());
    let token =
        |mechanism: Mechanism| matches!(mechanism, Mechanism::XOAuth2 | Mechanism::OAuthBearer | Mechanism::External);
    let known = session.capabilities.known();
    let good = known.into_iter().filter(|mechanism| !token(*mechanism) && (bound || !mechanism.is_plus()));
    if let Some(mechanism) = good.max() {
        return Ok(by(mechanism, session, family));
    }
    match family {
        Family::Imap if !session.capabilities.has("LOGINDISABLED") => Ok(Way::Login),
        Family::Pop3 if session.greeting.lines.first().is_some_and(|line| timestamp(line).is_some()) => Ok(Way::Apop),
        Family::Pop3 => Ok(Way::User),
        _ if session.dialogue.connection().tls().is_none() && session.capabilities.has("STARTTLS") => {
            Err(NoLogin::NothingOffered(" in clear; it may inside TLS: .starttls"))
        }
        _ => Err(NoLogin::NothingOffered("")),
    }
}

/// With an initial response, where the protocol allows one: in SMTP (RFC 4954 §4) and POP3 (RFC 5034 §4) always, in IMAP with
/// SASL-IR (RFC 4959). A token may be longer than a command line.
pub(crate) fn by(mechanism: Mechanism, session: &Session, family: Family) -> Way {
    use Mechanism::{CramMd5, Login, OAuthBearer, XOAuth2};
    let first = !matches!(mechanism, Login | CramMd5 | XOAuth2 | OAuthBearer);
    let allowed = family != Family::Imap || session.capabilities.has("SASL-IR");
    if first && allowed { Way::Initial(mechanism) } else { Way::Plain(mechanism) }
}

/// The names of all ways.
fn names(family: Family) -> String {
    let mechanisms = Mechanism::sasl(&Mechanism::ALL);
    let own: &[&str] = match family {
        Family::Smtp => &[],
        Family::Imap => &["login-command"],
        Family::Pop3 => &["apop", "user"],
    };
    let all: Vec<String> = mechanisms.map(|mechanism| mechanism.name().to_ascii_lowercase()).collect();
    all.iter().map(String::as_str).chain(own.iter().copied()).collect::<Vec<_>>().join(", ")
}

/// Whether this is the name of a way to log in, with some protocol.
pub fn is_way(name: &str) -> bool {
    let own = ["apop", "user", "pass", "user-pass", "login-command"];
    Mechanism::from_name(name).is_some() || own.iter().any(|way| way.eq_ignore_ascii_case(name))
}
