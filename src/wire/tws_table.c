/* wire/tws_table.c - finds a message's table by kind and a kind by wire id; shared tuples; conditions. */
#include "wire/tws_table.h"

#include <string.h>

#define LAYOUT(name, id, since, member)                                                            \
    [TD_TWS_##                                                                                     \
        name] = {#name, td_tws_rows_##name, id, since, sizeof(((struct td_tws_msg *)0)->member)},
static const struct td_tws_layout layouts[TD_TWS_KINDS] = {TD_TWS_REQUESTS(LAYOUT)
                                                               TD_TWS_REPLIES(LAYOUT)};

#define KIND_OF(name, id, since, member) [id] = TD_TWS_##name,
static const uint8_t request_kinds[201] = {TD_TWS_REQUESTS(KIND_OF)};
static const uint8_t reply_kinds[201] = {TD_TWS_REPLIES(KIND_OF)};
_Static_assert(TD_TWS_KINDS <= 256, "kinds fit a byte");

const struct td_tws_layout *td_tws_layout_of(uint16_t kind)
{
    return kind < TD_TWS_KINDS && layouts[kind].rows ? &layouts[kind] : NULL;
}

uint16_t td_tws_kind_of(int32_t wire_id, bool request)
{
    const uint8_t *kinds = request ? request_kinds : reply_kinds;
    if (wire_id > 0 && wire_id <= 200 && kinds[wire_id])
        return kinds[wire_id];
    return request ? TD_TWS_OTHER_REQUEST : TD_TWS_OTHER_REPLY;
}

bool td_tws_text_only(uint16_t kind)
{
    return kind == TD_TWS_VERIFY_AND_AUTH_REQUEST || kind == TD_TWS_VERIFY_AND_AUTH_MESSAGE ||
           kind == TD_TWS_VERIFY_AND_AUTH_MESSAGE_API || kind == TD_TWS_VERIFY_AND_AUTH_COMPLETED ||
           kind == TD_TWS_TICK_EFP || kind == TD_TWS_DELTA_NEUTRAL_VALIDATION;
}

bool td_tws_is_request(uint16_t kind)
{
    return kind > TD_TWS_NONE && kind <= TD_TWS_OTHER_REQUEST;
}

const char *td_tws_kind_name(uint16_t kind)
{
    if (kind == TD_TWS_OTHER_REQUEST || kind == TD_TWS_OTHER_REPLY)
        return "OTHER";
    const struct td_tws_layout *layout = td_tws_layout_of(kind);
    return layout ? layout->name : "?";
}

static bool is_pegged(struct td_str order_type, const char *spaced, const char *joined)
{
    return td_str_is(order_type, spaced) || td_str_is(order_type, joined);
}

static bool has_offsets(const struct td_tws_order *order)
{
    return is_pegged(order->order_type, "PEG MID", "PEGMID") ||
           (is_pegged(order->order_type, "PEG BEST", "PEGBEST") &&
            order->compete_offset_e9 == TD_TWS_INFINITY);
}

static bool has_elements(const void *at)
{
    TD_TWS_LIST(td_tws_text) list; /* every list has this shape */
    memcpy(&list, at, sizeof list);
    return list.n > 0;
}

bool td_tws_row_holds(const struct td_tws_field *row, const uint8_t *base)
{
    const void *at = base + row->arg;
    switch (row->when) {
    case TD_W_TEXT:
        return ((const struct td_str *)at)->len > 0;
    case TD_W_IS:
        return td_str_is(*(const struct td_str *)at, row->text);
    case TD_W_FLAG:
        return *(const bool *)at;
    case TD_W_COUNT:
        return has_elements(at);
    case TD_W_VALUE:
        return row->values >> (*(const int32_t *)at & 31) & 1;
    case TD_W_SCALE:
        return ((const td_px *)at)->e9 > 0 && ((const td_px *)at)->e9 < TD_E9_NONE;
    case TD_W_PEG_BENCH:
        return is_pegged(*(const struct td_str *)at, "PEG BENCH", "PEGBENCH");
    case TD_W_PEG_BEST:
        return is_pegged(*(const struct td_str *)at, "PEG BEST", "PEGBEST");
    case TD_W_OFFSETS:
        return has_offsets(at);
    default:
        return true;
    }
}

bool td_tws_row_present(const struct td_tws_field *row, const uint8_t *base, int32_t version)
{
    return version >= row->since && (!row->until || version < row->until) &&
           (!row->when || td_tws_row_holds(row, base));
}

#define C(type, ...) TD_ROW(type, td_tws_contract, __VA_ARGS__)
#define C_REQUEST                                                                                  \
    C(I32, con_id), C(STR, symbol), C(STR, sec_type), C(STR, expiry), C(E9U, strike),              \
        C(STR, right), C(STR, multiplier), C(STR, exchange), C(STR, primary_exch),                 \
        C(STR, currency), C(STR, local_symbol), C(STR, trading_class)

const struct td_tws_field td_tws_c12[] = {C_REQUEST, TD_END};
const struct td_tws_field td_tws_c13[] = {C_REQUEST, C(BOOL, include_expired), TD_END};
const struct td_tws_field td_tws_cr11[] = {
    C(I32, con_id),   C(STR, symbol),       C(STR, sec_type),      C(STR, expiry),
    C(E9, strike),    C(STR, right),        C(STR, multiplier),    C(STR, exchange),
    C(STR, currency), C(STR, local_symbol), C(STR, trading_class), TD_END,
};

#define L(type, member) TD_ROW(type, td_tws_leg, member)
const struct td_tws_field td_tws_legs4[] = {
    L(I32, con_id), L(I32, ratio), L(STR, action), L(STR, exchange), TD_END,
};

#define N(type, member, number)                                                                    \
    TD_ROW(type, td_tws_delta_neutral, member, PB(number),                                         \
           TD_WHEN(FLAG, td_tws_delta_neutral, present))
const struct td_tws_field td_tws_dnc[] = {
    TD_ROW(BOOL, td_tws_delta_neutral, present),
    N(I32, con_id, 1),
    N(E9, delta_e9, 2),
    N(E9, price, 3),
    TD_END,
};

const struct td_tws_field td_tws_pair[] = {
    TD_ROW(STR, td_tws_tag, tag, PB(1)),
    TD_ROW(STR, td_tws_tag, value, PB(2)),
    TD_END,
};
const struct td_tws_field td_tws_word[] = {TD_ROW(STR, td_tws_text, text, PB_BARE), TD_END};
