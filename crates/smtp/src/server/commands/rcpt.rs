//! RCPT (RFC 5321 §4.1.1.3).

use crate::server::state::{Asked, State};
use crate::server::{Question, Session, Step, Transaction, replies};
use crate::{ForwardPath, PathError, Reply, forward_path, parameters, verb};

/// Inside a transaction that has room.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match &session.state {
        // RFC 5321 §4.5.3.1.10: 452, so that the rest is sent in another transaction.
        State::Mail(transaction) if transaction.accepted >= session.policy.limits.recipients => {
            Err(replies::TOO_MANY_RECIPIENTS)
        }
        State::Mail(_) => Ok(()),
        _ => Err(replies::MAIL_FIRST),
    }
}

/// Asks the host whose mail it is.
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    let State::Mail(transaction) = std::mem::replace(&mut session.state, State::Idle) else { return session.bug() };
    match read(session, &transaction, argument) {
        Ok(path) => {
            session.state = State::Asked(Asked::Recipient(transaction, path.clone()));
            Step::Ask(Question::Recipient(path))
        }
        Err(reply) => {
            session.state = State::Mail(transaction);
            Step::Reply(reply)
        }
    }
}

/// `"RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]`
fn read(session: &Session, transaction: &Transaction, argument: &str) -> Result<ForwardPath, Reply> {
    let rest = verb::strip_keyword(argument, "TO:").ok_or_else(|| replies::BAD_SYNTAX.and("RCPT TO:<address>"))?;
    let (path, words) = forward_path(rest, session.policy.grammar).map_err(|error| match error {
        PathError::Address(error) => replies::BAD_RECIPIENT.and(error),
        error => replies::BAD_SYNTAX.and(error),
    })?;
    if let Some(parameter) = parameters(words).next() {
        let parameter = parameter.map_err(|error| replies::BAD_PARAMETER.and(error))?;
        // No extension that is offered has a parameter for RCPT.
        return Err(replies::UNKNOWN_PARAMETER.and(parameter.keyword));
    }
    match &path {
        // RFC 6531 §3.5
        ForwardPath::Mailbox(address) if !address.is_ascii() && !transaction.smtputf8 => {
            Err(replies::NEEDS_SMTPUTF8.and(format_args!("<{address}>")))
        }
        _ => Ok(path),
    }
}
