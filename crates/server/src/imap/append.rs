//! APPEND (RFC 3501 §6.3.11): the message is read past the framer's limit, into one buffer.

use ::imap::response::{Code, Reply};
use ::imap::{Append, Event, Expect, Receive, Step, compact};
use mailbox::NewMessage;

use super::driver::Driver;
use super::flags::to_store;
use super::refusal::{Failure, try_create};
use super::view::Expunges;
use crate::memory::{Sender, Share};
use crate::session::End;

/// A buffer grows to the announced size only as octets come.
const FIRST_BUFFER: usize = 256 * 1024;

impl Driver {
    /// Reads the message, or refuses it before it comes.
    pub(super) async fn receive(&mut self, receive: Receive) -> Result<Step, End> {
        // A client that waits is told of a target that is not there before it sends a large message.
        if !receive.go_ahead.is_empty()
            && let Err(failure) = self.target(&receive.append).await
        {
            self.framer.refuse();
            let reply = self.reply(Err(failure))?;
            return Ok(self.session.finish(&receive.tag, &reply));
        }
        self.framer.accept();
        self.client.write(&receive.go_ahead);
        let mut share = self.client.context.memory.share(Sender::Account);
        let mut came = 0;
        let body = self.body(receive.size, &mut share, &mut came).await;
        self.client.recorder.came_body(trace::Body::Literal, came);
        let outcome = match body? {
            Ok(body) => Box::pin(self.append(receive.append, body)).await,
            Err(reply) => Err(reply.into()),
        };
        let reply = self.reply(outcome)?;
        Ok(self.session.finish(&receive.tag, &reply))
    }

    async fn target(&self, append: &Append) -> Result<(), Failure> {
        let home = self.home()?;
        self.client.context.store.status(&home, &append.mailbox).await.map_err(try_create)?;
        Ok(())
    }

    /// The octets of the message, which are counted in `came`.
    async fn body(&mut self, size: u64, share: &mut Share, came: &mut u64) -> Result<Result<Vec<u8>, Reply>, End> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let mut body = Vec::with_capacity(size.min(FIRST_BUFFER));
        let mut room = true;
        loop {
            // Each piece has its own deadline: large messages come over slow lines.
            let (wait, deadline) = self.patience();
            let (piece, event) = self.read_piece(Expect::Plain, wait, deadline).await?;
            *came += piece.len() as u64;
            room = room && share.resize(body.len() + piece.len(), self.client.config.limits.message_size);
            if room {
                body.extend_from_slice(&piece);
            } else {
                // The rest is read only to stay in step.
                body = Vec::new();
            }
            match event {
                Event::MessageEnd { .. } if !room => {
                    let reply = Reply::no("too many large messages at once, try again later");
                    return Ok(Err(reply.code(Code::Unavailable)));
                }
                Event::MessageEnd { clean: true } => return Ok(Ok(body)),
                Event::MessageEnd { clean: false } => return Ok(Err(Reply::bad("one message at a time"))),
                _ => {}
            }
        }
    }

    async fn append(&mut self, append: Append, body: Vec<u8>) -> Result<Reply, Failure> {
        // RFC 3501 §4.3.1: no NUL in a literal; programs that read the Maildir would stop there.
        if memchr::memchr(0, &body).is_some() {
            return Err(Reply::no("a message must not hold a NUL octet").code(Code::Cannot).into());
        }
        let home = self.home()?;
        let (flags, keywords) = to_store(&append.flags);
        let body = with_crlf(body).into();
        let message = NewMessage { body, flags, keywords, internal_date: append.internal_date };
        let added = self.client.context.store.append(&home, &append.mailbox, vec![message]).await;
        let (validity, uids) = added.map_err(try_create)?;
        self.tell(Expunges::Tell).await?;
        Ok(Reply::ok("APPEND completed").code(Code::AppendUid(validity, compact(uids))))
    }
}

/// Messages are kept with CRLF; some clients append what they read from a file.
fn with_crlf(body: Vec<u8>) -> Vec<u8> {
    let bare = |at: usize| at == 0 || body.get(at - 1) != Some(&b'\r');
    let missing = memchr::memchr_iter(b'\n', &body).filter(|&at| bare(at)).count();
    if missing == 0 {
        return body;
    }
    let mut fixed = Vec::with_capacity(body.len() + missing);
    for line in body.split_inclusive(|&o| o == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                fixed.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                fixed.extend_from_slice(b"\r\n");
            }
            None => fixed.extend_from_slice(line),
        }
    }
    fixed
}

#[cfg(test)]
mod tests {
    use super::with_crlf;

    #[test]
    fn bare_line_feeds_get_their_carriage_return() {
        assert_eq!(with_crlf(b"a\nb\r\nc\n\nd".to_vec()), b"a\r\nb\r\nc\r\n\r\nd");
        assert_eq!(with_crlf(b"\n".to_vec()), b"\r\n");
        assert_eq!(with_crlf(b"a\r\n".to_vec()), b"a\r\n");
    }
}
