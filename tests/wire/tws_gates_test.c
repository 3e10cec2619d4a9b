/* tests/wire/tws_gates_test.c - where fields come and go, counted by hand from the reference, and the blocks of orders
 * (conformance 3, 7, 8, 12, and parts of 5 and 6). The tables under test are not asked what they hold. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "wire/tws_field.h"

static uint8_t block[1 << 16];

static enum td_err decode(const char *fields, int32_t version, bool request, struct td_tws_msg *out,
                          struct td_tws_decoded *info)
{
    static char bytes[8192];
    static struct td_arena arena;
    const size_t len = strlen(fields);
    assert_true(len < sizeof bytes);
    td_arena_init(&arena, block, sizeof block);
    for (size_t i = 0; i < len; i++)
        bytes[i] = fields[i] == '|' ? '\0' : fields[i];
    const struct td_tws_codec codec = {version, request, &arena};
    return td_tws_decode(&codec, (struct td_str){bytes, len}, out, info);
}

static const char *encode(const struct td_tws_msg *msg, int32_t version)
{
    static char text[8192];
    size_t len = 0;
    const struct td_tws_codec codec = {.version = version, .request = td_tws_is_request(msg->kind)};
    TD_OK_OR_FAIL(td_tws_encode(&codec, msg, (uint8_t *)text, sizeof text - 1, &len));
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] ? text[i] : '|';
    text[len] = '\0';
    return text;
}

static int fields_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '|';
    return n;
}

static int bare_fields(uint16_t kind, int32_t version)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, kind);
    return fields_of(encode(&msg, version));
}

/* --- where the number of fields changes: tws-protocol 4, every gate from 158 to 200 --- */

static const struct {
    uint16_t kind;
    int32_t version, more;
} gates[] = {
    {TD_TWS_PLACE_ORDER, 158, 1},   /* duration */
    {TD_TWS_PLACE_ORDER, 160, 1},   /* postToAts */
    {TD_TWS_PLACE_ORDER, 162, 1},   /* autoCancelParent */
    {TD_TWS_PLACE_ORDER, 166, 1},   /* advancedErrorOverride */
    {TD_TWS_PLACE_ORDER, 169, 1},   /* manualOrderTime */
    {TD_TWS_PLACE_ORDER, 177, -1},  /* faProfile */
    {TD_TWS_PLACE_ORDER, 183, 1},   /* customerAccount */
    {TD_TWS_PLACE_ORDER, 184, 1},   /* professionalCustomer */
    {TD_TWS_PLACE_ORDER, 187, 2},   /* the two RFQ placeholders come */
    {TD_TWS_PLACE_ORDER, 189, 1},   /* includeOvernight */
    {TD_TWS_PLACE_ORDER, 190, -2},  /* ... and go */
    {TD_TWS_PLACE_ORDER, 192, 1},   /* manualOrderIndicator */
    {TD_TWS_PLACE_ORDER, 199, 1},   /* imbalanceOnly */
    {TD_TWS_CANCEL_ORDER, 169, 1},  /* manualCancelTime */
    {TD_TWS_CANCEL_ORDER, 187, 3},  /* three placeholders */
    {TD_TWS_CANCEL_ORDER, 190, -3}, /* go */
    {TD_TWS_CANCEL_ORDER, 192, 1},  /* version goes, extOperator and indicator come */
    {TD_TWS_REQ_GLOBAL_CANCEL, 192, 1},
    {TD_TWS_REQ_EXECUTIONS, 200, 2}, /* lastNDays, number of days */
    {TD_TWS_REQ_CONTRACT_DETAILS, 176, 1},
    {TD_TWS_EXERCISE_OPTIONS, 180, 1},   /* manualOrderTime */
    {TD_TWS_EXERCISE_OPTIONS, 183, 1},   /* customerAccount */
    {TD_TWS_EXERCISE_OPTIONS, 184, 1},   /* professionalCustomer */
    {TD_TWS_REQ_WSH_EVENT_DATA, 171, 4}, /* filter and three watch flags */
    {TD_TWS_REQ_WSH_EVENT_DATA, 173, 3}, /* startDate, endDate, totalLimit */
    {TD_TWS_OPEN_ORDER, 158, 1},
    {TD_TWS_OPEN_ORDER, 160, 1},
    {TD_TWS_OPEN_ORDER, 162, 1},
    {TD_TWS_OPEN_ORDER, 170, 5}, /* five of peg best, always */
    {TD_TWS_OPEN_ORDER, 177, -1},
    {TD_TWS_OPEN_ORDER, 183, 1},
    {TD_TWS_OPEN_ORDER, 184, 1},
    {TD_TWS_OPEN_ORDER, 185, 1}, /* bondAccruedInterest */
    {TD_TWS_OPEN_ORDER, 189, 1},
    {TD_TWS_OPEN_ORDER, 193, 2},  /* extOperator, manualOrderIndicator */
    {TD_TWS_OPEN_ORDER, 195, 13}, /* margin currency, 9 margins, size, reason, allocations */
    {TD_TWS_OPEN_ORDER, 198, 1},  /* submitter */
    {TD_TWS_OPEN_ORDER, 199, 1},
    {TD_TWS_COMPLETED_ORDER, 170, 5},
    {TD_TWS_COMPLETED_ORDER, 177, -1},
    {TD_TWS_COMPLETED_ORDER, 183, 1},
    {TD_TWS_COMPLETED_ORDER, 184, 1},
    {TD_TWS_COMPLETED_ORDER, 198, 1},
    {TD_TWS_EXECUTION_DATA, 178, 1},   /* pendingPriceRevision */
    {TD_TWS_EXECUTION_DATA, 198, 1},   /* submitter */
    {TD_TWS_ERROR, 166, 1},            /* advancedOrderRejectJson */
    {TD_TWS_ERROR, 194, 0},            /* version goes, errorTime comes */
    {TD_TWS_HISTORICAL_DATA, 196, -2}, /* start, end */
    {TD_TWS_CONTRACT_DATA, 163, 1},    /* sizeMinTick */
    {TD_TWS_CONTRACT_DATA, 164,
     0}, /* version, mdSizeMultiplier, sizeMinTick go; three sizes come */
    {TD_TWS_CONTRACT_DATA, 182, 1}, /* lastTradeDate */
    {TD_TWS_CONTRACT_DATA, 186, 1}, /* number of ineligibility reasons */
    {TD_TWS_BOND_CONTRACT_DATA, 164, 1},
    {TD_TWS_BOND_CONTRACT_DATA, 188, 3}, /* timeZoneId, tradingHours, liquidHours */
};

static int expected_change(uint16_t kind, int32_t version)
{
    for (size_t i = 0; i < TD_COUNT(gates); i++)
        if (gates[i].kind == kind && gates[i].version == version)
            return gates[i].more;
    return 0;
}

/* Every message at every step of every version: fields come and go where the reference says, and nowhere else. */
static void fields_come_and_go_at_the_gates_alone(void **state)
{
    (void)state;
    int steps = 0, changes = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const struct td_tws_layout *layout = td_tws_layout_of(kind);
        for (int32_t v = 158; layout && v <= 200; v++) {
            if (layout->since >= v)
                continue;
            const int change = bare_fields(kind, v) - bare_fields(kind, v - 1);
            if (change != expected_change(kind, v))
                fail_msg("%s at %d: %+d fields, the reference has %+d", layout->name, v, change,
                         expected_change(kind, v));
            steps++;
            changes += change != 0;
        }
    }
    assert_int_equal(changes, TD_COUNT(gates) - 2); /* two gates exchange as many as they take */
    print_message("%d steps of versions, %d with a change\n", steps, changes);
}

/* RFQ placeholders: 187, 188 and 189 alone, and with their literal values. */
static void placeholders_are_there_for_three_versions(void **state)
{
    (void)state;
    struct td_tws_msg place, cancel;
    td_tws_msg_init(&place, TD_TWS_PLACE_ORDER);
    td_tws_order_init(&place.place_order.order);
    td_tws_msg_init(&cancel, TD_TWS_CANCEL_ORDER);
    for (int32_t v = 157; v <= 200; v++) {
        const bool rfq = v >= 187 && v < 190;
        const char *text = encode(&cancel, v);
        assert_int_equal(strstr(text, "|||2147483647|") != NULL, rfq || v >= 192);
        text = encode(&place, v);
        const char *end = v == 189 ? "|2147483647|0|" : "|2147483647|";
        const size_t n = strlen(text), m = strlen(end);
        assert_int_equal(n > m && strcmp(text + n - m, end) == 0, rfq);
    }
}

/* --- orders: each conditional block adds what the reference counts, and the last field is still the last --- */

static const struct td_tws_leg legs[] = {{.con_id = 1,
                                          .ratio = 2,
                                          .action = {"BUY", 3},
                                          .exchange = {"SMART", 5},
                                          .exempt_code = -1,
                                          .px = {TD_E9}},
                                         {.con_id = 3,
                                          .ratio = 4,
                                          .action = {"SELL", 4},
                                          .exchange = {"SMART", 5},
                                          .exempt_code = -1,
                                          .px = {TD_E9_NONE}}};
static const struct td_tws_tag tags[] = {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"2", 1}}};

static void bag(struct td_tws_place_order *p)
{
    p->contract.sec_type = td_str_of("BAG");
    p->contract.legs.p = legs;
    p->contract.legs.n = 2;
    p->order.smart_combo_params.p = tags;
    p->order.smart_combo_params.n = 1;
}
static void volatility(struct td_tws_place_order *p)
{
    p->order.order_type = td_str_of("VOL");
    p->order.volatility_e9 = TD_E9;
    p->order.dn_order_type = td_str_of("MKT");
    p->order.dn_con_id = 5;
}
static void scale(struct td_tws_place_order *p)
{
    p->order.scale_price_increment = (td_px){1};
}
static void scale_of_zero(struct td_tws_place_order *p)
{
    p->order.scale_price_increment = (td_px){0};
}
static void hedge(struct td_tws_place_order *p)
{
    p->order.hedge_type = td_str_of("P");
}
static void algo(struct td_tws_place_order *p)
{
    p->order.algo_strategy = td_str_of("Vwap");
    p->order.algo_params.p = tags;
    p->order.algo_params.n = 2;
}
static void pegged_to(struct td_tws_place_order *p, const char *type)
{
    p->order.order_type = td_str_of(type);
}
static void peg_bench(struct td_tws_place_order *p)
{
    pegged_to(p, "PEG BENCH");
}
static void pegbench(struct td_tws_place_order *p)
{
    pegged_to(p, "PEGBENCH");
}
static void peg_best(struct td_tws_place_order *p)
{
    pegged_to(p, "PEG BEST");
}
static void peg_best_to_mid(struct td_tws_place_order *p)
{
    pegged_to(p, "PEGBEST");
    p->order.compete_offset_e9 = TD_TWS_INFINITY;
}
static void peg_mid(struct td_tws_place_order *p)
{
    pegged_to(p, "PEG MID");
}
static void ibkrats(struct td_tws_place_order *p)
{
    p->contract.exchange = td_str_of("IBKRATS");
    p->order.min_trade_qty = 9;
}
static void delta_neutral(struct td_tws_place_order *p)
{
    p->contract.delta_neutral.present = true;
}

static const struct {
    const char *name;
    void (*fill)(struct td_tws_place_order *p);
    int more, more_before_170;
} blocks[] = {
    {"BAG", bag, 1 + 2 * 8 + 1 + 2 + 1 + 2, 1 + 2 * 8 + 1 + 2 + 1 + 2},
    {"VOL with delta neutral", volatility, 8, 8},
    {"scale", scale, 7, 7},
    {"scale of zero", scale_of_zero, 0, 0},
    {"hedge", hedge, 1, 1},
    {"algo", algo, 1 + 2 * 2, 1 + 2 * 2},
    {"PEG BENCH", peg_bench, 5, 5},
    {"PEGBENCH", pegbench, 5, 5},
    {"PEG BEST", peg_best, 2, 0},
    {"PEG BEST up to mid", peg_best_to_mid, 4, 0},
    {"PEG MID", peg_mid, 2, 0},
    {"IBKRATS", ibkrats, 1, 0},
    {"delta-neutral contract", delta_neutral, 3, 3},
};

static struct td_tws_msg plain_order(void)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    td_tws_order_init(&msg.place_order.order);
    msg.place_order.order.order_type = td_str_of("LMT");
    msg.place_order.order.imbalance_only = true; /* the last field at 200 */
    return msg;
}

static void read_back(const char *name, const char *text, int32_t version)
{
    struct td_tws_msg read;
    struct td_tws_decoded info;
    const enum td_err err = decode(text, version, true, &read, &info);
    if (err || info.surplus)
        fail_msg("%s at %d: %s at %s, %zu bytes left", name, version, td_err_name(err),
                 info.at ? info.at : "?", info.surplus);
    assert_int_equal(read.place_order.order.imbalance_only, version >= 199);
    assert_string_equal(encode(&read, version), text);
}

static void each_block_adds_its_fields(void **state)
{
    (void)state;
    static char text[8192];
    for (size_t i = 0; i < TD_COUNT(blocks); i++)
        for (int32_t v = 157; v <= 200; v++) {
            struct td_tws_msg msg = plain_order();
            const int plain = fields_of(encode(&msg, v));
            blocks[i].fill(&msg.place_order);
            (void)td_str_copy(td_str_of(encode(&msg, v)), text, sizeof text);
            const int more = fields_of(text) - plain;
            if (more != (v < 170 ? blocks[i].more_before_170 : blocks[i].more))
                fail_msg("%s at %d: %+d fields", blocks[i].name, v, more);
            read_back(blocks[i].name, text, v);
        }
}

static void each_condition_has_its_fields(void **state)
{
    (void)state;
    static const struct {
        int32_t type;
        const char *fields; /* type, a or o, and the rest as the reference lists it */
    } rows[] = {
        {TD_TWS_COND_PRICE, "1|a|1|10.5|7|NASDAQ|2|"},
        {TD_TWS_COND_TIME, "3|a|1|20261121 10:00:00 UTC|"},
        {TD_TWS_COND_MARGIN, "4|a|1|30|"},
        {TD_TWS_COND_EXECUTION, "5|a|STK|NASDAQ|AAPL|"},
        {TD_TWS_COND_VOLUME, "6|a|1|900|7|NASDAQ|"},
        {TD_TWS_COND_PERCENT, "7|a|1|2.5|7|NASDAQ|"},
    };
    static char text[8192];
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_tws_condition c = {.type = rows[i].type,
                                           .all = true,
                                           .is_more = true,
                                           .con_id = 7,
                                           .trigger_method = 2,
                                           .percent = 30,
                                           .volume = 900,
                                           .price = {10500000000},
                                           .change_e9 = 2500000000,
                                           .exchange = td_str_of("NASDAQ"),
                                           .sec_type = td_str_of("STK"),
                                           .symbol = td_str_of("AAPL"),
                                           .time = td_str_of("20261121 10:00:00 UTC")};
        char expected[200];
        struct td_tws_msg msg = plain_order();
        const int plain = fields_of(encode(&msg, 200));
        msg.place_order.order.conditions.p = &c;
        msg.place_order.order.conditions.n = 1;
        msg.place_order.order.conditions_cancel_order = true;
        (void)td_str_copy(td_str_of(encode(&msg, 200)), text, sizeof text);
        (void)snprintf(expected, sizeof expected, "|1|%s0|1|", rows[i].fields);
        if (!strstr(text, expected))
            fail_msg("condition %d: no %s in %s", rows[i].type, expected, text);
        assert_int_equal(fields_of(text) - plain, fields_of(rows[i].fields) + 2);
        read_back("condition", text, 200);
    }
}

/* Seventeen fields more for a fund, since 179. */
static void funds_have_a_block(void **state)
{
    (void)state;
    for (int32_t v = 157; v <= 200; v++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
        const int plain = fields_of(encode(&msg, v));
        msg.contract_data.contract.sec_type = td_str_of("FUND");
        assert_int_equal(fields_of(encode(&msg, v)) - plain, v >= 179 ? 17 : 0);
    }
}

/* --- openOrder with the literal None --- */

/* A plain order as gateways send it, at 200, id 1 to 64 and then 74 on: fields 65 to 72 come with "None" alone. */
#define OPEN_HEAD                                                                                  \
    "5|8|265598|AAPL|STK||0|?||SMART|USD|AAPL|NMS|" /* 1-13  */                                    \
    "BUY|100|LMT|190.5|0.0|"                        /* 14-18 */                                    \
    "DAY||DU1234567||0|ref|7|1234567890123|0|0|"    /* 19-28 */                                    \
    "0||1234567890123.0/DU1234567/7||||"            /* 29-34 */                                    \
    "|20261231 16:00:00||||"                        /* 36-40 */                                    \
    "0||-1|0||||||2147483647|0|0|0||3|0|0||0|0|"    /* 41-60 */                                    \
    "|0|"                                           /* 61-62 */
#define OPEN_TAIL                                                                                  \
    "0|0|||"                           /* 73-76 */                                                 \
    "|||0|0|0|2147483647|2147483647||" /* 77-85 */                                                 \
    "|0||IB|0|0||"                     /* 87-94 */                                                 \
    "0|0|PreSubmitted|"                /* 95-97 */                                                 \
    "1|2|3|4|5|6|7|8|9|"               /* 98-106 */                                                \
    "||||USD||||||||||||0||"           /* 107-112 */                                               \
    "0|0|0|None|1.7976931348623157E308|1.7976931348623157E308|1.7976931348623157E308|"             \
    "1.7976931348623157E308|1.7976931348623157E308|1.7976931348623157E308|0|" /* 113-124 */        \
    "|||0|1|0|0|0|||0||||||cust|0||0|||sub|1|"                                /* 125-148 */

static void check_open(const char *text, const char *type)
{
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    const enum td_err err = decode(text, 200, false, &msg, &info);
    if (err || info.surplus)
        fail_msg("%s: %s at %s, %zu bytes left", type, td_err_name(err), info.at ? info.at : "?",
                 info.surplus);
    const struct td_tws_order *o = &msg.open_order.order;
    assert_true(td_str_is(o->dn_order_type, type));
    assert_true(td_str_is(o->dn_open_close, *type ? "?" : ""));
    assert_true(td_str_is(o->clearing_intent, "IB"));
    assert_true(td_str_is(msg.open_order.state.status, "PreSubmitted"));
    assert_true(td_str_is(msg.open_order.state.init_margin_before, "1"));
    assert_true(td_str_is(msg.open_order.state.equity_after, "9"));
    assert_true(td_str_is(o->adjusted_order_type, "None"));
    assert_int_equal(o->cash_qty.e9, 0);
    assert_true(td_px_is_none(o->trigger_price));
    assert_true(o->dont_use_auto_price_for_hedge);
    assert_true(td_str_is(o->customer_account, "cust"));
    assert_true(td_str_is(o->submitter, "sub"));
    assert_true(o->imbalance_only);
}

static void none_counts_as_an_order_type(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    check_open(OPEN_HEAD "None||0||||?|0|0||" OPEN_TAIL, "None");
    check_open(OPEN_HEAD "||" OPEN_TAIL, "");
    /* Without its eight fields "None" shifts everything behind it: that is noticed. */
    assert_true(decode(OPEN_HEAD "None||" OPEN_TAIL, 200, false, &msg, &info) != TD_OK);
}

/* --- texts and decimals --- */

static void long_names_are_unescaped(void **state)
{
    (void)state;
    static const struct {
        const char *wire, *text;
    } rows[] = {{"caf\\u00e9 \\u20ac", "caf\xc3\xa9 \xe2\x82\xac"},
                {"caf\xc3\xa9", "caf\xc3\xa9"},
                {"caf\xe9", "caf\xe9"}}; /* Latin-1 passes */
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        static char text[8192];
        struct td_tws_msg msg, read;
        struct td_tws_decoded info;
        td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
        msg.contract_data.long_name = td_str_of("@@");
        const char *bare = encode(&msg, 200), *at = strstr(bare, "@@");
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - bare), bare, rows[i].wire, at + 2);
        TD_OK_OR_FAIL(decode(text, 200, false, &read, &info));
        assert_true(td_str_is(read.contract_data.long_name, rows[i].text));
        assert_int_equal(info.surplus, 0);
    }
}

/* Sizes travel digit by digit in both directions, in text and in protobuf. */
static void sizes_keep_every_digit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t e9;
    } sizes[] = {{"0.00000001", 10},
                 {"123456789.123456789", INT64_C(123456789123456789)},
                 {"0.000000001", 1}};
    static const int32_t versions[] = {157, 200, 213};
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        for (size_t v = 0; v < TD_COUNT(versions); v++) {
            uint8_t bytes[256];
            size_t len;
            struct td_arena arena;
            struct td_tws_msg msg, read;
            struct td_tws_decoded info;
            td_arena_init(&arena, block, sizeof block);
            const struct td_tws_codec codec = {versions[v], false, &arena};
            td_tws_msg_init(&msg, TD_TWS_TICK_SIZE);
            msg.tick_size.size.e9 = sizes[i].e9;
            TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, bytes, sizeof bytes, &len));
            bytes[len] = '\0';
            const size_t n = strlen(sizes[i].text);
            bool there = false;
            for (size_t at = 0; at + n <= len; at++)
                there |= memcmp(bytes + at, sizes[i].text, n) == 0;
            assert_true(there);
            TD_OK_OR_FAIL(td_tws_decode(&codec, (struct td_str){(char *)bytes, len}, &read, &info));
            assert_int_equal(read.tick_size.size.e9, sizes[i].e9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_and_go_at_the_gates_alone),
        cmocka_unit_test(placeholders_are_there_for_three_versions),
        cmocka_unit_test(each_block_adds_its_fields),
        cmocka_unit_test(each_condition_has_its_fields),
        cmocka_unit_test(funds_have_a_block),
        cmocka_unit_test(none_counts_as_an_order_type),
        cmocka_unit_test(long_names_are_unescaped),
        cmocka_unit_test(sizes_keep_every_digit),
    };
    return cmocka_run_group_tests_name("wire/tws_gates", tests, NULL, NULL);
}
