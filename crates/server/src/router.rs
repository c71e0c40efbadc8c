//! Where a recipient's mail goes, for the queue.

use std::sync::Arc;

use arc_swap::ArcSwap;
use config::Config;
use message::Address;
use queue::Destination;
use relay::RelayCourier;

/// Own domains are local; what the others are is the relay's to say (routes, or the domain's own MX).
pub(crate) struct Router {
    /// As the sessions see it.
    pub(crate) config: Arc<ArcSwap<Config>>,
    /// Knows the routes.
    pub(crate) relay: Arc<RelayCourier>,
}

impl queue::Router for Router {
    fn destination(&self, recipient: &Address) -> Destination {
        let domain = recipient.domain();
        if self.config.load().domains.contains(domain) {
            return Destination::Local;
        }
        self.relay.destination(domain)
    }
}

#[cfg(test)]
mod tests {
    use config::{Route, RouteTls};
    use queue::Router as _;

    use super::*;

    #[tokio::test]
    async fn own_domains_are_local_whatever_the_routes_say() {
        let mut config = Config::example("/nowhere");
        let (user, password_file, token_file, ca_file) = (None, None, None, None);
        let (to, host, tls) = ("*".to_owned(), "smart.example".to_owned(), RouteTls::Starttls);
        let (port, cleartext) = (587, false);
        config.routes = vec![Route { to, host, port, tls, user, password_file, token_file, cleartext, ca_file }];
        let relay = Arc::new(RelayCourier::new(&config, trace::Tracer::off()));
        let router = Router { config: Arc::new(ArcSwap::from_pointee(config)), relay };
        let to = |address: &str| router.destination(&Address::parse(address).unwrap());
        assert_eq!(to("alice@EXAMPLE.test"), Destination::Local);
        assert_eq!(to("eve@sub.example.test"), Destination::Relay("smart.example:587".to_owned()));
    }
}
