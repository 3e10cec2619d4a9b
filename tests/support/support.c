/* tests/support/support.c - helpers of the tests; the only test file that talks to the OS directly. */
#include "support/support.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t pages(size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (len + page - 1) / page * page + page;
}

uint8_t *td_guard_copy(const void *bytes, size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t total = pages(len);
    uint8_t *map = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TD_REQUIRE(map != MAP_FAILED);
    TD_REQUIRE(mprotect(map + total - page, page, PROT_NONE) == 0);
    uint8_t *start = map + total - page - len;
    if (len)
        memcpy(start, bytes, len);
    return start;
}

void td_guard_free(uint8_t *bytes, size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    TD_REQUIRE(munmap(bytes + len + page - pages(len), pages(len)) == 0);
}

const char *td_test_data(const char *relative)
{
    static char path[1024];
    const char *root = getenv("TAPEDECK_DATA");
    if (root && *root)
        (void)snprintf(path, sizeof path, "%s/%s", root, relative);
    else
        (void)snprintf(path, sizeof path, "%s/../../shared/data/%s", TD_TESTS_DIR, relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

void td_skip(const char *format, ...)
{
    char reason[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    print_message("[  REASON  ] %s\n", reason);
    skip();
}

void td_skip_data(const char *relative)
{
    const char *root = getenv("TAPEDECK_DATA"),
               *what = *relative ? relative : "recorded market data";
    if (root && *root)
        td_skip("TAPEDECK_DATA is %s: %s is not there", root, what);
    else
        td_skip("TAPEDECK_DATA is not set: %s is needed", what);
}

const char *td_test_folder(const char *name)
{
    static char folders[64][128];
    static int used;
    TD_REQUIRE(used < (int)TD_COUNT(folders));
    char *path = folders[used++];
    (void)snprintf(path, sizeof folders[0], "tmp-%s-XXXXXX", name);
    TD_REQUIRE(mkdtemp(path) != NULL);
    return path;
}

char *td_test_slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct stat st;
    TD_REQUIRE(fstat(fileno(f), &st) == 0);
    char *bytes = malloc((size_t)st.st_size + 1);
    TD_REQUIRE(bytes != NULL);
    *len = fread(bytes, 1, (size_t)st.st_size, f);
    bytes[*len] = '\0';
    (void)fclose(f);
    return bytes;
}

const char *td_test_golden(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/golden/%s", TD_TESTS_DIR, name);
    return path;
}

const char *td_test_tool(const char *name, const char *below)
{
    static char path[1024];
    const char *rest = getenv("PATH");
    while (rest && *rest) {
        const size_t len = strcspn(rest, ":");
        (void)snprintf(path, sizeof path, "%.*s/%s", (int)len, rest, name);
        if (len && access(path, X_OK) == 0)
            return path;
        rest += len + (rest[len] == ':');
    }
    (void)snprintf(path, sizeof path, "%s/../third_party/%s", TD_TESTS_DIR, below);
    return access(path, X_OK) == 0 ? path : NULL;
}

const char *td_test_program(const char *variable)
{
    const char *path = getenv(variable);
    if (!path || !*path) {
        (void)fprintf(stderr, "%s is not set: it names the program to try; ctest does so\n",
                      variable);
        exit(EXIT_FAILURE);
    }
    return path;
}
