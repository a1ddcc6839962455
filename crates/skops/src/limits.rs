//! How large a file may become; its own length is bounded by who reads it.

/// Bounds that a file must keep. They stop a hostile file, not a large honest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files in the zip. Default 1 000 000.
    pub entries: usize,
    /// Octets that are unpacked in all, an entry counting each time it is read. Default 4 GiB.
    pub unpacked: u64,
    /// Values in `schema.json`, each of about 40 octets of memory. Default 8 000 000.
    pub values: usize,
    /// Lists and objects inside each other in `schema.json`. Default 256, which is also the most:
    /// larger numbers count as 256, because reading recurses.
    pub depth: usize,
}

impl Limits {
    /// The most that `depth` can be.
    pub const MAX_DEPTH: usize = 256;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            unpacked: 4 << 30,
            values: 8_000_000,
            depth: Self::MAX_DEPTH,
        }
    }
}
