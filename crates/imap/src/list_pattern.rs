//! Patterns of LIST and LSUB (RFC 3501 §6.3.8).

use crate::response::DELIMITER;

/// Whether a mailbox's name matches: `*` stands for anything, `%` for anything without a delimiter. INBOX has no case.
/// Takes time in proportion to both lengths, whatever the pattern (`*a*a*a*…` must not cost more).
pub fn list_matches(pattern: &str, name: &str) -> bool {
    let inbox = name == "INBOX";
    let name: Vec<char> = name.chars().collect();
    // `reached[i]`: the pattern so far matches the first i characters.
    let mut reached = vec![false; name.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for p in pattern.chars() {
        let before = std::mem::take(&mut reached);
        let mut open = false;
        for (i, &here) in before.iter().enumerate() {
            let last = i.checked_sub(1).and_then(|j| name.get(j)).copied();
            let now = match (p, last) {
                ('*', _) => open || here,
                ('%', Some(DELIMITER)) => here,
                ('%', _) => open || here,
                (_, Some(c)) => {
                    let same = p == c || (inbox && p.eq_ignore_ascii_case(&c));
                    same && i.checked_sub(1).and_then(|j| before.get(j)) == Some(&true)
                }
                (_, None) => false,
            };
            open = now;
            reached.push(now);
        }
    }
    reached.last() == Some(&true)
}

/// The levels above a name, the highest first: `a` and `a/b` for `a/b/c`.
pub fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices(DELIMITER).filter_map(|(i, _)| name.get(..i)).filter(|p| !p.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("*", "a/b/c", true),
            ("%", "a", true),
            ("%", "a/b", false),
            ("%/%", "a/b", true),
            ("a/%", "a/b/c", false),
            ("a/*", "a/b/c", true),
            ("a*c", "a/b/c", true),
            ("a%c", "abc", true),
            ("a%c", "a/c", false),
            ("%b", "a/b", false),
            ("inbox", "INBOX", true),
            ("iNb%", "INBOX", true),
            ("inbox", "inbox2", false),
            ("foo", "Foo", false),
            ("", "", true),
            ("", "a", false),
            ("Entwürf%", "Entwürfe", true),
        ] {
            assert_eq!(list_matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        assert!(!list_matches(&"*a".repeat(500), &"a".repeat(499)));
    }

    #[test]
    fn levels() {
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(parents("a").count(), 0);
    }
}
