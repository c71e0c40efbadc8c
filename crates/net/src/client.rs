//! The client's side: connecting, and TLS with whom to trust.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::stream::Stream;
use crate::{CertificateFacts, Connection, TlsError, TlsInfo};

/// Whom a client trusts; cheap to clone.
#[derive(Debug, Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
}

impl ClientTls {
    /// Trusts the system's authorities, and those of a PEM file beside them.
    ///
    /// # Errors
    /// The file cannot be used: see [`TlsError`].
    pub fn system(also: Option<&Path>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        // A system without authorities verifies nobody; each handshake then says so.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = also {
            add(&mut roots, path)?;
        }
        Ok(Self::verifying(roots))
    }

    /// Trusts the authorities of a PEM file alone.
    ///
    /// # Errors
    /// The file cannot be used: see [`TlsError`].
    pub fn only(path: &Path) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        add(&mut roots, path)?;
        Ok(Self::verifying(roots))
    }

    /// Trusts anybody: the other side proves that it holds the key of its certificate, not who it is. Against
    /// listeners, not against impostors (RFC 7435).
    pub fn unverified() -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(Anybody(Arc::clone(&provider)));
        let builder = builder(provider).dangerous().with_custom_certificate_verifier(verifier);
        Self { config: Arc::new(builder.with_no_client_auth()) }
    }

    fn verifying(roots: RootCertStore) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = builder(provider).with_root_certificates(roots).with_no_client_auth();
        Self { config: Arc::new(config) }
    }
}

fn builder(provider: Arc<CryptoProvider>) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider has suites for both versions")
}

pub(crate) fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    for certificate in crate::tls::read_chain(path)? {
        let damaged = |error: rustls::Error| TlsError::Damaged { path: path.to_owned(), reason: error.to_string() };
        roots.add(certificate).map_err(damaged)?;
    }
    Ok(())
}

impl Connection {
    /// Connects, within `wait`.
    ///
    /// # Errors
    /// `TimedOut`, or what the system says.
    pub async fn connect(to: SocketAddr, wait: Duration) -> io::Result<Self> {
        let socket =
            timeout(wait, TcpStream::connect(to)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        Self::new(socket)
    }

    /// Client side of STARTTLS, or of TLS from the first octet. Output is flushed, whatever input came in clear is
    /// thrown away (a reply injected before the handshake must not be taken for one inside TLS), then the handshake;
    /// on failure the connection is of no use any more. `name` is the host name or address that the certificate must be
    /// good for.
    ///
    /// # Errors
    /// `TimedOut`, `InvalidInput` for a name that is none, or why the handshake failed.
    pub async fn connect_tls(&mut self, tls: &ClientTls, name: &str, wait: Duration) -> io::Result<()> {
        let server = ServerName::try_from(name.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
        // RFC 6066 §3: an address is not asked for by name.
        let server_name = if let ServerName::DnsName(name) = &server { Some(name.as_ref().to_owned()) } else { None };
        let handshake = async {
            self.send().await?;
            let wire = self.begin_tls()?;
            let stream = TlsConnector::from(Arc::clone(&tls.config)).connect(server, wire).await?;
            self.tls = Some(Box::new(TlsInfo { server_name, ..TlsInfo::connected(stream.get_ref().1) }));
            self.stream = Stream::Client(Box::new(stream));
            Ok(())
        };
        timeout(wait, Box::pin(handshake)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// The certificates that the server showed, its own first; those that cannot be read are left out. Empty in clear.
    pub fn server_certificates(&self) -> Vec<CertificateFacts> {
        let Stream::Client(stream) = &self.stream else { return Vec::new() };
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        shown.iter().filter_map(|certificate| CertificateFacts::read(certificate).ok()).collect()
    }
}

/// Why a certificate is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateTrouble {
    /// It was good once.
    Expired,
    /// It will be good.
    NotYetValid,
    /// It is for another name.
    WrongName,
    /// Nobody who is trusted has signed it, or the certificates between are missing.
    UnknownIssuer,
    /// Something else, in the library's words.
    Other(String),
}

/// What made a handshake fail, if it was the server's certificate.
pub fn certificate_trouble(error: &io::Error) -> Option<CertificateTrouble> {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>())?;
    let rustls::Error::InvalidCertificate(cause) = cause else { return None };
    Some(match cause {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateTrouble::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateTrouble::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateTrouble::WrongName
        }
        CertificateError::UnknownIssuer => CertificateTrouble::UnknownIssuer,
        other => CertificateTrouble::Other(other.to_string()),
    })
}

/// Whether a handshake failed because the certificate is not good: expired, for another name, by somebody unknown.
pub fn certificate_refused(error: &io::Error) -> bool {
    certificate_trouble(error).is_some()
}

/// See [`ClientTls::unverified`].
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
