//! Asking a running server.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Request, Response, socket};

/// A server that is there answers at once; a queue of many messages is long to print.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No server runs on this data folder.
    #[error("no server runs on {0}")]
    NotRunning(PathBuf),
    /// The socket cannot be used: most often, another user runs the server.
    #[error("{path}: {error} (as uid {uid})", uid = rustix::process::geteuid().as_raw())]
    Io {
        /// The socket.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It answered something else: another version runs.
    #[error("the running server answers in another version's words; restart it")]
    OtherVersion,
}

/// Asks the server that runs on a data folder.
///
/// # Errors
/// See [`AskError`].
pub fn ask(data: &Path, request: &Request) -> Result<Response, AskError> {
    let failed = |error: io::Error| match error.kind() {
        // A socket that nobody listens on is left over from a server that was killed.
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AskError::NotRunning(data.to_owned()),
        _ => AskError::Io { path: socket::path(data), error },
    };
    let answer = exchange(data, request).map_err(failed)?;
    serde_json::from_str(&answer).map_err(|_| AskError::OtherVersion)
}

fn exchange(data: &Path, request: &Request) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket::place(data)?.address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    let written = stream.write_all(&line);
    // `auth-test` has a password in it.
    line.fill(0);
    written?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer)
}
