//! How large a file may be in every direction but its length, which the caller bounds.

/// Bounds that a file must keep. They stop a hostile file, not a large honest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nodes in the whole file, subgraphs and functions included. Default 1 000 000.
    pub nodes: u64,
    /// Levels of graphs, the main graph being the first. Default 32, which is also the most:
    /// larger values count as 32, because walks over a file recurse.
    pub depth: usize,
    /// Bytes of any one name (values, nodes, operators, attributes, symbols). Default 16 384.
    pub name_bytes: usize,
    /// Elements of any one tensor, in the file or outside of it. Default 2^34.
    pub elements: u64,
    /// Bytes of memory that the decoded messages may take on top of the file's own buffer
    /// (raw tensor data stays in that buffer and costs nothing). An estimate without the slack of
    /// growing lists, so that up to twice as much may be taken for a moment. Default 2 GiB.
    pub memory: u64,
}

impl Limits {
    /// The most that `depth` can be.
    pub const MAX_DEPTH: usize = 32;

    /// The depth that is in force.
    pub(crate) fn levels(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes: 1_000_000,
            depth: Self::MAX_DEPTH,
            name_bytes: 16 * 1024,
            elements: 1 << 34,
            memory: 2 << 30,
        }
    }
}
