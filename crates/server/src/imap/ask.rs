//! Logins: what the session asks, the auth chain answers. The chain writes the log.

use ::imap::{Answer, Question, Refusal};
use auth::{Attempt, Rejection, Service, Verdict};
use sasl::Evidence;

use super::Driver;

impl Driver {
    pub(super) async fn ask(&mut self, question: Question) -> Answer {
        match question {
            Question::Credentials(evidence) => self.credentials(*evidence).await,
            Question::ScramKeys(identity) => match self.context.auth.scram_keys(self.attempt(), &identity).await {
                Ok(keys) => Answer::Keys(keys),
                Err(failure) => {
                    tracing::error!(identity, %failure, "login could not be checked");
                    Answer::Refused(Refusal::Unavailable)
                }
            },
        }
    }

    fn attempt(&self) -> Attempt {
        Attempt { service: Service::Imap, peer: self.info.peer.ip(), tls: self.connection.tls().is_some() }
    }

    /// `auth` writes one line into the log for each attempt. MISSION 004-33: what could not be judged is never shown as a
    /// wrong password.
    async fn credentials(&mut self, evidence: Evidence) -> Answer {
        match self.context.auth.check(self.attempt(), evidence).await {
            Verdict::Accept(account) => {
                self.account = Some(account);
                Answer::Accepted
            }
            Verdict::Reject(rejection) => Answer::Refused(match rejection {
                Rejection::UnknownUser | Rejection::WrongPassword | Rejection::NotAllowed => Refusal::Credentials,
                Rejection::Authzid => Refusal::Authorization,
                Rejection::Throttled => Refusal::Throttled,
            }),
            Verdict::TempFail(_) => Answer::Refused(Refusal::Unavailable),
        }
    }
}
