"""Writes the node tests of the ONNX standard for the operators of the domain `ai.onnx.ml`.

    python make_node_tests.py FOLDER

takes the cases that the installed `onnx` package generates and writes each as the standard lays
them out: a folder with `model.onnx` and `test_data_set_*/{input,output}_*.pb`. Prints how many
there are.
"""

import pathlib
import sys

from onnx import TensorProto, numpy_helper
from onnx.backend.test.case import node
from onnx.backend.test.case.node import ai_onnx_ml
from onnx.backend.test.case.utils import import_recursive


def tensor(value, name):
    if isinstance(value, TensorProto):
        return value
    return numpy_helper.from_array(value, name)


def write(folder, case):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    graph = case.model.graph
    for place, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / f"test_data_set_{place}"
        data.mkdir(exist_ok=True)
        for kind, values, infos in (
            ("input", inputs, graph.input),
            ("output", outputs, graph.output),
        ):
            for at, (value, info) in enumerate(zip(values, infos)):
                octets = tensor(value, info.name).SerializeToString()
                (data / f"{kind}_{at}.pb").write_bytes(octets)


def main():
    folder = pathlib.Path(sys.argv[1])
    # Cases are made as their modules are imported: those of all operators take minutes.
    import_recursive(ai_onnx_ml)
    cases = node._NodeTestCases
    for case in cases:
        write(folder / case.name, case)
    print(len(cases))


main()
