//! `inputs` and `instances`: arrays of numpy in the types of the signature.
//!
//! Source: MLflow 3.17.2, `parse_tf_serving_input`, `_cast_schema_type`, `parse_instances_data`.

use super::array::{NdArray, typed};
use super::enforce::{Sent, nested};
use super::exception::{Exception, invalid};
use super::object::{Dict, Object};
use flowgate_core::{ColumnSpec, ColumnType, Refusal, Scalar, Schema, TensorSpec, TensorType};

/// What an entry of a signature declares.
#[derive(Clone, Copy)]
enum Spec<'s> {
    Column(&'s ColumnSpec),
    Tensor(&'s TensorSpec),
}

/// The entries of a signature's inputs.
struct Specs<'s>(Option<&'s Schema>);

impl<'s> Specs<'s> {
    fn at(&self, position: usize) -> Option<Spec<'s>> {
        match self.0? {
            Schema::Columns(specs) => specs.get(position).map(Spec::Column),
            Schema::Tensors(specs) => specs.get(position).map(Spec::Tensor),
        }
    }

    fn called(&self, name: &str) -> Option<Spec<'s>> {
        match self.0? {
            Schema::Columns(specs) => specs
                .iter()
                .find(|spec| spec.name.as_deref() == Some(name))
                .map(Spec::Column),
            Schema::Tensors(specs) => specs
                .iter()
                .find(|spec| spec.name.as_deref() == Some(name))
                .map(Spec::Tensor),
        }
    }

    fn are_named(&self) -> bool {
        self.0.is_some_and(Schema::is_named)
    }

    /// The name of the only entry.
    fn only_name(&self) -> Option<&'s str> {
        match self.0? {
            Schema::Columns(specs) => match specs.as_slice() {
                [only] => only.name.as_deref(),
                _ => None,
            },
            Schema::Tensors(specs) => match specs.as_slice() {
                [only] => only.name.as_deref(),
                _ => None,
            },
        }
    }

    /// Names of required entries that are not lists: their lengths must agree.
    fn of_rows(&self, name: &str) -> bool {
        match self.called(name) {
            Some(Spec::Column(spec)) => {
                let is_list = matches!(spec.kind, ColumnType::Array(_) | ColumnType::SparkVector);
                spec.required && !is_list
            }
            Some(Spec::Tensor(_)) => true,
            None => false,
        }
    }
}

/// `inputs`.
pub(super) fn inputs(value: Object, inputs: Option<&Schema>) -> Result<Sent, Refusal> {
    cast(value, &Specs(inputs)).map(Sent::Value)
}

/// `instances`.
pub(super) fn instances(value: Object, inputs: Option<&Schema>) -> Result<Sent, Refusal> {
    let specs = Specs(inputs);
    let of_records =
        matches!(&value, Object::List(items) if matches!(items.first(), Some(Object::Dict(_))));
    let value = match value {
        Object::List(items) if of_records => transposed(items, &specs)?,
        other => cast(other, &specs)?,
    };
    if let Object::Dict(members) = &value {
        one_length(members, &specs)?;
    }
    Ok(Sent::Value(value))
}

fn cast(value: Object, specs: &Specs<'_>) -> Result<Object, Refusal> {
    let is_record = |item: &Object| matches!(item, Object::Dict(_));
    if let (Some(name), Object::List(items)) = (specs.only_name(), &value)
        && !items.iter().any(is_record)
    {
        let array = converted(value, specs.called(name))?;
        return Ok(Object::Dict(Box::new(Dict::from_iter([(
            name.into(),
            array,
        )]))));
    }
    let unnamed = specs.0.is_some() && !specs.are_named();
    if unnamed && matches!(value, Object::Dict(_) | Object::None) {
        return Err(invalid(format!(
            "Failed to parse input data. This model contains an un-named  model signature which \
             expects a single n-dimensional array or a single value as input, however, an input of \
             type <class '{}'> was found.",
            value.class()
        )));
    }
    match value {
        Object::Dict(members) => {
            record(*members, specs).map(|members| Object::Dict(Box::new(members)))
        }
        Object::List(items) if items.iter().all(is_record) => {
            let items = items.into_iter().map(|item| match item {
                Object::Dict(members) => {
                    record(*members, specs).map(|members| Object::Dict(Box::new(members)))
                }
                other => Ok(other),
            });
            items.collect::<Result<_, _>>().map(Object::List)
        }
        list @ Object::List(_) => converted(list, specs.at(0)),
        single => convert(single, specs.at(0)).map_err(|_| {
            let spec = match specs.at(0) {
                Some(Spec::Column(spec)) => spec.to_string(),
                Some(Spec::Tensor(spec)) => spec.to_string(),
                None => "None".to_owned(),
            };
            invalid(format!(
                "Failed to convert data `...` to type `{spec}` defined in the model signature."
            ))
        }),
    }
}

/// Every value in the type of its key.
fn record(members: Dict, specs: &Specs<'_>) -> Result<Dict, Refusal> {
    let members = members.into_iter().map(|(name, value)| {
        let spec = specs.called(&name);
        converted(value, spec).map(|value| (name, value))
    });
    members.collect()
}

fn converted(value: Object, spec: Option<Spec<'_>>) -> Result<Object, Refusal> {
    convert(value, spec).map_err(|exception| exception.refused())
}

fn convert(value: Object, spec: Option<Spec<'_>>) -> Result<Object, Exception> {
    let array =
        |value, dtype| NdArray::new(value, dtype).map(|array| Object::Array(Box::new(array)));
    match spec {
        None => array(value, None),
        Some(Spec::Tensor(spec)) => array(value, Some(spec.kind)),
        Some(Spec::Column(spec)) => match &spec.kind {
            ColumnType::Scalar(scalar) => {
                let dtype = TensorType::Data(scalar.datatype());
                match value {
                    list @ Object::List(_) => array(list, Some(dtype)),
                    // A single value keeps the type that it was given.
                    single => typed(&[single], dtype).map(|values| match values.get(0) {
                        #[expect(
                            clippy::cast_possible_truncation,
                            reason = "it was a number of 32 bits"
                        )]
                        Object::Float(number) if *scalar == Scalar::Float => {
                            Object::Float32(number as f32)
                        }
                        Object::Int(number) if *scalar == Scalar::Integer => {
                            i32::try_from(number).map_or(Object::Int(number), Object::Int32)
                        }
                        other => other,
                    }),
                }
            }
            kind @ (ColumnType::Array(_) | ColumnType::SparkVector) => {
                array(nested::enforce(value, kind, spec.required)?, None)
            }
            kind => nested::enforce(value, kind, spec.required),
        },
    }
}

/// Records as one array a key. Records need not have the same keys.
fn transposed(items: Vec<Object>, specs: &Specs<'_>) -> Result<Object, Refusal> {
    let mut columns: indexmap::IndexMap<Box<str>, Vec<Object>> = indexmap::IndexMap::new();
    for item in items {
        let Object::Dict(members) = item else {
            return Err(not_json(&Exception::new(
                "AttributeError",
                format!("'{}' object has no attribute 'items'", item.class()),
            )));
        };
        for (name, value) in *members {
            let value = converted(value, specs.called(&name))?;
            columns.entry(name).or_default().push(value);
        }
    }
    let columns = columns.into_iter().map(|(name, values)| {
        // Values that were typed keep their type; numpy finds one for the others.
        let dtype = match specs.called(&name) {
            Some(Spec::Column(spec)) => match &spec.kind {
                ColumnType::Scalar(scalar) => Some(TensorType::Data(scalar.datatype())),
                _ => None,
            },
            Some(Spec::Tensor(spec)) => Some(spec.kind),
            None => None,
        };
        let array = NdArray::new(Object::List(values), dtype).map_err(|error| not_json(&error))?;
        Ok((name, Object::Array(Box::new(array))))
    });
    let columns: Result<Dict, Refusal> = columns.collect();
    columns.map(|columns| Object::Dict(Box::new(columns)))
}

fn not_json(exception: &Exception) -> Refusal {
    invalid(format!(
        "Ensure that the input is a valid JSON-formatted string.\nError: {}",
        exception.repr()
    ))
}

/// The arrays of required entries must have one length.
fn one_length(members: &Dict, specs: &Specs<'_>) -> Result<(), Refusal> {
    let mut length = None;
    for (name, value) in members {
        if specs.are_named() && !specs.of_rows(name) {
            continue;
        }
        let found = match value {
            Object::List(items) => items.len(),
            Object::Array(array) => match array.shape.first() {
                Some(found) => *found,
                None => return Err(not_json(&Exception::type_error("len() of unsized object"))),
            },
            _ => continue,
        };
        if *length.get_or_insert(found) != found {
            return Err(invalid(
                "The length of values for each input/column name are not the same",
            ));
        }
    }
    Ok(())
}
