//! APOP (RFC 1939 §7): MD5 over the greeting's timestamp and the password.

use md5::{Digest, Md5};

use crate::Secret;

/// The digest that proves knowledge of the password. The timestamp counts with its angle brackets.
pub fn digest(timestamp: &str, password: &Secret) -> [u8; 16] {
    let mut hash = Md5::new();
    hash.update(timestamp.as_bytes());
    hash.update(password.expose());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cram::hex;

    /// RFC 1939 §7.
    #[test]
    fn the_example_of_the_rfc() {
        let digest = digest("<1896.697170952@dbc.mtview.ca.us>", &Secret::new("tanstaaf"));
        assert_eq!(hex(&digest), "c4c9334bac560ecc979e58001b3e22fb");
    }
}
