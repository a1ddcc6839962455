//! The numbers of a model that are in other files, and the form that the engine reads constants
//! in.
//!
//! The engine would open files by itself, and reads some types from the wrong field. So the data
//! of every constant is put into the message as raw octets before the engine sees it, and only
//! files that the package lists are opened.

use bytes::{Bytes, BytesMut};
use flowgate_core::Artifact;
use flowgate_onnx::proto::{GraphProto, ModelProto, TensorProto};
use flowgate_onnx::{ElemType, ExternalData, FileError, Model, TensorData, TensorRef};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

/// How many times all companions together the constants may take: tensors may share a place.
const SHARING_LIMIT: u64 = 4;

/// Checks that every other file that `model` names is a regular one among the companions.
pub(crate) fn find_all(model: &Model, artifact: &Artifact) -> Result<(), FileError> {
    for location in model.external_data() {
        let path = find(location, artifact)?;
        if !fs_err::metadata(path)?.is_file() {
            return Err(FileError::Unreadable(format!(
                "the data in `{location}` is not in a regular file"
            )));
        }
    }
    Ok(())
}

/// The companion that `location`, relative to the folder of the model, names.
fn find<'a>(location: &str, artifact: &'a Artifact) -> Result<&'a Path, FileError> {
    let folder = artifact.path.parent().unwrap_or(Path::new(""));
    let wanted = plain(&folder.join(location));
    let companions = artifact.companions.iter();
    let found = companions
        .map(PathBuf::as_path)
        .find(|path| plain(path) == wanted);
    found.ok_or_else(|| {
        FileError::Unreadable(format!(
            "the model has data in `{location}`, which is not a file of the package"
        ))
    })
}

/// A path without the parts that mean nothing.
fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

/// `model` with the data of every constant in it, as raw octets.
pub(crate) fn inlined(model: Model, artifact: &Artifact) -> Result<ModelProto, FileError> {
    let mut proto = model.into_proto();
    let mut left = artifact
        .companions
        .iter()
        .try_fold(0_u64, |sum, companion| {
            Ok::<_, std::io::Error>(sum.saturating_add(fs_err::metadata(companion)?.len()))
        })?;
    left = left.saturating_mul(SHARING_LIMIT);
    if let Some(graph) = &mut proto.graph {
        inline_graph(graph, artifact, &mut left)?;
    }
    Ok(proto)
}

/// The constants of a graph and of its nodes. Nodes with subgraphs are not on the list.
fn inline_graph(
    graph: &mut GraphProto,
    artifact: &Artifact,
    left: &mut u64,
) -> Result<(), FileError> {
    let attributes = graph.node.iter_mut().flat_map(|node| &mut node.attribute);
    let attributes = attributes.filter_map(|attribute| attribute.t.as_deref_mut());
    for tensor in graph.initializer.iter_mut().chain(attributes) {
        inline(tensor, artifact, left)?;
    }
    Ok(())
}

fn inline(tensor: &mut TensorProto, artifact: &Artifact, left: &mut u64) -> Result<(), FileError> {
    let view = TensorRef::new(tensor);
    let (elem, count) = (view.elem()?, view.count()?);
    if let Some(place) = view.external()? {
        let data = read(&place, elem, count, artifact, left)?;
        tensor.raw_data = Some(data);
        tensor.data_location = None;
        tensor.external_data.clear();
    } else if matches!(elem, ElemType::Uint32 | ElemType::Uint64) {
        if count == 0 {
            return Err(FileError::Unreadable(format!(
                "the engine does not read constants of `{elem}` without elements"
            )));
        }
        let raw = match view.data()? {
            TensorData::U32(numbers) => numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
            TensorData::U64(numbers) => numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
            _ => Vec::new(),
        };
        tensor.raw_data = Some(raw.into());
        tensor.int32_data.clear();
        tensor.uint64_data.clear();
    } else if elem == ElemType::Bool {
        // Octets other than 0 and 1 are found here; the engine takes all of them for true.
        view.data()?;
    }
    Ok(())
}

/// The octets at `place`, exactly as many as `count` elements take.
fn read(
    place: &ExternalData,
    elem: ElemType,
    count: u64,
    artifact: &Artifact,
    left: &mut u64,
) -> Result<Bytes, FileError> {
    let location = &place.location;
    let fault = |reason: &str| FileError::Unreadable(format!("the data in `{location}` {reason}"));
    let path = find(location, artifact)?;
    let wanted = elem.bytes_of(count).ok_or_else(|| fault("is of texts"))?;
    let mut file = fs_err::File::open(path)?;
    let size = file.metadata()?.len();
    let end = place.offset.checked_add(wanted);
    if end.is_none_or(|end| end > size) || (place.length.is_none() && end != Some(size)) {
        return Err(fault("is not as long as the model asks for"));
    }
    if wanted > *left {
        return Err(fault("is used too often"));
    }
    *left -= wanted;
    let length = usize::try_from(wanted).map_err(|_| fault("is too large"))?;
    file.seek(SeekFrom::Start(place.offset))?;
    let mut octets = BytesMut::zeroed(length);
    file.read_exact(&mut octets)?;
    if elem == ElemType::Bool && octets.iter().any(|octet| *octet > 1) {
        return Err(fault("has truth values that are neither 0 nor 1"));
    }
    Ok(octets.freeze())
}
