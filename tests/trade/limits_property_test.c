/* tests/trade/limits_property_test.c - every limit with a day or a minute, over random days (P8).
 *
 * A trader makes intents at random moments of some days - around the two daylight-saving days, a half day, ends of years -
 * while its clock jumps and comes back, its orders fill, prices move, and its process ends and begins again from the
 * journal or from a state kept on the way. The gates count as the program counts. Beside them stands a list of all that
 * ever happened, by the time that is true, and for each intent somebody walks over the whole list and counts: orders of 60
 * seconds, orders and values of the day, what the day lost, the same order again, orders that work. Both must agree on
 * every intent; only in the minute after a restart, when ages are known by the wall clock alone, may the gate be stricter.
 * The breaker is judged likewise, over the list of its outcomes. TD_SEED and TD_DAYS choose what is played. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/tz.h"
#include "trade/breaker.h"
#include "trade/snapshot.h"
#include "trade/today.h"

#define SEEN_MAX    4000
#define RECORDS_MAX 12000
#define UNSURE      (2 * 2 * TD_CLOCK_OFFSET_MAX) /* of an age that two wall clocks tell */
#define MIDNIGHT    (5 * TD_SEC) /* so near to it nobody asks: the clock may be 2 s off */

static const char *const symbols[] = {"SPY", "IBM"};

/* --- what is true --- */

struct seen {
    td_ns at; /* true wall time */
    uint64_t key;
    uint32_t inst;
    uint8_t action;
    int64_t units, cents; /* of the limit price; 0: at the market */
    int64_t value_cents;
    bool over, filled;
    bool
        forgotten; /* refused, and known as that by a later process: the same again is no duplicate */
    int64_t paid_cents, fee_cents; /* of its fill */
};

static struct life {
    struct td_rng rng;
    struct td_tz zone;
    struct td_tick_rule ticks;
    struct td_limits limits;
    td_ns at, mono;   /* true time, and the process's clock */
    td_ns offset;     /* of the wall clock */
    td_ns doubted;    /* mono: it jumped then, and is not checked yet; 0: it is */
    td_ns restarted;  /* true time of the last restart */
    int64_t cents[2]; /* marks */
    bool recalled;
    struct td_blotter b, kept; /* kept: as it was after `kept_count` records */
    void *memory[3];
    struct td_recent recent;
    struct td_record records[RECORDS_MAX];
    uint32_t record_count, kept_count, execs;
    struct seen seen[SEEN_MAX];
    uint32_t seen_count;
    int64_t day, day_cents; /* that was begun last, and the equity then */
} life;

static struct tally {
    uint32_t intents, approved, restarts, jumps, days, stricter;
    uint32_t closed[TD_GATE_COUNT];
} tally;

static td_ns wall(void)
{
    return life.at + life.offset;
}

static bool clock_is_good(void)
{
    return !life.doubted && life.offset > -TD_CLOCK_OFFSET_MAX && life.offset < TD_CLOCK_OFFSET_MAX;
}

static const struct td_blotter_limits sizes = {2048, 2048, 8, 2048, 2048};

static void blotter_make(struct td_blotter *b, void **memory)
{
    struct td_arena arena;
    free(*memory);
    *memory = malloc(td_blotter_bytes(&sizes));
    assert_non_null(*memory);
    td_arena_init(&arena, *memory, td_blotter_bytes(&sizes));
    TD_OK_OR_FAIL(td_blotter_open(b, &sizes, &arena));
}

static void journal(struct td_record *r)
{
    assert_true(life.record_count < RECORDS_MAX);
    r->seq = life.record_count + 1;
    TD_OK_OR_FAIL(td_blotter_apply(&life.b, r));
    life.records[life.record_count++] = *r;
}

/* --- the counts of the one who walks over the list --- */

static int64_t true_day(td_ns at)
{
    return td_tz_day(&life.zone, at);
}

/* Cents: what came and went for all fills, and what is held at the marks. */
static int64_t equity_cents(void)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < life.seen_count; i++) {
        const struct seen *s = &life.seen[i];
        const int64_t sign = s->action == TD_BUY ? 1 : -1;
        if (s->filled)
            sum += sign * s->units * (life.cents[s->inst] - s->paid_cents) - s->fee_cents;
    }
    return sum;
}

static uint32_t count_since(td_ns span)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < life.seen_count; i++)
        n += life.at - life.seen[i].at < span;
    return n;
}

static bool is_same(const struct seen *a, const struct seen *b)
{
    return a->inst == b->inst && a->action == b->action && a->units == b->units &&
           a->cents == b->cents;
}

static bool repeats(const struct seen *wanted, td_ns span)
{
    for (uint32_t i = 0; i < life.seen_count; i++)
        if (life.at - life.seen[i].at < span && is_same(&life.seen[i], wanted) &&
            !life.seen[i].forgotten)
            return true;
    return false;
}

/* Signed units that are held, and that work on one side. */
static int64_t held(uint32_t inst)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < life.seen_count; i++)
        if (life.seen[i].filled && life.seen[i].inst == inst)
            sum += life.seen[i].action == TD_BUY ? life.seen[i].units : -life.seen[i].units;
    return sum;
}

static int64_t working(uint32_t inst, int action)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < life.seen_count; i++)
        if (!life.seen[i].over && life.seen[i].inst == inst && life.seen[i].action == action)
            sum += life.seen[i].units;
    return sum;
}

static bool makes_smaller(const struct seen *s)
{
    const int64_t position = held(s->inst), total = working(s->inst, s->action) + s->units;
    return s->action == TD_BUY ? position < 0 && total <= -position
                               : position > 0 && total <= position;
}

/* The gate that must refuse; TD_GATE_COUNT: none. `unsure` longer memory than the truth may refuse as well. */
static enum td_gate judge(const struct seen *s, td_ns unsure)
{
    const int64_t *most = life.limits.value;
    int64_t orders = 0, value = s->value_cents, open = 0;
    for (uint32_t i = 0; i < life.seen_count; i++) {
        const bool today = true_day(life.seen[i].at) == true_day(life.at);
        orders += today;
        value += today ? life.seen[i].value_cents : 0;
        open += !life.seen[i].over && life.seen[i].inst == s->inst;
    }
    if (!clock_is_good())
        return TD_GATE_CLOCK;
    if (!makes_smaller(s)) {
        if (value * (TD_E9 / 100) > most[TD_LIMIT_DAY_VALUE])
            return TD_GATE_DAY_VALUE;
        if (open >= most[TD_LIMIT_OPEN_ORDERS])
            return TD_GATE_OPEN_ORDERS;
        if (orders >= most[TD_LIMIT_TRADES])
            return TD_GATE_TRADES_TODAY;
        if ((life.day_cents - equity_cents()) * (TD_E9 / 100) >= most[TD_LIMIT_DAY_LOSS])
            return TD_GATE_DAY_LOSS;
        if (count_since(TD_MIN + unsure) >= most[TD_LIMIT_RATE])
            return TD_GATE_RATE;
    }
    return most[TD_LIMIT_DUPLICATE] && repeats(s, most[TD_LIMIT_DUPLICATE] + unsure)
               ? TD_GATE_DUPLICATE
               : TD_GATE_COUNT;
}

/* --- the program's side --- */

static bool inst_of(const void *arg, const char *symbol, uint32_t *inst)
{
    (void)arg;
    *inst = strcmp(symbol, symbols[1]) == 0;
    return true;
}

static void marks_of(td_px *out)
{
    for (uint32_t h = 0; h < life.b.holding_count; h++) {
        uint32_t inst;
        (void)inst_of(NULL, life.b.holdings[h].symbol, &inst);
        out[h] = (td_px){life.cents[inst] * (TD_E9 / 100)};
    }
}

/* As a turn of the desk begins. */
static void turn(void)
{
    struct td_record r;
    td_px marks[8];
    const int64_t day = true_day(wall());
    const enum td_fact clock = clock_is_good() ? TD_FACT_YES : TD_FACT_NO;
    if (clock == TD_FACT_YES && !life.recalled) {
        life.recalled = true;
        td_recent_recall(&life.recent, &life.b, inst_of, NULL, wall(), life.mono);
    }
    if (!td_today_begins(&life.b, day, clock, false))
        return;
    td_record_init(&r, TD_REC_DAY, wall());
    r.number = day;
    r.cash = TD_CASH(0);
    marks_of(marks);
    for (uint32_t h = 0; h < life.b.holding_count; h++) {
        td_cash one;
        TD_OK_OR_FAIL(td_holding_unrealized(&life.b.holdings[h].now, marks[h], TD_QTY(1), &one));
        r.cash.e9 += one.e9;
    }
    journal(&r);
    life.day = day;
    life.day_cents = equity_cents();
    tally.days++;
}

static void facts_of(const struct seen *s, struct td_gate_facts *f)
{
    uint32_t h;
    td_px marks[8];
    memset(f, 0, sizeof *f);
    enum td_fact *facts = &f->allow_orders;
    const size_t first = offsetof(struct td_gate_facts, allow_orders),
                 end = offsetof(struct td_gate_facts, book_ok);
    for (size_t i = 0; i <= (end - first) / sizeof *facts; i++)
        facts[i] = TD_FACT_YES;
    const int64_t e9 = life.cents[s->inst] * (TD_E9 / 100);
    f->inst = s->inst;
    f->clock_ok = clock_is_good() ? TD_FACT_YES : TD_FACT_NO;
    f->quote = (struct td_quote){{e9}, {e9}, TD_QTY(9), TD_QTY(9)};
    f->quote.ask.e9 += TD_E9 / 100;
    f->quote_recv_ns = f->now = wall();
    f->mono = life.mono;
    f->ticks = &life.ticks;
    f->multiplier = TD_QTY(1);
    f->own_bid = f->own_ask = TD_PX_NONE;
    f->trades_today = life.b.orders_today;
    f->day_value = life.b.value_today;
    f->equity = TD_CASH(1000000000);
    f->gross_value = f->symbol_value = TD_CASH(0);
    if (td_blotter_holding(&life.b, symbols[s->inst], &h)) {
        f->position = life.b.holdings[h].now.qty;
        f->working_buy = life.b.holdings[h].working_buy;
        f->working_sell = life.b.holdings[h].working_sell;
        f->open_orders = life.b.holdings[h].open_orders;
    }
    marks_of(marks);
    TD_OK_OR_FAIL(td_blotter_day_pnl(&life.b, marks, &f->day_pnl));
}

static void take_order(const struct seen *s, const struct td_approved *order)
{
    struct td_record r;
    td_record_init(&r, TD_REC_ORDER, wall());
    r.key = life.b.next_key;
    r.order_id = life.b.next_id;
    r.client_id = 7;
    r.action = s->action;
    r.otype = order->intent.type;
    r.role = TD_ROLE_ENTRY;
    r.qty = order->intent.qty;
    r.limit = order->intent.limit;
    r.multiplier = TD_QTY(1);
    r.cash = order->value;
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbols[s->inst]);
    journal(&r);
    assert_true(life.seen_count < SEEN_MAX);
    life.seen[life.seen_count] = *s;
    life.seen[life.seen_count].key = r.key;
    life.seen[life.seen_count++].value_cents = order->value.e9 / (TD_E9 / 100);
}

static void want(void)
{
    struct td_gate_facts facts;
    struct td_verdict v;
    struct seen s = {.at = life.at,
                     .inst = (uint32_t)td_rng_below(&life.rng, 2),
                     .action = (uint8_t)td_rng_below(&life.rng, 2),
                     .units = 1 + (int64_t)td_rng_below(&life.rng, 3)};
    if (true_day(life.at - MIDNIGHT) != true_day(life.at + MIDNIGHT))
        return;
    if (td_rng_chance(&life.rng, 0.7))
        s.cents = life.cents[s.inst] + (int64_t)td_rng_below(&life.rng, 3) - 1;
    turn();
    facts_of(&s, &facts);
    struct td_intent i = {.strength = 1,
                          .action = s.action,
                          .type = s.cents ? TD_ORDER_LIMIT : TD_ORDER_MARKET,
                          .qty = TD_QTY(s.units),
                          .limit = s.cents ? (td_px){s.cents * (TD_E9 / 100)} : TD_PX_NONE,
                          .stop = TD_PX_NONE,
                          .reference = facts.quote.bid,
                          .decided_ns = facts.now};
    s.value_cents = s.units * (s.cents               ? s.cents
                               : s.action == TD_SELL ? life.cents[s.inst]
                                                     : life.cents[s.inst] + 1);
    const enum td_gate must = judge(&s, 0);
    const bool young = tally.restarts && life.at - life.restarted < 2 * TD_MIN;
    td_risk_check(&life.limits, &facts, &i, &life.recent, &v);
    const enum td_gate said = v.approved ? TD_GATE_COUNT : v.gate;
    if (said != must && !(young && said == judge(&s, UNSURE)))
        fail_msg("intent %u: the gates say %s, the list says %s", (unsigned)tally.intents,
                 v.approved ? "yes" : v.text, must == TD_GATE_COUNT ? "yes" : td_gate_name(must));
    tally.stricter += said != must;
    tally.intents++;
    tally.approved += v.approved;
    if (v.approved)
        take_order(&s, &v.order);
    else
        tally.closed[v.gate]++;
}

/* --- what happens --- */

static struct seen *some_open(void)
{
    for (int i = 0; i < 20 && life.seen_count; i++) {
        struct seen *s = &life.seen[td_rng_below(&life.rng, life.seen_count)];
        if (!s->over)
            return s;
    }
    return NULL;
}

static void fill(void)
{
    struct td_record r;
    struct seen *s = some_open();
    if (!s)
        return;
    td_record_init(&r, TD_REC_EXEC, wall());
    r.key = s->key;
    r.action = s->action;
    r.qty = TD_QTY(s->units);
    r.px = (td_px){life.cents[s->inst] * (TD_E9 / 100)};
    r.multiplier = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbols[s->inst]);
    (void)snprintf(r.exec_id, sizeof r.exec_id, "%u.01", (unsigned)++life.execs);
    journal(&r);
    r.type = TD_REC_FEE;
    r.cash = TD_CASH(1);
    journal(&r);
    s->over = s->filled = true;
    s->paid_cents = life.cents[s->inst];
    s->fee_cents = 100;
}

static void reject(void)
{
    struct td_record r;
    struct seen *s = some_open();
    if (!s)
        return;
    td_record_init(&r, TD_REC_ERROR, wall());
    r.key = s->key;
    r.code = 201;
    (void)snprintf(r.text, sizeof r.text, "refused");
    journal(&r);
    s->over = true;
}

static void jump(void)
{
    static const td_ns offsets[] = {
        0,       0,        0,      0,       0,         0, 1500 * TD_MS, -1500 * TD_MS,
        TD_HOUR, -TD_HOUR, TD_DAY, -TD_DAY, 3 * TD_SEC};
    const td_ns before = life.offset;
    life.offset = offsets[td_rng_below(&life.rng, TD_COUNT(offsets))];
    if (life.offset - before >= 2 * TD_SEC || before - life.offset >= 2 * TD_SEC)
        life.doubted = life.mono; /* seen in the turn, before anything else */
    tally.jumps++;
}

/* From the journal, or from the state that was kept; both are what was there. Another process has another clock. */
static void restart(void)
{
    struct td_blotter fresh;
    const bool from_state = life.kept_count && td_rng_chance(&life.rng, 0.5);
    const uint64_t print = td_blotter_print(&life.b);
    void *memory = NULL;
    blotter_make(&fresh, &memory);
    if (from_state)
        TD_OK_OR_FAIL(td_blotter_copy(&fresh, &life.kept));
    for (uint32_t i = from_state ? life.kept_count : 0; i < life.record_count; i++)
        TD_OK_OR_FAIL(td_blotter_apply(&fresh, &life.records[i]));
    assert_true(td_blotter_print(&fresh) == print);
    free(life.memory[0]);
    life.memory[0] = memory;
    life.b = fresh;
    memset(&life.recent, 0, sizeof life.recent);
    life.recalled = false;
    life.mono = td_rng_between(&life.rng, 1, 1000) * TD_SEC;
    life.doubted = life.mono; /* until the broker's time has come */
    life.restarted = life.at;
    if (td_rng_chance(&life.rng, 0.3))
        jump();
    for (uint32_t i = 0; i < life.seen_count; i++)
        life.seen[i].forgotten = life.seen[i].over && !life.seen[i].filled;
    tally.restarts++;
}

static void keep(void)
{
    blotter_make(&life.kept, &life.memory[1]);
    TD_OK_OR_FAIL(td_blotter_copy(&life.kept, &life.b));
    life.kept_count = life.record_count;
}

static void pass(td_ns span)
{
    life.at += span;
    life.mono += span;
    if (life.doubted && life.mono - life.doubted > 300 * TD_MS)
        life.doubted = 0;
}

static void pass_some(void)
{
    const uint64_t kind = td_rng_below(&life.rng, 100);
    pass(kind < 70   ? td_rng_between(&life.rng, 1, 3000) * TD_MS
         : kind < 95 ? td_rng_between(&life.rng, 1, 40) * TD_SEC
                     : td_rng_between(&life.rng, 1, 240) * TD_MIN);
}

static void happen(void)
{
    const uint64_t what = td_rng_below(&life.rng, 1000);
    life.cents[td_rng_below(&life.rng, 2)] += (int64_t)td_rng_below(&life.rng, 41) - 20;
    if (what < 600)
        want();
    else if (what < 810)
        fill();
    else if (what < 850)
        reject();
    else if (what < 900)
        jump();
    else if (what < 920)
        restart();
    else if (what < 930)
        keep();
    else
        pass_some();
    if (td_rng_chance(&life.rng, 0.5))
        pass_some();
    turn();
}

/* --- the test --- */

static void load_zone(void)
{
    size_t len = 0;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_tz_parse(bytes, len, "America/New_York", &life.zone));
    free(bytes);
}

static void begin_life(uint64_t seed)
{
    /* spring forward, fall back, the day after Thanksgiving, New Year, a Tuesday: their noon in New York, less a day */
    static const int64_t days[] = {20520, 20393, 20419, 20453, 20500};
    memset(&life, 0, sizeof life);
    load_zone();
    td_rng_init(&life.rng, seed);
    td_tick_rule_one(&life.ticks, (td_px){TD_E9 / 100});
    for (int i = 0; i < TD_LIMIT_COUNT; i++)
        life.limits.value[i] = td_limit_needed((enum td_limit)i) ? INT64_MAX / 4 : TD_LIMIT_OFF;
    life.limits.value[TD_LIMIT_COLLAR] = life.limits.value[TD_LIMIT_COLLAR_LOW] = TD_E9 / 2;
    life.limits.value[TD_LIMIT_SHORT_SALE] = 1;
    life.limits.value[TD_LIMIT_RATE] = 1 + (int64_t)td_rng_below(&life.rng, 12);
    life.limits.value[TD_LIMIT_TRADES] = 5 + (int64_t)td_rng_below(&life.rng, 100);
    life.limits.value[TD_LIMIT_OPEN_ORDERS] = 1 + (int64_t)td_rng_below(&life.rng, 8);
    life.limits.value[TD_LIMIT_DAY_VALUE] =
        TD_CASH(2000).e9 * (1 + (int64_t)td_rng_below(&life.rng, 10));
    life.limits.value[TD_LIMIT_DAY_LOSS] =
        TD_CASH(5).e9 * (1 + (int64_t)td_rng_below(&life.rng, 20));
    life.limits.value[TD_LIMIT_DUPLICATE] = (td_ns)td_rng_below(&life.rng, 20) * TD_SEC;
    life.at = days[td_rng_below(&life.rng, TD_COUNT(days))] * TD_DAY - 7 * TD_HOUR;
    life.mono = 5 * TD_SEC;
    life.cents[0] = life.cents[1] = 10000;
    life.day = INT64_MIN;
    blotter_make(&life.b, &life.memory[0]);
}

static void end_life(void)
{
    for (size_t i = 0; i < TD_COUNT(life.memory); i++) {
        free(life.memory[i]);
        life.memory[i] = NULL;
    }
}

static int64_t number_of(const char *name, int64_t preset)
{
    const char *text = getenv(name);
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &preset));
    return preset;
}

static void no_limit_is_passed(void **state)
{
    (void)state;
    const int64_t seed = number_of("TD_SEED", 1), lives = number_of("TD_DAYS", 60);
    for (int64_t i = 0; i < lives; i++) {
        begin_life((uint64_t)(seed + i));
        for (int step = 0; step < 600; step++)
            happen();
        end_life();
    }
    print_message(
        "[ limits ] %u intents, %u approved, %u restarts, %u clock jumps, %u days; refused: ",
        tally.intents, tally.approved, tally.restarts, tally.jumps, tally.days);
    for (int g = 0; g < TD_GATE_COUNT; g++)
        if (tally.closed[g])
            print_message("%s %u, ", td_gate_name((enum td_gate)g), tally.closed[g]);
    print_message("stricter after a restart %u\n", tally.stricter);
    static const enum td_gate all[] = {TD_GATE_CLOCK,    TD_GATE_RATE,      TD_GATE_TRADES_TODAY,
                                       TD_GATE_DAY_LOSS, TD_GATE_DAY_VALUE, TD_GATE_OPEN_ORDERS,
                                       TD_GATE_DUPLICATE};
    for (size_t i = 0; i < TD_COUNT(all); i++)
        assert_true(tally.closed[all[i]] > 10 || lives < 20); /* each was tried */
}

/* --- the breaker --- */

struct outcome {
    td_ns at;
    bool success;
};

/* Open at the end of the list? The last failure and what was recovered from, found by walking over all of it. */
static bool is_open(const struct outcome *list, uint32_t count, td_ns now)
{
    uint32_t from = 0; /* first outcome after it closed last */
    td_ns failed = 0;
    bool open = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = 0, calls = 0, failures = 0;
        if (open) {
            const bool probe = list[i].at - failed >= 300 * TD_SEC;
            open = !(probe && list[i].success);
            from = open ? from : i + 1;
            failed = list[i].success ? failed : list[i].at;
            continue;
        }
        for (uint32_t k = from; k <= i; k++) {
            const bool inside = list[i].at / TD_SEC - list[k].at / TD_SEC < 60;
            row = list[k].success ? 0 : row + 1;
            calls += inside;
            failures += inside && !list[k].success;
        }
        failed = list[i].success ? failed : list[i].at;
        open = !list[i].success && (row >= 5 || (calls >= 10 && failures * 100 > calls * 50));
    }
    return open && now - failed < 300 * TD_SEC;
}

static void an_open_breaker_lets_nothing_pass(void **state)
{
    (void)state;
    static struct outcome list[200];
    struct td_rng rng;
    uint32_t asked = 0, closed = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct td_breaker b;
        td_ns at = TD_SEC * (td_ns)seed;
        td_rng_init(&rng, seed);
        td_breaker_init(&b, "tried", NULL, at);
        const double bad = 0.1 + 0.1 * (double)(seed % 8);
        for (uint32_t n = 0; n < TD_COUNT(list); n++) {
            at += td_rng_chance(&rng, 0.05) ? td_rng_between(&rng, 1, 400) * TD_SEC
                                            : td_rng_between(&rng, 1, 8000) * TD_MS;
            const bool open = is_open(list, n, at);
            assert_int_equal(td_breaker_admits(&b, at), !open);
            asked++;
            closed += open;
            list[n] = (struct outcome){at, !td_rng_chance(&rng, bad)};
            td_breaker_report(&b, list[n].success, at);
        }
    }
    print_message("[ limits ] breaker: %u asked, %u times open\n", asked, closed);
    assert_true(closed > 100 && closed < asked - 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_limit_is_passed),
                                       cmocka_unit_test(an_open_breaker_lets_nothing_pass)};
    return cmocka_run_group_tests_name("trade/limits_property", tests, NULL, NULL);
}
