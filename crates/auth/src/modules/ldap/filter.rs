//! What is searched for.

use ldap3::ldap_escape;

/// The filter for a user: `%u` is the name, `%n` its local part, `%d` its domain, `%%` a `%`. Each is escaped (RFC 4515 §3),
/// so that a name like `*)(uid=*` is a name, and not a filter that finds everybody.
pub(super) fn filled(template: &str, name: &str) -> String {
    let (local, domain) = name.rsplit_once('@').unwrap_or((name, ""));
    let mut filter = String::with_capacity(template.len() + name.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        filter.push_str(before);
        let mut letters = after.chars();
        match letters.next() {
            Some('u') => filter.push_str(&ldap_escape(name)),
            Some('n') => filter.push_str(&ldap_escape(local)),
            Some('d') => filter.push_str(&ldap_escape(domain)),
            Some('%') => filter.push('%'),
            // Not one of ours: it stays as it is.
            _ => {
                filter.push('%');
                letters = after.chars();
            }
        }
        rest = letters.as_str();
    }
    filter + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_names() {
        assert_eq!(filled("(mail=%u)", "brian@example.test"), "(mail=brian@example.test)");
        assert_eq!(filled("(&(uid=%n)(ou=%d)(x=%%%x%))", "b@c@d"), "(&(uid=b@c)(ou=d)(x=%%x%))");
        assert_eq!(filled("(uid=%n%d)", "brian"), "(uid=brian)");
        assert_eq!(filled("(uid=%u)", "*)(uid=*"), r"(uid=\2a\29\28uid=\2a)");
        assert_eq!(filled("(uid=%u)", "\\\0%n"), r"(uid=\5c\00%n)");
    }

    proptest! {
        /// Whatever the name, the filter stays one comparison with one value.
        #[test]
        fn no_name_leaves_its_place(name in any::<String>()) {
            let filter = filled("(mail=%u)", &name);
            let inside = filter.strip_prefix("(mail=").and_then(|rest| rest.strip_suffix(')')).expect("one comparison");
            prop_assert!(!inside.contains(['(', ')', '*', '\0']));
            prop_assert!(ldap3::parse_filter(&filter).is_ok());
        }
    }
}
