//! What was looked at, what was found, and what to do about it.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::printer;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// All right.
    Ok,
    /// Worth knowing; nobody is harmed.
    Note,
    /// Some mail or some people will meet it.
    Warning,
    /// Mail or logins fail, or secrets are open to others.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        })
    }
}

/// What a finding is about, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Area {
    Listeners,
    Certificate,
    Modules,
    Accounts,
    Files,
    Routes,
    Dns,
    Clock,
    Disk,
}

impl Area {
    /// As a heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Listeners => "Listeners",
            Self::Certificate => "Certificate",
            Self::Modules => "Modules of the chain",
            Self::Accounts => "Accounts",
            Self::Files => "Files",
            Self::Routes => "Routes",
            Self::Dns => "DNS",
            Self::Clock => "Clock",
            Self::Disk => "Disk",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// What it is about.
    pub(super) area: Area,
    /// How bad it is.
    pub(super) severity: Severity,
    /// For scripts; stable.
    pub(super) id: &'static str,
    /// What was looked at.
    pub(super) what: String,
    /// What was found.
    pub(super) found: String,
    /// What shows it, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<String>,
    /// What to do: a command, or a line of the config.
    pub(super) fix: Option<String>,
}

impl Finding {
    /// One without a fix.
    pub(super) fn new(
        (area, severity, id): (Area, Severity, &'static str),
        what: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        let (what, found) = (what.to_string(), found.to_string());
        Self { area, severity, id, what, found, evidence: Vec::new(), fix: None }
    }

    /// What to do about it.
    #[must_use]
    pub(super) fn fix(mut self, fix: impl fmt::Display) -> Self {
        self.fix = Some(fix.to_string());
        self
    }

    /// What shows it.
    #[must_use]
    pub(super) fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// A path as a shell takes it.
pub(super) fn shell(path: &Path) -> String {
    printer::shell(&path.to_string_lossy())
}

/// All that was found.
#[derive(Debug, Serialize)]
pub(in super::super) struct Report {
    /// As whom the server runs, and how that is known.
    pub(super) server: String,
    /// By area; in each, the worst first.
    pub(super) findings: Vec<Finding>,
}

impl Report {
    /// Puts them in order.
    pub(super) fn new(server: String, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| (finding.area, std::cmp::Reverse(finding.severity)));
        Self { server, findings }
    }

    /// How many there are of a severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// How many things keep the server from doing its work.
    pub(in super::super) fn errors(&self) -> usize {
        self.count(Severity::Error)
    }
}
