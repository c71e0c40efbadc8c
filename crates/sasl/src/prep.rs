//! SASLprep (RFC 4013).

use zeroize::Zeroizing;

/// Normalizes, so that the same password typed on two keyboards gives the same octets. What SASLprep does not allow
/// (and what is not UTF-8) stays as it is: refusing it would lock out whoever has such a password already.
pub(crate) fn saslprep(octets: &[u8]) -> Zeroizing<Vec<u8>> {
    let prepared = std::str::from_utf8(octets).ok().and_then(|text| stringprep::saslprep(text).ok());
    Zeroizing::new(prepared.map_or_else(|| octets.to_vec(), |text| text.into_owned().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::saslprep;

    /// RFC 4013 §3.
    #[test]
    fn the_examples_of_the_rfc() {
        for (given, prepared) in
            [("I\u{ad}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{aa}", "a"), ("\u{2168}", "IX")]
        {
            assert_eq!(saslprep(given.as_bytes()).as_slice(), prepared.as_bytes());
        }
    }

    #[test]
    fn what_it_forbids_stays_as_it_is() {
        assert_eq!(saslprep(b"\x07").as_slice(), b"\x07");
        assert_eq!(saslprep(b"caf\xe9").as_slice(), b"caf\xe9");
    }
}
