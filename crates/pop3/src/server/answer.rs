//! What the host's answers lead to.

use super::state::{Asked, Login, State};
use super::{Answer, Ending, Failure, Maildrop, Session, Step, replies};
use crate::{Extent, Reply};

impl Session {
    /// Takes the answer to [`Step::Ask`].
    pub fn answer(&mut self, answer: Answer) -> Step {
        let State::Asked(asked) = self.take_state() else {
            let step = self.bug();
            return self.seal(step);
        };
        let step = match (asked, answer) {
            (Asked::Keys(mut login), Answer::Keys(keys)) => {
                let step = login.exchange.keys(keys);
                self.advance(login, step)
            }
            (Asked::Password, Answer::LoggedIn) => self.open(),
            (Asked::Credentials(login), Answer::LoggedIn) => self.accepted(login),
            (Asked::Credentials(mut login), Answer::LoginRefused) => {
                self.counts.failed_logins += 1;
                let step = login.exchange.rejected();
                self.advance(login, step)
            }
            (Asked::Password | Asked::Credentials(_) | Asked::Keys(_), answer) => self.not_logged_in(&answer),
            (Asked::Maildrop, answer) => self.opened(answer),
            (Asked::Message { maildrop, size, extent }, answer) => self.message(maildrop, (size, extent), &answer),
            (Asked::Update, answer) => self.updated(&answer),
        };
        self.seal(step)
    }

    fn accepted(&mut self, mut login: Box<Login>) -> Step {
        login.accepted = true;
        let step = login.exchange.accepted();
        self.advance(login, step)
    }

    /// MISSION 004-34: the user can try again, a bounded number of times. MISSION 004-33: a fault of ours is neither
    /// shown nor counted as a wrong password.
    fn not_logged_in(&mut self, answer: &Answer) -> Step {
        self.state = State::Authorization(None);
        match answer {
            Answer::LoginRefused => {
                self.counts.failed_logins += 1;
                self.login_failed()
            }
            Answer::LoginThrottled => {
                self.counts.failed_logins += 1;
                self.unless_too_many(replies::LOGIN_THROTTLED)
            }
            Answer::Failed(Failure::Temporary | Failure::Permanent) => Step::Reply(replies::LOGIN_TEMPORARY),
            _ => self.bug(),
        }
    }

    /// Says it; the failure is counted already.
    pub(super) fn login_failed(&self) -> Step {
        self.unless_too_many(replies::LOGIN_FAILED)
    }

    fn unless_too_many(&self, reply: Reply) -> Step {
        match self.counts.failed_logins >= self.policy.limits.auth_failures {
            true => Step::Close(Ending::Logins, replies::TOO_MANY_LOGINS),
            false => Step::Reply(reply),
        }
    }

    /// MISSION 004-29: a mailbox that cannot be opened is told, and the session goes on (RFC 1939 §4).
    fn opened(&mut self, answer: Answer) -> Step {
        let reply = match answer {
            Answer::Maildrop(maildrop) => {
                let (count, _) = maildrop.stat();
                self.state = State::Transaction(maildrop);
                return Step::Reply(Reply::ok("Mailbox open, ").and(format_args!("{count} messages")));
            }
            Answer::Failed(Failure::Temporary) => replies::NO_MAILBOX_NOW,
            Answer::Failed(Failure::Permanent) => replies::NO_MAILBOX,
            _ => return self.bug(),
        };
        self.state = State::Authorization(None);
        Step::Reply(reply)
    }

    fn message(&mut self, maildrop: Maildrop, (size, extent): (u64, Extent), answer: &Answer) -> Step {
        self.state = State::Transaction(maildrop);
        Step::Reply(match answer {
            Answer::Message => {
                let reply = match extent {
                    Extent::Whole => Reply::ok("").and(format_args!("{size} octets")),
                    Extent::Top(_) => replies::TOP_FOLLOWS,
                };
                return Step::Send(reply, extent);
            }
            Answer::Gone => replies::GONE,
            Answer::Failed(Failure::Temporary) => replies::UNREADABLE_NOW,
            Answer::Failed(Failure::Permanent) => replies::UNREADABLE,
            _ => return self.bug(),
        })
    }

    /// RFC 1939 §6: whatever happened, the session is over.
    fn updated(&mut self, answer: &Answer) -> Step {
        match answer {
            Answer::Removed => Step::Close(Ending::Said, replies::BYE),
            Answer::Failed(Failure::Temporary) => Step::Close(Ending::NotRemoved, replies::NOT_REMOVED_NOW),
            Answer::Failed(Failure::Permanent) => Step::Close(Ending::NotRemoved, replies::NOT_REMOVED),
            _ => self.bug(),
        }
    }
}
