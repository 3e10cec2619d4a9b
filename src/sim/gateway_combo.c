/* sim/gateway_combo.c - combinations (BAG) of two to four contracts the simulator knows.
 *
 * A combination is quoted from its legs: what buying all of them would cost and selling them would bring, for as many
 * as the smallest leg allows. Orders work in an exchange of their own against that quote, so a fill takes all legs
 * or none; legs are booked at their own quotes, the first one so that the sum is the combination's price. Prices
 * at or below zero are not modelled: such a side has no quote. Source: tws-protocol 4 (LEGS4), 4.7.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define FIRST_CONID 820000000
#define RATIO_MAX   100

/* ---- contract ---- */

/* One leg into the row; NULL, or what is wrong. */
static const char *read_leg(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                            const struct td_tws_leg *leg, struct td_universe_row *out)
{
    const struct td_tws_contract contract = {.con_id = leg->con_id};
    const bool buy = td_str_is(leg->action, "BUY");
    struct td_universe_leg *to = &out->legs[out->leg_count];
    if (leg->con_id < 1 || !td_gw_contract(g, c, req_id, &contract, &to->row))
        return ""; /* told already, or nothing to look up */
    if (!buy && !td_str_is(leg->action, "SELL") && !td_str_is(leg->action, "SSHORT"))
        return "a leg's action is not BUY or SELL";
    if (leg->ratio < 1 || leg->ratio > RATIO_MAX)
        return "a leg's ratio is not 1 to 100";
    if (g->universe.rows[to->row].inst.multiplier.e9 !=
        g->universe.rows[out->legs[0].row].inst.multiplier.e9)
        return "legs with different multipliers are not modelled";
    to->ratio = buy ? leg->ratio : -leg->ratio;
    out->leg_count++;
    return NULL;
}

static bool same_legs(const struct td_universe_row *a, const struct td_universe_row *b)
{
    return a->leg_count == b->leg_count &&
           memcmp(a->legs, b->legs, a->leg_count * sizeof a->legs[0]) == 0;
}

/* The same combination has the same row and id. */
static enum td_err add_row(struct td_gateway *g, struct td_universe_row *made, uint32_t *row)
{
    for (uint32_t i = 0; i < g->universe.count; i++)
        if (same_legs(&g->universe.rows[i], made)) {
            *row = i;
            return TD_OK;
        }
    made->inst.conid = FIRST_CONID + (int32_t)g->universe.count;
    return td_universe_add_derived(&g->universe, made, row);
}

static void name_row(const struct td_gateway *g, struct td_universe_row *made)
{
    const struct td_universe_row *first = &g->universe.rows[made->legs[0].row];
    const struct td_universe_leg *legs = made->legs;
    const uint32_t count = made->leg_count;
    struct td_universe_row row = *first;
    memcpy(row.legs, legs, sizeof row.legs);
    row.leg_count = count;
    row.derived = row.invented = true;
    row.right = 0;
    row.month[0] = row.inst.expiry[0] = row.inst.primary[0] = row.inst.local_symbol[0] = '\0';
    row.inst.min_tick.e9 = 10000000;
    row.valid_exchanges = "SMART";
    row.market_rules = "110";
    (void)td_str_copy(td_str_of("BAG"), row.inst.sec_type, sizeof row.inst.sec_type);
    (void)td_str_copy(td_str_of("COMB"), row.inst.trading_class, sizeof row.inst.trading_class);
    *made = row;
}

bool td_gw_combo_row(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                     const struct td_tws_contract *contract, uint32_t *row)
{
    struct td_universe_row made = {0};
    if (contract->legs.n < 2 || contract->legs.n > TD_UNIVERSE_LEGS) {
        td_gw_error(g, c, req_id, 321, "Error validating request.-'A combination has 2 to %d legs'",
                    TD_UNIVERSE_LEGS);
        return false;
    }
    for (uint32_t i = 0; i < contract->legs.n; i++) {
        const char *wrong = read_leg(g, c, req_id, &contract->legs.p[i], &made);
        if (!wrong)
            continue;
        if (wrong[0] || contract->legs.p[i].con_id < 1)
            td_gw_error(g, c, req_id, 321, "Error validating request.-'Combination: %s'",
                        wrong[0] ? wrong : "a leg has no contract id");
        return false;
    }
    name_row(g, &made);
    if (add_row(g, &made, row) == TD_OK)
        return true;
    td_gw_error(g, c, req_id, 321,
                "Error validating request.-'The simulator's table of %d contracts is full'",
                TD_INSTRUMENTS_MAX);
    return false;
}

void td_gw_fill_combo(struct td_gateway *g, const struct td_gw_order *o,
                      struct td_tws_leg legs[TD_UNIVERSE_LEGS], struct td_tws_contract *out)
{
    const struct td_universe_row *row = &g->universe.rows[o->sym];
    for (uint32_t i = 0; i < row->leg_count; i++) {
        const struct td_instrument *inst = &g->universe.rows[row->legs[i].row].inst;
        const int32_t ratio = row->legs[i].ratio;
        legs[i] = (struct td_tws_leg){.con_id = inst->conid,
                                      .ratio = ratio < 0 ? -ratio : ratio,
                                      .action = td_str_of(ratio < 0 ? "SELL" : "BUY"),
                                      .exchange = td_str_of(inst->exchange),
                                      .exempt_code = -1};
    }
    out->legs.p = legs;
    out->legs.n = row->leg_count;
}

/* ---- quote ---- */

/* What one combination costs (buy) or brings; TD_PX_NONE when a leg has no quote. *qty: how many. */
static td_px side_of(const struct td_gateway *g, const struct td_universe_row *row, bool buy,
                     td_qty *qty)
{
    int64_t sum = 0, most = INT64_MAX;
    for (uint32_t i = 0; i < row->leg_count; i++) {
        const struct td_gw_symbol *s = g->symbols[row->legs[i].row];
        const int32_t ratio = row->legs[i].ratio;
        const bool take = (ratio > 0) == buy; /* this leg is bought */
        const td_px px = take ? s->quote.ask : s->quote.bid;
        const int64_t units =
            (take ? s->quote.ask_qty : s->quote.bid_qty).e9 / TD_E9 / (ratio < 0 ? -ratio : ratio);
        int64_t part = 0;
        if (td_px_is_none(px) || td_i64_muldiv(px.e9, ratio, 1, &part) != TD_OK ||
            td_e9_add(sum, part, &sum) != TD_OK)
            return TD_PX_NONE;
        most = units < most ? units : most;
    }
    *qty = TD_QTY(most);
    return sum > 0 && most > 0 ? (td_px){sum} : TD_PX_NONE;
}

void td_gw_combo_quote(struct td_gateway *g, const struct td_gw_symbol *s, struct td_quote *out)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    td_qty qty = {0};
    const td_px bid = side_of(g, row, false, &qty);
    if (!td_px_is_none(bid)) {
        out->bid = bid;
        out->bid_qty = qty;
    }
    const td_px ask = side_of(g, row, true, &qty);
    if (!td_px_is_none(ask)) {
        out->ask = ask;
        out->ask_qty = qty;
    }
}

/* ---- fill ---- */

void td_gw_fill_legs(struct td_gateway *g, struct td_gw_order *o, const struct td_ledger_fill *f)
{
    const struct td_universe_row row = g->universe.rows[o->sym];
    td_px px[TD_UNIVERSE_LEGS];
    int64_t rest = f->px.e9;
    for (uint32_t i = row.leg_count; i-- > 0;) {
        const struct td_gw_symbol *s = g->symbols[row.legs[i].row];
        const bool bought = (row.legs[i].ratio > 0) == (f->action == TD_BUY);
        px[i] = bought ? s->quote.ask : s->quote.bid;
        px[i] = td_px_is_none(px[i]) ? td_gw_mark(s) : px[i];
        if (i > 0)
            rest -= px[i].e9 * row.legs[i].ratio;
    }
    px[0].e9 = rest / row.legs[0].ratio;
    for (uint32_t i = 0; i < row.leg_count; i++) {
        const int32_t ratio = row.legs[i].ratio;
        struct td_ledger_fill leg = *f;
        leg.inst = row.legs[i].row;
        leg.action = (ratio > 0) == (f->action == TD_BUY) ? TD_BUY : TD_SELL;
        leg.px = px[i];
        leg.qty.e9 = f->qty.e9 * (ratio < 0 ? -ratio : ratio);
        td_gw_book_fill(g, o, &leg);
    }
}
