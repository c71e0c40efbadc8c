//! Settings without a default.

use crate::kind::Kind;
use crate::reading::{Reading, Value};

/// A value of another kind, or nothing.
pub(crate) struct Optional<K>(K);

/// A value of another kind, or nothing.
pub(crate) fn optional<K>(kind: K) -> Optional<K> {
    Optional(kind)
}

impl<V, K: Kind<V>> Kind<Option<V>> for Optional<K> {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Option<V>> {
        self.0.read(value, reading).map(Some)
    }

    fn show(&self, value: &Option<V>) -> String {
        value.as_ref().map_or_else(String::new, |value| self.0.show(value))
    }

    fn allowed(&self) -> String {
        self.0.allowed()
    }
}
