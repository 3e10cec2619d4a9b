/* tests/history/task_bars_test.c - bars of tasks against the gateway simulator, on machines of one simulated world.
 *
 * The requests are read from the bytes the simulator receives, so a request too many or in other words shows. What a run
 * leaves is read back from the simulated disk.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/task_bars.h"
#define SCRIPT_REQUESTS 512
#include "desk/script_gateway.h"
#include "sim/gateway_server.h"
#include "store/bars_read.h"
#include "store/manifest.h"
#include "store/table_file.h"

#define BASE      "base"
#define PORT      4002
#define ASKED_MAX 64

struct asked {
    char symbol[16], end[32], bar[16], duration[16], rth[4];
};

static struct scene {
    struct td_simworld *sim;
    struct td_world client, server; /* worlds of the two machines */
    uint32_t client_host, server_host;
    struct td_gateway *gateway;
    struct td_script faults;
    struct td_plan plan;
    struct td_bar_row rows[20000]; /* of the file read last */
    size_t count;
    int servers;
} scene;

/* --- what the simulator receives --- */

static struct ear {
    struct td_world_ops ops;
    const struct td_world_ops *real;
    uint32_t conn;
    uint8_t bytes[65536];
    size_t len;
    bool greeted;
    struct asked asked[ASKED_MAX];
    size_t count;
    size_t signal_at; /* at this request the client receives a signal; 0 never */
} ear;

/* Field `n` of a frame of texts. */
static const char *field(const uint8_t *frame, size_t len, int n)
{
    size_t at = 0;
    for (; n > 0 && at < len; at++)
        n -= frame[at] == 0;
    return at < len ? (const char *)frame + at : "";
}

static void take_frame(const uint8_t *f, size_t len)
{
    if (strcmp(field(f, len, 0), "20") != 0)
        return;
    assert_true(ear.count < ASKED_MAX);
    struct asked *a = &ear.asked[ear.count++];
    (void)snprintf(a->symbol, sizeof a->symbol, "%s", field(f, len, 3));
    (void)snprintf(a->end, sizeof a->end, "%s", field(f, len, 15));
    (void)snprintf(a->bar, sizeof a->bar, "%s", field(f, len, 16));
    (void)snprintf(a->duration, sizeof a->duration, "%s", field(f, len, 17));
    (void)snprintf(a->rth, sizeof a->rth, "%s", field(f, len, 18));
    if (ear.count == ear.signal_at)
        td_simworld_signal(scene.sim, scene.client_host, 2);
}

static enum td_err hear(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    const enum td_err err = ear.real->recv(self, conn, buf, cap, got);
    if (err)
        return err;
    if (conn.id != ear.conn) {
        ear.len = 0;
        ear.greeted = false;
    }
    ear.conn = conn.id;
    TD_REQUIRE(ear.len + *got <= sizeof ear.bytes);
    memcpy(ear.bytes + ear.len, buf, *got);
    ear.len += *got;
    size_t at = 0;
    if (!ear.greeted && ear.len >= 4) {
        ear.greeted = true;
        at = 4; /* "API" */
    }
    while (ear.greeted && ear.len - at >= 4) {
        const uint8_t *b = ear.bytes + at;
        const size_t n = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        if (ear.len - at < 4 + n)
            break;
        take_frame(b + 4, n);
        at += 4 + n;
    }
    memmove(ear.bytes, ear.bytes + at, ear.len - at);
    ear.len -= at;
    return TD_OK;
}

/* --- the two machines --- */

static td_ns turn(void *arg)
{
    struct td_wake wake;
    (void)arg;
    for (td_world_wait(&scene.server, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&scene.server, 0, &wake))
        (void)td_gateway_wake(scene.gateway, &wake);
    td_gateway_tick(scene.gateway);
    return td_gateway_deadline(scene.gateway);
}

static void install_zone(struct td_world *world)
{
    static const char path[] = "/usr/share/zoneinfo/America/New_York";
    size_t len = 0;
    char *bytes = td_test_slurp(path, &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_folder_make(world, "/usr/share/zoneinfo/America"));
    TD_OK_OR_FAIL(td_file_replace(world, path, (struct td_str){bytes, len}, NULL));
    free(bytes);
}

static int64_t day_of(const char *date)
{
    int64_t day = 0;
    TD_OK_OR_FAIL(td_date_parse(date, 10, &day));
    return day;
}

/* A gateway that plays `date` from HH:MM on; one at a time. */
static void serve(const char *date, const char *start, const char *fault)
{
    static const char *const symbols[] = {"IBM"}; /* others on demand */
    char name[16];
    struct td_fail why = {0};
    td_gateway_close(scene.gateway);
    td_script_init(&scene.faults);
    if (fault && td_script_line(&scene.faults, td_str_of(fault), &why) != TD_OK)
        fail_msg("%s", why.text);
    if (scene.server_host)
        td_simworld_kill(scene.sim, scene.server_host);
    (void)snprintf(name, sizeof name, "gateway%u", (unsigned)++scene.servers % 10);
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, name, &scene.server_host, &scene.server, &why));
    install_zone(&scene.server);
    ear.real = scene.server.ops;
    ear.ops = *scene.server.ops;
    ear.ops.recv = hear;
    scene.server.ops = &ear.ops;
    struct td_gateway_config config = {.world = &scene.server,
                                       .port = PORT,
                                       .symbols = symbols,
                                       .symbol_count = TD_COUNT(symbols),
                                       .seed = 7,
                                       .speed_e9 = TD_E9,
                                       .day = day_of(date),
                                       .master_id = -1,
                                       .script = &scene.faults};
    assert_true(td_gateway_start_parse(start, &config.start_minute));
    if (td_gateway_open(&scene.gateway, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
    td_simworld_turn(scene.sim, scene.server_host, turn, NULL);
}

static void begin(const char *start_utc)
{
    struct td_simworld_options o = {.seed = 3, .latency_max = 3 * TD_MS};
    memset(&scene, 0, sizeof scene);
    memset(&ear, 0, sizeof ear);
    TD_OK_OR_FAIL(td_iso_parse(start_utc, strlen(start_utc), &o.start_ns));
    TD_OK_OR_FAIL(td_simworld_open(&scene.sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "client", &scene.client_host, &scene.client, NULL));
    install_zone(&scene.client);
    scene.plan = (struct td_plan){.host = "localhost",
                                  .ports = {PORT},
                                  .port_count = 1,
                                  .client_id = 21,
                                  .ids = 1,
                                  .timeout = 60 * TD_SEC};
}

static int end(void **state)
{
    (void)state;
    td_gateway_close(scene.gateway);
    td_simworld_close(scene.sim);
    script_free();
    memset(&scene, 0, sizeof scene);
    return 0;
}

/* --- runs --- */

#define FRIDAY "2025-11-21"

static char told[4096]; /* lines of the last run */
static uint32_t told_done, told_all;
static void (*after_file)(void); /* called once */

static void tell(void *arg, const struct td_task_bars_step *step)
{
    (void)arg;
    if (after_file)
        after_file();
    after_file = NULL;
    const size_t len = strlen(told);
    (void)snprintf(told + len, sizeof told - len, "%s%s\n", step->bad ? "! " : "", step->line);
    told_done = step->done;
    told_all = step->all;
}

static struct td_task_bars_config config_of(unsigned kinds, bool force)
{
    return (struct td_task_bars_config){
        .base = BASE, .kinds = kinds, .force = force, .plan = &scene.plan, .tell = tell};
}

static struct td_task task_of(const char *symbol, const char *date)
{
    struct td_task t = {.day = day_of(date)};
    TD_REQUIRE(td_str_copy(td_str_of(symbol), t.symbol, sizeof t.symbol));
    return t;
}

/* The broker wants 15 s between equal requests. */
static void pass(td_ns span)
{
    const td_ns until = td_world_mono(&scene.client) + span;
    struct td_wake wake;
    while (td_world_mono(&scene.client) < until)
        td_world_wait(&scene.client, until, &wake);
}

/* `times` runs of one object over one connection. */
static enum td_err run_with(const struct td_task_bars_config *config, const struct td_task *tasks,
                            uint32_t count, int times, struct td_task_bars_report *r)
{
    struct td_link link = {0};
    struct td_task_bars *b = NULL;
    struct td_fail why = {0};
    uint16_t port;
    int32_t id;
    ear.count = 0;
    told[0] = '\0';
    told_done = told_all = 0;
    TD_OK_OR_FAIL(td_link_open(&link, &scene.client, &why));
    if (td_plan_connect(&scene.plan, &link, NULL, &port, &id, &why) != TD_OK)
        fail_msg("%s", why.text);
    enum td_err err = td_task_bars_open(&b, config, &scene.client, &why);
    while (!err && times-- > 0)
        err = td_task_bars_run(b, &link, tasks, count, r, &why);
    td_task_bars_close(b);
    td_link_close(&link);
    if (err)
        print_message("run ended: %s\n", why.text);
    return err;
}

static struct td_task_bars_report run_one(const char *symbol, const char *date, unsigned kinds,
                                          bool force)
{
    const struct td_task_bars_config config = config_of(kinds, force);
    const struct td_task task = task_of(symbol, date);
    struct td_task_bars_report r;
    TD_OK_OR_FAIL(run_with(&config, &task, 1, 1, &r));
    assert_int_equal(r.requests, ear.count);
    return r;
}

static void expect_asked(size_t i, const char *bar, const char *duration, const char *end_utc,
                         const char *rth)
{
    assert_true(i < ear.count);
    assert_string_equal(ear.asked[i].bar, bar);
    assert_string_equal(ear.asked[i].duration, duration);
    assert_string_equal(ear.asked[i].end, end_utc);
    assert_string_equal(ear.asked[i].rth, rth);
}

/* --- files --- */

static const char *path_of(const char *symbol, const char *bar, const char *date)
{
    static char path[200];
    (void)snprintf(path, sizeof path, BASE "/IBDownloads/%s_USUSD_%s_%s.ftr", symbol, bar, date);
    return path;
}

static enum td_err keep(void *arg, const struct td_bar_row *row)
{
    (void)arg;
    TD_REQUIRE(scene.count < TD_COUNT(scene.rows));
    scene.rows[scene.count++] = *row;
    return TD_OK;
}

static void read_file(const char *symbol, const char *bar, const char *date)
{
    struct td_fail why = {0};
    scene.count = 0;
    if (td_bars_read(&scene.client, path_of(symbol, bar, date), keep, NULL, &why) != TD_OK)
        fail_msg("%s", why.text);
    for (size_t i = 1; i < scene.count; i++)
        assert_true(scene.rows[i].local_ns > scene.rows[i - 1].local_ns);
}

static td_ns local(const char *wall)
{
    td_ns at = 0;
    TD_OK_OR_FAIL(td_iso_parse(wall, strlen(wall), &at));
    return at;
}

static void expect_span(size_t count, const char *first, const char *last)
{
    assert_int_equal(scene.count, count);
    assert_true(scene.rows[0].local_ns == local(first));
    assert_true(scene.rows[count - 1].local_ns == local(last));
}

static bool within(td_ns at, const char *from, const char *to)
{
    return at >= local(from) && at < local(to);
}

static struct td_bars_entry last_entry;
static size_t entries;

static enum td_err keep_entry(void *arg, const struct td_bars_entry *e)
{
    (void)arg;
    last_entry = *e;
    entries++;
    return TD_OK;
}

static void read_manifest(void)
{
    struct td_manifest_counts counts = {0};
    struct td_fail why = {0};
    entries = 0;
    if (td_bars_manifest_each(&scene.client, BASE "/" TD_BARS_MANIFEST, true, keep_entry, NULL,
                              &counts, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static void expect_columns(const char *path)
{
    static const char *const names[] = {"open",   "high", "low",   "close",
                                        "volume", "wap",  "count", "datetime"};
    struct td_table_file *f;
    char head[8] = "";
    struct td_file file;
    size_t got = 0;
    TD_OK_OR_FAIL(td_file_open(&scene.client, path, TD_FILE_READ, &file, NULL));
    TD_OK_OR_FAIL(td_file_read(&scene.client, file, 0, head, 4, &got));
    td_file_close(&scene.client, file);
    assert_memory_equal(head, "PAR1", 4);
    TD_OK_OR_FAIL(td_table_file_open(&f, &scene.client, path, NULL));
    for (size_t i = 0; i < TD_COUNT(names); i++)
        assert_int_equal(td_table_file_find(f, names[i]), (int)i);
    td_table_file_close(f);
}

/* --- tests --- */

static void a_day_is_three_files_asked_once(void **state)
{
    (void)state;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    struct td_task_bars_report r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(r.written, 3);
    assert_int_equal(r.failed + r.empty + r.held + r.idle, 0);
    assert_int_equal(told_done, 3);
    assert_int_equal(told_all, 3);
    assert_int_equal(ear.count, 6);
    expect_asked(0, "1 hour", "23400 S", "20251121-21:00:00", "1");
    expect_asked(1, "1 min", "2 D", "20251121-16:00:00", "1");
    expect_asked(2, "1 secs", "1800 S", "20251121-14:30:00", "0");
    expect_asked(3, "1 secs", "1800 S", "20251121-15:00:00", "0");
    expect_asked(4, "1 secs", "1800 S", "20251121-15:30:00", "0");
    expect_asked(5, "1 secs", "1800 S", "20251121-16:00:00", "0");
    read_file("IBM", "1 hour", FRIDAY);
    expect_span(7, "2025-11-21T09:30:00", "2025-11-21T15:00:00");
    uint64_t rows = scene.count;
    read_file("IBM", "1 min", FRIDAY);
    rows += scene.count;
    assert_true(scene.rows[0].local_ns == local("2025-11-20T09:30:00"));
    assert_true(scene.count > 430 && scene.count <= 480);
    for (size_t i = 0; i < scene.count; i++)
        assert_true(within(scene.rows[i].local_ns, "2025-11-20T09:30:00", "2025-11-20T16:00:00") ||
                    within(scene.rows[i].local_ns, "2025-11-21T09:30:00", "2025-11-21T11:00:00"));
    read_file("IBM", "1 sec", FRIDAY);
    rows += scene.count;
    assert_true(scene.count > 600);
    assert_true(within(scene.rows[0].local_ns, "2025-11-21T09:00:00", "2025-11-21T09:30:00"));
    assert_true(
        within(scene.rows[scene.count - 1].local_ns, "2025-11-21T10:59:00", "2025-11-21T11:00:00"));
    assert_true(r.rows == rows);
    static const char *const words[] = {"1 hour", "1 min", "1 sec"};
    for (size_t i = 0; i < TD_COUNT(words); i++)
        expect_columns(path_of("IBM", words[i], FRIDAY));
    read_manifest();
    assert_int_equal(entries, 3);
    assert_string_equal(last_entry.filename, "IBM_USUSD_1 sec_2025-11-21.ftr");
    assert_string_equal(last_entry.bar_size, "1 sec");
    assert_int_equal(last_entry.asked_count, 1);
    assert_true(last_entry.asked[0].from == local("2025-11-21T09:00:00"));
    assert_true(last_entry.asked[0].to == local("2025-11-21T11:00:00"));
    print_message("second bars of 2 hours: %zu of 7200\n", scene.count);

    r = run_one("IBM", FRIDAY, 0, false); /* seconds without trades are not asked for again */
    assert_int_equal(r.held, 3);
    assert_int_equal(ear.count, 0);
    pass(20 * TD_SEC);
    r = run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_SEC) | TD_BARS_BIT(TD_BARS_HOUR), true);
    assert_int_equal(r.written, 2);
    assert_int_equal(ear.count, 5);
    read_manifest();
    assert_int_equal(entries, 5);
}

/* A file of the original data layer: Feather bytes, no line in the manifest. */
static void put_old_file(const char *path, const char *const *times, size_t pairs, td_ns span)
{
    struct td_bar_rows rows = {0};
    for (size_t i = 0; i < pairs; i++)
        for (td_ns at = local(times[2 * i]); at < local(times[2 * i + 1]); at += span) {
            const struct td_bar_row row = {.local_ns = at,
                                           .bar = {.open = TD_PX(5),
                                                   .high = TD_PX(5),
                                                   .low = TD_PX(5),
                                                   .close = TD_PX(5),
                                                   .volume = TD_QTY(1),
                                                   .wap = TD_PX_NONE,
                                                   .count = -1}};
            TD_OK_OR_FAIL(td_bar_rows_add(&rows, &row));
        }
    TD_OK_OR_FAIL(td_folder_make(&scene.client, BASE "/IBDownloads"));
    TD_OK_OR_FAIL(td_bars_write_feather(&scene.client, path, rows.rows, rows.count, NULL));
    td_bar_rows_free(&rows);
}

static void only_the_gap_is_asked_for(void **state)
{
    (void)state;
    static const char *const seconds[] = {"2025-11-21T09:00:00", "2025-11-21T09:40:00",
                                          "2025-11-21T10:20:00", "2025-11-21T11:00:00"};
    static const char *const minutes[] = {"2025-11-20T09:30:00", "2025-11-20T16:00:00",
                                          "2025-11-21T09:30:00", "2025-11-21T10:15:00"};
    static const char *const hours[] = {"2025-11-21T09:30:00", "2025-11-21T16:00:00"};
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    put_old_file(path_of("IBM", "1 sec", FRIDAY), seconds, 2, TD_SEC);
    put_old_file(path_of("IBM", "1 min", FRIDAY), minutes, 2, TD_MIN);
    put_old_file(path_of("IBM", "1 hour", FRIDAY), hours, 1, TD_HOUR);
    struct td_task_bars_report r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(r.written, 2);
    assert_int_equal(r.held, 1); /* by its bars alone */
    assert_int_equal(ear.count, 3);
    expect_asked(0, "1 min", "2700 S", "20251121-16:00:00", "1");
    expect_asked(1, "1 secs", "1800 S", "20251121-15:10:00", "0");
    expect_asked(2, "1 secs", "600 S", "20251121-15:20:00", "0");
    read_file("IBM", "1 sec", FRIDAY);
    assert_true(scene.count > 4800 && scene.count <= 7200);
    size_t old = 0;
    for (size_t i = 0; i < scene.count; i++)
        old += scene.rows[i].bar.close.e9 == 5 * TD_E9;
    assert_int_equal(old, 4800); /* what was held stays as it was */
    r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(r.held, 3);
    assert_int_equal(ear.count, 0);
}

/* A file changed by another program is not what the manifest spoke of. */
static void a_line_vouches_only_for_its_own_file(void **state)
{
    (void)state;
    static const char *const part[] = {"2025-11-21T09:30:00", "2025-11-21T12:30:00"};
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    (void)run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_HOUR), false);
    put_old_file(path_of("IBM", "1 hour", FRIDAY), part, 1, TD_HOUR);
    (void)run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_HOUR), false);
    assert_int_equal(ear.count, 1);
    expect_asked(0, "1 hour", "12600 S", "20251121-21:00:00", "1");
}

static void a_day_in_progress_is_finished_later(void **state)
{
    (void)state;
    begin("2025-11-21T15:15:00");
    serve(FRIDAY, "10:15", NULL);
    struct td_task_bars_report r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(r.written + r.idle, 3); /* a hour bar is not whole before 10:30 */
    assert_int_equal(r.idle, 1);
    read_file("IBM", "1 min", FRIDAY);
    assert_true(scene.rows[scene.count - 1].local_ns < local("2025-11-21T10:15:00"));
    const size_t before = scene.count;
    serve(FRIDAY, "17:00", NULL);
    r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(r.written, 3);
    assert_int_equal(ear.count, 4);
    expect_asked(0, "1 hour", "23400 S", "20251121-21:00:00", "1");
    expect_asked(1, "1 min", "2700 S", "20251121-16:00:00", "1");
    assert_string_equal(ear.asked[3].end, "20251121-16:00:00");
    read_file("IBM", "1 min", FRIDAY);
    assert_true(scene.count > before + 30);
    r = run_one("IBM", FRIDAY, 0, false);
    assert_int_equal(ear.count, 0);
}

/* New York went to summer time on Sunday, 2025-03-09. */
static void the_clock_changes_between_two_sessions(void **state)
{
    (void)state;
    begin("2025-03-10T21:00:00");
    serve("2025-03-10", "17:00", NULL);
    const struct td_task_bars_report r =
        run_one("IBM", "2025-03-10", TD_BARS_BIT(TD_BARS_HOUR) | TD_BARS_BIT(TD_BARS_MIN), false);
    assert_int_equal(r.written, 2);
    assert_int_equal(ear.count, 2);
    expect_asked(0, "1 hour", "23400 S", "20250310-20:00:00", "1");
    expect_asked(1, "1 min", "2 D", "20250310-15:00:00", "1");
    read_file("IBM", "1 min", "2025-03-10");
    assert_true(scene.rows[0].local_ns == local("2025-03-07T09:30:00"));
    assert_true(within(scene.rows[389].local_ns, "2025-03-07T15:59:00", "2025-03-07T16:00:00"));
    assert_true(within(scene.rows[390].local_ns, "2025-03-10T09:30:00", "2025-03-10T09:40:00"));
    (void)run_one("IBM", "2025-03-10", TD_BARS_BIT(TD_BARS_HOUR) | TD_BARS_BIT(TD_BARS_MIN), false);
    assert_int_equal(ear.count, 0);
}

/* Thanksgiving 2025-11-27 is a holiday, the day after ends at 13:00, and both were before a weekend. */
static void holidays_and_half_days(void **state)
{
    (void)state;
    begin("2025-11-28T22:00:00");
    serve("2025-11-28", "17:00", NULL);
    struct td_task_bars_report r = run_one("IBM", "2025-11-27", 0, false);
    assert_int_equal(r.idle, 3);
    assert_int_equal(ear.count, 0);
    assert_non_null(strstr(told, "IBM 2025-11-27 1 min: 2025-11-27 is no trading day\n"));
    r = run_one("IBM", "2025-12-01", 0, false);
    assert_int_equal(r.idle, 3);
    assert_non_null(strstr(told, "2025-12-01 has no whole bar yet"));
    r = run_one("IBM", "2025-11-28", TD_BARS_BIT(TD_BARS_HOUR) | TD_BARS_BIT(TD_BARS_MIN), false);
    assert_int_equal(r.written, 2);
    expect_asked(0, "1 hour", "12600 S", "20251128-18:00:00", "1");
    expect_asked(1, "1 min", "2 D", "20251128-16:00:00", "1");
    read_file("IBM", "1 min", "2025-11-28");
    assert_true(scene.rows[0].local_ns == local("2025-11-26T09:30:00"));
    read_file("IBM", "1 hour", "2025-11-28");
    assert_true(scene.rows[scene.count - 1].local_ns == local("2025-11-28T12:00:00"));
}

static void needs_are_known_without_a_gateway(void **state)
{
    (void)state;
    struct td_task_bars_config config = config_of(0, false);
    struct td_task_bars *b;
    struct td_task_bars_need need;
    struct td_fail why = {0};
    begin("2025-11-21T22:00:00");
    config.since[TD_BARS_MIN] = day_of("2025-11-21");
    TD_OK_OR_FAIL(td_task_bars_open(&b, &config, &scene.client, &why));
    struct td_task task = task_of("IBM", "2025-11-20");
    TD_OK_OR_FAIL(td_task_bars_needs(b, &task, &need, &why));
    assert_int_equal(need.bits, TD_BARS_BIT(TD_BARS_HOUR) | TD_BARS_BIT(TD_BARS_SEC));
    assert_int_equal(need.requests, 5);
    task = task_of("IBM", FRIDAY);
    TD_OK_OR_FAIL(td_task_bars_needs(b, &task, &need, &why));
    assert_int_equal(need.bits, TD_BARS_ALL);
    assert_int_equal(need.requests, 6);
    task = task_of("IBM", "2025-11-22");
    TD_OK_OR_FAIL(td_task_bars_needs(b, &task, &need, &why));
    assert_int_equal(need.bits, 0);
    assert_string_equal(need.note, "2025-11-22 is no trading day");
    task = task_of("IBM", "2025-05-21"); /* six months of second bars: to 2025-05-22 */
    TD_OK_OR_FAIL(td_task_bars_needs(b, &task, &need, &why));
    assert_int_equal(need.bits, TD_BARS_BIT(TD_BARS_HOUR));
    assert_non_null(strstr(need.note, "older than the six months"));
    task = task_of("IBM", "2025-05-22");
    TD_OK_OR_FAIL(td_task_bars_needs(b, &task, &need, &why));
    assert_int_equal(need.bits, TD_BARS_BIT(TD_BARS_HOUR) | TD_BARS_BIT(TD_BARS_SEC));
    TD_OK_OR_FAIL(td_folder_make(&scene.client, BASE "/IBDownloads"));
    TD_OK_OR_FAIL(td_file_replace(&scene.client, path_of("IBM", "1 sec", FRIDAY),
                                  td_str_of("these are no bars at all"), NULL));
    task = task_of("IBM", FRIDAY);
    assert_int_not_equal(td_task_bars_needs(b, &task, &need, &why), TD_OK);
    assert_non_null(strstr(why.text, "move it away"));
    td_task_bars_close(b);
    td_task_bars_close(NULL);
}

#define NO_DATA "at 0:00 history-error 162 12 HMDS query returned no data"

static void a_symbol_without_bars_is_asked_for_once(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(0, false);
    const struct td_task task = task_of("IBM", FRIDAY);
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NO_DATA);
    TD_OK_OR_FAIL(run_with(&config, &task, 1, 2, &r));
    assert_int_equal(ear.count, 6); /* in two runs */
    assert_int_equal(r.empty, 3);
    assert_int_equal(r.requests, 0);
    assert_non_null(strstr(told, "! IBM 2025-11-21 1 sec: the gateway has no bars"));
    assert_int_equal(td_entry_at(&scene.client, path_of("IBM", "1 hour", FRIDAY)), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&scene.client, BASE "/" TD_BARS_MANIFEST), TD_ENTRY_NONE);
    pass(20 * TD_SEC);
    r = run_one("IBM", FRIDAY, 0, false); /* another run may find some */
    assert_int_equal(ear.count, 6);
}

static void a_pacing_violation_waits_and_asks_again(void **state)
{
    (void)state;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", "at 0:00 history-error 162 1 Historical data request pacing violation");
    const td_ns from = td_world_mono(&scene.client);
    const struct td_task_bars_report r = run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_HOUR), false);
    assert_int_equal(r.written, 1);
    assert_int_equal(ear.count, 2);
    assert_true(td_world_mono(&scene.client) - from >= 60 * TD_SEC);
}

/* What fails is told, and the next goes on; what was answered before a failure is kept. */
static void failures_stay_with_their_file(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(0, false);
    const struct td_task tasks[] = {task_of("NOPE", FRIDAY), task_of("IBM", FRIDAY)};
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00",
          "on request req-historical-data:5 history-error 366 1 No historical data query found");
    TD_OK_OR_FAIL(td_folder_make(&scene.client, BASE "/IBDownloads"));
    TD_OK_OR_FAIL(td_file_replace(&scene.client, path_of("IBM", "1 hour", FRIDAY),
                                  td_str_of("these are no bars at all"), NULL));
    TD_OK_OR_FAIL(run_with(&config, tasks, 2, 1, &r));
    assert_int_equal(r.failed, 5);
    assert_int_equal(r.written, 1);
    assert_non_null(strstr(told, "! NOPE 2025-11-21 1 hour: the gateway has no contract NOPE"));
    assert_non_null(strstr(told, "! IBM 2025-11-21 1 hour: "));
    assert_non_null(strstr(told, "! IBM 2025-11-21 1 sec: the gateway refused bars of IBM (366"));
    read_file("IBM", "1 sec", FRIDAY);
    const size_t kept = scene.count;
    assert_true(kept > 0);
    assert_true(scene.rows[kept - 1].local_ns < local("2025-11-21T10:30:00"));
    pass(20 * TD_SEC);
    r = run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_SEC), false);
    assert_int_equal(ear.count, 1);
    expect_asked(0, "1 secs", "1800 S", "20251121-16:00:00", "0");
    r = run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_HOUR), true); /* force replaces what it is not */
    assert_int_equal(r.written, 1);
    read_file("IBM", "1 hour", FRIDAY);
    assert_int_equal(scene.count, 7);
}

static void send_signal(void)
{
    td_simworld_signal(scene.sim, scene.client_host, 2);
}

static void cut_off(void)
{
    td_simworld_refuse(scene.sim, PORT, true);
    td_simworld_sever(scene.sim, scene.client_host);
}

static void a_full_disk_and_a_signal_end_the_run(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(TD_BARS_BIT(TD_BARS_HOUR), false);
    const struct td_task tasks[] = {task_of("IBM", FRIDAY), task_of("SPY", FRIDAY)};
    const struct td_sim_fault full = {TD_SIM_WRITE, 1, TD_ENOSPC, true};
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    td_simworld_fault(scene.sim, scene.client_host, &full);
    assert_int_equal(run_with(&config, tasks, 2, 1, &r), TD_ENOSPC);
    assert_int_equal(ear.count, 1);
    assert_int_equal(r.failed, 1);
    assert_int_equal(td_entry_at(&scene.client, path_of("IBM", "1 hour", FRIDAY)), TD_ENTRY_NONE);
    td_simworld_fault(scene.sim, scene.client_host, &(struct td_sim_fault){0});
    after_file = send_signal;
    assert_int_equal(run_with(&config, tasks, 2, 1, &r), TD_EAGAIN);
    assert_true(r.interrupted);
    assert_int_equal(r.written, 1);
    assert_int_equal(r.failed, 0);
}

static void what_was_answered_before_a_signal_is_kept(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(TD_BARS_BIT(TD_BARS_SEC), false);
    const struct td_task task = task_of("IBM", FRIDAY);
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    ear.signal_at = 3;
    assert_int_equal(run_with(&config, &task, 1, 1, &r), TD_EAGAIN);
    ear.signal_at = 0;
    assert_true(r.interrupted);
    read_file("IBM", "1 sec", FRIDAY);
    assert_true(
        within(scene.rows[scene.count - 1].local_ns, "2025-11-21T09:59:00", "2025-11-21T10:00:00"));
    pass(20 * TD_SEC);
    r = run_one("IBM", FRIDAY, TD_BARS_BIT(TD_BARS_SEC), false);
    assert_int_equal(ear.count, 2);
    expect_asked(0, "1 secs", "1800 S", "20251121-15:30:00", "0");
}

static void a_gateway_that_stays_away_ends_the_run(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(TD_BARS_BIT(TD_BARS_HOUR), false);
    const struct td_task tasks[] = {task_of("IBM", FRIDAY), task_of("SPY", FRIDAY),
                                    task_of("SPY", "2025-11-20")};
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    serve(FRIDAY, "17:00", NULL);
    after_file = cut_off;
    assert_int_equal(run_with(&config, tasks, 3, 1, &r), TD_ECLOSED);
    assert_int_equal(r.written, 1);
    assert_int_equal(r.failed, 1); /* the third was not begun */
}

/* The power goes at every call that changes the disk: there is no file, or a whole one, and the next run completes it. */
static void a_crash_leaves_no_torn_file(void **state)
{
    (void)state;
    const struct td_task_bars_config config = config_of(TD_BARS_BIT(TD_BARS_HOUR), false);
    static const char thursday[] = "2025-11-20";
    const struct td_task task = task_of("IBM", thursday);
    struct td_task_bars_report r;
    int without = 0, with = 0;
    enum td_err err = TD_EIO;
    for (uint64_t nth = 1; err; nth++) {
        const struct td_sim_fault cut = {TD_SIM_ANY, nth, TD_EIO, true};
        assert_true(nth < 60);
        begin("2025-11-21T09:05:00");
        serve(FRIDAY, "04:05", NULL); /* a tape that has hardly begun opens fast */
        td_simworld_fault(scene.sim, scene.client_host, &cut);
        err = run_with(&config, &task, 1, 1, &r);
        assert_int_equal(err, TD_OK); /* a failing file is no failing run */
        err = r.failed ? TD_EIO : TD_OK;
        td_simworld_crash(scene.sim, scene.client_host);
        TD_OK_OR_FAIL(
            td_simworld_attach(scene.sim, "client", &scene.client_host, &scene.client, NULL));
        install_zone(&scene.client);
        if (td_entry_at(&scene.client, path_of("IBM", "1 hour", thursday)) == TD_ENTRY_FILE) {
            read_file("IBM", "1 hour", thursday);
            assert_int_equal(scene.count, 7);
            with++;
        } else {
            without++;
        }
        r = run_one("IBM", thursday, TD_BARS_BIT(TD_BARS_HOUR), false);
        assert_int_equal(r.written + r.held, 1);
        read_file("IBM", "1 hour", thursday);
        assert_int_equal(scene.count, 7);
        (void)end(NULL);
    }
    print_message("power cuts: %d before the file, %d after it\n", without, with);
    assert_true(without > 3 && with > 1);
}

/* More contracts than the market keeps at a time. */
static void many_symbols(void **state)
{
    (void)state;
    static struct td_task tasks[150];
    const struct td_task_bars_config config = config_of(TD_BARS_BIT(TD_BARS_HOUR), false);
    struct td_task_bars_report r;
    begin("2025-11-21T22:00:00");
    script_attach(scene.sim, PORT);
    script.serves = true;
    for (size_t i = 0; i < TD_COUNT(tasks); i++) {
        char symbol[8] = {'Q', (char)('A' + i / 26), (char)('A' + i % 26), 0};
        tasks[i] = task_of(symbol, FRIDAY);
    }
    TD_OK_OR_FAIL(run_with(&config, tasks, TD_COUNT(tasks), 1, &r));
    assert_int_equal(r.empty, TD_COUNT(tasks));
    assert_int_equal(script_asked(TD_TWS_REQ_HISTORICAL_DATA), TD_COUNT(tasks));
    assert_int_equal(script_asked(TD_TWS_REQ_CONTRACT_DETAILS), TD_COUNT(tasks));
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        ROW(a_day_is_three_files_asked_once),
        ROW(only_the_gap_is_asked_for),
        ROW(a_line_vouches_only_for_its_own_file),
        ROW(a_day_in_progress_is_finished_later),
        ROW(the_clock_changes_between_two_sessions),
        ROW(holidays_and_half_days),
        ROW(needs_are_known_without_a_gateway),
        ROW(a_symbol_without_bars_is_asked_for_once),
        ROW(a_pacing_violation_waits_and_asks_again),
        ROW(failures_stay_with_their_file),
        ROW(a_full_disk_and_a_signal_end_the_run),
        ROW(what_was_answered_before_a_signal_is_kept),
        ROW(a_gateway_that_stays_away_ends_the_run),
        ROW(a_crash_leaves_no_torn_file),
        ROW(many_symbols),
    };
    return cmocka_run_group_tests_name("history/task_bars", tests, NULL, NULL);
}
