//! `tls-exporter` (RFC 9266): 32 octets that the two ends of one TLS 1.3 connection know, and nobody else.
//!
//! rustls' unbuffered connection exports nothing, but it tells a key log. So each handshake has a config of its own, whose
//! log keeps the exporter's secret until it was used; config and secret end with the handshake.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::tls13::OkmBlock;
use rustls::{CommonState, KeyLog, ServerConfig, SupportedCipherSuite, Tls13CipherSuite};
use zeroize::Zeroizing;

/// RFC 9266 §2.
pub(crate) const LABEL: &str = "EXPORTER-Channel-Binding";

/// Octets of the binding (RFC 9266 §2).
pub(crate) const LENGTH: u16 = 32;

/// `exporter_secret` (RFC 8446 §7.1) of one handshake; wiped when dropped.
#[derive(Default)]
pub(crate) struct Capture(Mutex<Option<OkmBlock>>);

impl Capture {
    /// A config for one handshake, and what it will tell.
    pub(crate) fn of(config: &ServerConfig) -> (Arc<ServerConfig>, Arc<Self>) {
        let (mut config, capture) = (config.clone(), Arc::new(Self::default()));
        config.key_log = Arc::clone(&capture) as Arc<dyn KeyLog>;
        (Arc::new(config), capture)
    }

    /// The binding of a connection whose handshake is done. `None` in TLS 1.2, where it takes an extended master secret
    /// and no renegotiation (RFC 9266 §4.2), and is left out.
    pub(crate) fn binding(&self, state: &CommonState) -> Option<[u8; LENGTH as usize]> {
        let secret = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        match state.negotiated_cipher_suite()? {
            SupportedCipherSuite::Tls13(suite) => export(suite, &secret),
            SupportedCipherSuite::Tls12(_) => None,
        }
    }
}

impl KeyLog for Capture {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if self.will_log(label) && secret.len() <= OkmBlock::MAX_LEN {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(OkmBlock::new(secret));
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == "EXPORTER_SECRET"
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capture(…)")
    }
}

/// RFC 8446 §7.5 with an empty context: `HKDF-Expand-Label(Derive-Secret(Secret, label, ""), "exporter", Hash(""), 32)`.
fn export(suite: &Tls13CipherSuite, secret: &OkmBlock) -> Option<[u8; LENGTH as usize]> {
    let nothing = suite.common.hash_provider.hash(&[]);
    let nothing = nothing.as_ref();
    let mut derived = Zeroizing::new([0; OkmBlock::MAX_LEN]);
    let room = derived.get_mut(..nothing.len())?;
    expand(suite, secret, (LABEL, nothing), room)?;
    let mut binding = [0; LENGTH as usize];
    expand(suite, &OkmBlock::new(room), ("exporter", nothing), &mut binding)?;
    Some(binding)
}

/// HKDF-Expand-Label (RFC 8446 §7.1) of a label and a context.
fn expand(
    suite: &Tls13CipherSuite,
    secret: &OkmBlock,
    (label, context): (&str, &[u8]),
    output: &mut [u8],
) -> Option<()> {
    const PREFIX: &[u8] = b"tls13 ";
    let length = u16::try_from(output.len()).ok()?.to_be_bytes();
    let label_length = [u8::try_from(PREFIX.len() + label.len()).ok()?];
    let context_length = [u8::try_from(context.len()).ok()?];
    let info = [&length, &label_length[..], PREFIX, label.as_bytes(), &context_length, context];
    suite.hkdf_provider.expander_for_okm(secret).expand_slice(&info, output).ok()
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
        let (config, exporter) = Capture::of(tls.config());
        let accepted = ServerStream::accept(Wire::Memory(ours), Arc::clone(&config), &mut Input::default()).await;
        let stream = accepted.unwrap();
        client.await.unwrap().unwrap();
        assert_eq!(Arc::strong_count(&config), 1, "the stream keeps it");
        assert!(exporter.binding(stream.state()).is_some());
        assert!(exporter.binding(stream.state()).is_none(), "the secret is gone");
    }
}
