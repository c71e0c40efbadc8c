//! Reaching a server: its addresses, the first one that takes a connection, and what may help if none does.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use net::{ClientTls, Connection, TlsError};

use crate::dialogue::Dialogue;
use crate::session::Door;
use crate::target::Target;

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The name has no address.
    #[error("{host} has no address: {error}")]
    Name {
        /// Which.
        host: String,
        /// What the resolver says.
        error: io::Error,
    },
    /// No address answers.
    #[error("{address} cannot be reached: {error}")]
    Connect {
        /// The last one that was tried.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The file of authorities cannot be used.
    #[error(transparent)]
    Authorities(#[from] TlsError),
}

impl Unreachable {
    /// What may help.
    pub fn advice(&self) -> String {
        let error = match self {
            Self::Name { .. } => return "Is the name right? `getent hosts NAME` asks the same resolver.".into(),
            Self::Authorities(_) => return "--ca wants a PEM file of certificates.".into(),
            Self::Connect { error, .. } => error.kind(),
        };
        let port = if let Self::Connect { address, .. } = self { address.port() } else { 0 };
        match error {
            io::ErrorKind::ConnectionRefused => {
                "The machine is there, but nothing listens on this port: is the server running, and does it listen on \
                 this address, not on 127.0.0.1 alone?"
                    .into()
            }
            io::ErrorKind::TimedOut if port == 25 => {
                "Many providers block outgoing port 25. Try from another network, or port 587 (submission); to \
                 send mail from here, use a smarthost on port 587 or 465."
                    .into()
            }
            io::ErrorKind::TimedOut => "Something on the way drops the packets: a firewall, or a wrong address.".into(),
            _ => "Is there a route to it from here?".into(),
        }
    }
}

impl Door {
    /// The first address of a target that takes a connection, and the connection, on which nothing was said. `authorities` is
    /// a PEM file of those to believe beside the system's; `wait` is for each step, and for each answer later.
    ///
    /// # Errors
    /// See [`Unreachable`].
    pub async fn find(
        target: Target,
        authorities: Option<&Path>,
        wait: Duration,
    ) -> Result<(Self, Dialogue), Unreachable> {
        let addresses = resolve(&target.host, target.port, wait).await?;
        Self::first_of(addresses, target, authorities, wait).await
    }

    /// The same at one address, whatever addresses the target's name has.
    ///
    /// # Errors
    /// See [`Unreachable`].
    pub async fn find_at(
        address: SocketAddr,
        target: Target,
        authorities: Option<&Path>,
        wait: Duration,
    ) -> Result<(Self, Dialogue), Unreachable> {
        Self::first_of(vec![address], target, authorities, wait).await
    }

    async fn first_of(
        addresses: Vec<SocketAddr>,
        target: Target,
        authorities: Option<&Path>,
        wait: Duration,
    ) -> Result<(Self, Dialogue), Unreachable> {
        let (anybody, verified) = (ClientTls::unverified(), ClientTls::system(authorities)?);
        let mut refused = None;
        for address in addresses {
            match Connection::connect(address, wait).await {
                Ok(connection) => {
                    let dialogue = Dialogue::over(connection, target.protocol, wait);
                    return Ok((Self { target, address, wait, anybody, verified }, dialogue));
                }
                Err(error) => refused = Some(Unreachable::Connect { address, error }),
            }
        }
        let error = io::Error::other("the resolver knows none");
        Err(refused.unwrap_or(Unreachable::Name { host: target.host, error }))
    }
}

async fn resolve(host: &str, port: u16, wait: Duration) -> Result<Vec<SocketAddr>, Unreachable> {
    let asked = tokio::time::timeout(wait, tokio::net::lookup_host((host, port))).await;
    let answered = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let found = answered.map_err(|error| Unreachable::Name { host: host.to_owned(), error })?;
    Ok(found.take(MAX_ADDRESSES).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(port: u16, kind: io::ErrorKind) -> String {
        Unreachable::Connect { address: SocketAddr::from(([192, 0, 2, 1], port)), error: kind.into() }.advice()
    }

    /// MISSION 001-01: the provider that blocks outgoing port 25.
    #[test]
    fn each_way_of_not_being_reached_has_its_advice() {
        let blocked = advice(25, io::ErrorKind::TimedOut);
        assert!(blocked.contains("block outgoing port 25") && blocked.contains("smarthost on port 587"), "{blocked}");
        assert!(advice(587, io::ErrorKind::TimedOut).contains("a firewall"));
        assert!(advice(25, io::ErrorKind::ConnectionRefused).contains("nothing listens on this port"));
        assert!(advice(25, io::ErrorKind::NetworkUnreachable).contains("a route"));
    }
}
