//! How much a body may grow when it is unpacked.

use flowgate_core::{ErrorKind, Refusal};

/// Bounds of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets that all values together may take when they are unpacked.
    pub unpacked: usize,
}

/// No body is held to less than this: columns pack well, and what fits is harmless.
const LEAST: usize = 256 << 20;

/// How many times its own limit a body may grow.
const GROWTH: usize = 4;

/// The most rows of one body.
pub(super) const ROWS: usize = 1 << 24;

/// The most columns of one body, those inside of others included.
pub(super) const COLUMNS: usize = 1 << 16;

/// The most types inside each other; as deep as a table in JSON.
pub(super) const DEPTH: usize = 64;

impl Limits {
    /// The bounds where a body may have `body` octets: four times as many unpacked, or 256 MiB
    /// where that is more.
    pub fn for_body(body: usize) -> Self {
        Self {
            unpacked: body.saturating_mul(GROWTH).max(LEAST),
        }
    }
}

/// Why a body by column is not used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ColumnarError {
    /// It is no such file, or holds values that the signature does not take.
    #[error(transparent)]
    Refused(Refusal),
    /// It is too large when unpacked.
    #[error("the body has more than {limit} bytes when unpacked")]
    TooLarge {
        /// The bound, in octets.
        limit: usize,
    },
}

impl ColumnarError {
    /// Always the request's fault.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(_) | Self::TooLarge { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// What is left of a bound.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    left: usize,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limit: limits.unpacked,
            left: limits.unpacked,
        }
    }

    /// Takes `octets` off.
    ///
    /// # Errors
    /// When so many are not left.
    #[inline]
    pub(super) fn take(&mut self, octets: usize) -> Result<(), ColumnarError> {
        match self.left.checked_sub(octets) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.exceeded()),
        }
    }

    /// Takes `count` things of `octets` each off.
    ///
    /// # Errors
    /// When so many are not left.
    pub(super) fn take_each(&mut self, count: usize, octets: usize) -> Result<(), ColumnarError> {
        self.take(count.saturating_mul(octets))
    }

    /// The whole bound.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn exceeded(&self) -> ColumnarError {
        ColumnarError::TooLarge { limit: self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once() {
        let mut budget = Budget::new(Limits { unpacked: 10 });
        assert_eq!(budget.take_each(2, 4), Ok(()));
        assert_eq!(budget.take(3), Err(ColumnarError::TooLarge { limit: 10 }));
        assert_eq!(budget.take(2), Ok(()));
        assert!(budget.take_each(usize::MAX, 2).is_err());
    }

    #[test]
    fn small_bodies_may_grow_to_a_size_that_does_no_harm() {
        assert_eq!(Limits::for_body(1).unpacked, LEAST);
        assert_eq!(Limits::for_body(1 << 30).unpacked, 4 << 30);
        assert_eq!(Limits::for_body(usize::MAX).unpacked, usize::MAX);
    }
}
