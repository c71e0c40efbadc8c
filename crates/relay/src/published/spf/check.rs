//! Holding an address against a record (RFC 7208 §4): `check_host`.

use std::net::IpAddr;
use std::pin::Pin;

use super::Spf;
use super::term::{Mechanism, Prefix, Term, same};
use crate::dns::DnsError;
use crate::published::Texts;

/// Terms that ask the DNS; with more of them receivers give up (RFC 7208 §4.6.4).
const MOST_LOOKUPS: usize = 10;
/// Lookups that find nothing (RFC 7208 §4.6.4).
const MOST_VOID: usize = 2;
/// MX hosts of one name (RFC 7208 §4.6.4).
const MOST_HOSTS: usize = 10;

/// What a record says of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may send.
    Pass,
    /// It may not.
    Fail,
    /// It hardly may.
    SoftFail,
    /// Nothing is said.
    Neutral,
    /// The record is broken, in words: no receiver makes anything of it.
    Broken(String),
    /// The DNS could not tell.
    Temporary(String),
    /// It depends on more than is looked at here (`exists`, `ptr`, macros).
    Unknown(String),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the record says.
    pub verdict: Verdict,
    /// Terms that asked the DNS.
    pub lookups: usize,
}

/// A check under way.
struct Check<'a> {
    dns: &'a dyn Texts,
    ip: IpAddr,
    lookups: usize,
    void: usize,
}

/// Ends a check without a match.
type Stopped<T> = Result<T, Verdict>;

impl Spf {
    /// What it says of an address that sends in the name of `domain`.
    pub async fn check(&self, dns: &dyn Texts, domain: &str, ip: IpAddr) -> Checked {
        let mut check = Check { dns, ip, lookups: 0, void: 0 };
        let verdict = check.record(self, domain).await.unwrap_or_else(|stopped| stopped);
        Checked { verdict, lookups: check.lookups }
    }
}

impl Check<'_> {
    /// RFC 7208 §4.6.2: the first mechanism that matches decides.
    fn record<'a>(
        &'a mut self,
        spf: &'a Spf,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = Stopped<Verdict>> + Send + 'a>> {
        Box::pin(async move {
            for term in &spf.terms {
                let Term::Mechanism(verdict, mechanism) = term else { continue };
                if self.matches(mechanism, domain).await? {
                    return Ok(verdict.clone());
                }
            }
            let redirect = spf.terms.iter().find_map(|term| match term {
                Term::Redirect(domain) => Some(domain),
                Term::Mechanism(..) => None,
            });
            match redirect {
                Some(other) => {
                    self.count(other)?;
                    let spf = self.fetch(other).await?;
                    self.record(&spf, other).await
                }
                None => Ok(Verdict::Neutral),
            }
        })
    }

    async fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Stopped<bool> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip4(ip, v4) => Ok(same(self.ip, IpAddr::V4(*ip), Prefix { v4: *v4, v6: 128 })),
            Mechanism::Ip6(ip, v6) => Ok(same(self.ip, IpAddr::V6(*ip), Prefix { v4: 32, v6: *v6 })),
            Mechanism::A(host, prefix) => {
                let host = host.as_deref().unwrap_or(domain);
                self.count(host)?;
                self.is_address_of(host, *prefix).await
            }
            Mechanism::Mx(named, prefix) => {
                let named = named.as_deref().unwrap_or(domain);
                self.count(named)?;
                self.is_mx_of(named, *prefix).await
            }
            Mechanism::Include(other) => {
                self.count(other)?;
                let spf = self.fetch(other).await?;
                match self.record(&spf, other).await? {
                    Verdict::Pass => Ok(true),
                    _ => Ok(false),
                }
            }
            Mechanism::Ptr => Err(Verdict::Unknown("it uses ptr, which receivers may pass over".to_owned())),
            Mechanism::Exists => {
                Err(Verdict::Unknown("it uses exists, whose answer depends on each message".to_owned()))
            }
        }
    }

    /// One more term that asks. A name with macros is another for each message (RFC 7208 §7).
    fn count(&mut self, name: &str) -> Stopped<()> {
        if name.contains('%') {
            return Err(Verdict::Unknown(format!("{name} depends on each message")));
        }
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Verdict::Broken(format!("it takes more than {MOST_LOOKUPS} lookups")));
        }
        Ok(())
    }

    /// The record of another domain: one must be there (RFC 7208 §5.2).
    async fn fetch(&mut self, domain: &str) -> Stopped<Spf> {
        let texts = match self.dns.texts(domain).await {
            Ok(texts) => texts,
            Err(DnsError::NoSuchName) => Vec::new(),
            Err(DnsError::Temporary(why)) => return Err(Verdict::Temporary(format!("{domain}: {why}"))),
        };
        let mut records = texts.iter().filter(|text| Spf::is_meant(text));
        match (records.next(), records.next()) {
            (Some(record), None) => {
                Spf::parse(record).map_err(|error| Verdict::Broken(format!("the record of {domain}: {error}")))
            }
            (None, _) => Err(Verdict::Broken(format!("{domain}, which it leads to, has no SPF record"))),
            (Some(_), Some(_)) => Err(Verdict::Broken(format!("{domain}, which it leads to, has two SPF records"))),
        }
    }

    async fn is_mx_of(&mut self, domain: &str, prefix: Prefix) -> Stopped<bool> {
        let hosts = self.dns.mx(domain).await;
        let hosts = self.found(domain, hosts)?;
        if hosts.len() > MOST_HOSTS {
            return Err(Verdict::Broken(format!("{domain} has more than {MOST_HOSTS} MX hosts")));
        }
        for host in hosts {
            if self.is_address_of(&host.exchange, prefix).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_address_of(&mut self, host: &str, prefix: Prefix) -> Stopped<bool> {
        let addresses = self.dns.addresses(host).await;
        let addresses = self.found(host, addresses)?;
        Ok(addresses.into_iter().any(|address| same(self.ip, address, prefix)))
    }

    /// What the DNS found; nothing is counted.
    fn found<T>(&mut self, name: &str, answer: Result<Vec<T>, DnsError>) -> Stopped<Vec<T>> {
        let found = match answer {
            Ok(found) => found,
            Err(DnsError::NoSuchName) => Vec::new(),
            Err(DnsError::Temporary(why)) => return Err(Verdict::Temporary(format!("{name}: {why}"))),
        };
        self.void += usize::from(found.is_empty());
        if self.void > MOST_VOID {
            return Err(Verdict::Broken(format!("more than {MOST_VOID} of its names have no addresses")));
        }
        Ok(found)
    }
}
