"""bench/talib_signal.py - what TA-Lib's Python wheel takes for a bar of the fifty indicators of signal_bench, in ns; prints
"NS NAME", or nothing when the wheel is not there. Functions its version lacks are told in the name and counted as nothing."""
import sys
import time

try:
    import numpy as np
    import talib
except ImportError:
    sys.exit(0)

BARS, RUNS = 1000000, 5
rng = np.random.default_rng(7)
close = 100 + np.cumsum(rng.normal(0, 0.05, BARS)) * 0.1
open_ = close + rng.normal(0, 0.05, BARS)
high = np.maximum(open_, close) + rng.random(BARS) * 0.3
low = np.minimum(open_, close) - rng.random(BARS) * 0.3
volume = 1000 + rng.random(BARS) * 5000

INPUTS = [
    ((close,), "SMA EMA WMA DEMA TEMA T3 TRIMA KAMA RMA RSI CMO MACD APO PPO MOM ROC TRIX STDDEV VAR BBANDS LINEARREG "
               "LINEARREG_SLOPE TSF MAX MIN MIDPOINT"),
    ((high, low, close), "ATR NATR TRANGE ADX ADXR DX PLUS_DI MINUS_DI CCI WILLR STOCH STOCHF ULTOSC TYPPRICE"),
    ((high, low), "AROON SAR MIDPRICE CORREL"),
    ((high, low, close, volume), "MFI AD ADOSC CMF"),
    ((close, volume), "OBV"),
    ((open_, high, low, close), "BOP"),
]

total, count, each = 0.0, 0, []
for columns, names in INPUTS:
    for name in names.split():
        function = getattr(talib, name, None)
        if function is None:
            continue
        best = float("inf")
        for _ in range(RUNS):
            start = time.perf_counter()
            function(*columns)
            best = min(best, time.perf_counter() - start)
        total += best
        count += 1
        each.append((name, best / BARS * 1e9))
if "--each" in sys.argv:
    for name, ns in each:
        print(name, round(ns, 2))
print(f"{total / BARS * 1e9:.1f} TA-Lib {talib.__ta_version__.decode().split()[0]}, {count} functions, batch")
