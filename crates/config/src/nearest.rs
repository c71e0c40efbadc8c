//! Did you mean …?

/// The candidate that is most like `word`, if one is like enough: at most a third of its characters wrong.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A hostile key of a megabyte has no neighbour, and costs nothing to find that out.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase().replace('-', "_");
    let near = candidates.into_iter().map(|c| (distance(&word, &c.to_lowercase()), c));
    let (distance, best) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= best.chars().count().max(3) / 3).then_some(best)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = last[j] + usize::from(x != y);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_find_their_neighbour() {
        let keys = ["hostname", "data", "domains", "require_tls", "default_domain"];
        for (wrong, right) in [
            ("hostnmae", Some("hostname")),
            ("HostName", Some("hostname")),
            ("domain", Some("domains")),
            ("require-tls", Some("require_tls")),
            ("requiretls", Some("require_tls")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wrong, keys), right, "{wrong}");
        }
        assert_eq!(nearest(&"hostname".repeat(100), keys), None);
    }

    #[test]
    fn a_swap_is_one_slip() {
        assert_eq!((distance("ab", "ba"), distance("", "abc"), distance("abc", "abc")), (1, 3, 0));
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
