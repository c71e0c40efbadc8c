//! The table of commands: each has its own file, in two halves: may it be said now, and do it.

mod auth;
mod data;
mod hello;
mod help;
mod mail;
mod noop;
mod other;
mod quit;
mod rcpt;
mod rset;
mod starttls;
mod vrfy;
mod xclient;

pub(super) use hello::ehlo_name;

use sasl::Early;

use super::{Ending, Session, Step, replies};
use crate::Reply;

/// One command.
struct Command {
    /// In upper case.
    verb: &'static str,
    /// Whether it may be said now, whatever its argument; the refusal if not.
    allowed: fn(&Session) -> Result<(), Reply>,
    /// Does it.
    run: fn(&mut Session, &str) -> Step,
}

/// RFC 5321 §4.1.1, RFC 3207, RFC 4954, and XCLIENT.
const COMMANDS: [Command; 13] = [
    Command { verb: "EHLO", allowed: always, run: hello::ehlo },
    Command { verb: "HELO", allowed: always, run: hello::helo },
    Command { verb: "MAIL", allowed: mail::allowed, run: mail::run },
    Command { verb: "RCPT", allowed: rcpt::allowed, run: rcpt::run },
    Command { verb: "DATA", allowed: data::allowed, run: data::run },
    Command { verb: "RSET", allowed: always, run: rset::run },
    Command { verb: "NOOP", allowed: always, run: noop::run },
    Command { verb: "VRFY", allowed: always, run: vrfy::run },
    Command { verb: "HELP", allowed: always, run: help::run },
    Command { verb: "QUIT", allowed: always, run: quit::run },
    Command { verb: "AUTH", allowed: auth::allowed, run: auth::run },
    Command { verb: "STARTTLS", allowed: starttls::allowed, run: starttls::run },
    Command { verb: "XCLIENT", allowed: xclient::allowed, run: xclient::run },
];

/// Finds the command and runs it, if it may be said now.
pub(super) fn run(session: &mut Session, verb: &str, argument: &str) -> Step {
    let Some(command) = COMMANDS.iter().find(|command| command.verb.eq_ignore_ascii_case(verb)) else {
        return other::run(verb);
    };
    match (command.allowed)(session) {
        Ok(()) => (command.run)(session, argument),
        // MISSION 003-15: a client must not get to send its password by the next mechanism.
        Err(reply) if command.verb == "AUTH" && session.cleartext_closes() => Step::Close(Ending::Logins, reply),
        Err(reply) => {
            if reply == replies::NO_AUTH {
                session.early = Some((auth::named(argument), Early::NotOffered));
            }
            Step::Reply(reply)
        }
    }
}

/// RFC 5321 §4.1.4: may be said at any time.
fn always(_: &Session) -> Result<(), Reply> {
    Ok(())
}
