"""Tables as pandas and Arrow write them, and packed bodies, against the same rows in JSON."""

import gzip
import io
import json
import unittest

import pandas
import pyarrow
import pyarrow.parquet
import requests

from server import Server, package

ROWS = pandas.DataFrame({
    "a": pandas.Series([0.1, -2.5, 3e-5], dtype="float32"),
    "b": [0.30000000000000004, 1e300, -7.0],
    "c": [9007199254740993, -1, 0],
})


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(package("multi_numeric")))
        body = {"dataframe_records": ROWS.to_dict("records")}
        cls.wanted = cls.ask(json.dumps(body).encode(), "application/json").json()

    @classmethod
    def ask(cls, body, kind, **headers):
        headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return requests.post(f"{cls.server.url}/invocations", data=body, headers=headers, timeout=30)

    def check(self, answer):
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.json(), self.wanted)

    def test_csv(self):
        self.check(self.ask(ROWS.to_csv(index=False).encode(), "text/csv"))

    def test_csv_with_quotes_and_windows_line_ends(self):
        text = ROWS.to_csv(index=False, quoting=1, lineterminator="\r\n")
        self.check(self.ask(text.encode("utf-8-sig"), "text/csv"))

    def test_parquet(self):
        for compression in ["snappy", "gzip", "zstd", None]:
            with self.subTest(compression):
                body = io.BytesIO()
                ROWS.to_parquet(body, compression=compression)
                self.check(self.ask(body.getvalue(), "application/vnd.apache.parquet"))

    def test_parquet_under_mlflows_policy(self):
        body = io.BytesIO()
        ROWS.to_parquet(body)
        with Server(package("multi_numeric"), "--compat", "mlflow") as server:
            answer = requests.post(
                f"{server.url}/invocations", data=body.getvalue(), timeout=30,
                headers={"Content-Type": "application/vnd.apache.parquet"},
            )
        self.check(answer)

    def test_arrow_in_and_out(self):
        table = pyarrow.Table.from_pandas(ROWS)
        sink = io.BytesIO()
        with pyarrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
        kind = "application/vnd.apache.arrow.stream"
        self.check(self.ask(sink.getvalue(), kind))
        answer = self.ask(sink.getvalue(), kind, Accept=kind)
        self.assertEqual(answer.headers["Content-Type"], kind)
        read = pyarrow.ipc.open_stream(answer.content).read_all()
        self.assertEqual(read.to_pylist(), self.wanted["predictions"])

    def test_gzip_both_ways(self):
        body = gzip.compress(json.dumps({"dataframe_records": ROWS.to_dict("records")}).encode())
        self.check(self.ask(body, "application/json", Content_Encoding="gzip", Accept_Encoding="gzip"))

    def test_an_answer_in_csv_is_a_table_to_pandas(self):
        answer = self.ask(ROWS.to_csv(index=False).encode(), "text/csv", Accept="text/csv")
        read = pandas.read_csv(io.StringIO(answer.text))
        self.assertEqual(read.to_dict("records"), self.wanted["predictions"])


if __name__ == "__main__":
    unittest.main()
