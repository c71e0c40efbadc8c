//! What the host's answers lead to.

use std::mem;

use message::Address;

use super::state::{Asked, Login, State};
use super::{Answer, Ending, NotQueued, Recipient, Session, Step, Transaction, replies};
use crate::{ForwardPath, Reply};

impl Session {
    /// Takes the answer to [`Step::Ask`] or [`Step::Commit`].
    pub fn answer(&mut self, answer: Answer) -> Step {
        let State::Asked(asked) = mem::replace(&mut self.state, State::Idle) else {
            let step = self.bug();
            return self.seal(step);
        };
        let step = match asked {
            Asked::Keys(login) => self.keys(login, answer),
            Asked::Credentials(login) => self.credentials(login, answer),
            Asked::Sender(transaction) => self.sender(transaction, answer),
            Asked::Recipient(transaction, path) => self.recipient(transaction, path, answer),
            Asked::Commit => self.committed(answer),
        };
        self.seal(step)
    }

    fn keys(&mut self, mut login: Box<Login>, answer: Answer) -> Step {
        match answer {
            Answer::Keys(keys) => {
                let step = login.exchange.keys(keys);
                self.advance(login, step)
            }
            Answer::TempFail => Step::Reply(replies::AUTH_TEMPORARY),
            _ => self.bug(),
        }
    }

    /// RFC 4954 §6. After a 535 the session goes on; how often is bounded.
    fn credentials(&mut self, mut login: Box<Login>, answer: Answer) -> Step {
        match answer {
            Answer::LoggedIn(account) => {
                login.account = Some(account);
                let step = login.exchange.accepted();
                self.advance(login, step)
            }
            Answer::LoginRefused => {
                self.counts.failed_logins += 1;
                let step = login.exchange.rejected();
                self.advance(login, step)
            }
            Answer::LoginThrottled => {
                self.counts.failed_logins += 1;
                Step::Reply(replies::AUTH_THROTTLED)
            }
            // Never shown as a wrong password, never counted as one.
            Answer::TempFail => Step::Reply(replies::AUTH_TEMPORARY),
            _ => self.bug(),
        }
    }

    fn sender(&mut self, transaction: Box<Transaction>, answer: Answer) -> Step {
        match answer {
            Answer::SenderAllowed => self.begin(transaction),
            Answer::SenderDenied => Step::Reply(named(replies::NOT_YOUR_ADDRESS, transaction.reverse_path.as_ref())),
            Answer::TempFail => Step::Reply(named(replies::LOOKUP_FAILED, transaction.reverse_path.as_ref())),
            _ => self.bug(),
        }
    }

    /// The transaction has begun.
    pub(super) fn begin(&mut self, transaction: Box<Transaction>) -> Step {
        self.counts.aimless = None;
        self.state = State::Mail(transaction);
        Step::Reply(replies::SENDER_OK)
    }

    fn recipient(&mut self, mut transaction: Box<Transaction>, path: ForwardPath, answer: Answer) -> Step {
        let reply = match (answer, path) {
            (Answer::Local(addresses), path) => {
                add_local(&mut transaction, path, addresses);
                replies::RECIPIENT_OK
            }
            (Answer::Elsewhere, ForwardPath::Mailbox(address)) if self.login.is_some() => {
                transaction.add(Recipient { address, original: None });
                transaction.accepted += 1;
                replies::RECIPIENT_OK
            }
            (Answer::Elsewhere, path) => replies::RELAY_DENIED.and(format_args!("<{path}>")),
            (Answer::NoSuchUser, path) => match self.unknown_recipient() {
                Ok(()) => replies::NO_SUCH_USER.and(format_args!("<{path}>")),
                Err(reply) => return Step::Close(Ending::Recipients, reply),
            },
            (Answer::TempFail, path) => replies::LOOKUP_FAILED.and(format_args!("<{path}>")),
            _ => return self.bug(),
        };
        self.state = State::Mail(transaction);
        Step::Reply(reply)
    }

    /// Counts against address harvesting: a stranger learns from 550 who does not exist, so how often is bounded. What
    /// an honest list server has left over comes back after the 421.
    fn unknown_recipient(&mut self) -> Result<(), Reply> {
        if self.login.is_none() {
            self.counts.unknown_recipients += 1;
        }
        if self.counts.unknown_recipients > self.policy.limits.unknown_recipients {
            return Err(replies::TOO_MANY_UNKNOWN);
        }
        Ok(())
    }

    fn committed(&mut self, answer: Answer) -> Step {
        match answer {
            Answer::Queued(id) => Step::Reply(self.tagged(replies::QUEUED.and(id))),
            Answer::NotQueued(NotQueued::NoSpace) => Step::Reply(replies::NO_SPACE),
            Answer::NotQueued(NotQueued::Failed) => Step::Reply(replies::QUEUE_FAILED),
            Answer::NotQueued(NotQueued::Closing) => Step::Close(Ending::Draining, replies::QUEUE_CLOSING),
            _ => self.bug(),
        }
    }
}

/// Adds what a local address expands to.
fn add_local(transaction: &mut Transaction, path: ForwardPath, addresses: Vec<Address>) {
    let asked = match path {
        ForwardPath::Mailbox(address) => Some(address),
        ForwardPath::Postmaster => None,
    };
    for address in addresses {
        let original = asked.clone().filter(|asked| *asked != address);
        transaction.add(Recipient { address, original });
    }
    transaction.accepted += 1;
}

fn named(reply: Reply, path: Option<&Address>) -> Reply {
    match path {
        Some(address) => reply.and(format_args!("<{address}>")),
        None => reply.and("<>"),
    }
}
