/* desk/paper.c - orders of local paper trading: taken, kept in rows, and sent to the engines when they arrive. */
#include "desk/paper.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/paper_inner.h"

td_ns paper_now(const struct td_paper *p)
{
    return td_world_mono(p->world) + TD_SEC; /* the engines take 0 for no time */
}

bool paper_is_live(const struct td_paper_order *o)
{
    return o->state <= TD_PAPER_WORKS;
}

struct td_paper_order *paper_find(struct td_paper *p, int64_t order_id, uint32_t *row)
{
    for (uint32_t i = 0; order_id > 0 && i < TD_PAPER_ORDERS; i++)
        if (p->orders[i].order_id == order_id) {
            *row = i;
            return &p->orders[i];
        }
    return NULL;
}

/* A free row, else that of the oldest order that has ended and of which everything was told. */
struct td_paper_order *paper_take_row(struct td_paper *p, uint32_t *row)
{
    struct td_paper_order *best = NULL;
    for (uint32_t i = 0; i < TD_PAPER_ORDERS; i++) {
        struct td_paper_order *o = &p->orders[i];
        if (o->order_id && (paper_is_live(o) || o->waiting))
            continue;
        if (!best || o->order_id < best->order_id) {
            best = o;
            *row = i;
        }
    }
    return best;
}

void paper_say_error(struct td_paper *p, uint32_t row, int32_t code, const char *text)
{
    struct td_paper_order *o = &p->orders[row];
    o->code = code;
    (void)snprintf(o->text, sizeof o->text, "%s", text);
    paper_say(p, TD_TWS_ERROR, (int32_t)row, code);
}

void paper_refuse(struct td_paper *p, uint32_t row, const char *text)
{
    p->orders[row].state = TD_PAPER_REFUSED;
    paper_say_error(p, row, 201, text);
}

void paper_end(struct td_paper *p, uint32_t row)
{
    p->orders[row].state = TD_PAPER_CANCELLED;
    paper_say(p, TD_TWS_ORDER_STATUS, (int32_t)row, 0);
}

/* Acts at once: what is at the venue is asked to end, what is on its way never arrives. */
void paper_cancel_now(struct td_paper *p, uint32_t row)
{
    struct td_paper_order *o = &p->orders[row];
    if (o->state == TD_PAPER_ON_WAY)
        paper_end(p, row);
    else if (paper_is_live(o) && td_exchange_cancel(&p->lines[o->line].exchange, paper_now(p),
                                                    (uint64_t)o->order_id) != TD_OK)
        p->missed++;
    p->dirty = true;
}

/* --- commands --- */

static void act(struct td_paper *p, const struct paper_command *c)
{
    struct td_paper_order *o = &p->orders[c->row];
    struct td_exchange *x = &p->lines[o->line].exchange;
    enum td_err err = TD_OK;
    if (!paper_is_live(o)) {
        if (c->verb != PAPER_PLACE)
            paper_say_error(p, c->row, c->verb == PAPER_CHANGE ? 104 : 10148,
                            "the order has ended");
        return;
    }
    if (c->verb == PAPER_PLACE)
        err = td_exchange_submit(x, paper_now(p), &c->venue);
    else if (c->verb == PAPER_CHANGE)
        err = td_exchange_modify(x, paper_now(p), &c->venue);
    else
        err = td_exchange_cancel(x, paper_now(p), c->venue.key);
    if (err && c->verb == PAPER_PLACE)
        paper_refuse(p, c->row, "too many orders of this symbol at the venue");
    else if (err)
        paper_say_error(p, c->row, 104, "the venue is too busy for this");
    paper_drain(p, o->line);
}

void paper_run(struct td_paper *p)
{
    while (p->command_count && p->commands[p->command_head].at <= paper_now(p) &&
           paper_has_room(p, 1)) {
        const struct paper_command c = p->commands[p->command_head];
        p->command_head = (p->command_head + 1) % PAPER_COMMANDS;
        p->command_count--;
        p->orders[c.row].waiting--;
        act(p, &c);
    }
    for (uint32_t turn = 0; p->dirty && turn < 4; turn++) { /* a group spans few lines */
        p->dirty = false;
        for (uint32_t i = 0; i < p->config.market->count; i++)
            paper_drain(p, i);
    }
}

static enum td_err command(struct td_paper *p, uint32_t row, enum paper_verb verb,
                           const struct td_exch_order *venue)
{
    if (p->command_count == PAPER_COMMANDS)
        return TD_EFULL;
    p->orders[row].waiting++;
    p->commands[(p->command_head + p->command_count++) % PAPER_COMMANDS] =
        (struct paper_command){.at = paper_now(p) + p->config.options.latency,
                               .row = row,
                               .verb = (uint8_t)verb,
                               .venue = *venue};
    return TD_OK;
}

static const struct {
    const char *word;
    uint8_t type;
} types[] = {{"MKT", TD_EXCH_MARKET},
             {"LMT", TD_EXCH_LIMIT},
             {"STP", TD_EXCH_STOP},
             {"STP LMT", TD_EXCH_STOP_LIMIT},
             {"TRAIL", TD_EXCH_TRAIL}};

static const struct {
    const char *word;
    uint8_t tif;
} durations[] = {{"DAY", TD_EXCH_GTC}, /* ended by td_paper_tick */
                 {"GTC", TD_EXCH_GTC},
                 {"GTD", TD_EXCH_GTC}, /* the same */
                 {"IOC", TD_EXCH_IOC},
                 {"FOK", TD_EXCH_FOK}};

/* Type and duration as the engine knows them. False: it does not. */
bool paper_translate(struct td_paper_order *o)
{
    bool type = false, tif = false;
    for (size_t i = 0; i < TD_COUNT(types); i++)
        if (strcmp(o->type_word, types[i].word) == 0) {
            o->type = types[i].type;
            type = true;
        }
    for (size_t i = 0; i < TD_COUNT(durations); i++)
        if (strcmp(o->tif, durations[i].word) == 0) {
            o->venue_tif = durations[i].tif;
            tif = true;
        }
    o->day = strcmp(o->tif, "DAY") == 0;
    return type && tif;
}

struct td_exch_order paper_venue_of(const struct td_paper_order *o)
{
    const bool trail = o->type == TD_EXCH_TRAIL;
    return (struct td_exch_order){.key = (uint64_t)o->order_id,
                                  .action = o->action,
                                  .type = o->type,
                                  .tif = o->venue_tif,
                                  .outside_rth = true, /* hours are ours to keep */
                                  .qty = {o->qty.e9 - o->before.e9},
                                  .limit_px = o->lmt,
                                  .stop_px = trail ? o->stop : o->aux,
                                  .trail = trail ? o->aux : TD_PX_NONE};
}

static void take_fields(struct td_paper_order *o, const struct td_tws_order *from)
{
    o->action = td_str_is(from->action, "BUY") ? TD_BUY : TD_SELL;
    o->qty = from->total_quantity;
    o->lmt = from->lmt_price;
    o->aux = from->aux_price;
    o->stop = TD_PX_NONE;
    o->oca_type = from->oca_type >= 1 && from->oca_type <= 3 ? (uint8_t)from->oca_type : 3;
    (void)td_str_copy(from->order_type, o->type_word, sizeof o->type_word);
    (void)td_str_copy(from->tif.len ? from->tif : td_str_of("DAY"), o->tif, sizeof o->tif);
    (void)td_str_copy(from->order_ref, o->ref, sizeof o->ref);
    (void)td_str_copy(from->oca_group, o->group, sizeof o->group);
}

/* "yyyymmdd-hh:mm:ss", UTC; false: it is none. */
static bool read_until(struct td_str text, td_ns *out)
{
    char iso[32];
    if (text.len != 17)
        return false;
    (void)snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.8sZ", text.p, text.p + 4, text.p + 6,
                   text.p + 9);
    return td_iso_parse(iso, strlen(iso), out) == TD_OK;
}

static enum td_err place_new(struct td_paper *p, const struct td_tws_place_order *m, uint32_t line)
{
    uint32_t row;
    struct td_paper_order *o = paper_take_row(p, &row);
    if (!o || p->command_count == PAPER_COMMANDS || !paper_has_room(p, PAPER_ANSWERS))
        return TD_EFULL;
    *o = (struct td_paper_order){.order_id = m->order_id,
                                 .line = line,
                                 .state = TD_PAPER_ON_WAY,
                                 .average = TD_PX(0),
                                 .last = TD_PX(0),
                                 .born = p->day};
    take_fields(o, &m->order);
    p->order_count++;
    if (m->order_id > p->last_id)
        p->last_id = m->order_id;
    const bool timed = strcmp(o->tif, "GTD") == 0;
    if (!paper_translate(o) || (timed && !read_until(m->order.good_till_date, &o->until))) {
        paper_refuse(p, row, "local paper trading does not offer this kind of order");
        return TD_OK;
    }
    const struct td_exch_order venue = paper_venue_of(o);
    return command(p, row, PAPER_PLACE, &venue);
}

static enum td_err place(struct td_paper *p, const struct td_tws_place_order *m)
{
    uint32_t row, line = 0;
    struct td_paper_order *old = paper_find(p, m->order_id, &row);
    while (line < p->config.market->count &&
           !td_market_is(&p->config.market->lines[line], &m->contract))
        line++;
    if (line == p->config.market->count || m->order_id <= 0)
        return TD_EINVAL;
    if (!old)
        return place_new(p, m, line);
    if (!paper_has_room(p, PAPER_ANSWERS))
        return TD_EFULL;
    struct td_paper_order changed = *old;
    changed.qty = m->order.total_quantity;
    changed.lmt = m->order.lmt_price;
    changed.aux = m->order.aux_price;
    const struct td_exch_order venue = paper_venue_of(&changed);
    return command(p, row, PAPER_CHANGE, &venue);
}

static enum td_err cancel(struct td_paper *p, int64_t order_id)
{
    uint32_t row;
    const struct td_paper_order *o = paper_find(p, order_id, &row);
    const struct td_exch_order venue = {.key = (uint64_t)order_id};
    if (!o)
        return TD_ENOENT;
    return paper_has_room(p, PAPER_ANSWERS) ? command(p, row, PAPER_CANCEL, &venue) : TD_EFULL;
}

static enum td_err cancel_all(struct td_paper *p)
{
    if (!paper_has_room(p, TD_PAPER_ORDERS))
        return TD_EFULL;
    for (uint32_t i = 0; i < TD_PAPER_ORDERS; i++)
        if (p->orders[i].order_id && paper_is_live(&p->orders[i]))
            paper_cancel_now(p, i);
    return TD_OK;
}

static enum td_err take(void *arg, const struct td_tws_msg *msg)
{
    struct td_paper *p = arg;
    switch (msg->kind) {
    case TD_TWS_PLACE_ORDER:
        return place(p, &msg->place_order);
    case TD_TWS_CANCEL_ORDER:
        return cancel(p, msg->cancel_order.order_id);
    case TD_TWS_REQ_GLOBAL_CANCEL:
        return cancel_all(p);
    default:
        return paper_list(p, msg);
    }
}

static td_ns due(const void *arg)
{
    const struct td_paper *p = arg;
    td_ns first = TD_NS_NEVER;
    if (p->told_count)
        first = p->told[p->told_head].at;
    if (p->command_count && p->commands[p->command_head].at < first)
        first = p->commands[p->command_head].at;
    if (p->dirty)
        first = paper_now(p);
    return first == TD_NS_NEVER ? first : first - TD_SEC; /* as paper_now */
}

struct td_order_desk td_paper_order_desk(struct td_paper *p)
{
    return (struct td_order_desk){
        .arg = p, .account = TD_PAPER_ACCOUNT, .take = take, .next = paper_next, .due = due};
}

/* --- life --- */

enum td_err td_paper_open(struct td_paper **out, const struct td_paper_config *config,
                          struct td_fail *why)
{
    const struct td_exch_config one = {
        .trigger = TD_EXCH_TRIGGER_LAST, .orders_max = TD_PAPER_LIVE, .levels_max = 64};
    const uint32_t count = config->market->count;
    const size_t bytes = td_exchange_bytes(&one) * count;
    struct td_event closed = {.kind = TD_EV_STATUS, .status = TD_STATUS_CLOSED};
    struct td_arena arena;
    struct td_paper *p = calloc(1, sizeof *p);
    if (p) {
        p->memory = malloc(bytes ? bytes : 1);
        p->lines = calloc(count ? count : 1, sizeof *p->lines);
    }
    if (!p || !p->memory || !p->lines) {
        td_paper_close(p);
        return td_fail_set(why, TD_ENOMEM, "no memory for local paper trading");
    }
    p->config = *config;
    p->world = config->market->link->world;
    p->day = INT64_MIN;
    td_arena_init(&arena, p->memory, bytes);
    closed.venue_ns = paper_now(p);
    for (uint32_t i = 0; i < count; i++) {
        TD_REQUIRE(td_exchange_open(&p->lines[i].exchange, &one, &arena) == TD_OK);
        TD_REQUIRE(td_exchange_market(&p->lines[i].exchange, &closed) == TD_OK);
        p->lines[i].blind = true;
    }
    *out = p;
    return TD_OK;
}

void td_paper_close(struct td_paper *p)
{
    if (!p)
        return;
    free(p->lines);
    free(p->memory);
    free(p);
}

void td_paper_stats(const struct td_paper *p, struct td_paper_stats *out)
{
    td_cash gross;
    *out = (struct td_paper_stats){
        .orders = p->order_count, .fills = p->exec_count, .missed = p->missed};
    for (uint32_t i = 0; i < TD_PAPER_ORDERS; i++)
        out->live += p->orders[i].order_id && paper_is_live(&p->orders[i]);
    out->equity = paper_equity(p, &gross);
}
