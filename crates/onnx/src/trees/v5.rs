//! `TreeEnsemble` (`ai.onnx.ml` 5): branches and leaves in lists of their own, trees told by their
//! roots, sets of members.

use super::floats::Floats;
use super::forest::{Branch, Comparison, Forest, ForestNode, Side, Vote, enter, fault};
use super::summary::{classes, ints, same, targets, word};
use super::{Aggregate, PostTransform, TreeFault};
use crate::error::OnnxError;
use crate::node::Node;
use crate::tensor::TensorData;

/// The lists of branches; all have one length, but `missing`, which may be empty.
struct Lists<'a> {
    features: &'a [i64],
    modes: Vec<u8>,
    splits: Floats<'a>,
    missing: &'a [i64],
    on_true: Ways<'a>,
    on_false: Ways<'a>,
}

/// Where branches lead: the place of a leaf or of a branch.
struct Ways<'a> {
    leaf: &'a [i64],
    place: &'a [i64],
}

/// `nodes_modes` of a branch on a set.
const MEMBER: u8 = 6;

pub(super) fn read(node: Node<'_>) -> Result<Forest, OnnxError> {
    let lists = Lists::of(node)?;
    let leaves = ints(node, "leaf_targetids")?;
    let weights = floats(node, "leaf_weights")?;
    same(node, "leaf_weights", weights.len(), leaves.len())?;
    let known = match targets(node)? {
        Some(known) => known,
        None => return Err(fault(node, TreeFault::Targets { found: 0 })),
    };
    classes(leaves, Some(known)).map_err(|reason| fault(node, reason))?;
    let (sets, set_of) = sets(node, &lists.modes)?;
    let mut growing = Growing {
        node,
        lists: &lists,
        set_of,
        reached: vec![false; lists.features.len()],
        leaves: leaves.len(),
        nodes: Vec::new(),
        features: 0,
    };
    let mut roots = Vec::new();
    for (tree, root) in ints(node, "tree_roots")?.iter().enumerate() {
        roots.push(growing.nodes.len());
        growing.tree(tree, *root)?;
    }
    if roots.is_empty() {
        return Err(fault(node, TreeFault::Empty));
    }
    let votes = leaves.iter().zip(weights.iter());
    let votes = votes.map(|(output, weight)| Vote {
        output: usize::try_from(*output).unwrap_or_default(),
        weight,
    });
    Ok(Forest {
        votes: votes.collect(),
        nodes: growing.nodes,
        roots,
        sets,
        features: growing.features,
        outputs: known,
        base_values: Vec::new(),
        post_transform: post_transform(node)?,
        aggregate: aggregate(node)?,
        labels: None,
        doubles: lists.splits.doubles() || weights.doubles(),
        roots_first: true,
    })
}

impl<'a> Lists<'a> {
    fn of(node: Node<'a>) -> Result<Self, OnnxError> {
        let features = ints(node, "nodes_featureids")?;
        let count = features.len();
        if count == 0 {
            return Err(fault(node, TreeFault::Empty));
        }
        let column = |list: &'static str| {
            let column = ints(node, list)?;
            same(node, list, column.len(), count)?;
            Ok::<_, OnnxError>(column)
        };
        let modes = match node.tensor("nodes_modes")?.map(|tensor| tensor.data()) {
            Some(Ok(TensorData::U8(modes))) => modes,
            Some(Err(error)) => return Err(error),
            Some(Ok(_)) | None => return Err(word(node, "nodes_modes")),
        };
        if modes.iter().any(|mode| *mode > MEMBER) {
            return Err(word(node, "nodes_modes"));
        }
        same(node, "nodes_modes", modes.len(), count)?;
        let splits = floats(node, "nodes_splits")?;
        same(node, "nodes_splits", splits.len(), count)?;
        let missing = ints(node, "nodes_missing_value_tracks_true")?;
        if !missing.is_empty() {
            same(
                node,
                "nodes_missing_value_tracks_true",
                missing.len(),
                count,
            )?;
        }
        Ok(Self {
            features,
            modes,
            splits,
            missing,
            on_true: Ways {
                leaf: column("nodes_trueleafs")?,
                place: column("nodes_truenodeids")?,
            },
            on_false: Ways {
                leaf: column("nodes_falseleafs")?,
                place: column("nodes_falsenodeids")?,
            },
        })
    }
}

/// Where a way leads.
#[derive(Clone, Copy)]
enum Place {
    Branch(usize),
    Leaf(usize),
}

impl Ways<'_> {
    /// Where the way of the branch at `at` leads.
    fn of(&self, at: usize) -> Option<Place> {
        let place = usize::try_from(*self.place.get(at)?).ok()?;
        Some(match self.leaf.get(at)? {
            0 => Place::Branch(place),
            _ => Place::Leaf(place),
        })
    }
}

/// Trees in the making.
struct Growing<'a> {
    node: Node<'a>,
    lists: &'a Lists<'a>,
    /// The set of each branch that asks for one.
    set_of: Vec<usize>,
    /// Which branches are in a tree already.
    reached: Vec<bool>,
    /// How many leaves there are.
    leaves: usize,
    nodes: Vec<ForestNode>,
    features: u64,
}

impl Growing<'_> {
    /// The tree with its root at this place of the lists. No recursion: it may be as deep as it
    /// has branches, each of which is entered once.
    fn tree(&mut self, tree: usize, root: i64) -> Result<(), OnnxError> {
        let tree = i64::try_from(tree).unwrap_or(i64::MAX);
        let no_child = |node, child| TreeFault::NoChild { tree, node, child };
        let Ok(place) = usize::try_from(root) else {
            return Err(fault(self.node, no_child(root, root)));
        };
        let mut stack = vec![(self.lone_leaf(place), None)];
        while let Some((place, parent)) = stack.pop() {
            let at = self.nodes.len();
            enter(&mut self.nodes, parent, at);
            let place = match place {
                Place::Leaf(first) if first < self.leaves => {
                    self.nodes.push(ForestNode::Leaf { first, count: 1 });
                    continue;
                }
                Place::Branch(place) if place < self.reached.len() => place,
                Place::Leaf(child) | Place::Branch(child) => {
                    let child = i64::try_from(child).unwrap_or(i64::MAX);
                    return Err(fault(self.node, no_child(root, child)));
                }
            };
            let id = i64::try_from(place).unwrap_or(i64::MAX);
            match self.reached.get_mut(place) {
                Some(reached) if !*reached => *reached = true,
                _ => return Err(fault(self.node, TreeFault::ReachedTwice { tree, node: id })),
            }
            let branch = self.branch(tree, place)?;
            self.nodes.push(ForestNode::Branch(branch));
            for (ways, side) in [
                (&self.lists.on_false, Side::False),
                (&self.lists.on_true, Side::True),
            ] {
                let Some(child) = ways.of(place) else {
                    return Err(fault(self.node, no_child(id, -1)));
                };
                stack.push((child, Some((at, side))));
            }
        }
        Ok(())
    }

    /// A tree of a leaf alone is written as a branch that leads to it on both sides.
    fn lone_leaf(&self, place: usize) -> Place {
        match (self.lists.on_true.of(place), self.lists.on_false.of(place)) {
            (Some(Place::Leaf(one)), Some(Place::Leaf(two))) if one == two => Place::Leaf(one),
            _ => Place::Branch(place),
        }
    }

    fn branch(&mut self, tree: i64, place: usize) -> Result<Branch, OnnxError> {
        let feature = self.lists.features.get(place).copied().unwrap_or_default();
        let Ok(id) = u64::try_from(feature) else {
            let node = i64::try_from(place).unwrap_or(i64::MAX);
            return Err(fault(
                self.node,
                TreeFault::Feature {
                    tree,
                    node,
                    feature,
                },
            ));
        };
        self.features = self.features.max(id + 1);
        let value = self.lists.splits.at(place);
        let mode = self.lists.modes.get(place).copied().unwrap_or_default();
        let set = self.set_of.get(place).copied().unwrap_or_default();
        Ok(Branch {
            feature: id,
            comparison: match mode {
                0 => Comparison::Leq(value),
                1 => Comparison::Lt(value),
                2 => Comparison::Gte(value),
                3 => Comparison::Gt(value),
                4 => Comparison::Eq(value),
                5 => Comparison::Neq(value),
                _ => Comparison::Member(set),
            },
            missing_true: self.lists.missing.get(place) == Some(&1),
            on_true: 0,
            on_false: 0,
        })
    }
}

/// The sets of members, which lie one after the other with NaN between them, and the place of the
/// set of each branch that asks for one.
fn sets(node: Node<'_>, modes: &[u8]) -> Result<(Vec<Vec<f64>>, Vec<usize>), OnnxError> {
    let members = Floats::tensor(node, "membership_values")?;
    let mut members = members.iter().flat_map(Floats::iter);
    let mut sets = Vec::new();
    let mut set_of = vec![0; modes.len()];
    for (mode, place) in modes.iter().zip(&mut set_of) {
        if *mode != MEMBER {
            continue;
        }
        let set: Vec<f64> = members
            .by_ref()
            .take_while(|member| !member.is_nan())
            .collect();
        if set.is_empty() {
            return Err(word(node, "membership_values"));
        }
        *place = sets.len();
        sets.push(set);
    }
    Ok((sets, set_of))
}

fn floats<'a>(node: Node<'a>, list: &'static str) -> Result<Floats<'a>, OnnxError> {
    let found = Floats::tensor(node, list)?;
    found.ok_or_else(|| {
        let list = list.to_owned();
        fault(node, TreeFault::Floats { list })
    })
}

fn aggregate(node: Node<'_>) -> Result<Aggregate, OnnxError> {
    Ok(match node.int("aggregate_function")? {
        Some(0) => Aggregate::Average,
        None | Some(1) => Aggregate::Sum,
        Some(2) => Aggregate::Min,
        Some(3) => Aggregate::Max,
        Some(_) => return Err(word(node, "aggregate_function")),
    })
}

fn post_transform(node: Node<'_>) -> Result<PostTransform, OnnxError> {
    Ok(match node.int("post_transform")? {
        None | Some(0) => PostTransform::None,
        Some(1) => PostTransform::Softmax,
        Some(2) => PostTransform::Logistic,
        Some(3) => PostTransform::SoftmaxZero,
        Some(4) => PostTransform::Probit,
        Some(_) => return Err(word(node, "post_transform")),
    })
}
