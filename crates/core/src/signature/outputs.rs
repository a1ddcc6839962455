//! Whether an answer is what the signature says of the outputs.
//!
//! A difference is the package's fault, never a client's, and no reason to hold an answer back:
//! MLflow's own flavors write output signatures that their models do not keep.

use super::display::TupleOf;
use super::{ColumnType, Scalar, Schema, Signature, TensorSpec};
use crate::{Code, DataType, Frame, NamedTensor, Violation};

impl Signature {
    /// How `answer` differs from the declared outputs, with the outputs in place of columns;
    /// nothing where none are declared.
    pub fn output_differences(&self, answer: &Frame) -> Vec<Violation> {
        let Some(outputs) = &self.outputs else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut declared = Vec::with_capacity(outputs.len());
        for position in 0..outputs.len() {
            let name = outputs.name(position);
            let place = match name {
                Some(name) => answer
                    .tensors()
                    .iter()
                    .position(|output| *output.name == *name),
                None => (position < answer.tensors().len()).then_some(position),
            };
            let output = place.map(|place| &answer.tensors()[place]);
            let shown = output.map(|output| &*output.name).or(name);
            let violation = match (outputs, output) {
                (Schema::Columns(columns), None) if !columns[position].required => None,
                (_, None) => Some(Violation::new(
                    Code::MissingColumn,
                    outputs.kind(position),
                    "nothing",
                )),
                (Schema::Columns(columns), Some(output)) => column(&columns[position].kind, output),
                (Schema::Tensors(tensors), Some(output)) => tensor(&tensors[position], output),
            };
            found.extend(violation.map(|violation| match shown {
                Some(name) => violation.in_column(name),
                None => violation,
            }));
            declared.extend(place);
        }
        let places = answer.tensors().iter().enumerate();
        let others = places.filter(|(place, _)| !declared.contains(place));
        found.extend(others.map(|(_, output)| {
            Violation::new(Code::UnknownColumn, "no such output", kind_of(output))
                .in_column(&*output.name)
        }));
        found
    }
}

impl Schema {
    fn name(&self, position: usize) -> Option<&str> {
        match self {
            Self::Columns(columns) => columns[position].name.as_deref(),
            Self::Tensors(tensors) => tensors[position].name.as_deref(),
        }
    }

    fn kind(&self, position: usize) -> String {
        match self {
            Self::Columns(columns) => format!("`{}`", columns[position].kind),
            Self::Tensors(tensors) => tensor_kind(&tensors[position]),
        }
    }
}

fn column(kind: &ColumnType, output: &NamedTensor) -> Option<Violation> {
    let rest = output.tensor.shape().get(1..).unwrap_or_default();
    (!fits(kind, rest, output)).then(|| {
        let code = if output.labels.is_none() && fits(kind, &[], output) {
            Code::BadShape
        } else {
            Code::TypeMismatch
        };
        Violation::new(code, format!("`{kind}`"), kind_of(output))
    })
}

/// Whether one row of `output`, or a part of it with the dimensions `rest`, is of `kind`.
fn fits(kind: &ColumnType, rest: &[usize], output: &NamedTensor) -> bool {
    let datatype = output.tensor.datatype();
    // Values with parts are not looked into.
    if datatype == DataType::Json {
        return !matches!(kind, ColumnType::Scalar(_));
    }
    match kind {
        ColumnType::Any => true,
        // A narrow type has a wider one in a signature, and a column of one is a column.
        ColumnType::Scalar(scalar) => {
            output.labels.is_none()
                && rest.iter().all(|size| *size == 1)
                && Scalar::for_datatype(datatype) == Some(*scalar)
        }
        ColumnType::Array(items) => {
            output.labels.is_none()
                && rest
                    .split_first()
                    .is_some_and(|(_, rest)| fits(items, rest, output))
        }
        ColumnType::SparkVector => {
            output.labels.is_none() && rest.len() == 1 && datatype == DataType::F64
        }
        ColumnType::Map(values) => output.labels.is_some() && is_scalar(values, datatype),
        ColumnType::Object(properties) => {
            output.labels.is_some()
                && properties
                    .iter()
                    .all(|property| is_scalar(&property.kind, datatype))
        }
    }
}

fn is_scalar(kind: &ColumnType, datatype: DataType) -> bool {
    match kind {
        ColumnType::Any => true,
        ColumnType::Scalar(scalar) => Scalar::for_datatype(datatype) == Some(*scalar),
        _ => false,
    }
}

fn tensor(spec: &TensorSpec, output: &NamedTensor) -> Option<Violation> {
    let same = output.labels.is_none() && spec.kind.datatype() == Some(output.tensor.datatype());
    if same && spec.fits(output.tensor.shape()) {
        return None;
    }
    let code = if same {
        Code::BadShape
    } else {
        Code::TypeMismatch
    };
    Some(Violation::new(code, tensor_kind(spec), kind_of(output)))
}

fn tensor_kind(spec: &TensorSpec) -> String {
    format!("`{}` of shape {}", spec.kind.name(), TupleOf(&spec.shape))
}

fn kind_of(output: &NamedTensor) -> String {
    let shape: Vec<Option<usize>> = output.tensor.shape().iter().copied().map(Some).collect();
    let map = if output.labels.is_some() {
        ", a map a row"
    } else {
        ""
    };
    format!(
        "`{}` of shape {}{map}",
        output.tensor.datatype(),
        TupleOf(&shape)
    )
}

#[cfg(test)]
mod tests {
    use crate::{Data, Frame, Labels, NamedTensor, Signature, Tensor};

    fn output(name: &str, shape: &[usize], data: impl Into<Data>) -> NamedTensor {
        NamedTensor::new(name, Tensor::new(shape, data).expect("as many elements"))
    }

    #[track_caller]
    fn check(outputs: &str, answer: Vec<NamedTensor>, expected: &[&str]) {
        let signature = Signature::parse(None, Some(outputs), None).expect("a signature");
        let found = signature.output_differences(&Frame::new(answer));
        let found: Vec<String> = found
            .iter()
            .map(|violation| format!("{}: {violation}", violation.code.name()))
            .collect();
        assert_eq!(found, expected, "{outputs}");
    }

    #[test]
    fn an_answer_as_declared_has_no_differences() {
        check(
            r#"[{"type": "double", "name": "y"}, {"type": "long", "name": "n"},
                {"type": "array", "items": {"type": "float"}, "name": "p"},
                {"type": "string", "name": "gone", "required": false}]"#,
            vec![
                output("n", &[2], vec![1_u32, 2]),
                output("p", &[2, 3], vec![0.5_f32; 6]),
                output("y", &[2, 1], vec![1.0, 2.0]),
            ],
            &[],
        );
        let mut map = output("p", &[1, 2], vec![0.25_f32, 0.75]);
        map.labels = Some(Labels::Ints(vec![0, 1].into()));
        let map_column = r#"[{"type": "map", "values": {"type": "float"}, "name": "p"}]"#;
        check(map_column, vec![map], &[]);
        let tensor = r#"[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]"#;
        check(tensor, vec![output("whatever", &[3], vec![1_i64; 3])], &[]);
        let signature = Signature::parse(Some(tensor), None, None).expect("no outputs");
        let answer = Frame::new(vec![output("y", &[1], vec![1.0])]);
        assert!(signature.output_differences(&answer).is_empty());
    }

    #[test]
    fn every_difference_is_told_with_its_output() {
        check(
            r#"[{"type": "double", "name": "y"}, {"type": "long", "name": "n"}, {"type": "double", "name": "gone"}]"#,
            vec![
                output("y", &[2, 3], vec![0.5; 6]),
                output("n", &[2], vec![0.5_f32; 2]),
                output("more", &[2], vec![true; 2]),
            ],
            &[
                "bad_shape: column `y` wants `double`, got `FP64` of shape (2, 3)",
                "type_mismatch: column `n` wants `long`, got `FP32` of shape (2,)",
                "missing_column: column `gone` wants `double`, got nothing",
                "unknown_column: column `more` wants no such output, got `BOOL` of shape (2,)",
            ],
        );
        check(
            r#"[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]"#,
            vec![
                output("label", &[2, 1], vec![1_i64; 2]),
                output("p", &[2, 2], vec![0.5_f32; 4]),
            ],
            &[
                "bad_shape: column `label` wants `int64` of shape (-1,), got `INT64` of shape (2, 1)",
                "unknown_column: column `p` wants no such output, got `FP32` of shape (2, 2)",
            ],
        );
    }
}
