#!/bin/sh
# bench/run.sh - every headline figure into build/bench.json, and as a table. Needs the release build.
# What cannot be measured here is null, and its note says why.
set -u
cd "$(dirname "$0")/.."
bin=build/release/bench
tapedeck=$(pwd)/build/release/tapedeck
work=$(mktemp -d "${TMPDIR:-/tmp}/tapedeck-bench.XXXXXX") || exit 1
BENCH_ROWS=$work/rows
export BENCH_ROWS
: > "$BENCH_ROWS"
pids=""
broken=""

clean() {
    for pid in $pids; do kill "$pid" 2> /dev/null; done
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

# name, value, unit, yardstick, ratio, note
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" >> "$BENCH_ROWS"; }
failed() { absent "$1" "$2" "$3" "$4 did not end well"; broken="${broken:+$broken }$4"; }
absent() { row "$1" - "$2" "$3" - "$4"; echo "$1: not measured: $4"; }
field() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# The simulator on a free port; its number in $port. Generated data: the same on every machine.
start_sim() {
    "$tapedeck" sim --help > /dev/null 2>&1 || return 1
    (cd "$work" && exec "$tapedeck" sim --port 0 --data none --seed 7 --symbols "$1" > sim.out 2> sim.err) &
    sim=$!
    pids="$pids $sim"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$(sed -n 's/.*127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' "$work/sim.out" "$work/sim.err" 2> /dev/null | head -1)
        [ -n "$port" ] && return 0
        sleep 0.5
    done
    return 1
}
stop_sim() {
    kill "$sim" 2> /dev/null
    wait "$sim" 2> /dev/null
}

# --- decode ---
peer=""
if command -v node > /dev/null && [ -d tests/npm/node_modules/@stoqey/ib ]; then
    "$bin/depth_bench" --tape "$work/depth.tape" && peer=$(node bench/stoqey_decode.mjs "$work/depth.tape")
    [ -n "$peer" ] && echo "@stoqey/ib decode alone: $peer messages/s"
fi
"$bin/depth_bench" $peer || failed "TWS depth text decode + checked book" "messages/s" "@stoqey/ib decode alone" depth_bench
data=${TAPEDECK_DATA:-../shared/data}
[ -d "$data" ] || data=""
"$bin/codec_bench" "$data" || failed "TWS mixed recorded stream, text decode" "messages/s" "aim 3 M messages/s" codec_bench

# --- the connection ---
build/release/tests/lines_test > "$work/lines.out" 2>&1 ||
    absent "1,000 subscriptions again after 1101" "s" "1,000 messages at 40 a second" "lines_test did not end well"
grep '^1000 lines' "$work/lines.out"
"$bin/scan_bench" || failed "scanner, 8,000 symbols" "ms" "limit 50 ms" scan_bench
"$bin/list_bench" || failed "trade list of 100,000 rows, CSV" "s" "one second" list_bench

# --- storage ---
"$bin/parquet_bench" || failed "10-level snapshots to Parquet" "rows/s/core" "zstd -1 of the list columns in memory" parquet_bench
mkdir "$work/recorder" && "$bin/recorder_bench" "$work/recorder" ||
    failed "recording, recorder alone" "% of a core" "limit 5 %" recorder_bench
theirs=""
mkdir "$work/l2" && "$bin/l2_bench" "$work/l2"
if command -v python3 > /dev/null; then
    theirs=$(python3 bench/dbn_python.py "$work/l2/ten.dbn.zst" build/interop | grep -E '^[0-9]+$')
fi
[ -n "$theirs" ] && echo "databento_dbn, records alone: $theirs records/s"
"$bin/dbn_bench" $theirs || failed "DBN orders (MBO) from zstd to book" "records/s" "zstd unpacking the same bytes" dbn_bench
[ -n "$theirs" ] || absent "DBN ten levels, records decoded" "records/s" "databento_dbn 0.72 in Python" "the package cannot be installed here"
"$bin/l2_bench" "$work/l2" convert || failed "DBN ten levels to Parquet, end to end" "records/s" "aim 1.5 M records/s" l2_bench

# --- indicators ---
peer=""
command -v python3 > /dev/null && peer=$(python3 bench/talib_signal.py)
[ -n "$peer" ] && echo "$peer: ${peer%% *} ns/bar"
if [ -n "$peer" ]; then "$bin/signal_bench" "${peer%% *}" "${peer#* }"; else "$bin/signal_bench"; fi

# --- the analyzer ---
mkdir "$work/analyze" && "$bin/analyze_bench" "$work/analyze"

# --- the whole recording program ---
symbols="AAPL MSFT SPY QQQ TSLA NVDA AMD INTC META AMZN GOOG NFLX IBM ORCL CSCO JPM BAC WMT KO PEP"
name="recording, whole program" what="limit 5 %"
if start_sim "$(echo $symbols | tr ' ' ',')"; then
    (cd "$work" && IB_PORT=$port exec "$tapedeck" record --symbol $symbols --levels 20 --interval 50 \
        --duration 1 --port "$port" --output level2 > record.out 2> record.err) &
    pid=$!
    pids="$pids $pid"
    sleep 8
    before=$(ticks "$pid" 2> /dev/null)
    sleep 30
    after=$(ticks "$pid" 2> /dev/null)
    if [ -n "$before" ] && [ -n "$after" ]; then
        percent=$(awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.3f", t / hz / 30 * 100 }')
        wait "$pid"
        messages=$(awk 'NR > 1 { n += $2 } END { print n + 0 }' "$work/record.out")
        row "$name" "$percent" "% of a core" "$what" "$(awk -v p="$percent" 'BEGIN { printf "%.3f", (p + 0 ? 5 / p : 0) }')" \
            "20 symbols, 20 rows, 50 ms, over 30 s, against the simulator; $messages depth messages in a minute"
        echo "$name: $percent % of a core"
    else
        absent "$name" "% of a core" "$what" "record ended early: $(head -1 "$work/record.err")"
    fi
    stop_sim
else
    absent "$name" "% of a core" "$what" "the simulator did not start: $(head -1 "$work/sim.err" 2> /dev/null)"
fi

# --- start-up and memory ---
"$bin/startup_bench" "$tapedeck"
name="idle desk, resident memory"
if start_sim AAPL; then
    (cd "$work" && exec "$tapedeck" trade --symbols AAPL --port "$port" --duration 30 > trade.out 2> trade.err) &
    pid=$!
    pids="$pids $pid"
    sleep 10
    kb=$(field "$pid" VmRSS 2> /dev/null)
    if [ -n "$kb" ]; then
        mb=$(awk -v k="$kb" 'BEGIN { printf "%.2f", k / 1024 }')
        row "$name" "$mb" "MB" "limit 40 MB" "$(awk -v m="$mb" 'BEGIN { printf "%.3f", 40 / m }')" \
            "VmRSS of trade on one symbol after 10 s; peak $(field "$pid" VmHWM) kB"
        echo "$name: $mb MB"
        kill "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    else
        absent "$name" "MB" "limit 40 MB" "trade ended early: $(head -1 "$work/trade.err")"
    fi
    stop_sim
else
    absent "$name" "MB" "limit 40 MB" "the simulator did not start: $(head -1 "$work/sim.err" 2> /dev/null)"
fi

# --- restart ---
mkdir "$work/journal" && "$bin/journal_bench" "$work/journal" ||
    failed "restart on 1,000,000 records, snapshot" "s" "aim 1 s" journal_bench

# --- order path ---
for mode in synced page-cache; do
    mkdir "$work/desk-$mode"
    timeout 180 "$bin/order_bench" "$work/desk-$mode" "$mode" ||
        failed "depth message in to order bytes out, $mode" "us" "limit 5 us" order_bench
done
mkdir "$work/kill"
timeout 180 "$bin/kill_bench" "$work/kill" || failed "kill to last cancel byte, 500 open orders" "ms" "limit 100 ms" kill_bench

# --- the dashboard's crowd ---
mkdir "$work/crowd" && sh bench/crowd.sh "$work/crowd" || failed "dashboard, 200 WebSockets at 30 Hz and 200 stalled" "% of a core" "limit 25 %" crowd.sh

echo
"$bin/bench_report" "$BENCH_ROWS" build/bench.json && echo && echo "written: build/bench.json"
[ -z "$broken" ] || { echo "did not end well: $broken"; exit 1; }
