/* sys/machine.c - procfs, stat, PATH and the terminal's line. */
#include "sys/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum td_err td_machine_harden(struct td_fail *why)
{
    const struct rlimit none = {0, 0};
    (void)umask(077);
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
        return td_fail_set(why, TD_EIO, "core dumps cannot be switched off: %s", strerror(errno));
    return TD_OK;
}

td_ns td_machine_changed(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_mtim.tv_sec * TD_SEC + st.st_mtim.tv_nsec : 0;
}

int64_t td_machine_pid(void)
{
    return getpid();
}

bool td_machine_has_pid(int64_t pid)
{
    char path[40];
    struct stat st;
    (void)snprintf(path, sizeof path, "/proc/%lld", (long long)pid);
    return pid > 0 && stat(path, &st) == 0;
}

bool td_machine_command(int64_t pid, char *out, size_t cap)
{
    char path[40], bytes[512];
    struct td_text t;
    (void)snprintf(path, sizeof path, "/proc/%lld/cmdline", (long long)pid);
    FILE *f = fopen(path, "re");
    const size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        (void)fclose(f);
    struct td_str rest = {bytes, n}, word;
    td_text_init(&t, out, cap);
    for (int i = 0; i < 4 && td_str_split(&rest, '\0', &word) && word.len; i++) {
        for (size_t k = word.len; i == 0 && k > 0; k--)
            if (word.p[k - 1] == '/') {
                word = (struct td_str){word.p + k, word.len - k};
                break;
            }
        td_text_put(&t, i ? " " : "");
        for (size_t k = 0; k < word.len; k++)
            td_text_char(&t, (unsigned char)word.p[k] < 32 ? '?' : word.p[k]);
    }
    return t.len > 0;
}

static bool take_kib(struct td_str line, const char *key, uint64_t *out)
{
    struct td_str rest = line, name, word;
    int64_t kib = 0;
    if (!td_str_split(&rest, ':', &name) || !td_str_is(name, key))
        return false;
    rest = td_str_trim(rest);
    if (!td_str_split(&rest, ' ', &word) || td_i64_parse(word.p, word.len, &kib) || kib < 0)
        return false;
    *out = (uint64_t)kib * 1024;
    return true;
}

enum td_err td_machine_memory(uint64_t *available, uint64_t *total)
{
    char text[4096];
    bool has_available = false, has_total = false;
    FILE *f = fopen("/proc/meminfo", "re");
    const size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    if (f)
        (void)fclose(f);
    struct td_str rest = {text, n}, line;
    while (td_str_split(&rest, '\n', &line)) {
        has_available |= take_kib(line, "MemAvailable", available);
        has_total |= take_kib(line, "MemTotal", total);
    }
    return has_available && has_total ? TD_OK : TD_ENOENT;
}

int64_t td_machine_peak_kb(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss : 0;
}

enum td_privacy td_machine_privacy(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? TD_PRIVACY_NONE : TD_PRIVACY_OTHERS;
    const bool ours = S_ISREG(st.st_mode) && st.st_uid == getuid() && (st.st_mode & 077) == 0;
    return ours ? TD_PRIVACY_OURS : TD_PRIVACY_OTHERS;
}

static bool may_run(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool td_machine_program(const char *word, char *out, size_t cap)
{
    const char *path = getenv("PATH");
    struct td_str rest = td_str_of(path ? path : ""), folder;
    struct td_text t;
    if (strchr(word, '/'))
        return may_run(word) && td_str_copy(td_str_of(word), out, cap);
    while (*word && td_str_split(&rest, ':', &folder)) {
        td_text_init(&t, out, cap);
        td_text_printf(&t, "%.*s/%s", TD_STR_ARG(folder), word);
        if (folder.len && !td_text_full(&t) && may_run(out))
            return true;
    }
    return false;
}

bool td_machine_person(void)
{
    return isatty(STDIN_FILENO) == 1;
}

bool td_machine_read_line(char *out, size_t cap)
{
    if (!fgets(out, (int)cap, stdin))
        return false;
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}
