//! Reading: octets through the framer, until there is something to do.

use std::time::Duration;

use ::imap::{Event, Expect, Step};
use tokio::time::Instant;

use super::{Driver, End};

impl Driver {
    /// Waits for the client, and tells the session what came.
    pub(super) async fn next_step(&mut self) -> Result<Step, End> {
        let expect = self.session.expect();
        let (wait, deadline) = self.patience();
        loop {
            let (_, event) = self.read_piece(expect, wait, deadline).await?;
            match event {
                Event::More | Event::Body | Event::MessageEnd { .. } => {}
                Event::Continue => self.connection.write(b"+ go on\r\n"),
                Event::Line(line) => return Ok(self.line_step(line)),
                Event::TooLong(tag) => return Ok(self.session.too_long(tag)),
                Event::Message(announced) => {
                    let step = self.session.announced(announced);
                    if !matches!(step, Step::Receive(_)) {
                        self.framer.refuse();
                    }
                    return Ok(step);
                }
            }
        }
    }

    fn line_step(&mut self, line: Vec<u8>) -> Step {
        let step = self.session.line(line);
        if let Some(user) = self.session.take_exposed() {
            tracing::warn!(
                user,
                "a password came in clear and was not looked at; whoever listened knows it: change it"
            );
        }
        step
    }

    /// How long the client may take for its next command, as a whole: octet by octet it does not get longer.
    pub(super) fn patience(&self) -> (Duration, Instant) {
        let limits = &self.config.limits;
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
        let input = tokio::select! {
            biased;
            input = self.connection.read_some(left) => input.map_err(|e| timed_out(e.into(), wait))?,
            () = drained(&mut self.draining) => return Err(End::Draining),
        };
        let (used, event) = self.framer.feed(input, expect);
        let body = match event {
            Event::Body => input.get(..used).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        self.connection.consume(used);
        Ok((body, event))
    }
}

/// The whole wait is told, not what was left of it.
fn timed_out(end: End, wait: Duration) -> End {
    if let End::TimedOut(_) = end { End::TimedOut(wait) } else { end }
}

/// Ends when the server drains.
pub(super) async fn drained(draining: &mut tokio::sync::watch::Receiver<bool>) {
    if draining.wait_for(|d| *d).await.is_err() {
        // The server has gone without saying so: nothing will come any more.
        std::future::pending::<()>().await;
    }
}
