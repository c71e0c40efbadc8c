//! What a reading of the file collects as it goes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::finding::{Cause, Finding, Severity};

/// More than anybody mends at once; keeps a hostile file from filling the memory.
const MAX_FINDINGS: usize = 200;

/// One value of the file, with its key and its place.
pub(crate) struct Value<'a, 'i> {
    /// `limits.message_size`, `route.to`…
    pub(crate) key: &'a str,
    pub(crate) value: &'a toml::de::DeValue<'i>,
    pub(crate) span: Range<usize>,
}

/// Findings, and where each key that is set stands.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    folder: &'a Path,
    findings: Vec<Finding>,
    places: BTreeMap<String, Range<usize>>,
}

impl<'a> Reading<'a> {
    /// Relative paths will be relative to `folder`.
    pub(crate) fn new(folder: &'a Path) -> Self {
        Self { folder, findings: Vec::new(), places: BTreeMap::new() }
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: Finding) {
        match self.findings.len() {
            n if n < MAX_FINDINGS => self.findings.push(finding),
            MAX_FINDINGS => {
                self.findings.push(Finding { cause: Cause::TooMany, span: None, allowed: None, nearest: None });
            }
            _ => {}
        }
    }

    /// A value that will not do; `allowed` says what would.
    pub(crate) fn wrong(&mut self, value: &Value<'_, '_>, cause: Cause, allowed: String) {
        self.add(Finding { cause, span: Some(value.span.clone()), allowed: Some(allowed), nearest: None });
    }

    /// A finding about the value of `key` (`limits.recipients`), or about the whole file if that is not set.
    pub(crate) fn at(&mut self, key: &str, cause: Cause, allowed: &str) {
        let span = self.places.get(key).cloned();
        self.add(Finding { cause, span, allowed: Some(allowed.to_owned()), nearest: None });
    }

    /// Remembers where a key is set.
    pub(crate) fn place(&mut self, key: String, span: Range<usize>) {
        self.places.insert(key, span);
    }

    /// Forgets the places of keys that begin with `prefix`.
    pub(crate) fn forget(&mut self, prefix: &str) {
        self.places.retain(|key, _| !key.starts_with(prefix));
    }

    /// Whether the file sets `key`.
    pub(crate) fn is_set(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// A path of the file as one that can be opened. `data = "."` leaves no `/./` in what people read in the log.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path).components().collect()
    }

    /// Whether anything so far keeps the config from being used.
    pub(crate) fn failed(&self) -> bool {
        self.findings.iter().any(|f| f.cause.severity() == Severity::Error)
    }

    /// Everything found, in the order of the file.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|f| f.span.as_ref().map(|span| span.start));
        self.findings
    }
}
