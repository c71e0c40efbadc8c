//! Where mail for a domain would go, for whoever asks: the DNS is asked, and nobody is connected to.

use config::Config;
use message::Domain;
use trace::Tracer;

use crate::dns;
use crate::mx::{Candidate, MxError};
use crate::route::Target;
use crate::settings::Settings;

/// What a domain's mail takes.
#[derive(Debug)]
pub struct Way {
    /// The route, or the domain's own MX.
    pub target: Target,
    /// The hosts in the order in which they are tried, at each of their addresses; or why there is none.
    pub hosts: Result<Vec<Candidate>, MxError>,
}

/// The way of a domain's mail under this config.
pub async fn way(config: &Config, domain: &Domain) -> Way {
    let settings = Settings::new(config, dns::open(&config.relay.resolvers), Tracer::off());
    let target = settings.routes.target(domain);
    let hosts = settings.candidates(&target).await;
    Way { target, hosts }
}
