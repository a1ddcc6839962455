"""Asks ONNX Runtime again for the outputs of all recorded cases.

    python record.py [FOLDER]

runs every model of the archives in FOLDER (`recorded` beside this file, unless given) on the values
that are kept with it, and writes what comes out in place of the outputs that were kept. It tells
which of them changed. Needs `numpy`, `onnx` and `onnxruntime`.
"""

import pathlib
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Archives are the same whenever they are written.
DATE = (2020, 1, 1, 0, 0, 0)


def main() -> None:
    beside = pathlib.Path(__file__).parent / "recorded"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    for path in sorted(folder.glob("*.zip")):
        record(path)


def record(path: pathlib.Path) -> None:
    """Writes the archive at `path` anew."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name in [name for name in files if name.endswith("/model.onnx")]:
        kept = name.replace("model.onnx", "values.onnx")
        files[kept] = answered(files[name], files[kept], f"{path.stem}/{name}")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, octets in files.items():
            entry = zipfile.ZipInfo(name, date_time=DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, octets)


def answered(model: bytes, values: bytes, label: str) -> bytes:
    """The values of a case with the outputs that the model gives now."""
    kept = onnx.load_from_string(values)
    tensors = {tensor.name: tensor for tensor in kept.graph.initializer}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Errors only.
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    inputs = {
        value.name: numpy_helper.to_array(tensors[value.name])
        for value in session.get_inputs()
    }
    for name, array in zip(names, session.run(names, inputs)):
        tensor = as_tensor(name, array)
        if tensor != tensors[name]:
            print(f"{label}: {name}")
        tensors[name].CopyFrom(tensor)
    return kept.SerializeToString()


def as_tensor(name: str, array: np.ndarray) -> TensorProto:
    """`array` as a constant called `name`."""
    if array.dtype == object:
        texts = [text.encode() for text in array.ravel()]
        return helper.make_tensor(name, TensorProto.STRING, array.shape, texts)
    return numpy_helper.from_array(np.array(array, order="C"), name)


if __name__ == "__main__":
    main()
