//! Dovecot's auth service over its two sockets. A connection has one question.

use std::path::Path;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use crate::dovecot::{Asks, Auth, ClientSays, LINE, Params, ServerSays, Tells};
use crate::socket::{self, Hints};

const HINTS: Hints = Hints {
    missing: "is Dovecot running, and does its `service auth` have a unix_listener there?",
    refused: "the socket is left over: start Dovecot",
    forbidden: "set user, group and mode of the unix_listener in Dovecot's `service auth` so that this user may connect",
};

/// Lines before `DONE`, or before an answer.
const LINES: usize = 200;

/// The number of the one question of a connection.
const ID: u32 = 1;

/// How a login ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// `OK`
    Ok(Params),
    /// `FAIL`
    Fail(Params),
    /// The service does not have the mechanism.
    NoMechanism,
}

/// A connection to one of the sockets.
struct Connection<'a> {
    path: &'a Path,
    stream: BufReader<UnixStream>,
}

/// What mechanisms it has.
pub(super) async fn mechanisms(path: &Path) -> Result<Vec<String>, String> {
    Connection::open(path).await?.handshake().await
}

/// Logs in with a mechanism that has one message.
pub(super) async fn login(path: &Path, auth: Auth) -> Result<Ended, String> {
    let mut connection = Connection::open(path).await?;
    let known = connection.handshake().await?;
    if !known.iter().any(|name| name.eq_ignore_ascii_case(&auth.mechanism)) {
        return Ok(Ended::NoMechanism);
    }
    connection.send(&ClientSays::Auth(Auth { id: ID, ..auth }).encode()).await?;
    for _ in 0..LINES {
        match ServerSays::decode(&connection.line().await?).map_err(|error| connection.says(error))? {
            ServerSays::Ok(ID, params) => return Ok(Ended::Ok(params)),
            ServerSays::Fail(ID, params) => return Ok(Ended::Fail(params)),
            // XOAUTH2 and OAUTHBEARER say why they refuse, and wait for an answer before they do.
            ServerSays::Cont(ID, _) => {
                let empty = ClientSays::Cont(ID, sasl::Secret::new(Vec::new()));
                connection.send(&empty.encode()).await?;
            }
            _ => {}
        }
    }
    Err(connection.says("it says more than it was asked"))
}

/// Home, mail and the like of a user; `None` if there is none.
pub(super) async fn user(path: &Path, name: &str, service: &str) -> Result<Option<(String, Params)>, String> {
    let mut connection = Connection::open(path).await?;
    connection.send(&Asks::Version(1, 1).encode()).await?;
    let ask = Asks::User(ID, name.to_owned(), Params::default().with("service", service));
    connection.send(&ask.encode()).await?;
    for _ in 0..LINES {
        match Tells::decode(&connection.line().await?).map_err(|error| connection.says(error))? {
            Tells::User(ID, name, params) => return Ok(Some((name, params))),
            Tells::NotFound(ID) => return Ok(None),
            Tells::Fail(ID, params) => {
                let reason = params.get("reason").unwrap_or("its log says why");
                return Err(connection.says(format_args!("it could not look up the user: {reason}")));
            }
            _ => {}
        }
    }
    Err(connection.says("it says more than it was asked"))
}

impl<'a> Connection<'a> {
    async fn open(path: &'a Path) -> Result<Self, String> {
        Ok(Self { path, stream: BufReader::new(socket::connect(path, &HINTS).await?) })
    }

    /// Newer servers wait for the client's version before they send theirs, older ones do not.
    async fn handshake(&mut self) -> Result<Vec<String>, String> {
        self.send(&ClientSays::Version(1, 1).encode()).await?;
        self.send(&ClientSays::Cpid(std::process::id()).encode()).await?;
        let mut mechanisms = Vec::new();
        for _ in 0..LINES {
            match ServerSays::decode(&self.line().await?).map_err(|error| self.says(error))? {
                ServerSays::Version(1, _) => {}
                ServerSays::Version(major, _) => return Err(self.says(format_args!("it speaks version {major}"))),
                ServerSays::Mech(name, _) => mechanisms.push(name),
                ServerSays::Done => return Ok(mechanisms),
                _ => {}
            }
        }
        Err(self.says("its greeting does not end"))
    }

    async fn send(&mut self, line: &[u8]) -> Result<(), String> {
        self.stream.write_all(line).await.map_err(|error| self.says(error))
    }

    /// The next line. It may hold what the user's entry in Dovecot's store has.
    async fn line(&mut self) -> Result<Zeroizing<Vec<u8>>, String> {
        let mut line = Zeroizing::new(Vec::with_capacity(1024));
        let read = (&mut self.stream).take(LINE as u64).read_until(b'\n', &mut line).await;
        read.map_err(|error| self.says(error))?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            _ => Err(self.says("the connection ended without an answer; Dovecot's log says why")),
        }
    }

    fn says(&self, what: impl std::fmt::Display) -> String {
        format!("{}: {what}", self.path.display())
    }
}
