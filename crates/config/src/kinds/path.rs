//! Paths, relative to the config file.

use std::path::PathBuf;

use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// A path.
pub(crate) struct FilePath;

/// A path.
pub(crate) fn path() -> FilePath {
    FilePath
}

impl Kind<PathBuf> for FilePath {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<PathBuf> {
        let text = string(value, reading, || self.allowed())?;
        if text.is_empty() || text.contains('\0') {
            bad_value(value, reading, "no file has that name", self.allowed());
            return None;
        }
        Some(reading.resolve(text))
    }

    fn show(&self, value: &PathBuf) -> String {
        quoted(&value.to_string_lossy())
    }

    fn allowed(&self) -> String {
        "a path; a relative one starts at the config's folder".to_owned()
    }
}
