//! Questions to a web service: one request, one bounded answer in JSON. Time is [`crate::guard`]'s.

mod error;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use parking_lot::Mutex;
use sasl::Secret;
use zeroize::Zeroizing;

pub(crate) use error::HttpError;

use crate::trust;
use crate::userinfo::without_userinfo;

/// Longest answer, octets.
const MAX_ANSWER: usize = 256 * 1024;

/// Longest head of an answer.
const MAX_HEAD: usize = 64 * 1024;

/// Connections that are kept for the next question, and how long.
const IDLE: usize = 8;
const IDLE_TIME: Duration = Duration::from_secs(20);

type Connector = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Asks one URL.
#[derive(Debug)]
pub(crate) struct HttpClient {
    url: String,
    shown: String,
    ca_file: Option<PathBuf>,
    /// Made when it is first needed: a file that cannot be read now is tried again with the next question.
    connector: Mutex<Option<Connector>>,
}

/// Who we say that we are.
#[derive(Debug, Clone)]
pub(crate) enum Authorization {
    /// Nobody.
    None,
    /// RFC 6750 §2.1.
    Bearer(Secret),
    /// RFC 7617, with both parts form-encoded as RFC 6749 §2.3.1 asks.
    Basic(String, Secret),
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Ask {
    /// GET.
    Get,
    /// POST of a JSON text.
    Json(Zeroizing<Vec<u8>>),
    /// POST of a form.
    Form(Zeroizing<String>),
}

impl HttpClient {
    pub(crate) fn new(url: &str, ca_file: Option<PathBuf>) -> Self {
        let shown = without_userinfo(url).split(['?', '#']).next().unwrap_or_default().to_owned();
        Self { url: url.to_owned(), shown, ca_file, connector: Mutex::default() }
    }

    /// The URL for the operator, without what may be secret in it.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Asks; the answer is JSON, and was sent with status 200. Redirects are not followed: what is in a question is for
    /// nobody else.
    pub(crate) async fn ask(&self, ask: Ask, authorization: &Authorization) -> Result<Zeroizing<Vec<u8>>, HttpError> {
        let uri = self.uri()?;
        let connector = self.connector()?;
        let request = self.request(uri, ask, authorization)?;
        // A kept connection may have been closed by the other side in this very moment; a question may be asked twice.
        let answer = match connector.request(request.clone()).await {
            Err(error) if error::was_closed(&error) => connector.request(request).await,
            answer => answer,
        };
        self.read(answer.map_err(|error| HttpError::unreachable(self.shown(), &error))?).await
    }

    async fn read(&self, answer: Response<hyper::body::Incoming>) -> Result<Zeroizing<Vec<u8>>, HttpError> {
        let url = || self.shown().to_owned();
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(HttpError::Status { url: url(), status: status.as_u16(), advice: error::advice(status) });
        }
        let media = answer.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if !is_json(media) {
            let found = String::from_utf8_lossy(media).chars().filter(|c| !c.is_control()).take(100).collect();
            return Err(HttpError::NotJson { url: url(), found });
        }
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                HttpError::TooLong { url: url(), max: MAX_ANSWER }
            } else {
                HttpError::Broken { url: url(), why: error::chain(error.as_ref()) }
            }
        })?;
        Ok(Zeroizing::new(body.to_bytes().to_vec()))
    }

    fn request(&self, uri: Uri, ask: Ask, who: &Authorization) -> Result<Request<Full<Bytes>>, HttpError> {
        let unfit =
            |error: &dyn std::fmt::Display| HttpError::Url { url: self.shown().to_owned(), why: error.to_string() };
        // The octets are wiped when the request is dropped.
        let (method, media, body) = match ask {
            Ask::Get => (Method::GET, None, Bytes::new()),
            Ask::Json(text) => (Method::POST, Some("application/json"), Bytes::from_owner(text)),
            Ask::Form(text) => {
                (Method::POST, Some("application/x-www-form-urlencoded"), Bytes::from_owner(Octets(text)))
            }
        };
        let mut request = Request::new(Full::new(body));
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        media.into_iter().for_each(|media| drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static(media))));
        if let Some(text) = who.header() {
            let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|error| unfit(&error))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    /// In clear only to this very machine: passwords and tokens are in the questions.
    fn uri(&self) -> Result<Uri, HttpError> {
        let wrong = |why: &str| HttpError::Url { url: self.shown().to_owned(), why: why.to_owned() };
        let uri: Uri = self.url.parse().map_err(|_| wrong("this is no URL"))?;
        let host = uri.host().ok_or_else(|| wrong("it names no host"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("a name or password in a URL is not sent; there are keys for them"));
        }
        match uri.scheme_str() {
            Some("https") => Ok(uri),
            Some("http") if is_here(host) => Ok(uri),
            Some("http") => {
                Err(wrong("http:// is only for this very machine (localhost, 127.0.0.1, [::1]); use https://"))
            }
            _ => Err(wrong("it does not begin with https://")),
        }
    }

    fn connector(&self) -> Result<Connector, HttpError> {
        let mut made = self.connector.lock();
        if let Some(connector) = &*made {
            return Ok(connector.clone());
        }
        let tls = trust::client(self.ca_file.as_deref());
        let tls = tls.map_err(|why| HttpError::Authority { url: self.shown().to_owned(), why })?;
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let connector = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE)
            .http1_max_buf_size(MAX_HEAD)
            .build(https);
        Ok(made.insert(connector).clone())
    }
}

impl Authorization {
    fn header(&self) -> Option<Zeroizing<String>> {
        let text = match self {
            Self::None => return None,
            Self::Bearer(token) => format!("Bearer {}", String::from_utf8_lossy(token.expose())),
            Self::Basic(name, password) => {
                let pair = Zeroizing::new([&form(name.as_bytes()), ":", &form(password.expose())].concat());
                format!("Basic {}", STANDARD.encode(pair.as_bytes()))
            }
        };
        Some(Zeroizing::new(text))
    }
}

/// A text that is wiped, as octets.
struct Octets(Zeroizing<String>);

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// `application/x-www-form-urlencoded`: all but letters, digits and `-._` is escaped.
pub(crate) fn form(octets: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(octets.len() * 3));
    for octet in octets {
        if octet.is_ascii_alphanumeric() || b"-._".contains(octet) {
            text.push(char::from(*octet));
        } else {
            text.push('%');
            for half in [octet >> 4, octet & 15] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    text
}

fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// `application/json`, or a kind of its own that is JSON (RFC 6839 §3.1): `application/jwk-set+json`.
fn is_json(media: &[u8]) -> bool {
    let kind = media.split(|octet| *octet == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    kind == b"application/json" || (kind.starts_with(b"application/") && kind.ends_with(b"+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_clear_only_to_this_machine() {
        let may = |url: &str| HttpClient::new(url, None).uri().map(drop).map_err(|error| error.to_string());
        for url in ["https://a.example/x?y", "http://localhost:1/", "http://127.1.2.3/", "http://[::1]:80/"] {
            assert_eq!(may(url), Ok(()), "{url}");
        }
        for url in
            ["http://a.example/", "http://localhost.a.example/", "http://127.0.0.1.a.example", "ftp://localhost", ""]
        {
            assert!(may(url).is_err(), "{url}");
        }
        let secret = may("https://user:pass@a.example/?token=secret").expect_err("a password in it");
        assert!(!secret.contains("token"), "{secret}");
        assert_eq!(HttpClient::new("https://a/b?secret#c", None).shown(), "https://a/b");
    }

    #[test]
    fn who_we_are() {
        let header = |who: Authorization| who.header().map(|text| text.to_string());
        assert_eq!(header(Authorization::Bearer(Secret::new("t"))).as_deref(), Some("Bearer t"));
        let basic = header(Authorization::Basic("me:".to_owned(), Secret::new("pä s")));
        assert_eq!(basic, Some(format!("Basic {}", STANDARD.encode("me%3A:p%C3%A4%20s"))));
        assert!(is_json(b"Application/JSON; charset=utf-8") && is_json(b"application/jwk-set+json"));
        assert!(!is_json(b"text/html") && !is_json(b"") && !is_json(b"application/jsonp"));
    }
}
