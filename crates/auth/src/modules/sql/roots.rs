//! Whom a connection to a database trusts.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::trouble::Trouble;

/// Octets of a `ca_file`.
const MAX: u64 = 8 * 1024 * 1024;

/// The authorities of a PEM file alone; without one the system's.
pub(super) fn authorities(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    let certificates = match file {
        Some(path) => {
            let why = |why: String| Trouble::Authorities { path: path.to_owned(), why };
            let size = path.metadata().map_err(|error| why(error.to_string()))?.len();
            if size > MAX {
                return Err(why(format!("longer than {MAX} octets")));
            }
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            let read: Vec<_> = read.map_err(|error| why(error.to_string()))?;
            if read.is_empty() {
                return Err(why("no certificate in it".to_owned()));
            }
            read
        }
        None => rustls_native_certs::load_native_certs().certs,
    };
    // One that cannot be read must not take the others away.
    let usable =
        |certificate: &CertificateDer<'_>| RootCertStore::empty().add(certificate.clone().into_owned()).is_ok();
    Ok(certificates.into_iter().filter(usable).collect())
}
