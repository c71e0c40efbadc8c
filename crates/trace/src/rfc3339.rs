//! Times in records as people and `jq` read them: RFC 3339 §5.6, in UTC, with milliseconds. For `#[serde(with = …)]`.
//!
//! Every session and every login is written down with some of them, so they are spelled without formatting machinery.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serializer, de};

/// Writes a time.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    match spelled(*time).as_ref().map(|text| str::from_utf8(text)) {
        Some(Ok(text)) => to.serialize_str(text),
        _ => to.collect_str(&format_args!("{time:.3}")),
    }
}

/// Reads a time.
///
/// # Errors
/// There is none.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    String::deserialize(from)?.parse().map_err(de::Error::custom)
}

/// `None` before the year 0, which RFC 3339 does not know.
fn spelled(time: Timestamp) -> Option<[u8; 24]> {
    let time = Offset::UTC.to_datetime(time);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let parts = [
        (0..4, time.year()),
        (5..7, time.month().into()),
        (8..10, time.day().into()),
        (11..13, time.hour().into()),
        (14..16, time.minute().into()),
        (17..19, time.second().into()),
        (20..23, time.millisecond()),
    ];
    for (place, part) in parts {
        let mut left = u16::try_from(part).ok()?;
        for octet in text.get_mut(place)?.iter_mut().rev() {
            *octet = b'0' + u8::try_from(left % 10).ok()?;
            left /= 10;
        }
    }
    Some(text)
}

/// Of what may not have happened yet.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, de};

    // serde's `with` hands a reference to the field's own type.
    #[expect(clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_spelled_as_jiff_does_it() {
        for second in (-70_000_000_000..250_000_000_000).step_by(1_234_567_891) {
            let time = Timestamp::new(second, (second % 1_000_000_000).abs() as i32).expect("a time");
            let text = serialize(&time, serde_json::value::Serializer).expect("a text");
            assert_eq!(text, format!("{time:.3}"));
            let read = deserialize(text).expect("read");
            assert!(time.duration_since(read).as_millis_f64().abs() < 1.0, "{time}");
        }
    }
}
