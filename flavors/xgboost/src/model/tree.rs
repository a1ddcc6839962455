//! One tree, as the file has it: parallel lists with an entry for every node.

use super::param;
use crate::source::{Read, ReadError, Source};

/// A tree. All lists of nodes are of one length, but nothing is known yet of what is in them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tree {
    /// The node on the left; -1 where there is none.
    pub(crate) left: Vec<i32>,
    /// The node on the right; in a leaf of a tree with vectors, the place of its vector.
    pub(crate) right: Vec<i32>,
    /// The feature that a node looks at.
    pub(crate) feature: Vec<i64>,
    /// The threshold, or the value of a leaf.
    pub(crate) condition: Vec<f32>,
    /// Whether a missing value goes to the left.
    pub(crate) default_left: Vec<bool>,
    /// Nodes that ask for categories, in ascending order; a node's set is at the same place.
    pub(crate) set_nodes: Vec<usize>,
    /// Categories that go to the right.
    pub(crate) sets: Vec<Vec<u32>>,
    /// Vectors of leaves, where the leaves hold more than one number.
    pub(crate) vectors: Option<Vectors>,
}

/// What the leaves of a tree hold where it is more than one number each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vectors {
    /// Numbers of a vector.
    pub(crate) size: usize,
    /// The numbers, vector by vector.
    pub(crate) values: Vec<f32>,
    /// Whether a leaf's vector is at the place of its node, as up to XGBoost 3.1; else the node on
    /// the right names it.
    pub(crate) by_node: bool,
}

/// What the file holds, part by part.
#[derive(Debug, Default)]
struct Parts {
    id: Option<i64>,
    left: Option<Vec<i32>>,
    right: Option<Vec<i32>>,
    feature: Option<Vec<i64>>,
    condition: Option<Vec<f32>>,
    default_left: Option<Vec<u8>>,
    split_type: Option<Vec<u8>>,
    categories: Option<Vec<i64>>,
    set_nodes: Option<Vec<usize>>,
    set_starts: Option<Vec<usize>>,
    set_sizes: Option<Vec<usize>>,
    leaf_weights: Option<Vec<f32>>,
    param: Option<Param>,
}

/// `tree_param`.
#[derive(Debug, Clone, Copy, Default)]
struct Param {
    nodes: Option<usize>,
    vector: Option<usize>,
}

/// A tree, and the place that it names as its own.
pub(super) fn read<S: Source>(source: &mut S) -> Read<(Option<i64>, Tree)> {
    let mut parts = Parts::default();
    let mut base_weights = None;
    source.object(|source, key| match key {
        "id" => source.keep(&mut parts.id, S::whole),
        "left_children" => source.keep(&mut parts.left, S::wholes),
        "right_children" => source.keep(&mut parts.right, S::wholes),
        "split_indices" => source.keep(&mut parts.feature, S::wholes),
        "split_conditions" => source.keep(&mut parts.condition, S::floats),
        "default_left" => source.keep(&mut parts.default_left, S::wholes),
        "split_type" => source.keep(&mut parts.split_type, S::wholes),
        "categories" => source.keep(&mut parts.categories, S::wholes),
        "categories_nodes" => source.keep(&mut parts.set_nodes, S::wholes),
        "categories_segments" => source.keep(&mut parts.set_starts, S::wholes),
        "categories_sizes" => source.keep(&mut parts.set_sizes, S::wholes),
        "leaf_weights" => source.keep(&mut parts.leaf_weights, S::floats),
        "tree_param" => source.keep(&mut parts.param, tree_param),
        // Most trees do not need them, so that they are read when it turns out.
        "base_weights" => source.keep(&mut base_weights, |source| {
            let mark = source.mark();
            source.skip()?;
            Ok(mark)
        }),
        _ => source.skip(),
    })?;
    let vector = parts.param.unwrap_or_default().vector.unwrap_or(1);
    let vectors = match (vector, parts.leaf_weights.take()) {
        (0 | 1, _) => None,
        (size, Some(values)) => Some(Vectors {
            size,
            values,
            by_node: false,
        }),
        (size, None) => {
            let mark = base_weights.ok_or_else(|| ReadError::missing("leaf_weights"))?;
            let here = source.mark();
            source.rewind(mark);
            let values = source
                .floats()
                .map_err(|error| error.under("base_weights"))?;
            source.rewind(here);
            Some(Vectors {
                size,
                values,
                by_node: true,
            })
        }
    };
    Ok((parts.id, parts.tree(vectors)?))
}

fn tree_param<S: Source>(source: &mut S) -> Read<Param> {
    let mut param = Param::default();
    source.object(|source, key| match key {
        "num_nodes" => source.keep(&mut param.nodes, param::number),
        "size_leaf_vector" => source.keep(&mut param.vector, param::number),
        _ => source.skip(),
    })?;
    Ok(param)
}

impl Parts {
    fn tree(mut self, vectors: Option<Vectors>) -> Read<Tree> {
        let (set_nodes, sets) = self.sets()?;
        let missing = ReadError::missing;
        let default_left = self.default_left.ok_or_else(|| missing("default_left"))?;
        let tree = Tree {
            left: self.left.ok_or_else(|| missing("left_children"))?,
            right: self.right.ok_or_else(|| missing("right_children"))?,
            feature: self.feature.ok_or_else(|| missing("split_indices"))?,
            condition: self.condition.ok_or_else(|| missing("split_conditions"))?,
            default_left: default_left.iter().map(|flag| *flag == 1).collect(),
            set_nodes,
            sets,
            vectors,
        };
        let nodes = tree.left.len();
        if nodes == 0 {
            return Err(ReadError::new("the tree has no node"));
        }
        let announced = self.param.and_then(|param| param.nodes);
        for (key, length) in [
            ("right_children", tree.right.len()),
            ("split_indices", tree.feature.len()),
            ("split_conditions", tree.condition.len()),
            ("default_left", tree.default_left.len()),
            ("tree_param.num_nodes", announced.unwrap_or(nodes)),
            (
                "split_type",
                self.split_type.as_ref().map_or(nodes, Vec::len),
            ),
        ] {
            if length != nodes {
                let what = format!("{length} nodes, `left_children` has {nodes}");
                return Err(ReadError::new(what).under(key));
            }
        }
        Ok(tree)
    }

    /// The nodes that ask for categories, and their sets.
    fn sets(&mut self) -> Read<(Vec<usize>, Vec<Vec<u32>>)> {
        let nodes = self.set_nodes.take().unwrap_or_default();
        let starts = self.set_starts.take().unwrap_or_default();
        let sizes = self.set_sizes.take().unwrap_or_default();
        let categories = self.categories.take().unwrap_or_default();
        let split_type = self.split_type.as_deref().unwrap_or_default();
        // Whether a node asks for categories, its type says alone.
        let asks: Vec<usize> = split_type
            .iter()
            .enumerate()
            .filter_map(|(node, kind)| (*kind == 1).then_some(node))
            .collect();
        if asks != nodes || starts.len() != nodes.len() || sizes.len() != nodes.len() {
            let what = "not a set of categories for every node that asks for one";
            return Err(ReadError::new(what).under("categories_nodes"));
        }
        // Every category belongs to one node, so that all sets together are no larger than the
        // list that they are cut out of.
        let mut left = categories.len();
        let mut sets = Vec::with_capacity(nodes.len());
        for (at, (&start, &size)) in starts.iter().zip(&sizes).enumerate() {
            let bad = |what| ReadError::new(what).item(at).under("categories_sizes");
            left = left
                .checked_sub(size)
                .ok_or_else(|| bad("more categories than there are"))?;
            let set = start
                .checked_add(size)
                .and_then(|end| categories.get(start..end));
            let set = set.ok_or_else(|| bad("categories that are not there"))?;
            sets.push(set_of(set).ok_or_else(|| bad("a category below 0, or none"))?);
        }
        Ok((nodes, sets))
    }
}

/// Categories are told apart up to here: an `f32` holds all whole numbers below.
const CATEGORIES: i64 = 1 << 24;

/// The categories in order, each once; those that no cell can be are left out.
fn set_of(categories: &[i64]) -> Option<Vec<u32>> {
    let mut set = Vec::with_capacity(categories.len());
    for &category in categories {
        match u32::try_from(category) {
            Ok(member) if category < CATEGORIES => set.push(member),
            Ok(_) => {}
            Err(_) if category >= CATEGORIES => {}
            Err(_) => return None,
        }
    }
    set.sort_unstable();
    set.dedup();
    (!categories.is_empty()).then_some(set)
}
