/* sys/confine.c - limits of the process, its tie to the parent, and blocking reads and writes of stdin's socket. */
#include "sys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 32

/* Address space in use, 0 when it is not known. */
static uint64_t space_now(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%llu", &pages) != 1)
        pages = 0;
    (void)fclose(f);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool set_limits(void)
{
    const struct rlimit none = {0, 0}, files = {FILES_MAX, FILES_MAX};
    const uint64_t now = space_now();
    const struct rlimit space = {now + TD_CONFINE_BYTES, now + TD_CONFINE_BYTES};
    return now && setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_NOFILE, &files) == 0 &&
           setrlimit(RLIMIT_NPROC, &none) == 0 && setrlimit(RLIMIT_AS, &space) == 0;
}

static void default_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < TD_COUNT(numbers); i++)
        (void)signal(numbers[i], SIG_DFL);
}

enum td_err td_confine(struct td_fail *why)
{
    struct stat st;
    if (fstat(0, &st) != 0 || !S_ISSOCK(st.st_mode))
        return td_fail_set(why, TD_EINVAL,
                           "stdin is no channel: trade and strategies check start this themselves");
    default_signals();
    if (!set_limits() || prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) != 0)
        return td_fail_set(why, TD_EIO, "the process cannot be confined: %s", strerror(errno));
    /* What was open is close-on-exec; what this program opened since is not for the strategy. Last: a caller that is told
     * of a failure still has its world. */
    if (close_range(3, ~0U, 0) != 0)
        return td_fail_set(why, TD_EIO, "descriptors cannot be closed: %s", strerror(errno));
    return TD_OK;
}

enum td_err td_confined_read(void *out, size_t len)
{
    char *at = out;
    while (len) {
        const ssize_t n = read(0, at, len);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return TD_ECLOSED;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return TD_OK;
}

enum td_err td_confined_write(const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len) {
        const ssize_t n = send(0, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return TD_ECLOSED;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return TD_OK;
}

void td_confined_exit(int status)
{
    _exit(status);
}
