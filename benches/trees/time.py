"""Times the libraries on the models of the bench `trees`, one thread each.

    python time.py FOLDER [--rows rows_nan] [--seconds S]
    python time.py FOLDER [--rows rows_nan] [--seconds S] --rounds N

FOLDER is what make.py filled. The first form reads lines from the standard input, "MODEL CONTESTANT
ROWS_A_CALL" such as "x500 xgboost 8", takes one round of S seconds for each and answers it with one
line of JSON, so that another program can alternate its own rounds with these in one run; it ends
with its input. The second form goes through every model, contestant and 1, 8, 100 and 1 000 rows a
call N times over and prints the same lines at the end.

A line says what was asked, the library's version, and:

    way     how the library was called: the fastest of its ways, chosen before the first round
    calls   in this round
    rounds  of this question since the start
    wall    ns a row by the clock on the wall: of this round, median and minimum of all rounds
    cpu     the same by the processor time of this process, which others on the machine disturb less

or `error`. Each call gets other rows than the last: a round goes on in the 16 384 rows where the
one before stopped. A way that does not answer what make.py recorded is an error. What a call costs
in Python is part of the time, so the ways include the libraries' C functions. Loading, and making
the views, pointers and descriptions of the rows, is not.
"""

import argparse
import ctypes
import gc
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

# Before the libraries are imported: what they are not told otherwise is one thread too.
os.environ["OMP_NUM_THREADS"] = "1"

import joblib
import lightgbm
import numpy as np
import onnxruntime
import sklearn
import xgboost

COLUMNS = 50
ROWS_A_CALL = [1, 8, 100, 1000]
MOST_ROWS_A_CALL = 16_384
# Blocks of which every way must answer what was recorded, to the bit, before it is timed.
CHECKED = 8
# Parts of a round's time: getting warm after others had the processor, and trying a way once.
WARM_UP = 0.25
TRIAL = 0.1
TRIALS = 5


def main():
    parser = argparse.ArgumentParser(description="times tree ensembles in their own libraries")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", choices=["rows", "rows_nan"], default="rows")
    parser.add_argument("--seconds", type=float, default=0.2, help="of one round")
    parser.add_argument("--rounds", type=int, help="take so many of everything, ask for nothing")
    options = parser.parse_args()
    bench = Bench(options.folder, options.rows, options.seconds)
    # A collection within a round would be time of Python, not of the library.
    gc.disable()
    if options.rounds is None:
        for line in sys.stdin:
            print(json.dumps(answer(bench, line)), flush=True)
        return
    for number in range(options.rounds):
        for question in questions(options.rows):
            line = json.dumps(bench.round(*question))
            if number + 1 == options.rounds:
                print(line, flush=True)


def answer(bench, line):
    try:
        model, contestant, count = line.split()
        return bench.round(model, contestant, int(count))
    except Exception as error:
        return {"error": f"{line.strip()}: {type(error).__name__}: {error}"}


def questions(rows):
    """Of the forest there are no answers for rows with NaN: it was trained without."""
    models = ["x500", "x100", "l500"] + (["r100"] if rows == "rows" else [])
    for model, count in itertools.product(models, ROWS_A_CALL):
        yield model, LIBRARIES[model[0]], count
        yield model, "onnxruntime", count


# === rounds ===


class Bench:
    """What was loaded and asked so far."""

    def __init__(self, folder, rows, seconds):
        self.folder = folder
        self.rows = rows
        self.seconds = seconds
        self.values = np.fromfile(folder / f"{rows}.f32", "<f4").reshape(-1, COLUMNS)
        self.contestants = {}
        self.stopwatches = {}

    def round(self, model, contestant, count):
        question = (model, contestant, count)
        if question not in self.stopwatches:
            self.stopwatches[question] = self.stopwatch(*question)
        return {
            "model": model,
            "contestant": contestant,
            "n": count,
            "rows": self.rows,
            "version": VERSIONS[contestant],
            **self.stopwatches[question].round(),
        }

    def stopwatch(self, model, contestant, count):
        if contestant not in {"onnxruntime", LIBRARIES.get(model[0])}:
            raise ValueError(f"`{contestant}` has no model `{model}`")
        if not 0 < count <= MOST_ROWS_A_CALL:
            raise ValueError(f"1 to {MOST_ROWS_A_CALL} rows a call, found {count}")
        if (model, contestant) not in self.contestants:
            load = CONTESTANTS[contestant]
            self.contestants[model, contestant] = load(self.folder, model, self.rows)
        ways, expected = self.contestants[model, contestant]
        whole = range(0, len(self.values) - count + 1, count)
        blocks = [self.values[start : start + count] for start in whole]
        expected = expected.reshape(len(self.values), -1)
        expected = [expected[start : start + count] for start in whole]
        return Stopwatch(ways, blocks, expected, self.seconds)


@dataclass
class Way:
    """One way to have a library answer for a block of rows."""

    name: str
    call: Callable[[Any], Any]
    # The rows as the call wants them, and its result as an array: neither is timed.
    prepare: Callable[[np.ndarray], Any] = lambda block: block
    read: Callable[[Any, int], np.ndarray] = lambda result, count: np.asarray(result)


class Stopwatch:
    """One question: the fastest way, its rotating rows, and the rounds so far."""

    def __init__(self, ways, blocks, expected, seconds):
        self.seconds = seconds
        self.count = len(blocks[0])
        self.rounds = []
        for way in ways:
            for block, wanted in zip(blocks[:CHECKED], expected[:CHECKED], strict=True):
                found = way.read(way.call(way.prepare(block)), self.count)
                if not np.array_equal(found.reshape(wanted.shape), wanted):
                    raise ValueError(f"`{way.name}` does not answer what was recorded")
        rotations = [itertools.cycle([way.prepare(block) for block in blocks]) for way in ways]
        trials = []
        # In turns, so that a slow moment of the machine is no way's own.
        for _ in range(TRIALS):
            for self.way, self.rotation in zip(ways, rotations, strict=True):
                cpu = self.call_for(seconds * TRIAL).cpu
                trials.append((cpu, self.way, self.rotation))
        _, self.way, self.rotation = min(trials, key=lambda trial: trial[0])

    def round(self):
        warm = self.call_for(self.seconds * WARM_UP)
        calls = max(1, round(self.seconds * 1e9 / warm.wall))
        spent = self.call(calls)
        self.rounds.append(Spent(spent.wall / self.count, spent.cpu / self.count))
        return {
            "way": self.way.name,
            "calls": calls,
            "rounds": len(self.rounds),
            "wall": figures([spent.wall for spent in self.rounds]),
            "cpu": figures([spent.cpu for spent in self.rounds]),
        }

    def call_for(self, seconds):
        """Calls until the time is over, at least once; what a call took in the last part of it."""
        calls = 1
        end = time.perf_counter_ns() + seconds * 1e9
        while True:
            spent = self.call(calls)
            left = end - time.perf_counter_ns()
            if left < spent.wall:
                return spent
            calls = int(min(calls * 2, left // spent.wall))

    def call(self, calls):
        """Calls so many times; what one took, the mean."""
        call = self.way.call
        arguments = itertools.islice(self.rotation, calls)
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        for argument in arguments:
            call(argument)
        wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
        return Spent(wall / calls, cpu / calls)


class Spent(NamedTuple):
    """Nanoseconds, by the clock on the wall and of processor time."""

    wall: float
    cpu: float


def figures(rounds):
    """Of the last round, and of all."""
    found = {"round": rounds[-1], "median": statistics.median(rounds), "minimum": min(rounds)}
    return {name: round(nanoseconds, 1) for name, nanoseconds in found.items()}


# === the libraries: how each is called, and what it must answer ===


def from_xgboost(folder, model, rows):
    booster = xgboost.Booster({"nthread": 1}, model_file=folder / f"{model}.ubj")
    predict = xgboost.core._LIB.XGBoosterPredictFromDense
    config = {"type": 1, "training": False, "iteration_begin": 0, "iteration_end": 0}
    config |= {"missing": float("nan"), "strict_shape": False, "cache_id": 0}
    config = json.dumps(config).encode()
    shape, dims = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
    margins = ctypes.POINTER(ctypes.c_float)()
    outputs = [ctypes.byref(shape), ctypes.byref(dims), ctypes.byref(margins)]

    def describe(block):
        data = [block.ctypes.data, True]
        interface = {"data": data, "shape": block.shape, "typestr": "<f4", "version": 3}
        return json.dumps(interface).encode()

    def from_dense(block):
        if predict(booster.handle, block, config, None, *outputs):
            raise RuntimeError(xgboost.core._LIB.XGBGetLastError())
        return margins

    def inplace(block):
        return booster.inplace_predict(block, predict_type="margin", validate_features=False)

    def matrix(block):
        data = xgboost.DMatrix(block, nthread=1)
        return booster.predict(data, output_margin=True, validate_features=False)

    ways = [
        Way("XGBoosterPredictFromDense", from_dense, describe, first),
        Way("inplace_predict", inplace),
        Way("DMatrix", matrix),
    ]
    return ways, np.fromfile(folder / f"{model}.{rows}.margin.f32", "<f4")


def from_lightgbm(folder, model, rows):
    booster = lightgbm.Booster(model_file=folder / f"{model}.txt")
    library = lightgbm.basic._LIB
    score_one = library.LGBM_BoosterPredictForMatSingleRowFast
    raw_score, of_f32, all_trees = 1, 0, (0, -1)
    prepared = ctypes.c_void_p()
    library.LGBM_BoosterPredictForMatSingleRowFastInit(
        booster._handle,
        raw_score,
        *all_trees,
        of_f32,
        COLUMNS,
        b"num_threads=1",
        ctypes.byref(prepared),
    )
    length_at = ctypes.byref(ctypes.c_int64())
    scores = (ctypes.c_double * MOST_ROWS_A_CALL)()

    def pointers(block):
        """For each row: where it is, and where its score goes."""
        return [
            (
                ctypes.c_void_p(row.ctypes.data),
                ctypes.byref(scores, number * ctypes.sizeof(ctypes.c_double)),
            )
            for number, row in enumerate(block)
        ]

    def row_by_row(pairs):
        for row, score in pairs:
            if score_one(prepared, row, length_at, score):
                raise RuntimeError(library.LGBM_GetLastError())
        return scores

    def predict(block):
        return booster.predict(block, raw_score=True, num_threads=1)

    ways = [
        Way("LGBM_BoosterPredictForMatSingleRowFast", row_by_row, pointers, first),
        Way("predict", predict),
    ]
    return ways, np.fromfile(folder / f"{model}.{rows}.raw.f64", "<f8")


def from_sklearn(folder, model, rows):
    # make.py set it to one thread.
    forest = joblib.load(folder / f"{model}.joblib")
    expected = np.fromfile(folder / f"{model}.{rows}.probabilities.f64", "<f8")
    return [Way("predict_proba", forest.predict_proba)], expected


def from_onnxruntime(folder, model, rows):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    for pool in ["intra", "inter"]:
        options.add_session_config_entry(f"session.{pool}_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        folder / f"{model}.onnx", options, ["CPUExecutionProvider"]
    )
    (name,) = [item.name for item in session.get_inputs()]
    wanted = ["probabilities"]

    def run(feed):
        return session.run(wanted, feed)[0]

    def bind(block):
        binding = session.io_binding()
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(block))
        binding.bind_output(wanted[0])
        return binding

    def bound(binding):
        session.run_with_iobinding(binding)
        return binding

    ways = [
        Way("run", run, lambda block: {name: block}),
        Way("run_with_iobinding", bound, bind, lambda ran, _: ran.copy_outputs_to_cpu()[0]),
    ]
    return ways, np.fromfile(folder / f"{model}.{rows}.onnx.f32", "<f4")


def first(numbers, count):
    """The first `count` numbers behind a pointer of C."""
    return np.array(numbers[:count])


# Which library made a model, by the first letter of its name.
LIBRARIES = {"x": "xgboost", "l": "lightgbm", "r": "scikit-learn"}
CONTESTANTS = {
    "xgboost": from_xgboost,
    "lightgbm": from_lightgbm,
    "scikit-learn": from_sklearn,
    "onnxruntime": from_onnxruntime,
}
VERSIONS = {
    "xgboost": xgboost.__version__,
    "lightgbm": lightgbm.__version__,
    "scikit-learn": sklearn.__version__,
    "onnxruntime": onnxruntime.__version__,
}


if __name__ == "__main__":
    main()
