//! One class against another, each pair of them.

use super::kernel::Vectors;

/// What the kernels of a row are weighted with for every pair of classes.
#[derive(Debug)]
pub(super) struct Pairwise {
    /// `[classes - 1, vectors]`: the weights of a vector against each class but its own.
    pub(super) coefficients: Vec<f32>,
    /// One a pair.
    pub(super) rho: Vec<f32>,
    /// The vectors of each class: the first, and how many.
    pub(super) runs: Vec<(usize, usize)>,
}

impl Pairwise {
    /// The number of classes.
    pub(super) fn classes(&self) -> usize {
        self.runs.len()
    }

    /// The number of pairs.
    pub(super) fn pairs(&self) -> usize {
        self.rho.len()
    }

    /// Writes a score a pair to `scores`, above zero where the first of the two classes is
    /// nearer, and counts for each class in `votes` how often it is the nearer one.
    pub(super) fn score(
        &self,
        kernels: &[f32],
        vectors: &Vectors,
        scores: &mut [f32],
        votes: &mut [u32],
    ) {
        votes.fill(0);
        let mut made = scores.iter_mut().zip(&self.rho);
        for (one, run_of_one) in self.runs.iter().enumerate() {
            for (two, run_of_two) in self.runs.iter().enumerate().skip(one + 1) {
                let Some((score, rho)) = made.next() else {
                    return;
                };
                // Products have 32 bits, their sum has 64.
                let mut sum = 0.0_f64;
                for (class, run) in [(two - 1, run_of_one), (one, run_of_two)] {
                    let weights = part(&self.coefficients, class * vectors.count + run.0, run.1);
                    let kernels = part(kernels, run.0, run.1);
                    for (weight, kernel) in weights.iter().zip(kernels) {
                        sum += f64::from(weight * kernel);
                    }
                }
                sum += f64::from(*rho);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "rounding is what is asked for"
                )]
                {
                    *score = sum as f32;
                }
                let nearer = if sum > 0.0 { one } else { two };
                if let Some(votes) = votes.get_mut(nearer) {
                    *votes += 1;
                }
            }
        }
    }
}

fn part(numbers: &[f32], start: usize, count: usize) -> &[f32] {
    numbers
        .get(start..)
        .and_then(|rest| rest.get(..count))
        .unwrap_or_default()
}
