//! A server's certificate, signed by a private CA.

use std::time::Duration;

use net::ca::{self, PrivateCa};
use net::{Connection, LineEnd, ReadError, ServerTls};
use tempfile::TempDir;

/// For what is not meant to take long.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The certificate of `mail.example.test`, its files, and the folder that they are in.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) files: PrivateCa,
    pub(crate) tls: ServerTls,
}

/// Makes one.
pub(crate) fn fixture() -> Fixture {
    let folder = TempDir::new().unwrap();
    let files = ca::create(folder.path(), "mail.example.test", &[]).unwrap();
    let tls = ServerTls::load(&files.certificate, &files.key).unwrap();
    Fixture { folder, files, tls }
}

/// The next line of at most `limit` octets.
pub(crate) async fn read_line(connection: &mut Connection, limit: usize) -> Result<String, ReadError> {
    let mut line = Vec::new();
    connection.read_line(&mut line, LineEnd::Crlf, limit, LONG).await?;
    Ok(String::from_utf8(line).unwrap())
}
