//! Columns chosen and columns side by side.

use super::rows::{NUMBERS, expect_type, floats, product};
use crate::data::{elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, StringsBuilder, Tensor};
use flowgate_onnx::AI_ONNX_ML;

/// The operators of this file.
pub(super) const LIST: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "ArrayFeatureExtractor",
        versions: (1, 5),
        lower: array_feature_extractor,
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "FeatureVectorizer",
        versions: (1, 5),
        lower: feature_vectorizer,
        limits: "",
    },
];

/// The elements of the last dimension at the places that are asked for.
struct ArrayFeatureExtractor;

fn array_feature_extractor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let types = [NUMBERS, &[DataType::Str]].concat();
    let datatype = expect_type(node, 0, &types)?;
    expect_type(node, 1, &[DataType::I64])?;
    Ok(Lowered::one(ArrayFeatureExtractor, datatype))
}

impl Operator for ArrayFeatureExtractor {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let Some((width, rows)) = read.shape().split_last() else {
            return Err(Fault::refused(
                "expected columns to choose of, got a scalar",
            ));
        };
        let place = |place: &i64| usize::try_from(*place).ok().filter(|place| place < width);
        let places: &[i64] = elements(inputs.get(1)?)?;
        let places: Option<Vec<usize>> = places.iter().map(place).collect();
        let places = match places {
            Some(places) if !places.is_empty() => places,
            Some(_) => return Err(Fault::refused("no columns are asked for")),
            None => {
                return Err(Fault::refused(format!(
                    "a column is asked for that is not one of the {width} there are"
                )));
            }
        };
        // One dimension is taken for one row.
        let mut shape = match rows {
            [] => Shape::from_slice(&[1]),
            rows => Shape::from_slice(rows),
        };
        let count = flowgate_core::element_count(&shape)
            .ok_or_else(|| Fault::refused("more rows than there can be"))?;
        product(count, places.len())?;
        shape.push(places.len());
        let data = match read.data() {
            Data::F32(cells) => taken(cells, *width, &places)?.into(),
            Data::F64(cells) => taken(cells, *width, &places)?.into(),
            Data::I64(cells) => taken(cells, *width, &places)?.into(),
            Data::I32(cells) => taken(cells, *width, &places)?.into(),
            Data::Str(texts) => {
                let mut made = StringsBuilder::new();
                for row in 0..count {
                    for place in &places {
                        // The places were compared with the width.
                        made.push(texts.get(row * width + place).unwrap_or_default());
                    }
                }
                Data::Str(made.finish())
            }
            other => {
                let found = other.datatype();
                return Err(Fault::failed(format!("columns of `{found}`")));
            }
        };
        Ok(one(Tensor::new(shape, data)?))
    }
}

fn taken<T: Copy>(cells: &[T], width: usize, places: &[usize]) -> Result<Vec<T>, Fault> {
    if let [place] = places {
        return Ok(cells.iter().skip(*place).step_by(width).copied().collect());
    }
    let mut made = Vec::with_capacity(cells.len() / width.max(1) * places.len());
    for row in cells.chunks_exact(width.max(1)) {
        let found = made.len();
        made.extend(places.iter().filter_map(|place| row.get(*place).copied()));
        if made.len() - found != places.len() {
            return Err(Fault::failed("a column that is not there"));
        }
    }
    Ok(made)
}

/// Every value as so many columns of 32-bit floats: more are cut off, those that lack are zero.
struct FeatureVectorizer {
    widths: Vec<usize>,
    /// Their sum.
    width: usize,
}

fn feature_vectorizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    for place in 0..node.inputs.len() {
        expect_type(node, place, NUMBERS)?;
    }
    let widths = node.ints("inputdimensions")?;
    if widths.is_empty() || widths.len() != node.inputs.len() {
        return node.refuse(format!(
            "it has {} inputs and `inputdimensions` for {}",
            node.inputs.len(),
            widths.len()
        ));
    }
    let mut op = FeatureVectorizer {
        widths: Vec::with_capacity(widths.len()),
        width: 0,
    };
    for size in widths {
        let size = usize::try_from(*size).ok();
        let Some((size, width)) = size.and_then(|size| Some((size, op.width.checked_add(size)?)))
        else {
            return node.refuse("`inputdimensions` are no sizes");
        };
        op.widths.push(size);
        op.width = width;
    }
    Ok(Lowered::one(op, DataType::F32))
}

impl Operator for FeatureVectorizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let rows = parts(inputs.get(0)?)?.0;
        let mut made = vec![0.0_f32; product(rows, self.width)?];
        let mut first = 0;
        for (read, width) in inputs.iter().zip(&self.widths) {
            let (found, size) = parts(read)?;
            if found != rows {
                return Err(Fault::refused(format!(
                    "columns of {rows} and of {found} rows stand side by side"
                )));
            }
            let cells = floats(read)?;
            let copied = size.min(*width);
            let rows = made.chunks_exact_mut(self.width.max(1));
            for (row, cells) in rows.zip(cells.chunks_exact(size.max(1))) {
                if let (Some(row), Some(cells)) =
                    (row.get_mut(first..first + copied), cells.get(..copied))
                {
                    row.copy_from_slice(cells);
                }
            }
            first += width;
        }
        Ok(one(tensor(&[rows, self.width], made)?))
    }
}

/// The rows of a value and the elements of each; one dimension is one row.
fn parts(read: &Tensor) -> Result<(usize, usize), Fault> {
    match read.shape() {
        [] => Err(Fault::refused("expected rows of numbers, got a scalar")),
        [size] => Ok((1, *size)),
        [rows, sizes @ ..] => {
            let size = flowgate_core::element_count(sizes)
                .ok_or_else(|| Fault::refused("rows are too large"))?;
            Ok((*rows, size))
        }
    }
}
