/* tests/sim/orderbook_test.c - the ES book of 2024-05-08 and 2023-12-24 against independently rebuilt checkpoints. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sim/orderbook.h"
#include "wire/dbn.h"
#include "wire/dbn_zstd.h"

#define LEVELS 8192
#define ORDERS 32768

static uint8_t *load(const char *path, size_t *len)
{
    const size_t cap = 4u << 20;
    char *raw = td_test_slurp(path, len);
    uint8_t *out = malloc(cap);
    void *block = malloc(td_unzstd_bytes());
    struct td_unzstd u;
    size_t in = *len;
    *len = cap;
    TD_OK_OR_FAIL(td_unzstd_init(&u, block, td_unzstd_bytes()));
    TD_OK_OR_FAIL(td_unzstd_run(&u, raw, &in, out, len));
    TD_OK_OR_FAIL(td_unzstd_finish(&u));
    free(block);
    free(raw);
    return out;
}

static struct td_mbo to_mbo(const struct td_dbn_record *r)
{
    static const struct {
        char c;
        uint8_t action;
    } actions[] = {{'A', TD_MBO_ADD},   {'C', TD_MBO_CANCEL}, {'M', TD_MBO_MODIFY},
                   {'R', TD_MBO_CLEAR}, {'T', TD_MBO_TRADE},  {'F', TD_MBO_FILL}};
    struct td_mbo m = {
        .order_id = r->order_id, .px = r->px, .qty = TD_QTY(r->qty), .action = TD_MBO_TRADE};
    for (size_t i = 0; i < TD_COUNT(actions); i++)
        if (actions[i].c == r->action)
            m.action = actions[i].action;
    m.side = r->side == 'B' ? TD_BID : r->side == 'A' ? TD_ASK : 2;
    return m;
}

/* One top-ten side as the checkpoint files write it. */
static void print_side(const struct td_levels *l, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    td_text_char(&t, '[');
    for (uint32_t i = 0; i < 10; i++)
        td_text_printf(&t, "%s[%lld, %lld, %d]", i ? ", " : "", (long long)l->rows[i].px.e9,
                       (long long)(l->rows[i].qty.e9 / TD_E9), (int)l->rows[i].orders);
    td_text_char(&t, ']');
}

static void compare(const struct td_levels *levels, uint32_t orders, struct td_str line)
{
    char text[2048];
    char side[1024];
    char count[32];
    (void)td_str_copy(line, text, sizeof text);
    print_side(&levels[TD_BID], side, sizeof side);
    assert_non_null(strstr(text, side));
    print_side(&levels[TD_ASK], side, sizeof side);
    assert_non_null(strstr(text, side));
    (void)snprintf(count, sizeof count, "\"orders\": %u,", (unsigned)orders);
    assert_non_null(strstr(text, count));
}

/* Plays the file; after every record named by a checkpoint the top ten must be the checkpoint's. */
static void play(const char *file, const char *golden)
{
    const char *path = td_test_data(file);
    if (!path)
        skip();
    size_t len = 0;
    size_t golden_len = 0;
    uint8_t *bytes = load(path, &len);
    char *checks = td_test_slurp(td_test_data(golden), &golden_len);
    static struct td_venue_level rows[2][LEVELS];
    struct td_levels levels[2];
    struct td_orderbook book;
    struct td_arena arena;
    void *block = malloc(td_orderbook_bytes(ORDERS));
    td_arena_init(&arena, block, td_orderbook_bytes(ORDERS));
    TD_OK_OR_FAIL(td_orderbook_open(&book, ORDERS, &arena));
    for (int s = 0; s < 2; s++)
        td_levels_init(&levels[s], (enum td_side)s, rows[s], LEVELS);
    struct td_dbn d;
    struct td_dbn_record r;
    int compared = 0;
    td_dbn_init(&d);
    td_dbn_feed(&d, bytes, len);
    while (td_dbn_next(&d, &r) == TD_OK) {
        const struct td_mbo mbo = to_mbo(&r);
        TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &mbo, NULL));
        struct td_str rest = {checks, golden_len};
        struct td_str line;
        char head[48];
        (void)snprintf(head, sizeof head, "{\"after_record\": %llu,",
                       (unsigned long long)d.records);
        while (td_str_split(&rest, '\n', &line))
            if (td_str_starts(line, head)) {
                compare(levels, book.count, line);
                compared++;
            }
    }
    assert_int_equal(compared, 2);
    assert_int_equal(book.refused, 0);
    free(block);
    free(checks);
    free(bytes);
}

static void the_snapshot_is_the_recorded_book(void **state)
{
    (void)state;
    play("dbn/nautilus/esh4-glbx-mdp3-20231224.mbo.dbn.zst",
         "dbn/golden/esh4_20231224_book_checkpoints.jsonl");
}

static void two_seconds_of_changes_keep_it(void **state)
{
    (void)state;
    play("dbn/nautilus/order_book_deltas_catalog/"
         "orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst",
         "dbn/golden/orderbooks_20240508_book_checkpoints.jsonl");
}

static void unknown_orders_are_counted(void **state)
{
    (void)state;
    static struct td_venue_level rows[2][4];
    struct td_levels levels[2];
    struct td_orderbook book;
    struct td_arena arena;
    void *block = malloc(td_orderbook_bytes(8));
    td_arena_init(&arena, block, td_orderbook_bytes(8));
    TD_OK_OR_FAIL(td_orderbook_open(&book, 8, &arena));
    for (int s = 0; s < 2; s++)
        td_levels_init(&levels[s], (enum td_side)s, rows[s], 4);
    struct td_mbo m = {
        .order_id = 1, .px = TD_PX(1), .qty = TD_QTY(1), .action = TD_MBO_CANCEL, .side = TD_BID};
    TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &m, NULL));
    assert_int_equal(book.refused, 1);
    m.action = TD_MBO_ADD;
    for (m.order_id = 0; m.order_id < 9; m.order_id++)
        TD_OK_OR_FAIL(td_orderbook_apply(&book, levels, &m, NULL));
    assert_int_equal(book.refused, 2);
    assert_int_equal(book.count, 8);
    m.side = 2;
    assert_int_equal(td_orderbook_apply(&book, levels, &m, NULL), TD_EINVAL);
    td_arena_init(&arena, block, 16);
    assert_int_equal(td_orderbook_open(&book, 8, &arena), TD_ENOMEM);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_snapshot_is_the_recorded_book),
        cmocka_unit_test(two_seconds_of_changes_keep_it),
        cmocka_unit_test(unknown_orders_are_counted),
    };
    return cmocka_run_group_tests_name("sim/orderbook", tests, NULL, NULL);
}
