/* trial/backtest.c - the machines, the loop and the figures of a backtest. */
#include "trial/backtest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"
#include "desk/zone.h"
#include "sim/simworld.h"
#include "trade/journal.h"
#include "trial/backtest_data.h"
#include "trial/zones.h"

#define PORT          4002
#define CONNECT_LIMIT (60 * TD_SEC)
#define SETTLE        (5 * TD_SEC) /* after the tape's end: the last orders are answered */
#define STEP_BARS     TD_SEC
#define STEP_ORDERS   (10 * TD_MS) /* of the market clock over an order book */
#define SAMPLE        TD_MIN
#define HOURS_DAYS                                                                                 \
    14 /* trading hours are told so far ahead: a new connection each week asks for more */
#define OVERTIME  (3 * TD_DAY) /* after the last day: a tape that has not ended by then never does */
#define LATENCY   (100 * TD_US)
#define YEAR_DAYS 252.0

static const struct {
    const char *words, *history;
    td_ns span;
} sizes[TD_BACKTEST_BARS] = {[TD_BACKTEST_5S] = {"5 secs", "600 S", 5 * TD_SEC},
                             [TD_BACKTEST_1M] = {"1 min", "1 D", TD_MIN},
                             [TD_BACKTEST_1D] = {"1 day", "10 D", TD_DAY}};

struct backtest {
    const struct td_backtest_config *config;
    struct td_backtest_data data;
    struct td_simworld *sim;
    struct td_world desk_world, gateway_world;
    uint32_t desk_host, gateway_host;
    struct td_gateway *gateway;
    struct td_settings settings;
    struct td_plan connect;
    struct td_link link;
    struct td_desk_config desk_config;
    struct td_desk *desk;
    struct td_log log;
    struct td_backtest_result *out;
    /* the curve */
    struct td_tz new_york;
    int64_t week;         /* of the connection */
    td_ns sampled, every; /* instant of the last sample; between two that are kept */
    td_cash peak, equity;
    int64_t day;            /* of the last sample */
    double before;          /* equity at the end of the day before */
    double sum, sum_square; /* of the days' changes */
};

td_ns td_backtest_span(enum td_backtest_bars bars)
{
    return sizes[bars].span;
}

/* --- machines --- */

static td_ns gateway_turn(void *arg)
{
    struct backtest *b = arg;
    struct td_wake wake;
    for (td_world_wait(&b->gateway_world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&b->gateway_world, 0, &wake))
        (void)td_gateway_wake(b->gateway, &wake);
    td_gateway_tick(b->gateway);
    return td_gateway_deadline(b->gateway);
}

static enum td_err open_gateway(struct backtest *b, struct td_fail *why)
{
    static const char *const account = "DU1234567";
    const struct td_backtest_config *c = b->config;
    const struct td_gateway_config config = {.world = &b->gateway_world,
                                             .port = PORT,
                                             .data = TD_BACKTEST_FOLDER,
                                             .symbols = c->symbols,
                                             .symbol_count = c->symbol_count,
                                             .accounts = &account,
                                             .account_count = 1,
                                             .cash = c->cash,
                                             .seed = c->seed,
                                             .speed_e9 = TD_E9,
                                             .day = b->data.day,
                                             .start_at = b->data.start,
                                             .step = b->data.by_order ? STEP_ORDERS : STEP_BARS,
                                             .depth_lines = 60,
                                             .pace = TD_GATEWAY_PACE_OFF,
                                             .master_id = -1,
                                             .play_nights = true,
                                             .hours_days = HOURS_DAYS,
                                             .bars = c->fill == TD_BACKTEST_NEXT_BAR ? &b->data.plan
                                                                                     : NULL,
                                             .slip_bps = c->slip_bps,
                                             .no_fees = c->no_fees};
    const enum td_err err = td_gateway_open(&b->gateway, &config, why);
    if (!err)
        td_simworld_turn(b->sim, b->gateway_host, gateway_turn, b);
    return err;
}

/* The world's wall clock is the market's: where it begins is known when the data is on the disk, and the clock is stepped
 * there. */
static enum td_err open_world(struct backtest *b, struct td_fail *why)
{
    const struct td_simworld_options options = {
        .seed = b->config->seed, .latency_min = LATENCY, .latency_max = LATENCY};
    enum td_err err = td_simworld_open(&b->sim, &options, why);
    if (!err)
        err = td_simworld_attach(b->sim, "gateway", &b->gateway_host, &b->gateway_world, why);
    if (!err)
        err = td_simworld_attach(b->sim, "desk", &b->desk_host, &b->desk_world, why);
    if (!err)
        err = td_zones_install(b->config->real, &b->desk_world, why);
    if (!err)
        err = td_zones_install(b->config->real, &b->gateway_world, why);
    if (!err)
        err = td_zone_load(b->config->real, TD_ZONE_NEW_YORK, &b->new_york, why);
    if (!err)
        err = td_backtest_load(b->config, &b->gateway_world, &b->data, why);
    if (!err)
        td_simworld_step_clock(b->sim, b->data.start - td_world_now(&b->desk_world));
    return err;
}

static td_ns simulated_now(void *clock)
{
    return td_world_now(clock);
}

/* The operator's limits, on a simulated account: orders leave, and nothing is asked of the real machine. */
static void make_settings(struct backtest *b)
{
    b->settings = *b->config->settings;
    b->settings.paper = true;
    b->settings.allow_orders = b->settings.order_exec = true;
    b->settings.dry_run = false;
    b->settings.account = "";
    b->settings.gateway_mode = "paper";
    b->settings.disk_floor_mb = 0;
    b->settings.default_cash_e9 = b->config->cash.e9;
}

static void make_desk_config(struct backtest *b)
{
    const struct td_backtest_config *c = b->config;
    if (c->log) {
        b->log = *c->log;
        b->log.now = simulated_now;
        b->log.clock = &b->desk_world;
    }
    b->connect = (struct td_plan){.host = "gateway",
                                  .ports = {PORT},
                                  .port_count = 1,
                                  .client_id = 7,
                                  .ids = 1,
                                  .timeout = CONNECT_LIMIT};
    b->desk_config = (struct td_desk_config){.settings = &b->settings,
                                             .plan = &b->connect,
                                             .symbols = c->symbols,
                                             .symbol_count = (int32_t)c->symbol_count,
                                             .uses = c->uses,
                                             .use_count = c->use_count,
                                             .bar_size = sizes[c->bars].words,
                                             .bar_span = sizes[c->bars].span,
                                             .bar_history = sizes[c->bars].history,
                                             .depth_rows = c->depth_rows,
                                             .clock = TD_CLOCK_WALL,
                                             .duration = TD_NS_NEVER,
                                             .state = TD_BACKTEST_STATE,
                                             .version = c->version,
                                             .inline_writer = true,
                                             .no_projections = true,
                                             .quiet = true,
                                             .unattended = true,
                                             .log = c->log ? &b->log : NULL};
}

static enum td_err open_desk(struct backtest *b, struct td_fail *why)
{
    uint16_t port;
    int32_t client_id;
    make_settings(b);
    make_desk_config(b);
    enum td_err err = td_link_open(&b->link, &b->desk_world, why);
    if (!err)
        err = td_plan_connect(&b->connect, &b->link, b->desk_config.log, &port, &client_id, why);
    if (!err)
        err = td_desk_open(&b->desk, &b->desk_config, &b->link, &b->desk_world, why);
    if (!err)
        td_desk_start(b->desk);
    return err;
}

/* --- the curve --- */

/* Cash of the start, what was made and paid, and positions at the last print. False: an amount does not fit. */
static bool equity_now(const struct backtest *b, td_cash *out)
{
    const struct td_ledger *l = td_gateway_ledger(b->gateway);
    const struct td_ledger_account *a = &l->accounts[0];
    int64_t sum = a->start.e9 + a->realized.e9 - a->fees.e9;
    for (uint32_t i = 0; i < l->position_count; i++) {
        const struct td_position *p = &l->positions[i];
        const td_px last = td_gateway_last(b->gateway, p->inst);
        int64_t units, gain;
        if (p->qty.e9 == 0 || td_px_is_none(last))
            continue;
        if (td_e9_mul(p->qty.e9, p->multiplier.e9, &units) != TD_OK ||
            td_e9_mul(units, last.e9 - p->avg_px.e9, &gain) != TD_OK ||
            td_e9_add(sum, gain, &sum) != TD_OK)
            return false;
    }
    *out = (td_cash){sum};
    return true;
}

/* A longer run keeps every second point, and so on. */
static void keep_point(struct backtest *b, td_ns at)
{
    struct td_backtest_result *r = b->out;
    if (at % b->every != 0)
        return;
    if (r->point_count == TD_BACKTEST_POINTS) {
        uint32_t kept = 0;
        b->every *= 2;
        for (uint32_t i = 0; i < r->point_count; i++)
            if (r->points[i].at % b->every == 0)
                r->points[kept++] = r->points[i];
        r->point_count = kept;
    }
    r->points[r->point_count++] = (struct td_backtest_point){at, b->equity};
}

static void end_day(struct backtest *b)
{
    const double now = td_e9_to_double(b->equity.e9);
    const double change = b->before > 0 ? now / b->before - 1 : 0;
    b->sum += change;
    b->sum_square += change * change;
    b->before = now;
    b->out->days++;
}

static void sample(struct backtest *b, td_ns at)
{
    const int64_t day = td_tz_day(&b->new_york, at);
    if (b->out->point_count && day != b->day)
        end_day(b);
    if (!equity_now(b, &b->equity))
        return;
    b->day = day;
    b->peak = b->equity.e9 > b->peak.e9 ? b->equity : b->peak;
    int64_t fall;
    if (b->peak.e9 > 0 &&
        td_i64_muldiv(b->peak.e9 - b->equity.e9, TD_E9, b->peak.e9, &fall) == TD_OK &&
        fall > b->out->drawdown_e9)
        b->out->drawdown_e9 = fall;
    keep_point(b, at);
}

static bool some_market_is_open(const struct backtest *b)
{
    for (uint32_t i = 0; i < b->desk->market.count; i++)
        if (td_market_open(&b->desk->market, i) == TD_HOURS_OPEN)
            return true;
    return false;
}

static void look_at_equity(struct backtest *b)
{
    const td_ns minute = td_gateway_now(b->gateway) / SAMPLE * SAMPLE;
    if (minute == b->sampled)
        return;
    b->sampled = minute;
    if (some_market_is_open(b))
        sample(b, minute);
}

/* --- the run --- */

static void tell(struct backtest *b, bool over)
{
    const struct td_backtest_moment m = {.now = td_gateway_now(b->gateway),
                                         .desk = b->desk,
                                         .gateway = b->gateway,
                                         .equity = b->equity,
                                         .over = over};
    if (b->config->look)
        b->config->look(b->config->look_arg, &m);
}

/* The gateway restarts on Saturdays, as a real one does. */
static void restart_weekly(struct backtest *b)
{
    const int64_t week = (td_tz_day(&b->new_york, td_gateway_now(b->gateway)) + 5) / 7;
    if (b->week && week != b->week)
        td_simworld_sever(b->sim, b->desk_host);
    b->week = week;
}

static void turn(struct backtest *b)
{
    struct td_wake wake;
    restart_weekly(b);
    td_world_wait(&b->desk_world, td_desk_deadline(b->desk), &wake);
    td_desk_turn(b->desk, &wake);
    look_at_equity(b);
    tell(b, false);
}

/* The last bars are finished by the end of the tape; what is decided on them finds no market any more. */
static enum td_err play(struct backtest *b, struct td_fail *why)
{
    const td_ns last = td_tz_at(&b->new_york, b->config->last, 0, 0, 0) + OVERTIME;
    while (!td_gateway_ended(b->gateway) && !td_desk_done(b->desk)) {
        if (td_gateway_now(b->gateway) > last)
            return td_fail_set(why, TD_ENODATA,
                               "the data does not end with the last day: some symbol has none");
        turn(b);
    }
    td_market_finish(&b->desk->market);
    const td_ns until = td_world_mono(&b->desk_world) + SETTLE;
    while (td_world_mono(&b->desk_world) < until && !td_desk_done(b->desk))
        turn(b);
    sample(b, td_gateway_now(b->gateway) / SAMPLE * SAMPLE);
    end_day(b);
    return TD_OK;
}

static double sharpe(const struct backtest *b)
{
    const double n = b->out->days, mean = b->sum / n;
    const double variance = n < 2 ? 0 : (b->sum_square - n * mean * mean) / (n - 1);
    return variance > 0 ? mean / sqrt(variance) * sqrt(YEAR_DAYS) : (double)NAN;
}

static void sum_up(struct backtest *b)
{
    struct td_backtest_result *r = b->out;
    const struct td_desk_result *d = &b->desk->result;
    const struct td_ledger *l = td_gateway_ledger(b->gateway);
    struct td_trip_sum trips;
    td_trips_sum(desk_trips(b->desk), &b->desk->blotter, NULL, &trips);
    r->events = d->events;
    r->intents = d->intents;
    r->denied = d->denied;
    r->orders = d->orders;
    r->fills = l->fill_count;
    r->start = b->config->cash;
    r->end = b->equity;
    r->net = (td_cash){r->end.e9 - r->start.e9};
    r->fees = l->accounts[0].fees;
    r->trips = trips.trips;
    r->wins = trips.wins;
    r->sharpe = sharpe(b);
    (void)td_str_copy(td_str_of(d->last_denial), r->last_denial, sizeof r->last_denial);
}

static enum td_err hash_record(void *arg, const struct td_record *r)
{
    uint64_t *hash = arg;
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    const uint64_t pair[2] = {*hash, td_hash_bytes(bytes, td_record_encode(r, bytes))};
    *hash = td_hash_bytes(pair, sizeof pair);
    return TD_OK;
}

static enum td_err finish(struct backtest *b, struct td_fail *why)
{
    struct td_journal_report report;
    sum_up(b);
    tell(b, true);
    td_desk_close(b->desk);
    b->desk = NULL;
    const enum td_err err = td_journal_read(&b->desk_world, TD_BACKTEST_JOURNAL, hash_record,
                                            &b->out->hash, &report, why);
    return err ? err : td_backtest_keep(b->config, &b->desk_world, b->out, why);
}

static void close_all(struct backtest *b)
{
    td_desk_close(b->desk);
    td_link_close(&b->link);
    td_gateway_close(b->gateway);
    td_simworld_close(b->sim);
    free(b);
}

enum td_err td_backtest_run(const struct td_backtest_config *config, struct td_backtest_result *out,
                            struct td_fail *why)
{
    struct backtest *b = calloc(1, sizeof *b);
    memset(out, 0, sizeof *out);
    out->points = calloc(TD_BACKTEST_POINTS, sizeof *out->points);
    if (!b || !out->points) {
        free(b);
        td_backtest_free(out);
        return td_fail_set(why, TD_ENOMEM, "no memory for a backtest");
    }
    b->config = config;
    b->out = out;
    b->every = SAMPLE;
    b->equity = b->peak = config->cash;
    b->before = td_e9_to_double(config->cash.e9);
    enum td_err err = td_backtest_may_keep(config, why);
    if (!err)
        err = open_world(b, why);
    if (!err)
        err = open_gateway(b, why);
    if (!err)
        err = open_desk(b, why);
    if (!err)
        err = play(b, why);
    if (!err)
        err = finish(b, why);
    close_all(b);
    if (err)
        td_backtest_free(out);
    return err;
}

void td_backtest_free(struct td_backtest_result *r)
{
    free(r->points);
    r->points = NULL;
    r->point_count = 0;
}
