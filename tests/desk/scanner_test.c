/* tests/desk/scanner_test.c - the live scanner and a scripted gateway as two machines of one simulated world: lists, bars, what
 * is refused, and a connection that is lost. */
#include "support/support.h"

#define SCRIPT_REQUESTS 1024
#include <stdio.h>

#include "desk/scanner.h"
#include "desk/script_dial.h"
#include "desk/script_gateway.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

#define BEGIN INT64_C(1763739000000000000) /* 2025-11-21 10:30 in New York */

struct held {
    int32_t id;
    char symbol[24];
};

static struct scene {
    struct td_simworld *sim;
    struct td_world world;
    uint32_t host;
    struct td_link link;
    struct td_plan plan;
    struct td_tz new_york;
    struct td_scanner *scanner;
    struct td_scanner_view view;
    struct td_tws_req_scanner asked[8]; /* numbers alone: texts are gone */
    char codes[8][24];
    int asked_count;
    const char *gainers[4], *active[4];
    int32_t refuse_list; /* code that answers TOP_PERC_GAIN; 0: a list */
    const char *refuse_bars;
    bool silent; /* no list is told */
    struct held held[8];
    int held_count;
    td_ns held_until;
    bool open;
} scene;

/* ---- the gateway ---- */

static void tell_list(int32_t id, const char *const *names)
{
    struct td_tws_scan_row rows[4];
    struct td_tws_msg msg;
    uint32_t n = 0;
    memset(rows, 0, sizeof rows);
    for (; n < 4 && names[n]; n++) {
        rows[n].rank = (int32_t)n;
        rows[n].contract.symbol = td_str_of(names[n]);
        rows[n].contract.sec_type = td_str_of(names[n][0] == '=' ? "FUT" : "STK");
    }
    td_tws_msg_init(&msg, TD_TWS_SCANNER_DATA);
    msg.scanner.req_id = id;
    msg.scanner.rows.p = rows;
    msg.scanner.rows.n = n;
    script_send(&msg);
}

static void take_scanner(const struct td_tws_req_scanner *r)
{
    const bool gain = td_str_is(r->scan_code, "TOP_PERC_GAIN");
    assert_true(scene.asked_count < 8);
    (void)td_str_copy(r->scan_code, scene.codes[scene.asked_count], sizeof scene.codes[0]);
    scene.asked[scene.asked_count++] = *r;
    assert_true(td_str_is(r->instrument, "STK") && td_str_is(r->location, "STK.US.MAJOR"));
    if (scene.silent)
        return;
    if (gain && scene.refuse_list)
        script_say(r->req_id, scene.refuse_list, "as the script says");
    else
        tell_list(r->req_id, gain ? scene.gainers : scene.active);
}

static void tell_details(int32_t id, const char *symbol)
{
    struct td_tws_msg msg;
    if (strcmp(symbol, "NONE") == 0) {
        script_say(id, 200, "No security definition has been found");
        return;
    }
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
    msg.contract_data.req_id = id;
    msg.contract_data.contract.con_id = 1000 + symbol[0];
    msg.contract_data.contract.symbol = td_str_of(symbol);
    msg.contract_data.contract.sec_type = td_str_of("STK");
    msg.contract_data.contract.currency = td_str_of("USD");
    msg.contract_data.min_tick = (td_px){TD_E9 / 100};
    msg.contract_data.time_zone = td_str_of("America/New_York");
    script_send(&msg);
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA_END);
    msg.req.req_id = id;
    script_send(&msg);
}

/* On a second connection only after a while. */
static void take_details(const struct td_tws_msg *request)
{
    struct held *h = &scene.held[scene.held_count];
    char symbol[24];
    (void)td_str_copy(request->req_contract.contract.symbol, symbol, sizeof symbol);
    if (script.accepted < 2) {
        tell_details(request->req_contract.req_id, symbol);
        return;
    }
    assert_true(scene.held_count < 8);
    h->id = request->req_contract.req_id;
    memcpy(h->symbol, symbol, sizeof h->symbol);
    scene.held_count++;
    scene.held_until = td_world_mono(&script.world) + 2 * TD_SEC;
}

static td_ns play(void *arg)
{
    (void)script_turn(arg);
    if (scene.held_count && td_world_mono(&script.world) >= scene.held_until) {
        for (int i = 0; i < scene.held_count; i++)
            tell_details(scene.held[i].id, scene.held[i].symbol);
        scene.held_count = 0;
    }
    return scene.held_count ? scene.held_until : TD_NS_NEVER;
}

static struct td_tws_bar bar(const char *date, int64_t open, int64_t close, int64_t volume)
{
    return (struct td_tws_bar){.date = td_str_of(date),
                               .open = TD_PX(open),
                               .high = TD_PX(open + close),
                               .low = TD_PX(1),
                               .close = TD_PX(close),
                               .volume = TD_QTY(volume),
                               .wap = TD_PX_NONE,
                               .count = 1};
}

/* Two sessions before and the day itself; a minute before the open, two behind it, and one that has not ended. */
static void take_history(const struct td_tws_req_historical_data *r)
{
    const struct td_tws_bar days[] = {bar("20251119", 9, 9, 1000), bar("20251120", 9, 10, 3000),
                                      bar("20251121", 12, 99, 77777)};
    const struct td_tws_bar minutes[] = {
        bar("1763649600", 70, 70, 5000), /* of the day before */
        bar("1763731800", 11, 11, 100), bar("1763735400", 12, 13, 200),
        bar("1763738940", 13, 14, 300), bar("1763742600", 50, 50, 9999)};
    const bool daily = td_str_is(r->bar_size, "1 day");
    struct td_tws_msg msg;
    assert_true(r->use_rth == daily);
    if (scene.refuse_bars && td_str_is(r->contract.symbol, scene.refuse_bars)) {
        script_say(r->req_id, 354, "not subscribed");
        return;
    }
    td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA);
    msg.historical_data.req_id = r->req_id;
    msg.historical_data.bars.p = daily ? days : minutes;
    msg.historical_data.bars.n = daily ? 3 : 5;
    script_send(&msg);
}

static void answer(const struct td_tws_msg *request)
{
    if (request->kind == TD_TWS_REQ_CONTRACT_DETAILS)
        take_details(request);
    else if (request->kind == TD_TWS_REQ_SCANNER_SUBSCRIPTION)
        take_scanner(&request->req_scanner);
    else if (request->kind == TD_TWS_REQ_HISTORICAL_DATA)
        take_history(&request->req_historical_data);
}

/* ---- the scene ---- */

static int prepare(void **state)
{
    (void)state;
    const struct td_simworld_options o = {.seed = 1, .start_ns = BEGIN, .latency_max = 3 * TD_MS};
    struct td_world disk;
    memset(&scene, 0, sizeof scene);
    TD_OK_OR_FAIL(td_uvworld_open(&disk, false, NULL));
    TD_OK_OR_FAIL(td_zone_load(&disk, TD_ZONE_NEW_YORK, &scene.new_york, NULL));
    td_uvworld_close(&disk);
    TD_OK_OR_FAIL(td_simworld_open(&scene.sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "client", &scene.host, &scene.world, NULL));
    script_attach(scene.sim, 4003);
    script.serves = true;
    script.omit = TD_TWS_REQ_HISTORICAL_DATA;
    script.contracts = answer;
    scene.plan = (struct td_plan){.client_id = 40, .ids = 3};
    scene.gainers[0] = "AAA";
    scene.gainers[1] = "BRK B";
    scene.gainers[2] = "=ESZ5"; /* no stock */
    scene.active[0] = "CCC";
    scene.active[1] = "AAA";
    scene.open = true;
    td_simworld_turn(scene.sim, script.host, play, NULL);
    script_dial(&scene.link, &scene.world, 40);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_scanner_close(scene.scanner);
    td_link_close(&scene.link);
    td_simworld_close(scene.sim);
    script_free();
    memset(&scene, 0, sizeof scene);
    return 0;
}

static enum td_err begin(const char *const *named, uint32_t count)
{
    const struct td_scanner_config config = {.plan = &scene.plan,
                                             .new_york = &scene.new_york,
                                             .adv_days = 2,
                                             .low = TD_PX(1),
                                             .high = TD_PX(30),
                                             .named = named,
                                             .named_count = count,
                                             .quote_slots = 100};
    return td_scanner_open(&scene.scanner, &config, &scene.link, &scene.world, NULL);
}

static void settle(void)
{
    struct td_fail why = {0};
    if (td_scanner_settle(scene.scanner, &why) != TD_OK)
        fail_msg("%s", why.text);
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 5 * TD_SEC, NULL)); /* the quotes come */
    td_scanner_view(scene.scanner, &scene.view);
}

static void assert_universe(const char *const *names, uint32_t count)
{
    assert_int_equal(scene.view.count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_string_equal(scene.view.facts[i].symbol, names[i]);
}

/* ---- tests ---- */

static void facts_of_both_lists_in_their_order(void **state)
{
    (void)state;
    static const char *const named[] = {"CCC"};
    static const char *const want[] = {"CCC", "AAA", "BRK.B"};
    TD_OK_OR_FAIL(begin(named, 1));
    settle();
    assert_universe(want, 3);
    assert_int_equal(scene.view.pending, 0);
    assert_int_equal(scene.view.minute, 630);
    assert_int_equal(scene.view.day, 20413);
    assert_string_equal(scene.view.note, "");
    assert_int_equal(scene.view.facts[0].why, TD_SCAN_WHY_NAMED | TD_SCAN_WHY_ACTIVE);
    assert_int_equal(scene.view.facts[1].why, TD_SCAN_WHY_GAINER | TD_SCAN_WHY_ACTIVE);
    for (uint32_t i = 0; i < 3; i++) {
        const struct td_scan_facts *f = &scene.view.facts[i];
        assert_true(f->previous_close.e9 == TD_PX(10).e9); /* not today's bar */
        assert_true(f->adv.e9 == TD_QTY(2000).e9);
        assert_true(f->open.e9 == TD_PX(12).e9 && f->last.e9 == TD_PX(14).e9);
        assert_true(f->volume.e9 == TD_QTY(600).e9); /* not the minute that has not ended */
        assert_true(f->ask.e9 - f->bid.e9 == TD_E9 / 100);
        assert_int_equal(f->halted, TD_HALTED_NO);
        assert_int_equal(f->lacks, 0);
    }
    assert_int_equal(scene.asked_count, 2);
    assert_string_equal(scene.codes[0], "TOP_PERC_GAIN");
    assert_string_equal(scene.codes[1], "MOST_ACTIVE");
    assert_true(scene.asked[0].above_price.e9 == TD_PX(1).e9);
    assert_true(scene.asked[0].below_price.e9 == TD_PX(30).e9);
    assert_int_equal(script_asked(TD_TWS_REQ_HISTORICAL_DATA), 6);
}

static void minutes_are_asked_again_and_days_are_not(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(begin(NULL, 0));
    settle();
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 3 * TD_MIN, NULL));
    const int asked = script_asked(TD_TWS_REQ_HISTORICAL_DATA);
    assert_true(asked >= 6 + 2 * 3 && asked <= 6 + 3 * 3);
    assert_int_equal(scene.asked_count, 2); /* the lists stand */
}

static void a_lost_connection_asks_for_the_lists_again(void **state)
{
    (void)state;
    static const char *const want[] = {"DDD", "CCC", "AAA"};
    TD_OK_OR_FAIL(begin(NULL, 0));
    settle();
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 2 * TD_MIN, NULL));
    scene.gainers[0] = "DDD";
    scene.gainers[1] = NULL;
    td_simworld_sever(scene.sim, scene.host);
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 3 * TD_MIN, NULL));
    assert_true(script.accepted >= 2);
    assert_int_equal(scene.asked_count, 4);
    assert_int_not_equal(scene.asked[2].req_id, scene.asked[0].req_id);
    settle();
    assert_universe(want, 3);        /* who has left the lists is not listed */
    for (uint32_t i = 0; i < 3; i++) /* and nothing is refused because there was nobody to ask */
        assert_int_equal(scene.view.facts[i].lacks, 0);
}

static void a_refused_list_is_told_and_the_other_one_serves(void **state)
{
    (void)state;
    static const char *const want[] = {"CCC", "AAA"};
    scene.refuse_list = 162;
    TD_OK_OR_FAIL(begin(NULL, 0));
    settle();
    assert_universe(want, 2);
    assert_non_null(strstr(scene.view.note, "TOP_PERC_GAIN is refused (162: as the script says)"));
}

static void an_empty_list_is_no_refusal(void **state)
{
    (void)state;
    scene.refuse_list = 165;
    TD_OK_OR_FAIL(begin(NULL, 0));
    settle();
    assert_int_equal(scene.view.count, 2);
    assert_string_equal(scene.view.note, "");
}

static void what_is_refused_says_so(void **state)
{
    (void)state;
    static const char *const named[] = {"NONE"};
    scene.refuse_bars = "AAA";
    TD_OK_OR_FAIL(begin(named, 1));
    settle();
    assert_int_equal(scene.view.count, 4);
    assert_int_equal(scene.view.pending, 0);
    for (uint32_t i = 0; i < 2; i++) { /* NONE has no contract, AAA no bars */
        const struct td_scan_facts *f = &scene.view.facts[i];
        assert_true(f->lacks & TD_SCAN_LACK(REFUSED));
        assert_true(td_px_is_none(f->open) && td_qty_is_none(f->volume));
    }
    assert_int_equal(scene.view.facts[2].lacks, 0);
    assert_non_null(strstr(scene.view.note, "AAA"));
    const struct td_scanner_config wrong = {.plan = &scene.plan,
                                            .new_york = &scene.new_york,
                                            .adv_days = 2,
                                            .named = (const char *const[]){"../x"},
                                            .named_count = 1};
    struct td_scanner *other = NULL;
    assert_int_equal(td_scanner_open(&other, &wrong, &scene.link, &scene.world, NULL), TD_EINVAL);
    assert_null(other);
}

static void what_was_refused_is_tried_again_later(void **state)
{
    (void)state;
    scene.refuse_bars = "AAA";
    TD_OK_OR_FAIL(begin(NULL, 0));
    settle();
    assert_true(scene.view.facts[0].lacks & TD_SCAN_LACK(REFUSED));
    scene.refuse_bars = NULL;
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 9 * TD_MIN, NULL));
    td_scanner_view(scene.scanner, &scene.view);
    assert_true(scene.view.facts[0].lacks & TD_SCAN_LACK(REFUSED));
    TD_OK_OR_FAIL(td_scanner_run(scene.scanner, 2 * TD_MIN, NULL));
    td_scanner_view(scene.scanner, &scene.view);
    assert_int_equal(scene.view.facts[0].lacks, 0);
}

static void no_list_at_all_is_an_error(void **state)
{
    (void)state;
    scene.silent = true;
    TD_OK_OR_FAIL(begin(NULL, 0));
    assert_int_equal(td_scanner_settle(scene.scanner, NULL), TD_ETIMEOUT);
    td_scanner_view(scene.scanner, &scene.view);
    assert_int_equal(scene.view.count, 0); /* nothing stands in for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts_of_both_lists_in_their_order, prepare, end),
        cmocka_unit_test_setup_teardown(minutes_are_asked_again_and_days_are_not, prepare, end),
        cmocka_unit_test_setup_teardown(a_lost_connection_asks_for_the_lists_again, prepare, end),
        cmocka_unit_test_setup_teardown(a_refused_list_is_told_and_the_other_one_serves, prepare,
                                        end),
        cmocka_unit_test_setup_teardown(an_empty_list_is_no_refusal, prepare, end),
        cmocka_unit_test_setup_teardown(what_is_refused_says_so, prepare, end),
        cmocka_unit_test_setup_teardown(what_was_refused_is_tried_again_later, prepare, end),
        cmocka_unit_test_setup_teardown(no_list_at_all_is_an_error, prepare, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
