//! Sockets of other daemons on this host.

use std::io;
use std::path::Path;

use tokio::net::UnixStream;

/// What to do about a socket that cannot be used, one text for each cause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hints {
    /// It is not there.
    pub(crate) missing: &'static str,
    /// Nobody listens on it.
    pub(crate) refused: &'static str,
    /// This user may not.
    pub(crate) forbidden: &'static str,
}

/// Connects; why not, with path, uid, errno and what to do.
pub(crate) async fn connect(path: &Path, hints: &Hints) -> Result<UnixStream, String> {
    UnixStream::connect(path).await.map_err(|error| trouble(path, &error, hints))
}

fn trouble(path: &Path, error: &io::Error, hints: &Hints) -> String {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => hints.missing,
        io::ErrorKind::ConnectionRefused => hints.refused,
        io::ErrorKind::PermissionDenied => hints.forbidden,
        _ => "see unix(7) and connect(2)",
    };
    let uid = rustix::process::geteuid().as_raw();
    format!("cannot connect to {} as uid {uid}: {error}; {hint}", path.display())
}
