#!/bin/sh
# tools/web.sh [install] - builds web/dist when a source of it is newer; several build folders share it. Prints the sizes.
# install: npm's packages first, when the lock file is newer than they are; without it nothing is fetched.
set -eu
cd "$(dirname "$0")/../web"
if [ "${1:-}" = install ] && { [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; }; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    touch node_modules/.package-lock.json
fi
last=dist/plot.js.gz # written at the end
if [ -f "$last" ] && [ -z "$(find src public index.html package.json package-lock.json ./*.ts ./*.js tools tsconfig.json -newer "$last")" ]; then
    touch dist/* # what make or ninja compares
    exit 0
fi
npm run --silent build
