//! From what a client calls itself to an address.

use message::{Address, Domain};

/// The address that a login name stands for; a name without `@` gets the default domain (MISSION 002-22). `None` if it
/// can be nobody's.
pub(crate) fn address(name: &str, default_domain: Option<&Domain>) -> Option<Address> {
    let name = name.trim();
    if name.contains('@') {
        return Address::parse(name).ok();
    }
    Address::parse(&format!("{name}@{}", default_domain?)).ok()
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
