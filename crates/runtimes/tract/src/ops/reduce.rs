//! Reductions along axes.
//!
//! `ReduceMax`, `ReduceMin`, `ArgMax` and `ArgMin` know what to do with NaN: where all of the values
//! that are compared are NaN the answer is NaN, or the first place; where only some are, engines
//! differ with the layout in memory, so the run is refused.
//!
//! The sums of 32-bit floats are the engine's own. Those of integers it would compute with 32
//! bits, and those of squares of 64-bit floats too once it has rewritten them, so these are here.

use super::Refused;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::tract_ndarray::{self, ArrayD, ArrayViewD, Axis};
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::ops::nn::{Reduce, Reducer};

/// The operators of this file.
pub(super) const NAMES: [&str; 9] = [
    "ArgMax",
    "ArgMin",
    "ReduceMax",
    "ReduceMin",
    "ReduceSum",
    "ReduceMean",
    "ReduceSumSquare",
    "ReduceL1",
    "ReduceL2",
];

pub(super) fn build(
    ctx: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let last = node.get_attr_opt::<i64>("select_last_index")?.unwrap_or(0) != 0;
    let extreme = |least, places| {
        Kind::Extreme(Extreme {
            least,
            places,
            last,
        })
    };
    let kind = match &*node.op_type {
        "ArgMax" => extreme(false, true),
        "ArgMin" => extreme(true, true),
        "ReduceMax" => extreme(false, false),
        "ReduceMin" => extreme(true, false),
        "ReduceSum" => Kind::Sum(Sum::Plain),
        "ReduceMean" => Kind::Sum(Sum::Mean),
        "ReduceSumSquare" => Kind::Sum(Sum::Squares),
        "ReduceL1" => Kind::Sum(Sum::Absolutes),
        "ReduceL2" => Kind::Sum(Sum::Length),
        other => bail!("the reduction {other}"),
    };
    let attribute = node.get_attr_opt_vec::<i64>("axes")?;
    let axes = if node.op_type.starts_with("Arg") {
        Axes::Given(vec![node.get_attr_opt::<i64>("axis")?.unwrap_or(0)])
    } else if node.input.len() == 2 {
        Axes::Input
    } else {
        let version = ctx.onnx_operator_set_version;
        let in_input = version >= 18 || (version >= 13 && node.op_type == "ReduceSum");
        ensure!(
            attribute.is_none() || !in_input,
            "axes in an attribute, where the operator set has them in an input"
        );
        attribute.map_or(Axes::All, Axes::Given)
    };
    let keep = node.get_attr_opt::<i64>("keepdims")?.unwrap_or(1) != 0;
    let reduction = Reduction { kind, axes, keep };
    Ok((expand(reduction), Vec::new()))
}

/// What is made of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Extreme(Extreme),
    Sum(Sum),
}

/// What is added up, and what is made of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    Plain,
    Mean,
    Squares,
    Absolutes,
    /// The root of the squares.
    Length,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Axes {
    All,
    Given(Vec<i64>),
    Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extreme {
    /// The least in place of the greatest.
    least: bool,
    /// Its place in place of its value.
    places: bool,
    /// The last of equal ones.
    last: bool,
}

#[derive(Debug, Clone)]
struct Reduction {
    kind: Kind,
    axes: Axes,
    keep: bool,
}

/// Places of `axes` in a shape of `rank` dimensions, ascending; all where there are none.
fn resolve(axes: &[i64], rank: usize) -> TractResult<TVec<usize>> {
    if axes.is_empty() {
        return Ok((0..rank).collect());
    }
    let whole = i64::try_from(rank)?;
    let mut found = TVec::new();
    for &axis in axes {
        let place = if axis < 0 { axis + whole } else { axis };
        ensure!(
            (0..whole).contains(&place),
            "axis {axis} of {rank} dimensions"
        );
        found.push(usize::try_from(place)?);
    }
    found.sort_unstable();
    found.dedup();
    ensure!(found.len() == axes.len(), "an axis more than once");
    Ok(found)
}

fn reduced(shape: &[TDim], axes: &[usize], keep: bool) -> TVec<TDim> {
    let sizes = shape.iter().enumerate();
    let sizes = sizes.filter_map(|(axis, size)| match (axes.contains(&axis), keep) {
        (false, _) => Some(size.clone()),
        (true, true) => Some(1.to_dim()),
        (true, false) => None,
    });
    sizes.collect()
}

impl Expansion for Reduction {
    fn name(&self) -> StaticName {
        "Reduction".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, if self.axes == Axes::Input { 2 } else { 1 })?;
        check_output_arity(outputs, 1)?;
        if self.kind.places() {
            s.equals(&outputs[0].datum_type, DatumType::I64)?;
        } else {
            s.equals(&outputs[0].datum_type, &inputs[0].datum_type)?;
        }
        let shape_of = move |s: &mut Solver<'r>, shape: &[TDim], axes: &[i64]| {
            let axes = resolve(axes, shape.len())?;
            s.equals(&outputs[0].shape, reduced(shape, &axes, self.keep))
        };
        match &self.axes {
            Axes::All => s.given(&inputs[0].shape, move |s, shape| shape_of(s, &shape, &[])),
            Axes::Given(axes) => {
                s.given(&inputs[0].shape, move |s, shape| shape_of(s, &shape, axes))
            }
            Axes::Input => s.given_2(&inputs[0].shape, &inputs[1].value, move |s, shape, axes| {
                shape_of(s, &shape, &integers(&axes)?)
            }),
        }
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let rank = model.outlet_fact(inputs[0])?.rank();
        let axes = match &self.axes {
            Axes::All => resolve(&[], rank)?,
            Axes::Given(axes) => resolve(axes, rank)?,
            Axes::Input => {
                let axes = model.outlet_fact(inputs[1])?.konst.clone();
                resolve(
                    &integers(axes.as_deref().context("axes that are no constant")?)?,
                    rank,
                )?
            }
        };
        let op = Lanes {
            kind: self.kind,
            axes: axes.clone(),
        };
        if let (Kind::Sum(sum), DatumType::F32) =
            (self.kind, model.outlet_fact(inputs[0])?.datum_type)
        {
            let mut input = inputs[0];
            if sum == Sum::Mean {
                let some = SomeValues { axes: axes.clone() };
                input = model.wire_node(format!("{prefix}.some"), some, &[input])?[0];
            }
            let axes = axes.iter().map(|axis| *axis as i64).collect();
            let own = Reduce::new(Some(axes), self.keep, sum.reducer());
            return own.wire(prefix, model, &[input]);
        }
        let mut wire = model.wire_node(prefix, op, &inputs[..1])?[0];
        if !self.keep {
            for axis in axes.into_iter().rev() {
                let name = format!("{prefix}.without_{axis}");
                wire = model.wire_node(name, AxisOp::Rm(axis), &[wire])?[0];
            }
        }
        Ok(tvec!(wire))
    }
}

fn integers(tensor: &Tensor) -> TractResult<Vec<i64>> {
    let wide = tensor.cast_to::<i64>()?;
    let plain = wide.try_as_plain_ram()?;
    Ok(plain.as_slice::<i64>()?.to_vec())
}

impl Kind {
    /// Whether the answer is a place in place of a value.
    fn places(self) -> bool {
        matches!(self, Self::Extreme(Extreme { places: true, .. }))
    }
}

impl Sum {
    /// The engine's name for it.
    fn reducer(self) -> Reducer {
        match self {
            Self::Plain => Reducer::Sum,
            Self::Mean => Reducer::Mean,
            Self::Squares => Reducer::SumSquare,
            Self::Absolutes => Reducer::L1,
            Self::Length => Reducer::L2,
        }
    }
}

/// The operator itself; the axes stay, of size 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lanes {
    kind: Kind,
    axes: TVec<usize>,
}

impl Op for Lanes {
    fn name(&self) -> StaticName {
        "Reduction".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Lanes {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = &inputs[0];
        let axes = &self.axes;
        let output = match (self.kind, input.datum_type()) {
            (Kind::Extreme(extreme), DatumType::F32) => extreme.of::<f32>(axes, input),
            (Kind::Extreme(extreme), DatumType::F64) => extreme.of::<f64>(axes, input),
            (Kind::Extreme(extreme), DatumType::I32) => extreme.of::<i32>(axes, input),
            (Kind::Extreme(extreme), DatumType::I64) => extreme.of::<i64>(axes, input),
            (Kind::Sum(sum), DatumType::F64) => {
                lanes::<f64, _>(axes, input, |lane| sum.of(lane.iter().copied()))
            }
            // Integers wrap around, as they do in ONNX Runtime.
            (Kind::Sum(Sum::Plain), DatumType::I32) => lanes::<i32, _>(axes, input, |lane| {
                Ok(lane.iter().fold(0, |sum: i32, x| sum.wrapping_add(*x)))
            }),
            (Kind::Sum(Sum::Plain), DatumType::I64) => lanes::<i64, _>(axes, input, |lane| {
                Ok(lane.iter().fold(0, |sum: i64, x| sum.wrapping_add(*x)))
            }),
            (kind, other) => bail!("{kind:?} of {other:?}"),
        }?;
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Lanes {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let shape = reduced(&inputs[0].shape.to_tvec(), &self.axes, true);
        let datum_type = if self.kind.places() {
            DatumType::I64
        } else {
            inputs[0].datum_type
        };
        Ok(tvec!(datum_type.fact(&*shape)))
    }

    as_op!();
}

/// What `make` makes of the values of each lane along `axes`, which get the size 1.
fn lanes<T: Datum + Copy, U: Datum>(
    axes: &[usize],
    input: &Tensor,
    make: impl Fn(ArrayViewD<'_, T>) -> TractResult<U>,
) -> TractResult<Tensor> {
    let view = input.to_plain_array_view::<T>()?;
    let mut shape: TVec<usize> = input.shape().into();
    for &axis in axes {
        shape[axis] = 1;
    }
    let mut made: Vec<U> = Vec::new();
    for coordinates in tract_ndarray::indices(&*shape) {
        let mut lane = view.view();
        for axis in (0..shape.len()).rev().filter(|axis| !axes.contains(axis)) {
            lane = lane.index_axis_move(Axis(axis), coordinates[axis]);
        }
        made.push(make(lane)?);
    }
    Ok(ArrayD::from_shape_vec(&*shape, made)?.into_tensor())
}

impl Sum {
    fn of(self, values: impl ExactSizeIterator<Item = f64>) -> TractResult<f64> {
        let count = values.len();
        Ok(match self {
            Self::Plain => values.sum(),
            Self::Mean if count == 0 => return Err(no_values()),
            Self::Mean => values.sum::<f64>() / count as f64,
            Self::Squares => values.map(|x| x * x).sum(),
            Self::Absolutes => values.map(f64::abs).sum(),
            Self::Length => values.map(|x| x * x).sum::<f64>().sqrt(),
        })
    }
}

fn no_values() -> TractError {
    Refused("a reduction of no values".to_owned()).into()
}

/// The check that a mean has something to be a mean of, or is itself not there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SomeValues {
    axes: TVec<usize>,
}

impl Op for SomeValues {
    fn name(&self) -> StaticName {
        "SomeValues".into()
    }

    op_as_typed_op!();
}

impl EvalOp for SomeValues {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let sizes = || inputs[0].shape().iter().enumerate();
        let none = sizes().any(|(axis, size)| *size == 0 && self.axes.contains(&axis));
        let asked = sizes().all(|(axis, size)| *size > 0 || self.axes.contains(&axis));
        if none && asked {
            return Err(no_values());
        }
        Ok(inputs)
    }
}

impl TypedOp for SomeValues {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}

impl Extreme {
    fn of<T: Datum + Copy + PartialOrd>(
        self,
        axes: &[usize],
        input: &Tensor,
    ) -> TractResult<Tensor> {
        if self.places {
            lanes::<T, i64>(axes, input, |lane| {
                Ok(i64::try_from(self.find(lane.iter().copied())?.0)?)
            })
        } else {
            lanes::<T, T>(axes, input, |lane| Ok(self.find(lane.iter().copied())?.1))
        }
    }

    fn find<T: Copy + PartialOrd>(
        self,
        values: impl Iterator<Item = T>,
    ) -> TractResult<(usize, T)> {
        let mut best: Option<(usize, T)> = None;
        let (mut count, mut missing) = (0_usize, 0_usize);
        for (place, value) in values.enumerate() {
            count += 1;
            // Only a NaN is not equal to itself.
            missing += usize::from(value.partial_cmp(&value).is_none());
            let better = best.is_none_or(|(_, best)| {
                let beyond = if self.least {
                    value < best
                } else {
                    value > best
                };
                beyond || (self.last && value == best)
            });
            if better {
                best = Some((place, value));
            }
        }
        if missing > 0 && missing < count {
            return Err(Refused("a NaN is among the values of an extreme".to_owned()).into());
        }
        best.ok_or_else(no_values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Extreme = Extreme {
        least: false,
        places: true,
        last: false,
    };

    #[test]
    fn the_first_of_equal_values_wins_unless_the_last_is_asked_for() {
        let values = || [1.0_f32, 3.0, 3.0].into_iter();
        assert_eq!(MAX.find(values()).expect("values").0, 1);
        let last = Extreme { last: true, ..MAX };
        assert_eq!(last.find(values()).expect("values").0, 2);
    }

    #[test]
    fn values_of_which_some_are_nan_are_refused_and_only_nan_is_nan() {
        assert!(MAX.find([1.0, f64::NAN].into_iter()).is_err());
        assert!(MAX.find([f64::NAN, 1.0].into_iter()).is_err());
        let (place, value) = MAX.find([f64::NAN, f64::NAN].into_iter()).expect("NaN");
        assert_eq!((place, value.is_nan()), (0, true));
        assert!(MAX.find(std::iter::empty::<i64>()).is_err());
    }
}
