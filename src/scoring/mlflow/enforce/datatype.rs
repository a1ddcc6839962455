//! The safe conversions of one column to a scalar type.
//!
//! Source: MLflow 3.17.2, `_enforce_mlflow_datatype`.

use crate::scoring::mlflow::exception::Exception;
use crate::scoring::mlflow::object::Object;
use crate::scoring::mlflow::values::{Values, dtype_name};
use flowgate_core::{Data, DataType, Scalar};

/// MLflow's advice for whole numbers that became doubles for a missing one among them.
const HINT: &str = " Hint: the type mismatch is likely caused by missing values. Integer columns in \
python can not represent missing values and are therefore encoded as floats. The best way to avoid \
this problem is to infer the model schema based on a realistic data sample (training dataset) that \
includes missing values. Alternatively, you can declare integer columns as doubles (float64) \
whenever these columns may have missing values. See `Handling Integers With Missing Values \
<https://www.mlflow.org/docs/latest/models.html#handling-integers-with-missing-values>`_ for more \
details.";

/// The cells of the column `name` as `scalar`.
///
/// # Errors
/// When that could lose something.
pub(super) fn enforce_values(
    name: &str,
    values: Values,
    scalar: Scalar,
) -> Result<Values, Exception> {
    let values = match values {
        Values::Objects(objects) if !matches!(scalar, Scalar::Binary | Scalar::String) => {
            Values::inferred(objects)
        }
        other => other,
    };
    let wanted = scalar.datatype();
    match (&values, scalar) {
        (Values::Objects(_) | Values::Texts(_), Scalar::String | Scalar::Binary) => Ok(values),
        (Values::Typed(data), _) if data.datatype() == wanted => Ok(values),
        (Values::Objects(_), Scalar::Boolean) => Ok(values),
        (Values::Objects(objects), Scalar::Double) => to_numeric(objects),
        (Values::Objects(objects), Scalar::DateTime) => {
            if objects.iter().all(Object::is_missing) {
                let times = vec![crate::scoring::mlflow::object::NOT_A_TIME; objects.len()];
                return Ok(Values::Typed(Data::DateTime(times.into())));
            }
            Err(Exception::mlflow(format!(
                "Failed to convert column {name} from type object to DataType.datetime."
            )))
        }
        (Values::Zoned(_), Scalar::DateTime) => Err(Exception::mlflow(
            "Please ensure that the input data of datetime column only contains timezone-naive \
             datetime objects. Error: Cannot use .astype to convert from timezone-aware dtype to \
             timezone-naive dtype. Use obj.tz_localize(None) or \
             obj.tz_convert('UTC').tz_localize(None) instead.",
        )),
        (Values::Typed(data), _) => upcast(data, wanted).map_or_else(
            || Err(unsafe_cast(name, &values, wanted)),
            |data| Ok(Values::Typed(data)),
        ),
        (Values::Objects(_) | Values::Texts(_) | Values::Zoned(_), _) => {
            Err(unsafe_cast(name, &values, wanted))
        }
    }
}

/// `data` in the type `wanted`, where every value of its type has a place there, or where it
/// holds nothing but zeros and ones.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "zeros and ones are exact"
)]
fn upcast(data: &Data, wanted: DataType) -> Option<Data> {
    if let (Data::I64(numbers), DataType::F32 | DataType::F64) = (data, wanted) {
        let small = numbers.iter().all(|number| matches!(number, 0 | 1));
        let doubles = || numbers.iter().map(|number| *number as f64);
        return small.then(|| match wanted {
            DataType::F32 => Data::from(doubles().map(|number| number as f32).collect::<Vec<_>>()),
            _ => Data::from(doubles().collect::<Vec<_>>()),
        });
    }
    macro_rules! widen {
        ($numbers:expr, $type:ty) => {
            Some(Data::from(
                $numbers
                    .iter()
                    .map(|number| <$type>::from(*number))
                    .collect::<Vec<_>>(),
            ))
        };
    }
    match (data, wanted) {
        (Data::I8(numbers), DataType::I32) => widen!(numbers, i32),
        (Data::I16(numbers), DataType::I32) => widen!(numbers, i32),
        (Data::U8(numbers), DataType::I32) => widen!(numbers, i32),
        (Data::U16(numbers), DataType::I32) => widen!(numbers, i32),
        (Data::I8(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::I16(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::I32(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::U8(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::U16(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::U32(numbers), DataType::I64) => widen!(numbers, i64),
        (Data::I8(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::I16(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::I32(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::U8(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::U16(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::U32(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::F16(numbers), DataType::F32) => widen!(numbers, f32),
        (Data::F16(numbers), DataType::F64) => widen!(numbers, f64),
        (Data::F32(numbers), DataType::F64) => widen!(numbers, f64),
        _ => None,
    }
}

fn unsafe_cast(name: &str, values: &Values, wanted: DataType) -> Exception {
    let holes = match values {
        Values::Typed(Data::F64(numbers)) => {
            numbers.iter().any(|number| number.is_nan())
                && numbers
                    .iter()
                    .all(|number| number.is_nan() || number.fract() == 0.0)
        }
        _ => false,
    };
    let hint = if holes && wanted.is_integer() {
        HINT
    } else {
        ""
    };
    Exception::mlflow(format!(
        "Incompatible input types for column {name}. Can not safely convert {} to {}.{hint}",
        values.dtype(),
        dtype_name(wanted)
    ))
}

/// `pandas.to_numeric` of cells of more than one type, as doubles.
fn to_numeric(objects: &[Object]) -> Result<Values, Exception> {
    let number = |(position, object): (usize, &Object)| match object {
        Object::None
        | Object::Bool(_)
        | Object::Int(_)
        | Object::Int32(_)
        | Object::Big(_)
        | Object::Float(_)
        | Object::Float32(_) => object.float(),
        Object::Str(_) => object.float().map_err(|_| {
            Exception::value(format!("Unable to parse string at position {position}"))
        }),
        // Nothing is not a number there.
        Object::List(items) if items.is_empty() => Ok(f64::NAN),
        Object::Array(array) if array.values.len() == 0 => Ok(f64::NAN),
        _ => Err(Exception::type_error(format!(
            "Invalid object type at position {position}"
        ))),
    };
    let numbers: Result<Vec<f64>, Exception> = objects.iter().enumerate().map(number).collect();
    Ok(Values::Typed(Data::from(numbers?)))
}
