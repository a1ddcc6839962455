//! From the data of a request to the inputs of a model, as MLflow's ONNX flavor feeds them.
//!
//! Source: MLflow 3.17.2, `mlflow.onnx._OnnxModelWrapper`, as measured on the real library.
//! Decides no values: only `f64` is turned into `f32` and JSON's texts into texts, where the model
//! asks for it.

mod numbers;

use flowgate_core::{
    Code, Data, DataType, Dim, ErrorKind, Form, Frame, InputAdapter, NamedTensor, Port, PortKind,
    Refusal, Shape, Stage, Strings, Tensor, Violation,
};
use numbers::{converted, numbers};

/// Why data of the right signature does not go into the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdaptError {
    /// The model has several inputs and one tensor without a name was sent.
    #[error(
        "the model has {count} inputs: send an object or a table with `{names}`, not one tensor"
    )]
    NeedsNames {
        /// Inputs of the model.
        count: usize,
        /// Their names.
        names: String,
    },
    /// An input of the model that was not sent.
    #[error("the model asks for `{name}`, which was not sent")]
    Missing {
        /// The input.
        name: String,
    },
    /// A tensor was sent that the model does not have.
    #[error("{count} tensors were sent that the model does not have; it has `{names}`")]
    Unknown {
        /// Tensors too many.
        count: usize,
        /// The inputs of the model.
        names: String,
    },
    /// The columns have no common type.
    #[error("the columns of the table have no common type: `{one}` and `{two}` do not mix")]
    NoCommonType {
        /// A type among them.
        one: DataType,
        /// One that does not go with it.
        two: DataType,
    },
    /// A column or tensor of something else than numbers.
    #[error("the model asks for numbers, `{name}` is of `{datatype}`")]
    NotNumbers {
        /// The column or tensor.
        name: String,
        /// Its type.
        datatype: DataType,
    },
    /// Another number of columns than the model has.
    #[error("the model asks for {expected} columns, {found} were sent")]
    Width {
        /// Columns of the model.
        expected: usize,
        /// Columns that were sent.
        found: usize,
    },
    /// A table without columns.
    #[error("the table has no columns")]
    NoColumns,
}

impl AdaptError {
    /// Always the request's fault: a signature that can never fit is refused at load.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NeedsNames { .. }
            | Self::Missing { .. }
            | Self::Unknown { .. }
            | Self::NoCommonType { .. }
            | Self::NotNumbers { .. }
            | Self::Width { .. }
            | Self::NoColumns => ErrorKind::InvalidInput,
        }
    }
}

impl From<AdaptError> for Refusal {
    /// The same words, with what was expected and what was there.
    fn from(error: AdaptError) -> Self {
        let violation = match &error {
            AdaptError::NeedsNames { names, .. } => Violation::new(
                Code::MissingColumn,
                format!("`{names}`"),
                "one tensor without a name",
            ),
            AdaptError::Missing { name } => {
                Violation::new(Code::MissingColumn, "an input of the model", "nothing")
                    .in_column(name.as_str())
            }
            AdaptError::Unknown { count, names } => Violation::new(
                Code::UnknownColumn,
                format!("`{names}`"),
                format!("{count} tensors more"),
            ),
            AdaptError::NoCommonType { one, two } => Violation::new(
                Code::TypeMismatch,
                "columns that have a common type",
                format!("`{one}` beside `{two}`"),
            ),
            AdaptError::NotNumbers { name, datatype } => {
                Violation::new(Code::TypeMismatch, "numbers", format!("`{datatype}`"))
                    .in_column(name.as_str())
            }
            AdaptError::Width { expected, found } => Violation::new(
                Code::BadShape,
                format!("{expected} columns"),
                format!("{found} columns"),
            ),
            AdaptError::NoColumns => Violation::new(Code::BadShape, "a table with columns", "none"),
        };
        Self::new(Stage::Value, violation).with_summary(error.to_string())
    }
}

/// The inputs of the model from `frame`, which holds data of the kind `form`.
///
/// # Errors
/// When the model has an input that cannot be made of it.
pub fn adapt(adapter: &InputAdapter, form: Form, frame: Frame) -> Result<Frame, AdaptError> {
    match (adapter, form) {
        (InputAdapter::Single(port), form) if form.is_table() => stack(port, &frame),
        (InputAdapter::Single(port), Form::Tensor) => {
            let tensor = frame.into_tensors().into_iter().next();
            let tensor = tensor.ok_or_else(|| missing(port))?.tensor;
            Ok(Frame::new(vec![NamedTensor::new(
                port.name.clone(),
                fit(port, tensor),
            )]))
        }
        (InputAdapter::Numbers(port), form) if form.is_table() => numbers(port, &frame),
        (InputAdapter::Numbers(port), Form::Tensor) => {
            let tensor = frame.into_tensors().into_iter().next();
            let tensor = converted(port, tensor.ok_or_else(|| missing(port))?)?;
            Ok(Frame::new(vec![tensor]))
        }
        (InputAdapter::Named(ports), Form::Tensor) => Err(AdaptError::NeedsNames {
            count: ports.len(),
            names: names(ports),
        }),
        (adapter, form) => by_name(adapter.ports(), form, &frame),
    }
}

/// Every input takes the column or tensor of its name. A table may have more columns than the
/// model; tensors too many are a mistake.
fn by_name(ports: &[Port], form: Form, frame: &Frame) -> Result<Frame, AdaptError> {
    if !form.is_table() && frame.tensors().len() > ports.len() {
        let count = frame.tensors().len() - ports.len();
        return Err(AdaptError::Unknown {
            count,
            names: names(ports),
        });
    }
    ports
        .iter()
        .map(|port| {
            let tensor = frame
                .get(&port.name)
                .ok_or_else(|| missing(port))?
                .tensor
                .clone();
            let tensor = if form.is_table() {
                as_column(port, tensor)
            } else {
                tensor
            };
            Ok(NamedTensor::new(port.name.clone(), fit(port, tensor)))
        })
        .collect()
}

/// A column as `[rows, 1]` where the model wants two dimensions, as most converters of tables do.
fn as_column(port: &Port, tensor: Tensor) -> Tensor {
    let rows = tensor.data().len();
    let wants_matrix = port
        .shape
        .as_deref()
        .is_some_and(|shape| shape.len() == 2 && matches!(shape[1], Dim::Fixed(1) | Dim::Free));
    if wants_matrix && tensor.shape().len() == 1 {
        let shape = Shape::from_slice(&[rows, 1]);
        return tensor.clone().reshape(shape).unwrap_or(tensor);
    }
    tensor
}

/// All columns side by side: `[rows, columns]`, row-major, in their common type.
fn stack(port: &Port, frame: &Frame) -> Result<Frame, AdaptError> {
    if frame.tensors().is_empty() {
        return nothing(port);
    }
    let columns: Vec<&Data> = frame
        .tensors()
        .iter()
        .map(|named| named.tensor.data())
        .collect();
    let rows = frame.rows().ok_or(AdaptError::NoColumns)?;
    let common = common_type(&columns)?;
    // The model's own type where it may be had, so that each value is converted once.
    let target = if (common, &port.kind) == (DataType::F64, &PortKind::Tensor(DataType::F32)) {
        DataType::F32
    } else {
        common
    };
    let data = match target {
        DataType::F32 => Data::from(interleave(rows, &columns, numbers_f32)),
        DataType::F64 => Data::from(interleave(rows, &columns, numbers_f64)),
        DataType::I64 => Data::from(interleave(rows, &columns, whole_numbers)),
        _ => Data::interleave(&columns).ok_or(AdaptError::NoColumns)?,
    };
    let shape = Shape::from_slice(&[rows, columns.len()]);
    let tensor = Tensor::new(shape, data).map_err(|_| AdaptError::NoColumns)?;
    Ok(Frame::new(vec![NamedTensor::new(
        port.name.clone(),
        tensor,
    )]))
}

/// A table of no rows and no columns: no rows of whatever the model asks for.
fn nothing(port: &Port) -> Result<Frame, AdaptError> {
    let (PortKind::Tensor(datatype), Some([_, width])) = (&port.kind, port.shape.as_deref()) else {
        return Err(AdaptError::NoColumns);
    };
    let width = match width {
        Dim::Fixed(width) => *width,
        Dim::Free => 0,
    };
    let shape = Shape::from_slice(&[0, width]);
    let tensor = Tensor::new(shape, Data::empty(*datatype)).map_err(|_| AdaptError::NoColumns)?;
    Ok(Frame::new(vec![NamedTensor::new(
        port.name.clone(),
        tensor,
    )]))
}

/// The type that numpy gives a table of such columns.
fn common_type(columns: &[&Data]) -> Result<DataType, AdaptError> {
    let mut types = columns.iter().map(|column| column.datatype());
    let first = types.next().ok_or(AdaptError::NoColumns)?;
    types.try_fold(first, |one, two| {
        one.common(two).ok_or(AdaptError::NoCommonType { one, two })
    })
}

/// Row-major elements of `columns`, each read by `read`.
fn interleave<T: Copy + Default>(
    rows: usize,
    columns: &[&Data],
    read: impl Fn(&Data, &mut dyn FnMut(usize, T)),
) -> Vec<T> {
    let width = columns.len();
    let mut matrix = vec![T::default(); rows * width];
    for (index, column) in columns.iter().enumerate() {
        read(column, &mut |row, value| {
            matrix[row * width + index] = value
        });
    }
    matrix
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to 32 bits is what the model asks for"
)]
fn numbers_f32(column: &Data, put: &mut dyn FnMut(usize, f32)) {
    numbers_f64(column, &mut |row, value| put(row, value as f32));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numpy rounds a mixed table in the same way"
)]
fn numbers_f64(column: &Data, put: &mut dyn FnMut(usize, f64)) {
    macro_rules! each {
        ($elements:expr, $value:ident => $number:expr) => {
            for (row, $value) in $elements.iter().enumerate() {
                put(row, $number);
            }
        };
    }
    match column {
        Data::I8(elements) => each!(elements, value => f64::from(*value)),
        Data::I16(elements) => each!(elements, value => f64::from(*value)),
        Data::I32(elements) => each!(elements, value => f64::from(*value)),
        Data::I64(elements) => each!(elements, value => *value as f64),
        Data::U8(elements) => each!(elements, value => f64::from(*value)),
        Data::U16(elements) => each!(elements, value => f64::from(*value)),
        Data::U32(elements) => each!(elements, value => f64::from(*value)),
        Data::U64(elements) => each!(elements, value => *value as f64),
        Data::F16(elements) => each!(elements, value => f64::from(*value)),
        Data::F32(elements) => each!(elements, value => f64::from(*value)),
        Data::F64(elements) => each!(elements, value => *value),
        // Not numbers: never asked for by `common_type`.
        Data::Bool(_) | Data::Str(_) | Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => {}
    }
}

fn whole_numbers(column: &Data, put: &mut dyn FnMut(usize, i64)) {
    match column {
        Data::I32(numbers) => numbers
            .iter()
            .enumerate()
            .for_each(|(row, number)| put(row, i64::from(*number))),
        Data::I64(numbers) => numbers
            .iter()
            .enumerate()
            .for_each(|(row, number)| put(row, *number)),
        // Never asked for by `common_type`.
        _ => {}
    }
}

/// `tensor` in the type of `port`, where that is `f32` and the tensor is `f64`, or where that is
/// text and the tensor is JSON (numpy's `object`, MLflow's `any`) of nothing but texts.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to 32 bits is what the model asks for"
)]
fn fit(port: &Port, tensor: Tensor) -> Tensor {
    match (&port.kind, tensor.data()) {
        (PortKind::Tensor(DataType::F32), Data::F64(numbers)) => {
            let numbers: Vec<f32> = numbers.iter().map(|number| *number as f32).collect();
            Tensor::new(tensor.shape(), numbers).unwrap_or(tensor)
        }
        (PortKind::Tensor(DataType::Str), Data::Json(cells)) => {
            let texts: Result<Strings, _> =
                cells.iter().map(serde_json::from_str::<String>).collect();
            let texts = texts.ok().map(Data::Str);
            texts
                .and_then(|texts| Tensor::new(tensor.shape(), texts).ok())
                .unwrap_or(tensor)
        }
        _ => tensor,
    }
}

fn missing(port: &Port) -> AdaptError {
    AdaptError::Missing {
        name: port.name.to_string(),
    }
}

fn names(ports: &[Port]) -> String {
    ports
        .iter()
        .map(|port| &*port.name)
        .collect::<Vec<_>>()
        .join("`, `")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, datatype: DataType, shape: &[Dim]) -> Port {
        Port {
            name: name.into(),
            kind: PortKind::Tensor(datatype),
            shape: Some(shape.to_vec()),
        }
    }

    fn table(columns: Vec<(&str, Data)>) -> Frame {
        let named = |(name, data)| NamedTensor::new(name, Tensor::column(data));
        columns.into_iter().map(named).collect()
    }

    fn single(datatype: DataType, columns: Vec<(&str, Data)>) -> Result<Tensor, AdaptError> {
        let adapter = InputAdapter::Single(port("x", datatype, &[Dim::Free, Dim::Free]));
        let frame = adapt(&adapter, Form::Table, table(columns))?;
        Ok(frame.get("x").expect("the one input").tensor.clone())
    }

    #[test]
    fn a_table_goes_side_by_side_in_the_order_of_its_columns() {
        let columns = vec![
            ("a", vec![1.5_f64, 2.5].into()),
            ("b", vec![3_i64, 4].into()),
        ];
        let tensor = single(DataType::F32, columns).expect("numbers");
        assert_eq!(
            (tensor.shape(), tensor.data()),
            ([2, 2].as_slice(), &Data::from(vec![1.5_f32, 3.0, 2.5, 4.0]))
        );
    }

    #[test]
    fn integers_stay_integers_when_no_float_is_among_them() {
        let columns = vec![("a", vec![i64::MAX].into()), ("b", vec![-1_i32].into())];
        let tensor = single(DataType::F32, columns).expect("integers");
        assert_eq!(tensor.data(), &Data::from(vec![i64::MAX, -1]));
    }

    #[test]
    fn texts_and_numbers_do_not_mix() {
        let texts = Data::Str(["a"].into_iter().collect());
        let error = single(
            DataType::Str,
            vec![("a", texts), ("b", vec![1.0_f64].into())],
        );
        assert_eq!(
            error,
            Err(AdaptError::NoCommonType {
                one: DataType::Str,
                two: DataType::F64
            })
        );
        let nothing = single(DataType::F32, vec![]).expect("no rows of nothing");
        assert_eq!(
            (nothing.shape(), nothing.datatype()),
            ([0, 0].as_slice(), DataType::F32)
        );
    }

    #[test]
    fn a_column_gets_a_second_dimension_where_the_model_wants_one() {
        let ports = vec![
            port("a", DataType::F32, &[Dim::Free, Dim::Fixed(1)]),
            port("b", DataType::I64, &[Dim::Free]),
        ];
        let columns = vec![
            ("b", vec![1_i64].into()),
            ("c", vec![0_i64].into()),
            ("a", vec![0.5_f64].into()),
        ];
        let frame = adapt(&InputAdapter::Named(ports), Form::Table, table(columns)).expect("fits");
        let shapes: Vec<_> = frame
            .tensors()
            .iter()
            .map(|named| named.tensor.shape().to_vec())
            .collect();
        assert_eq!(shapes, [vec![1, 1], vec![1]]);
    }

    #[test]
    fn objects_that_are_texts_go_into_a_model_of_texts() {
        let adapter = InputAdapter::Single(port("x", DataType::Str, &[Dim::Free]));
        let fed = |cells: &[&str]| {
            let json = Data::Json(cells.iter().copied().collect());
            let frame = adapt(&adapter, Form::Tensor, table(vec![("", json)])).expect("one");
            frame.get("x").expect("the one input").tensor.data().clone()
        };
        let texts = Data::Str(["a\n", ""].into_iter().collect());
        assert_eq!(fed(&[r#""a\n""#, r#""""#]), texts);
        // Not all are: the runtime refuses them.
        assert_eq!(fed(&[r#""a""#, "1"]).datatype(), DataType::Json);
    }

    #[test]
    fn one_tensor_is_not_enough_for_two_inputs_and_three_are_too_many() {
        let ports = vec![port("a", DataType::F64, &[]), port("b", DataType::F64, &[])];
        let adapter = InputAdapter::Named(ports);
        let one = table(vec![("", vec![1.0_f64].into())]);
        assert!(matches!(
            adapt(&adapter, Form::Tensor, one),
            Err(AdaptError::NeedsNames { count: 2, .. })
        ));
        let three = table(vec![
            ("a", vec![1.0_f64].into()),
            ("b", vec![1.0_f64].into()),
            ("c", vec![1.0_f64].into()),
        ]);
        assert!(matches!(
            adapt(&adapter, Form::Tensors, three),
            Err(AdaptError::Unknown { count: 1, .. })
        ));
    }
}
