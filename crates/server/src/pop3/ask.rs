//! The session's questions, and who knows the answers.

use auth::{Attempt, Rejection, Service, Verdict};
use pop3::server::{Answer, Failure, Question};
use tracing::error;

use super::driver::Driver;

impl Driver {
    pub(super) async fn ask(&mut self, question: Question) -> Answer {
        match question {
            Question::ScramKeys(identity) => self.scram_keys(&identity).await,
            Question::Credentials(evidence) => self.credentials(evidence).await,
            Question::Maildrop => self.open_mail().await,
            Question::Message(uid) => self.read_message(uid).await,
            Question::Remove(uids) => self.remove_messages(uids).await,
        }
    }

    fn attempt(&self) -> Attempt {
        Attempt { service: Service::Pop3, peer: self.info.peer.ip(), tls: self.conn.tls().is_some() }
    }

    async fn scram_keys(&self, identity: &str) -> Answer {
        match self.cx.auth.scram_keys(self.attempt(), identity).await {
            Ok(keys) => Answer::Keys(keys),
            Err(cause) => {
                error!(identity, %cause, "login could not be checked");
                Answer::Failed(Failure::Temporary)
            }
        }
    }

    /// The log's line about it, with the cause that the client is not told, is written by `auth`.
    async fn credentials(&mut self, evidence: sasl::Evidence) -> Answer {
        match self.cx.auth.check(self.attempt(), evidence).await {
            Verdict::Accept(account) => {
                self.account = Some(account);
                Answer::LoggedIn
            }
            Verdict::Reject(Rejection::Throttled) => Answer::LoginThrottled,
            Verdict::Reject(_) => Answer::LoginRefused,
            Verdict::TempFail(_) => Answer::Failed(Failure::Temporary),
        }
    }
}
