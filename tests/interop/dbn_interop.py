#!/usr/bin/env python3
"""tests/interop/dbn_interop.py TAPEDECK WORK ROOT - the vendor's own reader, pyarrow and DuckDB against `tapedeck dbn`.

Every recorded file is read by databento_dbn, upgraded to version 3 by it, and compared record for record, field for
field with what `convert` wrote (Parquet with double and with fixed prices, CSV) and `cat --json --upgrade` printed.
TAPEDECK is the program, WORK a folder for files and a virtual environment, ROOT the checkout. Ends with 77 (skipped) when the
packages can be neither found nor installed, or the recorded files are not there.
"""
import csv
import decimal
import json
import os
import subprocess
import sys

import packages

PACKAGES = ["databento-dbn==0.72.0", "pyarrow", "duckdb", "pytz"]


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


def unpack(path):
    with open(path, "rb") as f:
        data = f.read()
    if not path.endswith(".zst"):
        return data
    import pyarrow as pa
    return pa.input_stream(pa.py_buffer(data), compression="zstd").read()


def vendor_rows(path):
    """Rows of the vendor's reader, in the form of version 3: {name: value}, None for what is not given."""
    import databento_dbn as dbn
    fragment = ".frag" in path
    decoder = dbn.DBNDecoder(has_metadata=not fragment, input_version=3 if fragment else None,
                             upgrade_policy=dbn.VersionUpgradePolicy.UPGRADE_TO_V3)
    decoder.write(unpack(path))
    records = [r for r in decoder.decode() if not isinstance(r, dbn.Metadata)]
    return [(vendor_row(r), r) for r in records]


def vendor_row(record):
    limits = {"u1": 2**8 - 1, "u2": 2**16 - 1, "u4": 2**32 - 1, "u8": 2**64 - 1,
              "i1": 2**7 - 1, "i2": 2**15 - 1, "i4": 2**31 - 1, "i8": 2**63 - 1}
    kind = type(record)
    row = {}
    offset = 0
    raw = bytes(record)
    for name, form in kind._dtypes:
        size = int(form[1:])
        field = raw[offset:offset + size]
        offset += size
        if name in kind._hidden_fields or name.startswith("_"):
            continue
        if form[0] == "S":
            row[name] = field.split(b"\0")[0].decode()
            continue
        value = int.from_bytes(field, "little", signed=form[0] == "i")
        row[name] = ("none?", value) if value == limits[form] else value
    return row, set(kind._price_fields)


def same(mine, theirs, what):
    """A value of ours (None: not given) and the vendor's, whose largest value may mean that."""
    if isinstance(theirs, tuple):
        check(mine is None or mine == theirs[1], f"{what}: {mine!r}, the vendor has its largest value")
    elif theirs == "":
        check(mine in (None, ""), f"{what}: {mine!r} is not empty")
    else:
        check(mine == theirs, f"{what}: {mine!r} is not {theirs!r}")


def run(tapedeck, *words):
    done = subprocess.run([tapedeck, "dbn", *words], capture_output=True, text=True, timeout=120)
    check(done.returncode == 0, f"dbn {' '.join(words)}: {done.stderr}")
    return done.stdout


def e9(value):
    return None if value is None else int((decimal.Decimal(value) * 10**9).to_integral_exact())


def compare_parquet(path, rows, fixed):
    import pyarrow as pa
    import pyarrow.parquet as pq
    table = pq.read_table(path)
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            check(field.type == pa.timestamp("ns", tz="UTC"), f"{path}: {field.name} is {field.type}")
            table = table.set_column(i, field.name, table[field.name].cast(pa.int64()))
    mine = table.to_pylist()
    check(len(mine) == len(rows), f"{path}: {len(mine)} rows, the vendor has {len(rows)}")
    values = 0
    for n, (m, ((theirs, prices), _)) in enumerate(zip(mine, rows)):
        check(set(theirs) <= set(m), f"{path}: columns {set(theirs) - set(m)} are missing")
        for name, value in theirs.items():
            got = m[name]
            if name in prices and not fixed and got is not None:
                value = value if isinstance(value, tuple) else value / 1e9
            same(got, value, f"{path} row {n} {name}")
            values += 1
    return values


def compare_csv(path, rows):
    with open(path, newline="", encoding="utf-8") as f:
        mine = list(csv.DictReader(f))
    check(len(mine) == len(rows), f"{path}: {len(mine)} lines, the vendor has {len(rows)}")
    for n, (m, ((theirs, prices), _)) in enumerate(zip(mine, rows)):
        for name, value in theirs.items():
            got = m[name]
            if not isinstance(value, str):
                got = None if got == "" else e9(got) if name in prices else int(got)
            same(got, value, f"{path} line {n} {name}")


def flatten(row):
    for level, values in enumerate(row.pop("levels", [])):
        for name, value in values.items():
            row[f"{name}_{level:02d}"] = value
    return row


def compare_json(text, rows, what):
    mine = [flatten(json.loads(line, parse_float=decimal.Decimal)) for line in text.splitlines()]
    check(len(mine) == len(rows), f"{what}: {len(mine)} lines, the vendor has {len(rows)}")
    for n, (m, ((theirs, prices), _)) in enumerate(zip(mine, rows)):
        for name, value in theirs.items():
            got = m[name]
            same(e9(got) if name in prices else got, value, f"{what} line {n} {name}")


def compare_duckdb(path, rows):
    import duckdb
    got = duckdb.connect().execute(f"SELECT count(*), sum(instrument_id), count(symbol) FROM '{path}'").fetchall()[0]
    check(got[0] == len(rows), f"duckdb: {path}: {got[0]} rows, the vendor has {len(rows)}")
    total = sum(r[0][0]["instrument_id"] for r in rows)
    check((got[1] or 0) == total, f"duckdb: {path}: instruments add up to {got[1]}, the vendor's to {total}")


def main():
    tapedeck, work, root = sys.argv[1:4]
    packages.ensure(work, "venv-dbn", ["databento_dbn", "duckdb", "pyarrow"], PACKAGES)
    data = os.environ.get("TAPEDECK_DATA") or os.path.join(root, "..", "shared", "data")
    facts = os.path.join(data, "dbn", "golden", "facts.tsv")
    if not os.path.exists(facts):
        print("SKIP dbn_interop: no recorded files")
        sys.exit(77)
    with open(facts, encoding="utf-8") as f:
        names = [line.split("\t")[0] for line in f][1:]
    folder = os.path.join(work, "dbn")
    os.makedirs(folder, exist_ok=True)
    values = 0
    for name in names:
        path = os.path.join(data, name)
        rows = vendor_rows(path)
        out = {form: os.path.join(folder, f"each.{form}") for form in ("parquet", "fixed", "csv")}
        run(tapedeck, "convert", path, "--out", out["parquet"], "--force")
        run(tapedeck, "convert", path, "--out", out["fixed"], "--force", "--to", "parquet", "--prices", "fixed")
        run(tapedeck, "convert", path, "--out", out["csv"], "--force")
        values += compare_parquet(out["parquet"], rows, False)
        values += compare_parquet(out["fixed"], rows, True)
        compare_csv(out["csv"], rows)
        compare_json(run(tapedeck, "cat", path, "--json", "--upgrade"), rows, name)
        compare_duckdb(out["parquet"], rows)
    print(f"PASSED dbn_interop: {len(names)} files, {values} values in Parquet equal, and in CSV and JSON")


main()
