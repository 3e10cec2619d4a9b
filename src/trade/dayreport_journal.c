/* trade/dayreport_journal.c - the journal replayed for a report: who traded, round trips, what children are measured by. */
#include <stdio.h>
#include <stdlib.h>

#include "trade/dayreport.h"
#include "trade/retrace.h"

#define ARRIVALS 4096 /* parents whose price at arrival is remembered; of more the newest count */

struct look {
    struct td_day_report *r;
    struct {
        uint64_t key;
        int64_t price_e9;
    } arrivals[ARRIVALS];
    uint32_t arrival_count; /* ever */
    struct td_retrace retrace;
    struct td_trips trips;
};

static int64_t arrival_of(const struct look *l, uint64_t key)
{
    for (uint32_t i = 0; i < ARRIVALS && i < l->arrival_count; i++)
        if (l->arrivals[i].key == key)
            return l->arrivals[i].price_e9;
    return TD_E9_NONE;
}

/* A child's fills are measured by what the market was when its parent began, whatever the child's own type. */
static void see_child(struct look *l, const struct td_order *child)
{
    const int64_t price = arrival_of(l, child->parent);
    for (uint32_t i = 0; i < l->r->fill_count; i++) {
        struct td_day_fill *f = &l->r->fills[i];
        if (f->order == (int64_t)child->key && f->how != TD_REFERENCE_ARRIVAL)
            td_day_set_reference(
                f, price == TD_E9_NONE ? TD_REFERENCE_NO_VALUE : TD_REFERENCE_ARRIVAL, price);
    }
}

static void on_record(void *arg, const struct td_record *record, const struct td_blotter *after)
{
    struct look *l = arg;
    struct td_day_report *r = l->r;
    if (record->at_ns >= r->before)
        return;
    if (record->type == TD_REC_START) {
        (void)snprintf(r->mode, sizeof r->mode, "%s", record->status);
        (void)snprintf(r->version, sizeof r->version, "%.39s", record->text);
        if (record->account[0])
            (void)snprintf(r->account, sizeof r->account, "%s", record->account);
    }
    if (record->type == TD_REC_PARENT) {
        l->arrivals[l->arrival_count % ARRIVALS].key = record->key;
        l->arrivals[l->arrival_count++ % ARRIVALS].price_e9 = record->trail.e9;
    }
    if (record->type == TD_REC_EXEC && record->at_ns >= r->from) {
        const struct td_order *o = td_blotter_order(after, record->key);
        if (o && o->role == TD_ROLE_SLICE)
            see_child(l, o);
    }
}

static void take_trip(struct td_day_report *r, const struct td_trips *t, const struct td_trip *row,
                      const struct td_blotter *b)
{
    const td_cash net = td_trip_net(row);
    struct td_day_trip *out = &r->trips[r->trip_count++];
    out->trip = *row;
    (void)snprintf(out->symbol, sizeof out->symbol, "%s", b->holdings[row->holding].symbol);
    (void)snprintf(out->strategy, sizeof out->strategy, "%s",
                   row->strategy < t->strategy_count ? t->strategies[row->strategy] : "");
    r->wins += !td_cash_is_none(net) && net.e9 > 0;
    r->losses += !td_cash_is_none(net) && net.e9 < 0;
}

static enum td_err match_trips(struct look *l, struct td_fail *why)
{
    struct td_arena arena;
    const struct td_blotter *b = &l->retrace.b;
    const size_t bytes = td_trips_bytes(b->max.executions_max);
    void *memory = malloc(bytes);
    if (!memory)
        return td_fail_set(why, TD_ENOMEM, "no memory for the round trips");
    td_arena_init(&arena, memory, bytes);
    enum td_err err = td_trips_open(&l->trips, b->max.executions_max, &arena);
    if (!err)
        err = td_trips_build(&l->trips, b);
    const struct td_trips *t = &l->trips;
    const uint32_t first = t->count > TD_TRIPS_MAX ? t->count - TD_TRIPS_MAX : 0;
    for (uint32_t i = first; i < t->count && !err; i++) {
        const struct td_trip *row = &t->rows[i % TD_TRIPS_MAX];
        if (row->closed_ns >= l->r->from && row->closed_ns < l->r->before)
            take_trip(l->r, t, row, b);
    }
    l->r->trips_known = !err;
    if (!err && first)
        td_day_unknown(l->r, "round trips before the last %d of the journal", TD_TRIPS_MAX);
    if (!err && t->unmatched)
        td_day_unknown(l->r,
                       "where %u lots come from: they were closed and never opened here, so "
                       "their round trips have no price of entry",
                       (unsigned)t->unmatched);
    free(memory);
    return err == TD_ERANGE ? td_fail_set(why, err, "an amount of a round trip does not fit") : err;
}

enum td_err td_day_journal(struct td_day_report *r, const struct td_day_ask *ask,
                           struct td_fail *why)
{
    char journal[900];
    (void)snprintf(journal, sizeof journal, "%.800s/journal", ask->state);
    if (td_entry_at(ask->world, journal) != TD_ENTRY_FOLDER) {
        td_day_unknown(r, "mode, version, round trips and win rate: there is no journal in the "
                          "state folder");
        return TD_OK;
    }
    struct look *l = calloc(1, sizeof *l);
    if (!l)
        return td_fail_set(why, TD_ENOMEM, "no memory for the journal");
    l->r = r;
    l->retrace.record = on_record;
    l->retrace.arg = l;
    enum td_err err = td_retrace_open(&l->retrace, ask->world, journal, why);
    if (!err)
        err = td_retrace_run(&l->retrace, NULL, why);
    if (!err)
        err = match_trips(l, why);
    td_retrace_close(&l->retrace);
    free(l);
    return err;
}
