//! From what a client calls itself to an address.

use message::{Address, Domain};

use crate::module::Who;

/// The address that a login name stands for; a name without `@` gets the default domain (MISSION 002-22). `None` if it
/// can be nobody's.
pub(crate) fn address(name: &str, default_domain: Option<&Domain>) -> Option<Address> {
    let name = name.trim();
    if name.contains('@') {
        return Address::parse(name).ok();
    }
    Address::parse(&format!("{name}@{}", default_domain?)).ok()
}

/// The names that a login is looked up by: as it was typed, then the full address.
pub(crate) fn typed_and_full(who: &Who) -> Vec<String> {
    let full = who.address.as_ref().map(ToString::to_string);
    let other = full.filter(|full| !full.eq_ignore_ascii_case(&who.identity));
    std::iter::once(who.identity.clone()).chain(other).collect()
}

/// The names that a recipient is looked up by, each with the address that it stands for: the full address and, with
/// `local_too`, its name alone; then both without a `+detail` (RFC 5233).
pub(crate) fn receivers(recipient: &Address, local_too: bool) -> Vec<(String, Address)> {
    let plain = Some(recipient.split_detail()).filter(|(_, detail)| detail.is_some()).map(|(plain, _)| plain);
    let mut names = Vec::new();
    for local in std::iter::once(recipient.local()).chain(plain) {
        let full = keyed(local, recipient.domain());
        let address = Address::parse(&full).unwrap_or_else(|_| recipient.clone());
        names.push((full, address.clone()));
        names.extend(local_too.then(|| (local.to_owned(), address)));
    }
    names
}

/// The key under which an address is known: without case, and with A-labels. Everybody means the same mailbox by
/// `Alice@` and `alice@`, so only one of them can exist.
pub(crate) fn key(address: &Address) -> String {
    keyed(address.local(), address.domain())
}

/// The key of a mailbox at a domain.
pub(crate) fn keyed(local: &str, domain: &Domain) -> String {
    let mut key = local.to_lowercase();
    key.push('@');
    key.push_str(domain.as_ascii());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_a_domain() {
        let domain = Domain::parse("example.test").expect("a domain");
        let of = |name, default| address(name, default).map(|a| key(&a));
        assert_eq!(of("Alice@Example.TEST", None).as_deref(), Some("alice@example.test"));
        assert_eq!(of(" alice ", Some(&domain)).as_deref(), Some("alice@example.test"));
        assert_eq!(of("alice", None), None);
        assert_eq!(of("", Some(&domain)), None);
        assert_eq!(of("a\0b@example.test", None), None);
        assert_eq!(of("zoë@bücher.example", None).as_deref(), Some("zoë@xn--bcher-kva.example"));
    }
}
