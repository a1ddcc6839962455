//! One connection, with one request on it at a time.

use super::target::Target;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The most of an answer that is kept, in octets.
const KEPT: usize = 2000;

/// The longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open connection. It moves only while it is polled: there is no task behind it.
pub struct Connection {
    sender: Sender,
    /// Reads and writes the socket; `None` once the connection is closed.
    driver: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// The whole answer, of this status.
    Answered(u16),
    /// Nothing was sent, since the connection was closed: it may be sent on another.
    Unsent,
    /// The connection broke.
    Broken,
}

impl Connection {
    /// Connects to `target`.
    ///
    /// # Errors
    /// When nobody listens, or it is not HTTP that is spoken.
    pub async fn open(target: &Target) -> io::Result<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(target.address)).await??;
        stream.set_nodelay(true)?;
        let stream = TokioIo::new(stream);
        let (sender, driver): (_, Pin<Box<dyn Future<Output = ()>>>) = if target.http2 {
            let (sender, driver) = http2::handshake(Local, stream)
                .await
                .map_err(io::Error::other)?;
            // Why a connection ended is told by the request that it broke.
            let driver = Box::pin(async move { drop(driver.await) });
            (Sender::Http2(sender), driver)
        } else {
            let (sender, driver) = http1::handshake(stream).await.map_err(io::Error::other)?;
            let driver = Box::pin(async move { drop(driver.await) });
            (Sender::Http1(sender), driver)
        };
        Ok(Self {
            sender,
            driver: Some(driver),
        })
    }

    /// Moves the connection on; whether it is closed.
    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> bool {
        poll_driver(&mut self.driver, context)
    }

    /// Sends the request and reads the answer to its end; `kept` gets the beginning of its body.
    pub async fn exchange(&mut self, target: &Target, kept: Option<&mut Vec<u8>>) -> Exchange {
        let Self { sender, driver } = self;
        let mut exchange = pin!(exchange(sender, target, kept));
        poll_fn(|context| {
            if let Poll::Ready(ending) = exchange.as_mut().poll(context) {
                return Poll::Ready(ending);
            }
            if driver.is_none() {
                return Poll::Pending;
            }
            poll_driver(driver, context);
            // What was just read is not left for another round.
            exchange.as_mut().poll(context)
        })
        .await
    }
}

fn poll_driver(
    driver: &mut Option<Pin<Box<dyn Future<Output = ()>>>>,
    context: &mut Context<'_>,
) -> bool {
    let Some(open) = driver else { return true };
    let closed = open.as_mut().poll(context).is_ready();
    if closed {
        *driver = None;
    }
    closed
}

async fn exchange(
    sender: &mut Sender,
    target: &Target,
    mut kept: Option<&mut Vec<u8>>,
) -> Exchange {
    let mut answer = match send(sender, target.request()).await {
        Ok(answer) => answer,
        Err(error) if error.message().is_some() => return Exchange::Unsent,
        Err(_) => return Exchange::Broken,
    };
    while let Some(frame) = answer.body_mut().frame().await {
        let Ok(frame) = frame else {
            return Exchange::Broken;
        };
        if let (Some(kept), Some(data)) = (&mut kept, frame.data_ref()) {
            let room = KEPT - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Exchange::Answered(answer.status().as_u16())
}

async fn send(
    sender: &mut Sender,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
    // A connection that is not ready any more gives the request back.
    match sender {
        Sender::Http1(sender) => {
            let _ = sender.ready().await;
            sender.try_send_request(request).await
        }
        Sender::Http2(sender) => {
            let _ = sender.ready().await;
            sender.try_send_request(request).await
        }
    }
}

/// Runs what HTTP/2 does beside a connection on the thread of the run; it ends with the run.
#[derive(Clone)]
struct Local;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
