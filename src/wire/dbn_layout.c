/* wire/dbn_layout.c - the tables of all records but definitions, and reading and writing a field by its row. */
#include "wire/dbn_layout.h"

#include <stddef.h>
#include <string.h>

#include "wire/dbn_rows.h"

/* clang-format off */
#define FLAGS  "0x80 last of its event, 0x40 top of book, 0x20 snapshot, 0x10 aggregated, 0x08 bad ts_recv, 0x04 maybe bad book"
#define ACTION "A add, C cancel, M modify, R clear, T trade, F fill, N none"
#define SIDE   "A ask, B bid, N none; of a trade the aggressor"

/* What trades and books have alike. */
#define TRADE \
    M(px, "price", 16, 8, PX, NONE, "price of the order or trade"), \
    M(qty, "size", 24, 4, U32, NONE, "quantity of the order or trade"), \
    M(action, "action", 28, 1, CHAR, 0, ACTION), \
    M(side, "side", 29, 1, CHAR, 'N', SIDE), \
    M(flags, "flags", 30, 1, U8, 0, FLAGS), \
    M(depth, "depth", 31, 1, U8, 0, "level of the book that changed, 0 best"), \
    M(ts_recv, "ts_recv", 32, 8, TIME, NONE, "the vendor's receipt"), \
    M(ts_in_delta, "ts_in_delta", 40, 4, I32, 0, "ns from the venue sending to ts_recv"), \
    M(sequence, "sequence", 44, 4, U32, 0, "the venue's message number")

#define L(n, name, at, bytes, type, fill, meaning) \
    {name, at, bytes, TD_DBN_##type, fill, 1 + n, 0, meaning}
#define LEVEL(n, at) \
    L(n, "bid_px_0" #n, at, 8, PX, NONE, "bid"), \
    L(n, "ask_px_0" #n, at + 8, 8, PX, NONE, "ask"), \
    L(n, "bid_sz_0" #n, at + 16, 4, U32, 0, "quantity bid"), \
    L(n, "ask_sz_0" #n, at + 20, 4, U32, 0, "quantity asked"), \
    L(n, "bid_ct_0" #n, at + 24, 4, U32, 0, "orders that bid"), \
    L(n, "ask_ct_0" #n, at + 28, 4, U32, 0, "orders that ask")
#define CONSOLIDATED(at) \
    L(0, "bid_px_00", at, 8, PX, NONE, "best bid of all venues"), \
    L(0, "ask_px_00", at + 8, 8, PX, NONE, "best ask of all venues"), \
    L(0, "bid_sz_00", at + 16, 4, U32, 0, "quantity bid"), \
    L(0, "ask_sz_00", at + 20, 4, U32, 0, "quantity asked"), \
    L(0, "bid_pb_00", at + 24, 2, U16, 0, "publisher_id of the bid"), \
    R(at + 26, 2), \
    L(0, "ask_pb_00", at + 28, 2, U16, 0, "publisher_id of the ask"), \
    R(at + 30, 2)

static const struct td_dbn_field mbo[] = {
    HEAD,
    M(order_id, "order_id", 16, 8, U64, 0, "the venue's order number"),
    M(px, "price", 24, 8, PX, NONE, "price of the order or trade"),
    M(qty, "size", 32, 4, U32, NONE, "quantity of the order or trade"),
    M(flags, "flags", 36, 1, U8, 0, FLAGS),
    M(channel, "channel_id", 37, 1, U8, 0, "the venue's channel"),
    M(action, "action", 38, 1, CHAR, 0, ACTION),
    M(side, "side", 39, 1, CHAR, 'N', SIDE),
    M(ts_recv, "ts_recv", 40, 8, TIME, NONE, "the vendor's receipt"),
    M(ts_in_delta, "ts_in_delta", 48, 4, I32, 0, "ns from the venue sending to ts_recv"),
    M(sequence, "sequence", 52, 4, U32, 0, "the venue's message number"),
};

static const struct td_dbn_field trade[] = {
    HEAD,
    TRADE,
};

static const struct td_dbn_field mbp1[] = {
    HEAD,
    TRADE,
    LEVEL(0, 48),
};

static const struct td_dbn_field mbp10[] = {
    HEAD,
    TRADE,
    LEVEL(0, 48),
    LEVEL(1, 80),
    LEVEL(2, 112),
    LEVEL(3, 144),
    LEVEL(4, 176),
    LEVEL(5, 208),
    LEVEL(6, 240),
    LEVEL(7, 272),
    LEVEL(8, 304),
    LEVEL(9, 336),
};

static const struct td_dbn_field bbo[] = {
    HEAD,
    M(px, "price", 16, 8, PX, NONE, "price of the last trade"),
    M(qty, "size", 24, 4, U32, NONE, "quantity of the last trade"),
    R(28, 1),
    M(side, "side", 29, 1, CHAR, 'N', SIDE),
    M(flags, "flags", 30, 1, U8, 0, FLAGS),
    R(31, 1),
    M(ts_recv, "ts_recv", 32, 8, TIME, NONE, "the vendor's receipt"),
    R(40, 4),
    M(sequence, "sequence", 44, 4, U32, 0, "the venue's message number"),
    LEVEL(0, 48),
};

static const struct td_dbn_field cmbp1[] = {
    HEAD,
    M(px, "price", 16, 8, PX, NONE, "price of the order or trade"),
    M(qty, "size", 24, 4, U32, NONE, "quantity of the order or trade"),
    M(action, "action", 28, 1, CHAR, 0, ACTION),
    M(side, "side", 29, 1, CHAR, 'N', SIDE),
    M(flags, "flags", 30, 1, U8, 0, FLAGS),
    R(31, 1),
    M(ts_recv, "ts_recv", 32, 8, TIME, NONE, "the vendor's receipt"),
    M(ts_in_delta, "ts_in_delta", 40, 4, I32, 0, "ns from the venue sending to ts_recv"),
    R(44, 4),
    CONSOLIDATED(48),
};

static const struct td_dbn_field cbbo[] = {
    HEAD,
    M(px, "price", 16, 8, PX, NONE, "price of the last trade"),
    M(qty, "size", 24, 4, U32, NONE, "quantity of the last trade"),
    R(28, 1),
    M(side, "side", 29, 1, CHAR, 'N', SIDE),
    M(flags, "flags", 30, 1, U8, 0, FLAGS),
    R(31, 1),
    M(ts_recv, "ts_recv", 32, 8, TIME, NONE, "the vendor's receipt"),
    R(40, 8),
    CONSOLIDATED(48),
};

static const struct td_dbn_field ohlcv[] = {
    HEAD,
    M(open, "open", 16, 8, PX, NONE, "first price"),
    M(high, "high", 24, 8, PX, NONE, "highest price"),
    M(low, "low", 32, 8, PX, NONE, "lowest price"),
    M(close, "close", 40, 8, PX, NONE, "last price"),
    M(volume, "volume", 48, 8, U64, 0, "quantity traded"),
};

static const struct td_dbn_field status[] = {
    HEAD,
    M(ts_recv, "ts_recv", 16, 8, TIME, NONE, "the vendor's receipt"),
    M(status_action, "action", 24, 2, U16, 0, "7 trading, 8 halt, 9 pause, 10 suspend, 12 close"),
    M(status_reason, "reason", 26, 2, U16, 0, "why: 50 limit up or down, 120 to 122 market-wide halt"),
    F("trading_event", 28, 2, U16, 0, "further effect, 0 none"),
    F("is_trading", 30, 1, CHAR, 0, "Y, N, ~ unknown"),
    F("is_quoting", 31, 1, CHAR, 0, "Y, N, ~ unknown"),
    F("is_short_sell_restricted", 32, 1, CHAR, 0, "Y, N, ~ unknown"),
    R(33, 7),
};

static const struct td_dbn_field imbalance[] = {
    HEAD,
    M(ts_recv, "ts_recv", 16, 8, TIME, NONE, "the vendor's receipt"),
    M(px, "ref_price", 24, 8, PX, NONE, "price at which the shares are counted"),
    F("auction_time", 32, 8, TIME, NONE, "when the auction takes place"),
    F("cont_book_clr_price", 40, 8, PX, NONE, "clearing price of auction and continuous orders"),
    F("auct_interest_clr_price", 48, 8, PX, NONE, "clearing price of auction orders alone"),
    F("ssr_filling_price", 56, 8, PX, NONE, "price under a short-sale restriction"),
    F("ind_match_price", 64, 8, PX, NONE, "indicative match price"),
    F("upper_collar", 72, 8, PX, NONE, "highest auction price"),
    F("lower_collar", 80, 8, PX, NONE, "lowest auction price"),
    F("paired_qty", 88, 4, U32, NONE, "quantity matched at ref_price"),
    F("total_imbalance_qty", 92, 4, U32, NONE, "quantity not matched at ref_price"),
    F("market_imbalance_qty", 96, 4, U32, NONE, "market orders not matched"),
    F("unpaired_qty", 100, 4, U32, NONE, "quantity unpaired after the auction"),
    F("auction_type", 104, 1, CHAR, '~', "the venue's letter of the auction"),
    M(side, "side", 105, 1, CHAR, 'N', "side of total_imbalance_qty: A, B, N"),
    F("auction_status", 106, 1, U8, 0, "the venue's number"),
    F("freeze_status", 107, 1, U8, 0, "the venue's number"),
    F("num_extensions", 108, 1, U8, 0, "times the auction was extended"),
    F("unpaired_side", 109, 1, CHAR, 'N', "side of unpaired_qty"),
    F("significant_imbalance", 110, 1, CHAR, '~', "the venue's letter"),
    R(111, 1),
};

static const struct td_dbn_field statistics_v1[] = {
    HEAD,
    M(ts_recv, "ts_recv", 16, 8, TIME, NONE, NULL),
    F("ts_ref", 24, 8, TIME, NONE, NULL),
    M(px, "price", 32, 8, PX, NONE, NULL),
    M(stat_qty, "quantity", 40, 4, QTY32, NONE, NULL),
    M(sequence, "sequence", 44, 4, U32, 0, NULL),
    M(ts_in_delta, "ts_in_delta", 48, 4, I32, 0, NULL),
    M(stat_type, "stat_type", 52, 2, U16, 0, NULL),
    F("channel_id", 54, 2, U16, NONE, NULL),
    F("update_action", 56, 1, U8, 0, NULL),
    F("stat_flags", 57, 1, U8, 0, NULL),
    R(58, 6),
};

static const struct td_dbn_field statistics_v3[] = {
    HEAD,
    M(ts_recv, "ts_recv", 16, 8, TIME, NONE, "the vendor's receipt"),
    F("ts_ref", 24, 8, TIME, NONE, "the time the statistic is about"),
    M(px, "price", 32, 8, PX, NONE, "price of the statistic"),
    M(stat_qty, "quantity", 40, 8, I64, NONE, "quantity of the statistic"),
    M(sequence, "sequence", 48, 4, U32, 0, "the venue's message number"),
    M(ts_in_delta, "ts_in_delta", 52, 4, I32, 0, "ns from the venue sending to ts_recv"),
    M(stat_type, "stat_type", 56, 2, U16, 0, "what it is: 1 opening price, 3 settlement, 6 cleared volume, 9 open interest"),
    F("channel_id", 58, 2, U16, NONE, "the venue's channel"),
    F("update_action", 60, 1, U8, 0, "1 new, 2 delete"),
    F("stat_flags", 61, 1, U8, 0, "detail of some types"),
    R(62, 18),
};

static const struct td_dbn_field error_v1[] = {
    HEAD,
    F("err", 16, 64, TEXT, 0, NULL),
};

static const struct td_dbn_field error_v2[] = {
    HEAD,
    F("err", 16, 302, TEXT, 0, "text of the error"),
    F("code", 318, 1, U8, NONE, "number of the text"),
    F("is_last", 319, 1, U8, NONE, "last of several"),
};

static const struct td_dbn_field system_v1[] = {
    HEAD,
    F("msg", 16, 64, TEXT, 0, NULL),
};

static const struct td_dbn_field system_v2[] = {
    HEAD,
    F("msg", 16, 303, TEXT, 0, "text of the message"),
    F("code", 319, 1, U8, NONE, "number of the text"),
};

static const struct td_dbn_field mapping_v1[] = {
    HEAD,
    F("stype_in_symbol", 16, 22, TEXT, 0, NULL),
    F("stype_out_symbol", 38, 22, TEXT, 0, NULL),
    R(60, 4),
    F("start_ts", 64, 8, TIME, NONE, NULL),
    F("end_ts", 72, 8, TIME, NONE, NULL),
};

static const struct td_dbn_field mapping_v2[] = {
    HEAD,
    F("stype_in", 16, 1, U8, NONE, "symbology of the input"),
    F("stype_in_symbol", 17, 71, TEXT, 0, "symbol asked for"),
    F("stype_out", 88, 1, U8, NONE, "symbology of the output"),
    F("stype_out_symbol", 89, 71, TEXT, 0, "symbol it means"),
    F("start_ts", 160, 8, TIME, NONE, "from"),
    F("end_ts", 168, 8, TIME, NONE, "to, exclusive"),
};
/* clang-format on */

#define ROWS(table) TD_COUNT(table), table

/* rtypes: unused places repeat the first. */
#define ONE(t)                                                                                     \
    {                                                                                              \
        t, t, t, t, t, t                                                                           \
    }
#define TWO(a, b)                                                                                  \
    {                                                                                              \
        a, b, a, a, a, a                                                                           \
    }

static const struct td_dbn_layout layouts[] = {
    {"mbo", ONE(TD_DBN_MBO), 1, 3, 0, false, 56, ROWS(mbo)},
    {"trade", ONE(TD_DBN_TRADE), 1, 3, 0, false, 48, ROWS(trade)},
    {"mbp-1", ONE(TD_DBN_MBP1), 1, 3, 1, false, 80, ROWS(mbp1)},
    {"mbp-10", ONE(TD_DBN_MBP10), 1, 3, TD_DBN_LEVELS, false, 368, ROWS(mbp10)},
    {"bbo", TWO(TD_DBN_BBO_1S, TD_DBN_BBO_1M), 1, 3, 1, false, 80, ROWS(bbo)},
    {"cmbp-1", TWO(TD_DBN_CMBP1, TD_DBN_TCBBO), 1, 3, 1, true, 80, ROWS(cmbp1)},
    {"cbbo", TWO(TD_DBN_CBBO_1S, TD_DBN_CBBO_1M), 1, 3, 1, true, 80, ROWS(cbbo)},
    {"ohlcv",
     {TD_DBN_OHLCV_OLD, TD_DBN_OHLCV_1S, TD_DBN_OHLCV_1M, TD_DBN_OHLCV_1H, TD_DBN_OHLCV_1D,
      TD_DBN_OHLCV_EOD},
     1,
     3,
     0,
     false,
     56,
     ROWS(ohlcv)},
    {"status", ONE(TD_DBN_STATUS), 1, 3, 0, false, 40, ROWS(status)},
    {"imbalance", ONE(TD_DBN_IMBALANCE), 1, 3, 0, false, 112, ROWS(imbalance)},
    {"statistics", ONE(TD_DBN_STATISTICS), 1, 2, 0, false, 64, ROWS(statistics_v1)},
    {"statistics", ONE(TD_DBN_STATISTICS), 3, 3, 0, false, 80, ROWS(statistics_v3)},
    {"definition", ONE(TD_DBN_DEFINITION), 1, 1, 0, false, 360, ROWS(td_dbn_definition_v1)},
    {"definition", ONE(TD_DBN_DEFINITION), 2, 2, 0, false, 400, ROWS(td_dbn_definition_v2)},
    {"definition", ONE(TD_DBN_DEFINITION), 3, 3, 0, false, 520, ROWS(td_dbn_definition_v3)},
    {"error", ONE(TD_DBN_ERROR), 1, 1, 0, false, 80, ROWS(error_v1)},
    {"error", ONE(TD_DBN_ERROR), 2, 3, 0, false, 320, ROWS(error_v2)},
    {"system", ONE(TD_DBN_SYSTEM), 1, 1, 0, false, 80, ROWS(system_v1)},
    {"system", ONE(TD_DBN_SYSTEM), 2, 3, 0, false, 320, ROWS(system_v2)},
    {"mapping", ONE(TD_DBN_MAPPING), 1, 1, 0, false, 80, ROWS(mapping_v1)},
    {"mapping", ONE(TD_DBN_MAPPING), 2, 3, 0, false, 176, ROWS(mapping_v2)},
};
/* clang-format on */

const struct td_dbn_layout *td_dbn_layouts(size_t *count)
{
    *count = TD_COUNT(layouts);
    return layouts;
}

const struct td_dbn_layout *td_dbn_layout_of(uint8_t rtype, uint8_t version)
{
    for (size_t i = 0; i < TD_COUNT(layouts); i++) {
        const struct td_dbn_layout *l = &layouts[i];
        if (version >= l->since && version <= l->until &&
            memchr(l->rtypes, rtype, sizeof l->rtypes))
            return l;
    }
    return NULL;
}

const struct td_dbn_field *td_dbn_field_of(const struct td_dbn_layout *layout, struct td_str name)
{
    for (size_t i = 0; i < layout->count; i++)
        if (layout->fields[i].type != TD_DBN_PAD && td_str_is(name, layout->fields[i].name))
            return &layout->fields[i];
    return NULL;
}

const struct td_dbn_field *td_dbn_index_field(const struct td_dbn_layout *layout)
{
    const struct td_dbn_field *recv = td_dbn_field_of(layout, td_str_of("ts_recv"));
    return recv ? recv : td_dbn_field_of(layout, td_str_of("ts_event"));
}

/* ---- values ---- */

static uint64_t read_bits(const uint8_t *p, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static bool is_signed(uint8_t type)
{
    return type == TD_DBN_I8 || type == TD_DBN_I16 || type == TD_DBN_I32 || type == TD_DBN_I64 ||
           type == TD_DBN_QTY32 || type == TD_DBN_PX;
}

/* The bits of a type's largest value. */
static uint64_t largest(const struct td_dbn_field *f)
{
    const uint64_t all = f->bytes == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * f->bytes) - 1;
    return is_signed(f->type) ? all >> 1 : all;
}

void td_dbn_get(const void *record, const struct td_dbn_field *field, struct td_dbn_value *out)
{
    const uint8_t *p = (const uint8_t *)record + field->at;
    *out = (struct td_dbn_value){0};
    if (field->type == TD_DBN_TEXT || field->type == TD_DBN_PAD) {
        const uint8_t *nul = field->type == TD_DBN_TEXT ? memchr(p, 0, field->bytes) : NULL;
        out->text = (struct td_str){(const char *)p, nul ? (size_t)(nul - p) : field->bytes};
        return;
    }
    uint64_t v = read_bits(p, field->bytes);
    const uint64_t most = largest(field);
    out->none = field->type == TD_DBN_CHAR ? v == 0 : field->fill == TD_DBN_NONE && v == most;
    if (is_signed(field->type) && v > most)
        v |= ~(most << 1 | 1);
    memcpy(&out->number, &v, sizeof v);
}

void td_dbn_put(void *record, const struct td_dbn_field *field, const struct td_dbn_value *value)
{
    uint8_t *p = (uint8_t *)record + field->at;
    if (field->type == TD_DBN_TEXT || field->type == TD_DBN_PAD) {
        const size_t room = field->type == TD_DBN_TEXT ? field->bytes - 1u : field->bytes;
        const size_t len = value->text.len < room ? value->text.len : room;
        memset(p, 0, field->bytes);
        if (value->text.p)
            memcpy(p, value->text.p, len);
        return;
    }
    uint64_t v;
    memcpy(&v, &value->number, sizeof v);
    if (value->none)
        v = field->type == TD_DBN_CHAR ? 0 : largest(field);
    for (size_t i = 0; i < field->bytes; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

void td_dbn_blank(void *record, const struct td_dbn_layout *layout, uint8_t rtype)
{
    uint8_t *p = record;
    memset(p, 0, layout->bytes);
    for (size_t i = 0; i < layout->count; i++) {
        const struct td_dbn_field *f = &layout->fields[i];
        const struct td_dbn_value v = {.none = f->fill == TD_DBN_NONE, .number = f->fill};
        if (f->fill != TD_DBN_ZERO)
            td_dbn_put(p, f, &v);
    }
    p[0] = (uint8_t)(layout->bytes / 4);
    p[1] = rtype;
}

/* ---- names ---- */

/* Number = place in the table. */
static const struct {
    const char *name;
    uint8_t rtype;
} schemas[] = {
    {"mbo", TD_DBN_MBO},
    {"mbp-1", TD_DBN_MBP1},
    {"mbp-10", TD_DBN_MBP10},
    {"tbbo", TD_DBN_MBP1},
    {"trades", TD_DBN_TRADE},
    {"ohlcv-1s", TD_DBN_OHLCV_1S},
    {"ohlcv-1m", TD_DBN_OHLCV_1M},
    {"ohlcv-1h", TD_DBN_OHLCV_1H},
    {"ohlcv-1d", TD_DBN_OHLCV_1D},
    {"definition", TD_DBN_DEFINITION},
    {"statistics", TD_DBN_STATISTICS},
    {"status", TD_DBN_STATUS},
    {"imbalance", TD_DBN_IMBALANCE},
    {"ohlcv-eod", TD_DBN_OHLCV_EOD},
    {"cmbp-1", TD_DBN_CMBP1},
    {"cbbo-1s", TD_DBN_CBBO_1S},
    {"cbbo-1m", TD_DBN_CBBO_1M},
    {"tcbbo", TD_DBN_TCBBO},
    {"bbo-1s", TD_DBN_BBO_1S},
    {"bbo-1m", TD_DBN_BBO_1M},
};

const char *td_dbn_schema_name(uint16_t schema)
{
    if (schema == TD_DBN_SCHEMA_MIXED)
        return "mixed";
    return schema < TD_COUNT(schemas) ? schemas[schema].name : NULL;
}

bool td_dbn_schema_find(struct td_str name, uint16_t *schema, uint8_t *rtype)
{
    for (size_t i = 0; i < TD_COUNT(schemas); i++)
        if (td_str_is(name, schemas[i].name)) {
            *schema = (uint16_t)i;
            *rtype = schemas[i].rtype;
            return true;
        }
    return false;
}

const char *td_dbn_stype_name(uint8_t stype)
{
    static const char *const names[] = {
        "instrument_id",   "raw_symbol", "smart",      "continuous", "parent",
        "nasdaq_symbol",   "cms_symbol", "isin",       "us_code",    "bbg_comp_id",
        "bbg_comp_ticker", "figi",       "figi_ticker"};
    return stype < TD_COUNT(names) ? names[stype] : NULL;
}
