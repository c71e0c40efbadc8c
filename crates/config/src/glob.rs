//! Patterns with `*` and `?`, without case.

use std::fmt;

/// `*` stands for any text, `?` for any character; case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Of a text; every text is one.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_lowercase())
    }

    /// Whether a text fits as a whole. Takes at most the product of both lengths.
    pub fn fits(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let (mut p, mut t) = (0, 0);
        // Where the last star stands, and how much of the text it has taken.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match (pattern.get(p), star) {
                (Some('*'), _) => {
                    star = Some((p, t));
                    p += 1;
                }
                (Some(c), _) if *c == '?' || Some(c) == text.get(t) => (p, t) = (p + 1, t + 1),
                (_, Some((at, taken))) => {
                    star = Some((at, taken + 1));
                    (p, t) = (at + 1, taken + 1);
                }
                (_, None) => return false,
            }
        }
        pattern.iter().skip(p).all(|c| *c == '*')
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text) in [
            ("*", ""),
            ("nokia*", "Nokia E51"),
            ("*e51*", "Nokia E51"),
            ("a?c", "abc"),
            ("a*b*c", "aXbYbc"),
            ("ä*", "Älter"),
        ] {
            assert!(Glob::new(pattern).fits(text), "{pattern} {text}");
        }
        for (pattern, text) in [("nokia", "nokia e51"), ("", "x"), ("a?c", "ac"), ("a*b", "abc"), ("*x", "y")] {
            assert!(!Glob::new(pattern).fits(text), "{pattern} {text}");
        }
        let (pattern, text) = ("*a".repeat(500) + "b", "a".repeat(2000));
        assert!(!Glob::new(&pattern).fits(&text));
    }
}
