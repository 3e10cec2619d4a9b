/* tests/trade/blotter_test.c - the life of orders under every order of messages, and its invariants. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trade/blotter.h"

static struct td_blotter b;
static void *memory;
static uint64_t seq;

static int setup(void **state)
{
    const struct td_blotter_limits limits = {
        .orders_max = 64, .executions_max = 256, .holdings_max = 8};
    struct td_arena arena;
    (void)state;
    free(memory);
    memory = malloc(td_blotter_bytes(&limits));
    td_arena_init(&arena, memory, td_blotter_bytes(&limits));
    seq = 0;
    return td_blotter_open(&b, &limits, &arena) == TD_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    return 0;
}

static struct td_record record(enum td_record_type type)
{
    struct td_record r;
    td_record_init(&r, type, (td_ns)(seq + 1) * TD_SEC);
    r.seq = ++seq;
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    r.conid = 756733;
    r.multiplier = TD_QTY(1);
    return r;
}

static enum td_err order(uint64_t key, enum td_action action, int qty)
{
    struct td_record r = record(TD_REC_ORDER);
    r.key = key;
    r.order_id = 100 + (int64_t)key;
    r.action = (uint8_t)action;
    r.qty = TD_QTY(qty);
    r.cash = TD_CASH(qty * 10);
    return td_blotter_apply(&b, &r);
}

static enum td_err exec(uint64_t key, const char *id, enum td_action action, int qty, int px)
{
    struct td_record r = record(TD_REC_EXEC);
    r.key = key;
    r.action = (uint8_t)action;
    r.qty = TD_QTY(qty);
    r.px = TD_PX(px);
    r.perm_id = 5000 + (int64_t)key;
    (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", id);
    return td_blotter_apply(&b, &r);
}

static enum td_err say(enum td_record_type type, uint64_t key, const char *status, int64_t code)
{
    struct td_record r = record(type);
    r.key = key;
    r.code = code;
    (void)snprintf(r.status, sizeof r.status, "%s", status ? status : "");
    return td_blotter_apply(&b, &r);
}

static enum td_err fee(const char *id, int cash)
{
    struct td_record r = record(TD_REC_FEE);
    (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", id);
    r.cash = TD_CASH(cash);
    return td_blotter_apply(&b, &r);
}

static enum td_order_state state_of(uint64_t key)
{
    return (enum td_order_state)td_blotter_order(&b, key)->state;
}

static void whole(void)
{
    struct td_fail why = {0};
    assert_int_equal(td_blotter_check(&b, &why), TD_OK);
}

static void a_plain_order_fills(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 100));
    assert_int_equal(b.holdings[0].working_buy.e9, 100 * TD_E9);
    TD_OK_OR_FAIL(say(TD_REC_SENT, 1, NULL, 0));
    assert_int_equal(state_of(1), TD_OS_SENT);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    TD_OK_OR_FAIL(exec(1, "a.b.01", TD_BUY, 40, 10));
    assert_int_equal(state_of(1), TD_OS_WORKING);
    assert_int_equal(exec(1, "a.b.01", TD_BUY, 40, 10), TD_EEXIST);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Filled", 0)); /* a hint: 60 are still missing */
    assert_int_equal(state_of(1), TD_OS_WORKING);
    TD_OK_OR_FAIL(exec(1, "a.c.01", TD_BUY, 60, 12));
    assert_int_equal(state_of(1), TD_OS_FILLED);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0)); /* late and out of order */
    assert_int_equal(state_of(1), TD_OS_FILLED);
    assert_int_equal(td_order_average(td_blotter_order(&b, 1)).e9, 11200000000);
    TD_OK_OR_FAIL(fee("a.b.01", 1));
    assert_int_equal(fee("a.b.01", 1), TD_EEXIST);
    assert_int_equal(fee("zzz.01", 1), TD_ENOENT);
    assert_int_equal(b.holdings[0].now.fees.e9, TD_E9);
    assert_int_equal(b.next_id, 102);
    assert_ptr_equal(td_blotter_by_order_id(&b, 101), td_blotter_order(&b, 1));
    whole();
}

static void busts_take_back_and_old_revisions_stay_old(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(exec(1, "x.y.01", TD_BUY, 10, 100));
    TD_OK_OR_FAIL(exec(1, "x.y.02", TD_BUY, 7, 100));
    assert_int_equal(exec(1, "x.y.01", TD_BUY, 10, 100), TD_EEXIST); /* told again by a look-up */
    assert_true(b.holdings[0].now.qty.e9 == 7 * TD_E9);
    TD_OK_OR_FAIL(exec(1, "x.y.03", TD_BUY, 0, 100));
    assert_true(b.holdings[0].now.qty.e9 == 0);
    assert_true(td_blotter_order(&b, 1)->filled.e9 == 0);
    assert_int_equal(exec(1, "x.y.03", TD_BUY, 0, 100), TD_EEXIST);
    assert_int_equal(exec(1, "z.y.02", TD_BUY, 0, 100), TD_EEXIST); /* never seen before */
    TD_OK_OR_FAIL(td_blotter_check(&b, NULL));
    TD_OK_OR_FAIL(exec(1, "x.y.04", TD_BUY, 4, 100));
    assert_true(b.holdings[0].now.qty.e9 == 4 * TD_E9);
    TD_OK_OR_FAIL(td_blotter_check(&b, NULL));
}

/* Codes that only remark on an order leave it as it is. */
static void warnings_leave_the_order(void **state)
{
    (void)state;
    static const int64_t codes[] = {105,  329,  399,  404,  434,  2100,  2102,
                                    2109, 2137, 2168, 2169, 2174, 10167, 10089};
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 1, NULL, 0));
    for (size_t i = 0; i < TD_COUNT(codes); i++) {
        TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, codes[i]));
        assert_int_equal(state_of(1), TD_OS_SENT);
    }
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 110)); /* of a change: the old order works on */
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 321));
    assert_int_equal(state_of(1), TD_OS_WORKING);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 201));
    assert_int_equal(state_of(1), TD_OS_REJECTED);
    whole();
}

/* A status that tells of more than the executions make is counted until they come. */
static void missing_executions_are_counted(void **state)
{
    (void)state;
    struct td_record r = record(TD_REC_STATUS);
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    r.key = 1;
    r.qty = TD_QTY(6);
    (void)snprintf(r.status, sizeof r.status, "Submitted");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.short_told, 1);
    TD_OK_OR_FAIL(exec(1, "a.01", TD_BUY, 4, 10));
    assert_int_equal(b.short_told, 1);
    TD_OK_OR_FAIL(exec(1, "b.01", TD_BUY, 2, 10));
    assert_int_equal(b.short_told, 0);
    TD_OK_OR_FAIL(exec(1, "b.02", TD_BUY, 0, 10)); /* taken back: what was told before is void */
    assert_int_equal(b.short_told, 0);
    whole();
}

static void corrections_replace(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_SELL, 10));
    TD_OK_OR_FAIL(exec(1, "x.y.01", TD_SELL, 10, 20));
    TD_OK_OR_FAIL(exec(1, "x.y.02", TD_SELL, 8, 21));
    assert_int_equal(b.holdings[0].now.qty.e9, -8 * TD_E9);
    assert_int_equal(td_blotter_order(&b, 1)->filled.e9, 8 * TD_E9);
    assert_int_equal(b.execution_count, 1);
    TD_OK_OR_FAIL(fee("x.y.02", 2));
    TD_OK_OR_FAIL(fee("x.y.02", 3)); /* the fee is corrected too */
    assert_int_equal(b.holdings[0].now.fees.e9, 3 * TD_E9);
    whole();
}

static void cancels_cross_fills(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 1, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    TD_OK_OR_FAIL(say(TD_REC_CANCEL, 1, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    assert_int_equal(state_of(1), TD_OS_CANCELLING);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Cancelled", 0));
    assert_int_equal(state_of(1), TD_OS_CANCELLED);
    assert_int_equal(b.holdings[0].open_orders, 0);
    TD_OK_OR_FAIL(exec(1, "late.01", TD_BUY, 4, 10)); /* the fill was on its way */
    assert_int_equal(b.holdings[0].now.qty.e9, 4 * TD_E9);
    assert_int_equal(state_of(1), TD_OS_CANCELLED);
    TD_OK_OR_FAIL(exec(1, "late2.01", TD_BUY, 6, 10));
    assert_int_equal(state_of(1), TD_OS_FILLED);
    whole();
}

static void rejections_and_inactive(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 1, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 399));
    assert_int_equal(state_of(1), TD_OS_SENT);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Inactive", 0));
    assert_int_equal(state_of(1), TD_OS_WORKING);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 110)); /* a refused modify: the old order lives */
    assert_int_equal(state_of(1), TD_OS_WORKING);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 201));
    assert_int_equal(state_of(1), TD_OS_REJECTED);
    TD_OK_OR_FAIL(order(2, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 2, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 2, NULL, 110));
    assert_int_equal(state_of(2), TD_OS_REJECTED);
    TD_OK_OR_FAIL(order(3, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 3, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 3, NULL, 202));
    assert_int_equal(state_of(3), TD_OS_CANCELLED);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 99, NULL, 201));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 99, "Submitted", 0));
    whole();
}

static void lost_sessions_make_orders_unknown(void **state)
{
    (void)state;
    for (uint64_t key = 1; key <= 4; key++) {
        TD_OK_OR_FAIL(order(key, TD_BUY, 10));
        TD_OK_OR_FAIL(say(TD_REC_SENT, key, NULL, 0));
    }
    TD_OK_OR_FAIL(say(TD_REC_LOST, 0, NULL, 0));
    assert_int_equal(b.unknown_orders, 4);
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 1, "open", 0));
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 2, "abandoned", 0));
    TD_OK_OR_FAIL(exec(3, "found.01", TD_BUY, 10, 10));
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 3, "abandoned", 0)); /* too late: it is filled */
    TD_OK_OR_FAIL(say(TD_REC_CANCEL, 4, NULL, 0));
    assert_int_equal(state_of(1), TD_OS_WORKING);
    assert_int_equal(state_of(2), TD_OS_ABANDONED);
    assert_int_equal(state_of(3), TD_OS_FILLED);
    assert_int_equal(state_of(4), TD_OS_UNKNOWN);
    assert_int_equal(b.unknown_orders, 1);
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 4, "filled", 0)); /* its executions are of another day */
    assert_int_equal(state_of(4), TD_OS_FILLED);
    assert_int_equal(b.unknown_orders, 0);
    assert_int_equal(say(TD_REC_RESOLVED, 77, "open", 0), TD_ECORRUPT);
    assert_int_equal(say(TD_REC_SENT, 77, NULL, 0), TD_ECORRUPT);
    assert_int_equal(say(TD_REC_CANCEL, 77, NULL, 0), TD_ECORRUPT);
    whole();
}

static void days_halts_ids_and_positions(void **state)
{
    (void)state;
    td_cash pnl;
    td_px mark = TD_PX(13), bid, ask;
    struct td_record r;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(exec(1, "e.01", TD_BUY, 10, 10));
    TD_OK_OR_FAIL(fee("e.01", 1));
    TD_OK_OR_FAIL(td_blotter_day_pnl(&b, &mark, &pnl));
    assert_int_equal(pnl.e9, 29 * TD_E9);
    r = record(TD_REC_DAY);
    r.number = 20000;
    r.cash = TD_CASH(30);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    TD_OK_OR_FAIL(td_blotter_day_pnl(&b, &mark, &pnl));
    assert_int_equal(pnl.e9, 0);
    assert_int_equal(b.orders_today, 0);
    mark = TD_PX_NONE;
    assert_int_equal(td_blotter_day_pnl(&b, &mark, &pnl), TD_ERANGE);
    r = record(TD_REC_HALT);
    (void)snprintf(r.text, sizeof r.text, "by hand");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_true(b.halted);
    TD_OK_OR_FAIL(say(TD_REC_RESUME, 0, NULL, 0));
    assert_false(b.halted);
    r = record(TD_REC_IDS);
    r.number = 900;
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.next_id, 900);
    r.number = 300; /* rolled back: ignored */
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.next_id, 900);
    r = record(TD_REC_POSITION);
    r.qty = TD_QTY(-3);
    r.px = TD_PX(50);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.holdings[0].now.qty.e9, -3 * TD_E9);
    TD_OK_OR_FAIL(say(TD_REC_DENIED, 0, NULL, 3));
    assert_int_equal(b.denied_today, 1);
    r = record(TD_REC_ORDER);
    r.key = 9;
    r.order_id = 5;
    r.qty = TD_QTY(1);
    r.otype = TD_ORDER_LIMIT;
    r.limit = TD_PX(7);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    td_blotter_own_prices(&b, 0, &bid, &ask);
    assert_int_equal(bid.e9, 7 * TD_E9);
    assert_true(td_px_is_none(ask));
    assert_int_equal(order(9, TD_BUY, 1), TD_ECORRUPT); /* a key is never used twice */
    assert_int_equal(order(3, TD_BUY, 1), TD_ECORRUPT); /* nor goes back */
    r.type = TD_REC_TYPES;
    assert_int_equal(td_blotter_apply(&b, &r), TD_ECORRUPT);
}

/* ---- terms, parents, foreign and frozen ---- */

static enum td_err child(uint64_t key, uint64_t parent, enum td_role role, int qty)
{
    struct td_record r = record(TD_REC_ORDER);
    r.key = key;
    r.order_id = 100 + (int64_t)key;
    r.action = role == TD_ROLE_SLICE ? TD_BUY : TD_SELL;
    r.qty = TD_QTY(qty);
    r.parent = (int64_t)parent;
    r.role = (uint8_t)role;
    const enum td_err may = td_blotter_may(&b, &r), did = td_blotter_apply(&b, &r);
    assert_int_equal(may, did); /* what is asked before the journal is what happens after it */
    return did;
}

static enum td_err terms(enum td_record_type type, uint64_t key, int qty, int limit)
{
    struct td_record r = record(type);
    r.key = key;
    r.qty = TD_QTY(qty);
    r.limit = TD_PX(limit);
    return td_blotter_apply(&b, &r);
}

static void a_change_counts_at_its_larger_until_it_is_answered(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_SENT, 1, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGE, 1, 30, 7));
    assert_int_equal(b.holdings[0].working_buy.e9, 30 * TD_E9);
    assert_true(td_blotter_order(&b, 1)->changing);
    TD_OK_OR_FAIL(terms(TD_REC_CHANGED, 1, 10, 5)); /* an older picture */
    assert_true(td_blotter_order(&b, 1)->changing);
    TD_OK_OR_FAIL(exec(1, "e.01", TD_BUY, 10, 5)); /* filled, if the change should fail */
    assert_int_equal(state_of(1), TD_OS_WORKING);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 1, NULL, 104)); /* it filled before it could be changed */
    assert_int_equal(state_of(1), TD_OS_FILLED);
    assert_int_equal(b.holdings[0].working_buy.e9, 0);
    whole();
    TD_OK_OR_FAIL(order(2, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 2, "Submitted", 0));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGE, 2, 4, 7));
    assert_int_equal(b.holdings[0].working_buy.e9, 10 * TD_E9);
    TD_OK_OR_FAIL(say(TD_REC_ERROR, 2, NULL, 201)); /* of a change: the order works on */
    assert_int_equal(state_of(2), TD_OS_WORKING);
    TD_OK_OR_FAIL(terms(TD_REC_CHANGE, 2, 4, 7));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGED, 2, 4, 7));
    assert_int_equal(b.holdings[0].working_buy.e9, 4 * TD_E9);
    assert_false(td_blotter_order(&b, 2)->changing);
    TD_OK_OR_FAIL(exec(2, "f.01", TD_BUY, 3, 5));
    assert_int_equal(terms(TD_REC_CHANGE, 2, 3, 7), TD_ERANGE); /* less than it filled */
    assert_int_equal(terms(TD_REC_CHANGE, 77, 3, 7), TD_ECORRUPT);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 2, "Cancelled", 0));
    assert_int_equal(terms(TD_REC_CHANGE, 2, 5, 7), TD_ENOENT);
    whole();
}

/* The fill of a change may come before the word that it was taken. */
static void a_change_may_fill_before_it_is_answered(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 2));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGE, 1, 3, 7));
    TD_OK_OR_FAIL(exec(1, "e.01", TD_BUY, 3, 5));
    assert_int_equal(state_of(1), TD_OS_FILLED);
    whole();
    TD_OK_OR_FAIL(order(2, TD_BUY, 2)); /* and a fill of all of it before the change to less */
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 2, "Submitted", 0));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGE, 2, 1, 7));
    TD_OK_OR_FAIL(terms(TD_REC_CHANGED, 2, 1, 7));
    TD_OK_OR_FAIL(exec(2, "f.01", TD_BUY, 2, 5));
    assert_int_equal(state_of(2), TD_OS_FILLED);
    assert_true(td_blotter_order(&b, 2)->now.qty.e9 == 2 * TD_E9);
    whole();
}

static void children_are_never_more_than_their_parent(void **state)
{
    (void)state;
    struct td_record r = record(TD_REC_PARENT);
    r.key = 1;
    r.qty = TD_QTY(100);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.holdings[0].working_buy.e9, 100 * TD_E9);
    assert_int_equal(b.holdings[0].open_orders, 0); /* nothing of it is at the broker */
    TD_OK_OR_FAIL(child(2, 1, TD_ROLE_SLICE, 40));
    assert_int_equal(child(3, 1, TD_ROLE_SLICE, 61), TD_ERANGE);
    assert_int_equal(child(3, 9, TD_ROLE_SLICE, 1), TD_ECORRUPT);
    TD_OK_OR_FAIL(child(3, 1, TD_ROLE_SLICE, 60));
    assert_int_equal(child(4, 1, TD_ROLE_SLICE, 1), TD_ERANGE);
    assert_int_equal(b.holdings[0].working_buy.e9, 100 * TD_E9); /* counted once */
    TD_OK_OR_FAIL(exec(2, "e.01", TD_BUY, 25, 10));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 2, "Cancelled", 0));
    whole();
    assert_int_equal(child(4, 1, TD_ROLE_SLICE, 16), TD_ERANGE);
    TD_OK_OR_FAIL(exec(2, "e2.01", TD_BUY, 5, 10)); /* was on its way */
    assert_int_equal(child(4, 1, TD_ROLE_SLICE, 11), TD_ERANGE);
    TD_OK_OR_FAIL(child(4, 1, TD_ROLE_SLICE, 10));
    assert_int_equal(terms(TD_REC_CHANGE, 4, 11, 1), TD_ERANGE);
    assert_int_equal(terms(TD_REC_CHANGE, 4, 9, 1), TD_ERANGE); /* a fill could cross it */
    whole();
    TD_OK_OR_FAIL(say(TD_REC_LOST, 0, NULL, 0));
    assert_int_equal(state_of(1), TD_OS_WORKING); /* it has nothing there that could be lost */
    TD_OK_OR_FAIL(exec(3, "g.01", TD_BUY, 60, 10));
    TD_OK_OR_FAIL(exec(4, "h.01", TD_BUY, 10, 10));
    assert_int_equal(state_of(1), TD_OS_FILLED);
    assert_int_equal(td_blotter_order(&b, 1)->filled.e9, 100 * TD_E9);
    assert_int_equal(td_order_average(td_blotter_order(&b, 1)).e9, 10 * TD_E9);
    TD_OK_OR_FAIL(exec(4, "h.02", TD_BUY, 10, 20)); /* another price of the same fill */
    assert_int_equal(td_order_average(td_blotter_order(&b, 1)).e9, 11 * TD_E9);
    assert_int_equal(b.holdings[0].working_buy.e9, 0);
    whole();
    TD_OK_OR_FAIL(
        exec(4, "h.03", TD_BUY, 12, 20)); /* the broker's own word past what was ordered */
    assert_int_equal(b.overfills, 1);
    whole();
    r = record(TD_REC_PARENT);
    r.key = 5;
    r.qty = TD_QTY(7);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    TD_OK_OR_FAIL(say(TD_REC_DONE, 5, "TWAP", 0));
    assert_int_equal(state_of(5), TD_OS_CANCELLED);
    whole();
}

static void a_bracket_counts_once(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(exec(1, "e.01", TD_BUY, 10, 10));
    TD_OK_OR_FAIL(child(2, 1, TD_ROLE_STOP, 10));
    TD_OK_OR_FAIL(child(3, 1, TD_ROLE_TARGET, 10));
    assert_int_equal(b.holdings[0].working_sell.e9, 10 * TD_E9);
    assert_int_equal(b.holdings[0].open_orders, 2);
    assert_int_equal(b.orders_today, 1); /* exits are not the day's trades */
    whole();
}

static void foreign_orders_count_and_are_left_alone(void **state)
{
    (void)state;
    struct td_record r = record(TD_REC_FOREIGN);
    r.key = TD_FOREIGN_KEY | 777;
    r.perm_id = 777;
    r.client_id = 5;
    r.order_id = 101;
    r.action = TD_SELL;
    r.qty = TD_QTY(20);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(state_of(r.key), TD_OS_FOREIGN);
    assert_int_equal(b.holdings[0].working_sell.e9, 20 * TD_E9);
    assert_null(td_blotter_by_order_id(&b, 101)); /* its order id is another client's */
    TD_OK_OR_FAIL(say(TD_REC_LOST, 0, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_CANCEL, r.key, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, r.key, "PendingCancel", 0));
    assert_int_equal(state_of(r.key), TD_OS_FOREIGN);
    TD_OK_OR_FAIL(exec(r.key, "e.01", TD_SELL, 5, 10));
    assert_int_equal(b.foreign_executions, 1);
    assert_int_equal(b.holdings[0].working_sell.e9, 15 * TD_E9);
    r.qty = TD_QTY(12);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r)); /* somebody changed it */
    assert_int_equal(b.holdings[0].working_sell.e9, 7 * TD_E9);
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, r.key, "gone", 0));
    assert_int_equal(state_of(r.key), TD_OS_CANCELLED);
    assert_int_equal(b.holdings[0].working_sell.e9, 0);
    whole();
}

static void frozen_waits_for_a_person(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Submitted", 0));
    struct td_record r = record(TD_REC_FREEZE);
    (void)snprintf(r.status, sizeof r.status, "reduce-only");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(b.holdings[0].freeze, TD_FREEZE_REDUCE_ONLY);
    r.key = 1;
    r.perm_id = 4242;
    (void)snprintf(r.status, sizeof r.status, "frozen");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(state_of(1), TD_OS_FROZEN);
    assert_true(td_blotter_order(&b, 1)->twin == 4242);
    assert_int_equal(b.frozen_holdings, 1);
    TD_OK_OR_FAIL(say(TD_REC_STATUS, 1, "Cancelled", 0)); /* of one incarnation */
    TD_OK_OR_FAIL(say(TD_REC_LOST, 0, NULL, 0));
    TD_OK_OR_FAIL(say(TD_REC_CANCEL, 1, NULL, 0));
    assert_int_equal(state_of(1), TD_OS_FROZEN);
    whole();
    TD_OK_OR_FAIL(say(TD_REC_ACCEPT, 0, NULL, 0));
    assert_int_equal(state_of(1), TD_OS_UNKNOWN);
    assert_int_equal(b.holdings[0].freeze + b.frozen_holdings, 0);
    for (int i = 0; i < 2; i++)
        TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 1, "missing", 0));
    assert_int_equal(td_blotter_order(&b, 1)->missing, 2);
    TD_OK_OR_FAIL(say(TD_REC_RESOLVED, 1, "open", 0));
    assert_int_equal(td_blotter_order(&b, 1)->missing, 0);
    whole();
}

static void the_guard_of_a_position(void **state)
{
    (void)state;
    struct td_record r = record(TD_REC_GUARD);
    r.action = TD_SELL;
    r.qty = TD_QTY(3);
    r.stop = TD_PX(95);
    (void)snprintf(r.status, sizeof r.status, "armed");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_true(b.holdings[0].guard.stop.e9 == 95 * TD_E9 && !b.holdings[0].guard.triggered);
    (void)snprintf(r.status, sizeof r.status, "triggered");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_true(b.holdings[0].guard.triggered);
    (void)snprintf(r.status, sizeof r.status, "off");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_true(b.holdings[0].guard.qty.e9 == 0);
    TD_OK_OR_FAIL(exec(0, "g.1.01", TD_BUY, 3, 100));
    (void)snprintf(r.status, sizeof r.status, "triggered");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    TD_OK_OR_FAIL(exec(0, "g.2.01", TD_SELL, 2, 94));
    assert_true(b.holdings[0].guard.qty.e9 == TD_QTY(3).e9);
    TD_OK_OR_FAIL(exec(0, "g.3.01", TD_SELL, 1, 94)); /* closed: the stop goes with the position */
    assert_true(b.holdings[0].guard.qty.e9 == 0);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    TD_OK_OR_FAIL(exec(0, "g.4.01", TD_SELL, 1, 94));
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    TD_OK_OR_FAIL(exec(0, "g.5.01", TD_BUY, 2, 94)); /* turned */
    assert_true(b.holdings[0].guard.qty.e9 == 0);
}

/* A month of a busy desk in tables for 64 orders: what is finished and old leaves, what works or is young stays. */
static void old_days_are_forgotten(void **state)
{
    (void)state;
    uint64_t key = 0;
    TD_OK_OR_FAIL(order(++key, TD_BUY, 1)); /* good till cancelled: it works all the time */
    for (int day = 0; day < 40; day++) {
        struct td_record r = record(TD_REC_DAY);
        r.at_ns = day * TD_DAY;
        r.number = day;
        TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
        for (int i = 0; i < 5; i++) {
            char id[32];
            seq = (uint64_t)day * 86400 + (uint64_t)i;
            TD_OK_OR_FAIL(order(++key, TD_BUY, 1));
            (void)snprintf(id, sizeof id, "d%d.e%d.01", day, i);
            TD_OK_OR_FAIL(exec(key, id, TD_BUY, 1, 10));
            assert_int_equal(exec(key, id, TD_BUY, 1, 10), TD_EEXIST);
            whole();
        }
        assert_int_equal(state_of(key), TD_OS_FILLED);
        assert_true(td_blotter_order(&b, 1) != NULL && b.live_count == 1);
        assert_int_equal(b.holdings[0].now.qty.e9, (int64_t)(day + 1) * 5 * TD_E9);
    }
    assert_int_equal(b.order_count + b.forgotten_orders, key);
    assert_true(b.forgotten_orders > 100 && b.order_count <= 64);
    assert_int_equal(exec(key, "d39.e4.01", TD_BUY, 1, 10), TD_EEXIST); /* the young are known */
    assert_int_equal(order(3, TD_BUY, 1), TD_ECORRUPT); /* a forgotten key is used up */
}

static void tables_are_bounded(void **state)
{
    (void)state;
    enum td_err err = TD_OK;
    uint64_t n = 0;
    while (!err && n < 1000)
        err = order(++n, TD_BUY, 1);
    assert_int_equal(err, TD_EFULL);
    assert_int_equal(n, 65);
    whole();
}

/* Whatever arrives in whatever order: sums hold, terminal states stay, replay gives the same. */
static void any_order_of_messages(void **state)
{
    static const char *const statuses[] = {"PreSubmitted", "Submitted",     "Filled", "Cancelled",
                                           "Inactive",     "PendingCancel", "?"};
    (void)state;
    for (uint64_t s = 0; s < 60; s++) {
        struct td_rng rng;
        int64_t position = 0;
        td_rng_init(&rng, s);
        assert_int_equal(setup(NULL), 0);
        for (uint64_t key = 1; key <= 8; key++)
            TD_OK_OR_FAIL(order(key, (enum td_action)(key % 2), 20));
        int left[9] = {0, 20, 20, 20, 20, 20, 20, 20, 20};
        for (int i = 0; i < 300; i++) {
            const uint64_t key = 1 + td_rng_below(&rng, 8);
            const int kind = (int)td_rng_below(&rng, 7);
            char id[32];
            (void)snprintf(id, sizeof id, "e%d.01", i);
            if (kind == 0 && left[key]) {
                const int n = (int)td_rng_between(&rng, 1, left[key] < 7 ? left[key] : 7);
                left[key] -= n;
                TD_OK_OR_FAIL(exec(key, id, (enum td_action)(key % 2), n, 10));
                position += key % 2 == TD_BUY ? n : -n;
            } else if (kind == 1) {
                TD_OK_OR_FAIL(
                    say(TD_REC_STATUS, key, statuses[td_rng_below(&rng, TD_COUNT(statuses))], 0));
            } else if (kind == 2) {
                TD_OK_OR_FAIL(say(TD_REC_SENT, key, NULL, 0));
            } else if (kind == 3 && i % 40 == 0) {
                TD_OK_OR_FAIL(say(TD_REC_LOST, 0, NULL, 0));
            } else if (kind == 4) {
                TD_OK_OR_FAIL(say(TD_REC_RESOLVED, key, i % 3 ? "open" : "abandoned", 0));
            } else if (kind == 5) {
                TD_OK_OR_FAIL(say(TD_REC_CANCEL, key, NULL, 0));
            } else {
                TD_OK_OR_FAIL(say(TD_REC_ERROR, key, NULL, (int64_t)td_rng_below(&rng, 400)));
            }
            whole();
            assert_int_equal(b.holdings[0].now.qty.e9, position * TD_E9);
            for (uint64_t k = 1; k <= 8; k++)
                assert_int_equal(state_of(k) == TD_OS_FILLED, left[k] == 0);
        }
    }
    assert_string_equal(td_order_state_word(TD_OS_UNKNOWN), "unknown");
    assert_string_equal(td_order_state_word(TD_OS_COUNT), "?");
}

/* A journal holds what was told twice and what belongs to nothing: read again it is no error. What cannot be, is one. */
static void what_was_refused_is_read_again(void **state)
{
    (void)state;
    struct td_record r = record(TD_REC_FEE);
    (void)snprintf(r.exec_id, sizeof r.exec_id, "zzz.01");
    assert_int_equal(td_blotter_apply(&b, &r), TD_ENOENT);
    assert_int_equal(td_blotter_replay(&b, &r), TD_OK);
    TD_OK_OR_FAIL(order(1, TD_BUY, 10));
    TD_OK_OR_FAIL(exec(1, "a.b.01", TD_BUY, 10, 10));
    r = record(TD_REC_EXEC);
    r.key = 1;
    r.qty = TD_QTY(10);
    r.px = TD_PX(10);
    r.perm_id = 5001;
    (void)snprintf(r.exec_id, sizeof r.exec_id, "a.b.01");
    assert_int_equal(td_blotter_apply(&b, &r), TD_EEXIST);
    assert_int_equal(td_blotter_replay(&b, &r), TD_OK);
    assert_int_equal(td_blotter_order(&b, 1)->filled.e9, 10 * TD_E9);
    r.type = TD_REC_TYPES;
    assert_int_equal(td_blotter_replay(&b, &r), TD_ECORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_order_fills, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_refused_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(warnings_leave_the_order, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_executions_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(corrections_replace, setup, teardown),
        cmocka_unit_test_setup_teardown(busts_take_back_and_old_revisions_stay_old, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(cancels_cross_fills, setup, teardown),
        cmocka_unit_test_setup_teardown(rejections_and_inactive, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_sessions_make_orders_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(days_halts_ids_and_positions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_counts_at_its_larger_until_it_is_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_change_may_fill_before_it_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(children_are_never_more_than_their_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bracket_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_orders_count_and_are_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(frozen_waits_for_a_person, setup, teardown),
        cmocka_unit_test_setup_teardown(the_guard_of_a_position, setup, teardown),
        cmocka_unit_test_setup_teardown(old_days_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(any_order_of_messages, setup, teardown),
    };
    return cmocka_run_group_tests_name("trade/blotter", tests, NULL, NULL);
}
