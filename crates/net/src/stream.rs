//! What octets travel over: a socket or a pipe in memory, in clear or inside TLS.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::input::Input;
use crate::server_stream::ServerStream;

/// Most octets read at once; a TLS record holds as many.
pub(crate) const CHUNK: usize = 16 * 1024;

/// Both directions at once.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Where octets are sent.
pub(crate) type Sink<'a> = &'a mut (dyn AsyncWrite + Unpin + Send);

/// The carrier under TLS.
#[derive(Debug)]
pub(crate) enum Wire {
    /// A TCP socket.
    Tcp(TcpStream),
    /// A pipe in memory, for tests of drivers.
    Memory(DuplexStream),
}

/// The carrier as the connection uses it.
#[derive(Debug)]
pub(crate) enum Stream {
    /// In clear.
    Plain(Wire),
    /// The server's side of TLS; boxed, as most sessions of a busy port 25 never need the room.
    Server(Box<ServerStream>),
    /// The client's side of TLS.
    Client(Box<TlsStream<Wire>>),
    /// A handshake is under way or has failed: nothing can be sent any more.
    Gone,
}

impl Stream {
    /// Where octets are sent.
    pub(crate) fn sink(&mut self) -> io::Result<Sink<'_>> {
        match self {
            Self::Plain(wire) => Ok(wire),
            Self::Server(tls) => Ok(&mut **tls),
            Self::Client(tls) => Ok(&mut **tls),
            Self::Gone => Err(gone()),
        }
    }

    /// Waits for octets and adds them to `input`; how many, zero if the peer has closed.
    pub(crate) fn poll_receive(&mut self, cx: &mut Context<'_>, input: &mut Input) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(wire) => poll_read(wire, cx, input),
            Self::Server(tls) => tls.poll_receive(cx, input),
            Self::Client(tls) => poll_read(tls, cx, input),
            Self::Gone => Poll::Ready(Err(gone())),
        }
    }

    /// Takes the wire out for a handshake; an error if TLS is there already.
    pub(crate) fn take_plain(&mut self) -> io::Result<Wire> {
        match std::mem::replace(self, Self::Gone) {
            Self::Plain(wire) => Ok(wire),
            Self::Gone => Err(gone()),
            tls => {
                *self = tls;
                Err(io::Error::other("TLS is active already"))
            }
        }
    }
}

/// Reads into a buffer on the stack, which is only copied from when something came: a session that waits holds no
/// memory for what may come.
fn poll_read(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    input: &mut Input,
) -> Poll<io::Result<usize>> {
    let mut chunk = [MaybeUninit::uninit(); CHUNK];
    let mut buffer = ReadBuf::uninit(&mut chunk);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    input.append(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the TLS handshake was not finished")
}

impl Wire {
    fn io(&mut self) -> Pin<&mut dyn Duplex> {
        match self {
            Self::Tcp(stream) => Pin::new(stream),
            Self::Memory(stream) => Pin::new(stream),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.io().poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_shutdown(cx)
    }
}
