//! 16-bit floats, for which ONNX Runtime has few operators on a CPU: where it has none it computes
//! with 32 bits and rounds what comes out.

use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::{Data, DataType, Tensor};
use half::f16;
use smallvec::SmallVec;

/// An operator on 32-bit floats for values of 16 bits.
struct Widened {
    op: Box<dyn Operator>,
    /// Which outputs are rounded.
    rounded: SmallVec<[bool; 2]>,
}

/// What `lower` makes of `node`, with every input of 16-bit floats widened and every output of
/// 32-bit floats rounded, if there is such an input.
///
/// # Errors
/// Those of `lower`.
pub(super) fn widened(
    node: &Lowering<'_>,
    lower: fn(&Lowering<'_>) -> Result<Lowered, LowerError>,
) -> Result<Lowered, LowerError> {
    let mut inputs = node.inputs.clone();
    let mut narrow = inputs.iter_mut().flatten();
    if !narrow.any(|known| known.datatype == DataType::F16) {
        return lower(node);
    }
    for known in inputs.iter_mut().flatten() {
        if known.datatype == DataType::F16 {
            known.datatype = DataType::F32;
            let wide = known.constant.as_ref().map(widen).transpose();
            known.constant = wide.map_err(|fault| LowerError(fault.to_string()))?;
        }
    }
    let mut lowered = lower(&Lowering {
        node: node.node,
        opset: node.opset,
        inputs,
        scope: node.scope,
        opsets: node.opsets,
    })?;
    let rounded: SmallVec<[bool; 2]> = lowered
        .outputs
        .iter()
        .map(|datatype| *datatype == DataType::F32)
        .collect();
    for datatype in &mut lowered.outputs {
        if *datatype == DataType::F32 {
            *datatype = DataType::F16;
        }
    }
    Ok(Lowered {
        op: Box::new(Widened {
            op: lowered.op,
            rounded,
        }),
        outputs: lowered.outputs,
    })
}

impl Operator for Widened {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let wide = inputs.0.iter().map(|input| input.map(widen).transpose());
        let wide: SmallVec<[Option<Tensor>; 4]> = wide.collect::<Result<_, _>>()?;
        let wide: SmallVec<[Option<&Tensor>; 4]> = wide.iter().map(Option::as_ref).collect();
        let made = self.op.run(Inputs(&wide), context)?.into_iter();
        made.zip(self.rounded.iter().chain(std::iter::repeat(&false)))
            .map(|(made, rounded)| if *rounded { round(&made) } else { Ok(made) })
            .collect()
    }
}

fn widen(narrow: &Tensor) -> Result<Tensor, Fault> {
    let Data::F16(elements) = narrow.data() else {
        return Ok(narrow.clone());
    };
    let wide = elements.iter().map(|element| element.to_f32()).collect();
    tensor::<f32>(narrow.shape(), wide)
}

fn round(wide: &Tensor) -> Result<Tensor, Fault> {
    let Data::F32(elements) = wide.data() else {
        return Ok(wide.clone());
    };
    let narrow = elements.iter().copied().map(f16::from_f32).collect();
    tensor::<f16>(wide.shape(), narrow)
}
