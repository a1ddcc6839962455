//! File descriptors: every connection is one.

/// Lets the process have as many as its hard limit allows. The soft one is 1 024 on most systems
/// for the sake of programs that cannot count further (`select(2)`).
///
/// # Errors
/// When the kernel refuses; the limit is then what it was.
#[cfg(unix)]
pub fn raise() -> std::io::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(())
}

/// Nothing to do.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn raise() -> std::io::Result<()> {
    Ok(())
}
