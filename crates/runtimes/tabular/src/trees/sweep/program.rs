//! The steps of the sweep: which nodes go together, and in what order.
//!
//! Three nodes that are a parent and its two children cost less than three alone. The steps of a
//! tree are nodes alone at the top, then triples, then nodes alone at the bottom, so that there
//! are three loops for a tree and no choice in them; which nodes are what is the cheapest way to
//! cover the tree in that order.

use super::super::columns::Ask;
use super::super::tree::Nodes;
use super::Bound;
use super::kernel::{Program, SetStep, Single, Span, Triple};

/// The most leaves of a tree: positions are octets.
pub(super) const MOST_LEAVES: usize = 256;

/// What a node alone costs, and a triple: from measurements with AVX2 (see [`super::super::rule`]).
const SINGLE: u32 = 19;
const TRIPLE: u32 = 44;

/// Makes the steps of one tree after the other; keeps its lists between them.
#[derive(Debug, Default)]
pub(super) struct Builder {
    /// All steps.
    pub(super) program: Program,
    /// The most columns that the sets of a tree make.
    pub(super) set_columns: usize,
    /// For each node, the cost of its subtree as nodes alone, with triples from here on, and in
    /// any way.
    costs: Vec<[u32; 3]>,
    /// The leaves of each subtree.
    leaves: Vec<u32>,
    todo: Vec<(usize, u32, Part)>,
    bottom: Vec<Single>,
    made: Vec<u32>,
}

/// What may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Top,
    Triples,
    Bottom,
}

/// A tree of an ensemble.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree<'a> {
    /// Its nodes.
    pub(super) nodes: Nodes<'a>,
    /// What they ask.
    pub(super) asks: &'a [Ask],
}

impl Tree<'_> {
    /// The four subtrees below a node whose children are no leaves.
    fn grandchildren(&self, node: usize) -> Option<([usize; 2], [usize; 4])> {
        let pair = self.nodes.children(node)?;
        let [[a, b], [c, d]] = [self.nodes.children(pair[0])?, self.nodes.children(pair[1])?];
        Some((pair, [a, b, c, d]))
    }
}

impl Builder {
    /// Makes the steps of a tree. `bound` is what a number's node compares; `code` and `column`
    /// are the first column of a set's code, and the first that sets can make. `leaf` is told of
    /// every leaf, from left to right in its numbers. None when a number is too large.
    pub(super) fn tree(
        &mut self,
        tree: Tree<'_>,
        bound: impl Fn(Ask) -> Option<Bound>,
        code: impl Fn(u32) -> Option<u16>,
        column: usize,
        mut leaf: impl FnMut(u32, usize),
    ) -> Option<Span> {
        self.measure(tree);
        if self
            .leaves
            .first()
            .is_none_or(|&leaves| leaves as usize > MOST_LEAVES)
        {
            return None;
        }
        let set = self.program.sets.len();
        let single = self.program.singles.len();
        let triple = self.program.triples.len();
        self.made.clear();
        self.bottom.clear();
        self.todo.clear();
        self.todo.push((0, 0, Part::Top));
        while let Some((node, first, part)) = self.todo.pop() {
            let Some(pair) = tree.nodes.children(node) else {
                leaf(first, node);
                continue;
            };
            let [alone, triples, any] = self.costs[node];
            let ask = |builder: &mut Self, node: usize| match tree.asks[node] {
                Ask::Set(set) => builder.set(set, &code, column),
                ask => bound(ask),
            };
            let part = match part {
                Part::Top if any == triples => Part::Triples,
                part => part,
            };
            match part {
                Part::Triples if triples < alone => {
                    let ([left, right], below) = tree.grandchildren(node)?;
                    let asked = [ask(self, node)?, ask(self, left)?, ask(self, right)?];
                    let firsts = self.firsts(first, below);
                    self.program.triples.push(Triple {
                        columns: asked.map(|bound| bound.column),
                        bounds: asked.map(|bound| bound.bound),
                        to: firsts.map(octet),
                    });
                    for (node, first) in below.into_iter().zip(firsts) {
                        self.todo.push((node, first, Part::Triples));
                    }
                }
                part => {
                    let asked = ask(self, node)?;
                    let firsts = self.firsts(first, pair);
                    let step = Single {
                        column: asked.column,
                        bound: asked.bound,
                        from: octet(first),
                        to: octet(firsts[1]),
                    };
                    let part = match part {
                        Part::Top => {
                            self.program.singles.push(step);
                            Part::Top
                        }
                        Part::Triples | Part::Bottom => {
                            self.bottom.push(step);
                            Part::Bottom
                        }
                    };
                    for (node, first) in pair.into_iter().zip(firsts) {
                        self.todo.push((node, first, part));
                    }
                }
            }
        }
        let number = |at: usize| u32::try_from(at).ok();
        let top = self.program.singles.len() - single;
        self.program.singles.extend(&self.bottom);
        Some(Span {
            set: number(set)?,
            sets: number(self.program.sets.len() - set)?,
            single: number(single)?,
            top: number(top)?,
            bottom: number(self.bottom.len())?,
            triple: number(triple)?,
            triples: number(self.program.triples.len() - triple)?,
        })
    }

    /// The first leaves of subtrees that lie side by side.
    fn firsts<const N: usize>(&self, first: u32, subtrees: [usize; N]) -> [u32; N] {
        let mut next = first;
        subtrees.map(|subtree| {
            let first = next;
            next += self.leaves[subtree];
            first
        })
    }

    /// The column that holds whether a row is in a set; it is made once for the tree.
    fn set(
        &mut self,
        set: u32,
        code: &impl Fn(u32) -> Option<u16>,
        column: usize,
    ) -> Option<Bound> {
        let at = self.made.iter().position(|&made| made == set);
        let to = u16::try_from(column + at.unwrap_or(self.made.len())).ok()?;
        if at.is_none() {
            self.made.push(set);
            self.set_columns = self.set_columns.max(self.made.len());
            self.program.sets.push(SetStep {
                from: code(set)?,
                to,
                bits: set,
            });
        }
        // -1 for a member, which goes left, else 0.
        Some(Bound {
            column: to,
            bound: 0,
        })
    }

    fn measure(&mut self, tree: Tree<'_>) {
        let count = tree.nodes.len();
        self.costs.clear();
        self.costs.resize(count, [0; 3]);
        self.leaves.clear();
        self.leaves.resize(count, 1);
        // A child comes after its parent.
        for node in (0..count).rev() {
            let Some(pair) = tree.nodes.children(node) else {
                continue;
            };
            let sum = |of: usize, nodes: &[usize]| {
                let costs = nodes.iter().map(|&node| self.costs[node][of]);
                costs.fold(0, u32::saturating_add)
            };
            let alone = sum(0, &pair).saturating_add(SINGLE);
            let triples = tree.grandchildren(node).map_or(alone, |(_, below)| {
                sum(1, &below).saturating_add(TRIPLE).min(alone)
            });
            let any = sum(2, &pair).saturating_add(SINGLE).min(triples);
            self.costs[node] = [alone, triples, any];
            self.leaves[node] = self.leaves[pair[0]] + self.leaves[pair[1]];
        }
    }
}

/// The name of a leaf, of which there are no more than an octet has values.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are no more than 256"
)]
fn octet(leaf: u32) -> i8 {
    (leaf as u8).cast_signed()
}
