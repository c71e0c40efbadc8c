//! Logins: what the session asks, the auth chain answers.

use ::imap::{Answer, Question, Refusal};
use auth::{Rejection, Verdict};
use sasl::Evidence;
use sasl::scram::Hash;

use super::driver::Driver;

impl Driver {
    pub(super) async fn ask(&mut self, question: Question) -> Answer {
        match question {
            Question::Credentials(evidence) => self.credentials(*evidence).await,
            Question::ScramKeys { identity, hash } => self.scram_keys(&identity, hash).await,
        }
    }

    async fn scram_keys(&self, identity: &str, hash: Hash) -> Answer {
        self.client.scram_keys(identity, hash).await.map_or(Answer::Refused(Refusal::Unavailable), Answer::Keys)
    }

    /// MISSION 004-33: what could not be judged is never shown as a wrong password.
    async fn credentials(&mut self, evidence: Evidence) -> Answer {
        match self.client.check(evidence).await {
            Verdict::Accept(account) => {
                self.account = Some(*account);
                Answer::Accepted
            }
            Verdict::Reject(rejection) => Answer::Refused(match rejection {
                Rejection::Authzid => Refusal::Authorization,
                Rejection::Throttled => Refusal::Throttled,
                _ => Refusal::Credentials,
            }),
            Verdict::TempFail(_) => Answer::Refused(Refusal::Unavailable),
        }
    }
}
