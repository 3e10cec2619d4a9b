/* desk/market_contracts.c - what a line's symbol means: names, look-ups, and which of the contracts told it is.
 *
 * A stock is looked up by its name. A future is looked up by its trading class; the contract to trade is chosen among
 * those told (market/front.h) and looked up again by its id, so that a chain of any length is kept nowhere. Where a
 * position or an order holds a line in a contract, that one is looked up and no other: a new connection after the
 * roll day must not turn the closing order of the old contract into an opening one of the next.
 */
#include "desk/market_inner.h"

#include "desk/zone.h"

#define NO_CONTRACT 200

const char *td_market_symbol(const char *name)
{
    const struct td_product *p = td_product_find(td_str_of(name));
    return p ? p->trading_class : name;
}

bool market_name_line(struct td_line *line, const char *name)
{
    const struct td_product *p = td_product_find(td_str_of(name));
    const char *symbol = td_market_symbol(name);
    if (!td_symbol_is_safe(td_str_of(symbol)))
        return false;
    line->product = p;
    (void)td_str_copy(td_str_of(symbol), line->symbol, sizeof line->symbol);
    (void)td_str_copy(td_str_of(p ? p->sec_type : "STK"), line->sec_type, sizeof line->sec_type);
    (void)td_str_copy(td_str_of(p ? p->exchange : "SMART"), line->exchange, sizeof line->exchange);
    (void)td_str_copy(td_str_of(p ? p->currency : "USD"), line->currency, sizeof line->currency);
    td_symbol_of_broker(p ? p->broker_symbol : symbol, line->sec_type, line->broker_symbol);
    return true;
}

/* The trade date of futures now, by the market's clock where it is known. */
static int64_t today_of(const struct td_market *m)
{
    const td_ns at = m->hours->looked ? m->hours->looked : td_world_now(m->link->world);
    const struct td_tz *zone = td_hours_zone(m->hours, TD_ZONE_NEW_YORK);
    return zone ? td_calendar_day(&td_calendar_cmes, zone, at) : at / TD_DAY;
}

/* --- asking --- */

void td_market_contract(const struct td_line *line, struct td_tws_contract *c)
{
    c->con_id = line->inst.conid;
    c->symbol = td_str_of(line->broker_symbol);
    c->sec_type = td_str_of(line->sec_type);
    c->exchange = td_str_of(line->exchange);
    c->currency = td_str_of(line->currency);
}

void market_contract_ask(const struct td_line *line, struct td_tws_contract *c)
{
    td_market_contract(line, c);
    c->con_id = line->asked_conid;
    if (line->product)
        c->trading_class = td_str_of(line->product->trading_class);
}

bool td_market_is(const struct td_line *line, const struct td_tws_contract *c)
{
    if (c->con_id > 0 && line->inst.conid > 0)
        return c->con_id == line->inst.conid;
    return td_str_is(c->symbol, line->broker_symbol) && td_str_is(c->sec_type, line->sec_type) &&
           (!line->product || !c->trading_class.len ||
            td_str_is(c->trading_class, line->product->trading_class));
}

void td_market_hold(struct td_market *m, uint32_t index, int64_t conid)
{
    m->lines[index].held_conid = conid > 0 && conid <= INT32_MAX ? (int32_t)conid : 0;
}

void market_contract_anew(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    if (line->product && m->watched && !m->hours->looked)
        return; /* which contract is traded is a question of the market's day */
    line->state = TD_LINE_ASKED;
    line->asked_conid = line->product ? line->held_conid : 0;
    line->chosen = false;
    market_queue_ask(m, index, TD_FOR_DETAILS);
}

void market_contract_begin(struct td_market *m, struct td_line *line)
{
    const struct td_wanted wanted = {
        .symbol = line->symbol, .conid = line->asked_conid, .currency = line->currency};
    line->inst.conid = 0;
    line->state = TD_LINE_ASKED;
    if (!line->product || line->asked_conid)
        td_qualify_begin(&line->qualify, &wanted);
    else /* a product's own rule fits it */
        TD_REQUIRE(td_qualify_begin_dated(&line->qualify, line->product, NULL, today_of(m), NULL) ==
                   TD_OK);
}

/* --- answers --- */

static void read_details(const struct td_line *line, const struct td_tws_contract_data *d,
                         struct td_instrument *inst)
{
    memset(inst, 0, sizeof *inst);
    inst->conid = d->contract.con_id;
    (void)td_str_copy(td_str_of(line->symbol), inst->symbol, sizeof inst->symbol);
    (void)td_str_copy(d->contract.sec_type, inst->sec_type, sizeof inst->sec_type);
    (void)td_str_copy(d->contract.expiry, inst->expiry, sizeof inst->expiry);
    (void)td_str_copy(d->contract.exchange, inst->exchange, sizeof inst->exchange);
    (void)td_str_copy(d->contract.primary_exch, inst->primary, sizeof inst->primary);
    (void)td_str_copy(d->contract.currency, inst->currency, sizeof inst->currency);
    (void)td_str_copy(d->contract.local_symbol, inst->local_symbol, sizeof inst->local_symbol);
    (void)td_str_copy(d->contract.trading_class, inst->trading_class, sizeof inst->trading_class);
    (void)td_str_copy(d->long_name, inst->long_name, sizeof inst->long_name);
    (void)td_str_copy(d->time_zone, inst->time_zone, sizeof inst->time_zone);
    inst->min_tick = d->min_tick;
    inst->multiplier = TD_QTY(1);
    if (d->contract.multiplier.len &&
        td_e9_parse(d->contract.multiplier.p, d->contract.multiplier.len, &inst->multiplier.e9) !=
            TD_OK)
        inst->multiplier = TD_QTY_NONE; /* unknown: the value gate stays closed */
}

/* "202612" as 12; 0: not told. */
static int32_t month_of(struct td_str text)
{
    int64_t value;
    return text.len == 6 && td_i64_parse(text.p, text.len, &value) == TD_OK && value > 0
               ? (int32_t)(value % 100)
               : 0;
}

static void keep_details(struct td_market *m, uint32_t index, const struct td_tws_contract_data *d,
                         const struct td_instrument *told)
{
    struct td_line *line = &m->lines[index];
    line->inst = *told;
    line->last_day = 0;
    if (line->product &&
        td_last_day_parse(line->product, td_str_of(told->expiry), &line->last_day) != TD_OK)
        line->last_day = 0; /* not known: no entries */
    (void)td_str_copy(d->liquid_hours, line->liquid_hours, sizeof line->liquid_hours);
    market_ticks_of(m, index, d);
    td_hours_drop(m->hours, line->schedule);
    line->schedule = td_hours_take(m->hours, line->liquid_hours, told->time_zone);
}

void market_contract_take(struct td_market *m, uint32_t index, const struct td_tws_contract_data *d)
{
    struct td_line *line = &m->lines[index];
    struct td_instrument told;
    const uint32_t before = line->qualify.fitting;
    read_details(line, d, &told);
    td_qualify_add(&line->qualify, &told, month_of(d->contract_month));
    if (!before && line->qualify.fitting)
        keep_details(m, index, d, &told); /* the only one, or looked up again */
}

static void tell_choice(const struct td_market *m, const struct td_line *line,
                        const struct td_front_choice *f)
{
    char last[16], roll[16];
    (void)td_date_print(f->chosen.last_day, last);
    (void)td_date_print(f->roll_day, roll);
    td_logf(m->log, f->overdue ? TD_LOG_WARN : TD_LOG_INFO, TD_LOG_API, "front",
            "%s: %s, traded until %s, rolls on %s to %s%s", line->symbol, f->chosen.local_symbol,
            last, roll, f->next.conid ? f->next.local_symbol : "none that was told",
            f->entries ? "" : "; no entries");
}

bool market_contract_unheld(struct td_market *m, uint32_t index, int32_t code)
{
    struct td_line *line = &m->lines[index];
    if (code != NO_CONTRACT || !line->asked_conid || line->chosen)
        return false;
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "front", "%s: contract %d is told no more",
            line->symbol, (int)line->asked_conid);
    market_drop(m, index, TD_FOR_DETAILS, false);
    line->asked_conid = 0;
    market_queue_ask(m, index, TD_FOR_DETAILS);
    return true;
}

void market_contract_end(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    struct td_qualified_contract got;
    struct td_fail why = {0};
    market_drop(m, index, TD_FOR_DETAILS, false);
    line->subs[TD_FOR_DETAILS] = (struct td_sub){0};
    if (td_qualify_end(&line->qualify, &got, &why) != TD_QUALIFIED_ONE) {
        line->inst.conid = 0;
        if (!market_contract_unheld(m, index, NO_CONTRACT))
            market_refuse(m, index, NO_CONTRACT, td_str_of(why.text));
        return;
    }
    if (got.dated)
        tell_choice(m, line, &got.front);
    line->chosen = true;
    if (got.conid == line->inst.conid) {
        market_subscribe(m, index);
        return;
    }
    line->inst.conid = 0; /* of another one of the chain */
    line->asked_conid = got.conid;
    market_queue_ask(m, index, TD_FOR_DETAILS);
}

void market_contract_watch(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    if (line->state == TD_LINE_IDLE && td_link_ready(m->link) && !m->blind)
        market_contract_anew(m, index); /* it waited for the clock */
    const bool may = line->state != TD_LINE_LIVE || td_market_may_enter(m, index);
    if (!may && !line->last_days)
        td_logf(m->log, TD_LOG_WARN, TD_LOG_TRADING, "entries_blocked",
                "%s: the last days of %s; positions are only reduced, until the next contract is "
                "looked up by a new connection",
                line->symbol, line->inst.local_symbol);
    line->last_days = !may;
}

bool td_market_may_enter(const struct td_market *m, uint32_t index)
{
    const struct td_line *line = &m->lines[index];
    return !line->product ||
           (line->last_day && td_front_may_enter(line->last_day, today_of(m), TD_FRONT_BLOCKED));
}
