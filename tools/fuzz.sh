#!/bin/sh
# tools/fuzz.sh SECONDS [TARGET...] - runs each fuzz target that long on a copy of its corpus. A crash stops it with the input's path.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
[ $# -gt 0 ] || set -- $(ls fuzz/*_fuzz.c | sed 's|fuzz/||; s|\.c$||')
status=0
for target in "$@"; do
    bin=build/fuzz/fuzz/$target
    [ -x "$bin" ] || { echo "fuzz: $bin is not built"; status=1; continue; }
    work=build/fuzz/work/$target
    mkdir -p "$work"
    seeds=fuzz/corpus/$target
    [ -d "$seeds" ] || seeds=""
    if "$bin" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/" \
        "$work" $seeds > "$work.log" 2>&1; then
        echo "fuzz: $target: $(awk '/number_of_executed_units/ {print $2}' "$work.log") runs in ${seconds} s, no finding"
    else
        echo "fuzz: $target FAILED; see $work.log"
        tail -20 "$work.log"
        status=1
    fi
done
exit $status
