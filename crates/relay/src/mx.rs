//! The hosts of a domain, in the order in which they are tried (RFC 5321 §5.1).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};

use message::Domain;

use crate::dns::{Dns, DnsError, MailExchange};
use crate::own::Own;
use crate::private::is_private;

/// Hosts looked at; a domain with more has them for show.
const MAX_HOSTS: usize = 10;

/// A host to try, at one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name: what its certificate must be good for.
    pub host: String,
    /// Where.
    pub address: SocketAddr,
}

/// `mx.example.org [192.0.2.1]:25`, as [`queue::Remote`] wants it.
impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}]:{}", self.host, self.address.ip(), self.address.port())
    }
}

/// Why a domain has no host to try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MxError {
    /// RFC 7505.
    #[error("the domain takes no mail (null MX)")]
    NullMx,
    /// NXDOMAIN.
    #[error("the domain does not exist")]
    NoSuchDomain,
    /// No MX and no address, or MX hosts without addresses.
    #[error("the domain has no mail host with an address")]
    NoHost,
    /// Only loopback and private addresses, and `relay.allow_private` is off.
    #[error("the domain's mail hosts have private addresses only")]
    Private,
    /// The best host is ourselves, yet the domain is not one of ours.
    #[error("mail for the domain would come back here: its best mail host is this one")]
    Loop,
    /// SERVFAIL, a timeout.
    #[error("DNS: {0}")]
    Temporary(String),
}

/// What is asked, and what the answer depends on.
pub(crate) struct Search<'a> {
    pub(crate) dns: &'a dyn Dns,
    pub(crate) own: &'a Own,
    /// 25 except in tests.
    pub(crate) port: u16,
    pub(crate) allow_private: bool,
}

impl Search<'_> {
    /// The hosts of a domain; at least one.
    pub(crate) async fn domain(&self, domain: &Domain) -> Result<Vec<Candidate>, MxError> {
        // RFC 5321 §4.1.3: a literal is an address, nothing is looked up.
        if let Some(ip) = domain.literal() {
            let host = Host { preference: 0, name: ip.to_string(), addresses: vec![ip] };
            return self.candidates(vec![host]);
        }
        let name = domain.as_ascii();
        let records = self.dns.mx(name).await.map_err(|error| match error {
            DnsError::NoSuchName => MxError::NoSuchDomain,
            DnsError::Temporary(reason) => MxError::Temporary(reason),
        })?;
        let hosts = self.hosts(ordered(records, name, &RandomState::new())?).await?;
        self.candidates(hosts)
    }

    /// The addresses of a smarthost: a name, or an address with or without brackets. What the operator wrote may be
    /// private; it is only an error if it is ourselves.
    pub(crate) async fn smarthost(&self, host: &str) -> Result<Vec<Candidate>, MxError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_start_matches("IPv6:");
        let addresses = match bare.parse() {
            Ok(ip) => vec![ip],
            Err(_) => self.dns.addresses(host).await.map_err(|error| match error {
                DnsError::NoSuchName => MxError::NoHost,
                DnsError::Temporary(reason) => MxError::Temporary(reason),
            })?,
        };
        let candidates = self.at_port(bare, addresses);
        if candidates.iter().any(|candidate| self.own.is_address(candidate.address)) {
            return Err(MxError::Loop);
        }
        if candidates.is_empty() { Err(MxError::NoHost) } else { Ok(candidates) }
    }

    /// Looks up the addresses of MX hosts.
    async fn hosts(&self, records: Vec<MailExchange>) -> Result<Vec<Host>, MxError> {
        let (mut hosts, mut trouble) = (Vec::new(), None);
        for MailExchange { preference, exchange: name } in records.into_iter().take(MAX_HOSTS) {
            match self.dns.addresses(&name).await {
                Ok(addresses) => hosts.push(Host { preference, name, addresses }),
                Err(DnsError::NoSuchName) => hosts.push(Host { preference, name, addresses: Vec::new() }),
                Err(DnsError::Temporary(reason)) => trouble = Some(reason),
            }
        }
        // A host that could not be looked up may be the only one that works: wait for it rather than bounce.
        match trouble {
            Some(reason) if hosts.iter().all(|host| host.addresses.is_empty()) => Err(MxError::Temporary(reason)),
            _ => Ok(hosts),
        }
    }

    /// Leaves out ourselves and what is not better than we are, and private addresses.
    fn candidates(&self, hosts: Vec<Host>) -> Result<Vec<Candidate>, MxError> {
        if hosts.iter().all(|host| host.addresses.is_empty()) {
            return Err(MxError::NoHost);
        }
        let better = cut(hosts, |host| {
            self.own.is_name(&host.name)
                || host.addresses.iter().any(|&ip| self.own.is_address(SocketAddr::new(ip, self.port)))
        });
        if better.iter().all(|host| host.addresses.is_empty()) {
            return Err(MxError::Loop);
        }
        let all = better.into_iter().flat_map(|host| self.at_port(&host.name, host.addresses));
        let allowed: Vec<_> = all.filter(|c| self.allow_private || !is_private(c.address.ip())).collect();
        if allowed.is_empty() { Err(MxError::Private) } else { Ok(allowed) }
    }

    fn at_port(&self, host: &str, addresses: Vec<IpAddr>) -> Vec<Candidate> {
        let candidate = |ip| Candidate { host: host.to_owned(), address: SocketAddr::new(ip, self.port) };
        addresses.into_iter().map(candidate).collect()
    }
}

/// An MX host with its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    preference: u16,
    name: String,
    addresses: Vec<IpAddr>,
}

/// Sorts by preference, at random among equals, to spread the load; without MX the domain itself is the host.
fn ordered(records: Vec<MailExchange>, domain: &str, random: &RandomState) -> Result<Vec<MailExchange>, MxError> {
    if records.is_empty() {
        return Ok(vec![MailExchange { preference: 0, exchange: domain.to_owned() }]);
    }
    // RFC 7505 §3: a null MX stands alone; beside others it is a mistake and means nothing.
    let mut records: Vec<_> = records.into_iter().filter(|record| !record.exchange.is_empty()).collect();
    if records.is_empty() {
        return Err(MxError::NullMx);
    }
    records.sort_by_cached_key(|record| (record.preference, random.hash_one(&record.exchange)));
    Ok(records)
}

/// RFC 5321 §5.1: if we are among the hosts, those with the same or a worse preference are left out.
fn cut(mut hosts: Vec<Host>, is_own: impl Fn(&Host) -> bool) -> Vec<Host> {
    if let Some(ours) = hosts.iter().filter(|host| is_own(host)).map(|host| host.preference).min() {
        hosts.retain(|host| host.preference < ours);
    }
    hosts
}

#[cfg(test)]
mod tests;
