//! `TreeEnsembleClassifier` of three and more classes: each tree's leaf adds to some classes.
//!
//! The engine's own looks through all leaves for each one, and takes a class that no tree spoke
//! of for one with the score 0 when it looks for the highest; here such a class is not chosen.

use super::Refused;
use super::classifier::{Classifier, Kernel, Transform};
use std::collections::HashMap;
use std::sync::Arc;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Reads a node that has passed the check of trees, so that children and leaves are there and
/// every walk ends.
pub(super) fn build(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let labels: Vec<i64> = node.get_attr_vec("classlabels_int64s")?;
    let trees = Trees::read(node, labels.len())?;
    Ok((
        expand(Classifier {
            kernel: Arc::new(trees),
            columns: labels.len(),
            labels: labels.into(),
        }),
        Vec::new(),
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Less,
    LessOrEqual,
    Greater,
    Equal,
}

#[derive(Debug)]
enum Node {
    Branch {
        feature: usize,
        test: Test,
        value: f32,
        /// Whether a missing value goes to the true side.
        missing: bool,
        on_true: usize,
        on_false: usize,
    },
    /// What the votes in this range add.
    Leaf(std::ops::Range<usize>),
}

#[derive(Debug)]
struct Trees {
    roots: Vec<usize>,
    nodes: Vec<Node>,
    /// Class and weight.
    votes: Vec<(usize, f32)>,
    /// One a class, or none.
    base: Vec<f32>,
    transform: Transform,
    /// One more than the largest feature that a branch reads.
    features: usize,
}

impl Trees {
    fn read(node: &NodeProto, classes: usize) -> TractResult<Self> {
        let ints = |name: &str| node.get_attr_vec::<i64>(name);
        let (tree_ids, node_ids) = (ints("nodes_treeids")?, ints("nodes_nodeids")?);
        let (on_true, on_false) = (ints("nodes_truenodeids")?, ints("nodes_falsenodeids")?);
        let features = ints("nodes_featureids")?;
        let values: Vec<f32> = node.get_attr_vec("nodes_values")?;
        let modes: Vec<&str> = node.get_attr_vec("nodes_modes")?;
        let missing = node
            .get_attr_opt_vec::<i64>("nodes_missing_value_tracks_true")?
            .unwrap_or_default();

        let ids = || tree_ids.iter().copied().zip(node_ids.iter().copied());
        let places: HashMap<(i64, i64), usize> =
            ids().enumerate().map(|(at, id)| (id, at)).collect();
        let place = |tree, node| {
            places
                .get(&(tree, node))
                .copied()
                .context("a node that is not there")
        };
        let (ranges, votes) = read_votes(node, &places, classes)?;
        let mut nodes = Vec::with_capacity(node_ids.len());
        let mut most = 0;
        for (at, (tree, _)) in ids().enumerate() {
            let test = match modes[at] {
                "LEAF" => {
                    nodes.push(Node::Leaf(ranges.get(&at).cloned().unwrap_or(0..0)));
                    continue;
                }
                "BRANCH_LT" => Test::Less,
                "BRANCH_LEQ" => Test::LessOrEqual,
                "BRANCH_GT" => Test::Greater,
                "BRANCH_EQ" => Test::Equal,
                other => bail!("the mode {other}"),
            };
            let feature = usize::try_from(features[at])?;
            most = most.max(feature + 1);
            nodes.push(Node::Branch {
                feature,
                test,
                value: values[at],
                missing: missing.get(at).is_some_and(|flag| *flag != 0),
                on_true: place(tree, on_true[at])?,
                on_false: place(tree, on_false[at])?,
            });
        }
        let begins = |at: &usize| *at == 0 || tree_ids[*at] != tree_ids[*at - 1];
        Ok(Self {
            roots: (0..tree_ids.len()).filter(begins).collect(),
            nodes,
            votes,
            base: node.get_attr_opt_vec("base_values")?.unwrap_or_default(),
            transform: Transform::of(node.get_attr_opt("post_transform")?)?,
            features: most,
        })
    }

    fn leaf(&self, root: usize, features: &[f32]) -> std::ops::Range<usize> {
        let mut at = root;
        loop {
            match &self.nodes[at] {
                Node::Leaf(votes) => return votes.clone(),
                Node::Branch {
                    feature,
                    test,
                    value,
                    missing,
                    on_true,
                    on_false,
                } => {
                    let x = features[*feature];
                    let holds = match test {
                        Test::Less => x < *value,
                        Test::LessOrEqual => x <= *value,
                        Test::Greater => x > *value,
                        Test::Equal => x == *value,
                    };
                    let holds = holds || (*missing && x.is_nan());
                    at = if holds { *on_true } else { *on_false };
                }
            }
        }
    }
}

/// The votes of each leaf, by its place in the list of nodes, in the order of the file.
#[expect(clippy::type_complexity, reason = "two lists that are used once")]
fn read_votes(
    node: &NodeProto,
    places: &HashMap<(i64, i64), usize>,
    classes: usize,
) -> TractResult<(HashMap<usize, std::ops::Range<usize>>, Vec<(usize, f32)>)> {
    let ints = |name: &str| node.get_attr_vec::<i64>(name);
    let weights: Vec<f32> = node.get_attr_vec("class_weights")?;
    let (trees, nodes) = (ints("class_treeids")?, ints("class_nodeids")?);
    let mut sorted = Vec::with_capacity(weights.len());
    for (at, class) in ints("class_ids")?.into_iter().enumerate() {
        let leaf = *places
            .get(&(trees[at], nodes[at]))
            .context("a leaf that is not there")?;
        let class = usize::try_from(class)?;
        ensure!(class < classes, "a class that is not there");
        sorted.push((leaf, class, weights[at]));
    }
    sorted.sort_by_key(|(leaf, _, _)| *leaf);
    let mut ranges: HashMap<usize, std::ops::Range<usize>> = HashMap::new();
    for (at, (leaf, _, _)) in sorted.iter().enumerate() {
        ranges.entry(*leaf).or_insert(at..at).end = at + 1;
    }
    let votes = sorted.into_iter().map(|(_, class, weight)| (class, weight));
    Ok((ranges, votes.collect()))
}

impl Kernel for Trees {
    fn features(&self) -> usize {
        self.features
    }

    fn ignores_more(&self) -> bool {
        true
    }

    fn score(&self, features: &[f32], scores: &mut [f32]) -> Result<usize, Refused> {
        // Few enough classes as a rule to cost nothing.
        let mut voted = vec![!self.base.is_empty(); scores.len()];
        for &root in &self.roots {
            for &(class, weight) in &self.votes[self.leaf(root, features)] {
                scores[class] += weight;
                voted[class] = true;
            }
        }
        for (score, base) in scores.iter_mut().zip(&self.base) {
            *score += base;
        }
        let mut best: Option<usize> = None;
        for (class, score) in scores.iter().enumerate() {
            if voted[class] && best.is_none_or(|best| *score > scores[best]) {
                best = Some(class);
            }
        }
        self.transform.apply(scores);
        best.ok_or_else(|| Refused("no tree speaks of any class".to_owned()))
    }
}
