//! The session's questions, and who knows the answers.

use auth::{Rejection, Resolution, Verdict};
use message::Address;
use sasl::scram::Hash;
use smtp::ForwardPath;
use smtp::server::{Answer, Question};
use tracing::error;

use super::driver::Driver;

impl Driver {
    pub(super) async fn ask(&self, question: Question) -> Answer {
        match question {
            Question::ScramKeys { identity, hash } => self.scram_keys(&identity, hash).await,
            Question::Credentials(evidence) => self.credentials(evidence).await,
            Question::Sender(address) => self.sender(&address).await,
            Question::Recipient(path) => self.recipient(path).await,
        }
    }

    async fn scram_keys(&self, identity: &str, hash: Hash) -> Answer {
        self.client.scram_keys(identity, hash).await.map_or(Answer::TempFail, Answer::Keys)
    }

    async fn credentials(&self, evidence: sasl::Evidence) -> Answer {
        match self.client.check(evidence).await {
            Verdict::Accept(account) => Answer::LoggedIn(account.address),
            Verdict::Reject(Rejection::Throttled) => Answer::LoginThrottled,
            Verdict::Reject(_) => Answer::LoginRefused,
            Verdict::TempFail(_) => Answer::TempFail,
        }
    }

    /// An account may send as itself, as its aliases, and as any address elsewhere: people forward for a club, and
    /// whole servers submit through one account. But not as another address of our own domains, which would be
    /// believed here and, being signed by this server, elsewhere.
    async fn sender(&self, sender: &Address) -> Answer {
        if !self.client.config.domains.contains(sender.domain()) {
            return Answer::SenderAllowed;
        }
        let Some(login) = self.session.login() else { return Answer::SenderDenied };
        match self.client.context.auth.resolve(sender).await {
            Resolution::Account(account) if account.address == *login => Answer::SenderAllowed,
            Resolution::Alias(targets) if targets.contains(login) => Answer::SenderAllowed,
            Resolution::Account(_) | Resolution::Alias(_) | Resolution::Unknown => Answer::SenderDenied,
            Resolution::TempFail(cause) => self.lookup_failed(sender, &cause),
        }
    }

    async fn recipient(&self, path: ForwardPath) -> Answer {
        match path {
            ForwardPath::Mailbox(address) if !self.client.config.domains.contains(address.domain()) => {
                Answer::Elsewhere
            }
            ForwardPath::Mailbox(address) => self.local(address).await,
            ForwardPath::Postmaster => match self.any_postmaster() {
                Some(address) => self.local(address).await,
                None => Answer::NoSuchUser,
            },
        }
    }

    /// RFC 5321 §4.5.1: `postmaster` is heard in each domain, and without one.
    async fn local(&self, address: Address) -> Answer {
        match self.client.context.auth.resolve(&address).await {
            Resolution::Account(_) => Answer::Local(vec![address]),
            Resolution::Alias(targets) if targets.is_empty() => Answer::NoSuchUser,
            Resolution::Alias(targets) => Answer::Local(targets),
            Resolution::TempFail(cause) => self.lookup_failed(&address, &cause),
            Resolution::Unknown if address.local().eq_ignore_ascii_case("postmaster") => self
                .client
                .config
                .postmaster
                .clone()
                .map_or(Answer::NoSuchUser, |postmaster| Answer::Local(vec![postmaster])),
            Resolution::Unknown => Answer::NoSuchUser,
        }
    }

    /// Whom `<postmaster>` without a domain means: the one of the first domain, with `postmaster` of the config behind
    /// it as everywhere.
    fn any_postmaster(&self) -> Option<Address> {
        let domain = self.client.config.domains.first()?;
        Address::parse(&format!("postmaster@{domain}")).ok()
    }

    fn lookup_failed(&self, address: &Address, cause: &auth::TempFail) -> Answer {
        error!(%address, %cause, "address could not be looked up");
        Answer::TempFail
    }
}
