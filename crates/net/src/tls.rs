//! The server's side of TLS: its certificate and key, and what was agreed on.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ClientConnection;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{CommonState, InvalidMessage, RootCertStore, ServerConfig};

use crate::capture::Capture;
use crate::exporter;
use crate::peer::server_end_point;
use crate::{CertificateFacts, ClientCertificate};

/// What TLS agreed on.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLSv1.3`.
    pub version: &'static str,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name that the client asked for (SNI, RFC 6066 §3).
    pub server_name: Option<String>,
    /// The channel binding `tls-exporter` (RFC 9266); not in TLS 1.2.
    pub exporter: Option<[u8; 32]>,
    /// The channel binding `tls-server-end-point` (RFC 5929 §4), of the server's certificate.
    pub server_end_point: Option<Arc<[u8]>>,
    /// The certificate of the client, if it showed one that was verified; on the server's side.
    pub client: Option<Box<ClientCertificate>>,
}

impl fmt::Debug for TlsInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, cipher, client, .. } = self;
        f.debug_struct("TlsInfo")
            .field("version", version)
            .field("cipher", cipher)
            .field("client", client)
            .finish_non_exhaustive()
    }
}

impl TlsInfo {
    /// What a handshake came to.
    pub(crate) fn agreed(state: &CommonState) -> Self {
        let version = match state.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            // Nothing else is configured, see `ServerTls::load`.
            _ => "TLSv1.3",
        };
        let cipher = state.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
        // rustls marks the suites of TLS 1.3; the registry of RFC 8446 §B.4 does not.
        let cipher = cipher.replacen("TLS13_", "TLS_", 1);
        Self { version, cipher, server_name: None, exporter: None, server_end_point: None, client: None }
    }

    /// What a handshake came to on the server's side.
    pub(crate) fn accepted(state: &CommonState, capture: &Capture, tls: &ServerTls) -> Self {
        let certificate = state.peer_certificates().and_then(<[_]>::first);
        Self {
            server_name: capture.server_name(),
            exporter: capture.binding(state),
            server_end_point: tls.server_end_point.clone(),
            client: certificate.map(|certificate| Box::new(ClientCertificate::of(certificate))),
            ..Self::agreed(state)
        }
    }

    /// What a handshake came to on the client's side.
    pub(crate) fn connected(connection: &ClientConnection) -> Self {
        let agreed = Self::agreed(connection);
        let exported = || {
            let room = [0; exporter::LENGTH as usize];
            connection.export_keying_material(room, exporter::LABEL.as_bytes(), Some(&[])).ok()
        };
        Self {
            exporter: if agreed.version == "TLSv1.3" { exported() } else { None },
            server_end_point: connection.peer_certificates().and_then(<[_]>::first).and_then(server_end_point),
            ..agreed
        }
    }
}

/// The server's certificate and TLS settings; cheap to clone, replaced on SIGHUP.
#[derive(Debug, Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    server_end_point: Option<Arc<[u8]>>,
    facts: Arc<CertificateFacts>,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is not there.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("{path} cannot be read: {error} (as uid {uid})")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// Why.
        error: io::Error,
    },
    /// The file holds no certificate in PEM form.
    #[error("{0} holds no certificate (\"-----BEGIN CERTIFICATE-----\")")]
    NoCertificate(PathBuf),
    /// The file holds no private key in PEM form.
    #[error("{0} holds no private key (\"-----BEGIN PRIVATE KEY-----\")")]
    NoKey(PathBuf),
    /// The PEM or DER is broken.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The two do not belong together.
    #[error("the key in {key} does not belong to the first certificate in {certificate}")]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl ServerTls {
    /// Reads a certificate chain (the server's own first) and its key, both PEM. TLS 1.2 (RFC 5246) and 1.3
    /// (RFC 8446); older ones are not there (RFC 8996).
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::build(certificate, key, WebPkiClientVerifier::no_client_auth())
    }

    /// The same, and asks clients for a certificate that one of the authorities in a PEM file has signed. Who shows none is
    /// let in all the same; one that is not good ends the handshake.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn asking_clients(certificate: &Path, key: &Path, authorities: &Path) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        crate::client::add(&mut roots, authorities)?;
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).allow_unauthenticated();
        let damaged = |reason: String| TlsError::Damaged { path: authorities.to_owned(), reason };
        Self::build(certificate, key, builder.build().map_err(|error| damaged(error.to_string()))?)
    }

    fn build(certificate: &Path, key: &Path, clients: Arc<dyn ClientCertVerifier>) -> Result<Self, TlsError> {
        let chain = read_chain(certificate)?;
        let facts = Arc::new(CertificateFacts::of(&chain, certificate)?);
        let server_end_point = chain.first().and_then(server_end_point);
        let private = read_key(key)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .expect("the provider has suites for both versions")
            .with_client_cert_verifier(clients);
        let config = builder.with_single_cert(chain, private).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() }
            }
            other => TlsError::Damaged { path: key.to_owned(), reason: other.to_string() },
        })?;
        Ok(Self { config: Arc::new(config), server_end_point, facts })
    }

    /// What the certificate says of itself.
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    pub(crate) fn config(&self) -> &ServerConfig {
        &self.config
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Whether a handshake failed because the client did not speak TLS at all.
pub fn spoke_in_clear(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)))
}

/// What a read says when the client begins TLS where the port begins in clear.
#[derive(Debug, thiserror::Error)]
#[error("the client began TLS on a port that begins in clear (it wants the implicit TLS port, or STARTTLS)")]
pub(crate) struct TlsTooEarly;

/// Whether a read failed because the client speaks TLS on a port that begins in clear.
pub fn spoke_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<TlsTooEarly>())
}

/// The certificates in a PEM file, at least one.
pub(crate) fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(TlsError::NoCertificate(path.to_owned())),
        Ok(chain) => Ok(chain),
        Err(error) => Err(damaged(path, &error)),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey(path.to_owned()),
        other => damaged(path, &other),
    })
}

fn damaged(path: &Path, error: &pem::Error) -> TlsError {
    TlsError::Damaged { path: path.to_owned(), reason: error.to_string() }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => TlsError::Missing(path.to_owned()),
        _ => TlsError::Unreadable { path: path.to_owned(), uid: rustix::process::geteuid().as_raw(), error },
    })
}
