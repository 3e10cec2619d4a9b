#!/bin/sh
# tools/coverage.sh - branch coverage of the parts that must have it: wire/tws, base numbers, trade/risk.
# Fails when one of them is below 95 %.
set -eu
cd "$(dirname "$0")/.."
find build/cov -name '*.gcda' -delete
for test in tws_roundtrip tws_core tws_scalar tws_frame tws_recorded tws_golden tws_gates tws_pb num risk; do
    (cd build/cov/tests && ./${test}_test > /dev/null 2>&1) || { echo "coverage: ${test}_test failed"; exit 1; }
done
status=0
for part in 'src/wire/tws.*' 'src/base/num.*' 'src/trade/risk.*'; do
    percent=$(gcovr -r . build/cov --branches --exclude-throw-branches --filter "$part" 2> /dev/null | awk '/^TOTAL/ {print $4}')
    echo "branch coverage of $part: $percent"
    [ "${percent%\%}" -ge 95 ] || status=1
done
exit $status
