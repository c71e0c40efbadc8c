//! What crypt(3) makes, told apart by its `$id$`: kept libraries where there are any, the system's libcrypt for the rest.

use argon2::password_hash::PasswordVerifier;
use sasl::Secret;
use subtle::ConstantTimeEq;

use super::cost::{self, Cost};
use super::{SchemeError, Strength, argon, libcrypt};

/// Longer passwords are wrong. Nobody has one, libcrypt takes none over 511 octets, and SHA-crypt goes through it in every
/// round.
const LONGEST: usize = 1024;

/// A hash, with its kind.
#[derive(Clone)]
pub(crate) struct Crypt {
    kind: Kind,
    hash: String,
}

/// What made a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Argon2,
    Bcrypt,
    Sha,
    Md5,
    Yescrypt,
    /// `$7$`
    Scrypt,
    /// `$gy$`, with GOST's hash inside.
    GostYescrypt,
    Des,
    /// `_`, DES with more rounds.
    Bsdi,
    /// `$sha1$`, of NetBSD.
    Sha1,
    /// `$md5$` and `$md5,rounds=…$`, of Solaris.
    SunMd5,
    /// `$3$`, of Windows.
    Nt,
}

/// One row a kind: how it begins.
const PREFIXES: &[(&str, Kind)] = &[
    ("$argon2", Kind::Argon2),
    ("$2", Kind::Bcrypt),
    ("$5$", Kind::Sha),
    ("$6$", Kind::Sha),
    ("$1$", Kind::Md5),
    ("$y$", Kind::Yescrypt),
    ("$7$", Kind::Scrypt),
    ("$gy$", Kind::GostYescrypt),
    ("$sha1$", Kind::Sha1),
    ("$md5$", Kind::SunMd5),
    ("$md5,", Kind::SunMd5),
    ("$3$", Kind::Nt),
    ("_", Kind::Bsdi),
];

impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.name())
    }
}

impl Crypt {
    /// An Argon2 PHC string of our own.
    pub(super) fn argon2(hash: String) -> Self {
        Self { kind: Kind::Argon2, hash }
    }

    pub(super) fn parse(hash: &str) -> Result<Self, SchemeError> {
        let printable = hash.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':');
        let kind = PREFIXES.iter().find(|(prefix, _)| hash.starts_with(prefix)).map(|(_, kind)| *kind);
        let des = || (hash.len() == 13 && hash.bytes().all(is_crypt64)).then_some(Kind::Des);
        let Some(kind) = kind.or_else(des).filter(|_| printable) else {
            return Err(SchemeError::Unknown(id(hash).unwrap_or_else(|| "of that crypt hash".to_owned())));
        };
        let crypt = Self { kind, hash: hash.to_owned() };
        match cost::of(kind, hash) {
            Some(Cost::Fits) if crypt.is_whole() => Ok(crypt),
            Some(Cost::Over(most)) => Err(SchemeError::TooCostly { scheme: crypt.name(), most }),
            _ => Err(crypt.malformed()),
        }
    }

    /// Whether all of the digest is there. The libraries of yescrypt and scrypt compare only what there is: two letters
    /// that a narrow column has left of a hash would let in every 256th password.
    fn is_whole(&self) -> bool {
        let digest = self.hash.rsplit('$').next().unwrap_or_default().len();
        match self.kind {
            // A PHC string without one is no hash for `cost`.
            Kind::Argon2 => true,
            Kind::Bcrypt => self.hash.len() == 60,
            Kind::Sha if self.hash.starts_with("$6$") => digest == 86,
            Kind::Sha | Kind::Yescrypt | Kind::GostYescrypt | Kind::Scrypt => digest == 43,
            Kind::Md5 | Kind::SunMd5 => digest == 22,
            Kind::Sha1 => digest == 28,
            Kind::Nt => digest == 32,
            Kind::Des => self.hash.len() == 13,
            Kind::Bsdi => self.hash.len() == 20,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Argon2 if self.hash.starts_with("$argon2id$") => "ARGON2ID",
            Kind::Argon2 if self.hash.starts_with("$argon2i$") => "ARGON2I",
            Kind::Argon2 => "ARGON2D",
            Kind::Bcrypt => "BLF-CRYPT",
            Kind::Sha if self.hash.starts_with("$5") => "SHA256-CRYPT",
            Kind::Sha => "SHA512-CRYPT",
            Kind::Md5 => "MD5-CRYPT",
            Kind::Yescrypt => "YESCRYPT",
            Kind::Scrypt => "SCRYPT",
            Kind::GostYescrypt => "GOST-YESCRYPT",
            Kind::Des => "DES-CRYPT",
            Kind::Bsdi => "BSDI-CRYPT",
            Kind::Sha1 => "SHA1-CRYPT",
            Kind::SunMd5 => "SUNMD5",
            Kind::Nt => "NT",
        }
    }

    pub(super) fn strength(&self) -> Strength {
        match self.kind {
            Kind::Md5 | Kind::Des | Kind::Bsdi | Kind::Sha1 | Kind::SunMd5 | Kind::Nt => Strength::Weak,
            _ => Strength::Good,
        }
    }

    /// The part behind the nth `$`.
    fn field(&self, n: usize) -> Option<&str> {
        self.hash.split('$').nth(n)
    }

    pub(super) fn verify(&self, password: &Secret) -> Result<bool, SchemeError> {
        let octets = password.expose();
        // RFC 4616 §2: no password has a NUL. C would take what is before it for all of it.
        if octets.len() > LONGEST || octets.contains(&0) {
            return Ok(false);
        }
        let by_library = match self.kind {
            Kind::Argon2 => return argon::verify(&self.hash, octets).ok_or(self.malformed()),
            // Made before crypt_blowfish was mended; the library takes it for the mended one.
            Kind::Bcrypt if self.hash.starts_with("$2x$") => None,
            Kind::Bcrypt => bcrypt::verify(octets, &self.hash).ok(),
            Kind::Sha => judged(sha_crypt::ShaCrypt::default().verify_password(octets, self.hash.as_str())),
            Kind::Yescrypt => judged(yescrypt::Yescrypt::default().verify_password(octets, self.hash.as_str())),
            Kind::Scrypt => scrypt::mcf::PasswordHashRef::new(&self.hash)
                .ok()
                .and_then(|hash| judged(scrypt::Scrypt::default().verify_password(octets, hash))),
            Kind::Md5 => self.md5(octets),
            Kind::GostYescrypt | Kind::Des | Kind::Bsdi | Kind::Sha1 | Kind::SunMd5 | Kind::Nt => None,
        };
        // What a library does not read (an odd salt), crypt(3) itself may.
        match by_library {
            Some(right) => Ok(right),
            None => libcrypt::verify(&self.hash, password, self.name()),
        }
    }

    /// `$1$salt$digest`, the salt of eight octets at the most.
    fn md5(&self, password: &[u8]) -> Option<bool> {
        let salt = self.field(2).filter(|salt| salt.len() <= 8)?;
        Some(md5crypt::md5crypt(password, salt.as_bytes()).ct_eq(self.hash.as_bytes()).into())
    }

    fn malformed(&self) -> SchemeError {
        SchemeError::Malformed { scheme: self.name(), why: "its parts are not as they should be" }
    }
}

/// `None`: the library cannot read the hash.
fn judged(result: Result<(), argon2::password_hash::Error>) -> Option<bool> {
    match result {
        Ok(()) => Some(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Some(false),
        Err(_) => None,
    }
}

fn is_crypt64(octet: u8) -> bool {
    cost::crypt64(octet).is_some()
}

/// Hashes of programs, which neither crypt(3) nor a kept library reads.
const ELSEWHERE: [&str; 7] = ["$apr1$", "$sm3$", "$scrypt$", "$bcrypt-sha256$", "$P$", "$H$", "$S$"];

/// The `$id$` of a hash that is not known. Only of those that are known elsewhere: what stands there may be a password in
/// clear, and `!`, `*` and the like stand where one is switched off.
fn id(hash: &str) -> Option<String> {
    ELSEWHERE.iter().find(|id| hash.starts_with(*id)).map(|id| (*id).to_owned())
}
