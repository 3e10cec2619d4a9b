/* tests/desk/reload_test.c - settings files, good and bad: every row of the table, pairs that contradict each other, files
 * that are cut at every byte or have random bytes; all of a file counts or nothing does, with a line, and never more is
 * allowed than at the start. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "desk/reload.h"
#include "sim/simworld.h"

static struct td_simworld *sim;
static struct td_world world;
static uint32_t host;
static struct td_environ start_file;
static struct td_settings file;
static struct td_user_settings user;
static struct td_reload reload, before;
static struct td_fail why;

static int set_up(void **state)
{
    (void)state;
    for (const struct td_opt *row = td_settings_table; row->name; row++)
        (void)unsetenv(row->name);
    const struct td_simworld_options o = {.seed = 1};
    TD_OK_OR_FAIL(td_simworld_open(&sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &world, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_simworld_close(sim);
    return 0;
}

static void put(const char *path, const void *bytes, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){bytes, len}, NULL));
}

static void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

/* A process starts with these files; NULL: there is none. */
static void start(const char *env, const char *json)
{
    (void)td_file_remove(&world, ".env");
    (void)td_file_remove(&world, "user_settings.json");
    if (env)
        put_text(".env", env);
    if (json)
        put_text("user_settings.json", json);
    TD_OK_OR_FAIL(td_environ_load(&start_file, &world, ".env", &why));
    if (td_settings_load(&file, &start_file, &why) != TD_OK)
        fail_msg("%s", why.text);
    user = (struct td_user_settings){0};
    TD_OK_OR_FAIL(td_user_settings_read(&world, "user_settings.json", &user, &why));
    file.user_loss_money_e9 = user.max_daily_loss_e9;
    const struct td_reload_config config = {
        .world = &world, .environ = &start_file, .file = &file, .started = &file, .user = &user};
    TD_OK_OR_FAIL(td_reload_open(&reload, &config, &why));
}

static int64_t number(const struct td_settings *s, const struct td_opt *row)
{
    const char *at = (const char *)s + row->into;
    return row->type == TD_OPT_FLAG ? *(const bool *)at : *(const int64_t *)at;
}

/* No setting allows more than the process was started with; judged without the code under test. */
static void must_not_be_looser(const struct td_settings *now)
{
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        if (row->type == TD_OPT_LIST || row->type == TD_OPT_STR || row->type == TD_OPT_PATH)
            continue;
        const int64_t a = number(now, row), b = number(&file, row);
        const enum td_strict way = td_reload_way(row->name);
        const bool fine = way == TD_STRICT_LESS      ? a <= b
                          : way == TD_STRICT_LESS_ON ? b == 0 || (a != 0 && a <= b)
                          : way == TD_STRICT_MORE    ? a >= b
                                                     : a == b;
        if (!fine)
            fail_msg("%s: %lld is looser than %lld", row->name, (long long)a, (long long)b);
    }
    assert_true(!file.user_loss_money_e9 ||
                (now->user_loss_money_e9 && now->user_loss_money_e9 <= file.user_loss_money_e9));
}

static bool names_a_line(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon && colon[1] >= '1' && colon[1] <= '9' && !strchr(text, '\n');
}

/* Reads: refused with one clear line and nothing changed, or taken and not looser. True: taken. */
static bool read_it(bool with_line)
{
    before = reload;
    const struct td_settings *was = td_reload_settings(&reload);
    const struct td_settings copy = *was;
    const enum td_err err = td_reload_read(&reload, &why);
    assert_ptr_equal(td_reload_settings(&reload), was);
    assert_memory_equal(was, &copy, sizeof copy);
    if (err) {
        assert_true(reload.refused);
        assert_string_equal(reload.why, why.text);
        if (with_line && !names_a_line(why.text))
            fail_msg("no line: %s", why.text);
        return false;
    }
    must_not_be_looser(td_reload_take(&reload));
    assert_false(reload.refused);
    return true;
}

static void must_refuse(const char *text, const char *part)
{
    put_text(".env", text);
    if (read_it(true))
        fail_msg("taken: %s", text);
    if (!strstr(why.text, part))
        fail_msg("\"%s\" does not say \"%s\"", why.text, part);
}

/* --- every row --- */

static const char *const no_numbers[] = {"abc",
                                         "NaN",
                                         "nan",
                                         "inf",
                                         "-inf",
                                         "1e999",
                                         "0x10",
                                         "1 2",
                                         "--1",
                                         "1.2.3",
                                         "1,5",
                                         "TRUE",
                                         "1;",
                                         "+",
                                         "99999999999999999999999999",
                                         "-99999999999999999999999"};
static const char *const no_flags[] = {"2", "-1", "maybe", "truee", "01", "1.0", "NaN", "0 1"};

static const char *const lines[] = {"=", "=a\x01", "=\"open", "='a' b", " 1", ""};

static void refuse_row(const struct td_opt *row, const char *value)
{
    char text[600], line[100];
    (void)snprintf(text, sizeof text, "# one\n\n%s=%s\n# behind it\n", row->name, value);
    (void)snprintf(line, sizeof line, ".env:3: %s", row->name);
    must_refuse(text, line);
}

static void take_row(const struct td_opt *row, const char *value)
{
    char text[600];
    (void)snprintf(text, sizeof text, "%s=%s\n", row->name, value);
    put_text(".env", text);
    if (!read_it(true))
        fail_msg("%s=%s: %s", row->name, value, why.text);
}

static int refuse_numbers(const struct td_opt *row)
{
    char text[64];
    struct td_text t;
    const int64_t unit = row->type == TD_OPT_INT ? 1 : TD_E9 / (row->per ? row->per : 1);
    for (size_t i = 0; i < TD_COUNT(no_numbers); i++)
        refuse_row(row, no_numbers[i]);
    if (!row->low && !row->high)
        return (int)TD_COUNT(no_numbers);
    const int64_t ends[] = {row->low * unit, row->high * unit};
    for (int i = 0; i < 4; i++) {
        const int64_t value = ends[i / 2] + (i == 0 ? -1 : i == 2 ? 1 : 0);
        td_text_init(&t, text, sizeof text);
        if (row->type == TD_OPT_INT)
            td_text_i64(&t, value);
        else
            td_text_e9(&t, value);
        if (i % 2)
            take_row(row, text);
        else
            refuse_row(row, text);
    }
    return (int)TD_COUNT(no_numbers) + 2;
}

static void every_row_refuses_what_is_bad(void **state)
{
    (void)state;
    static char big[6000];
    int rows = 0, tried = 0;
    start("# nothing\n", NULL);
    memset(big, 'x', sizeof big - 1);
    for (const struct td_opt *row = td_settings_table; row->name; row++, rows++) {
        static char text[7000];
        if (row->type == TD_OPT_INT || row->type == TD_OPT_NUM)
            tried += refuse_numbers(row);
        for (size_t i = 0; row->type == TD_OPT_FLAG && i < TD_COUNT(no_flags); i++, tried++)
            refuse_row(row, no_flags[i]);
        if (row->choices) {
            refuse_row(row, "bananas");
            refuse_row(row, row->choices);
            tried += 2;
        }
        for (size_t i = 0; i < TD_COUNT(lines); i++, tried++) {
            (void)snprintf(text, sizeof text, "%s%s%s%s=%s\n", row->name, lines[i], i ? "" : big,
                           "\nTEMP_PATH", big + sizeof big - 2);
            must_refuse(text, ".env:1: ");
        }
        (void)snprintf(text, sizeof text, "%s=\nA=1\n%s=\n", row->name, row->name);
        must_refuse(text, ".env:3: ");
        tried++;
    }
    print_message("settings: %d rows, %d bad values refused, each with its line\n", rows, tried);
    assert_true(rows > 100);
}

static void texts_of_their_own_form(void **state)
{
    (void)state;
    start("# nothing\n", NULL);
    must_refuse("\nGATEWAY_WINDOW_DAILY=25:00-26:00\n", ".env:2: ");
    must_refuse("GATEWAY_WINDOW_WEEKLY=Someday\n", ".env:1: ");
    must_refuse("GATEWAY_RESTART_AT=7 pm\n", ".env:1: GATEWAY_RESTART_AT");
    must_refuse("GATEWAY_WEEKLY_LOGIN=never\n", ".env:1: ");
    must_refuse("TAPEDECK_WAIVE=everything\n", ".env:1: ");
}

static void what_contradicts_itself_is_refused(void **state)
{
    (void)state;
    start("# nothing\n", NULL);
    must_refuse("RISK_MAX_ORDER_NOTIONAL=500\nRISK_MAX_DAILY_NOTIONAL=400\n", ".env:2: ");
    must_refuse("PRICE_COLLAR_LOW_PCT=1\nPRICE_COLLAR_PCT=2\n", ".env:2: ");
    must_refuse("IB_GATEWAY_CHECK_INTERVAL=10\nIB_GATEWAY_START_TIMEOUT=5\n", ".env:2: ");
    must_refuse("IB_LIVE_PORT=7497\n", "a port is live or paper");
    must_refuse("IB_GATEWAY_PAPER_PORT=4001\n", "a port is live or paper");
    must_refuse("IB_PAPER_PORT=4001\n", "a port is live or paper");
    must_refuse("IB_GATEWAY_PAPER_PORT=7496\n", "a port is live or paper");
    put_text(".env", "RISK_MAX_DAILY_NOTIONAL=400\n"); /* a preset contradicts nobody */
    assert_true(read_it(true));
}

static void keys_that_are_nearly_ours_are_refused(void **state)
{
    (void)state;
    static const char *const slips[] = {"MAX_ORDER_SIZ",  "MAX_ORDER_SIZES", "max_order_size",
                                        "MAX_ORDRE_SIZE", "MAX_ORDER_SYZE",  "ALOW_ORDERS",
                                        "DRY_RUNN"};
    static const char *const others[] = {"TEMP_PATH", "PATH", "IB_HOST_Virtual", "A", "DEBUG"};
    char text[100];
    start("# nothing\n", NULL);
    for (size_t i = 0; i < TD_COUNT(slips); i++) {
        (void)snprintf(text, sizeof text, "A=1\n%s=1\n", slips[i]);
        must_refuse(text, "did you mean");
    }
    for (size_t i = 0; i < TD_COUNT(others); i++) {
        (void)snprintf(text, sizeof text, "%s=1\n%s=2\n", others[i], others[i]);
        put_text(".env", text);
        assert_true(read_it(true));
    }
}

/* --- files that are cut, written over, gone --- */

static const char good[] =
    "# the desk of the front room\n"
    "ALLOW_ORDERS=1\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\n"
    "MAX_ORDER_SIZE=\"20\"   # shares\nMAX_POSITION_EXPOSURE=60.5\n"
    "MAX_DAILY_LOSS=1500\nMAX_DAILY_LOSS_PCT=0.03\nRISK_MAX_DAILY_NOTIONAL=250000\n"
    "export RESTRICTED_SYMBOLS=GME,AMC\nSYMBOL_ALLOWLIST='SPY,IBM'\n"
    "KILL_DRAWDOWN_PCT=0.15\nKILL_LOSING_STREAK=12\nMAX_TRADES_PER_DAY=250\n"
    "DEDUP_WINDOW_SECONDS=15\nDISK_FLOOR_MB=1024\nQUOTE_AGE_MS=2500\n"
    "EXECUTION_SHORT_SELLING=1\nALLOW_OUTSIDE_RTH=1\nKILL_BAD_DATA=0\nTEMP_PATH=/tmp\n";

static const char good_json[] =
    "{\n  \"default\": {\n    \"symbols\": [\"SPY\", \"IBM\"],\n"
    "    \"max_daily_loss\": 1234.5,\n    \"theme\": \"dark\"\n  }\n}\n";

static void a_file_cut_anywhere_opens_nothing(void **state)
{
    (void)state;
    int taken = 0, refused = 0;
    for (size_t n = 0; n < sizeof good - 1; n++) {
        start(good, good_json);
        put(".env", good, n);
        if (read_it(true))
            taken++;
        else
            refused++;
    }
    print_message(".env cut at %d bytes: %d taken and none looser, %d refused\n", taken + refused,
                  taken, refused);
    assert_true(taken > 100 && refused > 20);
    start(good, good_json);
    for (size_t n = 0; n < sizeof good_json - 2; n++) { /* all but the last line end */
        put("user_settings.json", good_json, n);
        assert_false(read_it(true));
    }
}

static void random_bytes_are_refused_or_harmless(void **state)
{
    (void)state;
    static char bytes[sizeof good];
    struct td_rng rng;
    int refused = 0;
    td_rng_init(&rng, 7);
    start(good, good_json);
    for (int i = 0; i < 6000; i++) {
        const bool json = i % 3 == 0;
        const size_t len = json ? sizeof good_json - 1 : sizeof good - 1;
        memcpy(bytes, json ? good_json : good, len);
        for (uint64_t k = td_rng_u64(&rng) % 3 + 1; k > 0; k--)
            bytes[td_rng_u64(&rng) % len] ^= (char)(1u << td_rng_u64(&rng) % 8);
        put(".env", good, sizeof good - 1);
        put("user_settings.json", good_json, sizeof good_json - 1);
        put(json ? "user_settings.json" : ".env", bytes, len);
        refused += !read_it(true);
    }
    print_message("random bytes: 6000 files, %d refused with a line, none looser\n", refused);
    assert_true(refused > 1000 && refused < 6000);
}

static void user_settings_of_the_wrong_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", ":1: not JSON"},
        {"[]", "no object \"default\""},
        {"{\"default\":[]}", "no object \"default\""},
        {"{\"default\":{}}\n x", ":2: not JSON"},
        {"{\"default\":{}} {\"default\":{}}", "not JSON"},
        {"{\"default\":{},\"default\":{}}", "is there twice"},
        {"{\"default\":{\"max_daily_loss\":1,\n\"max_daily_loss\":2}}", "is there twice"},
        {"{\"default\":{\"symbols\":[],\"symbols\":[\"SPY\"]}}", "is there twice"},
        {"{\"default\":\n{\n\"max_daily_loss\":\"1\"}}", ":3: default.max_daily_loss"},
        {"{\"default\":{\"max_daily_loss\":0}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":-1}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":1e-300}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":1e999}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":9000000001}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":NaN}}", "not JSON"},
        {"{\"default\":{\"max_daily_loss\":null}}", "money above 0"},
        {"{\"default\":{\"max_daily_loss\":true}}", "money above 0"},
        {"{\"default\":{\"symbols\":\"SPY\"}}", "a list of names"},
        {"{\"default\":{\n\"symbols\":[\"SPY\",1]}}", ":2: default.symbols[1]"},
        {"{\"default\":{\"symbols\":[\"../x\"]}}", "default.symbols[0]"},
        {"{\"default\":{\"symbols\":[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]}}", "symbols[0]"},
    };
    start(NULL, good_json);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        put_text("user_settings.json", bad[i].text);
        if (read_it(true))
            fail_msg("taken: %s", bad[i].text);
        if (!strstr(why.text, bad[i].part))
            fail_msg("%s: %s", bad[i].text, why.text);
    }
    put("user_settings.json", "{\"default\":{\"symbols\":[\"A\0B\"]}}", 32);
    assert_false(read_it(true));
    put("user_settings.json", "{\"default\":{\"max_daily_loss\":7}}", 31);
    assert_false(read_it(true));
    put_text("user_settings.json", "{\"default\":{\"max_daily_loss\":7,\"symbols\":[\"SPY\"]}}");
    assert_true(read_it(true));
    assert_true(td_reload_settings(&reload)->user_loss_money_e9 == 7 * TD_E9);
}

static void files_that_are_gone_or_no_files(void **state)
{
    (void)state;
    start(good, good_json);
    (void)td_file_remove(&world, ".env");
    assert_false(read_it(false));
    assert_non_null(strstr(why.text, "is gone"));
    start(good, good_json);
    (void)td_file_remove(&world, "user_settings.json");
    assert_false(read_it(false));
    assert_non_null(strstr(why.text, "is gone"));
    start(NULL, NULL); /* they may come to be */
    assert_true(read_it(false));
    put_text(".env", "ALLOW_ORDERS=1\nMAX_ORDER_SIZE=1\n");
    assert_true(read_it(true));
    assert_false(td_reload_settings(&reload)->allow_orders);
    assert_true(td_reload_settings(&reload)->max_order_size_e9 == TD_E9);
    (void)td_file_remove(&world, ".env");
    TD_OK_OR_FAIL(td_folder_make(&world, "folder.env"));
    assert_int_equal(td_environ_load(&start_file, &world, "folder.env", &why), TD_EPARSE);
}

/* Somebody writes between the first byte read and the last. */
static const struct td_world_ops *real_ops;
static int reads_left;

static enum td_err writing_read(void *self, struct td_file f, uint64_t offset, void *buf,
                                size_t cap, size_t *got)
{
    const enum td_err err = real_ops->read(self, f, offset, buf, cap, got);
    if (--reads_left == 0) {
        struct td_world w = {real_ops, self};
        TD_OK_OR_FAIL(td_file_replace(&w, ".env", td_str_of("ALLOW_ORDERS=1\nDRY_RUN=0\n"), NULL));
    }
    return err;
}

static void a_file_that_changes_while_it_is_read(void **state)
{
    (void)state;
    int refused = 0;
    for (int n = 1; n <= 12; n++) {
        start(good, good_json);
        struct td_world_ops ops = *world.ops;
        real_ops = world.ops;
        reads_left = n;
        ops.read = writing_read;
        reload.world->ops = &ops;
        refused += !read_it(false);
        world.ops = real_ops;
    }
    assert_true(refused >= 2);
}

/* Descriptors run out, or the disk fails, at any call. */
static enum td_err failing_open(void *self, const char *path, enum td_file_mode mode,
                                struct td_file *out, struct td_fail *reason)
{
    if (--reads_left == 0)
        return td_fail_set(reason, TD_EFULL, "%s: no descriptor is left", path);
    return real_ops->open(self, path, mode, out, reason);
}

static enum td_err failing_read(void *self, struct td_file f, uint64_t offset, void *buf,
                                size_t cap, size_t *got)
{
    return --reads_left == 0 ? TD_EIO : real_ops->read(self, f, offset, buf, cap, got);
}

static void every_call_that_fails_refuses(void **state)
{
    (void)state;
    int calls = 0, refused = 0;
    start(good, good_json);
    for (bool clean = false; !clean; calls++) {
        struct td_world_ops ops = *world.ops;
        assert_true(calls < 100);
        put_text(".env", "ALLOW_ORDERS=0\n");
        real_ops = world.ops;
        reads_left = calls + 1;
        ops.open = failing_open;
        ops.read = failing_read;
        world.ops = &ops;
        refused += !read_it(false);
        world.ops = real_ops;
        clean = reads_left > 0;
        put_text(".env", good); /* and back */
        assert_true(read_it(true));
    }
    print_message("failing calls: %d tried, %d refused\n", calls - 1, refused);
    assert_int_equal(refused, calls - 1);
}

/* --- what a good file does --- */

static void stricter_counts_and_looser_waits(void **state)
{
    (void)state;
    start(good, good_json);
    put_text(".env", "ALLOW_ORDERS=0\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\nMAX_ORDER_SIZE=30\n"
                     "MAX_POSITION_EXPOSURE=10\nRESTRICTED_SYMBOLS=AMC,GME,IBM\n"
                     "SYMBOL_ALLOWLIST=SPY\nIB_HOST=elsewhere\nIB_PASSWORD=canary-7331\n");
    assert_true(read_it(true));
    const struct td_settings *s = td_reload_settings(&reload);
    assert_false(s->allow_orders);
    assert_true(s->max_order_size_e9 == 20 * TD_E9);
    assert_true(s->max_position_e9 == 10 * TD_E9);
    assert_true(s->max_loss_money_e9 == 1500 * TD_E9); /* its line is gone: it stays */
    assert_int_equal(s->restricted.count, 3);
    assert_int_equal(s->allowlist.count, 1);
    assert_string_equal(s->host, "127.0.0.1");
    bool host_told = false;
    for (uint32_t i = 0; i < reload.change_count; i++) {
        const struct td_reload_change *c = &reload.changes[i];
        host_told |= strcmp(c->key, "IB_HOST") == 0 && c->kept && !c->changes &&
                     strcmp(c->asked, "elsewhere") == 0;
        assert_null(strstr(c->asked, "canary"));
    }
    assert_true(host_told);
    put_text(".env", good);
    assert_true(read_it(true)); /* back to the start, not beyond it */
    assert_true(td_reload_settings(&reload)->allow_orders);
    assert_int_equal(td_reload_settings(&reload)->restricted.count, 2);
    assert_true(read_it(true));
    assert_int_equal(reload.change_count, 0);
}

static void options_and_the_environment_stay(void **state)
{
    (void)state;
    (void)setenv("MAX_TRADES_PER_DAY", "7", 1);
    start(good, good_json);
    file.max_order_size_e9 = 20 * TD_E9;
    struct td_settings started;
    td_settings_copy(&started, &file);
    started.max_order_notional_e9 = 500 * TD_E9; /* by an option */
    const struct td_reload_config config = {
        .world = &world, .environ = &start_file, .file = &file, .started = &started, .user = &user};
    TD_OK_OR_FAIL(td_reload_open(&reload, &config, &why));
    (void)setenv("MAX_TRADES_PER_DAY", "1", 1);
    (void)setenv("MAX_ORDER_SIZE", "1", 1);
    (void)setenv("DRY_RUN", "1", 1);
    put_text(".env", "ALLOW_ORDERS=1\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\nMAX_TRADES_PER_DAY=3\n"
                     "MAX_ORDER_SIZE=20\nRISK_MAX_ORDER_NOTIONAL=800\n");
    assert_int_equal(td_reload_read(&reload, &why), TD_OK);
    const struct td_settings *s = td_reload_take(&reload);
    assert_int_equal(s->max_trades, 7);
    assert_true(s->max_order_size_e9 == 20 * TD_E9);
    assert_false(s->dry_run);
    assert_true(s->max_order_notional_e9 == 500 * TD_E9);
    (void)unsetenv("MAX_TRADES_PER_DAY");
    (void)unsetenv("MAX_ORDER_SIZE");
    (void)unsetenv("DRY_RUN");
}

/* Each row that has a direction, moved both ways from the middle of its range. */
static void every_direction_is_kept(void **state)
{
    (void)state;
    char env[100];
    int ways = 0;
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        const enum td_strict way = td_reload_way(row->name);
        if (way == TD_STRICT_AT_START || way == TD_STRICT_FEWER || way == TD_STRICT_LONGER)
            continue;
        const bool part = row->per || (row->type == TD_OPT_NUM && row->high <= 4);
        const char *const values[] = {row->type == TD_OPT_FLAG ? "0"
                                      : row->per               ? "0.001"
                                      : row->high == 4         ? "1"
                                      : part                   ? "0.1"
                                                               : "2",
                                      row->type == TD_OPT_FLAG ? "1"
                                      : row->per               ? "0.05"
                                      : row->high == 4         ? "3"
                                      : part                   ? "0.7"
                                                               : "90"};
        for (int at = 0; at < 2; at++) {
            (void)snprintf(env, sizeof env, "%s=%s\n", row->name, values[at]);
            start(env, NULL);
            (void)snprintf(env, sizeof env, "%s=%s\n", row->name, values[!at]);
            put_text(".env", env);
            assert_true(read_it(true));
            const bool moved = number(td_reload_settings(&reload), row) != number(&file, row);
            assert_int_equal(moved, (way == TD_STRICT_MORE) == (at == 0));
        }
        ways++;
    }
    print_message("directions: %d settings, each moved both ways\n", ways);
    assert_true(ways >= 45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_refuses_what_is_bad),
        cmocka_unit_test(texts_of_their_own_form),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(keys_that_are_nearly_ours_are_refused),
        cmocka_unit_test(a_file_cut_anywhere_opens_nothing),
        cmocka_unit_test(random_bytes_are_refused_or_harmless),
        cmocka_unit_test(user_settings_of_the_wrong_form),
        cmocka_unit_test(files_that_are_gone_or_no_files),
        cmocka_unit_test(a_file_that_changes_while_it_is_read),
        cmocka_unit_test(every_call_that_fails_refuses),
        cmocka_unit_test(stricter_counts_and_looser_waits),
        cmocka_unit_test(options_and_the_environment_stay),
        cmocka_unit_test(every_direction_is_kept),
    };
    return cmocka_run_group_tests_name("desk/reload", tests, set_up, tear_down);
}
