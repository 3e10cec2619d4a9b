/* tests/cmd/guest_cmd_test.c - strategies in shared objects as a user meets them: the example, built by its own build line from a clone
 * and from an installation, checked and traded with; objects that cannot be run, each refused in one line. Needs
 * TAPEDECK_BIN, TD_GUESTS, TD_SOURCE and a compiler called cc. */
#include "support/program.h"

#include <dirent.h>

#include "sys/uvworld.h"

static struct td_world world;
static struct td_child sim, desk;
static char port[16], out[262144], folder[512];

static const char *source(void)
{
    const char *path = getenv("TD_SOURCE");
    assert_non_null(path);
    return path;
}

static int set_up(void **state)
{
    static const char *const words[] = {"sim",     "--port",  "0",     "--no-data",
                                        "--json",  "--speed", "60",    "--symbols",
                                        "SPY,IBM", "--start", "11:00", NULL};
    (void)state;
    char *whole = realpath(td_test_folder("guest-cmd"), NULL);
    assert_non_null(whole);
    TD_REQUIRE((size_t)snprintf(folder, sizeof folder, "%s", whole) < sizeof folder);
    free(whole);
    (void)setenv("LOGS_PATH", "guest-logs", 1);
    (void)setenv("ALLOW_ORDERS", "1", 1);
    (void)setenv("DRY_RUN", "0", 1);
    (void)setenv("ENABLE_ORDER_EXEC", "1", 1);
    (void)setenv("DECISION_LATENCY_MS", "60000",
                 1); /* a sanitizer and other tests beside us take their time */
    (void)setenv("STRATEGY_DEADLINE_MS", "10000", 1);
    (void)unsetenv("IB_PORT");
    program_sim(&sim, words, port);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    const bool ended =
        (!desk.running || td_child_stop(&desk, 20 * TD_SEC)) && td_child_stop(&sim, 20 * TD_SEC);
    td_uvworld_close(&world);
    return ended ? 0 : -1;
}

/* Runs a program to its end; stdout and stderr into out, its exit status. */
static int run(const char *const *argv, const char *where)
{
    static const char script[] = "cd \"$0\" && exec \"$@\" 2>&1";
    const char *words[40] = {"/bin/sh", "-c", script, where};
    struct td_child c;
    int n = 0;
    for (; argv[n]; n++)
        words[n + 4] = argv[n];
    TD_OK_OR_FAIL(td_child_start(&c, words, TD_CHILD_PIPE, NULL));
    return program_finish(&c, out, sizeof out);
}

#define RUN(where, ...) run((const char *const[]){__VA_ARGS__, NULL}, where)
#define TAPEDECK(...)   RUN(folder, td_test_program("TAPEDECK_BIN"), __VA_ARGS__)

/* `before` + folder + "/" + name */
static void path_in(char *to, const char *before, const char *name)
{
    TD_REQUIRE((size_t)snprintf(to, 700, "%s%s/%s", before, folder, name) < 700);
}

/* The line that the example's head shows, with another folder of headers. */
static void build_line(const char *includes, char *line, size_t cap)
{
    char path[700];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/examples/strategies/two_bar_reversal.c", source());
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    char *from = strstr(text, "cc -std=c17");
    assert_non_null(from);
    *strchr(from, '\n') = '\0';
    char *include = strstr(from, " -I../../src ");
    assert_non_null(include);
    *include = '\0';
    (void)snprintf(line, cap, "%s %s %s", from, includes, include + strlen(" -I../../src "));
    free(text);
}

static void build_example(const char *where, const char *includes)
{
    char line[1200];
    build_line(includes, line, sizeof line);
    if (RUN(where, "/bin/sh", "-c", line) != 0)
        fail_msg("%s\n%s", line, out);
    assert_string_equal(out, ""); /* no warnings */
}

static void copy_example(const char *where)
{
    char from[900], to[900];
    size_t len;
    (void)snprintf(from, sizeof from, "%s/examples/strategies/two_bar_reversal.c", source());
    (void)snprintf(to, sizeof to, "%s/two_bar_reversal.c", where);
    char *text = td_test_slurp(from, &len);
    TD_OK_OR_FAIL(td_file_replace(&world, to, (struct td_str){text, len}, NULL));
    free(text);
}

static void the_example_builds_from_a_clone(void **state)
{
    (void)state;
    char includes[700];
    copy_example(folder);
    (void)snprintf(includes, sizeof includes, "-I%s/src", source());
    build_example(folder, includes);
    assert_int_equal(TAPEDECK("strategies", "check", "./two_bar_reversal.so"), 0);
    assert_non_null(strstr(out, "two_bar: two bars"));
    assert_non_null(strstr(out, "body"));
    assert_int_equal(TAPEDECK("strategies", "check", "./two_bar_reversal.so", "--json"), 0);
    assert_non_null(strstr(out, "\"name\":\"two_bar\""));
    assert_non_null(strstr(out, "\"preset\":0.5,\"low\":0,\"high\":1"));
}

static void the_example_builds_from_an_installation(void **state)
{
    (void)state;
    char prefix[700], includes[700], where[700], object[800];
    const char *cmake = getenv("TD_CMAKE"), *build = getenv("TD_BUILD");
    assert_non_null(cmake);
    assert_non_null(build);
    path_in(prefix, "", "prefix");
    if (RUN(folder, cmake, "--install", build, "--prefix", prefix, "--component", "strategies"))
        fail_msg("%s", out);
    path_in(where, "", "prefix/share/tapedeck/examples/strategies");
    path_in(includes, "-I", "prefix/include/tapedeck");
    build_example(where, includes);
    (void)snprintf(object, sizeof object, "%s/two_bar_reversal.so", where);
    assert_int_equal(TAPEDECK("strategies", "check", object), 0);
}

static int trade(const char *strategy, const char *param)
{
    return TAPEDECK("trade", "--symbols", "SPY", "--state", "state", "--port", port, "--clock",
                    "gateway", "--bar-size", "5 secs", "--history", "1800 S", "--duration", "0.1",
                    "--strategy", strategy, "--param", param, "--json");
}

static void the_example_trades(void **state)
{
    (void)state;
    assert_int_equal(trade("./two_bar_reversal.so", "body=0.01"), 0);
    const char *at = strstr(out, "\"intents\":");
    int intents = 0;
    if (!at || sscanf(at + 10, "%d", &intents) != 1 || intents == 0)
        fail_msg("it wanted nothing: %s", out);
    assert_int_equal(trade("./two_bar_reversal.so", "nonsense=1"), 1);
    assert_non_null(strstr(out, "has no parameter \"nonsense\"; it has body, hold"));
    assert_int_equal(trade("./two_bar_reversal.so", "body=7"), 1);
    assert_non_null(strstr(out, "expected 0 to 1"));
}

/* One of the words a process was started with is this object. */
static bool is_left(const char *pid, const char *object)
{
    char path[64], words[4096];
    (void)snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false; /* it has ended meanwhile */
    const size_t len = fread(words, 1, sizeof words - 1, f);
    (void)fclose(f);
    words[len] = '\0';
    for (size_t i = 0; i < len; i += strlen(words + i) + 1)
        if (strcmp(words + i, object) == 0)
            return true;
    return false;
}

static uint32_t hosts_left(const char *object)
{
    uint32_t n = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *e; (e = readdir(proc)) != NULL;)
        n += e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_left(e->d_name, object);
    (void)closedir(proc);
    return n;
}

static void check_log(const char *part)
{
    char log[600];
    size_t len;
    (void)snprintf(log, sizeof log, "%s/guest-logs/error.log", folder);
    char *text = td_test_slurp(log, &len);
    assert_non_null(text);
    if (!strstr(text, part))
        fail_msg("no \"%s\" in %s", part, text);
    free(text);
}

/* One that spins and does not hear SIGTERM: the desk goes on to its ordinary end, and leaves no process. */
static void a_spinning_one_is_killed(void **state)
{
    (void)state;
    char object[700];
    (void)snprintf(object, sizeof object, "%s/guest_faulty.so", getenv("TD_GUESTS"));
    (void)setenv("STRATEGY_DEADLINE_MS", "500", 1);
    const int status = trade(object, "mode=3");
    (void)setenv("STRATEGY_DEADLINE_MS", "10000", 1);
    assert_int_equal(status, 0);
    check_log("no answer within 500 ms");
    assert_int_equal(hosts_left(object), 0);
}

/* The desk of a strategy that crashes goes on to its ordinary end, and tells. */
static void a_crash_leaves_the_desk_alone(void **state)
{
    (void)state;
    char object[700];
    (void)snprintf(object, sizeof object, "%s/guest_faulty.so", getenv("TD_GUESTS"));
    assert_int_equal(trade(object, "mode=5"), 0);
    assert_non_null(strstr(out, "\"intents\":"));
    check_log("strategy_off faulty");
    check_log("its orders stay managed");
    assert_int_equal(trade(object, "mode=18"), 2);
    assert_non_null(strstr(out, "not with these numbers"));
    assert_int_equal(trade("./missing.so", "mode=0"), 1);
    assert_non_null(strstr(out, "./missing.so: no such file"));
}

/* An object of the tests by its name, or a path. */
static void check_refused(const char *object, const char *part)
{
    char path[900];
    if (strchr(object, '/'))
        (void)snprintf(path, sizeof path, "%s", object);
    else
        (void)snprintf(path, sizeof path, "%s/%s.so", getenv("TD_GUESTS"), object);
    const int status = TAPEDECK("strategies", "check", path);
    if (status == 0 || !strstr(out, part) || strchr(out, '\n') != out + strlen(out) - 1)
        fail_msg("%s: %d, %s, expected one line with \"%s\"", path, status, out, part);
}

static void what_cannot_be_run_is_refused_in_a_line(void **state)
{
    (void)state;
    char text[700];
    path_in(text, "", "text.so");
    TD_OK_OR_FAIL(td_file_replace(&world, text, td_str_of("no object\n"), NULL));
    check_refused("./missing.so", "no such file");
    check_refused("./text.so", "too short");
    check_refused("./text.c", "no path of a shared object");
    check_refused("guest_old", "version 9999 of the strategy contract");
    check_refused("guest_sized", "against other headers");
    check_refused("guest_named_1", "\"momentum\" is the name of a built-in");
    check_refused("guest_named_2", "no on_event");
    check_refused("guest_named_3", "parameter 1");
    check_refused("guest_named_4", "ended while it was loaded");
    check_refused("guest_named_5", "no answer within 5 s");
    check_refused("guest_named_6", "no TD_STRATEGY");
    assert_int_equal(TAPEDECK("strategies", "host", "./text.so"), 2); /* stdin is no channel */
    assert_int_equal(TAPEDECK("strategies", "dance"), 2);
    assert_int_equal(TAPEDECK("strategies"), 0);
    assert_non_null(strstr(out, "sma_cross"));
    assert_int_equal(TAPEDECK("strategies", "list", "--json"), 0);
    assert_non_null(strstr(out, "\"name\":\"stat_arb\""));
}

/* Even one that spins and is deaf ends when its desk is killed: the kernel sees to it. */
static void the_host_ends_with_its_desk(void **state)
{
    (void)state;
    struct td_wake wake;
    char object[700];
    path_in(object, "", "two_bar_reversal.so");
    const char *const words[] = {"trade", "--symbols", "SPY",     "--state",    folder, "--port",
                                 port,    "--clock",   "gateway", "--strategy", object, NULL};
    program_start(&desk, words);
    /* The desk and its host; those that are only asked what the object is come and go before. */
    int steady = 0;
    for (int i = 0; i < 600 && steady < 20; i++) {
        steady = hosts_left(object) == 2 ? steady + 1 : 0;
        td_world_wait(&world, td_world_mono(&world) + 50 * TD_MS, &wake);
    }
    assert_int_equal(steady, 20);
    td_child_end(&desk, true);
    assert_true(td_child_stop(&desk, 20 * TD_SEC));
    for (int i = 0; i < 200 && hosts_left(object); i++)
        td_world_wait(&world, td_world_mono(&world) + 50 * TD_MS, &wake);
    assert_int_equal(hosts_left(object), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_builds_from_a_clone),
        cmocka_unit_test(the_example_builds_from_an_installation),
        cmocka_unit_test(the_example_trades),
        cmocka_unit_test(a_crash_leaves_the_desk_alone),
        cmocka_unit_test(a_spinning_one_is_killed),
        cmocka_unit_test(what_cannot_be_run_is_refused_in_a_line),
        cmocka_unit_test(the_host_ends_with_its_desk),
    };
    return cmocka_run_group_tests_name("cmd/guests", tests, set_up, tear_down);
}
