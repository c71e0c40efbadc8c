//! Message ids: short, ordered by time, safe in file names and over the telephone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Digits and capital letters without I, L, O and U, which people mistake for others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Digits printed at least: 55 bits of microseconds last until the year 3111, so that ids sort as texts, too.
const WIDTH: usize = 11;

/// Digits that 64 bits can need.
const MAX_WIDTH: usize = 13;

/// A message's id in queue, log, `Received:`, the final 250 and file names: microseconds since 1970 at its acceptance,
/// or one more than the last id where that was taken already. Never given twice by one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct QueueId(pub u64);

/// The text is no id of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message id: 11 to 13 digits and letters, as in `gatepost queue list`")]
pub struct IdError;

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [b'0'; MAX_WIDTH];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        let leading = digits.iter().take(MAX_WIDTH - WIDTH).take_while(|d| **d == b'0').count();
        f.write_str(std::str::from_utf8(&digits[leading..]).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for QueueId {
    type Err = IdError;

    /// Any case; `I` and `L` are read as 1, `O` as 0.
    fn from_str(text: &str) -> Result<Self, IdError> {
        if !(WIDTH..=MAX_WIDTH).contains(&text.len()) {
            return Err(IdError);
        }
        let mut value = 0u64;
        for c in text.bytes() {
            let c = match c.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            let digit = ALPHABET.iter().position(|d| *d == c).ok_or(IdError)?;
            value = value.checked_mul(32).and_then(|v| v.checked_add(digit as u64)).ok_or(IdError)?;
        }
        Ok(Self(value))
    }
}

impl Serialize for QueueId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QueueId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_of_our_time_have_eleven_digits_and_sort_as_texts() {
        let (early, late) = (QueueId(1_795_000_000_000_000), QueueId(4_000_000_000_000_000));
        assert_eq!(early.to_string().len(), WIDTH);
        assert!(early.to_string() < late.to_string());
        assert_eq!(QueueId(0).to_string(), "00000000000");
        assert_eq!(QueueId(u64::MAX).to_string(), "FZZZZZZZZZZZZ");
    }

    #[test]
    fn what_people_type_is_understood() {
        let id = QueueId(1_795_000_000_000_001);
        assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
        assert_eq!("0000000000o".parse(), Ok(QueueId(0)));
        assert_eq!("0000000000l".parse(), Ok(QueueId(1)));
        for bad in ["", "1", "0000000000U", "0000000000!", "00000000000000", "ZZZZZZZZZZZZZ", "000000000é"] {
            assert_eq!(bad.parse::<QueueId>(), Err(IdError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn printed_and_read_again(value: u64) {
            prop_assert_eq!(QueueId(value).to_string().parse(), Ok(QueueId(value)));
        }
    }
}
