"""MLflow's own client against the server, and MLflow's own predictions beside the server's."""

import datetime
import json
import logging
import math
import unittest
import warnings

import mlflow
import numpy
import pandas
import requests
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

from server import ROOT, Server, package

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

IRIS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
FLOWERS = pandas.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3], [7.7, 3.8, 6.7, 2.2]], columns=IRIS)


def plain(value):
    """What MLflow predicts as JSON has it."""
    if isinstance(value, pandas.DataFrame):
        return [{key: plain(cell) for key, cell in row.items()} for row in value.to_dict("records")]
    if isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, numpy.generic) else value


def same(test, found, wanted, path="predictions"):
    """Floats within the last digits of 32 bits, all else exactly."""
    if isinstance(wanted, float):
        test.assertIsInstance(found, float, path)
        close = math.isclose(found, wanted, rel_tol=1e-5, abs_tol=1e-6)
        test.assertTrue(close or (math.isnan(found) and math.isnan(wanted)), f"{path}: {found} for {wanted}")
    elif isinstance(wanted, dict):
        test.assertEqual(list(found), list(wanted), path)
        for key in wanted:
            same(test, found[key], wanted[key], f"{path}.{key}")
    elif isinstance(wanted, list):
        test.assertEqual(len(found), len(wanted), path)
        for index, item in enumerate(wanted):
            same(test, found[index], item, f"{path}[{index}]")
    else:
        test.assertEqual((type(found), found), (type(wanted), wanted), path)


class OwnClient(unittest.TestCase):
    """`ScoringServerClient` finds everything it asks for."""

    def test_it_waits_asks_for_the_version_and_predicts(self):
        with Server(package("iris_dt_zipmap")) as server:
            client = ScoringServerClient(server.host, server.port)
            client.wait_server_ready(timeout=10)
            self.assertEqual(client.get_version(), mlflow.__version__)
            answer = client.invoke(FLOWERS).get_predictions()
            self.assertIsInstance(answer, pandas.DataFrame)
            self.assertEqual(answer["output_label"].tolist(), [0, 1, 2])

    def test_its_literals_for_missing_numbers_are_taken(self):
        rows = pandas.DataFrame({"a": [1.5, math.nan], "b": [2.5, 3.5], "c": [3, 4]})
        with Server(package("multi_numeric")) as server:
            client = ScoringServerClient(server.host, server.port)
            total = client.invoke(rows).get_predictions()["total"].tolist()
            self.assertEqual(total[0], 7.0)
            self.assertTrue(math.isnan(total[1]))
        with Server(package("multi_numeric"), "--compat", "mlflow") as server:
            client = ScoringServerClient(server.host, server.port)
            self.assertTrue(math.isnan(client.invoke(rows).get_predictions()["total"].tolist()[1]))

    def test_arrays_and_params_go_through_it(self):
        with Server(package("tensor2d_f64")) as server:
            client = ScoringServerClient(server.host, server.port)
            answer = json.loads(client.invoke(numpy.array([[1.0, 2.0, 3.0]])).to_json())
            self.assertEqual(len(answer["predictions"]), 1)
        with Server(package("params_model")) as server:
            client = ScoringServerClient(server.host, server.port)
            client.invoke(pandas.DataFrame({"x": [1.5]}), params={"temperature": 0.9, "top_k": 3})
            with self.assertRaisesRegex(Exception, "INVALID_PARAMETER_VALUE"):
                client.invoke(pandas.DataFrame({"x": [1.5]}), params={"top_k": "three"})

    def test_a_refusal_is_the_exception_that_it_raises(self):
        with Server(package("iris_dt_zipmap")) as server:
            client = ScoringServerClient(server.host, server.port)
            with self.assertRaisesRegex(Exception, "error code 400.*Model is missing inputs"):
                client.invoke(FLOWERS[IRIS[:3]])


class SamePredictions(unittest.TestCase):
    """`mlflow.pyfunc.load_model(...).predict(...)` and the server on the same rows."""

    def check(self, path, rows, flags=()):
        wanted = plain(mlflow.pyfunc.load_model(str(path)).predict(rows))
        if isinstance(rows, pandas.DataFrame):
            body = {"dataframe_split": json.loads(rows.to_json(orient="split", date_format="iso", double_precision=15))}
        else:
            body = {"inputs": plain(rows)}
        with Server(path, *flags) as server:
            answer = requests.post(f"{server.url}/invocations", json=body, timeout=30)
        self.assertEqual(answer.status_code, 200, answer.text)
        same(self, answer.json()["predictions"], wanted)

    def test_columns_with_labels_and_probabilities(self):
        self.check(package("iris_dt_zipmap"), FLOWERS)
        self.check(package("lgbm_clf_zipmap"), FLOWERS.set_axis(["sl", "sw", "pl", "pw"], axis=1))

    def test_columns_of_several_types_and_outputs(self):
        rows = pandas.DataFrame({"a": numpy.array([0.1, 2.5], "float32"), "b": [1e-3, 2.0], "c": [3, -4]})
        self.check(package("multi_numeric"), rows)
        self.check(package("multi_output"), pandas.DataFrame({"x": [0.5, -1.5], "y": [2.5, 3.5]}))

    def test_texts_and_dates(self):
        self.check(package("string_label"), pandas.DataFrame({"text": ["cat", "dög", ""]}))
        rows = pandas.DataFrame({
            "boolean": [True, False], "integer": numpy.array([1, -2], "int32"), "long": [2**53 + 1, -3],
            "float": numpy.array([1.5, 0.1], "float32"), "double": [0.1, 1e300], "string": ["s", "ü"],
            "binary": ["AQID", "AA=="],
            "datetime": pandas.to_datetime(["2021-01-01T00:00:00", "2262-01-01T01:02:03"]).astype("datetime64[ns]"),
        })
        self.check(package("all_types"), rows)

    def test_tensors(self):
        self.check(package("cnn"), numpy.linspace(-1, 1, 128, dtype="float32").reshape(2, 1, 8, 8))
        ids, mask = numpy.array([[1, 2, 3, 0]]), numpy.array([[1, 1, 1, 0]], "float32")
        self.check(package("dict_tensors"), {"ids": ids, "mask": mask})
        self.check(package("scalar_out"), numpy.array([[1, 2, 3]], "float32"))
        self.check(package("uint8_tensor"), numpy.array([[[0, 255], [1, 2]]], "uint8"))

    def test_without_a_signature(self):
        self.check(package("nosig_double"), pandas.DataFrame({"a": [1.5, 2.5], "b": [0.1, 1e-7]}))

    def test_the_samples(self):
        example = json.loads((ROOT / "models/diabetes/1/serving_input_example.json").read_text())
        table = example["dataframe_split"]
        self.check(ROOT / "models/diabetes/1", pandas.DataFrame(table["data"], columns=table["columns"]))

    def test_flattened_outputs_as_mlflow_has_them(self):
        rows = pandas.DataFrame({"color": ["red", "blue"], "size": ["S", "L"]})
        self.check(package("string_onehot"), rows, ("--compat", "mlflow"))


class MadeDates(unittest.TestCase):
    def test_a_date_that_python_writes_is_a_date(self):
        row = {
            "boolean": True, "integer": 1, "long": 2, "float": 1.5, "double": 2.5, "string": "s",
            "binary": "AQID", "datetime": datetime.datetime(2021, 1, 2, 3, 4, 5, 678901).isoformat(),
        }
        with Server(package("all_types")) as server:
            answer = requests.post(f"{server.url}/invocations", json={"dataframe_records": [row]}, timeout=30)
        self.assertEqual(answer.status_code, 200, answer.text)


if __name__ == "__main__":
    unittest.main()
