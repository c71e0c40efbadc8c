//! A small web server of the test's own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What is answered: status, Content-Type, body.
pub(crate) type Answer = (u16, &'static str, Vec<u8>);

pub(crate) fn json(text: impl ToString) -> Answer {
    (200, "application/json", text.to_string().into_bytes())
}

/// It stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// In clear.
    pub(crate) async fn start(answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen("127.0.0.1:0", None, Arc::new(answer)).await
    }

    /// At the address of one that was stopped.
    pub(crate) async fn again(at: SocketAddr, answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen(&at.to_string(), None, Arc::new(answer)).await
    }

    /// With a certificate of the authority that [`net::ca::create`] makes in the folder.
    pub(crate) async fn with_tls(folder: &Path, answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> Self {
        let ca = net::ca::create(folder, "localhost", &[]).expect("an authority");
        let chain = CertificateDer::pem_file_iter(&ca.certificate).expect("a file").map(|one| one.expect("one"));
        let key = PrivateKeyDer::from_pem_file(&ca.key).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("versions").with_no_client_auth().with_single_cert(chain.collect(), key);
        let tls = TlsAcceptor::from(Arc::new(config.expect("a pair")));
        Self::listen("127.0.0.1:0", Some(tls), Arc::new(answer)).await
    }

    async fn listen(at: &str, tls: Option<TlsAcceptor>, answer: Arc<dyn Fn(Asked) -> Answer + Send + Sync>) -> Self {
        let listener = TcpListener::bind(at).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            let mut sessions = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (answer, tls) = (Arc::clone(&answer), tls.clone());
                sessions.spawn(async move {
                    match tls {
                        None => serve(socket, answer).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                serve(socket, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve<S>(socket: S, answer: Arc<dyn Fn(Asked) -> Answer + Send + Sync>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = Arc::clone(&answer);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let asked = Asked {
                method: head.method.to_string(),
                headers: head.headers,
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            let (status, kind, body) = answer(asked);
            let response = Response::builder().status(status).header("content-type", kind);
            let response = response.header("location", "/elsewhere").body(Full::new(Bytes::from(body)));
            Ok::<_, Infallible>(response.expect("a response"))
        }
    });
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await);
}
