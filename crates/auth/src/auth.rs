//! The chain as everybody sees it.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use config::{Config, Limits};
use message::Address;
use parking_lot::RwLock;
use sasl::{Evidence, scram};
use tokio::sync::Semaphore;

use crate::attempts::{self, Attempts};
use crate::directory::Shared;
use crate::guard::Health;
use crate::module::{Abilities, Request};
use crate::modules::LeftOut;
use crate::offers::{Channel, Offer, Terms, offers};
use crate::running::Running;
use crate::self_test::SelfTest;
use crate::throttle::{Throttle, Try};
use crate::trail::Trail;
use crate::{Attempt, Line, Rejection, Resolution, Service, TempFail, Unjudged, Verdict, login_name, record};

/// How long a new config waits for the modules to say what their accounts keep.
const SURVEY_OF_A_RELOAD: Duration = Duration::from_secs(5);

/// Accounts that are marked at the same time because their password came in clear.
const EXPOSURES: usize = 8;

/// The chain, shared by all sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    throttle: Throttle,
    attempts: Attempts,
    self_test: SelfTest,
    running: RwLock<Arc<Running>>,
    /// Places for those who mark an account whose password came in clear.
    exposures: Arc<Semaphore>,
}

/// See [`Auth::downgrade`].
#[derive(Debug)]
pub(crate) struct Downgraded(Weak<Inner>);

impl Downgraded {
    /// The chain, if anybody still has it.
    pub(crate) fn upgrade(&self) -> Option<Auth> {
        self.0.upgrade().map(Auth)
    }
}

/// The answer to a question that was asked to be explained.
#[derive(Debug, Clone)]
pub struct Told {
    /// What the chain says.
    pub verdict: Verdict,
    /// What each module did, in order.
    pub lines: Vec<Line>,
}

/// A login that was decided.
#[derive(Debug)]
pub(crate) struct Decided {
    /// What.
    pub(crate) verdict: Verdict,
    /// As the log of attempts has it.
    attempt: attempts::Record,
    /// How long the answer is held back.
    pub(crate) wait: Option<Duration>,
}

impl Auth {
    /// The chain that a config asks for. A store that cannot be opened now is tried again with each question, and is a
    /// TEMPFAIL until then.
    pub fn new(config: &Config) -> Self {
        let running = RwLock::new(Arc::new(Running::new(config, None)));
        let (attempts, self_test) = (Attempts::default(), SelfTest::default());
        let exposures = Arc::new(Semaphore::new(EXPOSURES));
        Self(Arc::new(Inner { throttle: Throttle::new(), attempts, self_test, running, exposures }))
    }

    /// Takes another config for all sessions, at once. Counted failures stay counted; remembered passwords are
    /// forgotten. The new chain is surveyed first, so that no session is offered less meanwhile; one that takes too long
    /// is taken as it is, and surveyed again in its time.
    pub async fn reload(&self, config: &Config) {
        let running = Running::new(config, Some(&self.running().chain));
        // Elapsed or not: what is known by then counts.
        drop(tokio::time::timeout(SURVEY_OF_A_RELOAD, running.chain.survey()).await);
        *self.0.running.write() = Arc::new(running);
    }

    /// Asks the chain. Failed attempts are throttled and delayed in here; the reply's time does not tell
    /// whether the user exists. What the log of attempts has of it is for the record of its session.
    pub async fn check(&self, attempt: Attempt, evidence: Evidence) -> (Verdict, attempts::Record) {
        let Decided { verdict, attempt, wait } = self.decide(attempt, evidence).await;
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        (verdict, attempt)
    }

    /// The same, but the delay of a failed attempt is told instead of waited for.
    pub(crate) async fn decide(&self, attempt: Attempt, evidence: Evidence) -> Decided {
        let running = self.running();
        let who = running.who(evidence.identity(), attempt.service);
        // A token without a name: bad ones from elsewhere must not lock out all that come without one.
        let nameless = || format!("nobody from {}", attempt.peer);
        let name = if who.identity.is_empty() { nameless() } else { Running::counted_as(&who) };
        let counted = self.0.throttle.attempt(attempt.peer, &name);
        let known = self.0.throttle.is_known(counted, &running.limits);
        let request = Request { attempt, who, evidence, known };
        let underway = self.0.throttle.enter(counted, &running.limits).await;
        let verdict = match &underway {
            Some(_) => running.judge(&request).await,
            None => Verdict::Reject(Rejection::Throttled),
        };
        record::record(&request, &verdict);
        let attempt = self.0.attempts.judged(&request, &verdict);
        // What the session showed is wiped before the wait.
        let wait = self.settle(&running.limits, counted, &name, (&request.evidence, &verdict));
        Decided { verdict, attempt, wait }
    }

    /// Asks the very same chain for an operator: nothing is counted, throttled, delayed or written to the log.
    pub async fn explain(&self, attempt: Attempt, evidence: Evidence) -> Told {
        self.judge(attempt, evidence, true).await
    }

    /// The same; `known` says whether the address has logged in to this account before, and is not to wait behind others.
    pub(crate) async fn judge(&self, attempt: Attempt, evidence: Evidence, known: bool) -> Told {
        let running = self.running();
        let who = running.who(evidence.identity(), attempt.service);
        let request = Request { attempt, who, evidence, known };
        let verdict = running.judge(&request).await;
        Told { verdict, lines: request.who.trail.lines() }
    }

    /// The SCRAM keys of an identity; for unknown users stable invented ones. Where they cannot be looked up now, the login has
    /// ended with that: this is what the log of attempts has of it.
    pub async fn scram_keys(
        &self,
        attempt: Attempt,
        identity: &str,
        hash: scram::Hash,
    ) -> Result<scram::Keys, Box<attempts::Record>> {
        let running = self.running();
        let who = running.who(identity, attempt.service);
        // Also for who is throttled: keys that change with it would tell which names have real ones.
        let found = running.chain.scram_keys(&who, hash).await;
        let failed = |cause: TempFail| Box::new(self.0.attempts.without_keys(attempt, hash, &who, &cause));
        if let Some(keys) = found.map_err(failed)? {
            return Ok(keys);
        }
        let iterations = running.chain.scram_iterations();
        Ok(running.inventor.keys(&Running::counted_as(&who), hash, iterations))
    }

    /// The SCRAM keys that a login would be held against, for an operator: as [`Self::scram_keys`], but nothing is counted.
    pub(crate) async fn explain_keys(
        &self,
        attempt: Attempt,
        identity: &str,
        hash: scram::Hash,
    ) -> (Result<scram::Keys, TempFail>, Vec<Line>) {
        let running = self.running();
        let who = running.who(identity, attempt.service);
        let keys = running.chain.scram_keys(&who, hash).await;
        let invented = || running.inventor.keys(&Running::counted_as(&who), hash, None);
        (keys.map(|keys| keys.unwrap_or_else(invented)), who.trail.lines())
    }

    /// Who receives mail for a name, without following aliases, and what each module did.
    pub(crate) async fn explain_lookup(&self, name: &str) -> (Resolution, Vec<Line>) {
        let (running, trail) = (self.running(), Trail::default());
        let Some(address) = self.address(name) else { return (Resolution::Unknown, Vec::new()) };
        (running.chain.account(&address, None, &trail).await, trail.lines())
    }

    /// The address that a login name stands for.
    pub(crate) fn address(&self, name: &str) -> Option<Address> {
        login_name::address(name, self.running().default_domain.as_ref())
    }

    /// The SCRAM keys that are kept of an identity, for another process of ours: nobody is throttled, and none are invented.
    pub(crate) async fn kept_keys(
        &self,
        service: Service,
        identity: &str,
        hash: scram::Hash,
    ) -> Result<Option<scram::Keys>, TempFail> {
        let running = self.running();
        running.chain.scram_keys(&running.who(identity, service), hash).await
    }

    /// The account of a login name, without a password; `module` of the chain alone, if it is named. A name without a domain
    /// is at the default domain, or else at this host.
    pub(crate) async fn account(&self, name: &str, module: Option<&str>) -> Resolution {
        let running = self.running();
        let domain = running.default_domain.as_ref().or(Some(&running.hostname));
        match login_name::address(name, domain) {
            Some(address) => running.chain.account(&address, module, &Trail::default()).await,
            None => Resolution::Unknown,
        }
    }

    /// What each module can verify, and the rounds of the SCRAM keys that are kept.
    pub(crate) fn abilities(&self) -> (Vec<Abilities>, Option<u32>) {
        let running = self.running();
        (running.chain.abilities(), running.chain.scram_iterations())
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
        let terms = Terms { channel, when: running.offer_when, certificates: running.certificates };
        self.0.self_test.withdraw(offers(&running.chain.abilities(), terms))
    }

    /// Who receives mail for a local address: an account (`+detail` taken off), the targets of an alias (fully
    /// expanded), or nobody.
    pub async fn resolve(&self, recipient: &Address) -> Resolution {
        self.running().chain.resolve(recipient).await
    }

    /// Asks every module whether it is there and what its accounts keep: what is offered follows from it. What went
    /// wrong is in the modules' [`Health`], and in the log.
    pub async fn survey(&self) {
        self.running().chain.survey().await;
    }

    /// Surveys the chain again and again, until the last handle to it is gone.
    pub async fn keep_surveyed(self) {
        let inner = Arc::downgrade(&self.0);
        drop(self);
        while let Some(inner) = inner.upgrade() {
            let auth = Self(inner);
            auth.survey().await;
            let running = auth.running();
            let wait = running.chain.pause(running.survey);
            drop(running);
            drop(auth);
            tokio::time::sleep(wait).await;
        }
    }

    /// The modules of the chain, in the order in which they are asked, and how they fare.
    pub fn modules(&self) -> Vec<Health> {
        self.running().chain.health()
    }

    /// The modules that `auth.chain` names but the chain does not have.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.running().chain.left_out()
    }

    /// A login that ended before anybody could judge it, and what the record of its session tells of it.
    pub fn note(&self, attempt: Attempt, unjudged: &Unjudged) -> attempts::Record {
        let record = self.0.attempts.unjudged(attempt, unjudged);
        if unjudged.is_exposed() {
            // Not before the reply: its time must not tell whether there is such an account.
            // And not without a bound: it costs a look-up, and needs no login.
            if let Ok(place) = Arc::clone(&self.0.exposures).try_acquire_owned() {
                let marked = self.clone().expose(attempt, unjudged.identity.clone());
                tokio::spawn(async move {
                    marked.await;
                    drop(place);
                });
            }
        }
        record
    }

    /// Marks an account, if it is one.
    async fn expose(self, attempt: Attempt, identity: String) {
        if let (Resolution::Account(account), _) = self.explain_lookup(&identity).await {
            self.0.attempts.expose(&account.address, attempt);
        }
    }

    /// What became of the attempts so far.
    pub fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    /// What the server's tests of itself found.
    pub(crate) fn tested(&self) -> &SelfTest {
        &self.0.self_test
    }

    /// How often it tests itself.
    pub(crate) fn self_test_interval(&self) -> Duration {
        self.running().self_test
    }

    /// What a reader of a store needs.
    pub(crate) fn shared(&self) -> Shared {
        let running = self.running();
        let (workers, inventor) = (running.workers.clone(), Arc::clone(&running.inventor));
        let default_domain = running.default_domain.clone();
        Shared { workers, remember: Duration::ZERO, inventor, default_domain }
    }

    /// A handle that does not keep the chain alive.
    pub(crate) fn downgrade(&self) -> Downgraded {
        Downgraded(Arc::downgrade(&self.0))
    }

    /// How many password hashes were computed since the start or the last reload: what logins cost.
    pub fn hashes(&self) -> u64 {
        self.running().workers.started()
    }

    pub(crate) fn running(&self) -> Arc<Running> {
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
            Verdict::Reject(Rejection::Authzid | Rejection::Throttled) => Some(Throttle::least_delay(limits)),
            Verdict::Reject(_) => {
                let password = match evidence {
                    Evidence::Password(evidence) => Some(throttle.password(name, evidence.password.expose())),
                    _ => None,
                };
                Some(throttle.failed(counted, password, limits, Instant::now()))
            }
        }
    }
}
