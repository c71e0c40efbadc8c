//! All that was found, and what was looked for.

use serde::Serialize;

use crate::finding::{Finding, Severity};

/// What a probe found out.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `mail.example.org:587`.
    pub target: String,
    /// What was spoken.
    pub protocol: &'static str,
    /// The address that answered.
    pub address: String,
    /// The server's first words.
    pub greeting: Option<String>,
    /// What it offers in clear, line by line; `None` where TLS begins at once.
    pub in_clear: Option<Vec<String>>,
    /// What it offers inside TLS; `None` where there is none.
    pub inside_tls: Option<Vec<String>>,
    /// `TLSv1.3, TLS_AES_256_GCM_SHA384`.
    pub tls: Option<String>,
    /// The certificates that it showed, its own first.
    pub certificates: Vec<Certificate>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// What was looked for.
    pub checks: Vec<Check>,
    /// The worst severity; `None` if there is no finding.
    pub worst: Option<Severity>,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Whose.
    pub subject: String,
    /// Names and addresses it is good for.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// Whole days until it expires.
    pub days_left: i64,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// For scripts; stable.
    pub id: &'static str,
    /// What is looked for.
    pub about: &'static str,
    /// Why it was not run, or not to its end; `None` if it was.
    pub skipped: Option<String>,
}

impl Report {
    /// Takes what a check found.
    pub(crate) fn take(&mut self, (id, about): (&'static str, &'static str), found: Result<Vec<Finding>, Skipped>) {
        let skipped = match found {
            Ok(findings) => {
                self.findings.extend(findings);
                None
            }
            Err(Skipped { findings, why }) => {
                self.findings.extend(findings);
                Some(why)
            }
        };
        self.checks.push(Check { id, about, skipped });
    }

    /// Sorts, and says what is worst.
    pub(crate) fn finish(&mut self) {
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.worst = self.findings.first().map(|finding| finding.severity);
    }
}

/// A check that was not run, or not to its end.
#[derive(Debug)]
pub(crate) struct Skipped {
    /// What it found before.
    pub(crate) findings: Vec<Finding>,
    /// Why it ended.
    pub(crate) why: String,
}

impl Skipped {
    /// It was not run.
    pub(crate) fn because(why: impl Into<String>) -> Self {
        Self { findings: Vec::new(), why: why.into() }
    }
}

impl From<crate::dialogue::Broken> for Skipped {
    fn from(broken: crate::dialogue::Broken) -> Self {
        Self::because(broken.to_string())
    }
}
