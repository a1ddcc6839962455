//! From the leaves of an ensemble to what they add.

use super::super::CompileError;
use super::super::sum::Sum;
use super::super::tree::trees;
use super::{Function, Kind, Run, Runs};
use flowgate_core::program::{Ensemble, Leaf, TreeNode};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The sum that all leaves of each tree add to, where each adds no more than one number.
pub(super) fn one_each(ensemble: &Ensemble) -> Option<Vec<u32>> {
    let mut outputs = Vec::with_capacity(ensemble.roots.len());
    for tree in trees(ensemble) {
        let mut found = None;
        for leaf in leaves(&ensemble.nodes[tree]) {
            if leaf.count > 1 || leaf.linear.is_some() {
                return None;
            }
            if leaf.count == 1 {
                let output = ensemble.weights[leaf.first as usize].output;
                if *found.get_or_insert(output) != output {
                    return None;
                }
            }
        }
        outputs.push(found.unwrap_or_default());
    }
    // A tree of empty leaves adds nothing to the first sum, which has to be there.
    (ensemble.outputs > 0).then_some(outputs)
}

fn leaves(nodes: &[TreeNode]) -> impl Iterator<Item = &Leaf> {
    nodes.iter().filter_map(|node| match node {
        TreeNode::Leaf(leaf) => Some(leaf),
        TreeNode::Split(_) => None,
    })
}

/// Whether many leaves add the same, as the first of them tell: boosted trees have as many numbers
/// as leaves, and looking each of them up is most of what reading them costs.
fn repeats(ensemble: &Ensemble) -> bool {
    const FIRST: usize = 1024;
    let mut unlike = HashSet::new();
    let mut all = 0;
    for leaf in leaves(&ensemble.nodes).take(FIRST) {
        let weight = ensemble.weights.get(leaf.first as usize);
        unlike.insert(weight.map(|weight| weight.value.to_bits()));
        all += 1;
    }
    2 * unlike.len() <= all
}

pub(super) fn read_one<S: Sum>(
    ensemble: &Ensemble,
    outputs: Vec<u32>,
) -> Result<(Kind<S>, Vec<u32>), CompileError> {
    let outputs = (ensemble.outputs > 1).then_some(outputs);
    let value = |leaf: &Leaf| match leaf.count {
        0 => S::NOTHING,
        _ => S::of(ensemble.weights[leaf.first as usize].value),
    };
    // Where payloads hold what is added.
    let inside = ensemble.nodes.iter().map(|node| match node {
        TreeNode::Leaf(leaf) => value(leaf).inside(),
        TreeNode::Split(_) => Some(0),
    });
    if let Some(payloads) = inside.collect() {
        let values = Vec::new();
        return Ok((Kind::One { values, outputs }, payloads));
    }
    let number = |place: usize| u32::try_from(place).map_err(|_| CompileError::Leaves);
    if !repeats(ensemble) {
        // In the order that they have, and one more for leaves that add nothing.
        let weights = ensemble.weights.iter().map(|weight| S::of(weight.value));
        let values: Vec<S> = weights.chain([S::NOTHING]).collect();
        let nothing = number(ensemble.weights.len())?;
        let payloads = ensemble.nodes.iter().map(|node| match node {
            TreeNode::Leaf(leaf) if leaf.count == 0 => nothing,
            TreeNode::Leaf(leaf) => leaf.first,
            TreeNode::Split(_) => 0,
        });
        let payloads = payloads.collect();
        return Ok((Kind::One { values, outputs }, payloads));
    }
    let mut values = Vec::new();
    let mut place_of = HashMap::new();
    let mut payloads = Vec::with_capacity(ensemble.nodes.len());
    for node in &ensemble.nodes {
        let TreeNode::Leaf(leaf) = node else {
            payloads.push(0);
            continue;
        };
        let next = number(values.len())?;
        let value = value(leaf);
        payloads.push(*place_of.entry(value.bits()).or_insert_with(|| {
            values.push(value);
            next
        }));
    }
    values.shrink_to_fit();
    Ok((Kind::One { values, outputs }, payloads))
}

pub(super) fn read_more<S: Sum>(ensemble: &Ensemble) -> Result<(Kind<S>, Vec<u32>), CompileError> {
    let mut runs = Runs {
        runs: Vec::new(),
        weights: Vec::new(),
        linear: Vec::new(),
        terms: Vec::new(),
    };
    for linear in &ensemble.linear {
        let first = runs.terms.len();
        runs.terms.extend(&linear.terms);
        runs.linear.push(Function {
            output: linear.output,
            constant: linear.constant,
            terms: range(first, runs.terms.len())?,
        });
    }
    let mut run_of: HashMap<Box<[u64]>, u32> = HashMap::new();
    let mut payloads = Vec::with_capacity(ensemble.nodes.len());
    let mut key = Vec::new();
    for node in &ensemble.nodes {
        let TreeNode::Leaf(leaf) = node else {
            payloads.push(0);
            continue;
        };
        let weights = &ensemble.weights[leaf.first as usize..][..leaf.count as usize];
        key.clear();
        key.push(leaf.linear.map_or(0, |linear| u64::from(linear) + 1));
        for weight in weights {
            key.extend([u64::from(weight.output), S::of(weight.value).bits()]);
        }
        if let Some(&run) = run_of.get(&*key) {
            payloads.push(run);
            continue;
        }
        let run = u32::try_from(runs.runs.len()).map_err(|_| CompileError::Leaves)?;
        let first = runs.weights.len();
        let weights = weights
            .iter()
            .map(|weight| (weight.output, S::of(weight.value)));
        runs.weights.extend(weights);
        runs.runs.push(Run {
            weights: range(first, runs.weights.len())?,
            linear: leaf.linear,
        });
        run_of.insert(key.as_slice().into(), run);
        payloads.push(run);
    }
    let Some(values) = every(ensemble, &runs) else {
        return Ok((Kind::Some(runs), payloads));
    };
    let width = u32::try_from(ensemble.outputs).map_err(|_| CompileError::Leaves)?;
    for (payload, node) in payloads.iter_mut().zip(&ensemble.nodes) {
        if matches!(node, TreeNode::Leaf(_)) {
            *payload = payload.checked_mul(width).ok_or(CompileError::Leaves)?;
        }
    }
    Ok((Kind::Every { values }, payloads))
}

/// The same leaves with a number for every sum, where no leaf adds twice to one or is a function,
/// and that takes no more than a share of the memory.
fn every<S: Sum>(ensemble: &Ensemble, runs: &Runs<S>) -> Option<Vec<S>> {
    let outputs = ensemble.outputs;
    let size = runs.runs.len().checked_mul(outputs)?;
    let sparse = outputs > 8 && size > 4 * runs.weights.len();
    if sparse || outputs == 0 || !runs.linear.is_empty() {
        return None;
    }
    let mut values = vec![S::NOTHING; size];
    let mut seen = HashSet::new();
    for (run, values) in runs.runs.iter().zip(values.chunks_exact_mut(outputs)) {
        seen.clear();
        let weights = &runs.weights[run.weights.start as usize..run.weights.end as usize];
        for &(output, value) in weights {
            if !seen.insert(output) {
                return None;
            }
            values[output as usize] = value;
        }
    }
    Some(values)
}

fn range(start: usize, end: usize) -> Result<Range<u32>, CompileError> {
    let number = |at| u32::try_from(at).map_err(|_| CompileError::Leaves);
    Ok(number(start)?..number(end)?)
}
