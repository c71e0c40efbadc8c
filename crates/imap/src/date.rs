//! Dates as IMAP writes them (RFC 3501 §9 `date`, `date-time`).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day without time or zone, as SEARCH compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day of the calendar; `None` if there is none such.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// The day in UTC of a moment in seconds since 1970. INTERNALDATE is written in UTC too, so that the two agree.
    pub fn of(seconds: i64) -> Self {
        Self(civil(seconds).date())
    }

    /// Reads `1-Feb-1994`; the day may have one digit or two.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || day.len() > 2 || year.len() != 4 {
            return None;
        }
        Self::new(digits(year)?, month_number(month)?, digits(day)?)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{:04}", self.0.day(), month_name(self.0), self.0.year())
    }
}

fn civil(seconds: i64) -> DateTime {
    Offset::UTC.to_datetime(Timestamp::from_second(seconds).unwrap_or_default())
}

fn month_name(date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or("Jan")
}

fn month_number(name: &str) -> Option<i8> {
    let index = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name))?;
    i8::try_from(index + 1).ok()
}

/// Digits alone: `+5` is no number here.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let all = !text.is_empty() && text.bytes().all(|o| o.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

/// Writes seconds since 1970 as a `date-time` in UTC, without its quotes: ` 1-Feb-1994 21:52:25 +0000`.
pub fn write_date_time(seconds: i64) -> String {
    let t = civil(seconds);
    let (day, month, year) = (t.day(), month_name(t.date()), t.year());
    format!("{day:>2}-{month}-{year:04} {:02}:{:02}:{:02} +0000", t.hour(), t.minute(), t.second())
}

/// Reads a `date-time` without its quotes into seconds since 1970; `None` if it is none.
pub fn parse_date_time(text: &str) -> Option<i64> {
    let mut parts = text.trim_start().split(' ');
    let (day, time, zone) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let mut clock = time.split(':');
    let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next()?);
    if clock.next().is_some() {
        return None;
    }
    // A leap second counts as the one before it: the calendar here has none.
    let second = digits::<i8>(second).map(|s| if s == 60 { 59 } else { s })?;
    let clock = Time::new(digits(hour)?, digits(minute)?, second, 0).ok()?;
    let local = Day::parse(day)?.0.to_datetime(clock);
    let utc = Offset::UTC.to_timestamp(local).ok()?;
    utc.checked_sub(parse_zone(zone)?).ok().map(Timestamp::as_second)
}

/// `+0130`
fn parse_zone(zone: &str) -> Option<SignedDuration> {
    let (sign, number) = zone.split_at_checked(1)?;
    let (hours, minutes) = number.split_at_checked(2)?;
    let (hours, minutes) = (digits::<i64>(hours)?, digits::<i64>(minutes)?);
    if number.len() != 4 || minutes > 59 {
        return None;
    }
    let ahead = SignedDuration::from_mins(hours * 60 + minutes);
    match sign {
        "+" => Some(ahead),
        "-" => Some(-ahead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zones_are_counted_off() {
        assert_eq!(parse_date_time("17-Jul-1996 02:44:25 -0700"), Some(837_596_665));
        assert_eq!(parse_date_time(" 1-Jan-1970 01:30:00 +0130"), Some(0));
        assert_eq!(write_date_time(0), " 1-Jan-1970 00:00:00 +0000");
    }

    #[test]
    fn what_is_no_date() {
        for text in ["", "1-Feb-94", "31-Feb-1994", "+1-Feb-1994", "1-Feb-1994-", "1-Foo-1994", "001-Feb-1994"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        for text in [
            "17-Jul-1996",
            "17-Jul-1996 02:44 -0700",
            "17-Jul-1996 25:00:00 +0000",
            "17-Jul-1996 01:00:61 +0000",
            "17-Jul-1996 02:44:25 0700",
            "17-Jul-1996 02:44:25 +07",
            "17-Jul-1996 02:44:25 +0760",
            "17-Jul-1996 02:44:25 +0700 x",
        ] {
            assert_eq!(parse_date_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_comes_back(seconds in -62_135_596_800_i64..253_402_300_799) {
            prop_assert_eq!(parse_date_time(&write_date_time(seconds)), Some(seconds));
        }

        #[test]
        fn every_day_comes_back(seconds in 0_i64..253_402_300_799) {
            let day = Day::of(seconds);
            prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
        }

        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = (parse_date_time(&text), Day::parse(&text));
        }
    }
}
