//! The session's questions, and who knows the answers.

use auth::{Attempt, Rejection, Service, Verdict};
use pop3::server::{Answer, Failure, Question};
use tracing::{error, info};

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

    /// One line in the log for each attempt, with the cause that the client is not told.
    async fn credentials(&mut self, evidence: sasl::Evidence) -> Answer {
        let identity = evidence.identity().to_owned();
        let tls = self.conn.tls().is_some();
        match self.cx.auth.check(self.attempt(), evidence).await {
            Verdict::Accept(account) => {
                info!(account = %account.address, identity, tls, "logged in");
                self.account = Some(account);
                Answer::LoggedIn
            }
            Verdict::Reject(cause) => {
                info!(identity, tls, ?cause, "login refused");
                if cause == Rejection::Throttled { Answer::LoginThrottled } else { Answer::LoginRefused }
            }
            Verdict::TempFail(cause) => {
                error!(identity, %cause, "login could not be checked");
                Answer::Failed(Failure::Temporary)
            }
        }
    }
}
