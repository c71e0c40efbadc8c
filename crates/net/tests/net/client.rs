//! The client's side of TLS against our own server's side.

use std::io;

use net::{CertificateTrouble, ClientTls, Connection};
use tokio::io::duplex;
use tokio::net::TcpListener;

use super::fixture::{Fixture, LONG, fixture, read_line};

/// The client's result of a handshake with a server of the fixture.
async fn handshake(fixture: &Fixture, trust: &ClientTls, name: &str) -> io::Result<Connection> {
    let (ours, theirs) = duplex(64 * 1024);
    let tls = fixture.tls.clone();
    let server = tokio::spawn(async move {
        let mut server = Connection::over(theirs);
        server.write(b"220 in clear\r\n250 injected\r\n");
        server.accept_tls(&tls, LONG).await?;
        server.write(b"250 inside\r\n");
        server.flush(LONG).await
    });
    let mut client = Connection::over(ours);
    client.read_some(LONG).await.unwrap();
    client.connect_tls(trust, name, LONG).await?;
    server.await.unwrap()?;
    Ok(client)
}

#[tokio::test]
async fn who_is_trusted_gets_in_and_nothing_from_before_counts() {
    let fixture = fixture();
    let trust = ClientTls::only(&fixture.files.ca).unwrap();
    for name in ["mail.example.test", "127.0.0.1"] {
        let mut client = handshake(&fixture, &trust, name).await.unwrap();
        assert_eq!(client.tls().unwrap().version, "TLSv1.3");
        assert_eq!(read_line(&mut client, 100).await.unwrap(), "250 inside");
    }
}

#[tokio::test]
async fn who_is_not_trusted_does_not() {
    let fixture = fixture();
    let trust = ClientTls::only(&fixture.files.ca).unwrap();
    let other = handshake(&fixture, &trust, "other.example.test").await.unwrap_err();
    assert!(net::certificate_refused(&other), "{other}");
    assert_eq!(net::certificate_trouble(&other), Some(CertificateTrouble::WrongName));
    let system = ClientTls::system(None).unwrap();
    let stranger = handshake(&fixture, &system, "mail.example.test").await.unwrap_err();
    assert!(net::certificate_refused(&stranger), "{stranger}");
    assert_eq!(net::certificate_trouble(&stranger), Some(CertificateTrouble::UnknownIssuer));
    let beside = ClientTls::system(Some(&fixture.files.ca)).unwrap();
    assert!(handshake(&fixture, &beside, "mail.example.test").await.is_ok());
    assert!(handshake(&fixture, &ClientTls::unverified(), "other.example.test").await.is_ok());
    assert!(ClientTls::only(&fixture.files.key).is_err(), "a key is no authority");
}

/// Whoever believes anybody can still read what was shown.
#[tokio::test]
async fn the_certificates_that_were_shown_can_be_read() {
    let fixture = fixture();
    let client = handshake(&fixture, &ClientTls::unverified(), "other.example.test").await.unwrap();
    let shown = client.server_certificates();
    let first = shown.first().unwrap();
    assert!(first.covers("mail.example.test") && !first.covers("other.example.test"));
    assert!(first.subject != first.issuer && first.subject.contains("mail.example.test"), "{first:?}");
    let (clear, _) = duplex(1);
    assert!(Connection::over(clear).server_certificates().is_empty());
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    assert!(Connection::connect(address, LONG).await.is_ok());
    drop(listener);
    let refused = Connection::connect(address, LONG).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert!(!net::certificate_refused(&refused));
}
