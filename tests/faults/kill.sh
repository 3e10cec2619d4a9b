#!/bin/sh
# tests/faults/kill.sh N - the long form of the kill tests, on the release build's program.
set -eu
cd "$(dirname "$0")/../.."
cmake --build build/dev -j "${JOBS:-2}" --target kill_test > /dev/null
cd build/dev/tests
TD_KILLS=${1:-200} TAPEDECK_BIN=$(pwd)/../../release/tapedeck exec ./kill_test
