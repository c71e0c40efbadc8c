//! How a connection is protected, by route.

use std::collections::HashMap;
use std::path::PathBuf;

use config::{Config, RouteTls};
use net::{ClientTls, TlsError};
use smtp::client::TlsWish;

use crate::route::Target;

/// Whom we trust, for each route.
#[derive(Debug)]
pub(crate) struct Trust {
    /// The system's authorities and `relay.ca_file`.
    system: Result<ClientTls, TlsError>,
    /// Those of the routes' own `ca_file`.
    files: HashMap<PathBuf, Result<ClientTls, TlsError>>,
    anybody: ClientTls,
}

/// How one connection is protected.
#[derive(Debug, Clone)]
pub(crate) struct Protection {
    pub(crate) wish: TlsWish,
    pub(crate) tls: ClientTls,
}

impl Trust {
    /// Reads the authorities. One that cannot be read stops only the routes that need it.
    pub(crate) fn load(config: &Config) -> Self {
        let own = config.routes.iter().filter_map(|route| route.ca_file.clone());
        let files = own.map(|path| (path.clone(), ClientTls::only(&path))).collect();
        let system = ClientTls::system(config.relay.ca_file.as_deref());
        Self { system, files, anybody: ClientTls::unverified() }
    }

    /// The protection of a target. To MX hosts it is opportunistic: their names come from the DNS, which anybody on the
    /// way can forge, so that verifying them would prove nothing (RFC 7672 §1.3).
    pub(crate) fn protection(&self, target: &Target) -> Result<Protection, &TlsError> {
        let unverified = |wish| Ok(Protection { wish, tls: self.anybody.clone() });
        let Target::Route(route) = target else {
            return unverified(TlsWish::IfOffered);
        };
        let own = route.ca_file.as_ref().and_then(|path| self.files.get(path));
        let verified = |wish| Ok(Protection { wish, tls: own.unwrap_or(&self.system).as_ref()?.clone() });
        match route.tls {
            RouteTls::Starttls => verified(TlsWish::Required),
            RouteTls::Implicit => verified(TlsWish::Active),
            RouteTls::Opportunistic => unverified(TlsWish::IfOffered),
            RouteTls::None => unverified(TlsWish::Never),
        }
    }
}
