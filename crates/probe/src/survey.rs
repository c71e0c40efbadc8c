//! The first look: an address that answers, what is offered in clear and inside TLS, and the certificate.

use net::{CertificateFacts, CertificateTrouble, certificate_trouble, spoke_in_clear};

use crate::capabilities::Capabilities;
use crate::dialogue::Broken;
use crate::plan::{Plan, Trust};
use crate::reach::Unreachable;
use crate::session::{Door, Session, Stage};

/// What the first look saw.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) door: Door,
    /// Before TLS; `None` where it begins at once.
    pub(crate) clear: Option<Seen>,
    /// Inside TLS.
    pub(crate) inside: Option<Seen>,
    /// Why there is nothing inside TLS although it is offered, or nothing at all.
    pub(crate) broken: Option<Broken>,
    pub(crate) certificate: Shown,
    /// Now, seconds since 1970.
    pub(crate) now: i64,
}

/// A session's beginning.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) greeting: String,
    pub(crate) greeting_shown: String,
    pub(crate) capabilities: Capabilities,
    pub(crate) listed: Vec<String>,
    pub(crate) tls: Option<String>,
}

/// The server's certificates, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) chain: Vec<CertificateFacts>,
    /// What a client that looks says of it.
    pub(crate) trouble: Option<CertificateTrouble>,
}

impl Survey {
    /// Looks.
    pub(crate) async fn of(plan: &Plan) -> Result<Self, Unreachable> {
        let (target, authorities) = (plan.target.clone(), plan.authorities.as_deref());
        let (door, _) = match plan.at {
            Some(address) => Door::find_at(address, target, authorities, plan.wait).await?,
            None => Door::find(target, authorities, plan.wait).await?,
        };
        let mut survey =
            Self { door, clear: None, inside: None, broken: None, certificate: Shown::default(), now: now() };
        survey.look().await;
        Ok(survey)
    }

    async fn look(&mut self) {
        if !self.door.protocol().is_implicit() {
            match self.door.open(Stage::Clear).await {
                Ok(session) => self.clear = Some(Seen::of(session).await.0),
                Err(broken) => {
                    self.broken = Some(broken);
                    return;
                }
            }
            if !self.offers_tls() {
                return;
            }
        }
        match self.door.open(Stage::Inside).await {
            Ok(session) => {
                let (seen, chain) = Seen::of(session).await;
                (self.inside, self.certificate.chain) = (Some(seen), chain);
                self.verify().await;
            }
            Err(broken) => self.broken = Some(broken),
        }
    }

    /// Whether TLS is there, or is offered.
    pub(crate) fn offers_tls(&self) -> bool {
        let command = self.door.protocol().starttls();
        self.clear.as_ref().is_none_or(|seen| seen.capabilities.has(command))
    }

    /// A handshake that looks at the certificate.
    async fn verify(&mut self) {
        if let Err(Broken::Tls(error)) = self.door.open(Stage::Verified).await {
            let other = || CertificateTrouble::Other(error.to_string());
            self.certificate.trouble = Some(certificate_trouble(&error).unwrap_or_else(other));
        }
    }

    /// Where passwords are used: inside TLS if it is there.
    pub(crate) fn best(&self) -> Option<&Seen> {
        self.inside.as_ref().or(self.clear.as_ref())
    }

    /// Where checks that send no secret are run.
    pub(crate) fn stage(&self) -> Stage {
        if self.inside.is_some() { Stage::Inside } else { Stage::Clear }
    }

    /// Where a password may go.
    ///
    /// # Errors
    /// Why nowhere.
    pub(crate) fn stage_for_secrets(&self, trust: Trust) -> Result<Stage, &'static str> {
        match (self.inside.is_some(), self.certificate.trouble.is_some(), trust) {
            (true, false, _) => Ok(Stage::Verified),
            (true, true, Trust::Anybody | Trust::Clear) => Ok(Stage::Inside),
            (true, true, Trust::Verified) => Err("the certificate is not good: --ca FILE, or --insecure"),
            (false, _, Trust::Clear) => Ok(Stage::Clear),
            (false, _, _) => Err("there is no TLS, and the password is not sent in clear: --allow-clear"),
        }
    }

    /// Whether the server began TLS where it was expected to speak in clear, or the other way round.
    pub(crate) async fn speaks_otherwise(&self) -> Option<String> {
        match &self.broken {
            Some(Broken::Tls(error)) if spoke_in_clear(error) => {
                let mut dialogue = self.door.connect().await.ok()?;
                let greeting = dialogue.greeting().await.ok()?;
                Some(greeting.shown)
            }
            // Who waits for TLS says nothing until the client begins.
            Some(Broken::Silent(_) | Broken::Closed | Broken::Grammar(_)) if self.clear.is_none() => {
                let mut dialogue = self.door.connect().await.ok()?;
                self.door.secure(&mut dialogue, Stage::Inside).await.ok()?;
                dialogue.transcript().lines().last().cloned()
            }
            _ => None,
        }
    }
}

impl Seen {
    async fn of(session: Session) -> (Self, Vec<CertificateFacts>) {
        let Session { dialogue, greeting, capabilities, listed } = session;
        let chain = dialogue.connection().server_certificates();
        let tls = dialogue.connection().tls().map(|tls| format!("{}, {}", tls.version, tls.cipher));
        dialogue.leave().await;
        let (text, shown) = (greeting.text().to_owned(), greeting.shown);
        (Self { greeting: text, greeting_shown: shown, capabilities, listed, tls }, chain)
    }

    /// The lines of the list that hold a word: evidence.
    pub(crate) fn lines_with(&self, word: &str) -> Vec<String> {
        let word = word.to_ascii_uppercase();
        self.listed.iter().filter(|line| line.to_ascii_uppercase().contains(&word)).cloned().collect()
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
