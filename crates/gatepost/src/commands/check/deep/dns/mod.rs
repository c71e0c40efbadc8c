//! What the DNS says of each domain and of this host, as other servers read it. A file for each kind of record.

mod dkim;
mod dmarc;
mod host;
mod mx;
mod spf;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use message::Domain;
use relay::{DnsError, Resolver};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Scene;
use super::report::{Area, Finding, Severity};

/// Domains that are asked about at the same time.
const AT_ONCE: usize = 8;
/// A domain takes up to some 30 questions; all of them get so many times the time of one.
const PATIENCE: u32 = 6;

/// What is asked about a domain.
#[derive(Clone)]
struct Asker {
    dns: Resolver,
    hostname: String,
    /// The addresses from which mail leaves, as far as is known: those of the host's name, and those that it listens on.
    own: Arc<[IpAddr]>,
    /// Whether mail leaves by a smarthost: then it is the provider's addresses that count.
    smarthost: Option<String>,
    wait: Duration,
}

/// Asks.
pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let dns = match Resolver::new(&scene.config.relay.resolvers) {
        Ok(dns) => dns,
        Err(error) => {
            let fix = "relay.resolvers = [\"…\"], or mend /etc/resolv.conf";
            return vec![finding(Severity::Error, "no-resolver", "the resolver", error).fix(fix)];
        }
    };
    let hostname = scene.config.hostname.as_ascii().to_owned();
    let default = scene.config.routes.iter().find(|route| route.to == "*");
    let smarthost = default.map(|route| format!("{}:{}", route.host, route.port));
    let (mut findings, own) = host::check(scene, &dns).await;
    let asker = Asker { dns, hostname, own: own.into(), smarthost, wait: scene.wait };
    let (places, mut asked) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (n, domain) in scene.config.domains.iter().enumerate() {
        let (asker, domain, places) = (asker.clone(), domain.clone(), Arc::clone(&places));
        asked.spawn(async move {
            let _place = places.acquire().await;
            (n, asker.domain(&domain).await)
        });
    }
    let mut asked = asked.join_all().await;
    asked.sort_by_key(|(n, _)| *n);
    findings.extend(asked.into_iter().flat_map(|(_, findings)| findings));
    findings
}

fn finding(severity: Severity, id: &'static str, what: impl ToString, found: impl ToString) -> Finding {
    Finding::new((Area::Dns, severity, id), what.to_string(), found.to_string())
}

/// The DNS did not tell.
fn unknown(what: impl ToString, error: &DnsError) -> Finding {
    let fix = "is the resolver right (relay.resolvers, /etc/resolv.conf), and the domain's name servers up?";
    finding(Severity::Warning, "dns-unknown", what, format!("could not be asked: {error}")).fix(fix)
}

/// An answer in time.
async fn within<T>(wait: Duration, asked: impl Future<Output = Result<T, DnsError>>) -> Result<T, DnsError> {
    let late = || DnsError::Temporary(format!("no answer within {wait:?}"));
    timeout(wait, asked).await.unwrap_or_else(|_| Err(late()))
}

impl Asker {
    async fn domain(&self, domain: &Domain) -> Vec<Finding> {
        let name = domain.as_ascii();
        // RFC 8020 §2: below a name that does not exist there is nothing either.
        let mx = within(self.wait, relay::Dns::mx(&self.dns, name)).await;
        if mx == Err(DnsError::NoSuchName) {
            let found = "the domain does not exist (NXDOMAIN): nobody can send to it";
            let fix = "register it, or take it out of `domains`";
            return vec![finding(Severity::Error, "no-such-domain", name, found).fix(fix)];
        }
        let all = async {
            let mut findings = mx::check(self, name, mx).await;
            findings.extend(spf::check(self, name).await);
            findings.push(dkim::check(self, name).await);
            findings.push(dmarc::check(self, name).await);
            findings
        };
        let late = DnsError::Temporary("its questions took too long altogether".to_owned());
        timeout(self.wait * PATIENCE, all).await.unwrap_or_else(|_| vec![unknown(name, &late)])
    }

    /// TXT records; none where there is no such name.
    async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        match within(self.wait, relay::Texts::texts(&self.dns, name)).await {
            Err(DnsError::NoSuchName) => Ok(Vec::new()),
            told => told,
        }
    }
}
