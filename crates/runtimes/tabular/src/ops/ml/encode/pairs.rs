//! Keys and values as files have them.

use super::index::Twice;
use crate::onnx::{LowerError, Lowering, constant};
use flowgate_core::{Data, DataType, Strings};

/// Keys, and what each becomes.
pub(super) struct Pairs {
    pub(super) keys: Keys,
    /// One more than keys: the last is for cells without a key.
    pub(super) values: Data,
    pub(super) twice: Twice,
}

/// Keys of one type.
pub(super) enum Keys {
    Ints(Vec<i64>),
    Floats {
        keys: Vec<f64>,
        /// Whether a cell that is not a number has such a key; nothing has it otherwise.
        nan_is_nan: bool,
    },
    Texts(Strings),
}

/// What texts become that are no key, unless the file says otherwise.
const UNUSED: &str = "_Unused";

impl Pairs {
    /// `LabelEncoder` of version 1: texts to their places, or places to texts.
    pub(super) fn classes(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let texts = node.strings("classes_strings")?;
        let places = 0..texts.len() as i64;
        Self::of_texts_and_ints(node, texts, places.collect())
    }

    /// `CategoryMapper`: texts to integers, or integers to texts.
    pub(super) fn categories(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let texts = node.strings("cats_strings")?;
        Self::of_texts_and_ints(node, texts, node.ints("cats_int64s")?.to_vec())
    }

    fn of_texts_and_ints(
        node: &Lowering<'_>,
        texts: Vec<&str>,
        mut ints: Vec<i64>,
    ) -> Result<Self, LowerError> {
        same_length(node, texts.len(), ints.len())?;
        let (keys, values) = match node.datatype(0)? {
            DataType::Str => {
                ints.push(node.int("default_int64", -1)?);
                (Keys::Texts(texts.into_iter().collect()), Data::from(ints))
            }
            DataType::I64 => {
                let default = default_text(node)?;
                let texts = texts.into_iter().chain([default]);
                (Keys::Ints(ints), Data::Str(texts.collect()))
            }
            other => return node.refuse(format!("its input is of `{other}`")),
        };
        Ok(Self {
            keys,
            values,
            twice: Twice::Last,
        })
    }

    /// `LabelEncoder` of version 2: two lists of 32-bit floats, integers or texts.
    pub(super) fn lists(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let (keys, values) = (list(node, "keys")?, list(node, "values")?);
        Self::of_data(node, keys, values, false)
    }

    /// `LabelEncoder` of version 4: lists or tensors.
    pub(super) fn tensors(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let keys = list_or_tensor(node, "keys")?;
        let values = list_or_tensor(node, "values")?;
        Self::of_data(node, keys, values, true)
    }

    fn of_data(
        node: &Lowering<'_>,
        keys: Data,
        values: Data,
        nan_is_nan: bool,
    ) -> Result<Self, LowerError> {
        use DataType::{F32, F64, I16, I64, Str};
        same_length(node, keys.len(), values.len())?;
        let (from, to) = (keys.datatype(), values.datatype());
        if node.datatype(0)? != from {
            return node.refuse(format!(
                "its input is of `{}` and its keys are of `{from}`",
                node.datatype(0)?
            ));
        }
        if !matches!(
            (from, to),
            (F32, F32 | I64 | Str)
                | (F64, F64 | I64 | Str)
                | (I64, F32 | F64 | I64 | Str)
                | (Str, F32 | F64 | I64 | I16 | Str)
        ) {
            return node.refuse(format!("keys of `{from}` to values of `{to}`"));
        }
        let default = default(node, to, nan_is_nan)?;
        let Some(values) = Data::concat(&[&values, &default]) else {
            return node.refuse(format!("its values are of `{to}`, their default is not"));
        };
        let keys = match &keys {
            Data::I64(keys) => Keys::Ints(keys.to_vec()),
            Data::F32(keys) => Keys::Floats {
                keys: keys.iter().copied().map(f64::from).collect(),
                nan_is_nan,
            },
            Data::F64(keys) => Keys::Floats {
                keys: keys.to_vec(),
                nan_is_nan,
            },
            Data::Str(keys) => Keys::Texts(keys.clone()),
            other => return node.refuse(format!("keys of `{}`", other.datatype())),
        };
        Ok(Self {
            keys,
            values,
            twice: Twice::First,
        })
    }
}

fn same_length(node: &Lowering<'_>, keys: usize, values: usize) -> Result<(), LowerError> {
    if keys == values {
        return Ok(());
    }
    node.refuse(format!("it has {keys} keys and {values} values"))
}

/// The one list among `{what}_floats`, `{what}_int64s` and `{what}_strings` that is not empty.
fn list(node: &Lowering<'_>, what: &str) -> Result<Data, LowerError> {
    let floats = node.floats(&format!("{what}_floats"))?;
    let ints = node.ints(&format!("{what}_int64s"))?;
    let texts = node.strings(&format!("{what}_strings"))?;
    match (floats, ints, &*texts) {
        ([_, ..], [], []) => Ok(floats.to_vec().into()),
        ([], [_, ..], []) => Ok(ints.to_vec().into()),
        ([], [], [_, ..]) => Ok(Data::Str(texts.into_iter().collect())),
        _ => node.refuse(format!("it has not one list of {what}")),
    }
}

fn list_or_tensor(node: &Lowering<'_>, what: &str) -> Result<Data, LowerError> {
    match node.node.tensor(&format!("{what}_tensor"))? {
        Some(tensor) => {
            for kind in ["floats", "int64s", "strings"] {
                if node.node.attribute(&format!("{what}_{kind}")).is_some() {
                    return node.refuse(format!("it has a list and a tensor of {what}"));
                }
            }
            Ok(constant(tensor).map_err(LowerError)?.into_data())
        }
        None => list(node, what),
    }
}

/// The value of cells without a key, of the type `to`.
fn default(node: &Lowering<'_>, to: DataType, tensors: bool) -> Result<Data, LowerError> {
    if tensors && let Some(tensor) = node.node.tensor("default_tensor")? {
        let tensor = constant(tensor).map_err(LowerError)?;
        if tensor.shape() != [1] || tensor.datatype() != to {
            return node.refuse(format!("`default_tensor` is not one value of `{to}`"));
        }
        return Ok(tensor.into_data());
    }
    let float = node.node.float("default_float")?;
    let int = node.node.int("default_int64")?;
    Ok(match to {
        DataType::F32 => vec![float.unwrap_or(-0.0)].into(),
        // A list of values of these types is a tensor, and so is their default.
        DataType::F64 => vec![-0.0_f64].into(),
        DataType::I16 => vec![-1_i16].into(),
        DataType::I64 => vec![int.unwrap_or(-1)].into(),
        _ => Data::Str([default_text(node)?].into_iter().collect()),
    })
}

fn default_text<'a>(node: &Lowering<'a>) -> Result<&'a str, LowerError> {
    Ok(node.node.string("default_string")?.unwrap_or(UNUSED))
}
