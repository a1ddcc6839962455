"""Writes the graphs of the conformance suites into this folder.

    python -m pip install onnx==1.23.2 numpy==2.4.6
    python make.py

The output is the same octets every time. What each graph is for is said in `src/graphs.rs`.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper

HERE = Path(__file__).resolve().parent
IR_VERSION = 8
OPSET = 17
OPSET_ML = 3


def value(name, elem, shape):
    return helper.make_tensor_value_info(name, elem, shape)


def write(name, nodes, inputs, outputs, initializers=(), domains=(("", OPSET),)):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in domains],
        producer_name="flowgate-testkit",
    )
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def main():
    types = {
        "bool": T.BOOL,
        "i8": T.INT8,
        "i16": T.INT16,
        "i32": T.INT32,
        "i64": T.INT64,
        "u8": T.UINT8,
        "u16": T.UINT16,
        "u32": T.UINT32,
        "u64": T.UINT64,
        "f16": T.FLOAT16,
        "f32": T.FLOAT,
        "f64": T.DOUBLE,
        "str": T.STRING,
    }
    for short, elem in types.items():
        write(
            f"identity_{short}",
            [helper.make_node("Identity", ["x"], ["y"])],
            [value("x", elem, ["n"])],
            [value("y", elem, ["n"])],
        )

    write(
        "double",
        [helper.make_node("Add", ["x", "x"], ["y"])],
        [value("x", T.FLOAT, ["n", 3])],
        [value("y", T.FLOAT, ["n", 3])],
    )
    write(
        "fixed_rows",
        [helper.make_node("Add", ["x", "x"], ["y"])],
        [value("x", T.FLOAT, [2, 3])],
        [value("y", T.FLOAT, [2, 3])],
    )
    write(
        "two_inputs",
        [
            helper.make_node("Sub", ["minuend", "subtrahend"], ["z_difference"]),
            helper.make_node("Mul", ["minuend", "subtrahend"], ["a_product"]),
            helper.make_node("Neg", ["subtrahend"], ["m_negative"]),
        ],
        [value("minuend", T.DOUBLE, ["n"]), value("subtrahend", T.DOUBLE, ["n"])],
        [
            value("z_difference", T.DOUBLE, ["n"]),
            value("a_product", T.DOUBLE, ["n"]),
            value("m_negative", T.DOUBLE, ["n"]),
        ],
    )
    write(
        "scalar",
        [helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0)],
        [value("x", T.FLOAT, ["n", 3])],
        [value("total", T.FLOAT, [])],
    )
    write(
        "mixed",
        [
            helper.make_node("Identity", ["flag"], ["flag_out"]),
            helper.make_node("Identity", ["text"], ["text_out"]),
            helper.make_node("Add", ["matrix", "matrix"], ["matrix_out"]),
        ],
        [
            value("text", T.STRING, ["rows", 1]),
            value("matrix", T.FLOAT, ["rows", 2, "anything"]),
            value("flag", T.BOOL, ["rows"]),
        ],
        [
            value("matrix_out", T.FLOAT, ["rows", 2, "anything"]),
            value("flag_out", T.BOOL, ["rows"]),
            value("text_out", T.STRING, ["rows", 1]),
        ],
    )

    ml = (("", OPSET), ("ai.onnx.ml", OPSET_ML))
    for name, key, labels in [
        ("zipmap_ints", T.INT64, {"classlabels_int64s": [-1, 3, 7]}),
        ("zipmap_strings", T.STRING, {"classlabels_strings": ["a", "b", "ü"]}),
        ("zipmap_unsorted", T.INT64, {"classlabels_int64s": [7, -1, 3]}),
    ]:
        map_type = helper.make_map_type_proto(key, helper.make_tensor_type_proto(T.FLOAT, []))
        zipped = helper.make_value_info("zipped", helper.make_sequence_type_proto(map_type))
        write(
            name,
            [
                helper.make_node("Identity", ["x"], ["plain"]),
                helper.make_node("ZipMap", ["x"], ["zipped"], domain="ai.onnx.ml", **labels),
            ],
            [value("x", T.FLOAT, ["n", 3])],
            [value("plain", T.FLOAT, ["n", 3]), zipped],
            domains=ml,
        )

    weights = np.array([0.5, -2.0, 1024.0], dtype=np.float32)
    (HERE / "external.bin").write_bytes(weights.tobytes())
    tensor = onnx.TensorProto(
        name="weights", data_type=T.FLOAT, dims=[3], data_location=onnx.TensorProto.EXTERNAL
    )
    for key, text in [("location", "external.bin"), ("offset", "0"), ("length", "12")]:
        tensor.external_data.add(key=key, value=text)
    write(
        "external",
        [helper.make_node("Add", ["x", "weights"], ["y"])],
        [value("x", T.FLOAT, ["n", 3])],
        [value("y", T.FLOAT, ["n", 3])],
        [tensor],
    )

    write(
        "custom_operator",
        [
            helper.make_node("Mystery", ["x"], ["between"], domain="my.custom"),
            helper.make_node("Neg", ["between"], ["y"]),
        ],
        [value("x", T.FLOAT, ["n"])],
        [value("y", T.FLOAT, ["n"])],
        domains=(("", OPSET), ("my.custom", 1)),
    )
    write(
        "unknown_operator",
        [helper.make_node("NoSuchOperator", ["x"], ["y"])],
        [value("x", T.FLOAT, ["n"])],
        [value("y", T.FLOAT, ["n"])],
    )
    write_layers()


def write_layers():
    """Two layers with fixed weights: the one graph whose numbers are rounded."""
    generator = np.random.default_rng(0)
    first = generator.standard_normal((4, 16), dtype=np.float32)
    second = generator.standard_normal((16, 3), dtype=np.float32)
    write(
        "layers",
        [
            helper.make_node("MatMul", ["x", "first"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("MatMul", ["active", "second"], ["y"]),
        ],
        [value("x", T.FLOAT, ["n", 4])],
        [value("y", T.FLOAT, ["n", 3])],
        [
            onnx.numpy_helper.from_array(first, "first"),
            onnx.numpy_helper.from_array(second, "second"),
        ],
    )


if __name__ == "__main__":
    main()
