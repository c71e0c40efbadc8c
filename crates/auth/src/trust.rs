//! Whom we believe to be who they say, as a client of a store elsewhere: the system's authorities, or those of a file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::named_file;

/// Largest file of authorities that is read. Debian's bundle of all the world's is 220 KiB.
const MAX_FILE: usize = 4 * 1024 * 1024;

/// TLS as a client that trusts the authorities of `ca_file`, or the system's without one.
///
/// # Errors
/// With what is wrong with the file.
pub(crate) fn client(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => add(&mut roots, path)?,
        // A system without authorities verifies nobody; each handshake then says so.
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let builder = builder.map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let shown = path.display();
    let octets = named_file::read(path, MAX_FILE)?;
    let mut some = false;
    for certificate in CertificateDer::pem_slice_iter(&octets) {
        let certificate = certificate.map_err(|error| format!("{shown}: a certificate is damaged: {error}"))?;
        roots.add(certificate).map_err(|error| format!("{shown}: a certificate is damaged: {error}"))?;
        some = true;
    }
    if some { Ok(()) } else { Err(format!("{shown}: there is no certificate in it (PEM is expected)")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_file_is_said() {
        assert!(client(None).is_ok());
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("ca.pem");
        assert!(client(Some(&path)).expect_err("missing").contains("No such file"));
        std::fs::write(&path, "nothing").expect("written");
        assert!(client(Some(&path)).expect_err("empty").contains("no certificate"));
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("written");
        assert!(client(Some(&path)).expect_err("damaged").contains("damaged"));
    }
}
