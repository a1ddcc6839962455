//! The closed list of what can go wrong, as a caller must tell it apart.
//!
//! Every error type of the workspace has `kind()`, written by hand, so that a new
//! variant without a kind does not compile. What a kind becomes on the wire is decided
//! elsewhere, in one table.

/// What a failure means to whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request's data cannot be used as sent.
    InvalidInput,
    /// There is no such model, version, file or route.
    NotFound,
    /// It exists and cannot answer now: loading, draining or failed.
    NotReady,
    /// Understood, and not something this build or this engine can do.
    Unsupported,
    /// It contradicts what is already there.
    Conflict,
    /// A bound was reached; the same request may succeed later.
    Overloaded,
    /// The time the caller allowed is over.
    DeadlineExceeded,
    /// The package, not the request, is at fault.
    InvalidPackage,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// A name in snake case, for logs and metric labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::NotFound => "not_found",
            Self::NotReady => "not_ready",
            Self::Unsupported => "unsupported",
            Self::Conflict => "conflict",
            Self::Overloaded => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::InvalidPackage => "invalid_package",
            Self::Internal => "internal",
        }
    }
}
