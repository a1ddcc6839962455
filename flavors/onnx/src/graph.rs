//! The model file, read as data.

use crate::NAME;
use flowgate_core::{FlavorError, InputAdapter, Package, Port};
use flowgate_onnx::{Limits, Model, port};
use std::path::{Path, PathBuf};

/// The largest file that protobuf can be.
const FILE_LIMIT: u64 = 2 << 30;

/// A model file and the name it goes by in messages.
pub(crate) struct Graph {
    model: Model,
    file: String,
}

impl Graph {
    /// Reads the file at `path`, called `file` in messages.
    pub(crate) fn read(path: &Path, file: &str) -> Result<Self, FlavorError> {
        let bad = |reason: String| bad_file(file, reason);
        let metadata = fs_err::metadata(path).map_err(|error| bad(error.to_string()))?;
        if !metadata.is_file() {
            return Err(bad("it is not a regular file".to_owned()));
        }
        if metadata.len() > FILE_LIMIT {
            let size = metadata.len();
            return Err(bad(format!(
                "it has {size} bytes, at most {FILE_LIMIT} are taken"
            )));
        }
        let octets = fs_err::read(path).map_err(|error| bad(error.to_string()))?;
        let model = Model::read(octets.into(), &Limits::default());
        let model = model.map_err(|error| bad(error.to_string()))?;
        let file = file.to_owned();
        Ok(Self { model, file })
    }

    /// The model itself.
    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// The further files that tensors are kept in; each must be there and inside the package,
    /// next to the model file or below it.
    pub(crate) fn companions(
        &self,
        package: &Package,
        data: &str,
    ) -> Result<Vec<PathBuf>, FlavorError> {
        let folder = data.rsplit_once('/').map_or("", |(folder, _)| folder);
        let locations = self.model.external_data().iter();
        locations
            .map(|location| {
                let path = if folder.is_empty() {
                    location.clone()
                } else {
                    format!("{folder}/{location}")
                };
                Ok(package.file(&path)?)
            })
            .collect()
    }

    /// How requests become the inputs of the graph.
    pub(crate) fn inputs(&self) -> Result<InputAdapter, FlavorError> {
        let mut ports: Vec<Port> = self.model.inputs().iter().map(port).collect();
        match ports.len() {
            0 => Err(bad_file(&self.file, "the graph has no inputs".to_owned())),
            1 => Ok(InputAdapter::Single(ports.remove(0))),
            _ => Ok(InputAdapter::Named(ports)),
        }
    }
}

pub(crate) fn bad_file(file: &str, reason: String) -> FlavorError {
    FlavorError::BadFile {
        flavor: NAME,
        file: file.to_owned(),
        reason,
    }
}
