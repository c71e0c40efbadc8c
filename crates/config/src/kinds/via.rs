//! Smarthosts: a host with a port.

use message::Domain;

use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// Host and port of a smarthost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Via {
    /// A name, or an address literal with its brackets.
    pub(crate) host: String,
    /// `None` where the file names none.
    pub(crate) port: Option<u16>,
}

/// `host`, `host:port`, `192.0.2.1:port`, `[::1]:port`.
pub(crate) struct HostPort;

/// `host`, `host:port`, `192.0.2.1:port`, `[::1]:port`.
pub(crate) fn via() -> HostPort {
    HostPort
}

impl Kind<Via> for HostPort {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Via> {
        let text = string(value, reading, || self.allowed())?;
        let read = parse(text);
        if read.is_none() {
            bad_value(value, reading, "neither a host name nor an address with a port", self.allowed());
        }
        read
    }

    fn show(&self, value: &Via) -> String {
        quoted(&match value.port {
            Some(port) => format!("{}:{port}", value.host),
            None => value.host.clone(),
        })
    }

    fn allowed(&self) -> String {
        "a host with a port, such as \"smtp.example.org:587\" or \"[2001:db8::1]:587\"".to_owned()
    }
}

fn parse(text: &str) -> Option<Via> {
    let colon = text.rfind(':').filter(|colon| !text[*colon..].contains(']'));
    let (host, port) = match colon {
        Some(colon) => (&text[..colon], Some(text[colon + 1..].parse().ok().filter(|port| *port > 0)?)),
        None => (text, None),
    };
    Some(Via { host: self::host(host)?, port })
}

/// A host as the relay wants it: a name, or an address literal (RFC 5321 §4.1.3).
fn host(text: &str) -> Option<String> {
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let ip = inner.strip_prefix("IPv6:").unwrap_or(inner).parse::<std::net::IpAddr>().ok()?;
        return Some(literal(ip));
    }
    if let Ok(ip) = text.parse::<std::net::Ipv4Addr>() {
        return Some(literal(ip.into()));
    }
    Domain::parse(text).ok().map(|domain| domain.as_ascii().to_owned())
}

fn literal(ip: std::net::IpAddr) -> String {
    match ip {
        std::net::IpAddr::V4(ip) => format!("[{ip}]"),
        std::net::IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (text, expected) in [
            ("smtp.Example.org:587", Some(("smtp.example.org", Some(587)))),
            ("smtp.example.org", Some(("smtp.example.org", None))),
            ("192.0.2.1:25", Some(("[192.0.2.1]", Some(25)))),
            ("[192.0.2.1]:25", Some(("[192.0.2.1]", Some(25)))),
            ("[2001:db8::1]:587", Some(("[IPv6:2001:db8::1]", Some(587)))),
            ("[IPv6:2001:db8::1]", Some(("[IPv6:2001:db8::1]", None))),
            ("2001:db8::1", None),
            ("smtp.example.org:", None),
            ("smtp.example.org:0", None),
            ("smtp.example.org:65536", None),
            (":25", None),
            ("", None),
            ("a b:25", None),
        ] {
            let expected = expected.map(|(host, port)| Via { host: host.to_owned(), port });
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
