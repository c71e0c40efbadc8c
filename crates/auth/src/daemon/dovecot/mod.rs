//! Dovecot's auth service, for Postfix, Exim and others.

mod exchange;
mod greeting;

use std::collections::HashMap;
use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::Context;
use crate::dovecot::{ClientSays, LINE, Params, ServerSays};
use exchange::{Login, Said};

/// Clients of an older version than 1.2 do not know `code=` and `temp`: Debian 12's Postfix makes a 535 out of every `FAIL`.
/// To them, what could not be told is not answered: a connection that just ends is temporary for all of them.
const TELLS_CODES: u32 = 2;

/// Exchanges that one client may have open at once.
const MAX_EXCHANGES: usize = 100;

/// Answers until the client leaves or the daemon ends. The greeting is sent at once: older clients wait for it, newer ones
/// say their own without waiting, and both find it.
pub(super) async fn talk(stream: UnixStream, context: &Context) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(&greeting::greeting(&context.auth)).await?;
    let mut client = Client::default();
    while !context.ends() {
        // A line may hold a password.
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        let mut bounded = (&mut stream).take(LINE as u64);
        tokio::select! {
            read = bounded.read_until(b'\n', &mut line) => read?,
            () = context.ended() => return Ok(()),
        };
        let Some(says) = line.strip_suffix(b"\n") else { return Ok(()) };
        let says = ClientSays::decode(says).map_err(io::Error::other)?;
        drop(line);
        if let Some(reply) = client.answer(says, context).await? {
            stream.write_all(&reply.encode()).await?;
        }
    }
    Ok(())
}

/// What is known of a client.
#[derive(Default)]
struct Client {
    /// The second number of its version.
    minor: u32,
    open: HashMap<u32, Login>,
}

impl Client {
    /// What is said to a line, if anything. An error ends the connection.
    async fn answer(&mut self, says: ClientSays, context: &Context) -> io::Result<Option<ServerSays>> {
        let (id, said) = match says {
            ClientSays::Version(1, minor) => {
                self.minor = minor;
                return Ok(None);
            }
            ClientSays::Version(major, _) => {
                return Err(io::Error::other(format!("the client speaks version {major}")));
            }
            ClientSays::Cpid(_) | ClientSays::Other => return Ok(None),
            ClientSays::Cancel(id) => {
                self.open.remove(&id);
                return Ok(None);
            }
            ClientSays::Auth(auth) if self.open.len() >= MAX_EXCHANGES => {
                (auth.id, Said::Temporary(Params::default().with("reason", "too many exchanges")))
            }
            ClientSays::Auth(auth) => (auth.id, Login::begin(&auth, context).await),
            ClientSays::Cont(id, data) => match self.open.remove(&id) {
                Some(login) => (id, login.go_on(&data, context).await),
                None => (id, Said::Fail(Params::default().with("reason", "no such exchange"))),
            },
        };
        match said {
            Said::Challenge(challenge, login) => {
                self.open.insert(id, login);
                Ok(Some(ServerSays::Cont(id, challenge)))
            }
            Said::Ok(params) => Ok(Some(ServerSays::Ok(id, params))),
            Said::Fail(params) => Ok(Some(ServerSays::Fail(id, params))),
            Said::Temporary(_) if self.minor < TELLS_CODES => Err(io::Error::other("it could not be told")),
            Said::Temporary(params) => Ok(Some(ServerSays::Fail(id, params.with("code", "temp_fail").flag("temp")))),
        }
    }
}
