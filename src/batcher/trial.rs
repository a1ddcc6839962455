//! What runs cost, measured without a server: for who wants to know before he serves.

use super::costs::Costs;
use super::{BatchRows, Decision};
use flowgate_core::{Frame, RuntimeError, Session};
use std::time::{Duration, Instant};

/// Runs of a size, and the time that they may take: enough for the curve to be sure of it. A size
/// whose one run takes longer is the last.
const RUNS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs `row`, one row, by itself and as 2, 4, 8 and more rows at once, up to what `batch` allows,
/// and gives what a batcher would make of it.
///
/// # Errors
/// When a run fails.
pub fn measured(
    session: &mut dyn Session,
    row: &Frame,
    batch: BatchRows,
) -> Result<Decision, RuntimeError> {
    let costs = Costs::new(batch);
    let mut frame = row.clone();
    let mut rows = 1;
    while rows <= batch.most() {
        // The first run of a size may make room for it.
        let begin = Instant::now();
        session.run(frame.clone())?;
        if rows > 1 && begin.elapsed() > PATIENCE {
            break;
        }
        let begin = Instant::now();
        for _ in 0..RUNS {
            let start = Instant::now();
            session.run(frame.clone())?;
            costs.note(rows, start.elapsed());
            if begin.elapsed() > PATIENCE {
                break;
            }
        }
        rows *= 2;
        frame = Frame::concat(&[frame.clone(), frame]).map_err(|error| RuntimeError::Failed {
            reason: error.to_string(),
        })?;
    }
    costs.settle();
    Ok(costs.decision())
}
