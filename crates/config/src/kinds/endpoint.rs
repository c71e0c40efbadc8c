//! Addresses to listen on or to ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use toml::de::DeValue;

use crate::kind::{Kind, bad_value, quoted, wrong_type};
use crate::kinds::number::integer;
use crate::reading::{Reading, Value};

/// Where a service listens: a list of addresses or ports. A port alone means all addresses, an address alone means
/// the service's own port.
pub(crate) struct Endpoints(u16);

/// Where a service listens that has this port by default.
pub(crate) fn endpoints(port: u16) -> Endpoints {
    Endpoints(port)
}

/// Every IPv4 and every IPv6 address.
pub(crate) fn everywhere(port: u16) -> Vec<SocketAddr> {
    let any: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    any.map(|ip| SocketAddr::new(ip, port)).into()
}

impl Kind<Vec<SocketAddr>> for Endpoints {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Vec<SocketAddr>> {
        let DeValue::Array(items) = value.value else {
            return self.one(value, reading);
        };
        let each = items
            .iter()
            .map(|item| self.one(&Value { key: value.key, value: item.get_ref(), span: item.span() }, reading));
        // Every item is read, so that all that is wrong is found at once.
        let read: Vec<_> = each.collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(|lists| lists.concat())
    }

    fn show(&self, value: &Vec<SocketAddr>) -> String {
        let items: Vec<_> = value.iter().map(|a| quoted(&a.to_string())).collect();
        format!("[{}]", items.join(", "))
    }

    fn allowed(&self) -> String {
        format!(
            "a list of addresses and ports, such as [\"127.0.0.1:{0}\", \"[::1]:{0}\", {0}], or [] for none",
            self.0
        )
    }
}

impl Endpoints {
    fn one(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Vec<SocketAddr>> {
        let read = match (value.value.as_str(), integer(value)) {
            (Some(text), _) => self.text(text),
            (None, Some(port)) => port.and_then(|p| u16::try_from(p).ok()).map(everywhere),
            (None, None) => {
                wrong_type(value, reading, self.allowed());
                return None;
            }
        };
        if read.is_none() {
            bad_value(value, reading, "neither an IP address with a port nor a port", self.allowed());
        }
        read
    }

    fn text(&self, text: &str) -> Option<Vec<SocketAddr>> {
        if let Ok(port) = text.strip_prefix("*:").unwrap_or(text).parse() {
            return Some(everywhere(port));
        }
        socket(text, self.0).map(|address| vec![address])
    }
}

/// A server that is asked, with the port it has by default.
pub(crate) struct Server(u16);

/// A server that is asked, with the port it has by default.
pub(crate) fn server(port: u16) -> Server {
    Server(port)
}

impl Kind<SocketAddr> for Server {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<SocketAddr> {
        let text = crate::kind::string(value, reading, || self.allowed())?;
        let address = socket(text, self.0);
        if address.is_none() {
            bad_value(value, reading, "not an IP address", self.allowed());
        }
        address
    }

    fn show(&self, value: &SocketAddr) -> String {
        quoted(&value.to_string())
    }

    fn allowed(&self) -> String {
        format!("an IP address, such as \"192.0.2.53\" or \"[2001:db8::53]:{}\"", self.0)
    }
}

/// `1.2.3.4:25`, `[::1]:25`, `1.2.3.4`, `::1` or `[::1]`.
fn socket(text: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().map(|ip| SocketAddr::new(ip, port))
}
