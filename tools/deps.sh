#!/bin/sh
# tools/deps.sh - installs what is missing and says what it does. Safe to run again: nothing missing, nothing done.
set -eu
cd "$(dirname "$0")/.."

core="build-essential cmake ninja-build pkg-config git tzdata libuv1-dev libwebsockets-dev libcurl4-openssl-dev
libzstd-dev libsnappy-dev libsqlite3-dev libssl-dev libsodium-dev libcjson-dev libprotobuf-c-dev protobuf-c-compiler
libzip-dev libexpat1-dev liblz4-dev libpng-dev libpq-dev libcmocka-dev"
extra="clang-14 libclang-rt-14-dev clang-format cppcheck gcovr"
[ "${TD_DEPS:-all}" = core ] && extra=""

missing=""
if command -v dpkg-query > /dev/null; then
    for package in $core $extra; do
        status=$(dpkg-query -W -f '${Status}' "$package" 2> /dev/null || true)
        [ "$status" = "install ok installed" ] || missing="$missing $package"
    done
else
    echo "deps: this is not a Debian system; install yourself: $core"
fi
if [ -n "$missing" ]; then
    echo "deps: installing Debian packages:$missing"
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo > /dev/null || { echo "deps: not root and no sudo; run: apt-get install$missing" >&2; exit 1; }
        sudo=sudo
    fi
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing > /dev/null
fi

# A folder that is a link belongs to another checkout: npm would empty it there, so it is left as it is.
npm_ci() { [ -L "$1/node_modules" ] || (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json); }

# Test-only packages of tests/npm (readers and clients we check ourselves against). Optional: the tests
# that need them are reported as skipped when Node or the registry is not there.
if [ -f tests/npm/package-lock.json ] && command -v npm > /dev/null; then
    if [ ! -f tests/npm/node_modules/.package-lock.json ] ||
       [ tests/npm/package-lock.json -nt tests/npm/node_modules/.package-lock.json ]; then
        echo "deps: npm packages of tests/npm"
        npm_ci tests/npm ||
            echo "deps: npm packages could not be installed; tests that need them will be skipped" >&2
    fi
elif [ -f tests/npm/package-lock.json ]; then
    echo "deps: no npm here; interop tests with JavaScript clients will be skipped"
fi

# The dashboard's page is built by npm (web/). Optional: a build without it has a plain page that says so.
if [ "${TD_DEPS:-all}" != core ] && command -v npm > /dev/null; then
    if [ ! -f web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
        echo "deps: npm packages of web"
        npm_ci web ||
            echo "deps: npm packages of web could not be installed; the dashboard will have its plain page" >&2
    fi
fi

# DuckDB for `tapedeck query`: a shared library (70 MB) from npm, loaded when the program runs. Optional: without it query says so.
# Left out with TD_DEPS=core.
duckdb=third_party/duckdb
if [ "${TD_DEPS:-all}" != core ] && [ "$(uname -m)" = x86_64 ] && command -v npm > /dev/null; then
    if [ ! -f $duckdb/node_modules/.package-lock.json ] || [ $duckdb/package-lock.json -nt $duckdb/node_modules/.package-lock.json ]; then
        echo "deps: DuckDB for tapedeck query ($duckdb)"
        npm_ci $duckdb ||
            echo "deps: DuckDB could not be had; tapedeck query will say so, its tests will be skipped" >&2
    fi
fi

# Programs that tests alone need, out of Debian's packages, without installing those (94 MB of prometheus for one tool; a package
# postgresql-15 would start a server of its own). Optional: tests that need them are skipped and say so. Left out with TD_DEPS=core.
#   take PACKAGE FOLDER PATH...: those paths of the package, below third_party/FOLDER
take() {
    package=$1 folder=third_party/$2
    shift 2
    echo "deps: $package, unpacked for the tests ($folder)"
    rm -rf "$folder" "$folder.new"
    mkdir -p "$folder.new"
    if (cd "$folder.new" && apt-get download -qq -o APT::Sandbox::User=root "$package" > /dev/null &&
        dpkg-deb --fsys-tarfile ./*.deb > all.tar && tar xf all.tar "$@" && rm -f all.tar ./*.deb); then
        mv "$folder.new" "$folder"
    else
        rm -rf "$folder.new"
        echo "deps: $package could not be had; tests that need it will be skipped" >&2
    fi
}
if [ "${TD_DEPS:-all}" != core ] && command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null; then
    if ! command -v promtool > /dev/null && [ ! -x third_party/promtool/usr/bin/promtool ]; then
        take prometheus promtool ./usr/bin/promtool
    fi
    if [ ! -x /usr/lib/postgresql/15/bin/postgres ] && [ ! -x third_party/postgresql/usr/lib/postgresql/15/bin/postgres ]; then
        take postgresql-15 postgresql ./usr/lib/postgresql/15/bin ./usr/lib/postgresql/15/lib ./usr/share/postgresql/15
    fi
fi
