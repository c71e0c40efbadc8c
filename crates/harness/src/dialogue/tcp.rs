//! A dialogue's wire to a real server.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::net::{AddressFamily, SocketType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Received, Wire};
use crate::PATIENCE;

/// A connection to 127.0.0.1. Whatever fails panics.
#[derive(Debug)]
pub struct Tcp {
    stream: Stream,
    ca: PathBuf,
    unread: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Tcp {
    /// Connects in clear; `ca` is the PEM file that TLS trusts, once it is begun.
    pub fn connect(port: u16, ca: impl AsRef<Path>) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        socket.set_read_timeout(Some(PATIENCE)).and(socket.set_write_timeout(Some(PATIENCE))).expect("timeouts");
        Self { stream: Stream::Plain(socket), ca: ca.as_ref().to_owned(), unread: Vec::new() }
    }

    /// Connects in clear from an address of the loopback: what is counted by address is counted apart.
    pub fn connect_from(source: Ipv4Addr, port: u16, ca: impl AsRef<Path>) -> Self {
        let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        rustix::net::bind(&socket, &SocketAddrV4::new(source, 0)).expect("a loopback address");
        rustix::net::connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).expect("the server listens");
        let socket = TcpStream::from(socket);
        socket.set_read_timeout(Some(PATIENCE)).and(socket.set_write_timeout(Some(PATIENCE))).expect("timeouts");
        Self { stream: Stream::Plain(socket), ca: ca.as_ref().to_owned(), unread: Vec::new() }
    }

    /// Connects to a port where TLS begins at once.
    pub fn connect_tls(port: u16, ca: impl AsRef<Path>) -> Self {
        let mut wire = Self::connect(port, ca);
        wire.start_tls();
        wire
    }

    /// The next line, for tests that are no dialogues.
    pub fn line(&mut self) -> String {
        match self.receive_line() {
            Received::Line(line) => String::from_utf8(line).expect("UTF-8"),
            other => panic!("expected a line, got {other:?}"),
        }
    }

    /// Sends what the server may not want any more; whether it was taken.
    pub fn try_send(&mut self, octets: &[u8]) -> bool {
        let sent = match &mut self.stream {
            Stream::Plain(socket) => socket.write_all(octets),
            Stream::Tls(tls) => tls.write_all(octets).and_then(|()| tls.flush()),
        };
        sent.is_ok()
    }

    /// Says that nothing more comes, and waits until the server closes.
    pub fn finish(mut self) {
        let socket = match &mut self.stream {
            Stream::Plain(socket) => &*socket,
            Stream::Tls(tls) => {
                tls.conn.send_close_notify();
                let _ = tls.flush();
                &tls.sock
            }
        };
        // A server that has closed already is what is waited for.
        let _ = socket.shutdown(Shutdown::Write);
        while !matches!(self.receive_line(), Received::Closed | Received::Nothing) {}
    }

    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Tls(tls) => tls.read(buffer),
        }
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = self.unread.windows(2).position(|pair| pair == b"\r\n")?;
        let mut line: Vec<u8> = self.unread.drain(..end + 2).collect();
        line.truncate(end);
        Some(line)
    }
}

impl Wire for Tcp {
    fn send(&mut self, octets: &[u8]) {
        match &mut self.stream {
            Stream::Plain(socket) => socket.write_all(octets),
            Stream::Tls(tls) => tls.write_all(octets).and_then(|()| tls.flush()),
        }
        .expect("the server takes what it is sent");
    }

    fn receive_line(&mut self) -> Received {
        let mut buffer = [0; 4096];
        loop {
            if let Some(line) = self.take_line() {
                return Received::Line(line);
            }
            match self.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => self.unread.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::Nothing,
                Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => break,
                Err(error) => panic!("reading: {error}"),
            }
        }
        // Half a line before the end is shown as a line: no pattern that means a whole reply matches it by chance.
        if self.unread.is_empty() { Received::Closed } else { Received::Line(std::mem::take(&mut self.unread)) }
    }

    fn start_tls(&mut self) {
        assert!(self.unread.is_empty(), "unread before TLS: {}", self.unread.escape_ascii());
        let Stream::Plain(socket) = &self.stream else { panic!("TLS is there already") };
        let socket = socket.try_clone().expect("a second handle");
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(trusting(&self.ca)), name).expect("a TLS client");
        let mut tls = StreamOwned::new(connection, socket);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock).expect("the TLS handshake");
        }
        self.stream = Stream::Tls(Box::new(tls));
    }
}

fn trusting(ca: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).unwrap_or_else(|error| panic!("{}: {error}", ca.display())) {
        roots.add(certificate.expect("PEM")).expect("a CA");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    versions.expect("versions").with_root_certificates(roots).with_no_client_auth()
}
