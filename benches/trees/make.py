"""Makes the models, the rows and the answers of the bench `trees`.

    python make.py FOLDER

in the environment of requirements.txt. Everything is synthetic, made with fixed seeds: 50 columns
of f32, labels that depend on pairs of columns and half on chance, so that trees grow as large as
they may. What is already in FOLDER stays as it is.

| file | what |
|---|---|
| `rows.f32`, `rows_nan.f32` | 16 384 distinct rows of 50 values; in the second one of ten is NaN |
| `x500.ubj`, `.json` | XGBoost, two classes, 500 trees of depth 8 at most |
| `x100.ubj`, `.json` | the same, 100 trees of depth 6 at most |
| `l500.txt` | LightGBM, two classes, 500 trees of 127 leaves |
| `r100.joblib` | scikit-learn's random forest, three classes, 100 trees of any depth |
| `<model>.onnx` | what onnxmltools or skl2onnx makes of it, without `ZipMap` |
| `x500.<rows>.margin.f32`, `x100.` | XGBoost's margins, one a row |
| `l500.<rows>.raw.f64` | LightGBM's raw scores, one a row |
| `r100.rows.probabilities.f64` | scikit-learn's probabilities, three a row |
| `<model>.<rows>.onnx.f32` | ONNX Runtime's probabilities for the ONNX file, one a row and class |

Numbers lie one after the other, little-endian, row by row, without a header. `<rows>` is `rows` or
`rows_nan`; X and L were trained on data of which one value in ten is missing, R on data without any
and so has answers for `rows` alone. Prints the size of every model and how far each ONNX file is
from the library that it came from.
"""

import json
import os
import sys
import time
from pathlib import Path

# Before the libraries are imported: a thread that waits for another leaves the processor to others.
os.environ["OMP_WAIT_POLICY"] = "passive"

import joblib
import lightgbm
import numpy as np
import onnx
import onnxmltools
import onnxruntime
import skl2onnx
import xgboost
from onnxmltools.convert.common import data_types as onnxmltools_types
from skl2onnx.common import data_types as skl2onnx_types
from sklearn.ensemble import RandomForestClassifier

SEED = 0
# What training may use. Another number may change the last bits of a model: sums of other order.
TRAINING_THREADS = 2
COLUMNS = 50
ROWS = 16_384
MISSING = 0.1
# Training rows. XGBoost has enough for trees that are nearly full, LightGBM so few that its trees
# grow deep everywhere, and the forest, whose trees grow with them, gets about 880 000 nodes.
XGBOOST_ROWS = 100_000
LIGHTGBM_ROWS = 20_000
FOREST_ROWS = 22_000
# Small steps: the last trees of a booster still find much to split.
LEARNING_RATE = 0.02
# Rows whose way through the trees is counted.
SAMPLE = 512


def main():
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    rows(folder)
    xgboost_model(folder, "x500", trees=500, depth=8)
    xgboost_model(folder, "x100", trees=100, depth=6)
    lightgbm_model(folder, "l500", trees=500, leaves=127)
    forest(folder, "r100", trees=100)


# === the models ===


def xgboost_model(folder, name, trees, depth):
    """A booster of `binary:logistic` by histograms, everything else as XGBoost has it."""

    def train(path):
        values, classes = training_data(XGBOOST_ROWS, classes=2, missing=MISSING)
        options = {
            "objective": "binary:logistic",
            "max_depth": depth,
            "learning_rate": LEARNING_RATE,
            "seed": SEED,
            "nthread": TRAINING_THREADS,
        }
        data = xgboost.DMatrix(values, classes, nthread=TRAINING_THREADS)
        xgboost.train(options, data, num_boost_round=trees).save_model(path)

    once(folder / f"{name}.ubj", train)
    booster = xgboost.Booster({"nthread": 1}, model_file=folder / f"{name}.ubj")
    once(folder / f"{name}.json", booster.save_model)
    once(
        folder / f"{name}.onnx",
        lambda path: save(
            onnxmltools.convert_xgboost(booster, name, inputs(onnxmltools_types)), path
        ),
    )
    for kind in ["rows", "rows_nan"]:
        margins = answer(
            folder / f"{name}.{kind}.margin.f32",
            lambda values: booster.inplace_predict(values, predict_type="margin"),
        )
        compare(folder, name, kind, logistic(margins))
    describe(folder, name)


def lightgbm_model(folder, name, trees, leaves):
    """A booster of `binary` that grows leaf by leaf, everything else as LightGBM has it."""

    def train(path):
        values, classes = training_data(LIGHTGBM_ROWS, classes=2, missing=MISSING)
        options = {
            "objective": "binary",
            "num_leaves": leaves,
            "learning_rate": LEARNING_RATE,
            "seed": SEED,
            "num_threads": TRAINING_THREADS,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(values, classes)
        lightgbm.train(options, data, num_boost_round=trees).save_model(path)

    once(folder / f"{name}.txt", train)
    booster = lightgbm.Booster(model_file=folder / f"{name}.txt")
    once(
        folder / f"{name}.onnx",
        lambda path: save(
            onnxmltools.convert_lightgbm(booster, name, inputs(onnxmltools_types), zipmap=False),
            path,
        ),
    )
    for kind in ["rows", "rows_nan"]:
        scores = answer(
            folder / f"{name}.{kind}.raw.f64",
            lambda values: booster.predict(values, raw_score=True, num_threads=1),
        )
        compare(folder, name, kind, logistic(scores))
    describe(folder, name)


def forest(folder, name, trees):
    """A forest whose trees grow until their leaves are pure, as scikit-learn has it."""

    def train(path):
        values, classes = training_data(FOREST_ROWS, classes=3, missing=0.0)
        model = RandomForestClassifier(trees, random_state=SEED, n_jobs=TRAINING_THREADS)
        joblib.dump(model.fit(values, classes).set_params(n_jobs=1), path)

    once(folder / f"{name}.joblib", train)
    model = joblib.load(folder / f"{name}.joblib")
    once(
        folder / f"{name}.onnx",
        lambda path: save(
            skl2onnx.convert_sklearn(
                model, name, inputs(skl2onnx_types), options={"zipmap": False}
            ),
            path,
        ),
    )
    probabilities = answer(folder / f"{name}.rows.probabilities.f64", model.predict_proba)
    compare(folder, name, "rows", probabilities.reshape(ROWS, -1))
    describe(folder, name)


# === the data ===


def rows(folder):
    """The rows of which every contestant predicts, none of which was in training."""
    generator = np.random.default_rng([SEED, 1])
    values = generator.standard_normal((ROWS, COLUMNS), dtype=np.float32)
    once(folder / "rows.f32", values.astype("<f4").tofile)
    with_holes = punched(values, MISSING, generator)
    once(folder / "rows_nan.f32", with_holes.astype("<f4").tofile)


def training_data(count, classes, missing):
    """Values and classes; every class has as many rows as any other."""
    generator = np.random.default_rng([SEED, 0])
    values = generator.standard_normal((count, COLUMNS), dtype=np.float32)
    a, b, c, d, e = np.split(values.astype(np.float64), 5, axis=1)
    signal = (np.sin(2 * a) * b + np.abs(c) * d + (e > 0) * a).sum(axis=1)
    score = signal + signal.std() * generator.standard_normal(count)
    borders = np.quantile(score, np.arange(1, classes) / classes)
    return punched(values, missing, generator), np.digitize(score, borders)


def punched(values, share, generator):
    """A copy in which that share of the values is NaN."""
    return np.where(generator.random(values.shape) < share, np.float32(np.nan), values)


def inputs(types):
    """One matrix of f32, in the words of the converter whose `types` these are."""
    return [("x", types.FloatTensorType([None, COLUMNS]))]


# === the files ===


def once(path, write):
    """Has the file written unless it is there; half a file never bears its name."""
    if path.exists():
        return
    begin = time.monotonic()
    # With the same ending, from which XGBoost takes the format.
    unfinished = path.with_name(f"unfinished-{path.name}")
    write(unfinished)
    unfinished.replace(path)
    print(f"{path.name}: {path.stat().st_size} octets in {time.monotonic() - begin:.1f} s")


def save(graph, path):
    path.write_bytes(graph.SerializeToString(deterministic=True))


def values_of(folder, kind):
    return np.fromfile(folder / f"{kind}.f32", "<f4").reshape(ROWS, COLUMNS)


def answer(path, predict):
    """What the library answers, from the file if it is there; its name tells rows and type."""
    _, kind, _, ending = path.name.split(".")
    number = {"f32": "<f4", "f64": "<f8"}[ending]

    def write(unfinished):
        found = predict(values_of(path.parent, kind))
        # No rounding: the type is the library's own.
        assert found.dtype == number, f"{path.name}: {found.dtype}"
        found.tofile(unfinished)

    once(path, write)
    return np.fromfile(path, number)


# === what is told about them ===


def compare(folder, name, kind, expected):
    """Writes ONNX Runtime's answers and tells how far they are from the library's probabilities."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    model = folder / f"{name}.onnx"

    def predict(values):
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        return session.run(["probabilities"], {"x": values})[0]

    found = answer(folder / f"{name}.{kind}.onnx.f32", predict).reshape(expected.shape)
    distance = np.abs(found - expected).max()
    print(f"{name} on {kind}: ONNX Runtime is at most {distance:.1e} from the library")


def logistic(scores):
    """The probabilities of both classes."""
    one = 1 / (1 + np.exp(-scores.astype(np.float64)))
    return np.stack([1 - one, one], axis=1)


def describe(folder, name):
    """Prints the size of the trees, read from the graph, which has every node of the model."""
    graph = onnx.load(folder / f"{name}.onnx")
    (ensemble,) = [node for node in graph.graph.node if node.op_type.startswith("TreeEnsemble")]
    trees = Trees(ensemble)
    size = {
        "model": name,
        "trees": len(trees.roots),
        "nodes": len(trees.leaf),
        "leaves": int(trees.leaf.sum()),
        "deepest": trees.deepest(),
        "splits_a_row": trees.splits_a_row(values_of(folder, "rows")[:SAMPLE]),
        "operators": list(dict.fromkeys(node.op_type for node in graph.graph.node)),
        "opsets": {opset.domain: opset.version for opset in graph.opset_import},
    }
    print(json.dumps(size))


class Trees:
    """The nodes of an ONNX tree ensemble as arrays, children by their place in these."""

    def __init__(self, ensemble):
        lists = {item.name: onnx.helper.get_attribute_value(item) for item in ensemble.attribute}
        tree = np.array(lists["nodes_treeids"]) << 32
        keys = tree + np.array(lists["nodes_nodeids"])
        order = np.argsort(keys)

        def places(nodes):
            return order[np.searchsorted(keys, tree + np.array(lists[nodes]), sorter=order)]

        self.children = {
            True: places("nodes_truenodeids"),
            False: places("nodes_falsenodeids"),
        }
        modes = np.array(lists["nodes_modes"])
        self.leaf = modes == b"LEAF"
        (self.mode,) = set(modes[~self.leaf].tolist())
        self.roots = np.flatnonzero(np.array(lists["nodes_nodeids"]) == 0)
        self.column = np.array(lists["nodes_featureids"])
        self.threshold = np.array(lists["nodes_values"], np.float32)

    def deepest(self):
        """The most splits between a root and a leaf."""
        depth, level = 0, self.roots
        while (level := level[~self.leaf[level]]).size:
            depth += 1
            level = np.concatenate([self.children[True][level], self.children[False][level]])
        return depth

    def splits_a_row(self, values):
        """How many splits a row goes through on its way to all of its leaves, the mean."""
        compare = {b"BRANCH_LT": np.less, b"BRANCH_LEQ": np.less_equal}[self.mode]
        row = np.arange(len(values))[:, None]
        at = np.tile(self.roots, (len(values), 1))
        splits = 0
        while (inside := ~self.leaf[at]).any():
            splits += int(inside.sum())
            holds = compare(values[row, self.column[at]], self.threshold[at])
            child = np.where(holds, self.children[True][at], self.children[False][at])
            at = np.where(inside, child, at)
        return round(splits / len(values))


if __name__ == "__main__":
    main()
