/* base/defs.c - what a failed TD_REQUIRE does. */
#include "base/defs.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>

void td_require_failed(const char *cond, const char *file, int line)
{
    void *frames[48];
    (void)fprintf(stderr, "tapedeck: required: %s (%s:%d)\n", cond, file, line);
    (void)fflush(stderr);
    const int n = backtrace(frames, (int)TD_COUNT(frames));
    backtrace_symbols_fd(frames, n, 2);
    abort();
}
