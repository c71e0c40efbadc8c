//! The questions asked of the DNS, and hickory that answers them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Answer, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use queue::Future;

use crate::published::Texts;

/// One MX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExchange {
    /// The lower the better.
    pub preference: u16,
    /// The host, without the dot of the root; empty in a null MX (RFC 7505).
    pub exchange: String,
}

/// Why there is no answer. That a name has no such records is an answer: an empty list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// NXDOMAIN.
    #[error("the name does not exist")]
    NoSuchName,
    /// SERVFAIL, a timeout, nobody to ask: it may be there all the same.
    #[error("{0}")]
    Temporary(String),
}

/// Looks names up; aliases (CNAME) are followed (RFC 5321 §5.1).
pub trait Dns: Send + Sync {
    /// The MX records of a domain in A-labels, in no order.
    fn mx<'a>(&'a self, domain: &'a str) -> Future<'a, Result<Vec<MailExchange>, DnsError>>;

    /// The IPv4 and IPv6 addresses of a host.
    fn addresses<'a>(&'a self, host: &'a str) -> Future<'a, Result<Vec<IpAddr>, DnsError>>;
}

/// Asks the servers of `/etc/resolv.conf`, or given ones, over UDP and TCP; remembers answers for their time to live.
#[derive(Clone)]
pub struct Resolver(TokioResolver);

impl Resolver {
    /// `servers` instead of those of `/etc/resolv.conf`, if there are any.
    ///
    /// # Errors
    /// The system's configuration cannot be read.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, DnsError> {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(temporary)?
        } else {
            let servers = servers.iter().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        builder.build().map(Self).map_err(temporary)
    }

    async fn lookup(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsError> {
        // The final dot: no search list of the machine may lead mail elsewhere.
        let answer = self.0.lookup(format!("{name}."), kind).await;
        answer
            .map(|lookup: Lookup| lookup.answers().iter().map(|record| record.data.clone()).collect())
            .or_else(nothing)
    }
}

/// A resolver; one that cannot be set up leaves every question open, and mail queued, instead of stopping the program.
pub(crate) fn open(servers: &[SocketAddr]) -> Arc<dyn Dns> {
    match Resolver::new(servers) {
        Ok(resolver) => Arc::new(resolver),
        Err(error) => {
            tracing::error!(%error, "no DNS: mail to other servers stays queued");
            Arc::new(NoDns(error))
        }
    }
}

/// See [`open`].
struct NoDns(DnsError);

impl Dns for NoDns {
    fn mx<'a>(&'a self, _: &'a str) -> Future<'a, Result<Vec<MailExchange>, DnsError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> Future<'a, Result<Vec<IpAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

fn temporary(error: NetError) -> DnsError {
    DnsError::Temporary(error.to_string())
}

/// Tells "no such records" from "no such name" from "could not tell".
fn nothing(error: NetError) -> Result<Vec<RData>, DnsError> {
    match &error {
        NetError::Dns(Answer::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NoError => Ok(Vec::new()),
            ResponseCode::NXDomain => Err(DnsError::NoSuchName),
            code => Err(DnsError::Temporary(code.to_string())),
        },
        _ => Err(temporary(error)),
    }
}

impl Resolver {
    /// The names of an address (PTR), in lower case, without the dot of the root.
    ///
    /// # Errors
    /// See [`DnsError`].
    pub async fn names_of(&self, ip: IpAddr) -> Result<Vec<String>, DnsError> {
        let reverse = Name::from(ip).to_ascii();
        let name = |data: RData| match data {
            RData::PTR(ptr) => Some(ptr.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        };
        let records = self.lookup(reverse.trim_end_matches('.'), RecordType::PTR).await?;
        Ok(records.into_iter().filter_map(name).collect())
    }
}

impl Texts for Resolver {
    fn texts<'a>(&'a self, name: &'a str) -> Future<'a, Result<Vec<String>, DnsError>> {
        Box::pin(async move {
            let text = |data: RData| match data {
                RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
                _ => None,
            };
            Ok(self.lookup(name, RecordType::TXT).await?.into_iter().filter_map(text).collect())
        })
    }
}

impl Dns for Resolver {
    fn mx<'a>(&'a self, domain: &'a str) -> Future<'a, Result<Vec<MailExchange>, DnsError>> {
        Box::pin(async move {
            let records = self.lookup(domain, RecordType::MX).await?;
            let exchange = |data: RData| match data {
                RData::MX(mx) => {
                    let exchange = mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                    Some(MailExchange { preference: mx.preference, exchange })
                }
                _ => None,
            };
            Ok(records.into_iter().filter_map(exchange).collect())
        })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Future<'a, Result<Vec<IpAddr>, DnsError>> {
        Box::pin(async move {
            let (v4, v6) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::AAAA));
            let address = |data: RData| match data {
                RData::A(a) => Some(IpAddr::V4(a.0)),
                RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
                _ => None,
            };
            match (v4, v6) {
                // One family that could not be asked for does not hide the other.
                (Ok(found), Err(_)) | (Err(_), Ok(found)) if !found.is_empty() => {
                    Ok(found.into_iter().filter_map(address).collect())
                }
                (v4, v6) => Ok(v4?.into_iter().chain(v6?).filter_map(address).collect()),
            }
        })
    }
}
