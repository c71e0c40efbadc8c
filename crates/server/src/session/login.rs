//! Logins: what a session asks, the auth chain answers.

use auth::{Attempt, Service, Unjudged, Verdict};
use sasl::scram::{Hash, Keys};
use sasl::{Bindings, Certificate, Channel, Early, Evidence, Mechanism};

use super::Client;

impl Client {
    fn attempt(&self) -> Attempt {
        let service = match self.info.service {
            config::Service::Smtp | config::Service::Submission | config::Service::Submissions => Service::Smtp,
            config::Service::Pop3 | config::Service::Pop3s => Service::Pop3,
            config::Service::Imap | config::Service::Imaps => Service::Imap,
        };
        Attempt {
            service,
            peer: self.info.peer.ip().to_canonical(),
            tls: self.connection.tls().is_some(),
            session: Some(self.info.id),
            listener: Some(self.info.service),
        }
    }

    /// What the mechanisms must know of TLS; a session that has begun inside it is told at once, others after STARTTLS.
    pub(crate) fn channel(&self) -> Channel {
        let Some(tls) = self.own_tls() else { return Channel::CLEAR };
        let server_end_point = tls.server_end_point.as_deref().map(<[u8]>::to_vec);
        let certificate =
            tls.client.as_deref().map(|c| Certificate { names: c.names.clone(), fingerprint: c.fingerprint });
        Channel { bindings: Bindings { exporter: tls.exporter, server_end_point }, certificate }
    }

    /// The keys that a SCRAM exchange needs; `None` where they cannot be looked up now, which is in the log then.
    pub(crate) async fn scram_keys(&self, identity: &str, hash: Hash) -> Option<Keys> {
        let keys = self.context.auth.scram_keys(self.attempt(), identity, hash).await;
        let failed = |attempt: Box<auth::attempts::Record>| {
            tracing::error!(user = identity, cause = attempt.why, "login could not be checked");
            self.recorder.login(*attempt);
        };
        keys.map_err(failed).ok()
    }

    /// Judges a login. `auth` writes one line into the log for each, with the cause that the client is not told.
    pub(crate) async fn check(&self, evidence: Evidence) -> Verdict {
        let (verdict, attempt) = self.context.auth.check(self.attempt(), evidence).await;
        self.recorder.login(attempt);
        verdict
    }

    /// A login ended without anything to judge. The log of attempts gets a record of it, as of all others.
    pub(crate) fn ended_early(&self, (mechanism, end): (Option<Mechanism>, Early)) {
        tracing::info!(?mechanism, ?end, "login ended early");
        self.recorder.login(self.context.auth.note(self.attempt(), &Unjudged::nobody(mechanism, end)));
    }

    /// MISSION 003-12: the operator hears of a password or token that came in clear, and whose it is. It was not looked at.
    pub(crate) fn exposed(&self, user: String) {
        tracing::warn!(user, "a password came in clear and was not looked at; whoever listened knows it: change it");
        self.recorder.login(self.context.auth.note(self.attempt(), &Unjudged::exposed(user)));
    }
}
