//! The server under load, as a process of its own that ends with the measurement.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How often the ready file is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// The longest wait for a server that was asked to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server. Where it is dropped without [`Server::end`] it is killed.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: Folder,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot be started or waited for.
    #[error("the server cannot be run: {0}")]
    Run(#[from] io::Error),
    /// It has ended by itself; it has told why.
    #[error("the server ended with {0}")]
    Ended(ExitStatus),
}

impl Server {
    /// Starts `program serve` with `arguments` on a free port of the loopback interface. What it
    /// logs goes to standard error, errors only unless `FLOWGATE_LOG` or `arguments` say
    /// otherwise: a line for each refusal would hide the table.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Path, arguments: &[OsString]) -> Result<Self, ServerError> {
        let folder = Folder::new()?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--host", "127.0.0.1", "--port", "0"])
            .arg("--ready-file")
            .arg(folder.ready_file())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            // Ctrl-c is for the generator, which then ends the server.
            .process_group(0);
        if crate::config::variable("FLOWGATE_LOG").is_none() {
            command.env("FLOWGATE_LOG", "error");
        }
        let child = command.spawn()?;
        Ok(Self { child, folder })
    }

    /// Returns the address, `host:port`, once the server is ready.
    ///
    /// # Errors
    /// When it ends before.
    pub async fn ready(&mut self) -> Result<String, ServerError> {
        let file = self.folder.ready_file();
        loop {
            match fs_err::read_to_string(&file) {
                Ok(address) => return Ok(address),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            if let Ok(ended) = tokio::time::timeout(LOOK, self.child.wait()).await {
                return Err(ServerError::Ended(ended?));
            }
        }
    }

    /// Asks the server to end and waits for it; kills it when it takes too long.
    ///
    /// # Errors
    /// When it had ended by itself before, or cannot be waited for.
    pub async fn end(mut self) -> Result<(), ServerError> {
        if let Some(status) = self.child.try_wait()? {
            return Err(ServerError::Ended(status));
        }
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(process) = id.and_then(Pid::from_raw) {
            kill_process(process, Signal::TERM).map_err(io::Error::from)?;
        }
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(ended) => ended.map(|_| ())?,
            Err(_) => self.child.kill().await?,
        }
        Ok(())
    }
}

/// A folder for the ready file, removed when dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let name = format!("flowgate-bench-{}", uuid::Uuid::new_v4());
        let folder = std::env::temp_dir().join(name);
        fs_err::create_dir(&folder)?;
        Ok(Self(folder))
    }

    fn ready_file(&self) -> PathBuf {
        self.0.join("ready")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody can do anything about a folder that stays.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}
