//! One question, one connection.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use crate::courier::{Asked, Listed, Reply, Row};
use crate::socket::{self, Hints};

const HINTS: Hints = Hints {
    missing: "is authdaemond running, and is this its socket? On Debian it is /run/courier/authdaemon/socket",
    refused: "the socket is left over: start authdaemond (Debian: courier-authdaemon)",
    forbidden: "this user must be able to enter the socket's folder (Debian: be in the group courier)",
};

/// Longest answer to one question.
const LONGEST: usize = 64 * 1024;

/// More accounts than this are not listed.
const MAX_ROWS: usize = 100_000;

/// An authdaemond, by its socket.
#[derive(Debug)]
pub(super) struct Daemon {
    path: PathBuf,
}

impl Daemon {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(super) fn path(&self) -> std::path::Display<'_> {
        self.path.display()
    }

    /// Asks. What is no whole answer is temporary: with that, authdaemond says that it could not tell.
    pub(super) async fn ask(&self, asked: &Asked) -> Result<Reply, String> {
        let mut stream = self.send(asked).await?;
        // The daemon shows the password that was right once more.
        let mut input = Zeroizing::new(Vec::with_capacity(LONGEST));
        loop {
            let decoded = Reply::decode(&input).map_err(|error| self.says(&format!("an answer in which {error}")))?;
            if let Some((reply, _)) = decoded {
                return Ok(reply);
            }
            if input.len() >= LONGEST {
                return Err(self.says("an answer that is too long"));
            }
            let read = (&mut stream).take((LONGEST - input.len()) as u64).read_buf(&mut *input).await;
            if read.map_err(|error| self.lost(&error))? == 0 {
                return Err(self.says("no whole answer, so it could not tell; its log says which module failed"));
            }
        }
    }

    /// All accounts; `None` if the daemon cannot list them.
    pub(super) async fn list(&self, asked: &Asked) -> Result<Option<Vec<Row>>, String> {
        let mut input = BufReader::new(self.send(asked).await?);
        let (mut rows, mut line) = (Vec::new(), Vec::new());
        while rows.len() < MAX_ROWS {
            line.clear();
            let read = (&mut input).take(LONGEST as u64).read_until(b'\n', &mut line).await;
            read.map_err(|error| self.lost(&error))?;
            // An end without the dot: a module that cannot list, or that failed in the middle.
            let Some(whole) = line.strip_suffix(b"\n") else { return Ok(None) };
            match Listed::decode(whole) {
                Ok(Listed::End) => return Ok(Some(rows)),
                Ok(Listed::Account(row)) => rows.push(row),
                Ok(_) => {}
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn send(&self, asked: &Asked) -> Result<UnixStream, String> {
        let wire = asked.encode().map_err(|error| format!("the question cannot be asked: {error}"))?;
        let mut stream = socket::connect(&self.path, &HINTS).await?;
        stream.write_all(&wire).await.map_err(|error| self.lost(&error))?;
        Ok(stream)
    }

    fn says(&self, what: &str) -> String {
        format!("{} gives {what}", self.path.display())
    }

    fn lost(&self, error: &std::io::Error) -> String {
        format!("{} ends the connection: {error}", self.path.display())
    }
}
