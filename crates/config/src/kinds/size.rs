//! Numbers of octets: `50 MiB`.

use std::ops::RangeInclusive;

use crate::finding::Cause;
use crate::kind::{Kind, bad_value, quoted, wrong_type};
use crate::kinds::number::integer;
use crate::reading::{Reading, Value};

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;

/// Units with their octets, the largest binary one first: the first that fits shows a size.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", GIB),
    ("MiB", MIB),
    ("KiB", KIB),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// A size within a range, octets.
pub(crate) struct Size(RangeInclusive<u64>);

/// A size within a range, octets.
pub(crate) fn size(range: RangeInclusive<u64>) -> Size {
    Size(range)
}

impl Kind<u64> for Size {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<u64> {
        let octets = match (value.value.as_str(), integer(value)) {
            (Some(text), _) => match parse(text) {
                Ok(octets) => Some(octets),
                Err(why) => {
                    bad_value(value, reading, why, self.allowed());
                    return None;
                }
            },
            (None, Some(octets)) => octets,
            (None, None) => {
                wrong_type(value, reading, self.allowed());
                return None;
            }
        };
        let octets = octets.filter(|n| self.0.contains(n));
        if octets.is_none() {
            reading.wrong(value, Cause::OutOfRange { key: value.key.to_owned() }, self.allowed());
        }
        octets
    }

    fn show(&self, value: &u64) -> String {
        quoted(&text(*value))
    }

    fn allowed(&self) -> String {
        format!("a size such as \"10 MB\" or \"50 MiB\", from {} to {}", text(*self.0.start()), text(*self.0.end()))
    }
}

/// A size that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum SizeError {
    #[error("a size begins with a whole number")]
    NoNumber,
    #[error("the unit of a size is one of B, KB, KiB, MB, MiB, GB, GiB, TB, TiB")]
    Unit,
}

/// Digits and a unit; a number that overflows is as large as can be, and so out of any range.
fn parse(text: &str) -> Result<u64, SizeError> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(SizeError::NoNumber);
    }
    let number = number.parse().unwrap_or(u64::MAX);
    let unit = if unit.trim().is_empty() { "B" } else { unit.trim() };
    let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    known.map(|(_, octets)| octets.saturating_mul(number)).ok_or(SizeError::Unit)
}

fn text(octets: u64) -> String {
    let fits = UNITS.iter().find(|(_, unit)| octets > 0 && octets.is_multiple_of(*unit));
    fits.map_or_else(|| "0 B".to_owned(), |(name, unit)| format!("{} {name}", octets / unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units() {
        for (text, octets) in [
            ("50 MiB", Ok(50 * MIB)),
            ("10MB", Ok(10_000_000)),
            ("1 gib", Ok(GIB)),
            ("7", Ok(7)),
            ("7 B", Ok(7)),
            ("99999999999999999999999 TiB", Ok(u64::MAX)),
            ("", Err(SizeError::NoNumber)),
            ("MiB", Err(SizeError::NoNumber)),
            ("-1 MiB", Err(SizeError::NoNumber)),
            ("1.5 MiB", Err(SizeError::Unit)),
            ("1 MiBs", Err(SizeError::Unit)),
        ] {
            assert_eq!(parse(text), octets, "{text}");
        }
    }

    proptest! {
        #[test]
        fn shown_is_read_again(octets in prop_oneof![any::<u64>(), (0..5000u64).prop_map(|n| n * MIB)]) {
            prop_assert_eq!(parse(&text(octets)), Ok(octets));
        }
    }
}
