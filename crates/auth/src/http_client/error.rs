//! Why there is no answer.

use std::error::Error;
use std::io;

use hyper::StatusCode;
use hyper_util::client::legacy;

/// Each is a TEMPFAIL. None of them shows what was asked, or the query of the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    /// Not a URL that is asked.
    #[error("{url}: {why}")]
    Url {
        /// As in the config.
        url: String,
        /// Why not.
        why: String,
    },
    /// Whom to trust cannot be read.
    #[error("{url}: ca_file: {why}")]
    Authority {
        /// Who would be asked.
        url: String,
        /// What is wrong with the file.
        why: String,
    },
    /// No connection.
    #[error("{url}: {why}{advice}")]
    Unreachable {
        /// Who was asked.
        url: String,
        /// Why not.
        why: String,
        /// What to do.
        advice: &'static str,
    },
    /// A status other than 200.
    #[error("{url}: it answered with status {status}{advice}")]
    Status {
        /// Who was asked.
        url: String,
        /// The status.
        status: u16,
        /// What to do.
        advice: &'static str,
    },
    /// 200, but of another kind.
    #[error("{url}: it answered with {found:?} instead of application/json")]
    NotJson {
        /// Who was asked.
        url: String,
        /// The Content-Type.
        found: String,
    },
    /// More than is read.
    #[error("{url}: the answer is longer than {max} octets")]
    TooLong {
        /// Who was asked.
        url: String,
        /// The limit.
        max: usize,
    },
    /// The connection broke in the middle.
    #[error("{url}: the answer is not whole: {why}")]
    Broken {
        /// Who was asked.
        url: String,
        /// Why.
        why: String,
    },
}

impl HttpError {
    pub(super) fn unreachable(url: &str, error: &legacy::Error) -> Self {
        let advice = if causes(error).any(is_of_certificate) {
            "; is the host one that the certificate names, and its authority in ca_file?"
        } else if has_kind(error, &[io::ErrorKind::ConnectionRefused]) {
            "; does it run, and listen on that port?"
        } else {
            ""
        };
        Self::Unreachable { url: url.to_owned(), why: chain(error), advice }
    }
}

/// Whether the connection was closed before an answer began.
pub(super) fn was_closed(error: &legacy::Error) -> bool {
    let mut hyper = causes(error).filter_map(|cause| cause.downcast_ref::<hyper::Error>());
    let early = hyper.any(|error| error.is_incomplete_message() || error.is_canceled());
    let broken = || has_kind(error, &[io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe]);
    !error.is_connect() && (early || broken())
}

fn has_kind(error: &legacy::Error, kinds: &[io::ErrorKind]) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|io| kinds.contains(&io.kind()))
}

/// An error of I/O hides what it is made of: its source is that one's source.
fn is_of_certificate(cause: &(dyn Error + 'static)) -> bool {
    if let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        return is_of_certificate(inner);
    }
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

pub(super) fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "; redirects are not followed: name the right URL",
        401 | 403 => "; does it know us, by the token or the client's id and secret?",
        404 | 405 => "; is that the right URL?",
        429 => "; it is asked too often",
        500.. => "; look at its log",
        _ => "",
    }
}

/// An error with its causes, none of which is a secret: hyper's errors show neither heads nor bodies.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in causes(error).take(8) {
        let text = cause.to_string();
        // Some repeat their cause.
        if !texts.iter().any(|told| told.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}
