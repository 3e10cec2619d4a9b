/* tests/sim/serve_test.c - the smaller services of the gateway simulator, by the fields of their frames. */
#include "sim/wire_scene.h"

#define SCAN(id, code, rest) "22|" id "|10|STK|STK.US.MAJOR|" code "|" rest
/* Bounds: price above, market capitalisation above, stock type, filter options. */
#define BOUNDS(price, cap, type, filter) price "|||" cap "||||||||||0|||" type "|" filter "||"
#define NO_BOUNDS                        BOUNDS("", "", "", "")

static struct wire_scene *scene;
static struct wire_peer *peer;

static int open_scene(void **state)
{
    (void)state;
    const struct td_gateway_config config = wire_usual();
    scene = wire_start(&config);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    wire_finish(scene);
    return 0;
}

/* Every test is a client of its own. */
static int join_scene(void **state)
{
    (void)state;
    peer = wire_join(scene, (int)scene->peer_count + 1, 200);
    return 0;
}

/* ---- scanner ---- */

static void scanner_parameters(void **state)
{
    (void)state;
    wire_ask(scene, peer, "24|1|");
    wire_expect(peer, "19|1|<?xml");
    const char *xml = wire_said(peer, "19|1|");
    static const char *const parts[] = {"<ScanParameterResponse>", "<InstrumentList",
                                        "<LocationTree",           "<scanCode>TOP_PERC_GAIN<",
                                        "<code>priceAbove</code>", "</ScanParameterResponse>"};
    for (size_t i = 0; i < TD_COUNT(parts); i++)
        assert_non_null(strstr(xml, parts[i]));
    size_t open = 0, closed = 0; /* every element ends */
    for (const char *p = xml; (p = strchr(p, '<')) != NULL; p++) {
        open += p[1] != '/' && p[1] != '?';
        closed += p[1] == '/';
    }
    assert_int_equal(open, closed);
}

static void scanner_ranks(void **state)
{
    (void)state;
    wire_ask(scene, peer, SCAN("5", "MOST_ACTIVE", NO_BOUNDS));
    wire_expect(peer, "20|3|5|2|0|"); /* two stocks play, the future does not count */
    const char *list = wire_said(peer, "20|3|5|2|");
    assert_int_equal(wire_fields(list), 4 + 2 * 16);
    const char *first = wire_field(list, 6), *second = wire_field(list, 22);
    const struct td_gw_symbol *a = NULL, *b = NULL;
    for (uint32_t i = 0; i < scene->g->opened_count; i++) {
        const struct td_gw_symbol *s = scene->g->symbols[scene->g->opened[i]];
        a = strcmp(scene->g->universe.rows[s->row].inst.symbol, first) == 0 ? s : a;
        b = strcmp(scene->g->universe.rows[s->row].inst.symbol, second) == 0 ? s : b;
    }
    assert_non_null(a);
    assert_non_null(b);
    assert_true(a != b && a->volume.e9 >= b->volume.e9);
    assert_string_equal(wire_field(list, 11), "SMART");
    wire_ask(scene, peer, "23|1|5|");
    wire_expect(peer,
                "4|5|162|Historical Market Data Service error message:API scanner subscription "
                "cancelled: 5|");
    wire_ask(scene, peer, "23|1|5|");
    wire_expect(peer, "4|5|365|");
}

/* A gainer is no loser, and both lists together are all that moved. */
static void scanner_sides(void **state)
{
    (void)state;
    wire_ask(scene, peer, SCAN("6", "TOP_PERC_GAIN", NO_BOUNDS));
    const int up = (int)wire_int(wire_said(peer, "20|3|6|"), 3);
    wire_ask(scene, peer, SCAN("7", "TOP_PERC_LOSE", NO_BOUNDS));
    const int down = (int)wire_int(wire_said(peer, "20|3|7|"), 3);
    assert_int_equal(up + down, 2);
    wire_ask(scene, peer, SCAN("8", "MOST_ACTIVE", BOUNDS("100000", "", "", "")));
    wire_expect(peer, "20|3|8|0|"); /* no stock above 100000 */
    wire_ask(scene, peer, SCAN("9", "MOST_ACTIVE", BOUNDS("", "", "", "changePercAbove=99;")));
    wire_expect(peer, "20|3|9|0|");
    wire_ask(scene, peer, SCAN("10", "MOST_ACTIVE", BOUNDS("", "", "ETF", "")));
    wire_expect(peer, "20|3|10|1|0|756733|SPY|");
}

/* A gap is that of the regular open, not of the first print before it. */
static void scanner_gaps(void **state)
{
    (void)state;
    struct td_gw_symbol *s = scene->g->symbols[scene->g->opened[0]];
    const td_px told = s->told.open, open = s->open;
    assert_true(s->told.opened && !td_px_is_none(s->prev_close));
    s->told.open.e9 = s->prev_close.e9 * 2;
    s->open.e9 = s->prev_close.e9 / 2;
    wire_ask(scene, peer, SCAN("7", "HIGH_OPEN_GAP", NO_BOUNDS));
    const char *first = wire_field(wire_said(peer, "20|3|7|"), 6);
    s->told.open = told;
    s->open = open;
    assert_string_equal(first, scene->g->universe.rows[s->row].inst.symbol);
}

static void scanner_refuses(void **state)
{
    (void)state;
    wire_ask(scene, peer, SCAN("1", "NO_SUCH_CODE", NO_BOUNDS));
    wire_expect(peer, "4|1|162|Historical Market Data Service error message:Scanner type with code "
                      "NO_SUCH_CODE is disabled|");
    wire_ask(scene, peer, "22|2|10|BOND|BOND.US|MOST_ACTIVE|" NO_BOUNDS);
    wire_expect(peer, "4|2|162|");
    wire_ask(scene, peer, SCAN("3", "MOST_ACTIVE", BOUNDS("", "", "", "noSuch=1;")));
    wire_expect(peer, "4|3|162|Historical Market Data Service error message:Scanner filter "
                      "\"noSuch\"");
    wire_ask(scene, peer, SCAN("4", "MOST_ACTIVE", BOUNDS("", "1000000", "", "")));
    wire_expect(peer, "4|4|492|"); /* market capitalisation is unknown here */
    wire_expect(peer, "20|3|4|0|");
    wire_ask(scene, peer, SCAN("4", "MOST_ACTIVE", NO_BOUNDS));
    wire_expect(peer, "4|4|385|");
    for (int i = 20; i < 29; i++)
        wire_ask(scene, peer, "22|%d|-1|STK|STK.US|HALTED|" NO_BOUNDS, i);
    wire_ask(scene, peer, SCAN("30", "HALTED", NO_BOUNDS));
    wire_expect(peer, "4|30|162|Historical Market Data Service error message:Only 10");
}

static void scanner_refreshes(void **state)
{
    (void)state;
    wire_ask(scene, peer, SCAN("5", "HOT_BY_VOLUME", NO_BOUNDS));
    assert_int_equal(wire_times(peer, "20|3|5|"), 1);
    wire_run(scene, 31 * TD_SEC);
    assert_int_equal(wire_times(peer, "20|3|5|"), 2);
}

/* ---- news ---- */

static void news_of_the_tape(void **state)
{
    (void)state;
    wire_ask(scene, peer, "85|");
    wire_expect(peer, "85|1|TDSIM|");
    wire_ask(scene, peer, "86|7|265598|BRFG+TDSIM|||50||");
    const char *end = wire_said(peer, "87|7|");
    assert_string_equal(end, "87|7|0|");
    const size_t n = wire_times(peer, "86|7|");
    assert_true(n > 0); /* the first regular print at least */
    const char *oldest = wire_nth(peer, "86|7|", n - 1);
    assert_int_equal(wire_fields(oldest), 6);
    assert_non_null(strstr(oldest, "|TDSIM|TDSIM$"));
    assert_non_null(strstr(oldest, "|SIMULATED: AAPL opens at "));
    assert_non_null(strstr(oldest, "|2026-11-20 14:30:0"));
    char id[32];
    (void)snprintf(id, sizeof id, "%s", wire_field(oldest, 4));
    wire_ask(scene, peer, "84|8|TDSIM|%s||", id);
    wire_expect(peer, "83|8|0|SIMULATED: AAPL opens at ");
    assert_non_null(strstr(wire_said(peer, "83|8|0|"), "not news.|"));
}

static void news_limits(void **state)
{
    (void)state;
    wire_ask(scene, peer, "86|1|265598|TDSIM|||1||");
    assert_int_equal(wire_times(peer, "86|1|"), 1);
    wire_ask(scene, peer, "86|2|265598|TDSIM|2026-11-20 14:30:00.0|2026-11-20 14:30:59.0|50||");
    assert_int_equal(wire_times(peer, "86|2|"), 1); /* the open alone */
    wire_ask(scene, peer, "86|3|265598|BRFG|||50||");
    wire_expect(peer, "4|3|10276|News feed is not allowed.|");
    wire_ask(scene, peer, "86|4|1|TDSIM|||50||");
    wire_expect(peer, "4|4|200|");
    wire_ask(scene, peer, "86|5|265598|TDSIM|yesterday||50||");
    wire_expect(peer, "4|5|321|");
    wire_ask(scene, peer, "86|6|265598|TDSIM|||0||");
    wire_expect(peer, "4|6|321|");
    wire_ask(scene, peer, "84|7|TDSIM|TDSIM$ffffffff||");
    wire_expect(peer, "4|7|10172|");
    wire_ask(scene, peer, "100|8|");
    wire_expect(peer, "4|8|10276|News feed is not allowed.|");
    wire_ask(scene, peer, "102|9|265598||0|0|0|||10|");
    wire_expect(peer, "4|9|10276|");
    wire_ask(scene, peer, "52|2|10|265598|AAPL|STK|SMART|NASDAQ|USD|AAPL|ReportSnapshot||");
    wire_expect(peer, "4|10|430|");
    wire_ask(scene, peer, "53|1|10|");
    assert_int_equal(peer->count, peer->mark);
}

static void news_live(void **state)
{
    (void)state;
    wire_ask(scene, peer, "1|11|5|0|AAPL|STK||0.0|||SMART||USD|||0|mdoff,292:TDSIM|0|0||");
    wire_expect(peer, "84|5|17");
    assert_null(wire_said(peer, "1|6|5|")); /* mdoff: no quotes */
    wire_ask(scene, peer, "1|11|6|0|AAPL|STK||0.0|||SMART||USD|||0|292:BRFG|0|0||");
    wire_expect(peer, "4|6|10276|");
    wire_ask(scene, peer, "2|2|6|");
    wire_expect(peer, "4|6|300|");
}

static void bulletins(void **state)
{
    (void)state;
    wire_ask(scene, peer, "12|1|1|");
    wire_expect(peer, "14|1|1|1|SIMULATED: regular trading in New York began at 2026-11-20 "
                      "14:30:00.0 UTC|TDSIM|");
    wire_ask(scene, peer, "12|1|0|"); /* only new ones */
    assert_null(wire_said(peer, "14|"));
    wire_ask(scene, peer, "13|1|");
    assert_null(wire_said(peer, "14|"));
}

/* ---- groups, advisors, verification ---- */

static void display_groups(void **state)
{
    (void)state;
    struct wire_peer *other = wire_join(scene, 100, 200);
    wire_ask(scene, peer, "67|1|3|");
    wire_expect(peer, "67|1|3|1|2|3|4|5|6|7|");
    wire_ask(scene, peer, "68|1|4|2|");
    wire_expect(peer, "68|1|4|none|");
    wire_ask(scene, other, "68|1|9|2|");
    wire_ask(scene, peer, "69|1|4|265598@SMART|");
    wire_expect(peer, "68|1|4|265598@SMART|");
    wire_expect(other, "68|1|9|265598@SMART|");
    wire_ask(scene, peer, "69|1|4|drop tables|");
    wire_expect(peer, "4|4|321|");
    wire_ask(scene, peer, "69|1|4|1@SM\001RT|");
    wire_expect(peer, "4|4|321|");
    wire_ask(scene, peer, "69|1|77|none|");
    wire_expect(peer, "4|77|300|");
    wire_ask(scene, peer, "68|1|5|8|");
    wire_expect(peer, "4|5|321|");
    wire_ask(scene, peer, "70|1|4|");
    wire_ask(scene, peer, "70|1|4|");
    wire_expect(peer, "4|4|300|");
}

static void advisor(void **state)
{
    (void)state;
    wire_ask(scene, peer, "18|1|1|");
    wire_expect(peer, "4|-1|321|Error validating request.-'FA data operations ignored");
    wire_ask(scene, peer, "65|1|program|1.0|");
    wire_expect(peer, "66|1|false|Third-party verification is not enabled on this gateway|");
    wire_ask(scene, peer, "66|1|data|");
    wire_expect(peer, "66|1|false|");
    wire_ask(scene, peer, "72|1|program|1.0|key|");
    wire_expect(peer, "70|1|false|");
    wire_ask(scene, peer, "73|1|data|response|");
    wire_expect(peer, "70|1|false|");
    wire_ask(scene, peer, "79|2|");
    wire_expect(peer, "77|2|0|");
    wire_ask(scene, peer, "80|");
    wire_expect(peer, "78|1|DU1234567||");
    wire_ask(scene, peer, "104|3|");
    wire_expect(peer, "107|3||");
}

static void advisor_of_several(void **state)
{
    (void)state;
    static const char *const names[] = {"DU1", "DU2"};
    struct td_gateway_config config = wire_usual();
    config.accounts = names;
    config.account_count = 2;
    struct wire_scene *w = wire_start(&config);
    struct wire_peer *p = wire_join(w, 1, 200);
    wire_ask(w, p, "18|1|1|");
    wire_expect(p, "16|1|1|<?xml");
    assert_non_null(strstr(wire_said(p, "16|1|1|"), "<acct>DU2</acct>"));
    wire_ask(w, p, "18|1|3|");
    assert_non_null(strstr(wire_said(p, "16|1|3|"), "<alias>DU1</alias>"));
    wire_ask(w, p, "18|1|2|");
    wire_expect(p, "4|-1|321|");
    wire_ask(w, p, "19|1|1|not xml|5|");
    wire_expect(p, "4|5|321|");
    wire_ask(w, p, "19|1|1|<ListOfGroups></ListOfGroups>|6|");
    wire_expect(p, "103|6|Success|");
    wire_ask(w, p, "18|1|1|");
    wire_expect(p, "16|1|1|<ListOfGroups></ListOfGroups>|");
    wire_finish(w);
}

/* ---- ticks of the past ---- */

#define AAPL_C13 "0|AAPL|STK||0.0|||SMART||USD|||0|"

static void ticks_forward(void **state)
{
    (void)state;
    wire_ask(scene, peer, "96|5|" AAPL_C13 "20261120-14:40:00||20|TRADES|1|0||");
    const char *list = wire_said(peer, "98|5|");
    assert_non_null(list);
    const int n = (int)wire_int(list, 2);
    assert_in_range(n, 20, 60);
    assert_int_equal(wire_fields(list), 3 + (size_t)n * 6 + 1);
    assert_true(strlen(list) > 3 && strcmp(list + strlen(list) - 3, "|1|") == 0);
    const long long first = wire_int(list, 3);
    assert_in_range((uint64_t)first, 1795185600, 1795185660);
    const long long last = wire_int(list, 3 + (size_t)(n - 1) * 6);
    long long before = 0; /* in order, and the last second is whole */
    for (int i = 0; i < n; i++) {
        const long long at = wire_int(list, 3 + (size_t)i * 6);
        assert_true(at >= before);
        before = at;
    }
    wire_ask(scene, peer, "96|6|" AAPL_C13 "20261120-14:40:00||%d|TRADES|1|0||", n + 1);
    assert_true(wire_int(wire_said(peer, "98|6|"), 3 + (size_t)n * 6) > last);
}

static void ticks_backward(void **state)
{
    (void)state;
    wire_ask(scene, peer, "96|5|" AAPL_C13 "|20261120-14:50:00|15|BID_ASK|1|1||");
    const char *list = wire_said(peer, "97|5|");
    assert_non_null(list);
    const int n = (int)wire_int(list, 2);
    assert_true(n >= 15);
    assert_int_equal(wire_fields(list), 3 + (size_t)n * 6 + 1);
    assert_true(wire_int(list, 3 + (size_t)(n - 1) * 6) < 1795186200);
    for (int i = 0; i < n; i++)
        assert_true(wire_e9(list, 5 + (size_t)i * 6) < wire_e9(list, 6 + (size_t)i * 6));
    wire_ask(scene, peer, "96|6|" AAPL_C13 "|20261120-14:50:00|15|MIDPOINT|1|1||");
    assert_int_equal(wire_fields(wire_said(peer, "96|6|")),
                     3 + (size_t)wire_int(wire_said(peer, "96|6|"), 2) * 4 + 1);
}

static void ticks_refused(void **state)
{
    (void)state;
    wire_ask(scene, peer, "96|1|" AAPL_C13 "||10|TRADES|1|0||");
    wire_expect(peer, "4|1|10187|Failed to request historical ticks:");
    wire_ask(scene, peer, "96|2|" AAPL_C13 "20261120-14:40:00||1001|TRADES|1|0||");
    wire_expect(peer, "4|2|10187|");
    wire_ask(scene, peer, "96|3|" AAPL_C13 "20261120-14:40:00||10|SONGS|1|0||");
    wire_expect(peer, "4|3|10187|");
    wire_ask(scene, peer, "96|4|" AAPL_C13 "tomorrow||10|TRADES|1|0||");
    wire_expect(peer, "4|4|10314|");
    wire_ask(scene, peer, "96|5|" AAPL_C13 "20301120-14:40:00||10|TRADES|1|0||");
    wire_expect(peer, "98|5|0|1|"); /* nothing of the future */
    wire_ask(scene, peer, "97|6|0|AAPL|STK||0.0|||SMART||USD|||AllLast|5|0|");
    assert_true(wire_int(wire_said(peer, "98|6|"), 2) >= 5); /* history first */
}

static void histogram(void **state)
{
    (void)state;
    wire_ask(scene, peer, "88|5|" AAPL_C13 "1|3 days|");
    const char *list = wire_said(peer, "89|5|");
    assert_non_null(list);
    const int n = (int)wire_int(list, 2);
    assert_true(n > 10);
    assert_int_equal(wire_fields(list), 3 + (size_t)n * 2);
    int64_t before = 0;
    for (int i = 0; i < n; i++) {
        const int64_t px = wire_e9(list, 3 + (size_t)i * 2);
        assert_true(px > before && !strchr(wire_field(list, 4 + (size_t)i * 2), '.'));
        before = px;
    }
    wire_ask(scene, peer, "88|6|" AAPL_C13 "1|3 moons|");
    wire_expect(peer, "4|6|321|");
}

/* ---- generic ticks ---- */

static void generic_ticks(void **state)
{
    (void)state;
    wire_ask(scene, peer,
             "1|11|5|0|AAPL|STK||0.0|||SMART||USD|||0|106, 232,236,293,294,295,318,375,258|0|0||");
    static const char *const ticks[] = {"45|6|5|24|0.2", "1|6|5|37|",  "45|6|5|46|3|",
                                        "45|6|5|54|",    "45|6|5|55|", "45|6|5|56|",
                                        "1|6|5|57|",     "46|6|5|77|"};
    for (size_t i = 0; i < TD_COUNT(ticks); i++)
        wire_expect(peer, ticks[i]);
    assert_true(wire_int(wire_said(peer, "45|6|5|54|"), 4) > 100);
    assert_string_equal(wire_field(wire_said(peer, "1|6|5|37|"), 4),
                        wire_field(wire_said(peer, "1|6|5|4|"), 4)); /* the mark is the last */
    wire_run(scene, 5 * TD_SEC);
    assert_int_equal(wire_times(peer, "45|6|5|46|"), 1); /* what does not change is told once */
    wire_ask(scene, peer, "1|11|6|0|AAPL|STK||0.0|||SMART||USD|||0|233,999|0|0||");
    wire_expect(peer,
                "4|6|321|Error validating request.-'bY' : cause - Incorrect generic tick list "
                "of 233,999.  Legal ones for (STK) are: 100,");
    wire_ask(scene, peer, "2|2|6|");
    wire_expect(peer, "4|6|300|");
}

/* ---- schedules, symbols, what-if ---- */

static void schedule(void **state)
{
    (void)state;
    wire_ask(scene, peer, "20|5|" AAPL_C13 "|1 day|10 D|1|SCHEDULE|1|0||");
    const char *list = wire_said(peer, "106|5|");
    assert_non_null(list);
    const int n = (int)wire_int(list, 5);
    assert_int_equal(n, 10);
    assert_int_equal(wire_fields(list), 6 + (size_t)n * 3);
    assert_string_equal(wire_field(list, 4), "America/New_York");
    assert_non_null(strstr(list, "|20261120-09:30:00|20261120-16:00:00|20261120|"));
    wire_ask(scene, peer, "20|6|" AAPL_C13 "|1 min|1 D|1|SCHEDULE|1|0||");
    wire_expect(peer, "4|6|321|");
}

static void symbols(void **state)
{
    (void)state;
    wire_ask(scene, peer, "81|5|aap|");
    wire_expect(peer, "79|5|1|265598|AAPL|STK|NASDAQ|USD|1|OPT|APPLE INC||");
    wire_ask(scene, peer, "81|6||");
    wire_expect(peer, "79|6|0|");
    wire_ask(scene, peer, "9|8|7|0|X|BOND||0.0|||SMART||USD|||0||||");
    wire_expect(peer, "4|7|200|"); /* no bonds */
}

/* Margins of an order that opens and of one that closes what was opened. */
static void what_if(void **state)
{
    (void)state;
    struct td_tws_msg m = wire_order(1, "BUY", "LMT");
    m.place_order.order.lmt_price = TD_PX(100);
    m.place_order.order.what_if = true;
    wire_send(scene, peer, &m);
    const char *open = wire_said(peer, "5|1|265598|");
    assert_non_null(open);
    assert_non_null(strstr(open, "|1|PreSubmitted|"));
    assert_non_null(strstr(open, "|250.00|250.00|0.00|")); /* a fourth of 1000 */
    assert_non_null(strstr(open, "|1|||USD|"));            /* commission */
    m = wire_order(2, "BUY", "MKT");
    wire_send(scene, peer, &m);
    wire_run(scene, TD_SEC);
    wire_expect(peer, "3|2|Filled|");
    m = wire_order(3, "SELL", "LMT");
    m.place_order.order.lmt_price = TD_PX(100);
    m.place_order.order.what_if = true;
    wire_send(scene, peer, &m);
    assert_non_null(strstr(wire_said(peer, "5|3|265598|"), "|-250.00|-250.00|0.00|"));
    wire_ask(scene, peer, "99|1|");
    const char *done = wire_said(peer, "101|265598|");
    assert_non_null(done);
    assert_non_null(strstr(done, "|20261120 10:0"));
    assert_non_null(strstr(done, " America/New_York|Filled|"));
    wire_expect(peer, "102|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(scanner_parameters, join_scene),
        cmocka_unit_test_setup(scanner_ranks, join_scene),
        cmocka_unit_test_setup(scanner_sides, join_scene),
        cmocka_unit_test_setup(scanner_gaps, join_scene),
        cmocka_unit_test_setup(scanner_refuses, join_scene),
        cmocka_unit_test_setup(scanner_refreshes, join_scene),
        cmocka_unit_test_setup(news_of_the_tape, join_scene),
        cmocka_unit_test_setup(news_limits, join_scene),
        cmocka_unit_test_setup(news_live, join_scene),
        cmocka_unit_test_setup(bulletins, join_scene),
        cmocka_unit_test_setup(display_groups, join_scene),
        cmocka_unit_test_setup(advisor, join_scene),
        cmocka_unit_test(advisor_of_several),
        cmocka_unit_test_setup(ticks_forward, join_scene),
        cmocka_unit_test_setup(ticks_backward, join_scene),
        cmocka_unit_test_setup(ticks_refused, join_scene),
        cmocka_unit_test_setup(histogram, join_scene),
        cmocka_unit_test_setup(generic_ticks, join_scene),
        cmocka_unit_test_setup(schedule, join_scene),
        cmocka_unit_test_setup(symbols, join_scene),
        cmocka_unit_test_setup(what_if, join_scene),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
