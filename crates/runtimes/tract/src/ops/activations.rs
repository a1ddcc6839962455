//! `Relu`, `Sigmoid` and `Tanh` that keep NaN and do not saturate before the type does.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_hir::internal::*;

type Built = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;
type Builder = fn(&ParsingContext<'_>, &NodeProto) -> Built;

/// The operators of this file by name.
pub(super) const BUILDERS: [(&str, Builder); 3] = [
    ("Relu", |_, _| built(Activation::Relu)),
    ("Sigmoid", |_, _| built(Activation::Sigmoid)),
    ("Tanh", |_, _| built(Activation::Tanh)),
];

fn built(activation: Activation) -> Built {
    Ok((
        ElementWiseOp(Box::new(activation), None).into_hir(),
        Vec::new(),
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activation {
    Relu,
    Sigmoid,
    Tanh,
}

macro_rules! apply {
    ($activation:expr, $elements:expr) => {
        match $activation {
            Activation::Relu => each($elements, |x| if x < 0.0 { 0.0 } else { x }),
            // Written so that `exp` never overflows; a NaN takes the second branch.
            Activation::Sigmoid => each($elements, |x| {
                if x < 0.0 {
                    let e = x.exp();
                    e / (1.0 + e)
                } else {
                    1.0 / (1.0 + (-x).exp())
                }
            }),
            Activation::Tanh => each($elements, |x| x.tanh()),
        }
    };
}

fn each<T: Copy>(elements: &mut [T], f: impl Fn(T) -> T) {
    for element in elements {
        *element = f(*element);
    }
}

impl ElementWiseMiniOp for Activation {
    fn name(&self) -> String {
        format!("{self:?}")
    }

    fn eval_in_place(&self, tensor: &mut Tensor, _: Option<DatumType>) -> TractResult<()> {
        let datum_type = tensor.datum_type();
        let mut plain = tensor.try_as_plain_ram_mut()?;
        match datum_type {
            DatumType::F32 => apply!(self, plain.as_slice_mut::<f32>()?),
            DatumType::F64 => apply!(self, plain.as_slice_mut::<f64>()?),
            other => bail!("{self:?} of {other:?}"),
        }
        Ok(())
    }
}
