"""What the tests share: a server for each package, and MLflow's own answer to compare with."""

import functools
import logging
import math
import os
import subprocess
import tempfile
import time
from pathlib import Path

# MLflow reads these when it is imported: no test needs the network.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

import mlflow.pyfunc
import numpy as np
import onnxruntime
import pandas as pd
import requests
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

# It warns of every package that was made under another minor version of Python.
logging.getLogger("mlflow").setLevel(logging.ERROR)
onnxruntime.set_default_logger_severity(3)

ROOT = Path(__file__).resolve().parents[2]

# How long a server may take until it is ready.
PATIENCE = 60.0

# Kernels of narrow floats differ in their last digits between machines.
NARROW = 1e-5


def package(name):
    """`iris/3` is a sample of models/, `all_types` a package that MLflow wrote for tests/golden/."""
    folder = ROOT / "models" / name if "/" in name else ROOT / "tests/golden/models" / name
    assert (folder / "MLmodel").is_file(), folder
    return str(folder)


class Server:
    """`flowgate serve` of one package on a free port, ended with the block."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = Path(self.folder.name) / "ready"
        self.log = open(Path(self.folder.name) / "log", "wb+")
        arguments = ["serve", "-m", package(self.name), "--host", "127.0.0.1", "--port", "0"]
        self.process = subprocess.Popen(
            [os.environ["FLOWGATE_BIN"], *arguments, "--ready-file", str(ready)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
        )
        end = time.monotonic() + PATIENCE
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                log = self.log.read().decode(errors="replace")
                self.__exit__()
                raise AssertionError(f"{self.name} is not served: {log}")
            time.sleep(0.005)
        self.host, port = ready.read_text().rsplit(":", 1)
        self.port = int(port)
        self.url = f"http://{self.host}:{self.port}/invocations"
        self.client = ScoringServerClient(self.host, self.port)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def post(self, body, kind, **headers):
        """The answer to `body`, which must be a prediction."""
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        response = requests.post(self.url, data=body, headers={"Content-Type": kind, **headers})
        assert response.status_code == 200, f"{self.name}: {response.status_code} {response.text}"
        return response


@functools.cache
def mlflows_model(name):
    return mlflow.pyfunc.load_model(package(name))


def mlflows_answer(name, data, params=None):
    """What `mlflow.pyfunc.load_model` predicts for `data`, in the form of a JSON answer; numbers
    stay numpy's, which tells how exactly they must be met."""
    predicted = mlflows_model(name).predict(data, params=params)
    if isinstance(predicted, pd.DataFrame):
        columns = {name: list(predicted[name]) for name in predicted}
        rows = range(len(predicted))
        return [{name: cells[row] for name, cells in columns.items()} for row in rows]
    return predicted


def difference(wanted, found, path="$"):
    """How an answer differs from MLflow's, or None: whole numbers, texts and doubles exactly,
    narrow floats by their size, what is not finite as null."""
    if isinstance(wanted, dict):
        keys = [str(key) for key in wanted]
        if not isinstance(found, dict) or list(found) != keys:
            return f"{path}: wanted the keys {keys}, found {found!r}"
        pairs = zip(wanted.values(), found.values(), keys)
        differences = (difference(one, two, f"{path}.{key}") for one, two, key in pairs)
        return next(filter(None, differences), None)
    if isinstance(wanted, np.ndarray) and wanted.ndim == 0:
        wanted = wanted[()]
    if isinstance(wanted, (list, np.ndarray)):
        if not isinstance(found, list) or len(found) != len(wanted):
            return f"{path}: wanted {len(wanted)} values, found {found!r}"
        pairs = enumerate(zip(wanted, found))
        differences = (difference(one, two, f"{path}[{at}]") for at, (one, two) in pairs)
        return next(filter(None, differences), None)
    if isinstance(wanted, (float, np.floating)):
        if not math.isfinite(wanted):
            same = found is None
        elif isinstance(wanted, (np.float16, np.float32)):
            same = type(found) is float and math.isclose(found, wanted, rel_tol=NARROW, abs_tol=1e-9)
        else:
            same = type(found) is float and found == wanted
    elif isinstance(wanted, (bool, np.bool_)):
        same = found is bool(wanted)
    elif isinstance(wanted, (int, np.integer)):
        same = type(found) is int and found == int(wanted)
    else:
        same = type(found) is str and found == wanted
    return None if same else f"{path}: wanted {wanted!r} ({type(wanted).__name__}), found {found!r}"
