//! `Normalizer` with the norms L1 and L2; rows of zeros stay as they are.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let squares = match node.get_attr_opt::<&str>("norm")? {
        Some("L1") => false,
        Some("L2") => true,
        other => bail!("the norm {other:?}"),
    };
    Ok((expand(Normalizer { squares }), Vec::new()))
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Normalizer {
    /// L2 in place of L1.
    squares: bool,
}

impl Expansion for Normalizer {
    fn name(&self) -> StaticName {
        "Normalizer".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        s.equals(&inputs[0].rank, 2)?;
        s.equals(&outputs[0].datum_type, DatumType::F32)?;
        s.equals(&outputs[0].shape, &inputs[0].shape)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Normalizer {
    fn name(&self) -> StaticName {
        "Normalizer".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Normalizer {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut tensor = inputs.remove(0).into_tensor();
        let [_, width] = *tensor.shape() else {
            bail!("the rows of a normalizer have two dimensions");
        };
        let mut plain = tensor.try_as_plain_ram_mut()?;
        for row in plain.as_slice_mut::<f32>()?.chunks_exact_mut(width.max(1)) {
            let norm = if self.squares {
                row.iter().map(|x| x * x).sum::<f32>().sqrt()
            } else {
                row.iter().map(|x| x.abs()).sum()
            };
            if norm != 0.0 {
                for x in row {
                    *x /= norm;
                }
            }
        }
        Ok(tvec!(tensor.into()))
    }
}

impl TypedOp for Normalizer {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        ensure!(inputs[0].rank() == 2 && inputs[0].datum_type == DatumType::F32);
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}
