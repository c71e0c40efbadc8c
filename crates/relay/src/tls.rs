//! How a connection is protected, by route.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use config::{Config, RouteTls};
use net::{ClientTls, TlsError};
use smtp::client::TlsWish;

use crate::route::Target;

/// Whom we trust, for each route.
#[derive(Debug)]
pub(crate) struct Trust {
    /// The system's authorities and `relay.ca_file`, read when a route needs them: most servers have none that does.
    system: OnceLock<Result<ClientTls, TlsError>>,
    /// `relay.ca_file`.
    also: Option<PathBuf>,
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
        let also = config.relay.ca_file.clone();
        Self { system: OnceLock::new(), also, files, anybody: ClientTls::unverified() }
    }

    /// The protection of a target. To MX hosts it is opportunistic: their names come from the DNS, which anybody on the
    /// way can forge, so that verifying them would prove nothing (RFC 7672 §1.3).
    pub(crate) fn protection(&self, target: &Target) -> Result<Protection, &TlsError> {
        let unverified = |wish| Ok(Protection { wish, tls: self.anybody.clone() });
        let Target::Route(route) = target else {
            return unverified(TlsWish::IfOffered);
        };
        let own = route.ca_file.as_ref().and_then(|path| self.files.get(path));
        let verified = |wish| Ok(Protection { wish, tls: own.unwrap_or_else(|| self.system()).as_ref()?.clone() });
        match route.tls {
            RouteTls::Starttls => verified(TlsWish::Required),
            RouteTls::Implicit => verified(TlsWish::Active),
            RouteTls::Opportunistic => unverified(TlsWish::IfOffered),
            RouteTls::None => unverified(TlsWish::Never),
        }
    }

    fn system(&self) -> &Result<ClientTls, TlsError> {
        self.system.get_or_init(|| ClientTls::system(self.also.as_deref()))
    }
}
