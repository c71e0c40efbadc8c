//! What both ends of a TLS connection know alike (RFC 5056), and who showed a certificate.

use std::path::PathBuf;
use std::sync::Arc;

use net::{ClientTls, Connection, ServerTls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use sha2::{Digest, Sha256};
use tokio::io::duplex;
use tokio_rustls::TlsConnector;

use super::fixture::{Fixture, LONG, fixture};

/// A client's certificate with its key, and its issuer's.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
    authority: String,
}

/// A certificate for `mail`, by an authority of its own.
fn shown(mail: &str) -> Shown {
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::Rfc822Name(mail.try_into().unwrap())];
    let certificate = params.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    Shown { chain: vec![certificate.der().clone()], key, authority: authority_certificate.pem() }
}

/// A rustls client of our server with what it shows; its stream, and our connection, or why not.
async fn handshake(
    fixture: &Fixture,
    tls: ServerTls,
    version: &'static SupportedProtocolVersion,
    shown: Option<&Shown>,
) -> std::io::Result<(Connection, tokio_rustls::client::TlsStream<tokio::io::DuplexStream>)> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&fixture.files.ca).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        Some(Shown { chain, key, .. }) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
            builder.with_client_auth_cert(chain.clone(), key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    let (ours, theirs) = duplex(64 * 1024);
    let name = ServerName::try_from("mail.example.test").unwrap();
    let client = tokio::spawn(async move { TlsConnector::from(Arc::new(config)).connect(name, theirs).await });
    let mut server = Connection::over(ours);
    server.accept_tls(&tls, LONG).await?;
    Ok((server, client.await.unwrap()?))
}

fn asking(fixture: &Fixture, authority: &str) -> ServerTls {
    let path: PathBuf = fixture.folder.path().join("clients.pem");
    std::fs::write(&path, authority).unwrap();
    ServerTls::asking_clients(&fixture.files.certificate, &fixture.files.key, &path).unwrap()
}

/// RFC 9266 §2: what we compute from the exporter's secret is what rustls' own client exports; in TLS 1.2 there is none.
#[tokio::test]
async fn both_ends_export_the_same() {
    let fixture = fixture();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (server, client) = handshake(&fixture, fixture.tls.clone(), &rustls::version::TLS13, None).await.unwrap();
        let label = b"EXPORTER-Channel-Binding";
        let theirs = client.get_ref().1.export_keying_material([0; 32], label, Some(b"")).unwrap();
        assert_eq!(server.tls().unwrap().exporter, Some(theirs));
        assert!(!format!("{server:?}").contains("exporter"), "it does not print");
        seen.push(theirs);
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "each connection has its own");
    let (server, _client) = handshake(&fixture, fixture.tls.clone(), &rustls::version::TLS12, None).await.unwrap();
    assert_eq!(server.tls().unwrap().exporter, None);
    assert!(server.tls().unwrap().server_end_point.is_some());
}

/// The same with the suite whose hash is SHA-256: the exporter goes by the suite's hash (RFC 8446 §7.1).
#[tokio::test]
async fn the_exporter_goes_by_the_suites_hash() {
    let fixture = fixture();
    let suites = rustls::crypto::aws_lc_rs::default_provider().cipher_suites;
    for suite in suites.into_iter().filter(|suite| suite.tls13().is_some()) {
        let provider = rustls::crypto::CryptoProvider {
            cipher_suites: vec![suite],
            ..rustls::crypto::aws_lc_rs::default_provider()
        };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&fixture.files.ca).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (ours, theirs) = duplex(64 * 1024);
        let name = ServerName::try_from("localhost").unwrap();
        let client = tokio::spawn(async move { TlsConnector::from(Arc::new(config)).connect(name, theirs).await });
        let mut server = Connection::over(ours);
        server.accept_tls(&fixture.tls, LONG).await.unwrap();
        let client = client.await.unwrap().unwrap();
        let exported = client.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b""));
        assert_eq!(server.tls().unwrap().exporter, exported.ok(), "{suite:?}");
    }
}

/// Our own client sees what our own server sees, and both mean the server's certificate (RFC 5929 §4.1).
#[tokio::test]
async fn our_two_ends_agree() {
    let fixture = fixture();
    let (ours, theirs) = duplex(64 * 1024);
    let tls = fixture.tls.clone();
    let server = tokio::spawn(async move {
        let mut server = Connection::over(theirs);
        server.accept_tls(&tls, LONG).await.map(|()| server)
    });
    let mut client = Connection::over(ours);
    client.connect_tls(&ClientTls::only(&fixture.files.ca).unwrap(), "localhost", LONG).await.unwrap();
    let server = server.await.unwrap().unwrap();
    let (client, server) = (client.tls().unwrap(), server.tls().unwrap());
    assert!(client.exporter.is_some() && client == server);
    assert_eq!(server.server_name.as_deref(), Some("localhost"));
    // Our authority signs with ECDSA and SHA-256.
    let certificate = CertificateDer::from_pem_file(&fixture.files.certificate).unwrap();
    assert_eq!(client.server_end_point.as_deref(), Some(Sha256::digest(&certificate).as_slice()));
}

/// A certificate is asked for and not demanded; one that nobody vouches for ends the handshake.
#[tokio::test]
async fn client_certificates() {
    let fixture = fixture();
    let (alice, mallory) = (shown("alice@example.test"), shown("alice@example.test"));
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let tls = asking(&fixture, &alice.authority);
        let (server, _client) = handshake(&fixture, tls.clone(), version, Some(&alice)).await.unwrap();
        let certificate = server.tls().unwrap().client.as_deref().unwrap();
        assert_eq!(certificate.names, ["alice@example.test"]);
        assert_eq!(certificate.fingerprint.as_slice(), Sha256::digest(&alice.chain[0]).as_slice());
        let (server, _client) = handshake(&fixture, tls.clone(), version, None).await.unwrap();
        assert_eq!(server.tls().unwrap().client, None);
        let error = handshake(&fixture, tls, version, Some(&mallory)).await.expect_err("refused");
        assert!(error.to_string().contains("certificate"), "{error}");
        // A server that does not ask is shown nothing.
        let (server, _client) = handshake(&fixture, fixture.tls.clone(), version, Some(&alice)).await.unwrap();
        assert_eq!(server.tls().unwrap().client, None);
    }
}

#[test]
fn authorities_that_are_none_are_named() {
    let fixture = fixture();
    let (certificate, key) = (&fixture.files.certificate, &fixture.files.key);
    let error = ServerTls::asking_clients(certificate, key, key).unwrap_err();
    assert!(matches!(&error, net::TlsError::NoCertificate(path) if path == key), "{error}");
}
