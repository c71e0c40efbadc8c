//! How many sessions there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

/// Counts the sessions.
#[derive(Debug)]
pub(crate) struct Admission {
    sessions: Mutex<HashMap<IpAddr, usize>>,
    total: watch::Sender<usize>,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// `limits.connections`.
    Server,
    /// `limits.connections_per_ip`.
    Address,
}

/// One session's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    network: IpAddr,
}

impl Admission {
    /// No sessions yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { sessions: Mutex::default(), total: watch::Sender::new(0) })
    }

    /// Takes a place for a client, under the limits as they are now.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr, limits: &config::Limits) -> Result<Place, Full> {
        let network = network(peer);
        let mut sessions = self.sessions.lock();
        if *self.total.borrow() >= limits.connections {
            return Err(Full::Server);
        }
        let count = sessions.entry(network).or_default();
        if *count >= limits.connections_per_ip {
            return Err(Full::Address);
        }
        *count += 1;
        self.total.send_modify(|total| *total += 1);
        Ok(Place { admission: Arc::clone(self), network })
    }

    /// How many sessions there are.
    pub(crate) fn total(&self) -> usize {
        *self.total.borrow()
    }

    /// Waits until there are none.
    pub(crate) async fn emptied(&self) {
        // It fails only when the sender is gone, which is `self`.
        drop(self.total.subscribe().wait_for(|total| *total == 0).await);
    }
}

impl Place {
    /// The session is another client's from now on.
    pub(crate) fn change(&mut self, peer: IpAddr, limits: &config::Limits) -> Result<(), Full> {
        if network(peer) != self.network {
            // One more for a moment is better than none: the total must not be seen empty meanwhile.
            *self = self.admission.enter(peer, &config::Limits { connections: usize::MAX, ..limits.clone() })?;
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sessions = self.admission.sessions.lock();
        if let Some(count) = sessions.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                sessions.remove(&self.network);
            }
        }
        self.admission.total.send_modify(|total| *total -= 1);
    }
}

/// What counts as one client: an IPv4 address, or an IPv6 /64, as that is what one customer has at least (RFC 6177 §2).
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(connections: usize, connections_per_ip: usize) -> config::Limits {
        config::Limits { connections, connections_per_ip, ..config::Config::example("/nowhere").limits }
    }

    #[test]
    fn each_client_and_all_together_are_bounded_and_places_come_back() {
        let (admission, limits) = (Admission::new(), limits(3, 2));
        let enter = |ip: &str| admission.enter(ip.parse().unwrap(), &limits);
        let (first, second) = (enter("192.0.2.1").unwrap(), enter("192.0.2.1").unwrap());
        assert_eq!(enter("192.0.2.1").unwrap_err(), Full::Address);
        assert_eq!(enter("::ffff:192.0.2.1").unwrap_err(), Full::Address);
        let third = enter("192.0.2.2").unwrap();
        assert_eq!(enter("192.0.2.3").unwrap_err(), Full::Server);
        drop(first);
        let fourth = enter("192.0.2.1").unwrap();
        assert_eq!(admission.total(), 3);
        drop((second, third, fourth));
        assert_eq!((admission.total(), admission.sessions.lock().len()), (0, 0));
    }

    #[test]
    fn one_ipv6_customer_is_one_client() {
        let (admission, limits) = (Admission::new(), limits(9, 1));
        let enter = |ip: &str| admission.enter(ip.parse().unwrap(), &limits);
        let _place = enter("2001:db8::1").unwrap();
        assert_eq!(enter("2001:db8::ffff:1").unwrap_err(), Full::Address);
        enter("2001:db8:0:1::1").unwrap();
    }

    #[tokio::test]
    async fn the_last_one_out_is_noticed() {
        let admission = Admission::new();
        let place = admission.enter("192.0.2.1".parse().unwrap(), &limits(1, 1)).unwrap();
        let waiting = tokio::spawn({
            let admission = Arc::clone(&admission);
            async move { admission.emptied().await }
        });
        drop(place);
        waiting.await.unwrap();
    }
}
