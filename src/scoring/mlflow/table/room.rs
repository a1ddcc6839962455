//! Bounds on tables whose cells are mostly missing.

use crate::scoring::mlflow::exception::Exception;

/// Cells that may be missing beyond those that are there.
const MISSING_CELLS: usize = 1 << 20;

/// Room for columns: a short body must not stand for a table that does not fit into memory, as one
/// of records that share no key would.
pub(super) struct Room {
    cells: usize,
}

impl Room {
    /// Room for the cells that are `there`, as many again, and some.
    pub(super) fn new(there: usize) -> Self {
        Self {
            cells: there.saturating_mul(2).saturating_add(MISSING_CELLS),
        }
    }

    pub(super) fn column(&mut self, rows: usize) -> Result<(), Exception> {
        let left = self.cells.checked_sub(rows);
        self.cells =
            left.ok_or_else(|| Exception::new("MemoryError", "too many cells are missing"))?;
        Ok(())
    }
}
