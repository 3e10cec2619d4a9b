/* tests/history/day_page_test.c - a made day: the page byte for byte, hostile texts, an empty day, what nobody knows. */
#include "history/day_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "sys/uvworld.h"
#include "trade/journal.h"
#include "trade/projection.h"

#define DAY     INT64_C(20777)      /* 2026-11-20 */
#define OPEN_NS INT64_C(1795185000) /* 09:30 of it in New York */
#define NASTY   "<script>alert(\"x\")</script>&'"

static struct td_world world;
static struct td_tz zone;
static struct td_limits limits;
static struct td_day_report report;
static struct td_day_extras extras;
static char page_text[TD_DAY_PAGE_BYTES];
static struct td_journal journal;
static struct td_projection *projection;
static td_ns at;

static int set_up(void **state)
{
    (void)state;
    static char bytes[8192];
    size_t len = 0;
    if (td_uvworld_open(&world, false, NULL) != TD_OK ||
        td_file_slurp(&world, "/usr/share/zoneinfo/America/New_York", bytes, sizeof bytes, &len,
                      NULL) != TD_OK ||
        td_tz_parse(bytes, len, "New York", &zone) != TD_OK)
        return -1;
    for (int i = 0; i < TD_LIMIT_COUNT; i++)
        limits.value[i] = TD_LIMIT_OFF;
    limits.value[TD_LIMIT_TRADES] = 20;
    limits.key[TD_LIMIT_TRADES] = "MAX_TRADES_PER_DAY";
    limits.value[TD_LIMIT_ORDER_VALUE] = 25000 * TD_E9;
    limits.key[TD_LIMIT_ORDER_VALUE] = "RISK_MAX_ORDER_NOTIONAL";
    limits.value[TD_LIMIT_RATE] = 10;
    limits.key[TD_LIMIT_RATE] = "MAX_ORDERS_PER_MINUTE";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* --- a made day --- */

static void begin_day(const char *folder)
{
    char path[700];
    struct td_journal_report about;
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    TD_OK_OR_FAIL(td_journal_open(&journal, &world, path, NULL, NULL, &about, NULL));
    TD_OK_OR_FAIL(td_projection_open(&projection, &world, folder, NULL));
    at = OPEN_NS * TD_SEC;
}

static void add(struct td_record *r)
{
    r->at_ns = at;
    at += 30 * TD_SEC;
    TD_OK_OR_FAIL(td_journal_append(&journal, r));
    TD_OK_OR_FAIL(td_projection_apply(projection, r, NULL));
}

static void end_day(void)
{
    TD_OK_OR_FAIL(td_journal_commit(&journal, NULL));
    td_journal_close(&journal);
    TD_OK_OR_FAIL(td_projection_flush(projection, NULL));
    td_projection_close(projection);
}

static void put(char *out, size_t cap, const char *text)
{
    (void)td_str_copy(td_str_of(text), out, cap);
}

static void add_word(enum td_record_type type, const char *text)
{
    struct td_record r;
    td_record_init(&r, type, at);
    put(r.text, sizeof r.text, text);
    if (type == TD_REC_START) {
        put(r.account, sizeof r.account, "DU1234567");
        put(r.status, sizeof r.status, "paper");
    }
    add(&r);
}

struct made_order {
    uint64_t key;
    const char *symbol, *strategy;
    enum td_action action;
    enum td_order_type type;
    int qty, cents; /* what it was asked at */
    enum td_role role;
    uint64_t parent;
};

static void add_order(const struct made_order *o)
{
    struct td_record r;
    td_record_init(&r, TD_REC_ORDER, at);
    r.key = o->key;
    r.order_id = 100 + (int64_t)o->key;
    r.client_id = 2011;
    put(r.symbol, sizeof r.symbol, o->symbol);
    put(r.account, sizeof r.account, "DU1234567");
    put(r.strategy, sizeof r.strategy, o->strategy);
    put(r.text, sizeof r.text, "made");
    r.action = (uint8_t)o->action;
    r.otype = (uint8_t)o->type;
    r.role = (uint8_t)o->role;
    r.parent = (int64_t)o->parent;
    r.qty = TD_QTY(o->qty);
    if (o->type == TD_ORDER_LIMIT)
        r.limit = (td_px){o->cents * (TD_E9 / 100)};
    r.multiplier = TD_QTY(1);
    r.cash = (td_cash){(int64_t)o->qty * o->cents * (TD_E9 / 100)};
    add(&r);
    td_record_init(&r, TD_REC_SENT, at);
    r.key = o->key;
    r.order_id = 100 + (int64_t)o->key;
    add(&r);
}

static void add_fill(const struct made_order *o, int cents, int fee_cents)
{
    struct td_record r;
    char id[40];
    (void)snprintf(id, sizeof id, "0000e0d5.%llx.01.01", (unsigned long long)o->key);
    td_record_init(&r, TD_REC_EXEC, at);
    r.key = o->key;
    r.order_id = 100 + (int64_t)o->key;
    r.perm_id = 7000 + (int64_t)o->key;
    put(r.symbol, sizeof r.symbol, o->symbol);
    put(r.exec_id, sizeof r.exec_id, id);
    r.action = (uint8_t)o->action;
    r.qty = TD_QTY(o->qty);
    r.px = (td_px){cents * (TD_E9 / 100)};
    r.multiplier = TD_QTY(1);
    add(&r);
    if (fee_cents < 0)
        return;
    td_record_init(&r, TD_REC_FEE, at);
    put(r.exec_id, sizeof r.exec_id, id);
    put(r.text, sizeof r.text, "USD");
    r.cash = (td_cash){fee_cents * (TD_E9 / 100)};
    add(&r);
}

static void add_denied(const char *symbol, const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_DENIED, at);
    put(r.symbol, sizeof r.symbol, symbol);
    put(r.strategy, sizeof r.strategy, "sma_cross");
    put(r.text, sizeof r.text, text);
    r.code = TD_GATE_DAY_LOSS;
    r.qty = TD_QTY(1);
    add(&r);
}

static void add_error(uint64_t key, int code, const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_ERROR, at);
    r.key = key;
    r.order_id = 100 + (int64_t)key;
    r.code = code;
    put(r.text, sizeof r.text, text);
    add(&r);
}

static void add_parent(uint64_t key, const char *symbol, int qty, int arrival_cents)
{
    struct td_record r;
    td_record_init(&r, TD_REC_PARENT, at);
    r.key = key;
    put(r.symbol, sizeof r.symbol, symbol);
    put(r.strategy, sizeof r.strategy, "breakout");
    put(r.status, sizeof r.status, "twap");
    r.action = TD_BUY;
    r.otype = TD_ORDER_MARKET;
    r.role = TD_ROLE_PARENT;
    r.qty = TD_QTY(qty);
    r.multiplier = TD_QTY(1);
    r.trail = (td_px){arrival_cents * (TD_E9 / 100)};
    r.until = at + TD_HOUR;
    add(&r);
}

/* A round trip won, one lost, a worked order, a refusal, an order the broker rejects, a halt and a lost session. */
static void make_day(const char *folder, const char *symbol, const char *text)
{
    const struct made_order orders[] = {
        {1, symbol, "sma_cross", TD_BUY, TD_ORDER_MARKET, 10, 65000, TD_ROLE_ENTRY, 0},
        {2, symbol, "sma_cross", TD_SELL, TD_ORDER_LIMIT, 10, 65100, TD_ROLE_ENTRY, 0},
        {3, "IBM", "breakout", TD_BUY, TD_ORDER_MARKET, 5, 30000, TD_ROLE_ENTRY, 0},
        {4, "IBM", "breakout", TD_SELL, TD_ORDER_MARKET, 5, 29900, TD_ROLE_ENTRY, 0},
        {6, "AAPL", "breakout", TD_BUY, TD_ORDER_LIMIT, 3, 20010, TD_ROLE_SLICE, 5},
        {7, "MSFT", "sma_cross", TD_BUY, TD_ORDER_MARKET, 1, 40000, TD_ROLE_ENTRY, 0}};
    begin_day(folder);
    add_word(TD_REC_START, "tapedeck 0.1.0");
    add_order(&orders[0]);
    add_fill(&orders[0], 65002, 35);
    add_order(&orders[1]);
    add_fill(&orders[1], 65100, 35);
    add_order(&orders[2]);
    add_fill(&orders[2], 30000, 100);
    add_order(&orders[3]);
    add_fill(&orders[3], 29890, 100);
    add_parent(5, "AAPL", 6, 20000);
    add_order(&orders[4]);
    add_fill(&orders[4], 20008, -1);
    add_order(&orders[5]);
    add_error(7, 201, text);
    add_denied("NVDA", text);
    add_word(TD_REC_LOST, "the gateway closed the connection");
    add_word(TD_REC_HALT, text);
    add_word(TD_REC_STOP, "finished;");
    end_day();
}

static void gather(const char *folder, int64_t day)
{
    const struct td_day_ask ask = {.world = &world,
                                   .state = folder,
                                   .zone = &zone,
                                   .from = td_tz_at(&zone, day, 0, 0, 0),
                                   .before = td_tz_at(&zone, day + 1, 0, 0, 0),
                                   .limits = &limits};
    char data[700];
    (void)snprintf(data, sizeof data, "%s/data", folder);
    const struct td_day_extras_ask more = {.world = &world,
                                           .data = data,
                                           .state = folder,
                                           .first_day = day,
                                           .last_day = day,
                                           .from = ask.from,
                                           .before = ask.before};
    struct td_fail why = {0};
    const enum td_err err = td_day_report_make(&report, &ask, &why);
    if (err)
        print_error("%s\n", why.text);
    TD_OK_OR_FAIL(err);
    TD_OK_OR_FAIL(td_day_extras_read(&extras, &more, NULL));
}

static const char *make_page(int64_t day)
{
    struct td_text t;
    const struct td_day_page page = {.report = &report,
                                     .extras = &extras,
                                     .zone = &zone,
                                     .zone_name = "New York",
                                     .first_day = day,
                                     .last_day = day,
                                     .version = "0.1.0",
                                     .state = "state",
                                     .made_ns = (OPEN_NS + 7 * 3600) * TD_SEC};
    td_text_init(&t, page_text, sizeof page_text);
    td_day_page(&page, &t);
    assert_false(td_text_full(&t));
    return page_text;
}

static void save(const char *folder, const char *name, const char *text)
{
    char path[800], parent[800];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    td_path_folder(path, parent, sizeof parent);
    TD_OK_OR_FAIL(td_folder_make(&world, parent));
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
}

static void put_beside(const char *folder)
{
    save(folder, "data/SPY/session_stats_20261120_093000.json",
         "{\"symbol\":\"SPY\",\"num_snapshots\":100,\"num_messages\":2000,\"gaps\":2,"
         "\"capture_end\":\"sealed\"}\n");
    save(folder, "data/SPY/session_stats_20261120_103000.json",
         "{\"symbol\":\"SPY\",\"num_snapshots\":50,\"num_messages\":2000,\"gaps\":0,"
         "\"capture_end\":\"torn\"}\n");
    save(folder, "data/SPY/session_stats_20261119_103000.json", "{\"num_messages\":999999}");
    save(folder, "data/IBM/session_stats_20261120_093000.json", "{\"num_messages\": cut");
    save(folder, "alerts.jsonl",
         "{\"time\":\"2026-11-20T14:40:00Z\",\"alert\":\"loss\",\"severity\":\"critical\","
         "\"state\":\"raised\",\"text\":\"lost \\\"it\\\"\"}\n"
         "{\"time\":\"2026-11-18T14:40:00Z\",\"alert\":\"old\",\"severity\":\"info\","
         "\"state\":\"raised\",\"text\":\"of another day\"}\n"
         "not json\n");
}

/* --- tests --- */

static void the_page_is_this_one(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-page");
    size_t len = 0;
    make_day(folder, "SPY", "Order rejected - reason: too small");
    put_beside(folder);
    gather(folder, DAY);
    const char *page = make_page(DAY);
    if (getenv("TD_WRITE_GOLDEN"))
        save(getenv("TD_WRITE_GOLDEN"), "day_page.html", page);
    char *golden = td_test_slurp(td_test_golden("day_page.html"), &len);
    assert_non_null(golden);
    assert_string_equal(page, golden);
    free(golden);
    td_day_report_fini(&report);
}

static const struct td_day_fill *fill_of(int64_t order)
{
    for (uint32_t i = 0; i < report.fill_count; i++)
        if (report.fills[i].order == order)
            return &report.fills[i];
    fail_msg("no fill of order %d", (int)order);
    return NULL;
}

/* Worked by hand: 10 SPY 650.02 -> 651.00 earns 9.80, IBM 5 at 300.00 -> 298.90 loses 5.50; fees 0.70 and 2.00. */
static void the_figures_are_right(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-figures");
    make_day(folder, "SPY", "too small");
    gather(folder, DAY);
    assert_int_equal(report.fill_count, 5);
    assert_int_equal(report.all.gross_e9, 4300000000);
    assert_int_equal(report.all.fees_e9, 2700000000);
    assert_int_equal(report.all.net_e9, 1600000000);
    assert_int_equal(report.drawdown_e9, 9100000000 - 1600000000);
    assert_int_equal(report.all.fees_unknown, 1);
    assert_int_equal(report.trip_count, 2);
    assert_int_equal(report.wins, 1);
    assert_int_equal(report.losses, 1);
    assert_int_equal(report.orders, 7); /* the parent is one */
    assert_int_equal(report.rejected, 1);
    assert_int_equal(report.intents_denied, 1);
    assert_string_equal(report.mode, "paper");
    assert_string_equal(report.account, "DU1234567");
    assert_int_equal(fill_of(1)->how, TD_REFERENCE_QUOTE);
    assert_int_equal(fill_of(1)->slippage_e9, 30769); /* 0.02 of 650.00, bought dearer */
    assert_int_equal(fill_of(2)->how, TD_REFERENCE_LIMIT);
    assert_int_equal(fill_of(2)->slippage_e9, TD_E9_NONE);
    assert_int_equal(fill_of(4)->slippage_e9, 334448); /* 0.10 of 299.00, sold cheaper */
    assert_int_equal(fill_of(6)->how, TD_REFERENCE_ARRIVAL);
    assert_int_equal(fill_of(6)->slippage_e9, 400000); /* 0.08 of 200.00 */
    td_day_report_fini(&report);
}

/* F52: what a broker, a symbol or a file says stays text. */
static void hostile_texts_are_escaped(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-hostile");
    make_day(folder, "<b>SPY</b>", NASTY);
    save(folder, "alerts.jsonl",
         "{\"time\":\"2026-11-20T14:40:00Z\",\"alert\":\"<img src=x onerror=y>\",\"severity\":"
         "\"<i>\",\"state\":\"raised\",\"text\":\"</td><script>\"}\n");
    save(folder, "data/<u>/session_stats_20261120_093000.json", "{\"num_messages\":1}");
    gather(folder, DAY);
    const char *page = make_page(DAY);
    static const char *const never[] = {"<script",    "<b>SPY", "<img",   "<i>",   "<u>",
                                        "onerror=y>", "http:",  "https:", "src=\""};
    for (size_t i = 0; i < TD_COUNT(never); i++) {
        const char *seen = strstr(page, never[i]);
        if (seen && strncmp(seen, "http://www.w3.org/2000/svg", 26) != 0)
            fail_msg("%s is in the page: %.60s", never[i], seen);
    }
    assert_non_null(strstr(page, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;'"));
    assert_non_null(strstr(page, "&lt;b&gt;SPY&lt;/b&gt;"));
    assert_non_null(strstr(page, "default-src 'none'"));
    td_day_report_fini(&report);
}

static void an_empty_day_teaches(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-empty");
    make_day(folder, "SPY", "x");
    gather(folder, DAY + 3);
    const char *page = make_page(DAY + 3);
    assert_int_equal(report.fill_count, 0);
    assert_non_null(strstr(page, "Nothing was traded"));
    assert_non_null(strstr(page, "tapedeck report pnl"));
    assert_null(strstr(page, "<svg"));
    td_day_report_fini(&report);
}

static void without_a_journal_it_says_so(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-blind");
    char path[700];
    make_day(folder, "SPY", "x");
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    char away[700];
    (void)snprintf(away, sizeof away, "%s/away", folder);
    TD_OK_OR_FAIL(td_file_rename(&world, path, away));
    gather(folder, DAY);
    assert_false(report.trips_known);
    assert_int_equal(report.all.net_e9, 1600000000);
    const char *page = make_page(DAY);
    assert_non_null(strstr(page, "there is no journal in the state folder"));
    assert_non_null(strstr(page, "mode not known"));
    td_day_report_fini(&report);
}

static void no_database_is_an_error(void **state)
{
    (void)state;
    const struct td_day_ask ask = {.world = &world,
                                   .state = td_test_folder("day-none"),
                                   .zone = &zone,
                                   .before = 1,
                                   .limits = &limits};
    struct td_fail why = {0};
    assert_int_equal(td_day_report_make(&report, &ask, &why), TD_ENOENT);
    assert_non_null(strstr(why.text, "no desk has run"));
    assert_null(report.fills);
}

static void recordings_and_alerts_are_of_the_day(void **state)
{
    (void)state;
    const char *folder = td_test_folder("day-beside");
    make_day(folder, "SPY", "x");
    put_beside(folder);
    gather(folder, DAY);
    assert_int_equal(extras.recorded_count, 1);
    assert_int_equal(extras.recorded[0].sessions, 2);
    assert_int_equal(extras.recorded[0].messages, 4000);
    assert_int_equal(extras.recorded[0].gaps, 2);
    assert_int_equal(extras.recorded[0].cut, 1);
    assert_true(td_day_quality(&extras.recorded[0]) == 99.5);
    assert_int_equal(extras.stats_unread, 1);
    assert_int_equal(extras.alert_count, 1);
    assert_string_equal(extras.alerts[0].text, "lost \"it\"");
    assert_int_equal(extras.alert_lines_unread, 1);
    td_day_report_fini(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_this_one),
        cmocka_unit_test(the_figures_are_right),
        cmocka_unit_test(hostile_texts_are_escaped),
        cmocka_unit_test(an_empty_day_teaches),
        cmocka_unit_test(without_a_journal_it_says_so),
        cmocka_unit_test(no_database_is_an_error),
        cmocka_unit_test(recordings_and_alerts_are_of_the_day),
    };
    return cmocka_run_group_tests_name("history/day_page", tests, set_up, tear_down);
}
