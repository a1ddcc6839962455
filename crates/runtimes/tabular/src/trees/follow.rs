//! The leaf that a row reaches in every tree, node by node, for those that want no sum.

use super::Cells;
use super::leaves::Rows;
use super::order::{Cell, Kind, ZERO, parts};
use flowgate_core::program::{BelowZero, Ensemble, Side, Split, Test, TreeNode};
use std::ops::Range;

/// The leaves that some rows reach, as their places in [`Ensemble::nodes`]: one for each tree,
/// row after row. The ensemble has been checked.
///
/// # Panics
/// When a row is not there.
pub(crate) fn leaves(ensemble: &Ensemble, cells: Cells<'_>, rows: Range<usize>) -> Vec<u32> {
    let features = ensemble.features;
    match cells {
        Cells::F32(cells) => follow(ensemble, Rows { cells, features }, rows),
        Cells::F64(cells) => follow(ensemble, Rows { cells, features }, rows),
    }
}

fn follow<C: Cell>(ensemble: &Ensemble, cells: Rows<'_, C>, rows: Range<usize>) -> Vec<u32> {
    let mut found = Vec::with_capacity(rows.len() * ensemble.roots.len());
    for row in rows {
        let row = cells.get(row);
        for &root in &ensemble.roots {
            let mut at = root;
            while let TreeNode::Split(split) = &ensemble.nodes[at as usize] {
                at = match side(ensemble, split, row[split.feature as usize].number()) {
                    Side::Yes => split.yes,
                    Side::No => split.no,
                };
            }
            found.push(at);
        }
    }
    found
}

/// Where a cell goes. Numbers of 32 bits are compared in 64, which changes no answer.
fn side(ensemble: &Ensemble, split: &Split, cell: f64) -> Side {
    let (kind, side) = parts(split.missing);
    let cell = match kind {
        Kind::Nan | Kind::NanOrZero if cell.is_nan() => return side,
        Kind::NanOrZero if cell.abs() <= ZERO => return side,
        Kind::NanIsZero if cell.is_nan() => 0.0,
        _ => cell,
    };
    let yes = match split.test {
        Test::Less(threshold) => cell < threshold,
        Test::LessOrEqual(threshold) => cell <= threshold,
        Test::Equal(value) => cell == value,
        Test::InSet(set) => {
            let set = &ensemble.sets[set as usize];
            let least = match set.below_zero {
                BelowZero::Outside => cell >= 0.0,
                BelowZero::Truncated => cell > -1.0,
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the fraction is to be cut off"
            )]
            let category = cell as u32;
            least && cell < 4_294_967_296.0 && set.members.binary_search(&category).is_ok()
        }
    };
    if yes { Side::Yes } else { Side::No }
}
