#!/usr/bin/env python3
"""tests/interop/features_interop.py TAPEDECK WORK - pandas computes features of bars by itself, over bars with gaps and a slower
frame by resampling and an as-of join; `features run` must give the same.

WORK is a folder for files and a virtual environment. Ends with 77 (skipped) when pandas can be neither found nor installed.
"""
import datetime
import json
import os
import random
import subprocess
import sys

import packages

packages.ensure(sys.argv[2], "venv", ["pandas", "numpy", "pyarrow"], ["pandas", "numpy", "pyarrow"])
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

NAMES = ("return_1 return_5 return_15 log_return_1 gap body bar_range bar_place over_high_20 over_low_20 width_20 vol_close_20 "
         "vol_close_60 vol_parkinson_20 vol_garman_klass_20 over_sma_20 sma_5_over_20 bb_place volume_ratio_20 rvol_20 volume_spike "
         "vol_ratio other_ratio other_corr_60 other_beta_60 relative_strength_20 hour minute weekday from_open to_close "
         "regime_breakout return_1@15 over_sma_20@60 return_1@1440").split()


def make_bars(seed, share):
    random.seed(seed)
    rows, price = [], 100.0
    for d in range(12):
        day = datetime.date(2026, 3, 4) + datetime.timedelta(days=d)  # the clocks change on the 8th
        for i in range(78 if day.weekday() < 5 else 0):
            at = datetime.datetime.combine(day, datetime.time(9, 30)) + datetime.timedelta(minutes=5 * i)
            o = round(price + random.uniform(-0.1, 0.1), 2)
            c = round(max(o + random.uniform(-0.5, 0.5), 5), 2)
            h, l = round(max(o, c) + random.uniform(0.01, 0.3), 2), round(min(o, c) - random.uniform(0.01, 0.3), 2)
            price = c
            if random.random() < share:
                rows.append((at, o, h, l, c, random.randint(1000, 6000)))
    return pd.DataFrame(rows, columns=["datetime", "open", "high", "low", "close", "volume"])


def slow(bars, minutes, compute):
    """A value of a slower frame at each bar: the newest whose own bar ended by the end of this one."""
    key = bars.datetime.dt.floor(f"{minutes}min") if minutes < 1440 else bars.datetime.dt.normalize()
    grouped = bars.groupby(key)
    s = pd.DataFrame({"close": grouped.close.last()})
    session_end = s.index.normalize() + pd.Timedelta(hours=16)
    end = s.index + pd.Timedelta(minutes=minutes)
    s["end"] = np.minimum(end, session_end).astype("datetime64[ns]")
    s["value"] = compute(s.close)
    left = pd.DataFrame({"end": (bars.datetime + pd.Timedelta(minutes=5)).astype("datetime64[ns]")})
    return pd.merge_asof(left, s[["end", "value"]].reset_index(drop=True), on="end").value.to_numpy()


def expected(b, other):
    o, h, l, c, v = b.open, b.high, b.low, b.close, b.volume
    lr = np.log(c / c.shift())
    orr, cr = other / other.shift() - 1, c / c.shift() - 1
    high, low = h.rolling(20).max(), l.rolling(20).min()
    gk = 0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
    sma = c.rolling(20).mean()
    dev = c.rolling(20).std(ddof=0)
    rvol = v / v.shift().rolling(20).mean()
    start = b.datetime.dt.normalize()
    e = {f"return_{n}": c / c.shift(n) - 1 for n in (1, 5, 15)}
    e |= {
        "log_return_1": lr, "gap": o / c.shift() - 1, "body": c / o - 1, "bar_range": (h - l) / c, "bar_place": (c - l) / (h - l),
        "over_high_20": c / high - 1, "over_low_20": c / low - 1, "width_20": high / low - 1,
        "vol_close_20": lr.rolling(20).std(ddof=0), "vol_close_60": lr.rolling(60).std(ddof=0),
        "vol_ratio": lr.rolling(20).std(ddof=0) / lr.rolling(60).std(ddof=0),
        "vol_parkinson_20": np.sqrt((np.log(h / l) ** 2).rolling(20).mean() / (4 * np.log(2))),
        "vol_garman_klass_20": np.sqrt(gk.rolling(20).mean()),
        "over_sma_20": c / sma - 1, "sma_5_over_20": c.rolling(5).mean() / sma - 1, "bb_place": (c - (sma - 2 * dev)) / (4 * dev),
        "volume_ratio_20": v / v.rolling(20).mean(), "rvol_20": rvol, "volume_spike": (rvol > 2).where(rvol.notna()).astype(float),
        "other_ratio": c / other, "other_corr_60": lr.rolling(60).corr(np.log(other / other.shift())),
        "other_beta_60": cr.rolling(60).cov(orr) / orr.rolling(60).var(),
        "relative_strength_20": (c / c.shift(20)) - (other / other.shift(20)),
        "hour": b.datetime.dt.hour, "minute": b.datetime.dt.minute, "weekday": b.datetime.dt.day_of_week,
        "from_open": (b.datetime - start).dt.total_seconds() / 60 - 570,
        "to_close": 960 - 5 - (b.datetime - start).dt.total_seconds() / 60,
        "regime_breakout": (c > high.shift()).where(high.shift().notna()).astype(float),
        "return_1@15": slow(b, 15, lambda s: s / s.shift() - 1),
        "over_sma_20@60": slow(b, 60, lambda s: s / s.rolling(20).mean() - 1),
        "return_1@1440": slow(b, 1440, lambda s: s / s.shift() - 1),
    }
    return e


def books_agree(tapedeck, folder):
    """A recording of books, one of them crossed: the features of the book by plain arithmetic over its lists."""
    random.seed(9)
    path = os.path.join(folder, "2026-03-09_snapshots_143000.parquet")
    start, rows, mid = pd.Timestamp("2026-03-09T14:30:00.05Z"), [], 10000
    for i in range(400):
        mid += random.choice((-1, 0, 0, 1))
        gap = 0 if i == 100 else random.choice((1, 2))
        bids, asks = [(mid - k) / 100 for k in range(10)], [(mid + gap + k) / 100 for k in range(10)]
        sizes = [[random.randint(1, 900) for _ in range(10)] for _ in range(2)]
        at = (start + pd.Timedelta(milliseconds=100 * i)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        rows.append((at, bids, sizes[0], asks, sizes[1]))
    table = pd.DataFrame(rows, columns=["timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes"])
    table["mid_price"] = [(r[1][0] + r[3][0]) / 2 for r in rows]
    table["spread"] = [r[3][0] - r[1][0] for r in rows]
    table.to_parquet(path, index=False)
    done = subprocess.run([tapedeck, "features", "run", "micro", "--in", path, "--calendar", "none", "--json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours, bad, flow = json.loads(done.stdout), 0, 0.0
    for i, (_, b, qb, a, qa) in enumerate(rows):
        crossed = b[0] >= a[0]
        after_bad = i == 0 or rows[i - 1][1][0] >= rows[i - 1][3][0]
        weight = [1 / (k + 1) for k in range(10)]
        if (50 + 100 * i) // 1000 != (50 + 100 * (i - 1)) // 1000 or i == 0:
            flow = 0.0
        if not crossed and not after_bad:
            _, pb, pqb, pa, pqa = rows[i - 1]
            flow += (b[0] >= pb[0]) * qb[0] - (b[0] <= pb[0]) * pqb[0] - (a[0] <= pa[0]) * qa[0] + (a[0] >= pa[0]) * pqa[0]
        expect = {
            "mid": (a[0] + b[0]) / 2, "spread": a[0] - b[0], "imb_l1": (qb[0] - qa[0]) / (qb[0] + qa[0]),
            "microprice": (b[0] * qa[0] + a[0] * qb[0]) / (qa[0] + qb[0]),
            "depth_imb": sum(w * (x - y) for w, x, y in zip(weight, qb, qa)) / sum(w * (x + y) for w, x, y in zip(weight, qb, qa)),
            "ofi": flow,
        }
        for name, e in expect.items():
            v = ours[name][i]
            if crossed != (v is None) and not (name == "ofi" and after_bad):
                bad += 1
            elif v is not None and not (name == "ofi" and after_bad) and abs(v - e) > 1e-9 * max(1, abs(e)):
                bad += 1
                print(f"book {i}: {name} is {v}, expected {e}")
    assert all(v is None for name in ("cvd", "trade_rate_10", "cancel_rate", "vpin", "eff_spread") for v in ours[name]), "trades out of nothing"
    assert sum(v is not None for v in ours["ofi"]) > 390, "hardly any flow"
    print(f"features: books of a recording, {bad} values differ")
    return bad


def main(tapedeck, work):
    folder = os.path.join(work, "features")
    os.makedirs(folder, exist_ok=True)
    path, other_path, set_path = (os.path.join(folder, n) for n in ("bars.csv", "other.csv", "some.set"))
    out_path = os.path.join(folder, "out.parquet")
    bars, other = make_bars(5, 0.9), make_bars(6, 0.8)
    bars.to_csv(path, index=False)
    other.to_csv(other_path, index=False)
    with open(set_path, "w") as f:
        f.write("set some 1\n" + "\n".join(NAMES) + "\n")
    done = subprocess.run([tapedeck, "features", "run", set_path, "--in", path, "--other", other_path, "--out", out_path, "--json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = json.loads(done.stdout)
    joined = pd.merge_asof(bars[["datetime"]], other[["datetime", "close"]], on="datetime").close
    bad = 0
    for name, values in expected(bars, joined).items():
        a = np.array([np.nan if x is None else x for x in ours[name]], dtype=float)
        e = np.array(values, dtype=float)
        late = np.isnan(a) != np.isnan(e)
        wrong = ~(np.abs(a - e) <= 1e-9 * np.maximum(1, np.abs(e))) & ~np.isnan(e)
        if late.any() or wrong.any():
            bad += 1
            i = int(np.argmax(late | wrong))
            print(f"{name}: {int(late.sum())} of {len(a)} here or there alone, {int(wrong.sum())} differ; row {i}: {a[i]}, pandas {e[i]}")
    table = pd.read_parquet(out_path)
    for name in NAMES:
        a = np.array([np.nan if x is None else x for x in ours[name]], dtype=float)
        assert np.array_equal(a, table[name].to_numpy(), equal_nan=True), f"{name}: Parquet and JSON differ"
    assert list(table.columns) == ["bar", "time"] + NAMES, list(table.columns)
    at = bars.datetime.dt.tz_localize("America/New_York").dt.tz_convert("UTC").astype("datetime64[ns, UTC]")
    assert (table.time.astype("datetime64[ns, UTC]") == at).all(), "times differ"
    print(f"features: {len(NAMES)} features over {len(bars)} bars, {bad} differ from pandas")
    bad += books_agree(tapedeck, folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
