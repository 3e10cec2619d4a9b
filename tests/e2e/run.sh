#!/bin/sh
# tests/e2e/run.sh [TAPEDECK] - simulator, desk and dashboard of the real program, and the browser test over them; two minutes are
# recorded meanwhile, and played again by a dashboard without a desk.
# Skipped (77) where node, web/node_modules or chromium is not there, or the program has no dashboard with the page in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${1:-$root/build/release/tapedeck}
[ -d "$root/web/node_modules/playwright-core" ] && [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "skipped: web/node_modules or chromium is not there"; exit 77; }
[ -x "$bin" ] || { echo "no program: $bin" >&2; exit 1; }
"$bin" trade --help | grep -q -- '--dashboard' || { echo "skipped: this program has no dashboard"; exit 77; }
dir=$(mktemp -d)
sim=
desk=
scan=
recorder=
dash=
end() {
    [ -z "$scan" ] || kill -INT "$scan" 2> /dev/null || true
    for pid in $dash $recorder $desk $sim; do kill "$pid" 2> /dev/null || true; done
    wait 2> /dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
gateway=$(free_port)
port=$(free_port)
movers=SPY,AAPL,MSFT,IBM,QQQ,NVDA,AMD,INTC,GOOG,META,TSLA,AMZN,NFLX,JPM,XOM,CAT,BAC,KO,PEP,WMT
cd "$dir"
"$bin" sim --port "$gateway" --no-data --seed 7 --symbols "$movers" --depth-lines 30 --start 10:00 --speed 10 > sim.log 2>&1 &
sim=$!
tries=0
until node -e "require('net').connect($gateway, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] && kill -0 "$sim" 2> /dev/null || { cat sim.log >&2; exit 1; }
    sleep 0.2
done
"$bin" record --symbol SPY --levels 20 --interval 100 --duration "${RECORD_MINUTES:-2}" --rotate 1 --port "$gateway" --output rec > record.log 2>&1 &
recorder=$!
cat > rules.json << 'EOF'
{"default": {}, "monitoring": {"interval": 1, "alerts": {"not-halted": {"metric_type": "halted", "threshold": 1, "comparison": "less_than"}}}}
EOF
USER_SETTINGS_FILE=rules.json ALLOW_ORDERS=1 DRY_RUN=0 ENABLE_ORDER_EXEC=1 DASH_PORT=$port "$bin" trade --symbols SPY,AAPL --port "$gateway" --clock gateway --depth 20 \
    --state "$dir/state" --bar-size '5 secs' --history '1800 S' --sma-fast 2 --sma-slow 3 --duration 10 > trade.log 2>&1 &
desk=$!
tries=0
until node -e "fetch('http://127.0.0.1:$port/api/v1/symbols').then((r) => r.json()).then((s) => process.exit(s.symbols && s.symbols.length ? 0 : 1), () => process.exit(1))"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ] || ! kill -0 "$desk" 2> /dev/null; then
        echo "the desk's dashboard does not answer:" >&2
        tail -20 trade.log >&2
        exit 1
    fi
    sleep 0.5
done
if ! node -e "fetch('http://127.0.0.1:$port/app.js').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"; then
    echo "skipped: the page is not compiled into this program (make deps, then build again)"
    exit 77
fi
"$bin" scan --serve --plain --port "$gateway" --state "$dir/state" --output "$dir/level2" --min-gap 0 --min-rvol 0 --price : --symbols "$movers" > scan.log 2>&1 &
scan=$!
token=$(node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).trade)' state/dash_tokens.json)
BASE_URL="http://127.0.0.1:$port" TOKEN=$token E2E_OUT=${E2E_OUT:-$root/build/e2e/program} node "$here/dashboard.mjs"
wait "$recorder" || { cat record.log >&2; exit 1; }
recorder=
port=$(free_port)
"$bin" dash --state other --port "$port" --recordings rec > dash.log 2>&1 &
dash=$!
tries=0
until node -e "fetch('http://127.0.0.1:$port/api/v1/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] && kill -0 "$dash" 2> /dev/null || { cat dash.log >&2; exit 1; }
    sleep 0.2
done
BASE_URL="http://127.0.0.1:$port" RECORDINGS=$dir/rec E2E_OUT=${E2E_OUT:-$root/build/e2e/program} node "$here/replay.mjs"
