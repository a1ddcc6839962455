"""Writes the Parquet files and Arrow streams of this folder with pandas and pyarrow.

    python -m pip install pandas==3.1.1 pyarrow==26.0.1
    python make.py

`cases.json` says what each file must be read as: the signature (none: the types of the file
decide), and the request in JSON that means the same, or the refusal.
"""

import datetime
import decimal
import json
import pathlib

import numpy
import pandas
import pyarrow
import pyarrow.ipc
import pyarrow.parquet

FOLDER = pathlib.Path(__file__).parent
CASES = []


def column(name, kind, required=True):
    return {"type": kind, "name": name, "required": required}


def array(name, items):
    return {"type": "array", "items": {"type": items}, "name": name, "required": True}


def tensor(name, dtype, shape):
    spec = {"dtype": dtype, "shape": shape}
    named = {"name": name} if name else {}
    return {"type": "tensor", "tensor-spec": spec, **named}


def case(file, inputs=None, json=None, **more):
    """`json`: the same data as a request; otherwise `refused`: code, row and column of the first
    violation; or `types`: the data types that are found where nothing is declared."""
    CASES.append({"file": file, "inputs": inputs, "json": json, **more})


def split(frame_columns, rows):
    return {"dataframe_split": {"columns": frame_columns, "data": rows}}


def stream(file, table, compression=None):
    options = pyarrow.ipc.IpcWriteOptions(compression=compression)
    with pyarrow.ipc.new_stream(FOLDER / file, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=2)


def parquet(file, table, **options):
    pyarrow.parquet.write_table(table, FOLDER / file, **options)


def both(name, table, compression="NONE", **options):
    parquet(f"{name}.parquet", table, compression=compression, **options)
    stream(f"{name}.arrow", table, compression if compression in ("lz4", "zstd") else None)
    return [f"{name}.parquet", f"{name}.arrow"]


# === numbers, under every packing ===

NUMBERS = pyarrow.table({
    "i8": pyarrow.array([1, -2, 3], pyarrow.int8()),
    "u32": pyarrow.array([1, 2, 2**32 - 1], pyarrow.uint32()),
    "i64": pyarrow.array([1, 2, 2**63 - 1], pyarrow.int64()),
    "f32": pyarrow.array([0.5, 0.1, -1.0], pyarrow.float32()),
    "f64": pyarrow.array([0.1, float("nan"), float("inf")], pyarrow.float64()),
    "whole": pyarrow.array([1.0, 2.0, float(2**53)], pyarrow.float64()),
    "flag": pyarrow.array([True, False, True]),
})
F32 = float(numpy.float32(0.1))
NUMBER_INPUTS = [
    column("i8", "integer"), column("u32", "long"), column("i64", "long"), column("f32", "double"),
    column("f64", "double"), column("whole", "long"), column("flag", "boolean"),
]
NUMBER_JSON = split(NUMBERS.column_names, [
    [1, 1, 1, 0.5, 0.1, 1, True],
    [-2, 2, 2, F32, None, 2, False],
    [3, 2**32 - 1, 2**63 - 1, -1.0, "Infinity", 2**53, True],
])
for packing in ["snappy", "zstd", "gzip", "lz4", "none"]:
    for file in both(f"numbers_{packing}", NUMBERS, packing):
        if packing in ("snappy", "gzip") and file.endswith(".arrow"):
            (FOLDER / file).unlink()
            continue
        case(file, NUMBER_INPUTS, NUMBER_JSON)
parquet("numbers_v2.parquet", NUMBERS, compression="zstd", data_page_version="2.0", row_group_size=2)
case("numbers_v2.parquet", NUMBER_INPUTS, NUMBER_JSON)
case("numbers_zstd.parquet", None, types=["int8", "uint32", "int64", "float32", "float64", "float64", "bool"])
case("numbers_none.arrow", None, types=["int8", "uint32", "int64", "float32", "float64", "float64", "bool"])
case("numbers_none.arrow", [column("u32", "integer")], refused=["out_of_range", 2, "u32"])
case("numbers_snappy.parquet", [column("f32", "long")], refused=["not_integer", 0, "f32"])
case("numbers_snappy.parquet", [column("f64", "long")], refused=["not_integer", 0, "f64"])
case("numbers_none.arrow", [column("flag", "integer")], refused=["type_mismatch", 0, "flag"])
case("numbers_none.arrow", [column("i8", "boolean")], refused=["type_mismatch", 1, "i8"])
case("numbers_snappy.parquet", [column("other", "long")], refused=["missing_column", None, "other"])

# === texts ===

TEXTS = pyarrow.table({
    "plain": pyarrow.array(["a", "", "ü, \"x\""]),
    "large": pyarrow.array(["x", "y", "x"], pyarrow.large_string()),
    "view": pyarrow.array(["short", "a text that is longer than twelve octets", ""], pyarrow.string_view()),
    "category": pyarrow.array(["red", "green", "red"]).dictionary_encode(),
    "base64": pyarrow.array(["AQI=", "", "/w=="]),
    "octets": pyarrow.array([b"\x01\x02", b"", b"\xff"], pyarrow.binary()),
    "fixed": pyarrow.array([b"ab", b"cd", b"ef"], pyarrow.binary(2)),
    "number": pyarrow.array(["1", " 2 ", "3.0"]),
})
TEXT_INPUTS = [
    column("plain", "string"), column("large", "string"), column("view", "string"),
    column("category", "string"), column("base64", "binary"), column("octets", "binary"),
    column("fixed", "binary"), column("number", "long"),
]
TEXT_JSON = split(TEXTS.column_names, [
    ["a", "x", "short", "red", "AQI=", "AQI=", "YWI=", 1],
    ["", "y", "a text that is longer than twelve octets", "green", "", "", "Y2Q=", 2],
    ["ü, \"x\"", "x", "", "red", "/w==", "/w==", "ZWY=", 3],
])
for file in both("texts", TEXTS, "zstd"):
    case(file, TEXT_INPUTS, TEXT_JSON)
    case(file, [column("octets", "string")], refused=["type_mismatch", 0, "octets"])
    case(file, [column("plain", "datetime")], refused=["bad_datetime", 0, "plain"])
    case(file, None, types=["str", "str", "str", "str", "str", "bytes", "bytes", "str"])
for encoding in ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]:
    file = f"texts_{encoding.lower()}.parquet"
    table = TEXTS.select(["plain", "view"])
    parquet(file, table, use_dictionary=False, column_encoding={"plain": encoding, "view": encoding})
    case(file, TEXT_INPUTS[:1] + TEXT_INPUTS[2:3], split(["plain", "view"], [
        [row[0], row[2]] for row in TEXT_JSON["dataframe_split"]["data"]]))

# === dates ===

INSTANT = datetime.datetime(2021, 1, 2, 3, 4, 5, 600000)
ZONE = datetime.timezone(datetime.timedelta(hours=2))
DATES = pyarrow.table({
    "s": pyarrow.array([INSTANT.replace(microsecond=0)], pyarrow.timestamp("s")),
    "ms": pyarrow.array([INSTANT], pyarrow.timestamp("ms")),
    "us": pyarrow.array([INSTANT], pyarrow.timestamp("us")),
    "ns": pyarrow.array([INSTANT], pyarrow.timestamp("ns")),
    "zone": pyarrow.array([INSTANT.replace(tzinfo=ZONE)], pyarrow.timestamp("us", "Europe/Athens")),
    "day": pyarrow.array([datetime.date(1969, 12, 31)], pyarrow.date32()),
    "day64": pyarrow.array([datetime.date(2021, 1, 2)], pyarrow.date64()),
    "text": pyarrow.array(["2021-01-02T03:04:05+02:00"]),
})
for file in both("dates", DATES):
    case(file, [column(name, "datetime") for name in DATES.column_names], split(DATES.column_names, [[
        "2021-01-02T03:04:05", "2021-01-02T03:04:05.6", "2021-01-02T03:04:05.6", "2021-01-02T03:04:05.6",
        "2021-01-02T01:04:05.6", "1969-12-31", "2021-01-02", "2021-01-02T01:04:05",
    ]]))
    case(file, [column("us", "long")], refused=["type_mismatch", 0, "us"])
    case(file, None, types=["datetime64[ns]"] * 7 + ["str"])
parquet("dates_int96.parquet", DATES.select(["us"]), use_deprecated_int96_timestamps=True)
case("dates_int96.parquet", [column("us", "datetime")], split(["us"], [["2021-01-02T03:04:05.6"]]))
stream("date_far.arrow", pyarrow.table({"t": pyarrow.array([10**12], pyarrow.timestamp("s"))}))
case("date_far.arrow", [column("t", "datetime")], refused=["out_of_range", 0, "t"])
stream("durations.arrow", pyarrow.table({"t": pyarrow.array([5], pyarrow.duration("s"))}))
case("durations.arrow", [column("t", "long")], refused=["type_mismatch", 0, "t"])
parquet("durations.parquet", pyarrow.table({"t": pyarrow.array([5], pyarrow.duration("s"))}))
case("durations.parquet", [column("t", "long")], refused=["type_mismatch", 0, "t"])

# === decimals ===

DECIMALS = pyarrow.table({
    "d": pyarrow.array([decimal.Decimal("1.10"), decimal.Decimal("-2.00")], pyarrow.decimal128(10, 2)),
    "w": pyarrow.array([decimal.Decimal("9007199254740993.0"), decimal.Decimal("5.0")], pyarrow.decimal128(20, 1)),
    "l": pyarrow.array([decimal.Decimal("7"), decimal.Decimal("8")], pyarrow.decimal256(50, 0)),
})
for file in both("decimals", DECIMALS):
    case(file, [column("d", "double"), column("w", "long"), column("l", "integer")],
         split(["d", "w", "l"], [[1.1, 9007199254740993, 7], [-2.0, 5, 8]]))
    case(file, [column("d", "long")], refused=["not_integer", 0, "d"])
    case(file, None, refused=["type_mismatch", 0, "d"])

# === gaps ===

GAPS = pyarrow.table({
    "f": pyarrow.array([1.5, None], pyarrow.float64()),
    "i": pyarrow.array([None, 2], pyarrow.int64()),
    "s": pyarrow.array(["a", None]),
    "b": pyarrow.array([None, True]),
    "n": pyarrow.nulls(2),
})
for file in both("gaps", GAPS):
    case(file, [column("f", "double"), column("i", "float"), column("n", "double")],
         split(["f", "i", "n"], [[1.5, None, None], [None, 2, None]]))
    case(file, [column("i", "long")], refused=["null_not_allowed", 0, "i"])
    case(file, [column("s", "string")], refused=["null_not_allowed", 1, "s"])
    case(file, [column("b", "boolean")], refused=["null_not_allowed", 0, "b"])
    case(file, None, refused=["null_not_allowed", 1, "s"])
GAPS_I = pyarrow.table({"i": pyarrow.array([None, 2], pyarrow.int64())})
for file in both("gaps_int", GAPS_I):
    case(file, None, types=["float64"])
for file in both("gaps_large", pyarrow.table({"i": pyarrow.array([None, 2**53 + 1], pyarrow.int64())})):
    case(file, None, refused=["out_of_range", 1, "i"])

# === lists, structs, maps ===

LISTS = pyarrow.table({
    "x": pyarrow.array([[1.0, 2.0], [3.0, 4.0]], pyarrow.list_(pyarrow.float32())),
    "y": pyarrow.array([[1, 2, 3, 4], [5, 6, 7, 8]], pyarrow.list_(pyarrow.int64(), 4)),
    "z": pyarrow.array([1, 2], pyarrow.int16()),
    "tags": pyarrow.array([["a"], []], pyarrow.list_(pyarrow.string())),
    "one": pyarrow.array([{"id": 1, "name": "x"}, {"id": 2, "name": None}]),
    "map": pyarrow.array([[("k", 1.5)], []], pyarrow.map_(pyarrow.string(), pyarrow.float64())),
    "ragged": pyarrow.array([[1.0], [2.0, 3.0]]),
})
OBJECT = {"type": "object", "name": "one", "required": True, "properties": {
    "id": {"type": "long", "required": True}, "name": {"type": "string", "required": False}}}
MAP = {"type": "map", "name": "map", "required": True, "values": {"type": "double"}}
for file in both("lists", LISTS, "zstd"):
    case(file, [tensor("x", "float32", [-1, 2]), tensor("y", "int32", [-1, 2, 2]), tensor("z", "int64", [-1])],
         split(["x", "y", "z"], [[[1, 2], [1, 2, 3, 4], 1], [[3, 4], [5, 6, 7, 8], 2]]))
    case(file, [array("tags", "string"), OBJECT, MAP], split(["tags", "one", "map"], [
        [["a"], {"id": 1, "name": "x"}, {"k": 1.5}], [[], {"id": 2, "name": None}, {}]]))
    case(file, [array("x", "double")], split(["x"], [[[1.0, 2.0]], [[3.0, 4.0]]]))
    case(file, [array("tags", "long")], refused=["type_mismatch", 0, "tags[0]"])
    case(file, [tensor("ragged", "float32", [-1, 2])], refused=["bad_shape", 1, "ragged"])
    case(file, [column("x", "double")], refused=["type_mismatch", 0, "x"])
    case(file, None, refused=["type_mismatch", 0, "x"])
for file in both("wide", pyarrow.table({"a": [1.0, 3.0], "b": [2, 4]})):
    case(file, [tensor(None, "float32", [-1, 2])], split(["a", "b"], [[1, 2], [3, 4]]))

# === what pandas writes ===

frame = pandas.DataFrame({
    "n": [1, 2, 3],
    "x": [0.5, None, 2.5],
    "s": ["a", "b", "c"],
    "c": pandas.Categorical(["u", "v", "u"]),
    "nullable": pandas.array([1, 2, 3], dtype="Int64"),
    "when": pandas.to_datetime(["2021-01-02", "2021-01-03", "2021-01-04"]),
})
PANDAS_INPUTS = [
    column("n", "long"), column("x", "double"), column("s", "string"), column("c", "string"),
    column("nullable", "integer"), column("when", "datetime"),
]
PANDAS_JSON = split(list(frame.columns), [
    [1, 0.5, "a", "u", 1, "2021-01-02"], [2, None, "b", "v", 2, "2021-01-03"], [3, 2.5, "c", "u", 3, "2021-01-04"],
])
frame.to_parquet(FOLDER / "pandas.parquet")
case("pandas.parquet", PANDAS_INPUTS, PANDAS_JSON, dropped=0)
indexed = frame.set_index(pandas.Index([7, 8, 9]))
indexed.to_parquet(FOLDER / "pandas_index.parquet", compression="gzip")
case("pandas_index.parquet", PANDAS_INPUTS, PANDAS_JSON, dropped=0)
stream("pandas_index.arrow", pyarrow.Table.from_pandas(indexed))
case("pandas_index.arrow", PANDAS_INPUTS, PANDAS_JSON, dropped=0)
frame.set_index("n").to_parquet(FOLDER / "pandas_named_index.parquet")
case("pandas_named_index.parquet", PANDAS_INPUTS[:1], refused=["missing_column", None, "n"])
case("pandas.parquet", PANDAS_INPUTS[:2], split(["n", "x"], [row[:2] for row in PANDAS_JSON["dataframe_split"]["data"]]), dropped=4)
frame.head(0).to_parquet(FOLDER / "pandas_empty.parquet")
case("pandas_empty.parquet", PANDAS_INPUTS, split(list(frame.columns), []))
twice = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
for file in both("twice", twice):
    case(file, [column("a", "long")], refused=["duplicate_column", None, "a"])

# === what the tests of the server send ===

IRIS = pandas.DataFrame({"sepal_length": [4.5], "sepal_width": [2.3], "petal_length": [1.3], "petal_width": [0.3]})
IRIS.to_parquet(FOLDER / "iris.parquet")
case("iris.parquet", [column(name, "double") for name in IRIS.columns], split(list(IRIS.columns), IRIS.values.tolist()))

# A text of a megabyte once, and a million rows that have it.
keys = pyarrow.array(numpy.zeros(1_000_000, numpy.int32))
text = pyarrow.DictionaryArray.from_arrays(keys, pyarrow.array(["x" * (1 << 20)]))
parquet("bomb.parquet", pyarrow.table({"sepal_length": text}), compression="zstd", write_statistics=False,
        dictionary_pagesize_limit=1 << 24, data_page_size=1 << 30, row_group_size=1 << 30)

(FOLDER / "cases.json").write_text(
    "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in CASES) + "\n]\n")
