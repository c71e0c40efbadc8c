//! The server's side of TLS over a wire. It is made of rustls' unbuffered connection: records are read onto the stack and
//! kept only while they are incomplete, so that an idle session holds no buffer here either (rustls' own buffered
//! connection keeps 4 KiB for good).

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic};
use rustls::{CommonState, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::input::Input;
use crate::output::Output;
use crate::stream::{CHUNK, Wire};
use crate::tls::spoke_in_clear;

/// Most octets of incomplete records: a record (RFC 8446 §5.2), or a handshake message over several of them, which
/// rustls bounds to the same in its buffered connection.
const MAX_INCOMPLETE: usize = 64 * 1024;

/// What a record adds to its content at the most: header, content type, nonce and tag; and a key update before it.
const OVERHEAD: usize = 512;

/// TLS, and the wire under it.
pub(crate) struct ServerStream {
    wire: Wire,
    tls: UnbufferedServerConnection,
    /// What came and is not processed: an incomplete record, or nothing.
    incoming: Vec<u8>,
    /// Records to be sent.
    outgoing: Output,
    /// The peer's `close_notify` came.
    peer_closed: bool,
    /// Ours is on its way.
    closing: bool,
}

/// What TLS wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// More input, before application data can flow.
    Handshake,
    /// Application data can flow.
    Traffic,
    /// Both sides have closed.
    Closed,
}

impl ServerStream {
    /// The handshake. What the client sent right behind it goes to `input`. Where it fails, the wire comes back.
    pub(crate) async fn accept(
        wire: Wire,
        config: Arc<ServerConfig>,
        input: &mut Input,
    ) -> Result<Self, (io::Error, Wire)> {
        let tls = match UnbufferedServerConnection::new(config) {
            Ok(tls) => tls,
            Err(error) => return Err((broken(error), wire)),
        };
        let (incoming, outgoing) = (Vec::new(), Output::default());
        let mut stream = Self { wire, tls, incoming, outgoing, peer_closed: false, closing: false };
        if let Err(error) = poll_fn(|cx| stream.poll_handshake(cx, input)).await {
            // The alert that says why; if it does not go at once, the client is left without it. Who speaks no TLS cannot
            // read it.
            let alert = |cx: &mut Context<'_>| Poll::Ready(stream.outgoing.poll_send(&mut stream.wire, cx).is_ready());
            if !spoke_in_clear(&error) {
                poll_fn(alert).await;
            }
            return Err((error, stream.wire));
        }
        Ok(stream)
    }

    /// What was agreed on.
    pub(crate) fn state(&self) -> &CommonState {
        &self.tls
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>, input: &mut Input) -> Poll<io::Result<()>> {
        loop {
            let next = self.work(input)?;
            ready!(self.outgoing.poll_send(&mut self.wire, cx))?;
            if next == Next::Traffic && !self.tls.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if self.peer_closed || ready!(self.poll_fill(cx))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// Waits for application data and adds it to `input`; how many octets, zero if the peer has closed.
    pub(crate) fn poll_receive(&mut self, cx: &mut Context<'_>, input: &mut Input) -> Poll<io::Result<usize>> {
        let before = input.unread().len();
        loop {
            self.work(input)?;
            // Answers to a key update, for instance; they go out now or with the next write.
            if let Poll::Ready(Err(error)) = self.outgoing.poll_send(&mut self.wire, cx) {
                return Poll::Ready(Err(error));
            }
            let came = input.unread().len() - before;
            if came > 0 || self.peer_closed {
                return Poll::Ready(Ok(came));
            }
            self.outgoing.release();
            if ready!(self.poll_fill(cx))? == 0 {
                return Poll::Ready(Ok(0));
            }
        }
    }

    /// Reads from the wire; zero at its end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [MaybeUninit::uninit(); CHUNK];
        let mut buffer = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.wire).poll_read(cx, &mut buffer))?;
        self.incoming.extend_from_slice(buffer.filled());
        if self.incoming.len() > MAX_INCOMPLETE {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "TLS message without an end")));
        }
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Lets TLS process what has come: application data goes to `input`, answers to `outgoing`.
    fn work(&mut self, input: &mut Input) -> io::Result<Next> {
        let Self { tls, incoming, outgoing, peer_closed, .. } = self;
        let mut processed = 0;
        let next = loop {
            let rest = incoming.get_mut(processed..).unwrap_or_default();
            let UnbufferedStatus { discard, state } = tls.process_tls_records(rest);
            let next = match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        input.append(record.map_err(broken)?.payload);
                    }
                    None
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => encode(&mut data, outgoing).map(|()| None)?,
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    data.done();
                    None
                }
                Ok(ConnectionState::PeerClosed) => {
                    *peer_closed = true;
                    None
                }
                Ok(ConnectionState::BlockedHandshake) => Some(Next::Handshake),
                Ok(ConnectionState::WriteTraffic(_)) => Some(Next::Traffic),
                Ok(ConnectionState::Closed) => Some(Next::Closed),
                // Early data is not asked for; what later versions add is not known.
                Ok(_) => return Err(io::Error::other("TLS wants something unknown")),
                Err(error) => {
                    let rest = incoming.get_mut(processed + discard..).unwrap_or_default();
                    take_alert(tls, rest, outgoing);
                    return Err(broken(error));
                }
            };
            processed += discard;
            if let Some(next) = next {
                break next;
            }
        };
        incoming.drain(..processed.min(incoming.len()));
        if incoming.is_empty() {
            *incoming = Vec::new();
        }
        Ok(next)
    }

    /// Puts what `seal` makes of `length` octets of room into the output.
    fn seal(
        &mut self,
        length: usize,
        seal: impl FnOnce(&mut WriteTraffic<'_, ServerConnectionData>, &mut [u8]) -> Result<usize, EncryptError>,
    ) -> io::Result<()> {
        let UnbufferedStatus { discard, state } = self.tls.process_tls_records(&mut self.incoming);
        let sealed = match state.map_err(broken)? {
            ConnectionState::WriteTraffic(mut traffic) => {
                self.outgoing.extend_with(length, |room| seal(&mut traffic, room)).map_err(io::Error::other)
            }
            // Nothing but an incomplete record is ever left in `incoming`, so TLS has nothing else to do first.
            _ => Err(io::ErrorKind::NotConnected.into()),
        };
        self.incoming.drain(..discard);
        sealed
    }
}

/// After an error TLS has an alert to send, which is taken out before anything else is looked at. Only once: a second
/// call would look at `rest` again, and be broken again.
fn take_alert(tls: &mut UnbufferedServerConnection, rest: &mut [u8], outgoing: &mut Output) {
    if let Ok(ConnectionState::EncodeTlsData(mut data)) = tls.process_tls_records(rest).state {
        // What is wrong with the connection is known already.
        drop(encode(&mut data, outgoing));
    }
}

/// Adds a record of TLS's own to the output.
fn encode(data: &mut EncodeTlsData<'_, ServerConnectionData>, outgoing: &mut Output) -> io::Result<()> {
    let length = match data.encode(&mut []) {
        Err(EncodeError::InsufficientSize(size)) => size.required_size,
        Ok(_) => return Ok(()),
        Err(error) => return Err(io::Error::other(error)),
    };
    outgoing.extend_with(length, |room| data.encode(room)).map_err(io::Error::other)
}

fn broken(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl AsyncWrite for ServerStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        // One record at a time is kept, however slowly the peer takes them.
        ready!(this.outgoing.poll_send(&mut this.wire, cx))?;
        let octets = octets.get(..CHUNK).unwrap_or(octets);
        this.seal(octets.len() + OVERHEAD, |traffic, room| traffic.encrypt(octets, room))?;
        match this.outgoing.poll_send(&mut this.wire, cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(octets.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.outgoing.poll_send(&mut this.wire, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !std::mem::replace(&mut this.closing, true) {
            this.seal(OVERHEAD, |traffic, room| traffic.queue_close_notify(room))?;
        }
        ready!(this.outgoing.poll_send(&mut this.wire, cx))?;
        Pin::new(&mut this.wire).poll_shutdown(cx)
    }
}

impl fmt::Debug for ServerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStream").field("wire", &self.wire).finish_non_exhaustive()
    }
}
