//! Sequence sets (RFC 3501 §9 `sequence-set`): message sequence numbers or UIDs.

use std::fmt;
use std::ops::RangeInclusive;

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Never zero.
    Number(u32),
    /// `*`, the largest one in the mailbox.
    Last,
}

/// What the numbers of a command and of its answer mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// Message sequence numbers.
    Sequence,
    /// Unique identifiers: the command was said with `UID` in front.
    Uid,
}

/// A set as it was written; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSet(Vec<(Bound, Bound)>);

impl SequenceSet {
    /// A set of these ranges; `None` if there are none, or if one holds the number zero.
    pub fn new(ranges: Vec<(Bound, Bound)>) -> Option<Self> {
        let zero = |b: &Bound| *b == Bound::Number(0);
        let valid = !ranges.is_empty() && !ranges.iter().any(|(a, b)| zero(a) || zero(b));
        valid.then_some(Self(ranges))
    }

    /// The ranges with `*` replaced by `last`, lower end first (RFC 3501 §9: `4:2` is `2:4`, and `559:*` holds the last
    /// message even where it is below 559).
    pub fn ranges(&self, last: u32) -> impl Iterator<Item = RangeInclusive<u32>> + '_ {
        let value = move |b: Bound| match b {
            Bound::Number(n) => n,
            Bound::Last => last,
        };
        self.0.iter().map(move |&(a, b)| {
            let (a, b) = (value(a), value(b));
            a.min(b)..=a.max(b)
        })
    }

    /// Whether the set holds `number`, in a mailbox whose largest one is `last`.
    pub fn contains(&self, number: u32, last: u32) -> bool {
        self.ranges(last).any(|r| r.contains(&number))
    }

    /// The largest number that is written out; zero if there is none but `*`.
    pub fn largest_written(&self) -> u32 {
        let number = |b: Bound| if let Bound::Number(n) = b { n } else { 0 };
        self.0.iter().map(|&(a, b)| number(a).max(number(b))).max().unwrap_or(0)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => n.fmt(f),
            Self::Last => f.write_str("*"),
        }
    }
}

impl fmt::Display for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (a, b)) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "," })?;
            if a == b { a.fmt(f)? } else { write!(f, "{a}:{b}")? }
        }
        Ok(())
    }
}

/// Numbers in the given order as a `uid-set`, neighbours joined: `5:7,9`. The order is kept (RFC 4315 §3: COPYUID's two
/// sets correspond one by one).
pub fn compact(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for n in numbers {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(n) => *end = n,
            _ => ranges.push((n, n)),
        }
    }
    let text = |(a, b): (u32, u32)| if a == b { a.to_string() } else { format!("{a}:{b}") };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_is_in_every_range_with_a_star() {
        let set = SequenceSet::new(vec![(Bound::Number(559), Bound::Last)]).unwrap();
        assert!(set.contains(12, 12));
        assert!(!set.contains(11, 12));
        assert!(set.contains(600, 700));
    }

    #[test]
    fn zero_is_no_message() {
        assert_eq!(SequenceSet::new(vec![(Bound::Number(0), Bound::Last)]), None);
        assert_eq!(SequenceSet::new(vec![]), None);
    }

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(compact([3, 4, 5, 9, 11, 12]), "3:5,9,11:12");
        assert_eq!(compact([9, 3, 4]), "9,3:4");
        assert_eq!(compact([]), "");
    }
}
