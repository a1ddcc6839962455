"""Makes the sample packages of models/ with scikit-learn, skl2onnx, XGBoost, LightGBM and MLflow.

    python make_models.py OUT

writes OUT/<name>/<version>/ for every sample and OUT/README.md. A package is what
MLflow's save_model writes, untouched, plus expected.json: the body that MLflow's scoring server
answers to the package's serving_input_example.json, byte for byte.

Every model is trained with a fixed seed on a data set that scikit-learn ships, so a second run gives
the same predictions; the ids and times inside the manifests differ. Run it through
`cargo xtask make-models`, which brings the environment of requirements.txt.
"""

import copy
import http.client
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

# Before mlflow is imported: it must neither report its use nor leave files in the work tree.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import lightgbm
import mlflow
import numpy as np
import onnx
import pandas as pd
import uvicorn
import xgboost
from mlflow.models import infer_signature
from mlflow.pyfunc import scoring_server
from onnx import numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

# One warning a load that there is no GPU, which is as wanted.
logging.getLogger("mlflow.onnx").setLevel(logging.ERROR)

SEED = 0
ANSWER_TIMEOUT_SECONDS = 60
IRIS_COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def main():
    out = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        # What MLflow keeps for itself it puts into the current directory.
        os.chdir(scratch)
        samples = [sample for make in (iris, diabetes, digits, cancer, wine) for sample in make(out)]
        for sample in samples:
            check(sample["path"])
    (out / "README.md").write_text(readme(samples))


# === the samples ===


def iris(out):
    """Three classifiers of the same table, as three versions of one model."""
    features, classes = load_iris(return_X_y=True)
    table = pd.DataFrame(features, columns=IRIS_COLUMNS)
    # Rows that are not clear-cut, so that the probabilities tell the models apart.
    one_of_each_class = table.iloc[[41, 84, 126]].reset_index(drop=True)
    classifiers = [
        ("logistic regression", LogisticRegression(max_iter=1000, random_state=SEED)),
        (
            "random forest, 10 trees of depth 4 at most",
            RandomForestClassifier(n_estimators=10, max_depth=4, random_state=SEED),
        ),
        (
            "decision tree of depth 3 at most",
            DecisionTreeClassifier(max_depth=3, random_state=SEED),
        ),
    ]
    for number, (what, classifier) in enumerate(classifiers, start=1):
        classifier.fit(features, classes)
        yield save(
            out / "iris" / str(number),
            what=f"{what}; the class of an iris and its probabilities, as a map (`ZipMap`)",
            graph=convert_sklearn(
                classifier,
                # Without a name the converter makes one up in every run.
                name="iris",
                initial_types=[("X", FloatTensorType([None, len(IRIS_COLUMNS)]))],
            ),
            # The common way to write a signature: what the scikit-learn model predicts.
            signature=infer_signature(table, classifier.predict(features)),
            example=one_of_each_class,
        )


def diabetes(out):
    """A regression of ten columns in plain arithmetic."""
    frame = load_diabetes(as_frame=True)
    table, progression = frame.data, frame.target
    regression = make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(table.values, progression)
    graph = convert_sklearn(
        regression,
        name="diabetes",
        initial_types=[("X", FloatTensorType([None, table.shape[1]]))],
        # Without these two the converter writes Sub, Div, MatMul, Add and Reshape, which every
        # runtime has.
        black_op={"Scaler", "LinearRegressor"},
    )
    example = table.iloc[[0, 100, 200]].reset_index(drop=True)
    path = out / "diabetes" / "1"
    # Saved twice: the outputs of the signature are those of the package itself.
    save(path, what="", graph=graph, signature=infer_signature(table), example=example)
    predictions = mlflow.pyfunc.load_model(str(path)).predict(example)
    shutil.rmtree(path)
    yield save(
        path,
        what="standard scaler and ridge regression; disease progression after a year",
        graph=graph,
        signature=infer_signature(table, predictions),
        example=example,
    )


def digits(out):
    """A small neural network on an unnamed tensor, its weights in a file of their own."""
    images, classes = load_digits(return_X_y=True)
    # The pixels are 0 to 16.
    images = (images / 16.0).astype(np.float32)
    network = MLPClassifier(hidden_layer_sizes=(32,), max_iter=1000, random_state=SEED)
    network.fit(images, classes)
    graph = convert_sklearn(
        network,
        name="digits",
        initial_types=[("X", FloatTensorType([None, images.shape[1]]))],
        options={"zipmap": False},
    )
    # onnx moves a tensor to the external file only when its values are raw bytes; the converter
    # writes them as a list of floats.
    for tensor in graph.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
    example = images[[0, 1, 2]]
    path = out / "digits" / "1"
    save(path, what="", graph=graph, signature=infer_signature(images), example=example)
    predictions = mlflow.pyfunc.load_model(str(path)).predict(example)
    shutil.rmtree(path)
    yield save(
        path,
        what="multi-layer perceptron 64-32-10 on 8x8 images of digits; one unnamed float32 tensor "
        "in, label and probabilities out; weights in the external file `model.onnx.data`",
        graph=graph,
        signature=infer_signature(images, predictions),
        example=example,
    )


def cancer(out):
    """A classifier of XGBoost as MLflow saves it: binary JSON."""
    table, classes = features_of(load_breast_cancer(as_frame=True))
    # Missing values are what boosted trees are liked for.
    table.loc[::17, "mean_radius"] = np.nan
    classifier = xgboost.XGBClassifier(
        n_estimators=40, max_depth=3, learning_rate=0.3, random_state=SEED, n_jobs=1
    ).fit(table, classes)
    path = out / "cancer" / "1"
    example = table.iloc[[0, 19, 21]].reset_index(drop=True)
    mlflow.xgboost.save_model(
        classifier,
        str(path),
        signature=infer_signature(table, classifier.predict(table)),
        input_example=example,
    )
    yield record(
        path,
        what="XGBoost, 40 trees of depth 3 at most; whether a tumour is benign, from ten measures, "
        "missing ones among them",
        operators=["XGBClassifier"],
    )


def wine(out):
    """Two models of LightGBM as MLflow saves them: a text, and a skops file with labels."""
    table, classes = features_of(load_wine(as_frame=True))
    parameters = {
        "objective": "multiclass",
        "num_class": 3,
        "num_leaves": 7,
        "min_data_in_leaf": 5,
        "seed": SEED,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(table, classes), num_boost_round=12)
    example = table.iloc[[0, 70, 140]].reset_index(drop=True)
    path = out / "wine" / "1"
    mlflow.lightgbm.save_model(
        booster,
        str(path),
        signature=infer_signature(table, booster.predict(table)),
        input_example=example,
    )
    yield record(
        path,
        what="LightGBM, 12 rounds of three trees; the probabilities of three wines",
        operators=["Booster"],
    )
    names = np.array(["barolo", "grignolino", "barbera"])[classes]
    classifier = lightgbm.LGBMClassifier(
        n_estimators=12, num_leaves=7, min_child_samples=5, random_state=SEED, n_jobs=1, verbose=-1
    ).fit(table, names)
    path = out / "wine" / "2"
    mlflow.lightgbm.save_model(
        classifier,
        str(path),
        signature=infer_signature(table, classifier.predict(table)),
        input_example=example,
        serialization_format="skops",
    )
    yield record(
        path,
        what="the same as a scikit-learn classifier in a skops file; the names of the wines",
        operators=["LGBMClassifier"],
    )


def features_of(data):
    """The first ten columns, under names that every library takes, and the classes."""
    table = data.data.iloc[:, :10].rename(columns=lambda name: name.replace(" ", "_").replace("/", "_"))
    return table, data.target.to_numpy()


# === the package ===


def save(path, what, graph, signature, example):
    """Lets MLflow write the package and records what its server answers to the example."""
    onnx.checker.check_model(graph)
    mlflow.onnx.save_model(
        # A copy: saving with external data takes the data out of the graph in memory.
        copy.deepcopy(graph),
        str(path),
        signature=signature,
        input_example=example,
        # MLflow's default makes up a new name for the external file in every run.
        location="model.onnx.data",
    )
    operators = list(dict.fromkeys(node.op_type for node in graph.graph.node))
    return record(path, what, operators)


def record(path, what, operators):
    """Records what MLflow's server answers to the example of the package."""
    request = (path / "serving_input_example.json").read_bytes()
    (path / "expected.json").write_bytes(serve_and_ask(path, request))
    for file in path.iterdir():
        # onnx makes the external file readable for its owner alone.
        file.chmod(0o644)
    return {"path": path, "what": what, "operators": operators}


def check(path):
    """Loads the package again, from disk alone, and compares its predictions with expected.json."""
    model = mlflow.pyfunc.load_model(str(path))
    request = json.loads((path / "serving_input_example.json").read_text())
    expected = json.loads((path / "expected.json").read_text())["predictions"]
    if "dataframe_split" in request:
        split = request["dataframe_split"]
        # Whole columns may be missing: they are numbers all the same.
        table = pd.DataFrame(split["data"], columns=split["columns"], dtype=float)
        predictions = model.predict(table)
        if isinstance(predictions, pd.DataFrame):
            found = json.loads(predictions.to_json(orient="records", double_precision=15))
        else:
            found = predictions.tolist()
    else:
        predictions = model.predict(np.array(request["inputs"], dtype=np.float32))
        found = {name: values.tolist() for name, values in predictions.items()}
    if not close(found, expected):
        sys.exit(f"{path} does not reproduce its expected.json:\n{found}\n{expected}")


def close(found, expected):
    """The same structure, numbers equal up to the digits that text carries."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, str):
        return found == expected
    return bool(np.isclose(found, expected, rtol=1e-6, atol=1e-9))


# === the reference server ===


def serve_and_ask(path, request):
    """Starts MLflow's own scoring application on a free loopback port, sends one request and ends it."""
    app = scoring_server.init(mlflow.pyfunc.load_model(str(path)))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                sys.exit(f"the scoring server of {path} did not start")
            time.sleep(0.02)
        host, port = listener.getsockname()
        client = http.client.HTTPConnection(host, port, timeout=ANSWER_TIMEOUT_SECONDS)
        client.request("POST", "/invocations", request, {"Content-Type": "application/json"})
        answer = client.getresponse()
        body = answer.read()
        client.close()
    finally:
        server.should_exit = True
        thread.join(ANSWER_TIMEOUT_SECONDS)
    if answer.status != 200:
        sys.exit(f"the scoring server of {path} answered {answer.status}: {body.decode()}")
    return body


# === the README ===


def readme(samples):
    rows, total = [], 0
    for sample in samples:
        size = sum(file.stat().st_size for file in sample["path"].iterdir())
        total += size
        name = "/".join(sample["path"].parts[-2:])
        operators = ", ".join(sample["operators"])
        rows.append(f"| `{name}` | {sample['what']} | {operators} | {kib(size)} |")
    made_with = ["mlflow", "scikit-learn", "skl2onnx", "onnx", "onnxruntime", "xgboost-cpu", "lightgbm"]
    made_with += ["numpy", "pandas"]
    versions = ", ".join(f"{package} {version(package)}" for package in made_with)
    python = ".".join(map(str, sys.version_info[:3]))
    return README.format(rows="\n".join(rows), total=kib(total), versions=versions, python=python)


def kib(size):
    return f"{size / 1024:.1f} KiB"


README = """\
# Sample packages

This folder is laid out as a store reads it, `<name>/<version>/`: serve it as it is.
The packages are the fixtures of the tests as well: a test serves each one found here.

| package | what it is | operators or estimator | size |
|---|---|---|---|
{rows}

{total} in all.

Each package is what MLflow's `save_model` wrote, untouched, and one more file: `expected.json`, the
body with which MLflow's own scoring server answers the package's `serving_input_example.json`, byte for
byte.
The models are trained on the data sets that scikit-learn ships, with a fixed seed.

Made with Python {python}, {versions}.

To make them again, which overwrites this folder and needs Python 3.11 or later and a package index:

    cargo xtask make-models

The predictions stay the same; the ids and times inside the manifests change.
The command writes this file too; its text is in `crates/xtask/make_models/make_models.py`.
"""


if __name__ == "__main__":
    main()
