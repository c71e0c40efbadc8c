//! One of a few words.

use crate::finding::{Cause, Finding};
use crate::kind::{Kind, quoted, string, wrong_type};
use crate::nearest::nearest;
use crate::reading::{Reading, Value};

/// `true` or `false`.
pub(crate) struct Flag;

/// `true` or `false`.
pub(crate) fn flag() -> Flag {
    Flag
}

impl Kind<bool> for Flag {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<bool> {
        let read = value.value.as_bool();
        if read.is_none() {
            wrong_type(value, reading, <Self as Kind<bool>>::allowed(self));
        }
        read
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        "true or false".to_owned()
    }
}

/// One of these words, each with what it means.
pub(crate) struct Choice<V: 'static>(&'static [(&'static str, V)]);

/// One of these words, each with what it means.
pub(crate) fn choice<V>(words: &'static [(&'static str, V)]) -> Choice<V> {
    Choice(words)
}

impl<V: Copy + PartialEq> Kind<V> for Choice<V> {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<V> {
        let text = string(value, reading, || self.allowed())?;
        let known = self.0.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if known.is_none() {
            reading.add(unknown(value, text, self.0.iter().map(|(word, _)| *word).collect()));
        }
        known
    }

    fn show(&self, value: &V) -> String {
        self.0.iter().find(|(_, meaning)| meaning == value).map_or_else(String::new, |(word, _)| quoted(word))
    }

    fn allowed(&self) -> String {
        one_of(self.0.iter().map(|(word, _)| *word))
    }
}

fn unknown(value: &Value<'_, '_>, text: &str, words: Vec<&'static str>) -> Finding {
    let why = format!("there is no choice {}", quoted(text));
    Finding {
        cause: Cause::BadValue { key: value.key.to_owned(), why },
        span: Some(value.span.clone()),
        nearest: nearest(text, words.iter().copied()).map(quoted),
        allowed: Some(one_of(words.into_iter())),
    }
}

fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    words.map(quoted).collect::<Vec<_>>().join(" or ")
}
