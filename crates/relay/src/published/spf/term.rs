//! The terms of a record (RFC 7208 §4.6.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::SpfError;
use super::check::Verdict;

/// A mechanism with its qualifier, or a modifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// What matches decides.
    Mechanism(Verdict, Mechanism),
    /// `redirect=`, where nothing matched.
    Redirect(String),
}

/// What is held against the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(String),
    /// The addresses of a host; the domain itself, if none is named.
    A(Option<String>, Prefix),
    /// The addresses of a domain's MX hosts.
    Mx(Option<String>, Prefix),
    Ip4(Ipv4Addr, u8),
    Ip6(Ipv6Addr, u8),
    /// Slow, and not to be used (RFC 7208 §5.5).
    Ptr,
    Exists,
}

/// How many bits of each family count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) v4: u8,
    pub(super) v6: u8,
}

impl Term {
    /// `None` is a modifier that says nothing to us.
    pub(super) fn parse(word: &str) -> Result<Option<Self>, SpfError> {
        if let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name)) {
            let redirect = name.eq_ignore_ascii_case("redirect").then(|| Self::Redirect(value.to_owned()));
            return Ok(redirect);
        }
        let (verdict, rest) = match word.as_bytes().first() {
            Some(b'+') => (Verdict::Pass, &word[1..]),
            Some(b'-') => (Verdict::Fail, &word[1..]),
            Some(b'~') => (Verdict::SoftFail, &word[1..]),
            Some(b'?') => (Verdict::Neutral, &word[1..]),
            _ => (Verdict::Pass, word),
        };
        Ok(Some(Self::Mechanism(verdict, mechanism(word, rest)?)))
    }

    pub(super) fn is_pass_all(&self) -> bool {
        matches!(self, Self::Mechanism(Verdict::Pass, Mechanism::All))
    }
}

fn is_name(name: &str) -> bool {
    let mut octets = name.bytes();
    octets.next().is_some_and(|first| first.is_ascii_alphabetic())
        && octets.all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet))
}

fn mechanism(word: &str, rest: &str) -> Result<Mechanism, SpfError> {
    let wrong = |why| SpfError::Value { term: word.to_owned(), why };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, value) = rest.split_at(end);
    let named = |value: &str| value.strip_prefix(':').filter(|value| !value.is_empty()).map(str::to_owned);
    match name.to_ascii_lowercase().as_str() {
        "all" if value.is_empty() => Ok(Mechanism::All),
        "all" => Err(wrong("nothing can stand behind all")),
        "include" => named(value).map(Mechanism::Include).ok_or_else(|| wrong("which domain?")),
        "exists" => named(value).map(|_| Mechanism::Exists).ok_or_else(|| wrong("which name?")),
        "ptr" => Ok(Mechanism::Ptr),
        "a" | "mx" => {
            let (domain, prefix) = value.find('/').map_or((value, ""), |slash| value.split_at(slash));
            let prefix = prefix_of(prefix).ok_or_else(|| wrong("/0 to /32, or //0 to //128"))?;
            match (domain, named(domain)) {
                ("", _) => Ok(either(name, None, prefix)),
                (_, Some(domain)) => Ok(either(name, Some(domain), prefix)),
                _ => Err(wrong("which host?")),
            }
        }
        "ip4" => network(value, 32).map(|(ip, bits)| Mechanism::Ip4(ip, bits)).ok_or_else(|| wrong("no IPv4 network")),
        "ip6" => network(value, 128).map(|(ip, bits)| Mechanism::Ip6(ip, bits)).ok_or_else(|| wrong("no IPv6 network")),
        _ => Err(SpfError::Unknown(word.to_owned())),
    }
}

fn either(name: &str, domain: Option<String>, prefix: Prefix) -> Mechanism {
    if name.eq_ignore_ascii_case("a") { Mechanism::A(domain, prefix) } else { Mechanism::Mx(domain, prefix) }
}

/// `/24`, `//64`, `/24//64`.
fn prefix_of(text: &str) -> Option<Prefix> {
    let (v4, v6) = text.split_once("//").unwrap_or((text, ""));
    let v4 = if v4.is_empty() { 32 } else { bits(v4.strip_prefix('/')?, 32)? };
    let v6 = if v6.is_empty() && !text.ends_with('/') { 128 } else { bits(v6, 128)? };
    Some(Prefix { v4, v6 })
}

fn bits(text: &str, most: u8) -> Option<u8> {
    text.parse().ok().filter(|bits| *bits <= most && text.bytes().all(|octet| octet.is_ascii_digit()))
}

fn network<T: std::str::FromStr>(value: &str, most: u8) -> Option<(T, u8)> {
    let value = value.strip_prefix(':')?;
    let (ip, length) = match value.split_once('/') {
        Some((ip, length)) => (ip, bits(length, most)?),
        None => (value, most),
    };
    Some((ip.parse().ok()?, length))
}

/// Whether two addresses are of one family and the same in their first bits.
pub(super) fn same(a: IpAddr, b: IpAddr, prefix: Prefix) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - u32::from(prefix.v4.min(32));
            u32::from(a).checked_shr(shift).unwrap_or(0) == u32::from(b).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128 - u32::from(prefix.v6.min(128));
            u128::from(a).checked_shr(shift).unwrap_or(0) == u128::from(b).checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}
