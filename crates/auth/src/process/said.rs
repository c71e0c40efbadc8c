//! What a program writes to standard error goes into the trail, where an operator looks for it.

use sasl::Secret;

use crate::trail::Trail;

/// More lines than this of one program are left out.
const LINES: usize = 10;

/// Characters of a line.
const WIDTH: usize = 200;

/// Shorter secrets are found in any text.
const SHORT: usize = 4;

/// Writes the lines down, without control characters, and without the password that some checkers print.
pub(super) fn on_stderr(octets: &[u8], secret: Option<&Secret>, trail: &Trail) {
    let mut lines = octets.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    for line in lines.by_ref().take(LINES) {
        trail.say(format_args!("it said: {}", text(line, secret)));
    }
    let more = lines.count();
    if more > 0 {
        trail.say(format_args!("it said {more} lines more"));
    }
}

fn text(line: &[u8], secret: Option<&Secret>) -> String {
    let mut text = String::from_utf8_lossy(line).into_owned();
    let secret = secret.and_then(|secret| std::str::from_utf8(secret.expose()).ok());
    if let Some(secret) = secret.filter(|secret| secret.len() >= SHORT) {
        text = text.replace(secret, "***");
    }
    let mut short: String = text.chars().take(WIDTH).map(|c| if c.is_control() { '·' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_few_short_and_harmless() {
        let trail = Trail::default();
        let secret = Secret::new("hunter2");
        let mut written = b"\x1b[31mgot hunter2\n\n".to_vec();
        written.extend_from_slice(&[b'x'; 300]);
        written.extend("\ny".repeat(20).bytes());
        on_stderr(&written, Some(&secret), &trail);
        let lines: Vec<_> = trail.lines().into_iter().map(|line| line.text).collect();
        assert_eq!(lines.len(), LINES + 1);
        assert_eq!(lines[0], "it said: ·[31mgot ***");
        assert_eq!(lines[1], format!("it said: {}…", "x".repeat(200)));
        assert_eq!(lines[LINES], "it said 12 lines more");
    }
}
