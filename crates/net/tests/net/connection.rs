//! Connections in clear: lines with limits, deadlines, buffers, closing.

use std::io;
use std::time::Duration;

use net::{Connection, LineEnd, ReadError, listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;

use super::fixture::{LONG, read_line};

/// For deadlines that are meant to pass.
const SOON: Duration = Duration::from_millis(200);

fn pipe() -> (Connection, DuplexStream) {
    let (ours, theirs) = duplex(4096);
    (Connection::over(ours), theirs)
}

async fn line(connection: &mut Connection) -> Result<String, ReadError> {
    read_line(connection, 20).await
}

async fn sockets() -> (Connection, TcpStream) {
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (Connection::new(listener.accept().await.unwrap().0).unwrap(), client)
}

#[tokio::test]
async fn a_reply_is_sent_before_the_next_line_is_awaited() {
    let (mut server, mut client) = pipe();
    let talk = tokio::spawn(async move {
        server.write(b"220 ready\r\n");
        line(&mut server).await
    });
    let mut greeting = [0; 11];
    client.read_exact(&mut greeting).await.unwrap();
    client.write_all(b"QUIT\r\n").await.unwrap();
    assert_eq!(talk.await.unwrap().unwrap(), "QUIT");
}

#[tokio::test]
async fn after_a_line_that_is_too_long_the_next_one_is_understood() {
    let (mut server, mut client) = pipe();
    client.write_all(b"NOOP 01234567890123456789\nstill the same\r\nQUIT\r\n").await.unwrap();
    assert!(matches!(line(&mut server).await, Err(ReadError::LineTooLong(20))));
    assert!(server.has_input());
    assert_eq!(line(&mut server).await.unwrap(), "QUIT");
    assert!(!server.has_input());
}

#[tokio::test]
async fn an_octet_now_and_then_does_not_keep_a_session() {
    let (mut server, mut client) = pipe();
    let trickle = tokio::spawn(async move {
        while client.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SOON / 20).await;
        }
    });
    let read = server.read_line(&mut Vec::new(), LineEnd::Crlf, 4000, SOON).await;
    assert!(matches!(read, Err(ReadError::TimedOut(SOON))));
    drop(server);
    trickle.await.unwrap();
}

#[tokio::test]
async fn a_cancelled_read_loses_nothing() {
    let (mut server, mut client) = pipe();
    client.write_all(b"NO").await.unwrap();
    let cut_short = tokio::time::timeout(SOON, line(&mut server)).await;
    assert!(cut_short.is_err());
    client.write_all(b"OP\r\n").await.unwrap();
    assert_eq!(line(&mut server).await.unwrap(), "NOOP");
}

#[tokio::test]
async fn a_peer_that_does_not_read_cannot_hold_us() {
    let (mut server, _client) = pipe();
    server.write(&[b'x'; 10_000]);
    let error = server.flush(SOON).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(server.unsent(), 10_000 - 4096);
}

#[tokio::test]
async fn octets_are_shown_until_they_are_consumed() {
    let (mut server, mut client) = pipe();
    client.write_all(b"body.\r\nQUIT\r\n").await.unwrap();
    assert_eq!(server.read_some(LONG).await.unwrap(), b"body.\r\nQUIT\r\n");
    server.consume(7);
    assert_eq!(server.read_some(LONG).await.unwrap(), b"QUIT\r\n");
    assert_eq!(line(&mut server).await.unwrap(), "QUIT");
}

#[tokio::test]
async fn a_peer_that_leaves_in_the_middle_of_a_line_has_left() {
    let (mut server, mut client) = pipe();
    client.write_all(b"MAIL FR").await.unwrap();
    drop(client);
    assert!(matches!(line(&mut server).await, Err(ReadError::Closed)));
}

#[tokio::test]
async fn a_tls_client_on_a_clear_port_is_told_apart() {
    let (mut server, mut client) = pipe();
    client.write_all(b"\x16\x03\x01\x00\xf5\x01\n").await.unwrap();
    let Err(ReadError::Io(error)) = line(&mut server).await else { panic!("taken for a command") };
    assert!(net::spoke_tls(&error) && error.to_string().contains("began TLS"), "{error}");
}

#[tokio::test]
async fn the_last_reply_arrives_although_the_client_still_sends() {
    let (mut server, mut client) = sockets().await;
    client.write_all(&[b'x'; 50_000]).await.unwrap();
    // One chunk is read, the rest stays in the socket: a plain close would now send RST.
    server.read_some(LONG).await.unwrap();
    server.write(b"421 4.7.0 too many errors\r\n");
    let closing = tokio::spawn(server.close(LONG));
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "421 4.7.0 too many errors\r\n");
    drop(client);
    closing.await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = first.local_addr().unwrap();
    let text = listen(address).unwrap_err().to_string();
    assert!(text.contains(&address.to_string()) && text.contains("taken"), "{text}");
    let text = listen("192.0.2.1:2525".parse().unwrap()).unwrap_err().to_string();
    assert!(text.contains("not an address of this machine"), "{text}");
}
