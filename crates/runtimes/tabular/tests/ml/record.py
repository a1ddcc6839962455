"""Records what ONNX Runtime gives for small models of the operators of `ai.onnx.ml`.

    python record.py FOLDER

writes an archive an operator to FOLDER, in the form that `tests/standard/recorded/README.md`
tells. A case without outputs is one that ONNX Runtime refuses, when it loads the file or when it
runs it. Needs `onnx` and `onnxruntime`; the archives that are kept were written with the versions
that `recorded/README.md` names. One thread each: with more, ONNX Runtime adds trees in an order
that depends on their number.
"""

import io
import itertools
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

nan, inf = np.nan, np.inf
RNG = np.random.default_rng(20)
TYPES = {
    np.dtype("float32"): TensorProto.FLOAT,
    np.dtype("float64"): TensorProto.DOUBLE,
    np.dtype("int64"): TensorProto.INT64,
    np.dtype("int32"): TensorProto.INT32,
    np.dtype("int16"): TensorProto.INT16,
    np.dtype("O"): TensorProto.STRING,
}
FLOAT, DOUBLE, INT64, INT16, STRING = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.INT16,
    TensorProto.STRING,
)


def f32(values):
    return np.array(values, np.float32)


def f64(values):
    return np.array(values, np.float64)


def i64(values):
    return np.array(values, np.int64)


def i32(values):
    return np.array(values, np.int32)


def texts(values):
    return np.array(values, object)


def tensor(values, dtype):
    return numpy_helper.from_array(np.array(values, dtype))


def text_tensor(values):
    return helper.make_tensor("t", STRING, [len(values)], [v.encode() for v in values])


class Archive:
    """The cases of an operator."""

    def __init__(self, folder, operator, version):
        self.operator, self.version = operator, version
        self.file = zipfile.ZipFile(folder / f"{operator}.zip", "w", zipfile.ZIP_DEFLATED)
        self.names = set()

    def write(self, name, octets):
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        self.file.writestr(info, octets)

    def case(self, name, inputs, outputs, version=None, refused=False, **attributes):
        """A node on `inputs`, with outputs of the types `outputs`."""
        assert name not in self.names, (self.operator, name)
        self.names.add(name)
        inputs = {f"x{place}": value for place, value in enumerate(inputs)}
        made = [f"y{place}" for place in range(len(outputs))]
        node = helper.make_node(
            self.operator,
            list(inputs),
            made,
            domain="ai.onnx.ml",
            **{key: value for key, value in attributes.items() if value is not None},
        )
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            [node],
            "g",
            [value(key, TYPES[x.dtype], None) for key, x in inputs.items()],
            [value(key, datatype, None) for key, datatype in zip(made, outputs)],
        )
        version = version or self.version
        opsets = [("", 21), ("ai.onnx.ml", version)]
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], ir_version=9
        ).SerializeToString()
        answers = run(model, inputs)
        if refused:
            assert answers is None, (self.operator, name, answers)
            answers = []
        assert answers is not None, (self.operator, name, "refused")
        values = [constant(key, x) for key, x in inputs.items()]
        values += [constant(key, y) for key, y in zip(made, answers)]
        kept = helper.make_model(helper.make_graph([], "values", [], [], values))
        self.write(f"{name}/model.onnx", model)
        self.write(f"{name}/values.onnx", kept.SerializeToString())


def run(model, inputs):
    """What comes out, or None where nothing does."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        return session.run(None, inputs)
    except Exception:  # noqa: BLE001 - its errors have many classes
        return None


def constant(name, value):
    value = np.asarray(value)
    if value.dtype == object:
        octets = [str(text).encode() for text in value.ravel()]
        return helper.make_tensor(name, STRING, value.shape, octets)
    return numpy_helper.from_array(value, name)


# --- columns, scales, missing values -------------------------------------------------------------


def array_feature_extractor(a):
    y = f32([[1, nan, -0.0], [0, 2, nan]])
    for name, x in {"two": y, "one": y[0], "three": y[None], "none": y[:0]}.items():
        for places in ([0, 2], [[1], [1]], 2):
            a.case(f"{name} {places}", [x, i64(places)], [FLOAT])
    for places in ([-1], [3], []):
        a.case(f"refused {places}", [y, i64(places)], [FLOAT], refused=True)
    a.case("scalar", [f32(1), i64([0])], [FLOAT], refused=True)
    a.case("texts", [texts([["a", "b"], ["", "ü"]]), i64([1, 0, 1])], [STRING])
    a.case("f64", [f64([[1, 2]]), i64([1])], [DOUBLE])
    a.case("i64", [i64([[1, 2]]), i64([1])], [INT64])
    a.case("i32", [i32([[1, 2]]), i64([1])], [TensorProto.INT32])


def feature_vectorizer(a):
    y = f32([[1, nan, -0.0], [0, 2, nan]])
    for widths in ([3, 3], [2, 4], [0, 1]):
        a.case(f"floats {widths}", [y, y], [FLOAT], inputdimensions=widths)
    ints = i64([[1, 2], [3, 2**40 + 1]])
    a.case("i64", [ints, ints], [FLOAT], inputdimensions=[2, 2])
    a.case("f64", [f64([[1e-50, 0.1]])], [FLOAT], inputdimensions=[2])
    a.case("i32", [i32([[1, 16777217]])], [FLOAT], inputdimensions=[2])
    a.case("one dimension", [f32([1, 2, 3])], [FLOAT], inputdimensions=[2])
    a.case("three dimensions", [y[None]], [FLOAT], inputdimensions=[4])
    a.case("no rows", [y[:0]], [FLOAT], inputdimensions=[2])
    a.case("unlike rows", [y, y[:1]], [FLOAT], inputdimensions=[3, 3], refused=True)
    a.case("scalar", [f32(1)], [FLOAT], inputdimensions=[1], refused=True)


def scaler(a):
    y = f32([[-1.0, 0.5], [1.0, 0.25], [0, 0], [nan, inf], [3e38, -4]])
    both = {"scale": [2.1, 3.3], "offset": [0.1, 0.2]}
    one = {"scale": [2.1], "offset": [0.1]}
    for name, x in {
        "f32": y,
        "f64": f64([[0.1, 1e300], [1 / 3, -2]]),
        "i64": i64([[16777217, -3], [2**53 + 1, 0]]),
        "i32": i32([[16777217, -3]]),
        "one dimension": y[0],
        "no rows": y[:0],
        "three dimensions": np.arange(12, dtype=np.float32).reshape(2, 2, 3),
    }.items():
        a.case(f"{name} by columns", [x], [FLOAT], **both)
        a.case(f"{name} by one", [x], [FLOAT], **one)
    a.case("no columns", [np.ones((2, 0), np.float32)], [FLOAT], **one)
    a.case("scalar", [f32(1)], [FLOAT], refused=True, **one)
    a.case("other columns", [np.ones((2, 3), np.float32)], [FLOAT], refused=True, **both)
    x = RNG.normal(size=(40, 7)).astype(np.float32) * 100
    numbers = {k: RNG.normal(size=7).tolist() for k in ("scale", "offset")}
    a.case("many", [x], [FLOAT], **numbers)


def normalizer(a):
    y = f32([[-3, 2], [-3, -4], [0, 0], [nan, 1], [1, nan], [inf, 1], [1e20, 1e20], [-0.0, 0]])
    x = RNG.normal(size=(30, 9)).astype(np.float32)
    for norm in ("MAX", "L1", "L2"):
        for name, value in {
            "f32": y,
            "many": x,
            "f64": f64([[1e200, 2], [0.1, 0.2], [-1e-30, 3]]),
            "i64": i64([[-3, 2], [2**40 + 1, 5], [2**62, -7]]),
            "i32": i32([[100000, 2], [-7, 7]]),
            "one dimension": y[0],
            "no rows": y[:0],
        }.items():
            a.case(f"{norm} {name}", [value], [FLOAT], norm=norm)
        a.case(f"{norm} three dimensions", [y[None]], [FLOAT], refused=True, norm=norm)
    a.case("no norm", [y], [FLOAT])


def binarizer(a):
    y = f32([[-1, 0.5, 0.50001], [inf, -inf, -0.0]])
    a.case("threshold", [y], [FLOAT], threshold=0.5)
    a.case("no threshold", [y], [FLOAT])
    a.case("scalar", [f32(2)], [FLOAT])
    a.case("no rows", [y[:0]], [FLOAT])
    a.case("NaN", [f32([1, nan])], [FLOAT], refused=True, threshold=0.5)


def imputer(a):
    y = f32([[1, nan, -0.0], [0, 2, nan]])
    for replaced in (nan, 0.0, 1.0):
        for imputed in ([7.0, 8.0, 9.0], [7.0], [7.0, 8.0]):
            kept = {"imputed_value_floats": imputed, "replaced_value_float": replaced}
            a.case(f"{replaced} by {imputed}", [y], [FLOAT], **kept)
    kept = {"imputed_value_floats": [7.0, 8.0], "replaced_value_float": nan}
    a.case("three dimensions", [y[None]], [FLOAT], **kept)
    a.case("one dimension", [y[0]], [FLOAT], **kept)
    a.case("no rows", [y[:0]], [FLOAT], **kept)
    a.case("scalar", [f32(nan)], [FLOAT], refused=True, **kept)
    a.case("zero is replaced", [y], [FLOAT], imputed_value_floats=[7.0])
    x = i64([[1, 2], [0, 1]])
    a.case("i64", [x], [INT64], imputed_value_int64s=[7, 8], replaced_value_int64=1)
    a.case("i64 zero", [x], [INT64], imputed_value_int64s=[7])


# --- categories ----------------------------------------------------------------------------------


def one_hot_encoder(a):
    y = f32([[1.9, 2], [-0.5, nan], [inf, 1e30], [-1.5, 5]])
    a.case("f32", [y], [FLOAT], cats_int64s=[1, 0, 2, 2, 5, -1])
    a.case("f64", [y.astype(np.float64)], [FLOAT], cats_int64s=[1, 0, 2, 5])
    a.case("least", [y], [FLOAT], cats_int64s=[1, -(2**63)])
    a.case("i64", [i64([1, 2, 0, 2**40])], [FLOAT], cats_int64s=[1, 0, 2**40])
    a.case("texts", [texts([["a", "b"], ["", "ü"]])], [FLOAT], cats_strings=["a", "ü", "a", ""])
    a.case("texts of integers", [texts(["a", "1"])], [FLOAT], cats_int64s=[1])
    a.case("integers of texts", [i64([1])], [FLOAT], cats_strings=["1"])
    a.case("known", [i64([1, 0])], [FLOAT], cats_int64s=[1, 0], zeros=0)
    a.case("unknown", [i64([1, 2])], [FLOAT], refused=True, cats_int64s=[1, 0], zeros=0)
    a.case("unknown text", [texts(["b"])], [FLOAT], refused=True, cats_strings=["a"], zeros=0)
    a.case("three dimensions", [i64([[[1], [2]]])], [FLOAT], cats_int64s=[1, 0])
    a.case("scalar", [i64(1)], [FLOAT], cats_int64s=[1, 0])
    a.case("no rows", [i64([]).reshape(0, 2)], [FLOAT], cats_int64s=[1, 0])
    words = [f"category {place}" for place in range(60)]
    cells = texts(RNG.choice(words[:50] + ["other"], size=(20, 2)))
    a.case("many texts", [cells], [FLOAT], cats_strings=words)


def category_mapper(a):
    pairs = {"cats_strings": ["a", "b", "a"], "cats_int64s": [5, 6, 5]}
    for name, more in {
        "as it is": {},
        "defaults": {"default_int64": 77, "default_string": "none"},
    }.items():
        a.case(f"texts {name}", [texts([["a", "b", "z"]])], [INT64], **pairs, **more)
        a.case(f"integers {name}", [i64([[5], [6], [9]])], [STRING], **pairs, **more)
    a.case("last", [texts(["a", "b"])], [INT64], cats_strings=["a", "b", "a"], cats_int64s=[1, 2, 3])


def label_encoder(a):
    for name, more in {
        "as it is": {},
        "defaults": {"default_int64": 77, "default_string": "none"},
    }.items():
        classes = {"classes_strings": ["a", "b", "a"], **more}
        a.case(f"1 texts {name}", [texts([["a", "b", "z"]])], [INT64], 1, **classes)
        a.case(f"1 integers {name}", [i64([0, 2, 3, -1])], [STRING], 1, **classes)
    inputs = {
        "floats": f32([[1, 2, nan], [-0.0, 9, 0.5]]),
        "int64s": i64([1, 2, 3, 0, -9]),
        "strings": texts([["a"], ["b"], ["ü"], [""], ["z"]]),
    }
    keys = {
        "floats": [1.0, 2.0, nan, 0.0, 1.0],
        "int64s": [1, 2, 3, 0, 1],
        "strings": ["a", "b", "ü", "", "a"],
    }
    values = {
        "floats": [1.5, -2.5, 0.1, nan, 5.0],
        "int64s": [10, 20, -30, 40, 50],
        "strings": ["A", "", "C", "D", "E"],
    }
    outputs = {"floats": FLOAT, "int64s": INT64, "strings": STRING}
    defaults = {"default_float": 7.5, "default_int64": 77, "default_string": "none"}
    for version, keyed, valued in itertools.product((2, 4), keys, values):
        pairs = {f"keys_{keyed}": keys[keyed], f"values_{valued}": values[valued]}
        for name, more in {"": {}, " defaults": defaults}.items():
            label = f"{version} {keyed} to {valued}{name}"
            a.case(label, [inputs[keyed]], [outputs[valued]], version, **pairs, **more)
    a.case("scalar", [i64(1)], [INT64], keys_int64s=[1], values_int64s=[4])
    a.case("no rows", [i64([])], [STRING], keys_int64s=[1], values_strings=["a"])
    tensors = {
        "f32": (tensor([1.5, nan, 3], np.float32), f32([1.5, nan, 9]), FLOAT, tensor([44], np.float32)),
        "f64": (tensor([1.1, nan, 3], np.float64), f64([1.1, nan, 9]), DOUBLE, tensor([44], np.float64)),
        "i64": (tensor([1, 2, 3], np.int64), i64([1, 2, 9]), INT64, tensor([44], np.int64)),
        "texts": (text_tensor(["a", "b", "c"]), texts(["a", "b", "z"]), STRING, text_tensor(["d"])),
        "i16": (tensor([7, 8, 9], np.int16), None, INT16, tensor([44], np.int16)),
    }
    known = {
        "f32": ["f32", "i64", "texts"],
        "f64": ["f64", "i64", "texts"],
        "i64": ["f32", "f64", "i64", "texts"],
        "texts": ["f32", "f64", "i64", "i16", "texts"],
    }
    for keyed, all_valued in known.items():
        for valued in all_valued:
            pairs = {"keys_tensor": tensors[keyed][0], "values_tensor": tensors[valued][0]}
            x, output = [tensors[keyed][1]], [tensors[valued][2]]
            a.case(f"4 tensors {keyed} to {valued}", x, output, **pairs)
            more = {"default_tensor": tensors[valued][3]}
            a.case(f"4 tensors {keyed} to {valued} default", x, output, **pairs, **more)
    a.case("mixed", [texts(["a", "z"])], [INT16], keys_strings=["a"], values_tensor=tensor([3], np.int16))
    words = [f"word {place % 97} {place}" for place in range(120)]
    cells = texts(RNG.choice(words + ["other"], size=(30, 3)))
    numbers = {"values_floats": RNG.normal(size=120).tolist()}
    a.case("many texts", [cells], [FLOAT], keys_strings=words, **numbers)
    ints = RNG.integers(-(2**62), 2**62, size=120)
    cells = RNG.choice(np.append(ints, 5), size=(30, 3))
    a.case("many integers", [cells], [FLOAT], keys_int64s=ints.tolist(), **numbers)


# --- linear models and support vectors -----------------------------------------------------------

TRANSFORMS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"]
POINTS = f32([[-1.0, 0.5], [1.0, 0.25], [0, 0], [nan, 1.0], [3, 4], [-30, 20], [1e-9, 1e-8]])


def linear_regressor(a):
    for transform in TRANSFORMS:
        one = {"coefficients": [0.3, 0.2], "intercepts": [0.1], "targets": 1}
        a.case(f"one {transform}", [POINTS], [FLOAT], post_transform=transform, **one)
        two = {"coefficients": [0.3, 0.2, 0.1, 0.5], "intercepts": [0.1, 0.3], "targets": 2}
        a.case(f"two {transform}", [POINTS], [FLOAT], post_transform=transform, **two)
    a.case("no intercept", [POINTS], [FLOAT], coefficients=[0.3, 0.2])
    a.case("too many intercepts", [POINTS], [FLOAT], coefficients=[0.3, 0.2], intercepts=[1.0, 2.0])
    a.case("no rows", [POINTS[:0]], [FLOAT], coefficients=[0.3, 0.2])
    kept = {"coefficients": [0.3, 0.2]}
    a.case("three dimensions", [POINTS[None]], [FLOAT], refused=True, **kept)
    for features, targets, rows in [
        (4, 1, 9), (13, 3, 16), (50, 1, 20), (50, 17, 5), (7, 6, 3), (33, 7, 2), (130, 1, 4), (257, 5, 3), (300, 40, 2),
    ]:
        x = RNG.normal(size=(rows, features)).astype(np.float32)
        kept = {
            "coefficients": RNG.normal(size=targets * features).tolist(),
            "intercepts": RNG.normal(size=targets).tolist(),
            "targets": targets,
        }
        a.case(f"many {features} to {targets}", [x], [FLOAT], **kept)
        a.case(f"one of {features} to {targets}", [x[:1]], [FLOAT], **kept)


def linear_classifier(a):
    one = {"coefficients": [0.3, 0.2], "intercepts": [0.1]}
    two = {"coefficients": [0.3, 0.2, 0.4, -0.1], "intercepts": [0.1, 0.2]}
    three = {"coefficients": [0.3, 0.2, 0.4, -0.1, 0.5, 0.6], "intercepts": [0.1, 0.2, 0.3]}
    for transform in TRANSFORMS:
        kept = {"post_transform": transform}
        types = [INT64, FLOAT]
        a.case(f"one without labels {transform}", [POINTS], types, **one, **kept)
        if transform != "PROBIT":
            a.case(f"one {transform}", [POINTS], types, classlabels_ints=[5, 6], **one, **kept)
        a.case(f"two {transform}", [POINTS], types, classlabels_ints=[5, 6], **two, **kept)
        a.case(f"three {transform}", [POINTS], types, classlabels_ints=[5, 6, 7], **three, **kept)
    words = {"classlabels_strings": ["a", "", "ü"]}
    a.case("texts", [POINTS], [STRING, FLOAT], **three, **words)
    a.case("two texts", [POINTS], [STRING, FLOAT], classlabels_strings=["n", "y"], **one)
    labels = {"classlabels_ints": [5, 6, 7]}
    types = [INT64, FLOAT]
    a.case("i64", [i64([[1, 2], [16777217, 3]])], types, **three, **labels)
    a.case("i32", [i32([[1, 2], [16777217, 3]])], types, **three, **labels)
    a.case("f64", [f64([[1e-60, 0.1], [0.1, 1 / 3]])], types, **three, **labels)
    a.case("no rows", [POINTS[:0]], types, **three, **labels)
    a.case("more labels", [POINTS], types, classlabels_ints=[5, 6, 7], **two)
    a.case("three dimensions", [POINTS[None]], types, refused=True, **three, **labels)
    for features, classes, transform in [
        (50, 3, "SOFTMAX"), (20, 10, "LOGISTIC"), (30, 1, "LOGISTIC"), (9, 5, "SOFTMAX"),
        (9, 21, "SOFTMAX"), (9, 12, "SOFTMAX_ZERO"),
    ]:
        x = RNG.normal(size=(25, features)).astype(np.float32) * 2
        kept = {
            "coefficients": RNG.normal(size=classes * features).tolist(),
            "intercepts": RNG.normal(size=classes).tolist(),
            "classlabels_ints": list(range(max(classes, 2))),
            "post_transform": transform,
        }
        a.case(f"many {features} to {classes}", [x], types, **kept)
        a.case(f"one of {features} to {classes}", [x[:1]], types, **kept)


KERNELS = {
    "LINEAR": [0.0, 0.0, 0.0],
    "POLY": [0.3, 0.7, 3.0],
    "POLY 2": [0.3, 0.0, 2.0],
    "POLY 5": [0.2, 1.0, 5.0],
    "RBF": [0.2, 0.0, 3.0],
    "SIGMOID": [0.1, 0.2, 3.0],
}


def svm_regressor(a):
    x = RNG.normal(size=(12, 4)).astype(np.float32)
    vectors = RNG.normal(size=(9, 4)).ravel().tolist()
    weights = RNG.normal(size=9).tolist()
    for kernel, numbers in KERNELS.items():
        kept = {
            "kernel_type": kernel.split()[0],
            "kernel_params": numbers,
            "support_vectors": vectors,
            "coefficients": weights,
            "n_supports": 9,
            "rho": [0.25],
        }
        a.case(kernel, [x], [FLOAT], **kept)
        a.case(f"{kernel} one row", [x[:1]], [FLOAT], **kept)
        a.case(f"{kernel} one class", [x], [FLOAT], one_class=1, **kept)
    kept = {"coefficients": [0.5, -0.2, 0.1, 0.3], "rho": [0.25], "kernel_params": [0.0] * 3}
    a.case("no vectors", [x], [FLOAT], **kept)
    a.case("no vectors, another kernel", [x], [FLOAT], kernel_type="RBF", **kept)
    a.case("transform", [x], [FLOAT], post_transform="LOGISTIC", **kept)
    a.case("no rows", [x[:0]], [FLOAT], **kept)
    a.case("other features", [x[:, :3]], [FLOAT], refused=True, **kept)


def svm_classifier(a):
    x = RNG.normal(size=(12, 4)).astype(np.float32)
    types = [INT64, FLOAT]
    for classes, per_class in {2: [4, 3], 3: [3, 2, 4], 4: [2, 2, 1, 3]}.items():
        count, pairs = sum(per_class), classes * (classes - 1) // 2
        kept = {
            "support_vectors": RNG.normal(size=count * 4).tolist(),
            "coefficients": RNG.normal(size=(classes - 1) * count).tolist(),
            "vectors_per_class": per_class,
            "rho": (RNG.normal(size=pairs) * 0.3).tolist(),
            "classlabels_ints": [7, 5, 9, 2][:classes],
        }
        chances = {"prob_a": [-1.3] * pairs, "prob_b": (RNG.normal(size=pairs) * 0.2).tolist()}
        for kernel, numbers in KERNELS.items():
            shape = {"kernel_type": kernel.split()[0], "kernel_params": numbers}
            a.case(f"{classes} {kernel}", [x], types, **shape, **kept)
            a.case(f"{classes} {kernel} one row", [x[:1]], types, **shape, **kept)
            a.case(f"{classes} {kernel} chances", [x], types, **shape, **kept, **chances)
        shape = {"kernel_type": "RBF", "kernel_params": KERNELS["RBF"]}
        for transform in TRANSFORMS[1:4]:
            more = {**shape, "post_transform": transform}
            a.case(f"{classes} {transform}", [x], types, **more, **kept)
            a.case(f"{classes} {transform} chances", [x], types, **more, **kept, **chances)
        kept.pop("classlabels_ints")
        words = {"classlabels_strings": ["a", "b", "", "ü"][:classes]}
        a.case(f"{classes} texts", [x], [STRING, FLOAT], **shape, **kept, **words)
    for classes in (1, 2, 3):
        for signs in ("mixed", "positive"):
            weights = RNG.normal(size=classes * 4) * 0.3
            weights = np.abs(weights) if signs == "positive" else weights
            for transform in TRANSFORMS[:4]:
                kept = {
                    "coefficients": weights.tolist(),
                    "rho": [-0.1],
                    "kernel_params": [0.0] * 3,
                    "classlabels_ints": [7, 5, 9][:classes],
                    "post_transform": transform,
                }
                a.case(f"{classes} linear {signs} {transform}", [x], types, **kept)
    a.case("i64", [i64([[1, 2, 3, 4], [0, 16777217, 0, 0]])], types, **kept)
    a.case("i32", [i32([[1, 2, 3, 4]])], types, **kept)
    a.case("f64", [f64([[0.1, 0.2, 1e-50, 1 / 3]])], types, **kept)
    a.case("no rows", [x[:0]], types, **kept)


# --- trees ---------------------------------------------------------------------------------------


def lists(trees, votes, doubles=False):
    """The lists of `trees`: branches (mode, feature, value, true, false[, missing]) and leaves,
    which are lists of (output, weight); `votes` is `class` or `target`."""
    kept = {
        f"{prefix}{name}": []
        for prefix, names in {
            "nodes_": ["treeids", "nodeids", "featureids", "values", "modes", "truenodeids",
                       "falsenodeids", "missing_value_tracks_true"],
            f"{votes}_": ["treeids", "nodeids", "ids", "weights"],
        }.items()
        for name in names
    }
    for tree, nodes in enumerate(trees):
        for place, node in enumerate(nodes):
            leaf = isinstance(node, list)
            branch = ("LEAF", 0, 0.0, 0, 0) if leaf else node
            for name, value in zip(
                ["treeids", "nodeids", "modes", "featureids", "values", "truenodeids",
                 "falsenodeids", "missing_value_tracks_true"],
                [tree, place, *branch[:5], branch[5] if len(branch) > 5 else 0],
            ):
                kept[f"nodes_{name}"].append(value)
            for output, weight in node if leaf else []:
                for name, value in zip(["treeids", "nodeids", "ids", "weights"], [tree, place, output, weight]):
                    kept[f"{votes}_{name}"].append(value)
    if not any(kept["nodes_missing_value_tracks_true"]):
        kept.pop("nodes_missing_value_tracks_true")
    if doubles:
        for name in ("nodes_values", f"{votes}_weights"):
            kept[f"{name}_as_tensor"] = tensor(kept.pop(name), np.float64)
    return {key: value for key, value in kept.items() if not isinstance(value, list) or value}


def grown(rng, features, outputs, depth, modes, missing, every_output):
    """A tree at random, its root first."""
    nodes = []

    def grow(level):
        at = len(nodes)
        if level == depth or (level > 0 and rng.random() < 0.2):
            voted = range(outputs) if every_output else [int(rng.integers(outputs))]
            nodes.append([(output, float(np.float32(rng.normal()))) for output in voted])
            return at
        nodes.append(None)
        value = float(np.float32(np.round(rng.normal(), 1)))
        on_true, on_false = grow(level + 1), grow(level + 1)
        mode = str(rng.choice(modes))
        to_true = int(missing and rng.random() < 0.5)
        nodes[at] = (mode, int(rng.integers(features)), value, on_true, on_false, to_true)
        return at

    grow(0)
    return nodes


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def rows(rng, count, features, dtype=np.float32, holes=True):
    x = np.round(rng.normal(size=(count, features)), 1).astype(dtype)
    x += (rng.random(size=x.shape) < 0.5) * rng.normal(size=x.shape).astype(dtype) * 0.1
    if holes:
        x[rng.random(size=x.shape) < 0.1] = nan
        x.flat[:4] = [inf, -inf, -0.0, 0.0]
    return x


def tree_ensemble_regressor(a):
    cells = f32([[-1], [0], [0.5], [1], [nan], [inf], [-inf]])
    stump = lambda mode, missing=0, value=0.5: [[(mode, 0, value, 1, 2, missing), [(0, 1.0)], [(0, 2.0)]]]
    for mode in MODES:
        for missing in (0, 1, 2):
            a.case(f"{mode} {missing}", [cells], [FLOAT], n_targets=1, **lists(stump(mode, missing), "target"))
            kept = lists(stump(mode, missing, nan), "target")
            a.case(f"{mode} {missing} of NaN", [cells], [FLOAT], n_targets=1, **kept)
    leaves = {
        "two votes": [[("BRANCH_LEQ", 0, 0.5, 1, 2), [(0, 1.0), (0, 4.0)], [(0, 2.0)]], [[(0, 0.5)]]],
        "no vote": [[("BRANCH_LEQ", 0, 0.5, 1, 2), [], [(0, 2.0)]], [[(0, 0.5)]]],
        "no vote below": [[("BRANCH_LEQ", 0, 0.5, 1, 2), [], [(0, 2.0)]], [[(0, -0.5)]]],
        "minus zero": [[[(0, -0.0)]], [[(0, -0.0)]]],
        "NaN first": [[[(0, nan)]], [[(0, 5.0)]], [[(0, 3.0)]]],
        "NaN second": [[[(0, 5.0)]], [[(0, nan)]], [[(0, 3.0)]]],
        "third": [[("BRANCH_LEQ", 0, 0.5, 1, 2), [(0, 1.0), (1, 3.0)], [(0, 2.0)]],
                  [("BRANCH_LEQ", 0, 0.5, 1, 2), [(0, -5.0)], [(0, 7.0)]], [[(0, -2.0)]]],
    }
    for name, trees in leaves.items():
        for aggregate, targets, base in itertools.product(["SUM", "AVERAGE", "MIN", "MAX"], (1, 2), (None, [10.5, -3.0])):
            if name == "third" and targets == 1:
                continue
            kept = lists(trees, "target")
            if base:
                kept["base_values"] = base[:targets]
            label = f"{name} {aggregate} {targets} {'base' if base else ''}"
            a.case(label, [cells], [FLOAT], n_targets=targets, aggregate_function=aggregate, **kept)
    for transform, targets in itertools.product(TRANSFORMS, (1, 2, 3, 6)):
        trees = [[("BRANCH_LEQ", 0, 0.5, 1, 2), [(0, 0.25), (targets - 1, 0.4)], [(0, 0.75)]]]
        kept = lists(trees, "target")
        a.case(f"{transform} {targets}", [cells], [FLOAT], n_targets=targets, post_transform=transform, **kept)
    kept = lists(stump("BRANCH_LEQ"), "target")
    a.case("one dimension", [f32([1, 2])], [FLOAT], n_targets=1, **kept)
    a.case("no rows", [cells[:0]], [FLOAT], n_targets=1, **kept)
    a.case("three dimensions", [cells[None]], [FLOAT], refused=True, n_targets=1, **kept)
    a.case("scalar", [f32(1)], [FLOAT], refused=True, n_targets=1, **kept)
    a.case("no columns", [np.ones((2, 0), np.float32)], [FLOAT], refused=True, n_targets=1, **kept)
    far = lists([[("BRANCH_LEQ", 5, 0.5, 1, 2), [(0, 1.0)], [(0, 2.0)]]], "target")
    a.case("few columns", [np.ones((2, 5), np.float32)], [FLOAT], refused=True, n_targets=1, **far)
    a.case("more columns", [np.ones((2, 9), np.float32)], [FLOAT], n_targets=1, **far)
    chain = [("BRANCH_EQ", 0, 1.0, 1, 2), [(0, 1.0)], ("BRANCH_EQ", 0, 3.0, 3, 4), [(0, 1.0)],
             ("BRANCH_EQ", 0, 7.0, 5, 6), [(0, 1.0)], [(0, 0.0)]]
    asked = f32([[0], [1], [1.5], [3], [3.2], [7], [-1], [nan], [33], [1e9], [-0.5]])
    a.case("equal to one of some", [asked], [FLOAT], n_targets=1, **lists([chain], "target"))
    for name, dtype in {"f32": np.float32, "f64": np.float64}.items():
        for targets, count, depth in [(1, 30, 5), (1, 120, 3), (3, 25, 4)]:
            rng = np.random.default_rng(targets * count)
            trees = [grown(rng, 6, targets, depth, MODES, True, count == 25) for _ in range(count)]
            kept = lists(trees, "target", doubles=name == "f64")
            if name == "f64":
                kept["base_values_as_tensor"] = tensor(rng.normal(size=targets), np.float64)
            else:
                kept["base_values"] = rng.normal(size=targets).tolist()
            aggregate = "AVERAGE" if count == 120 else "SUM"
            x = rows(rng, 30, 6, dtype)
            a.case(f"{name} {count} trees {targets}", [x], [FLOAT], n_targets=targets, aggregate_function=aggregate, **kept)
            a.case(f"{name} {count} trees {targets} one row", [x[7:8]], [FLOAT], n_targets=targets, aggregate_function=aggregate, **kept)
    a.case("f64 by floats", [f64([[0.5], [np.nextafter(0.5, 1)]])], [FLOAT], n_targets=1, **lists(stump("BRANCH_LEQ"), "target"))
    kept = lists(stump("BRANCH_LEQ"), "target")
    kept["nodes_values_as_tensor"] = tensor(kept.pop("nodes_values"), np.float64)
    a.case("f64 for f32", [cells], [FLOAT], refused=True, n_targets=1, **kept)


def tree_ensemble_classifier(a):
    x = f32([[-1], [1]])
    votes = {
        "first": [[(0, 0.2)], [(0, 0.7)]],
        "second": [[(1, 0.2)], [(1, 0.7)]],
        "first mixed": [[(0, -0.2)], [(0, 0.7)]],
        "second mixed": [[(1, -0.2)], [(1, 0.7)]],
        "both": [[(0, 0.2), (1, 0.8)], [(0, 0.7), (1, 0.3)]],
        "both mixed": [[(0, -0.2), (1, 0.8)], [(0, 0.7), (1, -0.3)]],
        "in turn": [[(0, 0.2)], [(1, 0.7)]],
        "in turn mixed": [[(0, -0.2)], [(1, -0.7)]],
        "half": [[(0, 0.5)], [(0, 0.25)]],
        "zero": [[(0, 0.0)], [(0, -0.25)]],
        "nothing": [[], [(1, 0.7)]],
    }
    types = [INT64, FLOAT]
    for (name, leaves), transform, base in itertools.product(votes.items(), TRANSFORMS, ([], [0.1], [0.1, 0.25])):
        alone = name not in ("second", "second mixed", "both", "both mixed")
        one_class = not name.startswith(("both", "in turn"))
        # Of these ONNX Runtime leaves scores unwritten.
        if alone and len(base) < 2 and (transform == "PROBIT" or (base and not one_class)):
            continue
        trees = [[("BRANCH_LEQ", 0, 0.0, 1, 2), *leaves]]
        kept = {**lists(trees, "class"), "post_transform": transform}
        if base:
            kept["base_values"] = base
        a.case(f"two {name} {transform} {len(base)}", [x], types, classlabels_int64s=[10, 20], **kept)
        if transform == "NONE":
            words = {"classlabels_strings": ["n", "y"]}
            a.case(f"two texts {name} {len(base)}", [x], [STRING, FLOAT], **words, **kept)
            wide = [f64([[-1], [1]])]
            a.case(f"two f64 {name} {len(base)}", wide, types, classlabels_int64s=[10, 20], **kept)
    three = {
        "unscored": [[(0, -0.5)], [(1, -0.7)]],
        "tie": [[(2, 0.5), (1, 0.5)], [(0, 0.1), (1, 0.1)]],
        "NaN": [[(0, nan), (1, 0.5)], [(0, 0.1), (1, nan)]],
        "all": [[(0, 0.1), (1, 0.2), (2, 0.7)], [(0, 0.6), (1, 0.3), (2, 0.1)]],
    }
    for (name, leaves), transform, base in itertools.product(three.items(), TRANSFORMS, ([], [-1.0, -0.2, -0.3])):
        kept = {**lists([[("BRANCH_LEQ", 0, 0.0, 1, 2), *leaves]], "class"), "post_transform": transform}
        if base:
            kept["base_values"] = base
        a.case(f"three {name} {transform} {len(base)}", [x], types, classlabels_int64s=[5, 6, 7], **kept)
    kept = lists([[("BRANCH_LEQ", 0, 0.0, 1, 2), *three["all"]]], "class")
    a.case("three texts", [x], [STRING, FLOAT], classlabels_strings=["a", "", "ü"], **kept)
    kept = lists([[("BRANCH_LEQ", 0, 0.0, 1, 2), [(0, -0.5)], []]], "class")
    a.case("three without a class", [x], types, refused=True, classlabels_int64s=[5, 6, 7], **kept)
    for transform in TRANSFORMS:
        for base in ([], [0.1]):
            kept = lists([[("BRANCH_LEQ", 0, 0.0, 1, 2), [(0, -0.5)], [(0, 0.7)]]], "class")
            if base:
                kept["base_values"] = base
            a.case(f"one {transform} {len(base)}", [x], types, classlabels_int64s=[42], post_transform=transform, **kept)
    split = [[("BRANCH_LEQ", 0, 16777216.0, 1, 2), [(0, 0.5)], [(1, 0.7)]]]
    for dtype in (np.int64, np.int32, np.float64):
        cells = np.array([[16777217], [1], [-5]], dtype)
        kept = lists(split, "class")
        a.case(f"large {np.dtype(dtype)}", [cells], types, classlabels_int64s=[5, 6, 7], **kept)
    for name, dtype in {"f32": np.float32, "f64": np.float64}.items():
        for classes, count, every, transform in [
            (2, 30, False, "LOGISTIC"), (3, 20, True, "NONE"), (3, 30, False, "SOFTMAX"), (5, 60, False, "LOGISTIC"),
            (7, 40, True, "SOFTMAX"), (9, 10, False, "SOFTMAX_ZERO"),
        ]:
            rng = np.random.default_rng(classes * count)
            outputs = 1 if classes == 2 else classes
            trees = [grown(rng, 6, outputs, 4, MODES, True, every) for _ in range(count)]
            kept = lists(trees, "class", doubles=name == "f64")
            cells = rows(rng, 25, 6, dtype)
            more = {"classlabels_int64s": list(range(classes)), "post_transform": transform}
            a.case(f"{name} {count} trees {classes}", [cells], types, **kept, **more)


def tree_ensemble(a):
    numbers = {"LEQ": 0, "LT": 1, "GTE": 2, "GT": 3, "EQ": 4, "NEQ": 5, "MEMBER": 6}

    def kept(nodes, leaves, roots, targets=1, members=None, dtype=np.float32, **more):
        """Branches (mode, feature, split, (leaf?, true), (leaf?, false)[, missing])."""
        made = {
            "n_targets": targets,
            "tree_roots": roots,
            "nodes_modes": tensor([numbers[n[0]] for n in nodes], np.uint8),
            "nodes_featureids": [n[1] for n in nodes],
            "nodes_splits": tensor([n[2] for n in nodes], dtype),
            "nodes_trueleafs": [n[3][0] for n in nodes],
            "nodes_truenodeids": [n[3][1] for n in nodes],
            "nodes_falseleafs": [n[4][0] for n in nodes],
            "nodes_falsenodeids": [n[4][1] for n in nodes],
            "leaf_targetids": [leaf[0] for leaf in leaves],
            "leaf_weights": tensor([leaf[1] for leaf in leaves], dtype),
            **more,
        }
        if any(len(n) > 5 for n in nodes):
            made["nodes_missing_value_tracks_true"] = [n[5] if len(n) > 5 else 0 for n in nodes]
        if members is not None:
            made["membership_values"] = tensor(members, dtype)
        return made

    cells = f32([[0], [1], [1.5], [3], [3.2], [7], [-1], [nan], [30], [30.5], [31.5], [33], [1e9], [-0.5], [-1.5], [-5], [-5.5], [inf], [-inf]])
    leaves = [(0, 1.0), (0, 2.0)]
    for mode, missing in itertools.product(list(numbers)[:6], ([], [1])):
        node = (mode, 0, 1.5, (1, 0), (1, 1), *missing)
        a.case(f"{mode} {missing}", [cells], [FLOAT], **kept([node], leaves, [0]))
    for members, missing in itertools.product(
        ([1.0, 3.0], [3.0, nan], [0.0], [30.0, 1.0], [31.0, 1.0], [33.0, 0.0], [1.5, 3.0], [3.2, 30.0, 0.0], [-5.0, 33.0, 0.0], [-1.0, 0.0], list(range(30)), list(range(31)), list(range(0, 60, 3))),
        ([], [1]),
    ):
        node = ("MEMBER", 0, 0.0, (1, 0), (1, 1), *missing)
        label = f"members {[m for m in members[:3] if m == m]} {len(members)} {missing}"
        a.case(label, [cells], [FLOAT], **kept([node], leaves, [0], members=[float(m) for m in members]))
    for members in ([], [nan], [1.5, 31.0]):
        node = ("MEMBER", 0, 0.0, (1, 0), (1, 1))
        label = f"no members {len(members)}"
        a.case(label, [cells], [FLOAT], refused=True, **kept([node], leaves, [0], members=members))
    nodes = [("MEMBER", 0, 0.0, (0, 1), (1, 0)), ("MEMBER", 1, 0.0, (1, 1), (0, 2)), ("MEMBER", 0, 0.0, (1, 2), (1, 0))]
    two = np.concatenate([cells, cells[::-1]], 1)
    sets = {"members": [1.0, 3.0, 7.0, nan, 3.0, 33.0, nan, 0.0, 1.0]}
    a.case("sets", [two], [FLOAT], **kept(nodes, [(0, 1.0), (0, 2.0), (0, 3.0)], [0], **sets))
    a.case("a leaf alone", [cells], [FLOAT], **kept([("LEQ", 0, 0.0, (1, 1), (1, 1))], leaves, [0]))
    nodes = [("LEQ", 0, 0.0, (1, 0), (1, 1)), ("LEQ", 0, 0.0, (1, 0), (1, 0))]
    a.case("two trees", [cells], [FLOAT], **kept(nodes, leaves, [0, 1]))
    a.case("a tree left out", [cells], [FLOAT], **kept(nodes, leaves, [0]))
    nodes = [("LEQ", 0, 0.0, (0, 1), (1, 0)), ("LEQ", 0, 1.0, (1, 0), (1, 1))]
    a.case("a shared leaf", [cells], [FLOAT], **kept(nodes, leaves, [0]))
    three = [("LEQ", 0, 0.5, (1, 0), (1, 1)), ("LT", 0, 1.5, (1, 2), (1, 3)), ("GT", 0, 0.0, (1, 4), (1, 5))]
    for dtype, transform, targets in itertools.product((np.float32, np.float64), range(5), (1, 3)):
        weights = [(place % targets, [0.3, 0.4, 0.1, 0.9, 0.7, 0.2][place]) for place in range(6)]
        made = kept(three, weights, [0, 1, 2], targets, dtype=dtype, post_transform=transform)
        label = f"transform {transform} {targets} {np.dtype(dtype)}"
        a.case(label, [cells.astype(dtype)], [TYPES[np.dtype(dtype)]], **made)
    for dtype, aggregate, targets in itertools.product((np.float32, np.float64), range(4), (1, 2)):
        weights = [(place % targets, [0.3, -0.4, 0.1, 0.9, 0.7, 0.2][place]) for place in range(6)]
        made = kept(three, weights, [0, 1, 2], targets, dtype=dtype, aggregate_function=aggregate)
        label = f"aggregate {aggregate} {targets} {np.dtype(dtype)}"
        a.case(label, [cells.astype(dtype)], [TYPES[np.dtype(dtype)]], **made)
    a.case("one dimension", [f32([0.1, 0.2])], [FLOAT], **kept(three, [(0, 1.0)] * 6, [0, 1, 2]))
    a.case("no rows", [cells[:0]], [FLOAT], **kept(three, [(0, 1.0)] * 6, [0, 1, 2]))


OPERATORS = {
    "ArrayFeatureExtractor": (array_feature_extractor, 1),
    "Binarizer": (binarizer, 1),
    "CategoryMapper": (category_mapper, 1),
    "FeatureVectorizer": (feature_vectorizer, 1),
    "Imputer": (imputer, 1),
    "LabelEncoder": (label_encoder, 4),
    "LinearClassifier": (linear_classifier, 1),
    "LinearRegressor": (linear_regressor, 1),
    "Normalizer": (normalizer, 1),
    "OneHotEncoder": (one_hot_encoder, 1),
    "SVMClassifier": (svm_classifier, 1),
    "SVMRegressor": (svm_regressor, 1),
    "Scaler": (scaler, 1),
    "TreeEnsemble": (tree_ensemble, 5),
    "TreeEnsembleClassifier": (tree_ensemble_classifier, 3),
    "TreeEnsembleRegressor": (tree_ensemble_regressor, 3),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for operator, (cases, version) in OPERATORS.items():
        archive = Archive(folder, operator, version)
        cases(archive)
        archive.file.close()
        print(operator, len(archive.names))


if __name__ == "__main__":
    main()
