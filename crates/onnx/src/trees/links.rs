//! Follows the branches of an ensemble. No recursion: a tree may be as deep as it has nodes.

use std::collections::HashMap;

use super::places::Places;
use super::{Mode, TreeFault};

/// The lists of an ensemble's nodes; all have one length.
pub(super) struct Lists<'a> {
    pub(super) trees: &'a [i64],
    pub(super) nodes: &'a [i64],
    pub(super) modes: Vec<Mode>,
    pub(super) on_true: &'a [i64],
    pub(super) on_false: &'a [i64],
}

/// What the branches make of the lists.
pub(super) struct Links {
    /// Place in the lists by tree and node id.
    pub(super) places: Places,
    /// The places of a branch's children, on the true and on the false side.
    pub(super) children: Vec<Option<[usize; 2]>>,
    /// The places of the roots, in the order of the lists.
    pub(super) roots: Vec<usize>,
    pub(super) depth: usize,
    pub(super) roots_first: bool,
}

/// Checks that every tree has one root, from which every node of it is reached once.
pub(super) fn link(lists: &Lists<'_>) -> Result<Links, TreeFault> {
    let ids = || lists.trees.iter().copied().zip(lists.nodes.iter().copied());
    let places = Places::new(lists.trees, lists.nodes)?;
    let mut finder = places.finder();

    let mut children: Vec<Option<[usize; 2]>> = Vec::with_capacity(lists.nodes.len());
    let mut has_parent = vec![false; lists.nodes.len()];
    let branches = lists.on_true.iter().zip(lists.on_false);
    for (((tree, node), mode), (on_true, on_false)) in ids().zip(&lists.modes).zip(branches) {
        if *mode == Mode::Leaf {
            children.push(None);
            continue;
        }
        let mut child = |child: i64| {
            let place = finder
                .find(tree, child)
                .ok_or(TreeFault::NoChild { tree, node, child })?;
            match has_parent.get_mut(place) {
                Some(reached) if !*reached => {
                    *reached = true;
                    Ok(place)
                }
                _ => Err(TreeFault::ReachedTwice { tree, node: child }),
            }
        };
        children.push(Some([child(*on_true)?, child(*on_false)?]));
    }

    let (roots, roots_first) = roots(lists.trees, &has_parent)?;
    // nobody has two parents, so this ends, and what it misses is a cycle
    let mut seen = vec![false; children.len()];
    let mut depth = 0;
    let mut stack: Vec<(usize, usize)> = roots.iter().map(|place| (*place, 1)).collect();
    while let Some((place, level)) = stack.pop() {
        depth = depth.max(level);
        if let Some(seen) = seen.get_mut(place) {
            *seen = true;
        }
        if let Some(Some(pair)) = children.get(place) {
            stack.extend(pair.map(|child| (child, level + 1)));
        }
    }
    if let Some((tree, _)) = lists.trees.iter().zip(seen).find(|(_, seen)| !seen) {
        return Err(TreeFault::Cycle { tree: *tree });
    }
    Ok(Links {
        places,
        children,
        roots,
        depth,
        roots_first,
    })
}

/// The roots of the trees, and whether each tree is one run that begins with its own.
fn roots(trees: &[i64], has_parent: &[bool]) -> Result<(Vec<usize>, bool), TreeFault> {
    let mut roots = HashMap::new();
    let mut roots_first = true;
    let mut before = None;
    for (place, (tree, has_parent)) in trees.iter().zip(has_parent).enumerate() {
        let run_begins = before.replace(tree) != Some(tree);
        roots_first &= run_begins != *has_parent;
        if !has_parent && roots.insert(*tree, place).is_some() {
            return Err(TreeFault::SeveralRoots { tree: *tree });
        }
    }
    let mut runs = trees
        .chunk_by(|one, next| one == next)
        .flat_map(<[i64]>::first);
    match runs.find(|tree| !roots.contains_key(tree)) {
        Some(tree) => Err(TreeFault::Cycle { tree: *tree }),
        None => {
            let mut places: Vec<usize> = roots.into_values().collect();
            places.sort_unstable();
            Ok((places, roots_first))
        }
    }
}
