//! Dates of header fields (RFC 5322 §3.3, obsolete forms of §4.3 included). The time is handed in.

use std::fmt;

use jiff::civil;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Years have four digits: 9999-12-30 is the last day that can be said in every zone.
const LAST: i64 = 253_402_207_200;

/// A moment and the zone it was said in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Date {
    /// A moment in UTC.
    pub fn utc(seconds: i64) -> Self {
        Self { seconds, offset: 0 }
    }

    /// Reads the value of a `Date` field. A wrong day of the week is passed over, and a missing zone counts as UTC
    /// (RFC 5322 §4.3: an unknown zone is `-0000`).
    pub fn parse(value: &[u8]) -> Option<Self> {
        let parser = DateTimeParser::new().relaxed_weekday(true);
        let value = value.trim_ascii();
        let zoned = parser.parse_zoned(value).or_else(|_| parser.parse_zoned([value, b" -0000"].concat())).ok()?;
        Some(Self { seconds: zoned.timestamp().as_second(), offset: zoned.offset().seconds() })
    }

    /// The day in its own zone, whatever the time (RFC 3501 §6.4.4 `SENTON` disregards both): year, month, day.
    pub fn day(&self) -> (i16, i8, i8) {
        let day: civil::Date = self.zoned().date();
        (day.year(), day.month(), day.day())
    }

    fn zoned(self) -> Zoned {
        let moment = Timestamp::from_second(self.seconds.clamp(0, LAST)).unwrap_or(Timestamp::UNIX_EPOCH);
        // RFC 5322 §3.3: the zone has no seconds.
        let offset = Offset::from_seconds(self.offset / 60 * 60).unwrap_or(Offset::UTC);
        moment.to_zoned(TimeZone::fixed(offset))
    }
}

impl fmt::Display for Date {
    /// `Sat, 21 Nov 2026 02:29:55 +0000`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.zoned().strftime("%a, %d %b %Y %H:%M:%S %z"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_of_real_mail() {
        let at = |text: &str| Date::parse(text.as_bytes());
        let expected = Some(Date { seconds: 1_704_103_200, offset: 3600 });
        assert_eq!(at(" Mon, 1 Jan 2024 11:00:00 +0100 (CET) "), expected);
        assert_eq!(at("Tue, 1 Jan 2024 11:00 +0100"), expected);
        assert_eq!(at("1 Jan 24 10:00:00 GMT"), Some(Date::utc(1_704_103_200)));
        assert_eq!(at("1 Jan 2024 10:00:00"), Some(Date::utc(1_704_103_200)));
        assert_eq!(at("yesterday"), None);
        assert_eq!(at("1 Jan 2024 00:30:00 +0100").map(|d| d.day()), Some((2024, 1, 1)));
    }

    #[test]
    fn a_time_out_of_range_is_still_a_date() {
        assert_eq!(Date { seconds: i64::MAX, offset: i32::MAX }.to_string(), "Thu, 30 Dec 9999 22:00:00 +0000");
        assert_eq!(Date::utc(-1).to_string(), "Thu, 01 Jan 1970 00:00:00 +0000");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(seconds in 0..LAST, minutes in -14 * 60..14 * 60) {
            let date = Date { seconds, offset: minutes * 60 };
            prop_assert_eq!(Date::parse(date.to_string().as_bytes()), Some(date));
        }
    }
}
