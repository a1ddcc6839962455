//! One tree: the lines from behind `Tree=` to the next empty line.

use super::lines::{Line, Lines};
use super::numbers::{floats, integer, integers};
use super::{END_OF_TREES, Fault};
use crate::model::{Child, Linear, Question, Split, Tree};
use flowgate_core::program::{BelowZero, CategorySet, Missing, Side};

/// The most lines of a tree, as LightGBM has it.
const MAX_LINES: usize = 22;

/// LightGBM's `kZeroThreshold`, a `float`: numbers up to it are taken for 0.
const ZERO: f64 = 1.000_000_018_002_509_5e-35;

/// The categories of one word of a bitset.
const WORD: u32 = u32::BITS;

/// The lines of a tree that are looked at.
#[derive(Debug, Default)]
pub(super) struct Entries<'a> {
    /// The number of the line before them.
    line: usize,
    num_leaves: Option<Line<'a>>,
    num_cat: Option<Line<'a>>,
    split_feature: Option<Line<'a>>,
    threshold: Option<Line<'a>>,
    decision_type: Option<Line<'a>>,
    left_child: Option<Line<'a>>,
    right_child: Option<Line<'a>>,
    leaf_value: Option<Line<'a>>,
    leaf_count: Option<Line<'a>>,
    cat_boundaries: Option<Line<'a>>,
    cat_threshold: Option<Line<'a>>,
    is_linear: Option<Line<'a>>,
    leaf_const: Option<Line<'a>>,
    num_features: Option<Line<'a>>,
    leaf_features: Option<Line<'a>>,
    leaf_coeff: Option<Line<'a>>,
}

impl<'a> Entries<'a> {
    /// The lines from behind the one numbered `line` to the next empty one.
    pub(super) fn of(lines: &mut Lines<'a>, line: usize) -> Result<Self, Fault> {
        let mut entries = Self {
            line,
            ..Self::default()
        };
        let mut count = 0;
        loop {
            match lines.next() {
                Some(line) if line.text.is_empty() => return Ok(entries),
                Some(line) => {
                    count += 1;
                    if count > MAX_LINES {
                        return Err(line.fault(format!("a tree of more than {MAX_LINES} lines")));
                    }
                    entries.take(line)?;
                }
                None => return Err(lines.cut_off()),
            }
        }
    }

    fn take(&mut self, line: Line<'a>) -> Result<(), Fault> {
        let Some((key, value)) = line.entry() else {
            let expected = format!("expected a key and `=`, or an empty line and `{END_OF_TREES}`");
            return Err(line.fault(expected));
        };
        let place = match key {
            "num_leaves" => &mut self.num_leaves,
            "num_cat" => &mut self.num_cat,
            "split_feature" => &mut self.split_feature,
            "threshold" => &mut self.threshold,
            "decision_type" => &mut self.decision_type,
            "left_child" => &mut self.left_child,
            "right_child" => &mut self.right_child,
            "leaf_value" => &mut self.leaf_value,
            "leaf_count" => &mut self.leaf_count,
            "cat_boundaries" => &mut self.cat_boundaries,
            "cat_threshold" => &mut self.cat_threshold,
            "is_linear" => &mut self.is_linear,
            "leaf_const" => &mut self.leaf_const,
            "num_features" => &mut self.num_features,
            "leaf_features" => &mut self.leaf_features,
            "leaf_coeff" => &mut self.leaf_coeff,
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(line.fault(format!("`{key}` is there twice"))),
        }
    }

    /// The tree that they tell of, of a model with `features` columns.
    pub(super) fn tree(&self, features: usize) -> Result<Tree, Fault> {
        let line = self.line;
        let need = |entry, key| need(entry, key, line);
        let leaves: usize = integer(need(self.num_leaves, "num_leaves")?, "num_leaves")?;
        let splits = leaves
            .checked_sub(1)
            .ok_or_else(|| Fault::at(line, "the tree has no leaves"))?;
        let values = floats(need(self.leaf_value, "leaf_value")?, "leaf_value", leaves)?;
        let sets = self.sets(line)?;
        let linear = self.linear(line, leaves, features)?;
        let splits = match splits {
            0 => Vec::new(),
            count => self.splits(line, count, features, sets.len())?,
        };
        // They change no answer: where they cannot be read, they are not known.
        let rows = self
            .leaf_count
            .and_then(|line| integers(line, "leaf_count", leaves).ok());
        Ok(Tree {
            line,
            rows: rows.unwrap_or_default(),
            splits,
            leaves: values,
            linear,
            sets,
        })
    }

    /// The `count` nodes with two ways.
    fn splits(
        &self,
        line: usize,
        count: usize,
        features: usize,
        sets: usize,
    ) -> Result<Vec<Split>, Fault> {
        let need = |entry, key| need(entry, key, line);
        let at = need(self.split_feature, "split_feature")?;
        let columns: Vec<u32> = integers(at, "split_feature", count)?;
        if columns.iter().any(|column| *column as usize >= features) {
            return Err(at.fault(format!(
                "`split_feature` names a feature past the last, {}",
                features.saturating_sub(1)
            )));
        }
        let thresholds_at = need(self.threshold, "threshold")?;
        let thresholds = floats(thresholds_at, "threshold", count)?;
        let decisions: Vec<u8> = match self.decision_type {
            Some(line) => integers(line, "decision_type", count)?,
            None => vec![0; count],
        };
        let left = children(need(self.left_child, "left_child")?, "left_child", count)?;
        let right = children(need(self.right_child, "right_child")?, "right_child", count)?;
        let parts = columns.into_iter().zip(thresholds).zip(decisions);
        let parts = parts.zip(left.into_iter().zip(right));
        parts
            .map(|(((feature, threshold), decision), (left, right))| {
                let (question, missing) = decide(decision, threshold, sets)
                    .map_err(|reason| thresholds_at.fault(reason))?;
                Ok(Split {
                    feature,
                    question,
                    missing,
                    left,
                    right,
                })
            })
            .collect()
    }

    /// The sets of categories.
    fn sets(&self, line: usize) -> Result<Vec<CategorySet>, Fault> {
        let need = |entry, key| need(entry, key, line);
        let count: usize = integer(need(self.num_cat, "num_cat")?, "num_cat")?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let at = need(self.cat_boundaries, "cat_boundaries")?;
        let ends = count
            .checked_add(1)
            .ok_or_else(|| Fault::at(line, "`num_cat` is too large"))?;
        let bounds: Vec<usize> = integers(at, "cat_boundaries", ends)?;
        let ascending = bounds.is_sorted() && bounds.first() == Some(&0);
        let last = bounds.last().copied().filter(|_| ascending);
        let last = last.ok_or_else(|| at.fault("`cat_boundaries` do not ascend from 0"))?;
        let at = need(self.cat_threshold, "cat_threshold")?;
        let words: Vec<u32> = integers(at, "cat_threshold", last)?;
        let pairs = bounds.iter().zip(bounds.iter().skip(1));
        let bits = pairs.map(|(start, end)| words.get(*start..*end).unwrap_or_default());
        Ok(bits.map(set).collect())
    }

    /// The function of each leaf, where the tree has such.
    fn linear(&self, line: usize, leaves: usize, features: usize) -> Result<Vec<Linear>, Fault> {
        let is_linear = match self.is_linear {
            Some(line) => integer::<i64>(line, "is_linear")? != 0,
            None => false,
        };
        if !is_linear {
            return Ok(Vec::new());
        }
        let need = |entry, key| need(entry, key, line);
        let constants = floats(need(self.leaf_const, "leaf_const")?, "leaf_const", leaves)?;
        let at = need(self.num_features, "num_features")?;
        let counts: Vec<usize> = integers(at, "num_features", leaves)?;
        let total = counts
            .iter()
            .try_fold(0_usize, |total, count| total.checked_add(*count))
            .ok_or_else(|| at.fault("`num_features` are too many"))?;
        let at = need(self.leaf_features, "leaf_features")?;
        let columns: Vec<u32> = integers(at, "leaf_features", total)?;
        if columns.iter().any(|column| *column as usize >= features) {
            return Err(at.fault("`leaf_features` names a feature past the last"));
        }
        let at = need(self.leaf_coeff, "leaf_coeff")?;
        let coefficients = floats(at, "leaf_coeff", total)?;
        let mut terms = columns.into_iter().zip(coefficients);
        let leaves = counts.into_iter().zip(constants);
        Ok(leaves
            .map(|(count, constant)| {
                let terms = terms.by_ref().take(count).collect();
                Linear { constant, terms }
            })
            .collect())
    }
}

fn need<'a>(entry: Option<Line<'a>>, key: &str, line: usize) -> Result<Line<'a>, Fault> {
    entry.ok_or_else(|| Fault::at(line, format!("the tree has no `{key}`")))
}

/// The question of a node and what is missing at it, from the bits of its type: 1 for categories,
/// 2 for "missing goes left", then two bits for what is missing (0 nothing, 1 zeros, 2 NaN).
fn decide(decision: u8, threshold: f64, sets: usize) -> Result<(Question, Missing), String> {
    let side = match decision & 2 {
        0 => Side::No,
        _ => Side::Yes,
    };
    let missing = match decision >> 2 {
        0 => Missing::NanIsZero,
        1 => Missing::NanOrZero(side),
        2 => Missing::Nan(side),
        _ => return Err(format!("`decision_type` {decision} is unknown")),
    };
    if decision & 1 == 0 {
        return match threshold.is_nan() {
            true => Err("a threshold is not a number".to_owned()),
            false => Ok((Question::UpTo(settled(threshold)), missing)),
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number that is in bounds, or another after the cast"
    )]
    let set = threshold as u32;
    if f64::from(set) != threshold || set as usize >= sets {
        return Err(format!(
            "the threshold of a node of categories names none of the {sets} sets"
        ));
    }
    // What is missing of a category is in no set, whatever the bits say.
    Ok((Question::Among(set), Missing::Nan(Side::No)))
}

/// The threshold that answers as `threshold` does once cells up to [`ZERO`] were replaced by 0,
/// which LightGBM does with every row: with it they need not be replaced. Training gives no
/// threshold so small, but for [`ZERO`] itself on both sides.
fn settled(threshold: f64) -> f64 {
    match threshold {
        _ if threshold.abs() > ZERO => threshold,
        _ if threshold >= 0.0 => ZERO,
        _ => (-ZERO).next_down(),
    }
}

/// The categories of a bitset, word by word from the lowest.
fn set(words: &[u32]) -> CategorySet {
    let mut members = Vec::new();
    for (bits, index) in words.iter().zip(0_u32..) {
        // Categories are C's `int` where they are looked up: beyond it there are none.
        let first = index
            .checked_mul(WORD)
            .filter(|first| i32::try_from(*first).is_ok());
        let Some(first) = first else { break };
        members.extend(
            (0..WORD)
                .filter(|bit| bits >> bit & 1 == 1)
                .map(|bit| first + bit),
        );
    }
    CategorySet {
        members,
        below_zero: BelowZero::Truncated,
    }
}

/// Where the ways of `count` nodes go on: a node, or where it is negative, the leaf `-1 - it`.
fn children(line: Line<'_>, what: &str, count: usize) -> Result<Vec<Child>, Fault> {
    let numbers: Vec<i64> = integers(line, what, count)?;
    let child = |number: i64| {
        let (place, most) = match number < 0 {
            true => (!number, count + 1),
            false => (number, count),
        };
        let place = usize::try_from(place).ok().filter(|place| *place < most);
        let place = place.ok_or_else(|| {
            line.fault(format!("`{what}` names a node or a leaf that is not there"))
        })?;
        Ok(match number < 0 {
            true => Child::Leaf(place),
            false => Child::Split(place),
        })
    };
    numbers.into_iter().map(child).collect()
}
