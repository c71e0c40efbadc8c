//! Dovecot's `quota_rule=*:storage=1G:messages=1000` in the form of Maildir++ (`1073741824S,1000C`).

/// The quota of the whole account; rules of single mailboxes (`Trash:…`) are not of it. `None` without a limit.
pub(super) fn maildirsize<'a>(rules: impl Iterator<Item = &'a str>) -> Option<String> {
    let (mut octets, mut messages) = (None, None);
    for limit in rules.filter_map(|rule| rule.strip_prefix("*:")).flat_map(|limits| limits.split(':')) {
        match limit.split_once('=') {
            Some(("storage", size)) => octets = size_of(size, 1024),
            Some(("bytes", size)) => octets = size_of(size, 1),
            Some(("messages", count)) => messages = count.parse::<u64>().ok(),
            _ => {}
        }
    }
    let limit = |number: Option<u64>, unit| number.filter(|number| *number > 0).map(|number| format!("{number}{unit}"));
    let limits: Vec<_> = [limit(octets, 'S'), limit(messages, 'C')].into_iter().flatten().collect();
    (!limits.is_empty()).then(|| limits.join(","))
}

fn size_of(text: &str, plain: u64) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let factor = match text.get(digits.len()..)?.to_ascii_uppercase().as_str() {
        "" => plain,
        "B" => 1,
        "K" | "KB" => 1 << 10,
        "M" | "MB" => 1 << 20,
        "G" | "GB" => 1 << 30,
        "T" | "TB" => 1 << 40,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_limits() {
        let of = |rules: &[&str]| maildirsize(rules.iter().copied());
        assert_eq!(of(&["*:storage=1G:messages=1000"]).as_deref(), Some("1073741824S,1000C"));
        assert_eq!(of(&["*:storage=100"]).as_deref(), Some("102400S"));
        assert_eq!(of(&["*:bytes=5", "Trash:storage=+10%"]).as_deref(), Some("5S"));
        assert_eq!(of(&["*:storage=0"]), None);
        assert_eq!(of(&["*:storage=99999999999999999999T", "x", "*:"]), None);
    }
}
