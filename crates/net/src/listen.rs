//! Listening sockets.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that the kernel completes and keeps while we are busy.
const BACKLOG: i32 = 1024;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else listens there.
    #[error("{0} is taken by another program (see: ss -ltnp 'sport = :{port}')", port = .0.port())]
    Taken(SocketAddr),
    /// A port below 1024 without the right to it.
    #[error(
        "no permission to listen on {0}: start as root, or allow it (setcap cap_net_bind_service=+ep, or AmbientCapabilities in the systemd unit)"
    )]
    Forbidden(SocketAddr),
    /// This machine has no such address.
    #[error("{0} is not an address of this machine")]
    NotHere(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}: {error}")]
    Io {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
}

/// Opens a listening socket. `[::]` serves IPv6 alone, so that it can stand beside 0.0.0.0. Must be called inside a
/// tokio runtime.
///
/// # Errors
/// See [`ListenError`].
pub fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    open(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken(address),
        io::ErrorKind::PermissionDenied => ListenError::Forbidden(address),
        io::ErrorKind::AddrNotAvailable => ListenError::NotHere(address),
        _ => ListenError::Io { address, error },
    })
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A restart must not wait for the TIME_WAIT of old sessions.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
