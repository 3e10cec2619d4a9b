#!/usr/bin/env python3
"""tests/interop/analyze_interop.py TAPEDECK SAMPLE WORK DATA - the analyzer's figures, computed once more from its input files.

Three days: one recorded here from the simulator, one backfilled from a vendor's file, and real order books (Binance futures, ES
of the CME) where DATA holds them. pyarrow reads the files, numpy makes the figures from docs/analyzer.md; no figure of the
report is left out. Ends with 77 (skipped) when the packages can be neither found nor installed.
"""
import bisect
import datetime
import gzip
import heapq
import json
import math
import os
import shutil
import subprocess
import sys

import packages

LAGS = (1, 5, 10, 50, 100)
GAP = 5 * 10**9
COLUMNS = ("timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes", "quality")


def check(condition, text):
    if not condition:
        print("FAIL", text)
        sys.exit(1)


# ---- the input, once more ----

def nanos(iso):
    second = datetime.datetime.fromisoformat(iso).replace(microsecond=0)
    return int(second.timestamp()) * 10**9 + int(iso[20:26] or 0) * 1000 if len(iso) > 19 else None


def load_rows(paths):
    import pyarrow.parquet as pq
    rows = []
    for path in paths:
        have = [c for c in COLUMNS if c in pq.read_schema(path).names]
        for r in pq.read_table(path, columns=have).to_pylist():
            lists = [json.loads(r[k]) if isinstance(r[k], str) else r[k]
                     for k in ("bid_prices", "bid_sizes", "ask_prices", "ask_sizes")]
            rows.append((nanos(r["timestamp"]), lists, r.get("quality") or 0))
    rows.sort(key=lambda r: r[0])
    return rows


def side(prices, sizes, sign):
    levels = {}
    for p, q in zip(prices, sizes):
        if p > 0 and q > 0:
            levels[p] = levels.get(p, 0) + q
    return sorted(levels.items(), key=lambda l: l[0] * sign)


def believed(rows, break_ns):
    """Segments of (time, bids, asks), and what was left out."""
    out, segment, last, left = [], [], None, dict(empty_side=0, crossed=0, locked=0, flag_gap=0, flag_stale=0)
    gaps = []
    for at, (bp, bq, ap, aq), quality in rows:
        if last is not None and at - last > break_ns:
            gaps.append((last, at))
            segment = []
        last = at
        bids, asks = side(bp, bq, -1), side(ap, aq, 1)
        wrong = dict(empty_side=not bids or not asks, flag_gap=bool(quality & 16), flag_stale=bool(quality & 32),
                     crossed=bool(bids and asks and bids[0][0] > asks[0][0]),
                     locked=bool(bids and asks and bids[0][0] == asks[0][0]))
        for key, is_so in wrong.items():
            left[key] += is_so
        if any(wrong.values()):
            segment = []
            continue
        if not segment:
            out.append(segment)
        segment.append((at, bids, asks))
    return out, left, gaps


# ---- the figures, once more ----

def rank(values, q):
    v = sorted(values)
    return v[max(1, math.ceil(q * len(v))) - 1] if v else None


class Rank:
    """A quantile that may be off by 1/512 of itself."""

    def __init__(self, value, exact=False):
        self.value, self.exact = value, exact


def distribution(v, exact=False):
    if not v:
        return {k: None for k in ("min", "p05", "median", "p95", "p99", "max", "mean")}
    return dict(min=min(v), max=max(v), mean=sum(v) / len(v), **{
        k: Rank(rank(v, q), exact) for k, q in (("p05", .05), ("median", .5), ("p95", .95), ("p99", .99))})


def spans(v):
    return dict(median_seconds=Rank(rank(v, .5)), p95_seconds=Rank(rank(v, .95)))


def flow(a, b):
    """e of the levels that both books have on both sides."""
    out = []
    for k in range(min(10, len(a[1]), len(a[2]), len(b[1]), len(b[2]))):
        (pb0, qb0), (pa0, qa0), (pb, qb), (pa, qa) = a[1][k], a[2][k], b[1][k], b[2][k]
        out.append((qb if pb >= pb0 else 0) - (qb0 if pb <= pb0 else 0) - (qa if pa <= pa0 else 0) + (qa0 if pa >= pa0 else 0))
    return out


def correlation(x, y):
    import numpy as np
    if len(x) < 3 or np.std(x) < 1e-12 or np.std(y) < 1e-12:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def shocks(times, values, begins, goal, is_back):
    begun = back = lost = 0
    took, since, want = [], None, None
    for i in range(1, len(values)):
        if since is not None:
            if times[i] - since > 60 * 10**9:
                lost, since = lost + 1, None
            elif is_back(values[i], want):
                took.append((times[i] - since) / 1e9)
                back, since = back + 1, None
        elif begins(values[i - 1], values[i]):
            begun, since, want = begun + 1, times[i], goal(values[i - 1])
    return begun, back, lost, since is not None, took


def profile(rows, names, divide, bucket):
    """rows: (price, amount, amount). Prices share buckets when there are more than 1536: of the width the report tells."""
    levels = {}
    exact = {round(p * 1e9) for p, _, _ in rows}
    keys = sorted(exact)
    tick = min((b - a for a, b in zip(keys, keys[1:])), default=0)
    width = 1
    if len(exact) >= 1536:
        width = round(bucket * 1e9)
        check(width > tick and math.log2(width / tick).is_integer(), f"buckets of {width} at a tick of {tick}")
    for p, a, b in rows:
        x = levels.setdefault(round(p * 1e9) // width * width, [0, 0])
        x[0] += a
        x[1] += b
    if not levels:
        return None
    keys = sorted(levels)
    sums = [sum(levels[k]) for k in keys]
    lo = hi = sums.index(max(sums))
    held, want, point = sums[lo], sum(sums) * 0.7, keys[lo]
    while held < want:
        below = sums[lo - 1] if lo else -1
        above = sums[hi + 1] if hi + 1 < len(sums) else -1
        if above >= below:
            hi += 1
            held += sums[hi]
        else:
            lo -= 1
            held += sums[lo]
    tick = max(tick, width) if tick else None
    return {"bucket": tick and tick / 1e9, "point_of_control": point / 1e9, "value_area_low": keys[lo] / 1e9,
            "value_area_high": keys[hi] / 1e9,
            names[2]: sum(levels[k][0] for k in keys) / divide, names[3]: sum(levels[k][1] for k in keys) / divide,
            "levels": [{"price": k / 1e9, names[0]: levels[k][0] / divide, names[1]: levels[k][1] / divide} for k in keys]}


def regression(segments):
    xs, ys = [], []
    for s in segments:
        current, start, total = s[0][0] // 10**10, None, 0.0
        for a, b in zip(s, s[1:]):
            if b[0] // 10**10 != current:
                mid = (a[1][0][0] + a[2][0][0]) / 2
                if start is not None:
                    xs.append(total)
                    ys.append(mid - start)
                current, start, total = b[0] // 10**10, mid, 0.0
            total += flow(a, b)[0]
    return xs, ys


def persistence(segments, imbalances):
    import numpy as np
    flat = [x for seg in imbalances for x in seg]
    seconds = heavy = light = 0.0
    runs, cut, pairs = [], 0, {k: ([], []) for k in LAGS}
    for seg, imb in zip(segments, imbalances):
        for i in range(1, len(seg)):
            dt = (seg[i][0] - seg[i - 1][0]) / 1e9
            seconds += dt
            heavy += dt if imb[i - 1] > 0 else 0
            light += dt if imb[i - 1] < 0 else 0
        for k in LAGS:
            pairs[k][0].extend(imb[k:])
            pairs[k][1].extend(imb[:-k] if len(imb) > k else [])
        since, sign = seg[0][0], np.sign(imb[0])
        for row, x in zip(seg[1:], imb[1:]):
            if np.sign(x) != sign:
                if sign:
                    runs.append((row[0] - since) / 1e9)
                since, sign = row[0], np.sign(x)
        cut += sign != 0
    tilt = []
    for seg in segments:
        for _, ((pb, qb), *_), ((pa, qa), *_) in seg:
            tilt.append(((pb * qa + pa * qb) / (qa + qb) - (pa + pb) / 2) / (pa - pb))
    return {"mean": float(np.mean(flat)), "sd": float(np.std(flat, ddof=1)) if len(flat) > 1 else None,
            "bid_heavy_share_of_time": heavy / seconds if seconds else None,
            "ask_heavy_share_of_time": light / seconds if seconds else None,
            "microprice_offset_in_spreads": float(np.mean(tilt)),
            "autocorrelation": [{"lag_snapshots": k, "pairs": len(pairs[k][0]), "value": correlation(*pairs[k])} for k in LAGS],
            "runs_of_one_sign": {"runs": len(runs), "cut_by_a_gap": cut, **spans(runs)}}


def expect_books(rows, break_ns, bucket):
    import numpy as np
    segments, left, gaps = believed(rows, break_ns)
    flat = [b for s in segments for b in s]
    spreads = [round((a[0][0] - b[0][0]) * 1e9) / 1e9 for _, b, a in flat]
    mids = [(a[0][0] + b[0][0]) / 2 for _, b, a in flat]
    half = [s / 2 / m * 1e4 for s, m in zip(spreads, mids)]
    depth = {"bid": [sum(q for _, q in b) for _, b, _ in flat], "ask": [sum(q for _, q in a) for _, _, a in flat]}
    imbalances = [[(sum(q for _, q in b) - sum(q for _, q in a)) / (sum(q for _, q in b) + sum(q for _, q in a))
                   for _, b, a in s] for s in segments]
    near = [(sum(q for p, q in b if b[0][0] - p <= m * .01) + sum(q for p, q in a if p - a[0][0] <= m * .01)) / 2
            for (_, b, a), m in zip(flat, mids)]
    flows = [flow(x, y) for s in segments for x, y in zip(s, s[1:])]
    weighted = [(sum((s[i + 1][0] - s[i][0]) * (s[i][2][0][0] - s[i][1][0][0]) for i in range(len(s) - 1)),
                 s[-1][0] - s[0][0]) for s in segments]
    levels = []
    for k in range(10):
        row = {"level": k + 1}
        for name, which in (("bid", 1), ("ask", 2)):
            have = [(b[which][k], m) for b, m in zip(flat, mids) if len(b[which]) > k]
            row[name] = dict(snapshots=len(have), mean_size=np.mean([q for (_, q), _ in have]) if have else None,
                             mean_distance_to_mid=np.mean([abs(p - m) for (p, _), m in have]) if have else None)
        if row["bid"]["snapshots"] + row["ask"]["snapshots"]:
            levels.append(row)
    flow_levels = []
    for k in range(10):
        e = [f[k] for f in flows if len(f) > k]
        if e:
            flow_levels.append(dict(level=k + 1, pairs=len(e), sum=sum(e), mean=np.mean(e), mean_absolute=np.mean(np.abs(e))))
    xs, ys = regression(segments)
    r = correlation(xs, ys)
    slope = float(np.polyfit(xs, ys, 1)[0]) if len(xs) > 2 and np.std(xs) > 1e-12 else None
    total = {"spread": [0, 0, 0, 0, []], "depth": [0, 0, 0, 0, []]}
    for s in segments:
        times = [b[0] for b in s]
        series = [("spread", [round((a[0][0] - b[0][0]) * 1e9) for _, b, a in s], lambda x, y: y > x, lambda x: x, lambda v, w: v <= w)]
        series += [("depth", [sum(q for _, q in b[i]) for b in s], lambda x, y: y <= x / 2, lambda x: x * .9, lambda v, w: v >= w)
                   for i in (1, 2)]
        for name, *rest in series:
            for i, x in enumerate(shocks(times, *rest)):
                total[name][i] += x
    duration = (rows[-1][0] - rows[0][0]) / 60e9
    return {
        "data_summary": {"total_snapshots": len(rows), "duration_minutes": duration},
        "order_flow_stats": dict(avg_spread_bps=np.mean(half), avg_volume_imbalance=np.mean(sum(imbalances, [])),
                                 price_volatility=np.std(mids, ddof=1), avg_bid_volume=np.mean(depth["bid"]),
                                 avg_ask_volume=np.mean(depth["ask"])),
        "spread": dict(distribution(spreads, True), half_spread_bps=distribution(half),
                       time_weighted_mean=sum(w[0] for w in weighted) / sum(w[1] for w in weighted)),
        "depth": {"bid": distribution(depth["bid"]), "ask": distribution(depth["ask"]), "levels": levels},
        "order_flow_imbalance": {"pairs": len(flows), "sum": sum(f[0] for f in flows), "levels": flow_levels},
        "price_impact": {"mean_size_within_1_percent": np.mean(near), "interval_seconds": 10, "intervals": len(xs),
                         "price_change_per_unit_of_ofi": slope, "r_squared": r and r * r},
        "resiliency": {k: dict(episodes=v[0], recovered=v[1], not_within_60_seconds=v[2], cut_by_a_gap=v[3], **spans(v[4]))
                       for k, v in total.items()},
        "imbalance_persistence": persistence(segments, imbalances),
        "quality": dict(snapshots=len(rows), used=len(flat), segments=len(segments),
                        **{"left_out_" + k: v for k, v in left.items()},
                        gaps=None if break_ns > 10**17 else dict(
                            count=len(gaps), total_seconds=sum(b - a for a, b in gaps) / 1e9,
                            longest_seconds=max((b - a for a, b in gaps), default=0) / 1e9)),
        "resting": profile([(p, q, 0) for _, b, _ in flat for p, q in b] + [(p, 0, q) for _, _, a in flat for p, q in a],
                           ("bid_size", "ask_size", "bid_total", "ask_total"), len(flat), bucket),
    }


def expect_events(path, bucket):
    import pyarrow.parquet as pq
    rows = pq.read_table(path, columns=["action", "side", "price", "size"]).to_pylist()
    trades = [r for r in rows if r["action"] == "trade"]
    out = {"total": len(rows), "trades": {}}
    for action in ("add", "change", "delete", "trade", "fill", "clear", "unknown"):
        out[action] = sum(r["action"] == action for r in rows)
    for key, letter in (("bought", "B"), ("sold", "S"), ("side_not_told", "U")):
        mine = [r["size"] for r in trades if r["side"] == letter]
        out["trades"][key] = len(mine)
        out["trades"][key + "_volume"] = sum(mine)
    share = {"B": (1, 0), "S": (0, 1), "U": (.5, .5)}
    traded = profile([(r["price"], r["size"] * share[r["side"]][0], r["size"] * share[r["side"]][1]) for r in trades],
                     ("bought", "sold", "bought_total", "sold_total"), 1, bucket)
    return out, traded


def expect_spoofing(paths):
    messages = sorted((m for p in paths for m in json.load(open(p))), key=lambda m: nanos(m["timestamp"]))
    gone, times, cents = {}, [nanos(m["timestamp"]) for m in messages], [round(m["price"] * 1e9) for m in messages]
    for i, m in enumerate(messages):
        if m["operation"] == "remove":
            gone.setdefault((m["side"], m["level"]), []).append(i)
    found = []
    for i, m in enumerate(messages):
        if m["operation"] != "add" or m.get("image") or not m["price"] > 0:
            continue
        ours = gone.get((m["side"], m["level"]), [])
        for n in range(bisect.bisect(ours, i), len(ours)):
            k = ours[n]
            took = (times[k] - times[i]) / 1e9
            if took >= 10 or abs(cents[k] - cents[i]) <= 10**7:
                if took < 10:
                    found.append(dict(timestamp=m["timestamp"], side=m["side"], level=m["level"], price=m["price"], size=m["size"],
                                      removal_time=messages[k]["timestamp"], duration_seconds=took, type="quick_removal"))
                break
    hours = (times[-1] - times[0]) / 3.6e12
    return dict(total_events=len(found), events_per_hour=len(found) / hours, events=found[:10], messages=len(messages))


# ---- comparing ----

compared = 0


def same(got, want, where):
    global compared
    if isinstance(want, dict):
        for key, value in want.items():
            check(isinstance(got, dict) and key in got, f"{where}.{key} is not in the report")
            same(got[key], value, f"{where}.{key}")
    elif isinstance(want, list):
        check(isinstance(got, list) and len(got) == len(want), f"{where}: {len(got)} entries, {len(want)} expected")
        for i, (a, b) in enumerate(zip(got, want)):
            same(a, b, f"{where}[{i}]")
    elif isinstance(want, Rank):
        compared += 1
        bound = 0 if want.value is None else abs(want.value) * (1e-12 if want.exact else 1 / 512) + 1e-9
        check((got is None) == (want.value is None) and (got is None or abs(got - want.value) <= bound),
              f"{where}: {got} is not {want.value}")
    elif isinstance(want, (bool, str)) or want is None or got is None:
        compared += 1
        check(got == want, f"{where}: {got} is not {want}")
    else:
        compared += 1
        check(abs(got - want) <= 1e-9 * max(abs(got), abs(want)) + 1e-10, f"{where}: {got} is not {want}")


def analyze(tapedeck, folder, symbol, day, work):
    out = os.path.join(work, "report.json")
    done = subprocess.run([tapedeck, "analyze", "--data-dir", folder, "--symbol", symbol, "--date", day, "--output", out],
                          capture_output=True, text=True, env=dict(os.environ, LOGS_PATH=os.path.join(work, "logs")))
    check(done.returncode == 0, f"analyze: {done.returncode} {done.stdout} {done.stderr}")
    return json.load(open(out))


def compare(tapedeck, work, folder, symbol, day, paths, break_ns, name, events=None, messages=()):
    report = analyze(tapedeck, folder, symbol, day, work)
    profiles = report["volume_profile"]
    want = expect_books(load_rows(paths), break_ns, profiles["resting"]["bucket"])
    resting = want.pop("resting")
    same(report, want, name)
    same(profiles["resting"], resting, name + ".resting")
    if events:
        counted, traded = expect_events(events, profiles["traded"]["bucket"])
        same(report["events"], counted, name + ".events")
        same(profiles["traded"], traded, name + ".traded")
    if messages:
        same(report["spoofing_analysis"], expect_spoofing(messages), name + ".spoofing")
    print(f"ok {name}: {report['quality']['used']} of {report['quality']['snapshots']} snapshots, "
          f"{len(report['unavailable'])} figures null with a reason; {compared} values equal so far")
    return report


# ---- the days ----

def recorded_day(tapedeck, work):
    folder = os.path.join(work, "demo")
    os.makedirs(folder)
    env = dict(os.environ, LOGS_PATH=os.path.join(folder, "logs"), TAPEDECK_STATE=os.path.join(folder, "state"))
    sim = subprocess.Popen([tapedeck, "sim", "--port", "0", "--json", "--data", "none", "--seed", "7", "--symbols", "AAPL"],
                           cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = str(json.loads(sim.stdout.readline())["port"])
        for levels in ("10", "5"):
            done = subprocess.run([tapedeck, "record", "--symbol", "AAPL", "--port", port, "--levels", levels, "--interval", "50",
                                   "--duration", "0.1", "--output", "level2"], cwd=folder, env=env, capture_output=True, timeout=120)
            check(done.returncode == 0, f"record: {done.stderr}")
    finally:
        sim.terminate()
        sim.wait(30)
    at = os.path.join(folder, "level2", "AAPL")
    names = sorted(os.listdir(at))
    paths = [os.path.join(at, n) for n in names if "_snapshots_" in n]
    messages = [os.path.join(at, n) for n in names if "_messages_" in n]
    check(len(paths) == 2 and len(messages) == 2, f"two sessions are expected: {names}")
    day = os.path.basename(paths[0])[:10]
    compare(tapedeck, work, os.path.join(folder, "level2"), "AAPL", day, paths, GAP, "recorded", None, messages)


def backfill(tapedeck, folder, symbol, day, **settings):
    env = dict(os.environ, **settings, VENDOR_FILES=os.path.join(folder, "vendor"), ML_BASE_PATH=os.path.join(folder, "base"),
               LOGS_PATH=os.path.join(folder, "logs"))
    done = subprocess.run([tapedeck, "backfill", "--vendor", "files", "--date", day, "--symbol", symbol, "--no-fetch-bars", "--strict"],
                          env=env, cwd=folder, capture_output=True, text=True)
    check(done.returncode == 0, f"backfill: {done.stdout} {done.stderr}")
    return os.path.join(folder, "base", "Level2", symbol, day)


def backfilled_day(tapedeck, sample, work):
    folder = os.path.join(work, "backfill")
    os.makedirs(folder)
    subprocess.run([sample, os.path.join(folder, "vendor")], check=True)
    stem = backfill(tapedeck, folder, "MSFT", "2025-03-10")
    compare(tapedeck, work, os.path.join(folder, "base"), "MSFT", "2025-03-10", [stem + "_book_databento.parquet"], 10**18,
            "backfilled", stem + "_snapshots_databento.parquet")


def futures_day(tapedeck, work, data):
    """Two seconds of ES, order by order, as a backfill makes ten levels of them."""
    folder = os.path.join(work, "futures")
    os.makedirs(os.path.join(folder, "vendor", "ES"))
    shutil.copyfile(os.path.join(data, "dbn", "nautilus", "order_book_deltas_catalog",
                                 "orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst"),
                    os.path.join(folder, "vendor", "ES", "2024-05-07.mbo.dbn.zst"))
    window = "19:59-20:01"
    stem = backfill(tapedeck, folder, "ES", "2024-05-07", DATABENTO_SCHEMA="mbo", DATABENTO_DATASET="GLBX.MDP3",
                    L2_BACKFILL_WINDOW_ET=window, L2_TRADING_WINDOW_ET=window)
    compare(tapedeck, work, os.path.join(folder, "base"), "ES", "2024-05-07", [stem + "_book_databento.parquet"], 10**18,
            "ES of the CME", stem + "_snapshots_databento.parquet")


def write_original(path, rows, as_text):
    """Snapshots as the original recorder wrote them: snappy, five columns, lists of double and int64, or their text."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    columns = list(zip(*rows))
    kinds = [pa.string()] + [pa.list_(pa.float64()), pa.list_(pa.int64())] * 2
    if as_text:
        columns = [columns[0]] + [[json.dumps(x) for x in c] for c in columns[1:]]
        kinds = [pa.string()] * 5
    names = ("timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes")
    pq.write_table(pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds)}), path, compression="snappy")


def crypto_day(tapedeck, work, data):
    """A recorded stream of Binance futures, its book every 100 ms; sizes in 0.001 BTC."""
    source = os.path.join(data, "l2", "hftbacktest", "usdm", "btcusdt_20240808.gz")
    book, rows, due, messages = {"b": {}, "a": {}}, [], 0, []
    for line in gzip.open(source, "rt"):
        stamp, text = line.split(" ", 1)
        update = json.loads(text).get("data", {})
        if update.get("e") != "depthUpdate":
            continue
        at = int(stamp)
        if at >= due and book["b"] and book["a"]:
            bids, asks = heapq.nlargest(20, book["b"].items()), heapq.nsmallest(20, book["a"].items())
            iso = datetime.datetime.fromtimestamp(at // 10**9, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
            rows.append((f"{iso}.{at % 10**9 // 1000:06d}+00:00", [p for p, _ in bids], [q for _, q in bids],
                         [p for p, _ in asks], [q for _, q in asks]))
            due = at + 10**8
        for key in "ba":
            for p, q in update[key]:
                size = round(float(q) * 1000)
                if (float(p) in book[key]) != (size > 0) and len(rows) > 20:
                    messages.append(dict(timestamp=rows[-1][0], operation="add" if size else "remove", side="bid" if key == "b" else "ask",
                                         level=0, price=float(p), size=size, symbol="BTC"))
                if size:
                    book[key][float(p)] = size
                else:
                    book[key].pop(float(p), None)
    check(len(rows) > 1000, f"only {len(rows)} snapshots of {source}")
    third = len(rows) // 3
    for i, as_text in enumerate((False, True, False)): # three sessions; the second one as text, its rows in a wrong order
        folder = os.path.join(work, "crypto", "BTC")
        os.makedirs(folder, exist_ok=True)
        part = rows[i * third:(i + 1) * third]
        write_original(os.path.join(folder, f"2024-08-08_snapshots_0{i}0000.parquet"), part[::-1] if as_text else part, as_text)
    with open(os.path.join(folder, "2024-08-08_messages_000000.json"), "w", encoding="utf-8") as f:
        json.dump(messages, f, indent=2)
    names = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if "_snapshots_" in n]
    report = compare(tapedeck, work, os.path.join(work, "crypto"), "BTC", "2024-08-08", names, GAP, "Binance futures", None,
                     [os.path.join(folder, "2024-08-08_messages_000000.json")])
    check(report["quality"]["put_in_order"] == third - 1, "rows in a wrong order are not told")


def main():
    tapedeck, sample, work, data = (os.path.abspath(p) for p in sys.argv[1:5])
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv", ["numpy", "pyarrow"], ["pyarrow", "numpy"])
    work = os.path.join(work, "analyze")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    recorded_day(tapedeck, work)
    backfilled_day(tapedeck, sample, work)
    if os.path.isdir(os.path.join(data, "l2")):
        futures_day(tapedeck, work, data)
        crypto_day(tapedeck, work, data)
    else:
        print(f"SKIPPED WITHIN: real order books: {data} is not there")


main()
