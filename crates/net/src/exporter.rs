//! `tls-exporter` (RFC 9266): 32 octets that the two ends of one TLS 1.3 connection know, and nobody else. rustls' unbuffered
//! connection exports nothing: it is computed here of the secret that a handshake's [`Capture`](crate::capture::Capture) got.

use rustls::crypto::tls13::OkmBlock;
use rustls::{CommonState, SupportedCipherSuite, Tls13CipherSuite};
use zeroize::Zeroizing;

/// RFC 9266 §2.
pub(crate) const LABEL: &str = "EXPORTER-Channel-Binding";

/// Octets of the binding (RFC 9266 §2).
pub(crate) const LENGTH: u16 = 32;

/// The binding of a connection whose handshake is done, of its `exporter_secret` (RFC 8446 §7.1). `None` in TLS 1.2, where it
/// takes an extended master secret and no renegotiation (RFC 9266 §4.2), and is left out.
pub(crate) fn binding(secret: &OkmBlock, state: &CommonState) -> Option<[u8; LENGTH as usize]> {
    match state.negotiated_cipher_suite()? {
        SupportedCipherSuite::Tls13(suite) => export(suite, secret),
        SupportedCipherSuite::Tls12(_) => None,
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
