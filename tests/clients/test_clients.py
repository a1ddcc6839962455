"""The clients that people have, against the real program, and MLflow itself beside it.

Run by `cargo xtask clients` in the environment of crates/xtask/python/requirements.txt.
"""

import base64
import csv
import gzip
import io
import json
import unittest

import numpy as np
import pandas as pd
import pyarrow as pa
import requests
from support import Server, difference, mlflows_answer

JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

IRIS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
FLOWERS = [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3], [7.7, 2.8, 6.7, 2.0]]


def all_types():
    return pd.DataFrame(
        {
            "boolean": [True, False, True],
            "integer": np.array([1, -(2**31), 2**31 - 2], "int32"),
            "long": np.array([2, -(2**63), 2**63 - 2], "int64"),
            "float": np.array([1.5, 0.1, -3.4e38], "float32") / np.float32(2),
            "double": [2.5, 0.1, 1 / 3],
            "string": ["s", "", 'naïve "日本", 😀\nline'],
            "binary": [b"\x01\x02\x03", b"", bytes(range(256))],
            "datetime": pd.to_datetime(
                ["2021-01-01", "1970-01-01T00:00:00.000000001", "2262-04-11T23:47:16"],
                format="ISO8601",
            ).astype("datetime64[ns]"),
        }
    )


# Tables by package: columns of every type, texts, dates, several outputs, maps, NaN.
TABLES = {
    "all_types": all_types(),
    "bool_cols": pd.DataFrame({"p": [True, False, True], "q": [False, False, True]}),
    "float_cols": pd.DataFrame({"x": np.array([0.1, 1e-45, 3.4028235e38, 16777217], "float32")}),
    "int64_only": pd.DataFrame({"a": [2**63 - 1, -(2**62)], "b": [0, 1], "c": [-7, 2**40]}),
    "iris_dt_zipmap": pd.DataFrame(FLOWERS, columns=IRIS),
    "lgbm_clf_zipmap": pd.DataFrame(FLOWERS, columns=["sl", "sw", "pl", "pw"]),
    "multi_numeric": pd.DataFrame(
        {"a": np.array([1.5, 0.1], "float32"), "b": [2.25, 1e300], "c": [3, -(2**53)]}
    ),
    "multi_output": pd.DataFrame({"x": [1.5, -3.0, 0.0], "y": [2.0, 0.5, 0.0]}),
    "nonfinite": pd.DataFrame({"x": [4.0, 0.0, -1.0, np.nan, np.inf]}),
    "optional_cols": pd.DataFrame({"x": [1.5, 2.5], "y": [np.nan, 0.5]}),
    "string_label": pd.DataFrame({"text": ["cat", "dog", "", "naïve", "a,b", 'q"q']}),
    "iris/3": pd.DataFrame(
        FLOWERS, columns=["sepal_length", "sepal_width", "petal_length", "petal_width"]
    ),
    "diabetes/1": pd.DataFrame(
        np.linspace(-0.1, 0.1, 30).reshape(3, 10),
        columns=["age", "sex", "bmi", "bp", *(f"s{number}" for number in range(1, 7))],
    ),
}

# One tensor without a name or under its only one, of several types and ranks.
TENSORS = {
    "tensor1d_f32": np.array([0.1, 2.0, 3.0], "float32"),
    "tensor2d_f64": np.array([[0.1, 0.2, 0.3], [1e300, -0.0, 7.0]]),
    "tensor3d_f32": np.arange(12, dtype="float32").reshape(2, 2, 3),
    "cnn": np.linspace(0, 1, 128, dtype="float32").reshape(2, 1, 8, 8),
    "uint8_tensor": np.array([[[0, 128], [255, 1]]], "uint8"),
    "int32_tensor": np.array([[1, -(2**31)]], "int32"),
    "bool_tensor": np.array([[True, False], [False, False]]),
    "f16_tensor": np.array([[1.5, 2.5, 0.333]], "float16"),
    "iris_lr_tensor": np.array(FLOWERS),
    "scalar_out": np.array([[1, 2, 3], [4, 5, 6.5]], "float32"),
    "digits/1": np.arange(128, dtype="float32").reshape(2, 64) % 17,
}

# Several tensors by name, texts among them.
NAMED = {
    "iris_named_tensor": {"float_input": np.array(FLOWERS, "float32")},
    "dict_tensors": {
        "ids": np.array([[1, 2, 3, 0], [4, 5, 0, 0]]),
        "mask": np.array([[1, 1, 1, 0], [1, 1, 0, 0]], "float32"),
    },
    "string_tensor": {"text": np.array(["hello", "wörld", "abc"])},
    "titanic_tensor": {
        "age": np.array([[22.0], [38.0]], "float32"),
        "fare": np.array([[7.25], [71.3]], "float32"),
        "sex": np.array([["male"], ["female"]]),
    },
}


class Clients(unittest.TestCase):
    def same(self, wanted, answer):
        found = difference(wanted, answer["predictions"])
        self.assertIsNone(found, found)

    def test_mlflows_client_gets_the_tables_that_mlflow_predicts(self):
        for name, table in TABLES.items():
            with self.subTest(name), Server(name) as server:
                server.client.wait_server_ready(timeout=10)
                # Its encoder knows octets in an array, and not in a table.
                answer = server.client.invoke(table.map(octets_as_text))
                self.same(mlflows_answer(name, table), answer)
                self.assertEqual(len(answer.get_predictions()), len(table))

    def test_mlflows_client_gets_the_tensors_that_mlflow_predicts(self):
        for name, array in TENSORS.items():
            with self.subTest(name), Server(name) as server:
                self.same(mlflows_answer(name, array), server.client.invoke(array))

    def test_tensors_by_name_are_those_that_mlflow_predicts(self):
        # Not through its client, which breaks off over an object of arrays before it sends it.
        for name, arrays in NAMED.items():
            with self.subTest(name), Server(name) as server:
                wanted = mlflows_answer(name, arrays)
                inputs = {key: array.tolist() for key, array in arrays.items()}
                self.same(wanted, server.post(json.dumps({"inputs": inputs}), JSON).json())
                rows = [dict(zip(inputs, row)) for row in zip(*inputs.values())]
                self.same(wanted, server.post(json.dumps({"instances": rows}), JSON).json())

    def test_mlflows_client_sends_params_and_reads_the_version(self):
        table = pd.DataFrame({"x": [1.5, 2.5]})
        params = {"temperature": 0.9, "top_k": 3, "stops": ["a", "b"], "flag": True}
        with Server("params_model") as server:
            server.client.ping()
            self.assertEqual(server.client.get_version(), "3.17.2")
            wanted = mlflows_answer("params_model", table, params)
            self.same(wanted, server.client.invoke(table, params=params))

    def test_mlflows_client_raises_where_the_data_does_not_fit(self):
        with Server("int64_only") as server:
            table = pd.DataFrame({"a": [1.5], "b": [1], "c": [1]})
            with self.assertRaisesRegex(Exception, "error code 400, response.*not_integer"):
                server.client.invoke(table)

    def test_a_csv_of_pandas_is_the_table(self):
        for name, table in TABLES.items():
            with self.subTest(name), Server(name) as server:
                wanted = mlflows_answer(name, table)
                # Octets are base64 in a CSV file. A gap is named: pandas writes one in the only
                # column of a table as `""`, which is a text.
                file = table.map(octets_as_text)
                quoted = file.to_csv(index=False, na_rep="NaN", quoting=csv.QUOTE_NONNUMERIC)
                self.same(wanted, server.post(quoted, "text/csv").json())
                # Without quotes an empty text is a gap, to every reader.
                if not (file == "").to_numpy().any():
                    plain = file.to_csv(index=False, na_rep="NaN", lineterminator="\r\n")
                    self.same(wanted, server.post(plain, "text/csv; charset=utf-8").json())

    def test_a_parquet_file_of_pandas_is_the_table(self):
        for name, table in TABLES.items():
            with self.subTest(name), Server(name) as server:
                wanted = mlflows_answer(name, table)
                for compression in ("snappy", "zstd", "gzip"):
                    body = table.to_parquet(compression=compression)
                    self.same(wanted, server.post(body, PARQUET).json())
                # With labels of the rows, which are no column.
                labelled = table.set_axis([f"row {at}" for at in range(len(table))])
                self.same(wanted, server.post(labelled.to_parquet(), PARQUET).json())

    def test_a_stream_of_pyarrow_is_the_table(self):
        for name, table in TABLES.items():
            with self.subTest(name), Server(name) as server:
                wanted = mlflows_answer(name, table)
                arrow = pa.Table.from_pandas(table)
                for options in (None, pa.ipc.IpcWriteOptions(compression="zstd")):
                    body = stream(arrow, options=options)
                    self.same(wanted, server.post(body, ARROW).json())
                # The answer in the same form, in batches of one row.
                body = stream(arrow, rows=1)
                response = server.post(body, ARROW, Accept=ARROW)
                self.assertEqual(response.headers["Content-Type"], ARROW)
                read = pa.ipc.open_stream(response.content).read_all()
                self.assertEqual(read.num_rows, len(table))
                self.assertEqual(read.column_names, list(wanted[0]))

    def test_texts_as_a_dictionary_are_texts(self):
        table = pd.DataFrame({"text": pd.Categorical(["cat", "dog", "cat", "zebra"])})
        plain = table.astype({"text": "str"})
        with Server("string_label") as server:
            wanted = mlflows_answer("string_label", plain)
            self.same(wanted, server.post(table.to_parquet(), PARQUET).json())
            self.same(wanted, server.post(stream(pa.Table.from_pandas(table)), ARROW).json())

    def test_requests_packs_and_unpacks(self):
        table = pd.concat([TABLES["iris_dt_zipmap"]] * 500, ignore_index=True)
        body = json.dumps({"dataframe_split": table.to_dict(orient="split")}).encode()
        with Server("iris_dt_zipmap") as server:
            wanted = mlflows_answer("iris_dt_zipmap", table)
            response = server.post(gzip.compress(body), JSON, Content_Encoding="gzip")
            self.assertEqual(response.headers["Content-Encoding"], "gzip")
            self.same(wanted, response.json())
            packed = gzip.compress(table.to_csv(index=False).encode())
            self.same(wanted, server.post(packed, "text/csv", Content_Encoding="gzip").json())
            session = requests.Session()
            for _ in range(3):
                response = session.post(server.url, data=body, headers={"Content-Type": JSON})
                self.same(wanted, response.json())


def octets_as_text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def stream(table, options=None, rows=None):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


if __name__ == "__main__":
    unittest.main()
