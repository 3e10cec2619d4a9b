/* sim/gateway_judge.c - what an order message means, and what of it is not taken.
 *
 * Three tables: order types, times in force, attributes. Every member of an order has a row in the last one: it is
 * modelled, echoed (kept and shown in openOrder as sent, without effect on a market that never sees our orders), or refused
 * with the broker's code and a reason. Nothing is dropped in silence. docs/simulator.md shows the rows.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#include "market/calendar.h"

#define NOT_MODELLED "Order rejected - reason:the simulator does not model "
#define INVALID      "Error validating request.-'bP' : cause - "
#define BEFORE_CLOSE (2 * TD_SEC) /* when orders for the close are sent */
#define CONDITIONS   8

/* ---- types ---- */

enum { LMT = 1, AUX = 2, STOCK_ONLY = 4, OPTION_ONLY = 8 };

static const struct {
    const char *name;
    uint8_t type, venue, needs;
    const char *note;
} types[] = {
    {"MKT", TD_GW_MKT, TD_EXCH_MARKET, 0, "takes what is there; waits for more"},
    {"LMT", TD_GW_LMT, TD_EXCH_LIMIT, LMT, "with a place in the queue"},
    {"STP", TD_GW_STP, TD_EXCH_STOP, AUX, "triggered by a print"},
    {"STP LMT", TD_GW_STP_LMT, TD_EXCH_STOP_LIMIT, AUX | LMT, "triggered by a print"},
    {"STPLMT", TD_GW_STP_LMT, TD_EXCH_STOP_LIMIT, AUX | LMT, "another name of STP LMT"},
    {"TRAIL", TD_GW_TRAIL, TD_EXCH_TRAIL, 0, "by amount (auxPrice) or percent"},
    {"TRAIL LIMIT", TD_GW_TRAIL_LIMIT, TD_EXCH_LIMIT, 0,
     "limit = stop and lmtPriceOffset when it triggers"},
    {"MIT", TD_GW_MIT, TD_EXCH_MARKET, AUX, "held until the price touches auxPrice"},
    {"LIT", TD_GW_LIT, TD_EXCH_LIMIT, AUX | LMT, "held until the price touches auxPrice"},
    {"MTL", TD_GW_MTL, TD_EXCH_LIMIT, 0, "a limit at the other side of the quote when it is sent"},
    {"REL", TD_GW_REL, TD_EXCH_LIMIT, 0, "own side of the quote and auxPrice, at most lmtPrice"},
    {"PEG MID", TD_GW_PEG_MID, TD_EXCH_LIMIT, 0, "follows the middle, at most lmtPrice"},
    {"PEGMID", TD_GW_PEG_MID, TD_EXCH_LIMIT, 0, "another name of PEG MID"},
    {"MIDPRICE", TD_GW_PEG_MID, TD_EXCH_LIMIT, 0, "follows the middle, at most lmtPrice"},
    {"PEG BEST", TD_GW_PEG_BEST, TD_EXCH_LIMIT, 0, "follows its own side of the quote"},
    {"PEGBEST", TD_GW_PEG_BEST, TD_EXCH_LIMIT, 0, "another name of PEG BEST"},
    {"MOC", TD_GW_MOC, TD_EXCH_MARKET, STOCK_ONLY,
     "sent two seconds before the close: there is no auction book"},
    {"LOC", TD_GW_LOC, TD_EXCH_LIMIT, LMT | STOCK_ONLY, "the same with a limit"},
    {"VOL", TD_GW_VOL, TD_EXCH_LIMIT, OPTION_ONLY,
     "a limit by the option model, follows the stock"},
};

static const struct {
    const char *name;
    uint8_t tif;
    const char *note;
} tifs[] = {
    {"", TD_EXCH_DAY, NULL},
    {"DAY", TD_EXCH_DAY, "until the close of the hours it may work in"},
    {"GTC", TD_EXCH_GTC, "until it is cancelled"},
    {"IOC", TD_EXCH_IOC, "what fills at once"},
    {"FOK", TD_EXCH_FOK, "all at once or nothing"},
    {"GTD", TD_EXCH_GTC, "until goodTillDate"},
    {"OPG", TD_EXCH_OPG,
     "MKT and LMT of stocks: sent right after the next open, the rest is cancelled"},
};

/* ---- attributes ---- */

enum shape { BOOL, INT, E9, TEXT, LIST };

struct attribute {
    const char *name;
    uint8_t treatment, shape;
    size_t at;
    int32_t code; /* REFUSED */
    const char *text;
};

#define AT(member) offsetof(struct td_tws_order, member)
#define MODELLED(name, shape, member, note)                                                        \
    {                                                                                              \
        name, TD_GW_MODELLED, shape, AT(member), 0, note                                           \
    }
#define ECHOED(name, shape, member, note)                                                          \
    {                                                                                              \
        name, TD_GW_ECHOED, shape, AT(member), 0, note                                             \
    }
#define REFUSED(name, shape, member, code, text)                                                   \
    {                                                                                              \
        name, TD_GW_REFUSED, shape, AT(member), code, text                                         \
    }
#define NO(name, shape, member, what) REFUSED(name, shape, member, 201, NOT_MODELLED what)
#define QUIET                         "no effect: nobody sees our orders"

static const struct attribute attributes[] = {
    MODELLED("outsideRth", BOOL, outside_rth, ""),
    MODELLED("parentId, transmit", INT, parent_id,
             "brackets; children begin when the parent fills"),
    MODELLED("ocaGroup, ocaType", TEXT, oca_group, "1 ends the others, 2 and 3 reduce them"),
    MODELLED("whatIf", BOOL, what_if, "margin and commission, no order"),
    MODELLED("goodAfterTime", TEXT, good_after_time, "held until then"),
    MODELLED("goodTillDate", TEXT, good_till_date, "with tif GTD"),
    MODELLED(
        "conditions", LIST, conditions,
        "up to 8: price, time, margin, execution, volume, percent change; to begin or to cancel"),
    MODELLED("triggerMethod", INT, trigger_method, "0, 2 last; 4 bid or ask; 8 middle; others 201"),
    MODELLED("trailStopPrice, trailingPercent", E9, trail_stop_price, ""),
    MODELLED("lmtPriceOffset", E9, lmt_price_offset, "TRAIL LIMIT"),
    MODELLED("adjustedOrderType, triggerPrice, adjusted*", TEXT, adjusted_order_type,
             "STP, STP LMT, TRAIL, TRAIL LIMIT into one another"),
    MODELLED("volatility", E9, volatility_e9, "VOL orders; else echoed"),
    ECHOED("hidden", BOOL, hidden, QUIET),
    ECHOED("displaySize", INT, display_size, QUIET),
    ECHOED("blockOrder, sweepToFill, notHeld, solicited", BOOL, block_order, QUIET),
    ECHOED("optOutSmartRouting, orderMiscOptions", BOOL, opt_out_smart_routing, "one venue"),
    ECHOED("randomizeSize, randomizePrice", BOOL, randomize_size, QUIET),
    ECHOED("openClose, origin, rule80A", TEXT, open_close, ""),
    ECHOED("settlingFirm, clearingAccount, clearingIntent", TEXT, settling_firm, ""),
    ECHOED("shortSaleSlot, designatedLocation, exemptCode", INT, short_sale_slot,
           "everything can be sold short"),
    ECHOED("overridePercentageConstraints, usePriceMgmtAlgo", BOOL, override_percentage_constraints,
           "there are no such constraints"),
    ECHOED("softDollarTier, customerAccount, professionalCustomer, extOperator", TEXT,
           soft_dollar_name, ""),
    ECHOED("mifid2*, manualOrderTime, manualOrderIndicator", TEXT, mifid2_decision_maker, ""),
    ECHOED("smartComboRoutingParams, dontUseAutoPriceForHedge", LIST, smart_combo_params, ""),
    REFUSED("eTradeOnly", BOOL, e_trade_only, 10268,
            "The 'EtradeOnly' order attribute is not supported."),
    REFUSED("firmQuoteOnly", BOOL, firm_quote_only, 10269,
            "The 'FirmQuoteOnly' order attribute is not supported."),
    REFUSED("nbboPriceCap", E9, nbbo_price_cap, 10270,
            "The 'NbboPriceCap' order attribute is not supported."),
    NO("allOrNone", BOOL, all_or_none, "all-or-none orders"),
    NO("minQty", INT, min_qty, "minimum quantities"),
    NO("cashQty", E9, cash_qty, "cash quantities"),
    NO("discretionaryAmt", E9, discretionary_amt, "discretionary amounts"),
    NO("discretionaryUpToLimitPrice", BOOL, discretionary_up_to_limit, "discretionary amounts"),
    NO("algoStrategy", TEXT, algo_strategy, "algorithms"),
    NO("scalePriceIncrement", E9, scale_price_increment, "scale orders"),
    NO("scaleInitLevelSize", INT, scale_init_level_size, "scale orders"),
    NO("scaleTable", TEXT, scale_table, "scale orders"),
    NO("activeStartTime", TEXT, active_start_time, "scale orders"),
    NO("activeStopTime", TEXT, active_stop_time, "scale orders"),
    NO("hedgeType", TEXT, hedge_type, "hedges"),
    NO("deltaNeutralOrderType", TEXT, dn_order_type, "hedges"),
    NO("faGroup", TEXT, fa_group, "advisor orders"),
    NO("faMethod", TEXT, fa_method, "advisor orders"),
    NO("faPercentage", TEXT, fa_percentage, "advisor orders"),
    NO("faProfile", TEXT, fa_profile, "advisor orders"),
    NO("modelCode", TEXT, model_code, "model portfolios"),
    NO("auctionStrategy", INT, auction_strategy, "BOX auctions"),
    NO("startingPrice", E9, starting_price, "BOX auctions"),
    NO("stockRefPrice", E9, stock_ref_price, "orders relative to a stock price"),
    NO("delta", E9, delta_e9, "orders relative to a stock price"),
    NO("stockRangeLower", E9, stock_range_lower, "orders relative to a stock price"),
    NO("stockRangeUpper", E9, stock_range_upper, "orders relative to a stock price"),
    NO("duration", INT, duration, "durations"),
    NO("postToAts", INT, post_to_ats, "the ATS of the broker"),
    NO("minTradeQty", INT, min_trade_qty, "the ATS of the broker"),
    NO("minCompeteSize", INT, min_compete_size, "competing with single orders"),
    NO("autoCancelParent", BOOL, auto_cancel_parent, "children that cancel their parent"),
    NO("isOmsContainer", BOOL, is_oms_container, "OMS containers"),
    NO("includeOvernight", BOOL, include_overnight, "the overnight session"),
    NO("imbalanceOnly", BOOL, imbalance_only, "auction imbalances"),
    NO("continuousUpdate", BOOL, continuous_update, "a choice: VOL orders always follow"),
};

static bool is_used(const struct td_tws_order *o, const struct attribute *a)
{
    const char *at = (const char *)o + a->at;
    struct td_str text;
    int64_t e9;
    int32_t number;
    bool on;
    switch ((enum shape)a->shape) {
    case BOOL:
        memcpy(&on, at, sizeof on);
        return on;
    case INT:
        memcpy(&number, at, sizeof number);
        return number != TD_TWS_INT_NONE && number > 0;
    case E9:
        memcpy(&e9, at, sizeof e9);
        return e9 != TD_E9_NONE && e9 != 0;
    case TEXT:
        memcpy(&text, at, sizeof text);
        return text.len > 0;
    case LIST: /* a pointer, then the count */
        memcpy(&number, at + sizeof(void *), sizeof number);
        return number > 0;
    }
    return false;
}

static struct td_gw_verdict judge_attributes(const struct td_tws_place_order *p)
{
    if (p->contract.delta_neutral.present)
        return (struct td_gw_verdict){201, NOT_MODELLED "delta-neutral combinations"};
    for (uint32_t i = 0; i < p->contract.legs.n; i++)
        if (!td_px_is_none(p->contract.legs.p[i].px))
            return (struct td_gw_verdict){201, NOT_MODELLED "prices of single legs"};
    if (!td_gw_echo_fits(&p->order))
        return (struct td_gw_verdict){321, INVALID "The order's texts and lists are too long"};
    for (size_t i = 0; i < TD_COUNT(attributes); i++)
        if (attributes[i].treatment == TD_GW_REFUSED && is_used(&p->order, &attributes[i]))
            return (struct td_gw_verdict){attributes[i].code, attributes[i].text};
    return (struct td_gw_verdict){0, ""};
}

bool td_gw_rule(uint32_t n, struct td_gw_rule *out)
{
    if (n < TD_COUNT(types)) {
        *out = (struct td_gw_rule){types[n].name, types[n].note, TD_GW_MODELLED, 0};
        return true;
    }
    n -= (uint32_t)TD_COUNT(types) - 1; /* the empty time in force is no row */
    if (n < TD_COUNT(tifs)) {
        *out = (struct td_gw_rule){tifs[n].name, tifs[n].note, TD_GW_MODELLED, 0};
        return true;
    }
    n -= (uint32_t)TD_COUNT(tifs);
    if (n >= TD_COUNT(attributes))
        return false;
    const struct attribute *a = &attributes[n];
    const char *reason = strstr(a->text, "does not model ");
    *out = (struct td_gw_rule){a->name, reason ? reason + strlen("does not model ") : a->text,
                               a->treatment, a->code};
    return true;
}

/* ---- reading ---- */

static struct td_gw_verdict fine(void)
{
    return (struct td_gw_verdict){0, ""};
}

static bool is_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

static struct td_gw_verdict read_type(const struct td_gateway *g,
                                      const struct td_tws_place_order *p, uint32_t sym,
                                      struct td_exch_order *venue, struct td_gw_hold *hold)
{
    const struct td_tws_order *o = &p->order;
    const struct td_universe_row *row = &g->universe.rows[sym];
    struct td_tick_rule rule = {0};
    size_t i = 0;
    while (i < TD_COUNT(types) && !td_str_is(o->order_type, types[i].name))
        i++;
    if (i == TD_COUNT(types) ||
        ((types[i].needs & STOCK_ONLY) && strcmp(row->inst.sec_type, "STK") != 0) ||
        ((types[i].needs & OPTION_ONLY) && !row->right))
        return (struct td_gw_verdict){
            387, "Unsupported order type for this exchange and security type."};
    hold->type = types[i].type;
    venue->type = types[i].venue;
    const td_px asked[] = {o->lmt_price, o->aux_price};
    const bool checked = td_universe_ticks(row, &rule) && hold->type != TD_GW_MKT;
    for (int k = 0; k < 2; k++) {
        const bool needed = types[i].needs & (k ? AUX : LMT);
        if (needed && !is_price(asked[k]))
            return (struct td_gw_verdict){321,
                                          INVALID "The price this order type needs is missing"};
        if (checked && is_price(asked[k]) && !td_tick_is_on(&rule, asked[k]))
            return (struct td_gw_verdict){
                110,
                "The price does not conform to the minimum price variation for this contract."};
    }
    return fine();
}

static void read_prices(const struct td_tws_order *o, struct td_exch_order *venue,
                        struct td_gw_hold *hold)
{
    const bool limit = venue->type == TD_EXCH_LIMIT || venue->type == TD_EXCH_STOP_LIMIT;
    const bool stop = venue->type == TD_EXCH_STOP || venue->type == TD_EXCH_STOP_LIMIT;
    venue->limit_px = limit && is_price(o->lmt_price) ? o->lmt_price : TD_PX_NONE;
    venue->stop_px = stop ? o->aux_price : TD_PX_NONE;
    hold->cap = is_price(o->lmt_price) ? o->lmt_price : TD_PX_NONE;
    hold->pegged = hold->type == TD_GW_REL || hold->type == TD_GW_PEG_MID ||
                   hold->type == TD_GW_PEG_BEST || hold->type == TD_GW_VOL;
    hold->peg_offset = hold->type == TD_GW_REL && is_price(o->aux_price) ? o->aux_price : TD_PX(0);
    hold->volatility = o->volatility_e9;
    if (hold->type == TD_GW_MIT || hold->type == TD_GW_LIT) {
        hold->wait |= TD_GW_WAIT_TOUCH;
        hold->stop = o->aux_price;
    }
}

static struct td_gw_verdict read_trail(const struct td_tws_order *o, struct td_exch_order *venue,
                                       struct td_gw_hold *hold)
{
    const bool percent = o->trailing_percent_e9 != TD_E9_NONE && o->trailing_percent_e9 > 0;
    if (hold->type != TD_GW_TRAIL && hold->type != TD_GW_TRAIL_LIMIT)
        return fine();
    if (percent ? o->trailing_percent_e9 >= 100 * TD_E9 : !is_price(o->aux_price))
        return (struct td_gw_verdict){
            321, INVALID "A trailing order needs an amount (auxPrice) or a percent below 100"};
    const td_px first = is_price(o->trail_stop_price) ? o->trail_stop_price : TD_PX_NONE;
    venue->trail = percent ? TD_PX_NONE : o->aux_price;
    venue->stop_px = first;
    if (!percent && hold->type == TD_GW_TRAIL)
        return fine(); /* the exchange holds it */
    hold->wait |= TD_GW_WAIT_STOP;
    hold->stop = first;
    hold->trail = venue->trail;
    hold->trail_percent = percent ? o->trailing_percent_e9 : 0;
    if (hold->type == TD_GW_TRAIL_LIMIT) {
        const bool offset = !td_px_is_none(o->lmt_price_offset);
        hold->limit_offset = offset ? o->lmt_price_offset : TD_PX_NONE;
        if (!offset && !is_price(o->lmt_price))
            return (struct td_gw_verdict){321, INVALID
                                          "A TRAIL LIMIT order needs lmtPriceOffset or lmtPrice"};
    }
    return fine();
}

/* Stops that change, and stops that watch another price than the last: held here, not at the exchange. */
static struct td_gw_verdict read_stop(const struct td_tws_order *o, struct td_exch_order *venue,
                                      struct td_gw_hold *hold)
{
    static const uint8_t methods[] = {0, 2, 4, 8};
    const bool stop = hold->type >= TD_GW_STP && hold->type <= TD_GW_TRAIL_LIMIT;
    const bool adjusts = o->adjusted_order_type.len && !td_str_is(o->adjusted_order_type, "None");
    size_t i = 0;
    while (i < TD_COUNT(methods) && methods[i] != o->trigger_method)
        i++;
    if (i == TD_COUNT(methods))
        return (struct td_gw_verdict){201, NOT_MODELLED "that trigger method"};
    hold->method = methods[i];
    if (adjusts) {
        for (i = 0; i < TD_COUNT(types); i++)
            if (td_str_is(o->adjusted_order_type, types[i].name) && types[i].type >= TD_GW_STP &&
                types[i].type <= TD_GW_TRAIL_LIMIT)
                break;
        const bool trails = i < TD_COUNT(types) && types[i].type >= TD_GW_TRAIL;
        if (!stop || i == TD_COUNT(types) || !is_price(o->trigger_price) ||
            (trails ? o->adjusted_trailing_amount_e9 == TD_E9_NONE ||
                          o->adjusted_trailing_amount_e9 <= 0
                    : !is_price(o->adjusted_stop_price)))
            return (struct td_gw_verdict){
                321, INVALID "An adjusted stop needs a stop order, an adjusted stop type, its "
                             "trigger price and its stop price or trailing amount"};
        hold->adjust_at = o->trigger_price;
        hold->adjust_to = types[i].type;
        hold->adjust_stop = o->adjusted_stop_price;
        hold->adjust_limit = o->adjusted_stop_limit_price;
        hold->adjust_trail = o->adjusted_trailing_amount_e9;
        hold->adjust_percent = o->adjustable_trailing_unit == 100;
    }
    if (!stop || !(adjusts || hold->method > 2) || (hold->wait & TD_GW_WAIT_STOP))
        return fine();
    hold->wait |= TD_GW_WAIT_STOP;
    hold->stop = hold->type == TD_GW_TRAIL ? venue->stop_px : o->aux_price;
    hold->trail = hold->type == TD_GW_TRAIL ? o->aux_price : TD_PX_NONE;
    return fine();
}

/* ---- times ---- */

static struct td_gw_verdict bad_time(void)
{
    return (struct td_gw_verdict){
        10314, "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd "
               "hh:mm:ss xx/xxxx or yyyymmdd-hh:mm:ss."};
}

/* When an order for a bell is sent; 0 when there is no more session in the calendar. */
static td_ns bell(const struct td_gateway *g, bool opening)
{
    struct td_session_hours h;
    int64_t day = td_tz_day(g->new_york, g->now);
    for (int i = 0; i < 10; i++, day++) {
        if (!td_calendar_session(&td_calendar_xnys, g->new_york, day, &h))
            continue;
        const td_ns at = opening ? h.open : h.close - BEFORE_CLOSE;
        if (at > g->now)
            return at;
    }
    return 0;
}

static struct td_gw_verdict read_times(struct td_gateway *g, const struct td_tws_order *o,
                                       const struct td_universe_row *row,
                                       struct td_exch_order *venue, struct td_gw_hold *hold)
{
    const bool gtd = td_str_is(o->tif, "GTD");
    bool bare = false;
    size_t i = 0;
    while (i < TD_COUNT(tifs) && !td_str_is(o->tif, tifs[i].name))
        i++;
    if (i == TD_COUNT(tifs))
        return (struct td_gw_verdict){201, "Order rejected - reason:The time-in-force is invalid."};
    venue->tif = tifs[i].tif;
    const enum td_err after = td_gw_time_parse(g, o->good_after_time, &hold->good_after, &bare);
    const enum td_err till = td_gw_time_parse(g, o->good_till_date, &hold->good_till, &bare);
    if (after == TD_EPARSE || till == TD_EPARSE)
        return bad_time();
    if (gtd != (till == TD_OK) || (gtd && hold->good_till <= g->now))
        return (struct td_gw_verdict){
            201, "Order rejected - reason:tif GTD and a goodTillDate in the future go together"};
    if (gtd && td_str_trim(o->good_till_date).len == 8)
        hold->good_till += TD_DAY; /* a date alone: to the end of that day */
    hold->wait |= after == TD_OK && hold->good_after > g->now ? TD_GW_WAIT_TIME : 0;
    const bool opening = venue->tif == TD_EXCH_OPG;
    if (!opening && hold->type != TD_GW_MOC && hold->type != TD_GW_LOC)
        return fine();
    if (opening && (hold->type > TD_GW_LMT || strcmp(row->inst.sec_type, "STK") != 0))
        return (struct td_gw_verdict){201, NOT_MODELLED "OPG but for MKT and LMT of stocks"};
    if (!opening && venue->tif != TD_EXCH_DAY)
        return (struct td_gw_verdict){113, "MOC and LOC orders need the time-in-force DAY."};
    hold->auction = bell(g, opening);
    hold->wait |= TD_GW_WAIT_AUCTION;
    venue->tif = opening ? TD_EXCH_IOC : TD_EXCH_DAY;
    return hold->auction ? fine()
                         : (struct td_gw_verdict){201, NOT_MODELLED "sessions past its calendar"};
}

/* ---- conditions ---- */

static bool is_condition(struct td_gateway *g, const struct td_tws_condition *c)
{
    struct td_gw_symbol *s;
    td_ns at = 0;
    bool bare = false;
    switch (c->type) {
    case TD_TWS_COND_TIME:
        return td_gw_time_parse(g, c->time, &at, &bare) == TD_OK;
    case TD_TWS_COND_MARGIN:
    case TD_TWS_COND_EXECUTION:
        return true;
    case TD_TWS_COND_PRICE:
    case TD_TWS_COND_VOLUME:
    case TD_TWS_COND_PERCENT:
        return td_gw_condition_symbol(g, c->con_id, &s);
    default:
        return false;
    }
}

static struct td_gw_verdict read_conditions(struct td_gateway *g, const struct td_tws_order *o,
                                            struct td_gw_hold *hold)
{
    if (o->conditions.n > CONDITIONS)
        return (struct td_gw_verdict){321, INVALID "An order has at most 8 conditions"};
    for (uint32_t i = 0; i < o->conditions.n; i++)
        if (!is_condition(g, &o->conditions.p[i]))
            return (struct td_gw_verdict){321, INVALID
                                          "A condition's type, time or contract is unknown"};
    if (o->conditions.n && !o->conditions_cancel_order)
        hold->wait |= TD_GW_WAIT_CONDITIONS;
    return fine();
}

/* ---- all of it ---- */

static struct td_gw_verdict read_size(const struct td_tws_order *o, struct td_exch_order *venue)
{
    static const char *const sells[] = {"SELL", "SSHORT", "SLONG"};
    bool known = td_str_is(o->action, "BUY");
    for (size_t i = 0; i < TD_COUNT(sells); i++)
        if (td_str_is(o->action, sells[i])) {
            venue->action = TD_SELL;
            known = true;
        }
    if (!known)
        return (struct td_gw_verdict){321, INVALID "Invalid side"};
    if (td_qty_is_none(o->total_quantity) || o->total_quantity.e9 <= 0)
        return (struct td_gw_verdict){434, "The order size cannot be zero."};
    if (o->total_quantity.e9 % TD_E9)
        return (struct td_gw_verdict){10243, "Fractional-sized order cannot be placed via API. "
                                             "Please submit without fractional sizing."};
    return fine();
}

struct td_gw_verdict td_gw_judge(struct td_gateway *g, const struct td_tws_place_order *p,
                                 uint32_t sym, struct td_exch_order *venue, struct td_gw_hold *hold)
{
    const struct td_tws_order *o = &p->order;
    *venue = (struct td_exch_order){.action = TD_BUY,
                                    .qty = o->total_quantity,
                                    .outside_rth = o->outside_rth,
                                    .limit_px = TD_PX_NONE,
                                    .stop_px = TD_PX_NONE,
                                    .trail = TD_PX_NONE};
    *hold = (struct td_gw_hold){.stop = TD_PX_NONE,
                                .trail = TD_PX_NONE,
                                .limit_offset = TD_PX_NONE,
                                .cap = TD_PX_NONE,
                                .adjust_at = TD_PX_NONE};
    struct td_gw_verdict v = read_size(o, venue);
    if (!v.code)
        v = read_type(g, p, sym, venue, hold);
    if (!v.code)
        read_prices(o, venue, hold);
    if (!v.code)
        v = read_trail(o, venue, hold);
    if (!v.code)
        v = read_times(g, o, &g->universe.rows[sym], venue, hold);
    if (!v.code)
        v = judge_attributes(p);
    if (!v.code)
        v = read_stop(o, venue, hold);
    if (!v.code && hold->type == TD_GW_VOL &&
        (o->volatility_e9 == TD_E9_NONE || o->volatility_e9 <= 0))
        v = (struct td_gw_verdict){321, INVALID "A VOL order needs a volatility"};
    return v.code ? v : read_conditions(g, o, hold);
}
