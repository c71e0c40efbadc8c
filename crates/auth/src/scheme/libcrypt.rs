//! The system's crypt(3), loaded when the first hash needs it: building takes no header, and running without it costs
//! only the schemes that nobody else knows.
#![allow(unsafe_code, reason = "a C library; the only calls are dlopen and crypt_rn")]

use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::LazyLock;

use libloading::Library;
use sasl::Secret;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::SchemeError;

/// crypt(3): `char *crypt_rn(const char *phrase, const char *setting, void *data, int size)`. It writes only into `data`,
/// and so may run in many threads at once.
type CryptRn = unsafe extern "C" fn(*const c_char, *const c_char, *mut c_void, c_int) -> *mut c_char;

/// `sizeof (struct crypt_data)`, which is part of libcrypt's interface since 4.0.
const DATA: usize = 32_768;

/// The names that distributions give it.
const NAMES: [&str; 2] = ["libcrypt.so.2", "libcrypt.so.1"];

/// `CRYPT_MAX_PASSPHRASE_SIZE`, with the NUL: it refuses longer ones, which is no fault of the hash.
const LONGEST: usize = 511;

struct Loaded {
    crypt_rn: CryptRn,
    /// Keeps the function where it is.
    _library: Library,
}

static LOADED: LazyLock<Result<Loaded, String>> = LazyLock::new(|| first_of(&NAMES));

/// The first that is there; what is wrong with the last of them if none is.
fn first_of(names: &[&str]) -> Result<Loaded, String> {
    let mut last = String::new();
    for name in names {
        match load(name) {
            Ok(loaded) => return Ok(loaded),
            // Its own text is "dlopen failed" and no more; the linker's words are behind it.
            Err(error) => last = error.source().map_or_else(|| error.to_string(), ToString::to_string),
        }
    }
    Err(format!("cannot be loaded: {last}"))
}

fn load(name: &str) -> Result<Loaded, libloading::Error> {
    // SAFETY: libcrypt's initialisers do nothing but set up tables.
    let library = unsafe { Library::new(name) }?;
    // SAFETY: the symbol has this type in every version that has it (crypt.h of libxcrypt).
    let crypt_rn = *unsafe { library.get::<CryptRn>(b"crypt_rn\0") }?;
    Ok(Loaded { crypt_rn, _library: library })
}

/// Whether a password is the one behind a hash that libcrypt knows.
pub(super) fn verify(hash: &str, password: &Secret, scheme: &'static str) -> Result<bool, SchemeError> {
    let loaded = LOADED.as_ref().map_err(|why| SchemeError::Unavailable { scheme, why: why.clone() })?;
    if password.expose().len() > LONGEST {
        return Ok(false);
    }
    let no_nul = |octets: &[u8]| CString::new(octets).ok();
    // No stored hash has a NUL, and no password that could be sent.
    let (Some(setting), Some(phrase)) = (no_nul(hash.as_bytes()), no_nul(password.expose())) else { return Ok(false) };
    let mut data = vec![0_u64; DATA / 8];
    // SAFETY: both texts end with a NUL and outlive the call; `data` is aligned and as large as it is said to be.
    let made = unsafe {
        (loaded.crypt_rn)(
            phrase.as_ptr(),
            setting.as_ptr(),
            data.as_mut_ptr().cast(),
            c_int::try_from(DATA).unwrap_or(0),
        )
    };
    // SAFETY: it is null, or a text with its NUL inside `data`.
    let right = (!made.is_null()).then(|| unsafe { CStr::from_ptr(made) }.to_bytes().ct_eq(hash.as_bytes()).into());
    data.zeroize();
    phrase.into_bytes().zeroize();
    right.ok_or(SchemeError::Malformed { scheme, why: "the crypt(3) of this system does not take it" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A library that is not there, and one that is not it.
    #[test]
    fn what_is_missing_is_said() {
        let why = |name| first_of(&[name]).err().unwrap_or_default();
        assert!(why("libcrypt.so.99").contains("cannot be loaded: libcrypt.so.99"), "{}", why("libcrypt.so.99"));
        assert!(why("libc.so.6").contains("crypt_rn"), "{}", why("libc.so.6"));
        let error = SchemeError::Unavailable { scheme: "DES-CRYPT", why: why("libcrypt.so.99") };
        assert!(
            error.to_string().starts_with("DES-CRYPT needs the system's libcrypt, which cannot be loaded"),
            "{error}"
        );
    }
}
