//! Checks that are put before operators that would not notice.

use super::Refused;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// The operator that hands on its second input, indices into the axis `axis` of the first, and
/// refuses those that are outside.
pub(crate) const GUARD_BOUNDS: &str = "flowgate.Bounds";
/// The operator that hands on its input and refuses NaN and minus infinity.
pub(crate) const GUARD_NAN: &str = "flowgate.NoNan";

pub(super) fn build_bounds(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let axis = node.get_attr_opt::<i64>("axis")?.unwrap_or(0);
    let backwards = node.get_attr_opt::<i64>("backwards")?.unwrap_or(0) != 0;
    Ok((expand(Bounds { axis, backwards }), Vec::new()))
}

pub(super) fn build_nan(
    _: &ParsingContext<'_>,
    _: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(NoNan), Vec::new()))
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bounds {
    axis: i64,
    /// Whether negative indices count from the end.
    backwards: bool,
}

impl Expansion for Bounds {
    fn name(&self) -> StaticName {
        GUARD_BOUNDS.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        check_output_arity(outputs, 1)?;
        s.equals(&outputs[0].datum_type, &inputs[1].datum_type)?;
        s.equals(&outputs[0].shape, &inputs[1].shape)
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

impl Op for Bounds {
    fn name(&self) -> StaticName {
        GUARD_BOUNDS.into()
    }

    op_as_typed_op!();
}

impl EvalOp for Bounds {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (Some(indices), Some(values)) = (inputs.pop(), inputs.pop()) else {
            bail!("indices without values");
        };
        let rank = i64::try_from(values.rank())?;
        let axis = if self.axis < 0 {
            self.axis + rank
        } else {
            self.axis
        };
        let size = usize::try_from(axis)
            .ok()
            .and_then(|axis| values.shape().get(axis));
        let size = i64::try_from(*size.context("an axis that is not there")?)?;
        let least = if self.backwards { -size } else { 0 };
        let wide = indices.cast_to::<i64>()?;
        let plain = wide.try_as_plain_ram()?;
        if plain
            .as_slice::<i64>()?
            .iter()
            .all(|index| (least..size).contains(index))
        {
            return Ok(tvec!(indices));
        }
        Err(Refused(format!("an index is outside of an axis of size {size}")).into())
    }
}

impl TypedOp for Bounds {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[1].without_value()))
    }

    as_op!();
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct NoNan;

impl Expansion for NoNan {
    fn name(&self) -> StaticName {
        GUARD_NAN.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        s.equals(&outputs[0].datum_type, &inputs[0].datum_type)?;
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

impl Op for NoNan {
    fn name(&self) -> StaticName {
        GUARD_NAN.into()
    }

    op_as_typed_op!();
}

impl EvalOp for NoNan {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let plain = inputs[0].try_as_plain_ram()?;
        let lost = match inputs[0].datum_type() {
            DatumType::F32 => plain
                .as_slice::<f32>()?
                .iter()
                .any(|x| x.is_nan() || *x == f32::NEG_INFINITY),
            other => bail!("pooling of {other:?}"),
        };
        if lost {
            let fault = "a NaN or minus infinity reaches a pooling layer";
            return Err(Refused(fault.to_owned()).into());
        }
        Ok(inputs)
    }
}

impl TypedOp for NoNan {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}
