//! Where due requests are handed to connections.
//!
//! Nothing is queued: what is due and not taken up yet are the times that the schedule has still
//! to give, however many they are.

use super::schedule::Schedule;
use super::tally::Tally;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// The schedule, the connections that wait for it, and what became of the requests.
pub(super) struct Desk {
    schedule: Schedule,
    start: Instant,
    seats: Vec<Seat>,
    /// The seats that wait, the longest first, so that all connections are used.
    idle: VecDeque<usize>,
    tally: Tally,
    over: bool,
    /// Who hands out, while it waits for a free seat.
    clerk: Option<Waker>,
    freed: bool,
}

/// One connection, as the desk sees it.
#[derive(Default)]
struct Seat {
    /// When the request that it works on was due.
    open: Option<Duration>,
    /// Whether the request was handed to it while it waited and it has not seen it yet.
    handed: bool,
    idle: bool,
    waker: Option<Waker>,
}

/// What there is to do for who hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing until then.
    At(Instant),
    /// Nothing until a seat is free.
    Free,
    /// Nothing any more: all was handed out and ended.
    Done,
}

/// How a request has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With an answer of this status.
    Answered(u16),
    /// Without one.
    Broken,
}

impl Desk {
    /// A desk for `seats` connections; the schedule begins at `start`.
    pub(super) fn new(schedule: Schedule, start: Instant, seats: usize, tally: Tally) -> Self {
        Self {
            schedule,
            start,
            seats: std::iter::repeat_with(Seat::default).take(seats).collect(),
            idle: VecDeque::with_capacity(seats),
            tally,
            over: false,
            clerk: None,
            freed: false,
        }
    }

    /// Hands what is due at `now` to the seats that wait.
    pub(super) fn hand_out(&mut self, now: Instant) -> Next {
        self.freed = false;
        let passed = now.saturating_duration_since(self.start);
        while let Some(due) = self.schedule.peek() {
            if due > passed {
                return Next::At(self.start + due);
            }
            let Some(seat) = self.idle.pop_front() else {
                return Next::Free;
            };
            self.schedule.next();
            self.tally.taken(due, passed, true);
            let seat = &mut self.seats[seat];
            (seat.open, seat.handed, seat.idle) = (Some(due), true, false);
            if let Some(waker) = seat.waker.take() {
                waker.wake();
            }
        }
        if self.idle.len() == self.seats.len() {
            Next::Done
        } else {
            Next::Free
        }
    }

    /// Ready once a seat has come free since the last [`Self::hand_out`].
    pub(super) fn poll_freed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.freed {
            return Poll::Ready(());
        }
        self.clerk = Some(context.waker().clone());
        Poll::Pending
    }

    /// The next request for `seat`: when it was due, `None` when there is none any more. Before the
    /// seat waits it takes what is due already.
    pub(super) fn poll_next(
        &mut self,
        seat: usize,
        context: &mut Context<'_>,
    ) -> Poll<Option<Duration>> {
        if self.over {
            return Poll::Ready(None);
        }
        let is_idle = self.seats[seat].idle;
        if std::mem::take(&mut self.seats[seat].handed) {
            return Poll::Ready(self.seats[seat].open);
        }
        if !is_idle {
            if let Some(due) = self.take_due() {
                self.seats[seat].open = Some(due);
                return Poll::Ready(Some(due));
            }
            self.seats[seat].idle = true;
            self.idle.push_back(seat);
            self.freed = true;
            if let Some(clerk) = self.clerk.take() {
                clerk.wake();
            }
        }
        self.seats[seat].waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn take_due(&mut self) -> Option<Duration> {
        let passed = self.start.elapsed();
        let due = self.schedule.peek().filter(|due| *due <= passed)?;
        self.schedule.next();
        // Where others wait, it is the hand-out that is late.
        self.tally.taken(due, passed, !self.idle.is_empty());
        Some(due)
    }

    /// The request of `seat` has ended at `now`.
    pub(super) fn ended(&mut self, seat: usize, ending: Ending, now: Instant) {
        let Some(due) = self.seats[seat].open.take() else {
            return;
        };
        let now = now.saturating_duration_since(self.start);
        match ending {
            Ending::Answered(status) => self.tally.answered(due, now, status),
            Ending::Broken => self.tally.broken(due),
        }
    }

    /// Ends the run at `now`: whatever is open then stays unanswered.
    pub(super) fn close(&mut self, now: Instant) -> Tally {
        self.over = true;
        let now = now.saturating_duration_since(self.start);
        for seat in &mut self.seats {
            if let Some(due) = seat.open.take() {
                self.tally.unanswered(due, now);
            }
            if let Some(waker) = seat.waker.take() {
                waker.wake();
            }
        }
        // Of a run that was broken off, only what was due by now.
        for due in self.schedule.by_ref().take_while(|due| *due <= now) {
            self.tally.never_sent(due, now);
        }
        self.tally.clone()
    }
}
