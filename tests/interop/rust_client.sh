#!/bin/sh
# tests/interop/rust_client.sh NAME TAPEDECK WORK - builds the Rust client of tests/interop/rust/NAME in WORK and lets it take
# the simulator for IB Gateway. Ends with 77 (skipped) when there is no cargo, or its crates can be neither found nor fetched.
set -u
name=$1 tapedeck=$2 work=$3
cd "$(dirname "$0")/rust/$name" || exit 1
command -v cargo > /dev/null || { echo "SKIP rust_$name: no cargo here"; exit 77; }
mkdir -p "$work"
CARGO_TARGET_DIR=$work/rust-$name
export CARGO_TARGET_DIR
cargo fetch --locked --offline --quiet 2> /dev/null || cargo fetch --locked --quiet 2> "$work/rust-$name.log" ||
    { echo "SKIP rust_$name: its crates cannot be fetched here"; exit 77; }
cargo build --locked --offline --quiet -j "${JOBS:-2}" || exit 1
exec "$CARGO_TARGET_DIR/debug/ibapi-$name" "$tapedeck"
