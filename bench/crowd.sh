#!/bin/sh
# bench/crowd.sh - a desk that nobody looks at against one that 200 look at and 200 more have stalled on: crowd.sh EMPTY-FOLDER
# The simulator plays an open many times as fast as it was; turns of the trading thread, processor time of the
# dashboard's thread and memory, over PAIRS pairs of runs of SECONDS_EACH, alternating. Who looks does so from elsewhere: the
# crowd's own process gives way to the desk.
set -u
cd "$(dirname "$0")/.."
bin=$(pwd)/build/release/bench
tapedeck=$(pwd)/build/release/tapedeck
work=$1
pairs=${PAIRS:-3} seconds=${SECONDS_EACH:-30} speed=${SPEED:-40} crowd=${CROWD:-200}
pids=""
clean() { for pid in $pids; do kill "$pid" 2> /dev/null; done; }
trap clean EXIT
trap 'exit 1' INT TERM
row() { [ -z "${BENCH_ROWS:-}" ] || printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" >> "$BENCH_ROWS"; }
# Processor time of the thread of that name, in ticks.
thread_ticks() {
    for task in /proc/"$1"/task/*; do
        [ "$(cat "$task/comm")" = "$2" ] && sed 's/.*) //' "$task/stat" | awk '{ print $12 + $13 }'
    done
}
stage() { curl -s "http://localhost:$1/api/v1/latency" | sed -n 's/.*"stage":"turn"[^}]*"count":\([0-9]*\),"p50_us":\([0-9.]*\),"p99_us":\([0-9.]*\).*/\1 \2 \3/p'; }
free_port() { awk 'BEGIN { srand(); print 20000 + int(rand() * 20000) }'; }

# one LOOKERS: prints turns, p50, p99, % of a core of the dashboard, kB before and after
one() {
    folder=$(mktemp -d "$work/run.XXXXXX")
    "$tapedeck" sim --port 0 --json --data none --seed 7 --symbols SPY --speed "$speed" > "$folder/sim" 2>&1 &
    sim=$!
    pids="$pids $sim"
    port=
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$(sed -n 's/.*"port": *\([0-9][0-9]*\).*/\1/p' "$folder/sim" | head -1)
        [ -n "$port" ] && break
        sleep 0.25
    done
    dash=$(($(free_port) + $1 % 7))
    (cd "$folder" && DASH_PORT=$dash exec "$tapedeck" trade --symbols SPY --port "$port" --depth 20 --clock gateway > trade.out 2>&1) &
    desk=$!
    pids="$pids $desk"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -n "$(stage "$dash")" ] && break
        sleep 0.5
    done
    sleep 3
    kb0=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$desk/status")
    t0=$(thread_ticks "$desk" dashboard)
    if [ "$1" -gt 0 ]; then
        nice -n 15 "$bin/crowd_bench" "$dash" "$1" "$1" "$seconds" > "$folder/crowd" 2>&1 || cat "$folder/crowd" >&2
    else
        sleep "$seconds"
    fi
    t1=$(thread_ticks "$desk" dashboard)
    kb1=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$desk/status")
    echo "$(stage "$dash") $(awk -v t=$((t1 - t0)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "%.2f", t / hz / s * 100 }') $kb0 $kb1 $(cat "$folder/crowd" 2> /dev/null)"
    kill "$desk" "$sim" 2> /dev/null
    wait "$desk" "$sim" 2> /dev/null
}

: > "$work/alone"
: > "$work/watched"
for _ in $(seq "$pairs"); do
    one 0 >> "$work/alone"
    one "$crowd" >> "$work/watched"
done
# The median of a column.
median() { awk -v c="$2" '{ print $c }' "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
largest() { awk -v c="$2" '{ print $c }' "$1" | sort -g | tail -1; }
echo "turns, p50 us, p99 us, dashboard % of a core, kB at the begin and the end; alone:"
cat "$work/alone"
echo "watched by $crowd, stalled on by $crowd:"
cat "$work/watched"
before=$(median "$work/alone" 3) after=$(median "$work/watched" 3)
change=$(awk -v a="$before" -v b="$after" 'BEGIN { printf "%.1f", (b / a - 1) * 100 }')
core=$(largest "$work/watched" 4)
growth=$(awk '{ print $6 - $5 }' "$work/watched" | sort -g | tail -1)
echo "p99 of the trading thread's turns: $before us alone, $after us watched, $change % (limit 10); dashboard $core % of a core (limit 25); $growth kB more"
row "trading thread's turn, p99, 200 WebSockets and 200 stalled" "$after" "us" "$before us alone, limit 10 % more" \
    "$(awk -v a="$before" -v b="$after" 'BEGIN { printf "%.3f", a * 1.1 / b }')" "change $change %, medians of $pairs runs of $seconds s each, alternating"
row "dashboard, 200 WebSockets at 30 Hz and 200 stalled" "$core" "% of a core" "limit 25 %" \
    "$(awk -v c="$core" 'BEGIN { printf "%.3f", 25 / c }')" "$(sed -n 's/.*\(frames_per_s.*\) bytes.*/\1/p' "$work/watched" | head -1); $growth kB more resident memory"
