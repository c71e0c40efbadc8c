//! Where a recipient's mail goes, for the queue.

use std::sync::Arc;

use arc_swap::ArcSwap;
use config::Config;
use message::{Address, Domain};
use queue::Destination;

/// Own domains are local; for others the first route that fits (in the order of the file), or else the domain's own MX.
pub(crate) struct Router(pub(crate) Arc<ArcSwap<Config>>);

impl queue::Router for Router {
    fn destination(&self, recipient: &Address) -> Destination {
        destination(&self.0.load(), recipient.domain())
    }
}

fn destination(config: &Config, domain: &Domain) -> Destination {
    if config.domains.contains(domain) {
        return Destination::Local;
    }
    // A smarthost's limit of connections is one for all domains that go there.
    let route = config.routes.iter().find(|route| fits(&route.to, domain.as_str()));
    Destination::Relay(route.map_or_else(|| domain.to_string(), |route| format!("{}:{}", route.host, route.port)))
}

/// `example.org`, `.example.org` (all subdomains) or `*`, as `[[route]] to`.
fn fits(to: &str, domain: &str) -> bool {
    let ends_with = |suffix: &str| domain.len() > suffix.len() && domain.ends_with(suffix);
    to == "*" || to.eq_ignore_ascii_case(domain) || (to.starts_with('.') && ends_with(&to.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use config::{Route, RouteTls};

    use super::*;

    fn route(to: &str, host: &str) -> Route {
        let (user, password_file, ca_file) = (None, None, None);
        let (to, host, tls) = (to.to_owned(), host.to_owned(), RouteTls::Starttls);
        Route { to, host, port: 587, tls, user, password_file, cleartext: false, ca_file }
    }

    #[test]
    fn own_domains_are_local_then_the_first_route_then_the_mx() {
        let mut config = Config::example("/nowhere");
        let to = |config: &Config, domain: &str| destination(config, &Domain::parse(domain).unwrap());
        let relay = |name: &str| Destination::Relay(name.to_owned());
        assert_eq!(to(&config, "EXAMPLE.test"), Destination::Local);
        assert_eq!(to(&config, "example.org"), relay("example.org"));
        config.routes = vec![route(".example.org", "inner.example"), route("*", "smart.example")];
        assert_eq!(to(&config, "a.Example.org"), relay("inner.example:587"));
        assert_eq!(to(&config, "example.org"), relay("smart.example:587"));
        assert_eq!(to(&config, "notexample.org"), relay("smart.example:587"));
        assert_eq!(to(&config, "example.test"), Destination::Local);
    }
}
