//! Permissions of a file.

use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// Permissions in octal digits, as a text: TOML's `0660` would be decimal to some and an error to others.
pub(crate) struct Mode;

/// Permissions in octal digits.
pub(crate) fn mode() -> Mode {
    Mode
}

impl Kind<u32> for Mode {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<u32> {
        let text = string(value, reading, || self.allowed())?;
        let octal = text.chars().all(|digit| digit.is_digit(8)) && (3..=4).contains(&text.len());
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| octal && *mode <= 0o777);
        if mode.is_none() {
            bad_value(value, reading, "it is not three octal digits", self.allowed());
        }
        mode
    }

    fn show(&self, value: &u32) -> String {
        quoted(&format!("{value:04o}"))
    }

    fn allowed(&self) -> String {
        "permissions in octal digits, such as \"0660\"".to_owned()
    }
}
