//! The auth chain: modules, outcomes, throttling. Knows no protocol.

mod outcome;

use std::net::IpAddr;

use message::Address;
pub use outcome::{Account, Attempt, Rejection, Resolution, Service, TempFail, Verdict};
use sasl::{Evidence, Mechanism, scram};

/// The chain, shared by all sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth(());

/// Whether a mechanism is offered, and why (or why not), in words for `gatepost check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub mechanism: Mechanism,
    /// Whether.
    pub offered: bool,
    /// "every account stores SCRAM keys", "no TLS yet and auth.require_tls is true"…
    pub why: String,
}

impl Auth {
    /// Asks the chain. Failed attempts are throttled and delayed in here; the reply's time does not tell
    /// whether the user exists.
    pub async fn check(&self, attempt: Attempt, evidence: Evidence) -> Verdict {
        let _ = (attempt, evidence);
        todo!("owner: auth")
    }

    /// The SCRAM keys of an identity; for unknown users stable invented ones.
    pub async fn scram_keys(&self, attempt: Attempt, identity: &str) -> Result<scram::Keys, TempFail> {
        let _ = (attempt, identity);
        todo!("owner: auth")
    }

    /// Every mechanism with its verdict for a connection in clear (`tls` false) or inside TLS, the strongest first.
    /// The one list behind EHLO, CAPABILITY, CAPA and what AUTH accepts.
    pub fn offers(&self, tls: bool) -> Vec<Offer> {
        let _ = tls;
        todo!("owner: auth")
    }

    /// Who receives mail for a local address: an account (`+detail` taken off), the targets of an alias (fully
    /// expanded), or nobody.
    pub async fn resolve(&self, recipient: &Address) -> Resolution {
        let _ = recipient;
        todo!("owner: auth")
    }

    /// Whether this address may try to log in now, before anything is read from it.
    pub fn throttled(&self, peer: IpAddr) -> bool {
        let _ = peer;
        todo!("owner: auth")
    }
}
