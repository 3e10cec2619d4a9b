#!/bin/sh
# tools/check.sh - every test of the dev build, and one closing line with the number of skips. Many tests wait rather than
# compute, so two run for each core (TEST_JOBS).
set -u
cd "$(dirname "$0")/.."
log=build/check.log
within=
ctest --test-dir build/dev --output-on-failure -j "${TEST_JOBS:-$(($(nproc) * 2))}" --timeout 240 > "$log" 2>&1
status=$?
cat "$log"
passed=$(grep -cE '^ *[0-9]+/[0-9]+ Test .* Passed ' "$log")
failed=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*(Failed|Timeout|Exception|Not Run)' "$log")
skipped=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$log")
inner=$(find build/dev -name 'LastTest.log' -exec awk -f tools/skips.awk {} + | sort -u)
if [ "$skipped" -gt 0 ]; then
    echo "skipped programs:"
    grep -E '\*\*\*Skipped' "$log" | sed 's/^/  /'
fi
if [ -n "$inner" ]; then
    echo "skipped inside programs:"
    printf '%s\n' "$inner" | sed 's/^/  /'
    within=", $(printf '%s\n' "$inner" | wc -l) skipped within"
fi
if [ "$passed" = 0 ]; then
    echo "no test ran"
    status=1
fi
echo "$passed passed, $failed failed, $skipped skipped$within"
exit $status
