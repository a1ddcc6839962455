//! Shutting down: the first SIGTERM or SIGINT asks for it, a second one does not wait.

use tokio::sync::watch;

/// Whether shutting down was asked for; cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// Asks for shutting down; tests hold one.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

impl Trigger {
    /// Asks.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// A shutdown that `Trigger` asks for.
    pub fn new() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// Returns when it was asked for.
    pub async fn asked(&mut self) {
        // An error means that nobody can ask any more: wait for ever.
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

/// Pulls `trigger` at the first SIGTERM or SIGINT and ends the process at the second. Handlers are
/// installed before this returns: as process 1 of a container the default would be to ignore them.
///
/// # Errors
/// When a handler cannot be installed.
#[expect(clippy::disallowed_methods, reason = "this task ends with the process")]
pub fn on_signals(trigger: Trigger) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("shutting down: answering what is being asked, taking nothing new");
        trigger.pull();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::warn!("asked twice: ending now");
        std::process::exit(1);
    });
    Ok(())
}
