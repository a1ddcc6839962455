//! Sets of members (`BRANCH_MEMBER` of `ai.onnx.ml` 5).
//!
//! ONNX Runtime 1.32 has two ways to ask whether a number is a member: it compares with the
//! members of a small set of small numbers, and looks for what is left without the fraction in
//! any other. The kernels have only the second, and no numbers below zero. For what they have not,
//! columns are added to the rows that they see.

use super::super::scores::Real;
use super::ensemble::category_set;
use flowgate_core::program::{CategorySet, Test};
use flowgate_onnx::trees::{Branch, Comparison, Forest, ForestNode};
use std::collections::HashMap;

/// The most members of a small set, and the largest of them.
const SMALL: (usize, f64) = (30, 30.0);

/// What is asked of which column for every set.
#[derive(Debug)]
pub(super) struct Membership {
    /// Columns of a row that are read.
    features: usize,
    sets: Vec<Set>,
    /// The columns that are added to them, in order.
    added: Vec<Added>,
    places: HashMap<Added, usize>,
}

#[derive(Debug)]
struct Set {
    /// In ascending order.
    members: Vec<f64>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One small number, which is compared with.
    One,
    /// Small whole numbers: the kernels look for them among those without a fraction.
    Whole,
    /// Whole numbers: the kernels look for what is left without the fraction.
    Cut,
    /// Other small numbers, which are compared with.
    Compared,
    /// Whole numbers, some below zero: as [`Kind::Cut`].
    CutBelowZero,
}

/// A column that is made of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Added {
    /// This column, with numbers that have a fraction become members of nothing.
    Whole(usize),
    /// Whether this column is a member of a set: 1 or 0, and NaN as it is.
    Member(usize, usize),
}

/// A question to a column.
pub(super) struct Question {
    pub(super) column: usize,
    pub(super) test: Test,
}

impl Membership {
    /// The sets of `forest`, whose rows have `features` columns.
    ///
    /// # Errors
    /// For members that ONNX Runtime does not take.
    pub(super) fn of(forest: &Forest, features: usize) -> Result<Self, String> {
        let sets: Option<Vec<Set>> = forest.sets.iter().map(|set| Set::of(set)).collect();
        let sets =
            sets.ok_or_else(|| "the members of a set are not all small or whole".to_owned())?;
        let mut made = Self {
            features,
            sets,
            added: Vec::new(),
            places: HashMap::new(),
        };
        for node in &forest.nodes {
            if let ForestNode::Branch(Branch {
                feature,
                comparison: Comparison::Member(set),
                ..
            }) = node
                && let Ok(column) = usize::try_from(*feature)
                && let Some(added) = made.added_for(*set, column)
                && !made.places.contains_key(&added)
            {
                made.places.insert(added, features + made.added.len());
                made.added.push(added);
            }
        }
        Ok(made)
    }

    /// Columns of a row that are read.
    pub(super) fn features(&self) -> usize {
        self.features
    }

    /// Columns of a row of the kernels: those, and those that are added.
    pub(super) fn width(&self) -> usize {
        self.features + self.added.len()
    }

    /// Adds to the cells of `row` that are read those that are made of them.
    pub(super) fn extend<T: Real>(&self, row: &[T], made: &mut Vec<T>) {
        made.extend_from_slice(row.get(..self.features).unwrap_or_default());
        let cell = |column: usize| row.get(column).copied().unwrap_or(T::ZERO);
        made.extend(self.added.iter().map(|added| match *added {
            Added::Whole(column) => {
                let cell = cell(column);
                // Below zero there are no members.
                let is_whole = cell.wide().trunc() == cell.wide() || cell.wide().is_nan();
                if is_whole { cell } else { -T::ONE }
            }
            Added::Member(column, set) => {
                let cell = cell(column);
                match self.sets.get(set) {
                    _ if cell.wide().is_nan() => cell,
                    Some(set) if set.holds(cell.wide()) => T::ONE,
                    _ => T::ZERO,
                }
            }
        }));
    }

    /// How the set at `set` is asked for in `column`.
    pub(super) fn question(&self, set: usize, column: usize) -> Question {
        let added = self.added_for(set, column);
        let place = added.and_then(|added| self.places.get(&added)).copied();
        let test = match self.sets.get(set) {
            Some(found) if found.kind == Kind::One => {
                Test::Equal(found.members.first().copied().unwrap_or(0.0))
            }
            _ if matches!(added, Some(Added::Member(..))) => Test::Equal(1.0),
            _ => Test::InSet(u32::try_from(set).unwrap_or(u32::MAX)),
        };
        Question {
            column: place.unwrap_or(column),
            test,
        }
    }

    /// The sets of the kernels, one a set of the file; those that are not asked for are empty.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the members were looked at"
    )]
    pub(super) fn category_sets(&self) -> Vec<CategorySet> {
        let of = |set: &Set| match set.kind {
            Kind::Whole | Kind::Cut => {
                let members = set.members.iter().map(|member| *member as u32);
                category_set(members.collect())
            }
            Kind::One | Kind::Compared | Kind::CutBelowZero => category_set(Vec::new()),
        };
        self.sets.iter().map(of).collect()
    }

    fn added_for(&self, set: usize, column: usize) -> Option<Added> {
        match self.sets.get(set)?.kind {
            Kind::One | Kind::Cut => None,
            Kind::Whole => Some(Added::Whole(column)),
            Kind::Compared | Kind::CutBelowZero => Some(Added::Member(column, set)),
        }
    }
}

impl Set {
    fn of(members: &[f64]) -> Option<Self> {
        let small = members.len() <= SMALL.0
            && members
                .iter()
                .all(|member| (0.0..=SMALL.1).contains(member));
        let whole = members.iter().all(|member| member.trunc() == *member);
        let fits = |least: f64| {
            let mut members = members.iter();
            members.all(|member| (least..2_147_483_648.0).contains(member))
        };
        let kind = match members {
            [_] if small => Kind::One,
            _ if small && whole => Kind::Whole,
            _ if small => Kind::Compared,
            _ if whole && fits(0.0) => Kind::Cut,
            // The least integer stands for what is none.
            _ if whole && fits(-2_147_483_647.0) => Kind::CutBelowZero,
            _ => return None,
        };
        let mut members = members.to_vec();
        members.sort_unstable_by(f64::total_cmp);
        Some(Self { members, kind })
    }

    fn holds(&self, cell: f64) -> bool {
        let cell = match self.kind {
            Kind::CutBelowZero => cell.trunc(),
            _ => cell,
        };
        let place = self.members.partition_point(|member| *member < cell);
        self.members.get(place) == Some(&cell)
    }
}
