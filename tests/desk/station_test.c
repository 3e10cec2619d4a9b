/* tests/desk/station_test.c - the scanner that starts streams, and the gateway simulator as two machines of one simulated world.
 *
 * The simulator's own list of subscriptions is what the station is judged by: how many there are, and whose.
 */
#include "support/support.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk/station.h"
#include "desk/zone.h"
#include "sim/gateway_inner.h"
#include "sim/simworld.h"
#include "store/snapshot_read.h"
#include "store/table_file.h"
#include "sys/uvworld.h"

#define BEGIN INT64_C(1763739000000000000) /* Friday 2025-11-21, 10:30 in New York */
#define PORT  4002

static const char *const names[] = {"SPY", "AAPL", "MSFT", "IBM", "QQQ", "NVDA", "AMD", "INTC"};

static struct scene {
    struct td_simworld *sim;
    struct td_world world, gateway_world;
    uint32_t host, gateway_host;
    struct td_gateway *gateway;
    struct td_script script;
    struct td_plan scan_plan, rec_plan;
    struct td_link scan_link, rec_link;
    struct td_tz new_york;
    struct td_station *station;
    char log[1 << 17];
    size_t logged;
    struct td_log log_of;
} scene;

/* ---- the gateway ---- */

static td_ns gateway_turn(void *arg)
{
    struct scene *s = arg;
    struct td_wake wake;
    for (td_world_wait(&s->gateway_world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&s->gateway_world, 0, &wake))
        (void)td_gateway_wake(s->gateway, &wake);
    td_gateway_tick(s->gateway);
    return td_gateway_deadline(s->gateway);
}

/* Subscriptions of a kind, and those of one symbol (NULL: all). */
static int count_subs(enum td_gw_sub_kind kind, const char *symbol)
{
    const struct td_gateway *g = scene.gateway;
    int n = 0;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        for (uint32_t k = 0; g->clients[i] && k < g->clients[i]->sub_count; k++) {
            const struct td_gw_sub *sub = &g->clients[i]->subs[k];
            n += sub->kind == kind &&
                 (!symbol || strcmp(g->universe.rows[sub->sym].inst.symbol, symbol) == 0);
        }
    return n;
}

static void open_gateway(int32_t depth_lines)
{
    static const char *const account = "DU1234567";
    struct td_fail why = {0};
    td_script_init(&scene.script);
    const struct td_gateway_config config = {.world = &scene.gateway_world,
                                             .port = PORT,
                                             .symbols = names,
                                             .symbol_count = TD_COUNT(names),
                                             .accounts = &account,
                                             .account_count = 1,
                                             .seed = 5,
                                             .speed_e9 = TD_E9,
                                             .day = BEGIN / TD_DAY,
                                             .start_minute = 630,
                                             .depth_lines = depth_lines,
                                             .pace = TD_GATEWAY_PACE_OFF,
                                             .master_id = -1,
                                             .script = &scene.script};
    TD_OK_OR_FAIL(
        td_simworld_attach(scene.sim, "gateway", &scene.gateway_host, &scene.gateway_world, &why));
    if (td_gateway_open(&scene.gateway, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
    td_simworld_turn(scene.sim, scene.gateway_host, gateway_turn, &scene);
}

/* ---- the station ---- */

static void take_line(void *arg, enum td_log_level level, enum td_log_channel channel,
                      struct td_str line)
{
    (void)arg, (void)level, (void)channel;
    assert_true(scene.logged + line.len < sizeof scene.log);
    memcpy(scene.log + scene.logged, line.p, line.len);
    scene.logged += line.len;
    scene.log[scene.logged] = '\0';
}

static td_ns log_time(void *arg)
{
    return td_world_now(arg);
}

static void install_zone(void)
{
    size_t len = 0;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_folder_make(&scene.world, "/usr/share/zoneinfo/America"));
    TD_OK_OR_FAIL(td_file_replace(&scene.world, "/usr/share/zoneinfo/America/New_York",
                                  (struct td_str){bytes, len}, NULL));
    free(bytes);
}

static void connect_link(struct td_link *link, struct td_plan *plan, int32_t client_id)
{
    struct td_fail why = {0};
    uint16_t port;
    int32_t got;
    *plan = (struct td_plan){.host = "gateway",
                             .ports = {PORT},
                             .port_count = 1,
                             .client_id = client_id,
                             .ids = 1,
                             .timeout = 60 * TD_SEC};
    TD_OK_OR_FAIL(td_link_open(link, &scene.world, &why));
    if (td_plan_connect(plan, link, NULL, &port, &got, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static enum td_err try_station(struct td_fail *why)
{
    connect_link(&scene.scan_link, &scene.scan_plan, 40);
    connect_link(&scene.rec_link, &scene.rec_plan, 43);
    const struct td_station_config config = {.state = "state",
                                             .output = "out",
                                             .scan_plan = &scene.scan_plan,
                                             .rec_plan = &scene.rec_plan,
                                             .new_york = &scene.new_york,
                                             .scan = {.low = TD_PX_NONE, .high = TD_PX_NONE},
                                             .adv_days = 2,
                                             .refresh_s = 10,
                                             .named = names,
                                             .named_count = TD_COUNT(names),
                                             .lines = 100,
                                             .levels = 5,
                                             .interval_ms = 200,
                                             .rotate_ns = TD_HOUR,
                                             .inline_writer = true,
                                             .log = &scene.log_of};
    return td_station_open(&scene.station, &config, &scene.scan_link, &scene.rec_link, &scene.world,
                           why);
}

static void open_station(void)
{
    struct td_fail why = {0};
    if (try_station(&why) != TD_OK)
        fail_msg("%s", why.text);
}

static void close_station(void)
{
    td_station_close(scene.station);
    scene.station = NULL;
    td_link_close(&scene.scan_link);
    td_link_close(&scene.rec_link);
}

static void begin(int32_t depth_lines)
{
    const struct td_simworld_options o = {.seed = 3, .start_ns = BEGIN, .latency_max = 3 * TD_MS};
    struct td_world disk;
    memset(&scene, 0, sizeof scene);
    TD_OK_OR_FAIL(td_uvworld_open(&disk, false, NULL));
    TD_OK_OR_FAIL(td_zone_load(&disk, TD_ZONE_NEW_YORK, &scene.new_york, NULL));
    td_uvworld_close(&disk);
    TD_OK_OR_FAIL(td_simworld_open(&scene.sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "station", &scene.host, &scene.world, NULL));
    install_zone();
    scene.log_of = (struct td_log){.write = take_line, .now = log_time, .clock = &scene.world};
    open_gateway(depth_lines);
    open_station();
}

static int end(void **state)
{
    (void)state;
    close_station();
    td_gateway_close(scene.gateway);
    td_simworld_close(scene.sim);
    return 0;
}

static void run(td_ns span)
{
    struct td_fail why = {0};
    if (td_station_run(scene.station, span, &why) != TD_OK)
        fail_msg("%s", why.text);
}

/* ---- its words ---- */

static cJSON *ask(const char *line)
{
    const struct td_str said = td_station_answer(scene.station, line);
    cJSON *answer = cJSON_ParseWithLength(said.p, said.len);
    assert_non_null(answer);
    assert_true(said.p[said.len - 1] == '\n');
    return answer;
}

/* The error of a word, "" when there is none. */
static const char *say(const char *line)
{
    static char text[600];
    cJSON *answer = ask(line);
    const cJSON *error = cJSON_GetObjectItem(answer, "error");
    (void)snprintf(text, sizeof text, "%s", error ? error->valuestring : "");
    assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(answer, "ok")), !error);
    cJSON_Delete(answer);
    return text;
}

static cJSON *session_of(cJSON *answer, const char *symbol)
{
    cJSON *one;
    cJSON_ArrayForEach(
        one, cJSON_GetObjectItem(
                 answer, "sessions")) if (strcmp(cJSON_GetObjectItem(one, "symbol")->valuestring,
                                                 symbol) == 0) return one;
    return NULL;
}

static const char *status_of(const char *symbol)
{
    static char word[16];
    cJSON *answer = ask("sessions");
    const cJSON *one = session_of(answer, symbol);
    (void)snprintf(word, sizeof word, "%s",
                   one ? cJSON_GetObjectItem(one, "status")->valuestring : "Idle");
    cJSON_Delete(answer);
    return word;
}

static void assert_status(const char *symbol, const char *want)
{
    assert_string_equal(status_of(symbol), want);
}

static int slots_of(const char *key)
{
    cJSON *answer = ask("sessions");
    const int n = cJSON_GetObjectItem(cJSON_GetObjectItem(answer, "slots"), key)->valueint;
    cJSON_Delete(answer);
    return n;
}

static int place_of(const char *symbol)
{
    cJSON *answer = ask("sessions");
    const int n = cJSON_GetObjectItem(session_of(answer, symbol), "place")->valueint;
    cJSON_Delete(answer);
    return n;
}

static int count_log(const char *what)
{
    int n = 0;
    for (const char *p = scene.log; (p = strstr(p, what)) != NULL; p += strlen(what))
        n++;
    return n;
}

/* ---- files ---- */

struct found {
    char paths[16][200];
    int count;
    const char *folder, *part;
};

static bool take_name(void *arg, const char *name, enum td_entry_kind kind)
{
    struct found *f = arg;
    assert_true(f->count < 16);
    if (kind == TD_ENTRY_FILE && strstr(name, f->part))
        (void)snprintf(f->paths[f->count++], sizeof f->paths[0], "%s/%s", f->folder, name);
    return true;
}

static int find_files(const char *symbol, const char *part, struct found *f)
{
    static char folder[60];
    (void)snprintf(folder, sizeof folder, "out/%s", symbol);
    *f = (struct found){.folder = folder, .part = part};
    if (td_entry_at(&scene.world, folder) == TD_ENTRY_FOLDER)
        TD_OK_OR_FAIL(td_folder_list(&scene.world, folder, take_name, f));
    return f->count;
}

/* Rows of all files of a kind, read whole. */
static uint64_t read_files(const char *symbol, const char *part)
{
    struct found f;
    uint64_t rows = 0;
    find_files(symbol, part, &f);
    for (int i = 0; i < f.count; i++) {
        struct td_table_file *t = NULL;
        TD_OK_OR_FAIL(td_table_file_open(&t, &scene.world, f.paths[i], NULL));
        rows += td_table_file_rows(t);
        td_table_file_close(t);
    }
    return rows;
}

/* Every snapshot equals the book that its messages make. */
static void check_book(const char *symbol)
{
    struct found snaps, messages;
    struct td_snapshot_file *s = NULL;
    struct td_message_file *m = NULL;
    static struct td_snap want, got;
    struct td_message row = {0};
    struct td_book book;
    int rows = 0;
    assert_int_equal(find_files(symbol, "_snapshots_", &snaps), 1);
    assert_int_equal(find_files(symbol, "_messages_", &messages), 1);
    TD_OK_OR_FAIL(td_snapshot_file_open(&s, &scene.world, snaps.paths[0], NULL));
    TD_OK_OR_FAIL(td_message_file_open(&m, &scene.world, messages.paths[0], NULL));
    td_book_init(&book, 5);
    for (; td_snapshot_file_next(s, &want, NULL) == TD_OK; rows++) {
        while (row.seq < want.seq) {
            TD_OK_OR_FAIL(td_message_file_next(m, &row, NULL));
            if (row.event.kind == TD_EV_DEPTH_RESET)
                td_book_reset(&book);
            else if (row.event.kind == TD_EV_DEPTH)
                TD_OK_OR_FAIL(td_book_apply(&book, &row.event));
        }
        td_snap_take(&got, &book, 5, want.at_ns, 0);
        assert_memory_equal(got.px, want.px, sizeof got.px);
        assert_memory_equal(got.qty, want.qty, sizeof got.qty);
    }
    assert_true(rows > 20);
    td_snapshot_file_close(s);
    td_message_file_close(m);
}

/* ---- tests ---- */

static void seven_are_started_and_one_is_stopped(void **state)
{
    (void)state;
    begin(60);
    run(5 * TD_SEC);
    assert_string_equal(say("start SPY AAPL msft IBM QQQ NVDA AMD"), "");
    run(10 * TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 5);
    assert_int_equal(slots_of("held"), 5);
    assert_int_equal(slots_of("queued"), 2);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(count_subs(TD_GW_DEPTH, names[i]), 1);
        assert_status(names[i], "L2");
    }
    assert_status("NVDA", "Queued");
    assert_status("AMD", "Queued");
    assert_status("INTC", "Idle");
    assert_int_equal(count_log("event=session_started "), 7);
    assert_int_equal(count_log("event=l2_acquired "), 5);
    assert_int_equal(count_log("event=session_upgraded "), 5);
    assert_string_equal(say("start SPY"), ""); /* changes nothing */
    assert_string_equal(say("stop AAPL"), "");
    run(10 * TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 5);
    assert_int_equal(count_subs(TD_GW_DEPTH, "AAPL"), 0);
    assert_int_equal(count_subs(TD_GW_DEPTH, "NVDA"), 1); /* it really began */
    assert_status("NVDA", "L2");
    assert_status("AMD", "Queued");
    assert_status("AAPL", "Idle");
    assert_non_null(strstr(scene.log, "event=l2_promoted symbol=NVDA l2=5/5 queue=1 attempts=0"));
    check_book("AAPL"); /* its files are there as soon as it is stopped */
    assert_true(read_files("AAPL", "_ticks_") > 5);
    assert_string_equal(say("stop AMD"), ""); /* one that waits leaves the queue */
    assert_int_equal(slots_of("queued"), 0);
    assert_string_equal(say("stop all"), "");
    run(TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 0);
    check_book("NVDA");
    for (int i = 0; i < 7; i++)
        assert_true(read_files(names[i], "_ticks_") > 5);
    struct found f;
    assert_int_equal(find_files("AMD", "_snapshots_", &f), 0); /* it never had depth */
    assert_int_equal(find_files("SPY", ".capture", &f), 0);
}

/* One of a line begun anew has new files; ticks of the time between are nobody's. */
static void a_stopped_symbol_can_be_started_again(void **state)
{
    (void)state;
    begin(60);
    assert_string_equal(say("start SPY"), "");
    run(8 * TD_SEC);
    assert_string_equal(say("stop SPY"), "");
    assert_string_equal(say("start SPY"), ""); /* at once */
    run(8 * TD_SEC);
    assert_string_equal(say("stop SPY"), "");
    run(TD_SEC);
    struct found f;
    assert_int_equal(find_files("SPY", "_snapshots_", &f), 2);
    assert_int_equal(find_files("SPY", "_ticks_", &f), 2);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 0);
}

/* The broker grants three: two wait, nobody is given up, and a free slot goes to the head of the queue. */
static void fewer_lines_than_slots(void **state)
{
    (void)state;
    begin(3);
    assert_string_equal(say("start SPY AAPL MSFT IBM QQQ"), "");
    run(30 * TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 3);
    assert_int_equal(slots_of("held"), 3);
    assert_int_equal(slots_of("granted"), 3);
    assert_int_equal(slots_of("of"), 5);
    assert_int_equal(slots_of("queued"), 2);
    assert_true(count_log("event=l2_subscribe_failed ") >= 2);
    const int failed = count_log("event=l2_subscribe_failed ");
    assert_int_equal(place_of("IBM"), 1);
    assert_int_equal(place_of("QQQ"), 2); /* in the order of their start */
    for (int i = 0; i < 3; i++) {
        char line[40];
        cJSON *answer = ask("sessions");
        const cJSON *one;
        cJSON_ArrayForEach(one, cJSON_GetObjectItem(answer, "sessions"))
        {
            const char *symbol = cJSON_GetObjectItem(one, "symbol")->valuestring;
            if (cJSON_IsTrue(cJSON_GetObjectItem(one, "depth_comes")))
                (void)snprintf(line, sizeof line, "stop %s", symbol);
            else
                assert_non_null(
                    strstr(cJSON_GetObjectItem(one, "trouble")->valuestring, "no depth line left"));
        }
        cJSON_Delete(answer);
        assert_string_equal(say(line), "");
        run(5 * TD_SEC);
        assert_int_equal(count_subs(TD_GW_DEPTH, NULL), i < 2 ? 3 : 2);
    }
    assert_int_equal(count_log("event=l2_subscribe_failed "), failed); /* nobody asked in vain */
    assert_string_equal(say("start MSFT IBM QQQ"), "");
    run(12 * TD_MIN); /* one more is tried, in vain again */
    assert_true(count_log("event=l2_subscribe_failed ") > failed);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 3);
    assert_int_equal(count_log("attempts=1"), 0);
}

static void fault(const char *text)
{
    struct td_fault_action action;
    TD_OK_OR_FAIL(td_fault_parse(td_str_of(text), &action, NULL));
    TD_OK_OR_FAIL(td_gateway_act(scene.gateway, &action, NULL));
}

/* Refused once, it is asked again two seconds later; refused five times in a row it keeps its ticks, and the next has its slot. */
static void a_refused_depth_is_asked_again_and_then_given_up(void **state)
{
    (void)state;
    static const char refuse[] = "request-error AAPL 10092 Deep market data is not supported";
    begin(60);
    assert_string_equal(say("start AAPL SPY"), "");
    run(3 * TD_SEC);
    fault(refuse);
    run(TD_SEC);
    assert_status("AAPL", "Queued");
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 1);
    run(4 * TD_SEC);
    assert_status("AAPL", "L2");
    assert_int_equal(count_subs(TD_GW_DEPTH, "AAPL"), 1);
    assert_non_null(
        strstr(scene.log, "event=l2_subscribe_failed symbol=AAPL l2=1/5 queue=1 attempts=1"));
    fault("drop market-depth-l2 0"); /* no success comes between */
    for (int i = 0; i < 60 && strstr(status_of("AAPL"), "Tick") == NULL; i++) {
        fault(refuse);
        run(TD_SEC / 4);
    }
    assert_status("AAPL", "Tick");
    assert_int_equal(count_subs(TD_GW_DEPTH, "AAPL"), 0);
    assert_int_equal(count_subs(TD_GW_QUOTES, "AAPL") > 0, 1);
    cJSON *answer = ask("sessions");
    assert_string_equal(cJSON_GetObjectItem(session_of(answer, "AAPL"), "trouble")->valuestring,
                        "the broker refuses its depth");
    cJSON_Delete(answer);
}

/* A contract that is none ends its session; what cannot be a symbol is refused by itself. */
static void what_cannot_be_recorded_is_told(void **state)
{
    (void)state;
    begin(60);
    assert_string_equal(say("start ../X SPY"),
                        "\"../X\" is no symbol: letters A-Z, digits, . - _, at most 23");
    assert_string_equal(say("start"), "a symbol is needed: start SYMBOL...");
    assert_string_equal(say("stop IBM"), "IBM is not recorded");
    assert_string_equal(say("dance"), "unknown word; known are rows, sessions, start SYMBOL..., "
                                      "stop SYMBOL...|all, hide SYMBOL..., unhide SYMBOL...|all");
    assert_string_equal(say("start ZZZZZZ"), "");
    run(10 * TD_SEC);
    assert_status("ZZZZZZ", "Idle");
    assert_status("SPY", "L2");
    assert_int_equal(slots_of("held"), 1);
    assert_int_equal(count_log("session_failed"), 1);
}

/* More symbols than the recording has lines, most of them unknown to the gateway: each is told, those that are over make room, and
 * the one that waited behind all of them gets its depth at once. */
static void many_symbols_take_turns(void **state)
{
    (void)state;
    char line[700];
    struct td_text t;
    begin(60);
    for (int batch = 0; batch < 3; batch++) {
        td_text_init(&t, line, sizeof line);
        td_text_put(&t, "start");
        for (int i = 0; i < 24; i++)
            td_text_printf(&t, " Z%c%c", 'A' + batch, 'A' + i);
        td_text_printf(&t, " %s", names[batch]);
        assert_string_equal(say(line), "");
        run(5 * TD_SEC);
        assert_int_equal(count_log("session_failed"), 24 * (batch + 1));
        assert_int_equal(count_subs(TD_GW_DEPTH, names[batch]), 1);
        assert_status(names[batch], "L2");
        assert_string_equal(say("stop all"), "");
        run(TD_SEC);
        assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 0);
        check_book(names[batch]);
    }
    assert_int_equal(count_log("l2_subscribe_failed"), 0);
}

static void a_lost_connection_keeps_the_sessions(void **state)
{
    (void)state;
    begin(60);
    assert_string_equal(say("start SPY AAPL MSFT IBM QQQ NVDA"), "");
    run(10 * TD_SEC);
    td_simworld_sever(scene.sim, scene.host);
    run(90 * TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 5);
    assert_int_equal(slots_of("held"), 5);
    assert_status("NVDA", "Queued");
    assert_int_equal(count_log("event=l2_subscribe_failed "), 0);
    cJSON *answer = ask("sessions");
    assert_true(cJSON_GetObjectItem(session_of(answer, "SPY"), "gaps")->valueint > 0);
    cJSON_Delete(answer);
}

/* Sessions and hidden symbols are kept; the sixth is the sixth again. */
static void the_next_run_takes_them_up(void **state)
{
    (void)state;
    char text[8192];
    size_t len = 0;
    begin(60);
    assert_string_equal(say("start SPY AAPL MSFT IBM QQQ NVDA AMD"), "");
    assert_string_equal(say("stop SPY"), "");
    assert_string_equal(say("hide INTC"), "");
    run(3 * TD_SEC);
    close_station();
    TD_OK_OR_FAIL(td_file_slurp(&scene.world, "state/gap_recorder_state.json", text, sizeof text,
                                &len, NULL));
    cJSON *kept = cJSON_Parse(text);
    const cJSON *last = cJSON_GetArrayItem(cJSON_GetObjectItem(kept, "sessions"), 5);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(kept, "sessions")), 6);
    assert_string_equal(cJSON_GetObjectItem(last, "symbol")->valuestring, "AMD");
    assert_string_equal(cJSON_GetObjectItem(last, "mode")->valuestring, "queued");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(last, "queued")));
    assert_true(cJSON_HasObjectItem(cJSON_GetObjectItem(kept, "preferences"), "min_gap_pct"));
    cJSON_Delete(kept);
    open_station();
    run(10 * TD_SEC);
    assert_int_equal(count_subs(TD_GW_DEPTH, NULL), 5);
    assert_int_equal(count_subs(TD_GW_DEPTH, "NVDA"), 1);
    assert_status("AMD", "Queued");
    cJSON *answer = ask("rows");
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(answer, "hidden"), 0)->valuestring,
                        "INTC");
    const cJSON *dropped = cJSON_GetObjectItem(cJSON_GetObjectItem(answer, "table"), "dropped");
    assert_int_equal(cJSON_GetObjectItem(dropped, "hidden")->valueint, 1);
    cJSON_Delete(answer);
}

/* A file that is none is named and left alone; in a whole one, what is no symbol, or twice, is passed over. */
static void a_file_of_sessions_is_read_with_care(void **state)
{
    (void)state;
    static const char path[] = "state/gap_recorder_state.json";
    static const char
        broken[] = "{\"sessions\":[{\"symbol\":\"SPY\"",
        odd[] = "{\"sessions\":[{\"symbol\":\"SPY\",\"start_time\":\"2025-11-21T09:00:00\"},"
                "{\"symbol\":\"../SPY\"},{\"symbol\":7},{},3,{\"symbol\":\"SPY\"},"
                "{\"symbol\":\"IBM\",\"mode\":\"l2\",\"start_time\":\"yesterday\",\"more\":1}],"
                "\"hidden_symbols\":[\"QQQ\",null,\"a b\"],\"preferences\":\"none\"}";
    struct td_fail why = {0};
    char text[256];
    size_t len = 0;
    begin(60);
    close_station();
    TD_OK_OR_FAIL(td_file_replace(&scene.world, path, td_str_of(broken), NULL));
    assert_int_equal(try_station(&why), TD_EPARSE);
    assert_non_null(strstr(why.text, path));
    close_station();
    TD_OK_OR_FAIL(td_file_slurp(&scene.world, path, text, sizeof text, &len, NULL));
    assert_string_equal(text, broken);
    TD_OK_OR_FAIL(td_file_replace(&scene.world, path, td_str_of(odd), NULL));
    open_station();
    run(5 * TD_SEC);
    assert_int_equal(slots_of("held"), 2);
    assert_int_equal(count_subs(TD_GW_DEPTH, "SPY"), 1);
    assert_int_equal(count_subs(TD_GW_DEPTH, "IBM"), 1);
    cJSON *answer = ask("sessions");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "sessions")), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "hidden")), 1);
    cJSON_Delete(answer);
    assert_string_equal(say("unhide all"), "");
}

/* While it records the scanner's table fills, and each row has its word. */
static void rows_have_their_status(void **state)
{
    (void)state;
    begin(60);
    assert_string_equal(say("start SPY AAPL MSFT IBM QQQ NVDA AMD INTC"), "");
    run(40 * TD_SEC);
    cJSON *answer = ask("rows");
    const cJSON *table = cJSON_GetObjectItem(answer, "table"), *row;
    int listed = 0;
    assert_int_equal(cJSON_GetObjectItem(table, "seen")->valueint, TD_COUNT(names));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(table, "note")));
    assert_true(cJSON_IsString(cJSON_GetObjectItem(answer, "last_scan")));
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(table, "rows"))
    {
        const char *symbol = cJSON_GetObjectItem(row, "symbol")->valuestring;
        assert_status(symbol, cJSON_GetObjectItem(row, "status")->valuestring);
        assert_true(cJSON_IsString(cJSON_GetObjectItem(row, "updated")));
        assert_true(cJSON_IsString(cJSON_GetObjectItem(row, "exchange")));
        listed++;
    }
    assert_true(listed > 0);
    cJSON_Delete(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(seven_are_started_and_one_is_stopped, end),
        cmocka_unit_test_teardown(a_stopped_symbol_can_be_started_again, end),
        cmocka_unit_test_teardown(fewer_lines_than_slots, end),
        cmocka_unit_test_teardown(a_refused_depth_is_asked_again_and_then_given_up, end),
        cmocka_unit_test_teardown(many_symbols_take_turns, end),
        cmocka_unit_test_teardown(what_cannot_be_recorded_is_told, end),
        cmocka_unit_test_teardown(a_lost_connection_keeps_the_sessions, end),
        cmocka_unit_test_teardown(the_next_run_takes_them_up, end),
        cmocka_unit_test_teardown(a_file_of_sessions_is_read_with_care, end),
        cmocka_unit_test_teardown(rows_have_their_status, end),
    };
    return cmocka_run_group_tests_name("desk/station", tests, NULL, NULL);
}
