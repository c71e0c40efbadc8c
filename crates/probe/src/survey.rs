//! The first look: an address that answers, what is offered in clear and inside TLS, and the certificate.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use net::{CertificateFacts, CertificateTrouble, ClientTls, TlsError, certificate_trouble, spoke_in_clear};

use crate::capabilities::Capabilities;
use crate::dialogue::Broken;
use crate::plan::{Plan, Trust};
use crate::session::{Door, Session, Stage};

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// Why nothing can be probed.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The name has no address.
    #[error("{host} has no address: {error}")]
    Name {
        /// Which.
        host: String,
        /// What the resolver says.
        error: io::Error,
    },
    /// No address answers.
    #[error("{address} cannot be reached: {error}")]
    Connect {
        /// The last one that was tried.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The file of authorities cannot be used.
    #[error(transparent)]
    Authorities(#[from] TlsError),
}

impl Unreachable {
    /// What may help.
    pub fn advice(&self) -> String {
        let error = match self {
            Self::Name { .. } => return "Is the name right? `getent hosts NAME` asks the same resolver.".into(),
            Self::Authorities(_) => return "--ca wants a PEM file of certificates.".into(),
            Self::Connect { error, .. } => error.kind(),
        };
        let port = if let Self::Connect { address, .. } = self { address.port() } else { 0 };
        match error {
            io::ErrorKind::ConnectionRefused => {
                "The machine is there, but nothing listens on this port: is the server running, and does it listen on \
                 this address, not on 127.0.0.1 alone?"
                    .into()
            }
            io::ErrorKind::TimedOut if port == 25 => {
                "Many providers block outgoing port 25. Try from another network, or probe --protocol submission; to \
                 send mail from here, use a smarthost on port 587 or 465."
                    .into()
            }
            io::ErrorKind::TimedOut => "Something on the way drops the packets: a firewall, or a wrong address.".into(),
            _ => "Is there a route to it from here?".into(),
        }
    }
}

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
        let door = door(plan).await?;
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

/// The first address that takes a connection.
async fn door(plan: &Plan) -> Result<Door, Unreachable> {
    let target = plan.target.clone();
    let (anybody, verified) = (ClientTls::unverified(), ClientTls::system(plan.authorities.as_deref())?);
    let addresses = match plan.at {
        Some(address) => vec![address],
        None => resolve(&target.host, target.port, plan.wait).await?,
    };
    let mut refused = None;
    for address in addresses {
        match net::Connection::connect(address, plan.wait).await {
            Ok(_) => return Ok(Door { target, address, wait: plan.wait, anybody, verified }),
            Err(error) => refused = Some(Unreachable::Connect { address, error }),
        }
    }
    let error = io::Error::other("the resolver knows none");
    Err(refused.unwrap_or(Unreachable::Name { host: target.host, error }))
}

async fn resolve(host: &str, port: u16, wait: Duration) -> Result<Vec<SocketAddr>, Unreachable> {
    let asked = tokio::time::timeout(wait, tokio::net::lookup_host((host, port))).await;
    let answered = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let found = answered.map_err(|error| Unreachable::Name { host: host.to_owned(), error })?;
    Ok(found.take(MAX_ADDRESSES).collect())
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(port: u16, kind: io::ErrorKind) -> String {
        Unreachable::Connect { address: SocketAddr::from(([192, 0, 2, 1], port)), error: kind.into() }.advice()
    }

    /// MISSION 001-01: the provider that blocks outgoing port 25.
    #[test]
    fn each_way_of_not_being_reached_has_its_advice() {
        let blocked = advice(25, io::ErrorKind::TimedOut);
        assert!(blocked.contains("block outgoing port 25") && blocked.contains("smarthost on port 587"), "{blocked}");
        assert!(advice(587, io::ErrorKind::TimedOut).contains("a firewall"));
        assert!(advice(25, io::ErrorKind::ConnectionRefused).contains("nothing listens on this port"));
        assert!(advice(25, io::ErrorKind::NetworkUnreachable).contains("a route"));
    }
}
