//! Spans of time: `5m`, `1h30m`, `7d`.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::finding::Cause;
use crate::kind::{Kind, bad_value, quoted, wrong_type};
use crate::kinds::number::integer;
use crate::reading::{Reading, Value};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86400);

/// Units with their milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A time within a range.
pub(crate) struct Span(RangeInclusive<Duration>);

/// A time within a range.
pub(crate) fn duration(range: RangeInclusive<Duration>) -> Span {
    Span(range)
}

impl Kind<Duration> for Span {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Duration> {
        let time = match (value.value.as_str(), integer(value)) {
            (Some(text), _) => parse(text),
            (None, Some(Some(0))) => Ok(Duration::ZERO),
            (None, Some(_)) => Err(DurationError::NoUnit),
            (None, None) => {
                wrong_type(value, reading, self.allowed());
                return None;
            }
        };
        match time {
            Err(why) => bad_value(value, reading, why, self.allowed()),
            Ok(time) if self.0.contains(&time) => return Some(time),
            Ok(_) => reading.wrong(value, Cause::OutOfRange { key: value.key.to_owned() }, self.allowed()),
        }
        None
    }

    fn show(&self, value: &Duration) -> String {
        quoted(&text(*value))
    }

    fn allowed(&self) -> String {
        format!(
            "a time such as \"30s\", \"5m\", \"4h\" or \"7d\", from {} to {}",
            text(*self.0.start()),
            text(*self.0.end())
        )
    }
}

/// A time that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum DurationError {
    #[error("a time is a number with a unit")]
    NoNumber,
    #[error("a time needs its unit: ms, s, m, h or d")]
    NoUnit,
    #[error("the unit of a time is one of ms, s, m, h, d")]
    Unit,
}

/// `1h30m`: numbers with units, added up; a number that overflows is as large as can be, and so out of any range.
fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total: u64 = 0;
    loop {
        let (milliseconds, after) = number_with_unit(rest)?;
        total = total.saturating_add(milliseconds);
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(Duration::from_millis(total));
        }
    }
}

/// One number with its unit, in milliseconds, and what follows.
fn number_with_unit(text: &str) -> Result<(u64, &str), DurationError> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(DurationError::NoUnit)?;
    if digits == 0 {
        return Err(DurationError::NoNumber);
    }
    let (number, after) = text.split_at(digits);
    let after = after.trim_start();
    let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
    let (unit, rest) = after.split_at(letters);
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(DurationError::Unit)?;
    Ok((milliseconds.saturating_mul(number.parse().unwrap_or(u64::MAX)), rest))
}

fn text(time: Duration) -> String {
    let mut left = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (name, unit) in UNITS {
        if left >= unit {
            shown.push_str(&format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units() {
        for (text, time) in [
            ("5m", Ok(5 * MINUTE)),
            ("1h30m", Ok(90 * MINUTE)),
            ("1h 30m", Ok(90 * MINUTE)),
            ("7 d", Ok(7 * DAY)),
            ("250ms", Ok(Duration::from_millis(250))),
            ("0", Ok(Duration::ZERO)),
            ("0s", Ok(Duration::ZERO)),
            ("5", Err(DurationError::NoUnit)),
            ("1h5", Err(DurationError::NoUnit)),
            ("5 minutes", Err(DurationError::Unit)),
            ("5M", Err(DurationError::Unit)),
            ("-5m", Err(DurationError::NoNumber)),
            ("soon", Err(DurationError::NoNumber)),
        ] {
            assert_eq!(parse(text), time, "{text}");
        }
        assert_eq!(parse(""), Err(DurationError::NoUnit));
    }

    proptest! {
        #[test]
        fn shown_is_read_again(ms in any::<u32>()) {
            let time = Duration::from_millis(u64::from(ms));
            prop_assert_eq!(parse(&text(time)), Ok(time));
        }

        #[test]
        fn nothing_hostile_hangs_or_panics(text in "[0-9a-z ]{0,40}") {
            // Only that it comes back.
            let _ = parse(&text);
        }
    }
}
