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
use exchange::Login;

/// Exchanges that one client may have open at once.
const MAX_EXCHANGES: usize = 100;

/// Answers until the client leaves or the daemon ends. The greeting is sent at once: older clients wait for it, newer ones
/// say their own without waiting, and both find it.
pub(super) async fn talk(stream: UnixStream, context: &Context) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(&greeting::greeting(&context.auth)).await?;
    let mut open = HashMap::new();
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
        if let Some(reply) = answer(says, &mut open, context).await? {
            stream.write_all(&reply.encode()).await?;
        }
    }
    Ok(())
}

/// What is said to a line, if anything. An error ends the connection.
async fn answer(says: ClientSays, open: &mut HashMap<u32, Login>, context: &Context) -> io::Result<Option<ServerSays>> {
    let (id, step) = match says {
        ClientSays::Version(1, _) | ClientSays::Cpid(_) | ClientSays::Other => return Ok(None),
        ClientSays::Version(major, _) => return Err(io::Error::other(format!("the client speaks version {major}"))),
        ClientSays::Cancel(id) => {
            open.remove(&id);
            return Ok(None);
        }
        ClientSays::Auth(auth) if open.len() >= MAX_EXCHANGES => {
            let full = Params::default().with("reason", "too many exchanges").with("code", "temp_fail").flag("temp");
            return Ok(Some(ServerSays::Fail(auth.id, full)));
        }
        ClientSays::Auth(auth) => (auth.id, Login::begin(&auth, context).await),
        ClientSays::Cont(id, data) => match open.remove(&id) {
            Some(login) => (id, login.go_on(&data, context).await),
            None => return Ok(Some(ServerSays::Fail(id, Params::default().with("reason", "no such exchange")))),
        },
    };
    Ok(Some(match step {
        exchange::Said::Challenge(challenge, login) => {
            open.insert(id, login);
            ServerSays::Cont(id, challenge)
        }
        exchange::Said::Ok(params) => ServerSays::Ok(id, params),
        exchange::Said::Fail(params) => ServerSays::Fail(id, params),
    }))
}
