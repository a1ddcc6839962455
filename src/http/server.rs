//! Connections: accepted, served, drained.
//!
//! Our own loop, because `axum::serve` sets neither `TCP_NODELAY` nor pipelining: without the
//! first a pipelining client waits for delayed acknowledgements.

use super::Edge;
use crate::shutdown::Shutdown;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Time for the head of a request: who sends slower is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Milliseconds that a client may take nothing of its answer: who stands still for longer is cut
/// off. The kernel watches it, also where the client is gone without a word.
#[cfg(target_os = "linux")]
const STALLED_MS: u32 = 30_000;

/// Requests of one HTTP/2 connection at the same time.
const STREAMS: u32 = 256;

/// A pause after a failed accept (no file descriptors left, mostly), so that it is not a loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How HTTP/2 begins on a connection where it was not agreed upon before (RFC 9113, section 3.4);
/// no method of HTTP/1.1 does.
const HTTP2: &[u8] = b"PRI";

/// A pause before an opening of fewer octets than that is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Has `edge` answer on `listener` until `shutdown` is asked for; then answers what is being asked,
/// for at most `drain`.
#[expect(
    clippy::disallowed_methods,
    reason = "one task a connection, watched until it ends"
)]
pub async fn serve(listener: TcpListener, edge: Edge, mut shutdown: Shutdown, drain: Duration) {
    let open = GracefulShutdown::new();
    let server = Arc::new(Server::new(edge));
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
        let (server, shutdown) = (Arc::clone(&server), shutdown.clone());
        let watcher = open.watcher();
        tokio::spawn(async move {
            if let Err(error) = server.connection(prepared(stream), shutdown, watcher).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were not answered in time before the end");
    }
}

/// How connections are served.
struct Server {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    edge: Arc<Edge>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Server {
    fn new(edge: Edge) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .pipeline_flush(true)
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS);
        Self {
            http1,
            http2,
            edge: Arc::new(edge),
        }
    }

    /// Serves a connection to its end. Which protocol it speaks is looked up in its first octets
    /// without taking them: a server that could do both would look at all others as well.
    async fn connection(
        &self,
        stream: TcpStream,
        mut shutdown: Shutdown,
        watcher: Watcher,
    ) -> Result<(), Failed> {
        let is_http2 = tokio::select! {
            () = shutdown.asked() => return Ok(()),
            begun = tokio::time::timeout(HEAD_TIMEOUT, begins_http2(&stream)) => begun??,
        };
        let stream = TokioIo::new(stream);
        let edge = Arc::clone(&self.edge);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let edge = Arc::clone(&edge);
            async move { Ok::<_, Infallible>(edge.answer(request.map(Body::new)).await) }
        });
        if is_http2 {
            watcher
                .watch(self.http2.serve_connection(stream, service))
                .await?;
        } else {
            watcher
                .watch(self.http1.serve_connection(stream, service))
                .await?;
        }
        Ok(())
    }
}

async fn begins_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut begin = [0; HTTP2.len()];
    loop {
        let count = stream.peek(&mut begin).await?;
        let begin = &begin[..count];
        if count == HTTP2.len() || count == 0 || !HTTP2.starts_with(begin) {
            return Ok(begin == HTTP2);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn prepared(stream: TcpStream) -> TcpStream {
    // Small answers must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    // An answer that is too long for the buffers of the sockets is kept until it is taken.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(&stream, STALLED_MS) {
        tracing::debug!(%error, "no TCP_USER_TIMEOUT");
    }
    stream
}
