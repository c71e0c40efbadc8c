//! Patterns with `*` and `?`.

use crate::glob::Glob;
use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// A pattern.
pub(crate) struct Pattern;

/// A pattern.
pub(crate) fn glob() -> Pattern {
    Pattern
}

impl Kind<Glob> for Pattern {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Glob> {
        let text = string(value, reading, || self.allowed())?;
        if text.is_empty() || text.chars().any(char::is_control) {
            bad_value(value, reading, "it is empty or has a control character", self.allowed());
            return None;
        }
        Some(Glob::new(text))
    }

    fn show(&self, value: &Glob) -> String {
        quoted(&value.to_string())
    }

    fn allowed(&self) -> String {
        "a text, with `*` for any text and `?` for any character".to_owned()
    }
}
