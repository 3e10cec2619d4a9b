#!/usr/bin/env python3
"""tests/interop/feather_interop.py TOOL WORK - pyarrow and pandas read our Feather files, and we read theirs.

TOOL is the program feather_tool, WORK a folder for files and a virtual environment. Ends with 77 (skipped) when the
packages can be neither found nor installed.
"""
import json
import os
import shutil
import subprocess
import sys

import packages

ROWS = 500


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


def formulas():
    """The rows of feather_tool.c, column by column; instants in ns."""
    there = lambda f: [f(n) if n % 3 else None for n in range(ROWS)]
    every = lambda f: [f(n) for n in range(ROWS)]
    return {
        "big": there(lambda n: n ** 3 - 7), "mid": there(lambda n: n * 3 - 700), "small": every(lambda n: n - 250),
        "wide": every(lambda n: 2 ** 64 - 1 - n), "real": there(lambda n: n / 8 - 3),
        "word": there(lambda n: f"row {n} \u00e9"), "flag": there(lambda n: n % 5 == 0),
        "at": there(lambda n: 1763735400000000000 + n * 1000000007),
        "wall": every(lambda n: 1763717400000000000 + n * 1000000000),
        "prices": every(lambda n: [100 + (n + l) / 4 for l in range(4)]),
        "sizes": every(lambda n: [n * 10 + l for l in range(4)]),
    }


def types(pa):
    return {"big": pa.int64(), "mid": pa.int32(), "small": pa.int16(), "wide": pa.uint64(), "real": pa.float64(),
            "word": pa.string(), "flag": pa.bool_(), "at": pa.timestamp("ns", tz="UTC"), "wall": pa.timestamp("ns"),
            "prices": pa.list_(pa.float64()), "sizes": pa.list_(pa.int64())}


def read_ours(folder, expected):
    import pyarrow as pa
    import pyarrow.feather as feather
    import pyarrow.ipc as ipc
    for name in ("all_zstd.ftr", "all_plain.ftr"):
        path = os.path.join(folder, name)
        table = feather.read_table(path, memory_map=False)
        table.validate(full=True)
        check(ipc.open_file(path).num_record_batches == 3, f"{name}: batches")
        check(table.schema.names == list(expected), f"{name}: columns {table.schema.names}")
        for column, kind in types(pa).items():
            check(table.schema.field(column).type == kind, f"{name}: {column} is {table.schema.field(column).type}")
            got = table[column].cast(pa.int64()) if pa.types.is_timestamp(kind) else table[column]
            check(got.to_pylist() == expected[column], f"{name}: {column} differs")
        frame = feather.read_feather(path)
        check(frame.index.name == "wall" and str(frame.index.dtype) == "datetime64[ns]", f"{name}: pandas index {frame.index}")
        check(list(frame.index.astype("int64")) == expected["wall"], f"{name}: pandas index values")
    print(f"ok pyarrow, pandas: {ROWS} rows of {len(expected)} columns equal, zstd and plain")


def read_bars(folder):
    import pandas as pd
    feather = pd.read_feather(os.path.join(folder, "bars.ftr"))
    parquet = pd.read_parquet(os.path.join(folder, "bars.parquet"))
    pd.testing.assert_frame_equal(feather, parquet)
    check(feather.index.name == "datetime" and len(feather) == 90, "bars: index")
    print("ok pandas: bars of Feather and Parquet are the same frame")


def dump(tool, path):
    done = subprocess.run([tool, "dump", path], capture_output=True, text=True)
    check(done.returncode == 0, f"dump {path}: {done.stderr}")
    return json.loads(done.stdout)


def codecs(tool, folder):
    """Without liblz4 an LZ4 file is refused by name, and the rest is tried."""
    import pyarrow as pa
    import pyarrow.feather as feather
    path = os.path.join(folder, "lz4.ftr")
    feather.write_feather(pa.table({"a": list(range(1000))}), path, compression="lz4")
    done = subprocess.run([tool, "dump", path], capture_output=True, text=True)
    if done.returncode and "built without liblz4" in done.stderr:
        print("no liblz4 in this build: LZ4 is refused by name")
        return ("zstd", "uncompressed")
    return ("lz4", "zstd", "uncompressed")


def write_theirs(tool, folder, expected):
    import pyarrow as pa
    import pyarrow.feather as feather
    out = os.path.join(folder, "foreign")
    os.makedirs(out, exist_ok=True)
    table = pa.table({c: pa.array(v, types(pa)[c]) for c, v in expected.items()})
    count = 0
    for codec in codecs(tool, folder):
        for chunk in (100, None):
            path = os.path.join(out, f"{codec}_{chunk}.ftr")
            feather.write_feather(table, path, compression=codec, chunksize=chunk)
            got = dump(tool, path)
            for column in expected:
                check(got[column] == expected[column], f"{path}: {column} differs")
            count += 1
    sliced = table.slice(123, 200)
    path = os.path.join(out, "sliced.ftr")
    feather.write_feather(sliced, path, compression=codecs(tool, folder)[0])
    got = dump(tool, path)
    for column in expected:
        check(got[column] == expected[column][123:323], f"sliced: {column} differs")
    feather.write_feather(table.slice(0, 0), path, compression="zstd")
    check(all(v == [] for v in dump(tool, path).values()), "a table without rows")
    print(f"ok tapedeck: {count + 2} files of pyarrow equal, lz4, zstd and plain")


def write_odd_types(tool, folder):
    import pyarrow as pa
    import pyarrow.feather as feather
    words = ["B", "S", None, "a longer word", "B"] * 40
    lists = [[1.5, None], None, [], [2.0, 3.0, 4.0], [5.5]] * 40
    small = [1, -2, None, 120, 5] * 40
    pos = [1, 2, None, 250, 5] * 40
    nested = pa.array([{"x": [1], "y": "a"}] * 200, pa.struct([("x", pa.list_(pa.int8())), ("y", pa.string())]))
    table = pa.table({
        "nested": nested,  # not read; what stands behind it is found all the same
        "kind": pa.array(words).dictionary_encode(), "large": pa.array(words, pa.large_string()),
        "i8": pa.array(small, pa.int8()), "u8": pa.array(pos, pa.uint8()), "u16": pa.array(pos, pa.uint16()),
        "u32": pa.array(pos, pa.uint32()), "f32": pa.array([1.5, -2.25, None, 3.0, 0.0] * 40, pa.float32()),
        "s": pa.array(small, pa.timestamp("s")), "ms": pa.array(small, pa.timestamp("ms", tz="America/New_York")),
        "us": pa.array(small, pa.timestamp("us", tz="UTC")), "day": pa.array(small, pa.date32()),
        "lists": pa.array(lists, pa.list_(pa.float64())), "llists": pa.array(lists, pa.large_list(pa.float64())),
        "nothing": pa.nulls(200),
    })
    scale = lambda k: [None if v is None else v * k for v in small]
    flat = [[] if v is None else v for v in lists]
    want = {"kind": words, "large": words, "i8": small, "u8": pos, "u16": pos, "u32": pos,
            "f32": [1.5, -2.25, None, 3.0, 0.0] * 40, "s": scale(10 ** 9), "ms": scale(10 ** 6), "us": scale(1000),
            "day": scale(86400 * 10 ** 9), "lists": flat, "llists": flat}
    for codec in codecs(tool, folder):
        path = os.path.join(folder, f"odd_{codec}.ftr")
        feather.write_feather(table, path, compression=codec, chunksize=64)
        done = subprocess.run([tool, "dump", path], capture_output=True, text=True)
        check(done.returncode == 1 and "struct" in done.stderr, f"nested columns are refused by name: {done.stderr}")
        feather.write_feather(table.drop_columns(["nothing", "nested"]), path, compression=codec, chunksize=64)
        got = dump(tool, path)
        for column, values in want.items():
            check(got[column] == values, f"odd {codec}: {column} differs")
    print("ok tapedeck: dictionaries, small integers, units and zones, lists with nulls")


def behind_nested(tool, folder):
    """Bars behind a column that cannot be read: the places of its buffers are skipped."""
    import pyarrow as pa
    import pyarrow.feather as feather
    nested = pa.array([{"x": [[1]], "y": "a", "d": "k"}] * 3, pa.struct(
        [("x", pa.list_(pa.list_(pa.int8()))), ("y", pa.string()), ("d", pa.dictionary(pa.int8(), pa.string()))]))
    table = pa.table({"nested": nested, "fixed": pa.array([[1, 2]] * 3, pa.list_(pa.int32(), 2)), "nothing": pa.nulls(3),
                      "date": pa.array([0, 60, 120], pa.timestamp("s")), "open": [1.0, 2.0, 3.0], "high": [1, 2, 3],
                      "low": pa.array([1, 2, 3], pa.float32()), "close": [1.5, 2.5, 3.5], "volume": [10, None, 30],
                      "average": [1.25, float("nan"), 3.25], "barCount": [7, None, 9]})
    path = os.path.join(folder, "legacy.ftr")
    feather.write_feather(table, path, compression=codecs(tool, folder)[0])
    done = subprocess.run([tool, "bars", path], capture_output=True, text=True)
    check(done.stdout == "0,1,1,1,1.5,10,1.25,7\n60000000000,2,2,2,2.5,,,-1\n120000000000,3,3,3,3.5,30,3.25,9\n",
          f"bars of the old layer: {done.stdout} {done.stderr}")
    print("ok tapedeck: bars of the old layer, behind columns that are skipped")


def refuse_v1(tool, folder):
    path = os.path.join(folder, "v1.ftr")
    try:
        import pandas as pd
        import pyarrow.feather as feather
        feather.write_feather(pd.DataFrame({"a": [1]}), path, version=1)
    except Exception as error:  # versions of pyarrow that no longer write it
        print("no Feather V1 here:", error)
        return
    done = subprocess.run([tool, "dump", path], capture_output=True, text=True)
    check(done.returncode == 1 and "TD_EVERSION" in done.stderr and "FEA1" in done.stderr, f"V1: {done.stderr}")
    print("ok tapedeck refuses Feather V1 by name")


def main():
    tool, work = sys.argv[1], sys.argv[2]
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv", ["pandas", "pyarrow"], ["pyarrow", "pandas", "duckdb", "pytz"])
    folder = os.path.join(work, "feather")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([tool, "write", folder], check=True)
    expected = formulas()
    for name in ("all_zstd.ftr", "all_plain.ftr"):
        check(dump(tool, os.path.join(folder, name)) == expected, f"{name}: we read it otherwise")
    read_ours(folder, expected)
    read_bars(folder)
    write_theirs(tool, folder, expected)
    write_odd_types(tool, folder)
    behind_nested(tool, folder)
    refuse_v1(tool, folder)


main()
