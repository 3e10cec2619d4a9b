#!/bin/sh
# tools/purity.sh MODULE LIBRARY - the undefined symbols of a pure library against a short allow-list,
# so that a socket, clock, file or malloc cannot slip into wire, market, signal or strat.
set -eu
module=$1 library=$2
allowed='^(td_[a-z0-9_]+|mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|rchr|str|nlen)|v?snprintf|__(stack_chk_fail|assert_fail)|abort
|bcmp|fabs|floor|ceil|sqrt|exp|erfc|log|pow|fmin|fmax|isnan|round|lround|llround|nan|fmod|cos|sin|sincos|tan|acos|asin|atan|cosh|sinh|tanh|log10|trunc|rint
|_GLOBAL_OFFSET_TABLE_|__(a|ub|t)san_.*|__sanitizer_.*|__asan_.*|__ubsan_.*|__tsan_.*|__gcov_.*|__sancov_.*|__cyg_.*
|__(isoc99_|)(v|)s(n|)printf(_chk|)|__mem(cpy|move|set)_chk|__popcountdi2|__udivti3|__divti3|__umodti3|__modti3
|llvm_gc.*|mangled_.*)$'
allowed=$(printf '%s' "$allowed" | tr -d '\n')
case $module in
wire) extra='^(ZSTD_[A-Za-z0-9_]+|LZ4F_[A-Za-z0-9_]+|snappy_[a-z_]+|td_.*)$' ;;
*) extra='^td_.*$' ;;
esac
symbols=$(nm -u --format=posix "$library" | awk 'NF >= 2 && $2 == "U" {print $1}' | sort -u)
bad=$(printf '%s\n' "$symbols" | grep -Ev "$allowed" | grep -Ev "$extra" || true)
count=$(printf '%s\n' "$symbols" | grep -c . || true)
if [ -n "$bad" ]; then
    echo "purity/$module: not allowed in a pure library:"
    printf '  %s\n' $bad
    exit 1
fi
[ "$count" -gt 0 ] || { echo "purity/$module: nm printed nothing"; exit 1; }
echo "purity/$module: $count undefined symbols, all allowed"
