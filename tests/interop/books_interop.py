#!/usr/bin/env python3
"""tests/interop/books_interop.py TAPEDECK WORK DATA - every feature of book and trades, once more, on recorded books.

ES of the CME order by order and at its best prices (Databento files), and two streams of Binance (snapshots every 100 ms with a
table of trades). The figures are made here from their definitions, slowly: each value anew from the events behind it. `features
run` must give the same, row by row, missing values included. WORK is a folder for files and a virtual environment. Ends with 77
(skipped) when pyarrow can be neither found nor installed, or DATA is not there.
"""
import bisect
import gzip
import heapq
import json
import math
import os
import struct
import subprocess
import sys
from fractions import Fraction

import packages

SECOND = 10**9
UNDEF = (1 << 63) - 1
NAN = math.nan


# ---- events: ("book", at, bids, asks, raw sizes) and ("trade", at, price, size); sides are lists of (price, size), best first ----

def unpack(path):
    import pyarrow as pa
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as f:
        data = f.read()
    assert data[:3] == b"DBN", path
    at = 8 + struct.unpack_from("<I", data, 4)[0]
    while at < len(data):
        yield data[at:at + 4 * data[at]]
        at += 4 * data[at]


class Orders:
    """A book order by order: A adds, C takes size off, M changes, R clears; T and F leave it as it is."""

    def __init__(self):
        self.orders, self.levels = {}, {"B": {}, "A": {}}

    def add(self, side, price, size):
        level = self.levels[side]
        level[price] = level.get(price, 0) + size
        if level[price] <= 0:
            del level[price]

    def apply(self, action, side, order, price, size):
        if action == "R":
            self.__init__()
        elif action == "A" and side in "BA":
            self.orders[order] = [side, price, size]
            self.add(side, price, size)
        elif action == "C" and order in self.orders:
            was = self.orders[order]
            self.add(was[0], was[1], -min(size, was[2]))
            was[2] -= size
            if was[2] <= 0:
                del self.orders[order]
        elif action == "M":
            if order in self.orders:
                was = self.orders.pop(order)
                self.add(was[0], was[1], -was[2])
            self.apply("A", side, order, price, size)

    def best(self):
        rows = (heapq.nlargest(10, self.levels["B"].items()), heapq.nsmallest(10, self.levels["A"].items()))
        return [[(p / 1e9, float(q)) for p, q in side] for side in rows]


def of_orders(path):
    book = Orders()
    for r in unpack(path):
        order, price, size, flags, _, action, side, recv = struct.unpack_from("<QqIBBccQ", r, 16)
        action, side = action.decode(), side.decode()
        book.apply(action, side, order, price, size)
        if action == "T":
            yield ("trade", recv, price / 1e9, float(size))
        if flags & 0x80:
            yield ("book", recv, *book.best())


def of_best(path):
    for r in unpack(path):
        price, size, action, _side, flags, _depth, recv = struct.unpack_from("<qIccBBQ", r, 16)
        if action == b"T":
            yield ("trade", recv, price / 1e9, float(size))
        if flags & 0x80:
            bid, ask, bid_size, ask_size = struct.unpack_from("<qqII", r, 48)
            yield ("book", recv, [(bid / 1e9, float(bid_size))] if bid != UNDEF else [],
                   [(ask / 1e9, float(ask_size))] if ask != UNDEF else [])


def of_stream(path, every):
    """A recorded stream: its book every 100 ms, when its time has come and before the update that tells so, and its trades."""
    book, due = {"b": {}, "a": {}}, 0
    for line in gzip.open(path, "rt"):
        stamp, text = line.split(" ", 1)
        at, message = int(stamp), json.loads(text)
        message = message.get("data", message)
        if message.get("e") == "trade" and float(message["p"]) > 0 and float(message["q"]) > 0:
            yield ("trade", at, float(message["p"]), float(message["q"]))
        if message.get("e") != "depthUpdate":
            continue
        if at >= due and book["b"] and book["a"]:
            yield ("book", at, heapq.nlargest(10, book["b"].items()), heapq.nsmallest(10, book["a"].items()))
            due = at + every
        for key in "ba":
            for p, q in message[key]:
                if float(q) > 0:
                    book[key][float(p)] = float(q)
                else:
                    book[key].pop(float(p), None)


# ---- the definitions ----

def good(bids, asks):
    return bool(bids and asks and bids[0][0] < asks[0][0])


def slope(x, y):
    """Least squares of y on x; 0 when x does not vary."""
    n = len(x)
    mx, my = math.fsum(x) / n, math.fsum(y) / n
    xx = math.fsum((a - mx)**2 for a in x)
    return math.fsum((a - mx) * (b - my) for a, b in zip(x, y)) / xx if xx > 0 and len(set(x)) > 1 else 0.0


def flow(was, now, k):
    """Order flow of level k between two books; a level that is missing anywhere has none."""
    if any(len(side) <= k for book in (was, now) for side in book[2:4]):
        return 0.0
    (pb0, qb0), (pa0, qa0), (pb, qb), (pa, qa) = was[2][k], was[3][k], now[2][k], now[3][k]
    return ((qb if pb >= pb0 else 0) - (qb0 if pb <= pb0 else 0) - (qa if pa <= pa0 else 0) + (qa0 if pa >= pa0 else 0))


def of_book(bids, asks, c):
    (pb, qb), (pa, qa) = bids[0], asks[0]
    mid = (pb + pa) / 2
    micro = (pb * qa + pa * qb) / (qa + qb)
    pairs = list(zip(bids, asks))  # a level that one side lacks is left out on both
    out = dict(mid=mid, spread=pa - pb, rel_spread=1e4 * (pa - pb) / mid, microprice=micro, micro_dev=(micro - mid) / (pa - pb),
               imb_l1=(qb - qa) / (qb + qa), depth=sum(q for _, q in bids) + sum(q for _, q in asks))
    out["depth_imb"] = (sum((b[1] - a[1]) / (k + 1) for k, (b, a) in enumerate(pairs)) /
                        sum((b[1] + a[1]) / (k + 1) for k, (b, a) in enumerate(pairs)))
    push = [sum(b[1] / (mid - b[0]) for b, _ in pairs), sum(a[1] / (a[0] - mid) for _, a in pairs)]
    out["book_pressure"] = (push[0] - push[1]) / (push[0] + push[1])
    if len(pairs) > 1:
        sides = []
        for rows in ([b for b, _ in pairs], [a for _, a in pairs]):
            total, sums = 0.0, []
            for _, q in rows:
                total += q
                sums.append(total)
            sides.append(slope([abs(p - mid) for p, _ in rows], sums))
        out["book_slope"] = sum(sides) / 2
    for name, rows, sign in (("sweep_buy", asks, 1), ("sweep_sell", bids, -1)):
        left, money = c["sweep_qty"], 0.0
        for p, q in rows:
            money += min(left, q) * p
            left -= min(left, q)
        out[name] = sign * (money / c["sweep_qty"] - mid) if left <= 0 else NAN
    for name, rows, sign in (("bid_gap_", bids, 1), ("ask_gap_", asks, -1)):
        for k in range(3):
            if len(rows) > k + 1:
                out[f"{name}{k + 1}"] = sign * (rows[k][0] - rows[k + 1][0]) / c["tick"]
    return out


class Tape:
    """All events, and what each one means given those before it."""

    def __init__(self, events, c):
        self.c, self.events = c, events
        self.books = [e for e in events if e[0] == "book"]
        self.book_at = [e[1] for e in self.books]
        self.trades, self.pairs = [], []
        self.read()
        self.trade_at = [t["at"] for t in self.trades]
        self.pair_at = [p["at"] for p in self.pairs]
        self.ends = self.intervals()
        self.end_at = [e["at"] for e in self.ends]
        self.settled = self.realised()
        self.settled_at = [s[0] for s in self.settled]
        self.imbalances()

    def in_force(self, book, at):
        return book is not None and good(book[2], book[3]) and at - book[1] <= self.c["stale_ns"]

    def read(self):
        """Trades with their sign and quote; pairs of books with what passed between them."""
        last = last_px = None
        tick = sign = 0
        traded = False
        change_mean = change_var = None
        changes, begin, quote_at = 0, None, None
        for e in self.events:
            if e[0] == "trade":
                _, at, px, qty = e
                mid = (last[2][0][0] + last[3][0][0]) / 2 if self.in_force(last, at) else None
                dp = round(px * 1e9) - round(last_px * 1e9) if last_px is not None else None
                if dp:
                    tick = 1 if dp > 0 else -1
                sign = tick if mid is None or px == mid else 1 if px > mid else -1
                self.trades.append(dict(at=at, px=px, qty=qty, sign=sign, mid=mid, dp=dp))
                last_px, traded = px, True
                continue
            joined = good(e[2], e[3]) and self.in_force(last, e[1])
            p = dict(at=e[1], book=e, joined=joined, lost=0.0, cancel=False, e=[0.0] * 5)
            if joined:
                p["e"] = [flow(last, e, k) for k in range(5)]
                for side in (2, 3):
                    if last[side][0][0] == e[side][0][0]:
                        p["lost"] += max(last[side][0][1] - e[side][0][1], 0)
                p["cancel"] = p["lost"] > 0 and not traded
                x = ((e[2][0][0] + e[3][0][0]) / 2 - (last[2][0][0] + last[3][0][0]) / 2) / self.c["tick"]
                if changes == 0:
                    change_mean, change_var = x, 0.0
                else:
                    change_var = 0.95 * (change_var + 0.05 * (x - change_mean)**2)
                    change_mean = change_mean + 0.05 * (x - change_mean)
                changes += 1
            else:
                begin = len(self.pairs)
            if not joined or (last[2][0], last[3][0]) != (e[2][0], e[3][0]):
                quote_at = e[1]
            p.update(begin=begin, quote_at=quote_at, micro_vol=math.sqrt(change_var) if changes >= 20 else NAN)
            self.pairs.append(p)
            last, traded = e, False

    def mid_before(self, at):
        """The book in force just before an instant: its place and mid."""
        i = bisect.bisect_left(self.book_at, at) - 1
        if i < 0 or not self.in_force(self.books[i], at):
            return None, None
        return i, (self.books[i][2][0][0] + self.books[i][3][0][0]) / 2

    def intervals(self):
        """The ends of intervals at which a book is in force; `whole` when it was so from the beginning on."""
        step, out, before = self.c["interval_ns"], [], None
        for n in range(self.books[0][1] // step + 1, self.books[-1][1] // step + 1):
            i, mid = self.mid_before(n * step)
            if i is None:
                before = None
                continue
            lo, hi = bisect.bisect_left(self.trade_at, (n - 1) * step), bisect.bisect_left(self.trade_at, n * step)
            inside = self.trades[lo:hi]
            whole = before is not None and all(self.pairs[k]["joined"] for k in range(before[0] + 1, i + 1))
            end = dict(at=n * step, whole=whole, spread=self.books[i][3][0][0] - self.books[i][2][0][0])
            if whole:
                end.update(dmid=mid - before[1], r=math.log(mid / before[1]), volume=sum(t["sign"] * t["qty"] for t in inside),
                           root=sum(t["sign"] * math.sqrt(t["px"] * t["qty"]) for t in inside))
                if out and out[-1]["at"] == (n - 1) * step and out[-1]["whole"]:
                    end["product"] = abs(end["r"] * out[-1]["r"])
            out.append(end)
            before = (i, mid)
        return out

    def realised(self):
        out = []
        for t in self.trades:
            due = t["at"] + self.c["realised_ns"]
            if t["mid"] is None:
                continue
            _, later = self.mid_before(due)
            if later is not None:
                out.append((due, 2 * t["sign"] * (t["px"] - later) / t["mid"]))
        return out

    def imbalances(self):
        """Signed volume of each bucket, in units that make sizes whole numbers."""
        unit, full = self.c["unit"], round(self.c["bucket_qty"] * self.c["unit"])
        total, self.filled, self.filled_at, self.bucket = 0, [], [], []
        for at, qty, sign in self.classified():
            left = round(qty * unit)
            while left > 0:
                part = min(left, full - total % full)
                if total % full == 0:
                    self.bucket.append(0)
                self.bucket[-1] += sign * part
                total += part
                left -= part
            self.filled.append(total // full)
            self.filled_at.append(at)

    def classified(self):
        """When volume is known to be bought or sold, how much, and the share of buys less that of sells: trade by trade, or by bars."""
        if not self.c["vpin_bar_ns"]:
            return [(t["at"], t["qty"], t["sign"]) for t in self.trades]
        bars, out, n = {}, [], self.c["intervals"]
        for t in self.trades:
            bars.setdefault(t["at"] // self.c["vpin_bar_ns"], []).append(t)
        numbers = sorted(bars)
        changes = [bars[b][-1]["px"] - bars[a][-1]["px"] for a, b in zip(numbers, numbers[1:])]
        for i in range(n - 1, len(changes)):
            last = changes[i - n + 1:i + 1]
            mean = math.fsum(last) / n
            deviation = math.sqrt(math.fsum((x - mean)**2 for x in last) / n)
            bought = (1 + math.erf(changes[i] / deviation / math.sqrt(2))) / 2 if deviation else 0.5
            bar = bars[numbers[i + 1]]
            out.append(((numbers[i + 1] + 1) * self.c["vpin_bar_ns"], sum(t["qty"] for t in bar), 2 * bought - 1))
        return out

    def decayed(self, times, weights, now, tau):
        import numpy as np
        return float((weights * np.exp(-(now - times) / (tau * 1e9))).sum()) if len(times) else 0.0

    def arrays(self):
        import numpy as np
        self.np_trade = np.array(self.trade_at, dtype=np.int64)
        self.np_one = np.ones(len(self.trades))
        self.np_qty = np.array([t["qty"] for t in self.trades])
        self.np_signed = np.array([t["qty"] * t["sign"] for t in self.trades])
        self.np_pair = np.array(self.pair_at, dtype=np.int64)
        self.np_lost = np.array([p["lost"] for p in self.pairs])
        self.np_cancel = np.array([float(p["cancel"]) for p in self.pairs])

    def row(self, i, n, has_trades):
        """Features behind book i and the first n trades."""
        c, p, now = self.c, self.pairs[i], self.pair_at[i]
        out = {}
        if good(p["book"][2], p["book"][3]):
            out = of_book(p["book"][2], p["book"][3], c)
            first = max(p["begin"], bisect.bisect_left(self.pair_at, now // c["interval_ns"] * c["interval_ns"]))
            inside = self.pairs[first:i + 1]
            for k in range(5):
                out[f"mlofi_{k + 1}"] = sum(q["e"][k] for q in inside)
            out["ofi"] = out["mlofi_1"]
            out["ofi_depth"] = out["ofi"] / (sum((q["book"][2][0][1] + q["book"][3][0][1]) / 2 for q in inside) / len(inside))
            out["quote_age"] = (now - p["quote_at"]) / 1e9
        else:
            out["depth"] = sum(q for side in p["book"][2:4] for _, q in side)
        out["micro_vol"] = p["micro_vol"]
        out["queue_depletion"] = self.decayed(self.np_pair[:i + 1], self.np_lost[:i + 1], now, 10)
        self.of_intervals(now, out)
        if has_trades:
            out["cancel_rate"] = self.decayed(self.np_pair[:i + 1], self.np_cancel[:i + 1], now, 10)
            self.of_trades(now, n, out)
        else:
            out.pop("kyle", None)
            out.pop("hasbrouck", None)
        return out

    def of_intervals(self, now, out):
        n = self.c["intervals"]
        ends = self.ends[max(0, bisect.bisect_right(self.end_at, now) - 1200):bisect.bisect_right(self.end_at, now)]
        spreads = [e["spread"] for e in ends][-300:]
        whole = [e for e in ends if e["whole"]][-n:]
        products = [e["product"] for e in ends if "product" in e][-n:]
        if len(spreads) == 300 and "spread" in out:
            mean = math.fsum(spreads) / 300
            sd = math.sqrt(math.fsum((s - mean)**2 for s in spreads) / 299) if len(set(spreads)) > 1 else 0
            out["spread_z"] = (out["spread"] - mean) / sd if sd else 0.0
        if len(whole) == n:
            out["kyle"] = slope([e["volume"] for e in whole], [e["dmid"] for e in whole])
            out["hasbrouck"] = slope([e["root"] for e in whole], [e["r"] for e in whole])
            out["rv"] = math.fsum(e["r"]**2 for e in whole)
            out["rsemi_up"] = math.fsum(e["r"]**2 for e in whole if e["r"] > 0)
            out["rsemi_down"] = math.fsum(e["r"]**2 for e in whole if e["r"] < 0)
        if len(products) == n:
            out["bv"] = math.pi / 2 * math.fsum(products)
            out["jump"] = max(out["rv"] - out["bv"], 0)

    def of_trades(self, now, n, out):
        c, past = self.c, self.trades[:n]
        at = self.np_trade[:n]
        for tau in (1, 10, 60):
            out[f"trade_rate_{tau}"] = self.decayed(at, self.np_one[:n], now, tau)
        out["cvd"] = float(self.np_signed[:n].sum())
        if not past:
            return
        out["flow_imb"] = self.decayed(at, self.np_signed[:n], now, 60) / self.decayed(at, self.np_qty[:n], now, 60)
        out["trade_sign"] = past[-1]["sign"]
        quoted = next((t for t in reversed(past) if t["mid"] is not None), None)
        if quoted:
            out["eff_spread"] = 2 * quoted["sign"] * (quoted["px"] - quoted["mid"]) / quoted["mid"]
        told = bisect.bisect_right(self.settled_at, now)
        if told:
            out["realised_spread"] = self.settled[told - 1][1]
        dp = [t["dp"] for t in past[-c["intervals"] - 1:]]
        if len(dp) == c["intervals"] + 1 and dp[0] is not None:
            x, y = dp[1:], dp[:-1]  # exact: whole billionths
            cov = float(sum(a * b for a, b in zip(x, y)) - Fraction(sum(x) * sum(y), len(x))) / len(x) / 1e18
            out["roll_spread"] = 2 * math.sqrt(-cov) if cov < 0 else 0.0
        known = n if not c["vpin_bar_ns"] else bisect.bisect_right(self.filled_at, now)
        if known and self.filled[known - 1] >= c["buckets"]:
            last = self.bucket[self.filled[known - 1] - c["buckets"]:self.filled[known - 1]]
            out["vpin"] = sum(abs(b) for b in last) / (c["buckets"] * round(c["bucket_qty"] * c["unit"]))


# ---- ours against that ----

# What an error is measured by besides the value itself: differences of near numbers keep the error of what they are made of.
SCALES = dict(micro_dev=1, imb_l1=1, depth_imb=1, book_pressure=1, flow_imb=1, spread_z=1, roll_spread=0.1)


def write_set(path, names, c):
    keys = ("tick", "interval_ns", "stale_ns", "realised_ns", "sweep_qty", "bucket_qty", "buckets", "intervals", "vpin_bar_ns")
    with open(path, "w") as f:
        f.write("set real 1\nmicro " + " ".join(f"{k}={c[k]}" for k in keys if c[k]) + "\n" + "\n".join(names) + "\n")


def names_of(tapedeck):
    done = subprocess.run([tapedeck, "features", "describe", "micro", "--json"], capture_output=True, text=True, check=True)
    return [f["name"] for f in json.loads(done.stdout)["features"]] + ["depth"]


def compare(tapedeck, folder, name, events, c, words):
    import pyarrow as pa
    import pyarrow.parquet as pq
    names, set_path, out = names_of(tapedeck), os.path.join(folder, f"{name}.set"), os.path.join(folder, f"{name}.parquet")
    write_set(set_path, names, c)
    done = subprocess.run([tapedeck, "features", "run", set_path, "--calendar", "none", "--out", out] + words,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = pq.read_table(out)
    times = ours["time"].cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64()).to_pylist()
    columns = {n: ours[n].to_pylist() for n in names}
    tape = Tape(events, c)
    tape.arrays()
    has_trades = "--trades" in words or words[1].endswith(".dbn.zst")
    rows, trades, place = [], 0, -1
    for e in events:  # a row for each instant that has a book, behind all books of that instant and the trades before the last
        trades += e[0] == "trade"
        if e[0] == "book":
            place += 1
            rows[len(rows) - 1 if rows and rows[-1][0] == e[1] else len(rows):] = [(e[1], place, trades)]
    assert len(times) == len(rows), f"{name}: {len(times)} rows, {len(rows)} expected"
    bad, values = {}, {n: 0 for n in names}
    for i, (at, place, trades) in enumerate(rows):
        expect = tape.row(place, trades, has_trades)
        assert abs(times[i] - at) < 1000, f"{name}: row {i} is of {times[i]}, expected {at}"
        for n in names:
            v, e = columns[n][i], expect.get(n, NAN)
            v = NAN if v is None else v
            values[n] += not math.isnan(e)
            if math.isnan(v) != math.isnan(e) or abs(v - e) > 1e-9 * max(abs(e), SCALES.get(n, 0)):
                bad.setdefault(n, []).append((i, v, e))
    for n, wrong in bad.items():
        print(f"{name}: {n} differs in {len(wrong)} of {len(rows)} rows; row {wrong[0][0]}: {wrong[0][1]!r}, expected {wrong[0][2]!r}")
    never = [n for n in names if not values[n]]
    print(f"books: {name}: {len(rows)} books, {len(tape.trades)} trades, {sum(values.values())} values of {len(names) - len(never)} features, "
          f"{len(bad)} features differ; never there: {' '.join(never) or 'none'}")
    return len(bad), set(names) - set(never)


SETTINGS = dict(tick=0.25, interval_ns=SECOND, stale_ns=5 * SECOND, realised_ns=5 * SECOND, sweep_qty=20, bucket_qty=20, buckets=5, intervals=10,
                unit=1, vpin_bar_ns=0)


def stream_day(tapedeck, folder, path, name, c):
    """The stream as a recording's snapshots and an event table, both on the clock of receipt."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    events = list(of_stream(path, SECOND // 10))
    books, trades = [e for e in events if e[0] == "book"], [e for e in events if e[0] == "trade"]
    times = [b[1] for b in books]
    assert times == sorted(times) and len(set(times)) == len(times)
    columns = {"timestamp": pa.array(times, pa.timestamp("ns", tz="UTC"))}
    for key, side, part in (("bid_prices", 2, 0), ("bid_sizes", 2, 1), ("ask_prices", 3, 0), ("ask_sizes", 3, 1)):
        columns[key] = pa.array([[level[part] for level in b[side]] for b in books], pa.list_(pa.float64()))
    book_path, trade_path = (os.path.join(folder, f"{name}_{kind}.parquet") for kind in ("snapshots", "events"))
    pq.write_table(pa.table(columns), book_path)
    # an event table has other events too: they are no trades
    table = {"timestamp_ns": pa.array([t for e in trades for t in (e[1], e[1])], pa.int64()), "action": ["trade", "delete"] * len(trades),
             "side": ["U"] * 2 * len(trades), "price": [e[2] for e in trades for _ in range(2)], "size": [e[3] for e in trades for _ in range(2)]}
    pq.write_table(pa.table(table), trade_path)
    # by time; of an instant the trades first
    events.sort(key=lambda e: (e[1], e[0] == "book"))
    bad, seen = compare(tapedeck, folder, name, events, c, ["--in", book_path, "--trades", trade_path])
    alone, _ = compare(tapedeck, folder, name + "-books-alone", books, c, ["--in", book_path])
    return bad + alone + component(tapedeck, folder, ["--in", book_path]), seen


def component(tapedeck, folder, words):
    """The first principal component of five levels' flow, learned from the first rows alone, is numpy's."""
    import numpy as np
    set_path, kept = os.path.join(folder, "component.set"), os.path.join(folder, "component-kept.set")
    names = [f"mlofi_{k + 1}" for k in range(5)]
    with open(set_path, "w") as f:
        f.write("set component 1\n" + "\n".join(names) + "\nmlofi_pc\n")
    runs = []
    for sets, more in ((set_path, ["--fit", "1500", "--save", kept]), (kept, [])):
        done = subprocess.run([tapedeck, "features", "run", sets, "--calendar", "none", "--json"] + words + more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout))
    x = np.array([runs[0][n] for n in names], dtype=float)
    train = x[:, :1500][:, ~np.isnan(x[:, :1500]).any(axis=0)]
    axis = np.linalg.eigh(np.cov(train))[1][:, -1]
    axis *= 1 if axis.sum() >= 0 else -1
    expect = axis @ (x - train.mean(axis=1, keepdims=True))
    bad = 0
    for ours in runs:
        got = np.array(ours["mlofi_pc"], dtype=float)
        bad += int((~(np.abs(got - expect) <= 1e-8 * np.abs(x).sum(axis=0) + 1e-8) & ~np.isnan(expect)).sum() + (np.isnan(got) != np.isnan(expect)).sum())
    print(f"books: first component of the flow of five levels over {x.shape[1]} books, {bad} values differ from numpy")
    return bad


def bars_day(tapedeck, folder, path):
    """Bars of a second of the stream's trades: the measures of liquidity that are of bars."""
    bars = {}
    for e in of_stream(path, SECOND):
        if e[0] == "trade":
            bars.setdefault(e[1] // SECOND, []).append(e)
    rows = [(n, [t[2] for t in bars.get(n, [])], sum(t[3] for t in bars.get(n, []))) for n in range(min(bars), max(bars) + 1)]
    close, lines, series = None, ["timestamp,open,high,low,close,volume"], []
    for n, prices, volume in rows:
        prices = prices or [close]
        close = prices[-1]
        stamp = iso(n)
        lines.append(f"{stamp},{prices[0]!r},{max(prices)!r},{min(prices)!r},{close!r},{volume!r}")
        series.append((max(prices), min(prices), close, volume))
    bar_path, set_path = os.path.join(folder, "bars.csv"), os.path.join(folder, "bars.set")
    with open(bar_path, "w") as f:
        f.write("\n".join(lines) + "\n")
    with open(set_path, "w") as f:
        f.write("set bars_of_trades 1\namihud_20\nCORWIN_SCHULTZ\n")
    done = subprocess.run([tapedeck, "features", "run", set_path, "--in", bar_path, "--calendar", "none", "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours, wrong, parts, c = json.loads(done.stdout), 0, [], 3 - 2 * math.sqrt(2)
    for i, (high, low, close, volume) in enumerate(series):
        expect = {"amihud_20": NAN, "CORWIN_SCHULTZ": NAN}
        if i > 0:
            if volume > 0:
                parts.append(1e6 * abs(close / series[i - 1][2] - 1) / (close * volume))
            b = sum(math.log(s[0] / s[1])**2 for s in series[i - 1:i + 1])
            g = math.log(max(high, series[i - 1][0]) / min(low, series[i - 1][1]))**2
            a = (math.sqrt(2 * b) - math.sqrt(b)) / c - math.sqrt(g / c)
            expect["CORWIN_SCHULTZ"] = max(2 * (math.exp(a) - 1) / (1 + math.exp(a)), 0)
            expect["amihud_20"] = math.fsum(parts[-20:]) / 20 if len(parts) >= 20 else NAN
        for name, e in expect.items():
            v = NAN if ours[name][i] is None else ours[name][i]
            # a difference of two roots: what is left of 1e-16 of them
            if math.isnan(v) != math.isnan(e) or abs(v - e) > max(1e-9 * abs(e), 1e-15):
                wrong += 1
                print(f"bars of trades: row {i}: {name} is {v!r}, expected {e!r}") if wrong < 5 else None
    print(f"books: {len(series)} bars of trades, {wrong} values of AMIHUD and CORWIN_SCHULTZ differ")
    return wrong


def iso(second):
    import datetime
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def main(tapedeck, work, data):
    data = os.environ.get("TAPEDECK_DATA") or data
    if not os.path.isdir(os.path.join(data, "l2")):
        print(f"SKIP books_interop: {data} is not there")
        sys.exit(packages.SKIPPED)
    packages.ensure(work, "venv", ["numpy", "pyarrow"], ["pyarrow", "numpy"])
    folder = os.path.join(work, "books")
    os.makedirs(folder, exist_ok=True)
    futures, crypto = os.path.join(data, "dbn", "nautilus"), os.path.join(data, "l2", "hftbacktest")
    orders = os.path.join(futures, "order_book_deltas_catalog", "orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst")
    best = os.path.join(futures, "historical_bars_catalog", "futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst")
    short = dict(SETTINGS, interval_ns=SECOND // 200, realised_ns=SECOND // 10, bucket_qty=1, buckets=2, intervals=3)
    btc = dict(SETTINGS, tick=0.1, sweep_qty=5, bucket_qty=10, buckets=20, intervals=50, unit=1000)
    coin = dict(btc, tick=0.01, sweep_qty=1, bucket_qty=2, unit=100000, vpin_bar_ns=SECOND)
    done = [compare(tapedeck, folder, "ES-orders", list(of_orders(orders)), short, ["--in", orders]),
            compare(tapedeck, folder, "ES-best", list(of_best(best)), SETTINGS, ["--in", best, "--instrument", "ESU4"]),
            stream_day(tapedeck, folder, os.path.join(crypto, "usdm", "btcusdt_20240808.gz"), "Binance-futures", btc),
            stream_day(tapedeck, folder, os.path.join(crypto, "spot", "btcusdt_20240808.gz"), "Binance-spot", coin)]
    bad = sum(d[0] for d in done) + bars_day(tapedeck, folder, os.path.join(crypto, "usdm", "btcusdt_20240808.gz"))
    seen = set.union(*(d[1] for d in done))
    missing = set(names_of(tapedeck)) - seen
    assert not missing, f"never compared: {missing}"
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*(os.path.abspath(p) for p in sys.argv[1:4])))
