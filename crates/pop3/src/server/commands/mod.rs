//! The table of commands: each has its own file, in two halves: may it be said now, and do it.

mod apop;
mod auth;
mod capa;
mod dele;
mod list;
mod noop;
mod pass;
mod quit;
mod retr;
mod rset;
mod stat;
mod stls;
mod top;
mod uidl;
mod user;

use sasl::{Early, Mechanism};

use super::state::State;
use super::{Ending, Maildrop, Session, Step, replies};
use crate::Reply;

/// One command.
struct Command {
    /// In upper case.
    verb: &'static [u8],
    /// Whether it may be said now, whatever its argument; the refusal if not.
    allowed: fn(&Session) -> Result<(), Reply>,
    /// Does it.
    run: fn(&mut Session, &[u8]) -> Step,
}

/// RFC 1939 §9, RFC 2449, RFC 2595, RFC 5034.
const COMMANDS: [Command; 15] = [
    Command { verb: b"CAPA", allowed: always, run: capa::run },
    Command { verb: b"STLS", allowed: stls::allowed, run: stls::run },
    Command { verb: b"AUTH", allowed: auth::allowed, run: auth::run },
    Command { verb: b"APOP", allowed: apop::allowed, run: apop::run },
    Command { verb: b"USER", allowed: user::allowed, run: user::run },
    Command { verb: b"PASS", allowed: user::allowed, run: pass::run },
    Command { verb: b"STAT", allowed: transaction, run: stat::run },
    Command { verb: b"LIST", allowed: transaction, run: list::run },
    Command { verb: b"UIDL", allowed: transaction, run: uidl::run },
    Command { verb: b"RETR", allowed: transaction, run: retr::run },
    Command { verb: b"TOP", allowed: transaction, run: top::run },
    Command { verb: b"DELE", allowed: transaction, run: dele::run },
    Command { verb: b"RSET", allowed: transaction, run: rset::run },
    Command { verb: b"NOOP", allowed: transaction, run: noop::run },
    Command { verb: b"QUIT", allowed: always, run: quit::run },
];

/// Those that log in.
const LOGINS: [&[u8]; 4] = [b"AUTH", b"APOP", b"USER", b"PASS"];

/// Finds the command and runs it, if it may be said now.
pub(super) fn run(session: &mut Session, verb: &[u8], argument: &[u8]) -> Step {
    let Some(command) = COMMANDS.iter().find(|command| command.verb.eq_ignore_ascii_case(verb)) else {
        return Step::Reply(replies::UNKNOWN_COMMAND);
    };
    match (command.allowed)(session) {
        Ok(()) => (command.run)(session, argument),
        // MISSION 003-15: a client must not get to send its password by the next mechanism.
        Err(reply) if session.cleartext_closes() && LOGINS.contains(&command.verb) => {
            Step::Close(Ending::Logins, reply)
        }
        Err(reply) => {
            if let Some((_, mechanism)) = NOT_OFFERED.iter().find(|(not_offered, _)| *not_offered == reply) {
                session.early = Some((Some(*mechanism), Early::NotOffered));
            }
            Step::Reply(reply)
        }
    }
}

/// What is said to a login that nobody could judge, and which that is: USER and PASS show what PLAIN shows.
const NOT_OFFERED: [(Reply, Mechanism); 2] =
    [(replies::NO_APOP, Mechanism::Apop), (replies::NO_PASSWORDS, Mechanism::Plain)];

fn always(_: &Session) -> Result<(), Reply> {
    Ok(())
}

/// RFC 1939 §4: before a login.
fn authorization(session: &Session) -> Result<(), Reply> {
    match session.state {
        State::Authorization(_) => Ok(()),
        _ => Err(replies::LOGGED_IN_ALREADY),
    }
}

/// RFC 1939 §5: after a login.
fn transaction(session: &Session) -> Result<(), Reply> {
    match session.state {
        State::Transaction(_) => Ok(()),
        _ => Err(replies::LOGIN_FIRST),
    }
}

/// Runs a command on the maildrop; its refusal is a reply too.
fn with_maildrop(session: &mut Session, run: impl FnOnce(&mut Maildrop) -> Result<Reply, Reply>) -> Step {
    match &mut session.state {
        State::Transaction(maildrop) => Step::Reply(run(maildrop).unwrap_or_else(|refusal| refusal)),
        _ => session.bug(),
    }
}

fn no_argument(argument: &[u8]) -> Result<(), Reply> {
    if argument.trim_ascii().is_empty() { Ok(()) } else { Err(replies::NO_ARGUMENT) }
}
