//! The chain as everybody sees it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use config::{Config, Limits};
use message::{Address, Domain};
use parking_lot::RwLock;
use sasl::{Evidence, scram};

use crate::module::{Module, Request};
use crate::offers::{Channel, Offer, offers};
use crate::throttle::{Throttle, Try};
use crate::workers::Workers;
use crate::{Attempt, Rejection, Resolution, TempFail, Verdict, chain, login_name, modules, record, resolve};

/// The chain, shared by all sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    throttle: Throttle,
    running: RwLock<Arc<Running>>,
}

/// What a config makes.
#[derive(Debug)]
struct Running {
    modules: Vec<Box<dyn Module>>,
    workers: Workers,
    default_domain: Option<Domain>,
    require_tls: bool,
    limits: Limits,
}

impl Running {
    fn new(config: &Config) -> Self {
        let workers = Workers::new(config.auth.hash_workers);
        Self {
            modules: modules::chain(config, &workers),
            workers,
            default_domain: config.auth.default_domain.clone(),
            require_tls: config.auth.require_tls,
            limits: config.limits.clone(),
        }
    }

    /// The name that an identity is counted under, whether or not it is anybody.
    fn counted_as(user: Option<&Address>, identity: &str) -> String {
        user.map_or_else(|| identity.trim().to_lowercase(), login_name::key)
    }
}

impl Auth {
    /// The chain that a config asks for. A store that cannot be opened now is tried again with each question, and is a
    /// TEMPFAIL until then.
    pub fn new(config: &Config) -> Self {
        Self(Arc::new(Inner { throttle: Throttle::new(), running: RwLock::new(Arc::new(Running::new(config))) }))
    }

    /// Takes another config for all sessions, at once. Counted failures stay counted; remembered passwords are
    /// forgotten.
    pub fn reload(&self, config: &Config) {
        *self.0.running.write() = Arc::new(Running::new(config));
    }

    /// Asks the chain. Failed attempts are throttled and delayed in here; the reply's time does not tell
    /// whether the user exists.
    pub async fn check(&self, attempt: Attempt, evidence: Evidence) -> Verdict {
        let running = self.running();
        let user = login_name::address(evidence.identity(), running.default_domain.as_ref());
        let name = Running::counted_as(user.as_ref(), evidence.identity());
        let counted = self.0.throttle.attempt(attempt.peer, &name);
        let request = Request { attempt, user, evidence };
        let verdict = if self.0.throttle.blocked(counted, &running.limits, Instant::now()) {
            Verdict::Reject(Rejection::Throttled)
        } else {
            acts_for_itself(&running, &request, chain::judge(&running.modules, &request).await)
        };
        record::record(&request, &verdict);
        let wait = self.settle(&running.limits, counted, &name, (&request.evidence, &verdict));
        // What the session showed is wiped before the wait, and the future stays small.
        drop((request, name, running));
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        verdict
    }

    /// The SCRAM keys of an identity; for unknown users stable invented ones.
    pub async fn scram_keys(&self, attempt: Attempt, identity: &str) -> Result<scram::Keys, TempFail> {
        let running = self.running();
        let user = login_name::address(identity, running.default_domain.as_ref());
        let name = Running::counted_as(user.as_ref(), identity);
        let counted = self.0.throttle.attempt(attempt.peer, &name);
        // Who is throttled gets invented keys: their proof is not looked at anyway.
        if !self.0.throttle.blocked(counted, &running.limits, Instant::now())
            && let Some(user) = &user
        {
            for module in &running.modules {
                if let Some(keys) = module.scram_keys(user).await? {
                    return Ok(keys);
                }
            }
        }
        let invented = running.modules.iter().find_map(|module| module.invented_keys(&name));
        invented.ok_or_else(|| TempFail { module: "chain", cause: "no module can make SCRAM keys now".to_owned() })
    }

    /// Every mechanism with its verdict for a connection in clear (`tls` false) or inside TLS, the strongest first.
    /// The one list behind EHLO, CAPABILITY, CAPA and what AUTH accepts.
    pub fn offers(&self, tls: bool) -> Vec<Offer> {
        let running = self.running();
        let channel = match (tls, running.require_tls) {
            (true, _) => Channel::Tls,
            (false, true) => Channel::ClearForbidden,
            (false, false) => Channel::ClearAllowed,
        };
        offers(&running.modules, channel)
    }

    /// Who receives mail for a local address: an account (`+detail` taken off), the targets of an alias (fully
    /// expanded), or nobody.
    pub async fn resolve(&self, recipient: &Address) -> Resolution {
        self.resolve_now(recipient)
    }

    /// The same for callers that cannot wait: the accounts module answers from memory.
    pub fn resolve_now(&self, recipient: &Address) -> Resolution {
        resolve::resolve(&self.running().modules, recipient)
    }

    /// Whether this address may not try to log in now, before anything is read from it.
    pub fn throttled(&self, peer: IpAddr) -> bool {
        self.0.throttle.peer_blocked(peer, &self.running().limits, Instant::now())
    }

    /// The modules of the chain, in the order in which they are asked.
    pub fn modules(&self) -> Vec<&'static str> {
        self.running().modules.iter().map(|module| module.name()).collect()
    }

    /// How many password hashes were computed since the start or the last reload: what logins cost.
    pub fn hashes(&self) -> u64 {
        self.running().workers.started()
    }

    fn running(&self) -> Arc<Running> {
        self.0.running.read().clone()
    }

    /// Counts what there is to count; how long the answer is held back, without holding a thread.
    fn settle(
        &self,
        limits: &Limits,
        counted: Try,
        name: &str,
        (evidence, verdict): (&Evidence, &Verdict),
    ) -> Option<Duration> {
        let throttle = &self.0.throttle;
        match verdict {
            Verdict::Accept(_) => {
                throttle.succeeded(counted, limits, Instant::now());
                None
            }
            // Our own trouble is nobody's failure.
            Verdict::TempFail(_) => None,
            Verdict::Reject(Rejection::UnknownUser | Rejection::WrongPassword | Rejection::NotAllowed) => {
                let password = match evidence {
                    Evidence::Password(evidence) => Some(throttle.password(name, evidence.password.expose())),
                    _ => None,
                };
                Some(throttle.failed(counted, password, limits, Instant::now()))
            }
            Verdict::Reject(Rejection::Authzid | Rejection::Throttled) => Some(Throttle::least_delay()),
        }
    }
}

/// Nobody may act for somebody else (RFC 4616 §2: the server decides). Asked after the password, so that the answer
/// tells nothing to who does not know it.
fn acts_for_itself(running: &Running, request: &Request, verdict: Verdict) -> Verdict {
    let (Verdict::Accept(account), Some(authzid)) = (&verdict, request.evidence.authzid()) else { return verdict };
    let asked = login_name::address(authzid, running.default_domain.as_ref());
    let same = asked.is_some_and(|asked| login_name::key(&asked) == login_name::key(&account.address));
    if authzid.is_empty() || same { verdict } else { Verdict::Reject(Rejection::Authzid) }
}
