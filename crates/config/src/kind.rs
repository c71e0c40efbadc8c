//! The type of a setting: how it is read, shown and described.

use crate::finding::Cause;
use crate::reading::{Reading, Value};

/// How values of type `V` stand in the file.
pub(crate) trait Kind<V> {
    /// Reads a value; on `None` the reason is among the findings.
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<V>;

    /// As one would write it in the file.
    fn show(&self, value: &V) -> String;

    /// What may stand there, as the end of the sentence "write …".
    fn allowed(&self) -> String;
}

/// The string in a value, or a finding.
pub(crate) fn string<'a>(
    value: &'a Value<'_, '_>,
    reading: &mut Reading<'_>,
    allowed: impl FnOnce() -> String,
) -> Option<&'a str> {
    let text = value.value.as_str();
    if text.is_none() {
        wrong_type(value, reading, allowed());
    }
    text
}

/// Reports a value of the wrong type.
pub(crate) fn wrong_type(value: &Value<'_, '_>, reading: &mut Reading<'_>, allowed: String) {
    let cause = Cause::WrongType { key: value.key.to_owned(), found: type_name(value) };
    reading.wrong(value, cause, allowed);
}

/// Reports a value of the right type that is not understood.
pub(crate) fn bad_value(value: &Value<'_, '_>, reading: &mut Reading<'_>, why: impl ToString, allowed: String) {
    let cause = Cause::BadValue { key: value.key.to_owned(), why: why.to_string() };
    reading.wrong(value, cause, allowed);
}

/// A string as TOML writes it.
pub(crate) fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn type_name(value: &Value<'_, '_>) -> &'static str {
    use toml::de::DeValue::{Array, Boolean, Datetime, Float, Integer, String, Table};
    match value.value {
        String(_) => "a string",
        Integer(_) => "a number",
        Float(_) => "a number with a fraction",
        Boolean(_) => "true or false",
        Datetime(_) => "a date",
        Array(_) => "a list",
        Table(_) => "a section",
    }
}
