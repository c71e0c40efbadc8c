//! The part behind the `@`: a domain name or an address literal (RFC 5321 §4.1.2, §4.1.3).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::AddressError;

/// RFC 5321 §4.5.3.1.2.
const MAX_DOMAIN: usize = 255;
/// RFC 1035 §2.3.4.
const MAX_LABEL: usize = 63;

/// A domain name in its A-label or U-label form, or an address literal with its brackets.
/// Compared without case, and by A-labels: `bücher.example` equals `xn--bcher-kva.example` (RFC 6531 §3.2).
#[derive(Debug, Clone)]
pub struct Domain {
    /// As it is shown: lower case, U-labels where they were given.
    text: String,
    /// With A-labels, where that differs.
    ascii: Option<Box<str>>,
}

impl Domain {
    /// Parses a domain or an address literal (RFC 5321 §4.1.2, §4.1.3); at most 255 octets. An underscore in a
    /// label is let through: the DNS allows it and such names receive mail.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::NoDomain);
        }
        if text.len() > MAX_DOMAIN {
            return Err(AddressError::DomainTooLong);
        }
        if text.starts_with('[') {
            return Ok(Self { text: literal(text)?, ascii: None });
        }
        if text.is_ascii() {
            check_labels(text)?;
            return Ok(Self { text: text.to_ascii_lowercase(), ascii: None });
        }
        let ascii = idna::domain_to_ascii(text).map_err(|_| AddressError::BadDomain)?;
        check_labels(&ascii)?;
        // Shown from the mapped form, so that look-alikes such as full-width letters and dots show what they mean.
        let (text, shown) = idna::domain_to_unicode(&ascii);
        if shown.is_err() || text.len() > MAX_DOMAIN {
            return Err(AddressError::BadDomain);
        }
        let ascii = (ascii != text).then(|| ascii.into_boxed_str());
        Ok(Self { text, ascii })
    }

    /// The text, in lower case, with U-labels where they were given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name with A-labels only, as DNS and servers without SMTPUTF8 want it (RFC 5890 §2.3.2.1).
    pub fn as_ascii(&self) -> &str {
        self.ascii.as_deref().unwrap_or(&self.text)
    }

    /// The address of an address literal.
    pub fn literal(&self) -> Option<IpAddr> {
        let inner = self.text.strip_prefix('[')?.strip_suffix(']')?;
        match inner.strip_prefix("IPv6:") {
            Some(v6) => v6.parse().ok().map(IpAddr::V6),
            None => inner.parse().ok().map(IpAddr::V4),
        }
    }

    /// Whether it holds A-labels and ASCII only.
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

/// RFC 5321 §4.1.3: `"[" IPv4 "]"` or `"[IPv6:" IPv6 "]"`; no other tag was ever registered.
fn literal(text: &str) -> Result<String, AddressError> {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or(AddressError::BadLiteral)?;
    let address = match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => {
            let v6 = inner.get(5..).and_then(|t| t.parse::<Ipv6Addr>().ok());
            v6.map(|v6| format!("[IPv6:{v6}]"))
        }
        _ => inner.parse::<Ipv4Addr>().ok().map(|v4| format!("[{v4}]")),
    };
    address.ok_or(AddressError::BadLiteral)
}

/// `sub-domain = Let-dig [Ldh-str]`; no trailing dot (RFC 5321 §2.3.5: names are fully qualified already).
fn check_labels(name: &str) -> Result<(), AddressError> {
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if name.len() <= MAX_DOMAIN && name.split('.').all(fits) { Ok(()) } else { Err(AddressError::BadDomain) }
}

impl PartialEq for Domain {
    fn eq(&self, other: &Self) -> bool {
        self.as_ascii() == other.as_ascii()
    }
}

impl Eq for Domain {}

impl Hash for Domain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ascii().hash(state);
    }
}

impl PartialOrd for Domain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Domain {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_ascii().cmp(other.as_ascii())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_bounded() {
        assert_eq!(Domain::parse("Mail.EXAMPLE.org").map(|d| d.to_string()), Ok("mail.example.org".into()));
        for bad in ["a..b", ".a", "a.", "-a.b", "a-.b", "a b", "a\0b", "ex@mple", &"a".repeat(64)] {
            assert_eq!(Domain::parse(bad), Err(AddressError::BadDomain), "{bad:?}");
        }
        assert_eq!(Domain::parse(""), Err(AddressError::NoDomain));
        assert_eq!(Domain::parse(&"a.".repeat(128)), Err(AddressError::DomainTooLong));
    }

    #[test]
    fn literals_are_canonical() {
        let v6 = Domain::parse("[ipv6:2001:DB8:0:0:0:0:0:1]").expect("a literal");
        assert_eq!(v6.to_string(), "[IPv6:2001:db8::1]");
        assert_eq!(v6.literal(), Some("2001:db8::1".parse().expect("an address")));
        let v4 = Domain::parse("[192.0.2.1]").expect("a literal");
        assert_eq!(v4.literal(), Some("192.0.2.1".parse().expect("an address")));
        for bad in ["[192.0.2.1", "[192.0.2.256]", "[IPv6:]", "[::1]", "[x:y]", "[]", "[", "[ipvü:]"] {
            assert_eq!(Domain::parse(bad), Err(AddressError::BadLiteral), "{bad:?}");
        }
    }

    #[test]
    fn u_labels_and_a_labels_are_the_same_name() {
        let u = Domain::parse("BÜCHER.example").expect("a name");
        let a = Domain::parse("xn--bcher-kva.example").expect("a name");
        assert_eq!(u, a);
        assert_eq!((u.as_str(), u.as_ascii(), u.is_ascii()), ("bücher.example", "xn--bcher-kva.example", false));
        assert!(a.is_ascii());
        let wide = Domain::parse("ｅxample。org").expect("a name");
        assert_eq!((wide.as_str(), wide.is_ascii()), ("example.org", true));
    }
}
