//! `LabelEncoder` and `CategoryMapper`: every cell to the value of its key.

use super::index::{ABSENT, Numbers, Place, Texts};
use super::pairs::{Keys, Pairs};
use crate::data::tensor;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, StringsBuilder, Tensor};
use flowgate_onnx::AI_ONNX_ML;

/// `LabelEncoder` in its three forms.
pub(in super::super) const LABEL_ENCODER: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "LabelEncoder",
        versions: (1, 1),
        lower: |node| mapping(node, Pairs::classes(node)?),
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "LabelEncoder",
        versions: (2, 3),
        lower: |node| mapping(node, Pairs::lists(node)?),
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "LabelEncoder",
        versions: (4, 5),
        lower: |node| mapping(node, Pairs::tensors(node)?),
        limits: "pairs of types that ONNX Runtime does not have",
    },
];

/// `CategoryMapper`.
pub(in super::super) const CATEGORY_MAPPER: &[Entry] = &[Entry {
    domain: AI_ONNX_ML,
    op_type: "CategoryMapper",
    versions: (1, 5),
    lower: |node| mapping(node, Pairs::categories(node)?),
    limits: "",
}];

/// The value of every cell's key.
struct Mapping {
    index: Index,
    /// The values in the order of the keys, then that of cells without a key.
    values: Data,
}

enum Index {
    Numbers(Numbers),
    Texts(Texts),
}

fn mapping(node: &Lowering<'_>, pairs: Pairs) -> Result<Lowered, LowerError> {
    let Pairs {
        keys,
        values,
        twice,
    } = pairs;
    let index = match keys {
        Keys::Ints(keys) => {
            let keys = keys.into_iter().map(|key| Some(key.cast_unsigned()));
            Numbers::new(keys, twice).map(Index::Numbers)
        }
        Keys::Floats { keys, nan_is_nan } => {
            let keys = keys
                .into_iter()
                .map(|key| (nan_is_nan || !key.is_nan()).then(|| bits(key)));
            Numbers::new(keys, twice).map(Index::Numbers)
        }
        Keys::Texts(keys) => Texts::new(keys, twice).map(Index::Texts),
    };
    let Some(index) = index else {
        return node.refuse("it has more keys than are taken");
    };
    let datatype = values.datatype();
    Ok(Lowered::one(Mapping { index, values }, datatype))
}

impl Operator for Mapping {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let places: Vec<Place> = match (&self.index, read.data()) {
            (Index::Texts(texts), Data::Str(cells)) => {
                cells.iter().map(|cell| texts.place(cell)).collect()
            }
            (Index::Numbers(numbers), Data::I64(cells)) => {
                let place = |cell: &i64| numbers.place(cell.cast_unsigned());
                cells.iter().map(place).collect()
            }
            (Index::Numbers(numbers), Data::F32(cells)) => {
                let place = |cell: &f32| numbers.place(bits(f64::from(*cell)));
                cells.iter().map(place).collect()
            }
            (Index::Numbers(numbers), Data::F64(cells)) => cells
                .iter()
                .map(|cell| numbers.place(bits(*cell)))
                .collect(),
            (_, other) => {
                let found = other.datatype();
                return Err(Fault::failed(format!("`{found}` are no keys")));
            }
        };
        Ok(one(self.values_at(read.shape(), &places)?))
    }
}

impl Mapping {
    fn values_at(&self, shape: &[usize], places: &[Place]) -> Result<Tensor, Fault> {
        Ok(match &self.values {
            Data::F32(values) => tensor(shape, taken(values, places)?)?,
            Data::F64(values) => tensor(shape, taken(values, places)?)?,
            Data::I64(values) => tensor(shape, taken(values, places)?)?,
            Data::I16(values) => tensor(shape, taken(values, places)?)?,
            Data::Str(values) => {
                let default = values.len().saturating_sub(1);
                let mut made = StringsBuilder::new();
                for place in places {
                    let value = values.get((*place as usize).min(default));
                    made.push(value.ok_or_else(|| Fault::failed("a key without a value"))?);
                }
                Tensor::new(shape, Data::Str(made.finish()))?
            }
            other => {
                let found = other.datatype();
                return Err(Fault::failed(format!("`{found}` are no values")));
            }
        })
    }
}

/// The values at `places`; the last where there is no key, which [`ABSENT`] is beyond of.
fn taken<T: Copy>(values: &[T], places: &[Place]) -> Result<Vec<T>, Fault> {
    const { assert!(ABSENT == Place::MAX) }
    let Some((default, values)) = values.split_last() else {
        return Err(Fault::failed("keys without values"));
    };
    let value = |place: &Place| values.get(*place as usize).copied().unwrap_or(*default);
    Ok(places.iter().map(value).collect())
}

/// Bits that are equal where numbers are: zeros have one form, and what is not a number too.
fn bits(number: f64) -> u64 {
    if number.is_nan() {
        f64::NAN.to_bits()
    } else {
        // Minus zero and zero are zero.
        (number + 0.0).to_bits()
    }
}
