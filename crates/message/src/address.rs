//! Mailbox addresses (RFC 5321 §4.1.2 `Mailbox`, RFC 6531 for UTF-8).

use std::fmt::{self, Write};

use crate::Domain;

/// RFC 5321 §4.5.3.1.1; counted as written on the wire, quotes included.
const MAX_LOCAL: usize = 64;

/// A mailbox: `local-part@domain`. The local part is kept unquoted (`"joe"@x` and `joe@x` are the same mailbox,
/// RFC 5321 §4.1.2); quotes are put back where the grammar wants them. The domain is kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    local: String,
    domain: Domain,
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing before the `@`.
    #[error("local part is empty")]
    NoLocal,
    /// No `@`, or nothing behind it.
    #[error("domain is missing")]
    NoDomain,
    /// RFC 5321 §4.5.3.1.1.
    #[error("local part is longer than 64 octets")]
    LocalTooLong,
    /// RFC 5321 §4.5.3.1.2.
    #[error("domain is longer than 255 octets")]
    DomainTooLong,
    /// A character or a dot where the grammar has none.
    #[error("local part has a character that needs quotes, or is none of the allowed ones")]
    BadLocal,
    /// A quote that does not end, or something other than `@` after it.
    #[error("quoted local part does not end properly")]
    BadQuote,
    /// Not `Let-dig` labels joined by dots, or not a valid internationalized name.
    #[error("domain is not a host name")]
    BadDomain,
    /// RFC 5321 §4.1.3.
    #[error("address literal is neither [1.2.3.4] nor [IPv6:...]")]
    BadLiteral,
}

impl Address {
    /// Parses a `Mailbox`; local part at most 64 octets (RFC 5321 §4.5.3.1.1). UTF-8 is allowed: see [`Self::is_ascii`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (local, domain) = match text.strip_prefix('"') {
            Some(rest) => quoted(rest)?,
            None => dot_string(text)?,
        };
        let address = Self { local, domain: Domain::parse(domain)? };
        if address.quoted_len() > MAX_LOCAL { Err(AddressError::LocalTooLong) } else { Ok(address) }
    }

    /// The local part, unquoted.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The local part without its `+detail` (RFC 5233 §1), and the detail.
    pub fn split_detail(&self) -> (&str, Option<&str>) {
        match self.local.split_once('+') {
            Some((user, detail)) if !user.is_empty() => (user, Some(detail)),
            _ => (&self.local, None),
        }
    }

    /// Whether no SMTPUTF8 is needed to carry it.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// The same mailbox for a server without SMTPUTF8: A-labels in the domain. `None` where the local part is not
    /// ASCII, for which there is no other spelling (RFC 6531 §3.2).
    pub fn to_ascii(&self) -> Option<String> {
        if !self.local.is_ascii() {
            return None;
        }
        let mut text = String::with_capacity(self.quoted_len() + 1 + self.domain.as_ascii().len());
        write!(text, "{}@{}", LocalPart(&self.local), self.domain.as_ascii()).ok()?;
        Some(text)
    }

    /// Octets of the local part on the wire.
    fn quoted_len(&self) -> usize {
        if is_dot_string(&self.local) {
            return self.local.len();
        }
        self.local.len() + 2 + self.local.bytes().filter(|b| matches!(b, b'"' | b'\\')).count()
    }
}

/// `Quoted-string "@"`, its opening quote already taken: the content and what follows the `@`.
fn quoted(text: &str) -> Result<(String, &str), AddressError> {
    let mut local = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                return Ok((local, rest.strip_prefix('@').ok_or(AddressError::BadQuote)?));
            }
            // quoted-pairSMTP = %d92 %d32-126
            '\\' => match chars.next() {
                Some((_, c @ ' '..='~')) => local.push(c),
                _ => return Err(AddressError::BadQuote),
            },
            // Control characters would let an address break lines and logs; no clause allows them.
            c if c.is_control() => return Err(AddressError::BadLocal),
            c => local.push(c),
        }
    }
    Err(AddressError::BadQuote)
}

/// `Dot-string "@"`: the local part and what follows the `@`.
fn dot_string(text: &str) -> Result<(String, &str), AddressError> {
    let (local, domain) = text.split_once('@').ok_or(AddressError::NoDomain)?;
    if local.is_empty() {
        return Err(AddressError::NoLocal);
    }
    if is_dot_string(local) { Ok((local.to_owned(), domain)) } else { Err(AddressError::BadLocal) }
}

/// `Dot-string = Atom *("." Atom)`, with UTF-8 as RFC 6531 §3.3 widens `atext`.
fn is_dot_string(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5322 §3.2.3.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_control())
}

/// Writes a local part with quotes where it needs them.
struct LocalPart<'a>(&'a str);

impl fmt::Display for LocalPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_string(self.0) {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}

impl fmt::Display for Address {
    /// As the wire wants it, the local part quoted where it must be, without angle brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", LocalPart(&self.local), self.domain)
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        Address::parse(text).expect(text).to_string()
    }

    #[test]
    fn quotes_stay_only_where_they_are_needed() {
        assert_eq!(shown("\"joe\"@Example.ORG"), "joe@example.org");
        assert_eq!(shown("\"joe doe\"@example.org"), "\"joe doe\"@example.org");
        assert_eq!(shown(r#""a\"b\\c"@example.org"#), r#""a\"b\\c"@example.org"#);
        assert_eq!(shown(r#""\j\o\e"@[IPv6:::1]"#), "joe@[IPv6:::1]");
        assert_eq!(shown(r#""a@b"@example.org"#), r#""a@b"@example.org"#);
        assert_eq!(shown(r#""a..b"@example.org"#), r#""a..b"@example.org"#);
        assert_eq!(shown(r#"""@example.org"#), r#"""@example.org"#);
    }

    #[test]
    fn what_is_no_mailbox_says_why() {
        use AddressError::*;
        let long = format!("{}@example.org", "a".repeat(65));
        let quoted = format!("\"{} \"@example.org", "a".repeat(62));
        for (text, error) in [
            ("", NoDomain),
            ("joe", NoDomain),
            ("joe@", NoDomain),
            ("@example.org", NoLocal),
            ("a b@example.org", BadLocal),
            (".a@example.org", BadLocal),
            ("a.@example.org", BadLocal),
            ("a..b@example.org", BadLocal),
            ("a\r\nb@example.org", BadLocal),
            ("\"a\nb\"@example.org", BadLocal),
            ("\"a@example.org", BadQuote),
            ("\"a\"b@example.org", BadQuote),
            ("\"a\\", BadQuote),
            ("a@b@example.org", BadDomain),
            (&long, LocalTooLong),
            (&quoted, LocalTooLong),
        ] {
            assert_eq!(Address::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn detail_and_unicode() {
        let address = Address::parse("josé+news@bücher.example").expect("an address");
        assert_eq!(address.split_detail(), ("josé", Some("news")));
        assert_eq!((address.is_ascii(), address.to_ascii()), (false, None));
        let address = Address::parse("jose@bücher.example").expect("an address");
        assert_eq!(address.to_ascii().as_deref(), Some("jose@xn--bcher-kva.example"));
        assert_eq!(Address::parse("+a@example.org").expect("an address").split_detail(), ("+a", None));
    }

    proptest! {
        /// Value to text to value: whatever the local part holds, quotes carry it.
        #[test]
        fn any_local_part_survives(local in "[ -~é-ʯ]{0,20}", domain in "[a-z0-9]{1,9}(\\.[a-z]{1,9}){0,3}") {
            let address = Address { local, domain: Domain::parse(&domain).expect("labels") };
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
        }

        /// Text to value to text: printing is stable, and nothing hostile panics.
        #[test]
        fn printing_is_a_fixed_point(text in "(\"?[ -~ü\\\\]{0,12}\"?|\\PC{0,12})@(\\PC{0,12}|[a-z.\\[\\]:0-9I]{0,20})") {
            if let Ok(address) = Address::parse(&text) {
                let printed = address.to_string();
                let again = Address::parse(&printed);
                prop_assert_eq!(again.as_ref().map(ToString::to_string), Ok(printed));
                prop_assert_eq!(again, Ok(address));
            }
        }
    }
}
