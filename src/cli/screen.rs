//! Where a command that takes long writes: lines that stay, and one that passes.

use super::Failure;
use std::io::{self, IsTerminal, Write};

/// Where the table goes, with a line that passes where somebody looks.
pub(super) struct Screen {
    out: Box<dyn Write>,
    passes: bool,
}

impl Screen {
    /// A screen on standard output, or on standard error where that is `taken` for something else.
    pub(super) fn new(taken: bool) -> Self {
        Self {
            out: if taken {
                Box::new(io::stderr())
            } else {
                Box::new(io::stdout())
            },
            passes: io::stderr().is_terminal(),
        }
    }

    /// A line that stays.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.clear();
        written(writeln!(self.out, "{text}").and_then(|()| self.out.flush()))
    }

    /// A line that the next one replaces.
    pub(super) fn passing(&mut self, text: &str) {
        if self.passes {
            let _ = write!(io::stderr(), "{text} …");
        }
    }

    /// Takes away the line that passes.
    pub(super) fn clear(&mut self) {
        if self.passes {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Who looks at the first lines only (`head`) may close the pipe.
pub(super) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}
