//! Which `[[route]]` a domain takes. Pure.

use std::sync::Arc;

use config::Route;
use message::Domain;

/// The routes, as the config has them.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
}

/// Where the mail of a domain goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// To a smarthost.
    Route(Arc<Route>),
    /// To the domain's own MX hosts (RFC 5321 §5.1).
    Domain(Domain),
}

impl RouteTable {
    /// Takes the routes of a config.
    pub fn new(routes: &[Route]) -> Self {
        Self { routes: routes.iter().cloned().map(Arc::new).collect() }
    }

    /// Where the mail of `domain` goes: the route with its very name, else the one with its longest `.suffix`, else `*`,
    /// else its MX. The order of the file decides between two that are the same (MISSION 002-18).
    pub fn target(&self, domain: &Domain) -> Target {
        match self.find(domain.as_ascii()) {
            Some(route) => Target::Route(Arc::clone(route)),
            None => Target::Domain(domain.clone()),
        }
    }

    fn find(&self, name: &str) -> Option<&Arc<Route>> {
        let to = |text: &str| self.routes.iter().find(|route| written(&route.to, text));
        // An address literal is no name: `.1]` is not a suffix of it.
        let suffixes = name.match_indices('.').filter(|_| !name.starts_with('['));
        to(name).or_else(|| suffixes.into_iter().find_map(|(dot, _)| to(name.get(dot..)?))).or_else(|| to("*"))
    }
}

/// Whether a route's `to` is this name; U-labels are compared as A-labels.
fn written(to: &str, name: &str) -> bool {
    if to.is_ascii() {
        return to.eq_ignore_ascii_case(name);
    }
    let (dot, labels) = match to.strip_prefix('.') {
        Some(labels) => (".", labels),
        None => ("", to),
    };
    Domain::parse(labels).is_ok_and(|domain| name.strip_prefix(dot) == Some(domain.as_ascii()))
}

impl Target {
    /// The name of the destination, for the queue: bounds concurrency, and tells the operator where mail waits for.
    /// Routes to one host as one user are one destination, as their mail can share a connection.
    pub fn name(&self) -> String {
        match self {
            Self::Domain(domain) => domain.as_ascii().to_owned(),
            Self::Route(route) => match &route.user {
                Some(user) => format!("{}:{} as {user}", route.host, route.port),
                None => format!("{}:{}", route.host, route.port),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use config::RouteTls;
    use proptest::prelude::*;

    use super::*;

    fn route(to: &str) -> Route {
        Route {
            to: to.into(),
            host: format!("via-{}.example", to.replace(['*', '.'], "-")),
            port: 587,
            tls: RouteTls::Starttls,
            user: None,
            password_file: None,
            token_file: None,
            cleartext: false,
            ca_file: None,
        }
    }

    fn found(routes: &[&str], domain: &str) -> Option<String> {
        let table = RouteTable::new(&routes.iter().map(|to| route(to)).collect::<Vec<_>>());
        match table.target(&Domain::parse(domain).expect(domain)) {
            Target::Route(route) => Some(route.to.clone()),
            Target::Domain(_) => None,
        }
    }

    /// MISSION 002-18: exact, then `.suffix` label by label, then the default; the order of the file does not matter.
    #[test]
    fn the_nearest_route_wins() {
        let routes = ["*", ".example.org", "example.org", ".b.example.org"];
        assert_eq!(found(&routes, "example.org").as_deref(), Some("example.org"));
        assert_eq!(found(&routes, "EXAMPLE.org").as_deref(), Some("example.org"));
        assert_eq!(found(&routes, "a.example.org").as_deref(), Some(".example.org"));
        assert_eq!(found(&routes, "a.b.example.org").as_deref(), Some(".b.example.org"));
        assert_eq!(found(&routes, "example.com").as_deref(), Some("*"));
        assert_eq!(found(&routes[1..], "badexample.org"), None);
        assert_eq!(found(&[".example.org"], "example.org"), None, "a suffix is subdomains only");
    }

    #[test]
    fn literals_and_unicode() {
        assert_eq!(found(&[".1]", "*"], "[192.0.2.1]").as_deref(), Some("*"));
        assert_eq!(found(&["[192.0.2.1]"], "[192.0.2.1]").as_deref(), Some("[192.0.2.1]"));
        assert_eq!(found(&["bücher.example"], "xn--bcher-kva.example").as_deref(), Some("bücher.example"));
        assert_eq!(found(&[".bücher.example"], "a.xn--bcher-kva.example").as_deref(), Some(".bücher.example"));
    }

    #[test]
    fn names_of_destinations() {
        let mut relay = route("*");
        assert_eq!(Target::Route(Arc::new(relay.clone())).name(), "via--.example:587");
        relay.user = Some("me".into());
        assert_eq!(Target::Route(Arc::new(relay)).name(), "via--.example:587 as me");
    }

    proptest! {
        /// Whatever else is there, a route with the very name is taken, and the default only when no suffix fits.
        #[test]
        fn longer_is_nearer(labels in prop::collection::vec("[a-z]{1,5}", 2..6), keep in prop::collection::vec(any::<bool>(), 6)) {
            let name = labels.join(".");
            let suffixes: Vec<_> = (1..labels.len()).map(|n| format!(".{}", labels[n..].join("."))).collect();
            let kept: Vec<_> = suffixes.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(s, _)| s.as_str()).collect();
            let mut routes = vec!["*"];
            routes.extend(kept.iter().rev());
            prop_assert_eq!(found(&routes, &name), Some((*kept.first().unwrap_or(&"*")).to_owned()));
            routes.push(&name);
            prop_assert_eq!(found(&routes, &name), Some(name.clone()));
        }
    }
}
