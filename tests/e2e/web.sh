#!/bin/sh
# tests/e2e/web.sh unit|types|browser - the tests of web/. Skipped (77) where npm's packages are not there.
set -eu
cd "$(dirname "$0")/../.."
if [ ! -d web/node_modules/vite ] || ! command -v node > /dev/null; then
    echo "skipped: web/node_modules is not there (make deps)"
    exit 77
fi
case "$1" in
unit) cd web && exec node_modules/.bin/vitest run ;;
types) cd web && exec node_modules/.bin/svelte-check --tsconfig ./tsconfig.json --fail-on-warnings ;;
browser) sh tools/web.sh && exec node tests/e2e/dashboard.mjs ;;
*)
    echo "use: web.sh unit|types|browser" >&2
    exit 2
    ;;
esac
