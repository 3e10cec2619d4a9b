/* tests/trade/projection_test.c - orders.db and the audit log follow from the journal's records alone. */
#include "trade/projection.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/random.h"
#include "store/fault_world.h"
#include "support/support.h"

#define RECORDS 300
#define MANY    9000

static struct td_world world;
static struct td_record script[MANY];
static size_t script_len;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* --- records --- */

static struct td_record *next_record(enum td_record_type type)
{
    TD_REQUIRE(script_len < MANY);
    struct td_record *r = &script[script_len++];
    td_record_init(r, type, INT64_C(1757341865120000000) + (td_ns)script_len * TD_SEC);
    r->seq = script_len;
    return r;
}

static void put(char *out, size_t cap, const char *text)
{
    (void)td_str_copy(td_str_of(text), out, cap);
}

static struct td_record *add_order(uint64_t key, const char *symbol, enum td_action action, int qty)
{
    struct td_record *r = next_record(TD_REC_ORDER);
    r->key = key;
    r->order_id = 100 + (int64_t)key;
    r->client_id = 2011;
    put(r->symbol, sizeof r->symbol, symbol);
    put(r->account, sizeof r->account, "DU1");
    put(r->strategy, sizeof r->strategy, "sma_cross");
    put(r->text, sizeof r->text, "ensemble 0.62");
    r->action = (uint8_t)action;
    r->otype = TD_ORDER_LIMIT;
    r->qty = TD_QTY(qty);
    r->limit = (td_px){6501250000000};
    r->multiplier = TD_QTY(1);
    r->cash = TD_CASH(qty * 6501);
    return r;
}

static struct td_record *add_exec(uint64_t key, const char *symbol, const char *id,
                                  enum td_action action, int64_t qty, int64_t px)
{
    struct td_record *r = next_record(TD_REC_EXEC);
    r->key = key;
    r->order_id = key ? 100 + (int64_t)key : 0;
    r->perm_id = 7000 + (int64_t)key;
    put(r->symbol, sizeof r->symbol, symbol);
    put(r->exec_id, sizeof r->exec_id, id);
    r->action = (uint8_t)action;
    r->qty = TD_QTY(qty);
    r->px = (td_px){px * (TD_E9 / 100)};
    r->multiplier = TD_QTY(1);
    return r;
}

static struct td_record *add_fee(const char *id, int64_t cents)
{
    struct td_record *r = next_record(TD_REC_FEE);
    put(r->exec_id, sizeof r->exec_id, id);
    put(r->text, sizeof r->text, "USD");
    r->cash = (td_cash){cents * (TD_E9 / 100)};
    return r;
}

static void add_about(struct td_rng *rng, uint64_t key)
{
    static const enum td_record_type types[] = {TD_REC_SENT, TD_REC_STATUS, TD_REC_CANCEL,
                                                TD_REC_ERROR, TD_REC_RESOLVED};
    static const char *const statuses[] = {"Submitted", "PreSubmitted", "Cancelled",
                                           "Inactive",  "open",         "abandoned"};
    struct td_record *r = next_record(types[td_rng_below(rng, TD_COUNT(types))]);
    r->key = key;
    r->order_id = 100 + (int64_t)key;
    r->code = r->type == TD_REC_ERROR ? (td_rng_chance(rng, 0.3) ? 201 : 399) : 0;
    put(r->status, sizeof r->status, statuses[td_rng_below(rng, TD_COUNT(statuses))]);
    put(r->text, sizeof r->text, "because \"it\" is so,\n\x01\xff \xe2\x82\xac");
}

static void add_some_exec(struct td_rng *rng, uint64_t key)
{
    static const char *const symbols[] = {"SPY", "ES", "AAPL"};
    char id[40];
    const bool foreign = key == 0 || td_rng_chance(rng, 0.2);
    (void)snprintf(id, sizeof id, "0000e0d5.%llx.01.0%d", (unsigned long long)td_rng_below(rng, 60),
                   1 + (int)td_rng_below(rng, 2));
    const struct td_record *order = NULL;
    for (size_t i = 0; i < script_len && !foreign; i++)
        if (script[i].type == TD_REC_ORDER && script[i].key == key)
            order = &script[i];
    const enum td_action action =
        order ? (enum td_action)order->action : (enum td_action)td_rng_below(rng, 2);
    for (size_t i = 0; i < script_len;
         i++) /* an execution's revisions are of one symbol and side */
        if (script[i].type == TD_REC_EXEC && strncmp(script[i].exec_id, id, strlen(id) - 1) == 0) {
            (void)add_exec(script[i].key, script[i].symbol, id, (enum td_action)script[i].action,
                           1 + (int64_t)td_rng_below(rng, 5),
                           10000 + (int64_t)td_rng_below(rng, 500));
            return;
        }
    (void)add_exec(foreign ? 0 : key, order ? order->symbol : symbols[td_rng_below(rng, 3)], id,
                   action, 1 + (int64_t)td_rng_below(rng, 5),
                   10000 + (int64_t)td_rng_below(rng, 500));
}

/* A journal of everything, in any order the blotter accepts. */
static void write_script(uint64_t seed, size_t n)
{
    static const char *const symbols[] = {"SPY", "ES", "AAPL"};
    static const enum td_record_type others[] = {TD_REC_START, TD_REC_LOST, TD_REC_HALT,
                                                 TD_REC_RESUME, TD_REC_STOP};
    struct td_rng rng;
    uint64_t key = 0;
    char id[40];
    td_rng_init(&rng, seed);
    script_len = 0;
    (void)next_record(TD_REC_START);
    while (script_len < n) {
        const uint64_t dice = td_rng_below(&rng, 20);
        struct td_record *r;
        if (dice < 4 || key == 0) {
            key++;
            (void)add_order(key, symbols[td_rng_below(&rng, 3)],
                            (enum td_action)td_rng_below(&rng, 2), 50);
        } else if (dice < 10) {
            add_some_exec(&rng, td_rng_below(&rng, key) + 1);
        } else if (dice < 13) {
            (void)snprintf(id, sizeof id, "0000e0d5.%llx.01.01",
                           (unsigned long long)td_rng_below(&rng, 60));
            (void)add_fee(id, (int64_t)td_rng_below(&rng, 300));
        } else if (dice < 17) {
            add_about(&rng, td_rng_below(&rng, key) + 1);
        } else if (dice == 17) {
            r = next_record(TD_REC_DENIED);
            put(r->symbol, sizeof r->symbol, "SPY");
            r->qty = TD_QTY(1);
            r->code = 7;
        } else if (dice == 18) {
            r = next_record(td_rng_chance(&rng, 0.5) ? TD_REC_DAY : TD_REC_POSITION);
            put(r->symbol, sizeof r->symbol, r->type == TD_REC_POSITION ? "ES" : "");
            r->qty = TD_QTY(td_rng_between(&rng, -3, 3));
            r->px = TD_PX(100);
            r->cash = TD_CASH(0);
            r->number = 20000;
        } else {
            r = next_record(others[td_rng_below(&rng, TD_COUNT(others))]);
            put(r->text, sizeof r->text, "by hand");
        }
    }
}

/* --- content of the files --- */

static void path_in(char *out, size_t cap, const char *folder, const char *name)
{
    TD_REQUIRE(snprintf(out, cap, "%s/%s", folder, name) < (int)cap);
}

static uint64_t dump_table(sqlite3 *db, const char *table)
{
    char sql[128];
    sqlite3_stmt *s;
    uint64_t hash = 1;
    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *text = (const char *)sqlite3_column_text(s, i);
            hash = hash * 1099511628211u + (uint64_t)sqlite3_column_type(s, i);
            hash ^= text ? td_hash_bytes(text, strlen(text)) : 0;
        }
    (void)sqlite3_finalize(s);
    return hash;
}

struct content {
    uint64_t tables[11];
    uint64_t seq;
    char *audit;
    size_t audit_len;
};

static struct content content_of(const char *folder)
{
    static const char *const tables[] = {"orders",
                                         "executions",
                                         "positions",
                                         "account",
                                         "signals",
                                         "events",
                                         "trades",
                                         "market_data",
                                         "ticks",
                                         "features",
                                         "meta WHERE key LIKE 'seq%'"};
    struct content c = {0};
    char path[300];
    sqlite3 *db;
    path_in(path, sizeof path, folder, "orders.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    for (size_t i = 0; i < TD_COUNT(tables); i++)
        c.tables[i] = dump_table(db, tables[i]);
    (void)sqlite3_close(db);
    path_in(path, sizeof path, folder, "trade_audit_log.jsonl");
    c.audit = td_test_slurp(path, &c.audit_len);
    assert_non_null(c.audit);
    return c;
}

static void same_content(const char *folder, const struct content *want)
{
    struct content got = content_of(folder);
    assert_memory_equal(got.tables, want->tables, sizeof got.tables);
    assert_int_equal(got.audit_len, want->audit_len);
    assert_memory_equal(got.audit, want->audit, want->audit_len);
    free(got.audit);
}

static void feed(struct td_projection *p, size_t from, size_t to)
{
    struct td_fail why = {0};
    for (size_t i = from; i < to; i++)
        if (td_projection_apply(p, &script[i], &why) != TD_OK)
            fail_msg("record %zu: %s", i + 1, why.text);
}

static void build(const char *folder, size_t n)
{
    struct td_projection *p;
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_projection_open(&p, &world, folder, &why));
    feed(p, 0, n);
    TD_OK_OR_FAIL(td_projection_flush(p, &why));
    assert_int_equal(td_projection_seq(p), n);
    td_projection_close(p);
}

static void copy_file(const char *from, const char *to, const char *name)
{
    char path[300];
    size_t len = 0;
    path_in(path, sizeof path, from, name);
    char *bytes = td_test_slurp(path, &len);
    if (!bytes)
        return;
    path_in(path, sizeof path, to, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    free(bytes);
}

/* What a kill -9 at this moment leaves: the files as they are, no close. */
static void copy_state(const char *from, const char *to)
{
    static const char *const names[] = {"orders.db", "orders.db-wal", "orders.db-shm",
                                        "trade_audit_log.jsonl"};
    char path[300];
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        path_in(path, sizeof path, to, names[i]);
        (void)remove(path);
    }
    copy_file(from, to, "orders.db");
    copy_file(from, to, "orders.db-wal");
    copy_file(from, to, "trade_audit_log.jsonl");
}

/* --- tests --- */

static void rebuilt_equals_incremental(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        const char *whole = td_test_folder("whole"), *parts = td_test_folder("parts");
        struct td_projection *p;
        struct td_rng rng;
        write_script(seed, RECORDS);
        build(whole, RECORDS);
        struct content want = content_of(whole);
        assert_true(want.audit_len > 10000);
        td_rng_init(&rng, seed);
        for (size_t held = 0; held < RECORDS;) {
            TD_OK_OR_FAIL(td_projection_open(&p, &world, parts, NULL));
            assert_int_equal(td_projection_seq(p), held);
            for (size_t i = 0; i < RECORDS; i++) {
                feed(p, i, i + 1);
                feed(p, i / 2, i / 2 + 1); /* what it has is skipped */
                if (i + 1 >= held && td_rng_chance(&rng, 0.2))
                    TD_OK_OR_FAIL(td_projection_flush(p, NULL));
                if (i >= held && td_rng_chance(&rng, 0.02))
                    break;
            }
            td_projection_close(p);
            TD_OK_OR_FAIL(td_projection_open(&p, &world, parts, NULL));
            held = (size_t)td_projection_seq(p);
            td_projection_close(p);
        }
        same_content(parts, &want);
        free(want.audit);
    }
}

static void killed_at_any_moment(void **state)
{
    (void)state;
    const char *live = td_test_folder("live"), *dead = td_test_folder("dead"),
               *ref = td_test_folder("ref");
    struct td_projection *p;
    write_script(11, 120);
    build(ref, 120);
    struct content want = content_of(ref);
    TD_OK_OR_FAIL(td_projection_open(&p, &world, live, NULL));
    for (size_t i = 0; i < 120; i++) {
        feed(p, i, i + 1);
        if (i % 3 == 2)
            TD_OK_OR_FAIL(td_projection_flush(p, NULL));
        copy_state(live, dead);
        build(dead, 120);
        same_content(dead, &want);
    }
    td_projection_close(p);
    same_content(live, &want);
    free(want.audit);
}

static void put_bytes(const char *path, const char *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* Cut anywhere, the log comes back byte for byte; lost entirely, so do both files. */
static void lost_lines_come_back(void **state)
{
    (void)state;
    const char *folder = td_test_folder("lost");
    char path[300], db[300];
    write_script(5, 60);
    build(folder, 60);
    struct content want = content_of(folder);
    path_in(path, sizeof path, folder, "trade_audit_log.jsonl");
    path_in(db, sizeof db, folder, "orders.db");
    for (size_t cut = 0; cut < want.audit_len; cut += 1 + want.audit_len / 97) {
        put_bytes(path, want.audit, cut);
        build(folder, 60);
        same_content(folder, &want);
    }
    assert_int_equal(remove(path), 0);
    build(folder, 60);
    same_content(folder, &want);
    assert_int_equal(remove(db), 0);
    build(folder, 60);
    same_content(folder, &want);
    free(want.audit);
}

static size_t line_start(const char *text, int line)
{
    const char *p = text;
    for (int i = 1; i < line; i++)
        p = strchr(p, '\n') + 1;
    return (size_t)(p - text);
}

static void expect_bad_line(const char *path, int line)
{
    struct td_fail why = {0};
    uint64_t lines = 0;
    char text[32];
    assert_int_equal(td_audit_verify(&world, path, &lines, &why), TD_ECORRUPT);
    (void)snprintf(text, sizeof text, "line %d was", line);
    if (!strstr(why.text, text))
        fail_msg("wanted %s in: %s", text, why.text);
}

static void chain_tells_changes(void **state)
{
    (void)state;
    const char *folder = td_test_folder("chain");
    struct td_projection *p;
    struct td_fail why = {0};
    char path[300];
    uint64_t lines = 0;
    write_script(6, 80);
    build(folder, 80);
    struct content want = content_of(folder);
    path_in(path, sizeof path, folder, "trade_audit_log.jsonl");
    TD_OK_OR_FAIL(td_audit_verify(&world, path, &lines, &why));
    assert_in_range(lines, 40, 80);
    char *bytes = malloc(want.audit_len * 2);
    assert_non_null(bytes);
    for (int line = 1; line <= (int)lines; line += 3) {
        const size_t at = line_start(want.audit, line), next = line_start(want.audit, line + 1);
        memcpy(bytes, want.audit, want.audit_len);
        bytes[at + 20] ^= 1; /* changed */
        put_bytes(path, bytes, want.audit_len);
        expect_bad_line(path, line);
        assert_int_equal(td_projection_open(&p, &world, folder, &why), TD_ECORRUPT);
        memcpy(bytes, want.audit, at); /* put in twice */
        memcpy(bytes + at, want.audit + at, next - at);
        memcpy(bytes + next, want.audit + at, want.audit_len - at);
        put_bytes(path, bytes, want.audit_len + next - at);
        expect_bad_line(path, line + 1);
        if (line == (int)lines)
            continue;
        memcpy(bytes + at, want.audit + next, want.audit_len - next); /* removed */
        put_bytes(path, bytes, want.audit_len - (next - at));
        expect_bad_line(path, line);
    }
    put_bytes(path, want.audit, want.audit_len - 1);
    assert_int_equal(td_audit_verify(&world, path, &lines, &why), TD_ETORN);
    assert_int_equal(td_audit_verify(&world, "no-such-file", &lines, &why), TD_ENOENT);
    free(bytes);
    free(want.audit);
}

static void expect_sql(const char *folder, const char *sql, const char *want)
{
    char path[300], got[800];
    struct td_text t;
    sqlite3 *db;
    sqlite3_stmt *s;
    td_text_init(&t, got, sizeof got);
    path_in(path, sizeof path, folder, "orders.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *text = (const char *)sqlite3_column_text(s, i);
            td_text_printf(&t, "%s%s", i ? "|" : "", text ? text : "null");
        }
        td_text_char(&t, '\n');
    }
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    assert_string_equal(got, want);
}

static void write_round_trip(void)
{
    script_len = 0;
    (void)add_order(1, "ES", TD_BUY, 2);
    (void)add_exec(1, "ES", "a.1.01", TD_BUY, 2, 10000);
    (void)add_fee("a.1.01", 125);
    (void)add_order(2, "ES", TD_SELL, 3);
    (void)add_exec(2, "ES", "a.2.01", TD_SELL, 2, 10150);
    (void)add_exec(2, "ES", "a.2.02", TD_SELL, 2, 10250); /* corrects the one before */
    (void)add_fee("a.2.02", 50);
    struct td_record *r = next_record(TD_REC_DENIED);
    put(r->symbol, sizeof r->symbol, "SPY");
    put(r->text, sizeof r->text, "halted");
    r->qty = TD_QTY(5);
    r->code = 12;
    r->action = TD_SELL;
}

static void contract_queries_answer(void **state)
{
    (void)state;
    const char *folder = td_test_folder("queries");
    write_round_trip();
    build(folder, script_len);
    expect_sql(folder,
               "SELECT id, symbol, side, quantity, order_type, status FROM orders ORDER BY id",
               "1|ES|BUY|2|LMT|filled\n2|ES|SELL|3|LMT|working\n");
    expect_sql(
        folder,
        "SELECT order_id, price, quantity, commission, pnl FROM executions ORDER BY exec_time",
        "1|100.0|2|1.25|null\n2|102.5|2|0.5|5.0\n");
    expect_sql(folder, "SELECT symbol, SUM(pnl), SUM(pnl_e9) FROM executions GROUP BY symbol",
               "ES|5.0|5000000000\n");
    expect_sql(folder,
               "SELECT e.symbol, e.pnl, o.status FROM executions e JOIN orders o ON e.order_id = "
               "o.id ORDER BY o.id",
               "ES|null|filled\nES|5.0|working\n");
    expect_sql(folder,
               "SELECT symbol, side, quantity, price, slippage, commission, realized_pnl, strategy "
               "FROM trades ORDER BY id",
               "ES|BUY|2|100.0|null|1.25|null|sma_cross\nES|SELL|2|102.5|null|0.5|5.0|sma_cross\n");
    expect_sql(
        folder,
        "SELECT symbol, quantity, avg_cost, market_price, realized_pnl, commission FROM positions",
        "ES|0|0.0|null|5.0|1.75\n");
    expect_sql(folder,
               "SELECT id, cash, equity, daily_pnl, realized_pnl, unrealized_pnl FROM account",
               "1|null|null|3.25|3.25|null\n");
    expect_sql(folder, "SELECT symbol, signal_type, strength, metadata FROM signals ORDER BY id",
               "ES|BUY|null|{\"approved\":true,\"gate\":null,\"reason\":\"ensemble 0.62\"}\n"
               "ES|SELL|null|{\"approved\":true,\"gate\":null,\"reason\":\"ensemble 0.62\"}\n"
               "SPY|SELL|null|{\"approved\":false,\"gate\":12,\"reason\":\"halted\"}\n");
    expect_sql(folder, "SELECT count(*) FROM market_data", "0\n");
    expect_sql(folder, "SELECT count(timestamp), count(bid), count(last_size) FROM ticks",
               "0|0|0\n");
    expect_sql(folder, "SELECT count(rsi), count(breakout_signal) FROM features", "0|0\n");
    expect_sql(folder, "PRAGMA journal_mode", "wal\n");
    expect_sql(folder,
               "SELECT timestamp, exec_time FROM orders, executions WHERE "
               "executions.order_id=orders.id AND orders.id=1",
               "2025-09-08T14:31:06.120000+00:00|2025-09-08T14:31:07.120000+00:00\n");
}

static void audit_lines_have_the_contractual_form(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "{\"timestamp\":\"2025-09-08T14:31:06.120Z\",\"symbol\":\"ES\",\"action\":\"BUY\","
        "\"quantity\":2,\"price\":6501.25,"
        "\"pnl\":null,\"reason\":\"ensemble "
        "0.62\",\"seq\":1,\"key\":1,\"order_id\":101,\"event\":\"order\",\"hash\":\"",
        "{\"timestamp\":\"2025-09-08T14:31:07.120Z\",\"symbol\":\"ES\",\"action\":\"BUY\","
        "\"quantity\":2,\"price\":100,"
        "\"pnl\":null,\"reason\":null,\"seq\":2,\"key\":1,\"order_id\":101,\"event\":\"fill\","
        "\"hash\":\"",
        "{\"timestamp\":\"2025-09-08T14:31:08.120Z\",\"symbol\":\"ES\",\"action\":\"BUY\","
        "\"quantity\":null,\"price\":1.25,"
        "\"pnl\":null,\"reason\":\"USD\",\"seq\":3,\"key\":1,\"order_id\":101,\"event\":\"fee\","
        "\"hash\":\"",
    };
    const char *folder = td_test_folder("lines");
    write_round_trip();
    build(folder, script_len);
    struct content c = content_of(folder);
    for (size_t i = 0; i < TD_COUNT(starts); i++)
        assert_memory_equal(c.audit + line_start(c.audit, (int)i + 1), starts[i],
                            strlen(starts[i]));
    assert_non_null(
        strstr(c.audit, "\"action\":\"SELL\",\"quantity\":2,\"price\":101.5,\"pnl\":3,"));
    assert_non_null(
        strstr(c.audit, "\"action\":\"SELL\",\"quantity\":2,\"price\":102.5,\"pnl\":2,"));
    assert_non_null(
        strstr(c.audit, "\"symbol\":\"SPY\",\"action\":\"SELL\",\"quantity\":5,\"price\":null,"));
    free(c.audit);
}

/* Every call of the world that changes files fails once: a clear error or none, no crash; then a replay heals. */
static void failing_world(void **state)
{
    (void)state;
    struct fault_world w;
    uint64_t failures = 0;
    write_script(8, 60);
    fault_world_open(&w);
    const char *ref = td_test_folder("failref");
    build(ref, 60);
    struct content want = content_of(ref);
    for (uint64_t n = 1; n < 40; n++) {
        const char *folder = "tmp-failing-state";
        struct td_fail why = {0};
        struct td_projection *p = NULL;
        char path[300];
        static const char *const names[] = {"orders.db", "orders.db-wal", "orders.db-shm",
                                            "trade_audit_log.jsonl"};
        for (size_t i = 0; i < TD_COUNT(names); i++) {
            path_in(path, sizeof path, folder, names[i]);
            (void)remove(path);
        }
        fault_arm(&w, n, n % 2 ? TD_ENOSPC : TD_EIO, false);
        enum td_err err = td_projection_open(&p, &w.world, folder, &why);
        for (size_t i = 0; i < 60 && !err; i++) {
            err = td_projection_apply(p, &script[i], &why);
            if (!err && i % 4 == 3)
                err = td_projection_flush(p, &why);
        }
        if (err) {
            failures++;
            assert_int_equal(err, n % 2 ? TD_ENOSPC : TD_EIO);
            assert_true(why.text[0] != '\0');
            if (p) {
                assert_int_equal(td_projection_apply(p, &script[0], &why), err);
                assert_int_equal(td_projection_flush(p, &why), err);
            }
        }
        td_projection_close(p);
        build(folder, 60);
        same_content(folder, &want);
    }
    assert_in_range(failures, 15, 39);
    free(want.audit);
    fault_world_close(&w);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void refuses_what_is_not_its_own(void **state)
{
    (void)state;
    char path[300];
    struct td_projection *p;
    struct td_fail why = {0};
    const char *old = td_test_folder("old"), *later = td_test_folder("later"),
               *junk = td_test_folder("junk");
    path_in(path, sizeof path, old, "orders.db");
    run_sql(path, "CREATE TABLE orders (id INTEGER, symbol TEXT)");
    assert_int_equal(td_projection_open(&p, &world, old, &why), TD_EVERSION);
    write_script(9, 40);
    build(later, 40);
    path_in(path, sizeof path, later, "orders.db");
    run_sql(path, "PRAGMA user_version = 2");
    assert_int_equal(td_projection_open(&p, &world, later, &why), TD_EVERSION);
    assert_non_null(strstr(why.text, "schema 2"));
    path_in(path, sizeof path, junk, "orders.db");
    put_bytes(path,
              "this is no database, and long enough to be looked at as if it were one, said the "
              "test to SQLite.......",
              100);
    assert_int_equal(td_projection_open(&p, &world, junk, &why), TD_ECORRUPT);
    td_projection_close(NULL);
}

static void notices_another_journal(void **state)
{
    (void)state;
    struct td_projection *p;
    struct td_fail why = {0};
    const char *folder = td_test_folder("another");
    write_script(9, 40);
    build(folder, 40);
    TD_OK_OR_FAIL(td_projection_open(&p, &world, folder, &why));
    assert_int_equal(td_projection_apply(p, &script[1], &why), TD_EINVAL); /* record 1 is missing */
    td_projection_close(p);
    TD_OK_OR_FAIL(td_projection_open(&p, &world, folder, &why));
    feed(p, 0, 30);
    assert_int_equal(td_projection_flush(p, &why), TD_ECORRUPT); /* the journal is shorter */
    assert_non_null(strstr(why.text, "ends at 30"));
    td_projection_close(p);
    script[39].at_ns++;
    TD_OK_OR_FAIL(td_projection_open(&p, &world, folder, &why));
    feed(p, 0, 39);
    assert_int_equal(td_projection_apply(p, &script[39], &why), TD_ECORRUPT);
    td_projection_close(p);
}

/* More orders than the first tables hold, and more audit lines than the buffer. */
static void grows_with_the_journal(void **state)
{
    (void)state;
    const char *folder = td_test_folder("grown");
    char id[32];
    script_len = 0;
    for (uint64_t key = 1; key <= 2500; key++) {
        (void)snprintf(id, sizeof id, "x.%llx.01", (unsigned long long)key);
        (void)add_order(key, "SPY", key % 2 ? TD_BUY : TD_SELL, 1);
        (void)add_exec(key, "SPY", id, key % 2 ? TD_BUY : TD_SELL, 1, key % 2 ? 100 : 300);
        (void)add_fee(id, 1);
    }
    build(folder, script_len);
    expect_sql(folder, "SELECT count(*), sum(status = 'filled') FROM orders", "2500|2500\n");
    expect_sql(folder, "SELECT count(*), sum(pnl_e9), sum(commission_e9) FROM executions",
               "2500|2500000000000|25000000000\n");
    expect_sql(folder, "SELECT quantity, realized_pnl, commission FROM positions",
               "0|2500.0|25.0\n");
    uint64_t lines = 0;
    char path[300];
    path_in(path, sizeof path, folder, "trade_audit_log.jsonl");
    TD_OK_OR_FAIL(td_audit_verify(&world, path, &lines, NULL));
    assert_int_equal(lines, 7500);
}

/* A parent that is worked by children is a row like them; kinds of orders have the broker's words. */
static void parents_and_every_kind_of_order_have_rows(void **state)
{
    const char *folder = td_test_folder("parents");
    (void)state;
    script_len = 0;
    (void)next_record(TD_REC_START);
    struct td_record *r = add_order(1, "SPY", TD_BUY, 5);
    r->type = TD_REC_PARENT;
    r->order_id = 0;
    put(r->status, sizeof r->status, "TWAP");
    for (uint64_t key = 2; key <= 3; key++) {
        r = add_order(key, "SPY", TD_BUY, (int)key);
        r->role = TD_ROLE_SLICE;
        r->parent = 1;
    }
    (void)add_exec(2, "SPY", "0000e0d5.1.01.01", TD_BUY, 2, 10000);
    (void)add_exec(3, "SPY", "0000e0d5.2.01.01", TD_BUY, 1, 10300);
    r = next_record(TD_REC_DONE);
    r->key = 1;
    put(r->status, sizeof r->status, "expired");
    add_order(4, "SPY", TD_SELL, 1)->otype = TD_ORDER_TRAIL;
    add_order(5, "SPY", TD_SELL, 1)->otype = TD_ORDER_PEG_MIDPOINT;
    build(folder, script_len);
    expect_sql(folder,
               "SELECT quantity, filled, average_price, status, broker_status FROM orders WHERE "
               "id = 1",
               "5|3|101.0|cancelled|expired\n");
    expect_sql(folder, "SELECT order_type FROM orders ORDER BY id",
               "LMT\nLMT\nLMT\nTRAIL\nPEG MID\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rebuilt_equals_incremental),
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(lost_lines_come_back),
        cmocka_unit_test(chain_tells_changes),
        cmocka_unit_test(contract_queries_answer),
        cmocka_unit_test(audit_lines_have_the_contractual_form),
        cmocka_unit_test(failing_world),
        cmocka_unit_test(refuses_what_is_not_its_own),
        cmocka_unit_test(notices_another_journal),
        cmocka_unit_test(grows_with_the_journal),
        cmocka_unit_test(parents_and_every_kind_of_order_have_rows),
    };
    return cmocka_run_group_tests_name("trade/projection", tests, open_world, close_world);
}
