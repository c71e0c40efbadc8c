//! SMTP servers that say what a test wants them to say, and remember what they were told.

mod record;
mod script;
mod session;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use record::{Mail, Record};
pub use script::Script;

use record::Shelf;

/// A running server; every connection gets a thread of its own.
#[derive(Debug)]
pub struct Peer {
    address: SocketAddr,
    shelf: Arc<Shelf>,
    script: Arc<Script>,
    stopped: Arc<AtomicBool>,
}

impl Peer {
    /// Starts a server on a free port of 127.0.0.1.
    pub fn start(script: Script) -> Self {
        Self::start_at("127.0.0.1:0", script)
    }

    /// Starts a server at an address: several at 127.0.0.x with one port are the MX hosts of a domain.
    pub fn start_at(address: &str, script: Script) -> Self {
        let listener = TcpListener::bind(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        let address = listener.local_addr().expect("bound");
        let peer = Self { address, shelf: Arc::default(), script: Arc::new(script), stopped: Arc::default() };
        let (shelf, script, stopped) = (Arc::clone(&peer.shelf), Arc::clone(&peer.script), Arc::clone(&peer.stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (shelf, script) = (Arc::clone(&shelf), Arc::clone(&script));
                std::thread::spawn(move || session::run(stream, &script, &shelf));
            }
        });
        peer
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every session so far, in the order in which they began.
    pub fn sessions(&self) -> Vec<Record> {
        self.shelf.all()
    }

    /// Every message so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.sessions().into_iter().flat_map(|session| session.mails).collect()
    }

    /// Waits until there are `count` messages.
    pub fn wait_for_mails(&self, count: usize) -> Vec<Mail> {
        let enough = |all: &[Record]| all.iter().map(|session| session.mails.len()).sum::<usize>() >= count;
        assert!(self.shelf.wait(enough), "{count} messages did not come: {:#?}", self.sessions());
        self.mails()
    }

    /// Waits until a client has said a line that begins like this.
    pub fn wait_for_line(&self, start: &str) {
        let said = |all: &[Record]| all.iter().any(|session| session.lines.iter().any(|line| line.starts_with(start)));
        assert!(self.shelf.wait(said), "nobody said {start}: {:#?}", self.sessions());
    }

    /// Forgets the answers to a command that the script had, so that it is served as usual from now on.
    pub fn relent(&self, command: &str) {
        self.script.relent(command);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The listening thread waits for one more connection.
        drop(TcpStream::connect(self.address));
    }
}
