//! The control socket: `<data>/control.sock`, 0600. One JSON object a line each way; see [`Request`] and [`Response`].

mod answer;
mod client;
mod request;
mod socket;

pub use client::{AskError, ask};
pub use request::{Listening, Refusal, Request, Response, Status};
pub use socket::path;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::context::drained;
use crate::engine::Engine;

/// Longest request; they are all short.
const LONGEST: u64 = 64 * 1024;

/// An operator's command asks at once and reads the answer at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens the socket. Only the holder of the data folder's lock may, so what lies there is left over.
pub(crate) fn open(data: &Path) -> io::Result<UnixListener> {
    let path = path(data);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Who could connect before the mode is set? The folder is 0700, and the process's umask takes the rest away.
    let listener = UnixListener::bind(socket::place(data)?.address)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until the server drains.
pub(crate) async fn serve(listener: UnixListener, engine: Arc<Engine>) {
    let mut draining = engine.context.draining.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(talk(stream, Arc::clone(&engine)))),
                // Out of descriptors: as with the other listeners, do not spin.
                Err(error) => {
                    tracing::warn!(%error, "control socket");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
            () = drained(&mut draining) => return,
        }
    }
}

/// One client: requests until it leaves.
async fn talk(stream: UnixStream, engine: Arc<Engine>) {
    let (input, mut output) = stream.into_split();
    let mut input = BufReader::new(input);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut input).take(LONGEST);
        if !matches!(timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await, Ok(Ok(1..))) {
            return;
        }
        let answered = engine.answer(&line).await;
        // `auth-test` has a password in it.
        line.fill(0);
        let mut answer = answer::encode(&answered);
        answer.push(b'\n');
        let written = timeout(PATIENCE, output.write_all(&answer)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
}
