//! Reading: octets through the framer, until there is something to do.

use std::time::Duration;

use ::imap::{Announced, Event, Expect, Literal, Step, exposed_identity};
use tokio::time::Instant;

use super::begin;
use super::driver::Driver;
use crate::hidden::Told;
use crate::session::End;

impl Driver {
    /// Waits for the client, and tells the session what came.
    pub(super) async fn next_step(&mut self) -> Result<Step, End> {
        let expect = self.session.expect();
        let (wait, deadline) = self.patience();
        loop {
            let (_, event) = self.read_piece(expect, wait, deadline).await?;
            match event {
                Event::More | Event::Body | Event::MessageEnd { .. } => {}
                Event::Continue => self.client.write(b"+ go on\r\n"),
                Event::Line(line) => {
                    self.client.record(&line, self.session.secret_in(&line), exposed_identity);
                    return Ok(self.line_step(line));
                }
                Event::TooLong(tag) => return Ok(self.session.too_long(tag)),
                Event::Message(announced) => {
                    self.record_append(&announced);
                    let (size, literal) = (announced.size, announced.literal);
                    let step = self.session.announced(announced);
                    if !matches!(step, Step::Receive(_)) {
                        self.framer.refuse();
                        // RFC 7888 §4: it is on its way without having been asked for, and is swallowed.
                        if literal == Literal::NonSynchronizing {
                            self.client.recorder.came_body(trace::Body::Literal, size);
                        }
                    }
                    return Ok(step);
                }
            }
        }
    }

    /// An APPEND, whose octets the framer has read already, up to its message.
    fn record_append(&self, announced: &Announced) {
        let Ok((tag, append)) = &announced.append else {
            return self.client.recorder.came(b"(an APPEND that cannot be read)");
        };
        let size = announced.size;
        self.client.recorder.came(format!("{} APPEND {:?} {{{size}}}", tag.as_str(), append.mailbox).as_bytes());
    }

    fn line_step(&mut self, line: Vec<u8>) -> Step {
        let step = self.session.line(line);
        match (self.session.take_exposed(), self.session.take_early()) {
            (Some(user), _) => self.client.exposed(user),
            (None, Some(early)) => self.client.ended_early(early),
            (None, None) => {}
        }
        if let Some(fields) = self.session.take_id() {
            let told = fields.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)));
            self.client.recorder.client_id(told);
            if !self.client.minds_names() {
                return step;
            }
            let id = fields.into_iter().filter_map(|(_, value)| value).collect();
            self.client.is_told(Told { id, ..Told::default() });
            self.session.secured(begin::offers(self.client.protection(), self.client.mechanisms()));
        }
        step
    }

    /// How long the client may take for its next command, as a whole: octet by octet it does not get longer.
    pub(super) fn patience(&self) -> (Duration, Instant) {
        let limits = &self.client.config.limits;
        let wait = if self.session.is_authenticated() { limits.imap_idle } else { limits.login_timeout };
        (wait, Instant::now() + wait)
    }

    /// Reads some octets and feeds them; the first value are those that belong to an APPEND's message.
    pub(super) async fn read_piece(
        &mut self,
        expect: Expect,
        wait: Duration,
        deadline: Instant,
    ) -> Result<(Vec<u8>, Event), End> {
        let left = deadline.saturating_duration_since(Instant::now());
        let input = self.client.read_some(left).await.map_err(|end| silence(end, wait))?;
        let (used, event) = self.framer.feed(input, expect);
        let body = match event {
            Event::Body => input.get(..used).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        self.client.connection.consume(used);
        Ok((body, event))
    }
}

/// The whole wait is told, not what was left of it.
fn silence(end: End, wait: Duration) -> End {
    if let End::Silence(_) = end { End::Silence(wait) } else { end }
}
