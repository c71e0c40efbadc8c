//! What was found, drawn as a compiler would.

use std::fmt;
use std::path::{Path, PathBuf};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, Severity};
use crate::position::Position;

/// Whether the terminal shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// With escape sequences.
    Ansi,
    /// Plain text.
    Plain,
}

/// All that was found in one file.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    text: String,
    findings: Vec<Finding>,
}

/// A config that cannot be used, with everything that is wrong.
#[derive(Debug)]
pub struct Errors(pub Report);

impl Report {
    pub(crate) fn new(path: &Path, text: String, findings: Vec<Finding>) -> Self {
        Self { path: path.to_owned(), text, findings }
    }

    /// The config's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was found, in the order of the file; first what no line of it is to blame for.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Line and column of a finding, both from 1, the column in characters.
    pub fn place(&self, finding: &Finding) -> Option<(usize, usize)> {
        let at = Position::of(&self.text, finding.span.as_ref()?.start);
        Some((at.line, at.column))
    }

    /// The offending text.
    pub fn text(&self, finding: &Finding) -> Option<&str> {
        self.text.get(finding.span.clone()?)
    }

    /// Draws every finding with its line.
    pub fn render(&self, color: Color) -> String {
        let renderer = match color {
            Color::Ansi => Renderer::styled(),
            Color::Plain => Renderer::plain(),
        };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let drawn: Vec<_> = self.findings.iter().map(|f| renderer.render(&self.groups(f))).collect();
        drawn.join("\n\n")
    }

    fn lines<'a>(&self, findings: impl Iterator<Item = &'a Finding>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, finding) in findings.enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            self.line(finding, f)?;
        }
        Ok(())
    }

    fn line(&self, finding: &Finding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place(finding) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", finding.cause)?;
        if let Some(nearest) = &finding.nearest {
            write!(f, "; did you mean {nearest}?")?;
        }
        match &finding.allowed {
            Some(allowed) => write!(f, "; allowed: {allowed}"),
            None => Ok(()),
        }
    }

    fn groups<'a>(&'a self, finding: &'a Finding) -> Vec<Group<'a>> {
        let level = match finding.cause.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let path = self.path.to_string_lossy();
        let group = level.primary_title(finding.cause.to_string());
        let mut group = match &finding.span {
            Some(span) => {
                let mark = AnnotationKind::Primary.span(self.visible(span));
                group.element(Snippet::source(self.text.as_str()).path(path).annotation(mark))
            }
            None => group.element(annotate_snippets::Origin::path(path)),
        };
        if let Some(nearest) = &finding.nearest {
            group = group.element(Level::HELP.message(format!("did you mean {nearest}?")));
        }
        if let Some(allowed) = &finding.allowed {
            let label = match finding.cause.severity() {
                Severity::Error => "allowed",
                Severity::Warning => "better",
            };
            group = group.element(Level::NOTE.message(format!("{label}: {allowed}")));
        }
        vec![group]
    }

    /// A span that the renderer can draw: on character borders, inside the text.
    fn visible(&self, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        start..self.text.ceil_char_boundary(span.end).max(start)
    }
}

impl fmt::Display for Errors {
    /// One line an error: `file:line:column: what; allowed: …`. Doubts are left to [`Report::render`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.0.findings.iter().filter(|finding| finding.cause.severity() == Severity::Error);
        self.0.lines(errors, f)
    }
}

impl fmt::Display for Report {
    /// One line a finding: `file:line:column: what; allowed: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(self.findings.iter(), f)
    }
}

impl std::error::Error for Errors {}

impl std::ops::Deref for Errors {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}
