//! One thing that was found.

use std::fmt;

use serde::Serialize;

use crate::dialogue::visible;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A fact.
    Info,
    /// Could be better; nobody is harmed.
    Notice,
    /// Some clients fail, or people are misled.
    Warning,
    /// Users fail, or passwords are at risk.
    Error,
    /// Others can do harm now.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        })
    }
}

/// One thing that was found, with the lines that show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// For scripts; stable.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one line.
    pub title: String,
    /// The lines of the dialogue that show it, `C: ` and `S: ` in front; secrets are masked.
    pub evidence: Vec<String>,
    /// Why it matters; empty for a fact.
    pub why: &'static str,
    /// What to do; empty for a fact.
    pub advice: &'static str,
}

impl Finding {
    /// A finding without evidence yet. The title may name what the server said: it is made visible.
    pub(crate) fn new(severity: Severity, id: &'static str, title: impl AsRef<str>) -> Self {
        Self { id, severity, title: visible(title.as_ref()), evidence: Vec::new(), why: "", advice: "" }
    }

    /// The lines that show it.
    #[must_use]
    pub(crate) fn seen(mut self, evidence: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.evidence.extend(evidence.into_iter().map(Into::into));
        self
    }

    /// Why it matters, and what to do.
    #[must_use]
    pub(crate) fn explained(mut self, why: &'static str, advice: &'static str) -> Self {
        (self.why, self.advice) = (why, advice);
        self
    }
}
