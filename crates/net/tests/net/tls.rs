//! TLS: certificates made and read, handshakes, and what must not cross STARTTLS.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use net::{Connection, LineEnd, ServerTls, TlsError, ca};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;

use super::fixture::{Fixture, LONG, fixture, read_line};

fn connector(ca: &Path, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
}

async fn secured(
    name: &str,
    version: &'static SupportedProtocolVersion,
) -> (Connection, tokio_rustls::client::TlsStream<DuplexStream>) {
    let fixture = fixture();
    let (ours, theirs) = duplex(64 * 1024);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connector = connector(&fixture.files.ca, version);
    let client = tokio::spawn(async move { connector.connect(name, theirs).await.unwrap() });
    let mut server = Connection::over(ours);
    server.accept_tls(&fixture.tls, LONG).await.unwrap();
    (server, client.await.unwrap())
}

async fn line(server: &mut Connection) -> String {
    read_line(server, 1000).await.unwrap()
}

#[tokio::test]
async fn both_versions_are_spoken_and_told() {
    for (version, name) in [(&rustls::version::TLS12, "TLSv1.2"), (&rustls::version::TLS13, "TLSv1.3")] {
        let (mut server, mut client) = secured("mail.example.test", version).await;
        let info = server.tls().unwrap();
        assert_eq!(info.version, name);
        assert!(info.cipher.starts_with("TLS_"), "{}", info.cipher);
        client.write_all(b"EHLO me\r\nNOOP\r\n").await.unwrap();
        assert_eq!(line(&mut server).await, "EHLO me");
        assert!(server.has_input(), "pipelined input is known inside TLS too");
        server.write(&[b'y'; 100_000]);
        let sending = tokio::spawn(async move { server.flush(LONG).await.map(|()| server) });
        let mut reply = vec![0; 100_000];
        client.read_exact(&mut reply).await.unwrap();
        let server = sending.await.unwrap().unwrap();
        let closing = tokio::spawn(server.close(LONG));
        assert_eq!(client.read(&mut reply).await.unwrap(), 0, "close_notify came");
        drop(client);
        closing.await.unwrap();
    }
}

#[tokio::test]
async fn localhost_and_loopback_addresses_are_in_the_certificate() {
    for name in ["localhost", "127.0.0.1", "::1"] {
        secured(name, &rustls::version::TLS13).await;
    }
}

/// RFC 3207 §4.2, §6: a command that was pipelined in clear behind STARTTLS is never carried out inside TLS.
#[tokio::test]
async fn what_came_in_clear_is_forgotten_at_starttls() {
    let fixture = fixture();
    let (ours, mut theirs) = duplex(64 * 1024);
    theirs.write_all(b"STARTTLS\r\nMAIL FROM:<mallory@example.test>\r\n").await.unwrap();
    let mut server = Connection::over(ours);
    assert_eq!(line(&mut server).await, "STARTTLS");
    server.write(b"220 go ahead\r\n");
    let connector = connector(&fixture.files.ca, &rustls::version::TLS13);
    let client = tokio::spawn(async move {
        theirs.read_exact(&mut [0; 14]).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = connector.connect(name, theirs).await.unwrap();
        client.write_all(b"EHLO me\r\n").await.unwrap();
        client
    });
    server.accept_tls(&fixture.tls, LONG).await.unwrap();
    assert_eq!(line(&mut server).await, "EHLO me");
    client.await.unwrap();
}

#[tokio::test]
async fn a_client_that_speaks_clear_text_to_a_tls_port_is_told_apart() {
    let fixture = fixture();
    let (ours, mut theirs) = duplex(64 * 1024);
    theirs.write_all(b"EHLO me\r\n").await.unwrap();
    let mut server = Connection::over(ours);
    let error = server.accept_tls(&fixture.tls, LONG).await.unwrap_err();
    assert!(net::spoke_in_clear(&error), "{error}");
    // In front of it there is no alert: it could not be read.
    server.write(b"421 this port begins with TLS\r\n");
    server.flush(LONG).await.unwrap();
    drop(server);
    let mut said = String::new();
    theirs.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "421 this port begins with TLS\r\n");
}

#[tokio::test]
async fn a_handshake_has_a_deadline() {
    let fixture = fixture();
    let (ours, _theirs) = duplex(64 * 1024);
    let error = Connection::over(ours).accept_tls(&fixture.tls, Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}

#[test]
fn keys_are_for_their_owner_alone_and_never_overwritten() {
    let fixture = fixture();
    let mode = |name: &str| std::fs::metadata(fixture.folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("key.pem"), mode("ca-key.pem")), (0o600, 0o600));
    let again = ca::create(fixture.folder.path(), "mail.example.test", &[]);
    assert!(matches!(again, Err(ca::CaError::Io { .. })));
    let text = ca::create(fixture.folder.path(), "päf.example", &[]).unwrap_err().to_string();
    assert!(text.contains("päf.example"), "{text}");
}

#[test]
fn the_certificate_tells_its_names_and_days() {
    let facts = fixture().tls.facts().clone();
    assert_eq!(facts.names, ["127.0.0.1", "::1", "localhost", "mail.example.test"]);
    assert!(facts.issuer.contains("Gatepost private CA of mail.example.test"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!((822..=825).contains(&facts.days_left(i64::try_from(now).unwrap())));
}

#[test]
fn a_bad_certificate_is_refused_with_its_file_and_the_cause() {
    let (fixture, other) = (fixture(), fixture());
    let (certificate, key) = (&fixture.files.certificate, &fixture.files.key);
    let load = |certificate: &Path, key: &Path| ServerTls::load(certificate, key).unwrap_err();
    assert!(matches!(load(Path::new("/nowhere/cert.pem"), key), TlsError::Missing(_)));
    assert!(matches!(load(key, key), TlsError::NoCertificate(_)));
    assert!(matches!(load(certificate, certificate), TlsError::NoKey(_)));
    assert!(matches!(load(certificate, &other.files.key), TlsError::Mismatch { .. }));
    assert!(matches!(load(fixture.folder.path(), key), TlsError::Unreadable { .. }));
    let broken = fixture.folder.path().join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let error = load(&broken, key);
    assert!(matches!(&error, TlsError::Damaged { path, .. } if *path == broken));
    assert!(error.to_string().contains("broken.pem"), "{error}");
}

/// Copies one way, through a buffer of `size` octets, and flips a bit of the octet at `broken`.
async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, size: usize, broken: Option<usize>) {
    let (mut at, mut buffer) = (0, vec![0; size]);
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if let Some(octet) = broken.and_then(|broken| buffer[..n].get_mut(broken.checked_sub(at)?)) {
            *octet ^= 0x40;
        }
        at += n;
        if to.write_all(&buffer[..n]).await.is_err() {
            break;
        }
    }
    drop(to.shutdown().await);
}

/// A session whose octets pass through a bad line: in pieces of `size`, one of the client's broken.
async fn over_a_bad_line(
    fixture: &Fixture,
    version: &'static SupportedProtocolVersion,
    size: usize,
    broken: Option<usize>,
) -> Option<String> {
    // A broken length can only be waited for.
    let wait = if broken.is_some() { Duration::from_millis(200) } else { LONG };
    let [(ours, near), (far, theirs)] = [duplex(64), duplex(64)];
    let ((near_in, near_out), (far_in, far_out)) = (tokio::io::split(near), tokio::io::split(far));
    let line = tokio::spawn(async move {
        tokio::join!(copy(far_in, near_out, size, broken), copy(near_in, far_out, size, None));
    });
    let connector = connector(&fixture.files.ca, version);
    let client = tokio::spawn(async move {
        let mut client = connector.connect(ServerName::try_from("localhost").unwrap(), theirs).await?;
        client.write_all(b"EHLO me\r\n").await?;
        let mut reply = vec![0; 20_000];
        client.read_exact(&mut reply).await.map(drop)
    });
    let mut server = Connection::over(ours);
    let talk = async {
        server.accept_tls(&fixture.tls, wait).await.ok()?;
        let mut line = Vec::new();
        server.read_line(&mut line, LineEnd::Crlf, 100, wait).await.ok()?;
        server.write(&[b'y'; 20_000]);
        server.flush(wait).await.ok()?;
        String::from_utf8(line).ok()
    };
    let said = talk.await;
    drop(server);
    let understood = client.await.unwrap().is_ok();
    line.abort();
    said.filter(|_| understood)
}

#[tokio::test]
async fn records_in_pieces_are_put_together() {
    let fixture = fixture();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for size in [1, 7, 50] {
            let said = over_a_bad_line(&fixture, version, size, None).await;
            assert_eq!(said.as_deref(), Some("EHLO me"), "{version:?} in pieces of {size}");
        }
    }
}

/// Whatever octet is broken on the way, the session ends or nothing was changed; it never hangs, panics, or takes a
/// changed command.
#[tokio::test]
async fn a_broken_octet_never_becomes_a_command() {
    let fixture = fixture();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for broken in (0..1800).step_by(97).chain(0..12) {
            let said = over_a_bad_line(&fixture, version, 50, Some(broken)).await;
            assert!(said.is_none_or(|said| said == "EHLO me"), "{version:?}, octet {broken}");
        }
    }
}
