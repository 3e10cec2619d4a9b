/* tests/cmd/protocol_test.c - probe, record, run and trade by text and by protobuf against `tapedeck sim`: the same is
 * found, recorded and fetched, and an order is filled. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "store/snapshot_read.h"
#include "sys/uvworld.h"

#define LIMIT    (60 * TD_SEC)
#define ROWS_MAX 60000
#define LEVELS   10

static struct td_world world;
static const char *folder;
static struct td_child sim;
static char port[16], out[65536];

static int finish(struct td_child *c)
{
    return program_finish(c, out, sizeof out);
}

static cJSON *result_of(const char *const *words)
{
    struct td_child c;
    program_start(&c, words);
    const int status = finish(&c);
    cJSON *json = cJSON_Parse(out);
    if (status || !json)
        print_error("status %d: %s\n", status, out);
    assert_int_equal(status, 0);
    assert_non_null(json);
    return json;
}

static int set_up(void **state)
{
    static const char *const words[] = {"sim",        "--port",  "0",      "--no-data", "--json",
                                        "--symbols",  "AAPL",    "--seed", "21",        "--speed",
                                        "20",         "--start", "10:00",  "--pace",    "off",
                                        "--duration", "240",     NULL};
    static const char *const armed[] = {"ALLOW_ORDERS", "ENABLE_ORDER_EXEC", "IB_PAPER_TRADING"};
    (void)state;
    folder = td_test_folder("protocol");
    (void)setenv("XDG_RUNTIME_DIR", folder, 1);
    (void)setenv("LOGS_PATH", folder, 1);
    (void)setenv("DRY_RUN", "0", 1);
    (void)setenv("MAX_ORDERS_PER_MINUTE", "255", 1);
    (void)setenv("DECISION_LATENCY_MS", "2000", 1);
    for (size_t i = 0; i < TD_COUNT(armed); i++)
        (void)setenv(armed[i], "1", 1);
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    program_sim(&sim, words, port);
    (void)setenv("IB_PORT", port, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)td_child_stop(&sim, LIMIT);
    td_uvworld_close(&world);
    return 0;
}

/* --- probe --- */

static void expect_agreed(const char *const *words, const char *protocol, int version)
{
    cJSON *json = result_of(words);
    assert_string_equal(cJSON_GetObjectItem(json, "protocol")->valuestring, protocol);
    assert_int_equal(cJSON_GetObjectItem(json, "serverVersion")->valueint, version);
    assert_string_equal(cJSON_GetObjectItem(json, "verdict")->valuestring, "ready");
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "accounts"), 0)->valuestring,
                        "DU1234567");
    cJSON_Delete(json);
}

static void probe_tells_what_was_agreed(void **state)
{
    static const char *const plain[] = {"probe", "--json", "--port", port, NULL};
    static const char *const option[] = {"probe",      "--json",   "--port", port,
                                         "--protocol", "protobuf", NULL};
    static const char *const wrong[] = {"probe", "--protocol", "xml", NULL};
    struct td_child c;
    (void)state;
    expect_agreed(plain, "text", 200);
    expect_agreed(option, "protobuf", 213);
    (void)setenv("IB_PROTOCOL", "protobuf", 1);
    expect_agreed(plain, "protobuf", 213);
    (void)unsetenv("IB_PROTOCOL");
    program_start(&c, wrong);
    assert_int_equal(finish(&c), 2);
}

/* A gateway that answers the first bytes with `hello`, or with the end of the connection when that is empty. */
static void answer_one(struct td_conn listener, struct td_child *c, const char *hello, size_t len)
{
    const td_ns until = td_world_mono(&world) + LIMIT;
    uint8_t bytes[256];
    size_t got, sent;
    while (td_child_alive(c)) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 20 * TD_MS, &wake);
        assert_true(td_world_mono(&world) < until);
        if (wake.kind != TD_WAKE_READABLE || wake.conn.id == listener.id)
            continue;
        if (td_world_recv(&world, wake.conn, bytes, sizeof bytes, &got) != TD_OK)
            continue;
        assert_memory_equal(bytes, "API\0\0\0\0\4v213", got < 12 ? got : 12);
        if (len)
            TD_OK_OR_FAIL(td_world_send(&world, wake.conn, hello, len, &sent));
        else
            td_world_hangup(&world, wake.conn, false);
    }
}

static void a_gateway_without_protobuf_is_a_verdict(void **state)
{
    static const char old[] = "\0\0\0\x1a"
                              "200\0"
                              "20261121 05:30:00 UTC\0";
    static const size_t lengths[] = {sizeof old - 1, 0};
    (void)state;
    for (size_t i = 0; i < TD_COUNT(lengths); i++) {
        struct td_conn listener;
        struct td_child c;
        uint16_t at = 0;
        char text[8], place[32];
        TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &at, &listener, NULL));
        (void)snprintf(text, sizeof text, "%u", (unsigned)at);
        (void)snprintf(place, sizeof place, "127.0.0.1:%u ", (unsigned)at);
        const char *const words[] = {"probe", "--port", text, "--protocol", "protobuf", NULL};
        program_start(&c, words);
        answer_one(listener, &c, old, lengths[i]);
        assert_int_equal(finish(&c), 10);
        cJSON *json = cJSON_Parse(out);
        assert_string_equal(cJSON_GetObjectItem(json, "verdict")->valuestring, "protocol");
        const char *error = cJSON_GetObjectItem(json, "error")->valuestring;
        assert_ptr_equal(strstr(error, place), error);
        assert_non_null(strstr(error, "does not take protobuf, version 213"));
        assert_non_null(strstr(error, "set IB_PROTOCOL=text"));
        assert_null(strchr(error, '\n'));
        cJSON_Delete(json);
        td_world_hangup(&world, listener, false);
    }
}

/* --- record --- */

struct row {
    int32_t row, op, side;
    int64_t px, qty;
};

/* A recording: its messages, and its book after some of them. The simulator adds and takes rows at the end alone. */
struct tape {
    struct row rows[ROWS_MAX];
    size_t count, at;
    td_ns begun; /* when its first message came */
    int32_t deep[2];
    int64_t px[2][LEVELS], qty[2][LEVELS];
};

static struct tape by_text, by_proto;

static void read_tape(struct tape *t, const char *path)
{
    struct td_message_file *f = NULL;
    static struct td_message m;
    memset(t, 0, sizeof *t);
    TD_OK_OR_FAIL(td_message_file_open(&f, &world, path, NULL));
    while (td_message_file_next(f, &m, NULL) == TD_OK) {
        assert_int_equal(m.event.kind, TD_EV_DEPTH);
        assert_true(t->count < ROWS_MAX);
        if (t->count == 0)
            t->begun = m.at_ns;
        const struct td_depth *d = &m.event.depth;
        t->rows[t->count++] = (struct row){d->row, d->op, d->side, d->px.e9, d->qty.e9};
    }
    td_message_file_close(f);
}

static void step(struct tape *t)
{
    const struct row *r = &t->rows[t->at++];
    const bool gone = r->op == TD_DEPTH_DELETE;
    assert_in_range(r->row, 0, LEVELS - 1);
    t->px[r->side][r->row] = gone ? 0 : r->px;
    t->qty[r->side][r->row] = gone ? 0 : r->qty;
    t->deep[r->side] += r->op == TD_DEPTH_INSERT ? 1 : gone ? -1 : 0;
}

static bool books_are_equal(const struct tape *a, const struct tape *b)
{
    return memcmp(a->px, b->px, sizeof a->px) == 0 && memcmp(a->qty, b->qty, sizeof a->qty) == 0;
}

static size_t rest(const struct tape *t)
{
    return t->count - t->at;
}

/* What follows is the same: a book may well have been the same once before. */
static bool go_on_alike(const struct tape *a, const struct tape *b)
{
    const size_t left = rest(a) < rest(b) ? rest(a) : rest(b), n = left < 500 ? left : 500;
    return memcmp(&a->rows[a->at], &b->rows[b->at], n * sizeof a->rows[0]) == 0;
}

/* Steps both to the first moment at which both subscriptions stood and had the same book: that of the younger one's
 * beginning, whichever of them ended later and has more messages. */
static void align(struct tape *a, struct tape *b)
{
    while (rest(a) && a->rows[a->at].op == TD_DEPTH_INSERT)
        step(a);
    while (rest(b) && b->rows[b->at].op == TD_DEPTH_INSERT)
        step(b);
    struct tape *older = a->begun < b->begun ? a : b, *younger = older == a ? b : a;
    while (rest(older) && !(books_are_equal(a, b) && go_on_alike(a, b)))
        step(older);
    assert_true(rest(older) > 0 && rest(younger) > 0);
}

/* Every row of the Parquet file is the book of the other recording after as many messages. */
static size_t check_snapshots(const char *path, struct tape *own, struct tape *other)
{
    struct td_snapshot_file *f = NULL;
    static struct td_snap s;
    size_t checked = 0;
    TD_OK_OR_FAIL(td_snapshot_file_open(&f, &world, path, NULL));
    while (td_snapshot_file_next(f, &s, NULL) == TD_OK) {
        if (s.seq < own->at)
            continue;
        while (own->at < s.seq && rest(own) && rest(other))
            step(own), step(other);
        if (own->at != s.seq)
            break;
        for (int side = 0; side < 2; side++)
            for (int i = 0; i < LEVELS; i++) {
                assert_int_equal(s.px[side][i].e9, other->px[side][i]);
                assert_int_equal(s.qty[side][i].e9, other->qty[side][i]);
            }
        checked++;
    }
    td_snapshot_file_close(f);
    return checked;
}

static const char *file_of(const cJSON *json, int index)
{
    const cJSON *line = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "symbols"), 0);
    const cJSON *file = cJSON_GetArrayItem(cJSON_GetObjectItem(line, "files"), index);
    assert_non_null(file);
    return file->valuestring;
}

static cJSON *recorded(struct td_child *c)
{
    assert_int_equal(finish(c), 0);
    cJSON *json = cJSON_Parse(out);
    assert_non_null(json);
    return json;
}

static void recordings_are_equal(void **state)
{
    char text_folder[600], proto_folder[600];
    struct td_child text, proto;
    (void)state;
    (void)snprintf(text_folder, sizeof text_folder, "%s/text", folder);
    (void)snprintf(proto_folder, sizeof proto_folder, "%s/protobuf", folder);
    const char *const first[] = {"record",     "--symbol",  "AAPL",   "--client-id", "11",
                                 "--duration", "0.1",       "--json", "--port",      port,
                                 "--output",   text_folder, NULL};
    const char *const second[] = {"record",     "--symbol",   "AAPL",       "--client-id", "21",
                                  "--duration", "0.1",        "--json",     "--port",      port,
                                  "--output",   proto_folder, "--protocol", "protobuf",    NULL};
    program_start(&text, first);
    program_start(&proto, second);
    cJSON *a = recorded(&text), *b = recorded(&proto);
    read_tape(&by_text, file_of(a, 1));
    read_tape(&by_proto, file_of(b, 1));
    align(&by_text, &by_proto);
    const size_t shared = rest(&by_text) < rest(&by_proto) ? rest(&by_text) : rest(&by_proto);
    for (size_t i = 0; i < shared; i++)
        assert_memory_equal(&by_text.rows[by_text.at + i], &by_proto.rows[by_proto.at + i],
                            sizeof(struct row));
    const size_t snaps = check_snapshots(file_of(b, 0), &by_proto, &by_text);
    print_message("%zu and %zu depth messages, %zu shared and equal; %zu rows of Parquet equal\n",
                  by_text.count, by_proto.count, shared, snaps);
    assert_true(shared > 1000 && snaps > 20);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

/* --- run --- */

static char *run_csv(const char *protocol)
{
    char to[600];
    size_t len;
    (void)snprintf(to, sizeof to, "%s/run-%s", folder, protocol);
    const char *const words[] = {"run", "--symbols", "AAPL", "--json", "--duration",
                                 "1 D", "--output",  to,     NULL};
    (void)setenv("IB_PROTOCOL", protocol, 1);
    cJSON *json = result_of(words);
    (void)unsetenv("IB_PROTOCOL");
    char *text = td_test_slurp(file_of(json, 1), &len);
    assert_non_null(text);
    cJSON_Delete(json);
    return text;
}

/* All finished bars are the same lines; the later of the two may hold more. */
static void runs_are_equal(void **state)
{
    (void)state;
    char *text = run_csv("text"), *proto = run_csv("protobuf"), *last = text, *line = text;
    int lines = 0;
    for (char *next; (next = strchr(line, '\n')); line = next + 1, lines++)
        last = line;
    const size_t whole = (size_t)(last - text); /* its last bar was still forming */
    print_message("%d lines of bars through text, all but the last equal through protobuf\n",
                  lines);
    assert_true(lines > 30 && strlen(proto) >= whole);
    assert_memory_equal(text, proto, whole);
    free(text);
    free(proto);
}

/* --- trade --- */

static void an_order_is_filled(void **state)
{
    char to[600];
    (void)state;
    (void)snprintf(to, sizeof to, "%s/state", folder);
    const char *const words[] = {"trade",      "--symbols", "AAPL",        "--state", to,
                                 "--bar-size", "5 secs",    "--sma-fast",  "1",       "--sma-slow",
                                 "2",          "--history", "600 S",       "--clock", "gateway",
                                 "--fills",    "1",         "--duration",  "0.5",     "--json",
                                 "--port",     port,        "--client-id", "31",      "--protocol",
                                 "protobuf",   NULL};
    cJSON *json = result_of(words);
    assert_true(cJSON_GetObjectItem(json, "fills")->valueint >= 1);
    assert_true(cJSON_GetObjectItem(json, "orders")->valueint >= 1);
    assert_string_equal(cJSON_GetObjectItem(json, "position_check")->valuestring, "equal");
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_tells_what_was_agreed),
        cmocka_unit_test(a_gateway_without_protobuf_is_a_verdict),
        cmocka_unit_test(recordings_are_equal),
        cmocka_unit_test(runs_are_equal),
        cmocka_unit_test(an_order_is_filled),
    };
    return cmocka_run_group_tests_name("cmd/protocol", tests, set_up, tear_down);
}
