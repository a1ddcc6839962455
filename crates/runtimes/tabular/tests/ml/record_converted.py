"""Records what ONNX Runtime gives for whole models that converters made.

    python record_converted.py SOURCE FOLDER

SOURCE has a folder a case with `model.onnx`, `input.csv` (a header, then rows; an empty cell is a
missing value) and `expected.json`, whose `onnxruntime` has the answers that were recorded with the
case: what comes out here must be the same to 1e-6. Writes `converted.zip` to FOLDER, in the form
that `recorded/README.md` tells. A model with one input of several columns is fed a matrix, one with
an input a column is fed the columns `[rows, 1]`.
"""

import csv
import json
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from record import STRING, constant

NUMPY = {1: np.float32, 11: np.float64, 7: np.int64, 6: np.int32}


def values(model, path):
    with open(path, newline="") as file:
        header, *lines = list(csv.reader(file))
    columns = {name: [line[place] for line in lines] for place, name in enumerate(header)}

    def typed(cells, datatype):
        if datatype == STRING:
            return np.array(cells, object)
        return np.array([float(cell) if cell else np.nan for cell in cells], NUMPY[datatype])

    inputs = {port.name: port.type.tensor_type for port in model.graph.input}
    if len(inputs) == 1:
        (name, datatype), *_ = [(k, v.elem_type) for k, v in inputs.items()]
        return {name: np.stack([typed(cells, datatype) for cells in columns.values()], 1)}
    return {name: typed(columns[name], t.elem_type).reshape(-1, 1) for name, t in inputs.items()}


def same(found, kept):
    kept = np.array(kept).reshape(found.shape)
    if found.dtype == object:
        return (found.astype(str) == kept.astype(str)).all()
    return np.allclose(found, kept, rtol=1e-6, atol=1e-6, equal_nan=True)


def main():
    source, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    archive = zipfile.ZipFile(folder / "converted.zip", "w", zipfile.ZIP_DEFLATED)

    def write(name, octets):
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, octets)

    for path in sorted(source.glob("*/model.onnx")):
        case = path.parent
        octets = path.read_bytes()
        model = onnx.load_from_string(octets)
        inputs = values(model, case / "input.csv")
        session = onnxruntime.InferenceSession(octets, options)
        names = [output.name for output in session.get_outputs()]
        answers = dict(zip(names, session.run(names, inputs)))
        kept = json.loads((case / "expected.json").read_text())["onnxruntime"]
        for name, answer in answers.items():
            assert same(answer, kept[name]), (case.name, name)
        tensors = [constant(k, v) for k, v in [*inputs.items(), *answers.items()]]
        graph = helper.make_graph([], "values", [], [], tensors)
        write(f"{case.name}/model.onnx", octets)
        write(f"{case.name}/values.onnx", helper.make_model(graph).SerializeToString())
        print(case.name, {k: v.shape for k, v in answers.items()})


main()
