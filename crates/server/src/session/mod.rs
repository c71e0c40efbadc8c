//! One session: its handshake, its driver, and its end; and the client as every driver knows it.

mod client;
mod end;
mod line;
mod login;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use config::Service;
use net::Connection;
use tokio::net::TcpStream;
use trace::record::{Direction, Origin, Protocol};
use trace::{Opening, Outcome, Recorder};

pub(crate) use client::{Came, Client};
pub(crate) use end::End;
pub(crate) use line::Line;

use crate::admission::{Full, Place};
use crate::panic::contained;
use crate::refusal::{self, NoSession};
use crate::{Context, SessionInfo};

/// Longest time for a TLS handshake; a client that is really there needs two round trips.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Longest time that a refusal may take: it is a courtesy.
const REFUSAL: Duration = Duration::from_secs(3);

/// Serves a client until it leaves.
pub(crate) async fn run(socket: TcpStream, context: Arc<Context>, info: SessionInfo, place: Place) {
    tracing::debug!("connected");
    // An error: the client has left already.
    let Ok(mut connection) = Connection::new(socket) else { return };
    let recorder = recorder(&context, &info);
    if let Err(error) = secure(&mut connection, &context, info.service, HANDSHAKE).await {
        log_handshake(&error);
        if net::spoke_in_clear(&error) {
            say_no(connection, (&context, &info, &recorder), NoSession::InClear).await;
            return recorder.finish(Outcome::SpokePlainToTls, &error.to_string());
        }
        return recorder.finish(Outcome::TlsFailed, &error.to_string());
    }
    if contained(driver(Client::new(connection, (context, info), recorder, place))).await.is_err() {
        tracing::error!("this session was ended by a panic; the others go on");
    }
}

/// What is kept of a session.
fn recorder(context: &Context, info: &SessionInfo) -> Recorder {
    let protocol = match info.service {
        Service::Smtp | Service::Submission | Service::Submissions => Protocol::Smtp,
        Service::Pop3 | Service::Pop3s => Protocol::Pop3,
        Service::Imap | Service::Imaps => Protocol::Imap,
    };
    let SessionInfo { id, service, peer, proxy, local } = *info;
    let (direction, service) = (Direction::In, service.name());
    let opening = Opening { id, direction, protocol, service, peer: proxy.unwrap_or(peer), local };
    let recorder = Recorder::new(&context.tracer, opening);
    if proxy.is_some() {
        let (address, port) = (peer.ip().to_canonical(), Some(peer.port()));
        recorder.origin(Origin { said_by: "PROXY".into(), address, port, ehlo: None, login: None });
    }
    recorder
}

/// The protocol's driver; each in a box of its own, so that none costs the memory of the largest.
fn driver(client: Client) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    match client.info.service {
        Service::Smtp | Service::Submission | Service::Submissions => Box::pin(crate::smtp::run(client)),
        Service::Pop3 | Service::Pop3s => Box::pin(crate::pop3::run(client)),
        Service::Imap | Service::Imaps => Box::pin(crate::imap::run(client)),
    }
}

/// Says no in the client's protocol, and why.
pub(crate) async fn refuse(socket: TcpStream, context: Arc<Context>, info: SessionInfo, full: Full) {
    let Ok(mut connection) = Connection::new(socket) else { return };
    let recorder = recorder(&context, &info);
    if secure(&mut connection, &context, info.service, REFUSAL).await.is_ok() {
        say_no(connection, (&context, &info, &recorder), NoSession::Full(full)).await;
    }
    recorder.finish(Outcome::RefusedFull, "");
}

/// A trusted proxy did not say for whom it speaks: the session has no client, and is none (`proxy-protocol.txt`, §2).
pub(crate) async fn without_proxy_header(
    socket: TcpStream,
    context: Arc<Context>,
    info: SessionInfo,
    error: io::Error,
) {
    tracing::warn!(%error, "refused: listen.proxies names this address, and no PROXY header came from it");
    let Ok(connection) = Connection::new(socket) else { return };
    let recorder = recorder(&context, &info);
    // Where TLS begins at once, nobody would understand it.
    if !info.service.implicit_tls() {
        say_no(connection, (&context, &info, &recorder), NoSession::NoProxyHeader).await;
    }
    recorder.finish(Outcome::NoProxyHeader, &error.to_string());
}

/// Says so in place of a greeting, and closes.
async fn say_no(
    mut connection: Connection,
    (context, info, recorder): (&Context, &SessionInfo, &Recorder),
    why: NoSession,
) {
    let host = context.config.load().hostname.to_string();
    let line = refusal::line(info.service, why, &host, info.id);
    recorder.sent(line.as_bytes());
    connection.write(line.as_bytes());
    connection.close(REFUSAL).await;
}

/// The handshake where TLS begins with the first octet (RFC 8314 §3).
async fn secure(connection: &mut Connection, context: &Context, service: Service, wait: Duration) -> io::Result<()> {
    if !service.implicit_tls() {
        return Ok(());
    }
    let tls = context.tls.load_full();
    let tls = tls
        .ok_or_else(|| io::Error::other("the certificate was taken out of the config while this listener was open"))?;
    connection.accept_tls(&tls, wait).await
}

fn log_handshake(error: &io::Error) {
    if net::spoke_in_clear(error) {
        tracing::info!(
            "the client speaks clear text on a port that begins with TLS (it wants the STARTTLS port, or TLS switched on)"
        );
    } else {
        tracing::info!(%error, "TLS handshake failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F: Future>(_: impl Fn(Client) -> F) -> usize {
        size_of::<F>()
    }

    /// Sessions are many, and most of them wait: what is large lives in a box while it is used.
    #[test]
    fn a_waiting_session_is_small() {
        let sizes = [size(crate::smtp::run), size(crate::pop3::run), size(crate::imap::run)];
        assert!(sizes.iter().all(|size| *size < 1024), "{sizes:?}");
    }
}
