//! The gate: whether a frame is what the signature asks for.
//!
//! Protocols type values by the signature while they read, so that this mostly finds nothing; it
//! stands here so that no protocol can forget it.

use super::display::TupleOf;
use super::{ColumnSpec, Schema, Signature, TensorSpec, TensorType};
use crate::{Code, Frame, Refusal, Stage, Tensor, Violation};
use std::sync::Arc;

impl Signature {
    /// Checks names, types and shapes of `frame` against the inputs; a signature without inputs
    /// takes everything.
    ///
    /// Tensors that the signature does not have are not looked at. A refusal lists at most
    /// `listed` differences.
    ///
    /// # Errors
    /// Every difference, at [`Stage::Schema`].
    pub fn check(&self, frame: &Frame, listed: usize) -> Result<(), Refusal> {
        let mut refusal = Refusal::collect(Stage::Schema, listed);
        match &self.inputs {
            None => {}
            Some(Schema::Columns(columns)) => {
                for (position, column) in columns.iter().enumerate() {
                    check_column(position, column, frame, &mut refusal);
                }
            }
            Some(Schema::Tensors(tensors)) => {
                for (position, tensor) in tensors.iter().enumerate() {
                    check_tensor(position, tensor, frame, &mut refusal);
                }
            }
        }
        refusal.into_result(())
    }
}

impl ColumnSpec {
    /// The name under which a frame has the column at `position`.
    #[inline]
    pub fn key(&self, position: usize) -> Arc<str> {
        match &self.name {
            Some(name) => Arc::clone(name),
            None => position.to_string().into(),
        }
    }
}

impl TensorSpec {
    /// The name under which a frame has the tensor: empty where the signature has none.
    pub fn key(&self) -> Arc<str> {
        self.name.clone().unwrap_or_default()
    }

    /// Whether a tensor of `shape` may pass.
    pub fn fits(&self, shape: &[usize]) -> bool {
        self.shape.len() == shape.len()
            && self
                .shape
                .iter()
                .zip(shape)
                .all(|(wanted, size)| wanted.is_none_or(|wanted| wanted == *size))
    }

    /// MLflow's words for a tensor of another shape.
    pub fn shape_message(&self, shape: &[usize]) -> String {
        let shape: Vec<Option<usize>> = shape.iter().copied().map(Some).collect();
        format!(
            "Shape of input {} does not match expected shape {}.",
            TupleOf(&shape),
            TupleOf(&self.shape)
        )
    }
}

fn check_column(position: usize, column: &ColumnSpec, frame: &Frame, refusal: &mut Refusal) {
    let key = column.key(position);
    let wanted = column.kind.datatype();
    let Some(named) = frame.find(&key, position) else {
        if column.required {
            let expected = format!("`{}`", column.kind);
            refusal.push(Violation::new(Code::MissingColumn, expected, "nothing").in_column(&*key));
        }
        return;
    };
    let tensor = &named.tensor;
    if tensor.datatype() != wanted {
        refusal.push(type_mismatch(wanted.name(), tensor).in_column(&*key));
    } else if tensor.shape().len() != 1 {
        let got = format!("{} dimensions", tensor.shape().len());
        refusal.push(Violation::new(Code::BadShape, "one value a row", got).in_column(&*key));
    }
}

fn check_tensor(position: usize, spec: &TensorSpec, frame: &Frame, refusal: &mut Refusal) {
    let key = spec.key();
    let Some(named) = frame.find(&key, position) else {
        let expected = format!("`{}`", spec.kind.name());
        let missing = Violation::new(Code::MissingColumn, expected, "nothing");
        refusal.push(in_tensor(&key, missing));
        return;
    };
    let tensor = &named.tensor;
    // numpy's `object` is whatever its elements are.
    let fits = spec.kind == TensorType::Object || spec.kind.datatype() == Some(tensor.datatype());
    if !fits {
        let mismatch = type_mismatch(spec.kind.name(), tensor);
        refusal.push(in_tensor(&key, mismatch));
    } else if !spec.fits(tensor.shape()) {
        let got = format!("shape {:?}", tensor.shape());
        let expected = format!("shape {}", TupleOf(&spec.shape));
        let shape = Violation::new(Code::BadShape, expected, got);
        refusal.push(in_tensor(&key, shape));
        refusal
            .summary
            .get_or_insert_with(|| spec.shape_message(tensor.shape()));
    }
}

fn type_mismatch(wanted: &str, tensor: &Tensor) -> Violation {
    let got = format!("`{}`", tensor.datatype());
    Violation::new(Code::TypeMismatch, format!("`{wanted}`"), got)
}

/// `violation` in the tensor called `key`; the only one may have no name.
fn in_tensor(key: &str, violation: Violation) -> Violation {
    if key.is_empty() {
        violation
    } else {
        violation.in_column(key)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Code, Frame, NamedTensor, Refusal, Signature, Tensor};

    fn codes(inputs: &str, frame: &Frame) -> Vec<Code> {
        let signature = Signature::parse(Some(inputs), None, None).expect("a signature");
        match signature.check(frame, Refusal::LISTED) {
            Ok(()) => Vec::new(),
            Err(refusal) => refusal
                .violations
                .iter()
                .map(|violation| violation.code)
                .collect(),
        }
    }

    fn frame(name: &str, shape: &[usize], data: Vec<f64>) -> Frame {
        Frame::new(vec![NamedTensor::new(
            name,
            Tensor::new(shape, data).expect("fits"),
        )])
    }

    #[test]
    fn a_column_of_another_type_or_a_missing_one_is_refused() {
        let inputs = r#"[{"type":"double","name":"a"},{"type":"long","name":"b"},
            {"type":"long","name":"c","required":false}]"#;
        assert_eq!(
            codes(inputs, &frame("a", &[2], vec![1.0, 2.0])),
            [Code::MissingColumn]
        );
        let mut both = frame("a", &[1], vec![1.0]).into_tensors();
        both.push(NamedTensor::new("b", Tensor::column(vec![1.5_f64])));
        assert_eq!(codes(inputs, &Frame::new(both)), [Code::TypeMismatch]);
    }

    #[test]
    fn a_tensor_of_another_shape_is_refused_in_mlflows_words() {
        let inputs = r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]"#;
        let signature = Signature::parse(Some(inputs), None, None).expect("a signature");
        let refusal = signature
            .check(&frame("", &[1, 3], vec![0.0; 3]), Refusal::LISTED)
            .expect_err("three of four");
        assert_eq!(
            refusal.to_string(),
            "Shape of input (1, 3) does not match expected shape (-1, 4)."
        );
        let none = frame("", &[0, 4], vec![]);
        assert_eq!(signature.check(&none, Refusal::LISTED), Ok(()));
    }

    #[test]
    fn an_object_is_of_any_type() {
        let inputs = r#"[{"type":"tensor","tensor-spec":{"dtype":"object","shape":[-1]}}]"#;
        assert_eq!(codes(inputs, &frame("", &[2], vec![1.0, 2.0])), []);
        let matrix = frame("", &[1, 2], vec![1.0, 2.0]);
        assert_eq!(codes(inputs, &matrix), [Code::BadShape]);
    }
}
