//! Reading answers, family by family.

use std::time::Duration;

use net::LineEnd;
use smtp::{Reply, ReplyReader};

use super::answer::refusal;
use super::{Answer, Broken, Dialogue, Speaker, Verdict};
use crate::target::Family;

/// Octets of one line: a CAPABILITY line can be long.
const MAX_LINE: usize = 8192;

/// Octets of one line where anything may be asked: people fetch messages whose lines do not end.
const MAX_HEARD: usize = 1 << 20;

/// Lines of one answer. Nothing that is asked here has so many.
const MAX_LINES: usize = 200;

impl Dialogue {
    /// One line, remembered: its text, and as it is shown.
    async fn read_line(&mut self) -> Result<(Vec<u8>, String), Broken> {
        let mut line = Vec::new();
        self.connection.read_line(&mut line, LineEnd::Lf, MAX_LINE, self.wait).await?;
        let shown = self.transcript.add(Speaker::Server, &line);
        Ok((line, shown))
    }

    /// Waits for the server's next line, whatever it belongs to. A wait that is cancelled loses nothing.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn hear(&mut self, wait: Duration) -> Result<Vec<u8>, Broken> {
        let mut line = Vec::new();
        self.connection.read_line(&mut line, LineEnd::Lf, MAX_HEARD, wait).await?;
        self.transcript.add(Speaker::Server, &line);
        Ok(line)
    }

    pub(super) async fn read_answer(&mut self) -> Result<Answer, Broken> {
        match self.family {
            Family::Smtp => self.read_reply().await,
            Family::Imap => self.read_tagged().await,
            Family::Pop3 => self.read_status().await,
        }
    }

    pub(super) async fn read_greeting(&mut self) -> Result<Answer, Broken> {
        if self.family != Family::Imap {
            return self.read_answer().await;
        }
        let (line, shown) = self.read_line().await?;
        let text = String::from_utf8_lossy(&line).into_owned();
        match text.strip_prefix("* ").map(word) {
            Some((first, rest)) if ["OK", "PREAUTH"].iter().any(|ok| first.eq_ignore_ascii_case(ok)) => {
                Ok(answer(Verdict::Done, vec![rest.to_owned()], shown))
            }
            Some((first, rest)) if first.eq_ignore_ascii_case("BYE") => {
                Ok(answer(refusal(rest), vec![rest.to_owned()], shown))
            }
            _ => Err(Broken::Grammar(shown)),
        }
    }

    /// SMTP: all lines of a reply, and the last one as it is shown.
    pub(super) async fn read_smtp(&mut self) -> Result<(Reply, String), Broken> {
        let mut reader = ReplyReader::default();
        loop {
            let (line, shown) = self.read_line().await?;
            let reply = reader.line(&line).map_err(|error| Broken::Grammar(format!("{error}: {shown}")))?;
            if let Some(reply) = reply {
                return Ok((reply, shown));
            }
        }
    }

    async fn read_reply(&mut self) -> Result<Answer, Broken> {
        let (reply, shown) = self.read_smtp().await?;
        let verdict = match reply.class() {
            smtp::Class::Success => Verdict::Done,
            smtp::Class::Intermediate => Verdict::Continue,
            smtp::Class::Transient => Verdict::Temporary,
            smtp::Class::Permanent => Verdict::Refused,
        };
        let enhanced = reply.status().is_some();
        let lines = reply.lines().map(str::to_owned).collect();
        Ok(Answer { verdict, code: Some(reply.code()), enhanced, lines, shown })
    }

    /// POP3: one line.
    async fn read_status(&mut self) -> Result<Answer, Broken> {
        let (line, shown) = self.read_line().await?;
        let text = String::from_utf8_lossy(&line).into_owned();
        match word(&text) {
            ("+OK", rest) => Ok(answer(Verdict::Done, vec![rest.to_owned()], shown)),
            ("-ERR", rest) => Ok(answer(refusal(rest), vec![rest.to_owned()], shown)),
            ("+", rest) => Ok(answer(Verdict::Continue, vec![rest.to_owned()], shown)),
            _ => Err(Broken::Grammar(shown)),
        }
    }

    /// POP3: a status line, and lines up to a dot if it is `+OK`.
    pub(super) async fn read_list(&mut self) -> Result<Answer, Broken> {
        let mut answer = self.read_status().await?;
        if !answer.is_done() {
            return Ok(answer);
        }
        answer.lines.clear();
        loop {
            let (line, _) = self.read_line().await?;
            match line.as_slice() {
                b"." => return Ok(answer),
                _ if answer.lines.len() == MAX_LINES => return Err(Broken::Endless),
                line => answer.lines.push(String::from_utf8_lossy(line).into_owned()),
            }
        }
    }

    /// IMAP: what is untagged, then the tagged line or `+`. The tagged line's words come last.
    async fn read_tagged(&mut self) -> Result<Answer, Broken> {
        let mut lines = Vec::new();
        loop {
            let (line, shown) = self.read_line().await?;
            let text = String::from_utf8_lossy(&line).into_owned();
            if lines.len() == MAX_LINES {
                return Err(Broken::Endless);
            }
            match word(&text) {
                ("*", rest) => lines.push(rest.to_owned()),
                ("+", rest) => return Ok(answer(Verdict::Continue, vec![rest.to_owned()], shown)),
                (_, rest) => {
                    let (result, words) = word(rest);
                    let verdict = match result.to_ascii_uppercase().as_str() {
                        "OK" => Verdict::Done,
                        "NO" => refusal(words),
                        "BAD" => Verdict::Refused,
                        _ => return Err(Broken::Grammar(shown)),
                    };
                    lines.push(words.to_owned());
                    return Ok(answer(verdict, lines, shown));
                }
            }
        }
    }
}

fn answer(verdict: Verdict, lines: Vec<String>, shown: String) -> Answer {
    Answer { verdict, code: None, enhanced: false, lines, shown }
}

/// The first word, and what follows the space behind it.
fn word(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}
