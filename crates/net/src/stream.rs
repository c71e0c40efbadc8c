//! What octets travel over: a socket or a pipe in memory, in clear or inside TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// Both directions at once.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

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
    /// Inside TLS; boxed, as most sessions of a busy port 25 never need the room.
    Tls(Box<TlsStream<Wire>>),
    /// A handshake is under way or has failed: nothing can be sent any more.
    Gone,
}

impl Stream {
    /// The octets' two ways.
    pub(crate) fn io(&mut self) -> io::Result<&mut dyn Duplex> {
        match self {
            Self::Plain(wire) => Ok(wire),
            Self::Tls(tls) => Ok(&mut **tls),
            Self::Gone => Err(gone()),
        }
    }

    /// Takes the wire out for a handshake; an error if TLS is there already.
    pub(crate) fn take_plain(&mut self) -> io::Result<Wire> {
        match std::mem::replace(self, Self::Gone) {
            Self::Plain(wire) => Ok(wire),
            Self::Tls(tls) => {
                *self = Self::Tls(tls);
                Err(io::Error::other("TLS is active already"))
            }
            Self::Gone => Err(gone()),
        }
    }
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
