//! Questions about categories: whether a cell is one of a set, or equal to one number.
//!
//! A *code column* holds, for a cell, the place of its category among all those that some sets
//! of one feature name; a set then is a row of a table, one octet a code. Sets of a feature that
//! share too little have code columns of their own, so that the tables stay in proportion to the
//! ensemble.

use super::CompileError;
use super::order::{Kind, ZERO, order64, parts};
use flowgate_core::program::{BelowZero, Ensemble, Missing, Side, Test};
use std::collections::{HashMap, HashSet};

/// The code of what is in no set.
const OUTSIDE: u32 = 0;
/// The code of a missing cell that counts as a member of every set.
const MEMBER: u32 = 1;
/// The code of the first category.
const FIRST: u32 = 2;

/// All sets that the splits of an ensemble ask for.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// The code columns.
    pub(super) columns: Vec<CodeColumn>,
    /// Each set that is asked for.
    pub(super) sets: Vec<Set>,
    /// For each set and code: 1 where the code is not in the set, which is the way to the right.
    /// Begins with as many zeros as the largest column has codes.
    pub(super) table: Vec<u8>,
}

/// A set of codes of one column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    /// Its place in [`Codes::columns`].
    pub(super) column: u32,
    /// Where it begins in [`Codes::table`].
    pub(super) table: u32,
}

/// How cells of a feature become codes.
#[derive(Debug)]
pub(super) struct CodeColumn {
    /// The feature.
    pub(super) feature: u32,
    /// How many codes there are, from 0.
    pub(super) codes: u32,
    asks: Asks,
    missing: Missing,
    lookup: Lookup,
}

/// What is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asks {
    /// The number itself, as its word.
    Equal,
    /// The category that it is cut off to.
    Category(BelowZeroKey),
}

/// [`BelowZero`], which cannot be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum BelowZeroKey {
    Outside,
    Truncated,
}

#[derive(Debug)]
enum Lookup {
    /// The code of every category from 0.
    Direct(Vec<u32>),
    /// Sorted; the first has the code [`FIRST`].
    Sorted(Vec<u64>),
}

/// Collects sets while the splits are read.
#[derive(Debug, Default)]
pub(super) struct CodesBuilder {
    columns: Vec<(u32, Asks, Missing)>,
    column_of: HashMap<(u32, Asks, Missing), usize>,
    /// The column before it is parted, and what makes the set another.
    sets: Vec<(usize, SetId)>,
    set_of: HashMap<(usize, SetId), u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum SetId {
    /// The word of a number.
    Number(u64),
    /// A place in [`Ensemble::sets`].
    Set(u32),
}

impl CodesBuilder {
    /// The number of the set that a split asks for; none where it asks about order.
    pub(super) fn ask(
        &mut self,
        ensemble: &Ensemble,
        feature: u32,
        test: Test,
        missing: Missing,
    ) -> Option<u32> {
        let (asks, id) = match test {
            Test::Less(_) | Test::LessOrEqual(_) => return None,
            Test::Equal(value) => (Asks::Equal, SetId::Number(order64(value))),
            Test::InSet(set) => {
                let below = match ensemble.sets[set as usize].below_zero {
                    BelowZero::Outside => BelowZeroKey::Outside,
                    BelowZero::Truncated => BelowZeroKey::Truncated,
                };
                (Asks::Category(below), SetId::Set(set))
            }
        };
        let key = (feature, asks, missing);
        let column = *self.column_of.entry(key).or_insert_with(|| {
            self.columns.push(key);
            self.columns.len() - 1
        });
        let next = u32::try_from(self.sets.len()).ok()?;
        let number = *self.set_of.entry((column, id)).or_insert_with(|| {
            self.sets.push((column, id));
            next
        });
        Some(number)
    }

    /// Parts the columns and makes the tables.
    ///
    /// # Errors
    /// When a table has no place in 32 bits.
    pub(super) fn finish(self, ensemble: &Ensemble) -> Result<Codes, CompileError> {
        let members: Vec<Vec<u64>> = self
            .sets
            .iter()
            .map(|&(_, id)| match id {
                SetId::Number(word) => vec![word],
                SetId::Set(set) => {
                    let set = &ensemble.sets[set as usize];
                    set.members
                        .iter()
                        .map(|&member| u64::from(member))
                        .collect()
                }
            })
            .collect();
        let groups = group(&self.sets, &members);
        let mut codes = Codes::default();
        let mut largest = 0;
        for group in &groups {
            let (feature, asks, missing) = self.columns[group.column];
            let mut union: Vec<u64> = group.union.iter().copied().collect();
            union.sort_unstable();
            let count = u32::try_from(union.len() + FIRST as usize);
            let count = count.map_err(|_| CompileError::Categories)?;
            largest = largest.max(count);
            codes.columns.push(CodeColumn {
                feature,
                codes: count,
                asks,
                missing,
                lookup: Lookup::new(asks, union),
            });
        }
        codes.table = vec![0; largest as usize];
        codes.sets = vec![
            Set {
                column: 0,
                table: 0
            };
            self.sets.len()
        ];
        for (group, column) in groups.iter().zip(0..) {
            for &set in &group.sets {
                let made = &codes.columns[column as usize];
                let table = u32::try_from(codes.table.len());
                let table = table.map_err(|_| CompileError::Categories)?;
                let start = codes.table.len();
                codes.table.resize(start + made.codes as usize, 1);
                codes.table[start + MEMBER as usize] = 0;
                for &member in &members[set] {
                    codes.table[start + made.lookup.code(member) as usize] = 0;
                }
                codes.sets[set] = Set { column, table };
            }
        }
        Ok(codes)
    }
}

/// Sets of one feature that share a code column.
#[derive(Debug)]
struct Group {
    column: usize,
    sets: Vec<usize>,
    union: HashSet<u64>,
    members: usize,
}

/// Parts the sets so that no table is larger than a share of its members: the table of a group
/// has `sets * (union + 2)` octets.
fn group(sets: &[(usize, SetId)], members: &[Vec<u64>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open: HashMap<usize, usize> = HashMap::new();
    for (set, &(column, _)) in sets.iter().enumerate() {
        let members = &members[set];
        let fits = open.get(&column).copied().filter(|&at| {
            let group = &groups[at];
            let new = members
                .iter()
                .filter(|member| !group.union.contains(member));
            let codes = group.union.len() + new.count() + FIRST as usize;
            let count = group.sets.len() + 1;
            count * codes <= 16 * (group.members + members.len() + 64 * count)
        });
        let at = fits.unwrap_or_else(|| {
            groups.push(Group {
                column,
                sets: Vec::new(),
                union: HashSet::new(),
                members: 0,
            });
            groups.len() - 1
        });
        open.insert(column, at);
        let group = &mut groups[at];
        group.sets.push(set);
        group.union.extend(members);
        group.members += members.len();
    }
    groups
}

impl Lookup {
    fn new(asks: Asks, union: Vec<u64>) -> Self {
        let largest = union.last().and_then(|&last| usize::try_from(last).ok());
        let most = 4 * union.len() + 1024;
        match largest {
            Some(largest) if asks != Asks::Equal && largest < most => {
                let mut codes = vec![OUTSIDE; largest + 1];
                for (&member, code) in union.iter().zip(FIRST..) {
                    // All of them are at most `largest`.
                    if let Ok(at) = usize::try_from(member) {
                        codes[at] = code;
                    }
                }
                Self::Direct(codes)
            }
            _ => Self::Sorted(union),
        }
    }

    #[inline]
    fn code(&self, category: u64) -> u32 {
        match self {
            Self::Direct(codes) => {
                let at = usize::try_from(category).unwrap_or(usize::MAX);
                codes.get(at).copied().unwrap_or(OUTSIDE)
            }
            Self::Sorted(members) => match members.binary_search(&category) {
                Ok(at) => u32::try_from(at).map_or(OUTSIDE, |at| at + FIRST),
                Err(_) => OUTSIDE,
            },
        }
    }
}

impl CodeColumn {
    /// The code of a cell.
    #[inline]
    pub(super) fn code(&self, cell: f64) -> u32 {
        let (kind, side) = parts(self.missing);
        let mut cell = cell;
        let missing = match kind {
            Kind::Nan => cell.is_nan(),
            Kind::NanOrZero => cell.is_nan() || cell.abs() <= ZERO,
            Kind::NanIsZero => {
                if cell.is_nan() {
                    cell = 0.0;
                }
                false
            }
        };
        if missing {
            return match side {
                Side::Yes => MEMBER,
                Side::No => OUTSIDE,
            };
        }
        match self.asks {
            Asks::Equal => self.lookup.code(order64(cell)),
            Asks::Category(below) => {
                let below = match below {
                    BelowZeroKey::Outside => cell < 0.0,
                    BelowZeroKey::Truncated => cell <= -1.0,
                };
                if below || cell >= 4_294_967_296.0 {
                    return OUTSIDE;
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the fraction is to be cut off"
                )]
                self.lookup.code(cell as u64)
            }
        }
    }
}

impl Codes {
    /// The codes of a set, an octet each: 1 where a code is not in it.
    pub(super) fn row(&self, set: Set) -> &[u8] {
        let codes = self.columns[set.column as usize].codes as usize;
        &self.table[set.table as usize..][..codes]
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        let lookups = self.columns.iter().map(|column| match &column.lookup {
            Lookup::Direct(codes) => size_of_val(&**codes),
            Lookup::Sorted(members) => size_of_val(&**members),
        });
        lookups.sum::<usize>()
            + size_of_val(&*self.columns)
            + size_of_val(&*self.sets)
            + self.table.len()
    }
}
