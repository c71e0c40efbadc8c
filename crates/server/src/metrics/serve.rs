//! `GET /metrics` over plain HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::context::drained;
use crate::engine::Engine;

/// Monitoring comes alone, or in twos and threes.
const CLIENTS: usize = 16;
/// The longest that one may stay.
const PATIENCE: Duration = Duration::from_secs(60);
/// OpenMetrics 1.0 §3.1.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers until the server drains.
pub(crate) async fn serve(socket: TcpListener, engine: Arc<Engine>) {
    let mut draining = engine.context.draining.clone();
    let places = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = drained(&mut draining) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                let talk = talk(stream, Arc::clone(&engine));
                tokio::spawn(async move {
                    // Whoever stays longer is cut off.
                    let _ = tokio::time::timeout(PATIENCE, talk).await;
                    drop(place);
                });
            }
            // Out of descriptors: as with the other listeners, do not spin.
            Err(error) => {
                tracing::warn!(%error, "metrics");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn talk(stream: TcpStream, engine: Arc<Engine>) {
    let service = service_fn(|request| {
        let response = answer(&request, &engine);
        async move { Ok::<_, Infallible>(response) }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "metrics");
    }
}

fn answer(request: &Request<Incoming>, engine: &Engine) -> Response<Full<Bytes>> {
    let (status, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, OPEN_METRICS, engine.metrics()),
        (&Method::GET | &Method::HEAD, _) => (StatusCode::NOT_FOUND, "text/plain", "see /metrics\n".to_owned()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET /metrics\n".to_owned()),
    };
    let response = Response::builder().status(status).header(CONTENT_TYPE, kind).body(Full::from(text));
    response.expect("a known status and a header of ASCII")
}
