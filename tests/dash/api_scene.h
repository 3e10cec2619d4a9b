/* tests/dash/api_scene.h - what the answers look at, made for a test: a desk's recorded status and gates, an orders.db
 * written by the real projection, a market of two symbols. Friday 2026-11-20, 10:30 in New York.
 *
 * 42 round trips of 10 SPY, one a day: two of three win 9 after fees, one loses 11. One IBM is held since today. */
#ifndef TD_TESTS_DASH_API_SCENE_H
#define TD_TESTS_DASH_API_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/api_answers.h"
#include "support/support.h"
#include "sys/uvworld.h"
#include "trade/projection.h"

#define SCENE_NOW   (INT64_C(1795188600) * TD_SEC)
#define SCENE_TRIPS 42

static const char scene_config[] =
    "{\"RISK_MAX_POSITION_PCT\":{\"value\":\"0.02\",\"from\":\"default\",\"meaning\":\"part\"},"
    "\"RISK_POSITION_SIZING\":{\"value\":\"fixed\",\"from\":\"default\",\"meaning\":\"method\"},"
    "\"RISK_STOP_LOSS_PCT\":{\"value\":\"0.02\",\"from\":\"default\",\"meaning\":\"stop\"},"
    "\"RISK_MAX_OPEN_POSITIONS\":{\"value\":\"20\",\"from\":\"default\",\"meaning\":\"held\"},"
    "\"MAX_OPEN_POSITIONS\":{\"value\":\"\",\"from\":\"default\",\"meaning\":\"held\"},"
    "\"MAX_ORDERS_PER_MINUTE\":{\"value\":\"10\",\"from\":\".env\",\"meaning\":\"rate\"},"
    "\"DATA_STALENESS_SECONDS\":{\"value\":\"60\",\"from\":\"default\",\"meaning\":\"age\"},"
    "\"MAX_SPREAD_PERCENT\":{\"value\":\"1.0\",\"from\":\"default\",\"meaning\":\"spread\"},"
    "\"CIRCUIT_BREAKER_THRESHOLD\":{\"value\":\"5\",\"from\":\"default\",\"meaning\":\"fails\"},"
    "\"CIRCUIT_BREAKER_TIMEOUT\":{\"value\":\"300\",\"from\":\"default\",\"meaning\":\"wait\"},"
    "\"RISK_CORRELATION_LIMIT\":{\"value\":\"\",\"from\":\"default\",\"meaning\":\"pairs\"},"
    "\"EXECUTION_ALGO\":{\"value\":\"none\",\"from\":\"default\",\"meaning\":\"algo\"},"
    "\"IB_PASSWORD\":{\"value\":\"***\",\"from\":\".env\",\"meaning\":\"secret\"}}";

static struct api_scene {
    struct td_world world;
    struct td_projection *projection;
    uint64_t seq, key;
    const char *folder;
    sqlite3 *db;
    cJSON *status, *gates;
    struct td_watch watch;
    struct td_tz new_york;
    struct td_api_view view;
    struct td_api_answer answer;
    char *bytes;
    char asked[512]; /* the last line to the desk */
    enum td_err ask_err;
} sc;

/* --- records --- */

static inline void scene_take(struct td_record *r)
{
    struct td_fail why = {0};
    r->seq = ++sc.seq;
    if (td_projection_apply(sc.projection, r, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static inline struct td_record scene_record(enum td_record_type type, td_ns at)
{
    struct td_record r;
    td_record_init(&r, type, at);
    r.key = sc.key;
    r.order_id = (int64_t)sc.key;
    r.client_id = 2011;
    return r;
}

static inline void scene_order(const char *symbol, enum td_action action, int qty, td_ns at)
{
    sc.key++;
    struct td_record r = scene_record(TD_REC_ORDER, at);
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.strategy, sizeof r.strategy, "sma_cross");
    (void)snprintf(r.text, sizeof r.text, "10 over 20 <b>&\"");
    (void)snprintf(r.account, sizeof r.account, "DU1234567");
    r.action = (uint8_t)action;
    r.otype = TD_ORDER_MARKET;
    r.qty = TD_QTY(qty);
    r.multiplier = TD_QTY(1);
    scene_take(&r);
    r = scene_record(TD_REC_SENT, at + TD_MS);
    scene_take(&r);
}

/* The order of now, filled, and its fee. */
static inline void scene_fill(const char *symbol, enum td_action action, int qty, int64_t cents,
                              td_ns at)
{
    struct td_record r = scene_record(TD_REC_EXEC, at);
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.exec_id, sizeof r.exec_id, "0000e0d5.%llx.01.01", (unsigned long long)sc.key);
    r.action = (uint8_t)action;
    r.qty = TD_QTY(qty);
    r.px = (td_px){cents * (TD_E9 / 100)};
    r.multiplier = TD_QTY(1);
    scene_take(&r);
    struct td_record fee = scene_record(TD_REC_FEE, at + TD_MS);
    (void)snprintf(fee.exec_id, sizeof fee.exec_id, "%s", r.exec_id);
    (void)snprintf(fee.text, sizeof fee.text, "USD");
    fee.cash = (td_cash){TD_E9 / 2};
    scene_take(&fee);
}

static inline void scene_trade(const char *symbol, enum td_action action, int qty, int64_t cents,
                               td_ns at)
{
    scene_order(symbol, action, qty, at);
    scene_fill(symbol, action, qty, cents, at + 2 * TD_SEC);
}

static inline void scene_write(void)
{
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_projection_open(&sc.projection, &sc.world, sc.folder, &why));
    struct td_record r = scene_record(TD_REC_START, SCENE_NOW - 50 * TD_DAY);
    scene_take(&r);
    for (int i = 0; i < SCENE_TRIPS; i++) {
        const td_ns at = SCENE_NOW - (SCENE_TRIPS - 1 - i) * TD_DAY - 30 * TD_MIN;
        scene_trade("SPY", TD_BUY, 10, 10000, at);
        scene_trade("SPY", TD_SELL, 10, i % 3 == 0 ? 9900 : 10100, at + TD_MIN);
    }
    scene_trade("IBM", TD_BUY, 1, 18257, SCENE_NOW - 10 * TD_MIN);
    r = scene_record(TD_REC_HALT, SCENE_NOW - TD_DAY);
    (void)snprintf(r.text, sizeof r.text, "by hand");
    scene_take(&r);
    r.type = TD_REC_RESUME;
    scene_take(&r);
    TD_OK_OR_FAIL(td_projection_flush(sc.projection, &why));
    td_projection_close(sc.projection);
}

/* --- the market --- */

static inline void scene_event(uint32_t line, struct td_event ev)
{
    struct td_feed_item item = {.kind = TD_FEED_EVENT, .line = line, .event = ev};
    item.event.recv_ns = SCENE_NOW - TD_SEC;
    td_watch_take(&sc.watch, &item);
}

static inline void scene_depth(uint32_t line, uint8_t side, int32_t row, int64_t cents, int qty)
{
    scene_event(line, (struct td_event){.kind = TD_EV_DEPTH,
                                        .depth = {.px = {cents * (TD_E9 / 100)},
                                                  .qty = TD_QTY(qty),
                                                  .row = row,
                                                  .op = TD_DEPTH_INSERT,
                                                  .side = side}});
}

static inline void scene_market(void)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    TD_OK_OR_FAIL(td_watch_open(&sc.watch));
    sc.watch.now = SCENE_NOW;
    for (uint32_t i = 0; i < 2; i++) {
        struct td_feed_item item = {.kind = TD_FEED_LINE, .line = i};
        (void)snprintf(item.symbol, sizeof item.symbol, "%s", symbols[i]);
        td_watch_take(&sc.watch, &item);
        for (int b = 0; b < 40; b++) {
            const int64_t px = 10000 + (b * 7 + (int)i * b % 3) % 50;
            const td_px close = {px * (TD_E9 / 100)};
            scene_event(i, (struct td_event){.kind = TD_EV_BAR,
                                             .venue_ns = SCENE_NOW - (40 - b) * TD_MIN,
                                             .bar = {.open = close,
                                                     .high = close,
                                                     .low = close,
                                                     .close = close,
                                                     .volume = TD_QTY(10),
                                                     .wap = TD_PX_NONE,
                                                     .span = TD_MIN}});
        }
    }
    scene_event(0,
                (struct td_event){.kind = TD_EV_QUOTE,
                                  .quote = {{100000000000}, {100020000000}, TD_QTY(3), TD_QTY(1)}});
    for (int row = 0; row < 3; row++) {
        scene_depth(0, TD_BID, row, 10000 - row, 300);
        scene_depth(0, TD_ASK, row, 10002 + row, 100);
    }
    for (int n = 0; n < 5; n++)
        scene_event(0, (struct td_event){.kind = TD_EV_TRADE,
                                         .trade = {.px = {(10000 + n) * (TD_E9 / 100)},
                                                   .qty = TD_QTY(5),
                                                   .aggressor = TD_ASK}});
}

/* --- the view --- */

static inline cJSON *scene_json(const char *name)
{
    char path[400];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/dash/golden/%s", TD_TESTS_DIR, name);
    char *text = td_test_slurp(path, &len);
    cJSON *json = text ? cJSON_Parse(text) : NULL;
    free(text);
    assert_non_null(json);
    return json;
}

static inline void scene_zone(void)
{
    size_t len;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_tz_parse(bytes, len, "America/New_York", &sc.new_york));
    free(bytes);
}

/* The desk of a test: it takes note, and answers with its status, halted after `halt`. */
static inline enum td_err scene_ask(void *arg, const char *line, char *out, size_t cap,
                                    struct td_fail *why)
{
    (void)arg;
    (void)why;
    (void)snprintf(sc.asked, sizeof sc.asked, "%s", line);
    if (!sc.ask_err)
        (void)snprintf(out, cap, "{\"ok\":true,\"halted\":%s,\"symbols\":[\"SPY\",\"IBM\"]}",
                       strncmp(line, "halt", 4) == 0 ? "true" : "false");
    return sc.ask_err;
}

static inline int scene_view(void **state)
{
    (void)state;
    char path[500];
    memset(&sc, 0, sizeof sc);
    TD_OK_OR_FAIL(td_uvworld_open(&sc.world, false, NULL));
    sc.folder = td_test_folder("api");
    sc.bytes = malloc(TD_API_BYTES);
    assert_non_null(sc.bytes);
    scene_zone();
    scene_write();
    scene_market();
    (void)snprintf(path, sizeof path, "%s/orders.db", sc.folder);
    assert_int_equal(sqlite3_open_v2(path, &sc.db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sc.status = scene_json("status.json");
    sc.gates = scene_json("gates.json");
    cJSON_DeleteItemFromObject(sc.status, "market_time"); /* of another day */
    sc.view = (struct td_api_view){.now = SCENE_NOW,
                                   .status = sc.status,
                                   .gates = sc.gates,
                                   .db = sc.db,
                                   .watch = &sc.watch,
                                   .new_york = &sc.new_york,
                                   .version = "0.1.0",
                                   .state = sc.folder,
                                   .config_json = scene_config,
                                   .ask = scene_ask,
                                   .requests = 12,
                                   .clients = 2};
    return 0;
}

static inline int scene_end(void **state)
{
    (void)state;
    cJSON_Delete(sc.status);
    cJSON_Delete(sc.gates);
    td_watch_close(&sc.watch);
    (void)sqlite3_close(sc.db);
    td_uvworld_close(&sc.world);
    free(sc.bytes);
    return 0;
}

/* Nothing has ever run: no desk, no database, no settings, no market. */
static inline void scene_fresh(struct td_api_view *v)
{
    *v = (struct td_api_view){.now = SCENE_NOW,
                              .no_desk = "no desk runs with this state folder",
                              .version = "0.1.0",
                              .state = sc.folder};
}

/* --- asking --- */

static inline const char *scene_call(struct td_api_call *call)
{
    sc.answer = (struct td_api_answer){.status = 200, .type = "application/json"};
    td_text_init(&sc.answer.text, sc.bytes, TD_API_BYTES);
    call->route->answer(call, &sc.answer);
    assert_false(td_text_full(&sc.answer.text));
    return sc.answer.text.buf;
}

/* The parsed answer of "PATH[?QUERY]", to be deleted. */
static inline cJSON *scene_get(const struct td_api_view *v, const char *path)
{
    const char *mark = strchr(path, '?');
    const struct td_str only = {path, mark ? (size_t)(mark - path) : strlen(path)};
    struct td_api_call call = {.view = v, .query = td_str_of(mark ? mark + 1 : "")};
    bool known;
    call.route = td_route_find(TD_METHOD_GET, only, &call.argument, &known);
    if (!call.route)
        fail_msg("no path %s", path);
    cJSON *json = cJSON_Parse(scene_call(&call));
    if (!json)
        fail_msg("%s: no JSON: %.200s", path, sc.answer.text.buf);
    return json;
}

/* The parsed answer of a POST. */
static inline cJSON *scene_post(const struct td_api_view *v, const char *path, const char *body,
                                bool confirmed)
{
    struct td_api_call call = {.view = v, .confirmed = confirmed, .may_trade = true};
    bool known;
    cJSON *object = cJSON_Parse(body);
    assert_non_null(object);
    call.body = object;
    call.route = td_route_find(TD_METHOD_POST, td_str_of(path), &call.argument, &known);
    assert_non_null(call.route);
    cJSON *json = cJSON_Parse(scene_call(&call));
    assert_non_null(json);
    cJSON_Delete(object);
    return json;
}

#endif
