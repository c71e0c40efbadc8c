//! MAIL (RFC 5321 §4.1.1.2).

use crate::server::state::{Asked, State};
use crate::server::{Body, Question, Role, Session, Step, Transaction, replies};
use crate::{Parameter, PathError, Reply, parameters, reverse_path, verb, xtext};

/// After a greeting, outside a transaction, and on a submission port after a login (RFC 6409 §4.3).
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match session.state {
        _ if session.policy.role == Role::Submission && session.login.is_none() => Err(session.login_first()),
        _ if session.hello.is_none() => Err(replies::HELLO_FIRST),
        State::Mail(_) => Err(replies::MAIL_TWICE),
        _ => Ok(()),
    }
}

/// Begins a transaction, once the host has agreed to the sender.
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    match read(session, argument) {
        Ok(transaction) => ask(session, Box::new(transaction)),
        Err(reply) => Step::Reply(reply),
    }
}

/// Who is not logged in may name any sender: the recipients are ours, or there are none. The null path is for
/// bounces, and nobody's.
fn ask(session: &mut Session, transaction: Box<Transaction>) -> Step {
    match &transaction.reverse_path {
        Some(sender) if session.login.is_some() => {
            let question = Question::Sender(sender.clone());
            session.state = State::Asked(Asked::Sender(transaction));
            Step::Ask(question)
        }
        _ => session.begin(transaction),
    }
}

/// `"MAIL FROM:" Reverse-path [SP Mail-parameters]`
fn read(session: &Session, argument: &str) -> Result<Transaction, Reply> {
    let rest = verb::strip_keyword(argument, "FROM:").ok_or_else(|| replies::BAD_SYNTAX.and("MAIL FROM:<address>"))?;
    let (reverse_path, words) = reverse_path(rest, session.policy.grammar).map_err(|error| match error {
        PathError::Address(error) => replies::BAD_SENDER.and(error),
        error => replies::BAD_SYNTAX.and(error),
    })?;
    let mut transaction = Transaction {
        reverse_path,
        body: Body::SevenBit,
        smtputf8: false,
        declared_size: None,
        recipients: Vec::new(),
        accepted: 0,
    };
    for parameter in parameters(words) {
        apply(&mut transaction, parameter.map_err(|error| replies::BAD_PARAMETER.and(error))?)?;
    }
    check(session, &transaction)?;
    Ok(transaction)
}

fn apply(transaction: &mut Transaction, parameter: Parameter<'_>) -> Result<(), Reply> {
    let Parameter { keyword, value } = parameter;
    match (keyword.to_ascii_uppercase().as_str(), value) {
        ("SIZE", Some(value)) => transaction.declared_size = Some(size(value)?),
        ("BODY", Some(value)) => transaction.body = body(value)?,
        // RFC 6531 §3.4: no value.
        ("SMTPUTF8", None) => transaction.smtputf8 = true,
        // RFC 4954 §5: what other servers say of the author is not believed, which is as if it were `<>`.
        ("AUTH", Some(value)) => {
            xtext::decode(value).ok_or_else(|| replies::BAD_PARAMETER.and("AUTH wants xtext"))?;
        }
        ("SIZE" | "BODY" | "AUTH", None) => {
            return Err(replies::BAD_PARAMETER.and(format_args!("{keyword} wants a value")));
        }
        ("SMTPUTF8", Some(_)) => return Err(replies::BAD_PARAMETER.and("SMTPUTF8 takes no value")),
        _ => return Err(replies::UNKNOWN_PARAMETER.and(keyword)),
    }
    Ok(())
}

/// `size-value = 1*20DIGIT` (RFC 1870 §4). More than 64 bits can hold is too large in any case.
fn size(value: &str) -> Result<u64, Reply> {
    if value.len() > 20 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(replies::BAD_PARAMETER.and("SIZE wants up to 20 digits"));
    }
    Ok(value.parse().unwrap_or(u64::MAX))
}

/// `body-value = "7BIT" / "8BITMIME"` (RFC 6152 §3).
fn body(value: &str) -> Result<Body, Reply> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Ok(Body::SevenBit),
        "8BITMIME" => Ok(Body::EightBitMime),
        _ => Err(replies::BAD_PARAMETER.and("BODY is 7BIT or 8BITMIME")),
    }
}

fn check(session: &Session, transaction: &Transaction) -> Result<(), Reply> {
    let limit = session.policy.limits.message_size;
    if transaction.declared_size.is_some_and(|size| size > limit) {
        return Err(replies::TOO_LARGE.and(limit));
    }
    match &transaction.reverse_path {
        // RFC 6531 §3.5
        Some(path) if !path.is_ascii() && !transaction.smtputf8 => {
            Err(replies::NEEDS_SMTPUTF8.and(format_args!("<{path}>")))
        }
        _ => Ok(()),
    }
}
