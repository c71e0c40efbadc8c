//! Times and durations on the command line.

use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Span, Timestamp};

/// How long to wait for something, in whole seconds, at most `MOST`: `10`, `10s`, `2m`.
pub(crate) fn wait<const MOST: u64>(text: &str) -> Result<u64, String> {
    let seconds = text.parse().ok().or_else(|| signed(text)?.as_secs().try_into().ok());
    seconds
        .filter(|seconds| (1..=MOST).contains(seconds))
        .ok_or_else(|| format!("write how long, from 1 to {MOST} seconds, such as 10 or \"1m\""))
}

/// A time: how long ago, or when.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// So long before now.
    Ago(SignedDuration),
    /// Then.
    At(Timestamp),
}

impl Moment {
    /// As a time.
    pub(crate) fn before_now(self) -> Timestamp {
        match self {
            Self::Ago(ago) => Timestamp::now().checked_sub(ago).unwrap_or(Timestamp::MIN),
            Self::At(time) => time,
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        signed(text).map(Self::Ago).ok_or("write how long ago, such as \"10m\" or \"2d\", or a time as in RFC 3339")
    }
}

/// Reads a duration: `90s`, `10m`, `1h30m`, `2d`.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    let read = signed(text).and_then(|signed| Duration::try_from(signed).ok());
    read.ok_or("write a duration such as \"90s\", \"10m\" or \"1h30m\"")
}

fn signed(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    // Days of 24 hours: nobody means another kind here.
    let signed = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    (!signed.is_negative()).then_some(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "10", "-1h", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(["10", "10s", "1m"].map(wait::<60>), [Ok(10), Ok(10), Ok(60)]);
        ["0", "61", "2m", "3x", ""].iter().for_each(|text| assert!(wait::<60>(text).is_err(), "{text}"));
        assert!(matches!("2026-01-31T12:00:00Z".parse(), Ok(Moment::At(_))));
        assert!(matches!("1h".parse(), Ok(Moment::Ago(_))));
    }
}
