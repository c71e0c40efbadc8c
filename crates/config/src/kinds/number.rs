//! Whole numbers.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::finding::Cause;
use crate::kind::{Kind, wrong_type};
use crate::reading::{Reading, Value};

/// A whole number within a range.
pub(crate) struct Count<N>(RangeInclusive<N>);

/// A whole number within a range.
pub(crate) fn count<N>(range: RangeInclusive<N>) -> Count<N> {
    Count(range)
}

/// The integer in a value as TOML gives it (any radix, no sign): `None` if it is no integer, `Some(None)` if it is
/// negative or too large for any setting.
pub(crate) fn integer(value: &Value<'_, '_>) -> Option<Option<u64>> {
    let number = value.value.as_integer()?;
    Some(u64::from_str_radix(number.as_str(), number.radix()).ok())
}

impl<N: Copy + PartialOrd + Display + TryFrom<u64>> Kind<N> for Count<N> {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<N> {
        let Some(number) = integer(value) else {
            wrong_type(value, reading, self.allowed());
            return None;
        };
        let number = number.and_then(|n| N::try_from(n).ok()).filter(|n| self.0.contains(n));
        if number.is_none() {
            reading.wrong(value, Cause::OutOfRange { key: value.key.to_owned() }, self.allowed());
        }
        number
    }

    fn show(&self, value: &N) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        format!("a number from {} to {}", self.0.start(), self.0.end())
    }
}
