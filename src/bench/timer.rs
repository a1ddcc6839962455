//! Waiting until a moment, more exactly than the runtime's timer, whose steps are a millisecond.

#[cfg(target_os = "linux")]
pub(super) use linux::Timer;
#[cfg(not(target_os = "linux"))]
pub(super) use plain::Timer;

#[cfg(target_os = "linux")]
mod linux {
    use rustix::io::Errno;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::{Duration, Instant};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// The kernel's own timer, waited for together with the sockets.
    pub(in super::super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        /// A timer; within a runtime.
        ///
        /// # Errors
        /// When the process has no descriptor left.
        pub(in super::super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            #[expect(
                deprecated,
                reason = "what is unsound are types that do not own their descriptor; this one does"
            )]
            AsyncFd::with_interest(timer, Interest::READABLE).map(Self)
        }

        /// Returns at `moment`, or soon after.
        ///
        /// # Errors
        /// When the kernel refuses the timer.
        pub(in super::super) async fn until(&mut self, moment: Instant) -> io::Result<()> {
            let left = moment.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let once = Itimerspec {
                it_interval: timespec(Duration::ZERO)?,
                it_value: timespec(left)?,
            };
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            loop {
                let mut ready = self.0.readable().await?;
                let read = ready.try_io(|timer| {
                    let mut count = [0; size_of::<u64>()];
                    match rustix::io::read(timer.get_ref(), &mut count) {
                        Err(Errno::AGAIN) => Err(io::ErrorKind::WouldBlock.into()),
                        other => Ok(other?),
                    }
                });
                if let Ok(read) = read {
                    return read.map(|_| ());
                }
            }
        }
    }

    fn timespec(duration: Duration) -> io::Result<Timespec> {
        Timespec::try_from(duration).map_err(io::Error::other)
    }
}

#[cfg(not(target_os = "linux"))]
mod plain {
    use std::io;
    use std::time::Instant;

    /// The runtime's timer: up to a millisecond late.
    pub(in super::super) struct Timer;

    impl Timer {
        /// A timer.
        ///
        /// # Errors
        /// Never.
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Returns at `moment`, or soon after.
        ///
        /// # Errors
        /// Never.
        pub(in super::super) async fn until(&mut self, moment: Instant) -> io::Result<()> {
            tokio::time::sleep_until(moment.into()).await;
            Ok(())
        }
    }
}
