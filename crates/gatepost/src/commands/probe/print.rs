//! The report, for people.

use std::io::{self, Write};

use probe::{Finding, Report, Severity};

/// Columns of a line of text.
const WIDTH: usize = 100;

/// Prints it: what was seen, what was found, what was looked for.
pub(super) fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} ({}), at {}\n", report.target, report.protocol, report.address)?;
    facts(report, out)?;
    report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
        .try_for_each(|each| finding(each, out))?;
    let facts: Vec<_> = report.findings.iter().filter(|finding| finding.severity == Severity::Info).collect();
    if !facts.is_empty() {
        writeln!(out, "\nAlso:")?;
        facts.iter().try_for_each(|fact| wrapped("  ", &fact.title, 4, out))?;
    }
    checks(report, out)?;
    summary(report, out)
}

fn facts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let list = |all: &Option<Vec<String>>| match all {
        Some(all) if all.is_empty() => Some("nothing".to_owned()),
        all => all.as_ref().map(|all| all.join(", ")),
    };
    let rows = [
        ("greeting", report.greeting.clone()),
        ("in clear", list(&report.in_clear)),
        ("TLS", report.tls.clone()),
        ("inside TLS", list(&report.inside_tls)),
    ];
    for (name, text) in rows {
        if let Some(text) = text {
            wrapped(&format!("{name:<12} "), &text, 13, out)?;
        }
    }
    for (index, certificate) in report.certificates.iter().enumerate() {
        let name = if index == 0 { "certificate" } else { "signed by" };
        let names = if certificate.names.is_empty() { &certificate.subject } else { &certificate.names.join(", ") };
        let text = format!("{names}; {} days left; issuer {}", certificate.days_left, certificate.issuer);
        wrapped(&format!("{name:<12} "), &text, 13, out)?;
    }
    Ok(())
}

fn finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let severity = finding.severity.to_string().to_uppercase();
    writeln!(out, "\n{severity}: {}", finding.title)?;
    finding.evidence.iter().try_for_each(|line| writeln!(out, "    | {line}"))?;
    wrapped("  Why it matters: ", finding.why, 4, out)?;
    wrapped("  What to do: ", finding.advice, 4, out)
}

fn checks(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nLooked for:")?;
    for check in &report.checks {
        match &check.skipped {
            None => writeln!(out, "  {:<12} {}", check.id, check.about)?,
            Some(why) => writeln!(out, "  {:<12} not done: {}", check.id, probe::dialogue::visible(why))?,
        }
    }
    Ok(())
}

fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let found = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Notice];
    let found: Vec<_> =
        found.iter().map(|severity| (count(*severity), severity)).filter(|(count, _)| *count > 0).collect();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let words: Vec<_> = found
        .iter()
        .map(|(count, severity)| match severity {
            Severity::Critical => format!("{count} critical"),
            severity => format!("{count} {severity}{}", plural(*count)),
        })
        .collect();
    let text = if words.is_empty() { "nothing is wrong".to_owned() } else { words.join(", ") };
    writeln!(out, "\nFound: {text}.")
}

/// A text in lines, behind a head; all but the first begin at a column.
fn wrapped(head: &str, text: &str, column: usize, out: &mut dyn Write) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut line = head.to_owned();
    let mut fresh = true;
    for word in text.split(' ') {
        if !fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(column);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
        fresh = false;
    }
    writeln!(out, "{line}")
}
