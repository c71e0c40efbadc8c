//! Ports that no other test on this machine uses at the same time.

use std::fs::{File, create_dir_all};
use std::net::TcpListener;
use std::path::PathBuf;

/// Offsets are sought here: below what the kernel gives to outgoing connections.
const OFFSETS: std::ops::Range<u16> = 10_000..31_000;

/// The standard ports of all services.
pub(crate) const STANDARD: [u16; 7] = [25, 110, 143, 465, 587, 993, 995];

/// A claim on "every standard port plus an offset", held by file locks until it is dropped, so that a server can be
/// stopped and started again on the same ports while other tests run.
#[derive(Debug)]
pub struct Ports {
    offset: u16,
    _locks: Vec<File>,
}

impl Ports {
    /// Claims an offset at which all seven ports are free.
    pub fn claim() -> Self {
        let folder = std::env::temp_dir().join("gatepost-test-ports");
        create_dir_all(&folder).expect("the folder for port locks");
        // Each test process begins elsewhere, so that they seldom meet.
        let start = u16::try_from(std::process::id() % 20_000).expect("below 20,000");
        let offsets = (OFFSETS.start + start..OFFSETS.end).chain(OFFSETS.start..OFFSETS.start + start);
        let claim = |offset: u16| {
            let locks: Option<Vec<File>> =
                STANDARD.iter().map(|port| lock(folder.join((offset + port).to_string()))).collect();
            let free = STANDARD.iter().all(|port| TcpListener::bind(("127.0.0.1", offset + port)).is_ok());
            locks.filter(|_| free).map(|locks| Self { offset, _locks: locks })
        };
        offsets.into_iter().find_map(claim).expect("an offset with seven free ports")
    }

    /// What is added to every standard port.
    pub fn offset(&self) -> u16 {
        self.offset
    }

    /// The port that stands for a standard one.
    pub fn port(&self, standard: u16) -> u16 {
        self.offset + standard
    }
}

fn lock(path: PathBuf) -> Option<File> {
    let file = File::options().create(true).append(true).open(path).ok()?;
    file.try_lock().ok()?;
    Some(file)
}
