//! Values with something around them.

use super::super::blocks::{blocks, zero};
use super::super::shape::{self, Numbers};
use super::super::standard;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Pad", 2, pad, "texts")];

/// Adds so many places before and behind each dimension; takes places away where numbers are
/// negative.
struct Pad {
    pads: Numbers,
    axes: Numbers,
    filling: Filling,
    /// What new places hold, where it is the same in every run and not a further input.
    value: Option<Data>,
}

/// What new places hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filling {
    /// One value.
    Constant,
    /// What the nearest place holds.
    Edge,
    /// What lies as far inside as they lie outside.
    Reflect,
    /// What lies at the other end.
    Wrap,
}

fn pad(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.datatype(0)?;
    let filling = match node.node.string("mode")?.unwrap_or("constant") {
        "constant" => Filling::Constant,
        "edge" => Filling::Edge,
        "reflect" => Filling::Reflect,
        "wrap" => Filling::Wrap,
        _ => return node.refuse("its mode is not known"),
    };
    let attribute = node.node.float("value")?.unwrap_or(0.0);
    let value = match datatype {
        DataType::F32 if node.opset < 11 => Data::from(vec![attribute]),
        DataType::F64 if node.opset < 11 => vec![f64::from(attribute)].into(),
        other => {
            zero(other).ok_or_else(|| LowerError(format!("elements of `{other}` are not taken")))?
        }
    };
    let pad = Pad {
        pads: Numbers::of(node, "pads", 1, 11)?,
        axes: if node.opset < 18 {
            Numbers::Absent
        } else {
            Numbers::input(node, 3)?
        },
        filling,
        value: (node.opset < 11 || !node.has(2)).then_some(value),
    };
    if node.has(2) && node.datatype(2)? != datatype {
        return node.refuse("its value is of another type than the elements");
    }
    Ok(Lowered::one(pad, datatype))
}

impl Filling {
    /// The place of a dimension of `size` that the place `at`, which may be outside, holds;
    /// `None` where it holds the one value.
    fn source(self, at: i64, size: usize) -> Result<Option<usize>, Fault> {
        if let Ok(place) = usize::try_from(at)
            && place < size
        {
            return Ok(Some(place));
        }
        let (Ok(wide), true) = (i64::try_from(size), size > 0) else {
            return match self {
                Self::Constant => Ok(None),
                _ => Err(Fault::refused("there is nothing to repeat around a value")),
            };
        };
        let place = match self {
            Self::Constant => return Ok(None),
            Self::Edge => at.clamp(0, wide - 1),
            Self::Wrap => at.rem_euclid(wide),
            Self::Reflect => {
                let round = (wide - 1).max(1).saturating_mul(2);
                let at = at.rem_euclid(round);
                if at < wide { at } else { round - at }
            }
        };
        Ok(Some(usize::try_from(place).unwrap_or(0)))
    }
}

impl Pad {
    /// How many places are added before and behind each of `rank` dimensions.
    fn pads(&self, inputs: Inputs<'_>, rank: usize) -> Result<Vec<(i64, i64)>, Fault> {
        let pads = self.pads.get(inputs)?;
        let pads = pads.ok_or_else(|| Fault::failed("there are no numbers of places"))?;
        let axes = match self.axes.get(inputs)? {
            Some(axes) => shape::axes(&axes, rank)?,
            None => (0..rank).collect(),
        };
        if pads.len() != 2 * axes.len() {
            return Err(Fault::refused(format!(
                "found {} numbers of places, expected {}",
                pads.len(),
                2 * axes.len()
            )));
        }
        let mut all = vec![(0, 0); rank];
        let (before, behind) = pads.split_at(axes.len());
        for (axis, pair) in axes.iter().zip(before.iter().zip(behind)) {
            if let Some(pads) = all.get_mut(*axis) {
                *pads = (*pair.0, *pair.1);
            }
        }
        Ok(all)
    }
}

impl Operator for Pad {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let sizes = input.shape();
        let pads = self.pads(inputs, sizes.len())?;
        let mut made = Shape::new();
        for (size, (before, behind)) in sizes.iter().zip(&pads) {
            let size = i64::try_from(*size).ok();
            let size = size.and_then(|size| size.checked_add(*before)?.checked_add(*behind));
            made.push(shape::size(size.unwrap_or(-1))?);
        }
        let count = shape::count(&made)?;
        if count == 0 {
            return Ok(one(Tensor::new(made, Data::empty(input.datatype()))?));
        }
        // The one value lies behind the elements.
        let value = match &self.value {
            Some(value) => value.clone(),
            None => inputs
                .get(2)?
                .data()
                .slice(0..inputs.get(2)?.data().len().min(1)),
        };
        let missing = || Fault::failed("values of unlike types are joined");
        let data = Data::concat(&[input.data(), &value]).ok_or_else(missing)?;
        let outside = input.data().len();
        let mut starts = vec![Some(0_usize)];
        for ((size, apart), (wide, (before, _))) in sizes
            .iter()
            .zip(shape::strides(sizes))
            .zip(made.iter().zip(&pads))
        {
            let sources = (0..*wide).map(|place| {
                let at = i64::try_from(place)
                    .unwrap_or(i64::MAX)
                    .saturating_sub(*before);
                self.filling.source(at, *size)
            });
            let sources: Vec<Option<usize>> = sources.collect::<Result<_, _>>()?;
            starts = starts
                .iter()
                .flat_map(|start| {
                    sources
                        .iter()
                        .map(move |source| Some((*start)? + (*source)? * apart))
                })
                .collect();
        }
        let starts = starts.into_iter().map(|start| start.unwrap_or(outside));
        let data = blocks(&data, 1, starts)?;
        Ok(one(Tensor::new(made, data)?))
    }
}
