//! The model file: read, freed of maps, and held against the list of what the engine gets right.

use crate::{allow, data, signature};
use flowgate_core::{Artifact, Labels, ModelSignature, Unsupported};
use flowgate_onnx::{FileError, Limits, Model, OnnxError, expect_onnx, zipmap};
use std::sync::Arc;

/// The largest file that protobuf can be.
const FILE_LIMIT: u64 = 2 << 30;

/// A file that the engine runs.
#[derive(Debug)]
pub(crate) struct Source {
    /// The graph without `ZipMap`.
    pub(crate) model: Model,
    /// What it takes and gives.
    pub(crate) signature: ModelSignature,
    /// Where the numbers of a map come from, for each output that is one.
    pub(crate) maps: Vec<Option<MapColumns>>,
    /// Octets of the file and its companions.
    pub(crate) size: u64,
}

/// How a tensor of scores becomes a map a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapColumns {
    /// The keys in ascending order, as ONNX Runtime's maps have them.
    pub(crate) labels: Labels,
    /// For each key the column of its number.
    pub(crate) columns: Vec<usize>,
}

/// Reads and checks the file of `artifact`.
pub(crate) fn read(artifact: &Artifact) -> Result<Source, FileError> {
    expect_onnx(artifact)?;
    let size = file_size(artifact)?;
    let octets = fs_err::read(&artifact.path)?;
    let file = Model::read(octets.into(), &Limits::default())?;
    data::find_all(&file, artifact)?;
    let source = source(&file, size)?;
    Ok(source)
}

/// Checks a file that has been read, of `size` octets with its companions.
pub(crate) fn source(file: &Model, size: u64) -> Result<Source, FileError> {
    let zipmaps = zipmap::find(file)?;
    let proto = zipmap::without(file).map_err(|error| match error {
        OnnxError::ZipMap { .. } => FileError::Unsupported(Unsupported {
            operators: vec!["ai.onnx.ml:ZipMap".to_owned()],
            reasons: vec![error.to_string()],
        }),
        other => other.into(),
    })?;
    let model = Model::from_proto(proto, &Limits::default())?;
    let elems = allow::check(file, &model, &zipmaps).map_err(FileError::Unsupported)?;
    let maps: Vec<Option<MapColumns>> = model
        .outputs()
        .iter()
        .map(|output| {
            let zipmap = zipmaps.iter().find(|zipmap| zipmap.output == output.name);
            zipmap.map(|zipmap| columns(&zipmap.labels))
        })
        .collect();
    let signature = signature::of(&model, &elems, &maps);
    Ok(Source {
        signature,
        maps,
        size,
        model,
    })
}

fn columns(labels: &flowgate_onnx::Labels) -> MapColumns {
    let mut columns: Vec<usize> = (0..labels.len()).collect();
    match labels {
        flowgate_onnx::Labels::Ints(labels) => {
            columns.sort_by_key(|&column| labels[column]);
            let sorted: Arc<[i64]> = columns.iter().map(|&column| labels[column]).collect();
            MapColumns {
                labels: Labels::Ints(sorted),
                columns,
            }
        }
        flowgate_onnx::Labels::Strings(labels) => {
            columns.sort_by_key(|&column| &labels[column]);
            let sorted: Arc<[String]> = columns
                .iter()
                .map(|&column| labels[column].clone())
                .collect();
            MapColumns {
                labels: Labels::Strs(sorted),
                columns,
            }
        }
    }
}

/// The octets of the file and its companions; an error when the file is none or too large.
fn file_size(artifact: &Artifact) -> std::io::Result<u64> {
    let metadata = fs_err::metadata(&artifact.path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("the model is not a regular file"));
    }
    if metadata.len() > FILE_LIMIT {
        return Err(std::io::Error::other(format!(
            "the model has {} bytes, at most {FILE_LIMIT} are taken; larger ones keep their \
             numbers in further files",
            metadata.len()
        )));
    }
    let mut size = metadata.len();
    for companion in &artifact.companions {
        size = size.saturating_add(fs_err::metadata(companion)?.len());
    }
    Ok(size)
}
