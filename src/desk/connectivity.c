/* desk/connectivity.c - the table of connectivity notices, and what is remembered of them. */
#include "desk/connectivity.h"

#include <string.h>

#define ONCE_SPAN (60 * TD_SEC)

#define BROKER(effect_) .effect = TD_CONN_BROKER_##effect_
#define FARM(kind_, state_)                                                                        \
    .effect = TD_CONN_FARM, .farm = TD_FARM_##kind_, .farm_state = TD_FARM_##state_
static const struct td_conn_row table[] = {
    {100, .effect = TD_CONN_ONCE, .todo = TD_CONN_TELL | TD_CONN_SLOW | TD_CONN_ALERT,
     .meaning = "too many messages a second"},
    {1100, BROKER(LOST), .todo = TD_CONN_TELL | TD_CONN_CLOSE,
     .meaning = "the gateway lost the broker"},
    {1101, BROKER(BACK), .todo = TD_CONN_TELL | TD_CONN_RESUBSCRIBE | TD_CONN_SYNC,
     .meaning = "the broker is back, subscriptions were lost"},
    {1102, BROKER(BACK), .todo = TD_CONN_TELL | TD_CONN_VERIFY | TD_CONN_BARS | TD_CONN_SYNC,
     .meaning = "the broker is back, subscriptions were kept"},
    {1300, .effect = TD_CONN_ONCE, .todo = TD_CONN_TELL | TD_CONN_CLOSE | TD_CONN_ALERT,
     .meaning = "the gateway's port was changed; the connection ends"},
    {2103, FARM(MARKET, BROKEN), .todo = TD_CONN_TELL, .meaning = "a market data farm is broken"},
    {2104, FARM(MARKET, OK), .todo = TD_CONN_TELL | TD_CONN_VERIFY | TD_CONN_BARS,
     .meaning = "a market data farm is back"},
    {2105, FARM(HISTORY, BROKEN), .todo = TD_CONN_TELL, .meaning = "a history farm is broken"},
    {2106, FARM(HISTORY, OK), .todo = TD_CONN_TELL | TD_CONN_BARS,
     .meaning = "a history farm is back"},
    {2107, FARM(HISTORY, IDLE), .todo = 0, .meaning = "a history farm sleeps until it is needed"},
    {2108, FARM(MARKET, IDLE), .todo = TD_CONN_VERIFY,
     .meaning = "a market data farm sleeps until it is needed"},
    {2110, BROKER(LOST), .todo = TD_CONN_TELL | TD_CONN_CLOSE,
     .meaning = "the link between gateway and broker is broken"},
    {2119, FARM(MARKET, CONNECTING), .todo = 0, .meaning = "a market data farm is connecting"},
    {2157, FARM(SECDEF, BROKEN), .todo = TD_CONN_TELL, .meaning = "a contract farm is broken"},
    {2158, FARM(SECDEF, OK), .todo = TD_CONN_TELL, .meaning = "a contract farm is back"},
    {10197, .effect = TD_CONN_EVICT, .todo = TD_CONN_TELL | TD_CONN_ALERT,
     .meaning = "another session of this login has the market data"},
};
#undef BROKER
#undef FARM

const struct td_conn_row *td_connectivity_table(size_t *count)
{
    *count = TD_COUNT(table);
    return table;
}

const char *td_conn_state_word(enum td_conn_state state)
{
    return state == TD_CONN_UP ? "up" : "lost";
}

void td_connectivity_reset(struct td_connectivity *c, td_ns now)
{
    memset(c, 0, sizeof *c);
    c->broker_since = now;
}

static uint32_t take_broker(struct td_connectivity *c, const struct td_conn_row *row, td_ns now)
{
    const bool lost = row->effect == TD_CONN_BROKER_LOST;
    /* The way back may be told without the way out having been told. */
    const bool repeat = lost ? c->broker == TD_CONN_LOST
                             : c->broker == TD_CONN_UP && c->last_code == row->code &&
                                   now - c->broker_since < ONCE_SPAN;
    if (repeat)
        return 0;
    if (lost)
        c->outages++;
    c->broker = lost ? TD_CONN_LOST : TD_CONN_UP;
    c->broker_since = c->count_from = now;
    c->last_code = row->code;
    c->stop_told = false;
    return row->todo;
}

/* "Market data farm connection is OK:usfarm" */
static struct td_str farm_name(struct td_str text)
{
    struct td_str rest = text, part, name = text;
    while (td_str_split(&rest, ':', &part))
        name = part;
    return td_str_trim(name);
}

static struct td_farm *find_farm(struct td_connectivity *c, struct td_str name, uint8_t kind)
{
    char cut[sizeof c->farms[0].name];
    (void)td_str_copy(name, cut, sizeof cut);
    for (uint32_t i = 0; i < c->farm_count; i++)
        if (c->farms[i].kind == kind && strcmp(c->farms[i].name, cut) == 0)
            return &c->farms[i];
    if (c->farm_count == TD_CONN_FARMS)
        return NULL;
    struct td_farm *f = &c->farms[c->farm_count++];
    *f = (struct td_farm){.kind = kind, .state = TD_FARM_OK};
    memcpy(f->name, cut, sizeof cut);
    return f;
}

static uint32_t take_farm(struct td_connectivity *c, const struct td_conn_row *row,
                          struct td_str text, td_ns now)
{
    struct td_farm *f = find_farm(c, farm_name(text), (uint8_t)row->farm);
    c->noticed = f;
    if (!f)
        return row->todo;
    const bool changed = f->state != row->farm_state;
    const bool healed = f->was_broken;
    if (!changed)
        return 0;
    f->state = (uint8_t)row->farm_state;
    f->since = now;
    f->was_broken = row->farm_state == TD_FARM_BROKEN || (healed && f->state != TD_FARM_OK);
    f->told_long &= f->was_broken;
    /* A farm that comes up for the first time tells nothing new. */
    return row->farm_state == TD_FARM_OK && !healed ? 0 : row->todo;
}

static uint32_t take_once(struct td_connectivity *c, const struct td_conn_row *row, td_ns now)
{
    const td_ns span = row->code == 100 ? TD_SEC : ONCE_SPAN;
    if (c->once_code == row->code && now - c->once_at < span)
        return 0;
    c->once_code = row->code;
    c->once_at = now;
    return row->todo;
}

static uint32_t take_eviction(struct td_connectivity *c, const struct td_conn_row *row, td_ns now)
{
    const bool repeat = c->evicted;
    c->evicted = true;
    c->evicted_at = now;
    return repeat ? 0 : row->todo;
}

static uint32_t apply(struct td_connectivity *c, const struct td_conn_row *row, struct td_str text,
                      td_ns now)
{
    switch (row->effect) {
    case TD_CONN_BROKER_LOST:
    case TD_CONN_BROKER_BACK:
        return take_broker(c, row, now);
    case TD_CONN_FARM:
        return take_farm(c, row, text, now);
    case TD_CONN_ONCE:
        return take_once(c, row, now);
    case TD_CONN_EVICT:
        return take_eviction(c, row, now);
    }
    return 0;
}

uint32_t td_connectivity_take(struct td_connectivity *c, int32_t code, struct td_str text,
                              td_ns now)
{
    for (size_t i = 0; i < TD_COUNT(table); i++) {
        if (table[i].code != code)
            continue;
        c->noticed = NULL;
        const uint32_t todo = apply(c, &table[i], text, now);
        c->notices++;
        c->repeats += todo == 0;
        return todo;
    }
    return 0;
}

const struct td_farm *td_connectivity_long_broken(const struct td_connectivity *c, td_ns now)
{
    for (uint32_t i = 0; i < c->farm_count; i++)
        if (c->farms[i].state == TD_FARM_BROKEN && now - c->farms[i].since >= TD_CONN_STOP_AFTER)
            return &c->farms[i];
    return NULL;
}

uint32_t td_connectivity_tick(struct td_connectivity *c, td_ns now, bool window)
{
    uint32_t todo = 0;
    if (window)
        c->count_from = now;
    if (c->broker == TD_CONN_LOST && !c->stop_told && now - c->count_from >= TD_CONN_STOP_AFTER) {
        c->stop_told = true;
        todo |= TD_CONN_STOP | TD_CONN_ALERT;
    }
    for (uint32_t i = 0; i < c->farm_count && !window; i++) {
        struct td_farm *f = &c->farms[i];
        if (f->state != TD_FARM_BROKEN || f->told_long || now - f->since < TD_CONN_STOP_AFTER)
            continue;
        f->told_long = true;
        todo |= TD_CONN_ALERT;
    }
    return todo;
}

uint32_t td_connectivity_broken(const struct td_connectivity *c, enum td_farm_kind kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->farm_count; i++)
        n += c->farms[i].kind == kind && c->farms[i].state == TD_FARM_BROKEN;
    return n;
}

void td_connectivity_data(struct td_connectivity *c)
{
    c->evicted = false;
}
