//! One connection: buffered input with limits, buffered output, and TLS from the start or later.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::capture::Capture;
use crate::input::{Input, Taken};
use crate::output::Output;
use crate::server_stream::ServerStream;
use crate::stream::{CHUNK, Stream, Wire};
use crate::tls::{TlsTooEarly, spoke_in_clear};
use crate::{ServerTls, TlsInfo};

/// The first octets of a TLS handshake record (RFC 8446 §5.1): what a client sends that expects TLS at once.
const TLS_HELLO: [u8; 2] = [0x16, 0x03];

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// CRLF alone; a bare LF or CR stays in the line (SMTP, against smuggling).
    Crlf,
    /// LF with or without CR (POP3, IMAP: people type into netcat).
    Lf,
}

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
    /// Nothing came in time.
    #[error("nothing came for {0:?}")]
    TimedOut(Duration),
    /// The line is longer than allowed. It has been skipped to its end: the next read is in step.
    #[error("line longer than {0} octets")]
    LineTooLong(usize),
    /// The socket, or TLS, failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A TCP connection, plain or inside TLS. While it idles it holds no buffer (memory of idle sessions).
#[derive(Debug)]
pub struct Connection {
    pub(crate) stream: Stream,
    pub(crate) tls: Option<Box<TlsInfo>>,
    input: Input,
    output: Output,
    peer: SocketAddr,
    local: SocketAddr,
    /// Something was read already, or TLS is there: what comes need not be looked at for a TLS greeting.
    greeted: bool,
}

impl Connection {
    /// Takes over a connected socket. Small replies are sent at once (`TCP_NODELAY`): output is gathered here already.
    ///
    /// # Errors
    /// The socket is not connected any more.
    pub fn new(socket: TcpStream) -> io::Result<Self> {
        let (peer, local) = (socket.peer_addr()?, socket.local_addr()?);
        socket.set_nodelay(true)?;
        Ok(Self::build(Wire::Tcp(socket), peer, local))
    }

    /// A connection over a pipe in memory, so that a driver can be tested without sockets. Its peer is
    /// 127.0.0.1:1, its own address 127.0.0.1:2.
    pub fn over(pipe: DuplexStream) -> Self {
        let [peer, local] = [1, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Self::build(Wire::Memory(pipe), peer, local)
    }

    fn build(wire: Wire, peer: SocketAddr, local: SocketAddr) -> Self {
        let (input, output) = (Input::default(), Output::default());
        Self { stream: Stream::Plain(wire), tls: None, input, output, peer, local, greeted: false }
    }

    /// The other end.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Our end.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// What TLS agreed on; `None` in clear.
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.tls.as_deref()
    }

    /// Reads one line without its end into `line` (cleared first). Output is flushed before it waits. The whole line
    /// must come within `wait`, so that nobody keeps a session by an octet a minute. A read that is cancelled
    /// loses nothing.
    ///
    /// # Errors
    /// See [`ReadError`]; after `LineTooLong` reading can go on.
    pub async fn read_line(
        &mut self,
        line: &mut Vec<u8>,
        end: LineEnd,
        limit: usize,
        wait: Duration,
    ) -> Result<(), ReadError> {
        line.clear();
        let next = async {
            loop {
                match self.input.take_line(line, end, limit) {
                    Taken::Line => return Ok(()),
                    Taken::TooLong => return Err(ReadError::LineTooLong(limit)),
                    Taken::Incomplete => self.receive().await?,
                }
            }
        };
        timeout(wait, next).await.unwrap_or(Err(ReadError::TimedOut(wait)))
    }

    /// Octets that have come and are not yet consumed, at least one; waits (flushing output first) if there are none.
    /// A read that is cancelled loses nothing.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn read_some(&mut self, wait: Duration) -> Result<&[u8], ReadError> {
        if !self.has_input() {
            timeout(wait, self.receive()).await.unwrap_or(Err(ReadError::TimedOut(wait)))?;
        }
        Ok(self.input.unread())
    }

    /// Takes `n` of the octets that [`Self::read_some`] showed.
    pub fn consume(&mut self, n: usize) {
        self.input.consume(n);
    }

    /// Whether input is here already, so that a reply may wait for the next one (PIPELINING, one write for many replies).
    pub fn has_input(&self) -> bool {
        !self.input.unread().is_empty()
    }

    /// Adds to the output; sent by [`Self::flush`] or before the next wait for input. Whoever sends much flushes
    /// now and then: see [`Self::unsent`].
    pub fn write(&mut self, octets: &[u8]) {
        self.output.append(octets);
    }

    /// How many octets of output wait to be sent.
    pub fn unsent(&self) -> usize {
        self.output.len()
    }

    /// Sends the output. A peer that does not take it within `wait` is an error.
    ///
    /// # Errors
    /// `TimedOut`, or what the socket says.
    pub async fn flush(&mut self, wait: Duration) -> io::Result<()> {
        timeout(wait, self.send()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Server side of STARTTLS, or of TLS from the first octet. Output is flushed, whatever input is buffered is
    /// thrown away (RFC 3207 §4.2, command injection), then the handshake; on failure the connection is of no use
    /// any more, but where the client spoke in clear: it can be told so in clear.
    ///
    /// # Errors
    /// `TimedOut`, or why the handshake failed (see [`crate::spoke_in_clear`]).
    pub async fn accept_tls(&mut self, tls: &ServerTls, wait: Duration) -> io::Result<()> {
        let handshake = async {
            self.send().await?;
            let wire = self.begin_tls()?;
            let (config, capture) = Capture::of(tls.config());
            let stream = match ServerStream::accept(wire, config, &mut self.input).await {
                Ok(stream) => stream,
                Err((error, wire)) => {
                    // Who spoke in clear can be told so in clear, and nothing else can be done with the wire.
                    self.stream = if spoke_in_clear(&error) { Stream::Plain(wire) } else { Stream::Gone };
                    return Err(error);
                }
            };
            self.tls = Some(Box::new(TlsInfo::accepted(stream.state(), &capture, tls)));
            self.stream = Stream::Server(Box::new(stream));
            Ok(())
        };
        timeout(wait, Box::pin(handshake)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Closes in an orderly way: output flushed, `close_notify`, FIN; then what the peer still sends is read, as
    /// closing over unread input would send RST, and the last reply would be lost with it. All within `wait`.
    pub async fn close(mut self, wait: Duration) {
        let farewell = async {
            self.send().await?;
            poll_fn(|cx| Pin::new(self.stream.sink()?).poll_shutdown(cx)).await?;
            let mut octets = 0;
            while octets < 16 * CHUNK {
                self.input.discard();
                match poll_fn(|cx| self.poll_receive(cx)).await? {
                    0 => break,
                    n => octets += n,
                }
            }
            io::Result::Ok(())
        };
        // The session is over: a peer that is gone, or does not go, changes nothing.
        drop(timeout(wait, farewell).await);
    }

    /// Takes the wire for a handshake; nothing that came in clear is left behind.
    pub(crate) fn begin_tls(&mut self) -> io::Result<Wire> {
        self.input = Input::default();
        self.greeted = true;
        self.stream.take_plain()
    }

    /// Sends all output.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        let (output, stream) = (&mut self.output, &mut self.stream);
        poll_fn(|cx| output.poll_send(stream.sink()?, cx)).await
    }

    /// Waits for input, once the output is sent.
    async fn receive(&mut self) -> Result<(), ReadError> {
        self.send().await?;
        match poll_fn(|cx| self.poll_receive(cx)).await? {
            0 => Err(ReadError::Closed),
            _ => self.look_for_tls(),
        }
    }

    /// Waits for octets; while it waits, no buffer is kept.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match self.stream.poll_receive(cx, &mut self.input) {
            // A peer that leaves without `close_notify` has left all the same: every protocol here marks its ends itself.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(0)),
            Poll::Pending => {
                self.input.release();
                self.output.release();
                Poll::Pending
            }
            ready => ready,
        }
    }

    /// A client that expects TLS on a port that begins in clear gets nowhere: say so instead of "unknown command".
    fn look_for_tls(&mut self) -> Result<(), ReadError> {
        if !std::mem::replace(&mut self.greeted, true) && self.input.unread().starts_with(&TLS_HELLO) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TlsTooEarly).into());
        }
        Ok(())
    }
}
