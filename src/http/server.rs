//! Connections: accepted, served, drained.
//!
//! Our own loop, because `axum::serve` sets neither `TCP_NODELAY` nor pipelining: without the
//! first a pipelining client waits for delayed acknowledgements.

use crate::shutdown::Shutdown;
use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Time for the head of a request: who sends slower is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Requests of one HTTP/2 connection at the same time.
const STREAMS: u32 = 256;

/// A pause after a failed accept (no file descriptors left, mostly), so that it is not a loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` on `listener` until `shutdown` is asked for; then answers what is being asked,
/// for at most `drain`.
#[expect(
    clippy::disallowed_methods,
    reason = "one task a connection, watched until it ends"
)]
pub async fn serve(listener: TcpListener, router: Router, mut shutdown: Shutdown, drain: Duration) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .pipeline_flush(true)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS);
    let service = TowerToHyperService::new(router);
    let open = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = shutdown.asked() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let connection = builder.serve_connection(TokioIo::new(prepared(stream)), service.clone());
        let connection = open.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were not answered in time before the end");
    }
}

fn prepared(stream: TcpStream) -> TcpStream {
    // Small answers must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    stream
}
