//! Probabilities of classes from those of pairs: T.-F. Wu, C.-J. Lin and R. C. Weng, *Probability
//! Estimates for Multi-class Classification by Pairwise Coupling* (2004), second method, with the
//! steps and bounds of libsvm, in 32 bits.

use super::super::scores::logistic;

/// The numbers of a logistic function for every pair.
#[derive(Debug)]
pub(super) struct Coupling {
    pub(super) a: Vec<f32>,
    pub(super) b: Vec<f32>,
}

/// The nearest to 0 and to 1 that the probability of a pair comes.
const LEAST: f32 = 1.0e-7;
/// Steps after which the search ends wherever it is.
const STEPS: usize = 100;

impl Coupling {
    /// Writes the probability of each class to `made`, from a score a pair. `room` is memory that
    /// is kept from row to row.
    pub(super) fn write(&self, scores: &[f32], made: &mut [f32], room: &mut Room) {
        let classes = made.len();
        room.pairs.clear();
        room.pairs.resize(classes * classes, 0.0);
        let mut numbers = scores.iter().zip(self.a.iter().zip(&self.b));
        for one in 0..classes {
            for two in one + 1..classes {
                let Some((score, (a, b))) = numbers.next() else {
                    return;
                };
                let probability = 1.0 - logistic(score * a + b);
                let larger = if probability < LEAST {
                    LEAST
                } else {
                    probability
                };
                let probability = if 1.0 - LEAST < larger {
                    1.0 - LEAST
                } else {
                    larger
                };
                room.pairs[one * classes + two] = probability;
                room.pairs[two * classes + one] = 1.0 - probability;
            }
        }
        coupled(room, made);
    }
}

/// Memory of [`Coupling::write`].
#[derive(Debug, Default)]
pub(super) struct Room {
    /// `[classes, classes]`: how likely the first is against the second.
    pairs: Vec<f32>,
    /// The quadratic form that is made least, of the same shape.
    form: Vec<f32>,
    /// Its product with the probabilities.
    product: Vec<f32>,
}

fn coupled(room: &mut Room, made: &mut [f32]) {
    let classes = made.len();
    let Room {
        pairs,
        form,
        product,
    } = room;
    form.clear();
    form.resize(classes * classes, 0.0);
    product.clear();
    product.resize(classes, 0.0);
    #[expect(clippy::cast_precision_loss, reason = "there are few classes")]
    let count = classes as f32;
    let enough = 0.005 / count;
    made.fill(1.0 / count);
    for one in 0..classes {
        for two in (0..classes).filter(|two| *two != one) {
            let of_two = pairs[two * classes + one];
            form[one * classes + one] += of_two * of_two;
            form[one * classes + two] = if two < one {
                form[two * classes + one]
            } else {
                -of_two * pairs[one * classes + two]
            };
        }
    }
    for _ in 0..STEPS {
        let mut value = 0.0_f32;
        for (one, (product, made_of_one)) in product.iter_mut().zip(&*made).enumerate() {
            let row = form[one * classes..].iter().zip(&*made);
            *product = row.fold(0.0, |sum: f32, (form, made)| sum + form * made);
            value += made_of_one * *product;
        }
        let error = |product: &f32| (product - value).abs();
        let larger = |one: f32, two: f32| if two > one { two } else { one };
        if product.iter().map(error).fold(0.0, larger) < enough {
            break;
        }
        for one in 0..classes {
            let diagonal = form[one * classes + one];
            let step = (-product[one] + value) / diagonal;
            made[one] += step;
            value = (value + step * (step * diagonal + 2.0 * product[one]))
                / (1.0 + step)
                / (1.0 + step);
            for two in 0..classes {
                product[two] = (product[two] + step * form[one * classes + two]) / (1.0 + step);
                made[two] /= 1.0 + step;
            }
        }
    }
}
