//! The report, for people.

use std::io::{self, Write};

use super::report::{Finding, Report, Severity};
use crate::printer::visible;

/// Prints it, area by area.
pub(in super::super) fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nDeep check. {}", visible(&report.server))?;
    let mut area = None;
    for finding in &report.findings {
        if area != Some(finding.area) {
            area = Some(finding.area);
            writeln!(out, "\n{}", finding.area.title())?;
        }
        one(finding, out)?;
    }
    writeln!(out, "\n{}", summary(report))
}

fn one(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let Finding { severity, what, found, .. } = finding;
    writeln!(out, "  {severity:<8} {}: {}", visible(what), visible(found))?;
    finding.evidence.iter().try_for_each(|line| writeln!(out, "           | {}", visible(line)))?;
    match &finding.fix {
        Some(fix) => writeln!(out, "           fix: {}", visible(fix)),
        None => Ok(()),
    }
}

fn summary(report: &Report) -> String {
    let of = |severity, one: &str| match report.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let found = [of(Severity::Error, "error"), of(Severity::Warning, "warning"), of(Severity::Note, "note")];
    let found: Vec<_> = found.into_iter().flatten().collect();
    let right = report.count(Severity::Ok);
    match found.as_slice() {
        [] => format!("Nothing is wrong: {right} things were looked at."),
        found => format!("Found: {}; {right} things are all right.", found.join(", ")),
    }
}
