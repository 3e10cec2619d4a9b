#!/bin/sh
# tools/analyze.sh - gcc's analyzer and cppcheck over src. Prints findings; fails when there is one.
set -u
cd "$(dirname "$0")/.."
cmake --preset dev > /dev/null || exit 1
out=build/analyze
mkdir -p "$out"
echo "analyze: gcc -fanalyzer"
find src -name '*.c' | xargs -P "${JOBS:-2}" -I{} sh -c '
    gnu=""; case {} in src/sys/*) gnu=-D_GNU_SOURCE ;; esac
    gcc -std=c17 $gnu -DTD_VERSION=\"0\" -DTD_COMMIT=\"0\" -DTD_WITH_ZIP -Isrc $(pkg-config --cflags libcjson libuv sqlite3 libsodium libzip) \
        -O1 -fanalyzer -Wno-analyzer-too-complex -c {} -o /dev/null 2>&1' > "$out/gcc.txt"
grep 'Wanalyzer' "$out/gcc.txt" | sort -u > "$out/gcc.findings"
echo "analyze: cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr -Isrc -DTD_WITH_ZIP \
    --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=unusedStructMember -j "${JOBS:-2}" src 2> "$out/cppcheck.findings"
# file and check of each finding, against the list of those that were looked at (tools/analyze.known says why).
{
    sed -n 's/^\(src[^:]*\):[0-9:]* warning: .*\[-W\(analyzer-[a-z-]*\)\]$/\1 \2/p' "$out/gcc.findings"
    sed -n 's/^\(src[^:]*\):[0-9:]* [a-z]*: .*\[\([A-Za-z]*\)\]$/\1 \2/p' "$out/cppcheck.findings"
} | sort -u > "$out/found"
sed 's/ *#.*//' tools/analyze.known | sort -u > "$out/known"
new=$(comm -23 "$out/found" "$out/known")
echo "analyze: $(wc -l < "$out/found") findings, $(printf '%s' "$new" | grep -c .) not looked at yet (details in build/analyze)"
[ -z "$new" ] || { printf '%s\n' "$new"; exit 1; }
