//! Finds nodes by their tree and their id.
//!
//! Converters write the nodes of a tree side by side and number them from zero, and a forest may
//! have a million of them: those are found in a table, without a hash for each. Any other
//! numbering is looked up.

use std::collections::HashMap;

use super::TreeFault;

/// Where nodes are in the lists, by tree and node id.
pub(super) enum Places {
    /// Every tree is one run of the lists with the ids 0, 1, …, in any order.
    Runs {
        /// Where each run begins, and how long it is.
        runs: HashMap<i64, (usize, usize)>,
        /// The place of the node `id` of a run, at the run's beginning plus `id`.
        table: Vec<usize>,
    },
    /// Anything else.
    Any(HashMap<(i64, i64), usize>),
}

impl Places {
    /// # Errors
    /// [`TreeFault::DuplicateNode`].
    pub(super) fn new(trees: &[i64], nodes: &[i64]) -> Result<Self, TreeFault> {
        if let Some(places) = Self::runs(trees, nodes) {
            return Ok(places);
        }
        let mut places = HashMap::with_capacity(nodes.len());
        for (at, (tree, node)) in trees.iter().zip(nodes).enumerate() {
            let (tree, node) = (*tree, *node);
            if places.insert((tree, node), at).is_some() {
                return Err(TreeFault::DuplicateNode { tree, node });
            }
        }
        Ok(Self::Any(places))
    }

    fn runs(trees: &[i64], nodes: &[i64]) -> Option<Self> {
        let mut runs = HashMap::new();
        let mut table = vec![usize::MAX; nodes.len()];
        let mut start = 0;
        for run in trees.chunk_by(|one, next| one == next) {
            let end = start + run.len();
            if runs.insert(*run.first()?, (start, run.len())).is_some() {
                return None;
            }
            let slots = table.get_mut(start..end)?;
            for (place, id) in (start..end).zip(nodes.get(start..end)?) {
                let slot = slots.get_mut(usize::try_from(*id).ok()?)?;
                if std::mem::replace(slot, place) != usize::MAX {
                    return None;
                }
            }
            start = end;
        }
        Some(Self::Runs { runs, table })
    }

    /// Looks up many nodes, fastest tree by tree.
    pub(super) fn finder(&self) -> Finder<'_> {
        Finder {
            places: self,
            last: None,
        }
    }
}

/// What remembers the tree of the last node.
pub(super) struct Finder<'a> {
    places: &'a Places,
    /// A tree and the table of its nodes.
    last: Option<(i64, &'a [usize])>,
}

impl Finder<'_> {
    /// The place of a node in the lists.
    pub(super) fn find(&mut self, tree: i64, node: i64) -> Option<usize> {
        let (runs, table) = match self.places {
            Places::Any(places) => return places.get(&(tree, node)).copied(),
            Places::Runs { runs, table } => (runs, table),
        };
        let table = match self.last {
            Some((last, table)) if last == tree => table,
            _ => {
                let &(start, length) = runs.get(&tree)?;
                let table = table.get(start..start + length)?;
                self.last = Some((tree, table));
                table
            }
        };
        table.get(usize::try_from(node).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every node, and some that are not there.
    fn found(trees: &[i64], nodes: &[i64]) -> Vec<Option<usize>> {
        let places = Places::new(trees, nodes).expect("no node twice");
        let mut finder = places.finder();
        let wrong = [(trees[0], -1), (trees[0], i64::MAX), (-9, 0), (9, 0)];
        let ids = trees.iter().copied().zip(nodes.iter().copied());
        ids.chain(wrong)
            .map(|(tree, node)| finder.find(tree, node))
            .collect()
    }

    fn all(count: usize) -> Vec<Option<usize>> {
        (0..count).map(Some).chain([None; 4]).collect()
    }

    #[test]
    fn nodes_are_found_by_a_table_where_ids_allow_one() {
        let (trees, nodes) = ([7, 7, 7, -3, -3], [0, 2, 1, 1, 0]);
        assert!(matches!(
            Places::new(&trees, &nodes),
            Ok(Places::Runs { .. })
        ));
        assert_eq!(found(&trees, &nodes), all(5));
    }

    #[test]
    fn nodes_are_found_whatever_their_ids() {
        for (trees, nodes) in [
            ([1, 1, 2, 2, 1], [0, 1, 0, 1, 2]),
            ([1, 1, 1, 2, 2], [0, 1, 5, 0, 1]),
            ([1, 1, 1, 2, 2], [0, 1, -2, i64::MIN, i64::MAX]),
        ] {
            assert!(matches!(Places::new(&trees, &nodes), Ok(Places::Any(_))));
            assert_eq!(found(&trees, &nodes), all(5));
        }
    }

    #[test]
    fn a_node_that_is_there_twice_is_named() {
        let fault = TreeFault::DuplicateNode { tree: 1, node: 1 };
        assert_eq!(Places::new(&[1, 1, 1], &[0, 1, 1]).err(), Some(fault));
    }
}
