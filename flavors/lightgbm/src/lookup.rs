//! Codes of categories that are numbers, looked up by a tree.
//!
//! A program's own step for names of categories takes texts and whole numbers of 64 bits; columns
//! of other numbers hold categories as well (doubles where cells may be missing).

use flowgate_core::program::{
    Ensemble, Leaf, Missing, Precision, Side, Split, Test, TreeNode, Weight,
};

/// An ensemble of one tree that gives the place of a cell among `categories`; NaN where it is none
/// of them. `None` when two of them are equal, or one is not a number.
pub(crate) fn places(categories: &[f64]) -> Option<Ensemble> {
    let mut sorted: Vec<(f64, u32)> = categories.iter().copied().zip(0..).collect();
    sorted.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let unlike = sorted.windows(2).all(|pair| match pair {
        [(one, _), (other, _)] => one < other,
        _ => true,
    });
    if !unlike || categories.iter().any(|category| category.is_nan()) {
        return None;
    }
    let nothing = u32::try_from(categories.len()).ok()?;
    let values = (0..nothing).map(f64::from).chain([f64::NAN]);
    let mut tree = Tree {
        nodes: Vec::new(),
        nothing,
    };
    tree.put(&sorted)?;
    Some(Ensemble {
        features: 1,
        cells: Precision::F64,
        sums: Precision::F64,
        outputs: 1,
        start: vec![0.0],
        nodes: tree.nodes,
        roots: vec![0],
        weights: values.map(|value| Weight { output: 0, value }).collect(),
        sets: Vec::new(),
        linear: Vec::new(),
    })
}

struct Tree {
    nodes: Vec<TreeNode>,
    /// The weight of cells that are no category.
    nothing: u32,
}

impl Tree {
    /// Puts a tree that finds one of `sorted`, and gives its place; as deep as the number of
    /// `sorted` has binary digits.
    fn put(&mut self, sorted: &[(f64, u32)]) -> Option<u32> {
        let place = u32::try_from(self.nodes.len()).ok()?;
        match sorted {
            [] => self.nodes.push(leaf(self.nothing)),
            [(category, code)] => {
                self.nodes
                    .push(split(Test::Equal(*category), place + 1, place + 2));
                self.nodes.push(leaf(*code));
                self.nodes.push(leaf(self.nothing));
            }
            several => {
                let (low, high) = several.split_at(several.len() / 2);
                let (highest, _) = low.last()?;
                let at = self.nodes.len();
                self.nodes
                    .push(split(Test::LessOrEqual(*highest), place, place));
                let (yes, no) = (self.put(low)?, self.put(high)?);
                if let Some(TreeNode::Split(split)) = self.nodes.get_mut(at) {
                    (split.yes, split.no) = (yes, no);
                }
            }
        }
        Some(place)
    }
}

fn leaf(weight: u32) -> TreeNode {
    TreeNode::Leaf(Leaf {
        first: weight,
        count: 1,
        linear: None,
    })
}

/// A question; what is missing is answered with no, which ends at no category.
fn split(test: Test, yes: u32, no: u32) -> TreeNode {
    TreeNode::Split(Split {
        feature: 0,
        test,
        missing: Missing::Nan(Side::No),
        yes,
        no,
    })
}

#[cfg(test)]
mod tests {
    use super::places;
    use flowgate_testkit::trees::sums;

    #[test]
    fn a_category_has_the_code_of_its_place_and_all_else_has_none() {
        for count in 0..20 {
            let categories: Vec<f64> = (0..count).map(|at| f64::from(at * 7 % 20) - 3.5).collect();
            let ensemble = places(&categories).expect("all unlike");
            for (code, category) in categories.iter().enumerate() {
                assert_eq!(sums(&ensemble, &[*category]), [code as f64]);
            }
            for cell in [0.25, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.5001] {
                assert!(sums(&ensemble, &[cell])[0].is_nan(), "{cell} of {count}");
            }
        }
        let zero = places(&[1.0, 0.0]).expect("two");
        assert_eq!(sums(&zero, &[-0.0]), [1.0]);
    }

    #[test]
    fn equal_categories_are_no_categories() {
        for categories in [&[1.0, 2.0, 1.0][..], &[0.0, -0.0], &[f64::NAN]] {
            assert!(places(categories).is_none(), "{categories:?}");
        }
    }
}
