#!/usr/bin/env python3
"""bench/dbn_python.py FILE WORK - records a second at which the vendor's own Python package goes through a file: one number."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "interop"))
import packages  # noqa: E402

path, work = sys.argv[1:3]
packages.ensure(work, "venv-dbn", ["databento_dbn", "duckdb", "pyarrow"], ["databento-dbn==0.72.0", "pyarrow", "duckdb", "pytz"])
import databento_dbn as dbn  # noqa: E402

import pyarrow as pa  # noqa: E402

best = 0.0
for _ in range(3):
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as f:
        data = f.read()
    start = time.perf_counter()
    decoder = dbn.DBNDecoder()
    count = 0
    for at in range(0, len(data), 1 << 20):
        decoder.write(data[at:at + (1 << 20)])
        for record in decoder.decode():
            count += hasattr(record, "levels")
    best = max(best, count / (time.perf_counter() - start))
print(f"{best:.0f}")
