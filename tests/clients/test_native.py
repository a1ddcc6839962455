"""Native models: MLflow's own predictions beside the server's, of MLflow's packages and of ours."""

import json
import logging
import os
import pathlib
import subprocess
import tempfile
import unittest
import warnings

import mlflow
import numpy
import pandas
import requests

from server import ROOT, Server
from test_mlflow import plain

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

SAMPLES = [ROOT / "models" / sample for sample in ("cancer/1", "wine/1", "wine/2")]


def table(sample, rows=200):
    """Rows around the example's, of the sample's columns; some cells are missing where they may be."""
    split = json.loads((sample / "serving_input_example.json").read_text())["dataframe_split"]
    example = pandas.DataFrame(split["data"], columns=split["columns"], dtype=float)
    example = example.fillna(example.mean())
    random = numpy.random.default_rng(0)
    near = example.sample(rows, replace=True, random_state=0).to_numpy()
    near = near * random.uniform(0.5, 1.5, near.shape)
    made = pandas.DataFrame(near, columns=example.columns)
    if "mean_radius" in made:
        made.loc[::3, "mean_radius"] = numpy.nan
    return made


def ask(server, frame):
    answer = requests.post(
        server.url + "/invocations",
        data=json.dumps({"dataframe_split": frame.to_dict(orient="split")}),
        headers={"Content-Type": "application/json"},
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json()["predictions"]


class Natives(unittest.TestCase):
    def test_packages_of_mlflow_answer_what_mlflow_answers_to_the_last_digit(self):
        for sample in SAMPLES:
            frame = table(sample)
            wanted = plain(mlflow.pyfunc.load_model(str(sample)).predict(frame))
            with self.subTest(sample=sample.name), Server(sample, runtime="tabular") as server:
                self.assertEqual(ask(server, frame), wanted)
                self.assertEqual(ask(server, frame.head(1)), wanted[:1])

    def test_what_is_packed_is_loaded_by_mlflow_and_predicts_the_same(self):
        for source in ("cancer/1/model.ubj", "wine/1/model.lgb"):
            sample = ROOT / "models" / pathlib.Path(source).parent
            frame = table(sample).dropna()
            with tempfile.TemporaryDirectory() as folder, self.subTest(source=source):
                rows = pathlib.Path(folder) / "rows.csv"
                frame.to_csv(rows, index=False)
                package = pathlib.Path(folder) / "package"
                command = [os.environ["FLOWGATE_BIN"], "pack", str(ROOT / "models" / source)]
                command += ["-o", str(package), "-e", str(rows)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                wanted = plain(mlflow.pyfunc.load_model(str(package)).predict(frame))
                with Server(package, runtime="tabular") as server:
                    self.assertEqual(ask(server, frame), wanted)

    def test_classifiers_give_the_probabilities_of_their_library_on_request(self):
        import xgboost

        sample = ROOT / "models/cancer/1"
        frame = table(sample)
        classifier = xgboost.XGBClassifier()
        classifier.load_model(sample / "model.ubj")
        wanted = plain(classifier.predict_proba(frame))
        with Server(sample, runtime="tabular") as server:
            body = {
                "dataframe_split": frame.to_dict(orient="split"),
                "params": {"predict_method": "predict_proba"},
            }
            answer = requests.post(server.url + "/invocations", data=json.dumps(body),
                                   headers={"Content-Type": "application/json"}, timeout=60)
            self.assertEqual(answer.status_code, 200, answer.text)
            self.assertEqual(answer.json()["predictions"], wanted)
