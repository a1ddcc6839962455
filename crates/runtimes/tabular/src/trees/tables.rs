//! Sorted cuts, laid out so that the rank of a word among them is found by comparing sixteen at
//! once: first with sixteen pivots, then with the sixteen cuts between two of them.
//!
//! Only the upper 32 bits of a cut are compared; words of 64 bits that are equal to a cut's there
//! are looked at again.

use super::order::Cell;
use super::simd::Lanes;

/// Cuts that are compared at once.
pub(super) const BLOCK: usize = 16;

/// Cuts under one block of pivots.
const CHUNK: usize = BLOCK * BLOCK;

/// Cuts of several columns.
#[derive(Debug)]
pub(super) struct Tables<C: Cell> {
    /// Blocks of pivots and cuts, as the vectors compare them: signed.
    blocks: Vec<[i32; BLOCK]>,
    /// The largest cut under each block of pivots.
    tops: Vec<i32>,
    /// The whole cuts; none where the blocks hold all of them.
    whole: Vec<C::Word>,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    block: usize,
    top: usize,
    whole: usize,
    count: usize,
}

/// The cuts of one column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    /// For every 256 cuts: a block of pivots, then the blocks of cuts. One block alone has no
    /// pivots.
    blocks: &'a [[i32; BLOCK]],
    /// The largest cut of every 256 but the last.
    tops: &'a [i32],
}

impl<C: Cell> Tables<C> {
    /// Lays out the cuts of each column, which are sorted and all unlike.
    pub(super) fn new(columns: &[Vec<u64>]) -> Self {
        let mut tables = Self {
            blocks: Vec::new(),
            tops: Vec::new(),
            whole: Vec::new(),
            places: Vec::with_capacity(columns.len()),
        };
        for cuts in columns {
            let place = Place {
                block: tables.blocks.len(),
                top: tables.tops.len(),
                whole: tables.whole.len(),
                count: cuts.len(),
            };
            tables.places.push(place);
            let short: Vec<i32> = cuts
                .iter()
                .map(|&cut| signed(C::top(C::word(cut))))
                .collect();
            let mut chunks = short.chunks(CHUNK).peekable();
            while let Some(chunk) = chunks.next() {
                tables.chunk(chunk);
                if let (Some(&top), Some(_)) = (chunk.last(), chunks.peek()) {
                    tables.tops.push(top);
                }
            }
            if !C::WHOLE {
                tables.whole.extend(cuts.iter().map(|&cut| C::word(cut)));
            }
        }
        tables
    }

    fn chunk(&mut self, cuts: &[i32]) {
        // No word is above the largest, so what fills up a block is never counted.
        let full = |cuts: &mut dyn Iterator<Item = i32>| {
            let mut block = [i32::MAX; BLOCK];
            block.iter_mut().zip(cuts).for_each(|(to, cut)| *to = cut);
            block
        };
        let blocks = cuts.chunks(BLOCK);
        let before_last = blocks.len().saturating_sub(1);
        if before_last > 0 {
            let mut lasts = blocks
                .clone()
                .take(before_last)
                .filter_map(|block| block.last().copied());
            self.blocks.push(full(&mut lasts));
        }
        for block in blocks {
            self.blocks.push(full(&mut block.iter().copied()));
        }
    }

    /// The cuts of a column.
    pub(super) fn get(&self, column: usize) -> Table<'_> {
        let next = self.places.get(column + 1);
        let place = self.places[column];
        Table {
            blocks: &self.blocks[place.block..next.map_or(self.blocks.len(), |next| next.block)],
            tops: &self.tops[place.top..next.map_or(self.tops.len(), |next| next.top)],
        }
    }

    /// The rank of `word` among the cuts of `column`, `rank` of which are below it in the upper
    /// 32 bits.
    #[inline(always)]
    pub(super) fn exact(&self, column: usize, word: C::Word, rank: u32) -> u32 {
        if C::WHOLE {
            return rank;
        }
        let place = self.places[column];
        let cuts = &self.whole[place.whole..place.whole + place.count];
        let rest = cuts.get(rank as usize..).unwrap_or_default();
        match rest.first() {
            Some(&cut) if C::top(cut) == C::top(word) && cut < word => {
                let more = rest.partition_point(|&cut| cut < word);
                rank + u32::try_from(more).unwrap_or(u32::MAX)
            }
            _ => rank,
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        size_of_val(&*self.blocks)
            + size_of_val(&*self.tops)
            + size_of_val(&*self.whole)
            + size_of_val(&*self.places)
    }
}

impl Table<'_> {
    /// How many cuts are below each word, in their upper 32 bits. Loops and no closures: those
    /// would be compiled for no vectors.
    #[inline(always)]
    pub(super) fn ranks<L: Lanes>(&self, lanes: L, words: &[u32], ranks: &mut [u32]) {
        match (self.tops, self.blocks) {
            (_, []) => ranks.fill(0),
            ([], [one]) => {
                for (&word, rank) in words.iter().zip(ranks) {
                    *rank = lanes.count_below(one, signed(word));
                }
            }
            ([], [pivots, cuts @ ..]) => {
                for (&word, rank) in words.iter().zip(ranks) {
                    *rank = within(lanes, pivots, cuts, signed(word));
                }
            }
            (tops, blocks) => {
                for (&word, rank) in words.iter().zip(ranks) {
                    let key = signed(word);
                    let chunk = tops.partition_point(|&top| top < key);
                    // Every chunk but the last has all its blocks.
                    *rank = match blocks.get(chunk * (BLOCK + 1)..).unwrap_or_default() {
                        [] => 0,
                        [one] => lanes.count_below(one, key),
                        [pivots, cuts @ ..] => within(lanes, pivots, cuts, key),
                    };
                    *rank += u32::try_from(chunk * CHUNK).unwrap_or(u32::MAX);
                }
            }
        }
    }
}

/// The rank among the cuts under a block of pivots, of which there is one fewer than blocks.
#[inline(always)]
fn within<L: Lanes>(lanes: L, pivots: &[i32; BLOCK], cuts: &[[i32; BLOCK]], key: i32) -> u32 {
    let block = lanes.count_below(pivots, key);
    let below = match cuts.get(block as usize) {
        Some(cuts) => lanes.count_below(cuts, key),
        None => 0,
    };
    block * BLOCK as u32 + below
}

/// A word as it is compared: the order of unsigned numbers, in signed ones.
#[inline(always)]
fn signed(word: u32) -> i32 {
    (word ^ 1 << 31).cast_signed()
}
