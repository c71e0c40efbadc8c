//! What a config means for relaying, made once for each config.

use std::sync::Arc;

use config::Config;
use trace::Tracer;

use crate::dns::Dns;
use crate::mx::{Candidate, MxError, Search};
use crate::own::Own;
use crate::pool::Pool;
use crate::route::{RouteTable, Target};
use crate::tls::Trust;

/// One config's routes, trust and resolver, and the connections that were opened under it.
pub(crate) struct Settings {
    pub(crate) hostname: String,
    pub(crate) routes: RouteTable,
    pub(crate) own: Own,
    pub(crate) relay: config::Relay,
    pub(crate) trust: Trust,
    pub(crate) dns: Arc<dyn Dns>,
    /// Idle connections end with the config under which they were opened: another route may forbid them.
    pub(crate) pool: Arc<Pool>,
    /// The records of all sessions.
    pub(crate) tracer: Arc<Tracer>,
}

impl Settings {
    pub(crate) fn new(config: &Config, dns: Arc<dyn Dns>, tracer: Arc<Tracer>) -> Self {
        Self {
            hostname: config.hostname.as_ascii().to_owned(),
            routes: RouteTable::new(&config.routes),
            own: Own::of(config),
            relay: config.relay.clone(),
            trust: Trust::load(config),
            dns,
            pool: Arc::default(),
            tracer,
        }
    }

    /// The hosts of a target, in the order in which they are tried.
    pub(crate) async fn candidates(&self, target: &Target) -> Result<Vec<Candidate>, MxError> {
        let port = match target {
            Target::Route(route) => route.port,
            Target::Domain(_) => self.relay.port,
        };
        let search = Search { dns: &*self.dns, own: &self.own, port, allow_private: self.relay.allow_private };
        match target {
            Target::Route(route) => search.smarthost(&route.host).await,
            Target::Domain(domain) => search.domain(domain).await,
        }
    }
}
