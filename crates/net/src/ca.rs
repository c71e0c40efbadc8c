//! A private certificate authority and a server certificate signed by it, for `init` and `quickstart`: real TLS from
//! the first minute, without a name in the DNS.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// How long the server's certificate is good. Apple's clients refuse more than 825 days, also from private CAs.
const SERVER_DAYS: u64 = 825;

/// How long the authority is good.
const CA_DAYS: u64 = 3650;

/// The files that [`create`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateCa {
    /// The authority's certificate: what clients are told to trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// The server's key, 0600.
    pub key: PathBuf,
}

/// Why they could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file could not be written, or was there already (nothing is overwritten).
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The host name cannot stand in a certificate, or there are no random numbers.
    #[error("certificate for {hostname}: {reason}")]
    Certificate {
        /// For whom.
        hostname: String,
        /// Why not.
        reason: String,
    },
}

/// Makes a CA and a certificate for `hostname`, `localhost`, 127.0.0.1, ::1 and `addresses` in `folder`, which must be
/// there: `ca.pem`, `ca-key.pem`, `cert.pem`, `key.pem`. Keys are for their owner alone; nothing is overwritten.
///
/// # Errors
/// See [`CaError`].
pub fn create(folder: &Path, hostname: &str, addresses: &[IpAddr]) -> Result<PrivateCa, CaError> {
    let signed = sign(hostname, addresses)
        .map_err(|error| CaError::Certificate { hostname: hostname.to_owned(), reason: error.to_string() })?;
    let write = |name: &str, mode: u32, text: &str| {
        let path = folder.join(name);
        match write_new(&path, mode, text) {
            Ok(()) => Ok(path),
            Err(error) => Err(CaError::Io { path, error }),
        }
    };
    write("ca-key.pem", 0o600, &signed.ca_key)?;
    Ok(PrivateCa {
        ca: write("ca.pem", 0o644, &signed.ca)?,
        certificate: write("cert.pem", 0o644, &signed.certificate)?,
        key: write("key.pem", 0o600, &signed.key)?,
    })
}

/// The four PEM texts.
struct Signed {
    ca: String,
    ca_key: String,
    certificate: String,
    key: String,
}

fn sign(hostname: &str, addresses: &[IpAddr]) -> Result<Signed, rcgen::Error> {
    let (ca_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, format!("Gatepost private CA of {hostname}"));
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut authority, CA_DAYS);
    let ca = authority.self_signed(&ca_key)?.pem();

    let mut names = [hostname, "localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    names.extend(addresses.iter().map(IpAddr::to_string));
    names.sort();
    names.dedup();
    let mut server = CertificateParams::new(names)?;
    server.distinguished_name.push(DnType::CommonName, hostname);
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.use_authority_key_identifier_extension = true;
    valid_for(&mut server, SERVER_DAYS);
    let certificate = server.signed_by(&key, &Issuer::new(authority, &ca_key))?.pem();
    Ok(Signed { ca, ca_key: ca_key.serialize_pem(), certificate, key: key.serialize_pem() })
}

/// From yesterday (clocks differ) on, for some days.
fn valid_for(params: &mut CertificateParams, days: u64) {
    let day = Duration::from_secs(86_400);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let yesterday = rcgen::date_time_ymd(1970, 1, 1) + now.saturating_sub(day);
    params.not_before = yesterday;
    params.not_after = yesterday + Duration::from_secs(86_400 * days);
}

fn write_new(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
