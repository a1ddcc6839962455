//! The model file: read, freed of maps, and held against the list of what the engine gets right.

use crate::{allow, data, signature};
use flowgate_core::{Artifact, ModelSignature, Unsupported};
use flowgate_onnx::zipmap::{self, MapColumns};
use flowgate_onnx::{FileError, Limits, Model, OnnxError, expect_onnx, file_size};

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
            zipmap.map(|zipmap| MapColumns::of(&zipmap.labels))
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
