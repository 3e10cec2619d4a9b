/* sim/gateway_generic.c - the ticks a client asks for by number (generic tick list).
 *
 * One table of what is legal for a stock. Rows with a tick are told from the tape; rows without are legal and stay
 * silent, because the tape has no such fact (a real gateway is silent too where it has none). Everything else is error
 * 321 with the legal list, as the broker answers. Source: tws-protocol Appendix C.
 */
#include "sim/gateway_inner.h"

#include <stdio.h>
#include <string.h>

enum {
    TICK_IMPLIED_VOL = 24,
    TICK_MARK = 37,
    TICK_SHORTABLE = 46,
    TICK_TRADES = 54,
    TICK_TRADE_RATE,
    TICK_VOLUME_RATE,
    TICK_LAST_RTH,
    TICK_RT_TRADES = 77
};

static const struct {
    const char *number;
    uint8_t tick; /* 0: no fact of the tape */
} rows[] = {
    {"100", 0},
    {"101", 0},
    {"104", 0},
    {"105", 0},
    {"106", TICK_IMPLIED_VOL},
    {"162", 0},
    {"165", 0},
    {"221", TICK_MARK},
    {"225", 0},
    {"232", TICK_MARK},
    {"233", 0}, /* RT volume: told by gateway_market.c */
    {"236", TICK_SHORTABLE},
    {"258", 0},
    {"292", 0}, /* news: gateway_news.c */
    {"293", TICK_TRADES},
    {"294", TICK_TRADE_RATE},
    {"295", TICK_VOLUME_RATE},
    {"318", TICK_LAST_RTH},
    {"375", TICK_RT_TRADES},
    {"411", 0},
    {"456", 0},
    {"460", 0},
    {"588", 0},
    {"595", 0},
    {"619", 0},
};

/* ---- reading ---- */

static bool find(struct td_str name, uint32_t *bit)
{
    for (uint32_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_is(name, rows[i].number)) {
            *bit = i;
            return true;
        }
    return td_str_is(name, "mdoff");
}

static void refuse(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                   const struct td_gw_symbol *s, struct td_str list)
{
    char legal[200];
    struct td_text t;
    td_text_init(&t, legal, sizeof legal);
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        td_text_printf(&t, "%s%s", i ? "," : "", rows[i].number);
    td_gw_error(g, c, sub->req_id, 321,
                "Error validating request.-'bY' : cause - Incorrect generic tick list of %.*s.  "
                "Legal ones for (%s) are: %s",
                list.len < 60 ? (int)list.len : 60, list.p ? list.p : "",
                g->universe.rows[s->row].inst.sec_type, legal);
}

bool td_gw_generic_read(struct td_gateway *g, struct td_gw_client *c, struct td_str list,
                        struct td_gw_sub *sub, const struct td_gw_symbol *s)
{
    struct td_str rest = list, part, name;
    while (td_str_split(&rest, ',', &part)) {
        uint32_t bit = TD_COUNT(rows);
        part = td_str_trim(part);
        if (part.len == 0)
            continue;
        (void)td_str_split(&part, ':', &name);
        if (!find(name, &bit)) {
            refuse(g, c, sub, s, list);
            return false;
        }
        if (bit < TD_COUNT(rows))
            sub->generics |= UINT32_C(1) << bit;
    }
    return true;
}

/* ---- telling ---- */

static void send_number(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, int32_t tick,
                        int64_t e9)
{
    td_tws_msg_init(&g->msg, TD_TWS_TICK_GENERIC);
    g->msg.tick_generic.req_id = req_id;
    g->msg.tick_generic.tick_type = tick;
    g->msg.tick_generic.value_e9 = e9;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_price(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, int32_t tick,
                       td_px px)
{
    if (td_px_is_none(px))
        return;
    td_tws_msg_init(&g->msg, TD_TWS_TICK_PRICE);
    g->msg.tick_price.req_id = req_id;
    g->msg.tick_price.tick_type = tick;
    g->msg.tick_price.price = px;
    g->msg.tick_price.size = TD_QTY(0);
    (void)td_gw_send(g, c, &g->msg);
}

/* "price;size;ms;volume;average;single", of reported trades only: all of a tape are. */
static void send_trades(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        const struct td_gw_symbol *s)
{
    const double volume = td_e9_to_double(s->volume.e9);
    char buf[160];
    struct td_text t;
    td_text_init(&t, buf, sizeof buf);
    td_text_e9(&t, s->last.e9);
    td_text_char(&t, ';');
    td_text_e9(&t, s->last_qty.e9);
    td_text_printf(&t, ";%lld;", (long long)(s->last_ns / TD_MS));
    td_text_e9(&t, s->volume.e9);
    td_text_printf(&t, ";%.8f;true", volume > 0 ? s->value / volume : 0.0);
    td_tws_msg_init(&g->msg, TD_TWS_TICK_STRING);
    g->msg.tick_string.req_id = req_id;
    g->msg.tick_string.tick_type = TICK_RT_TRADES;
    g->msg.tick_string.value = (struct td_str){buf, t.len};
    (void)td_gw_send(g, c, &g->msg);
}

static int64_t trades_of_day(const struct td_gw_symbol *s)
{
    int64_t n = 0;
    for (uint32_t i = s->minute_count; i-- > 0 && s->minutes[i].start >= s->source.hours.ext_open;)
        n += s->minutes[i].bar.count;
    return n * TD_E9;
}

static void send_row(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                     const struct td_gw_symbol *s, uint8_t tick)
{
    const struct td_bar *minute = s->minute_count ? &s->minutes[s->minute_count - 1].bar : NULL;
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const int32_t id = sub->req_id;
    int64_t e9 = 0;
    if (tick == TICK_MARK)
        send_price(g, c, id, tick, td_gw_mark(s));
    else if (tick == TICK_LAST_RTH)
        send_price(g, c, id, tick, s->told.opened ? s->told.last : TD_PX_NONE);
    else if (tick == TICK_RT_TRADES)
        send_trades(g, c, id, s);
    else if (tick == TICK_TRADES)
        send_number(g, c, id, tick, trades_of_day(s));
    else if (tick == TICK_TRADE_RATE && minute)
        send_number(g, c, id, tick, minute->count * TD_E9);
    else if (tick == TICK_VOLUME_RATE && minute)
        send_number(g, c, id, tick, minute->volume.e9);
    else if (tick == TICK_SHORTABLE && sub->fresh)
        send_number(g, c, id, tick, 3 * TD_E9); /* everything can be sold short here */
    else if (tick == TICK_IMPLIED_VOL && sub->fresh && td_gw_has_options(row->inst.symbol) &&
             td_e9_from_double(td_gw_volatility(row), &e9) == TD_OK)
        send_number(g, c, id, tick, e9);
}

void td_gw_generic_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub,
                        const struct td_gw_symbol *s)
{
    if (!sub->generics || td_px_is_none(s->last) || (!sub->fresh && s->volume.e9 == sub->volume.e9))
        return;
    for (uint32_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].tick && (sub->generics >> i & 1))
            send_row(g, c, sub, s, rows[i].tick);
}
