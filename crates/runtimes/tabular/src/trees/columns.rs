//! What the splits of an ensemble ask of a row, each thing once.
//!
//! A *source* is a feature read with one rule of what is missing. Its missing cells lie below all
//! numbers, so they go left; splits that send them right read a second column, whose words are
//! one lower and wrap around: what was lowest is highest there.

use super::CompileError;
use super::codes::{Codes, CodesBuilder};
use super::order::{Kind, MISSING, cut, parts};
use flowgate_core::program::{Ensemble, Side, TreeNode};
use std::collections::HashMap;

/// What all splits ask.
#[derive(Debug)]
pub(super) struct Columns {
    /// Features as numbers.
    pub(super) sources: Vec<Source>,
    /// Features as categories.
    pub(super) codes: Codes,
    /// What each node of the ensemble asks.
    pub(super) asks: Vec<Ask>,
}

/// A feature with one rule of what is missing.
#[derive(Debug)]
pub(super) struct Source {
    /// The feature.
    pub(super) feature: u32,
    /// The rule.
    pub(super) kind: Kind,
    /// Whether a split reads it with missing cells to the left.
    pub(super) low: bool,
    /// Whether a split reads it with missing cells to the right.
    pub(super) high: bool,
    /// The cuts of its splits, sorted and all unlike; empty where nobody asked for ranks. With
    /// `high`, the first is [`MISSING`], so that the rank of a missing cell is that of no number.
    pub(super) cuts: Vec<u64>,
}

/// What a node asks; yes is the way to the left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask {
    /// Nothing: it is a leaf.
    Nothing,
    /// Whether the word is not above the cut.
    Number {
        /// The place in [`Columns::sources`].
        source: u32,
        /// Whether missing cells go right.
        high: bool,
        /// The cut.
        cut: u64,
        /// How many cuts of the source are below it; 0 where nobody asked for ranks.
        rank: u32,
    },
    /// Whether the cell is in the set at this place of [`Codes::sets`].
    Set(u32),
}

/// Features whose sources are found without a hash: as many as most ensembles have.
const NEAR: usize = 4096;

/// The source of a feature by its rule, where there is one.
struct SourceOf {
    near: Vec<[Option<u32>; 3]>,
    far: HashMap<(u32, Kind), Option<u32>>,
}

impl SourceOf {
    fn new(features: usize) -> Self {
        Self {
            near: vec![[None; 3]; features.min(NEAR)],
            far: HashMap::new(),
        }
    }

    fn at(&mut self, feature: u32, kind: Kind) -> &mut Option<u32> {
        let rule = match kind {
            Kind::Nan => 0,
            Kind::NanOrZero => 1,
            Kind::NanIsZero => 2,
        };
        match self.near.get_mut(feature as usize) {
            Some(rules) => &mut rules[rule],
            None => self.far.entry((feature, kind)).or_default(),
        }
    }
}

impl Columns {
    /// Reads the splits of an ensemble, with the cuts of each source where `ranks` says so.
    ///
    /// # Errors
    /// When there are more categories than can be numbered.
    pub(super) fn read(ensemble: &Ensemble, ranks: bool) -> Result<Self, CompileError> {
        let mut sources: Vec<Source> = Vec::new();
        let mut source_of = SourceOf::new(ensemble.features);
        let mut codes = CodesBuilder::default();
        let mut asks = Vec::with_capacity(ensemble.nodes.len());
        for node in &ensemble.nodes {
            let TreeNode::Split(split) = node else {
                asks.push(Ask::Nothing);
                continue;
            };
            let Some(cut) = cut(split.test, ensemble.cells) else {
                let set = codes.ask(ensemble, split.feature, split.test, split.missing);
                asks.push(Ask::Set(set.ok_or(CompileError::Categories)?));
                continue;
            };
            let (kind, side) = parts(split.missing);
            let high = kind != Kind::NanIsZero && side == Side::No;
            // A source has a split of its own, and those are numbered in 32 bits.
            let next = u32::try_from(sources.len()).map_err(|_| CompileError::Nodes)?;
            let source = *source_of.at(split.feature, kind).get_or_insert_with(|| {
                sources.push(Source {
                    feature: split.feature,
                    kind,
                    low: false,
                    high: false,
                    cuts: Vec::new(),
                });
                next
            });
            let found = &mut sources[source as usize];
            found.high |= high;
            found.low |= !high;
            if ranks {
                found.cuts.push(cut);
            }
            asks.push(Ask::Number {
                source,
                high,
                cut,
                rank: 0,
            });
        }
        for source in sources.iter_mut().filter(|_| ranks) {
            if source.high {
                source.cuts.push(u64::from(MISSING));
            }
            source.cuts.sort_unstable();
            source.cuts.dedup();
            source.cuts.shrink_to_fit();
        }
        // Neighbours in a row are read one after the other.
        let mut order: Vec<u32> = (0..).take(sources.len()).collect();
        order.sort_by_key(|&at| (sources[at as usize].feature, sources[at as usize].kind));
        let mut place = vec![0; order.len()];
        for (&from, to) in order.iter().zip(0..) {
            place[from as usize] = to;
        }
        sources.sort_by_key(|source| (source.feature, source.kind));
        for ask in &mut asks {
            if let Ask::Number {
                source, cut, rank, ..
            } = ask
            {
                *source = place[*source as usize];
                let cuts = &sources[*source as usize].cuts;
                let below = cuts.partition_point(|below| below < cut);
                *rank = u32::try_from(below).map_err(|_| CompileError::Nodes)?;
            }
        }
        Ok(Self {
            sources,
            codes: codes.finish(ensemble)?,
            asks,
        })
    }
}
