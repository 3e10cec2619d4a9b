#!/usr/bin/env python3
"""tests/interop/parquet_interop.py SAMPLE WORK - pyarrow and DuckDB read what tapedeck writes, and back.

SAMPLE is the program parquet_sample, WORK a folder for files and a virtual environment. Ends with 77
(skipped) when the two packages can be neither found nor installed.
"""
import datetime
import glob
import json
import os
import shutil
import subprocess
import sys

import packages


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


def check_rows(rows, expected, reader):
    check(len(rows) == len(expected), f"{reader}: {len(rows)} rows, {len(expected)} expected")
    for n, (got, want) in enumerate(zip(rows, expected)):
        for key in want:
            value = str(got[key]) if key in ("recv_ns", "venue_ns") else got[key]
            check(value == want[key], f"{reader}: row {n} {key}: {value!r} is not {want[key]!r}")
        check(all(len(got[k]) == 10 for k in ("bid_prices", "bid_sizes", "ask_prices", "ask_sizes")),
              f"{reader}: row {n}: a list is not of 10")
    print(f"ok {reader}: {len(rows)} snapshots equal")


def read_pyarrow(path, expected):
    import pyarrow as pa
    import pyarrow.parquet as pq
    table = pq.read_table(path)
    check(table.schema.field("bid_prices").type == pa.list_(pa.float64()), "pyarrow: bid_prices is not list<double>")
    check(table.schema.field("ask_sizes").type == pa.list_(pa.int64()), "pyarrow: ask_sizes is not list<int64>")
    check(table.schema.field("timestamp").type == pa.string(), "pyarrow: timestamp is not text")
    check(table.schema.field("recv_ns").type == pa.timestamp("ns", tz="UTC"), "pyarrow: recv_ns is not ns UTC")
    check(table.schema.names[:5] == ["timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes"],
          "pyarrow: contractual columns are not first")
    meta = json.loads(table.schema.metadata[b"pandas"])
    check(meta["index_columns"] == [], "pandas metadata stores an index")
    stats = pq.ParquetFile(path).metadata.row_group(0).column(5).statistics
    check(stats is not None and stats.null_count == 0 and stats.has_min_max, "pyarrow: recv_ns has no statistics")
    for name in ("recv_ns", "venue_ns"):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.int64()))
    check_rows(table.to_pylist(), expected, "pyarrow")


def read_duckdb(path, expected):
    import duckdb
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    kinds = dict((r[0], r[1]) for r in con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall())
    check(kinds["bid_prices"] == "DOUBLE[]" and kinds["bid_sizes"] == "BIGINT[]", f"duckdb: list types {kinds}")
    check(kinds["recv_ns"] in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS", "TIMESTAMP_NS"), f"duckdb: recv_ns is {kinds['recv_ns']}")
    # Older versions keep microseconds of a column with a zone, so whole microseconds are compared.
    micros = "epoch_ns(CAST({0} AS TIMESTAMP_NS)) // 1000 AS {0}"
    cursor = con.execute(f"SELECT * REPLACE ({micros.format('recv_ns')}, {micros.format('venue_ns')}) FROM '{path}'")
    names = [d[0] for d in cursor.description]
    rows = [dict(zip(names, r)) for r in cursor.fetchall()]
    cut = [dict(e, recv_ns=str(int(e["recv_ns"]) // 1000), venue_ns=str(int(e["venue_ns"]) // 1000)) for e in expected]
    check_rows(rows, cut, "duckdb")


def read_bars(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import duckdb
    path = os.path.join(folder, "bars.parquet")
    table = pq.read_table(path)
    check(table.schema.field("datetime").type == pa.timestamp("ns"), "bars: datetime is not a wall clock")
    check(json.loads(table.schema.metadata[b"pandas"])["index_columns"] == ["datetime"], "bars: index")
    first = table["datetime"][0].cast(pa.timestamp("us")).as_py()
    check(first == datetime.datetime(2025, 11, 21, 9, 30), f"bars: first at {first}")
    check(duckdb.sql(f"SELECT count(*), sum(close), sum(volume) FROM '{path}'").fetchall()
          == duckdb.sql(f"SELECT count(*), sum(close), sum(volume) FROM '{folder}/bars.csv'").fetchall(),
          "bars: Parquet and CSV differ")
    print("ok bars: pyarrow, duckdb, csv")


def write_for_us(folder, expected):
    """Files as pandas and pyarrow write them, for the reader of tapedeck (test wire/foreign_parquet_test)."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    rows = [{k: e[k] for k in ("timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes")} for e in expected]
    schema = pa.schema([("timestamp", pa.string()), ("bid_prices", pa.list_(pa.float64())),
                        ("bid_sizes", pa.list_(pa.int64())), ("ask_prices", pa.list_(pa.float64())),
                        ("ask_sizes", pa.list_(pa.int64()))])
    table = pa.Table.from_pylist(rows, schema=schema)
    out = os.path.join(folder, "foreign")
    os.makedirs(out, exist_ok=True)
    for version in ("1.0", "2.0"):
        for codec in ("snappy", "zstd", "none", "gzip"):
            pq.write_table(table, os.path.join(out, f"snapshots_v{version[0]}_{codec}.parquet"), compression=codec,
                           version="2.6", data_page_version=version, row_group_size=300)
    events = pa.table({"timestamp_ns": pa.array(range(1000), pa.int64()), "action": ["add", "delete"] * 500,
                       "side": ["B", "S", "U", None] * 250, "price": [float(i) / 4 for i in range(1000)],
                       "size": [1.0] * 1000, "level": pa.array([i % 10 for i in range(1000)], pa.int16()),
                       "exchange": ["2"] * 1000, "symbol": ["AAPL"] * 1000, "source": ["databento"] * 1000,
                       "ts_recv": pa.array([i * 1000 for i in range(1000)], pa.timestamp("us", tz="UTC"))})
    pq.write_table(events, os.path.join(out, "events.parquet"), compression="snappy", version="2.6")
    bars = pa.table({"open": [1.5, None, 3.0], "count": pa.array([1, 2, None], pa.int64()),
                     "datetime": pa.array([1, 2, 3], pa.timestamp("ns"))})
    pq.write_table(bars, os.path.join(out, "bars_delta.parquet"), use_dictionary=False,
                   column_encoding={"open": "PLAIN", "count": "DELTA_BINARY_PACKED", "datetime": "DELTA_BINARY_PACKED"})
    return out


def main():
    sample, work = sys.argv[1], sys.argv[2]
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv", ["duckdb", "pyarrow"], ["pyarrow", "pandas", "duckdb", "pytz"])
    folder = os.path.join(work, "sample")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sample, folder], check=True)
    path = glob.glob(os.path.join(folder, "SPY", "*_snapshots_*.parquet"))[0]
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as f:
        expected = json.load(f)
    read_pyarrow(path, expected)
    read_duckdb(path, expected)
    read_bars(folder)
    out = write_for_us(folder, expected)
    if len(sys.argv) > 3:
        subprocess.run([sys.argv[3], out, path], check=True)
    print("PASSED parquet_interop")


main()
