//! Why a file is refused, and where in it.

/// The most characters of a name from a file that a message shows.
const SHOWN: usize = 60;

/// Why a file or a part of it cannot be read: the fault is always the file's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", self.place())]
pub struct Error {
    path: String,
    reason: String,
}

impl Error {
    /// A fault with no place yet.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            reason: reason.into(),
        }
    }

    /// The same fault, in what is called `name`; the outermost name comes first in the message.
    #[must_use]
    pub fn inside(mut self, name: &str) -> Self {
        let name = clipped(name);
        self.path = match self.path.is_empty() {
            true => name,
            false => format!("{name}.{}", self.path),
        };
        self
    }

    fn place(&self) -> String {
        match self.path.is_empty() {
            true => String::new(),
            false => format!("`{}`: ", self.path),
        }
    }
}

/// The first characters of a name that comes from a file, without control characters.
pub(crate) fn clipped(name: &str) -> String {
    let mut shown: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(SHOWN)
        .collect();
    if shown.len() < name.len() {
        shown.push_str("...");
    }
    shown
}
