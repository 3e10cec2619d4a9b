/* sim/gateway_scanner.c - market scanners over the symbols that play.
 *
 * One table of scan codes: name, what is ranked, direction. The parameters document lists exactly what the tables
 * here serve, in the layout clients parse (ScanParameterResponse). A scan ranks the open symbols by facts of their tape; it is
 * told again every 30 seconds of market time. Facts the simulator does not have (market capitalisation, ratings,
 * coupons, option volume) as a filter give note 492 and an empty list: nothing is known to fit.
 * Source: tws-protocol 4.6, error codes 162, 365, 385, 492.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define REFRESH   (30 * TD_SEC)
#define ROWS_MAX  50
#define XML_BYTES (24u * 1024)
#define SERVICE   "Historical Market Data Service error message:"

/* What a scan ranks; all as 1e-9 numbers, larger first unless the row says so. */
enum measure {
    M_CHANGE, /* last against the close before */
    M_FROM_OPEN,
    M_GAP, /* the regular open against the close before */
    M_VOLUME,
    M_VALUE,
    M_RELATIVE,   /* volume against a typical day's */
    M_HOT_PRICE,  /* size of the change against a typical day's move */
    M_RANGE,      /* high less low, against the close before */
    M_TRADES,     /* of the day */
    M_TRADE_RATE, /* of the last minute that traded */
    M_VOLUME_RATE,
    M_HALTED
};

static const struct {
    const char *code, *name;
    uint8_t measure;
    bool falling; /* the smallest first, and only below zero */
    bool rising;  /* only above zero */
} codes[] = {
    {"TOP_PERC_GAIN", "Top % Gainers", M_CHANGE, false, true},
    {"TOP_PERC_LOSE", "Top % Losers", M_CHANGE, true, false},
    {"TOP_OPEN_PERC_GAIN", "Top % Gainers Since Open", M_FROM_OPEN, false, true},
    {"TOP_OPEN_PERC_LOSE", "Top % Losers Since Open", M_FROM_OPEN, true, false},
    {"HIGH_OPEN_GAP", "Top Close-to-Open % Gainers", M_GAP, false, true},
    {"LOW_OPEN_GAP", "Top Close-to-Open % Losers", M_GAP, true, false},
    {"MOST_ACTIVE", "Most Active", M_VOLUME, false, true},
    {"MOST_ACTIVE_USD", "Most Active ($)", M_VALUE, false, true},
    {"HOT_BY_VOLUME", "Hot by Volume", M_RELATIVE, false, true},
    {"HOT_BY_PRICE", "Hot by Price", M_HOT_PRICE, false, true},
    {"HOT_BY_PRICE_RANGE", "Hot by Price Range", M_RANGE, false, true},
    {"TOP_TRADE_COUNT", "Top Trade Count", M_TRADES, false, true},
    {"TOP_TRADE_RATE", "Top Trade Rate", M_TRADE_RATE, false, true},
    {"TOP_VOLUME_RATE", "Top Volume Rate", M_VOLUME_RATE, false, true},
    {"HALTED", "Halted", M_HALTED, false, true},
};

static const struct {
    const char *code, *name;
    const char *instrument;
    const char *primary; /* NULL: every exchange of the instrument */
} locations[] = {
    {"STK.US", "US Stocks", "STK", NULL},      {"STK.US.MAJOR", "Listed/NASDAQ", "STK", NULL},
    {"STK.NYSE", "NYSE", "STK", "NYSE"},       {"STK.ARCA", "NYSE Arca", "STK", "ARCA"},
    {"STK.NASDAQ", "NASDAQ", "STK", "NASDAQ"}, {"FUT.US", "US Futures", "FUT.US", NULL},
    {"FUT.CME", "CME", "FUT.US", "CME"},       {"FUT.COMEX", "COMEX", "FUT.US", "COMEX"},
};

static const struct {
    const char *type, *name, *sec_type;
} instruments[] = {{"STK", "US Stocks", "STK"}, {"FUT.US", "US Futures", "FUT"}};

static const struct {
    const char *filter; /* of stockTypeFilter */
    const char *type;   /* of the universe, NULL: all */
} stock_types[] = {{"", NULL},          {"ALL", NULL},        {"CORP", "COMMON"},
                   {"STOCK", "COMMON"}, {"COMMON", "COMMON"}, {"ETF", "ETF"}};

/* Filters by name, also as tags of the filter options. `at` is the member they set. */
static const struct {
    const char *code, *name;
    size_t at;
} filters[] = {
    {"priceAbove", "Price above", offsetof(struct td_gw_scan, above_px)},
    {"priceBelow", "Price below", offsetof(struct td_gw_scan, below_px)},
    {"volumeAbove", "Volume above", offsetof(struct td_gw_scan, above_volume)},
    {"usdVolumeAbove", "Value traded above", offsetof(struct td_gw_scan, above_value)},
    {"changePercAbove", "% change above", offsetof(struct td_gw_scan, above_change)},
    {"changePercBelow", "% change below", offsetof(struct td_gw_scan, below_change)},
};

/* ---- the parameters document ---- */

static void put_instruments(struct td_text *t)
{
    td_text_put(t, "<InstrumentList varName=\"instrumentList\">");
    for (size_t i = 0; i < TD_COUNT(instruments); i++) {
        td_text_printf(t, "<Instrument><name>%s</name><type>%s</type><filters>",
                       instruments[i].name, instruments[i].type);
        for (size_t k = 0; k < TD_COUNT(filters); k++)
            td_text_printf(t, "%s%s", k ? "," : "", filters[k].code);
        td_text_printf(t,
                       "</filters><group>%s.GLOBAL</group><shortName>US</shortName></Instrument>",
                       instruments[i].sec_type);
    }
    td_text_put(t, "</InstrumentList>");
}

static void put_locations(struct td_text *t)
{
    td_text_put(t, "<LocationTree varName=\"locationTree\">");
    for (size_t i = 0; i < TD_COUNT(instruments); i++) {
        size_t n = 0;
        for (size_t k = 0; k < TD_COUNT(locations); k++) {
            if (strcmp(locations[k].instrument, instruments[i].type) != 0)
                continue;
            td_text_printf(t,
                           "<Location><displayName>%s</displayName><locationCode>%s</locationCode>"
                           "<instruments>%s</instruments>%s",
                           locations[k].name, locations[k].code, instruments[i].type,
                           n++ ? "</Location>" : "<LocationTree>");
        }
        td_text_put(t, "</LocationTree></Location>"); /* the first one holds the others */
    }
    td_text_put(t, "</LocationTree>");
}

static void put_codes(struct td_text *t)
{
    td_text_put(t, "<ScanTypeList varName=\"scanTypeList\">");
    for (size_t i = 0; i < TD_COUNT(codes); i++)
        td_text_printf(t,
                       "<ScanType><displayName>%s</displayName><scanCode>%s</scanCode>"
                       "<instruments>STK,FUT.US</instruments></ScanType>",
                       codes[i].name, codes[i].code);
    td_text_put(t, "</ScanTypeList>");
}

static void put_filters(struct td_text *t)
{
    td_text_put(t, "<FilterList varName=\"filterList\">");
    for (size_t i = 0; i < TD_COUNT(filters); i++)
        td_text_printf(t,
                       "<RangeFilter><id>%s</id><category>Prices</category><AbstractField "
                       "type=\"scanner.filter.DoubleField\" varName=\"%s\"><code>%s</code>"
                       "<codeNot>%sNot</codeNot><displayName>%s</displayName></AbstractField>"
                       "</RangeFilter>",
                       filters[i].code, filters[i].code, filters[i].code, filters[i].code,
                       filters[i].name);
    td_text_put(t, "</FilterList>");
}

void td_gw_req_scanner_parameters(struct td_gateway *g, struct td_gw_client *c,
                                  const struct td_tws_msg *m)
{
    char xml[XML_BYTES];
    struct td_text t;
    (void)m;
    td_text_init(&t, xml, sizeof xml);
    td_text_put(&t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ScanParameterResponse>");
    put_instruments(&t);
    put_locations(&t);
    put_codes(&t);
    put_filters(&t);
    td_text_put(&t, "</ScanParameterResponse>");
    TD_REQUIRE(!td_text_full(&t)); /* its size is that of the tables */
    td_tws_msg_init(&g->msg, TD_TWS_SCANNER_PARAMETERS);
    g->msg.text.text = (struct td_str){xml, t.len};
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- measuring ---- */

static int64_t ratio(int64_t a, int64_t b)
{
    int64_t out = 0;
    return b > 0 && td_e9_div(a, b, &out) == TD_OK ? out : 0;
}

static int64_t change_of(td_px from, td_px to)
{
    return td_px_is_none(from) || td_px_is_none(to) ? 0 : ratio(to.e9 - from.e9, from.e9);
}

static int64_t trades_of(const struct td_gw_symbol *s)
{
    const td_ns midnight = s->source.hours.ext_open;
    int64_t n = 0;
    for (uint32_t i = s->minute_count; i-- > 0 && s->minutes[i].start >= midnight;)
        n += s->minutes[i].bar.count;
    return n;
}

static int64_t measure(const struct td_gateway *g, const struct td_gw_symbol *s, uint8_t what)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const struct td_gw_minute *minute = s->minute_count ? &s->minutes[s->minute_count - 1] : NULL;
    const bool recent = minute && g->now - minute->start < 2 * TD_MIN;
    const int64_t change = change_of(s->prev_close, s->last);
    const td_px open = s->told.opened ? s->told.open : TD_PX_NONE;
    int64_t value = 0;
    switch ((enum measure)what) {
    case M_CHANGE:
        return change;
    case M_FROM_OPEN:
        return change_of(open, s->last);
    case M_GAP:
        return change_of(s->prev_close, open);
    case M_VOLUME:
        return s->volume.e9;
    case M_VALUE: /* in thousands: the value itself can be past the fixed-point range */
        return td_e9_from_double(s->value / 1000.0, &value) == TD_OK ? value : 0;
    case M_RELATIVE:
        return ratio(s->volume.e9, row->day_volume.e9);
    case M_HOT_PRICE:
        return row->volatility_bp > 0 ? (change < 0 ? -change : change) / row->volatility_bp : 0;
    case M_RANGE:
        return td_px_is_none(s->high) || td_px_is_none(s->prev_close)
                   ? 0
                   : ratio(s->high.e9 - s->low.e9, s->prev_close.e9);
    case M_TRADES:
        return trades_of(s);
    case M_TRADE_RATE:
        return recent ? minute->bar.count : 0;
    case M_VOLUME_RATE:
        return recent ? minute->bar.volume.e9 : 0;
    case M_HALTED:
        return s->status == TD_STATUS_HALTED;
    }
    return 0;
}

static bool within(int64_t value, int64_t above, int64_t below)
{
    return (above == TD_E9_NONE || value >= above) && (below == TD_E9_NONE || value <= below);
}

static bool fits(const struct td_gateway *g, const struct td_gw_symbol *s,
                 const struct td_gw_scan *scan)
{
    const struct td_universe_row *row = &g->universe.rows[s->row];
    const char *primary = locations[scan->location].primary;
    const char *type = stock_types[scan->stock_type].type;
    const bool future = strcmp(locations[scan->location].instrument, "STK") != 0;
    if (scan->blind || strcmp(row->inst.sec_type, future ? "FUT" : "STK") != 0 ||
        (primary && strcmp(primary, future ? row->inst.exchange : row->inst.primary) != 0) ||
        (type && !future && strcmp(type, row->stock_type) != 0) || td_px_is_none(s->last))
        return false;
    const int64_t percent = change_of(s->prev_close, s->last) * 100;
    return within(s->last.e9, scan->above_px, scan->below_px) &&
           within(s->volume.e9, scan->above_volume, TD_E9_NONE) &&
           (scan->above_value == TD_E9_NONE || s->value >= td_e9_to_double(scan->above_value)) &&
           within(percent, scan->above_change, scan->below_change);
}

/* ---- a list ---- */

struct ranked {
    uint32_t row;
    int64_t value;
};

/* Insertion by value; equal values keep the order of opening. */
static size_t rank(struct td_gateway *g, const struct td_gw_scan *scan,
                   struct ranked out[TD_INSTRUMENTS_MAX])
{
    size_t n = 0;
    for (uint32_t i = 0; i < g->opened_count; i++) {
        const struct td_gw_symbol *s = g->symbols[g->opened[i]];
        int64_t value = measure(g, s, codes[scan->code].measure);
        if (!fits(g, s, scan))
            continue;
        value = codes[scan->code].falling ? -value : value;
        if ((codes[scan->code].falling || codes[scan->code].rising) && value <= 0)
            continue;
        size_t at = n++;
        while (at > 0 && out[at - 1].value < value) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = (struct ranked){s->row, value};
    }
    return n < (size_t)scan->rows ? n : (size_t)scan->rows;
}

void td_gw_scan_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    struct ranked order[TD_INSTRUMENTS_MAX];
    struct td_tws_scan_row list[ROWS_MAX];
    const size_t n = rank(g, &sub->scan, order);
    memset(list, 0, sizeof list);
    for (size_t i = 0; i < n; i++) {
        list[i].rank = (int32_t)i;
        td_gw_fill_contract(g, order[i].row, NULL, &list[i].contract);
        list[i].market_name = td_str_of(g->universe.rows[order[i].row].inst.trading_class);
    }
    td_tws_msg_init(&g->msg, TD_TWS_SCANNER_DATA);
    g->msg.scanner.req_id = sub->req_id;
    g->msg.scanner.rows.p = list;
    g->msg.scanner.rows.n = (uint32_t)n;
    (void)td_gw_send(g, c, &g->msg);
    sub->next_ns = g->now + REFRESH;
}

/* ---- a request ---- */

static bool find_code(struct td_str text, uint8_t *out)
{
    for (size_t i = 0; i < TD_COUNT(codes); i++)
        if (td_str_is(text, codes[i].code)) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

static bool find_location(const struct td_tws_req_scanner *r, uint8_t *out)
{
    for (size_t i = 0; i < TD_COUNT(locations); i++)
        if (td_str_is(r->location, locations[i].code) &&
            td_str_is(r->instrument, locations[i].instrument)) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

static bool find_stock_type(struct td_str text, uint8_t *out)
{
    for (size_t i = 0; i < TD_COUNT(stock_types); i++)
        if (td_str_is(text, stock_types[i].filter)) {
            *out = (uint8_t)i;
            return true;
        }
    return false;
}

/* "tag=value;tag=value;" into the scan. False with the tag that is not served or has no number. */
static bool read_filters(struct td_str text, struct td_gw_scan *scan, struct td_str *bad)
{
    struct td_str pair;
    while (td_str_split(&text, ';', &pair)) {
        struct td_str value = td_str_trim(pair), tag;
        int64_t number = 0;
        size_t i = 0;
        if (!value.len)
            continue;
        (void)td_str_split(&value, '=', &tag);
        *bad = tag;
        while (i < TD_COUNT(filters) && !td_str_is(tag, filters[i].code))
            i++;
        if (i == TD_COUNT(filters) || td_e9_parse(value.p, value.len, &number) != TD_OK)
            return false;
        memcpy((char *)scan + filters[i].at, &number, sizeof number);
    }
    return true;
}

static bool is_set(int64_t e9)
{
    return e9 != TD_E9_NONE && e9 > 0;
}

/* Facts no tape has. */
static bool asks_blind(const struct td_tws_req_scanner *r)
{
    return is_set(r->market_cap_above.e9) || is_set(r->market_cap_below.e9) || r->moody_above.len ||
           r->moody_below.len || r->sp_above.len || r->sp_below.len || r->maturity_above.len ||
           r->maturity_below.len || is_set(r->coupon_above_e9) || is_set(r->coupon_below_e9) ||
           (r->average_option_volume_above != TD_TWS_INT_NONE &&
            r->average_option_volume_above > 0);
}

static struct td_gw_scan read_bounds(const struct td_tws_req_scanner *r)
{
    const bool volume = r->above_volume != TD_TWS_INT_NONE && r->above_volume > 0;
    return (struct td_gw_scan){
        .rows = r->rows > 0 && r->rows < ROWS_MAX ? r->rows : ROWS_MAX,
        .blind = asks_blind(r),
        .above_px = is_set(r->above_price.e9) ? r->above_price.e9 : TD_E9_NONE,
        .below_px = is_set(r->below_price.e9) ? r->below_price.e9 : TD_E9_NONE,
        .above_volume = volume ? (int64_t)r->above_volume * TD_E9 : TD_E9_NONE,
        .above_value = TD_E9_NONE,
        .above_change = TD_E9_NONE,
        .below_change = TD_E9_NONE};
}

/* False after an error was sent. */
static bool read_scan(struct td_gateway *g, struct td_gw_client *c,
                      const struct td_tws_req_scanner *r, struct td_gw_scan *scan)
{
    struct td_str bad = {NULL, 0};
    int open = 0;
    *scan = read_bounds(r);
    for (uint32_t i = 0; i < c->sub_count; i++)
        open += c->subs[i].kind == TD_GW_SCANNER;
    if (td_gw_sub_find(c, TD_GW_SCANNER, r->req_id))
        td_gw_error(g, c, r->req_id, 385, "Duplicate ticker ID for API scanner subscription");
    else if (open >= TD_GW_SCANNERS)
        td_gw_error(g, c, r->req_id, 162,
                    SERVICE "Only %d simultaneous API scanner subscriptions are allowed.",
                    TD_GW_SCANNERS);
    else if (!find_code(r->scan_code, &scan->code))
        td_gw_error(g, c, r->req_id, 162, SERVICE "Scanner type with code %.*s is disabled",
                    TD_STR_ARG(r->scan_code));
    else if (!find_location(r, &scan->location))
        td_gw_error(g, c, r->req_id, 162,
                    SERVICE "Instrument \"%.*s\" at location \"%.*s\" is not offered: ask "
                            "reqScannerParameters",
                    TD_STR_ARG(r->instrument), TD_STR_ARG(r->location));
    else if (!find_stock_type(r->stock_type, &scan->stock_type))
        td_gw_error(g, c, r->req_id, 162, SERVICE "Stock type filter \"%.*s\" is not offered",
                    TD_STR_ARG(r->stock_type));
    else if (r->setting_pairs.len)
        td_gw_error(g, c, r->req_id, 162, SERVICE "Scanner settings are not offered: \"%.*s\"",
                    TD_STR_ARG(r->setting_pairs));
    else if (!read_filters(r->filter_options, scan, &bad))
        td_gw_error(g, c, r->req_id, 162,
                    SERVICE "Scanner filter \"%.*s\" is not offered or has no number",
                    TD_STR_ARG(bad));
    else
        return true;
    return false;
}

void td_gw_req_scanner(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_scanner *r = &m->req_scanner;
    struct td_gw_scan scan;
    if (!read_scan(g, c, r, &scan))
        return;
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_SCANNER, r->req_id);
    if (!sub)
        return;
    sub->sym = UINT32_MAX;
    sub->scan = scan;
    if (scan.blind)
        td_gw_error(g, c, r->req_id, 492,
                    "You must subscribe for additional permissions to obtain precise results for "
                    "scanner: market caps, ratings, coupons and option volumes are unknown here.");
    td_gw_scan_send(g, c, sub);
}

void td_gw_cancel_scanner(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const int32_t id = m->req.req_id;
    if (!td_gw_sub_remove(c, TD_GW_SCANNER, id))
        td_gw_error(g, c, id, 365, "No scanner subscription found for ticker id:%d", (int)id);
    else
        td_gw_error(g, c, id, 162, SERVICE "API scanner subscription cancelled: %d", (int)id);
}
