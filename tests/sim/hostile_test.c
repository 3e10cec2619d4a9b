/* tests/sim/hostile_test.c - requests with one to three fields replaced by what no client should send. The gateway must
 * answer or close, never break; the address sanitizer and the ledger's own check are the oracles. */
#include "sim/wire_scene.h"

#include "base/random.h"

#define ROUNDS 2500

static const char *const templates[] = {
    "1|11|5|0|AAPL|STK||0.0|||SMART||USD|||0|233,mdoff,292:TDSIM|0|0||",
    "1|11|5|0|AAPL|BAG||0.0|||SMART||USD|||2|265598|1|BUY|SMART|756733|1|SELL|SMART|0||0|0||",
    "2|2|5|",
    "9|8|5|0|AAPL|OPT|202612|0.0|C|100|SMART||USD|||0||||",
    "10|5|5|0|AAPL|STK||0.0|||SMART||USD|||5|1||",
    "12|1|1|",
    "18|1|1|",
    "19|1|1|<ListOfGroups></ListOfGroups>|5|",
    "20|5|0|AAPL|STK||0.0|||SMART||USD|||0||1 day|10 D|1|SCHEDULE|1|0||",
    "21|2|5|800010020|AAPL|OPT|20261127|185|C|100|SMART|USD|||1|1|DU1234567|0|||0|",
    "22|5|10|STK|STK.US|MOST_ACTIVE|1|2|3|4|5|||||||||0|6||ALL|priceAbove=1;||",
    "23|1|5|",
    "52|2|5|265598|AAPL|STK|SMART|NASDAQ|USD|AAPL|ReportSnapshot||",
    "54|3|5|800010020|AAPL|OPT||0.0|||SMART||USD|||5|190||",
    "55|3|5|800010020|AAPL|OPT||0.0|||SMART||USD|||0.3|190||",
    "68|1|5|3|",
    "69|1|5|265598@SMART|",
    "78|5|AAPL||STK|265598|",
    "81|5|AAP|",
    "84|5|TDSIM|TDSIM$00000001||",
    "86|5|265598|TDSIM|2026-11-20 14:30:00.0|2026-11-20 15:30:00.0|50||",
    "88|5|0|AAPL|STK||0.0|||SMART||USD|||0|1|3 days|",
    "96|5|0|AAPL|STK||0.0|||SMART||USD|||0|20261120-14:40:00||20|TRADES|1|0||",
    "97|5|0|AAPL|STK||0.0|||SMART||USD|||AllLast|5|0|",
    "100|5|",
    "102|5|265598||0|0|0|||10|",
};

#define LONG_TEXT                                                                                  \
    "a very long text that is longer than any field that a gateway keeps, "                        \
    "so that what copies it must cut it or refuse it, whichever it is"

static const char *const values[] = {"",
                                     "0",
                                     "-1",
                                     "1",
                                     "7",
                                     "2147483647",
                                     "-2147483648",
                                     "99999999999",
                                     "9223372036.8",
                                     "1.7976931348623157e308",
                                     "0.000000001",
                                     "Infinity",
                                     "OPT",
                                     "BAG",
                                     "P",
                                     "20261120",
                                     "20991231-23:59:59",
                                     "%s%n%d",
                                     "\x01\x7f\xff",
                                     "999999 Y",
                                     "265598",
                                     "800010021",
                                     "849999999",
                                     "ETF",
                                     "HALTED",
                                     LONG_TEXT};

/* The template with some fields replaced; the message id stays. */
static void mutate(struct td_rng *rng, const char *from, char *out, size_t cap)
{
    struct td_str rest = td_str_of(from), field;
    struct td_text t;
    td_text_init(&t, out, cap);
    for (size_t n = 0; td_str_split(&rest, '|', &field); n++) {
        if (!rest.p && field.len == 0)
            break;
        if (n > 0 && td_rng_below(rng, 6) == 0)
            td_text_put(&t, values[td_rng_below(rng, TD_COUNT(values))]);
        else
            td_text_str(&t, field);
        td_text_char(&t, '|');
        if (rest.len == 0)
            break;
    }
}

static void requests(void **state)
{
    (void)state;
    struct td_gateway_config config = wire_usual();
    config.symbol_count = 2;
    struct wire_scene *w = wire_start(&config);
    struct wire_peer *p = wire_join(w, 1, 200);
    struct td_rng rng;
    td_rng_init(&rng, 20261120);
    for (int i = 0; i < ROUNDS; i++) {
        char frame[1000];
        mutate(&rng, templates[td_rng_below(&rng, TD_COUNT(templates))], frame, sizeof frame);
        wire_frame(w, p, frame);
        wire_run(w, 5 * TD_MS);
        if (p->closed && w->peer_count < TD_GATEWAY_CLIENTS_MAX)
            p = wire_join(w, (int)w->peer_count + 1, 200);
        assert_false(p->closed);
        if (p->count > WIRE_FRAMES / 2) /* what was said so far is not looked at */
            while (p->count > 0)
                free(p->frames[--p->count]);
    }
    wire_ask(w, p, "49|1|");
    wire_expect(p, "49|1|");
    TD_OK_OR_FAIL(td_ledger_check(td_gateway_ledger(w->g), NULL));
    wire_finish(w);
}

/* Orders whose members are what no client should send. */
static void orders(void **state)
{
    (void)state;
    static const int64_t numbers[] = {
        TD_E9_NONE, 0, -1, 1, TD_E9, 190 * TD_E9, INT64_MAX - 1, -190 * TD_E9, 10000000};
    static const char *const types[] = {"MKT", "LMT", "STP", "STP LMT", "TRAIL",   "TRAIL LIMIT",
                                        "MIT", "LIT", "MTL", "REL",     "PEG MID", "MOC",
                                        "LOC", "VOL", "",    "?"};
    static const int32_t conditions[] = {1, 3, 4, 5, 6, 7}; /* the wire refuses others */
    static const char *const tifs[] = {"DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "", "x"};
    struct td_gateway_config config = wire_usual();
    config.symbol_count = 1;
    struct wire_scene *w = wire_start(&config);
    struct wire_peer *p = wire_join(w, 1, 200);
    struct td_rng rng;
    td_rng_init(&rng, 7);
#define NUMBER() numbers[td_rng_below(&rng, TD_COUNT(numbers))]
    for (int i = 0; i < 600; i++) {
        struct td_tws_msg m = wire_order(i + 1, td_rng_below(&rng, 2) ? "BUY" : "SELL",
                                         types[td_rng_below(&rng, TD_COUNT(types))]);
        struct td_tws_order *o = &m.place_order.order;
        struct td_tws_condition c = {.type = conditions[td_rng_below(&rng, TD_COUNT(conditions))],
                                     .con_id = td_rng_below(&rng, 2) ? 265598 : -5,
                                     .price = {NUMBER()},
                                     .change_e9 = NUMBER(),
                                     .time = td_str_of("20261120-15:00:00")};
        if (td_px_is_none(c.price))
            c.price.e9 = 0;
        if (c.change_e9 == TD_E9_NONE)
            c.change_e9 = 0;
        o->tif = td_str_of(tifs[td_rng_below(&rng, TD_COUNT(tifs))]);
        o->lmt_price.e9 = NUMBER();
        o->aux_price.e9 = NUMBER();
        o->trail_stop_price.e9 = NUMBER();
        o->trailing_percent_e9 = NUMBER();
        o->lmt_price_offset.e9 = NUMBER();
        if (td_rng_below(&rng, 4) == 0) {
            o->adjusted_order_type = td_str_of(types[2 + td_rng_below(&rng, 4)]);
            o->trigger_price.e9 = NUMBER();
            o->adjusted_stop_price.e9 = NUMBER();
            o->adjusted_trailing_amount_e9 = NUMBER();
            o->adjustable_trailing_unit = td_rng_below(&rng, 2) ? 100 : 0;
        }
        o->trigger_method = (int32_t)td_rng_below(&rng, 10);
        o->good_till_date = td_str_of(td_rng_below(&rng, 3) ? "" : "20261120-15:00:30");
        o->oca_group = td_str_of(td_rng_below(&rng, 3) ? "" : "g");
        o->oca_type = (int32_t)td_rng_below(&rng, 5);
        o->conditions.p = &c;
        o->conditions.n = td_rng_below(&rng, 3) == 0;
        if (o->order_type.len)
            wire_send(w, p, &m);
        assert_false(p->closed);
    }
    wire_run(w, 30 * TD_SEC);
    wire_ask(w, p, "58|||");
    wire_run(w, TD_SEC);
    for (uint32_t i = 0; i < w->g->order_count; i++)
        assert_false(td_gw_order_live(&w->g->orders[i]));
    assert_int_equal(w->g->watched_count, 0);
    TD_OK_OR_FAIL(td_ledger_check(td_gateway_ledger(w->g), NULL));
    wire_finish(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(requests), cmocka_unit_test(orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
