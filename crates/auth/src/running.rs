//! What a config makes: the chain, and what is said about logins.

use std::sync::Arc;
use std::time::Duration;

use config::{Config, Limits, OfferWhen};
use message::Domain;
use sasl::Evidence;

use crate::directory::Shared;
use crate::invent::Inventor;
use crate::module::{Request, Who};
use crate::place::Chain;
use crate::trail::Trail;
use crate::workers::Workers;
use crate::{Rejection, Service, Verdict, login_name};

/// What a config makes.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) chain: Chain,
    pub(crate) workers: Workers,
    pub(crate) inventor: Arc<Inventor>,
    pub(crate) default_domain: Option<Domain>,
    pub(crate) hostname: Domain,
    pub(crate) domains: Vec<Domain>,
    pub(crate) require_tls: bool,
    pub(crate) offer_when: OfferWhen,
    pub(crate) certificates: bool,
    pub(crate) survey: Duration,
    pub(crate) self_test: Duration,
    pub(crate) limits: Limits,
}

impl Running {
    /// The chain, and what is said about it. What is known of a daemon that stays the same (`old`) is still known.
    pub(crate) fn new(config: &Config, old: Option<&Chain>) -> Self {
        let workers = Workers::new(config.auth.hash_workers);
        let inventor = Arc::new(Inventor::new(&config.data));
        let shared = Shared {
            workers: workers.clone(),
            remember: config.auth.remember,
            inventor: Arc::clone(&inventor),
            default_domain: config.auth.default_domain.clone(),
        };
        Self {
            chain: Chain::new(config, &shared, old),
            workers,
            inventor,
            default_domain: config.auth.default_domain.clone(),
            hostname: config.hostname.clone(),
            domains: config.domains.clone(),
            require_tls: config.auth.require_tls,
            offer_when: config.auth.offer_when,
            certificates: config.tls.client_ca.is_some(),
            survey: config.auth.survey,
            self_test: config.auth.self_test,
            limits: config.limits.clone(),
        }
    }

    /// Whose login it would be.
    pub(crate) fn who(&self, identity: &str, service: Service) -> Who {
        let identity = identity.trim().to_owned();
        let address = login_name::address(&identity, self.default_domain.as_ref());
        Who { identity, address, service, trail: Trail::default() }
    }

    /// The name that somebody is counted under, whether or not it is anybody.
    pub(crate) fn counted_as(who: &Who) -> String {
        who.address.as_ref().map_or_else(|| who.identity.to_lowercase(), login_name::key)
    }

    /// Whether a certificate is for one of us: its authority may vouch for others, too, whose names a store that looks only
    /// at the local part would take for ours.
    fn is_ours(&self, evidence: &Evidence, who: &Who) -> bool {
        let Evidence::Certificate(_) = evidence else { return true };
        who.address.as_ref().is_some_and(|address| self.domains.contains(address.domain()))
    }

    /// The chain's word, and then: nobody may act for somebody else (RFC 4616 §2: the server decides). That is asked after the
    /// password, so that the answer tells nothing to who does not know it.
    pub(crate) async fn judge(&self, request: &Request) -> Verdict {
        if !self.is_ours(&request.evidence, &request.who) {
            return Verdict::Reject(Rejection::UnknownUser);
        }
        let verdict = self.chain.judge(request).await;
        let (Verdict::Accept(account), Some(authzid)) = (&verdict, request.evidence.authzid()) else { return verdict };
        let asked = login_name::address(authzid, self.default_domain.as_ref());
        let same = asked.is_some_and(|asked| login_name::key(&asked) == login_name::key(&account.address));
        if authzid.is_empty() || same { verdict } else { Verdict::Reject(Rejection::Authzid) }
    }
}
