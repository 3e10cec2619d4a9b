/* tests/desk/bringup_test.c - waiting for a gateway in the simulated world: one that comes late, one that never comes. */
#include "support/support.h"

#include <string.h>

#include "desk/bringup.h"
#include "desk/script_gateway.h"
#include "sim/simworld.h"

#define PORT       4002
#define COMES_AT   (47 * TD_SEC)
#define FRIDAY_NYT INT64_C(1763744400000000000) /* 2025-11-21 12:00 in New York */

static struct td_simworld *sim;
static struct td_world desk, clock_world;
static struct td_settings settings;
static int alerts, states;
static char last_alert[480];

/* Runs at its time inside the desk's waits: from then on the port accepts. */
static td_ns open_the_port(void *arg)
{
    (void)arg;
    if (td_world_mono(&clock_world) < COMES_AT)
        return COMES_AT;
    td_simworld_refuse(sim, PORT, false);
    return TD_NS_NEVER;
}

static void hear(void *arg, const char *line)
{
    (void)arg;
    if (strstr(line, "outage: ") == line) {
        alerts++;
        (void)td_str_copy(td_str_of(line), last_alert, sizeof last_alert);
    } else {
        states++;
    }
}

static enum td_err wait_for_it(bool comes, td_ns patience, uint64_t seed, struct td_bringup *b,
                               td_ns *took)
{
    static const struct td_environ nothing;
    const struct td_simworld_options o = {
        .seed = seed, .start_ns = FRIDAY_NYT, .latency_max = 30 * TD_MS};
    const struct td_bringup_options options = {
        .patience = patience, .attach = true, .way = -1, .tell = hear};
    const struct td_plan plan = {.host = "script",
                                 .ports = {PORT},
                                 .port_count = 1,
                                 .client_id = 7,
                                 .ids = TD_PLAN_IDS,
                                 .check_accounts = true,
                                 .timeout = 20 * TD_SEC};
    struct td_link link = {0};
    uint32_t host;
    alerts = states = 0;
    TD_OK_OR_FAIL(td_settings_load(&settings, &nothing, NULL));
    TD_OK_OR_FAIL(td_simworld_open(&sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &desk, NULL));
    script_attach(sim, PORT);
    td_simworld_refuse(sim, PORT, true);
    TD_OK_OR_FAIL(td_simworld_attach(sim, "clock", &host, &clock_world, NULL));
    if (comes)
        td_simworld_turn(sim, host, open_the_port, NULL);
    TD_OK_OR_FAIL(td_link_open(&link, &desk, NULL));
    const enum td_err err = td_bringup_by(b, &plan, &settings, &link, &options, NULL);
    *took = td_world_mono(&desk);
    assert_int_equal(td_link_ready(&link), err == TD_OK);
    td_link_close(&link);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DATA), 0); /* a session, and nothing else */
    script_free();
    td_simworld_close(sim);
    return err;
}

static void a_late_gateway_is_met(void **state)
{
    struct td_bringup b;
    td_ns took = 0, again = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        TD_OK_OR_FAIL(wait_for_it(true, 10 * TD_MIN, seed, &b, &took));
        assert_int_equal(b.manager.state, TD_MANAGER_READY);
        assert_int_equal(b.found.verdict, TD_PROBE_READY);
        assert_string_equal(b.found.accounts, "DU1234567");
        assert_false(b.started);
        assert_true(took >= COMES_AT && took < COMES_AT + 6 * TD_SEC); /* looks every 5 s */
        assert_int_equal(b.manager.connects, 1); /* and no dial before somebody listened */
        assert_int_equal(alerts, 0);             /* 47 s are no outage */
    }
    TD_OK_OR_FAIL(wait_for_it(true, 10 * TD_MIN, 20, &b, &again));
    assert_true(took == again); /* one seed, one story */
}

static void patience_ends(void **state)
{
    struct td_bringup b;
    td_ns took = 0;
    (void)state;
    assert_int_equal(wait_for_it(false, 10 * TD_MIN, 3, &b, &took), TD_EUNREACH);
    assert_true(took >= 10 * TD_MIN && took < 11 * TD_MIN);
    assert_int_equal(alerts, 1);
    assert_non_null(strstr(last_alert, "; "));
    assert_int_equal(b.manager.connects, 0);
    assert_non_null(strstr(last_alert, "outage: OFF since 2025-11-21T17:00:01Z"));
    assert_int_equal(wait_for_it(false, 0, 3, &b, &took), TD_EUNREACH); /* no patience: at once */
    assert_true(took < 10 * TD_SEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_late_gateway_is_met),
                                       cmocka_unit_test(patience_ends)};
    return cmocka_run_group_tests_name("desk/bringup", tests, NULL, NULL);
}
