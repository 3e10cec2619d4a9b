#!/usr/bin/env python3
"""tests/interop/l2_interop.py TAPEDECK SAMPLE WORK - pandas, pyarrow and DuckDB read what a backfill writes.

A day of DBN goes through `tapedeck backfill` with the vendor of files. The records are decoded here once more, by
struct, and every cell of the event table is compared; so are the ten-level snapshots. Leaves WORK/l2/expected.json for
the reader in JavaScript. Ends with 77 (skipped) when the packages can be neither found nor installed.
"""
import json
import os
import shutil
import struct
import subprocess
import sys

import packages

ACTIONS = {"A": "add", "C": "delete", "M": "change", "T": "trade", "F": "fill", "R": "clear", "N": "unknown"}
SIDES = {"A": "S", "B": "B", "N": "U"}
UNDEF = (1 << 63) - 1


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


def records_of(path):
    """mbp-10 records of version 3, by the published layout."""
    import pyarrow as pa
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as f:
        data = f.read()
    check(data[:3] == b"DBN" and data[3] == 3, "not DBN 3")
    at = 8 + struct.unpack_from("<I", data, 4)[0]
    while at < len(data):
        length, rtype, publisher, _instrument, event = struct.unpack_from("<BBHIQ", data, at)
        price, size, action, side, flags, depth, recv, _delta, _seq = struct.unpack_from("<qIccBBQiI", data, at + 16)
        check(rtype == 10 and length * 4 == 368, f"record of type {rtype}")
        levels = [struct.unpack_from("<qqIIII", data, at + 48 + 32 * k) for k in range(10)]
        yield dict(publisher=publisher, event=event, price=price, size=size, action=action.decode(), side=side.decode(),
                   flags=flags, depth=depth, recv=recv, levels=levels)
        at += length * 4


def expect_event(r):
    return dict(timestamp_ns=r["event"], action=ACTIONS[r["action"]], side=SIDES[r["side"]],
                price=None if r["price"] == UNDEF else r["price"] / 1e9, size=float(r["size"]), level=r["depth"],
                exchange=str(r["publisher"]), symbol="MSFT", source="databento", ts_recv=r["recv"])


def backfill(tapedeck, sample, folder):
    vendor, base = os.path.join(folder, "vendor"), os.path.join(folder, "base")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run([sample, vendor], check=True)
    env = dict(os.environ, VENDOR_FILES=vendor, ML_BASE_PATH=base, LOGS_PATH=os.path.join(folder, "logs"))
    done = subprocess.run([tapedeck, "backfill", "--vendor", "files", "--date", "2025-03-10", "--symbol", "MSFT",
                           "--no-fetch-bars", "--strict"], env=env, cwd=folder, capture_output=True, text=True)
    check(done.returncode == 0 and done.stdout.startswith("SUMMARY WRITE=1 SKIP=0 EMPTY=0 ERROR=0 total=1 "),
          f"backfill: {done.returncode} {done.stdout} {done.stderr}")
    out = os.path.join(base, "Level2", "MSFT", "2025-03-10")
    return list(records_of(os.path.join(vendor, "MSFT", "2025-03-10.mbp-10.dbn.zst"))), out


def read_pyarrow(path, expected):
    import pyarrow as pa
    import pyarrow.parquet as pq
    table = pq.read_table(path)
    types = dict(timestamp_ns=pa.int64(), action=pa.string(), side=pa.string(), price=pa.float64(), size=pa.float64(),
                 exchange=pa.string(), symbol=pa.string(), source=pa.string(), ts_recv=pa.timestamp("ns", tz="UTC"))
    check(table.schema.names == list(expected[0]), f"columns are {table.schema.names}")
    for name, kind in types.items():
        check(table.schema.field(name).type == kind, f"{name} is {table.schema.field(name).type}")
    check(table.schema.field("level").type == pa.int16(), f"level is {table.schema.field('level').type}")
    check(json.loads(table.schema.metadata[b"pandas"])["index_columns"] == ["ts_recv"], "the index is not ts_recv")
    check(table.schema.metadata[b"tapedeck.l2_map"] == b"2", "the mapping is not named")
    rows = table.set_column(9, "ts_recv", table["ts_recv"].cast(pa.int64())).to_pylist()
    check(rows == expected, next(f"row {i}: {a} is not {b}" for i, (a, b) in enumerate(zip(rows, expected)) if a != b)
          if rows != expected and len(rows) == len(expected) else f"{len(rows)} rows")
    print(f"ok pyarrow: {len(rows)} events equal")


def read_pandas(path, expected):
    import pandas as pd
    df = pd.read_parquet(path)
    check(df.index.name == "ts_recv" and str(df.index.dtype) == "datetime64[ns, UTC]", f"index {df.index.dtype}")
    check(list(df.columns) == list(expected[0])[:9], f"pandas: columns {list(df.columns)}")
    check(str(df["timestamp_ns"].dtype) == "int64" and str(df["level"].dtype) == "int16"
          and str(df["price"].dtype) == "float64" and str(df["size"].dtype) == "float64", f"pandas: {df.dtypes}")
    check([int(t.value) for t in df.index] == [r["ts_recv"] for r in expected], "pandas: index values")
    print(f"ok pandas: {len(df)} events, index ts_recv")


def read_duckdb(path, book, expected, snapshots):
    import duckdb
    con = duckdb.connect()
    kinds = [(r[0], r[1]) for r in con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
    check([k for k in kinds if k[0] != "ts_recv"] == [
        ("timestamp_ns", "BIGINT"), ("action", "VARCHAR"), ("side", "VARCHAR"), ("price", "DOUBLE"), ("size", "DOUBLE"),
        ("level", "SMALLINT"), ("exchange", "VARCHAR"), ("symbol", "VARCHAR"), ("source", "VARCHAR")], f"duckdb: {kinds}")
    got = con.execute(f"SELECT action, side, count(*), sum(size), min(timestamp_ns), max(level) FROM '{path}' "
                      "GROUP BY ALL ORDER BY ALL").fetchall()
    groups = {}
    for r in expected:
        groups.setdefault((r["action"], r["side"]), []).append(r)
    want = sorted((a, s, len(g), sum(r["size"] for r in g), min(r["timestamp_ns"] for r in g), max(r["level"] for r in g))
                  for (a, s), g in groups.items())
    check(got == want, f"duckdb: {got} is not {want}")
    count = con.execute(f"SELECT count(*), min(len(bid_prices)), max(len(ask_sizes)) FROM '{book}'").fetchone()
    check(count == (snapshots, 10, 10), f"duckdb: {count} snapshots, {snapshots} expected")
    print(f"ok duckdb: {len(expected)} events in {len(want)} groups, {snapshots} snapshots")


def read_book(path, records):
    """A snapshot after each record that ends an event (bit 7 of its flags)."""
    import pyarrow.parquet as pq
    rows = pq.read_table(path).to_pylist()
    ends = [r for r in records if r["flags"] & 0x80]
    check(len(rows) == len(ends), f"{len(rows)} snapshots, {len(ends)} events")
    for row, r in zip(rows, ends):
        for name, column, scale in (("bid_prices", 0, 1e9), ("ask_prices", 1, 1e9), ("bid_sizes", 2, 1), ("ask_sizes", 3, 1)):
            want = [level[column] / scale for level in r["levels"]]
            check(row[name] == want, f"snapshot {row['timestamp']}: {name} {row[name]} is not {want}")
    print(f"ok pyarrow: {len(rows)} ten-level snapshots equal")
    return len(rows)


def main():
    tapedeck, sample, work = sys.argv[1:4]
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv", ["duckdb", "pandas", "pyarrow"], ["pyarrow", "pandas", "duckdb", "pytz"])
    folder = os.path.join(os.path.abspath(work), "l2")
    records, out = backfill(tapedeck, sample, folder)
    expected = [expect_event(r) for r in records]
    events, book = out + "_snapshots_databento.parquet", out + "_book_databento.parquet"
    read_pyarrow(events, expected)
    read_pandas(events, expected)
    snapshots = read_book(book, records)
    read_duckdb(events, book, expected, snapshots)


main()
