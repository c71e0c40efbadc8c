//! Logins: what the session asks, the auth chain answers.

use ::imap::{Answer, Question, Refusal};
use auth::{Attempt, Rejection, Service, TempFail, Verdict};
use sasl::Evidence;

use super::Driver;

impl Driver {
    pub(super) async fn ask(&mut self, question: Question) -> Answer {
        match question {
            Question::Credentials(evidence) => self.credentials(*evidence).await,
            Question::ScramKeys(identity) => match self.context.auth.scram_keys(self.attempt(), &identity).await {
                Ok(keys) => Answer::Keys(keys),
                Err(failure) => unavailable(&failure),
            },
        }
    }

    fn attempt(&self) -> Attempt {
        Attempt { service: Service::Imap, peer: self.info.peer.ip(), tls: self.connection.tls().is_some() }
    }

    async fn credentials(&mut self, evidence: Evidence) -> Answer {
        let identity = evidence.identity().to_owned();
        match self.context.auth.check(self.attempt(), evidence).await {
            Verdict::Accept(account) => {
                tracing::info!(account = %account.address, "logged in");
                self.account = Some(account);
                Answer::Accepted
            }
            Verdict::Reject(rejection) => {
                tracing::info!(identity, ?rejection, "login refused");
                Answer::Refused(match rejection {
                    Rejection::UnknownUser | Rejection::WrongPassword | Rejection::NotAllowed => Refusal::Credentials,
                    Rejection::Authzid => Refusal::Authorization,
                    Rejection::Throttled => Refusal::Throttled,
                })
            }
            Verdict::TempFail(failure) => unavailable(&failure),
        }
    }
}

/// MISSION 004-33: never shown as a wrong password; the operator learns which module, and what to do.
fn unavailable(failure: &TempFail) -> Answer {
    tracing::error!(module = failure.module, cause = failure.cause, "login could not be judged");
    Answer::Refused(Refusal::Unavailable)
}
