//! Line ends. Files have LF, as Maildir programs (mutt, grep, procmail) expect; SMTP, IMAP and POP3 have CRLF.

use bytes::Bytes;
use memchr::{memchr_iter, memmem};

/// Each CRLF becomes LF; everything else stays.
pub(crate) fn to_lf(text: &[u8]) -> Vec<u8> {
    let mut lf = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in memmem::find_iter(text, b"\r\n") {
        lf.extend_from_slice(&text[from..at]);
        from = at + 1;
    }
    lf.extend_from_slice(&text[from..]);
    lf
}

/// Each LF without a CR before it becomes CRLF: a file that another program wrote with CRLF comes out unchanged.
pub(crate) fn to_crlf(text: Vec<u8>) -> Bytes {
    let size = crlf_size(&text);
    if size == text.len() as u64 {
        return text.into();
    }
    let mut crlf = Vec::with_capacity(text.len() + text.len() / 16);
    let mut from = 0;
    for at in bare_lines(&text) {
        crlf.extend_from_slice(&text[from..at]);
        crlf.push(b'\r');
        from = at;
    }
    crlf.extend_from_slice(&text[from..]);
    crlf.into()
}

/// RFC822.SIZE: octets that [`to_crlf`] gives.
pub(crate) fn crlf_size(text: &[u8]) -> u64 {
    (text.len() + bare_lines(text).count()) as u64
}

/// Where LFs stand without a CR.
fn bare_lines(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b'\n', text).filter(move |&at| at.checked_sub(1).and_then(|before| text.get(before)) != Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(to_lf(b"a\r\nb\r\n\r\nc\rd\ne\r\r\n"), b"a\nb\n\nc\rd\ne\r\n");
        assert_eq!(to_crlf(b"a\n\nb\r\nc".to_vec()), &b"a\r\n\r\nb\r\nc"[..]);
        assert_eq!(to_crlf(b"\n".to_vec()), &b"\r\n"[..]);
    }

    proptest! {
        #[test]
        fn proper_mail_survives(lines in prop::collection::vec("[ -~\t]{0,8}", 0..8)) {
            let text = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
            prop_assert_eq!(to_crlf(to_lf(text.as_bytes())), text.as_bytes());
        }

        #[test]
        fn the_size_is_what_is_read(text in "[a\r\n]{0,20}") {
            let lf = to_lf(text.as_bytes());
            prop_assert_eq!(crlf_size(&lf), to_crlf(lf.clone()).len() as u64);
        }
    }
}
