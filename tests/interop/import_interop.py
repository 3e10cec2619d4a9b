#!/usr/bin/env python3
"""tests/interop/import_interop.py TAPEDECK WORK - pandas writes Feather as the old data layer did, import makes Parquet of it,
and pandas reads the same values.

WORK is a folder for files and a virtual environment. Ends with 77 (skipped) when the packages can be neither found nor
installed.
"""
import json
import os
import shutil
import subprocess
import sys

import packages

CODECS = ("lz4", "zstd", "uncompressed")


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


def bars(pd, day, rows, step, names):
    """Bars of a broker's day: whole volumes, a wap that is missing once, and a column nobody asked for."""
    times = pd.date_range(f"{day} 09:30", periods=rows, freq=step)
    base = [120 + n * 0.01 for n in range(rows)]
    by = lambda off: [round(b + off, 4) for b in base]  # prices are decimals, kept to 1e-9
    return pd.DataFrame({
        names[0]: times, "open": by(0), "high": by(0.05), "low": by(-0.05), "close": by(0.01), "volume": [(n * 7919) % 50000 + 100 for n in range(rows)],
        names[1]: [None if n == 3 else b for n, b in enumerate(by(0.002))], names[2]: [n % 90 + 1 for n in range(rows)],
    })


def listing(pd):
    return pd.DataFrame({
        "ticker": pd.Series(["AAPL", "T", None, "GOOGL"] * 50), "tries": range(200), "gap": [1.5, None, -2.0, 0.25] * 50,
        "ok": [True, False, False, True] * 50, "seen": pd.date_range("2025-07-29 09:30:00.5", periods=200, freq="37min"),
        "kind": pd.Categorical(["a", "b", "b", "a"] * 50), "note": ["", "a,b", "\u00e9", "0012"] * 50,
    })


def run(program, source, root, code):
    done = subprocess.run([program, "import", source, "--root", root, "--backup", "", "--json"], capture_output=True, text=True)
    check(done.returncode == code, f"import ends with {done.returncode}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


def same_bars(pd, path, expected, names):
    got = pd.read_parquet(path)
    check(got.index.name == "datetime" and str(got.index.dtype) == "datetime64[ns]", f"{path}: index {got.index}")
    want = expected.rename(columns=dict(zip(names, ("datetime", "wap", "count")))).set_index("datetime")
    check(sorted(got.columns) == sorted(want.columns), f"{path}: columns {list(got.columns)}")
    pd.testing.assert_frame_equal(got[list(want.columns)], want, check_dtype=False, check_freq=False,
                                  check_index_type=False, check_exact=True)


def series(program, pd, folder):
    source, root = os.path.join(folder, "bars"), os.path.join(folder, "root")
    os.makedirs(source)
    written = {}
    for n, codec in enumerate(CODECS):
        names = ("date", "average", "barCount") if n % 2 else ("datetime", "wap", "count")
        frame = bars(pd, f"2025-09-0{n + 2}", 390, "1min", names)
        frame.to_feather(os.path.join(source, f"AAPL_USUSD_1 min_2025-09-0{n + 2}.ftr"), compression=codec)
        written[f"2025-09-0{n + 2}"] = (frame, names)
    names = written["2025-09-02"][1]
    parquet = bars(pd, "2025-09-05", 390, "1min", names)
    parquet.set_index("datetime").to_parquet(os.path.join(source, "AAPL_USUSD_1 min_2025-09-05.ftr"))
    written["2025-09-05"] = (parquet, names)
    hours = [bars(pd, f"2025-09-{day:02}", 7, "1h", names) for day in range(1, 31)]
    for day, frame in enumerate(hours, 1):
        frame.assign(extra=1).to_feather(os.path.join(source, f"AAPL_USUSD_1 hour_2025-09-{day:02}.ftr"))
    report = run(program, source, root, 0)
    check((report["files_successful"], report["total_rows_migrated"]) == (34, 4 * 390 + 210), f"report {report}")
    check(report["columns_left_out"] == 30, f"report {report}")
    for day, (frame, names) in written.items():
        same_bars(pd, os.path.join(root, f"parquet_data/AAPL/1 min/2025/09/AAPL_1_min_{day}.parquet"), frame, names)
    month = os.path.join(root, "parquet_data/AAPL/1 hour/2025/AAPL_1_hour_2025-09.parquet")
    same_bars(pd, month, pd.concat(hours), names)
    before = open(month, "rb").read()
    run(program, source, root, 0)
    check(open(month, "rb").read() == before, "a second import of the same files changes nothing")
    print("ok pandas: bars of lz4, zstd and plain Feather and of Parquet called .ftr are equal, thirty days one month")


def lists(program, pd, folder):
    source, root = os.path.join(folder, "lists"), os.path.join(folder, "root")
    os.makedirs(source)
    frame = listing(pd)
    for codec, name in zip(CODECS, ("failed", "downloadable", "warrior_trades")):
        frame.to_feather(os.path.join(source, f"{name}.feather"), compression=codec)
    report = run(program, source, root, 0)
    check((report["files_successful"], report["total_rows_migrated"]) == (3, 600), f"report {report}")
    want = frame.astype({"kind": object})
    for kind in ("failed", "downloadable", "warrior"):
        got = pd.read_parquet(os.path.join(root, f"metadata_tables/{kind}_latest.parquet"))
        check(list(got.columns) == list(want.columns), f"{kind}: columns {list(got.columns)}")
        for column in want.columns:
            a, b = got[column].tolist(), want[column].tolist()
            check(all(x == y or (pd.isna(x) and pd.isna(y)) for x, y in zip(a, b)), f"{kind}: {column} differs")
    print("ok pandas: lists of text, numbers, flags, times and categories are equal")


def refusals(program, pd, folder):
    import pyarrow as pa
    import pyarrow.feather as feather
    source, root = os.path.join(folder, "bad"), os.path.join(folder, "bad-root")
    os.makedirs(source)
    good = bars(pd, "2025-09-02", 50, "1min", ("datetime", "wap", "count"))
    good.to_feather(os.path.join(source, "GOOD_1 min_2025-09-02.ftr"))
    zoned = good.assign(datetime=good["datetime"].dt.tz_localize("America/New_York"))
    zoned.to_feather(os.path.join(source, "ZONE_1 min_2025-09-02.ftr"))
    good.drop(columns="close").to_feather(os.path.join(source, "PART_1 min_2025-09-02.ftr"))
    torn = os.path.join(source, "TORN_1 min_2025-09-02.ftr")
    good.to_feather(torn)
    bytes_ = bytearray(open(torn, "rb").read())
    for at in range(len(bytes_) // 3, len(bytes_) // 3 + 64):
        bytes_[at] ^= 0xff
    open(torn, "wb").write(bytes_)
    nested = pa.table({"ticker": ["A", "B"], "deal": pa.array([{"x": 1}, {"x": 2}])})
    feather.write_feather(nested, os.path.join(source, "failed.feather"))
    report = run(program, source, root, 1)
    check((report["files_successful"], report["files_failed"]) == (1, 4), f"report {report}")
    reasons = {os.path.basename(e["file"]): e["error"] for e in report["errors"]}
    for name, word in (("ZONE_1 min_2025-09-02.ftr", "has a zone"), ("PART_1 min_2025-09-02.ftr", "no column close"),
                       ("TORN_1 min_2025-09-02.ftr", "TORN"), ("failed.feather", "deal")):
        check(word in reasons[name], f"{name}: {reasons[name]}")
        print("  refused:", reasons[name].replace(folder, "..."))
    check(os.listdir(os.path.join(root, "parquet_data")) == ["GOOD"] and not os.path.exists(os.path.join(root, "metadata_tables")),
          "nothing of a refused file is published")
    print("ok tapedeck: zones, missing columns, damage and nested columns are refused by name, the rest goes on")


def main():
    program, work = sys.argv[1], sys.argv[2]
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv", ["pandas", "pyarrow"], ["pyarrow", "pandas"])
    import pandas as pd
    folder = os.path.join(work, "import")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    series(program, pd, folder)
    lists(program, pd, folder)
    refusals(program, pd, folder)


main()
