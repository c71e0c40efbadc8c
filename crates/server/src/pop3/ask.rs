//! The session's questions, and who knows the answers.

use auth::{Rejection, Verdict};
use pop3::server::{Answer, Failure, Question};
use sasl::scram::Hash;

use super::driver::Driver;

impl Driver {
    pub(super) async fn ask(&mut self, question: Question) -> Answer {
        match question {
            Question::ScramKeys { identity, hash } => self.scram_keys(&identity, hash).await,
            Question::Credentials(evidence) => self.credentials(evidence).await,
            Question::Maildrop => self.open_mail().await,
            Question::Message(uid) => self.read_message(uid).await,
            Question::Remove(uids) => self.remove_messages(uids).await,
        }
    }

    async fn scram_keys(&self, identity: &str, hash: Hash) -> Answer {
        self.client.scram_keys(identity, hash).await.map_or(Answer::Failed(Failure::Temporary), Answer::Keys)
    }

    async fn credentials(&mut self, evidence: sasl::Evidence) -> Answer {
        match self.client.check(evidence).await {
            Verdict::Accept(account) => {
                self.account = Some(*account);
                Answer::LoggedIn
            }
            Verdict::Reject(Rejection::Throttled) => Answer::LoginThrottled,
            Verdict::Reject(_) => Answer::LoginRefused,
            Verdict::TempFail(_) => Answer::Failed(Failure::Temporary),
        }
    }
}
