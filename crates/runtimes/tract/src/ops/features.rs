//! `ArrayFeatureExtractor`: the columns of the last axis, with the indices laid flat and one row
//! made of values without rows, as ONNX Runtime does. The indices come through a guard: see
//! `GUARD_BOUNDS`.

use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::array::Gather;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(
    _: &ParsingContext<'_>,
    _: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(Features), Vec::new()))
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Features;

impl Expansion for Features {
    fn name(&self) -> StaticName {
        "ArrayFeatureExtractor".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        check_output_arity(outputs, 1)?;
        s.equals(&outputs[0].datum_type, &inputs[0].datum_type)?;
        s.given_2(
            &inputs[0].shape,
            &inputs[1].shape,
            move |s, values, indices| {
                let mut shape: TVec<TDim> = match values.split_last() {
                    Some((_, [])) => tvec!(1.to_dim()),
                    Some((_, rows)) => rows.into(),
                    None => bail!("values without an axis"),
                };
                shape.push(indices.iter().product());
                s.equals(&outputs[0].shape, shape)
            },
        )
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let [mut values, mut indices] = *inputs else {
            bail!("it takes two inputs");
        };
        if model.outlet_fact(values)?.rank() == 1 {
            values = model.wire_node(format!("{prefix}.row"), AxisOp::Add(0), &[values])?[0];
        }
        let shape = model.outlet_fact(indices)?.shape.to_tvec();
        if shape.len() != 1 {
            let flat = tvec!(shape.iter().product());
            let flatten = AxisOp::Reshape(0, shape, flat);
            indices = model.wire_node(format!("{prefix}.flat"), flatten, &[indices])?[0];
        }
        let axis = model.outlet_fact(values)?.rank() - 1;
        model.wire_node(prefix, Gather::new(axis), &[values, indices])
    }
}
