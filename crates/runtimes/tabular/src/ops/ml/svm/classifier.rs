//! `SVMClassifier`: support vectors of every class and a score a pair of classes (as libsvm), or a
//! weighted sum a class (as liblinear).

use super::super::labels::{Classes, highest};
use super::super::rows::{NUMBERS, Rows, expect_type, floats, product};
use super::super::scores::{Other, Transform};
use super::coupling::{Coupling, Room};
use super::kernel::{Kernel, Part, Vectors};
use super::pairwise::Pairwise;
use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::DataType;

/// Rows whose kernels are held at once.
const BLOCK: usize = 64;

struct SvmClassifier {
    labels: Classes,
    transform: Transform,
    form: Form,
}

enum Form {
    /// A sum a class.
    Linear {
        /// The weights of each class.
        weights: Vectors,
        rho: f32,
        /// Whether no weight is below zero.
        positive: bool,
    },
    /// A score a pair.
    Vectors {
        kernel: Kernel,
        vectors: Vectors,
        pairwise: Pairwise,
        coupling: Option<Coupling>,
    },
}

pub(super) fn svm_classifier(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, NUMBERS)?;
    let labels = Classes::read(node, "classlabels_ints", "classlabels_strings")?;
    let Some(labels) = labels else {
        return node.refuse("it has no labels");
    };
    let form = Form::read(node, labels.len())?;
    let outputs = vec![labels.datatype(), DataType::F32];
    let op = SvmClassifier {
        labels,
        transform: Transform::read(node)?,
        form,
    };
    Ok(Lowered {
        op: Box::new(op),
        outputs,
    })
}

impl Form {
    fn read(node: &Lowering<'_>, classes: usize) -> Result<Self, LowerError> {
        let coefficients = node.floats("coefficients")?;
        let rho = node.floats("rho")?;
        let mut count = 0_usize;
        let mut runs = Vec::new();
        for vectors in node.ints("vectors_per_class")? {
            let vectors = usize::try_from(*vectors).ok();
            let Some((vectors, sum)) =
                vectors.and_then(|vectors| Some((vectors, count.checked_add(vectors)?)))
            else {
                return node.refuse("`vectors_per_class` are no numbers of vectors");
            };
            runs.push((count, vectors));
            count = sum;
        }
        if count == 0 {
            return Self::linear(node, classes, coefficients, rho);
        }
        let kernel = Kernel::read(node)?;
        let vectors = Vectors::new(node.floats("support_vectors")?, count, kernel);
        let pairs = classes * (classes - 1) / 2;
        let (a, b) = (node.floats("prob_a")?, node.floats("prob_b")?);
        let enough: Option<usize> = classes
            .checked_sub(1)
            .and_then(|others| others.checked_mul(count));
        let whole = runs.len() == classes
            && classes > 1
            && enough.is_some_and(|enough| coefficients.len() >= enough)
            && rho.len() >= pairs
            && a.len() == b.len()
            && (a.is_empty() || a.len() >= pairs);
        let Some(vectors) = vectors.filter(|_| whole) else {
            return node.refuse("its lists do not belong together");
        };
        let first = |list: &[f32], count: usize| list.iter().take(count).copied().collect();
        Ok(Self::Vectors {
            kernel,
            vectors,
            pairwise: Pairwise {
                coefficients: coefficients.to_vec(),
                rho: first(rho, pairs),
                runs,
            },
            coupling: (!a.is_empty()).then(|| Coupling {
                a: first(a, pairs),
                b: first(b, pairs),
            }),
        })
    }

    fn linear(
        node: &Lowering<'_>,
        classes: usize,
        coefficients: &[f32],
        rho: &[f32],
    ) -> Result<Self, LowerError> {
        let Some(rho) = rho.first() else {
            return node.refuse("its attribute `rho` is missing");
        };
        let Some(weights) = Vectors::new(coefficients, classes, Kernel::Linear) else {
            let found = coefficients.len();
            return node.refuse(format!("it has {found} coefficients for {classes} classes"));
        };
        Ok(Self::Linear {
            weights,
            rho: *rho,
            positive: coefficients.iter().all(|weight| *weight >= 0.0),
        })
    }

    fn features(&self) -> usize {
        match self {
            Self::Linear { weights, .. } => weights.features,
            Self::Vectors { vectors, .. } => vectors.features,
        }
    }
}

impl Operator for SvmClassifier {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let rows = Rows::of(read)?.expect_width(self.form.features())?.rows;
        let cells = floats(read)?;
        let (places, scores, width) = match &self.form {
            Form::Linear {
                weights,
                rho,
                positive,
            } => self.linear(rows, &cells, weights, *rho, *positive)?,
            Form::Vectors { .. } => self.vectors(rows, &cells)?,
        };
        let mut outputs = Outputs::new();
        outputs.push(self.labels.at(&places)?);
        outputs.push(tensor(&[rows, width], scores)?);
        Ok(outputs)
    }
}

/// The places of labels, scores, and the scores of a row.
type Answer = (Vec<usize>, Vec<f32>, usize);

impl SvmClassifier {
    fn linear(
        &self,
        rows: usize,
        cells: &[f32],
        weights: &Vectors,
        rho: f32,
        positive: bool,
    ) -> Result<Answer, Fault> {
        let classes = weights.count;
        let mut scores = vec![0.0; product(rows, classes)?];
        let part = Part {
            first: 0,
            all: rows,
        };
        Kernel::Linear.write(cells, part, weights, rho, &mut scores);
        let place = |row: &[f32]| {
            let place = highest(row);
            let score = row.get(place).copied().unwrap_or_default();
            // Of two classes the second is taken where the higher score is on its side.
            let second = if positive { score >= 0.5 } else { score > 0.0 };
            if classes == 2 && second { 1 } else { place }
        };
        let places = scores.chunks_exact(classes.max(1)).map(place).collect();
        self.transform.apply_rows(&mut scores, classes);
        Ok((places, scores, classes))
    }

    fn vectors(&self, rows: usize, cells: &[f32]) -> Result<Answer, Fault> {
        let Form::Vectors {
            kernel,
            vectors,
            pairwise,
            coupling,
        } = &self.form
        else {
            return Err(Fault::failed("there are no support vectors"));
        };
        let (classes, pairs) = (pairwise.classes(), pairwise.pairs());
        let width = match (coupling, pairs) {
            (Some(_), _) => classes,
            (None, 1) => 2,
            (None, pairs) => pairs,
        };
        let mut made = vec![0.0; product(rows, width)?];
        let mut places = Vec::with_capacity(rows);
        let mut kernels = vec![0.0; product(rows.min(BLOCK), vectors.count)?];
        let mut scores = vec![0.0; pairs];
        let mut votes = vec![0; classes];
        let mut room = Room::default();
        let blocks = cells.chunks(vectors.features * BLOCK);
        for (block, (made, cells)) in made.chunks_mut(width * BLOCK).zip(blocks).enumerate() {
            let part = Part {
                first: block * BLOCK,
                all: rows,
            };
            let count = made.len() / width * vectors.count;
            let kernels = kernels.get_mut(..count).unwrap_or_default();
            kernel.write(cells, part, vectors, 0.0, kernels);
            let kernels = kernels.chunks_exact(vectors.count);
            for (made, kernels) in made.chunks_exact_mut(width).zip(kernels) {
                pairwise.score(kernels, vectors, &mut scores, &mut votes);
                places.push(highest(&votes));
                match coupling {
                    Some(coupling) => {
                        coupling.write(&scores, made, &mut room);
                        self.transform.apply_rows(made, classes);
                    }
                    None => self.of_pairs(&scores, made),
                }
            }
        }
        Ok((places, made, width))
    }

    /// Scores of pairs as they are, or that of one pair as those of two classes.
    fn of_pairs(&self, scores: &[f32], made: &mut [f32]) {
        let other = match self.transform {
            Transform::None => Other::Opposite,
            _ => Other::Rest,
        };
        match scores {
            [score] => made.copy_from_slice(&self.transform.of_two(*score, other)),
            scores => {
                made.copy_from_slice(scores);
                self.transform.apply_rows(made, scores.len());
            }
        }
    }
}
