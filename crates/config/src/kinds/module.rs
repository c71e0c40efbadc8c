//! The modules of `auth.chain`.

use toml::de::DeValue;

use crate::finding::{Cause, Finding};
use crate::kind::{Kind, quoted, string, wrong_type};
use crate::nearest::nearest;
use crate::reading::{Reading, Value};

/// The chain.
pub(crate) struct Chain(&'static [&'static str]);

/// Names of modules, in order. A name that nobody knows is left out with a warning, as Courier's authdaemond does with
/// a module that it cannot find (MISSION 004-22); Courier's own names (`authuserdb`) are understood.
pub(crate) fn modules(known: &'static [&'static str]) -> Chain {
    Chain(known)
}

impl Chain {
    /// The module that a name stands for.
    fn named(&self, text: &str) -> Option<&'static str> {
        let courier = match text.strip_prefix("auth") {
            Some("pgsql") => Some("postgres"),
            Some("pwd" | "shadow") => Some("pam"),
            Some("pipe") => Some("exec"),
            Some("vchkpw") => Some("vpopmail"),
            other => other,
        };
        self.0.iter().copied().find(|known| *known == text || Some(*known) == courier)
    }

    fn module(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<&'static str> {
        let text = string(value, reading, || self.allowed())?;
        let known = self.named(text);
        if known.is_none() {
            reading.add(Finding {
                cause: Cause::NoSuchModule(text.to_owned()),
                span: Some(value.span.clone()),
                nearest: nearest(text, self.0.iter().copied()).map(quoted),
                allowed: Some(self.allowed()),
            });
        }
        known
    }
}

impl Kind<Vec<String>> for Chain {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Vec<String>> {
        let DeValue::Array(items) = value.value else {
            if value.value.as_str().is_none() {
                wrong_type(value, reading, self.allowed());
                return None;
            }
            return Some(self.module(value, reading).into_iter().map(str::to_owned).collect());
        };
        let each = items.iter().map(|item| Value { key: value.key, value: item.get_ref(), span: item.span() });
        Some(each.filter_map(|item| self.module(&item, reading)).map(str::to_owned).collect())
    }

    fn show(&self, value: &Vec<String>) -> String {
        let names: Vec<_> = value.iter().map(|name| quoted(name)).collect();
        format!("[{}]", names.join(", "))
    }

    fn allowed(&self) -> String {
        format!("a list of modules: {}", self.0.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
    }
}
