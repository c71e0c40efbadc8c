//! Lists.

use toml::de::DeValue;

use crate::kind::Kind;
use crate::reading::{Reading, Value};

/// A list of values of another kind. A single value stands for a list of one.
pub(crate) struct List<K>(K);

/// A list of values of another kind.
pub(crate) fn list<K>(kind: K) -> List<K> {
    List(kind)
}

impl<V, K: Kind<V>> Kind<Vec<V>> for List<K> {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Vec<V>> {
        let DeValue::Array(items) = value.value else {
            return self.0.read(value, reading).map(|one| vec![one]);
        };
        let each = items
            .iter()
            .map(|item| self.0.read(&Value { key: value.key, value: item.get_ref(), span: item.span() }, reading));
        // Every item is read, so that all that is wrong is found at once.
        let read: Vec<_> = each.collect();
        read.into_iter().collect()
    }

    fn show(&self, value: &Vec<V>) -> String {
        let items: Vec<_> = value.iter().map(|item| self.0.show(item)).collect();
        format!("[{}]", items.join(", "))
    }

    fn allowed(&self) -> String {
        format!("a list; each entry {}", self.0.allowed())
    }
}
