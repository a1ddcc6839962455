//! Which trees count.

use crate::class::Class;
use crate::model::{Forest, Model};
use crate::source::{Read, ReadError};

/// How many trees count: all of them for a booster; for the wrappers of scikit-learn those up to
/// the best round, where training was stopped early.
pub(super) fn trees(model: &Model, forest: &Forest, class: Class) -> Read<usize> {
    let all = forest.trees.len();
    let Some(best) = model.best_round.filter(|_| class.is_wrapper()) else {
        return Ok(all);
    };
    let end = best.checked_add(1).and_then(|end| forest.rounds.get(end));
    end.copied().ok_or_else(|| {
        let rounds = forest.rounds.len().saturating_sub(1);
        let what = format!("round {best} is the best one, there are {rounds}");
        ReadError::new(what).under("learner.attributes.best_iteration")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Booster, Tree};

    #[test]
    fn the_best_round_counts_for_wrappers_alone() {
        let forest = Forest {
            trees: vec![Tree::default(); 6],
            groups: vec![0; 6],
            rounds: vec![0, 2, 4, 6],
            weights: None,
            categories: Vec::new(),
        };
        let booster = Booster::Trees(forest.clone());
        let mut model = Model::sample("reg:squarederror", booster);
        model.best_round = Some(1);
        assert_eq!(trees(&model, &forest, Class::Booster), Ok(6));
        assert_eq!(trees(&model, &forest, Class::Regressor), Ok(4));
        model.best_round = Some(2);
        assert_eq!(trees(&model, &forest, Class::Classifier), Ok(6));
        model.best_round = None;
        assert_eq!(trees(&model, &forest, Class::Ranker), Ok(6));
        for beyond in [3, usize::MAX] {
            model.best_round = Some(beyond);
            assert!(trees(&model, &forest, Class::Regressor).is_err());
        }
    }
}
