/* desk/desk_now_status.c - the moment a status is of: clocks, age of the data, journal and disk, the days of equity. */
#include "desk/desk_inner.h"

#include "strat/algo.h"

#define SYMBOLS_TOLD 100
#define DAYS_TOLD    32

static void put_seconds(struct td_json *j, const char *key, td_ns span)
{
    td_json_key(j, key);
    if (span == TD_NS_NEVER)
        td_json_null(j);
    else
        td_json_double(j, (double)span / (double)TD_SEC);
}

static void put_clock(const struct td_desk *d, struct td_json *j)
{
    const bool gateway = d->config.clock == TD_CLOCK_GATEWAY;
    td_ns offset = TD_NS_NEVER;
    if (d->gateway_time && !gateway) /* as desk_clock_fact */
        offset = td_world_now(d->world) - d->gateway_time - TD_SEC / 2 -
                 (td_world_mono(d->world) - d->gateway_time_mono);
    td_json_key(j, "clock");
    td_json_object(j);
    td_json_key_text(j, "market_hours_by", gateway ? "gateway" : "wall");
    put_seconds(j, "offset_s", offset);
    td_json_key_text(j, "reason",
                     offset != TD_NS_NEVER ? NULL
                     : gateway             ? "the gateway plays another day"
                                           : "the gateway has not told its time yet");
    td_json_object_end(j);
}

/* Of the newest market event of any line. */
static td_ns tick_age(const struct td_desk *d)
{
    td_ns newest = 0;
    for (uint32_t i = 0; i < d->market.count; i++)
        if (d->market.lines[i].recv_ns > newest)
            newest = d->market.lines[i].recv_ns;
    return newest ? td_world_now(d->world) - newest : TD_NS_NEVER;
}

static void put_journal(const struct td_desk *d, struct td_json *j)
{
    const uint64_t last = d->blotter.last_seq, durable = td_writer_durable(d->writer);
    td_json_key(j, "journal");
    td_json_object(j);
    td_json_key_i64(j, "last_record", (int64_t)last);
    td_json_key_i64(j, "durable", (int64_t)durable);
    td_json_key_i64(j, "waiting", last > durable ? (int64_t)(last - durable) : 0);
    td_json_key_bool(j, "ok", td_writer_journal_error(d->writer) == TD_OK);
    td_json_object_end(j);
}

static void put_symbols(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "symbols");
    td_json_array(j);
    for (uint32_t i = 0; i < d->market.count && i < SYMBOLS_TOLD; i++)
        td_json_text(j, d->market.lines[i].symbol);
    td_json_array_end(j);
    td_json_key_i64(j, "symbols_not_told",
                    d->market.count > SYMBOLS_TOLD ? d->market.count - SYMBOLS_TOLD : 0);
}

static void put_equity_days(const struct td_desk *d, struct td_json *j)
{
    const struct td_equity_curve *c = &d->money.curve;
    const uint32_t kept = c->count < DAYS_TOLD ? c->count : DAYS_TOLD;
    td_json_key_e9(j, "equity_peak", c->count ? c->peak.e9 : TD_E9_NONE);
    td_json_key(j, "equity_days");
    td_json_array(j);
    for (uint32_t i = c->count - kept; i < c->count; i++) {
        const struct td_equity_point *p = &c->days[i % TD_TRIP_DAYS_MAX];
        char day[16];
        (void)td_date_print(p->day, day);
        td_json_object(j);
        td_json_key_text(j, "day", day);
        td_json_key_e9(j, "equity", p->equity.e9);
        td_json_key_e9(j, "pnl", p->pnl.e9);
        td_json_key_e9(j, "drawdown", p->drawdown_e9);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_algorithms(struct td_json *j)
{
    td_json_key(j, "algorithms");
    td_json_array(j);
    for (uint8_t a = TD_ALGO_TWAP; a <= TD_ALGO_ADAPTIVE; a++)
        td_json_text(j, td_algo_word(a));
    td_json_array_end(j);
}

void desk_put_now(const struct td_desk *d, struct td_json *j)
{
    const td_ns now = td_world_now(d->world), market = desk_market_time(d);
    td_json_key(j, "now");
    td_json_iso(j, now);
    td_json_key(j, "market_time");
    if (market)
        td_json_iso(j, market);
    else
        td_json_null(j);
    td_json_key(j, "started");
    td_json_iso(j, d->started_ns);
    put_seconds(j, "uptime_s", td_world_mono(d->world) - d->started_mono);
    put_clock(d, j);
    put_seconds(j, "last_tick_age_s", tick_age(d));
    td_json_key_bool(j, "disk_ok", d->disk_ok);
    put_journal(d, j);
    put_symbols(d, j);
    put_equity_days(d, j);
    put_algorithms(j);
}
