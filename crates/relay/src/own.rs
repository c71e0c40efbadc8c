//! Which hosts and addresses are ourselves: mail for them that got here must not go round in circles.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use config::{Config, Service};

/// Our name and where we listen for mail.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    hostname: String,
    listeners: Vec<SocketAddr>,
}

impl Own {
    /// Reads the config.
    pub(crate) fn of(config: &Config) -> Self {
        let mail = |service| matches!(service, Service::Smtp | Service::Submission | Service::Submissions);
        let listeners = config.listen.iter().filter(|listener| mail(listener.service)).map(|l| l.address).collect();
        Self { hostname: config.hostname.as_ascii().to_owned(), listeners }
    }

    /// Whether a host is called as we are.
    pub(crate) fn is_name(&self, host: &str) -> bool {
        host.eq_ignore_ascii_case(&self.hostname)
    }

    /// Whether we would take the connection ourselves.
    pub(crate) fn is_address(&self, address: SocketAddr) -> bool {
        self.listeners.iter().filter(|listener| listener.port() == address.port()).any(|listener| {
            listener.ip() == address.ip() || (listener.ip().is_unspecified() && is_of_this_machine(address.ip()))
        })
    }
}

/// The kernel reaches an address of its own machine from that very address. Connecting a UDP socket sends nothing.
fn is_of_this_machine(ip: IpAddr) -> bool {
    let any = match ip {
        IpAddr::V4(_) => SocketAddr::from(([0, 0, 0, 0], 0)),
        IpAddr::V6(_) => SocketAddr::from(([0_u16; 8], 0)),
    };
    let reached_from = UdpSocket::bind(any).and_then(|socket| {
        socket.connect((ip, 9))?;
        socket.local_addr()
    });
    ip.is_loopback() || reached_from.is_ok_and(|local| local.ip() == ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(listeners: &[&str]) -> Own {
        let listeners = listeners.iter().map(|text| text.parse().expect("an address")).collect();
        Own { hostname: "mail.example.org".into(), listeners }
    }

    fn is(own: &Own, address: &str) -> bool {
        own.is_address(address.parse().expect("an address"))
    }

    #[test]
    fn the_port_counts_and_the_address() {
        let own = own(&["127.0.0.1:2025", "[::1]:2025"]);
        assert!(is(&own, "127.0.0.1:2025") && is(&own, "[::1]:2025"));
        assert!(!is(&own, "127.0.0.1:25") && !is(&own, "127.0.0.2:2025"));
        assert!(own.is_name("MAIL.example.org") && !own.is_name("example.org"));
    }

    #[test]
    fn everywhere_is_every_address_of_this_machine() {
        let own = own(&["0.0.0.0:25"]);
        assert!(is(&own, "127.0.0.1:25") && is(&own, "127.1.2.3:25"));
        assert!(!is(&own, "192.0.2.1:25"));
    }
}
