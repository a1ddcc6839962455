//! Warming up: the package's own input example through the whole path, so that "ready" means that
//! a real prediction has just succeeded.

use crate::adapter::adapt;
use crate::scoring::decode;
use flowgate_core::{
    Data, DataType, Form, Frame, InferRequest, InputAdapter, NamedTensor, Package, Plan, Port,
    PortKind, Schema, Session, Shape, Signature, Tensor,
};

/// The largest input example that is run at load, in octets.
const LIMIT: u64 = 8 << 20;

/// How the warm-up went.
pub(super) struct WarmUp {
    /// The inputs that the model answered, for trials to come.
    pub(super) inputs: Option<Frame>,
    /// What it answered.
    pub(super) outputs: Option<Frame>,
    /// What went wrong, in one line.
    pub(super) problem: Option<String>,
}

/// The request that the package stores as its example; `None` when it has none.
fn stored(package: &Package, plan: &Plan) -> Result<Option<InferRequest>, String> {
    let path = package
        .manifest()
        .saved_input_example()
        .and_then(|saved| saved.serving_input_path);
    let Some(path) = path else { return Ok(None) };
    let body = package
        .read(&path, LIMIT)
        .map_err(|error| error.to_string())?;
    let decoded = decode::json(&body, &plan.signature);
    match decoded {
        Ok(decoded) => Ok(Some(decoded.request)),
        Err(refusal) => Err(format!(
            "the package's input example `{path}` is refused: {refusal}"
        )),
    }
}

/// Runs the example of `package` on `session`, or a row of zeros where it has none.
pub(super) fn run(package: &Package, plan: &Plan, session: &mut dyn Session) -> WarmUp {
    let (request, own, mut problem) = match stored(package, plan) {
        Ok(Some(request)) => (request, true, None),
        Ok(None) => (made(plan), false, None),
        Err(problem) => (made(plan), false, Some(problem)),
    };
    let run = adapt(&plan.inputs, request.form, request.frame)
        .map_err(|error| error.to_string())
        .and_then(|inputs| match session.run(inputs.clone()) {
            Ok(outputs) => Ok((inputs, outputs)),
            Err(error) => Err(error.to_string()),
        });
    match run {
        Ok((inputs, outputs)) => WarmUp {
            inputs: Some(inputs),
            outputs: Some(outputs),
            problem,
        },
        Err(error) => {
            // A row of zeros is our own idea: that a model refuses it says nothing against it.
            if own {
                problem = Some(format!(
                    "the model refuses the package's input example: {error}"
                ));
            }
            WarmUp {
                inputs: None,
                outputs: None,
                problem,
            }
        }
    }
}

/// One row of zeros, in the form that the signature asks for; without a signature, in the
/// model's own.
fn made(plan: &Plan) -> InferRequest {
    let (form, frame) = match &plan.signature {
        Signature {
            inputs: Some(Schema::Columns(columns)),
            ..
        } => {
            let column = |(position, column): (usize, &flowgate_core::ColumnSpec)| {
                let tensor = zeros(column.kind.datatype(), Shape::from_slice(&[1]));
                NamedTensor::new(column.key(position), tensor)
            };
            (
                Form::Table,
                columns.iter().enumerate().map(column).collect(),
            )
        }
        Signature {
            inputs: Some(Schema::Tensors(tensors)),
            ..
        } => {
            let tensor = |spec: &flowgate_core::TensorSpec| {
                let shape = spec.shape.iter().map(|size| size.unwrap_or(1)).collect();
                let datatype = spec.kind.datatype().unwrap_or(DataType::Json);
                NamedTensor::new(spec.key(), zeros(datatype, shape))
            };
            let form = if tensors.iter().all(|spec| spec.name.is_none()) {
                Form::Tensor
            } else {
                Form::Tensors
            };
            (form, tensors.iter().map(tensor).collect())
        }
        Signature { inputs: None, .. } => {
            let form = match plan.inputs {
                InputAdapter::Single(_) | InputAdapter::Numbers(_) => Form::Tensor,
                InputAdapter::Named(_) => Form::Tensors,
            };
            (form, plan.inputs.ports().iter().map(zeros_for).collect())
        }
    };
    InferRequest {
        frame,
        form,
        params: Vec::new(),
    }
}

fn zeros_for(port: &Port) -> NamedTensor {
    let sizes = port.shape.iter().flatten();
    let shape = sizes
        .map(|dim| match dim {
            flowgate_core::Dim::Fixed(size) => *size,
            flowgate_core::Dim::Free => 1,
        })
        .collect();
    let datatype = match port.kind {
        PortKind::Tensor(datatype) => datatype,
        PortKind::Map(_) | PortKind::Other(_) => DataType::F32,
    };
    NamedTensor::new(port.name.clone(), zeros(datatype, shape))
}

/// The most elements of a made example: a graph may declare any fixed sizes.
const ELEMENTS: usize = 1 << 22;

fn zeros(datatype: DataType, shape: Shape) -> Tensor {
    let count = flowgate_core::element_count(&shape).filter(|count| *count <= ELEMENTS);
    let (count, shape) = count.map_or((0, Shape::from_slice(&[0])), |count| (count, shape));
    let texts = |text: &'static str| std::iter::repeat_n(text, count).collect();
    let data = match datatype {
        DataType::Bool => Data::from(vec![false; count]),
        DataType::I8 => Data::from(vec![0_i8; count]),
        DataType::I16 => Data::from(vec![0_i16; count]),
        DataType::I32 => Data::from(vec![0_i32; count]),
        DataType::I64 => Data::from(vec![0_i64; count]),
        DataType::U8 => Data::from(vec![0_u8; count]),
        DataType::U16 => Data::from(vec![0_u16; count]),
        DataType::U32 => Data::from(vec![0_u32; count]),
        DataType::U64 => Data::from(vec![0_u64; count]),
        DataType::F16 => Data::from(vec![half::f16::ZERO; count]),
        DataType::F32 => Data::from(vec![0_f32; count]),
        DataType::F64 => Data::from(vec![0_f64; count]),
        DataType::DateTime => Data::DateTime(vec![0_i64; count].into()),
        DataType::Str => Data::Str(texts("")),
        DataType::Json => Data::Json(texts("null")),
        DataType::Bytes => Data::Bytes(std::iter::repeat_n(b"".as_slice(), count).collect()),
    };
    Tensor::new(shape, data).unwrap_or_else(|_| Tensor::column(Data::empty(datatype)))
}
