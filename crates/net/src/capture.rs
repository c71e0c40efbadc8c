//! What rustls' unbuffered connection does not tell of a handshake: the secret that bindings are made of, and the name that the
//! client asked for. But it tells a key log, and whoever chooses the certificate. So each handshake has a config of its own
//! with both, which ends with the handshake.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::tls13::OkmBlock;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CommonState, KeyLog, ServerConfig};

use crate::exporter;

/// What is known of one handshake.
pub(crate) struct Capture {
    /// `exporter_secret` (RFC 8446 §7.1); wiped when dropped.
    secret: Mutex<Option<OkmBlock>>,
    /// RFC 6066 §3.
    server_name: Mutex<Option<String>>,
    certificates: Arc<dyn ResolvesServerCert>,
}

impl Capture {
    /// A config for one handshake, and what it will tell.
    pub(crate) fn of(config: &ServerConfig) -> (Arc<ServerConfig>, Arc<Self>) {
        let mut config = config.clone();
        let certificates = Arc::clone(&config.cert_resolver);
        let capture = Arc::new(Self { secret: Mutex::default(), server_name: Mutex::default(), certificates });
        config.key_log = Arc::clone(&capture) as Arc<dyn KeyLog>;
        config.cert_resolver = Arc::clone(&capture) as Arc<dyn ResolvesServerCert>;
        (Arc::new(config), capture)
    }

    /// The binding of the connection, once.
    pub(crate) fn binding(&self, state: &CommonState) -> Option<[u8; exporter::LENGTH as usize]> {
        exporter::binding(&take(&self.secret)?, state)
    }

    /// The name that the client asked for, once.
    pub(crate) fn server_name(&self) -> Option<String> {
        take(&self.server_name)
    }
}

fn take<T>(kept: &Mutex<Option<T>>) -> Option<T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn keep<T>(kept: &Mutex<Option<T>>, value: Option<T>) {
    *kept.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

impl KeyLog for Capture {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if self.will_log(label) && secret.len() <= OkmBlock::MAX_LEN {
            keep(&self.secret, Some(OkmBlock::new(secret)));
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == "EXPORTER_SECRET"
    }
}

impl ResolvesServerCert for Capture {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        keep(&self.server_name, hello.server_name().map(str::to_owned));
        self.certificates.resolve(hello)
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capture(…)")
    }
}

#[cfg(test)]
mod tests {
    use rustls::ClientConfig;
    use rustls::pki_types::ServerName;
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::ServerTls;
    use crate::input::Input;
    use crate::server_stream::ServerStream;
    use crate::stream::Wire;

    /// A session that idles keeps neither the config of its handshake nor the exporter's secret.
    #[tokio::test]
    async fn the_handshakes_config_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = crate::ca::create(folder.path(), "localhost", &[]).unwrap();
        let tls = ServerTls::load(&files.certificate, &files.key).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        crate::client::add(&mut roots, &files.ca).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let client = Arc::new(client.with_root_certificates(roots).with_no_client_auth());
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let name = ServerName::try_from("localhost").unwrap();
        let client = tokio::spawn(async move { TlsConnector::from(client).connect(name, theirs).await });
        let (config, capture) = Capture::of(tls.config());
        let accepted = ServerStream::accept(Wire::Memory(ours), Arc::clone(&config), &mut Input::default()).await;
        let stream = accepted.unwrap();
        client.await.unwrap().unwrap();
        assert_eq!(Arc::strong_count(&config), 1, "the stream keeps it");
        assert!(capture.binding(stream.state()).is_some());
        assert!(capture.binding(stream.state()).is_none(), "the secret is gone");
        assert_eq!(capture.server_name().as_deref(), Some("localhost"));
    }
}
