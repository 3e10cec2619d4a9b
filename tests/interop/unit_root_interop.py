"""tests/interop/unit_root_interop.py - augmented Dickey-Fuller and Engle-Granger of statsmodels on the same series.

usage: unit_root_interop.py TOOL WORK"""
import subprocess
import sys
import warnings

from packages import ensure

tool, work = sys.argv[1:3]
ensure(work, "statsmodels", ["numpy", "statsmodels"], ["statsmodels==0.15.0"])
import numpy as np
import statsmodels.api as sm
from statsmodels.tsa.stattools import adfuller, coint

warnings.simplefilter("ignore")


def series(seed, n, keep):
    out, s = np.empty(n), seed
    for i in range(n):
        s = (s * 1103515245 + 12345) % 2147483648
        out[i] = (s >> 8) % 10001 / 5000.0 - 1
    if keep < 1:
        out[0] = 0
    for i in range(1, n):
        out[i] += keep * out[i - 1]
    return out


def arguments(lags):
    return {"maxlag": None, "autolag": "AIC"} if lags < 0 else {"maxlag": lags, "autolag": None}


def expect_adf(seed, n, keep, lags):
    r = adfuller(series(seed, n, keep), regression="c", **arguments(lags))
    return [r[0], r[1], r[2], r[3], r[4]["5%"]]


def expect_coint(seed, n, keep, lags):
    x = series(seed + 1000, n, 1)
    y = series(seed, n, keep) + (2 * x + 10)
    r = coint(y, x, trend="c", **arguments(lags))
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    rest = fit.resid
    slope = sm.OLS(np.diff(rest), sm.add_constant(rest[:-1])).fit().params[1]
    return [r[0], r[1], r[2][1], fit.params[1], -np.log(2) / slope if slope < 0 else np.inf]


def main():
    counts, worst = {"adf": 0, "coint": 0}, 0.0
    for line in subprocess.run([tool], capture_output=True, text=True, check=True).stdout.splitlines():
        kind, *words = line.split()
        seed, n, keep, lags = int(words[0]), int(words[1]), float(words[2]), int(words[3])
        got = [float(w) for w in words[4:]]
        want = (expect_adf if kind == "adf" else expect_coint)(seed, n, keep, lags)
        for g, w in zip(got, want):
            away = abs(g - w) / max(abs(w), 1e-12)
            worst = max(worst, away if abs(w) > 1e-9 else 0)
            if away > 1e-7 and abs(g - w) > 1e-12:
                sys.exit(f"{line}\n{kind} {seed} {n}: {got} instead of {want}")
        counts[kind] += 1
    print(f"{counts['adf']} ADF and {counts['coint']} Engle-Granger tests as statsmodels; furthest relative difference {worst:.1e}")
    if min(counts.values()) < 100:
        sys.exit("fewer series than expected")


main()
