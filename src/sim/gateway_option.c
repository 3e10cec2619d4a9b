/* sim/gateway_option.c - options: their list, details, quotes by the model, computations, exercise.
 *
 * Four stocks have options (sim/chain.h). Prices are Black and Scholes (1973) with one flat volatility (the stock's typical
 * daily move times the root of 252) and a rate of 4 %, no dividends; time runs to 16:00 New York of the expiration, 365
 * days a year. The quote is the model price less and plus half a spread of 2 % (at least two cents), 10 contracts on each side.
 * Everything about it is generated and fills say so. Options have no prints and no history. Positions are not exercised
 * or ended at expiration by themselves; an expired option is not listed on a later day.
 * Source: tws-protocol 4.1, 4.5; tick types 10, 11, 13, 53.
 */
#include "sim/gateway_inner.h"

#include <math.h>
#include <string.h>

#include "sim/blackscholes.h"

#define RATE      0.04
#define DAYS      252.0
#define YEAR      (365.0 * (double)TD_DAY)
#define SPREAD    0.02
#define HALF_MIN  0.01
#define SIZE      10
#define CENT      INT64_C(10000000)
#define CLOSE     16 /* hour in New York */
#define NONE_VOL  (-1 * TD_E9)
#define NONE_REST (-2 * TD_E9)

enum { TICK_BID = 10, TICK_ASK = 11, TICK_MODEL = 13, TICK_CUSTOM = 53 };

static const char *const listed[TD_GW_CHAINS] = {"SPY", "AAPL", "MSFT", "IBM"};

bool td_gw_has_options(const char *symbol)
{
    for (size_t i = 0; i < TD_COUNT(listed); i++)
        if (strcmp(listed[i], symbol) == 0)
            return true;
    return false;
}

double td_gw_volatility(const struct td_universe_row *stock)
{
    return stock->volatility_bp / 10000.0 * sqrt(DAYS);
}

/* ---- the list ---- */

/* The chain at a place of the list; NULL when its stock cannot be opened. */
static const struct td_chain *chain_at(struct td_gateway *g, uint32_t index)
{
    const struct td_universe_query query = {.symbol = listed[index], .sec_type = "STK"};
    struct td_chain *chain = &g->chains[index];
    struct td_fail why = {0};
    uint32_t row = 0;
    if (chain->expiry_count)
        return chain;
    if (!td_universe_find(&g->universe, &query, &row))
        return NULL;
    const struct td_gw_symbol *s = td_gw_symbol_open(g, row, &why);
    if (!s)
        return NULL;
    const struct td_chain_config config = {
        .index = index,
        .under = row,
        .center = td_px_is_none(s->prev_close) ? g->universe.rows[row].start_px : s->prev_close,
        .day = g->day,
        .closed = td_gw_is_holiday,
        .arg = g};
    td_chain_make(chain, &config);
    return chain;
}

bool td_gw_is_option(const struct td_tws_contract *contract)
{
    return td_str_is(contract->sec_type, "OPT") ||
           (contract->con_id >= TD_CHAIN_CONID &&
            contract->con_id < TD_CHAIN_CONID + TD_GW_CHAINS * 10000);
}

static bool unset_or(struct td_str asked, const char *has)
{
    return asked.len == 0 || td_str_is(asked, has);
}

static bool fits_expiry(struct td_str asked, const char *has)
{
    return asked.len == 0 ||
           ((asked.len == 6 || asked.len == 8) && strncmp(asked.p, has, asked.len) == 0);
}

static bool fits_right(struct td_str asked, char has)
{
    return asked.len == 0 || td_str_is(asked, "?") || td_str_is(asked, "0") ||
           (asked.p[0] == has && (asked.len == 1 || td_str_is(asked, has == 'C' ? "CALL" : "PUT")));
}

static bool fits(const struct td_tws_contract *c, const struct td_universe_row *row)
{
    const bool exchange = unset_or(c->exchange, "SMART") || td_str_is(c->exchange, "CBOE");
    const bool strike =
        td_px_is_none(c->strike) || c->strike.e9 == 0 || c->strike.e9 == row->strike.e9;
    if (c->con_id)
        return c->con_id == row->inst.conid && exchange;
    return exchange && strike && fits_expiry(c->expiry, row->inst.expiry) &&
           fits_right(c->right, row->right) && unset_or(c->multiplier, "100") &&
           unset_or(c->currency, "USD") && unset_or(c->local_symbol, row->inst.local_symbol) &&
           unset_or(c->trading_class, row->inst.trading_class) &&
           unset_or(c->symbol, row->inst.symbol);
}

typedef void found_option(void *arg, const struct td_universe_row *row);

/* Calls `found` for every option that fits; how many. */
static uint32_t each_option(struct td_gateway *g, const struct td_tws_contract *c,
                            found_option *found, void *arg)
{
    const int64_t today = td_tz_day(g->new_york, g->now);
    struct td_universe_row row;
    uint32_t count = 0;
    for (uint32_t i = 0; i < TD_GW_CHAINS; i++) {
        const bool named = c->symbol.len ? td_str_is(c->symbol, listed[i])
                           : c->con_id   ? (c->con_id - TD_CHAIN_CONID) / 10000 == (int32_t)i
                                         : td_str_starts(c->local_symbol, listed[i]);
        const struct td_chain *chain = named ? chain_at(g, i) : NULL;
        for (uint32_t n = 0; chain && n < td_chain_count(chain); n++) {
            td_chain_row(chain, n, &g->universe.rows[chain->under], &row);
            if (row.expiry_day < today || !fits(c, &row))
                continue;
            found(arg, &row);
            count++;
        }
    }
    return count;
}

static void keep_option(void *arg, const struct td_universe_row *row)
{
    memcpy(arg, row, sizeof *row);
}

/* The one option a contract means; false after error 200 was sent. */
static bool one_option(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                       const struct td_tws_contract *contract, struct td_universe_row *out)
{
    const uint32_t count = each_option(g, contract, keep_option, out);
    if (count != 1)
        td_gw_error(g, c, req_id, 200, "%s",
                    count ? "The contract description specified is ambiguous."
                          : "No security definition has been found for the request");
    return count == 1;
}

bool td_gw_option_row(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                      const struct td_tws_contract *contract, uint32_t *row)
{
    struct td_universe_row option;
    if (!one_option(g, c, req_id, contract, &option))
        return false;
    if (td_universe_add_derived(&g->universe, &option, row) == TD_OK)
        return true;
    td_gw_error(g, c, req_id, 321,
                "Error validating request.-'The simulator's table of %d contracts is full'",
                TD_INSTRUMENTS_MAX);
    return false;
}

struct details {
    struct td_gateway *g;
    struct td_gw_client *c;
    int32_t req_id;
};

static void send_option(void *arg, const struct td_universe_row *row)
{
    const struct details *d = arg;
    td_gw_send_details(d->g, d->c, d->req_id, row);
}

uint32_t td_gw_option_details(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                              const struct td_tws_contract *contract)
{
    struct details d = {g, c, req_id};
    const uint32_t count = each_option(g, contract, send_option, &d);
    if (count == 0)
        td_gw_error(g, c, req_id, 200, "No security definition has been found for the request");
    return count;
}

void td_gw_req_option_params(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_msg *m)
{
    static const char *const exchanges[] = {"SMART", "CBOE"};
    const struct td_tws_req_sec_def_opt_params *r = &m->req_sec_def_opt_params;
    char dates[TD_CHAIN_EXPIRIES][16];
    struct td_tws_text expirations[TD_CHAIN_EXPIRIES];
    struct td_tws_price strikes[TD_CHAIN_STRIKES];
    const struct td_chain *chain = NULL;
    uint32_t listed_count = 0;
    const int32_t id = r->req_id;
    for (uint32_t i = 0; i < TD_GW_CHAINS && !chain; i++)
        if (td_str_is(r->symbol, listed[i]) && unset_or(r->sec_type, "STK"))
            chain = chain_at(g, i);
    const int32_t under = chain ? g->universe.rows[chain->under].inst.conid : 0;
    if (r->underlying_con_id && r->underlying_con_id != under)
        chain = NULL;
    for (uint32_t i = 0; chain && i < chain->expiry_count; i++) {
        if (chain->expiries[i] < td_tz_day(g->new_york, g->now))
            continue;
        expirations[listed_count].text =
            (struct td_str){dates[i], td_date_print_compact(chain->expiries[i], dates[i])};
        listed_count++;
    }
    for (uint32_t i = 0; chain && i < TD_CHAIN_STRIKES; i++)
        strikes[i].px = chain->strikes[i];
    for (size_t i = 0; chain && i < TD_COUNT(exchanges); i++) {
        td_tws_msg_init(&g->msg, TD_TWS_SEC_DEF_OPT_PARAMS);
        struct td_tws_sec_def_opt_params *p = &g->msg.sec_def_opt_params;
        p->req_id = id;
        p->underlying_con_id = under;
        p->exchange = td_str_of(exchanges[i]);
        p->trading_class = td_str_of(g->universe.rows[chain->under].inst.symbol);
        p->multiplier = td_str_of("100");
        p->expirations.p = expirations;
        p->expirations.n = listed_count;
        p->strikes.p = strikes;
        p->strikes.n = TD_CHAIN_STRIKES;
        (void)td_gw_send(g, c, &g->msg);
    }
    td_tws_msg_init(&g->msg, TD_TWS_SEC_DEF_OPT_PARAMS_END);
    g->msg.req.req_id = id;
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- the model ---- */

/* Middle of the underlying's quote, else its last price; 0 when there is none. */
static double spot_of(const struct td_gateway *g, const struct td_universe_row *row)
{
    const struct td_gw_symbol *under = g->symbols[row->under];
    if (!under)
        return 0;
    if (td_px_is_none(under->quote.bid) || td_px_is_none(under->quote.ask))
        return td_px_is_none(under->last) ? 0 : td_e9_to_double(under->last.e9);
    return td_e9_to_double(under->quote.bid.e9 / 2 + under->quote.ask.e9 / 2);
}

static struct td_bs_option model_of(const struct td_gateway *g, const struct td_universe_row *row,
                                    double spot)
{
    const td_ns end = td_tz_at(g->new_york, row->expiry_day, CLOSE, 0, 0);
    return (struct td_bs_option){.spot = spot,
                                 .strike = td_e9_to_double(row->strike.e9),
                                 .years = (double)(end - g->now) / YEAR,
                                 .rate = RATE,
                                 .volatility = td_gw_volatility(&g->universe.rows[row->under]),
                                 .call = row->right == 'C'};
}

static int64_t e9_of(double value, int64_t otherwise)
{
    int64_t out = 0;
    return td_e9_from_double(value, &out) == TD_OK ? out : otherwise;
}

void td_gw_option_quote(struct td_gateway *g, const struct td_gw_symbol *s, struct td_quote *out)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const double spot = spot_of(g, row);
    const struct td_bs_option o = model_of(g, row, spot);
    struct td_bs_value v;
    if (spot <= 0)
        return;
    td_bs_value(&o, &v);
    const double half = v.price * SPREAD / 2 > HALF_MIN ? v.price * SPREAD / 2 : HALF_MIN;
    const int64_t bid = e9_of(v.price - half, 0) / CENT * CENT;
    const int64_t ask = (e9_of(v.price + half, 0) + CENT - 1) / CENT * CENT;
    out->ask.e9 = ask;
    out->ask_qty = TD_QTY(SIZE);
    if (bid < CENT)
        return;
    out->bid.e9 = bid;
    out->bid_qty = TD_QTY(SIZE);
}

int64_t td_gw_option_at(struct td_gateway *g, uint32_t row, int64_t volatility_e9)
{
    const struct td_universe_row *option = &g->universe.rows[row];
    struct td_bs_option o = model_of(g, option, spot_of(g, option));
    struct td_bs_value v;
    o.volatility = td_e9_to_double(volatility_e9);
    if (o.spot <= 0)
        return 0;
    td_bs_value(&o, &v);
    return e9_of(v.price, 0);
}

static void send_computation(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                             int32_t type, const struct td_bs_option *o)
{
    const bool solved = o->volatility > 0;
    struct td_bs_value v;
    td_bs_value(o, &v);
    td_tws_msg_init(&g->msg, TD_TWS_TICK_OPTION_COMPUTATION);
    g->msg.tick_option = (struct td_tws_tick_option){
        .req_id = req_id,
        .tick_type = type,
        .tick_attrib = 1,
        .implied_vol_e9 = solved ? e9_of(o->volatility, NONE_VOL) : NONE_VOL,
        .delta_e9 = solved ? e9_of(v.delta, NONE_REST) : NONE_REST,
        .gamma_e9 = solved ? e9_of(v.gamma, NONE_REST) : NONE_REST,
        .vega_e9 = solved ? e9_of(v.vega, NONE_REST) : NONE_REST,
        .theta_e9 = solved ? e9_of(v.theta, NONE_REST) : NONE_REST,
        .opt_price = {solved ? e9_of(v.price, NONE_VOL) : NONE_VOL},
        .pv_dividend = {0},
        .und_price = {e9_of(o->spot, NONE_VOL)}};
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_send_greeks(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                       const struct td_gw_symbol *s)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const td_px px[] = {s->quote.bid, s->quote.ask};
    const double spot = spot_of(g, row);
    const struct td_bs_option model = model_of(g, row, spot);
    if (spot <= 0)
        return;
    for (int i = 0; i < 2; i++) {
        struct td_bs_option o = model;
        if (td_px_is_none(px[i]) || !td_bs_implied(&o, td_e9_to_double(px[i].e9), &o.volatility))
            o.volatility = 0;
        send_computation(g, c, sub->req_id, i ? TICK_ASK : TICK_BID, &o);
    }
    send_computation(g, c, sub->req_id, TICK_MODEL, &model);
}

/* ---- asked for ---- */

/* The option and the price of the underlying a calculation is about; false after an error was sent. */
static bool read_calculation(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_calc_option *r, struct td_bs_option *out)
{
    struct td_universe_row row;
    if (!one_option(g, c, r->req_id, &r->contract, &row))
        return false;
    if (td_px_is_none(r->under_price) || r->under_price.e9 <= 0 || r->value_e9 == TD_E9_NONE ||
        r->value_e9 <= 0) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'A price or volatility above zero and a price of "
                    "the underlying above zero are needed'");
        return false;
    }
    *out = model_of(g, &row, td_e9_to_double(r->under_price.e9));
    return true;
}

void td_gw_calc_volatility(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_bs_option o;
    if (!read_calculation(g, c, &m->calc_option, &o))
        return;
    if (!td_bs_implied(&o, td_e9_to_double(m->calc_option.value_e9), &o.volatility))
        o.volatility = 0; /* told as "none" */
    send_computation(g, c, m->calc_option.req_id, TICK_CUSTOM, &o);
}

void td_gw_calc_price(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_bs_option o;
    if (!read_calculation(g, c, &m->calc_option, &o))
        return;
    o.volatility = td_e9_to_double(m->calc_option.value_e9);
    send_computation(g, c, m->calc_option.req_id, TICK_CUSTOM, &o);
}

/* ---- exercise ---- */

/* What speaks against an exercise, or NULL. */
static const char *judge_exercise(struct td_gateway *g, const struct td_tws_exercise_options *r,
                                  uint32_t account, const struct td_universe_row *row, uint32_t at)
{
    const struct td_position *held = td_ledger_position(&g->ledger, account, at);
    const double spot = spot_of(g, row), strike = td_e9_to_double(row->strike.e9);
    const bool worth = row->right == 'C' ? spot > strike : spot < strike;
    if (r->action != 1 && r->action != 2)
        return "Exercise action is not 1 (exercise) or 2 (lapse)";
    if (r->quantity < 1)
        return "Quantity is below 1";
    if (!held || held->qty.e9 < (int64_t)r->quantity * TD_E9)
        return "No unlapsed position exists in this option in the account";
    if (r->action == 1 && !worth && !r->override)
        return "The option is out of the money: set override to exercise it";
    return NULL;
}

/* The option leaves at nothing; an exercise also buys or sells the stock at the strike. */
static void exercise(struct td_gateway *g, struct td_gw_order *o, const struct td_universe_row *row,
                     bool lapse)
{
    struct td_ledger_fill option = {
        .at = g->now, .inst = o->sym, .action = TD_SELL, .generated = true, .qty = o->venue.qty};
    struct td_ledger_fill stock = option;
    stock.inst = row->under;
    stock.action = row->right == 'C' ? TD_BUY : TD_SELL;
    stock.px = row->strike;
    stock.qty.e9 *= 100;
    o->filled = o->venue.qty;
    td_gw_order_end(g, o, TD_GW_FILLED, lapse ? "Lapsed" : "Exercised");
    td_gw_tell_open(g, o);
    td_gw_tell_status(g, o);
    td_gw_book_fill(g, o, &option);
    if (!lapse)
        td_gw_book_fill(g, o, &stock);
}

void td_gw_exercise(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_exercise_options *r = &m->exercise_options;
    struct td_fail why = {0};
    uint32_t at = 0, account = 0;
    if (!td_gw_option_row(g, c, r->req_id, &r->contract, &at) ||
        !td_gw_pick_account(g, c, r->req_id, r->account, &account))
        return;
    const struct td_universe_row *row = &g->universe.rows[at];
    const char *wrong =
        !td_gw_symbol_open(g, at, &why) ? why.text : judge_exercise(g, r, account, row, at);
    if (!wrong && td_gw_order_of(g, c->id, r->req_id))
        wrong = "The id was used by an order";
    struct td_gw_order *o = wrong ? NULL : td_gw_order_add(g, c->id, r->req_id);
    if (!o) {
        td_gw_error(g, c, r->req_id, 322, "Error processing request.-'%s'",
                    wrong ? wrong : "The simulator's order table is full");
        return;
    }
    o->account = account;
    o->sym = at;
    o->transmit = true;
    o->venue.action = TD_SELL;
    o->venue.qty = TD_QTY(r->quantity);
    o->lmt_price = o->aux_price = o->trail_stop = TD_PX_NONE;
    (void)td_str_copy(td_str_of("MKT"), o->type, sizeof o->type);
    (void)td_str_copy(td_str_of("DAY"), o->tif, sizeof o->tif);
    exercise(g, o, row, r->action == 2);
}
