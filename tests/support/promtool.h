/* tests/support/promtool.h - what Prometheus' own tool says about a metrics page: its format, and its rules for names. */
#ifndef TD_TESTS_PROMTOOL_H
#define TD_TESTS_PROMTOOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* Fails the test with what promtool says, and skips it by name where there is no promtool. `path` is a file to write. */
static inline void promtool_check(const char *page, const char *path)
{
    char command[2400], said[1100];
    const char *tool = td_test_tool("promtool", "promtool/usr/bin/promtool");
    if (!tool)
        td_skip("no promtool: it is in Debian's package prometheus, and tools/deps.sh unpacks it");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(page, f) >= 0 && fclose(f) == 0);
    (void)snprintf(said, sizeof said, "%.1000s.said", path);
    (void)snprintf(command, sizeof command, "'%s' check metrics < '%s' > '%s' 2>&1", tool, path,
                   said);
    const int status = system(command);
    size_t len = 0;
    char *text = td_test_slurp(said, &len);
    assert_non_null(text);
    if (status != 0 || len)
        fail_msg("promtool: %s", text);
    free(text);
}

#endif
