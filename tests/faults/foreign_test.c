/* tests/faults/foreign_test.c - nothing that tapedeck did not start is signalled or ended by it (P18).
 *
 * Twice: src/ is read for every word that could signal or start a process, and each must stand in the table below; and the
 * real program is watched by strace while it trades, loses its gateway, tries again and ends. Without strace the second
 * part is skipped.
 */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/played.h"
#include "sys/uvworld.h"

/* --- what the source says --- */

static const char *const calls[] = {
    "kill(",   "killpg(", "tkill(",       "tgkill(",      "sigqueue(", "raise(",
    "system(", "popen(",  "fork(",        "vfork(",       "execl(",    "execv(",
    "execvp(", "execve(", "posix_spawn(", "uv_kill(",     "clone(",    "uv_spawn(",
    "ptrace(", "execle(", "execlp(",      "posix_spawnp("};
static const char *const words[] = {"pkill", "killall", "fuser", "SYS_kill", "pidfd_send_signal"};

static struct allowed {
    const char *file, *function, *call;
    int seen;
} allowed[] = {{"sys/child.c", "td_child_stop", "kill(", 0},
               {"sys/child.c", "td_child_end", "kill(", 0},
               {"sys/child.c", "spawn", "posix_spawnp(", 0}};

static int read_files, found;

static void judge(const char *file, int line, const char *function, const char *call)
{
    for (size_t i = 0; i < TD_COUNT(allowed); i++)
        if (strcmp(file, allowed[i].file) == 0 && strcmp(function, allowed[i].function) == 0 &&
            strcmp(call, allowed[i].call) == 0) {
            allowed[i].seen++;
            return;
        }
    found++;
    print_error("src/%s:%d: %s in %s, which no row allows\n", file, line, call, function);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The function a line at the left edge begins; else it stays. */
static void note_function(const char *line, const char *end, char function[64])
{
    const char *paren = memchr(line, '(', (size_t)(end - line));
    if (!paren || !is_word(*line) || *line == '#')
        return;
    const char *from = paren;
    while (from > line && is_word(from[-1]))
        from--;
    (void)snprintf(function, 64, "%.*s", (int)(paren - from), from);
}

static bool is_prose(const char *line)
{
    while (*line == ' ')
        line++;
    return line[0] == '/' || line[0] == '*';
}

static void read_line(const char *file, int number, const char *line, const char *end,
                      const char *function)
{
    char text[400];
    (void)snprintf(text, sizeof text, "%.*s", (int)(end - line), line);
    for (size_t i = 0; i < TD_COUNT(words); i++)
        if (strstr(text, words[i]))
            judge(file, number, function, words[i]);
    for (size_t i = 0; i < TD_COUNT(calls) && !is_prose(text); i++)
        for (const char *at = text; (at = strstr(at, calls[i])) != NULL; at++)
            if (at == text || !is_word(at[-1]))
                judge(file, number, function, calls[i]);
}

static void read_file(const char *path, const char *file)
{
    char function[64] = "";
    size_t len;
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    int number = 0;
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        end = end ? end : line + strlen(line);
        note_function(line, end, function);
        read_line(file, ++number, line, end, function);
        line = *end ? end + 1 : NULL;
    }
    free(text);
    read_files++;
}

static void read_folder(const char *module)
{
    char folder[600], path[1200], file[600];
    (void)snprintf(folder, sizeof folder, "%s/../src/%s", TD_TESTS_DIR, module);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        const size_t n = strlen(e->d_name);
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        (void)snprintf(file, sizeof file, "%s%s%s", module, *module ? "/" : "", e->d_name);
        if (n > 2 && e->d_name[n - 2] == '.' && strchr("ch", e->d_name[n - 1]))
            read_file(path, file);
        else if (*module == '\0' && e->d_name[0] != '.' && !strchr(e->d_name, '.'))
            read_folder(e->d_name);
    }
    (void)closedir(dir);
}

static void no_other_place_can_signal(void **state)
{
    (void)state;
    read_folder("");
    for (size_t i = 0; i < TD_COUNT(allowed); i++)
        if (!allowed[i].seen)
            fail_msg("%s of %s is no more: its row is out of date", allowed[i].call,
                     allowed[i].file);
    print_message("[ foreign ] %d files read, %d calls that no row allows\n", read_files, found);
    assert_true(read_files > 300);
    assert_int_equal(found, 0);
}

/* --- what the program does --- */

#define TRACE "foreign.trace"

static const char *strace_path(void)
{
    static const char *const paths[] = {"/usr/bin/strace", "/bin/strace", "/usr/local/bin/strace"};
    for (size_t i = 0; i < TD_COUNT(paths); i++)
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    return NULL;
}

static const char *const signalling[] = {" kill(",
                                         " tkill(",
                                         " tgkill(",
                                         " rt_sigqueueinfo(",
                                         " rt_tgsigqueueinfo(",
                                         " pidfd_send_signal("};

struct trace {
    uint64_t lines, signals, looks; /* for a port that listens: it is dialled when it does */
};

static struct trace read_trace(void)
{
    struct trace t = {0};
    size_t len;
    char *text = td_test_slurp(TRACE, &len);
    assert_non_null(text);
    for (char *line = text; *line;) {
        char *end = strchr(line, '\n');
        if (!end)
            break;
        *end = '\0';
        t.lines++;
        t.looks += strstr(line, "\"/proc/net/tcp\"") != NULL;
        for (size_t i = 0; i < TD_COUNT(signalling); i++)
            if (strstr(line, signalling[i])) {
                print_error("%s\n", line);
                t.signals++;
            }
        line = end + 1;
    }
    free(text);
    return t;
}

/* Trades two seconds, loses the gateway for the rest of its eighteen, and ends by itself. */
static void a_lost_gateway_is_nobodys_death(void **state)
{
    (void)state;
    static const char *const symbols[] = {"SPY"};
    static struct played gateway;
    const char *strace = strace_path(), *folder = td_test_folder("foreign");
    if (!strace)
        td_skip("strace is not installed: system calls were not looked at");
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* it cannot look under a tracer */
    assert_true(played_open(&gateway, symbols, TD_COUNT(symbols), 3, 10));
    const char *argv[] = {
        strace,    "-f",        "-o",         TRACE,        td_test_program("TAPEDECK_BIN"),
        "trade",   "--symbols", "SPY",        "--port",     gateway.port,
        "--state", folder,      "--bar-size", "5 secs",     "--history",
        "600 S",   "--clock",   "gateway",    "--duration", "0.3",
        NULL};
    const pid_t pid = played_start(argv, "foreign-child");
    played_pump(&gateway, 4 * TD_SEC);
    td_gateway_close(gateway.gateway); /* the world stays, to wait by */
    gateway.gateway = NULL;
    int status = 0;
    for (int i = 0; i < 600 && waitpid(pid, &status, WNOHANG) != pid; i++) {
        struct td_wake wake;
        td_world_wait(&gateway.world, td_world_mono(&gateway.world) + 100 * TD_MS, &wake);
    }
    assert_true(WIFEXITED(status));
    const struct trace t = read_trace();
    print_message("[ foreign ] %llu system calls, %llu looks for the gateway, %llu signals sent\n",
                  (unsigned long long)t.lines, (unsigned long long)t.looks,
                  (unsigned long long)t.signals);
    assert_true(t.lines > 1000 && t.looks > 2);
    assert_int_equal(t.signals, 0);
    td_uvworld_close(&gateway.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_other_place_can_signal),
        cmocka_unit_test(a_lost_gateway_is_nobodys_death),
    };
    return cmocka_run_group_tests_name("faults/foreign", tests, NULL, NULL);
}
