//! Values that a file holds.

use super::super::blocks::repeat;
use super::super::{shape, standard};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, Tensor};
use flowgate_onnx::TensorRef;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Constant", 1, constant, "sparse values"),
    standard("ConstantOfShape", 9, constant_of_shape, ""),
];

/// Always the same.
struct Constant(Tensor);

/// One element, as often as a shape asks for.
struct ConstantOfShape(Data);

fn constant(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let Some(attribute) = node.node.attributes().next() else {
        return node.refuse("it has no value");
    };
    let name = attribute.name();
    let list = |data: Data| Tensor::column(data);
    let scalar = |data: Data| as_tensor(Shape::new(), data);
    let value = match name {
        "value" => held(node.node.tensor(name)?)?,
        "value_float" => scalar(vec![node.node.float(name)?.unwrap_or_default()].into())?,
        "value_floats" => list(node.floats(name)?.to_vec().into()),
        "value_int" => scalar(vec![node.int(name, 0)?].into())?,
        "value_ints" => list(node.ints(name)?.to_vec().into()),
        "value_string" => {
            let text = node.node.string(name)?.unwrap_or_default();
            scalar(Data::Str([text].into_iter().collect()))?
        }
        "value_strings" => list(Data::Str(node.strings(name)?.into_iter().collect())),
        _ => return node.refuse("its value is of a kind that is not known"),
    };
    let datatype = value.datatype();
    Ok(Lowered::one(Constant(value), datatype))
}

fn constant_of_shape(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::I64 {
        return node.refuse("its sizes are no whole numbers");
    }
    let value = match node.node.tensor("value")? {
        Some(value) => held(Some(value))?.into_data(),
        None => vec![0.0_f32].into(),
    };
    if value.len() != 1 {
        return node.refuse(format!("its value has {} elements", value.len()));
    }
    let datatype = value.datatype();
    Ok(Lowered::one(ConstantOfShape(value), datatype))
}

fn held(value: Option<TensorRef<'_>>) -> Result<Tensor, LowerError> {
    match value {
        Some(value) => crate::onnx::constant(value).map_err(LowerError),
        None => Err(LowerError("its value is missing".to_owned())),
    }
}

fn as_tensor(shape: Shape, data: Data) -> Result<Tensor, LowerError> {
    Tensor::new(shape, data).map_err(|error| LowerError(error.to_string()))
}

impl Operator for Constant {
    fn run(&self, _: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        Ok(one(self.0.clone()))
    }
}

impl Operator for ConstantOfShape {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let shape = shape::shape(&shape::integers(inputs.get(0)?)?)?;
        let data = repeat(&self.0, shape::count(&shape)?)?;
        Ok(one(Tensor::new(shape, data)?))
    }
}
