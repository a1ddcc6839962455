//! The key `model` of a booster: trees and what belongs to all of them.

use super::categories::{self, Names, Stored};
use super::param;
use super::tree::{self, Tree};
use crate::source::{Read, ReadError, Source};

/// Trees in their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Forest {
    /// The trees.
    pub(crate) trees: Vec<Tree>,
    /// The output that each tree adds to; trees with vectors in their leaves add to all.
    pub(crate) groups: Vec<u32>,
    /// Where each round begins among the trees, and where the last ends.
    pub(crate) rounds: Vec<usize>,
    /// What the leaves of each tree are multiplied with: `dart`.
    pub(crate) weights: Option<Vec<f32>>,
    /// Names of the categories of each feature; empty where it has none.
    pub(crate) categories: Vec<Option<Names>>,
}

/// What the key holds, part by part; `gblinear` has the last two.
#[derive(Debug, Default)]
pub(super) struct Parts {
    trees: Option<Vec<(Option<i64>, Tree)>>,
    groups: Option<Vec<u32>>,
    rounds: Option<Vec<usize>>,
    param: Option<Param>,
    categories: Option<Vec<Option<Stored>>>,
    weight_drop: Option<Vec<f32>>,
    pub(super) weights: Option<Vec<f32>>,
    pub(super) boosted_rounds: Option<usize>,
}

/// What the parts of a booster are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) version: [u32; 3],
    pub(super) features: usize,
    pub(super) outputs: usize,
}

/// `gbtree_model_param`.
#[derive(Debug, Clone, Copy, Default)]
struct Param {
    trees: Option<usize>,
    parallel: Option<usize>,
}

pub(super) fn read<S: Source>(source: &mut S) -> Read<Parts> {
    let mut parts = Parts::default();
    source.object(|source, key| match key {
        "trees" => source.keep(&mut parts.trees, trees),
        "tree_info" => source.keep(&mut parts.groups, S::wholes),
        "iteration_indptr" => source.keep(&mut parts.rounds, S::wholes),
        "gbtree_model_param" => source.keep(&mut parts.param, model_param),
        "cats" => source.keep(&mut parts.categories, categories::read),
        "weight_drop" => source.keep(&mut parts.weight_drop, S::floats),
        "weights" => source.keep(&mut parts.weights, S::floats),
        "boosted_rounds" => source.keep(&mut parts.boosted_rounds, |source| {
            let rounds = source.whole()?;
            usize::try_from(rounds).map_err(|_| ReadError::new("fewer than no rounds"))
        }),
        _ => source.skip(),
    })?;
    Ok(parts)
}

fn trees<S: Source>(source: &mut S) -> Read<Vec<(Option<i64>, Tree)>> {
    let mut trees = Vec::new();
    source.list(|source| {
        trees.push(tree::read(source)?);
        Ok(())
    })?;
    Ok(trees)
}

fn model_param<S: Source>(source: &mut S) -> Read<Param> {
    let mut param = Param::default();
    source.object(|source, key| match key {
        "num_trees" => source.keep(&mut param.trees, param::number),
        "num_parallel_tree" => source.keep(&mut param.parallel, param::number),
        _ => source.skip(),
    })?;
    Ok(param)
}

impl Parts {
    /// The forest in a model of this `size`, with the weights that stand beside it in older files
    /// of `dart`.
    pub(super) fn forest(self, size: Size, weights_beside: Option<Vec<f32>>) -> Read<Forest> {
        let Size {
            version,
            features,
            outputs,
        } = size;
        let missing = ReadError::missing;
        let trees = in_order(self.trees.ok_or_else(|| missing("trees"))?)?;
        let groups = self.groups.ok_or_else(|| missing("tree_info"))?;
        let param = self.param.unwrap_or_default();
        let count = trees.len();
        for (key, number) in [
            ("num_trees", param.trees.unwrap_or(count)),
            ("tree_info", groups.len()),
        ] {
            if number != count {
                let what = format!("{number} trees are announced, {count} are there");
                return Err(ReadError::new(what).under(key));
            }
        }
        if let Some(at) = groups.iter().position(|group| *group as usize >= outputs) {
            let what = format!("the output is none of {outputs}");
            return Err(ReadError::new(what).item(at).under("tree_info"));
        }
        let rounds = match self.rounds {
            Some(rounds) => checked_rounds(rounds, count)?,
            None => rounds_of(&groups, param.parallel.unwrap_or(1))?,
        };
        let categories = categories::settle(self.categories.unwrap_or_default(), version)?;
        if !categories.is_empty() && categories.len() != features {
            let what = format!("{} entries for {features} features", categories.len());
            return Err(ReadError::new(what).under("enc").under("cats"));
        }
        let mut weights = self.weight_drop.or(weights_beside);
        if let Some(weights) = &mut weights {
            if weights.len() > count {
                let what = format!("{} weights for {count} trees", weights.len());
                return Err(ReadError::new(what).under("weight_drop"));
            }
            weights.resize(count, 1.0);
        }
        Ok(Forest {
            trees,
            groups,
            rounds,
            weights,
            categories,
        })
    }
}

/// The trees by the place that each names as its own.
fn in_order(trees: Vec<(Option<i64>, Tree)>) -> Read<Vec<Tree>> {
    let count = trees.len();
    let mut places: Vec<Option<Tree>> = Vec::new();
    places.resize_with(count, || None);
    for (at, (id, tree)) in trees.into_iter().enumerate() {
        let place = id.map_or(Some(at), |id| usize::try_from(id).ok());
        match place.and_then(|place| places.get_mut(place)) {
            Some(place @ None) => *place = Some(tree),
            _ => {
                let what = "the place is none, or that of another tree";
                return Err(ReadError::new(what).under("id").item(at).under("trees"));
            }
        }
    }
    Ok(places.into_iter().flatten().collect())
}

fn checked_rounds(rounds: Vec<usize>, trees: usize) -> Read<Vec<usize>> {
    let is_ascending = rounds.windows(2).all(|pair| pair[0] <= pair[1]);
    if is_ascending && rounds.first() == Some(&0) && rounds.last() == Some(&trees) {
        return Ok(rounds);
    }
    let what = format!("the rounds do not part {trees} trees");
    Err(ReadError::new(what).under("iteration_indptr"))
}

/// Rounds of files that do not tell them: each has as many trees, `parallel` for every output.
fn rounds_of(groups: &[u32], parallel: usize) -> Read<Vec<usize>> {
    let Some(last) = groups.iter().max() else {
        return Ok(vec![0]);
    };
    let outputs = *last as usize + 1;
    let size = outputs.checked_mul(parallel).filter(|size| *size > 0);
    let size = size.filter(|size| groups.len().is_multiple_of(*size));
    let size = size.ok_or_else(|| {
        let what = format!(
            "{} trees are not whole rounds of {parallel} for each of {outputs} outputs",
            groups.len()
        );
        ReadError::new(what).under("gbtree_model_param")
    })?;
    Ok((0..=groups.len()).step_by(size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_old_files_are_of_one_size() {
        assert_eq!(rounds_of(&[0, 1, 2, 0, 1, 2], 1), Ok(vec![0, 3, 6]));
        assert_eq!(rounds_of(&[0, 0, 1, 1], 2), Ok(vec![0, 4]));
        assert_eq!(rounds_of(&[], 1), Ok(vec![0]));
        assert!(rounds_of(&[0, 1, 0], 1).is_err());
        assert!(rounds_of(&[0], 0).is_err());
        assert!(rounds_of(&[0], usize::MAX).is_err());
    }

    #[test]
    fn rounds_must_part_the_trees() {
        assert_eq!(checked_rounds(vec![0, 2, 2, 3], 3), Ok(vec![0, 2, 2, 3]));
        for rounds in [vec![], vec![0, 2], vec![0, 3, 2, 3], vec![1, 3]] {
            assert!(checked_rounds(rounds.clone(), 3).is_err(), "{rounds:?}");
        }
    }
}
