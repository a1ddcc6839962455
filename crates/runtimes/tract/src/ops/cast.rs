//! `Cast` from floats to integers that does not go through 32 bits, and to `int64` without the
//! engine's symbolic sizes, which nothing on the list makes.
//!
//! The specification leaves open what becomes of a float that the integer type does not hold. Here
//! it is what x86 processors, and with them ONNX Runtime there, make of it: the smallest `int32`
//! or `int64`; narrower types take the low bits of that `int32`. Of `uint32` and `uint64` ONNX
//! Runtime makes one thing or another with the place in memory, so such numbers are refused.

use super::Refused;
use half::f16;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let to = node.get_attr::<DatumType>("to")?;
    Ok((expand(Cast { to }), Vec::new()))
}

#[derive(Debug, Clone)]
struct Cast {
    to: DatumType,
}

impl Expansion for Cast {
    fn name(&self) -> StaticName {
        "Cast".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        s.equals(&outputs[0].datum_type, self.to)?;
        s.equals(&outputs[0].shape, &inputs[0].shape)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let from = model.outlet_fact(inputs[0])?.datum_type;
        if from == DatumType::String || self.to == DatumType::String {
            bail!("a cast of texts");
        }
        if from.is_float() && self.to.is_integer() {
            let op = ElementWiseOp(Box::new(ToInteger { to: self.to }), None);
            return model.wire_node(prefix, op, inputs);
        }
        model.wire_node(
            prefix,
            tract_onnx::tract_core::ops::cast::cast(self.to),
            inputs,
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ToInteger {
    to: DatumType,
}

impl ElementWiseMiniOp for ToInteger {
    fn name(&self) -> String {
        "ToInteger".to_owned()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(self.to)
    }

    fn eval_out_of_place(&self, tensor: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let plain = tensor.try_as_plain_ram()?;
        // Every float of 16 or 32 bits is one of 64.
        let floats: Vec<f64> = match tensor.datum_type() {
            DatumType::F16 => plain
                .as_slice::<f16>()?
                .iter()
                .map(|x| x.to_f64())
                .collect(),
            DatumType::F32 => plain
                .as_slice::<f32>()?
                .iter()
                .map(|x| f64::from(*x))
                .collect(),
            DatumType::F64 => plain.as_slice::<f64>()?.to_vec(),
            other => bail!("a cast of {other:?} to an integer"),
        };
        let floats = floats.into_iter();
        let made = match self.to {
            DatumType::I8 => tensor1(&floats.map(|x| to_i32(x) as i8).collect::<Vec<_>>()),
            DatumType::I16 => tensor1(&floats.map(|x| to_i32(x) as i16).collect::<Vec<_>>()),
            DatumType::I32 => tensor1(&floats.map(to_i32).collect::<Vec<_>>()),
            DatumType::I64 => tensor1(&floats.map(to_i64).collect::<Vec<_>>()),
            DatumType::U8 => tensor1(&floats.map(|x| to_i32(x) as u8).collect::<Vec<_>>()),
            DatumType::U16 => tensor1(&floats.map(|x| to_i32(x) as u16).collect::<Vec<_>>()),
            DatumType::U32 => tensor1(&within(floats, TWO_POW_32, |x| x as u32)?),
            DatumType::U64 => tensor1(&within(floats, TWO_POW_64, |x| x as u64)?),
            other => bail!("a cast to {other:?}"),
        };
        made.into_shape(tensor.shape())
    }
}

/// Towards zero; what does not fit is the smallest.
fn to_i32(x: f64) -> i32 {
    let whole = x.trunc();
    if whole >= f64::from(i32::MIN) && whole <= f64::from(i32::MAX) {
        whole as i32
    } else {
        i32::MIN
    }
}

/// Towards zero; what does not fit is the smallest.
fn to_i64(x: f64) -> i64 {
    // 2^63 is a float of 64 bits, the largest integer is not.
    if (-TWO_POW_63..TWO_POW_63).contains(&x) {
        x as i64
    } else {
        i64::MIN
    }
}

/// Towards zero; nothing is made of a number that is not between -1 and `limit`.
fn within<T>(
    floats: impl Iterator<Item = f64>,
    limit: f64,
    make: impl Fn(f64) -> T,
) -> TractResult<Vec<T>> {
    let made = floats.map(|x| {
        if x > -1.0 && x < limit {
            Ok(make(x))
        } else {
            let fault = "a number that the integers it is cast to do not hold";
            Err(Refused(fault.to_owned()).into())
        }
    });
    made.collect()
}

const TWO_POW_32: f64 = 4_294_967_296.0;
const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_POW_64: f64 = 18_446_744_073_709_551_616.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_beyond_32_bits_become_the_integers_they_are() {
        assert_eq!(to_i64(3e10), 30_000_000_000);
        assert_eq!(to_i64(-1e12), -1_000_000_000_000);
        assert_eq!(to_i64(-TWO_POW_63), i64::MIN);
        let wide = within([1e19, -0.5].into_iter(), TWO_POW_64, |x| x as u64);
        assert_eq!(wide.expect("both fit"), [10_000_000_000_000_000_000, 0]);
        assert_eq!(to_i32(-2.9), -2);
    }

    #[test]
    fn what_an_integer_does_not_hold_is_the_smallest() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e30] {
            assert_eq!((to_i32(x), to_i64(x)), (i32::MIN, i64::MIN), "{x}");
        }
        for x in [f64::NAN, -1.0, TWO_POW_32] {
            assert!(
                within([x].into_iter(), TWO_POW_32, |x| x as u32).is_err(),
                "{x}"
            );
        }
        assert_eq!(to_i32(2_147_483_648.0), i32::MIN);
        assert_eq!(to_i32(2_147_483_647.5), i32::MAX);
    }
}
