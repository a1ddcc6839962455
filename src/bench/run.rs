//! One rate: the connections, the hand-out, and the end.

use super::client::{Connection, Exchange};
use super::desk::{Desk, Ending, Next};
use super::schedule::{Arrivals, Schedule};
use super::tally::Tally;
use super::target::Target;
use super::timer::Timer;
use rustix::time::{ClockId, clock_gettime};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::{JoinSet, LocalSet};

/// How a server is loaded, but for the rate.
#[derive(Debug, Clone)]
pub struct Load {
    /// What is sent, and where to.
    pub target: Target,
    /// Connections, each with one request at a time; at least 1.
    pub connections: usize,
    /// Time before requests are counted.
    pub warm_up: Duration,
    /// Time in which requests that are counted are due.
    pub duration: Duration,
    /// Time for answers after the last request was due.
    pub drain: Duration,
    /// How requests follow each other.
    pub arrivals: Arrivals,
}

/// Why a rate could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The server cannot be connected to.
    #[error("`{address}` cannot be connected to: {error}")]
    Connect {
        /// Its address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The generator has no timer.
    #[error("the timer fails: {0}")]
    Timer(io::Error),
}

/// Sends `rate` requests a second and tells what became of them. It ends when all were answered,
/// and at the latest when the warm-up, the duration and the drain are over. On a runtime of one
/// thread, with its timers and sockets.
///
/// # Errors
/// When the connections cannot be made at the start; later it counts them as broken requests.
pub async fn run(load: &Load, rate: f64) -> Result<Tally, RunError> {
    // Whatever is started inside ends when this is dropped.
    LocalSet::new().run_until(loaded(load, rate)).await
}

async fn loaded(load: &Load, rate: f64) -> Result<Tally, RunError> {
    let mut timer = Timer::new().map_err(RunError::Timer)?;
    let connections = connect(load).await?;
    let end = load.warm_up + load.duration;
    let schedule = Schedule::new(rate, load.arrivals, end);
    let start = Instant::now();
    let tally = Tally::new(load.warm_up..end);
    let desk = Desk::new(schedule, start, connections.len(), tally);
    let desk = Rc::new(RefCell::new(desk));
    let target = Rc::new(load.target.clone());
    let mut seats = JoinSet::new();
    for (seat, connection) in connections.into_iter().enumerate() {
        seats.spawn_local(work(
            Rc::clone(&desk),
            seat,
            Rc::clone(&target),
            Some(connection),
        ));
    }
    let used = core_time();
    let stop = start + end + load.drain;
    let handed_out = tokio::time::timeout_at(stop.into(), hand_out(&desk, &mut timer)).await;
    // Too late is not wrong: what is open by now is told by the tally.
    handed_out.unwrap_or(Ok(())).map_err(RunError::Timer)?;
    let now = Instant::now();
    let mut tally = desk.borrow_mut().close(now);
    let used = core_time().saturating_sub(used).as_secs_f64();
    tally.busy = used / (now - start).as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(tally)
}

/// Hands requests out when they are due, until all have ended.
async fn hand_out(desk: &RefCell<Desk>, timer: &mut Timer) -> io::Result<()> {
    loop {
        let next = desk.borrow_mut().hand_out(Instant::now());
        match next {
            Next::At(moment) => timer.until(moment).await?,
            Next::Free => poll_fn(|context| desk.borrow_mut().poll_freed(context)).await,
            Next::Done => return Ok(()),
        }
    }
}

/// All connections, made at the same time: a server that is far away would be late with the last.
async fn connect(load: &Load) -> Result<Vec<Connection>, RunError> {
    let mut opening = JoinSet::new();
    for _ in 0..load.connections {
        let target = load.target.clone();
        opening.spawn_local(async move { Connection::open(&target).await });
    }
    let failed = |error| RunError::Connect {
        address: load.target.address,
        error,
    };
    let mut connections = Vec::with_capacity(load.connections);
    while let Some(opened) = opening.join_next().await {
        let opened = opened.map_err(|error| failed(io::Error::other(error)))?;
        connections.push(opened.map_err(failed)?);
    }
    Ok(connections)
}

/// One request after the other on one connection, until the desk closes.
async fn work(
    desk: Rc<RefCell<Desk>>,
    seat: usize,
    target: Rc<Target>,
    mut connection: Option<Connection>,
) {
    loop {
        let next = poll_fn(|context| {
            // A server that closes an idle connection is noticed before a request is sent on it.
            if connection
                .as_mut()
                .is_some_and(|open| open.poll_closed(context))
            {
                connection = None;
            }
            desk.borrow_mut().poll_next(seat, context)
        });
        if next.await.is_none() {
            return;
        }
        let ending = request(&target, &mut connection).await;
        desk.borrow_mut().ended(seat, ending, Instant::now());
    }
}

/// One request, on a new connection where there is none or it was closed meanwhile.
async fn request(target: &Target, connection: &mut Option<Connection>) -> Ending {
    loop {
        let is_new = connection.is_none();
        let mut open = match connection.take() {
            Some(open) => open,
            None => match Connection::open(target).await {
                Ok(open) => open,
                Err(_) => return Ending::Broken,
            },
        };
        match open.exchange(target, None).await {
            Exchange::Answered(status) => {
                *connection = Some(open);
                return Ending::Answered(status);
            }
            Exchange::Unsent if !is_new => {}
            Exchange::Unsent | Exchange::Broken => return Ending::Broken,
        }
    }
}

/// The time that this thread has used a core for.
fn core_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
