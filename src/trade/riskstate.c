/* trade/riskstate.c - one small JSON object, replaced whole. */
#include "trade/riskstate.h"

#include <stdio.h>
#include <stdlib.h>

#include "trade/trips.h"

#define TEXT_BYTES 131072u

enum td_err td_riskstate_open(struct td_riskstate *r, struct td_world *world, const char *folder)
{
    *r = (struct td_riskstate){.world = world};
    const int n = snprintf(r->path, sizeof r->path, "%s/risk_state.json", folder);
    return n < (int)sizeof r->path - 16 ? TD_OK : TD_ERANGE;
}

void td_riskstate_note(struct td_riskstate *r, const struct td_record *record)
{
    static const bool matters[TD_REC_TYPES] = {
        [TD_REC_START] = true,    [TD_REC_DAY] = true,  [TD_REC_EXEC] = true,   [TD_REC_FEE] = true,
        [TD_REC_POSITION] = true, [TD_REC_HALT] = true, [TD_REC_RESUME] = true,
    };
    r->changed |= record->type < TD_REC_TYPES && matters[record->type];
    r->urgent |= record->type == TD_REC_HALT || record->type == TD_REC_RESUME;
    r->at_ns = record->at_ns;
}

/* --- the text --- */

static void put_number(struct td_text *t, const char *key, int64_t e9)
{
    td_text_printf(t, ",\"%s\":", key);
    if (e9 == TD_E9_NONE)
        td_text_put(t, "null");
    else
        td_text_e9(t, e9);
}

static void put_positions(struct td_text *t, const struct td_blotter *b)
{
    const char *comma = "";
    td_text_put(t, "{\"positions\":{");
    for (uint32_t i = 0; i < b->holding_count; i++) {
        const struct td_blotter_holding *h = &b->holdings[i];
        if (h->now.qty.e9 == 0)
            continue;
        td_text_put(t, comma);
        td_text_json(t, td_str_of(h->symbol));
        td_text_put(t, ":{\"quantity\":");
        td_text_e9(t, h->now.qty.e9);
        put_number(t, "avg_price", h->now.average.e9);
        td_text_char(t, '}');
        comma = ",";
    }
    td_text_char(t, '}');
}

static td_cash realized_ever(const struct td_blotter *b)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->holding_count; i++)
        if (td_e9_add(sum, b->holdings[i].now.realized.e9, &sum) != TD_OK ||
            td_e9_sub(sum, b->holdings[i].now.fees.e9, &sum) != TD_OK)
            return TD_CASH_NONE;
    return (td_cash){sum};
}

static void put_trades(struct td_text *t, const struct td_trips *trips)
{
    const uint32_t last = TD_RISKSTATE_TRADES;
    const uint32_t from = trips->count > last ? trips->count - last : 0;
    td_text_put(t, ",\"kelly_trades\":[");
    for (uint32_t i = from; i < trips->count; i++) {
        const td_cash net = td_trip_net(&trips->rows[i % TD_TRIPS_MAX]);
        td_text_put(t, i > from ? "," : "");
        if (td_cash_is_none(net))
            td_text_put(t, "null");
        else
            td_text_e9(t, net.e9);
    }
    td_text_char(t, ']');
}

static void put_state(struct td_text *t, const struct td_blotter *b, const struct td_trips *trips,
                      td_ns at)
{
    put_positions(t, b);
    put_number(t, "daily_pnl", td_blotter_realized_today(b).e9);
    put_number(t, "total_pnl", realized_ever(b).e9);
    put_number(t, "current_capital", TD_E9_NONE);
    td_text_printf(t, ",\"kill_switch_triggered\":%s", b->halted ? "true" : "false");
    put_trades(t, trips);
    td_text_put(t, ",\"timestamp\":\"");
    td_text_iso(t, at);
    td_text_put(t, "\"}\n");
}

/* --- the file --- */

enum td_err td_riskstate_write(struct td_riskstate *r, const struct td_blotter *b, bool now,
                               struct td_fail *why)
{
    const size_t lots = td_trips_bytes(b->max.executions_max);
    struct td_arena arena;
    struct td_text t;
    if (!r->changed || (!now && !r->urgent && r->written_ns && r->at_ns - r->written_ns < TD_SEC))
        return TD_OK;
    struct td_trips *trips = malloc(sizeof *trips + lots + TEXT_BYTES);
    if (!trips)
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", r->path);
    td_arena_init(&arena, (char *)trips + sizeof *trips, lots);
    enum td_err err = td_trips_open(trips, b->max.executions_max, &arena);
    if (!err)
        err = td_trips_build(trips, b);
    if (!err) {
        td_text_init(&t, (char *)trips + sizeof *trips + lots, TEXT_BYTES);
        put_state(&t, b, trips, r->at_ns);
        err = td_text_full(&t) ? TD_EFULL : TD_OK;
    }
    if (err)
        (void)td_fail_set(why, err, "%s: %s", r->path, td_err_text(err));
    else
        err = td_file_replace(r->world, r->path, (struct td_str){t.buf, t.len}, why);
    free(trips);
    if (err)
        return err;
    r->changed = r->urgent = false;
    r->written_ns = r->at_ns;
    return TD_OK;
}
