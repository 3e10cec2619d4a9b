#!/bin/sh
# tools/faults.sh BUILD-FOLDER - renews the table of fault scripts in docs/testing.md from a run of them.
set -eu
folder=${1:-build/dev}
TD_FAULT_TABLE=write "$folder/tests/script_test"
