//! Texts, and command lines as lists of words.

use crate::kind::{Kind, bad_value, quoted, string};
use crate::kinds::list;
use crate::reading::{Reading, Value};

/// A text without control characters.
pub(crate) struct Text(&'static str);

/// A text without control characters; `what` it is, such as `"a query"`. Line ends are let pass: queries have them.
pub(crate) fn text(what: &'static str) -> Text {
    Text(what)
}

/// A program and its arguments, word by word: no shell reads it.
pub(crate) fn words() -> impl Kind<Vec<String>> {
    list(text("a word of the command line"))
}

impl Kind<String> for Text {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<String> {
        let text = string(value, reading, || self.allowed())?;
        if text.is_empty() || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            bad_value(value, reading, "it is empty or has a control character", self.allowed());
            return None;
        }
        Some(text.to_owned())
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }

    fn allowed(&self) -> String {
        self.0.to_owned()
    }
}
